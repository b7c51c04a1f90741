//! The built-in messages. They must be true of any publication, whatever it has configured.
//!
//! To add a language: write a [`DefaultTexts`] in its own module, and return it from [`words`].

mod de;
mod en;

use super::{Message, MessageDraft, Moment, Placement};

/// The text of one built-in message.
struct DefaultText {
    title: &'static str,
    text: &'static str,
    /// The text for narrow screens, or empty to use `text`.
    narrow: &'static str,
}

/// The built-in texts in one language.
struct DefaultTexts {
    meter_page: &'static str,
    offers: &'static str,
    account: &'static str,
    register: &'static str,
    update_payment: &'static str,
    meter_left: DefaultText,
    meter_last: DefaultText,
    wall_meter: DefaultText,
    wall_register: DefaultText,
    wall_subscribers: DefaultText,
    wall_product: DefaultText,
    wall_trial_ended: DefaultText,
    wall_subscription_ended: DefaultText,
    trial_ending: DefaultText,
    trial_ended: DefaultText,
    subscription_ending: DefaultText,
    subscription_ended: DefaultText,
    payment_failed: DefaultText,
    offer: DefaultText,
}

/// A text without a title, the same for all screens.
const fn plain(text: &'static str) -> DefaultText {
    DefaultText { title: "", text, narrow: "" }
}

/// A text with a title, the same for all screens.
const fn titled(title: &'static str, text: &'static str) -> DefaultText {
    DefaultText { title, text, narrow: "" }
}

/// Returns the texts in `language` (a BCP 47 primary subtag), or in English if there is no
/// translation.
fn words(language: &str) -> &'static DefaultTexts {
    match language {
        "de" => &de::WORDS,
        _ => &en::WORDS,
    }
}

/// The built-in messages in a language. `sells` says whether the publication sells subscriptions.
/// This module's tests check that all of them are valid.
pub(super) fn messages(sells: bool, language: &str) -> Vec<Message> {
    let drafts = drafts(sells, words(language)).into_iter();
    let checked = drafts
        .filter_map(|(moment, placement, draft)| Message::check(moment, placement, &draft).ok());
    checked.collect()
}

/// The drafts of the built-in messages. Their links depend on whether there is something to sell.
fn drafts(
    sells: bool,
    words: &'static DefaultTexts,
) -> Vec<(Moment, Placement, MessageDraft<'static>)> {
    use Moment as M;
    use Placement::{Banner, Inline, Wall};
    let meter_page = (words.meter_page, "/how-the-meter-works");
    let account = (words.account, "/account");
    let next_step = if sells { (words.offers, "/offers") } else { meter_page };
    let draft = |moment,
                 placement,
                 draft: &'static DefaultText,
                 actions: &[(&'static str, &'static str)]| {
        let narrow = Some(draft.narrow).filter(|narrow| !narrow.is_empty());
        let DefaultText { title, text, .. } = *draft;
        let (benefits, actions) = (Vec::new(), actions.to_vec());
        (moment, placement, MessageDraft { title, text, narrow, benefits, actions, offer: None })
    };
    vec![
        draft(M::MeterLeft, Banner, &words.meter_left, &[meter_page]),
        draft(M::MeterLast, Banner, &words.meter_last, &[meter_page]),
        draft(M::WallMeter, Wall, &words.wall_meter, &[next_step]),
        draft(
            M::WallRegister,
            Wall,
            &words.wall_register,
            &[(words.register, "/register"), next_step],
        ),
        draft(M::WallSubscribers, Wall, &words.wall_subscribers, &[next_step]),
        draft(M::WallProduct, Wall, &words.wall_product, &[next_step]),
        draft(M::WallTrialEnded, Wall, &words.wall_trial_ended, &[next_step]),
        draft(M::WallSubscriptionEnded, Wall, &words.wall_subscription_ended, &[next_step]),
        draft(M::NoticeTrialEnding, Inline, &words.trial_ending, &[account]),
        draft(M::NoticeTrialEnded, Inline, &words.trial_ended, &[next_step]),
        draft(M::NoticeSubscriptionEnding, Inline, &words.subscription_ending, &[account]),
        draft(M::NoticeSubscriptionEnded, Inline, &words.subscription_ended, &[next_step]),
        draft(
            M::NoticePaymentFailed,
            Inline,
            &words.payment_failed,
            &[(words.update_payment, "/account")],
        ),
        draft(M::NoticeOffer, Inline, &words.offer, &[next_step]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_message_is_valid_in_every_language() {
        for (sells, words) in [(true, &en::WORDS), (false, &en::WORDS), (true, &de::WORDS)] {
            for (moment, placement, draft) in drafts(sells, words) {
                if let Err(error) = Message::check(moment, placement, &draft) {
                    panic!("{moment} {placement:?}: {error}");
                }
            }
        }
    }

    #[test]
    fn a_language_without_a_translation_gets_english() {
        assert!(std::ptr::eq(words("ja"), words("en")));
        assert!(!std::ptr::eq(words("de"), words("en")));
    }
}

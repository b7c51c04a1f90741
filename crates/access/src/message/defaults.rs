//! The words that ship in the box: plain, warm, exact, and true of a publication that has written none.
//!
//! To add a language: write a [`Words`] in a module of its own, and name it in [`words`].

mod de;
mod en;

use super::{Draft, Message, Moment, Placement};

/// What a message says.
struct DefaultText {
    title: &'static str,
    text: &'static str,
    /// The same for narrow screens; empty where the text will do.
    narrow: &'static str,
}

/// The words of one language.
struct Words {
    meter_page: &'static str,
    offers: &'static str,
    account: &'static str,
    register: &'static str,
    mend: &'static str,
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

/// A text without a title, the same on all screens.
const fn plain(text: &'static str) -> DefaultText {
    DefaultText { title: "", text, narrow: "" }
}

/// A text under a title.
const fn titled(title: &'static str, text: &'static str) -> DefaultText {
    DefaultText { title, text, narrow: "" }
}

/// The words of a language, by its BCP 47 primary subtag; English where there are none.
fn words(language: &str) -> &'static Words {
    match language {
        "de" => &de::WORDS,
        _ => &en::WORDS,
    }
}

/// The default messages in a language, of a publication that sells subscriptions or of one that does
/// not. A fault in one of them is found by this module's test, not by a reader.
pub(super) fn messages(sells: bool, language: &str) -> Vec<Message> {
    let drafts = drafts(sells, words(language)).into_iter();
    let checked = drafts
        .filter_map(|(moment, placement, draft)| Message::check(moment, placement, &draft).ok());
    checked.collect()
}

/// What a publication says depends on whether it has something to sell.
fn drafts(sells: bool, words: &'static Words) -> Vec<(Moment, Placement, Draft<'static>)> {
    use Moment as M;
    use Placement::{Banner, Inline, Wall};
    let meter_page = (words.meter_page, "/how-the-meter-works");
    let account = (words.account, "/account");
    let way_on = if sells { (words.offers, "/offers") } else { meter_page };
    let said = |moment,
                placement,
                said: &'static DefaultText,
                actions: &[(&'static str, &'static str)]| {
        let narrow = Some(said.narrow).filter(|narrow| !narrow.is_empty());
        let DefaultText { title, text, .. } = *said;
        let (benefits, actions) = (Vec::new(), actions.to_vec());
        (moment, placement, Draft { title, text, narrow, benefits, actions, offer: None })
    };
    vec![
        said(M::MeterLeft, Banner, &words.meter_left, &[meter_page]),
        said(M::MeterLast, Banner, &words.meter_last, &[meter_page]),
        said(M::WallMeter, Wall, &words.wall_meter, &[way_on]),
        said(M::WallRegister, Wall, &words.wall_register, &[(words.register, "/register"), way_on]),
        said(M::WallSubscribers, Wall, &words.wall_subscribers, &[way_on]),
        said(M::WallProduct, Wall, &words.wall_product, &[way_on]),
        said(M::WallTrialEnded, Wall, &words.wall_trial_ended, &[way_on]),
        said(M::WallSubscriptionEnded, Wall, &words.wall_subscription_ended, &[way_on]),
        said(M::NoticeTrialEnding, Inline, &words.trial_ending, &[account]),
        said(M::NoticeTrialEnded, Inline, &words.trial_ended, &[way_on]),
        said(M::NoticeSubscriptionEnding, Inline, &words.subscription_ending, &[account]),
        said(M::NoticeSubscriptionEnded, Inline, &words.subscription_ended, &[way_on]),
        said(M::NoticePaymentFailed, Inline, &words.payment_failed, &[(words.mend, "/account")]),
        said(M::NoticeOffer, Inline, &words.offer, &[way_on]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_valid_in_every_language() {
        for (sells, words) in [(true, &en::WORDS), (false, &en::WORDS), (true, &de::WORDS)] {
            for (moment, placement, draft) in drafts(sells, words) {
                if let Err(error) = Message::check(moment, placement, &draft) {
                    panic!("{moment} {placement:?}: {error}");
                }
            }
        }
    }

    #[test]
    fn a_language_without_words_of_its_own_gets_english() {
        assert!(std::ptr::eq(words("ja"), words("en")));
        assert!(!std::ptr::eq(words("de"), words("en")));
    }
}

//! The built-in messages. They must be true of any publication, whatever it has configured.
//!
//! To add a language: write a [`DefaultTexts`] in its own module, and return it from [`words`].

mod de;
mod en;
mod es;
mod fr;
mod ja;
mod nl;
mod pl;
#[cfg(test)]
mod tests;

use super::{Message, MessageDraft, MessageError, Moment, Placement};
use crate::window::Window;

/// Where the texts name the period of the meter: "this month".
const PERIOD: &str = "{period}";
/// Where the texts say when there will be more to read.
const RESET: &str = "{reset}";

/// The text of one built-in message.
struct DefaultText {
    title: &'static str,
    text: &'static str,
    /// The text for narrow screens, or empty to use `text`.
    narrow: &'static str,
}

/// The built-in texts in one language.
struct DefaultTexts {
    /// What [`PERIOD`] becomes if the meter resets every month, with the space that separates it.
    this_month: &'static str,
    /// The same if it resets every week.
    this_week: &'static str,
    /// What [`RESET`] becomes if the whole allowance returns on one day.
    resets: &'static str,
    /// The same if reads stop counting one by one.
    resets_in_part: &'static str,
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
    wall_subscription_paused: DefaultText,
    trial_ending: DefaultText,
    trial_ended: DefaultText,
    subscription_ending: DefaultText,
    subscription_ended: DefaultText,
    payment_failed: DefaultText,
    offer: DefaultText,
}

impl DefaultTexts {
    /// Returns a text with what depends on the meter's period. A rolling period has no name.
    fn fill(&self, text: &str, window: Window) -> String {
        let (period, reset) = match window {
            Window::Month => (self.this_month, self.resets),
            Window::Week => (self.this_week, self.resets),
            Window::Days(_) => ("", self.resets_in_part),
        };
        text.replace(PERIOD, period).replace(RESET, reset)
    }
}

/// A text without a title, the same for all screens.
const fn plain(text: &'static str) -> DefaultText {
    DefaultText { title: "", text, narrow: "" }
}

/// A text with a title, the same for all screens.
const fn titled(title: &'static str, text: &'static str) -> DefaultText {
    DefaultText { title, text, narrow: "" }
}

/// The languages with built-in texts (BCP 47 primary subtags).
#[cfg(test)]
const LANGUAGES: [&str; 7] = ["en", "de", "es", "fr", "ja", "nl", "pl"];

/// Returns the texts in `language` (a BCP 47 primary subtag), or in English if there is no
/// translation.
fn words(language: &str) -> &'static DefaultTexts {
    match language {
        "de" => &de::WORDS,
        "es" => &es::WORDS,
        "fr" => &fr::WORDS,
        "ja" => &ja::WORDS,
        "nl" => &nl::WORDS,
        "pl" => &pl::WORDS,
        _ => &en::WORDS,
    }
}

/// The built-in messages in a language. `sells` says whether the publication sells subscriptions.
/// The tests check that all of them are valid.
pub(super) fn messages(sells: bool, window: Window, language: &str) -> Vec<Message> {
    let words = words(language);
    let all = built_in(sells, words).into_iter();
    all.filter_map(|message| message.check(words, window).ok()).collect()
}

/// One built-in message before it is checked.
struct BuiltIn {
    moment: Moment,
    placement: Placement,
    text: &'static DefaultText,
    /// The labels and links.
    actions: Vec<(String, &'static str)>,
}

impl BuiltIn {
    fn check(&self, words: &DefaultTexts, window: Window) -> Result<Message, MessageError> {
        let fill = |text| words.fill(text, window);
        let narrow = Some(fill(self.text.narrow)).filter(|narrow| !narrow.is_empty());
        let draft = MessageDraft {
            title: &fill(self.text.title),
            text: &fill(self.text.text),
            narrow: narrow.as_deref(),
            benefits: Vec::new(),
            actions: self.actions.iter().map(|(label, link)| (label.as_str(), *link)).collect(),
            offer: None,
        };
        Message::check(self.moment, self.placement, &draft)
    }
}

/// The links of built-in messages. They depend on whether there is something to sell.
struct Links {
    meter_page: (String, &'static str),
    account: (String, &'static str),
    register: (String, &'static str),
    update_payment: (String, &'static str),
    /// Where somebody who wants to read more is led.
    next_step: (String, &'static str),
}

impl Links {
    fn new(sells: bool, words: &DefaultTexts) -> Self {
        let link = |label: &str, to| (label.to_owned(), to);
        let meter_page = link(words.meter_page, "/how-the-meter-works");
        let offers = link(words.offers, "/offers");
        Self {
            next_step: if sells { offers } else { meter_page.clone() },
            meter_page,
            account: link(words.account, "/account"),
            register: link(words.register, "/register"),
            update_payment: link(words.update_payment, "/account"),
        }
    }

    /// The links of a meter's message: an account if it gives more articles, or else a subscription if the reader may buy
    /// one; and how the meter works.
    fn of_meter(&self, sells: bool) -> Vec<(String, &'static str)> {
        let (register, to) = &self.register;
        let mut links =
            vec![(format!("{{{{#registeredMore}}}}{register}{{{{/registeredMore}}}}"), *to)];
        if sells {
            let (offers, to) = &self.next_step;
            let label = format!(
                "{{{{^registeredMore}}}}{{{{#price}}}}{offers}{{{{/price}}}}{{{{/registeredMore}}}}"
            );
            links.push((label, *to));
        }
        links.push(self.meter_page.clone());
        links
    }

    /// The links of a reader whose trial ends: the offers, if there are some for them, and their account.
    fn of_trial(&self) -> Vec<(String, &'static str)> {
        let (next_step, to) = &self.next_step;
        let label = format!("{{{{#price}}}}{next_step}{{{{/price}}}}");
        vec![(label, *to), self.account.clone()]
    }
}

/// The built-in messages.
fn built_in(sells: bool, words: &'static DefaultTexts) -> Vec<BuiltIn> {
    use Moment as M;
    use Placement::{Banner, Inline, Wall};
    let links = Links::new(sells, words);
    let (meter, trial) = (links.of_meter(sells), links.of_trial());
    let next_step = vec![links.next_step.clone()];
    let account = vec![links.account.clone()];
    let register = vec![links.register.clone(), links.next_step.clone()];
    let payment = vec![links.update_payment];
    let message = |moment, placement, text, actions: &[(String, &'static str)]| BuiltIn {
        moment,
        placement,
        text,
        actions: actions.to_vec(),
    };
    vec![
        message(M::MeterLeft, Banner, &words.meter_left, &meter),
        message(M::MeterLast, Banner, &words.meter_last, &meter),
        message(M::WallMeter, Wall, &words.wall_meter, &next_step),
        message(M::WallRegister, Wall, &words.wall_register, &register),
        message(M::WallSubscribers, Wall, &words.wall_subscribers, &next_step),
        message(M::WallProduct, Wall, &words.wall_product, &next_step),
        message(M::WallTrialEnded, Wall, &words.wall_trial_ended, &next_step),
        message(M::WallSubscriptionEnded, Wall, &words.wall_subscription_ended, &next_step),
        message(M::WallSubscriptionPaused, Wall, &words.wall_subscription_paused, &account),
        message(M::NoticeTrialEnding, Inline, &words.trial_ending, &trial),
        message(M::NoticeTrialEnded, Inline, &words.trial_ended, &next_step),
        message(M::NoticeSubscriptionEnding, Inline, &words.subscription_ending, &account),
        message(M::NoticeSubscriptionEnded, Inline, &words.subscription_ended, &next_step),
        message(M::NoticePaymentFailed, Inline, &words.payment_failed, &payment),
        message(M::NoticeOffer, Inline, &words.offer, &next_step),
    ]
}

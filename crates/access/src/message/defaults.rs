//! The words that ship in the box: plain, warm, exact, and true of a publication that has written none.

use super::{Draft, Message, Moment, Placement};

const METER_PAGE: (&str, &str) = ("How the meter works", "/how-the-meter-works");
const OFFERS: (&str, &str) = ("See the offers", "/offers");
const ACCOUNT: (&str, &str) = ("Your account", "/account");
const PRICE: &str = "{{#price}} Or read everything: {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}";
const LEFT: &str = "{{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} free article{{other}}{{numberArticlesLeft}} free articles{{/plural}}";

/// The default messages, of a publication that sells subscriptions or of one that does not. A fault in
/// one of them is found by this module's test, not by a reader.
pub(super) fn messages(sells: bool) -> Vec<Message> {
    drafts(sells)
        .into_iter()
        .filter_map(|(moment, placement, draft)| {
            Message::check(moment, placement, &draft.borrow()).ok()
        })
        .collect()
}

struct OwnedDraft {
    title: &'static str,
    text: String,
    narrow: Option<String>,
    actions: Vec<(&'static str, &'static str)>,
}

impl OwnedDraft {
    fn borrow(&self) -> Draft<'_> {
        Draft {
            title: self.title,
            text: &self.text,
            narrow: self.narrow.as_deref(),
            benefits: Vec::new(),
            actions: self.actions.clone(),
            offer: None,
        }
    }
}

fn says(title: &'static str, text: &str) -> OwnedDraft {
    OwnedDraft { title, text: text.to_owned(), narrow: None, actions: vec![METER_PAGE] }
}

fn leads(action: (&'static str, &'static str), draft: OwnedDraft) -> OwnedDraft {
    OwnedDraft { actions: vec![action], ..draft }
}

type Default = (Moment, Placement, OwnedDraft);

/// What a publication says depends on whether it has something to sell.
fn drafts(sells: bool) -> Vec<Default> {
    let way_on = if sells { OFFERS } else { METER_PAGE };
    [meter(), walls(way_on), notices(way_on)].into_iter().flatten().collect()
}

fn meter() -> Vec<Default> {
    use Moment as M;
    use Placement::Banner;
    vec![
        (
            M::MeterLeft,
            Banner,
            OwnedDraft {
                narrow: Some(format!("{LEFT} left.")),
                ..says(
                    "",
                    &format!(
                        "You have {LEFT} left{{{{#resetsOn}}}} until {{{{resetsOn}}}}{{{{/resetsOn}}}}."
                    ),
                )
            },
        ),
        (
            M::MeterLast,
            Banner,
            OwnedDraft {
                narrow: Some("This is your last free article.".to_owned()),
                ..says(
                    "",
                    "This is your last free article{{#resetsOn}} until {{resetsOn}}{{/resetsOn}}. You can come back to it whenever you like.",
                )
            },
        ),
    ]
}

fn walls(way_on: (&'static str, &'static str)) -> Vec<Default> {
    use Moment as M;
    use Placement::Wall;
    vec![
        (
            M::WallMeter,
            Wall,
            leads(
                way_on,
                says(
                    "You have read your {{allowance}} free article{{allowance-plural}}.",
                    &format!(
                        "{{{{#resetsOn}}}}On {{{{resetsOn}}}} you can read more.{{{{/resetsOn}}}} Everything you have already opened stays open to you until then.{PRICE}"
                    ),
                ),
            ),
        ),
        (
            M::WallRegister,
            Wall,
            OwnedDraft {
                actions: vec![("Register", "/register"), way_on],
                ..says(
                    "Register to read on.",
                    &format!(
                        "It is free, and needs no password.{{{{#registeredAllowance}}}} With an account you can read {{{{registeredAllowance}}}} article{{{{registeredAllowance-plural}}}}{{{{#resetsOn}}}} until {{{{resetsOn}}}}{{{{/resetsOn}}}}, on all your devices together.{{{{/registeredAllowance}}}} Everything you have already opened stays open to you.{PRICE}"
                    ),
                )
            },
        ),
        (
            M::WallSubscribers,
            Wall,
            leads(
                way_on,
                says(
                    "This article is for subscribers.",
                    "Subscriptions pay for the reporting in {{publication}}.{{#price}} Read everything: {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}",
                ),
            ),
        ),
        (
            M::WallProduct,
            Wall,
            leads(
                way_on,
                says(
                    "This article is part of a special edition.",
                    "It is open to readers who have bought that edition of {{publication}}.",
                ),
            ),
        ),
        (
            M::WallTrialEnded,
            Wall,
            leads(
                way_on,
                says(
                    "Your trial has ended.",
                    "Your trial of {{publication}} ended on {{endedOn}}. We hope you liked it.{{#price}} Read on: {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}",
                ),
            ),
        ),
        (
            M::WallSubscriptionEnded,
            Wall,
            leads(
                way_on,
                says(
                    "Your subscription has ended.",
                    "Your subscription to {{publication}} ended on {{endedOn}}. We would be glad to have you back.{{#price}} Come back: {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}",
                ),
            ),
        ),
    ]
}

fn notices(way_on: (&'static str, &'static str)) -> Vec<Default> {
    use Moment as M;
    use Placement::Inline;
    vec![
        (M::NoticeTrialEnding, Inline, leads(ACCOUNT, says("", "Your trial ends on {{endedOn}}."))),
        (M::NoticeTrialEnded, Inline, leads(way_on, says("", "Your trial ended on {{endedOn}}."))),
        (
            M::NoticeSubscriptionEnding,
            Inline,
            leads(
                ACCOUNT,
                says(
                    "",
                    "Your subscription ends on {{endedOn}}. Until then you can read everything.",
                ),
            ),
        ),
        (
            M::NoticeSubscriptionEnded,
            Inline,
            leads(way_on, says("", "Your subscription ended on {{endedOn}}.")),
        ),
        (
            M::NoticePaymentFailed,
            Inline,
            leads(
                ("Put it right", "/account"),
                says(
                    "",
                    "Your last payment has not arrived. You can still read everything while you put it right.",
                ),
            ),
        ),
        (
            M::NoticeOffer,
            Inline,
            leads(
                way_on,
                says(
                    "",
                    "{{#price}}Read all of {{publication}}: {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}{{^price}}Read all of {{publication}} with a subscription.{{/price}}",
                ),
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_valid() {
        let all = [drafts(true), drafts(false)];
        for (moment, placement, draft) in all.into_iter().flatten() {
            if let Err(error) = Message::check(moment, placement, &draft.borrow()) {
                panic!("{moment} {placement:?}: {error}");
            }
        }
    }
}

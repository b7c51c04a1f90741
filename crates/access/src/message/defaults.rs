//! The words that ship in the box: plain, warm, exact, and true of a publication that has written none.

use super::{Draft, Message, Moment, Placement};

const METER_PAGE: (&str, &str) = ("How the meter works", "/how-the-meter-works");
const LEFT: &str = "{{#plural numberArticlesLeft}}{{one}}{{numberArticlesLeft}} free article{{other}}{{numberArticlesLeft}} free articles{{/plural}}";

/// The default messages. A fault in one of them is found by this module's test, not by a reader.
pub(super) fn messages() -> Vec<Message> {
    drafts()
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

fn drafts() -> Vec<(Moment, Placement, OwnedDraft)> {
    use Moment as M;
    use Placement::{Banner, Inline, Wall};
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
        (
            M::WallMeter,
            Wall,
            says(
                "You have read your {{allowance}} free article{{allowance-plural}}.",
                "{{#resetsOn}}On {{resetsOn}} you can read more.{{/resetsOn}} Everything you have already opened stays open to you until then.",
            ),
        ),
        (
            M::WallRegister,
            Wall,
            OwnedDraft {
                actions: vec![("Register", "/register"), METER_PAGE],
                ..says(
                    "Register to read on.",
                    "It is free, and needs no password.{{#registeredAllowance}} With an account you can read {{registeredAllowance}} article{{registeredAllowance-plural}}{{#resetsOn}} until {{resetsOn}}{{/resetsOn}}, on all your devices together.{{/registeredAllowance}} Everything you have already opened stays open to you.",
                )
            },
        ),
        (
            M::WallSubscribers,
            Wall,
            says(
                "This article is for subscribers.",
                "Subscriptions pay for the reporting in {{publication}}.",
            ),
        ),
        (
            M::WallProduct,
            Wall,
            says(
                "This article is part of a special edition.",
                "It is open to readers who have bought that edition of {{publication}}.",
            ),
        ),
        (
            M::WallTrialEnded,
            Wall,
            says(
                "Your trial has ended.",
                "Your trial of {{publication}} ended on {{endedOn}}. We hope you liked it.",
            ),
        ),
        (
            M::WallSubscriptionEnded,
            Wall,
            says(
                "Your subscription has ended.",
                "Your subscription to {{publication}} ended on {{endedOn}}. We would be glad to have you back.",
            ),
        ),
        (M::NoticeTrialEnding, Inline, says("", "Your trial ends on {{endedOn}}.")),
        (M::NoticeTrialEnded, Inline, says("", "Your trial ended on {{endedOn}}.")),
        (
            M::NoticeSubscriptionEnding,
            Inline,
            says("", "Your subscription ends on {{endedOn}}. Until then you can read everything."),
        ),
        (M::NoticeSubscriptionEnded, Inline, says("", "Your subscription ended on {{endedOn}}.")),
        (
            M::NoticePaymentFailed,
            Inline,
            says(
                "",
                "We could not collect your last payment. You can still read everything while you put it right.",
            ),
        ),
        (
            M::NoticeOffer,
            Inline,
            says(
                "",
                "{{#price}}Read all of {{publication}} for {{price}}{{#offerEnds}}, if you subscribe by {{offerEnds}}{{/offerEnds}}.{{/price}}{{^price}}Read all of {{publication}} with a subscription.{{/price}}",
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_valid() {
        for (moment, placement, draft) in drafts() {
            if let Err(error) = Message::check(moment, placement, &draft.borrow()) {
                panic!("{moment} {placement:?}: {error}");
            }
        }
    }
}

//! The names of moments, placements and values on the pages of messages.

use masthead_access::message::{Message, Moment, Placement, Variable};

use crate::words::DeskWords;

/// What can be inserted into a message of this moment: the template and its name.
pub(super) fn chips(moment: Moment, words: DeskWords) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for variable in moment.variables() {
        let (name, value) = (variable.name(), value_name(*variable, words));
        all.push((format!("{{{{{name}}}}}"), value.to_owned()));
        if variable.is_count() {
            let (one, other) = (words.text("value_article"), words.text("value_articles"));
            let plural = format!(
                "{{{{#plural {name}}}}}{{{{one}}}}{one}{{{{other}}}}{other}{{{{/plural}}}}"
            );
            all.push((plural, words.fill("value_plural", &[("value", &value)])));
        }
    }
    all
}

fn value_name(variable: Variable, words: DeskWords) -> &'static str {
    words.text(match variable {
        Variable::NumberArticlesLeft => "value_number_left",
        Variable::Allowance => "value_allowance",
        Variable::RegisteredAllowance => "value_registered_allowance",
        Variable::RegisteredMore => "value_registered_more",
        Variable::Publication => "value_publication",
        Variable::Price => "value_price",
        Variable::OfferEnds => "value_offer_ends",
        Variable::EndedOn => "value_ended_on",
        Variable::PausedUntil => "value_paused_until",
        Variable::ReaderName => "value_reader_name",
        Variable::ResetsOn => "value_resets_on",
    })
}

/// The name of a moment.
pub(crate) fn moment_name(moment: Moment, words: DeskWords) -> &'static str {
    words.text(match moment {
        Moment::MeterLeft => "moment_meter_left",
        Moment::MeterLast => "moment_meter_last",
        Moment::WallMeter => "moment_wall_meter",
        Moment::WallRegister => "moment_wall_register",
        Moment::WallSubscribers => "moment_wall_subscribers",
        Moment::WallProduct => "moment_wall_product",
        Moment::WallTrialEnded => "moment_wall_trial_ended",
        Moment::WallSubscriptionEnded => "moment_wall_subscription_ended",
        Moment::WallSubscriptionPaused => "moment_wall_subscription_paused",
        Moment::NoticeTrialEnding => "moment_notice_trial_ending",
        Moment::NoticeTrialEnded => "moment_notice_trial_ended",
        Moment::NoticeSubscriptionEnding => "moment_notice_subscription_ending",
        Moment::NoticeSubscriptionEnded => "moment_notice_subscription_ended",
        Moment::NoticePaymentFailed => "moment_notice_payment_failed",
        Moment::NoticeOffer => "moment_notice_offer",
    })
}

/// The name of a placement.
pub(crate) fn placement_name(placement: Placement, words: DeskWords) -> &'static str {
    words.text(match placement {
        Placement::Banner => "placement_banner",
        Placement::Inline => "placement_inline",
        Placement::Wall => "placement_wall",
    })
}

/// The name of a placement that has no message.
pub(super) fn no_message_name(placement: Placement, words: DeskWords) -> &'static str {
    words.text(match placement {
        Placement::Banner => "placement_no_banner",
        Placement::Inline => "placement_no_inline",
        Placement::Wall => "placement_no_wall",
    })
}

/// Where a placement is on the page.
pub(super) fn describe_placement(placement: Placement, words: DeskWords) -> &'static str {
    words.text(match placement {
        Placement::Banner => "placement_banner_text",
        Placement::Inline => "placement_inline_text",
        Placement::Wall => "placement_wall_text",
    })
}

/// The beginning of a message, for the list. Values are named, and plurals have their most general form.
pub(crate) fn summary(message: &Message, words: DeskWords) -> String {
    let value = |variable| format!("[{}]", value_name(variable, words));
    let texts = [&message.title, &message.text].map(|template| template.outline(&value));
    masthead_editorial::text::shorten(texts.join(" ").trim(), 120).into_owned()
}

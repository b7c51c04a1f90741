//! What a reader gets and why, in words.

use masthead_access::{
    Allowance, Decision, DecisionReason, Meter, Outcome, Policy, Standing, TierSource, Trace,
    Window,
};

use crate::words::DeskWords;

/// What the reader gets, in a sentence.
pub(crate) fn sentence(decision: &Decision, words: DeskWords) -> String {
    match (decision.outcome, decision.meter) {
        (Outcome::Open(_), _) => words.text("view_open").to_owned(),
        (Outcome::Metered { left }, Some(Meter { allowance: Allowance::Articles(all), .. })) => {
            words.fill("view_metered_of", &[("allowance", &all), ("left", &left)])
        }
        (Outcome::Metered { left }, _) => words.fill("view_metered", &[("left", &left)]),
        (Outcome::Wall(_), _) => words.text("view_wall").to_owned(),
    }
}

/// Why, one sentence for each step of the decision.
pub(crate) fn steps(decision: &Decision, policy: &Policy, words: DeskWords) -> Vec<String> {
    let trace = &decision.trace;
    let mut steps = vec![reader(trace, words), source(trace.source, policy, words)];
    if let Some(Meter { allowance, spent }) = decision.meter {
        steps.push(meter(allowance, spent, policy.window, words));
    }
    steps.push(words.text(reason(trace.reason)).to_owned());
    steps
}

fn reader(trace: &Trace, words: DeskWords) -> String {
    let name = match trace.paused_until {
        Some(_) => "view_reader_paused",
        None => "view_reader",
    };
    words.fill(name, &[("standing", &standing(trace.standing, words))])
}

/// The name of a standing.
pub(crate) fn standing(standing: Standing, words: DeskWords) -> &'static str {
    words.text(match standing {
        Standing::Anonymous => "standing_anonymous",
        Standing::Registered => "standing_registered",
        Standing::Trial { .. } => "standing_trial",
        Standing::Subscribed { .. } => "standing_subscribed",
        Standing::Grace { .. } => "standing_grace",
        Standing::TrialEnded { .. } => "standing_trial_ended",
        Standing::SubscriptionEnded { .. } => "standing_subscription_ended",
        Standing::Member => "standing_member",
        Standing::Staff => "standing_staff",
    })
}

fn source(source: TierSource, policy: &Policy, words: DeskWords) -> String {
    match source {
        TierSource::Sponsored => words.text("view_source_sponsored").to_owned(),
        TierSource::Article => words.text("view_source_article").to_owned(),
        TierSource::Default => {
            words.fill("view_source_default", &[("access", &policy.default_tier)])
        }
        TierSource::Rule(index) => match policy.rules.get(index) {
            Some(rule) => {
                words.fill("view_source_rule", &[("rule_number", &(index + 1)), ("rule", rule)])
            }
            None => words.fill("view_source_former_rule", &[("rule_number", &(index + 1))]),
        },
    }
}

fn meter(allowance: Allowance, spent: u32, window: Window, words: DeskWords) -> String {
    let Allowance::Articles(all) = allowance else {
        return words.fill("view_meter_unlimited", &[("spent", &spent)]);
    };
    let window = match window {
        Window::Month => words.text("view_month").to_owned(),
        Window::Week => words.text("view_week").to_owned(),
        Window::Days(days) => words.count("view_days", u64::from(days)),
    };
    words.fill("view_meter", &[("allowance", &all), ("window", &window), ("spent", &spent)])
}

fn reason(reason: DecisionReason) -> &'static str {
    match reason {
        DecisionReason::FreeForEveryone => "reason_free",
        DecisionReason::StandingOpensTier => "reason_standing",
        DecisionReason::AlreadyCounted => "reason_counted",
        DecisionReason::ValidGift => "reason_gift",
        DecisionReason::CrawlersMayRead => "reason_crawler",
        DecisionReason::ReadsLeft => "reason_left",
        DecisionReason::NoMeter => "reason_no_meter",
        DecisionReason::NoReadsLeft => "reason_none_left",
        DecisionReason::PreviewsGetTeasers => "reason_link_preview",
        DecisionReason::NetworkLimitReached => "reason_network",
        DecisionReason::TierOutOfReach => "reason_out_of_reach",
    }
}

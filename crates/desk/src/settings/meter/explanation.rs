//! What a policy means, in words, and what in it is probably a mistake.

use std::fmt::Display;

use masthead_access::{Allowance, Policy, PolicyNames, PolicyWarning, Rule, Tier, Window};
use masthead_settings::duration::format_age;

use crate::{settings::entry::length_in_words, words::DeskWords};

/// What a policy means, one sentence for each of its settings.
pub(crate) fn sentences(policy: &Policy, names: &PolicyNames<'_>, words: DeskWords) -> Vec<String> {
    let mut all = vec![anonymous(policy, words), registered(policy, words)];
    let zone = policy.zone.iana_name().unwrap_or("UTC").replace('_', " ");
    match policy.window {
        Window::Month => all.push(words.fill("meter_resets_month", &[("zone", &zone)])),
        Window::Week => all.push(words.fill("meter_resets_week", &[("zone", &zone)])),
        Window::Days(_) => {}
    }
    all.extend(policy.rules.iter().enumerate().map(|(index, rule)| {
        let (number, articles) = (index + 1, articles_of(rule, names, words));
        let access = access(&rule.tier, names, words);
        let gaps: [(&str, &dyn Display); 3] =
            [("number", &number), ("articles", &articles), ("access", &access)];
        words.fill("meter_rule", &gaps)
    }));
    let rest = if policy.rules.is_empty() { "meter_all" } else { "meter_rest" };
    all.push(words.fill(rest, &[("access", &access(&policy.default_tier, names, words))]));
    all.push(words.text("meter_overrides").to_owned());
    all
}

fn anonymous(policy: &Policy, words: DeskWords) -> String {
    match policy.allowances.anonymous {
        Allowance::Unlimited => words.text("meter_anonymous_all").to_owned(),
        Allowance::Articles(0) => words.text("meter_anonymous_none").to_owned(),
        Allowance::Articles(number) => {
            let period = period(policy.window, words);
            words.count_and_fill("meter_anonymous_reads", number, &[("period", &period)])
        }
    }
}

fn registered(policy: &Policy, words: DeskWords) -> String {
    match policy.allowances.registered {
        Allowance::Unlimited => words.text("meter_registered_all").to_owned(),
        Allowance::Articles(0) => words.text("meter_registered_none").to_owned(),
        Allowance::Articles(number) => {
            let period = period(policy.window, words);
            words.count_and_fill("meter_registered_reads", number, &[("period", &period)])
        }
    }
}

fn period(window: Window, words: DeskWords) -> String {
    match window {
        Window::Month => words.text("view_month").to_owned(),
        Window::Week => words.text("view_week").to_owned(),
        Window::Days(days) => words.count("view_days", days),
    }
}

/// The articles that a rule matches.
fn articles_of(rule: &Rule, names: &PolicyNames<'_>, words: DeskWords) -> String {
    let named =
        |word: &str, name: Option<&str>| name.map(|name| words.fill(word, &[("name", &name)]));
    let age = |word: &str, age| {
        let age: Option<_> = age;
        age.map(|age| words.fill(word, &[("age", &length_in_words(&format_age(age), words))]))
    };
    let section = rule.section.as_deref().map(|slug| name_of(names.sections, slug));
    let conditions = [
        named("meter_rule_kind", rule.kind.as_deref()),
        named("meter_rule_section", section),
        named("meter_rule_topic", rule.topic.as_deref()),
        named("meter_rule_author", rule.author.as_deref()),
        age("meter_rule_older", rule.older_than),
        age("meter_rule_newer", rule.younger_than),
    ];
    let conditions: Vec<String> = conditions.into_iter().flatten().collect();
    if conditions.is_empty() {
        words.text("meter_rule_all").to_owned()
    } else {
        conditions.join(", ")
    }
}

/// Who may read articles of a tier.
pub(crate) fn access(tier: &Tier, names: &PolicyNames<'_>, words: DeskWords) -> String {
    let name = match tier {
        Tier::Free => "access_free",
        Tier::Metered => "access_metered",
        Tier::Registered => "access_registered",
        Tier::Subscribers => "access_subscribers",
        Tier::Product(slugs) => {
            let products: Vec<&str> =
                slugs.iter().map(|slug| name_of(names.products, slug)).collect();
            return words.fill("access_product", &[("product", &products.join(", "))]);
        }
    };
    words.text(name).to_owned()
}

fn name_of<'a>(all: &'a [(String, String)], slug: &'a str) -> &'a str {
    all.iter().find(|(known, _)| known == slug).map_or(slug, |(_, name)| name)
}

/// What is probably a mistake, in a sentence.
pub(crate) fn doubt(warning: &PolicyWarning, words: DeskWords) -> String {
    let name = match warning {
        PolicyWarning::RegisteredReadLess => "meter_doubt_registered_less",
        PolicyWarning::NoReasonToRegister => "meter_doubt_no_reason",
        PolicyWarning::NobodyMeetsMeter => "meter_doubt_no_meter",
        PolicyWarning::WallAtEveryArticle => "meter_doubt_all_walls",
        PolicyWarning::NothingMetered => "meter_doubt_nothing_metered",
        PolicyWarning::NothingSold => "meter_doubt_nothing_sold",
        PolicyWarning::UnknownSection { rule, section } => {
            return words.fill("meter_doubt_section", &[("number", rule), ("name", section)]);
        }
        PolicyWarning::MatchesNothing { rule } => {
            return words.fill("meter_doubt_nothing", &[("number", rule)]);
        }
        PolicyWarning::Covered { rule, earlier } => {
            return words.fill("meter_doubt_covered", &[("number", rule), ("earlier", earlier)]);
        }
        PolicyWarning::UnknownProduct(product) => {
            return words.fill("meter_doubt_product", &[("name", product)]);
        }
    };
    words.text(name).to_owned()
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, tz::TimeZone};

    use super::*;

    #[test]
    fn a_policy_is_described_in_plain_sentences() {
        const DAY: SignedDuration = SignedDuration::from_hours(24);
        let mut policy = Policy::new(TimeZone::get("Asia/Tokyo").expect("a zone"));
        policy.rules = vec![
            Rule { younger_than: Some(DAY), ..Rule::everything(Tier::Free) },
            Rule {
                section: Some("politics".into()),
                older_than: Some(DAY * 7),
                ..Rule::everything(Tier::Subscribers)
            },
            Rule {
                kind: Some("puzzle".into()),
                ..Rule::everything(Tier::Product(vec!["web".into()]))
            },
        ];
        let sections = [("politics".to_owned(), "Politics".to_owned())];
        let products = [("web".to_owned(), "The Paper online".to_owned())];
        let names = PolicyNames { sections: &sections, products: &products };
        assert_eq!(
            sentences(&policy, &names, DeskWords::default())[..7],
            [
                "Readers without an account can read 3 metered articles a month.",
                "Registered readers can read 5 metered articles a month.",
                "The meter resets on the 1st of each month, at midnight in Asia/Tokyo.",
                "Rule 1: newer than 24 hours → Everybody",
                "Rule 2: section Politics, older than 7 days → Subscribers",
                "Rule 3: type “puzzle” → Subscribers of The Paper online",
                "All other articles → Metered",
            ]
        );
        policy.rules.clear();
        policy.window = Window::Days(1);
        policy.allowances.anonymous = Allowance::Unlimited;
        let sentences = sentences(&policy, &names, DeskWords::default());
        assert!(sentences[0].contains("any number"), "{sentences:?}");
        assert_eq!(sentences[2], "All articles → Metered");
    }
}

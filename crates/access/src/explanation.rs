//! Describes a policy in plain sentences and points out likely mistakes in it.

use jiff::SignedDuration;

use crate::{
    allowance::Allowance,
    policy::Policy,
    tier::{Rule, Tier},
    window::Window,
};

/// The display names of a publication's sections and products, as pairs of slug and name.
#[derive(Clone, Copy, Debug, Default)]
pub struct PolicyNames<'a> {
    /// The sections.
    pub sections: &'a [(String, String)],
    /// The products.
    pub products: &'a [(String, String)],
}

impl PolicyNames<'_> {
    fn section<'b>(&'b self, slug: &'b str) -> &'b str {
        name(self.sections, slug)
    }

    fn product<'b>(&'b self, slug: &'b str) -> &'b str {
        name(self.products, slug)
    }
}

fn name<'a>(all: &'a [(String, String)], slug: &'a str) -> &'a str {
    all.iter().find(|(known, _)| known == slug).map_or(slug, |(_, name)| name)
}

impl Policy {
    /// Describes the policy, one sentence per rule.
    pub fn explain(&self, known: &PolicyNames<'_>) -> Vec<String> {
        let every = match self.window {
            Window::Month => "a month".to_owned(),
            Window::Week => "a week".to_owned(),
            Window::Days(1) => "in any 24 hours".to_owned(),
            Window::Days(days) => format!("in any {days} days"),
        };
        let may = |allowance: Allowance| match allowance {
            Allowance::Unlimited => "as many metered articles as they like".to_owned(),
            Allowance::Articles(0) => "no metered article".to_owned(),
            Allowance::Articles(1) => format!("1 metered article {every}"),
            Allowance::Articles(many) => format!("{many} metered articles {every}"),
        };
        let mut all = vec![
            format!("A reader without an account may read {}.", may(self.allowances.anonymous)),
            format!("A registered reader may read {}.", may(self.allowances.registered)),
        ];
        let zone = self.zone.iana_name().unwrap_or("UTC").replace('_', " ");
        match self.window {
            Window::Month => all.push(format!(
                "The meter is full again on the 1st of each month, at midnight in {zone}."
            )),
            Window::Week => {
                all.push(format!("The meter is full again on Mondays, at midnight in {zone}."));
            }
            Window::Days(_) => {}
        }
        let rest = if self.rules.is_empty() { "All articles" } else { "All other articles" };
        all.extend(self.rules.iter().map(|rule| rule.explain(known)));
        all.push(format!("{rest} {}.", tier_words(&self.default_tier, known)));
        all.push(
            "What is set on an article itself goes before these rules, and what somebody has paid for is free."
                .to_owned(),
        );
        all
    }

    /// Points out settings that are contradictory or probably unintended, one sentence each.
    pub fn warnings(&self, known: &PolicyNames<'_>) -> Vec<String> {
        let mut all = Vec::new();
        let (anonymous, registered) = (self.allowances.anonymous, self.allowances.registered);
        let metered = self.default_tier == Tier::Metered
            || self.rules.iter().any(|rule| rule.tier == Tier::Metered);
        match (anonymous, registered) {
            (Allowance::Unlimited, Allowance::Articles(_)) => all.push(
                "Readers with an account may read less than those without: nobody would register."
                    .to_owned(),
            ),
            (Allowance::Articles(few), Allowance::Articles(many)) if many < few => all.push(
                "Readers with an account may read less than those without: nobody would register."
                    .to_owned(),
            ),
            (Allowance::Articles(one), Allowance::Articles(other)) if one == other && metered => {
                all.push(
                    "An account opens no further article: there is no reason to register."
                        .to_owned(),
                );
            }
            (_, _) => {}
        }
        if anonymous == Allowance::Unlimited && metered {
            all.push(
                "No reader ever meets the meter, for nothing is counted without an account."
                    .to_owned(),
            );
        }
        if anonymous == Allowance::Articles(0) && metered {
            all.push(
                "A wall stands before every metered article for all who have no account."
                    .to_owned(),
            );
        }
        if !metered {
            all.push("No article is metered, so the allowances say nothing.".to_owned());
        }
        for (index, rule) in self.rules.iter().enumerate() {
            let number = index + 1;
            if let Some(section) = rule.section.as_ref().filter(|s| !has(known.sections, s)) {
                all.push(format!(
                    "Rule {number} is for the section “{section}”, and there is none."
                ));
            }
            if rule.younger_than.zip(rule.older_than).is_some_and(|(to, from)| to <= from) {
                all.push(format!(
                    "Rule {number} matches nothing: no article is older and younger than that."
                ));
            }
            let before = self.rules[..index].iter().position(|earlier| earlier.covers(rule));
            if let Some(before) = before {
                let before = before + 1;
                all.push(format!(
                    "Rule {number} never matters: rule {before} comes first and matches all of it."
                ));
            }
        }
        let tiers = self.rules.iter().map(|rule| &rule.tier).chain([&self.default_tier]);
        let mut sold = false;
        for tier in tiers {
            match tier {
                Tier::Subscribers => sold = true,
                Tier::Product(names) => {
                    sold = true;
                    for name in names.iter().filter(|name| !has(known.products, name)) {
                        all.push(format!("There is no product “{name}”, so nobody could read what is for its holders."));
                    }
                }
                Tier::Free | Tier::Metered | Tier::Registered => {}
            }
        }
        if sold && known.products.is_empty() {
            all.push("Some articles are for subscribers, and nothing is sold.".to_owned());
        }
        all
    }
}

fn has(all: &[(String, String)], slug: &str) -> bool {
    all.iter().any(|(known, _)| known == slug)
}

impl Rule {
    fn explain(&self, known: &PolicyNames<'_>) -> String {
        let mut subject = match &self.kind {
            Some(kind) => format!("Articles of the kind “{kind}”"),
            None => "Articles".to_owned(),
        };
        if let Some(section) = &self.section {
            subject.push_str(&format!(" in {}", known.section(section)));
        }
        if let Some(topic) = &self.topic {
            subject.push_str(&format!(" on “{topic}”"));
        }
        if let Some(author) = &self.author {
            subject.push_str(&format!(" by “{author}”"));
        }
        let tier = tier_words(&self.tier, known);
        match (self.older_than, self.younger_than) {
            (None, None) => format!("{subject} {tier}."),
            (Some(from), None) => {
                format!("{subject} {tier} once they are {} old.", format_age(from))
            }
            (None, Some(to)) => format!("{subject} {tier} in their first {}.", format_age(to)),
            (Some(from), Some(to)) => {
                format!(
                    "{subject} {tier} from {} after publication until {}.",
                    format_age(from),
                    format_age(to)
                )
            }
        }
    }

    /// Returns `true` if this rule matches every article that `other` matches.
    fn covers(&self, other: &Self) -> bool {
        let wider =
            |mine: &Option<String>, theirs: &Option<String>| mine.is_none() || mine == theirs;
        wider(&self.section, &other.section)
            && wider(&self.topic, &other.topic)
            && wider(&self.author, &other.author)
            && wider(&self.kind, &other.kind)
            && self
                .younger_than
                .is_none_or(|mine| other.younger_than.is_some_and(|theirs| theirs <= mine))
            && self
                .older_than
                .is_none_or(|mine| other.older_than.is_some_and(|theirs| theirs >= mine))
    }
}

fn tier_words(tier: &Tier, known: &PolicyNames<'_>) -> String {
    match tier {
        Tier::Free => "are free for everyone".to_owned(),
        Tier::Metered => "are metered".to_owned(),
        Tier::Registered => "are for registered readers".to_owned(),
        Tier::Subscribers => "are for subscribers".to_owned(),
        Tier::Product(names) => {
            let names: Vec<&str> = names.iter().map(|name| known.product(name)).collect();
            format!("are for holders of {}", names.join(" or "))
        }
    }
}

/// Formats an age exactly, such as "24 hours", "7 days" or "90 minutes".
pub fn format_age(age: SignedDuration) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    if age.subsec_nanos() != 0 {
        return format!("{age:#}");
    }
    match age.as_secs() {
        seconds if seconds % DAY == 0 && seconds > DAY => format!("{} days", seconds / DAY),
        seconds if seconds % HOUR == 0 => format!("{} hours", seconds / HOUR),
        seconds if seconds % MINUTE == 0 => format!("{} minutes", seconds / MINUTE),
        seconds => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn policy() -> Policy {
        Policy::new(TimeZone::get("Asia/Tokyo").expect("a zone"))
    }

    fn politics() -> Rule {
        Rule {
            section: Some("politics".into()),
            older_than: Some(DAY * 7),
            ..Rule::everything(Tier::Subscribers)
        }
    }

    fn explain(policy: &Policy) -> (Vec<String>, Vec<String>) {
        let sections = [("politics".to_owned(), "Politics".to_owned())];
        let products = [("web".to_owned(), "The Paper online".to_owned())];
        let known = PolicyNames { sections: &sections, products: &products };
        (policy.explain(&known), policy.warnings(&known))
    }

    #[test]
    fn a_policy_is_described_in_plain_sentences() {
        let mut policy = policy();
        policy.rules = vec![
            Rule { younger_than: Some(DAY), ..Rule::everything(Tier::Free) },
            politics(),
            Rule {
                kind: Some("puzzle".into()),
                ..Rule::everything(Tier::Product(vec!["web".into()]))
            },
        ];
        let (explain, warnings) = explain(&policy);
        assert_eq!(
            explain[..7],
            [
                "A reader without an account may read 3 metered articles a month.",
                "A registered reader may read 5 metered articles a month.",
                "The meter is full again on the 1st of each month, at midnight in Asia/Tokyo.",
                "Articles are free for everyone in their first 24 hours.",
                "Articles in Politics are for subscribers once they are 7 days old.",
                "Articles of the kind “puzzle” are for holders of The Paper online.",
                "All other articles are metered.",
            ]
        );
        assert!(warnings.is_empty(), "{warnings:?}");
    }

    #[test]
    fn contradictory_settings_are_pointed_out() {
        let doubt = |change: &dyn Fn(&mut Policy), said: &str| {
            let mut policy = policy();
            change(&mut policy);
            let (_, warnings) = explain(&policy);
            assert!(warnings.iter().any(|doubt| doubt.contains(said)), "{said}: {warnings:?}");
        };
        doubt(&|p| p.allowances.registered = Allowance::Articles(2), "nobody would register");
        doubt(&|p| p.allowances.registered = Allowance::Articles(3), "no reason to register");
        doubt(&|p| p.allowances.anonymous = Allowance::Unlimited, "No reader ever meets");
        doubt(&|p| p.allowances.anonymous = Allowance::Articles(0), "A wall stands before every");
        doubt(&|p| p.default_tier = Tier::Free, "the allowances say nothing");
        doubt(&|p| p.rules = vec![Rule { section: Some("sport".into()), ..politics() }], "“sport”");
        doubt(
            &|p| p.rules = vec![Rule { younger_than: Some(DAY), ..politics() }],
            "matches nothing",
        );
        doubt(
            &|p| p.rules = vec![Rule::everything(Tier::Free), politics()],
            "Rule 2 never matters: rule 1",
        );
        doubt(&|p| p.default_tier = Tier::Product(vec!["gold".into()]), "no product “gold”");
        let nothing_sold = Policy { default_tier: Tier::Subscribers, ..policy() };
        assert!(
            nothing_sold
                .warnings(&PolicyNames::default())
                .iter()
                .any(|d| d.contains("nothing is sold"))
        );
    }

    #[test]
    fn a_narrower_rule_before_a_wider_one_is_fine() {
        let mut policy = policy();
        policy.rules = vec![
            Rule { older_than: Some(DAY * 30), ..politics() },
            politics(),
            Rule { older_than: None, ..politics() },
        ];
        assert!(explain(&policy).1.is_empty());
    }
}

//! Likely mistakes in a policy.

use super::PolicyNames;
use crate::{
    allowance::Allowance,
    policy::Policy,
    tier::{Rule, Tier},
};

impl Policy {
    /// Points out settings that are contradictory or probably unintended, one sentence each.
    pub fn warnings(&self, known: &PolicyNames<'_>) -> Vec<String> {
        let mut all: Vec<String> =
            self.allowance_warnings().into_iter().map(str::to_owned).collect();
        for index in 0..self.rules.len() {
            all.extend(self.rule_warnings(index, known));
        }
        all.extend(self.tier_warnings(known));
        all
    }

    fn allowance_warnings(&self) -> Vec<&'static str> {
        let mut all = Vec::new();
        let (anonymous, registered) = (self.allowances.anonymous, self.allowances.registered);
        let metered = self.default_tier == Tier::Metered
            || self.rules.iter().any(|rule| rule.tier == Tier::Metered);
        let registered_read_less = match (anonymous, registered) {
            (Allowance::Unlimited, Allowance::Articles(_)) => true,
            (Allowance::Articles(few), Allowance::Articles(many)) => many < few,
            (_, Allowance::Unlimited) => false,
        };
        if registered_read_less {
            all.push(
                "Readers with an account may read less than those without: nobody would register.",
            );
        }
        if metered && anonymous == registered && anonymous != Allowance::Unlimited {
            all.push("An account opens no further article: there is no reason to register.");
        }
        if metered && anonymous == Allowance::Unlimited {
            all.push("No reader ever meets the meter: without an account nothing is counted.");
        }
        if metered && anonymous == Allowance::Articles(0) {
            all.push("Readers without an account meet a wall at every metered article.");
        }
        if !metered {
            all.push("No article is metered, so the allowances say nothing.");
        }
        all
    }

    fn rule_warnings(&self, index: usize, known: &PolicyNames<'_>) -> Vec<String> {
        let (mut all, number) = (Vec::new(), index + 1);
        let Some((rule, earlier)) = self.rules[..number].split_last() else { return all };
        if let Some(section) = rule.section.as_ref().filter(|s| !has(known.sections, s)) {
            all.push(format!("Rule {number} is for the section “{section}”, and there is none."));
        }
        if rule.younger_than.zip(rule.older_than).is_some_and(|(to, from)| to <= from) {
            all.push(format!(
                "Rule {number} matches nothing: no article is older and younger than that."
            ));
        }
        if let Some(before) = earlier.iter().position(|earlier| earlier.covers(rule)) {
            let before = before + 1;
            all.push(format!(
                "Rule {number} never matters: rule {before} comes first and matches all of it."
            ));
        }
        all
    }

    fn tier_warnings(&self, known: &PolicyNames<'_>) -> Vec<String> {
        let (mut all, mut sold) = (Vec::new(), false);
        for tier in self.rules.iter().map(|rule| &rule.tier).chain([&self.default_tier]) {
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

impl Rule {
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

fn has(all: &[(String, String)], slug: &str) -> bool {
    all.iter().any(|(known, _)| known == slug)
}

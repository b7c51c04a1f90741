//! Likely mistakes in a policy.

use crate::{
    allowance::Allowance,
    policy::Policy,
    tier::{Rule, Tier},
};

/// The display names of a publication's sections and products, as pairs of slug and name.
#[derive(Clone, Copy, Debug, Default)]
pub struct PolicyNames<'a> {
    /// The sections.
    pub sections: &'a [(String, String)],
    /// The products.
    pub products: &'a [(String, String)],
}

/// Settings that are contradictory or probably unintended. Rules are numbered from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyWarning {
    /// Readers with an account may read less than those without.
    #[error("Readers with an account can read less than those without, so nobody would register.")]
    RegisteredReadLess,
    /// Readers with an account may read as much as those without.
    #[error("An account opens no more articles, so there is no reason to register.")]
    NoReasonToRegister,
    /// Readers without an account read without a limit.
    #[error(
        "Readers without an account can read any number of articles, so nobody ever meets the meter."
    )]
    NobodyMeetsMeter,
    /// Readers without an account may read no metered article.
    #[error("Readers without an account see a paywall at every metered article.")]
    WallAtEveryArticle,
    /// No article is metered.
    #[error("No article is metered, so the numbers of free articles have no effect.")]
    NothingMetered,
    /// A rule is for a section that does not exist.
    #[error("Rule {rule} is for the section “{section}”, which does not exist.")]
    UnknownSection {
        /// The rule.
        rule: usize,
        /// The section.
        section: String,
    },
    /// A rule matches no article, because of its ages.
    #[error("Rule {rule} never applies: no article is both older and newer than that.")]
    MatchesNothing {
        /// The rule.
        rule: usize,
    },
    /// A rule matches only what an earlier one matches.
    #[error(
        "Rule {rule} never applies: rule {earlier} comes first and matches everything it does."
    )]
    Covered {
        /// The rule.
        rule: usize,
        /// The earlier one.
        earlier: usize,
    },
    /// Articles are for subscribers of a product that does not exist.
    #[error("There is no product “{0}”, so nobody could read the articles for its subscribers.")]
    UnknownProduct(String),
    /// Articles are for subscribers, and there are no products.
    #[error("Some articles are for subscribers, but there is nothing to subscribe to.")]
    NothingSold,
}

impl Policy {
    /// Points out settings that are contradictory or probably unintended.
    pub fn warnings(&self, known: &PolicyNames<'_>) -> Vec<PolicyWarning> {
        let mut all = self.allowance_warnings();
        for index in 0..self.rules.len() {
            all.extend(self.rule_warnings(index, known));
        }
        all.extend(self.tier_warnings(known));
        all
    }

    fn allowance_warnings(&self) -> Vec<PolicyWarning> {
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
            all.push(PolicyWarning::RegisteredReadLess);
        }
        if metered && anonymous == registered && anonymous != Allowance::Unlimited {
            all.push(PolicyWarning::NoReasonToRegister);
        }
        if metered && anonymous == Allowance::Unlimited {
            all.push(PolicyWarning::NobodyMeetsMeter);
        }
        if metered && anonymous == Allowance::Articles(0) {
            all.push(PolicyWarning::WallAtEveryArticle);
        }
        if !metered {
            all.push(PolicyWarning::NothingMetered);
        }
        all
    }

    fn rule_warnings(&self, index: usize, known: &PolicyNames<'_>) -> Vec<PolicyWarning> {
        let (mut all, number) = (Vec::new(), index + 1);
        let Some((rule, earlier)) = self.rules[..number].split_last() else { return all };
        if let Some(section) = rule.section.as_ref().filter(|s| !has(known.sections, s)) {
            let section = section.clone();
            all.push(PolicyWarning::UnknownSection { rule: number, section });
        }
        if rule.younger_than.zip(rule.older_than).is_some_and(|(to, from)| to <= from) {
            all.push(PolicyWarning::MatchesNothing { rule: number });
        }
        if let Some(before) = earlier.iter().position(|earlier| earlier.covers(rule)) {
            all.push(PolicyWarning::Covered { rule: number, earlier: before + 1 });
        }
        all
    }

    fn tier_warnings(&self, known: &PolicyNames<'_>) -> Vec<PolicyWarning> {
        let (mut all, mut sold) = (Vec::new(), false);
        for tier in self.rules.iter().map(|rule| &rule.tier).chain([&self.default_tier]) {
            match tier {
                Tier::Subscribers => sold = true,
                Tier::Product(names) => {
                    sold = true;
                    for name in names.iter().filter(|name| !has(known.products, name)) {
                        all.push(PolicyWarning::UnknownProduct(name.clone()));
                    }
                }
                Tier::Free | Tier::Metered | Tier::Registered => {}
            }
        }
        if sold && known.products.is_empty() {
            all.push(PolicyWarning::NothingSold);
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

#[cfg(test)]
mod tests;

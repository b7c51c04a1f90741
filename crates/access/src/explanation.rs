//! Describes a policy in plain sentences and points out likely mistakes in it.

mod warnings;

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
mod tests;

//! The form of the meter.

use jiff::SignedDuration;
use masthead_access::{
    Allowances, CrawlerAccess, Policy, Rule, Tier, Window, explanation::format_age,
};
use masthead_editorial::{TeaserLength, slug::slugify};
use masthead_settings::{MeterPart, PartSettings, duration};
use serde::Serialize;

use crate::form::{Button, Fields};

/// More rules than anybody can keep in mind.
const MAX_RULES: usize = 50;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct MeterForm {
    pub version: String,
    pub window: String,
    /// The length of a window of rolling days; empty for other windows.
    pub days: String,
    pub anonymous: String,
    pub registered: String,
    pub default_tier: String,
    pub teaser: String,
    pub crawlers: String,
    /// First reads per hour from one network; 0 for no limit.
    pub fresh_per_network: String,
    pub rules: Vec<RuleRow>,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct RuleRow {
    pub tier: String,
    pub section: String,
    pub topic: String,
    pub author: String,
    pub kind: String,
    pub older: String,
    pub younger: String,
}

impl MeterForm {
    pub fn of(policy: &Policy, teaser: TeaserLength) -> Self {
        let rule = |rule: &Rule| RuleRow {
            tier: rule.tier.to_string(),
            section: rule.section.clone().unwrap_or_default(),
            topic: rule.topic.clone().unwrap_or_default(),
            author: rule.author.clone().unwrap_or_default(),
            kind: rule.kind.clone().unwrap_or_default(),
            older: rule.older_than.map(format_age).unwrap_or_default(),
            younger: rule.younger_than.map(format_age).unwrap_or_default(),
        };
        let (window, days) = match policy.window {
            Window::Month => ("month", String::new()),
            Window::Week => ("week", String::new()),
            Window::Days(days) => ("days", days.to_string()),
        };
        Self {
            version: String::new(),
            window: window.to_owned(),
            days,
            anonymous: policy.allowances.anonymous.to_string(),
            registered: policy.allowances.registered.to_string(),
            default_tier: policy.default_tier.to_string(),
            teaser: teaser.to_string(),
            crawlers: match policy.crawlers {
                CrawlerAccess::Teasers => "teasers",
                CrawlerAccess::Metered => "metered",
            }
            .to_owned(),
            fresh_per_network: policy.first_reads_per_network.unwrap_or_default().to_string(),
            rules: policy.rules.iter().map(rule).collect(),
        }
    }

    pub fn sent(fields: &Fields) -> Self {
        let rule = |index: usize| {
            let text = |name: &str| fields.text(&format!("rule-{index}-{name}"));
            fields.has(&format!("rule-{index}-tier")).then(|| RuleRow {
                tier: text("tier"),
                section: text("section"),
                topic: slugify(&text("topic")),
                author: slugify(&text("author")),
                kind: text("kind"),
                older: text("older"),
                younger: text("younger"),
            })
        };
        Self {
            version: fields.text("version"),
            window: fields.text("window"),
            days: fields.text("days"),
            anonymous: fields.text("anonymous"),
            registered: fields.text("registered"),
            default_tier: fields.text("default_tier"),
            teaser: fields.text("teaser"),
            crawlers: fields.text("crawlers"),
            fresh_per_network: fields.text("fresh_per_network"),
            rules: (0..MAX_RULES).map_while(rule).collect(),
        }
    }

    pub fn rearrange(&mut self, button: &Button) {
        let metered = || RuleRow { tier: "metered".to_owned(), ..RuleRow::default() };
        button.rearrange(&mut self.rules, MAX_RULES, metered);
    }

    /// Whether both forms set the meter in the same way.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let without_version = |form: &Self| Self { version: String::new(), ..form.clone() };
        without_version(self) == without_version(other)
    }

    fn window_text(&self) -> String {
        if self.window == "days" { format!("days:{}", self.days) } else { self.window.clone() }
    }

    /// The policy of the form, with everything else as it was `before`, and the length of the teaser.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn policy(&self, before: &Policy) -> Result<(Policy, TeaserLength), String> {
        let window = self
            .window_text()
            .parse()
            .map_err(|_| "Write the days of the window as a number from 1 to 366.".to_owned())?;
        let allowance = |text: &str, of: &str| {
            text.parse()
                .map_err(|error: masthead_access::ParseAllowanceError| format!("{of}: {error}."))
        };
        let teaser = self.teaser.parse().map_err(|_| {
            "Write the beginning that everybody sees as paragraphs:2 or words:120.".to_owned()
        })?;
        let rules = self.rules.iter().enumerate().map(|(index, rule)| rule.rule(index + 1));
        let policy = Policy {
            window,
            allowances: Allowances {
                anonymous: allowance(&self.anonymous, "Readers without an account")?,
                registered: allowance(&self.registered, "Registered readers")?,
            },
            rules: rules.collect::<Result<_, _>>()?,
            default_tier: tier(&self.default_tier, "All other articles")?,
            crawlers: match self.crawlers.as_str() {
                "teasers" => CrawlerAccess::Teasers,
                "metered" => CrawlerAccess::Metered,
                _ => before.crawlers,
            },
            first_reads_per_network: self.first_reads(before)?,
            ..before.clone()
        };
        Ok((policy, teaser))
    }

    fn first_reads(&self, before: &Policy) -> Result<Option<u32>, String> {
        match self.fresh_per_network.as_str() {
            "" => Ok(before.first_reads_per_network),
            number => match number.parse() {
                Ok(0) => Ok(None),
                Ok(number) => Ok(Some(number)),
                Err(_) => {
                    Err("Write the new devices from one network as a whole number, or 0 for \
                               no limit."
                        .to_owned())
                }
            },
        }
    }

    /// The settings of the form, with everything else as it was `before`.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn settings(&self, before: &Policy) -> Result<PartSettings, String> {
        let (policy, teaser) = self.policy(before)?;
        Ok(PartSettings::Meter(MeterPart::new(&policy, teaser)))
    }
}

impl RuleRow {
    fn rule(&self, number: usize) -> Result<Rule, String> {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        let age = |text: &str| match text {
            "" => Ok(None),
            text => parse_age(text).map(Some).ok_or_else(|| {
                format!("Rule {number}: “{text}” is no age. Write one such as 24 hours or 7 days.")
            }),
        };
        Ok(Rule {
            tier: tier(&self.tier, &format!("Rule {number}"))?,
            section: some(&self.section),
            topic: some(&self.topic),
            author: some(&self.author),
            kind: some(&self.kind),
            younger_than: age(&self.younger)?,
            older_than: age(&self.older)?,
        })
    }
}

/// Parses a length of time such as `14 days`. Returns `None` if `text` is not one, or is zero.
pub(crate) fn parse_age(text: &str) -> Option<SignedDuration> {
    duration::parse(text).ok().filter(|age| !age.is_zero())
}

fn tier(text: &str, of: &str) -> Result<Tier, String> {
    text.parse().map_err(|error: masthead_access::tier::ParseTierError| format!("{of}: {error}."))
}

#[cfg(test)]
mod tests {
    use masthead_access::Allowance;

    use super::*;

    fn policy() -> Policy {
        let mut policy = Policy::new(jiff::tz::TimeZone::UTC);
        policy.window = Window::Days(30);
        policy.first_reads_per_network = Some(50);
        policy.allowances.registered = Allowance::Unlimited;
        policy.rules = vec![Rule {
            section: Some("politics".to_owned()),
            older_than: Some(SignedDuration::from_hours(7 * 24)),
            younger_than: Some(SignedDuration::from_hours(2400)),
            ..Rule::everything(Tier::Subscribers)
        }];
        policy
    }

    #[test]
    fn a_policy_survives_the_form() {
        let form = MeterForm::of(&policy(), TeaserLength::Words(120));
        let (read, teaser) = form.policy(&Policy::new(jiff::tz::TimeZone::UTC)).expect("a policy");
        assert_eq!(format!("{read:?}"), format!("{:?}", policy()));
        assert_eq!(teaser, TeaserLength::Words(120));
        let settings = form.settings(&Policy::new(jiff::tz::TimeZone::UTC)).expect("settings");
        assert_eq!(
            settings.to_toml().expect("text"),
            "[meter]\nwindow = \"days:30\"\nanonymous = \"3\"\nregistered = \"unlimited\"\n\
             default_tier = \"metered\"\nteaser = \"words:120\"\ncrawlers = \"metered\"\n\
             first_reads_per_network = 50\n\n[[rules]]\n\
             tier = \"subscribers\"\nsection = \"politics\"\nolder_than = \"7 days\"\nyounger_than = \"100 days\"\n"
        );
    }

    #[test]
    fn mistakes_are_explained() {
        let good = MeterForm::of(&policy(), TeaserLength::Paragraphs(2));
        let fault = |change: &dyn Fn(&mut MeterForm)| {
            let mut form = good.clone();
            change(&mut form);
            form.settings(&policy()).expect_err("a fault")
        };
        assert!(fault(&|s| s.days = "400".into()).contains("1 to 366"));
        assert!(fault(&|s| s.anonymous = "three".into()).contains("a whole number such as 3"));
        assert!(fault(&|s| s.fresh_per_network = "many".into()).contains("0 for no limit"));
        assert!(fault(&|s| s.teaser = "2".into()).contains("paragraphs:2"));
        assert!(fault(&|s| s.rules[0].older = "old".into()).contains("Rule 1: “old” is no age"));
        assert!(fault(&|s| s.rules[0].tier = "gold".into()).contains("Rule 1: there is no tier"));
    }
}

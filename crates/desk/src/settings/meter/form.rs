//! The form of the meter.

use std::collections::HashMap;

use masthead_access::{Allowances, Policy, Rule, Tier, Window, explanation::format_age};
use masthead_editorial::{TeaserLength, slug::slugify};
use serde::Serialize;

use super::read_age;

/// More rules than anybody can keep in mind.
pub(super) const MOST_RULES: usize = 50;

/// What the form holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Sheet {
    pub version: String,
    pub window: String,
    /// The number of days, where the window is one of days.
    pub days: String,
    pub anonymous: String,
    pub registered: String,
    pub default_tier: String,
    pub teaser: String,
    pub crawlers: String,
    pub rules: Vec<RuleSheet>,
}

/// What it holds of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct RuleSheet {
    pub tier: String,
    pub section: String,
    pub topic: String,
    pub author: String,
    pub kind: String,
    pub older: String,
    pub younger: String,
}

impl Sheet {
    pub fn of(policy: &Policy, teaser: TeaserLength) -> Self {
        let rule = |rule: &Rule| RuleSheet {
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
                masthead_access::CrawlerAccess::Teasers => "teasers",
                masthead_access::CrawlerAccess::Metered => "metered",
            }
            .to_owned(),
            rules: policy.rules.iter().map(rule).collect(),
        }
    }

    pub fn sent(sent: &HashMap<String, String>) -> Self {
        let get =
            |name: &str| sent.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
        let rule = |index: usize| {
            let get = |name: &str| get(&format!("rule-{index}-{name}"));
            sent.contains_key(&format!("rule-{index}-tier")).then(|| RuleSheet {
                tier: get("tier"),
                section: get("section"),
                topic: slugify(&get("topic")),
                author: slugify(&get("author")),
                kind: get("kind"),
                older: get("older"),
                younger: get("younger"),
            })
        };
        Self {
            version: get("version"),
            window: get("window"),
            days: get("days"),
            anonymous: get("anonymous"),
            registered: get("registered"),
            default_tier: get("default_tier"),
            teaser: get("teaser"),
            crawlers: get("crawlers"),
            rules: (0..MOST_RULES).map_while(rule).collect(),
        }
    }

    fn window_text(&self) -> String {
        if self.window == "days" { format!("days:{}", self.days) } else { self.window.clone() }
    }

    /// What it says; or what to mend.
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
            ..before.clone()
        };
        Ok((policy, teaser))
    }

    /// It in the words of the configuration file.
    pub fn text(&self) -> Result<String, String> {
        #[derive(Serialize)]
        struct File<'a> {
            meter: Meter<'a>,
            rules: Vec<Written<'a>>,
        }
        #[derive(Serialize)]
        struct Meter<'a> {
            window: String,
            anonymous: &'a str,
            registered: &'a str,
            default_tier: &'a str,
            teaser: &'a str,
            #[serde(skip_serializing_if = "str::is_empty")]
            crawlers: &'a str,
        }
        #[derive(Serialize)]
        struct Written<'a> {
            tier: &'a str,
            #[serde(skip_serializing_if = "str::is_empty")]
            section: &'a str,
            #[serde(skip_serializing_if = "str::is_empty")]
            topic: &'a str,
            #[serde(skip_serializing_if = "str::is_empty")]
            author: &'a str,
            #[serde(skip_serializing_if = "str::is_empty")]
            kind: &'a str,
            #[serde(skip_serializing_if = "str::is_empty")]
            older_than: &'a str,
            #[serde(skip_serializing_if = "str::is_empty")]
            younger_than: &'a str,
        }
        fn rule(rule: &RuleSheet) -> Written<'_> {
            let RuleSheet { tier, section, topic, author, kind, older, younger } = rule;
            Written { tier, section, topic, author, kind, older_than: older, younger_than: younger }
        }
        self.policy(&Policy::new(jiff::tz::TimeZone::UTC))?;
        let file = File {
            meter: Meter {
                window: self.window_text(),
                anonymous: &self.anonymous,
                registered: &self.registered,
                default_tier: &self.default_tier,
                teaser: &self.teaser,
                crawlers: &self.crawlers,
            },
            rules: self.rules.iter().map(rule).collect(),
        };
        toml::to_string(&file).map_err(|error| error.to_string())
    }
}

impl RuleSheet {
    fn rule(&self, number: usize) -> Result<Rule, String> {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        let age = |text: &str| match text {
            "" => Ok(None),
            text => read_age(text).map(Some).ok_or_else(|| {
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

fn tier(text: &str, of: &str) -> Result<Tier, String> {
    text.parse().map_err(|error: masthead_access::tier::ParseTierError| format!("{of}: {error}."))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use masthead_access::Allowance;

    use super::*;

    fn policy() -> Policy {
        let mut policy = Policy::new(jiff::tz::TimeZone::UTC);
        policy.window = Window::Days(30);
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
    fn a_policy_goes_to_the_form_and_back() {
        let sheet = Sheet::of(&policy(), TeaserLength::Words(120));
        let (read, teaser) = sheet.policy(&Policy::new(jiff::tz::TimeZone::UTC)).expect("a policy");
        assert_eq!(format!("{read:?}"), format!("{:?}", policy()));
        assert_eq!(teaser, TeaserLength::Words(120));
        assert_eq!(
            sheet.text().expect("text"),
            "[meter]\nwindow = \"days:30\"\nanonymous = \"3\"\nregistered = \"unlimited\"\n\
             default_tier = \"metered\"\nteaser = \"words:120\"\ncrawlers = \"metered\"\n\n[[rules]]\n\
             tier = \"subscribers\"\nsection = \"politics\"\nolder_than = \"7 days\"\nyounger_than = \"100 days\"\n"
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        let good = Sheet::of(&policy(), TeaserLength::Paragraphs(2));
        let fault = |change: &dyn Fn(&mut Sheet)| {
            let mut sheet = good.clone();
            change(&mut sheet);
            sheet.text().expect_err("a fault")
        };
        assert!(fault(&|s| s.days = "400".into()).contains("1 to 366"));
        assert!(fault(&|s| s.anonymous = "three".into()).contains("a whole number such as 3"));
        assert!(fault(&|s| s.teaser = "2".into()).contains("paragraphs:2"));
        assert!(fault(&|s| s.rules[0].older = "old".into()).contains("Rule 1: “old” is no age"));
        assert!(fault(&|s| s.rules[0].tier = "gold".into()).contains("Rule 1: there is no tier"));
    }
}

//! The form of the meter.

use masthead_access::{Allowances, Policy, Rule, Tier, Window, explanation::format_age};
use masthead_editorial::{TeaserLength, slug::slugify};
use serde::Serialize;

use jiff::SignedDuration;

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
                masthead_access::CrawlerAccess::Teasers => "teasers",
                masthead_access::CrawlerAccess::Metered => "metered",
            }
            .to_owned(),
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
            ..before.clone()
        };
        Ok((policy, teaser))
    }

    /// The meter in the format of the configuration file.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn to_toml(&self) -> Result<String, String> {
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
        fn rule(rule: &RuleRow) -> Written<'_> {
            let RuleRow { tier, section, topic, author, kind, older, younger } = rule;
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

/// Reads a length of time such as `14 days`, with days of 24 hours. Returns `None` if `text` is not one, or not positive.
pub(crate) fn parse_age(text: &str) -> Option<SignedDuration> {
    let span: jiff::Span = text.parse().ok()?;
    let age = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    (age > SignedDuration::ZERO).then_some(age)
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
        assert_eq!(
            form.to_toml().expect("text"),
            "[meter]\nwindow = \"days:30\"\nanonymous = \"3\"\nregistered = \"unlimited\"\n\
             default_tier = \"metered\"\nteaser = \"words:120\"\ncrawlers = \"metered\"\n\n[[rules]]\n\
             tier = \"subscribers\"\nsection = \"politics\"\nolder_than = \"7 days\"\nyounger_than = \"100 days\"\n"
        );
    }

    #[test]
    fn mistakes_are_explained() {
        let good = MeterForm::of(&policy(), TeaserLength::Paragraphs(2));
        let fault = |change: &dyn Fn(&mut MeterForm)| {
            let mut form = good.clone();
            change(&mut form);
            form.to_toml().expect_err("a fault")
        };
        assert!(fault(&|s| s.days = "400".into()).contains("1 to 366"));
        assert!(fault(&|s| s.anonymous = "three".into()).contains("a whole number such as 3"));
        assert!(fault(&|s| s.teaser = "2".into()).contains("paragraphs:2"));
        assert!(fault(&|s| s.rules[0].older = "old".into()).contains("Rule 1: “old” is no age"));
        assert!(fault(&|s| s.rules[0].tier = "gold".into()).contains("Rule 1: there is no tier"));
    }
}

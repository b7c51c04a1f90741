//! The form of the meter.

use jiff::SignedDuration;
use masthead_access::{
    Allowance, Allowances, CrawlerAccess, ParseAllowanceError, Policy, Rule, Window,
};
use masthead_editorial::{TeaserLength, is_same_name};
use masthead_publication::SiteSnapshot;
use masthead_settings::{
    MeterPart, PartSettings,
    duration::{self, format_age},
};
use serde::Serialize;

use crate::{
    form::{Button, Fields},
    settings::entry,
    words::DeskWords,
};

/// More rules than anybody can keep in mind.
const MAX_RULES: usize = 50;
/// The units of the length of a teaser.
const PARAGRAPHS: &str = "paragraphs";
const WORDS: &str = "words";

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
    /// The number of paragraphs or words.
    pub teaser: String,
    pub teaser_unit: String,
    pub crawlers: String,
    /// First reads per hour from one network; 0 for no limit.
    pub first_reads_per_network: String,
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
    pub fn of(policy: &Policy, teaser: TeaserLength, words: DeskWords) -> Self {
        let age = |age| entry::length_in_words(&format_age(age), words);
        let rule = |rule: &Rule| RuleRow {
            tier: rule.tier.to_string(),
            section: rule.section.clone().unwrap_or_default(),
            topic: rule.topic.clone().unwrap_or_default(),
            author: rule.author.clone().unwrap_or_default(),
            kind: rule.kind.clone().unwrap_or_default(),
            older: rule.older_than.map(age).unwrap_or_default(),
            younger: rule.younger_than.map(age).unwrap_or_default(),
        };
        let (window, days) = match policy.window {
            Window::Month => ("month", String::new()),
            Window::Week => ("week", String::new()),
            Window::Days(days) => ("days", days.to_string()),
        };
        let (teaser, unit) = match teaser {
            TeaserLength::Paragraphs(number) => (number, PARAGRAPHS),
            TeaserLength::Words(number) => (number, WORDS),
        };
        Self {
            version: String::new(),
            window: window.to_owned(),
            days,
            anonymous: entry::allowance_in_words(policy.allowances.anonymous, words),
            registered: entry::allowance_in_words(policy.allowances.registered, words),
            default_tier: policy.default_tier.to_string(),
            teaser: teaser.to_string(),
            teaser_unit: unit.to_owned(),
            crawlers: match policy.crawlers {
                CrawlerAccess::Teasers => "teasers",
                CrawlerAccess::Metered => "metered",
            }
            .to_owned(),
            first_reads_per_network: policy.first_reads_per_network.unwrap_or_default().to_string(),
            rules: policy.rules.iter().map(rule).collect(),
        }
    }

    pub fn sent(fields: &Fields, snapshot: &SiteSnapshot) -> Self {
        let rule = |index: usize| {
            let text = |name: &str| fields.text(&format!("rule-{index}-{name}"));
            fields.has(&format!("rule-{index}-tier")).then(|| RuleRow {
                tier: text("tier"),
                section: text("section"),
                topic: topic_slug(&text("topic"), snapshot),
                author: author_slug(&text("author"), snapshot),
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
            teaser_unit: fields.text("teaser_unit"),
            crawlers: fields.text("crawlers"),
            first_reads_per_network: fields.text("first_reads_per_network"),
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
    pub fn policy(
        &self,
        before: &Policy,
        words: DeskWords,
    ) -> Result<(Policy, TeaserLength), String> {
        let window =
            self.window_text().parse().map_err(|_| words.text("meter_fault_days").to_owned())?;
        let rules = self.rules.iter().enumerate().map(|(index, rule)| rule.rule(index + 1, words));
        let no_default = |_| words.text("meter_fault_default").to_owned();
        let policy = Policy {
            window,
            allowances: Allowances {
                anonymous: self.anonymous(words)?,
                registered: self.registered(words)?,
            },
            rules: rules.collect::<Result<_, _>>()?,
            default_tier: self.default_tier.parse().map_err(no_default)?,
            crawlers: match self.crawlers.as_str() {
                "teasers" => CrawlerAccess::Teasers,
                "metered" => CrawlerAccess::Metered,
                _ => before.crawlers,
            },
            first_reads_per_network: self.first_reads(before, words)?,
            ..before.clone()
        };
        Ok((policy, self.teaser_length(words)?))
    }

    fn teaser_length(&self, words: DeskWords) -> Result<TeaserLength, String> {
        let number =
            self.teaser.parse().map_err(|_| words.text("meter_fault_teaser").to_owned())?;
        Ok(match self.teaser_unit.as_str() {
            WORDS => TeaserLength::Words(number),
            _ => TeaserLength::Paragraphs(number),
        })
    }

    fn anonymous(&self, words: DeskWords) -> Result<Allowance, String> {
        entry::allowance(&self.anonymous, words).map_err(|error| match error {
            ParseAllowanceError::NotANumber(_) => words.text("meter_fault_anonymous").to_owned(),
            ParseAllowanceError::TooLarge => {
                words.fill("meter_fault_anonymous_most", &[("most", &Allowance::MAX)])
            }
        })
    }

    fn registered(&self, words: DeskWords) -> Result<Allowance, String> {
        entry::allowance(&self.registered, words).map_err(|error| match error {
            ParseAllowanceError::NotANumber(_) => words.text("meter_fault_registered").to_owned(),
            ParseAllowanceError::TooLarge => {
                words.fill("meter_fault_registered_most", &[("most", &Allowance::MAX)])
            }
        })
    }

    fn first_reads(&self, before: &Policy, words: DeskWords) -> Result<Option<u32>, String> {
        match self.first_reads_per_network.as_str() {
            "" => Ok(before.first_reads_per_network),
            number => match number.parse() {
                Ok(0) => Ok(None),
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(words.text("meter_fault_network").to_owned()),
            },
        }
    }

    /// The settings of the form, with everything else as it was `before`.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn settings(&self, before: &Policy, words: DeskWords) -> Result<PartSettings, String> {
        let (policy, teaser) = self.policy(before, words)?;
        Ok(PartSettings::Meter(MeterPart::new(&policy, teaser)))
    }
}

impl RuleRow {
    fn rule(&self, number: usize, words: DeskWords) -> Result<Rule, String> {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        let age = |text: &str| match text {
            "" => Ok(None),
            text => parse_age(text, words).map(Some).ok_or_else(|| {
                words.fill("meter_fault_age", &[("number", &number), ("text", &text)])
            }),
        };
        let no_access = |_| words.fill("meter_fault_access", &[("number", &number)]);
        Ok(Rule {
            tier: self.tier.parse().map_err(no_access)?,
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
pub(crate) fn parse_age(text: &str, words: DeskWords) -> Option<SignedDuration> {
    duration::parse(&entry::length_setting(text, words)).ok().filter(|age| !age.is_zero())
}

/// The topic that was entered by its slug or its name.
fn topic_slug(text: &str, snapshot: &SiteSnapshot) -> String {
    if text.is_empty() {
        return String::new();
    }
    let topics = snapshot.edition.topics(usize::MAX);
    // Of several whose names are alike in Latin letters, the name says which it is.
    let known = topics
        .iter()
        .find(|topic| topic.slug == text)
        .or_else(|| topics.iter().find(|topic| topic.name == text))
        .or_else(|| topics.iter().find(|topic| is_same_name(&topic.name, text)));
    known.map_or_else(|| new_slug(text, snapshot), |topic| topic.slug.clone())
}

/// The author who was entered by their slug or their name.
fn author_slug(text: &str, snapshot: &SiteSnapshot) -> String {
    if text.is_empty() || snapshot.edition.author(text).is_some() {
        return text.to_owned();
    }
    let slug = new_slug(text, snapshot);
    let mut named = snapshot.edition.authors_called(text);
    // Two people may have one name.
    if named.contains(&slug) { slug } else { named.pop().unwrap_or(slug) }
}

/// The slug that articles will make from a name. A text of which no slug can be made stays, so that its rule matches nothing: one
/// without a topic or an author would match all articles.
fn new_slug(text: &str, snapshot: &SiteSnapshot) -> String {
    let slug = snapshot.publication.slugs.slugify(text);
    if slug.is_empty() { text.to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use masthead_access::Tier;

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
        let before = Policy::new(jiff::tz::TimeZone::UTC);
        for words in DeskWords::all() {
            let form = MeterForm::of(&policy(), TeaserLength::Words(120), words);
            let (read, teaser) = form.policy(&before, words).expect("a policy");
            assert_eq!(format!("{read:?}"), format!("{:?}", policy()));
            assert_eq!(teaser, TeaserLength::Words(120));
        }
        let words = DeskWords::default();
        let form = MeterForm::of(&policy(), TeaserLength::Words(120), words);
        let settings = form.settings(&before, words).expect("settings");
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
        let good = MeterForm::of(&policy(), TeaserLength::Paragraphs(2), DeskWords::default());
        let fault = |change: &dyn Fn(&mut MeterForm)| {
            let mut form = good.clone();
            change(&mut form);
            form.settings(&policy(), DeskWords::default()).expect_err("a fault")
        };
        assert!(fault(&|s| s.days = "400".into()).contains("1 to 366"));
        assert!(fault(&|s| s.anonymous = "three".into()).contains("a whole number such as 3"));
        assert!(fault(&|s| s.first_reads_per_network = "many".into()).contains("0 for no limit"));
        assert!(fault(&|s| s.teaser = "two".into()).contains("teaser length"));
        assert!(
            fault(&|s| s.rules[0].older = "old".into()).contains("Rule 1: “old” is not a length")
        );
        assert!(
            fault(&|s| s.rules[0].tier = "gold".into()).contains("Rule 1: choose who has access")
        );
    }
}

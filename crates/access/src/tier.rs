//! Tiers, and the rules that assign them to articles.
//!
//! To add a condition: add a field to [`Rule`], test it in [`Rule::matches`], and describe it in
//! its `Display`, which staff read in traces.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp};

use crate::article::Article;

/// Which readers an article is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Everyone. Reading it is not counted.
    Free,
    /// Everyone, within the meter. This is the default tier.
    Metered,
    /// Signed-in readers.
    Registered,
    /// Readers with full access.
    Subscribers,
    /// Readers who have at least one of the named products.
    Product(Vec<String>),
}

/// The error for a text that is not a tier.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "there is no tier \"{0}\"; use free, metered, registered, subscribers, or product:NAME for the holders of a product"
)]
pub struct ParseTierError(String);

impl FromStr for Tier {
    type Err = ParseTierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "free" => Ok(Self::Free),
            "metered" => Ok(Self::Metered),
            "registered" => Ok(Self::Registered),
            "subscribers" => Ok(Self::Subscribers),
            other => match other.strip_prefix("product:") {
                Some(names) if !names.trim().is_empty() => {
                    Ok(Self::Product(names.split(',').map(|name| name.trim().to_owned()).collect()))
                }
                _ => Err(ParseTierError(other.to_owned())),
            },
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("free"),
            Self::Metered => f.write_str("metered"),
            Self::Registered => f.write_str("registered"),
            Self::Subscribers => f.write_str("subscribers"),
            Self::Product(names) => write!(f, "product:{}", names.join(",")),
        }
    }
}

/// A rule of the publisher's policy: articles that meet all its conditions have this tier.
///
/// A rule without conditions matches every article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The tier that the rule assigns.
    pub tier: Tier,
    /// Only articles in this section (slug).
    pub section: Option<String>,
    /// Only articles with this topic (slug).
    pub topic: Option<String>,
    /// Only articles by this author (slug).
    pub author: Option<String>,
    /// Only articles of this content type.
    pub kind: Option<String>,
    /// Only articles younger than this.
    pub younger_than: Option<SignedDuration>,
    /// Only articles of at least this age.
    pub older_than: Option<SignedDuration>,
}

impl Rule {
    /// A rule without conditions that assigns `tier`. Set its fields to narrow it.
    pub fn everything(tier: Tier) -> Self {
        Self {
            tier,
            section: None,
            topic: None,
            author: None,
            kind: None,
            younger_than: None,
            older_than: None,
        }
    }

    /// Returns `true` if `article` meets every condition at `now`.
    pub fn matches(&self, article: &Article<'_>, now: Timestamp) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == found)
        };
        let has = |wanted: &Option<String>, found: &[std::sync::Arc<str>]| {
            wanted.as_deref().is_none_or(|wanted| found.iter().any(|found| &**found == wanted))
        };
        let age = now.duration_since(article.published);
        is(&self.section, article.section)
            && is(&self.kind, article.kind)
            && has(&self.topic, article.topics)
            && has(&self.author, article.authors)
            && self.younger_than.is_none_or(|limit| age < limit)
            && self.older_than.is_none_or(|limit| age >= limit)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [
            ("section", &self.section),
            ("topic", &self.topic),
            ("author", &self.author),
            ("kind", &self.kind),
        ];
        let mut conditions: Vec<String> = named
            .into_iter()
            .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name} {value}")))
            .collect();
        if let Some(age) = self.younger_than {
            conditions.push(format!("younger than {age:#}"));
        }
        if let Some(age) = self.older_than {
            conditions.push(format!("at least {age:#} old"));
        }
        if conditions.is_empty() {
            conditions.push("everything".to_owned());
        }
        write!(f, "{}: {}", conditions.join(", "), self.tier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_round_trip_through_text() {
        for text in ["free", "metered", "registered", "subscribers", "product:crossword,archive"] {
            assert_eq!(text.parse::<Tier>().map(|tier| tier.to_string()), Ok(text.to_owned()));
        }
        assert!("product:".parse::<Tier>().is_err());
        assert!("paid".parse::<Tier>().is_err());
    }

    #[test]
    fn age_decides_to_the_second() {
        let published: Timestamp = "2026-03-01T00:00:00Z".parse().expect("a timestamp");
        let article = Article::plain(1, published);
        let mut first_day = Rule::everything(Tier::Free);
        first_day.younger_than = Some(SignedDuration::from_hours(24));
        let mut archive = Rule::everything(Tier::Subscribers);
        archive.older_than = Some(SignedDuration::from_hours(24));

        let last_second = published + SignedDuration::from_secs(86_399);
        let next_day = published + SignedDuration::from_hours(24);
        assert!(
            first_day.matches(&article, last_second) && !archive.matches(&article, last_second)
        );
        assert!(!first_day.matches(&article, next_day) && archive.matches(&article, next_day));
    }

    #[test]
    fn every_condition_must_match() {
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().expect("a timestamp");
        let topics = ["water".into()];
        let article = Article { section: "politics", topics: &topics, ..Article::plain(1, now) };
        let mut rule = Rule::everything(Tier::Subscribers);
        rule.section = Some("politics".into());
        assert!(rule.matches(&article, now));
        rule.topic = Some("rail".into());
        assert!(!rule.matches(&article, now));
        rule.topic = Some("water".into());
        assert!(rule.matches(&article, now));
        assert_eq!(rule.to_string(), "section politics, topic water: subscribers");
    }
}

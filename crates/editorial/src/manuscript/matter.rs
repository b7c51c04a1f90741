//! The front matter of a manuscript, and error messages about it.

use serde::Deserialize;

use crate::{
    piece::{Sponsor, Status},
    spelling::suggest,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrontMatter {
    #[serde(alias = "title", alias = "name")]
    pub headline: String,
    pub kind: Option<String>,
    pub design: Option<String>,
    pub slug: Option<String>,
    pub status: Option<Status>,
    pub section: Option<String>,
    #[serde(default)]
    pub kicker: String,
    #[serde(default)]
    pub deck: String,
    #[serde(default, alias = "author", deserialize_with = "one_or_many")]
    pub authors: Vec<String>,
    #[serde(default)]
    pub dateline: String,
    pub picture: Option<PictureMatter>,
    #[serde(default, alias = "tags", deserialize_with = "one_or_many")]
    pub topics: Vec<String>,
    pub tier: Option<String>,
    pub sponsor: Option<Sponsor>,
    #[serde(alias = "date")]
    pub published: Option<String>,
    pub updated: Option<String>,
    #[serde(default)]
    pub corrections: Vec<CorrectionMatter>,
    pub canonical: Option<String>,
    #[serde(default)]
    pub search_title: String,
    #[serde(default)]
    pub search_description: String,
    #[serde(default)]
    pub social_title: String,
    #[serde(default)]
    pub social_description: String,
    pub social_picture: Option<String>,
    #[serde(default)]
    pub noindex: bool,
    pub language: Option<String>,
    #[serde(default)]
    pub former_addresses: Vec<String>,
    #[serde(default)]
    pub role: String,
    pub portrait: Option<String>,
    #[serde(default)]
    pub desk: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PictureMatter {
    pub file: String,
    pub alt: String,
    #[serde(default)]
    pub caption: String,
    #[serde(default)]
    pub credit: String,
    /// The focal point, in percent from the left and from the top.
    pub focus: Option<Vec<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CorrectionMatter {
    pub date: String,
    pub text: String,
}

/// Deserializes one name or a list of names.
fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Names {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Names::deserialize(from)? {
        Names::One(name) => vec![name],
        Names::Many(names) => names,
    })
}

/// The keys of front matter, for suggestions.
const KEYS: [&str; 29] = [
    "headline",
    "kind",
    "design",
    "slug",
    "status",
    "section",
    "kicker",
    "deck",
    "authors",
    "dateline",
    "picture",
    "topics",
    "tier",
    "sponsor",
    "published",
    "updated",
    "corrections",
    "canonical",
    "search_title",
    "search_description",
    "social_title",
    "social_description",
    "social_picture",
    "noindex",
    "language",
    "former_addresses",
    "role",
    "portrait",
    "desk",
];

/// Adds a suggestion to an error about an unknown key.
pub(super) fn explain(error: &str) -> String {
    let first = error.lines().next().unwrap_or(error);
    if first.contains("mapping values are not allowed") {
        return "the value probably has a colon and a space in it; put it in quotation marks, such as headline: \"A question: who pays?\""
            .to_owned();
    }
    let unknown = first.split('`').nth(1).filter(|_| first.contains("unknown field"));
    match unknown.map(|unknown| (unknown, suggest(unknown, KEYS.into_iter()))) {
        Some((unknown, Some(near))) => {
            format!("there is no key \"{unknown}\"; did you mean \"{near}\"?")
        }
        Some((unknown, None)) => {
            format!("there is no key \"{unknown}\"; there are {}", KEYS.join(", "))
        }
        None => first.to_owned(),
    }
}

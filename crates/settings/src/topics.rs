//! `[[topics]]`: what the publisher says about topics. A topic needs no entry: it is there once an article names it.

use masthead_editorial::{TopicStyle, slug::is_slug};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::values::such_as;

/// One of `[[topics]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicSettings {
    /// Its name in addresses, such as `night-trains` of `/topic/night-trains`.
    #[serde(deserialize_with = "topic_slug")]
    pub slug: String,
    /// A sentence about it.
    pub description: String,
}

impl From<&TopicSettings> for TopicStyle {
    fn from(topic: &TopicSettings) -> Self {
        let TopicSettings { slug, description } = topic.clone();
        Self { slug, description }
    }
}

fn topic_slug<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if is_slug(&text) {
        return Ok(text);
    }
    Err(D::Error::custom(format!(
        "\"{text}\" cannot be a topic's address; use lower-case letters, digits and hyphens{}",
        such_as(&text)
    )))
}

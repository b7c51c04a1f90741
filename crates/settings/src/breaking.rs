//! Breaking news. The desk sets it; the file has none.

use jiff::Timestamp;
use masthead_editorial::{BreakingNews, breaking::InvalidBreakingNews};
use serde::{Deserialize, Serialize};

/// What is shown at the top of every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakingSettings {
    /// What has happened.
    pub text: String,
    /// Where it leads: a path of the site, or an address with https; empty without a link.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link: String,
    /// When it disappears.
    pub until: Timestamp,
}

/// What the desk stores while there is breaking news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakingPart {
    /// The news.
    pub breaking: BreakingSettings,
}

impl From<&BreakingNews> for BreakingPart {
    fn from(news: &BreakingNews) -> Self {
        let BreakingNews { text, link, until } = news.clone();
        Self { breaking: BreakingSettings { text, link, until } }
    }
}

impl TryFrom<&BreakingSettings> for BreakingNews {
    type Error = InvalidBreakingNews;

    fn try_from(news: &BreakingSettings) -> Result<Self, InvalidBreakingNews> {
        Self::new(&news.text, &news.link, news.until)
    }
}

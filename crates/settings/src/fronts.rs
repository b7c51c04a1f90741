//! `[[fronts]]`: how the home page and the fronts of sections are arranged.

use masthead_editorial::{
    Front,
    fronts::{FrontBlock, FrontError, Pick},
};
use serde::{Deserialize, Serialize};

/// One of `[[fronts]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontSettings {
    /// Its address: `/` for the home page, or a section's, such as `/town`.
    pub page: String,
    /// The articles on top, the lead first, each by its address or a rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<String>,
    /// The lists below, in order, each by a rule, with its layout if one is chosen: `section:town as columns`. Only the
    /// home page has them.
    #[serde(default, alias = "shelves", skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<String>,
}

/// What the desk stores in place of all `[[fronts]]`. Without entries, every front arranges itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontsPart {
    /// The fronts that are arranged.
    pub fronts: Vec<FrontSettings>,
}

impl From<&[Front]> for FrontsPart {
    fn from(fronts: &[Front]) -> Self {
        Self { fronts: fronts.iter().map(FrontSettings::from).collect() }
    }
}

impl From<&Front> for FrontSettings {
    fn from(front: &Front) -> Self {
        let Front { page, top, lists } = front;
        Self {
            page: page.clone(),
            top: top.iter().map(Pick::to_string).collect(),
            lists: lists.iter().map(FrontBlock::to_string).collect(),
        }
    }
}

impl TryFrom<&FrontSettings> for Front {
    type Error = FrontError;

    fn try_from(front: &FrontSettings) -> Result<Self, FrontError> {
        let FrontSettings { page, top, lists } = front;
        Self::check(page, top.iter().map(String::as_str), lists.iter().map(String::as_str))
    }
}

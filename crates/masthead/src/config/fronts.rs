//! What the configuration says of fronts, or the desk in its place.

use masthead_editorial::{Front, fronts::FrontError};
use serde::Deserialize;
use serde_spanned::Spanned;

/// One front.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontConfig {
    page: String,
    #[serde(default)]
    top: Vec<String>,
    #[serde(default)]
    shelves: Vec<String>,
}

impl FrontConfig {
    /// It, where it can be arranged so.
    pub fn check(&self) -> Result<Front, FrontError> {
        let top = self.top.iter().map(String::as_str);
        Front::check(&self.page, top, self.shelves.iter().map(String::as_str))
    }
}

/// The fronts of the file; or where one is wrong, and why.
pub fn of_file(fronts: &[Spanned<FrontConfig>]) -> Result<Vec<Front>, (usize, String)> {
    let mut all: Vec<Front> = Vec::new();
    for front in fronts {
        let wrong = |reason| (front.span().start, reason);
        let checked = front.get_ref().check().map_err(|error| wrong(error.to_string()))?;
        if all.iter().any(|before| before.page == checked.page) {
            return Err(wrong(format!("there are two [[fronts]] for {}", checked.page)));
        }
        all.push(checked);
    }
    Ok(all)
}

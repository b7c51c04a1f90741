//! What the sources of strips say: a JSON list of short facts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use masthead_editorial::strip::{DataStrip, InvalidStripItem, StripItem};
use serde::Deserialize;

/// The maximum size of what a source says, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// What each source has said last.
pub type StripReadings = BTreeMap<String, StripReading>;

/// What a source has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripReading {
    /// The facts.
    pub items: Vec<StripItem>,
    /// How old they are: when the file was changed, or the server asked.
    pub at: Timestamp,
}

impl StripReading {
    /// Returns when it becomes stale for this strip.
    pub fn stale_at(&self, strip: &DataStrip) -> Timestamp {
        self.at.checked_add(strip.stale_after).unwrap_or(Timestamp::MAX)
    }
}

/// The error for data that no strip can show.
#[derive(Debug, thiserror::Error)]
pub enum StripDataError {
    /// It is too large.
    #[error("it is larger than {kilobytes} KB", kilobytes = MAX_BYTES / 1024)]
    Large,
    /// It is no list of facts.
    #[error(
        "it is no JSON list of facts, such as [{{\"label\": \"High water\", \"value\": \"06:12\"}}] ({0})"
    )]
    Json(#[from] serde_json::Error),
    /// It has too many facts.
    #[error("it has {0} facts, of {max} at most", max = StripItem::MAX_ITEMS)]
    Many(usize),
    /// A fact cannot be shown.
    #[error("fact {number}: {reason}")]
    Item {
        /// Its number, from 1.
        number: usize,
        /// Why.
        reason: InvalidStripItem,
    },
}

/// A fact as sources write it. Other keys are ignored, so that a source can serve others as well.
#[derive(Deserialize)]
struct RawItem {
    label: String,
    value: RawValue,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    link: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a value that is text or a number")]
enum RawValue {
    Text(String),
    Number(serde_json::Number),
}

/// Reads what a source says.
///
/// # Errors
///
/// Returns an error if it is too large, no JSON list, has too many facts, or one that cannot be shown.
pub fn parse(data: &[u8]) -> Result<Vec<StripItem>, StripDataError> {
    if data.len() > MAX_BYTES {
        return Err(StripDataError::Large);
    }
    let items: Vec<RawItem> = serde_json::from_slice(data)?;
    if items.len() > StripItem::MAX_ITEMS {
        return Err(StripDataError::Many(items.len()));
    }
    let check = |(index, item): (usize, RawItem)| {
        let value = match item.value {
            RawValue::Text(text) => text,
            RawValue::Number(number) => number.to_string(),
        };
        let (note, link) = (item.note.unwrap_or_default(), item.link.unwrap_or_default());
        StripItem::new(&item.label, &value, &note, &link)
            .map_err(|reason| StripDataError::Item { number: index + 1, reason })
    };
    items.into_iter().enumerate().map(check).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_and_other_keys_are_ignored() {
        let items = parse(
            br#"[{"label": "High water", "value": "06:12", "note": "4.1 m", "link": "/harbour", "station": 7},
            {"label": "Wind", "value": 5, "note": null}]"#,
        )
        .expect("facts");
        assert_eq!(items.len(), 2);
        assert_eq!((&*items[0].note, &*items[0].link), ("4.1 m", "/harbour"));
        assert_eq!((&*items[1].value, &*items[1].note), ("5", ""));
        assert_eq!(parse(b"[]").expect("none"), []);
    }

    #[test]
    fn data_that_cannot_be_shown_says_why() {
        let error = |data: &str| parse(data.as_bytes()).expect_err(data).to_string();
        let fact = r#"{"label": "A", "value": "1"}"#;
        assert!(error("<html>").contains("no JSON list"));
        assert!(error(fact).contains("no JSON list"));
        assert!(error(r#"[{"label": "A"}]"#).contains("missing field `value`"));
        assert!(error(&format!("[{}]", [fact; 9].join(","))).contains("9 facts, of 8 at most"));
        assert!(error(&format!("[{}{fact}]", " ".repeat(MAX_BYTES))).contains("larger than 64 KB"));
        let unsafe_link = r#"{"label": "A", "value": "1", "link": "javascript:alert(1)"}"#;
        assert!(error(&format!("[{fact}, {unsafe_link}]")).contains("fact 2: the link must be"));
        assert!(error(r#"[{"label": "", "value": "1"}]"#).contains("fact 1: the label must have"));
    }
}

//! Forms that staff send.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use http::StatusCode;
use masthead_editorial::live_post::LivePostText;
use masthead_web::form;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{error::DeskError, state::DeskState};

/// The characters of a form whose texts have no longer limit of their own, such as a list of fifty rules.
const CHARACTERS: usize = 10_000;
/// The characters of the longest form. It is also kept while somebody confirms who they are.
pub(crate) const MAX_CHARACTERS: usize = LivePostText::MAX_CHARACTERS;

/// The parsed form of a request, whose texts may have so many characters in all, within the limits of size and time in
/// [`masthead_web::form`]. `auth::require` has checked that it comes from a page of ours.
///
/// A form with long texts names the sum of their limits: `StaffForm<Fields, MAX_FORM>`. The texts of its page are in a test.
pub(crate) struct StaffForm<T, const MAX: usize = CHARACTERS>(pub T);

impl<T: DeserializeOwned + 'static, const MAX: usize> FromRequest<Arc<DeskState>>
    for StaffForm<T, MAX>
{
    type Rejection = DeskError;

    async fn from_request(request: Request, _: &Arc<DeskState>) -> Result<Self, DeskError> {
        const { assert!(MAX <= MAX_CHARACTERS, "MAX_CHARACTERS is that of the longest form") };
        Ok(Self(form::read_cross_site(request, MAX).await?))
    }
}

/// The fields of a form with a varying number of rows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The trimmed value of a field: empty if it was not sent, the last if it was sent several times.
    pub fn text(&self, name: &str) -> String {
        self.all(name).pop().unwrap_or_default()
    }

    /// All trimmed values of a field, in order.
    pub fn all(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(sent, _)| sent == name);
        values.map(|(_, value)| value.trim().to_owned()).collect()
    }

    /// Whether a field was sent.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(sent, _)| sent == name)
    }

    /// The button that was pressed.
    pub fn button(&self) -> Button {
        Button::named(&self.text("do"))
    }
}

/// The button of a form that was pressed: what it does and, for a row, which one. `up-3` moves row 3 up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Button {
    pub action: String,
    /// The target of the action: a row's number or a slug. Empty for most buttons.
    pub target: String,
}

impl Button {
    /// The button with this value. An empty value is that of the button that only looks.
    pub fn named(value: &str) -> Self {
        let value = if value.is_empty() { "look" } else { value };
        let (action, target) = value.split_once('-').unwrap_or((value, ""));
        Self { action: action.to_owned(), target: target.to_owned() }
    }

    /// Adds, moves or removes a row, if this button does that. A list never has more than `most` rows.
    pub fn rearrange<T>(&self, rows: &mut Vec<T>, most: usize, new: impl FnOnce() -> T) {
        let row = self.target.parse().unwrap_or(usize::MAX);
        match self.action.as_str() {
            "add" if rows.len() < most => rows.push(new()),
            "up" if (1..rows.len()).contains(&row) => rows.swap(row - 1, row),
            "remove" | "out" if row < rows.len() => {
                rows.remove(row);
            }
            _ => {}
        }
    }
}

/// The status of a form's page: 422 while there is something to correct.
pub(crate) fn form_status(fault: &str) -> StatusCode {
    if fault.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_rearrange_rows_within_bounds() {
        let pressed = |value: &str| {
            let mut rows = vec!['a', 'b', 'c'];
            Button::named(value).rearrange(&mut rows, 4, || 'n');
            rows.into_iter().collect::<String>()
        };
        assert_eq!(pressed("up-1"), "bac");
        assert_eq!(pressed("remove-2"), "ab");
        assert_eq!(pressed("out-0"), "bc");
        assert_eq!(pressed("add"), "abcn");
        for nothing in ["", "look", "up-0", "up-3", "up-x", "remove-3", "remove"] {
            assert_eq!(pressed(nothing), "abc", "{nothing}");
        }
        let mut full = vec![1];
        Button::named("add").rearrange(&mut full, 1, || 2);
        assert_eq!(full, [1]);
    }

    #[test]
    fn the_last_value_of_a_field_counts_and_all_can_be_read() {
        let fields: Fields = serde_urlencoded::from_str("a=1&b=+x+&a=2&do=up-3").expect("a form");
        assert_eq!(
            (fields.text("a"), fields.text("b"), fields.text("c")),
            ("2".into(), "x".into(), String::new())
        );
        assert_eq!(fields.all("a"), ["1", "2"]);
        assert!(fields.has("b") && !fields.has("c"));
        assert_eq!(fields.button(), Button { action: "up".into(), target: "3".into() });
    }
}

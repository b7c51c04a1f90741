//! The query for a preview: the article and the reader.

use jiff::Timestamp;
use masthead_circulation::{EmailAddress, History};
use masthead_publication::preview::{PreviewAs, SimulatedReader};
use serde::{Deserialize, Serialize};

use super::simulated::{MAX_READ, simulate};
use crate::{error::DeskError, state::DeskState, words::DeskWords};

/// Whose view is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A simulated reader.
    Simulated,
    /// A reader with an account.
    Account,
}

/// The query of the pages.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct ViewQuery {
    pub article: String,
    /// The name of a simulated reader.
    #[serde(rename = "as", skip_serializing_if = "String::is_empty")]
    pub standing: String,
    /// How many other articles they have read.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub read: String,
    /// `yes` if they have read this article before.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub again: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub product: String,
    /// The e-mail address of a reader with an account.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reader: String,
}

/// Why a view cannot be shown.
pub(crate) enum ViewError {
    /// What to correct in the query.
    Invalid(String),
    Failed(DeskError),
}

impl<E: Into<DeskError>> From<E> for ViewError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

fn invalid(text: impl Into<String>) -> ViewError {
    ViewError::Invalid(text.into())
}

impl ViewQuery {
    /// The address of the article.
    pub fn address(&self, site: &str) -> String {
        path(&self.article, site)
    }

    /// The reader of the preview.
    pub async fn viewer(
        &self,
        desk: &DeskState,
        subject: Subject,
        words: DeskWords,
    ) -> Result<PreviewAs, ViewError> {
        match subject {
            Subject::Simulated => {
                Ok(PreviewAs::SimulatedReader(self.simulated(desk.now(), words)?))
            }
            Subject::Account => {
                let email: EmailAddress =
                    self.reader.parse().map_err(|_| invalid(words.text("people_fault_email")))?;
                let account = desk.store.account_at(&email).await?;
                let account = account.ok_or_else(|| invalid(words.text("view_fault_reader")))?;
                Ok(PreviewAs::Account(account.id))
            }
        }
    }

    fn simulated(&self, now: Timestamp, words: DeskWords) -> Result<SimulatedReader, ViewError> {
        let read = self.read.trim();
        let read = if read.is_empty() { Some(0) } else { read.parse().ok() };
        let read = read
            .filter(|read| *read <= MAX_READ)
            .ok_or_else(|| invalid(words.fill("view_fault_read", &[("most", &MAX_READ)])))?;
        let mut reader = simulate(&self.standing, read, now)
            .ok_or_else(|| invalid(words.text("view_fault_standing")))?;
        reader.has_read_this = self.again == "yes";
        let holds = matches!(reader.history, History::InTrial | History::Live);
        if holds && !self.product.is_empty() {
            reader.products.push(self.product.clone());
        }
        Ok(reader)
    }
}

/// The path in what was typed or pasted: a whole address, or a path with or without its slash.
fn path(typed: &str, site: &str) -> String {
    let typed = typed.trim();
    let typed = typed.strip_prefix(site).unwrap_or(typed);
    let typed = typed.split(['?', '#']).next().unwrap_or_default();
    format!("/{}", typed.trim_start_matches('/').trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_found_by_any_form_of_its_address() {
        for typed in [
            "/town/bridge",
            "town/bridge",
            " /town/bridge/ ",
            "https://paper.example/town/bridge?x=1#top",
        ] {
            assert_eq!(path(typed, "https://paper.example"), "/town/bridge", "{typed:?}");
        }
        assert_eq!(path("", "https://paper.example"), "/");
    }
}

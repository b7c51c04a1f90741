//! The page of a form with which a part of the settings is changed.

use http::StatusCode;
use masthead_settings::SettingsPart;
use masthead_store::StoreError;
use serde::Serialize;

use super::{history::SettingsHistory, save::FormFault};
use crate::{form::form_status, state::DeskState, templates::Page, words::DeskWords};

/// What is on a settings page besides the versions of the part and the fault of the form.
pub(crate) trait SettingsContent: Serialize {
    /// The name of the template.
    const TEMPLATE: &'static str;

    /// The part that the page changes.
    const PART: SettingsPart;

    /// The field at which a fault of the whole form is shown; empty if it is shown above the form.
    const MAIN_FIELD: &'static str = "";
}

/// The context of a settings page.
#[derive(Default, Serialize)]
pub(crate) struct SettingsPage<T> {
    #[serde(flatten)]
    pub content: T,
    #[serde(flatten)]
    pub history: SettingsHistory,
    /// The field in which something is wrong.
    pub at: String,
    pub fault: String,
    /// Other fields in which something is wrong, and what.
    pub others: Vec<(String, String)>,
}

impl<T: SettingsContent> SettingsPage<T> {
    /// Loads the versions of the part. `seen` is the version that the content was made from, which must have been read
    /// before the content was.
    pub async fn load(
        desk: &DeskState,
        words: DeskWords,
        content: T,
        seen: &str,
        fault: Option<FormFault>,
    ) -> Result<Self, StoreError> {
        let FormFault { field, text: fault, others } = fault.unwrap_or_default();
        let others = others.into_iter().map(|fault| (fault.field, fault.text)).collect();
        let history = desk.settings_history(words, T::PART).await?;
        let version = seen.parse().unwrap_or_default();
        let at = if field.is_empty() { T::MAIN_FIELD.to_owned() } else { field };
        Ok(Self { content, history: SettingsHistory { version, ..history }, at, fault, others })
    }
}

impl<T: SettingsContent> Page for SettingsPage<T> {
    const TEMPLATE: &'static str = T::TEMPLATE;

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::settings::history::HistoryLine;

    impl<T: Default> SettingsPage<T> {
        /// A page with this content, a history and a fault.
        pub(crate) fn sample(content: T) -> Self {
            let line = HistoryLine {
                said: "Ada set it.".into(),
                changes: vec!["days: 3 → 5".into()],
                restored_at: "/desk/history/meter".into(),
                ..HistoryLine::default()
            };
            let history = vec![line];
            let history = SettingsHistory { set_here: true, history, ..SettingsHistory::default() };
            let others = vec![("lasts".into(), "Wrong".into())];
            Self { content, history, at: String::new(), fault: "Wrong".into(), others }
        }

        /// The pages of an entry of a list: an empty one, a new one, and one with a fault of its name.
        pub(crate) fn samples_of_entry(new: T, full: T) -> Vec<Self> {
            vec![
                Self::default(),
                Self { content: new, ..Self::default() },
                Self { at: "name".into(), ..Self::sample(full) },
            ]
        }
    }
}

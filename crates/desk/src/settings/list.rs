//! The page of a part that is a list, such as the offers: all entries and their order. Each entry has a page of its own.

use std::marker::PhantomData;

use masthead_store::StoreError;

use super::{
    page::{SettingsContent, SettingsPage},
    save::{FormFault, SettingsForm},
};
use crate::{
    error::Handled, form::Fields, staff::CurrentStaff, state::DeskState, words::DeskWords,
};

/// The content of the page of a list.
pub(crate) trait SettingsList: SettingsContent + Send {
    /// The address of the page. Forms of its entries lead back there.
    const ADDRESS: &'static str;

    /// Loads the list that is in force.
    fn load(
        desk: &DeskState,
        words: DeskWords,
    ) -> impl Future<Output = Result<Self, StoreError>> + Send
    where
        Self: Sized;
}

/// The form of a list: its order, and what else holds for all entries.
pub(crate) struct ListForm<L> {
    version: String,
    list: PhantomData<fn() -> L>,
}

impl<L: SettingsList> ListForm<L> {
    /// The form as it was sent.
    pub fn sent(fields: &Fields) -> Self {
        Self { version: fields.text("version"), list: PhantomData }
    }

    /// The page of the list.
    pub async fn page(desk: &DeskState, staff: &CurrentStaff) -> Handled {
        Self { version: String::new(), list: PhantomData }.show(desk, staff, None).await
    }
}

impl<L: SettingsList> SettingsForm for ListForm<L> {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        L::ADDRESS.to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        // The list is the current one, and so is its version. It is read first, so that it is never newer than the list.
        let version = desk.settings_version(L::PART).to_string();
        let list = L::load(desk, staff.words).await?;
        Ok(desk.page(staff, &SettingsPage::load(desk, staff.words, list, &version, fault).await?))
    }
}

/// Moves the entry that `is_moved` finds before the one above it.
pub(crate) fn move_up<T>(entries: &mut [T], is_moved: impl FnMut(&T) -> bool) {
    let index = entries.iter().position(is_moved);
    if let Some(index) = index.filter(|index| *index > 0) {
        entries.swap(index - 1, index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_entry_below_another_moves() {
        let mut entries = ["a", "b", "c"];
        for moved in ["a", "c", "unknown"] {
            move_up(&mut entries, |entry| *entry == moved);
        }
        assert_eq!(entries, ["a", "c", "b"]);
    }
}

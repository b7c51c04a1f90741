//! `/desk/history/{part}`: puts an earlier version of a part of the settings in force again.

use std::sync::Arc;

use axum::extract::State;
use http::Uri;
use masthead_settings::{PartChange, PartSettings, RetentionPart, SellerPart, SettingsPart};
use serde::Deserialize;

use super::retention;
use crate::{
    error::{ActionError, DeskError, Handled},
    form::StaffForm,
    http::see_other,
    notice::Notice,
    staff::CurrentStaff,
    state::DeskState,
};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RestoreVersionForm {
    /// The version that is in force.
    version: i32,
    /// The version to put in force again.
    wanted: i32,
}

/// The address that puts a version in force again; empty if versions of the part are never: an experiment that has ended
/// does not begin again, nor is old news breaking.
pub(super) fn restored_at(part: SettingsPart) -> String {
    match part {
        SettingsPart::Experiment | SettingsPart::Breaking => String::new(),
        SettingsPart::Meter
        | SettingsPart::Sections
        | SettingsPart::Fronts
        | SettingsPart::Products
        | SettingsPart::Offers
        | SettingsPart::Messages
        | SettingsPart::Appearance
        | SettingsPart::Menus
        | SettingsPart::Retention
        | SettingsPart::Backups
        | SettingsPart::Seller
        | SettingsPart::Publication => format!("/desk/history/{}", part.name()),
    }
}

/// `POST /desk/history/{part}`: saves the version once more, if the part is still what the person has seen.
pub(crate) async fn restore(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    address: Uri,
    StaffForm(form): StaffForm<RestoreVersionForm>,
) -> Handled {
    let name = address.path().rsplit('/').next().unwrap_or_default();
    let part: SettingsPart = name.parse().map_err(|_| Notice::NotRestored)?;
    let earlier = desk.store.setting_version(part.name(), form.wanted).await?;
    let earlier = earlier.filter(|setting| !setting.text.is_empty()).ok_or(Notice::NotRestored)?;
    let settings = PartSettings::from_toml(part, &earlier.text).map_err(|error| {
        tracing::warn!(%error, part = part.name(), version = form.wanted, "settings: not restored");
        Notice::NotRestored
    })?;
    if let PartSettings::Retention(RetentionPart { retention }) = settings {
        // It asks first if it deletes something.
        return retention::restore(&desk, &staff, retention, form.version).await;
    }
    if let PartSettings::Seller(SellerPart { payments }) = &settings
        && payments.transfer.is_empty()
        && desk.store.count_paid_by_invoice().await? > 0
    {
        // Its form asks first.
        return Err(Notice::NotRestored.into());
    }
    match desk.set(&staff, &PartChange::Set(settings), form.version).await {
        Ok(()) => Ok(see_other(&format!("/desk/{}", part.name()))),
        Err(ActionError::Rejected(_)) => Err(Notice::NotRestored.into()),
        Err(ActionError::Failed(error)) => Err(DeskError::failed("settings: restore", error)),
    }
}

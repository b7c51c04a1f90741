//! `/desk/retention`: how long what grows is kept. Before a period becomes shorter, the page says what will be deleted.

mod form;

use std::sync::Arc;

use axum::extract::State;
use masthead_publication::retention;
use masthead_settings::{PartChange, PartSettings, RetentionPart, RetentionSettings, SettingsPart};
use masthead_store::{MAX_COUNTED, PrunableRows, StoreError};
use serde::Serialize;

use self::form::RetentionForm;
use super::{
    page::{SettingsContent, SettingsPage},
    save::{FormFault, SettingsForm, save},
};
use crate::{
    error::Handled,
    form::{Button, StaffForm},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// The content of the page.
#[derive(Default, Serialize)]
struct RetentionContent {
    form: RetentionForm,
    rows: Vec<RetentionRow>,
    /// Whether something would be deleted that is not deleted yet.
    deletes: bool,
}

/// What is kept for a time.
#[derive(Default, Serialize)]
struct RetentionRow {
    /// The name of its field.
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    /// The number of days, as it was entered.
    days: String,
    /// What would be deleted, in words; empty if nothing.
    deleted: String,
}

impl SettingsContent for RetentionContent {
    const TEMPLATE: &'static str = "retention.html";
    const PART: SettingsPart = SettingsPart::Retention;
}

/// `GET /desk/retention`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    RetentionForm::in_force(&desk).show(&desk, &staff, None).await
}

/// `POST /desk/retention`: every button of the form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<RetentionForm>,
) -> Handled {
    let base = desk.settings_version(SettingsPart::Retention);
    let form = match Button::named(&form.button).action.as_str() {
        "save" => form,
        "default" => RetentionForm::of(RetentionSettings::default(), form.version),
        _ => return form.show(&desk, &staff, None).await,
    };
    put_in_force(&desk, &staff, form, base).await
}

/// Puts periods of an earlier version in force again, for somebody who has seen this version.
pub(super) async fn restore(
    desk: &DeskState,
    staff: &CurrentStaff,
    wanted: RetentionSettings,
    version: i32,
) -> Handled {
    let base = desk.settings_version(SettingsPart::Retention);
    put_in_force(desk, staff, RetentionForm::of(wanted, version.to_string()), base).await
}

/// Saves the periods of a form, unless they delete something that the person has not agreed to yet.
async fn put_in_force(
    desk: &DeskState,
    staff: &CurrentStaff,
    form: RetentionForm,
    base: i32,
) -> Handled {
    let wanted = match form.settings(staff.words) {
        Ok(wanted) => wanted,
        Err(fault) => return form.show(desk, staff, Some(fault)).await,
    };
    // The person who has agreed has seen the numbers.
    if !form.agrees_to(wanted) {
        let rows = deleted(desk, wanted).await?;
        if rows != PrunableRows::default() {
            let fault = FormFault::at("agreed", staff.words.text("retention_fault_agree"));
            return form.show_with(desk, staff, (wanted, rows), Some(fault)).await;
        }
    }
    let part = RetentionPart { retention: wanted };
    save(desk, staff, form, base, PartChange::Set(PartSettings::Retention(part))).await
}

/// How many rows would be deleted because a period is shorter than the one in force.
async fn deleted(desk: &DeskState, wanted: RetentionSettings) -> Result<PrunableRows, StoreError> {
    let shorter = form::shorter(desk.settings().retention, wanted);
    desk.store.prunable_rows(retention(shorter), desk.now()).await
}

impl SettingsForm for RetentionForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        "/desk/retention".to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let (wanted, wrong) = match self.settings(staff.words) {
            Ok(wanted) => (wanted, None),
            Err(fault) => (desk.settings().retention, Some(fault)),
        };
        let rows = deleted(desk, wanted).await?;
        self.show_with(desk, staff, (wanted, rows), fault.or(wrong)).await
    }
}

impl RetentionForm {
    /// The page with this form, and what the wanted periods would delete.
    async fn show_with(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        (wanted, rows): (RetentionSettings, PrunableRows),
        fault: Option<FormFault>,
    ) -> Handled {
        let (words, version) = (staff.words, self.version.clone());
        let content = RetentionContent {
            rows: rows_of(&self, rows, words),
            deletes: rows != PrunableRows::default(),
            form: RetentionForm { agreed: form::agreement(wanted), ..self },
        };
        Ok(desk.page(staff, &SettingsPage::load(desk, words, content, &version, fault).await?))
    }
}

fn rows_of(form: &RetentionForm, rows: PrunableRows, words: DeskWords) -> Vec<RetentionRow> {
    let row = |name, label, hint, days: &String, rows: u64| RetentionRow {
        name,
        label: words.text(label),
        hint: words.text(hint),
        days: days.clone(),
        deleted: match rows {
            0 => String::new(),
            more if more > MAX_COUNTED => words.count("retention_rows_more", MAX_COUNTED),
            _ => words.count("retention_rows", rows),
        },
    };
    vec![
        row(
            "revision_days",
            "retention_revisions",
            "retention_revisions_hint",
            &form.revision_days,
            rows.revisions,
        ),
        row(
            "hourly_count_days",
            "retention_hours",
            "retention_hours_hint",
            &form.hourly_count_days,
            rows.hourly_counts,
        ),
        row(
            "daily_count_days",
            "retention_days",
            "retention_days_hint",
            &form.daily_count_days,
            rows.daily_counts,
        ),
        row(
            "address_days",
            "retention_addresses",
            "retention_addresses_hint",
            &form.address_days,
            rows.delivery_addresses,
        ),
        row(
            "webhook_days",
            "retention_webhooks",
            "retention_webhooks_hint",
            &form.webhook_days,
            rows.webhooks,
        ),
        row(
            "audit_days",
            "retention_audit",
            "retention_audit_hint",
            &form.audit_days,
            rows.audit_log,
        ),
    ]
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<RetentionContent> {
        fn samples() -> Vec<Self> {
            let rows = PrunableRows { audit_log: 3, ..PrunableRows::default() };
            let form = RetentionForm::default();
            let full = RetentionContent {
                rows: rows_of(&form, rows, DeskWords::default()),
                deletes: true,
                form,
            };
            vec![Self::default(), Self { at: "audit_days".into(), ..Self::sample(full) }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<RetentionContent>>();
    }
}

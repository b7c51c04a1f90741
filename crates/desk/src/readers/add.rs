//! `/desk/readers/new`: adding a reader, with labels and a complimentary subscription if wanted. They are told by email, and sign
//! in with their address.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use masthead_billing::staff_actions::{Complimentary, EntryError};
use masthead_circulation::{EmailAddress, StaffActor};
use masthead_store::AddedReader;
use serde::{Deserialize, Serialize};

use super::{
    entry_fault::not_entered,
    label::{LabelFault, MAX_LABEL, parse_label},
    list::MAX_LABELS,
    page::reader_address,
    support_actions::end_of_last_day,
};
use crate::{
    error::{ActionError, DeskError, Handled},
    form::{StaffForm, form_status},
    http::see_other,
    in_force::pairs,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

/// The longest name, in characters.
pub(super) const MAX_NAME: usize = 100;

/// What is entered of a reader.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct AddForm {
    email: String,
    name: String,
    label: String,
    /// The slug of the price of a complimentary subscription; empty for none.
    price: String,
    /// Its last day; empty if it has no end.
    until: String,
}

#[derive(Default, Serialize)]
struct AddPage {
    form: AddForm,
    /// Slug and words.
    prices: Vec<(String, String)>,
    labels: Vec<String>,
    fault: String,
    /// The field that is wrong.
    at: &'static str,
}

impl Page for AddPage {
    const TEMPLATE: &'static str = "reader-new.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/readers/new`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    show(&desk, &staff, AddForm::default(), "", String::new()).await
}

/// `POST /desk/readers/new`
pub(crate) async fn add(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<AddForm>,
) -> Handled {
    let words = staff.words;
    let Ok(email) = form.email.trim().parse::<EmailAddress>() else {
        return show(&desk, &staff, form, "email", words.text("add_fault_email").to_owned()).await;
    };
    if !desk.snapshot().publication.can_write_to(&email) {
        let fault = words.text("email_fault_letters").to_owned();
        return show(&desk, &staff, form, "email", fault).await;
    }
    let name = form.name.trim();
    if name.chars().count() > MAX_NAME {
        let fault = words.fill("add_fault_name", &[("most", &MAX_NAME)]);
        return show(&desk, &staff, form, "name", fault).await;
    }
    let labels = match parse_label(&form.label) {
        Ok(label) => vec![label],
        Err(LabelFault::Empty) => Vec::new(),
        Err(LabelFault::TooLong) => {
            let fault = words.fill("label_fault_long", &[("most", &MAX_LABEL)]);
            return show(&desk, &staff, form, "label", fault).await;
        }
    };
    let zone = desk.publication().zone;
    let until = match end_of_last_day(form.until.trim(), desk.now(), &zone, words) {
        Ok(until) => until,
        Err(error) => return show(&desk, &staff, form, "until", error.to_string()).await,
    };
    let by = Some(staff.account.id);
    let new = AddedReader {
        email: &email,
        name,
        labels: &labels,
        note: "",
        unless_left: false,
        by,
        line: None,
    };
    let added = if form.price.is_empty() {
        desk.store.add_reader(&new, desk.now()).await?.ok_or(EntryError::HasLeft)
    } else {
        let actor = StaffActor { by, reason: words.text("add_reason").to_owned() };
        let given = Complimentary { price: &form.price, ends: until, is_announced: true };
        desk.billing.add_subscriber(&new, given, Some(actor)).await
    };
    match added.map_err(|error| not_entered(error, words)) {
        Ok(added) => Ok(see_other(&reader_address(added.account.id))),
        Err(error) => refused(&desk, &staff, form, error).await,
    }
}

/// The page, if the price was refused.
async fn refused(
    desk: &DeskState,
    staff: &CurrentStaff,
    form: AddForm,
    error: ActionError,
) -> Handled {
    match error {
        ActionError::Rejected(fault) => show(desk, staff, form, "price", fault).await,
        ActionError::Failed(error) => Err(DeskError::failed("readers: add", error)),
    }
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    form: AddForm,
    at: &'static str,
    fault: String,
) -> Handled {
    let prices = pairs(desk.snapshot().prices());
    let labels = desk.store.all_labels(MAX_LABELS).await?;
    Ok(desk.page(staff, &AddPage { form, prices, labels, fault, at }))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for AddPage {
        fn samples() -> Vec<Self> {
            let prices = vec![("web".into(), "The web".into())];
            let labels = vec!["school".into()];
            let full =
                Self { prices, labels, fault: "Wrong".into(), at: "email", ..Self::default() };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<AddPage>();
    }
}

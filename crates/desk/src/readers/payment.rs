//! `/desk/payments/{number}`: a payment whose account is deleted. Others are on the page of their reader.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use masthead_circulation::{Payment, PaymentNumber, StaffActor};
use serde::Serialize;

use super::{
    entry_fault::not_entered,
    page::{SupportForm, reader_address},
    payment_row::{PaymentRow, payment_row},
    support_actions::{keep_undecided, reason},
};
use crate::{
    error::{ActionError, DeskError, Handled},
    form::{StaffForm, form_status},
    http::see_other,
    notice::Notice,
    settings::entry,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

#[derive(Default, Serialize)]
struct PaymentPage {
    number: u32,
    payment: PaymentRow,
    form: SupportForm,
    fault: String,
}

impl Page for PaymentPage {
    const TEMPLATE: &'static str = "payment.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// The address of a payment's page: that of its reader, if there is one.
pub(crate) fn payment_address(payment: &Payment) -> String {
    match payment.account {
        Some(account) => format!("{}#payments", reader_address(account)),
        None => format!("/desk/payments/{}", payment.number),
    }
}

/// `GET /desk/payments/{number}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<String>,
) -> Handled {
    let payment = find(&desk, &number).await?;
    if payment.account.is_some() {
        return Ok(see_other(&payment_address(&payment)));
    }
    show(&desk, &staff, payment, SupportForm::default(), String::new()).await
}

/// `POST /desk/payments/{number}/refund`
pub(crate) async fn refund(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<String>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    let payment = find(&desk, &number).await?;
    let done = match actor(&staff, &form) {
        Ok(actor) => refund_part(&desk, &payment, &form.amount, (actor, staff.words)).await,
        Err(error) => Err(error),
    };
    answer(&desk, &staff, payment, form, done).await
}

/// `POST /desk/payments/{number}/keep`
pub(crate) async fn keep(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<String>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    let payment = find(&desk, &number).await?;
    let done = match actor(&staff, &form) {
        Ok(actor) => keep_undecided(&desk, &payment, &actor, staff.words).await,
        Err(error) => Err(error),
    };
    answer(&desk, &staff, payment, form, done).await
}

async fn refund_part(
    desk: &DeskState,
    payment: &Payment,
    amount: &str,
    (actor, words): (StaffActor, DeskWords),
) -> Result<(), ActionError> {
    let amount = entry::decimal(amount, words);
    let refunded = desk.billing.refund_number(payment.number, Some(&amount), actor).await;
    refunded.map_err(|error| not_entered(error, words))
}

fn actor(staff: &CurrentStaff, form: &SupportForm) -> Result<StaffActor, ActionError> {
    Ok(StaffActor { by: Some(staff.account.id), reason: reason(form, staff.words)? })
}

async fn find(desk: &DeskState, number: &str) -> Result<Payment, DeskError> {
    let number = number.parse().map(PaymentNumber).map_err(|_| Notice::NoPayment)?;
    Ok(desk.store.payment(number).await?.ok_or(Notice::NoPayment)?)
}

async fn answer(
    desk: &DeskState,
    staff: &CurrentStaff,
    payment: Payment,
    form: SupportForm,
    done: Result<(), ActionError>,
) -> Handled {
    match done {
        Ok(()) => Ok(see_other(&payment_address(&payment))),
        Err(ActionError::Rejected(fault)) => show(desk, staff, payment, form, fault).await,
        Err(ActionError::Failed(error)) => Err(DeskError::failed("payments: decision", error)),
    }
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    payment: Payment,
    form: SupportForm,
    fault: String,
) -> Handled {
    let zone = desk.publication().zone;
    let refunds = desk.store.refunds_of_payments(&[payment.number]).await?;
    let disputes = desk.store.disputes_of_payments(&[payment.number]).await?;
    let elsewhere = desk.store.refunds_elsewhere_of(&[payment.number]).await?;
    let number = payment.number.0;
    let payment = payment_row(payment, (&refunds, &elsewhere, &disputes), &zone, staff.words);
    Ok(desk.page(staff, &PaymentPage { number, payment, form, fault }))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for PaymentPage {
        fn samples() -> Vec<Self> {
            let payment = PaymentRow {
                refunded: "1.00 EUR".into(),
                refunded_elsewhere: "2.00 EUR".into(),
                refundable: "9.00".into(),
                undecided: true,
                ..PaymentRow::default()
            };
            vec![Self::default(), Self { payment, fault: "Wrong".into(), ..Self::default() }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<PaymentPage>();
    }
}

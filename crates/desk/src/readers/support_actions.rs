//! What staff do for a reader. Each action asks for a reason, which is kept in the audit log.

use std::sync::Arc;

use axum::extract::{Path, State};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use masthead_billing::staff_actions::PaidHow;
use masthead_circulation::{
    Account, Payment, PaymentNumber, StaffActor, SubscriptionId, end_of_day,
};

use super::{
    entry_fault::not_entered,
    page::{SupportForm, find_reader, reader_address, show},
};
use crate::{
    error::{ActionError, DeskError, Handled},
    form::StaffForm,
    http::see_other,
    notice::Notice,
    settings::entry,
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// The longest reason, in characters.
const MAX_REASON: usize = 500;
/// The longest name of one who withdraws, in characters.
const MAX_NAME: usize = 100;

enum SupportAction {
    ResetMeter,
    Cancel(SubscriptionId),
    Extend(SubscriptionId),
    Refund(PaymentNumber),
    KeepPayment(PaymentNumber),
    MarkPaid(SubscriptionId),
    EndComplimentary(SubscriptionId),
    Withdraw(SubscriptionId),
    ForgiveDebt(SubscriptionId),
    EndDisputed(SubscriptionId),
    Give,
}

/// The number of a reader, and of a subscription or payment of theirs.
type OfReader = (String, String);

/// `POST /desk/readers/{number}/meter`
pub(crate) async fn reset_meter(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<String>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    run(&desk, &staff, &number, SupportAction::ResetMeter, form).await
}

/// `POST /desk/readers/{number}/subscription`
pub(crate) async fn give(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<String>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    run(&desk, &staff, &number, SupportAction::Give, form).await
}

/// `POST /desk/readers/{number}/subscriptions/{key}/cancellation`
pub(crate) async fn cancel(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<OfReader>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    let action = SupportAction::Cancel(SubscriptionId(parse(&key)?));
    run(&desk, &staff, &number, action, form).await
}

/// `POST /desk/readers/{number}/subscriptions/{key}/extension`
pub(crate) async fn extend(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<OfReader>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    let action = SupportAction::Extend(SubscriptionId(parse(&key)?));
    run(&desk, &staff, &number, action, form).await
}

/// `POST /desk/readers/{number}/subscriptions/{key}/payment`
pub(crate) async fn mark_paid(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<OfReader>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    let action = SupportAction::MarkPaid(SubscriptionId(parse(&key)?));
    run(&desk, &staff, &number, action, form).await
}

/// `POST /desk/readers/{number}/subscriptions/{key}/end`
pub(crate) async fn end_complimentary(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<OfReader>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    let action = SupportAction::EndComplimentary(SubscriptionId(parse(&key)?));
    run(&desk, &staff, &number, action, form).await
}

/// `POST /desk/readers/{number}/subscriptions/{key}/withdrawal`
pub(crate) async fn withdraw(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<OfReader>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    let action = SupportAction::Withdraw(SubscriptionId(parse(&key)?));
    run(&desk, &staff, &number, action, form).await
}

/// `POST /desk/readers/{number}/subscriptions/{key}/termination`
pub(crate) async fn end_disputed(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<OfReader>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    let action = SupportAction::EndDisputed(SubscriptionId(parse(&key)?));
    run(&desk, &staff, &number, action, form).await
}

/// `POST /desk/readers/{number}/debts/{key}/forgiveness`
pub(crate) async fn forgive(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<OfReader>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    let action = SupportAction::ForgiveDebt(SubscriptionId(parse(&key)?));
    run(&desk, &staff, &number, action, form).await
}

/// `POST /desk/readers/{number}/payments/{key}/refund`
pub(crate) async fn refund(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<OfReader>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    let payment = parse(&key)?;
    let form = SupportForm { payment, ..form };
    run(&desk, &staff, &number, SupportAction::Refund(PaymentNumber(payment)), form).await
}

/// `POST /desk/readers/{number}/payments/{key}/keep`
pub(crate) async fn keep(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<OfReader>,
    StaffForm(form): StaffForm<SupportForm>,
) -> Handled {
    let action = SupportAction::KeepPayment(PaymentNumber(parse(&key)?));
    run(&desk, &staff, &number, action, form).await
}

fn parse(key: &str) -> Result<u32, Notice> {
    key.parse().map_err(|_| Notice::NoReader)
}

async fn run(
    desk: &DeskState,
    staff: &CurrentStaff,
    number: &str,
    action: SupportAction,
    form: SupportForm,
) -> Handled {
    let account = find_reader(desk, number).await?;
    match act(desk, staff, &account, action, &form).await {
        Ok(()) => Ok(see_other(&reader_address(account.id))),
        Err(ActionError::Rejected(fault)) => show(desk, staff, &account, form, fault).await,
        Err(ActionError::Failed(error)) => Err(DeskError::failed("readers: support action", error)),
    }
}

async fn act(
    desk: &DeskState,
    staff: &CurrentStaff,
    account: &Account,
    action: SupportAction,
    form: &SupportForm,
) -> Result<(), ActionError> {
    let words = staff.words;
    if let SupportAction::MarkPaid(id) = action {
        return mark_invoice_paid(desk, staff, account, id, form).await;
    }
    let actor = StaffActor { by: Some(staff.account.id), reason: reason(form, words)? };
    let billing = &desk.billing;
    let until = || end_of_last_day(&form.until, desk.now(), &desk.publication().zone, words);
    let done = match action {
        SupportAction::ResetMeter => {
            return billing.reset_meter(account, &actor).await.map_err(ActionError::failed);
        }
        SupportAction::KeepPayment(payment) => {
            return keep_payment(desk, account, payment, (&actor, words)).await;
        }
        SupportAction::ForgiveDebt(id) => {
            let forgiven = desk.store.forgive_debt(account, id, &actor, desk.now()).await;
            let is_forgiven = forgiven.map_err(ActionError::failed)?;
            return if is_forgiven { Ok(()) } else { Err(rejected("debt_fault", words)) };
        }
        SupportAction::Cancel(id) => {
            must_belong_to(desk, account, id, words).await?;
            billing.enter_cancellation(id, Some(actor)).await.map(|_| ())
        }
        SupportAction::Extend(id) => {
            must_belong_to(desk, account, id, words).await?;
            let ends = until()?.ok_or_else(|| rejected("support_fault_trial", words))?;
            billing.prolong_trial(id, ends, Some(actor)).await.map(|_| ())
        }
        SupportAction::EndComplimentary(id) => {
            must_belong_to(desk, account, id, words).await?;
            billing.end_complimentary(id, Some(actor)).await.map(|_| ())
        }
        SupportAction::EndDisputed(id) => {
            must_belong_to(desk, account, id, words).await?;
            billing.end_disputed(id, actor).await.map(|_| ())
        }
        SupportAction::Withdraw(id) => {
            must_belong_to(desk, account, id, words).await?;
            let sent = form.sent.parse().map_err(|_| rejected("support_fault_sent", words))?;
            let name = name_on_withdrawal(form, words)?;
            billing.enter_withdrawal(id, name, sent, actor).await.map(|_| ())
        }
        SupportAction::MarkPaid(_) => return Ok(()),
        SupportAction::Refund(payment) => {
            let amount = entry::decimal(&form.amount, words);
            billing.refund(account, payment, &amount, actor).await
        }
        SupportAction::Give => {
            let free = PaidHow::Free(until()?);
            let given = billing.enter_subscription(&account.email, &form.price, free, Some(actor));
            given.await.map(|_| ())
        }
    };
    done.map_err(|error| not_entered(error, words))
}

/// The longest reference of a transfer, in characters.
const MAX_REFERENCE: usize = 140;

/// Enters that an open invoice was paid. The day and the reference of the transfer are in the history of the subscription.
async fn mark_invoice_paid(
    desk: &DeskState,
    staff: &CurrentStaff,
    account: &Account,
    id: SubscriptionId,
    form: &SupportForm,
) -> Result<(), ActionError> {
    let words = staff.words;
    must_belong_to(desk, account, id, words).await?;
    let received: Date =
        form.received.parse().map_err(|_| rejected("support_fault_received", words))?;
    if received > desk.today() {
        return Err(rejected("support_fault_received_later", words));
    }
    let reference = form.reference.trim();
    if reference.chars().count() > MAX_REFERENCE {
        let fault = words.fill("support_fault_reference", &[("most", &MAX_REFERENCE)]);
        return Err(ActionError::Rejected(fault));
    }
    let word = if reference.is_empty() { "paid_reason" } else { "paid_reason_reference" };
    let day = words.day(received);
    let reason = words.fill(word, &[("date", &day), ("reference", &reference)]);
    let actor = StaffActor { by: Some(staff.account.id), reason };
    let paid = desk.billing.mark_paid(id, form.period, reference, actor).await;
    paid.map(|_| ()).map_err(|error| not_entered(error, words))
}

/// The name of the one who withdraws, without which it is not known who declared it.
fn name_on_withdrawal(form: &SupportForm, words: DeskWords) -> Result<&str, ActionError> {
    let name = form.name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME {
        let fault = words.fill("support_fault_name", &[("most", &MAX_NAME)]);
        return Err(ActionError::Rejected(fault));
    }
    Ok(name)
}

/// Keeps a payment of this reader that no subscription can take.
async fn keep_payment(
    desk: &DeskState,
    account: &Account,
    number: PaymentNumber,
    (actor, words): (&StaffActor, DeskWords),
) -> Result<(), ActionError> {
    let payment = desk.store.payment(number).await.map_err(ActionError::failed)?;
    match payment.filter(|payment| payment.account == Some(account.id)) {
        Some(payment) => keep_undecided(desk, &payment, actor, words).await,
        None => Err(no_decision(number, words)),
    }
}

/// Keeps a payment that waits for staff.
pub(super) async fn keep_undecided(
    desk: &DeskState,
    payment: &Payment,
    actor: &StaffActor,
    words: DeskWords,
) -> Result<(), ActionError> {
    desk.billing
        .keep_payment(payment.number, actor.clone())
        .await
        .map_err(|error| not_entered(error, words))
}

fn no_decision(number: PaymentNumber, words: DeskWords) -> ActionError {
    ActionError::Rejected(words.fill("support_fault_decided", &[("invoice", &number)]))
}

/// Rejects an action; `name` is that of the word for why.
fn rejected(name: &str, words: DeskWords) -> ActionError {
    ActionError::Rejected(words.text(name).to_owned())
}

/// The reason that staff give.
pub(super) fn reason(form: &SupportForm, words: DeskWords) -> Result<String, ActionError> {
    let reason = form.reason.trim();
    if reason.is_empty() {
        return Err(rejected("support_fault_reason", words));
    }
    if reason.chars().count() > MAX_REASON {
        let fault = words.fill("support_fault_long", &[("most", &MAX_REASON)]);
        return Err(ActionError::Rejected(fault));
    }
    Ok(reason.to_owned())
}

/// Rejects a subscription of another reader.
async fn must_belong_to(
    desk: &DeskState,
    account: &Account,
    id: SubscriptionId,
    words: DeskWords,
) -> Result<(), ActionError> {
    let subscription = desk.store.subscription(id).await.map_err(ActionError::failed)?;
    if subscription.is_some_and(|subscription| subscription.account == account.id) {
        return Ok(());
    }
    let fault = words.fill("support_fault_subscription", &[("subscription", &id.0)]);
    Err(ActionError::Rejected(fault))
}

/// The first instant after the last day. Returns `None` if `day` is empty.
pub(super) fn end_of_last_day(
    day: &str,
    now: Timestamp,
    zone: &TimeZone,
    words: DeskWords,
) -> Result<Option<Timestamp>, ActionError> {
    if day.is_empty() {
        return Ok(None);
    }
    let end = day.parse::<Date>().and_then(|day| end_of_day(day, zone));
    let end = end.map_err(|_| rejected("support_fault_day", words))?;
    if end <= now {
        return Err(rejected("support_fault_past", words));
    }
    Ok(Some(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gift_lasts_through_its_last_day() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let now: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a time");
        let end = |day| end_of_last_day(day, now, &zone, DeskWords::default());
        let end_text = |day| end(day).ok().flatten().map(|end| end.to_string());
        assert_eq!(end_text("2026-11-24").as_deref(), Some("2026-11-24T15:00:00Z"));
        assert_eq!(end_text(""), None);
        assert!(end("").is_ok());
        for refused in ["2026-11-23", "24.11.2026", "2026-02-30", "9999-12-31"] {
            assert!(matches!(end(refused), Err(ActionError::Rejected(_))), "{refused}");
        }
    }
}

//! `/desk/readers/{number}`: one reader.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};
use masthead_access::Allowance;
use masthead_circulation::{
    Account, AccountId, CollectedPayment, DeliveryAddress, Dispute, Event, Money, PaidTime,
    Payment, Refund, Subscription, audit::AuditEntry, entitlement, staff::Staff,
};
use masthead_mail::emails::EmailKind;
use masthead_publication::preview::{CountedArticle, MeterStatus};
use masthead_store::{EmailState, OutboxEntry};
use serde::{Deserialize, Serialize};

use super::{
    in_words,
    payment_row::{PaymentRow, payment_row},
    profile::ReaderProfile,
};
use crate::{
    error::{DeskError, Handled},
    form::form_status,
    format::display_name,
    in_force::pairs,
    notice::Notice,
    reader_view::explanation::standing,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// Audit records about one reader.
const RECORDS: u64 = 20;
/// Mails to one reader.
const EMAILS: u64 = 20;

/// What the forms of the page hold. The page shows it again if something is wrong.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct SupportForm {
    pub reason: String,
    /// The slug of the price of a subscription that is given.
    pub price: String,
    /// The last day of it, or of a trial; empty if it has no end.
    pub until: String,
    /// The amount of a refund.
    pub amount: String,
    /// The day on which a transfer was received.
    pub received: String,
    /// The reference of a transfer.
    pub reference: String,
    /// The second at which the period begins that a transfer pays for.
    pub period: i64,
    /// The name of the one who withdraws from a contract.
    pub name: String,
    /// The day on which they sent it.
    pub sent: String,
    /// A label.
    pub label: String,
    /// A note.
    pub note: String,
    /// The payment that was to be refunded, so that the form keeps its amount; 0 for another action.
    #[serde(skip_deserializing)]
    pub payment: u32,
}

#[derive(Default, Serialize)]
struct ReaderPage {
    number: u32,
    name: String,
    email: String,
    since: String,
    standing: &'static str,
    meter: String,
    counted: Vec<CountedRead>,
    profile: ReaderProfile,
    subscriptions: Vec<SubscriptionCard>,
    payments: Vec<PaymentRow>,
    emails: Vec<EmailRow>,
    devices: usize,
    /// Where papers are delivered, line by line; empty if nobody has said where.
    delivery: Vec<String>,
    /// Whether something is delivered.
    is_delivered: bool,
    passkeys: usize,
    /// What staff did.
    records: Vec<String>,
    /// What accounts before this one owe.
    debts: Vec<DebtRow>,
    /// Whether a subscription may be given: a reader has at most one that is live.
    may_give: bool,
    /// Slug and words.
    prices: Vec<(String, String)>,
    form: SupportForm,
    fault: String,
}

impl Page for ReaderPage {
    const TEMPLATE: &'static str = "reader.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

#[derive(Default, Serialize)]
struct CountedRead {
    at: String,
    headline: String,
    address: String,
}

#[derive(Default, Serialize)]
#[allow(clippy::struct_excessive_bools)] // one for each action
struct SubscriptionCard {
    number: u32,
    name: String,
    state: String,
    price: String,
    may_cancel: bool,
    may_extend: bool,
    /// Whether it is complimentary and can be ended now.
    may_end: bool,
    /// Whether it can be changed to another price.
    may_change: bool,
    /// Whether a payment for it is disputed, so that it can be ended now.
    is_disputed: bool,
    /// The first and last day on which a withdrawal can have been sent; `None` if nobody can withdraw.
    withdrawable: Option<(String, String)>,
    /// What is to be paid by invoice; empty if nothing is.
    invoice: String,
    /// The second at which the period begins that is to be paid.
    period: i64,
    /// What the reader has declared, if they have withdrawn from the contract; empty if not.
    withdrawal: String,
    history: Vec<String>,
}

#[derive(Default, Serialize)]
struct DebtRow {
    number: u32,
    text: String,
}

#[derive(Default, Serialize)]
struct EmailRow {
    at: String,
    subject: String,
    state: &'static str,
    fault: String,
}

/// The address of a reader's page.
pub(crate) fn reader_address(account: AccountId) -> String {
    format!("/desk/readers/{}", account.0)
}

/// The account with this number in an address.
pub(super) async fn find_reader(desk: &DeskState, number: &str) -> Result<Account, DeskError> {
    let number = number.parse().map_err(|_| Notice::NoReader)?;
    let account = desk.store.account(AccountId(number)).await?;
    Ok(account.ok_or(Notice::NoReader)?)
}

/// `GET /desk/readers/{number}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<String>,
) -> Handled {
    let account = find_reader(&desk, &number).await?;
    show(&desk, &staff, &account, SupportForm::default(), String::new()).await
}

/// The page with what was entered in one of its forms, and what is wrong with it.
pub(super) async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    account: &Account,
    form: SupportForm,
    fault: String,
) -> Handled {
    let (now, zone, words) = (desk.now(), desk.publication().zone, staff.words);
    let status = desk.previews.meter_status(account.id).await?;
    let everybody = desk.store.all_staff().await?;
    let subscriptions = desk.store.subscriptions_of(account.id).await?;
    let payments = desk.store.payments_of(account.id).await?;
    let refunds = desk.store.refunds_of(account.id).await?;
    let mut emails = desk.store.emails_to(&account.email, EMAILS).await?;
    // Their subjects have headlines of articles that not everybody may open.
    emails.retain(|email| email.kind != EmailKind::Notification.name());
    let records = desk.store.audit_log_about(&account.email, RECORDS).await?;
    let refunded = |paid: &Payment| refunds.iter().find(|refund| refund.payment == paid.number);
    let disputes = desk.store.disputes_of(account.id).await?;
    let numbers: Vec<_> = payments.iter().map(|paid| paid.number).collect();
    let elsewhere = desk.store.refunds_elsewhere_of(&numbers).await?;
    let kept = payments.iter().map(|paid| {
        let left = Refund::left_of(paid.amount, refunded(paid));
        let taken = Dispute::taken_of(paid, &disputes).minor();
        Money::of(left.minor().saturating_sub(taken), left.currency())
    });
    let profile = ReaderProfile::load(desk, account, kept.collect(), &everybody, words).await?;
    let page = ReaderPage {
        number: account.id.0,
        profile,
        name: display_name(account),
        email: account.email.to_string(),
        since: words.date(account.registered, &zone),
        standing: standing(status.standing, words),
        meter: meter(&status, words),
        counted: status
            .counted
            .into_iter()
            .map(|counted| counted_read(counted, &zone, words))
            .collect(),
        debts: desk
            .store
            .debts_of(account.id)
            .await?
            .into_iter()
            .map(|id| DebtRow {
                number: id.0,
                text: words.fill("reader_debt", &[("number", &id.0)]),
            })
            .collect(),
        may_give: entitlement::history(&subscriptions, account.had_subscription, now).may_buy(),
        delivery: delivery_lines(desk, account.id).await?,
        is_delivered: subscriptions
            .iter()
            .any(|held| held.terms.is_delivered() && !held.state.is_over(now)),
        subscriptions: cards(
            desk,
            account.id,
            &subscriptions,
            (&payments, &refunds, &disputes),
            &everybody,
            words,
        )
        .await?,
        payments: payments
            .into_iter()
            .map(|paid| payment_row(paid, (&refunds, &elsewhere, &disputes), &zone, words))
            .collect(),
        emails: emails.into_iter().map(|email| email_row(email, &zone, words)).collect(),
        devices: desk.store.sessions_of(account.id).await?.len(),
        passkeys: desk.store.passkeys_of(account.id).await?.len(),
        records: records
            .iter()
            .map(|record| in_words::action(record, &zone, staff.words))
            .collect(),
        prices: pairs(desk.snapshot().prices()),
        form,
        fault,
    };
    Ok(desk.page(staff, &page))
}

/// What the meter of a reader has counted.
fn meter(status: &MeterStatus, words: DeskWords) -> String {
    match status.allowance {
        None | Some(Allowance::Unlimited) => words.text("reader_unmetered").to_owned(),
        Some(Allowance::Articles(all)) => {
            words.count_and_fill("reader_meter", all, &[("counted", &status.counted.len())])
        }
    }
}

async fn delivery_lines(desk: &DeskState, account: AccountId) -> Result<Vec<String>, DeskError> {
    let address = desk.store.delivery_address(account).await?;
    let lines = |address: DeliveryAddress| {
        let name = std::iter::once(address.name().to_owned());
        name.chain(address.lines().iter().cloned()).collect()
    };
    Ok(address.map(lines).unwrap_or_default())
}

async fn cards(
    desk: &DeskState,
    reader: AccountId,
    subscriptions: &[Subscription],
    (payments, refunds, disputes): (&[Payment], &[Refund], &[Dispute]),
    everybody: &[(Staff, Account)],
    words: DeskWords,
) -> Result<Vec<SubscriptionCard>, DeskError> {
    let zone = desk.publication().zone;
    let withdrawals = desk.store.withdrawals_of(reader).await?;
    let ids: Vec<_> = subscriptions.iter().map(|subscription| subscription.id).collect();
    let entries = desk.store.audit_of_each(&ids).await?;
    let card = |subscription: &Subscription| {
        let own = entries.iter().filter(|entry| entry.subscription == subscription.id);
        let declared = withdrawals.iter().find(|declared| declared.subscription == subscription.id);
        let in_words = |declared| in_words::withdrawal(declared, &zone, words);
        SubscriptionCard {
            withdrawal: declared.map(in_words).unwrap_or_default(),
            is_disputed: subscription.after(Event::EndedByStaff, desk.now()).is_ok()
                && payments.iter().any(|paid| {
                    paid.subscription == Some(subscription.id)
                        && !Dispute::withheld_of(paid, disputes).is_zero()
                }),
            may_change: {
                let collected = CollectedPayment::of(subscription.id, payments, refunds, disputes);
                !desk.billing.price_changes(subscription, &collected).is_empty()
            },
            ..card(desk, subscription, own, everybody, words)
        }
    };
    Ok(subscriptions.iter().map(card).collect())
}

fn card<'a>(
    desk: &DeskState,
    subscription: &Subscription,
    entries: impl DoubleEndedIterator<Item = &'a AuditEntry>,
    everybody: &[(Staff, Account)],
    words: DeskWords,
) -> SubscriptionCard {
    let (now, zone, terms) = (desk.now(), desk.publication().zone, &subscription.terms);
    let each = words.price(terms.amount, terms.every);
    let line = |entry| in_words::history(entry, everybody, &zone, words);
    let extension = Event::Prolonged { ends: Timestamp::MAX };
    let open = desk.billing.open_invoice(subscription);
    let in_words = |open: PaidTime| {
        let through = words.last_day(open.through, &zone);
        let gaps: [(&str, &dyn std::fmt::Display); 3] = [
            ("amount", &words.money(open.amount)),
            ("from", &words.date(open.from, &zone)),
            ("through", &through),
        ];
        words.fill("invoice_open", &gaps)
    };
    SubscriptionCard {
        may_end: subscription.is_given(now),
        may_change: false,
        is_disputed: false,
        withdrawable: desk
            .billing
            .withdrawal_days(subscription)
            .filter(|(first, last)| first <= last)
            .map(|(first, last)| (first.to_string(), last.to_string())),
        period: open.map_or(0, |open| open.from.as_second()),
        invoice: open.map(in_words).unwrap_or_default(),
        number: subscription.id.0,
        name: subscription.terms.name.clone(),
        state: in_words::state(subscription, now, &zone, words),
        price: in_words::price(subscription, &each, words),
        // What costs nothing is ended at once.
        may_cancel: !subscription.is_given(now)
            && subscription.after(Event::Cancelled, now).is_ok(),
        may_extend: subscription.after(extension, now).is_ok(),
        withdrawal: String::new(),
        history: entries.rev().map(line).collect(),
    }
}

fn counted_read(counted: CountedArticle, zone: &TimeZone, words: DeskWords) -> CountedRead {
    let CountedArticle { at, headline, address } = counted;
    let headline = headline.unwrap_or_else(|| words.text("reader_unpublished").to_owned());
    CountedRead { at: words.date_time(at, zone), headline, address }
}

fn email_row(entry: OutboxEntry, zone: &TimeZone, words: DeskWords) -> EmailRow {
    EmailRow {
        at: words.date_time(entry.written, zone),
        state: words.text(match entry.state {
            EmailState::Requested | EmailState::Waiting => "email_waiting",
            EmailState::Sent => "email_sent",
            EmailState::Failed => "email_failed",
        }),
        fault: entry.fault,
        subject: entry.subject,
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ReaderPage {
        fn samples() -> Vec<Self> {
            let card = SubscriptionCard {
                may_cancel: true,
                may_extend: true,
                may_end: true,
                may_change: true,
                is_disputed: true,
                withdrawable: Some(("2027-03-01".into(), "2027-03-15".into())),
                invoice: "9.00 EUR".into(),
                withdrawal: "Withdrawn".into(),
                history: vec!["Begun".into()],
                ..SubscriptionCard::default()
            };
            let payment = PaymentRow {
                card: "Visa".into(),
                refunded: "1.00 EUR".into(),
                refunded_elsewhere: "Refunded at the processor".into(),
                disputed: "Disputed".into(),
                refundable: "9.00".into(),
                undecided: true,
                ..PaymentRow::default()
            };
            let published =
                CountedRead { address: "/town/bridge".into(), ..CountedRead::default() };
            let full = Self {
                name: "Ada".into(),
                profile: ReaderProfile::sample(),
                counted: vec![published, CountedRead::default()],
                subscriptions: vec![card, SubscriptionCard::default()],
                payments: vec![payment, PaymentRow::default()],
                emails: vec![EmailRow { fault: "Bounced".into(), ..EmailRow::default() }],
                records: vec!["Reset".into()],
                debts: vec![DebtRow { number: 1, text: "Unpaid".into() }],
                may_give: true,
                delivery: vec!["Ada".into(), "Tidewater".into()],
                is_delivered: true,
                prices: vec![("web".into(), "The web".into())],
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ReaderPage>();
    }
}

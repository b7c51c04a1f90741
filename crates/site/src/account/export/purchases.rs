//! What a reader has bought or begun to buy.

use std::collections::HashMap;

use masthead_circulation::{
    AccountId, Actor, Checkout, DeliveryAddress, Dispute, Payment, PaymentNumber, Progress, Refund,
    RefundStatus, Subscription, Withdrawal, WithdrawalWay, audit::AuditEntry,
};
use masthead_publication::SiteSnapshot;
use masthead_store::{AccountOrder, AccountTraces, InvoiceRecipient, StoreError};
use serde_json::{Map, Value, json};

use super::list;
use crate::state::Site;

/// Everything about money, by key.
pub(super) async fn of(
    site: &Site,
    snapshot: &SiteSnapshot,
    id: AccountId,
    traces: &AccountTraces,
) -> Result<Map<String, Value>, StoreError> {
    let held = site.store.subscriptions_of(id).await?;
    let deliveries = site.store.checkout_deliveries_of(id).await?;
    let ids: Vec<_> = held.iter().map(|held| held.id).collect();
    let changes = site.store.audit_of_each(&ids).await?;
    let refunds = site.store.refunds_of(id).await?;
    let disputes = site.store.disputes_of(id).await?;
    let withdrawals = site.store.withdrawals_of(id).await?;
    let payments = site.store.payments_of(id).await?;
    let recipients = site.store.invoice_recipients_of(id).await?;
    let all = [
        ("subscriptions", list(&held, |held| bought(snapshot, held, &changes))),
        ("payments", list(&payments, |payment| paid(payment, &refunds, &recipients))),
        ("refunds", list(&refunds, refund)),
        ("disputes", list(&disputes, dispute)),
        ("withdrawals", list(&withdrawals, |declared| withdrawn(declared, &held))),
        ("checkouts", list(&traces.checkouts, |checkout| begun(snapshot, checkout))),
        ("checkout_deliveries", list(&deliveries, delivery)),
        ("orders", list(&traces.orders, order)),
    ];
    Ok(all.into_iter().map(|(key, list)| (key.to_owned(), Value::Array(list))).collect())
}

fn bought(snapshot: &SiteSnapshot, subscription: &Subscription, changes: &[AuditEntry]) -> Value {
    let own = changes.iter().filter(|change| change.subscription == subscription.id);
    let change = |change: &AuditEntry| json!({ "at": change.at.to_string(), "what": change.what });
    json!({
        "product": subscription.terms.name,
        "begun": subscription.begun.to_string(),
        "terms": snapshot.rates().terms(&subscription.terms),
        "state": subscription.state,
        "card": subscription.mandate.card,
        "processor": subscription.mandate.processor,
        "reference": subscription.mandate.reference,
        "changes": own.map(change).collect::<Vec<_>>(),
    })
}

fn paid(
    payment: &Payment,
    refunds: &[Refund],
    recipients: &HashMap<PaymentNumber, InvoiceRecipient>,
) -> Value {
    let to = recipients.get(&payment.number);
    let refund = refunds.iter().find(|refund| refund.payment == payment.number);
    let tax = payment.taxed().zip(payment.tax);
    let paid_back = refund.map(Refund::refunded).filter(|amount| !amount.is_zero());
    json!({
        "invoice": payment.number.0,
        "for": payment.what,
        "amount": payment.amount.to_string(),
        "tax": tax.map(|(taxed, rate)| json!({
            "percent": rate.to_string(), "net": taxed.net.to_string(), "amount": taxed.tax.to_string(),
        })),
        "at": payment.at.to_string(),
        "from": payment.from.to_string(),
        "through": payment.through.to_string(),
        "processor_reference": payment.reference,
        "to": to.map(|to| json!({ "name": to.name, "email": to.email, "lines": to.lines })),
        "paid_back": paid_back.map(|amount| amount.to_string()),
    })
}

fn refund(refund: &Refund) -> Value {
    json!({
        "invoice": refund.payment.0,
        "amount": refund.amount.to_string(),
        "at_processor": refund.elsewhere.to_string(),
        "at": refund.at.to_string(),
        "why": match &refund.actor {
            Actor::Staff(Some(staff)) => staff.reason.as_str(),
            Actor::Processor => "refunded at the payment processor",
            Actor::Staff(None) | Actor::Reader | Actor::Calendar => "withdrawal from the contract",
        },
        "state": match refund.status {
            RefundStatus::Asked => "asked",
            RefundStatus::Settled => "settled",
            RefundStatus::Refused(_) => "refused",
            RefundStatus::GivenUp => "kept",
        },
    })
}

fn dispute(dispute: &Dispute) -> Value {
    json!({
        "invoice": dispute.payment.0,
        "amount": dispute.amount.to_string(),
        "opened": dispute.opened.to_string(),
        "reason": dispute.reason,
        "state": dispute.status.name(),
        "processor": dispute.processor,
        "reference": dispute.reference,
    })
}

fn withdrawn(declared: &Withdrawal, held: &[Subscription]) -> Value {
    let contract = held.iter().find(|held| held.id == declared.subscription);
    json!({
        "product": contract.map(|held| &held.terms.name),
        "at": declared.at.to_string(),
        "name": declared.name,
        "acknowledged_to": declared.email,
        "confirmed": confirmed(declared.way),
    })
}

fn confirmed(way: WithdrawalWay) -> &'static str {
    match way {
        WithdrawalWay::SignedIn => "signed in",
        WithdrawalWay::Link => "by email",
        WithdrawalWay::Staff => "entered by staff",
    }
}

fn begun(snapshot: &SiteSnapshot, checkout: &Checkout) -> Value {
    json!({
        "product": checkout.terms.name,
        "terms": snapshot.rates().terms(&checkout.terms),
        "amount": checkout.amount.to_string(),
        "begun": checkout.begun.to_string(),
        "from": checkout.from,
        "processor": checkout.processor,
        "reference": checkout.reference,
        "state": match checkout.progress {
            Progress::Open => "open",
            Progress::Done => "paid",
            Progress::Abandoned => "not-paid",
            Progress::Unresolved => "unresolved",
        },
    })
}

fn delivery(address: &DeliveryAddress) -> Value {
    json!({ "name": address.name(), "lines": address.lines() })
}

fn order(order: &AccountOrder) -> Value {
    json!({
        "amount": order.amount.map(|amount| amount.to_string()),
        "paid": order.is_paid,
        "reference": order.reference,
    })
}

//! `/desk`: what there is to do today.

mod money;
mod own_pages;
mod server_notices;
mod work;

use std::sync::Arc;

use axum::extract::State;
use masthead_circulation::{
    Money, Payment, RefundStatus, UnusedReason,
    staff::{Permission, Role},
};
use masthead_store::{PendingRefund, RefusedRefund, StoreError};
use serde::Serialize;

use crate::{
    error::Handled,
    people::roles::{role_duties, role_name},
    readers::payment::payment_address,
    settings::menus,
    staff::CurrentStaff,
    state::DeskState,
    tasks::{self, TaskRow},
    templates::Page,
    words::DeskWords,
};

/// Payments in the list.
const MAX_PAYMENTS: u64 = 50;

#[derive(Default, Serialize)]
struct HomePage {
    role: &'static str,
    about: &'static str,
    /// Whether they have no passkey yet.
    no_passkey: bool,
    /// Whether they could invite others, and nobody else works here.
    alone: bool,
    /// What is wrong with how the server is set up, for owners.
    server_notices: Vec<String>,
    /// Why the settings on disk are not in force, if they are an owner; empty if they are in force.
    settings_error: String,
    /// Standard pages, such as the terms, that are still drafts, if they are an editor.
    unfinished_pages: Vec<StoryLink>,
    /// Standard pages that do not exist, if they are an editor.
    missing_pages: Vec<String>,
    /// Links of the menus that lead to what is not published, if they edit settings.
    dead_menu_links: usize,
    /// What they write or edit and is due soon, or overdue.
    due: Vec<StoryLink>,
    /// What an editor has returned to them.
    returned: Vec<StoryLink>,
    /// What waits for an editor, if they are one.
    waiting: StoryList,
    /// What they are responsible for as an editor, while it is written.
    assigned: StoryList,
    /// What they are writing themselves.
    writing: StoryList,
    /// Pictures that readers see and that may soon not be used any more, if they are an editor.
    expiring: Vec<StoryLink>,
    /// What is scheduled for after the licence of one of its pictures has ended, if they are an editor.
    too_late: Vec<StoryLink>,
    /// What is scheduled for today.
    scheduled: Vec<StoryLink>,
    /// Subscriptions of which a payment has failed, if they help readers.
    failed_payments: u64,
    /// Invoices that are overdue, if they help readers.
    overdue_invoices: u64,
    /// The background tasks of the server, for owners.
    tasks: Vec<TaskRow>,
    /// Payments that no subscription can take, if they help readers.
    payments: Vec<PaymentToDecide>,
    /// Refunds that a processor has refused, if they help readers.
    refusals: Vec<PaymentToDecide>,
    /// Payments that banks ask back, the most urgent first, if they help readers.
    disputes: Vec<PaymentToDecide>,
    /// What does not agree between charges, payments, refunds and access, if they help readers.
    mismatches: Vec<String>,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";
}

#[derive(Default, Serialize)]
struct PaymentToDecide {
    /// The page on which staff decide.
    to: String,
    number: u32,
    what: String,
    amount: String,
    at: String,
    /// Whether the account is deleted.
    orphaned: bool,
    reason: String,
}

/// The first stories of a list.
#[derive(Default, Serialize)]
struct StoryList {
    stories: Vec<StoryLink>,
    /// How many there are on all its pages.
    total: u64,
    /// The list, if it has more than these; otherwise empty.
    all: String,
}

impl StoryList {
    /// Leaves out stories that another list of the page has. The page with all of them, if there is one, has these too.
    fn leave_out(&mut self, listed: &[StoryLink]) {
        let before = self.stories.len();
        self.stories.retain(|story| listed.iter().all(|other| other.to != story.to));
        if self.all.is_empty() {
            self.total -= (before - self.stories.len()) as u64;
        }
    }
}

#[derive(Default, Serialize)]
struct StoryLink {
    to: String,
    headline: String,
    status: String,
    /// Why it was returned; empty if it was not.
    reason: String,
}

/// `GET /desk`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let words = staff.words;
    let mut page = HomePage {
        role: role_name(words, staff.staff.role),
        about: role_duties(words, staff.staff.role),
        no_passkey: has_no_passkey(&desk, &staff).await?,
        ..HomePage::default()
    };
    page.add_stories(&desk, &staff).await?;
    if staff.may(Permission::ManageStaff) {
        page.alone = desk.store.all_staff().await?.len() == 1;
        // The error may quote the file, which has secrets.
        page.settings_error = desk.live_settings.reload_error().unwrap_or_default();
    }
    if staff.may(Permission::EditSettings) {
        page.dead_menu_links = menus::dead_links(&desk);
    }
    if staff.staff.role == Role::Owner {
        page.server_notices = server_notices::list(&desk, words).await?;
        page.tasks = tasks::rows(&desk.tasks, desk.now(), words);
    }
    if staff.may(Permission::SupportReaders) {
        page.payments = payments_to_decide(&desk, words).await?;
        page.refusals = refused_refunds(&desk, words).await?;
        money::add(&mut page, &desk, words).await?;
        let report = desk.store.latest_reconciliation().await?;
        page.mismatches = report.map(|report| report.mismatches).unwrap_or_default();
    }
    Ok(desk.page(&staff, &page))
}

impl HomePage {
    /// Adds what they have to do with articles and pages.
    async fn add_stories(
        &mut self,
        desk: &DeskState,
        staff: &CurrentStaff,
    ) -> Result<(), StoreError> {
        if staff.may(Permission::Edit) {
            own_pages::add(self, desk).await?;
        }
        work::add(self, desk, staff).await
    }
}

async fn has_no_passkey(desk: &DeskState, staff: &CurrentStaff) -> Result<bool, StoreError> {
    let relying_party = desk.relying_party();
    let factors = desk.store.second_factors(staff.account.id, relying_party.as_deref()).await?;
    Ok(factors.passkeys == 0)
}

async fn payments_to_decide(
    desk: &DeskState,
    words: DeskWords,
) -> Result<Vec<PaymentToDecide>, StoreError> {
    let zone = desk.publication().zone;
    let row = |PendingRefund { payment, reason, left }| {
        let reason = words.text(name_of(reason)).to_owned();
        to_decide(&payment, left, reason, words.date(payment.at, &zone))
    };
    let pending = desk.store.pending_refunds(MAX_PAYMENTS).await?;
    Ok(pending.into_iter().map(row).collect())
}

async fn refused_refunds(
    desk: &DeskState,
    words: DeskWords,
) -> Result<Vec<PaymentToDecide>, StoreError> {
    let zone = desk.publication().zone;
    let row = |RefusedRefund { payment, refund }| {
        let reason = match refund.status {
            RefundStatus::Refused(reason) => reason,
            RefundStatus::Asked | RefundStatus::Settled | RefundStatus::GivenUp => String::new(),
        };
        to_decide(&payment, refund.amount, reason, words.date(payment.at, &zone))
    };
    let refused = desk.store.refused_refunds(MAX_PAYMENTS).await?;
    Ok(refused.into_iter().map(row).collect())
}

fn to_decide(payment: &Payment, amount: Money, reason: String, at: String) -> PaymentToDecide {
    PaymentToDecide {
        to: payment_address(payment),
        number: payment.number.0,
        amount: amount.to_string(),
        at,
        what: payment.what.clone(),
        orphaned: payment.account.is_none(),
        reason,
    }
}

/// The name of the word for why a payment was not used.
pub(crate) fn name_of(reason: UnusedReason) -> &'static str {
    match reason {
        UnusedReason::SubscriptionEnded => "unused_ended",
        UnusedReason::PaidAlready => "unused_paid",
        UnusedReason::SubscribedAlready => "unused_subscribed",
        UnusedReason::ChangeImpossible => "unused_change",
        UnusedReason::NothingToPayFor => "unused_nothing",
        UnusedReason::UnknownSource => "unused_unknown",
        UnusedReason::Withdrawn => "unused_withdrawn",
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for HomePage {
        fn samples() -> Vec<Self> {
            let full = Self {
                no_passkey: true,
                alone: true,
                server_notices: vec!["A proxy is not trusted.".into()],
                settings_error: "masthead.toml, line 7, column 1: wrong".into(),
                unfinished_pages: vec![StoryLink::default(), StoryLink::default()],
                missing_pages: vec!["terms".into(), "privacy".into()],
                dead_menu_links: 2,
                due: vec![StoryLink::default()],
                returned: vec![StoryLink::default()],
                expiring: vec![StoryLink::default()],
                too_late: vec![StoryLink::default()],
                scheduled: vec![StoryLink::default()],
                waiting: StoryList {
                    stories: vec![StoryLink::default()],
                    total: 12,
                    all: "/desk/articles".into(),
                },
                writing: StoryList {
                    stories: vec![StoryLink::default()],
                    total: 1,
                    ..StoryList::default()
                },
                assigned: StoryList {
                    stories: vec![StoryLink::default()],
                    total: 1,
                    ..StoryList::default()
                },
                failed_payments: 2,
                overdue_invoices: 1,
                tasks: vec![TaskRow { is_failing: true, ..TaskRow::default() }],
                payments: vec![PaymentToDecide::default()],
                disputes: vec![PaymentToDecide::default()],
                refusals: vec![PaymentToDecide { orphaned: true, ..PaymentToDecide::default() }],
                mismatches: vec!["Payment 7".into()],
                ..Self::default()
            };
            let calm = Self { tasks: vec![TaskRow::default()], ..Self::default() };
            vec![Self::default(), calm, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<HomePage>();
    }
}

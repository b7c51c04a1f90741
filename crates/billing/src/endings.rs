//! Ending subscriptions as their readers ask for it: cancelling by the link in an email, and withdrawing from the contract, by a link,
//! signed in, or in a letter that staff enter.

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, Actor, EndingKind, EndingRequest, Event, Money, State, Subscription,
    SubscriptionEmail, SubscriptionId,
};
use masthead_store::EndingResult;

use crate::{
    Billing, BillingError,
    billing::{ATTEMPTS, PlannedChange},
    staff_actions::EnteredWithdrawal,
};

/// What became of a wish to end subscriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndingOutcome {
    /// These subscriptions were ended.
    Ended(Vec<EndedSubscription>),
    /// The link was used before. Nothing has changed.
    Used,
    /// None of the subscriptions can be ended in this way any more. Nothing has changed.
    Nothing,
}

/// A subscription that its reader has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedSubscription {
    /// As it was before.
    pub before: Subscription,
    /// How much of what was paid is refunded; zero if it was cancelled.
    pub refund: Money,
}

/// Who asks for the end of subscriptions.
#[derive(Clone, Copy)]
pub(crate) enum Asker<'a> {
    /// A reader with the link in an email.
    Link(&'a EndingRequest),
    /// A reader who is signed in and withdraws from contracts.
    SignedIn(AccountId),
    /// Staff who enter a withdrawal that came by letter, email or phone.
    Staff(&'a EnteredWithdrawal),
}

/// What an attempt has come to, and what is ended if all was done.
pub(crate) type Attempt = (EndingResult, Vec<EndedSubscription>);

impl Asker<'_> {
    pub fn account(self) -> AccountId {
        match self {
            Self::Link(request) => request.account,
            Self::SignedIn(account) => account,
            Self::Staff(entered) => entered.account,
        }
    }

    /// When it was declared, if it is declared now or as staff have entered.
    pub fn declared(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Link(_) | Self::SignedIn(_) => now,
            Self::Staff(entered) => entered.sent,
        }
    }
}

impl Billing {
    /// Returns the subscriptions of an account that can be ended in this way, if it was asked for at `asked`, the oldest first.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn endable(
        &self,
        kind: EndingKind,
        account: AccountId,
        asked: Timestamp,
    ) -> Result<Vec<Subscription>, BillingError> {
        let held = self.store.subscriptions_of(account).await?;
        let (now, zone) = (self.now(), self.zone());
        let period = self.publication.withdrawal_period();
        let is_endable = |held: &Subscription| match kind {
            EndingKind::Cancellation => held.after(Event::Cancelled, now).is_ok(),
            EndingKind::Withdrawal => {
                held.withdrawable_until(period, asked, &zone).is_some()
                    && held.after(Event::Withdrawn, now).is_ok()
            }
        };
        Ok(held.into_iter().rev().filter(is_endable).collect())
    }

    /// Returns the subscriptions that a link can end, the oldest first; `None` if the link was used before.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn endable_by(
        &self,
        request: &EndingRequest,
    ) -> Result<Option<Vec<Subscription>>, BillingError> {
        // Read first: what ends meanwhile uses the link up.
        let open = self.endable(request.kind, request.account, request.asked).await?;
        let ended = self.store.endings_of(request.account, request.kind).await?;
        Ok((ended <= request.ended_before).then_some(open))
    }

    /// Ends these subscriptions of a link, all in one transaction. A link does so once. `name` is that of the one who withdraws.
    ///
    /// # Errors
    ///
    /// Fails if the database does, if an email cannot be composed, or if the subscriptions are changed again and again meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn end_by_link(
        &self,
        request: &EndingRequest,
        chosen: &[SubscriptionId],
        name: &str,
    ) -> Result<EndingOutcome, BillingError> {
        self.end(Asker::Link(request), chosen, name).await
    }

    /// Withdraws a reader who is signed in from the contracts of these subscriptions, all in one transaction.
    ///
    /// # Errors
    ///
    /// Fails if the database does, if an email cannot be composed, or if the subscriptions are changed again and again meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn withdraw(
        &self,
        account: AccountId,
        chosen: &[SubscriptionId],
        name: &str,
    ) -> Result<EndingOutcome, BillingError> {
        self.end(Asker::SignedIn(account), chosen, name).await
    }

    pub(crate) async fn end(
        &self,
        asker: Asker<'_>,
        chosen: &[SubscriptionId],
        name: &str,
    ) -> Result<EndingOutcome, BillingError> {
        for _ in 0..ATTEMPTS {
            let Some(mut open) = self.endable_for(asker).await? else {
                return Ok(EndingOutcome::Used);
            };
            open.retain(|held| chosen.contains(&held.id));
            let Some(reader) = self.store.account(asker.account()).await? else {
                return Ok(EndingOutcome::Nothing);
            };
            if open.is_empty() {
                return Ok(EndingOutcome::Nothing);
            }
            let (result, ended) = match asker {
                Asker::Link(request) if request.kind == EndingKind::Cancellation => {
                    self.try_to_cancel(request, &reader, open).await?
                }
                Asker::Link(_) | Asker::SignedIn(_) | Asker::Staff(_) => {
                    self.try_to_withdraw(asker, &reader, name, open).await?
                }
            };
            match result {
                EndingResult::Done => {
                    self.changed(reader.id).await?;
                    return Ok(EndingOutcome::Ended(ended));
                }
                EndingResult::Used => return Ok(EndingOutcome::Used),
                EndingResult::Changed => {}
            }
        }
        Err(BillingError::Conflict(chosen.first().copied().unwrap_or(SubscriptionId::UNSTORED)))
    }

    async fn endable_for(
        &self,
        asker: Asker<'_>,
    ) -> Result<Option<Vec<Subscription>>, BillingError> {
        match asker {
            Asker::Link(request) => self.endable_by(request).await,
            Asker::SignedIn(_) | Asker::Staff(_) => {
                let asked = asker.declared(self.now());
                self.endable(EndingKind::Withdrawal, asker.account(), asked).await.map(Some)
            }
        }
    }

    async fn try_to_cancel(
        &self,
        request: &EndingRequest,
        reader: &Account,
        open: Vec<Subscription>,
    ) -> Result<Attempt, BillingError> {
        let now = self.now();
        let mut changes = Vec::new();
        for before in &open {
            let Ok(after) = before.after(Event::Cancelled, now) else {
                return Ok((EndingResult::Changed, Vec::new()));
            };
            let news = (SubscriptionEmail::Cancelled, State::cancellation_date(after.state, now));
            let planned = PlannedChange {
                before,
                after,
                actor: Actor::Reader,
                what: Event::Cancelled.name(),
                payment: None,
                news: Some(news),
            };
            changes.push(self.complete(planned, Some(reader), false)?);
        }
        let result = self.store.cancel_by_link(request, &changes, now).await?;
        let ended = |before: Subscription| {
            let refund = Money::zero(before.terms.amount.currency());
            EndedSubscription { before, refund }
        };
        Ok((result, open.into_iter().map(ended).collect()))
    }
}

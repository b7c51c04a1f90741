//! Everything about a reader that the access decision asks for.

use std::sync::Arc;

use jiff::Timestamp;
use masthead_access::{
    Article, Decision, Pause, Policy, Reader, Reads, RequestContext, Standing, decide,
};
use masthead_circulation::{AccountId, History, entitlement};
use masthead_store::StoreError;

use crate::accounts::AccountCache;

/// A reader at one moment.
pub struct ReaderContext {
    /// Their standing.
    pub standing: Standing,
    /// Slugs of the products that they have.
    pub products: Vec<String>,
    /// When a subscription that they have paused resumes, or `None` if they have paused none.
    pub paused_until: Option<Timestamp>,
    /// Slugs of the products that they have paused.
    pub paused_products: Vec<String>,
    /// The reads on their meter.
    pub reads: Reads,
    /// What is special about the request.
    pub context: RequestContext,
    /// What they have subscribed to so far.
    pub history: History,
    /// Their display name, if they have set one.
    pub name: Option<Arc<String>>,
}

impl ReaderContext {
    /// A reader without an account whose device has these reads.
    pub fn of_device(reads: Reads) -> Self {
        Self {
            standing: Standing::Anonymous,
            products: Vec::new(),
            paused_until: None,
            paused_products: Vec::new(),
            reads,
            context: RequestContext::Plain,
            history: History::New,
            name: None,
        }
    }

    /// The reader with an account, in the window that opened at the second `opens`.
    pub async fn of_account(
        accounts: &AccountCache,
        account: AccountId,
        opens: i64,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let member = accounts.member(account, opens).await?;
        accounts.refresh_reads(&member, opens).await;
        let subscriptions = member.subscriptions();
        Ok(Self {
            standing: member.standing(now),
            products: entitlement::products(&subscriptions, now).map(str::to_owned).collect(),
            paused_until: entitlement::paused_until(&subscriptions, now),
            paused_products: entitlement::paused_products(&subscriptions, now)
                .map(str::to_owned)
                .collect(),
            reads: member.reads(),
            context: RequestContext::Plain,
            history: member.history(now),
            name: member.name(),
        })
    }

    /// Decides what the reader gets of an article.
    pub fn decide(&self, policy: &Policy, article: &Article<'_>, now: Timestamp) -> Decision {
        let products: Vec<&str> = self.products.iter().map(String::as_str).collect();
        let paused: Vec<&str> = self.paused_products.iter().map(String::as_str).collect();
        let reader = Reader {
            standing: self.standing,
            products: &products,
            pause: self.paused_until.map(|until| Pause { until, products: &paused }),
            reads: &self.reads,
            context: self.context,
        };
        decide(policy, &reader, article, now)
    }
}

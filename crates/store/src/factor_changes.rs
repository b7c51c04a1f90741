//! What goes with a changed way to sign in, in one transaction: the other sessions of the account end, and its owner is told. So a
//! server that is killed in between leaves no thief signed in and no owner in the dark.

use jiff::Timestamp;
use masthead_circulation::{AccountId, Digest};
use sea_orm::DatabaseTransaction;

use crate::{Email, Store, StoreError, account_changes::notify, outbox, sessions::end_all_but};

/// See the module's documentation.
#[derive(Clone, Copy, Debug)]
pub struct FactorChange<'a> {
    /// The session that makes the change. All others of the account end, unless it is `None`.
    pub by: Option<&'a Digest>,
    /// What tells the owner.
    pub emails: &'a [Email],
    /// The time of the change.
    pub at: Timestamp,
}

impl FactorChange<'static> {
    /// A change that ends no session, and of which nobody is told.
    pub fn alone(at: Timestamp) -> Self {
        Self { by: None, emails: &[], at }
    }
}

impl Store {
    /// Does what goes with a change, at the end of its transaction, which holds the account already.
    pub(crate) async fn complete_factor_change(
        &self,
        transaction: &DatabaseTransaction,
        account: AccountId,
        change: FactorChange<'_>,
    ) -> Result<(), StoreError> {
        if let Some(by) = change.by {
            end_all_but(transaction, account, Some(by)).await?;
            notify(transaction, &[account]).await?;
        }
        outbox::enqueue(transaction, &self.email_sealer(), change.emails, change.at).await
    }
}

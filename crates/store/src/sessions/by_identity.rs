//! Beginning a session with an account elsewhere, which is linked to a reader's account the first time.
//!
//! Both are decided under the lock of the reader's account. A change of its address takes the same lock and unlinks what is
//! linked, so an account elsewhere is never linked by an address that the reader's account no longer has.

use jiff::Timestamp;
use masthead_circulation::{Account, AccountId, EmailAddress, Session};

use super::beginning::insert;
use crate::{Email, Store, StoreError, accounts, identities, identities::Identity, outbox};

/// What became of signing in with an account elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentitySignIn {
    /// A session was begun.
    Begun {
        /// The reader's account.
        account: Account,
        /// Whether it was registered by this.
        is_new: bool,
        /// Whether the account elsewhere was linked by this.
        is_linked: bool,
    },
    /// Nothing was changed: it is linked to no account, and its provider has verified no address.
    Unverified,
    /// Nothing was changed: it was unlinked or linked, or the address of the account was changed, meanwhile.
    Superseded,
}

impl Store {
    /// Stores the session that `begin` makes for the account that is linked to an account elsewhere. If there is none, it is
    /// linked to the account with the address that its provider has verified, which is registered if it is new. If it is not, its
    /// owner gets the email that `tell` composes.
    #[tracing::instrument(skip_all)]
    pub async fn begin_session_by_identity(
        &self,
        identity: &Identity,
        verified: Option<&EmailAddress>,
        now: Timestamp,
        begin: impl FnOnce(AccountId) -> Session,
        tell: impl FnOnce(&Account) -> Option<Email>,
    ) -> Result<IdentitySignIn, StoreError> {
        match (self.account_of_identity(identity).await?, verified) {
            (Some(known), _) => self.begin_linked(identity, &begin(known)).await,
            (None, Some(email)) => self.link_and_begin(identity, email, now, begin, tell).await,
            (None, None) => Ok(IdentitySignIn::Unverified),
        }
    }

    async fn begin_linked(
        &self,
        identity: &Identity,
        begun: &Session,
    ) -> Result<IdentitySignIn, StoreError> {
        let transaction = self.begin().await?;
        let Some(row) = accounts::lock(&transaction, begun.account).await? else {
            return Ok(IdentitySignIn::Superseded);
        };
        if identities::account_of(&transaction, identity).await? != Some(begun.account) {
            return Ok(IdentitySignIn::Superseded);
        }
        insert(&transaction, begun).await?;
        transaction.commit().await?;
        let account = accounts::read(row)?;
        Ok(IdentitySignIn::Begun { account, is_new: false, is_linked: false })
    }

    async fn link_and_begin(
        &self,
        identity: &Identity,
        email: &EmailAddress,
        now: Timestamp,
        begin: impl FnOnce(AccountId) -> Session,
        tell: impl FnOnce(&Account) -> Option<Email>,
    ) -> Result<IdentitySignIn, StoreError> {
        let transaction = self.begin().await?;
        let (account, is_new) = self.register_in(&transaction, email, now).await?;
        let locked = accounts::lock(&transaction, account.id).await?;
        // On PostgreSQL the address may have changed until the account was locked.
        if locked.is_none_or(|row| row.email != email.as_str()) {
            return Ok(IdentitySignIn::Superseded);
        }
        let is_linked = identities::link(&transaction, identity, account.id, now).await?;
        // It may have been linked at the same moment, to this account or to another.
        if identities::account_of(&transaction, identity).await? != Some(account.id) {
            return Ok(IdentitySignIn::Superseded);
        }
        insert(&transaction, &begin(account.id)).await?;
        if is_linked && !is_new {
            let told: Vec<Email> = tell(&account).into_iter().collect();
            outbox::enqueue(&transaction, &self.email_sealer(), &told, now).await?;
        }
        transaction.commit().await?;
        Ok(IdentitySignIn::Begun { account, is_new, is_linked })
    }
}

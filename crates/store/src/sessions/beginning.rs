//! Beginning a session with a proof that is used up by it: a link, an app's request, a passkey.
//!
//! The proof is used and the session stored in one transaction that holds the account's row, as do those that end the sessions
//! of an account. So a proof that was shown just before begins no session after all were ended: the session is either
//! among those that end, or its proof is gone.

use masthead_circulation::{
    Account, AccountId, Digest, Passkey, Session, SessionKind, sign_in::SignInRequest,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::Expr,
};

use crate::{
    Store, StoreError, accounts, apps,
    ids::Key,
    records::{passkey, session},
    sign_in,
};

/// What a session of a known account is begun with.
#[derive(Clone, Copy, Debug)]
pub enum SessionProof<'a> {
    /// The request of an app, by the digest of its secret. It is deleted.
    App(&'a Digest),
    /// A passkey as it was when its signature was verified, and the state to store.
    Passkey(&'a Passkey, &'a PasskeyUse),
}

/// The state of a passkey after a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyUse {
    /// The public key, with its counter.
    pub public: String,
    /// The host that the passkey has worked for.
    pub relying_party: String,
}

impl Store {
    /// Stores a new session and uses up its proof. Returns `false`, and changes nothing, if the proof was used, removed or changed
    /// meanwhile, or the account is deleted.
    #[tracing::instrument(skip_all)]
    pub async fn begin_session(
        &self,
        begun: &Session,
        proof: SessionProof<'_>,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        if accounts::lock(&transaction, begun.account).await?.is_none() {
            return Ok(false);
        }
        let is_good = match proof {
            SessionProof::App(app) => apps::consume(&transaction, begun.account, app).await?,
            SessionProof::Passkey(passkey, after) => {
                use_passkey(&transaction, passkey, after, begun.begun.as_second()).await?
            }
        };
        if !is_good {
            return Ok(false);
        }
        insert(&transaction, begun).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Uses up a sign-in request: registers its address if that has no account, and stores the session that `begin` makes for the
    /// account. Returns the account, and whether it is new. Returns `None`, and changes nothing, if the request was used or
    /// ended meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn begin_session_by_request(
        &self,
        request: &SignInRequest,
        now: jiff::Timestamp,
        begin: impl FnOnce(AccountId) -> Session,
    ) -> Result<Option<(Account, bool)>, StoreError> {
        let transaction = self.begin().await?;
        let (account, is_new) = self.register_in(&transaction, &request.email, now).await?;
        accounts::lock(&transaction, account.id).await?;
        if !sign_in::consume(&transaction, &request.link).await? {
            return Ok(None);
        }
        insert(&transaction, &begin(account.id)).await?;
        transaction.commit().await?;
        Ok(Some((account, is_new)))
    }
}

pub(super) async fn insert(database: &impl ConnectionTrait, begun: &Session) -> Result<(), DbErr> {
    let row = session::ActiveModel {
        key: Set(begun.key.to_string()),
        account: Set(Key(begun.account)),
        scopes: Set(match begun.kind {
            SessionKind::Browser => None,
            SessionKind::App(scopes) => Some(scopes.to_string()),
        }),
        device: Set(begun.device.clone()),
        begun: Set(begun.begun.as_second()),
        seen: Set(begun.seen.as_second()),
        confirmed: Set(begun.confirmed.as_second()),
        second_factor: Set(begun.second_factor),
    };
    session::Entity::insert(row).exec_without_returning(database).await?;
    Ok(())
}

/// Records a sign-in with a passkey, and its new state. Returns `false` if it is not the passkey that was verified.
async fn use_passkey(
    database: &impl ConnectionTrait,
    verified: &Passkey,
    after: &PasskeyUse,
    now: i64,
) -> Result<bool, DbErr> {
    let used = passkey::Entity::update_many()
        .col_expr(passkey::Column::Public, Expr::value(after.public.as_str()))
        .col_expr(passkey::Column::RelyingParty, Expr::value(after.relying_party.as_str()))
        .col_expr(passkey::Column::Used, Expr::value(now))
        .filter(passkey::Column::Id.eq(verified.id.as_str()))
        .filter(passkey::Column::Account.eq(Key(verified.account)))
        .filter(passkey::Column::Public.eq(verified.public.as_str()))
        .exec(database)
        .await?;
    Ok(used.rows_affected == 1)
}

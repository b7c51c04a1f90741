//! Asking people who are signed in to confirm who they are, before something that a stolen session must not do. They
//! sign in again, and go on where they were: a form that they have sent is kept meanwhile.

use jiff::Timestamp;
use masthead_circulation::{
    Secret, Session,
    staff::{Role, SecondFactors},
};
use masthead_store::{KeptForm, Store, StoreError};
use masthead_web::form::encode_query;

/// Where a kept form is shown again; its key follows.
pub const KEPT_FORM_PATH: &str = "/sign-in/form/";

/// Returns the address of the page to sign in at again, and from there back to the path `from`.
pub fn confirm_address(from: &str) -> String {
    format!("/sign-in?from={}&again=true", encode_query(from))
}

/// How somebody who is signed in confirms that it is still them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// They have done so a moment ago.
    Done,
    /// By signing in again.
    SignIn,
    /// At the desk, with the second factor that their account has.
    SecondFactor,
}

/// Returns how the person of a session confirms that it is still them. `session` comes from the database: what is in memory may
/// be older than their latest confirmation.
pub fn confirmation(session: &Session, factors: SecondFactors, now: Timestamp) -> Confirmation {
    let is_strong = session.second_factor || !factors.any();
    match (session.is_recent(now) && is_strong, factors.any()) {
        (true, _) => Confirmation::Done,
        (false, true) => Confirmation::SecondFactor,
        (false, false) => Confirmation::SignIn,
    }
}

/// What the session of a member of staff lacks at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingFactor {
    /// The account has a second factor, which was not shown.
    NotShown,
    /// The role needs a second factor, and the account has none.
    NotSetUp,
}

/// Returns what the session of a member of staff in this role lacks at the desk; `None` if it lacks nothing. Passkeys count if they
/// were made for this relying party.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn missing_factor(
    store: &Store,
    session: &Session,
    role: Role,
    relying_party: Option<&str>,
) -> Result<Option<MissingFactor>, StoreError> {
    if session.second_factor {
        return Ok(None);
    }
    if store.second_factors(session.account, relying_party).await?.any() {
        return Ok(Some(MissingFactor::NotShown));
    }
    let is_needed = store.roles_with_second_factor().await?.contains(&role);
    Ok(is_needed.then_some(MissingFactor::NotSetUp))
}

impl Confirmation {
    /// Returns the address of the page where they confirm it, and from there back to the path `from`.
    pub fn address(self, from: &str) -> String {
        match self {
            Self::Done => from.to_owned(),
            Self::SignIn => confirm_address(from),
            Self::SecondFactor => format!("/desk/second-factor?from={}", encode_query(from)),
        }
    }
}

/// Keeps a form under a new secret, and returns the path where it is shown again.
///
/// # Errors
///
/// Returns an error if the database fails.
pub async fn keep_form(
    store: &Store,
    secret: &Secret,
    form: &KeptForm,
    now: Timestamp,
) -> Result<String, StoreError> {
    store.keep_form(&secret.digest(), form, now).await?;
    Ok(format!("{KEPT_FORM_PATH}{secret}"))
}

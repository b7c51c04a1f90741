//! Asking people who are signed in to confirm who they are, before something that a stolen session must not do. They
//! sign in again, and go on where they were: a form that they have sent is kept meanwhile.

use jiff::Timestamp;
use masthead_circulation::Secret;
use masthead_store::{KeptForm, Store, StoreError};
use masthead_web::form::encode_query;

/// Where a kept form is shown again; its key follows.
pub const KEPT_FORM_PATH: &str = "/sign-in/form/";

/// Returns the address of the page to sign in at again, and from there back to the path `from`.
pub fn confirm_address(from: &str) -> String {
    format!("/sign-in?from={}&again=true", encode_query(from))
}

/// Keeps a form under a new secret, and returns the address of the page to sign in at again, and from there back to the form.
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
    Ok(confirm_address(&format!("{KEPT_FORM_PATH}{secret}")))
}

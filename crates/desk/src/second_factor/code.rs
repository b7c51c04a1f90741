//! Checking a code: of an authenticator app, or a recovery code.

use jiff::SignedDuration;
use masthead_circulation::{
    AccountId, Digest,
    app::{code_digest, generate_code},
};
use masthead_identity::totp::Totp;
use masthead_store::{RateLimit, StoreError};

use crate::state::DeskState;

/// Attempts of one account.
const ATTEMPTS: RateLimit = RateLimit { times: 5, within: SignedDuration::from_mins(15) };
/// Recovery codes that are given at once.
const RECOVERY_CODES: usize = 10;

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    Right,
    Wrong,
    /// It was not looked at, because of the attempts before it.
    TooMany,
}

/// Claims an attempt, before a code is compared. Returns `false` if none is left, on whichever server.
pub(super) async fn claim_attempt(
    desk: &DeskState,
    account: AccountId,
) -> Result<bool, StoreError> {
    let key = Digest::of(&[b"second factor\n", &account.0.to_be_bytes()]);
    desk.store.claim_rate(&key, ATTEMPTS, desk.now()).await
}

/// Checks a code, and uses it up.
pub(super) async fn check(
    desk: &DeskState,
    account: AccountId,
    code: &str,
) -> Result<Checked, StoreError> {
    if !claim_attempt(desk, account).await? {
        return Ok(Checked::TooMany);
    }
    let is_right = if code.chars().any(|c| c.is_ascii_alphabetic()) {
        desk.store.use_recovery_code(account, &code_digest(code)).await?
    } else {
        use_app_code(desk, account, code).await?
    };
    Ok(if is_right { Checked::Right } else { Checked::Wrong })
}

async fn use_app_code(
    desk: &DeskState,
    account: AccountId,
    code: &str,
) -> Result<bool, StoreError> {
    let app = desk.store.authenticator(account).await?.filter(|app| app.confirmed);
    let totp = app.and_then(|app| Totp::new(&app.secret));
    match totp.and_then(|totp| totp.step_of(code, desk.now().as_second())) {
        Some(step) => desk.store.use_authenticator_step(account, step).await,
        None => Ok(false),
    }
}

/// Generates recovery codes of 16 letters, and their digests.
pub(super) fn recovery_codes() -> (Vec<String>, Vec<Digest>) {
    let mut rng = rand::rng();
    let mut code = || format!("{}-{}", generate_code(&mut rng), generate_code(&mut rng));
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| code()).collect();
    let digests = codes.iter().map(|code| code_digest(code)).collect();
    (codes, digests)
}

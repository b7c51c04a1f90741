//! Checking a code: of an authenticator app, or a recovery code.
//!
//! Attempts are limited for each session, so that somebody who reads a colleague's mail does not keep them out at once, and for
//! each account. Recovery codes are counted apart, so that they are left when the others are used up.

use jiff::SignedDuration;
use masthead_circulation::{
    AccountId, Digest,
    app::{code_digest, generate_code},
};
use masthead_identity::totp::Totp;
use masthead_mail::emails::SecurityNotice;
use masthead_store::{RateLimit, StoreError};

use super::send_notice;
use crate::{error::DeskError, staff::CurrentStaff, state::DeskState};

/// Attempts of one session.
const OF_SESSION: RateLimit = RateLimit { times: 5, within: SignedDuration::from_mins(15) };
/// Attempts of one account.
const OF_ACCOUNT: RateLimit = RateLimit { times: 30, within: SignedDuration::from_hours(24) };
/// Emails that tell an account that its limit is reached.
const NOTICES: RateLimit = RateLimit { times: 1, within: SignedDuration::from_hours(24) };
/// Recovery codes that are given at once.
const RECOVERY_CODES: usize = 10;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeKind {
    App,
    Recovery,
}

impl CodeKind {
    fn of(code: &str) -> Self {
        let has_letters = code.chars().any(|c| c.is_ascii_alphabetic());
        if has_letters { Self::Recovery } else { Self::App }
    }

    fn key(self, limit: &str, of: &[u8]) -> Digest {
        let kind: &[u8] = match self {
            Self::App => b"app\n",
            Self::Recovery => b"recovery\n",
        };
        Digest::of(&[b"second factor\n", limit.as_bytes(), b"\n", kind, of])
    }
}

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    Right,
    Wrong,
    /// It was not looked at, because of the attempts before it.
    TooMany,
}

/// Claims an attempt, before a code is compared. Returns `false` if none is left, on whichever server. When an account has none
/// left, its owner is told.
pub(super) async fn claim_attempt(
    desk: &DeskState,
    staff: &CurrentStaff,
    kind: CodeKind,
) -> Result<bool, DeskError> {
    let (account, now) = (staff.account.id.0.to_be_bytes(), desk.now());
    let session = kind.key("session", &staff.session.0);
    if !desk.store.claim_rate(&session, OF_SESSION, now).await? {
        return Ok(false);
    }
    if desk.store.claim_rate(&kind.key("account", &account), OF_ACCOUNT, now).await? {
        return Ok(true);
    }
    if desk.store.claim_rate(&kind.key("notice", &account), NOTICES, now).await? {
        send_notice(desk, staff, SecurityNotice::CodesTried).await?;
    }
    Ok(false)
}

/// Checks a code, and uses it up.
pub(super) async fn check(
    desk: &DeskState,
    staff: &CurrentStaff,
    code: &str,
) -> Result<Checked, DeskError> {
    let (account, kind) = (staff.account.id, CodeKind::of(code));
    if !claim_attempt(desk, staff, kind).await? {
        return Ok(Checked::TooMany);
    }
    let is_right = match kind {
        CodeKind::Recovery => desk.store.use_recovery_code(account, &code_digest(code)).await?,
        CodeKind::App => use_app_code(desk, account, code).await?,
    };
    Ok(if is_right { Checked::Right } else { Checked::Wrong })
}

async fn use_app_code(
    desk: &DeskState,
    account: AccountId,
    code: &str,
) -> Result<bool, StoreError> {
    let app = desk.store.authenticator(account).await?.filter(|app| app.confirmed);
    let Some(app) = app else { return Ok(false) };
    let totp = Totp::new(&app.secret);
    match totp.and_then(|totp| totp.step_of(code, desk.now().as_second())) {
        Some(step) => desk.store.use_authenticator_step(account, &app, step).await,
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

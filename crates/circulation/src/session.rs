//! Sessions: the devices and apps that act for an account.

use jiff::{SignedDuration, Timestamp};

use crate::{
    AccountId, Digest,
    app::{Scope, Scopes},
    staff::{DESK_IDLE_LIFETIME, DESK_SESSION_LIFETIME},
};

/// A device or an app that is signed in to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The digest of the secret in the session cookie, or of the app's token.
    pub key: Digest,
    /// The account that is signed in.
    pub account: AccountId,
    /// What holds the secret.
    pub kind: SessionKind,
    /// A description of the device that its owner recognizes, or the name that the app gave itself.
    pub device: String,
    /// When the session was started.
    pub begun: Timestamp,
    /// When its reader last proved who they are.
    pub confirmed: Timestamp,
    /// Whether that was by a passkey, or by a code of an authenticator app besides the sign-in.
    pub second_factor: bool,
    /// When the device was last seen, to about a day.
    pub seen: Timestamp,
}

/// What holds the secret of a session, and so what it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// A browser, in its cookie: everything that is the reader's.
    Browser,
    /// An app, which sends it as a bearer token (RFC 6750): what these scopes cover, and never a page of the account or the
    /// desk.
    App(Scopes),
}

/// What a session opens at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskSession {
    /// Nothing: it is over, or an app's.
    None,
    /// Nothing until its owner signs in again: it is older than a working day, or was not used for hours.
    TooOld,
    /// What the role allows.
    Open,
}

impl SessionKind {
    /// Returns `true` if the session covers this scope. A browser's covers all.
    pub fn covers(self, scope: Scope) -> bool {
        match self {
            Self::Browser => true,
            Self::App(scopes) => scopes.contains(scope),
        }
    }
}

impl Session {
    /// How long a device stays signed in after its last request.
    pub const LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
    /// How long a device stays signed in at most, however often it is used.
    pub const MAX_LIFETIME: SignedDuration = SignedDuration::from_hours(365 * 24);
    /// How outdated [`Session::seen`] may be.
    pub const SEEN_RESOLUTION: SignedDuration = SignedDuration::from_hours(24);

    /// How long after signing in a reader may do what would help a thief of their device or cookie most: let an app in, change
    /// how one signs in, delete the account; at the desk invite people, change roles, refund and export.
    pub const RECENT: SignedDuration = SignedDuration::from_mins(15);

    /// The session of a browser that signs in now.
    pub fn of_browser(key: Digest, account: AccountId, device: String, now: Timestamp) -> Self {
        Self::new((key, account, SessionKind::Browser), device, now)
    }

    /// The session of an app that is signed in now.
    pub fn of_app(
        key: Digest,
        account: AccountId,
        name: String,
        scopes: Scopes,
        now: Timestamp,
    ) -> Self {
        Self::new((key, account, SessionKind::App(scopes)), name, now)
    }

    fn new(
        (key, account, kind): (Digest, AccountId, SessionKind),
        device: String,
        now: Timestamp,
    ) -> Self {
        let (begun, seen, confirmed) = (now, now, now);
        Self { key, account, kind, device, begun, confirmed, second_factor: false, seen }
    }

    /// Returns what the session opens at the desk, if its account belongs to staff.
    pub fn at_desk(&self, now: Timestamp) -> DeskSession {
        if self.kind != SessionKind::Browser || self.is_over(now) {
            return DeskSession::None;
        }
        let is_too_old = now.duration_since(self.begun) >= DESK_SESSION_LIFETIME
            || now.duration_since(self.seen) >= DESK_IDLE_LIFETIME;
        if is_too_old { DeskSession::TooOld } else { DeskSession::Open }
    }

    /// Returns `true` if the reader has proved who they are within [`Session::RECENT`].
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now.duration_since(self.confirmed) < Self::RECENT
    }

    /// Returns `true` if the session has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen) >= Self::LIFETIME
            || now.duration_since(self.begun) >= Self::MAX_LIFETIME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_after_90_days_without_a_visit_and_after_a_year() {
        let now = Timestamp::UNIX_EPOCH;
        let hours = |hours| now + SignedDuration::from_hours(hours);
        let mut session = Session::of_browser(Digest([1; 32]), AccountId(1), String::new(), now);
        assert!(!session.is_over(hours(90 * 24 - 1)) && session.is_over(hours(90 * 24)));
        session.seen = hours(364 * 24);
        assert!(!session.is_over(hours(365 * 24 - 1)) && session.is_over(hours(365 * 24)));
    }

    #[test]
    fn a_browser_opens_everything_and_an_app_its_scopes() {
        assert!(SessionKind::Browser.covers(Scope::Account));
        let reads = SessionKind::App(Scopes::ARTICLES);
        assert!(reads.covers(Scope::Articles) && !reads.covers(Scope::Account));
    }
}

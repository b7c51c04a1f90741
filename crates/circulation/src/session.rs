//! Sessions: the devices and apps that act for an account.

use jiff::{SignedDuration, Timestamp};

use crate::{
    AccountId, Digest,
    app::{Scope, Scopes},
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
    /// When the session was started. That is also when its reader last proved who they are: doing so again starts
    /// another session.
    pub begun: Timestamp,
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
    /// How outdated [`Session::seen`] may be.
    pub const SEEN_RESOLUTION: SignedDuration = SignedDuration::from_hours(24);

    /// How long after signing in a reader may do what would help a thief of their device or cookie most: let an app in, change
    /// how one signs in, delete the account; at the desk invite people, change roles, refund and export.
    pub const RECENT: SignedDuration = SignedDuration::from_mins(15);

    /// The session of a browser that signs in now.
    pub fn of_browser(key: Digest, account: AccountId, device: String, now: Timestamp) -> Self {
        Self { key, account, kind: SessionKind::Browser, device, begun: now, seen: now }
    }

    /// The session of an app that is signed in now.
    pub fn of_app(
        key: Digest,
        account: AccountId,
        name: String,
        scopes: Scopes,
        now: Timestamp,
    ) -> Self {
        let kind = SessionKind::App(scopes);
        Self { key, account, kind, device: name, begun: now, seen: now }
    }

    /// Returns `true` if the reader has signed in within [`Session::RECENT`].
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now.duration_since(self.begun) < Self::RECENT
    }

    /// Returns `true` if the session has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen) >= Self::LIFETIME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_opens_everything_and_an_app_its_scopes() {
        assert!(SessionKind::Browser.covers(Scope::Account));
        let reads = SessionKind::App(Scopes::ARTICLES);
        assert!(reads.covers(Scope::Articles) && !reads.covers(Scope::Account));
    }
}

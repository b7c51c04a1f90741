//! What the security log knows.

use serde::{Serialize, Serializer};

/// Something that is written to the security log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecurityEvent {
    /// Somebody signs in, or tries to.
    SignIn,
    /// A session is ended by its owner.
    SessionEnded,
    /// All sessions of an account are ended by its owner.
    SessionsEnded,
    /// A passkey is added to an account.
    PasskeyAdded,
    /// A passkey is removed from an account.
    PasskeyRemoved,
    /// An account elsewhere signs in to an account for the first time.
    IdentityLinked,
    /// An account elsewhere is removed from an account.
    IdentityRemoved,
    /// The address of an account is changed.
    AddressChanged,
    /// An account is deleted by its owner.
    AccountDeleted,
    /// A subscription is cancelled by the link in an email.
    EndedByLink,
    /// The feed of what a reader follows gets a new address.
    FeedRenewed,
    /// A reader changes where papers are delivered.
    DeliveryChanged,
    /// A reader fetches what is stored about them.
    OwnDataExported,
    /// A reader lets an app in, or refuses it.
    AppAnswered,
    /// An app gets its token.
    TokenIssued,
    /// An app gives its token back.
    TokenRevoked,
    /// A limit on requests is reached.
    RateLimited,
    /// A request names no host, or none that is valid.
    HostRefused,
    /// A message to the webhook of a payment processor is not signed by it, or cannot be read.
    WebhookRefused,
    /// The desk refuses somebody.
    DeskDenied,
    /// Staff show a second factor.
    SecondFactor,
    /// Staff set up or remove an authenticator app, or get new recovery codes.
    SecondFactorChanged,
    /// Staff search readers.
    ReadersSearched,
    /// Staff look at the data of a reader.
    ReaderViewed,
    /// Staff change something of a reader: meter, subscription, payment.
    ReaderChanged,
    /// Staff export data.
    Exported,
    /// Somebody is invited to the desk, or an invitation is withdrawn.
    InvitationChanged,
    /// Somebody joins the desk by an invitation.
    StaffJoined,
    /// A role is given to a member of the staff, or taken away.
    RoleChanged,
    /// Which roles need a second factor is changed.
    FactorRuleChanged,
    /// Staff sign everyone out.
    EveryoneSignedOut,
    /// A setting is changed at the desk.
    SettingsChanged,
    /// Staff upload an archive of articles, or start, stop, resume or delete one.
    ArticlesImported,
}

impl SecurityEvent {
    /// All events, in the order of the guide.
    pub const ALL: [Self; 33] = [
        Self::SignIn,
        Self::SessionEnded,
        Self::SessionsEnded,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::IdentityLinked,
        Self::IdentityRemoved,
        Self::AddressChanged,
        Self::AccountDeleted,
        Self::EndedByLink,
        Self::FeedRenewed,
        Self::DeliveryChanged,
        Self::OwnDataExported,
        Self::AppAnswered,
        Self::TokenIssued,
        Self::TokenRevoked,
        Self::RateLimited,
        Self::HostRefused,
        Self::WebhookRefused,
        Self::DeskDenied,
        Self::SecondFactor,
        Self::SecondFactorChanged,
        Self::ReadersSearched,
        Self::ReaderViewed,
        Self::ReaderChanged,
        Self::Exported,
        Self::InvitationChanged,
        Self::StaffJoined,
        Self::RoleChanged,
        Self::FactorRuleChanged,
        Self::EveryoneSignedOut,
        Self::SettingsChanged,
        Self::ArticlesImported,
    ];

    /// The word in the log. Programs rely on it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SessionEnded => "session-ended",
            Self::SessionsEnded => "sessions-ended",
            Self::PasskeyAdded => "passkey-added",
            Self::PasskeyRemoved => "passkey-removed",
            Self::IdentityLinked => "identity-linked",
            Self::IdentityRemoved => "identity-removed",
            Self::AddressChanged => "address-changed",
            Self::AccountDeleted => "account-deleted",
            Self::EndedByLink => "ended-by-link",
            Self::FeedRenewed => "feed-renewed",
            Self::DeliveryChanged => "delivery-changed",
            Self::OwnDataExported => "own-data-exported",
            Self::AppAnswered => "app-answered",
            Self::TokenIssued => "token-issued",
            Self::TokenRevoked => "token-revoked",
            Self::RateLimited => "rate-limited",
            Self::HostRefused => "host-refused",
            Self::WebhookRefused => "webhook-refused",
            Self::DeskDenied => "desk-denied",
            Self::SecondFactor => "second-factor",
            Self::SecondFactorChanged => "second-factor-changed",
            Self::ReadersSearched => "readers-searched",
            Self::ReaderViewed => "reader-viewed",
            Self::ReaderChanged => "reader-changed",
            Self::Exported => "exported",
            Self::InvitationChanged => "invitation-changed",
            Self::StaffJoined => "staff-joined",
            Self::RoleChanged => "role-changed",
            Self::FactorRuleChanged => "factor-rule-changed",
            Self::EveryoneSignedOut => "everyone-signed-out",
            Self::SettingsChanged => "settings-changed",
            Self::ArticlesImported => "articles-imported",
        }
    }
}

impl Serialize for SecurityEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

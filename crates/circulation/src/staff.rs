//! Staff: roles and permissions at the desk.

use jiff::{SignedDuration, Timestamp};
use strum::VariantArray as _;

use crate::{AccountId, Digest, EmailAddress};

/// How long after signing in staff may use the desk: a long working day. Then they must sign in
/// again, although their session as readers continues.
pub const DESK_SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(16);

/// How long staff may do nothing at the desk before they must sign in again.
pub const DESK_IDLE_LIFETIME: SignedDuration = SignedDuration::from_hours(2);

/// The role of a member of staff. Everyone has exactly one.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    strum_macros::Display,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Role {
    /// May do everything, including managing staff.
    Owner,
    /// Plans, edits and publishes all pieces.
    Editor,
    /// Writes their own pieces.
    Author,
    /// Manages the meter, messages, offers and readers.
    Circulation,
    /// Supports readers.
    Support,
}

/// A permission at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Write one's own pieces.
    Write,
    /// Edit, plan and publish all pieces.
    Edit,
    /// Configure the meter, messages, products and offers.
    EditSettings,
    /// See the statistics.
    ViewFigures,
    /// Support readers and their subscriptions.
    SupportReaders,
    /// Manage staff.
    ManageStaff,
}

impl Role {
    /// Returns every role, those with the most permissions first.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The name as stored in the database and used in addresses.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns `true` if the role has the permission. This is the only definition of who may do
    /// what.
    pub fn may(self, permission: Permission) -> bool {
        match self {
            Self::Owner => true,
            Self::Editor => {
                matches!(permission, Permission::Write | Permission::Edit | Permission::ViewFigures)
            }
            Self::Author => permission == Permission::Write,
            Self::Circulation => {
                matches!(
                    permission,
                    Permission::EditSettings | Permission::ViewFigures | Permission::SupportReaders
                )
            }
            Self::Support => permission == Permission::SupportReaders,
        }
    }
}

/// A member of staff. They have an account like readers, so they sign in in the same ways and may
/// read everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staff {
    /// The account.
    pub account: AccountId,
    /// The role.
    pub role: Role,
    /// Since when they have had access to the desk.
    pub since: Timestamp,
}

/// What an account has besides its address to prove who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecondFactors {
    /// Whether an authenticator app is set up.
    pub authenticator: bool,
    /// The number of passkeys.
    pub passkeys: u64,
    /// The number of recovery codes that are not used.
    pub recovery_codes: u64,
}

impl SecondFactors {
    /// Returns `true` if there is one. Then the desk asks for it.
    pub fn any(&self) -> bool {
        self.authenticator || self.passkeys > 0
    }
}

/// An invitation to the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The digest of the secret in its link.
    pub key: Digest,
    /// The address that was invited, or `None` if anyone with the link may accept it, as for the
    /// first owner.
    pub email: Option<EmailAddress>,
    /// The role they will have.
    pub role: Role,
    /// Who invited, or `None` for the command line and for deleted accounts.
    pub by: Option<AccountId>,
    /// When they were invited.
    pub at: Timestamp,
}

impl Invitation {
    /// The lifetime of an invitation.
    pub const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

    /// Returns `true` if the invitation has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) >= Self::LIFETIME
    }
}

/// Who did something at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoneBy {
    /// Someone with access to the server, on the command line.
    Server,
    /// The person with this account.
    Account(AccountId),
    /// A person whose account has been deleted.
    Deleted,
}

impl From<Option<AccountId>> for DoneBy {
    /// Without an account, it was done on the command line.
    fn from(account: Option<AccountId>) -> Self {
        account.map_or(Self::Server, Self::Account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERMISSIONS: [Permission; 5] = [
        Permission::Write,
        Permission::Edit,
        Permission::EditSettings,
        Permission::SupportReaders,
        Permission::ManageStaff,
    ];

    #[test]
    fn each_role_has_its_permissions() {
        let may = |role: Role| PERMISSIONS.map(|permission| role.may(permission));
        assert_eq!(may(Role::Owner), [true; 5]);
        assert_eq!(may(Role::Editor), [true, true, false, false, false]);
        assert_eq!(may(Role::Author), [true, false, false, false, false]);
        assert_eq!(may(Role::Circulation), [false, false, true, true, false]);
        assert_eq!(may(Role::Support), [false, false, false, true, false]);
    }

    #[test]
    fn stored_words_are_stable() {
        let roles: Vec<&str> = Role::all().map(Role::name).collect();
        assert_eq!(roles, ["owner", "editor", "author", "circulation", "support"]);
    }

    #[test]
    fn names_round_trip() {
        for role in Role::all() {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert!("publisher".parse::<Role>().is_err());
    }
}

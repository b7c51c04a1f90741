//! Who works at the desk, and what each may do there.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::{AccountId, Digest, EmailAddress};

/// How long after signing in somebody may work at the desk: a long working day. After that they sign in
/// again, where readers stay signed in.
pub const SHIFT: SignedDuration = SignedDuration::from_hours(16);

/// What somebody is at the desk. Everybody is one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// May do everything, and says who else works here.
    Owner,
    /// Plans, edits and publishes everybody's pieces.
    Editor,
    /// Writes pieces of their own.
    Author,
    /// Looks after the meter, its messages, offers, and readers.
    Circulation,
    /// Looks after readers.
    Support,
}

/// What there is to do at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Write pieces of one's own.
    Write,
    /// Edit, plan and publish everybody's.
    Edit,
    /// Set the meter, its messages and offers.
    Steer,
    /// See what is counted of the audience.
    Measure,
    /// Help readers with their subscriptions.
    Help,
    /// Say who works here.
    Appoint,
}

impl Role {
    /// All that there are, the mightiest first.
    pub const ALL: [Self; 5] =
        [Self::Owner, Self::Editor, Self::Author, Self::Circulation, Self::Support];

    /// Its name, as it is stored and written in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Editor => "editor",
            Self::Author => "author",
            Self::Circulation => "circulation",
            Self::Support => "support",
        }
    }

    /// The role of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether somebody in this role may do that. This is the one place that says so.
    pub fn may(self, permission: Permission) -> bool {
        match self {
            Self::Owner => true,
            Self::Editor => {
                matches!(permission, Permission::Write | Permission::Edit | Permission::Measure)
            }
            Self::Author => permission == Permission::Write,
            Self::Circulation => {
                matches!(permission, Permission::Steer | Permission::Measure | Permission::Help)
            }
            Self::Support => permission == Permission::Help,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Somebody who works at the desk. They are an account like a reader's, so that they sign in in the
/// same ways, and read everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Who.
    pub account: AccountId,
    /// What they are.
    pub role: Role,
    /// Since when they have worked here.
    pub since: Timestamp,
}

/// Somebody is asked to work at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// What its link's secret digests to.
    pub key: Digest,
    /// Whom it is for; none for whoever holds the link, as the first owner does.
    pub email: Option<EmailAddress>,
    /// What they will be.
    pub role: Role,
    /// Who invites; `None` if it was done on the server, or their account is deleted.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

impl Invitation {
    /// How long one is good.
    pub const LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

    /// Whether it has run out.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) >= Self::LASTS
    }
}

/// Who did something at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoneBy {
    /// Somebody with access to the server itself, on the command line.
    Server,
    /// The person with this account.
    Account(AccountId),
    /// Somebody whose account is deleted.
    Deleted,
}

impl From<Option<AccountId>> for DoneBy {
    /// Without an account it was done on the server.
    fn from(account: Option<AccountId>) -> Self {
        account.map_or(Self::Server, Self::Account)
    }
}

/// A line in the desk's record: who did what to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: DoneBy,
    /// What was done.
    pub deed: StaffAction,
    /// The address of the person it was done to.
    pub about: String,
    /// Why, where a reason is asked for.
    pub reason: String,
}

/// What may be done to those who work here or are asked to, or for readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffAction {
    /// They were asked to be this.
    Invited(Role),
    /// They came.
    Joined(Role),
    /// What they were asked was taken back.
    Withdrew(Role),
    /// They are this from now on.
    Appointed(Role),
    /// They work here no more.
    Dismissed(Role),
    /// A reader's meter begins anew.
    ResetMeter,
}

impl StaffAction {
    /// Its name and the role, as they are stored.
    pub fn parts(self) -> (&'static str, Option<Role>) {
        match self {
            Self::Invited(role) => ("invited", Some(role)),
            Self::Joined(role) => ("joined", Some(role)),
            Self::Withdrew(role) => ("withdrew", Some(role)),
            Self::Appointed(role) => ("appointed", Some(role)),
            Self::Dismissed(role) => ("dismissed", Some(role)),
            Self::ResetMeter => ("reset-meter", None),
        }
    }

    /// The deed with that name.
    pub fn named(name: &str, role: Option<Role>) -> Option<Self> {
        let Some(role) = role else {
            return (Self::ResetMeter.parts().0 == name).then_some(Self::ResetMeter);
        };
        let all: [fn(Role) -> Self; 5] =
            [Self::Invited, Self::Joined, Self::Withdrew, Self::Appointed, Self::Dismissed];
        all.into_iter().map(|deed| deed(role)).find(|deed| deed.parts().0 == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERMISSIONS: [Permission; 5] = [
        Permission::Write,
        Permission::Edit,
        Permission::Steer,
        Permission::Help,
        Permission::Appoint,
    ];

    #[test]
    fn each_may_do_what_is_theirs() {
        let may = |role: Role| PERMISSIONS.map(|permission| role.may(permission));
        assert_eq!(may(Role::Owner), [true; 5]);
        assert_eq!(may(Role::Editor), [true, true, false, false, false]);
        assert_eq!(may(Role::Author), [true, false, false, false, false]);
        assert_eq!(may(Role::Circulation), [false, false, true, true, false]);
        assert_eq!(may(Role::Support), [false, false, false, true, false]);
    }

    #[test]
    fn names_are_found_again() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.name()), Some(role));
            for deed in [
                StaffAction::Invited(role),
                StaffAction::Withdrew(role),
                StaffAction::Dismissed(role),
            ] {
                assert_eq!(StaffAction::named(deed.parts().0, Some(role)), Some(deed));
            }
        }
        assert_eq!(StaffAction::named("reset-meter", None), Some(StaffAction::ResetMeter));
        assert_eq!(StaffAction::named("invited", None), None);
        assert_eq!(Role::named("publisher"), None);
    }
}

//! The names and duties of roles.

use masthead_circulation::staff::Role;

/// The name of a role.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Editor => "Editor",
        Role::Author => "Author",
        Role::Circulation => "Circulation",
        Role::Support => "Support",
    }
}

/// What somebody in a role does, to follow its name in a sentence.
pub(crate) fn role_duties(role: Role) -> &'static str {
    match role {
        Role::Owner => "does everything here, and says who else may come.",
        Role::Editor => "plans, edits and publishes everybody’s pieces.",
        Role::Author => "writes pieces, and sends them to an editor.",
        Role::Circulation => "sets the meter, its messages and offers, and helps readers.",
        Role::Support => "helps readers with their subscriptions.",
    }
}

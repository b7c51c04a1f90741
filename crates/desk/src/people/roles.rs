//! The names and duties of roles.

use masthead_circulation::staff::Role;

use crate::words::DeskWords;

/// The name of a role.
pub(crate) fn role_name(words: DeskWords, role: Role) -> &'static str {
    words.text(match role {
        Role::Owner => "role_owner",
        Role::Editor => "role_editor",
        Role::Author => "role_author",
        Role::Circulation => "role_circulation",
        Role::Support => "role_support",
    })
}

/// What somebody in a role does, as a sentence.
pub(crate) fn role_duties(words: DeskWords, role: Role) -> &'static str {
    words.text(match role {
        Role::Owner => "role_owner_duties",
        Role::Editor => "role_editor_duties",
        Role::Author => "role_author_duties",
        Role::Circulation => "role_circulation_duties",
        Role::Support => "role_support_duties",
    })
}

//! What members of the staff are told about articles, and who wants to know what.
//!
//! To add an event: add a variant; the compiler asks who it concerns and for its defaults, and the desk for its words.

use strum::VariantArray as _;

use crate::staff::{Permission, Role};

/// Something about an article of which members of the staff are told.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum NotificationEvent {
    /// It was submitted for review.
    Submitted,
    /// It was returned to its writers.
    Returned,
    /// It was published, or scheduled.
    Published,
    /// They are mentioned in a comment.
    Mentioned,
    /// Somebody has commented on it, or replied.
    Commented,
    /// It was assigned to them.
    Assigned,
    /// Its deadline is near, or has passed.
    Deadline,
}

/// How somebody wants to be told of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotificationChoice {
    /// By email.
    pub by_email: bool,
    /// In the newsroom.
    pub at_desk: bool,
}

impl NotificationEvent {
    /// Returns every event.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The name as stored in the database and used in forms.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether people in this role can be told of it.
    pub fn concerns(self, role: Role) -> bool {
        role.may(match self {
            Self::Submitted => Permission::Edit,
            Self::Returned
            | Self::Published
            | Self::Mentioned
            | Self::Commented
            | Self::Assigned
            | Self::Deadline => Permission::Write,
        })
    }

    /// How those are told who have chosen nothing.
    pub fn default_choice(self) -> NotificationChoice {
        let by_email = match self {
            Self::Submitted
            | Self::Returned
            | Self::Mentioned
            | Self::Assigned
            | Self::Deadline => true,
            Self::Published | Self::Commented => false,
        };
        NotificationChoice { by_email, at_desk: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_words_are_stable() {
        let names: Vec<&str> = NotificationEvent::all().map(NotificationEvent::name).collect();
        assert_eq!(
            names,
            [
                "submitted",
                "returned",
                "published",
                "mentioned",
                "commented",
                "assigned",
                "deadline"
            ]
        );
        for event in NotificationEvent::all() {
            assert_eq!(event.name().parse(), Ok(event));
        }
    }

    #[test]
    fn only_those_are_told_who_work_on_articles() {
        let told = |role| NotificationEvent::all().filter(|event| event.concerns(role)).count();
        assert_eq!((told(Role::Editor), told(Role::Author), told(Role::Support)), (7, 6, 0));
    }
}

//! Who an article is assigned to, and by when it is due.

use jiff::Timestamp;

use crate::{
    AccountId,
    staff::{Permission, Role},
};

/// Who an article is assigned to, and by when it is due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// Its writers, who may edit it, by account number.
    pub writers: Vec<AccountId>,
    /// The editor who is responsible for it.
    pub editor: Option<AccountId>,
    /// By when it is due.
    pub deadline: Option<Timestamp>,
}

/// Why an assignment cannot be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAssignment {
    /// A writer is not on the team, or their role does not write.
    #[error("this account does not write")]
    NoWriter(AccountId),
    /// The editor is not on the team, or their role does not edit.
    #[error("this account does not edit")]
    NoEditor(AccountId),
    /// Authors add writers to their own articles; editors change the rest.
    #[error("only editors change this")]
    OnlyEditors,
}

impl Assignment {
    /// Sorts the writers and removes repetitions, so that equal assignments compare equal.
    pub fn new(
        mut writers: Vec<AccountId>,
        editor: Option<AccountId>,
        deadline: Option<Timestamp>,
    ) -> Self {
        writers.sort_unstable_by_key(|writer| writer.0);
        writers.dedup();
        Self { writers, editor, deadline }
    }

    /// Checks that somebody with this role may replace this assignment by `after`. `role_of` returns the role of an account.
    /// People who were assigned before may stay, whatever has become of their role.
    ///
    /// # Errors
    ///
    /// Returns why not.
    pub fn check_change(
        &self,
        after: &Self,
        role: Role,
        role_of: impl Fn(AccountId) -> Option<Role>,
    ) -> Result<(), InvalidAssignment> {
        let may = |id: AccountId, permission| role_of(id).is_some_and(|role| role.may(permission));
        let is_removed = self.writers.iter().any(|writer| !after.writers.contains(writer));
        let is_moved = self.editor != after.editor || self.deadline != after.deadline;
        if !role.may(Permission::Edit) && (is_removed || is_moved) {
            return Err(InvalidAssignment::OnlyEditors);
        }
        let mut added = after.writers.iter().filter(|writer| !self.writers.contains(writer));
        if let Some(writer) = added.find(|writer| !may(**writer, Permission::Write)) {
            return Err(InvalidAssignment::NoWriter(*writer));
        }
        match after.editor.filter(|editor| self.editor != Some(*editor)) {
            Some(editor) if !may(editor, Permission::Edit) => {
                Err(InvalidAssignment::NoEditor(editor))
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: AccountId = AccountId(1);
    const BO: AccountId = AccountId(2);
    const ED: AccountId = AccountId(3);
    const SUE: AccountId = AccountId(4);

    fn role_of(id: AccountId) -> Option<Role> {
        match id {
            ADA | BO => Some(Role::Author),
            ED => Some(Role::Editor),
            SUE => Some(Role::Support),
            _ => None,
        }
    }

    fn of(writers: &[AccountId], editor: Option<AccountId>) -> Assignment {
        Assignment::new(writers.to_vec(), editor, None)
    }

    #[test]
    fn writers_are_compared_in_any_order() {
        assert_eq!(of(&[BO, ADA, BO], None), of(&[ADA, BO], None));
    }

    #[test]
    fn authors_add_writers_and_change_nothing_else() {
        let check = |before: &Assignment, after| before.check_change(&after, Role::Author, role_of);
        let own = of(&[ADA], Some(ED));
        assert_eq!(check(&own, of(&[ADA, BO], Some(ED))), Ok(()));
        let refused = Err(InvalidAssignment::OnlyEditors);
        assert_eq!(check(&own, of(&[BO], Some(ED))), refused);
        assert_eq!(check(&own, of(&[ADA], None)), refused);
        let due = Assignment { deadline: Some(Timestamp::UNIX_EPOCH), ..own.clone() };
        assert_eq!(check(&own, due), refused);
        assert_eq!(check(&own, of(&[ADA, SUE], Some(ED))), Err(InvalidAssignment::NoWriter(SUE)));
    }

    #[test]
    fn editors_assign_those_who_have_the_role_for_it() {
        let check = |before: &Assignment, after| before.check_change(&after, Role::Editor, role_of);
        let own = of(&[ADA], None);
        assert_eq!(check(&own, of(&[BO, ED], Some(ED))), Ok(()));
        assert_eq!(check(&own, of(&[], None)), Ok(()));
        assert_eq!(check(&own, of(&[ADA], Some(BO))), Err(InvalidAssignment::NoEditor(BO)));
        let gone = AccountId(9);
        assert_eq!(check(&own, of(&[gone], None)), Err(InvalidAssignment::NoWriter(gone)));
        // Somebody who has left the team stays until they are removed.
        let left = of(&[gone], Some(gone));
        assert_eq!(check(&left, of(&[gone, ADA], Some(gone))), Ok(()));
    }
}

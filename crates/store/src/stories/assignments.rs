//! Who a story is assigned to, and by when it is due.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{
    AccountId, Assignment, AuditAction, AuditChange, InvalidAssignment, staff::Role,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr,
};

use super::{
    StoryEntry,
    audit::record_change,
    listing::{lock_entry, read_entry, writers_of},
    telling,
};
use crate::{
    Attribution, Store, StoreError,
    ids::{Key, PieceKey},
    notifications::forget_reminders,
    parse_stored,
    records::{staff, story, story_writer},
};

/// The result of assigning a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// It is assigned.
    Done,
    /// Nothing was changed, because somebody else has assigned it since.
    Behind,
    /// Nothing was changed, because it must not be assigned like this.
    Refused(InvalidAssignment),
}

impl StoryEntry {
    /// Who it is assigned to, and by when it is due.
    pub fn assignment(&self) -> Assignment {
        Assignment::new(self.writers.clone(), self.editor, self.deadline)
    }
}

impl Store {
    /// Assigns a story as `wanted`, if it is still assigned as `seen`. The version of the story stays: its text is not changed.
    #[tracing::instrument(skip_all)]
    pub async fn assign(
        &self,
        id: ArticleId,
        seen: &Assignment,
        wanted: &Assignment,
        attribution: Attribution,
    ) -> Result<Assigned, StoreError> {
        let id = Key(id);
        let transaction = self.begin().await?;
        // From here on the row is locked.
        let Some(row) = lock_entry(&transaction, id).await? else { return Ok(Assigned::Behind) };
        let writers = writers_of(&transaction, [id]).await?.remove(&id).unwrap_or_default();
        let entry = read_entry(row, writers)?;
        let before = entry.assignment();
        if before != *seen {
            return Ok(Assigned::Behind);
        }
        if let Err(refused) = check(&transaction, &before, wanted, attribution.by).await? {
            return Ok(Assigned::Refused(refused));
        }
        if before == *wanted {
            return Ok(Assigned::Done);
        }
        let changes = changes(&before, wanted);
        put(&transaction, id, wanted).await?;
        if before.deadline != wanted.deadline {
            forget_reminders(&transaction, id).await?;
        }
        let (action, headline) = (AuditAction::AssignedArticle, &entry.headline);
        record_change(&transaction, id, action, headline, attribution, changes).await?;
        telling::assigned(&transaction, id, (&before, wanted), attribution).await?;
        transaction.commit().await?;
        Ok(Assigned::Done)
    }
}

/// Whether this account may assign the story like this. The roles are read in the transaction.
async fn check(
    from: &DatabaseTransaction,
    before: &Assignment,
    wanted: &Assignment,
    by: AccountId,
) -> Result<Result<(), InvalidAssignment>, StoreError> {
    let people = before.writers.iter().chain(&wanted.writers).copied();
    let people = people.chain(wanted.editor).chain([by]).map(Key);
    let mut roles: Vec<(AccountId, Role)> = Vec::new();
    for row in staff::Entity::find().filter(staff::Column::Account.is_in(people)).all(from).await? {
        roles.push((row.account.0, parse_stored("the role", &row.role)?));
    }
    let role_of = |id: AccountId| roles.iter().find(|known| known.0 == id).map(|known| known.1);
    Ok(match role_of(by) {
        Some(role) => before.check_change(wanted, role, role_of),
        None => Err(InvalidAssignment::OnlyEditors),
    })
}

async fn put(
    to: &DatabaseTransaction,
    id: PieceKey,
    wanted: &Assignment,
) -> Result<(), StoreError> {
    story::Entity::update_many()
        .col_expr(story::Column::EditorAccount, Expr::value(wanted.editor.map(Key)))
        .col_expr(story::Column::Deadline, Expr::value(wanted.deadline.map(Timestamp::as_second)))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    story_writer::Entity::delete_many().filter(story_writer::Column::Piece.eq(id)).exec(to).await?;
    let rows = wanted
        .writers
        .iter()
        .map(|writer| story_writer::ActiveModel { piece: Set(id), account: Set(Key(*writer)) });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        story_writer::Entity::insert_many(rows).exec_without_returning(to).await?;
    }
    Ok(())
}

/// What the audit log says of it. People are named by the numbers of their accounts, so that the log has nothing of those who
/// have left.
fn changes(before: &Assignment, after: &Assignment) -> Vec<AuditChange> {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let editor = |assignment: &Assignment| assignment.editor.into_iter().collect::<Vec<_>>();
    let all = [
        AuditChange::between("writers", &numbers(&before.writers), &numbers(&after.writers)),
        AuditChange::between("editor", &numbers(&editor(before)), &numbers(&editor(after))),
        AuditChange::between("deadline", &time(before.deadline), &time(after.deadline)),
    ];
    all.into_iter().flatten().collect()
}

fn numbers(ids: &[AccountId]) -> String {
    ids.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(", ")
}

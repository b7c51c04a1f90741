//! The outbox: mail to readers, from when it is written until it has been sent.

use jiff::Timestamp;
use masthead_circulation::{EmailAddress, sign_in};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use crate::{Store, StoreError, records::letter as row, time};

/// Mail, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// Whom to.
    pub to: EmailAddress,
    /// What it is about, such as `sign-in`.
    pub kind: String,
    /// Its subject.
    pub subject: String,
    /// For those who read plain text.
    pub text: String,
    /// For all others.
    pub html: String,
}

/// How far a letter has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterState {
    /// It will be sent, now or when the relay takes mail again.
    Waiting,
    /// The relay has taken it.
    Sent,
    /// It was refused for good, tried too often, or came back.
    Failed,
}

impl LetterState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

/// A letter in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its number.
    pub id: i32,
    /// What it says.
    pub letter: Email,
    /// When it was written.
    pub written: Timestamp,
    /// How far it has come.
    pub state: LetterState,
    /// How often it has been tried.
    pub tries: u32,
    /// What went wrong last; empty if nothing did.
    pub fault: String,
}

impl Store {
    /// Puts a letter into the outbox.
    pub async fn post(&self, letter: &Email, now: Timestamp) -> Result<(), StoreError> {
        put(&self.database, std::slice::from_ref(letter), now).await
    }

    /// At most `most` letters that should be sent now, the longest waiting first.
    pub async fn due_letters(
        &self,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::State.eq(LetterState::Waiting.name()))
            .filter(row::Column::Due.lte(now.as_second()))
            .order_by_asc(row::Column::Due)
            .order_by_asc(row::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The latest letters, at most `most`.
    pub async fn letters(&self, most: u64) -> Result<Vec<OutboxEntry>, StoreError> {
        let rows = row::Entity::find()
            .order_by_desc(row::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The latest letters to an address, at most `most`.
    pub async fn letters_to(
        &self,
        to: &EmailAddress,
        most: u64,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Recipient.eq(to.as_str()))
            .order_by_desc(row::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The latest letter to an address of whose fate something is known, but for those to sign in with:
    /// whoever is signed in has had theirs.
    pub async fn last_delivery(
        &self,
        to: &EmailAddress,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let row = row::Entity::find()
            .filter(row::Column::Recipient.eq(to.as_str()))
            .filter(row::Column::State.ne(LetterState::Waiting.name()))
            .filter(row::Column::Kind.ne(sign_in::LETTER))
            .order_by_desc(row::Column::Id)
            .one(&self.database)
            .await?;
        row.map(read).transpose()
    }

    /// Notes that the latest letter that was sent to an address has come back; `false` where none was.
    pub async fn letter_came_back(
        &self,
        to: &EmailAddress,
        fault: &str,
    ) -> Result<bool, StoreError> {
        let sent = row::Entity::find()
            .filter(row::Column::Recipient.eq(to.as_str()))
            .filter(row::Column::State.eq(LetterState::Sent.name()))
            .order_by_desc(row::Column::Id)
            .one(&self.database)
            .await?;
        match sent {
            Some(sent) => {
                self.settle_letter(sent.id, LetterState::Failed, fault).await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Takes a due letter in hand, for one try. Of several servers that would send it, one is told
    /// `true`; should that one come to grief, the letter is due again at `again`.
    pub async fn take_letter(
        &self,
        posted: &OutboxEntry,
        again: Timestamp,
    ) -> Result<bool, StoreError> {
        let taken = row::Entity::update_many()
            .col_expr(row::Column::Due, Expr::value(again.as_second()))
            .col_expr(row::Column::Tries, Expr::col(row::Column::Tries).add(1))
            .filter(row::Column::Id.eq(posted.id))
            .filter(row::Column::State.eq(LetterState::Waiting.name()))
            .filter(row::Column::Tries.eq(i32::try_from(posted.tries).unwrap_or(i32::MAX)))
            .exec(&self.database)
            .await?;
        Ok(taken.rows_affected == 1)
    }

    /// Notes what came of a try.
    pub async fn settle_letter(
        &self,
        id: i32,
        state: LetterState,
        fault: &str,
    ) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::State, Expr::value(state.name()))
            .col_expr(row::Column::Fault, Expr::value(fault))
            .filter(row::Column::Id.eq(id))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

/// Puts letters into the outbox, together with what else is written.
pub(crate) async fn put(
    database: &impl ConnectionTrait,
    letters: &[Email],
    now: Timestamp,
) -> Result<(), StoreError> {
    let new = |letter: &Email| row::ActiveModel {
        id: NotSet,
        recipient: Set(letter.to.to_string()),
        kind: Set(letter.kind.clone()),
        subject: Set(letter.subject.clone()),
        text: Set(letter.text.clone()),
        html: Set(letter.html.clone()),
        written: Set(now.as_second()),
        state: Set(LetterState::Waiting.name().to_owned()),
        tries: Set(0),
        due: Set(now.as_second()),
        fault: Set(String::new()),
    };
    if !letters.is_empty() {
        let rows = letters.iter().map(new);
        row::Entity::insert_many(rows).exec_without_returning(database).await?;
    }
    Ok(())
}

fn read(row: row::Model) -> Result<OutboxEntry, StoreError> {
    Ok(OutboxEntry {
        id: row.id,
        written: time(row.written),
        state: match row.state.as_str() {
            "sent" => LetterState::Sent,
            "failed" => LetterState::Failed,
            _ => LetterState::Waiting,
        },
        tries: row.tries.unsigned_abs(),
        fault: row.fault,
        letter: Email {
            to: row.recipient.parse().map_err(StoreError::unreadable)?,
            kind: row.kind,
            subject: row.subject,
            text: row.text,
            html: row.html,
        },
    })
}

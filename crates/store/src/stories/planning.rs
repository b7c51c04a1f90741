//! What is planned: the calendar, other times for what is scheduled, and what was returned to its writers.

use std::collections::HashMap;

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::{
    Piece, Status,
    draft::{self, Embargoed, WorkflowState},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func},
};

use super::{
    Story, StoryChange, StoryEntry, Written, publishing::NewPublished, queries::of_writer,
};
use crate::{
    Attribution, Store, StoreError,
    ids::{Key, PieceKey},
    records::story,
};

/// Stories of each kind in a calendar.
const MAX_IN_CALENDAR: u64 = 2000;

/// What a calendar has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedStories {
    /// The stories, each once, in no order.
    pub entries: Vec<StoryEntry>,
    /// Whether there are more: what is the longest ago, or the furthest ahead, is missing.
    pub is_cut: bool,
}

/// The result of moving a scheduled story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rescheduled {
    /// It is published at the new time.
    Done,
    /// Nothing was changed, because somebody else has written since.
    Behind,
    /// Nothing was changed, because it is not scheduled: readers have it, or nobody has published it.
    NotScheduled,
    /// Nothing was changed, because it is under embargo until later.
    Embargoed {
        /// When the embargo ends.
        until: Timestamp,
    },
}

impl Store {
    /// Returns the stories that are or will be published within a time, whose embargo ends within it, or that are due within it,
    /// each once. `writer` limits them to those of an account. If there are very many, those that are still to come at `now` are
    /// preferred.
    #[tracing::instrument(skip_all)]
    pub async fn calendar(
        &self,
        (from, until): (Timestamp, Timestamp),
        writer: Option<AccountId>,
        now: Timestamp,
    ) -> Result<PlannedStories, StoreError> {
        let within =
            |column: story::Column| column.gte(from.as_second()).and(column.lt(until.as_second()));
        let is_published = story::Column::Status.eq(Status::Published.name());
        let mut found: HashMap<PieceKey, story::Model> = HashMap::new();
        let mut is_cut = false;
        let kinds = [story::Column::Published, story::Column::Embargo, story::Column::Deadline];
        // One after another, because each has an index of its own.
        for time in kinds {
            let condition = match time {
                story::Column::Published => is_published.clone().and(within(time)),
                _ => within(time),
            };
            let distance = Func::abs(Expr::col(time).sub(now.as_second()));
            let rows = story::Entity::find()
                .filter(condition)
                .filter(story::Column::Work.ne(WorkflowState::Archived.name()))
                .filter(of_writer(writer))
                .order_by_asc(Expr::col(time).lt(now.as_second()))
                .order_by_asc(Expr::from(distance))
                .limit(MAX_IN_CALENDAR + 1)
                .all(&self.database)
                .await?;
            let most = usize::try_from(MAX_IN_CALENDAR).unwrap_or(usize::MAX);
            is_cut |= rows.len() > most;
            found.extend(rows.into_iter().take(most).map(|row| (row.piece, row)));
        }
        let entries = self.entries(found.into_values().collect()).await?;
        Ok(PlannedStories { entries, is_cut })
    }

    /// Returns the stories that are due before a time and are still worked on, of which an account is a writer or the responsible
    /// editor, by their deadlines.
    #[tracing::instrument(skip_all)]
    pub async fn due_stories(
        &self,
        account: AccountId,
        until: Timestamp,
        most: u64,
    ) -> Result<Vec<StoryEntry>, StoreError> {
        let theirs = Condition::any()
            .add(story::Column::EditorAccount.eq(Key(account)))
            .add(of_writer(Some(account)));
        let open = [WorkflowState::Writing, WorkflowState::Review].map(WorkflowState::name);
        let rows = story::Entity::find()
            .filter(story::Column::Deadline.lt(until.as_second()))
            .filter(story::Column::Work.is_in(open))
            .filter(story::Column::Status.eq(Status::Draft.name()))
            .filter(theirs)
            .order_by_asc(story::Column::Deadline)
            .order_by_asc(story::Column::Piece)
            .limit(most)
            .all(&self.database)
            .await?;
        self.entries(rows).await
    }

    /// Publishes a scheduled story at another time. Changes that readers will not get stay its draft. `clock` is asked once the
    /// story is locked, so that one that went out while this waited stays as it is.
    #[tracing::instrument(skip_all)]
    pub async fn reschedule_story(
        &self,
        id: ArticleId,
        version: i64,
        published: Timestamp,
        attribution: Attribution,
        clock: impl Fn() -> Timestamp + Send + Sync,
    ) -> Result<Rescheduled, StoreError> {
        let Some(Story { piece, draft, entry }) = self.story(id).await? else {
            return Ok(Rescheduled::Behind);
        };
        let is_to_come = |of: &Piece| of.published.is_some_and(|at| at > clock());
        if entry.status != Status::Published || !is_to_come(&piece) {
            return Ok(Rescheduled::NotScheduled);
        }
        if let Err(Embargoed { until }) =
            draft::check_embargo(entry.embargo, published, attribution.at)
        {
            return Ok(Rescheduled::Embargoed { until });
        }
        let new = NewPublished {
            piece: Piece { published: Some(published), ..piece.clone() },
            change: StoryChange::Scheduled,
            open: (entry.work != WorkflowState::None).then_some((draft, entry.work)),
        };
        // The version says whether what was read above is still there.
        let may_replace = |before: Option<&Piece>| before.is_some_and(is_to_come);
        let written = self.replace_published(id, version, new, attribution, may_replace).await?;
        Ok(match written {
            Written::Done(_) => Rescheduled::Done,
            Written::Behind | Written::Embargoed { .. } if !is_to_come(&piece) => {
                Rescheduled::NotScheduled
            }
            Written::Behind | Written::Embargoed { .. } => Rescheduled::Behind,
        })
    }

    /// Returns the stories of a writer that an editor has returned and that were not submitted again, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn returned_stories(
        &self,
        writer: AccountId,
        most: u64,
    ) -> Result<Vec<StoryEntry>, StoreError> {
        let rows = story::Entity::find()
            .filter(story::Column::ReturnedAt.is_not_null())
            .filter(story::Column::Work.eq(WorkflowState::Writing.name()))
            .filter(of_writer(Some(writer)))
            .order_by_desc(story::Column::ReturnedAt)
            .limit(most)
            .all(&self.database)
            .await?;
        self.entries(rows).await
    }
}

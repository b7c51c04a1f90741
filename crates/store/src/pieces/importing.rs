//! Pieces from the archives of other systems. What was changed here since an import stays: a later one leaves it as it is.

mod stored_before;

use jiff::Timestamp;
use masthead_circulation::{AccountId, AuditAction, AuditChange};
use masthead_editorial::{
    Piece, Status,
    import::{ImportEntry, KeptPiece},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use self::stored_before::StoredBefore;
use super::{Change, Saved};
use crate::{
    Store, StoreError,
    audit_log::{self, AuditRecord},
    piece_rows::{Origin, digest, read},
    records::piece,
    stories,
};

impl Store {
    /// Imports entries at `now`, in one transaction. An entry whose origin is known replaces the piece that was imported from
    /// it and keeps its slug; what it replaces becomes a revision. A new entry whose slug is taken gets a number. Skipped entries are
    /// ignored. Returns what has become of each other entry: a piece stays that was changed here, has more pictures, or whose draft is
    /// under an embargo that this would break.
    #[tracing::instrument(skip_all)]
    pub async fn import_pieces(
        &self,
        entries: &[ImportEntry],
        now: Timestamp,
    ) -> Result<Vec<Result<Saved, KeptPiece>>, StoreError> {
        let (transaction, revision) = self.write().await?;
        let imported = import_into(&transaction, revision, entries, now).await?;
        let writes = imported.iter().any(|imported| imported.writes);
        let all: Vec<_> = imported.into_iter().map(|imported| imported.result).collect();
        if writes {
            record_import(&transaction, &all, None, now).await?;
            transaction.commit().await?;
        }
        Ok(all)
    }

    /// Returns what [`import_pieces`](Self::import_pieces) would return, and changes nothing. New pieces have numbers that they may not
    /// get.
    #[tracing::instrument(skip_all)]
    pub async fn preview_import(
        &self,
        entries: &[ImportEntry],
        now: Timestamp,
    ) -> Result<Vec<Result<Saved, KeptPiece>>, StoreError> {
        let (transaction, revision) = self.write().await?;
        let imported = import_into(&transaction, revision, entries, now).await?;
        transaction.rollback().await?;
        Ok(imported.into_iter().map(|imported| imported.result).collect())
    }
}

/// Writes entries. Returns what has become of each that has a piece.
pub(crate) async fn import_into(
    transaction: &DatabaseTransaction,
    revision: i64,
    entries: &[ImportEntry],
    now: Timestamp,
) -> Result<Vec<Imported>, StoreError> {
    let mut stored = StoredBefore::read(transaction, entries).await?;
    let mut all = Vec::new();
    for entry in entries {
        if let Ok(piece) = &entry.result {
            all.push(
                import(transaction, revision, (entry, piece.clone()), &mut stored, now).await?,
            );
        }
    }
    Ok(all)
}

/// What has become of an entry.
pub(crate) struct Imported {
    pub result: Result<Saved, KeptPiece>,
    /// Whether anything was written, if only that the piece is imported.
    pub writes: bool,
}

impl Imported {
    fn kept(why: KeptPiece) -> Self {
        Self { result: Err(why), writes: false }
    }
}

async fn import(
    transaction: &DatabaseTransaction,
    revision: i64,
    (entry, mut piece): (&ImportEntry, Piece),
    stored: &mut StoredBefore,
    now: Timestamp,
) -> Result<Imported, StoreError> {
    let origin = entry.origin.as_str();
    let known = stored.take(transaction, origin).await?;
    if let Some(section) = &mut piece.section {
        stored.place_section(transaction, section).await?;
    }
    let before = match &known {
        Some(known) => {
            let before = read(known)?;
            if was_changed_here(transaction, known, &before).await? {
                return Ok(Imported::kept(KeptPiece::ChangedHere));
            }
            if entry.lacks_pictures() && pictures(&before) > pictures(&piece) {
                return Ok(Imported::kept(KeptPiece::HasMorePictures));
            }
            piece.slug.clone_from(&known.slug);
            Some(before)
        }
        None => {
            piece.slug = stored.free_slug(transaction, &piece).await?;
            None
        }
    };
    let is_noted = known.as_ref().is_some_and(|known| known.imported.is_some());
    let change = Change { revision, origin: Origin::Import(origin), known, now };
    let saved = change.put_unless_embargoed(transaction, piece, &mut stored.names).await?;
    if let (Ok(Saved::Changed(id)), Some(before)) = (&saved, &before) {
        stories::record_import(transaction, *id, before, now).await?;
    }
    let writes = match &saved {
        Ok(Saved::Unchanged(_)) => !is_noted,
        saved => saved.is_ok(),
    };
    Ok(Imported { result: saved.map_err(KeptPiece::Embargoed), writes })
}

/// Whether a piece is not as an import has left it. For one of which that was not noted, its revisions say so.
async fn was_changed_here(
    from: &impl ConnectionTrait,
    known: &piece::Model,
    before: &Piece,
) -> Result<bool, StoreError> {
    match &known.imported {
        Some(imported) => Ok(*imported != digest(&known.facts, &known.body)),
        None => {
            Ok(before.status == Status::Withdrawn || stories::has_revisions(from, known.id).await?)
        }
    }
}

/// How many pictures readers see with a piece.
fn pictures(piece: &Piece) -> usize {
    piece.body.matches("<img").count() + usize::from(piece.picture.is_some())
}

/// Records a batch of an import, by a member of the staff or the command line, in one entry, however many pieces it has: they say
/// themselves what they are. Nothing is recorded if it changed none.
pub(crate) async fn record_import(
    to: &impl ConnectionTrait,
    all: &[Result<Saved, KeptPiece>],
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let count = |is: fn(&Saved) -> bool| all.iter().flatten().filter(|saved| is(saved)).count();
    let new = count(|saved| matches!(saved, Saved::Created(_)));
    let changed = count(|saved| matches!(saved, Saved::Changed(_)));
    if new + changed == 0 {
        return Ok(());
    }
    let entry = AuditRecord {
        changes: vec![AuditChange::fact("new", new), AuditChange::fact("changed", changed)],
        ..AuditRecord::new(by, now, AuditAction::ImportedArticles)
    };
    audit_log::record(to, entry).await
}

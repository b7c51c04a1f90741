//! The library of pictures: what is known about each, and where it is used. The files are elsewhere; each has its row once it was
//! uploaded at the desk, or found there.

mod crops;
mod files;
mod queries;
pub(crate) mod uses;

use std::collections::HashSet;

use jiff::{Timestamp, civil::Date};
use masthead_circulation::{AccountId, AuditAction};
use masthead_editorial::{clean::StoredPicture, renditions};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{BinOper, CaseStatement, Expr, ExprTrait, Func, OnConflict},
};
use serde::Serialize;

pub use self::{
    crops::PictureCrop,
    files::{FileWrite, PictureFile, Replacement},
    queries::{PictureCursor, PicturePage, PictureQuery},
};
use crate::{
    Attribution, Store, StoreError,
    audit_log::{AuditRecord, changes_between, record},
    ids::Key,
    records::{picture as row, picture_file},
    time,
};

/// Rows that are inserted at once.
const BATCH: usize = 500;

/// A picture that is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPicture {
    /// The name under which it is stored.
    pub name: String,
    /// Its width in pixels, or 0 if it is not known.
    pub width: u32,
    /// Its height in pixels, or 0 if it is not known.
    pub height: u32,
    /// The name of the file that was uploaded; empty if it is not known.
    pub file_name: String,
}

/// What the publication notes about a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PictureFacts {
    /// The name of the file that was uploaded.
    pub file_name: String,
    /// The alternative text.
    pub alt: String,
    /// The caption.
    pub caption: String,
    /// The photographer or agency.
    pub credit: String,
    /// Who has the rights.
    pub rights_holder: String,
    /// What the licence allows.
    pub rights_note: String,
    /// The last day on which it may be used; `None` if that is not limited.
    pub expires: Option<Date>,
}

/// A picture of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryPicture {
    /// What all its files have in common in their names.
    pub stem: String,
    /// The name under which it is stored.
    pub name: String,
    /// Its width in pixels, or 0 if it is not known.
    pub width: u32,
    /// Its height in pixels, or 0 if it is not known.
    pub height: u32,
    /// The file that pages show: its own, or one that has replaced it.
    pub shown: StoredPicture,
    /// What is noted about it.
    pub facts: PictureFacts,
    /// Who uploaded it; `None` if that is not known, or their account is deleted.
    pub by: Option<AccountId>,
    /// When it was uploaded or found.
    pub at: Timestamp,
    /// The number of changes of what is noted.
    pub version: i64,
}

/// The result of changing what is noted about a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureWrite {
    /// It is changed.
    Done,
    /// Nothing was changed, because somebody else has changed it since, or there is no such picture.
    Behind,
}

impl Store {
    /// Adds pictures that were found to the library, of which nobody knows who uploaded them. Those that it has stay as they are, and
    /// files that replace a picture are none of their own.
    #[tracing::instrument(skip_all)]
    pub async fn add_found_pictures(
        &self,
        pictures: &[NewPicture],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        for batch in pictures.chunks(BATCH) {
            let stems = batch.iter().map(|picture| renditions::stem(&picture.name));
            let pictures: Vec<String> = row::Entity::find()
                .select_only()
                .column(row::Column::Stem)
                .filter(row::Column::Stem.is_in(stems.clone()))
                .into_tuple()
                .all(&self.database)
                .await?;
            let files: Vec<String> = picture_file::Entity::find()
                .select_only()
                .column(picture_file::Column::Stem)
                .filter(picture_file::Column::Stem.is_in(stems))
                .into_tuple()
                .all(&self.database)
                .await?;
            let known: HashSet<String> = pictures.into_iter().chain(files).collect();
            let is_new = |picture: &&NewPicture| !known.contains(renditions::stem(&picture.name));
            let rows: Vec<_> =
                batch.iter().filter(is_new).map(|picture| new_row(picture, None, at)).collect();
            if rows.is_empty() {
                continue;
            }
            let once = OnConflict::column(row::Column::Stem).do_nothing().to_owned();
            row::Entity::insert_many(rows)
                .on_conflict(once)
                .exec_without_returning(&self.database)
                .await?;
        }
        Ok(())
    }

    /// Adds a picture that somebody has uploaded to the library. If it has been found there before, it gets the name of the file
    /// and who uploaded it; otherwise one that the library has stays as it is.
    #[tracing::instrument(skip_all)]
    pub async fn add_uploaded_picture(
        &self,
        picture: &NewPicture,
        by: AccountId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let own = |column| Expr::col((row::Entity, column));
        let is_unnamed = || own(row::Column::FileName).eq("");
        let named = picture.file_name.to_lowercase();
        let words = Expr::value(named).binary(CONCATENATE, own(row::Column::Words));
        let fill = OnConflict::column(row::Column::Stem)
            // Who has its page open must not overwrite the name.
            .value(
                row::Column::Version,
                either(
                    is_unnamed(),
                    own(row::Column::Version).add(1_i64),
                    own(row::Column::Version),
                ),
            )
            .value(row::Column::Words, either(is_unnamed(), words, own(row::Column::Words)))
            .value(
                row::Column::FileName,
                either(is_unnamed(), Expr::value(&picture.file_name), own(row::Column::FileName)),
            )
            .value(
                row::Column::UploadedBy,
                Func::coalesce([own(row::Column::UploadedBy), Expr::value(by.0)]),
            )
            .to_owned();
        row::Entity::insert(new_row(picture, Some(by), at))
            .on_conflict(fill)
            .exec_without_returning(&self.database)
            .await?;
        Ok(())
    }

    /// Changes what is noted about a picture, if it is still at `version`.
    #[tracing::instrument(skip_all)]
    pub async fn save_picture(
        &self,
        stem: &str,
        version: i64,
        facts: &PictureFacts,
        attribution: Attribution,
    ) -> Result<PictureWrite, StoreError> {
        let transaction = self.begin().await?;
        let saved = row::Entity::update_many()
            .col_expr(row::Column::Version, Expr::value(version + 1))
            .filter(row::Column::Stem.eq(stem))
            .filter(row::Column::Version.eq(version))
            .exec(&transaction)
            .await?;
        let known = row::Entity::find_by_id(stem.to_owned()).one(&transaction).await?;
        let Some(known) = known.filter(|_| saved.rows_affected == 1) else {
            return Ok(PictureWrite::Behind);
        };
        let before = read(known)?;
        let changes = changes_between(&before.facts, facts)?;
        if changes.is_empty() {
            return Ok(PictureWrite::Done);
        }
        put_facts(&transaction, stem, facts).await?;
        let entry = AuditRecord {
            about: &before.name,
            changes,
            ..AuditRecord::new(Some(attribution.by), attribution.at, AuditAction::ChangedPicture)
        };
        record(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(PictureWrite::Done)
    }
}

/// The operator that joins two texts.
const CONCATENATE: BinOper = BinOper::Custom("||");

fn either(condition: Expr, then: Expr, otherwise: Expr) -> Expr {
    CaseStatement::new().case(condition, then).finally(otherwise).into()
}

async fn put_facts(
    to: &impl sea_orm::ConnectionTrait,
    stem: &str,
    facts: &PictureFacts,
) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::FileName, Expr::value(&facts.file_name))
        .col_expr(row::Column::Alt, Expr::value(&facts.alt))
        .col_expr(row::Column::Caption, Expr::value(&facts.caption))
        .col_expr(row::Column::Credit, Expr::value(&facts.credit))
        .col_expr(row::Column::RightsHolder, Expr::value(&facts.rights_holder))
        .col_expr(row::Column::RightsNote, Expr::value(&facts.rights_note))
        .col_expr(row::Column::Expires, Expr::value(facts.expires.map(|day| day.to_string())))
        .col_expr(row::Column::Words, Expr::value(words(facts)))
        .filter(row::Column::Stem.eq(stem))
        .exec(to)
        .await?;
    Ok(())
}

fn new_row(picture: &NewPicture, by: Option<AccountId>, at: Timestamp) -> row::ActiveModel {
    let facts = PictureFacts { file_name: picture.file_name.clone(), ..PictureFacts::default() };
    row::ActiveModel {
        stem: Set(renditions::stem(&picture.name).to_owned()),
        name: Set(picture.name.clone()),
        width: Set(picture.width.into()),
        height: Set(picture.height.into()),
        words: Set(words(&facts)),
        file_name: Set(facts.file_name),
        alt: Set(String::new()),
        caption: Set(String::new()),
        credit: Set(String::new()),
        rights_holder: Set(String::new()),
        rights_note: Set(String::new()),
        expires: Set(None),
        uploaded_by: Set(by.map(Key)),
        at: Set(at.as_second()),
        version: Set(1),
        shown: Set(String::new()),
        shown_width: Set(0),
        shown_height: Set(0),
        revision: Set(0),
    }
}

/// The text that searches look through.
fn words(facts: &PictureFacts) -> String {
    let parts = [
        &facts.file_name,
        &facts.alt,
        &facts.caption,
        &facts.credit,
        &facts.rights_holder,
        &facts.rights_note,
    ];
    parts.map(|part| part.to_lowercase()).join("\n")
}

fn read(row: row::Model) -> Result<LibraryPicture, StoreError> {
    let expires = row.expires.as_deref().map(|day| crate::parse_stored("the date", day));
    Ok(LibraryPicture {
        width: pixels(row.width),
        height: pixels(row.height),
        shown: files::shown_file(&row),
        stem: row.stem,
        name: row.name,
        by: row.uploaded_by.map(|key| key.0),
        at: time(row.at),
        version: row.version,
        facts: PictureFacts {
            file_name: row.file_name,
            alt: row.alt,
            caption: row.caption,
            credit: row.credit,
            rights_holder: row.rights_holder,
            rights_note: row.rights_note,
            expires: expires.transpose()?,
        },
    })
}

fn pixels(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

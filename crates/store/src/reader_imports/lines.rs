//! What came of each line of a file of readers. It is noted in the transaction that adds the reader, so a line that was imported is
//! never imported again, and the counts are exact, however often the server is killed.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};

use super::ReaderImportPart;
use crate::{
    ReaderAddition, Store, StoreError,
    records::{reader_import as row, reader_import_part as part},
};

/// A line that a reader is imported from.
#[derive(Clone, Copy, Debug)]
pub struct ImportLine<'a> {
    /// The part that it is the next line of.
    pub part: &'a ReaderImportPart,
    /// The number of the line in the file, from 1 on.
    pub line: u64,
    /// What is said about it.
    pub remark: Option<ImportRemark>,
}

/// What came of one line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct ImportedLine {
    /// The number of the line in the file, from 1 on.
    pub line: u64,
    /// What was done.
    pub result: ImportResult,
    /// The number of the reader's account, which may be deleted by now. `None` if none was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<u32>,
    /// What is said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<ImportRemark>,
}

/// What was done with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportResult {
    /// The reader has an account now.
    Added,
    /// The reader had one, and something was added to it.
    Changed,
    /// The reader had one, with all of it.
    Unchanged,
    /// The reader was not imported.
    Refused,
}

/// What is said about a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportRemark {
    /// They have deleted their account.
    HasLeft,
    /// They have another subscription, which stays as it is.
    HasSubscription,
    /// The subscription of the file has ended, so none was given.
    Ended,
    /// The price is not sold any more.
    NoPrice,
    /// Something went wrong; the log has the reason.
    Failed,
}

impl ImportLine<'_> {
    /// What came of it, if it has added this reader.
    pub fn added(&self, added: &ReaderAddition) -> ImportedLine {
        let result = match (added.is_new, added.is_changed) {
            (true, _) => ImportResult::Added,
            (false, true) => ImportResult::Changed,
            (false, false) => ImportResult::Unchanged,
        };
        let reader = Some(added.account.id.0);
        ImportedLine { line: self.line, result, reader, remark: self.remark }
    }

    /// What came of it, if the reader was not imported.
    fn refused(&self) -> ImportedLine {
        let (result, reader) = (ImportResult::Refused, None);
        ImportedLine { line: self.line, result, reader, remark: self.remark }
    }
}

impl Store {
    /// Notes that the next line of a part is not imported. Returns what was noted.
    ///
    /// # Errors
    ///
    /// [`StoreError::ImportedElsewhere`] if another server has imported the line since the part was read.
    #[tracing::instrument(skip_all)]
    pub async fn refuse_import_line(
        &self,
        line: &ImportLine<'_>,
    ) -> Result<ImportedLine, StoreError> {
        let transaction = self.begin().await?;
        let refused = line.refused();
        note_line(&transaction, line.part, refused.clone()).await?;
        transaction.commit().await?;
        Ok(refused)
    }

    /// Deletes what was in a part, all of whose lines are imported.
    #[tracing::instrument(skip_all)]
    pub async fn empty_import_part(&self, part: &ReaderImportPart) -> Result<(), StoreError> {
        part::Entity::update_many()
            .col_expr(part::Column::Readers, Expr::value(""))
            .filter(part::Column::Import.eq(part.import))
            .filter(part::Column::Number.eq(part.number))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

/// Notes what came of the next line of a part.
///
/// # Errors
///
/// [`StoreError::ImportedElsewhere`] if another server has imported the line since the part was read.
pub(crate) async fn note_line(
    to: &impl ConnectionTrait,
    part: &ReaderImportPart,
    imported: ImportedLine,
) -> Result<(), StoreError> {
    let result = imported.result;
    let known = i32::try_from(part.lines.len()).unwrap_or(i32::MAX);
    let lines = [part.lines.clone(), vec![imported]].concat();
    let noted = part::Entity::update_many()
        .col_expr(part::Column::Report, Expr::value(serde_json::to_string(&lines)?))
        .col_expr(part::Column::Noted, Expr::col(part::Column::Noted).add(1))
        .filter(part::Column::Import.eq(part.import))
        .filter(part::Column::Number.eq(part.number))
        .filter(part::Column::Noted.eq(known))
        .exec(to)
        .await?;
    if noted.rows_affected == 0 {
        return Err(StoreError::ImportedElsewhere);
    }
    count(to, part.import, result).await
}

async fn count(
    to: &impl ConnectionTrait,
    import: i32,
    result: ImportResult,
) -> Result<(), StoreError> {
    let counter = match result {
        ImportResult::Added => row::Column::Added,
        ImportResult::Changed => row::Column::Changed,
        ImportResult::Unchanged => row::Column::Unchanged,
        ImportResult::Refused => row::Column::Refused,
    };
    row::Entity::update_many()
        .col_expr(counter, Expr::col(counter).add(1))
        .filter(row::Column::Id.eq(import))
        .exec(to)
        .await?;
    Ok(())
}

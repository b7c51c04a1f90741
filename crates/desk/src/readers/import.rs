//! `/desk/readers/import`: readers from a CSV file. The file is checked and shown first; then a job imports it in parts, and the page
//! says how far it is and what came of each line. Nothing is added twice, whether the file is imported again or the server is killed.
//!
//! | module | contents |
//! | --- | --- |
//! | `columns` | which columns a file has |
//! | `row` | a line, and what is wrong with it |
//! | `table` | a file as a whole |
//! | `checked` | one that was checked, in parts |
//! | `upload` | the page where files are uploaded |
//! | `page` | the page of one file |
//! | `job` | importing it |
//! | `report` | what came of it, as a file |
//!
//! To add a column: add a variant of `columns::Field`, and a field of `row::ImportRow`.

mod checked;
mod columns;
mod details;
pub(crate) mod job;
pub(crate) mod page;
mod page_texts;
pub(crate) mod report;
mod row;
mod table;
pub(crate) mod upload;

use masthead_circulation::Catalogue;

/// Where files are uploaded.
const PAGE: &str = "/desk/readers/import";

/// What is in a file of readers, for a publication that sells nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReaderCount {
    /// The lines that can be imported.
    pub readers: usize,
    /// The lines that cannot.
    pub faults: usize,
}

/// Reads a file of readers as an import does, which tests do with random input. Returns `None` if the file is refused as a whole.
pub fn count_readers(content: &[u8]) -> Option<ReaderCount> {
    let table = table::ReaderTable::of(content).ok()?;
    let catalogue = Catalogue::default();
    let mut count = ReaderCount::default();
    for row in table.rows(&catalogue) {
        match row {
            Ok(_) => count.readers += 1,
            Err(_) => count.faults += 1,
        }
    }
    Some(count)
}

/// The page of a file.
fn address(import: i32) -> String {
    format!("/desk/readers/imports/{import}")
}

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::upload::samples::render(rendered);
        super::page::samples::render(rendered);
    }
}

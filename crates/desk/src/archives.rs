//! `/desk/imports`: archives of other systems. A file is uploaded and checked first, which changes nothing; once an owner starts it, a
//! job imports it in parts, and the page says how far it is and what came of it. Nothing is imported twice, whether the file is imported
//! again or the server is killed. The entries, the batches and what came of each are those of `masthead import` ([`masthead_import`]).
//!
//! | module | contents |
//! | --- | --- |
//! | `upload` | the page where files are uploaded |
//! | `opened` | the archive that a job works on |
//! | `job` | checking and importing it |
//! | `progress` | how far that is |
//! | `page` | the page of one archive |
//! | `pictures` | the pictures that its articles show |
//! | `reasons` | what came of it, in words |
//! | `report` | what came of each entry, as a file |

pub(crate) mod job;
mod opened;
pub(crate) mod page;
pub(crate) mod pictures;
pub(crate) mod progress;
mod reasons;
pub(crate) mod report;
pub(crate) mod upload;

pub(crate) use opened::OpenedArchive;

/// Where archives are uploaded.
const PAGE: &str = "/desk/imports";

/// The page of an archive.
fn address(import: i32) -> String {
    format!("{PAGE}/{import}")
}

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::upload::samples::render(rendered);
        super::page::samples::render(rendered);
    }
}

//! `/desk/backups`: backups of the publication, which a server makes when an owner or the schedule asks for one.
//!
//! | module | contents |
//! | --- | --- |
//! | `page` | the page, with the form of the schedule |
//! | `form` | that form |
//! | `actions` | asking for a backup, and deleting one |
//! | `download` | the file of a backup |
//! | `schedule` | when the next backup is due |
//! | `work` | making a backup, and deleting old ones |
//! | `failures` | emails to owners about those that were not made |

pub(crate) mod actions;
pub(crate) mod download;
mod failures;
mod form;
pub(crate) mod page;
mod schedule;
mod work;

use std::path::PathBuf;

use masthead_backup::BackupFiles;

/// Where a server makes backups, and of what.
#[derive(Clone, Debug, Default)]
pub struct BackupPlace {
    /// Settings, keys and theme.
    pub files: BackupFiles,
    /// The folder that backups are written to. It is created with the first.
    pub folder: PathBuf,
    /// The name of this server, which the page shows: a file is on the server that has made it.
    pub server: String,
    /// The passphrase of backups for which none is entered; `None` if these are not encrypted.
    pub passphrase: Option<String>,
}

const PAGE: &str = "/desk/backups";

/// Whether this is a name of a file in the folder, and leads nowhere else, whatever somebody has written into the database.
fn is_plain_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(is_plain)
}

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::page::samples::render(rendered);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_no_other_folder() {
        assert!(is_plain_name("masthead-2027-02-03T030000Z-1.tar.zst"));
        for name in ["", "..", ".hidden", "../keys", "a/b", "a b"] {
            assert!(!is_plain_name(name), "{name}");
        }
    }
}

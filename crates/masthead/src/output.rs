//! What commands print. A line that could not be written makes the command fail at its end.

use std::{
    fmt,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use clap::builder::{OsStringValueParser, TypedValueParser};
use masthead_backup::unfinished;

use crate::error::CliError;

/// Why the first line that could not be written was not.
static FAILURE: OnceLock<String> = OnceLock::new();

/// Reads the name of a file that is read twice, or put in its place when it is complete: it cannot be standard input or output.
pub fn file_name() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(|name| {
        if name == "-" {
            return Err("- does not work here; name a file");
        }
        Ok(PathBuf::from(name))
    })
}

/// Prints a line to standard output. The command continues if that fails.
pub fn print_line(line: fmt::Arguments<'_>) {
    note(writeln!(io::stdout(), "{line}"));
}

/// Deletes what commands that were killed have left beside `file`, and says so.
pub fn clean_up_beside(file: &Path) {
    for left in unfinished::remove_abandoned(unfinished::folder_of(file)) {
        outln!("Deleted {}, which a command that was interrupted has left.", left.display());
    }
}

/// Prints bytes to standard output.
pub fn print_bytes(bytes: &[u8]) {
    note(io::stdout().write_all(bytes));
}

/// Prints a line to standard error. There is nowhere to say that this failed.
pub fn print_error(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Waits until everything is written.
///
/// # Errors
///
/// Returns an error if a line could not be written, such as on a full disk. A closed pipe is none: the reader has seen enough.
pub fn finish() -> Result<(), CliError> {
    note(io::stdout().flush());
    match FAILURE.get() {
        Some(reason) => Err(CliError::new(format!(
            "the output cannot be written: {reason}; what was printed is incomplete"
        ))),
        None => Ok(()),
    }
}

fn note(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        // The first one counts.
        let _ = FAILURE.set(error.to_string());
    }
}

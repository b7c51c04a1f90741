//! The logs that have a stream or a file of their own.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Read},
    path::Path,
};

use masthead_settings::{AccessLogFormat, ServerSettings};
use masthead_telemetry::{
    lines::{AppendFile, LineWriter},
    security::SecurityLog,
};
use masthead_web::access_log::{AccessLog, Format};

use crate::{error::CliError, remedy};

/// The access log and the security log.
#[derive(Clone)]
pub struct Logs {
    /// `None` if it is off.
    pub access: Option<AccessLog>,
    /// Writes to the log alone if there is none of its own.
    pub security: SecurityLog,
}

impl Logs {
    /// Opens those that the configuration of the publication in `dir` asks for.
    ///
    /// # Errors
    ///
    /// Returns an error if one cannot be written.
    pub fn open(dir: &Path, server: &ServerSettings) -> Result<Self, CliError> {
        let access = access_log(server.access_log)?;
        Ok(Self { access, security: security_log(dir, &server.security_log)? })
    }

    /// What writes them.
    pub fn writers(&self) -> impl Iterator<Item = &LineWriter> {
        self.access.iter().map(AccessLog::lines).chain(self.security.lines())
    }

    /// Waits until every line so far is written.
    pub fn flush(&self) {
        if let Some(access) = &self.access {
            access.flush();
        }
        self.security.flush();
    }
}

/// The access log on standard output; `None` if it is off.
fn access_log(format: AccessLogFormat) -> Result<Option<AccessLog>, CliError> {
    let format = match format {
        AccessLogFormat::Off => return Ok(None),
        AccessLogFormat::Text => Format::Text,
        AccessLogFormat::Json => Format::Json,
    };
    let log = AccessLog::start(format, io::stdout());
    log.map(Some)
        .map_err(|error| CliError::new(format!("the access log cannot be started: {error}")))
}

/// The publication's own files, which the server or a command would no longer be able to read.
const OWN_FILES: [&str; 7] = [
    "masthead.toml",
    "masthead.db",
    "masthead.db-wal",
    "masthead.db-shm",
    "keys",
    "keys.lock",
    "server.lock",
];

/// The security log, which has a file or standard output of its own if the configuration names one.
fn security_log(dir: &Path, to: &str) -> Result<SecurityLog, CliError> {
    check_security_log(dir, to)?;
    let name = "security-log";
    let lines = match to {
        "" => return Ok(SecurityLog::default()),
        "stdout" => LineWriter::start(name, io::stdout()),
        file => AppendFile::open(dir.join(file)).and_then(|file| LineWriter::start(name, file)),
    };
    lines.map(SecurityLog::to).map_err(|error| match to {
        "stdout" => CliError::new(format!("the security log cannot be started: {error}")),
        file => unwritable(&dir.join(file), &error),
    })
}

/// Checks that there is a place for the security log, without creating it.
///
/// # Errors
///
/// Returns an error if its directory does not exist, it is a directory itself, or a file that is no security log.
pub fn check_security_log(dir: &Path, to: &str) -> Result<(), CliError> {
    if matches!(to, "" | "stdout") {
        return Ok(());
    }
    let file = dir.join(to);
    if to == "stderr" || is_other_file(&file) {
        return Err(CliError::new(format!(
            "security_log = \"{to}\" under [server] in masthead.toml names no security log; write \"stdout\", or a file of its own, \
             such as \"security.log\""
        )));
    }
    if file.is_dir() {
        Err(unwritable(&file, &io::ErrorKind::IsADirectory.into()))
    } else if file.parent().is_some_and(Path::is_dir) {
        Ok(())
    } else {
        Err(unwritable(&file, &io::ErrorKind::NotFound.into()))
    }
}

/// Whether a file belongs to the publication, or has other content than a security log: each line of that is a JSON object.
fn is_other_file(file: &Path) -> bool {
    let name = file.file_name().and_then(OsStr::to_str).unwrap_or_default();
    OWN_FILES.contains(&name) || (file.is_file() && has_other_content(file))
}

fn has_other_content(file: &Path) -> bool {
    let mut first = [0];
    let read = fs::File::open(file).and_then(|mut file| file.read(&mut first));
    matches!(read, Ok(1)) && first != *b"{"
}

fn unwritable(file: &Path, error: &io::Error) -> CliError {
    let missing = file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir());
    let reason = match missing {
        Some(folder) => format!("there is no directory {}", folder.display()),
        None => error.to_string(),
    };
    let file = file.display();
    let remedy = remedy::of(
        error,
        "under [server] in masthead.toml, set security_log to \"stdout\", or to a file in a directory that the server may write to",
    );
    CliError::new(format!("the security log cannot be written to {file} ({reason}); {remedy}"))
}

//! The logs that have a stream or a file of their own.

use std::{io, path::Path};

use masthead_settings::{AccessLogFormat, ServerSettings};
use masthead_telemetry::{
    lines::{AppendFile, LineWriter},
    security::SecurityLog,
};
use masthead_web::access_log::{AccessLog, Format};

use crate::error::CliError;

/// The access log and the security log.
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

/// The security log, which has a file or standard output of its own if the configuration names one.
fn security_log(dir: &Path, to: &str) -> Result<SecurityLog, CliError> {
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
/// Returns an error if its directory does not exist, or it is a directory itself.
pub fn check_security_log(dir: &Path, to: &str) -> Result<(), CliError> {
    if matches!(to, "" | "stdout") {
        return Ok(());
    }
    let file = dir.join(to);
    if file.is_dir() {
        Err(unwritable(&file, &io::ErrorKind::IsADirectory.into()))
    } else if file.parent().is_some_and(Path::is_dir) {
        Ok(())
    } else {
        Err(unwritable(&file, &io::ErrorKind::NotFound.into()))
    }
}

fn unwritable(file: &Path, error: &io::Error) -> CliError {
    let missing = file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir());
    let reason = match missing {
        Some(folder) => format!("there is no directory {}", folder.display()),
        None => error.to_string(),
    };
    let file = file.display();
    CliError::new(format!(
        "the security log cannot be written to {file} ({reason}); under [server] in masthead.toml, set security_log to \
         \"stdout\", or to a file in a directory that the server may write to"
    ))
}

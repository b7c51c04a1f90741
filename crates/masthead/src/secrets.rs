//! Secrets that are not in the settings: from the environment, or from a file that it names.
//!
//! A secret `MASTHEAD_X` is looked for in the variable `MASTHEAD_X`, in the file that `MASTHEAD_X_FILE` names, in
//! systemd's credential `masthead_x`, and in `masthead.toml`, in this order.

use std::{env, fs, io, path::PathBuf};

use masthead_settings::SecretText;

use crate::error::CliError;

/// Returns a secret; empty if it is nowhere.
///
/// # Errors
///
/// Returns an error if a file that should have it cannot be read.
pub fn secret(variable: &str, written: &SecretText) -> Result<String, CliError> {
    let given = from_environment(variable)?;
    Ok(given.unwrap_or_else(|| written.as_str().to_owned()))
}

/// Returns a secret that is not in the settings; `None` if there is none.
///
/// # Errors
///
/// Returns an error if a file that should have it cannot be read.
pub fn from_environment(variable: &str) -> Result<Option<String>, CliError> {
    let value = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(secret) = value(variable) {
        return Ok(Some(secret));
    }
    let named = format!("{variable}_FILE");
    if let Some(path) = value(&named) {
        let path = PathBuf::from(path);
        return read(&path).map(Some).map_err(|error| {
            CliError::new(format!(
                "{}, which {named} names, cannot be read: {error}",
                path.display()
            ))
        });
    }
    let Some(directory) = env::var_os("CREDENTIALS_DIRECTORY") else { return Ok(None) };
    let path = PathBuf::from(directory).join(variable.to_lowercase());
    match read(&path) {
        Ok(secret) => Ok(Some(secret)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let path = path.display();
            Err(CliError::new(format!("the credential {path} cannot be read: {error}")))
        }
    }
}

/// Reads a secret without the line break at its end.
pub fn read(path: &std::path::Path) -> io::Result<String> {
    Ok(fs::read_to_string(path)?.trim_end_matches(['\r', '\n']).to_owned())
}

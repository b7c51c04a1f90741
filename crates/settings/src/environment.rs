//! Secrets that are not in the settings: from the environment, or from a file that it names.
//!
//! A secret `MASTHEAD_X` is looked for in the variable `MASTHEAD_X`, in the file that `MASTHEAD_X_FILE` names, in
//! systemd's credential `masthead_x`, and in `masthead.toml`, in this order.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// A file that should have a secret cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file} cannot be read: {source}")]
pub struct SecretError {
    file: String,
    source: io::Error,
}

/// Returns a secret that is not in the settings; `None` if there is none.
///
/// # Errors
///
/// Returns an error if a file that should have it cannot be read, or is empty: a deployment has most likely failed.
pub fn secret(variable: &str) -> Result<Option<String>, SecretError> {
    let value = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(secret) = value(variable) {
        return Ok(Some(secret));
    }
    let named = format!("{variable}_FILE");
    if let Some(path) = value(&named) {
        return read_filled(Path::new(&path)).map(Some).map_err(|source| {
            let file = format!("{path}, which {named} names,");
            SecretError { file, source }
        });
    }
    let Some(directory) = env::var_os("CREDENTIALS_DIRECTORY") else { return Ok(None) };
    let path = PathBuf::from(directory).join(variable.to_lowercase());
    match read_filled(&path) {
        Ok(secret) => Ok(Some(secret)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => {
            let file = format!("the credential {}", path.display());
            Err(SecretError { file, source })
        }
    }
}

/// Reads a secret that must not be empty.
fn read_filled(path: &Path) -> io::Result<String> {
    let secret = read_secret(path)?;
    if secret.trim().is_empty() {
        let reason = "it is empty; write the secret into it, or name no file";
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    Ok(secret)
}

/// Reads a secret from a file, without the line break at its end.
///
/// # Errors
///
/// Returns an error if the file cannot be read.
pub fn read_secret(path: &Path) -> io::Result<String> {
    Ok(fs::read_to_string(path)?.trim_end_matches(['\r', '\n']).to_owned())
}

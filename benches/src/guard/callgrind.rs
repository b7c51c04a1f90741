//! Runs the measurement under callgrind and reads what it has counted.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use super::cases::{CASES, FEW};
use crate::BenchError;

/// The function whose calls are counted, each into a file of its own: see [`super::measure()`].
const COUNTED: &str = "*::counted_requests";

/// Runs the measurement of the publication in `folder`. Returns the instructions of one request of each case.
pub fn run(folder: &Path, kept: Option<&Path>) -> Result<Vec<u64>, BenchError> {
    let counts = folder.join("counts");
    let done = Command::new("valgrind")
        .arg("--tool=callgrind")
        // Otherwise a profile has names only for functions that no earlier one has.
        .arg("--compress-strings=no")
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(format!("--dump-after={COUNTED}"))
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(env::current_exe()?)
        .args(["guard-measure".as_ref(), folder])
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| {
            format!("valgrind does not start ({error}); on Debian: apt-get install valgrind")
        })?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into());
    }
    let counted = |number: usize| total(&counts.with_extension(number.to_string()));
    let mut each = Vec::new();
    for (case, number) in CASES.iter().zip((1..).step_by(2)) {
        let (few, many) = (counted(number)?, counted(number + 1)?);
        // What does not depend on the number of requests is in both, and many are three times few.
        each.push(many.saturating_sub(few) / (2 * FEW as u64));
        if let Some(kept) = kept {
            fs::create_dir_all(kept)?;
            let name = case.name.replace(' ', "-");
            let profile = counts.with_extension((number + 1).to_string());
            fs::copy(profile, kept.join(format!("{name}.callgrind")))?;
        }
    }
    Ok(each)
}

/// Returns how many instructions there are in one of callgrind's files.
fn total(file: &Path) -> Result<u64, BenchError> {
    let text = fs::read_to_string(file)
        .map_err(|error| format!("callgrind has not written {} ({error})", file.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("totals:"));
    let line = line.or_else(|| text.lines().find_map(|line| line.strip_prefix("summary:")));
    let total = line.ok_or_else(|| format!("callgrind has no total in {}", file.display()))?;
    Ok(total.trim().parse()?)
}

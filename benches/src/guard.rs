//! Guards the hot path: counts the user instructions of one request of each kind, and compares them with the budgets in
//! `budgets.toml`. Unlike times, the counts do not depend on how busy the machine is.
//!
//! Run with `just guard`. Needs valgrind. With a folder as argument, `target/dist/bench guard FOLDER` leaves the profile of each
//! kind there, for `callgrind_annotate`.
//!
//! To add a kind of request: name it in [`cases::CASES`] and in `budgets.toml`.

mod callgrind;
mod cases;
mod measure;
mod site;

use std::{collections::BTreeMap, env, fs, path::Path};

use self::cases::CASES;
use crate::{BenchError, Report, publication};

pub use self::measure::measure;

const BUDGETS: &str = include_str!("../budgets.toml");
/// How far a count may be above its budget, in percent. Two runs of the same program differ by less than one.
const TOLERANCE: f64 = 3.0;
/// The profile that the budgets are for.
const PROFILE: &str = "dist";
const ARTICLES: u32 = 10;

/// Counts the instructions of each kind of request, and leaves the profiles in `kept`, if there is such a folder.
pub async fn run(report: &mut Report, kept: Option<&Path>) -> Result<(), BenchError> {
    let budgets: BTreeMap<String, u64> = toml::from_str(BUDGETS)?;
    let folder = tempfile::tempdir()?;
    prepare(folder.path()).await?;
    let counts = callgrind::run(folder.path(), kept)?;
    let compares = is_budgeted_profile()?;
    if !compares {
        println!("The budgets are for the profile {PROFILE}, so nothing is compared with them.");
    }
    println!("user instructions of a request");
    for (case, count) in CASES.iter().zip(counts) {
        let budget = budgets.get(case.name);
        let budget = *budget.ok_or_else(|| format!("budgets.toml has no \"{}\"", case.name))?;
        if compares {
            compare(report, case.name, count, budget);
        } else {
            println!("{:<44} {count:>22}", case.name);
        }
    }
    Ok(())
}

fn compare(report: &mut Report, name: &str, count: u64, budget: u64) {
    #[allow(clippy::cast_precision_loss)] // far below 2⁵²
    let over = (count as f64 / budget as f64 - 1.0) * 100.0;
    let seen = format!("{count} ({over:+.1} %)");
    report.promise(name, &seen, &format!("at most {budget}"), over <= TOLERANCE);
    if over < -TOLERANCE {
        println!("  Well done. Lower its budget in benches/budgets.toml to {count}.");
    }
}

/// Returns whether this program was built with the profile that the budgets are for.
fn is_budgeted_profile() -> Result<bool, BenchError> {
    let program = env::current_exe()?;
    let profile = program.parent().and_then(Path::file_name);
    Ok(profile.is_some_and(|name| name == PROFILE))
}

/// Creates a publication and its readers in `folder`. That takes many more instructions than the requests, so it is done
/// before anything is counted.
async fn prepare(folder: &Path) -> Result<(), BenchError> {
    let addresses = publication::make(folder, ARTICLES).await?;
    fs::write(folder.join("addresses"), addresses.join("\n"))?;
    // A zone whose offset has to be looked up, as those of most publications.
    let file = folder.join("masthead.toml");
    fs::write(&file, fs::read_to_string(&file)?.replace("\"UTC\"", "\"Europe/Berlin\""))?;
    let keys = fs::read_to_string(folder.join("data/keys"))?;
    for case in &CASES {
        case.prepare(folder, &keys).await?;
    }
    Ok(())
}

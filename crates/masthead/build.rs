//! Tells the program how it was optimised, and of which commit it was built.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let level = env::var("OPT_LEVEL").unwrap_or_default();
    println!("cargo::rustc-env=MASTHEAD_OPT_LEVEL={level}");
    println!("cargo::rerun-if-env-changed=MASTHEAD_COMMIT");
    if let Some(commit) = commit() {
        println!("cargo::rustc-env=MASTHEAD_COMMIT={commit}");
    }
}

/// What the environment says, or what git says. A build that is not optimised is not asked for, so that a commit does not make it
/// necessary to build again.
fn commit() -> Option<String> {
    let given = env::var("MASTHEAD_COMMIT").unwrap_or_default();
    if !given.is_empty() {
        return Some(given);
    }
    if env::var("PROFILE").is_ok_and(|profile| profile == "debug") {
        return None;
    }
    // The sources may lie in a folder that belongs to another project.
    let prefix = git(&["rev-parse", "--show-prefix"])?;
    if prefix != "crates/masthead/" {
        return None;
    }
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo::rerun-if-changed={log}");
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let is_clean = git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty();
    Some(if is_clean { commit } else { format!("{commit}.modified") })
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.trim_end().to_owned())
}

//! Files and disk: who may read them, and how much space is free.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use masthead_backup::DiskSpace;
use masthead_publication::config::Config;

use super::Finding;
use crate::{
    folder::{Folder, is_open_to_others},
    invocation::{quoted, user_name},
    remedy,
};

/// How much space should be free, in bytes.
const FREE_SPACE: u64 = 1024 * 1024 * 1024;
/// With less than this, uploads and upgrades may fail at any time.
const LOW_SPACE: u64 = 100 * 1024 * 1024;
/// With fewer inodes, files cannot be created before long.
const FEW_INODES: u64 = 10_000;
/// With fewer, they may not be created at any time.
const NO_INODES: u64 = 1000;
const MEGABYTE: u64 = 1024 * 1024;

pub(super) fn check(dir: &Path, folder: &Folder, config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(keys(folder));
    findings.extend(modes(dir, folder));
    findings.extend(unwritable(folder));
    findings.extend(free_space(dir, folder, config));
    findings
}

/// Whether the server could not write the data directory, or could not create it. Nothing is left there.
fn unwritable(folder: &Folder) -> Option<Finding> {
    let error = folder.try_data().err()?;
    let remedy = remedy::of(&error, "check who owns it, or name another as data under [server]");
    Some(Finding::error("files", folder.data_unwritable(&error), remedy))
}

/// Whether the keys can be read. If there are none, the database says whether there have to be.
fn keys(folder: &Folder) -> Option<Finding> {
    folder.keys_file().exists().then(|| match folder.read_keys() {
        Ok(_) => Finding::ok("keys", "they can be read, and by nobody else"),
        Err(error) => Finding::error("keys", error.to_string(), ""),
    })
}

/// Whether others can read what is private, and whether this user owns it.
fn modes(dir: &Path, folder: &Folder) -> Vec<Finding> {
    let user = rustix::process::geteuid().as_raw();
    let data = folder.data();
    let paths = [Folder::config_file(dir), data.to_path_buf(), data.join("masthead.db")];
    let mut findings = Vec::new();
    for path in paths {
        let Ok(found) = fs::metadata(&path) else { continue };
        let name = path.display();
        if is_open_to_others(&found) {
            let mode = if found.is_dir() { "700" } else { "600" };
            let remedy = format!("run: chmod {mode} {}", quoted(&name.to_string()));
            findings.push(Finding::warning("files", format!("others can read {name}"), remedy));
        }
        if user == 0 && found.uid() != 0 && found.is_dir() {
            let owner = user_name(found.uid());
            let text = format!("{name} belongs to user {owner}, and this is root");
            let remedy = format!(
                "run commands as that user, with sudo -u {owner}, so that the server can use what they create; as root this command has not \
                 tried whether pictures can be written"
            );
            findings.push(Finding::warning("files", text, remedy));
        }
        if found.uid() != user && user != 0 {
            let owner = user_name(found.uid());
            let text = format!("{name} belongs to user {owner}");
            let remedy = format!("run commands as that user, with sudo -u {owner}");
            findings.push(Finding::error("files", text, remedy));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok("files", "only their owner can read settings and data"));
    }
    findings
}

/// Whether there is room where the server writes: in the data directory, and in the folders of pictures, of backups and of the security log
/// if they are on disks of their own. A disk can have space and no inodes: then no file can be created.
fn free_space(dir: &Path, folder: &Folder, config: &Config) -> Vec<Finding> {
    let data = folder.data().to_path_buf();
    let mut paths = vec![data.clone(), data.join("media"), folder.backups(config)];
    let security_log = config.server.security_log.as_str();
    if !matches!(security_log, "" | "stdout") {
        paths.extend(dir.join(security_log).parent().map(Path::to_path_buf));
    }
    let mut seen = HashSet::new();
    let is_new = |path: &PathBuf| fs::metadata(path).is_ok_and(|found| seen.insert(found.dev()));
    paths.into_iter().filter(is_new).filter_map(|path| free_space_in(&path)).collect()
}

fn free_space_in(path: &Path) -> Option<Finding> {
    let DiskSpace { free, inodes, free_inodes, .. } = DiskSpace::of(path)?;
    if let Some(finding) = few_inodes(path, inodes, free_inodes) {
        return Some(finding);
    }
    let text = format!("{} MB are free in {}", free / MEGABYTE, path.display());
    let remedy = "delete what is not needed, or move the directory to a larger disk";
    Some(match free {
        ..LOW_SPACE => Finding::error("disk", text, remedy),
        LOW_SPACE..FREE_SPACE => Finding::warning("disk", text, remedy),
        FREE_SPACE.. => Finding::ok("disk", text),
    })
}

/// What is wrong with the inodes, of which `free` are left. Some file systems have no number of them, and say 0.
fn few_inodes(path: &Path, all: u64, free: u64) -> Option<Finding> {
    let text = format!(
        "{free} of {all} inodes are free in {}, so hardly a file can be created, whatever space there is",
        path.display()
    );
    let remedy = "delete many small files on that disk (df -i), or move the directory to a disk with more inodes";
    match free {
        _ if all == 0 => None,
        ..NO_INODES => Some(Finding::error("disk", text, remedy)),
        NO_INODES..FEW_INODES => Some(Finding::warning("disk", text, remedy)),
        FEW_INODES.. => None,
    }
}

//! `masthead completions` and `masthead man`: what packages install beside the program.

use std::{fs, io, path::PathBuf};

use clap::Command;
use clap_complete::Shell;

use crate::error::CliError;

#[derive(clap::Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Prints the completions to standard output.
    pub fn run(&self, command: &mut Command) {
        clap_complete::generate(self.shell, command, "masthead", &mut io::stdout());
    }
}

#[derive(clap::Args)]
pub struct Man {
    /// The folder, which is created if it does not exist.
    folder: PathBuf,
}

impl Man {
    /// Writes a page for the program and one for each command.
    pub fn run(&self, command: &Command) -> Result<(), CliError> {
        fs::create_dir_all(&self.folder)
            .and_then(|()| clap_mangen::generate_to(command.clone(), &self.folder))
            .map_err(|error| {
                CliError::new(format!("{} cannot be written: {error}", self.folder.display()))
            })
    }
}

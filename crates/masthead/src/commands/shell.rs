//! `masthead completions` and `masthead man`: what packages install beside the program.

use std::{fs, path::PathBuf};

use clap::Command;
use clap_complete::Shell;

use crate::{error::CliError, output, ownership::refuse_root};

/// What the manual says about variables. `--help` names each at its option.
const ENVIRONMENT: &str = "MASTHEAD_DIR, MASTHEAD_DATA, MASTHEAD_DATABASE and MASTHEAD_LISTEN in the environment stand for --dir, --data, \
    --database and --listen; an option on the command line replaces them. Secrets such as MASTHEAD_DATABASE can be in a file: \
    MASTHEAD_DATABASE_FILE names it.";

#[derive(clap::Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Prints the completions to standard output.
    pub fn run(&self, command: &mut Command) {
        // The generator panics if it cannot write.
        let mut completions = Vec::new();
        clap_complete::generate(self.shell, command, "masthead", &mut completions);
        output::print_bytes(&completions);
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
        refuse_root(&self.folder)?;
        let command = command.clone().after_help(ENVIRONMENT);
        fs::create_dir_all(&self.folder)
            .and_then(|()| clap_mangen::generate_to(command, &self.folder))
            .map_err(|error| CliError::unwritable(self.folder.display(), &error))
    }
}

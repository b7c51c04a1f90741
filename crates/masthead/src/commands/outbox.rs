//! `masthead outbox`: the mail to readers, and what became of it.

use std::{
    io::{self, Read},
    path::Path,
};

use masthead_mail::bounce::{self, Bounce};

use super::{Newsroom, serve::Place};
use crate::error::CliError;

/// As many as a person will look through.
const MOST: u64 = 200;
/// Reports are short, but may have the whole letter in them, in bytes.
const LONGEST: u64 = 10 * 1024 * 1024;

#[derive(clap::Args)]
pub struct Outbox {
    /// Print the letter with this number.
    number: Option<i32>,
    /// Read the report of a mail server from standard input, and note which letters have come back.
    #[arg(long, conflicts_with = "number")]
    bounce: bool,
}

impl Outbox {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let newsroom = Newsroom::open(dir, place).await?;
        if self.bounce {
            return came_back(&newsroom).await;
        }
        let letters = newsroom.store.letters(MOST).await?;
        if let Some(number) = self.number {
            let Some(posted) = letters.iter().find(|posted| posted.id == number) else {
                return Err(CliError::new(format!(
                    "there is no letter {number} among the latest {MOST}; run `masthead outbox` for their numbers"
                )));
            };
            outln!(
                "To: {}\nSubject: {}\n\n{}",
                posted.letter.to,
                posted.letter.subject,
                posted.letter.text
            );
            return Ok(());
        }
        for posted in letters {
            let state = posted.state.name();
            outln!(
                "{:>6}  {state:<8} {}  {}  {}",
                posted.id,
                posted.written,
                posted.letter.to,
                posted.letter.subject
            );
            if !posted.fault.is_empty() {
                outln!("        {} tries: {}", posted.tries, posted.fault);
            }
        }
        Ok(())
    }
}

/// Reads a report and notes what it says.
async fn came_back(newsroom: &Newsroom) -> Result<(), CliError> {
    let mut mail = Vec::new();
    let read = io::stdin().take(LONGEST).read_to_end(&mut mail);
    read.map_err(|error| CliError::new(format!("standard input cannot be read: {error}")))?;
    let bounces = bounce::read(&mail).map_err(|error| {
        CliError::new(format!(
            "{error}; send the whole mail, such as: masthead outbox --bounce <report.eml"
        ))
    })?;
    for Bounce { to, reason } in bounces {
        if newsroom.store.letter_came_back(&to, &format!("came back: {reason}")).await? {
            outln!("Noted: the latest letter to {to} came back ({reason}).");
        } else {
            outln!("Nothing was sent to {to}; nothing is noted.");
        }
    }
    Ok(())
}

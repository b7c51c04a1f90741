//! `masthead outbox`: the mail to readers, and what became of it.

use std::path::Path;

use super::{Newsroom, serve::Place};
use crate::fault::Fault;

/// As many as a person will look through.
const MOST: u64 = 200;

#[derive(clap::Args)]
pub struct Outbox {
    /// Print the letter with this number.
    number: Option<i32>,
}

impl Outbox {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), Fault> {
        let newsroom = Newsroom::open(dir, place).await?;
        let letters = newsroom.store.letters(MOST).await?;
        if let Some(number) = self.number {
            let Some(posted) = letters.iter().find(|posted| posted.id == number) else {
                return Err(Fault::new(format!(
                    "there is no letter {number} among the latest {MOST}; run `masthead outbox` for their numbers"
                )));
            };
            say!(
                "To: {}\nSubject: {}\n\n{}",
                posted.letter.to,
                posted.letter.subject,
                posted.letter.text
            );
            return Ok(());
        }
        for posted in letters {
            let state = posted.state.name();
            say!(
                "{:>6}  {state:<8} {}  {}  {}",
                posted.id,
                posted.written,
                posted.letter.to,
                posted.letter.subject
            );
            if !posted.fault.is_empty() {
                say!("        {} tries: {}", posted.tries, posted.fault);
            }
        }
        Ok(())
    }
}

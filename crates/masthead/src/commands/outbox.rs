//! `masthead outbox`: emails to readers and their delivery.

use std::{
    io::{self, Read},
    path::Path,
};

use masthead_mail::bounce::{self, Bounce};
use masthead_store::{EmailBodyError, EmailId};

use super::{Newsroom, serve::Place};
use crate::error::CliError;

/// How many emails are listed.
const MAX_LISTED: u64 = 200;
/// How long a delivery report may be, in bytes. Reports may contain the whole email.
const MAX_REPORT: u64 = 10 * 1024 * 1024;

#[derive(clap::Args)]
pub struct Outbox {
    /// Print the e-mail with this number.
    number: Option<i32>,
    /// Read a bounce report from standard input, and mark the e-mail as bounced.
    #[arg(long, conflicts_with = "number")]
    bounce: bool,
    /// Try all waiting emails again now, for example after a wrong password was corrected.
    #[arg(long, conflicts_with_all = ["number", "bounce"])]
    retry: bool,
}

impl Outbox {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let newsroom = Newsroom::open(dir, place).await?;
        if self.bounce {
            return record_bounces(&newsroom).await;
        }
        if self.retry {
            let due = newsroom.store.retry_emails((newsroom.clock)()).await?;
            outln!("{due} emails will be tried again at once, if a server runs.");
            return Ok(());
        }
        match self.number {
            Some(number) => print(&newsroom, EmailId(number)).await,
            None => list(&newsroom).await,
        }
    }
}

async fn list(newsroom: &Newsroom) -> Result<(), CliError> {
    for email in newsroom.store.emails(MAX_LISTED).await? {
        let state = email.state.name();
        outln!("{:>6}  {state:<8} {}  {}  {}", email.id.0, email.written, email.to, email.subject);
        if !email.fault.is_empty() {
            outln!("        {} tries: {}", email.tries, email.fault);
        }
    }
    Ok(())
}

async fn print(newsroom: &Newsroom, id: EmailId) -> Result<(), CliError> {
    let Some(email) = newsroom.store.email(id).await? else {
        return Err(CliError::new(format!(
            "there is no email {id}; run `masthead outbox` for the numbers of the latest {MAX_LISTED}"
        )));
    };
    let body = match newsroom.store.email_body(id).await {
        Ok(body) => body,
        Err(EmailBodyError::Store(error)) => return Err(error.into()),
        Err(EmailBodyError::Gone) => {
            let state = email.state.name();
            return Err(CliError::new(format!(
                "email {id} to {} ({}) is {state}, and what it says is kept only while it waits",
                email.to, email.subject
            )));
        }
        Err(error) => {
            return Err(CliError::new(format!("email {id} cannot be read: {error}")));
        }
    };
    outln!("To: {}\nSubject: {}\n\n{}", email.to, email.subject, body.text);
    Ok(())
}

/// Reads a delivery report and records the bounces in it.
async fn record_bounces(newsroom: &Newsroom) -> Result<(), CliError> {
    let mut mail = Vec::new();
    let read = io::stdin().take(MAX_REPORT).read_to_end(&mut mail);
    read.map_err(|error| CliError::new(format!("standard input cannot be read: {error}")))?;
    let bounces = bounce::read(&mail).map_err(|error| {
        CliError::new(format!(
            "{error}; send the whole mail, such as: masthead outbox --bounce <report.eml"
        ))
    })?;
    for Bounce { to, reason } in bounces {
        if newsroom.store.mark_bounced(&to, &format!("came back: {reason}")).await? {
            outln!("Noted: the latest e-mail to {to} bounced ({reason}).");
        } else {
            outln!("Nothing was sent to {to}; nothing is noted.");
        }
    }
    Ok(())
}

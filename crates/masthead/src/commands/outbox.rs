//! `masthead outbox`: emails to readers and their delivery.

use std::{
    io::{self, Read},
    path::Path,
};

use jiff::Timestamp;
use masthead_circulation::{EmailAddress, InvalidEmail};
use masthead_mail::{
    SendError,
    bounce::{self, Bounce},
};
use masthead_publication::config::Config;
use masthead_store::{
    BounceOutcome, BouncedEmail, EmailBody, EmailBodyError, EmailId, EmailQuery, EmailState,
    OutboxEntry,
};
use serde_json::{Value, json};

use super::{Newsroom, print_json, serve::Place};
use crate::{error::CliError, folder::Folder, services};

/// How long a delivery report may be, in bytes. Reports may contain the whole email.
const MAX_REPORT: u64 = 10 * 1024 * 1024;

#[derive(clap::Args)]
pub struct Outbox {
    /// Print the email with this number.
    number: Option<i32>,
    /// Read a bounce report from standard input, and mark the email as bounced.
    #[arg(long, group = "action", conflicts_with = "number")]
    bounce: bool,
    /// Try all waiting emails again now, for example after a wrong password was corrected.
    #[arg(long, group = "action", conflicts_with = "number")]
    retry: bool,
    /// Send an email to this address at once, to see whether the relay takes it.
    #[arg(long, group = "action", value_name = "ADDRESS", conflicts_with = "number")]
    test: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

/// Which emails are listed.
#[derive(clap::Args)]
struct Listing {
    /// List only emails that failed or came back.
    #[arg(long, conflicts_with_all = ["action", "number", "waiting"])]
    failed: bool,
    /// List only emails that wait.
    #[arg(long, conflicts_with_all = ["action", "number"])]
    waiting: bool,
    /// List emails with lower numbers than this: the next page.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["action", "number"])]
    before: Option<i32>,
    /// How many emails are listed.
    #[arg(long, default_value_t = 200, value_name = "NUMBER")]
    limit: u64,
    /// Print the list as JSON.
    #[arg(long, conflicts_with_all = ["action", "number"])]
    json: bool,
}

impl Outbox {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        if let Some(address) = &self.test {
            // Before the first start, too: mail is set up before there is a database.
            return send_test(&Folder::config(dir)?, address).await;
        }
        let newsroom = Newsroom::open_existing(dir, place).await?;
        if self.bounce {
            return record_bounces(&newsroom).await;
        }
        if self.retry {
            newsroom.warn_of_copy().await?;
            let due = newsroom.store.retry_emails((newsroom.clock)()).await?;
            let emails = if due == 1 { "email" } else { "emails" };
            outln!("{due} {emails} will be tried again at once, if a server runs.");
            return Ok(());
        }
        match self.number {
            Some(number) => print(&newsroom, EmailId(number)).await,
            None => self.listing.print(&newsroom).await,
        }
    }
}

impl Listing {
    async fn print(&self, newsroom: &Newsroom) -> Result<(), CliError> {
        let state = match (self.failed, self.waiting) {
            (true, _) => Some(EmailState::Failed),
            (false, true) => Some(EmailState::Waiting),
            (false, false) => None,
        };
        let query = EmailQuery { state, before: self.before.map(EmailId), limit: self.limit };
        let emails = newsroom.store.list_emails(query).await?;
        if self.json {
            print_json(&emails.iter().map(as_json).collect());
            return Ok(());
        }
        for email in &emails {
            let (id, state) = (email.id.0, email.state.name());
            outln!("{id:>6}  {state:<8} {}  {}  {}", email.written, email.to, email.subject);
            if !email.fault.is_empty() {
                let tries = if email.tries == 1 { "try" } else { "tries" };
                outln!("        {} {tries}: {}", email.tries, email.fault);
            }
        }
        if let Some(last) = emails.last().filter(|_| emails.len() as u64 == self.limit) {
            outln!("There may be more: add --before {}", last.id);
        }
        Ok(())
    }
}

fn as_json(email: &OutboxEntry) -> Value {
    json!({
        "number": email.id.0,
        "state": email.state.name(),
        "kind": email.kind,
        "to": email.to.to_string(),
        "subject": email.subject,
        "written": email.written.to_string(),
        "tries": email.tries,
        "fault": email.fault,
    })
}

/// Sends an email that is not stored, and says what the relay answers.
async fn send_test(config: &Config, address: &str) -> Result<(), CliError> {
    let to: EmailAddress =
        address.parse().map_err(|error: InvalidEmail| CliError::new(error.to_string()))?;
    let Some(relay) = services::relay(&config.mail)? else {
        return Err(CliError::new(
            "there is no relay; write one under [mail] in masthead.toml, as the guide's chapter on mail says",
        ));
    };
    let name = &config.publication.name;
    let text = format!("{name} can send mail.\n");
    let email = OutboxEntry {
        id: EmailId(0),
        to,
        kind: "test".to_owned(),
        subject: format!("{name}: test"),
        written: Timestamp::now(),
        expires: None,
        state: EmailState::Waiting,
        tries: 0,
        fault: String::new(),
        message_id: format!("{:032x}", rand::random::<u128>()),
    };
    let body = EmailBody { html: format!("<p>{text}</p>"), text };
    relay.send(&email, &body).await.map_err(|error| {
        let remedy = match error {
            SendError::Rejected(_) => format!("check the address {}", email.to),
            SendError::Deferred(_) => "try again later".to_owned(),
            SendError::Unusable(_) => "check [mail] in masthead.toml".to_owned(),
            SendError::Unanswered(_) => "look whether it arrived before you try again".to_owned(),
        };
        CliError::new(format!("the relay did not take it: {error}; {remedy}"))
    })?;
    outln!("The relay has taken it. Look whether it arrives at {}, and not as spam.", email.to);
    Ok(())
}

async fn print(newsroom: &Newsroom, id: EmailId) -> Result<(), CliError> {
    let Some(email) = newsroom.store.email(id).await? else {
        return Err(CliError::new(format!(
            "there is no email {id}; run `masthead outbox` for the numbers of the latest ones"
        )));
    };
    let body = match newsroom.store.email_body(id).await {
        Ok(body) => body,
        Err(EmailBodyError::Store(error)) => return Err(error.into()),
        Err(EmailBodyError::Gone) => {
            return Err(CliError::new(format!(
                "email {id} to {} ({}) no longer waits (its state is {}), and what it says is kept only until then",
                email.to,
                email.subject,
                email.state.name()
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
    if bounces.is_empty() {
        outln!(
            "This report is not about an email that could not be delivered, such as one that is delayed; nothing was changed."
        );
    }
    for bounce in bounces {
        record_bounce(newsroom, &bounce).await?;
    }
    Ok(())
}

/// Records a bounce, and says what was done.
async fn record_bounce(newsroom: &Newsroom, bounce: &Bounce) -> Result<(), CliError> {
    let Bounce { to, reason, message_id } = bounce;
    let email = match (message_id, to) {
        (Some(message_id), _) => BouncedEmail::WithMessageId(message_id),
        (None, Some(to)) => BouncedEmail::LatestTo(to),
        (None, None) => {
            outln!(
                "This report names neither an email nor an address ({reason}); nothing was changed. Ask the reader whom it is about."
            );
            return Ok(());
        }
    };
    let outcome = newsroom.store.mark_bounced(email, &format!("came back: {reason}")).await?;
    match (outcome, message_id, to) {
        (BounceOutcome::Noted { id, to }, Some(_), _) => {
            outln!("Noted: email {id} to {to} bounced ({reason}).");
        }
        (BounceOutcome::Noted { id, to }, None, _) => outln!(
            "Noted: email {id}, the latest to {to}, bounced ({reason}). The report does not say which one it is about."
        ),
        (BounceOutcome::NotedBefore { id, to }, ..) => {
            outln!("Email {id} to {to} is noted as failed already; nothing was changed.");
        }
        (BounceOutcome::Unknown, None, Some(to)) => {
            outln!("Nothing was sent to {to}; nothing was changed.");
        }
        (BounceOutcome::Unknown, ..) => outln!(
            "No email with the Message-ID in this report was sent from here; nothing was changed."
        ),
    }
    Ok(())
}

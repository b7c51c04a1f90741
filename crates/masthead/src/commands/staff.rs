//! `masthead staff`: manages staff when the desk is not accessible.

use std::path::Path;

use masthead_circulation::{
    Account, EmailAddress, InvalidEmail,
    staff::{Role, Staff},
};
use masthead_mail::emails::{self, SecurityNotice};
use masthead_store::Appointed;
use serde_json::json;

use super::{Newsroom, print_json, serve::Place};
use crate::{error::CliError, invocation::literal};

#[derive(clap::Subcommand)]
pub enum StaffCommand {
    /// Remove the passkeys and the authenticator app of somebody who has lost them. They sign in by email then.
    Unlock {
        /// The email address of their account.
        email: EmailAddress,
    },
    /// List the staff.
    List {
        /// Print the list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take somebody's access to the desk away. Their account stays.
    Remove {
        /// The address of the person.
        email: String,
    },
    /// Print a link that gives access to the desk to the first person who opens it, for an owner
    /// who is locked out.
    Link {
        /// The role: owner, editor, author, circulation, or support.
        #[arg(value_parser = role)]
        role: Role,
    },
}

impl StaffCommand {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        // A publisher may want a link before the first start.
        let newsroom = match self {
            Self::Link { .. } => Newsroom::open(dir, place).await?,
            Self::Unlock { .. } | Self::List { .. } | Self::Remove { .. } => {
                Newsroom::open_existing(dir, place).await?
            }
        };
        match self {
            Self::Unlock { email } => unlock(newsroom, &email).await,
            Self::List { json } => list(&newsroom, json).await,
            Self::Remove { email } => remove(&newsroom, &email).await,
            Self::Link { role } => {
                let address = &newsroom.config.publication.address;
                let now = (newsroom.clock)();
                let link = masthead_desk::open_link(&newsroom.store, address, role, now).await?;
                outln!(
                    "The first person to open this address, within seven days, is {role} from then on:"
                );
                outln!("{link}");
                Ok(())
            }
        }
    }
}

async fn unlock(newsroom: Newsroom, email: &EmailAddress) -> Result<(), CliError> {
    let nobody = || {
        CliError::new(format!(
            "{email} does not work at the desk; to see the staff, run: masthead staff list"
        ))
    };
    newsroom.warn_of_copy().await?;
    let (store, now) = (newsroom.store.clone(), (newsroom.clock)());
    let account = store.account_at(email).await?.ok_or_else(nobody)?;
    let site = newsroom.site().await?;
    let notice = SecurityNotice::FactorsRemoved;
    let email_to_staff = emails::security(&site.live.snapshot(), &account, notice, "")
        .map_err(|error| CliError::new(format!("the email cannot be written: {error}")))?;
    if !store.unlock_staff(&account, &email_to_staff, now).await? {
        return Err(nobody());
    }
    outln!(
        "{email} has no second factor any more, is signed out everywhere, and is told by email."
    );
    Ok(())
}

async fn remove(newsroom: &Newsroom, email: &str) -> Result<(), CliError> {
    let address: EmailAddress =
        email.parse().map_err(|error: InvalidEmail| CliError::new(error.to_string()))?;
    let nobody = || CliError::new(format!("{address} does not work at the desk"));
    let account = newsroom.store.account_at(&address).await?.ok_or_else(nobody)?;
    match newsroom.store.dismiss(&account, None, (newsroom.clock)()).await? {
        Appointed::Done => {
            outln!("{address} has no access to the desk any more. The account stays.");
            Ok(())
        }
        Appointed::LastOwner => Err(CliError::new(
            "this is the desk's only owner; make somebody else an owner first: masthead staff link owner",
        )),
        Appointed::Unchanged | Appointed::Nobody => Err(nobody()),
    }
}

async fn list(newsroom: &Newsroom, as_json: bool) -> Result<(), CliError> {
    let everybody = newsroom.store.all_staff().await?;
    if as_json {
        let row = |(staff, account): &(Staff, Account)| {
            json!({
                "role": staff.role.name(),
                "email": account.email.to_string(),
                "name": account.name,
                "since": staff.since.to_string(),
            })
        };
        print_json(&everybody.iter().map(row).collect());
        return Ok(());
    }
    if everybody.is_empty() {
        let text = "There are no staff yet. To create a link for the owner, run: masthead staff link owner";
        outln!("{}", literal(text));
    }
    for (staff, account) in everybody {
        outln!("{:<12} {}  {}", staff.role.name(), account.email, account.name);
    }
    Ok(())
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|_| {
        let all: Vec<&str> = Role::all().map(Role::name).collect();
        format!("there is no such role; write one of {}", all.join(", "))
    })
}

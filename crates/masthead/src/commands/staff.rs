//! `masthead staff`: manages staff when the desk is not accessible.

use std::path::Path;

use masthead_circulation::{EmailAddress, staff::Role};

use super::{Newsroom, serve::Place};
use crate::error::CliError;

#[derive(clap::Subcommand)]
pub enum StaffCommand {
    /// List the staff.
    List,
    /// Remove the passkeys and the authenticator app of somebody who has lost them. They sign in by email then.
    Unlock {
        /// The e-mail address of their account.
        email: EmailAddress,
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
        let newsroom = Newsroom::open(dir, place).await?;
        match self {
            Self::List => list(&newsroom).await,
            Self::Unlock { email } => unlock(&newsroom, &email).await,
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

async fn unlock(newsroom: &Newsroom, email: &EmailAddress) -> Result<(), CliError> {
    let store = &newsroom.store;
    let Some(account) = store.account_at(email).await? else {
        outln!("No account has the address {email}. To see the staff, run: masthead staff list");
        return Ok(());
    };
    store.remove_authenticator(account.id).await?;
    for passkey in store.passkeys_of(account.id).await? {
        store.remove_passkey(account.id, &passkey.id).await?;
    }
    store.end_sessions(account.id).await?;
    outln!("{email} has no second factor any more and is signed out everywhere.");
    Ok(())
}

async fn list(newsroom: &Newsroom) -> Result<(), CliError> {
    let everybody = newsroom.store.all_staff().await?;
    if everybody.is_empty() {
        outln!(
            "There are no staff yet. To create a link for the owner, run: masthead staff link owner"
        );
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

//! `masthead readers`: requests of readers about their data, also of those who cannot sign in.

use std::{path::Path, sync::Arc};

use masthead_circulation::{Account, AuditAction, AuditChange, EmailAddress, InvalidEmail};
use masthead_site::Site;

use super::{Newsroom, serve::Place, subscription};
use crate::{error::CliError, output::print_bytes};

#[derive(clap::Subcommand)]
pub enum ReadersCommand {
    /// Say whether there is an account with this address.
    Find {
        /// The reader's address.
        email: String,
    },
    /// Print everything that is stored about a reader, as JSON: what they can download themselves.
    Data {
        /// The reader's address.
        email: String,
    },
    /// Delete a reader's account with everything that is known of them. What was paid stays in your books, without
    /// their name. Cancel their subscription first, or it ends with the account.
    Delete {
        /// The reader's address.
        email: String,
        /// Delete the account. Without this, only say what would be deleted.
        #[arg(long)]
        yes: bool,
    },
}

impl ReadersCommand {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let newsroom = Newsroom::open_existing(dir, place).await?;
        let (Self::Find { email } | Self::Data { email } | Self::Delete { email, .. }) = &self;
        let account = account(&newsroom, email).await?;
        match self {
            Self::Find { .. } => describe(&newsroom, &account).await,
            Self::Data { .. } => print_data(newsroom, &account).await,
            Self::Delete { yes: false, .. } => {
                describe(&newsroom, &account).await?;
                outln!("Nothing was deleted. To delete the account, add --yes.");
                Ok(())
            }
            Self::Delete { yes: true, .. } => {
                let now = (newsroom.clock)();
                if !newsroom.store.delete_account_on_server(&account, now).await? {
                    return Err(CliError::new(
                        "this is the desk's only owner; make somebody else an owner first; nothing was deleted",
                    ));
                }
                outln!("Deleted: {}. Payments stay in your books and name nobody.", account.email);
                Ok(())
            }
        }
    }
}

/// Prints everything that is stored about a reader, in parts, so that it may be of any length.
async fn print_data(newsroom: Newsroom, account: &Account) -> Result<(), CliError> {
    let (store, now) = (newsroom.store.clone(), (newsroom.clock)());
    let site: Arc<Site> = newsroom.site().await?;
    let mut data = masthead_site::account_data(&site, account).await?;
    let changes = vec![AuditChange::fact("account", account.id.0)];
    let (action, what) = (AuditAction::Exported, "reader-data");
    store.record_action(action, what, changes, None, now).await?;
    while let Some(part) = data.next_part().await? {
        print_bytes(part.as_bytes());
    }
    Ok(())
}

async fn account(newsroom: &Newsroom, email: &str) -> Result<Account, CliError> {
    let address: EmailAddress =
        email.parse().map_err(|error: InvalidEmail| CliError::new(error.to_string()))?;
    let found = newsroom.store.account_at(&address).await?;
    found.ok_or_else(|| CliError::new(format!("there is no reader {address}")))
}

async fn describe(newsroom: &Newsroom, account: &Account) -> Result<(), CliError> {
    let zone = &newsroom.config.publication.policy.zone;
    let subscriptions = newsroom.store.subscriptions_of(account.id).await?;
    let staff = newsroom.store.staff(account.id).await?;
    outln!("{}  account {}, registered {}", account.email, account.id.0, account.registered);
    for subscription in subscriptions {
        outln!("{}", subscription::describe(&subscription, zone));
    }
    if let Some(staff) = staff {
        outln!("Works at the desk as {}.", staff.role);
    }
    Ok(())
}

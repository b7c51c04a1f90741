//! `masthead subscription`: subscriptions and payments that do not come from the site.

use std::{path::Path, sync::Arc};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use masthead_billing::staff_actions::{EntryError, PaidHow};
use masthead_circulation::{
    EmailAddress, InvalidEmail, State, Subscription, SubscriptionId, end_of_day, last_day,
};
use masthead_site::Site;
use serde_json::{Value, json};

use super::{Newsroom, print_json, serve::Place};
use crate::error::CliError;

/// The maximum number of subscriptions listed.
const MAX_LISTED: u64 = 200;

#[derive(clap::Subcommand)]
pub enum SubscriptionCommand {
    /// List the latest subscriptions, or those of one reader.
    List {
        /// The reader's email address.
        reader: Option<String>,
        /// Print the list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show the history of a subscription, and who changed it.
    History {
        /// The number of the subscription.
        #[arg(value_parser = number)]
        number: SubscriptionId,
    },
    /// Start a subscription for a reader, and notify them by email.
    Begin(StartSubscription),
    /// Record a payment for the next period: a bank transfer, a cheque, or cash.
    Paid {
        /// The number of the subscription, as printed on the invoice: S-12, or 12.
        #[arg(value_parser = number)]
        number: SubscriptionId,
        /// Accept the payment although no invoice has been sent yet.
        #[arg(long)]
        ahead: bool,
    },
    /// Cancel a subscription at the end of the paid period.
    Cancel {
        /// The number of the subscription.
        #[arg(value_parser = number)]
        number: SubscriptionId,
    },
}

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("how").required(true))]
pub struct StartSubscription {
    /// The reader's email address.
    reader: String,
    /// The slug of a price in masthead.toml.
    price: String,
    /// Send an invoice. The reader has access at once.
    #[arg(long, group = "how")]
    invoice: bool,
    /// The first period has been paid.
    #[arg(long, group = "how")]
    paid: bool,
    /// The subscription is free.
    #[arg(long, group = "how")]
    free: bool,
    /// The last day of a free subscription, such as 2027-02-03. Without it, the subscription does
    /// not end.
    #[arg(long, requires = "free", value_name = "DATE")]
    until: Option<Date>,
}

impl SubscriptionCommand {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let newsroom = match self {
            // Subscriptions are brought from elsewhere before the first start, too.
            Self::Begin(_) => Newsroom::open(dir, place).await?,
            _ => Newsroom::open_existing(dir, place).await?,
        };
        if !matches!(self, Self::List { .. } | Self::History { .. }) {
            newsroom.warn_of_copy().await?;
        }
        match self {
            Self::List { reader, json } => list(&newsroom, reader.as_deref(), json).await,
            Self::History { number } => history(&newsroom, number).await,
            Self::Begin(begin) => begin.run(newsroom).await,
            Self::Paid { number, ahead } => {
                let zone = newsroom.config.publication.policy.zone.clone();
                let site = newsroom.site().await?;
                if site.billing.enter_former_debt(number).await? {
                    outln!(
                        "S-{} was deleted with its account, so no payment is entered here; enter it in your books. The \
                         address may order by invoice again.",
                        number.0
                    );
                    return Ok(());
                }
                let subscription = site.billing.enter_payment(number, ahead, None).await?;
                outln!(
                    "The payment for S-{} is entered. {}",
                    number.0,
                    sentence(&subscription, &zone)
                );
                Ok(())
            }
            Self::Cancel { number } => {
                let zone = newsroom.config.publication.policy.zone.clone();
                let site = newsroom.site().await?;
                let subscription = site.billing.enter_cancellation(number, None).await?;
                outln!("S-{} is cancelled. {}", number.0, sentence(&subscription, &zone));
                Ok(())
            }
        }
    }
}

impl StartSubscription {
    async fn run(self, newsroom: Newsroom) -> Result<(), CliError> {
        let zone = newsroom.config.publication.policy.zone.clone();
        let reader = address(&self.reader)?;
        let now = (newsroom.clock)();
        let how = if self.free {
            PaidHow::Free(self.until.map(|last| end_of(last, &zone, now)).transpose()?)
        } else if self.paid {
            PaidHow::Already
        } else {
            PaidHow::ByInvoice
        };
        let site: Arc<Site> = newsroom.site().await?;
        let begun = site.billing.enter_subscription(&reader, &self.price, how, None).await?;
        let (id, name) = (begun.id.0, &begun.terms.name);
        outln!("{reader} has the subscription S-{id} to {name}. {}", sentence(&begun, &zone));
        Ok(())
    }
}

async fn list(newsroom: &Newsroom, reader: Option<&str>, as_json: bool) -> Result<(), CliError> {
    let zone = &newsroom.config.publication.policy.zone;
    let store = &newsroom.store;
    let found = match reader {
        Some(reader) => match store.account_at(&address(reader)?).await? {
            Some(account) => store.subscriptions_of(account.id).await?,
            None => return Err(CliError::new(format!("there is no reader {reader}"))),
        },
        None => store.latest_subscriptions(MAX_LISTED).await?,
    };
    let accounts: Vec<_> = found.iter().map(|subscription| subscription.account).collect();
    let accounts = store.accounts(&accounts).await?;
    let email = |subscription: &Subscription| {
        let account = accounts.iter().find(|account| account.id == subscription.account);
        account.map(|account| account.email.to_string()).unwrap_or_default()
    };
    if as_json {
        print_json(&found.iter().map(|found| subscription_json(found, &email(found))).collect());
        return Ok(());
    }
    if found.is_empty() {
        outln!("There are none.");
    }
    for subscription in found {
        outln!("{}  {}", email(&subscription), describe(&subscription, zone));
    }
    Ok(())
}

fn subscription_json(subscription: &Subscription, email: &str) -> Value {
    let terms = &subscription.terms;
    json!({
        "number": subscription.id.0,
        "reader": email,
        "product": terms.product,
        "price": terms.price,
        "offer": terms.offer,
        "amount": terms.amount.decimal(),
        "currency": terms.amount.currency().code(),
        "state": subscription.state.name(),
        "begun": subscription.begun.to_string(),
        "paid_by": subscription.mandate.processor,
    })
}

async fn history(newsroom: &Newsroom, number: SubscriptionId) -> Result<(), CliError> {
    let entries = newsroom.store.audit_of(number).await?;
    if entries.is_empty() {
        return Err(EntryError::NoSubscription(number.0).into());
    }
    for entry in entries {
        let (actor, what) = (entry.actor.name(), &entry.what);
        let change = match entry.before.as_str() {
            "" => entry.after.clone(),
            before => format!("{before} → {}", entry.after),
        };
        outln!("{}  {actor:<9}  {what:<16}  {change}", entry.at);
    }
    Ok(())
}

/// Says in a sentence until when a reader has access, and how it is paid.
fn sentence(subscription: &Subscription, zone: &TimeZone) -> String {
    let day = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
    let last_day = |end| last_day(end, zone);
    match subscription.state {
        State::Trial { ends, .. } => format!("It is on trial until {}.", last_day(ends)),
        State::Active { .. } if subscription.terms.amount.is_zero() => {
            "It is free, and continues until it is cancelled.".to_owned()
        }
        State::Active { through } => format!("It is paid until {}.", last_day(through)),
        State::Grace { ends, .. } => {
            format!("It is not paid yet. The reader has access until {}.", last_day(ends))
        }
        State::Paused { until, .. } => format!("It is paused until {}.", day(until)),
        State::Cancelling { ends, .. } => format!("It ends on {}.", last_day(ends)),
        State::Ended { at, .. } => format!("It ended on {}.", last_day(at)),
    }
}

/// Describes a subscription in one line.
pub(super) fn describe(subscription: &Subscription, zone: &TimeZone) -> String {
    let day = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
    let last_day = |end| last_day(end, zone);
    let (what, date) = match subscription.state {
        State::Trial { ends, .. } => ("trial until", last_day(ends)),
        State::Active { through } if subscription.terms.amount.is_zero() => {
            ("renews on", day(through))
        }
        State::Active { through } => ("paid until", last_day(through)),
        State::Grace { ends, .. } => ("unpaid; readable until", last_day(ends)),
        State::Paused { until, .. } => ("paused until", day(until)),
        State::Cancelling { ends, .. } => ("ends on", last_day(ends)),
        State::Ended { at, .. } => ("ended on", last_day(at)),
    };
    let by = match subscription.mandate.processor.as_str() {
        _ if subscription.terms.amount.is_zero() => "free",
        "" => "nothing to pay",
        name => name,
    };
    let (id, name) = (subscription.id.0, &subscription.terms.name);
    format!("S-{id}  {name}, {what} {date} ({by})")
}

/// Returns the first instant after the last day, which must not have passed.
fn end_of(last: Date, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, CliError> {
    let ends = end_of_day(last, zone);
    let ends = ends.map_err(|error| CliError::new(format!("--until {last}: {error}")))?;
    if ends <= now {
        return Err(CliError::new(format!("--until {last} is in the past; choose a later day")));
    }
    Ok(ends)
}

fn address(text: &str) -> Result<EmailAddress, CliError> {
    text.parse().map_err(|error: InvalidEmail| CliError::new(error.to_string()))
}

fn number(text: &str) -> Result<SubscriptionId, String> {
    let digits = text.strip_prefix("S-").or_else(|| text.strip_prefix("s-")).unwrap_or(text);
    digits
        .parse()
        .map(SubscriptionId)
        .map_err(|_| "write a subscription's number, such as S-12 or 12".to_owned())
}

//! `masthead export`: readers, subscriptions and payments as CSV.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use masthead_circulation::{
    Account, AuditAction, DeliveryAddress, Money, Payment, PaymentNumber, Refund, State,
    Subscription,
};
use masthead_store::{Store, StoreError};
use masthead_web::csv::escape_formula;

use super::{Newsroom, serve::Place};
use crate::error::CliError;

/// The number of rows read at once.
const BATCH: u64 = 1000;

#[derive(clap::Args)]
pub struct Export {
    /// The data to export.
    what: ExportKind,
    /// The file to write. Without it, the data is written to standard output.
    file: Option<PathBuf>,
    /// Overwrite the file if there is one.
    #[arg(long, requires = "file")]
    force: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum ExportKind {
    /// All accounts.
    Readers,
    /// Their subscriptions and states.
    Subscriptions,
    /// Their payments.
    Payments,
}

type Row = Vec<String>;

impl Export {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        if let Some(path) = self.file.as_deref().filter(|path| !self.force && path.exists()) {
            return Err(CliError::new(format!(
                "{} exists; name another file, or overwrite it with --force",
                path.display()
            )));
        }
        let newsroom = Newsroom::open_existing(dir, place).await?;
        let (action, now) = (AuditAction::Exported, (newsroom.clock)());
        newsroom.store.record_action(action, self.what.name(), Vec::new(), None, now).await?;
        match &self.file {
            None => self.write(&newsroom.store, io::stdout().lock()).await?,
            Some(path) => {
                // Written to a temporary file first, so that an incomplete file is never mistaken
                // for the export.
                let aside = path.with_extension("part");
                let unwritable =
                    |error| CliError::new(format!("{} cannot be written: {error}", path.display()));
                let file = File::create(&aside).map_err(unwritable)?;
                let rows = self.write(&newsroom.store, file).await?;
                std::fs::rename(&aside, path).map_err(unwritable)?;
                outln!("{rows} rows are in {}.", path.display());
                return Ok(());
            }
        };
        Ok(())
    }

    /// Writes all rows as CSV (RFC 4180), ordered by number, and returns how many there are.
    async fn write(&self, store: &Store, to: impl io::Write) -> Result<u64, CliError> {
        let unwritable =
            |error: csv::Error| CliError::new(format!("the export cannot be written: {error}"));
        let mut writer = csv::Writer::from_writer(to);
        writer.write_record(self.what.columns()).map_err(unwritable)?;
        let (mut after, mut written) = (0, 0);
        loop {
            let rows = self.what.rows_after(store, after).await?;
            let Some((last, _)) = rows.last() else { break };
            after = *last;
            for (_, row) in &rows {
                let cells = row.iter().map(|cell| escape_formula(cell).into_owned());
                writer.write_record(cells).map_err(unwritable)?;
                written += 1;
            }
        }
        writer.flush().map_err(|error| unwritable(error.into()))?;
        Ok(written)
    }
}

impl ExportKind {
    /// What the audit log calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Readers => "all readers",
            Self::Subscriptions => "all subscriptions",
            Self::Payments => "all payments",
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Readers => &["number", "email", "name", "registered"],
            Self::Subscriptions => &[
                "number",
                "reader",
                "product",
                "price",
                "offer",
                "amount",
                "currency",
                "every",
                "state",
                "until",
                "begun",
                "paid_by",
                "deliver_to",
            ],
            Self::Payments => &[
                "invoice",
                "reader",
                "subscription",
                "what",
                "amount",
                "currency",
                "paid",
                "from",
                "through",
                "card",
                "paid_back",
                "net",
                "tax",
                "tax_rate",
            ],
        }
    }

    /// Returns the next rows, each with its number.
    async fn rows_after(self, store: &Store, after: u32) -> Result<Vec<(u32, Row)>, StoreError> {
        Ok(match self {
            Self::Readers => {
                let accounts = store.accounts_after(after, BATCH).await?;
                accounts.into_iter().map(|account| (account.id.0, reader(account))).collect()
            }
            Self::Subscriptions => {
                let found = store.subscriptions_after(after, BATCH).await?;
                let readers: Vec<_> = found
                    .iter()
                    .filter(|found| found.terms.is_delivered())
                    .map(|found| found.account)
                    .collect();
                let addresses = store.delivery_addresses(&readers).await?;
                let row = |found: Subscription| {
                    let address = addresses.get(&found.account);
                    let address = address.filter(|_| found.terms.is_delivered());
                    (found.id.0, subscription(&found, address))
                };
                found.into_iter().map(row).collect()
            }
            Self::Payments => {
                let found = store.payments_after(PaymentNumber(after), BATCH).await?;
                let numbers: Vec<_> = found.iter().map(|found| found.number).collect();
                let refunds = store.refunds_of_payments(&numbers).await?;
                let row = |found: Payment| (found.number.0, payment(found, &refunds));
                found.into_iter().map(row).collect()
            }
        })
    }
}

fn reader(account: Account) -> Row {
    let Account { id, email, name, registered, .. } = account;
    vec![id.0.to_string(), email.as_str().to_owned(), name, registered.to_string()]
}

fn subscription(subscription: &Subscription, address: Option<&DeliveryAddress>) -> Row {
    let terms = &subscription.terms;
    let until = match subscription.state {
        State::Trial { ends, .. } | State::Grace { ends, .. } | State::Cancelling { ends, .. } => {
            ends
        }
        State::Active { through } => through,
        State::Paused { until, .. } => until,
        State::Ended { at, .. } => at,
    };
    vec![
        subscription.id.0.to_string(),
        subscription.account.0.to_string(),
        terms.product.clone(),
        terms.price.clone(),
        terms.offer.clone().unwrap_or_default(),
        terms.amount.decimal(),
        terms.amount.currency().code().to_owned(),
        terms.every.to_string(),
        subscription.state.name().to_owned(),
        until.to_string(),
        subscription.begun.to_string(),
        subscription.mandate.processor.clone(),
        address.map(DeliveryAddress::in_one_line).unwrap_or_default(),
    ]
}

fn payment(payment: Payment, refunds: &[Refund]) -> Row {
    let refund = refunds.iter().find(|refund| refund.payment == payment.number);
    let refunded = refund.map(Refund::refunded).filter(|refunded| !refunded.is_zero());
    let at = |at: Timestamp| at.to_string();
    let taxed = payment.taxed();
    vec![
        payment.number.to_string(),
        payment.account.map(|id| id.0.to_string()).unwrap_or_default(),
        payment.subscription.map(|id| id.0.to_string()).unwrap_or_default(),
        payment.what,
        payment.amount.decimal(),
        payment.amount.currency().code().to_owned(),
        at(payment.at),
        at(payment.from),
        at(payment.through),
        payment.card,
        refunded.map(Money::decimal).unwrap_or_default(),
        taxed.map(|taxed| taxed.net.decimal()).unwrap_or_default(),
        taxed.map(|taxed| taxed.tax.decimal()).unwrap_or_default(),
        payment.tax.map(|rate| rate.to_string()).unwrap_or_default(),
    ]
}

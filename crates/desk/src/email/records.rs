//! What DNS says about the sender, as `masthead doctor` checks it: without it, emails to readers end among the spam.

use std::{pin::Pin, sync::Arc};

use serde::Serialize;

use crate::words::DeskWords;

/// What a record is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailRecordKind {
    /// Which servers may send (RFC 7208).
    Spf,
    /// The key that signatures are verified with (RFC 6376).
    Dkim,
    /// What happens to emails that fail both (RFC 7489).
    Dmarc,
    /// Which server takes mail (RFC 5321, section 5).
    Mx,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailRecordState {
    /// The record is as it should be; this is what it says. A key is not shown.
    Good(String),
    /// There is none.
    Missing,
    /// It lets every server send.
    LetsEverybody(String),
    /// There are so many, and none of them counts.
    Several(usize),
    /// The key was revoked.
    Revoked,
    /// It does not count, because of what it says.
    Invalid(String),
    /// The settings do not say where it is.
    NotChecked,
    /// It could not be looked up, because of this.
    Unknown(String),
}

/// A record of the domain that emails are sent from, or of one that answers go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRecord {
    /// What it is for.
    pub kind: MailRecordKind,
    /// The name in DNS at which it is looked for.
    pub name: String,
    /// What was found.
    pub state: MailRecordState,
}

type LookUp = Pin<Box<dyn Future<Output = Vec<MailRecord>> + Send>>;

/// Looks the records up.
#[derive(Clone)]
pub struct MailRecordCheck(Arc<dyn Fn() -> LookUp + Send + Sync>);

impl MailRecordCheck {
    /// A check that asks a name server.
    pub fn new<F>(look_up: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Vec<MailRecord>> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(look_up())))
    }

    /// Returns the records as they are now.
    pub async fn run(&self) -> Vec<MailRecord> {
        (self.0)().await
    }
}

/// A record as the page shows it.
#[derive(Default, Serialize)]
pub(super) struct MailRecordRow {
    label: &'static str,
    text: String,
    is_good: bool,
    /// The kind, name and value of the record to add; empty if there is none, or only the mail provider knows it.
    add: String,
}

pub(super) fn row(record: &MailRecord, words: DeskWords) -> MailRecordRow {
    let MailRecord { kind, name, state } = record;
    let is_good = matches!(state, MailRecordState::Good(_) | MailRecordState::NotChecked);
    let add = match state {
        MailRecordState::Missing => example(*kind, name),
        _ => String::new(),
    };
    MailRecordRow { label: label(*kind, words), text: text(record, words), is_good, add }
}

fn label(kind: MailRecordKind, words: DeskWords) -> &'static str {
    words.text(match kind {
        MailRecordKind::Spf => "email_record_spf",
        MailRecordKind::Dkim => "email_record_dkim",
        MailRecordKind::Dmarc => "email_record_dmarc",
        MailRecordKind::Mx => "email_record_mx",
    })
}

fn text(MailRecord { kind, name, state }: &MailRecord, words: DeskWords) -> String {
    match state {
        MailRecordState::Good(_) if *kind == MailRecordKind::Dkim => {
            words.fill("email_record_dkim_good", &[("name", name)])
        }
        MailRecordState::Good(value) => {
            words.fill("email_record_good", &[("name", name), ("value", value)])
        }
        MailRecordState::Missing => {
            let missing = match kind {
                MailRecordKind::Spf => "email_record_no_spf",
                MailRecordKind::Dkim => "email_record_no_dkim",
                MailRecordKind::Dmarc => "email_record_no_dmarc",
                MailRecordKind::Mx => "email_record_no_mx",
            };
            words.fill(missing, &[("name", name)])
        }
        MailRecordState::LetsEverybody(value) => {
            words.fill("email_record_everybody", &[("name", name), ("value", value)])
        }
        MailRecordState::Several(count) => {
            words.count_and_fill("email_record_several", *count as u64, &[("name", name)])
        }
        MailRecordState::Revoked => words.fill("email_record_revoked", &[("name", name)]),
        MailRecordState::Invalid(value) => {
            words.fill("email_record_invalid", &[("name", name), ("value", value)])
        }
        MailRecordState::NotChecked => words.text("email_record_unchecked").to_owned(),
        MailRecordState::Unknown(reason) => {
            words.fill("email_record_unknown", &[("name", name), ("reason", reason)])
        }
    }
}

/// A record to add, as a zone file has it.
fn example(kind: MailRecordKind, name: &str) -> String {
    match kind {
        MailRecordKind::Spf => {
            format!("{name}. TXT \"v=spf1 include:spf.your-provider.example -all\"")
        }
        MailRecordKind::Dmarc => {
            let domain = name.strip_prefix("_dmarc.").unwrap_or(name);
            format!("{name}. TXT \"v=DMARC1; p=none; rua=mailto:postmaster@{domain}\"")
        }
        MailRecordKind::Dkim | MailRecordKind::Mx => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_record_is_shown_as_it_is_to_be_added() {
        let record = |kind, name: &str, state| MailRecord { kind, name: name.to_owned(), state };
        let words = DeskWords::default();
        let missing = MailRecordState::Missing;
        let dmarc = record(MailRecordKind::Dmarc, "_dmarc.paper.example", missing.clone());
        let dmarc = row(&dmarc, words);
        assert!(!dmarc.is_good && dmarc.text.contains("_dmarc.paper.example"));
        assert!(dmarc.add.ends_with("rua=mailto:postmaster@paper.example\""), "{}", dmarc.add);
        assert_eq!(row(&record(MailRecordKind::Dkim, "s._domainkey.x", missing), words).add, "");
        let good = MailRecordState::Good("v=spf1 -all".to_owned());
        let good = row(&record(MailRecordKind::Spf, "paper.example", good), words);
        assert!(good.is_good && good.add.is_empty() && good.text.contains("v=spf1 -all"));
    }
}

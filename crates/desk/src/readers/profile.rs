//! What the newsroom knows of a reader beside their subscriptions: labels, notes, what they have paid, and what led them to
//! subscribe.

use jiff::tz::TimeZone;
use masthead_circulation::{Account, Money, money::add_by_currency, staff::Staff};
use masthead_store::{ReaderConversion, ReaderNote, StoreError};
use serde::Serialize;

use super::list::MAX_LABELS;
use crate::{format::colleague_or_former, state::DeskState, words::DeskWords};

/// See the module's documentation.
#[derive(Default, Serialize)]
pub(super) struct ReaderProfile {
    labels: Vec<String>,
    /// Labels of others, which are suggested.
    suggestions: Vec<String>,
    notes: Vec<NoteRow>,
    /// What the reader has paid, without refunds, in each currency; empty if nothing.
    value: String,
    conversions: Vec<ConversionRow>,
}

#[derive(Default, Serialize)]
struct NoteRow {
    number: i32,
    /// Who wrote it, and when.
    by: String,
    lines: Vec<String>,
}

#[derive(Default, Serialize)]
struct ConversionRow {
    at: String,
    /// The headline of the article, or the path of the page; empty if it is not known.
    page: String,
    /// Where it links to; empty if it does not.
    to: String,
    /// The name of the offer; empty if it was none.
    offer: String,
}

impl ReaderProfile {
    /// The profile of an account that has paid these amounts, without refunds.
    pub async fn load(
        desk: &DeskState,
        account: &Account,
        paid: Vec<Money>,
        everybody: &[(Staff, Account)],
        words: DeskWords,
    ) -> Result<Self, StoreError> {
        let zone = desk.publication().zone;
        let labels = desk.store.labels_of(account.id).await?;
        let mut suggestions = desk.store.all_labels(MAX_LABELS).await?;
        suggestions.retain(|label| !labels.contains(label));
        let notes = desk.store.notes_about(account.id).await?.into_iter();
        let conversions = desk.store.conversions_of(account.id).await?.into_iter();
        Ok(Self {
            labels,
            suggestions,
            notes: notes.map(|note| note_row(&note, everybody, &zone, words)).collect(),
            value: value(paid, words),
            conversions: conversions.map(|of| conversion_row(desk, of, &zone, words)).collect(),
        })
    }
}

/// The sum in each currency.
fn value(paid: Vec<Money>, words: DeskWords) -> String {
    let mut all: Vec<Money> = Vec::new();
    add_by_currency(&mut all, paid);
    let amounts = all.into_iter().filter(|money| !money.is_zero());
    amounts.map(|money| words.money(money)).collect::<Vec<_>>().join(", ")
}

fn note_row(
    note: &ReaderNote,
    everybody: &[(Staff, Account)],
    zone: &TimeZone,
    words: DeskWords,
) -> NoteRow {
    let by = colleague_or_former(everybody, note.by, words);
    let at = words.date_time(note.at, zone);
    NoteRow {
        number: note.number,
        by: words.fill("reader_note_by", &[("name", &by), ("time", &at)]),
        lines: note.text.lines().map(str::to_owned).collect(),
    }
}

fn conversion_row(
    desk: &DeskState,
    of: ReaderConversion,
    zone: &TimeZone,
    words: DeskWords,
) -> ConversionRow {
    let snapshot = desk.snapshot();
    let article = snapshot.article_at(&of.from);
    let offers = snapshot.publication.catalogue.offers();
    let offer = offers.iter().find(|offer| offer.slug == of.offer);
    ConversionRow {
        at: words.date(of.at, zone),
        to: article.as_ref().map(|article| article.address.clone()).unwrap_or_default(),
        page: article.map_or(of.from, |article| article.headline),
        offer: offer.map_or(of.offer, |offer| offer.name.clone()),
    }
}

#[cfg(test)]
impl ReaderProfile {
    pub fn sample() -> Self {
        let article = ConversionRow {
            page: "The bridge".into(),
            to: "/town/bridge".into(),
            offer: "Spring".into(),
            ..ConversionRow::default()
        };
        Self {
            labels: vec!["school".into()],
            suggestions: vec!["club".into()],
            notes: vec![NoteRow {
                lines: vec!["Call".into(), "on Monday".into()],
                ..NoteRow::default()
            }],
            value: "9.00 EUR".into(),
            conversions: vec![article, ConversionRow::default()],
        }
    }
}

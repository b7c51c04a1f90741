//! Why settings are refused, and where.

use masthead_access::message::{InvalidLocale, MessageError, MessageField};
use masthead_circulation::{CatalogueErrorKind, ParseMoneyError};
use masthead_editorial::{
    breaking::InvalidBreakingNews,
    fronts::FrontError,
    menus::InvalidMenu,
    strip::{DataStrip, InvalidDataStrip},
};
use toml::de::{DeTable, DeValue};

use crate::explain::explain;

/// A place in a text, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// The text of settings is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {}, column {}: {reason}", position.line, position.column)]
pub struct TextError {
    /// Where.
    pub position: Position,
    /// What is wrong, and what to do.
    pub reason: String,
}

/// An entry of the settings does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("in {entry}: {cause}")]
pub struct SettingsError {
    /// Where.
    pub at: Location,
    /// The entry in words, such as `the offer "winter"`.
    pub entry: String,
    /// Why.
    #[source]
    pub cause: InvalidSetting,
}

/// An entry of a list of tables, or one key of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The list, such as `offers`.
    pub table: &'static str,
    /// The index of the entry.
    pub index: usize,
    /// The key, if it is about one.
    pub key: Option<&'static str>,
}

/// Why an entry does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// The publication's locale has no rules.
    #[error(transparent)]
    Locale(#[from] InvalidLocale),
    /// There is an amount and no currency.
    #[error(
        "there is no currency for this amount; write one under [subscriptions], such as currency = \"USD\""
    )]
    NoCurrency,
    /// The amount is not one of the currency.
    #[error(transparent)]
    Money(#[from] ParseMoneyError),
    /// An offer for holders of a code has none.
    #[error("it is for holders of a code, and there is none; write codes = [\"…\"]")]
    NoCodes,
    /// An offer has codes that nobody needs.
    #[error("it has codes, but is not for those who hold one; write for = \"code\"")]
    UnusedCodes,
    /// What is sold does not fit together.
    #[error(transparent)]
    Catalogue(#[from] CatalogueErrorKind),
    /// A message is refused.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A message names an offer that does not exist.
    #[error("there is no offer \"{offer}\"{}", did_you_mean(.near.as_deref()))]
    NoOffer {
        /// The offer it names.
        offer: String,
        /// The offer with the nearest name.
        near: Option<String>,
    },
    /// A front is refused.
    #[error(transparent)]
    Front(#[from] FrontError),
    /// Two fronts have one address.
    #[error("there are two [[fronts]] for {0}")]
    TwoFronts(String),
    /// Two sections have one name.
    #[error("there are two [[sections]] \"{0}\"; give one another slug, or leave it out")]
    TwoSections(String),
    /// Two topics have one name.
    #[error("there are two [[topics]] \"{0}\"; write its description once")]
    TwoTopics(String),
    /// Two providers have one name.
    #[error("there are two [[openid]] \"{0}\"; give one another slug")]
    TwoProviders(String),
    /// An experiment tries nothing, or two things at once.
    #[error("an experiment tries either a message or an allowance")]
    Experiment,
    /// A strip is refused.
    #[error(transparent)]
    Strip(#[from] InvalidDataStrip),
    /// There are too many strips.
    #[error("the home page has {max} strips at most; leave one out", max = DataStrip::MAX_STRIPS)]
    ManyStrips,
    /// There is a logo for dark pages, and none for light ones.
    #[error("there is a logo for dark pages only; write logo as well")]
    DarkLogoAlone,
    /// A menu is refused.
    #[error(transparent)]
    Menu(#[from] InvalidMenu),
    /// The breaking news is refused.
    #[error(transparent)]
    Breaking(#[from] InvalidBreakingNews),
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default()
}

impl TextError {
    /// The error of the TOML reader for `text`.
    pub(crate) fn of_toml(error: &toml::de::Error, text: &str) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        Self { position: Position::of(start, text), reason: explain(error.message()) }
    }

    /// An error of settings that were read from `text`.
    pub(crate) fn of_settings(error: &SettingsError, text: &str) -> Self {
        Self { position: error.at.position(text), reason: error.to_string() }
    }
}

impl Position {
    pub(crate) fn of(offset: usize, text: &str) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        Self { line: before.matches('\n').count() + 1, column: last_line.chars().count() + 1 }
    }
}

impl Location {
    /// The entry with this index of a list of tables.
    pub(crate) fn entry(table: &'static str, index: usize) -> Self {
        Self { table, index, key: None }
    }

    /// The same entry, narrowed to one of its keys.
    pub(crate) fn key(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Returns where it is in `text`, or the text's start if it isn't there.
    fn position(self, text: &str) -> Position {
        let start = DeTable::parse(text).ok().and_then(|table| self.start(table.get_ref()));
        Position::of(start.unwrap_or_default(), text)
    }

    fn start(self, table: &DeTable<'_>) -> Option<usize> {
        let value = table.get(self.table)?;
        let entry = match value.get_ref() {
            DeValue::Array(entries) => entries.get(self.index)?,
            _ => value,
        };
        let key = self.key.and_then(|key| entry.get_ref().as_table()?.get(key));
        Some(key.unwrap_or(entry).span().start)
    }
}

/// Returns the key of the field of a message, and the field in words.
pub(crate) fn key_of(field: MessageField) -> (&'static str, String) {
    match field {
        MessageField::Title => ("title", "the title".to_owned()),
        MessageField::Text => ("text", "the text".to_owned()),
        MessageField::Narrow => ("narrow", "the narrow text".to_owned()),
        MessageField::Benefit(index) => ("benefits", format!("benefit {}", index + 1)),
        MessageField::Label(index) => ("actions", format!("the label of action {}", index + 1)),
        MessageField::Link(index) => ("actions", format!("the link of action {}", index + 1)),
    }
}

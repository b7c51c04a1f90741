//! Which readers are asked for: the filters of the list, which its file and its bulk actions have as well.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use masthead_circulation::{AccountId, ReaderStatus};
use masthead_store::{ReaderOrder, ReaderQuery};
use serde::{Deserialize, Serialize};

use crate::http::with_query;

/// The filters, as they are in addresses. What cannot be read is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct ReadersForm {
    /// A part of the address or the name, or a number.
    pub q: String,
    pub status: String,
    pub product: String,
    /// The page on which they subscribed, as its path or address.
    pub source: String,
    /// The first day of registration.
    pub from: String,
    /// The last day.
    pub to: String,
    pub label: String,
    pub order: String,
    /// The number of the last reader of the page before.
    pub after: String,
}

impl ReadersForm {
    /// The query for the database. Days are those of the publication's time zone, `address` is the publication's.
    pub fn query(&self, zone: &TimeZone, address: &str) -> ReaderQuery {
        let source = self.source.trim();
        let path = source.strip_prefix(address).filter(|path| path.starts_with('/'));
        ReaderQuery {
            text: self.q.trim().to_owned(),
            status: self.status.parse().ok(),
            product: self.product.trim().to_owned(),
            source: path.unwrap_or(source).to_owned(),
            from: self.from.parse().ok().and_then(|day| start(day, zone)),
            until: self.to.parse().ok().and_then(|day: Date| start(day.tomorrow().ok()?, zone)),
            label: self.label.trim().to_owned(),
            order: self.order.parse().unwrap_or(ReaderOrder::Newest),
            after: self.after.parse().ok().map(AccountId),
        }
    }

    /// The address of a page or file with the same readers, from the one after `after` on.
    pub fn address(&self, path: &str, after: Option<AccountId>) -> String {
        let after = after.map(|last| last.0.to_string()).unwrap_or_default();
        let mut parts = self.fields();
        parts.push(("after", &after));
        parts.retain(|(_, value)| !value.is_empty());
        with_query(path, &parts).trim_end_matches('?').to_owned()
    }

    /// The address of the list with another status.
    pub fn with_status(&self, status: &str) -> String {
        Self { status: status.to_owned(), ..self.clone() }.address("/desk/readers", None)
    }

    /// Every filter by name, without the page.
    pub fn fields(&self) -> Vec<(&'static str, &str)> {
        let Self { q, status, product, source, from, to, label, order, after: _ } = self;
        let mut parts: Vec<(&'static str, &str)> = vec![("q", q), ("status", status)];
        parts.extend([("product", product.as_str()), ("source", source), ("from", from)]);
        parts.extend([("to", to.as_str()), ("label", label), ("order", order)]);
        parts
    }

    /// The filters among the fields of another form.
    pub fn of(text: impl Fn(&str) -> String) -> Self {
        Self {
            q: text("q"),
            status: text("status"),
            product: text("product"),
            source: text("source"),
            from: text("from"),
            to: text("to"),
            label: text("label"),
            order: text("order"),
            after: String::new(),
        }
    }

    /// The filters for the audit log: without the text, which may be the address of a reader who is deleted later.
    pub fn for_audit(&self) -> String {
        let shown = |(name, value): &(&str, &str)| match *name {
            _ if value.is_empty() => None,
            "order" => None,
            "q" => Some("q=…".to_owned()),
            name => Some(format!("{name}={value}")),
        };
        self.fields().iter().filter_map(shown).collect::<Vec<_>>().join(", ")
    }

    /// Whether there is a filter that cannot be read, so that more readers fit than was meant.
    pub fn has_unreadable(&self) -> bool {
        let is_no_day = |text: &str| !text.is_empty() && text.parse::<Date>().is_err();
        let is_no_status = !self.status.is_empty() && self.status.parse::<ReaderStatus>().is_err();
        is_no_status || is_no_day(&self.from) || is_no_day(&self.to)
    }

    /// Whether anything else than a text is filtered by.
    pub fn has_filters(&self) -> bool {
        self.fields()
            .iter()
            .any(|(name, value)| !["q", "order"].contains(name) && !value.is_empty())
    }
}

/// The first instant of a day.
fn start(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    day.to_zoned_datetime(zone.clone()).ok().map(|start| start.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_and_written() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let form = ReadersForm {
            q: " ada ".into(),
            status: "past-due".into(),
            source: "https://paper.example/town/bridge".into(),
            from: "2026-11-24".into(),
            to: "2026-11-24".into(),
            after: "7".into(),
            ..ReadersForm::default()
        };
        let query = form.query(&zone, "https://paper.example");
        assert_eq!((query.text.as_str(), query.status), ("ada", Some(ReaderStatus::PastDue)));
        assert_eq!((query.source.as_str(), query.after), ("/town/bridge", Some(AccountId(7))));
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        assert_eq!(text(query.from), "2026-11-23T15:00:00Z");
        assert_eq!(text(query.until), "2026-11-24T15:00:00Z");
        let odd = ReadersForm { status: "x".into(), from: "soon".into(), ..ReadersForm::default() };
        assert_eq!(odd.query(&zone, "https://paper.example"), ReaderQuery::default());
        assert!(odd.has_unreadable() && !form.has_unreadable());
    }

    #[test]
    fn addresses_name_only_what_is_asked_for() {
        let form = ReadersForm { label: "a b".into(), after: "9".into(), ..ReadersForm::default() };
        assert_eq!(form.address("/desk/readers", None), "/desk/readers?label=a+b");
        let next = form.address("/desk/readers", Some(AccountId(7)));
        assert_eq!(next, "/desk/readers?label=a+b&after=7");
        assert!(form.has_filters() && !ReadersForm::default().has_filters());
        let found = ReadersForm { q: "ada@example.org".into(), ..form.clone() };
        assert_eq!(found.for_audit(), "q=…, label=a b");
        let other =
            ReadersForm::of(|name| if name == "label" { "a b".into() } else { String::new() });
        assert_eq!(other, ReadersForm { after: String::new(), ..form });
    }
}

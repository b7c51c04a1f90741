//! A line of a file of readers, and what is wrong with it.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use masthead_access::printable;
use masthead_circulation::{Catalogue, EmailAddress, end_of_day};
use masthead_web::csv::unescape_formula;
use serde::{Deserialize, Serialize};

use super::columns::{Columns, Field};
use crate::readers::{
    add::MAX_NAME,
    annotations::MAX_NOTE,
    label::{LabelFault, parse_label},
};

/// Labels of one line.
const MAX_LABELS: usize = 20;
/// Characters of a value that a fault shows.
const MAX_SHOWN: usize = 60;
/// What means that a subscription has no end.
const NO_END: [&str; 3] = ["unlimited", "unbefristet", "never"];

/// A reader to import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct ImportRow {
    /// The line of the file.
    pub line: u64,
    pub email: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The subscription that they get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<GivenSubscription>,
}

/// A complimentary subscription.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct GivenSubscription {
    /// The slug of its price.
    pub price: String,
    /// Its last day; `None` if it has no end.
    pub last_day: Option<Date>,
}

impl GivenSubscription {
    /// When it ends.
    pub fn ends(&self, zone: &TimeZone) -> Option<Timestamp> {
        self.last_day.and_then(|day| end_of_day(day, zone).ok())
    }

    /// Whether it has ended already.
    pub fn is_over(&self, now: Timestamp, zone: &TimeZone) -> bool {
        self.ends(zone).is_some_and(|ends| ends <= now)
    }
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct RowFault {
    pub line: u64,
    pub kind: RowFaultKind,
    /// What the line has; empty if that is no use, or names somebody.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RowFaultKind {
    /// It has more cells than there are headings.
    Cells,
    NoEmail,
    Email,
    /// The address is in an earlier line, which the value is.
    Repeated,
    Name,
    Label,
    Labels,
    Note,
    NoSuchPlan,
    /// It says how long it is paid for, and not what.
    PlanMissing,
    Day,
}

/// What lines are compared with.
pub(super) struct RowRules<'a> {
    pub columns: &'a Columns,
    pub catalogue: &'a Catalogue,
}

impl RowRules<'_> {
    /// Reads a line.
    pub fn read(&self, line: u64, cells: &csv::StringRecord) -> Result<ImportRow, RowFault> {
        let fault = |kind, value: &str| {
            let value = value.chars().take(MAX_SHOWN).collect();
            RowFault { line, kind, value }
        };
        if cells.iter().skip(self.columns.count).any(|cell| !cell.trim().is_empty()) {
            return Err(fault(RowFaultKind::Cells, ""));
        }
        let text = |field| {
            let cell = unescape_formula(self.columns.cell(field, cells));
            printable(cell).trim().to_owned()
        };
        let email = text(Field::Email);
        if email.is_empty() {
            return Err(fault(RowFaultKind::NoEmail, ""));
        }
        let Ok(email) = email.parse::<EmailAddress>() else {
            return Err(fault(RowFaultKind::Email, ""));
        };
        let name = match text(Field::Name) {
            name if name.is_empty() => {
                format!("{} {}", text(Field::FirstName), text(Field::LastName)).trim().to_owned()
            }
            name => name,
        };
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.chars().count() > MAX_NAME {
            return Err(fault(RowFaultKind::Name, ""));
        }
        let labels = self.labels(&text(Field::Labels)).map_err(|kind| fault(kind, ""))?;
        let note = text(Field::Note).replace("\r\n", "\n");
        if note.chars().count() > MAX_NOTE {
            return Err(fault(RowFaultKind::Note, ""));
        }
        let (plan, until) = (text(Field::Plan), text(Field::PaidUntil));
        let given = self.given(&plan, &until).map_err(|(kind, value)| fault(kind, &value))?;
        Ok(ImportRow { line, email: email.to_string(), name, labels, note, given })
    }

    fn labels(&self, cell: &str) -> Result<Vec<String>, RowFaultKind> {
        let mut labels = Vec::new();
        for text in cell.split(self.columns.between_labels) {
            match parse_label(text) {
                Ok(label) if labels.contains(&label) => {}
                // Each is compared with all before, so there must not be many.
                Ok(_) if labels.len() == MAX_LABELS => return Err(RowFaultKind::Labels),
                Ok(label) => labels.push(label),
                Err(LabelFault::Empty) => {}
                Err(LabelFault::TooLong) => return Err(RowFaultKind::Label),
            }
        }
        Ok(labels)
    }

    /// The subscription of a line. One whose time is not known is not given: a list of readers names the products of those who pay as
    /// well.
    fn given(
        &self,
        plan: &str,
        until: &str,
    ) -> Result<Option<GivenSubscription>, (RowFaultKind, String)> {
        if until.is_empty() {
            return Ok(None);
        }
        if plan.is_empty() {
            return Err((RowFaultKind::PlanMissing, until.to_owned()));
        }
        let no_plan = || (RowFaultKind::NoSuchPlan, plan.to_owned());
        let price = self.price(plan).ok_or_else(no_plan)?;
        let last_day = if NO_END.contains(&&*until.to_lowercase()) {
            None
        } else {
            Some(day(until).ok_or_else(|| (RowFaultKind::Day, until.to_owned()))?)
        };
        Ok(Some(GivenSubscription { price, last_day }))
    }

    /// The price that a text names: by its own slug, or by the slug or name of a product, of which it is the first.
    fn price(&self, plan: &str) -> Option<String> {
        let prices = self.catalogue.prices();
        if let Some(price) = prices.iter().find(|price| price.slug == plan) {
            return Some(price.slug.clone());
        }
        let named = |slug: &str, name: &str| slug == plan || name.eq_ignore_ascii_case(plan);
        let mut products = self.catalogue.products().iter();
        let product = products.find(|product| named(&product.slug, &product.name))?;
        let first = prices.iter().find(|price| price.product == product.slug);
        first.map(|price| price.slug.clone())
    }
}

/// A day: 2027-06-30, with a time after it or without, or 30.06.2027.
fn day(text: &str) -> Option<Date> {
    let dotted = || Date::strptime("%d.%m.%Y", text).ok();
    let day = text.split(['T', ' ']).next()?;
    (day.len() == 10).then(|| day.parse().ok()).flatten().or_else(dotted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &[&str]) -> Result<ImportRow, RowFaultKind> {
        let heads = ["email", "name", "first name", "last name", "labels", "note", "plan", "until"];
        let (columns, catalogue) = (Columns::of(&heads), Catalogue::default());
        let rules = RowRules { columns: &columns, catalogue: &catalogue };
        let cells = csv::StringRecord::from(cells.to_vec());
        rules.read(2, &cells).map_err(|fault| fault.kind)
    }

    #[test]
    fn lines_are_read_with_spaces_and_escapes_removed() {
        let row = read(&[" Ada@Example.org ", "'=Ada", "", "", "'+a; b ;a;", "By post"]);
        let row = row.expect("a reader");
        assert_eq!((row.email.as_str(), row.name.as_str()), ("ada@example.org", "=Ada"));
        assert_eq!(
            (row.labels, row.note.as_str()),
            (vec!["+a".into(), "b".into(), "a".into()], "By post")
        );
        let row = read(&["ada@example.org", "", "Ada", "Lovelace"]).expect("a reader");
        assert_eq!(row.name, "Ada Lovelace");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let long = "x".repeat(101);
        let many: String = (0..21).map(|number| format!("{number};")).collect();
        for (cells, kind) in [
            (vec!["", "Ada"], RowFaultKind::NoEmail),
            (vec!["ada"], RowFaultKind::Email),
            (vec!["a@example.org", &long], RowFaultKind::Name),
            (vec!["a@example.org", "", "", "", &long], RowFaultKind::Label),
            (vec!["a@example.org", "", "", "", &many], RowFaultKind::Labels),
            (
                vec!["a@example.org", "", "", "", "", "", "gold", "2027-01-01"],
                RowFaultKind::NoSuchPlan,
            ),
            (
                vec!["a@example.org", "", "", "", "", "", "", "2027-01-01"],
                RowFaultKind::PlanMissing,
            ),
            (vec!["a@example.org", "", "", "", "", "", "", "", "more"], RowFaultKind::Cells),
        ] {
            assert_eq!(read(&cells), Err(kind), "{cells:?}");
        }
        let of_list = ["a@example.org", "", "", "", "", "", "gold", ""];
        assert_eq!(read(&of_list).expect("a reader").given, None);
    }

    #[test]
    fn a_cell_of_very_many_labels_takes_no_time() {
        let many: String = (0..1_000_000).map(|number| format!("{number};")).collect();
        let begun = std::time::Instant::now();
        assert_eq!(read(&["a@example.org", "", "", "", &many]), Err(RowFaultKind::Labels));
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }

    #[test]
    fn days_are_unambiguous() {
        let june = Some(jiff::civil::date(2027, 6, 30));
        for text in ["2027-06-30", "2027-06-30T22:00:00Z", "2027-06-30 22:00", "30.06.2027"] {
            assert_eq!(day(text), june, "{text}");
        }
        for text in ["06/30/2027", "30-06-2027", "2027-6-30", "soon", "", "2027-02-30"] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}

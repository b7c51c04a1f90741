//! Which entries of the audit log are asked for.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use masthead_store::{AuditPerson, AuditQuery};
use serde::{Deserialize, Serialize};

use crate::http::with_query;

/// The name of the command line in addresses.
pub(super) const SERVER: &str = "*";

/// The form of the page. A date that cannot be read is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct AuditForm {
    /// Words anywhere in an entry.
    pub q: String,
    /// The name of a person, or [`SERVER`].
    pub person: String,
    pub kind: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The number of the last entry of the page before.
    pub before: String,
}

impl AuditForm {
    /// The query for the database. Days are those of the publication's time zone.
    pub fn query(&self, zone: &TimeZone) -> AuditQuery {
        AuditQuery {
            person: match self.person.as_str() {
                "" => None,
                SERVER => Some(AuditPerson::Server),
                name => Some(AuditPerson::Named(name.to_owned())),
            },
            kind: self.kind.parse().ok(),
            words: self.q.clone(),
            from: self.from.parse().ok().and_then(|day| start(day, zone)),
            until: self.to.parse().ok().and_then(|day: Date| start(day.tomorrow().ok()?, zone)),
            before: self.before.parse().ok(),
        }
    }

    /// The address of a page or a file with the same entries, from the one after `before` on.
    pub fn address(&self, path: &str, before: Option<i32>) -> String {
        let before = before.map(|number| number.to_string()).unwrap_or_default();
        let Self { q, person, kind, from, to, before: _ } = self;
        let mut parts = vec![("q", q), ("person", person), ("kind", kind), ("from", from)];
        parts.extend([("to", to), ("before", &before)]);
        parts.retain(|(_, value)| !value.is_empty());
        with_query(path, &parts).trim_end_matches('?').to_owned()
    }

    /// Whether all entries are asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self { before: self.before.clone(), ..Self::default() }
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
    fn days_are_whole_and_local() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let day = "2026-11-24".to_owned();
        let form = AuditForm { from: day.clone(), to: day, ..AuditForm::default() };
        let AuditQuery { from, until, .. } = form.query(&zone);
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        assert_eq!(text(from), "2026-11-23T15:00:00Z");
        assert_eq!(text(until), "2026-11-24T15:00:00Z");
        let odd = AuditForm { from: "soon".into(), kind: "x".into(), ..AuditForm::default() };
        assert_eq!(odd.query(&zone), AuditQuery::default());
    }

    #[test]
    fn addresses_name_only_what_is_asked_for() {
        let form = AuditForm { q: "a b".into(), before: "9".into(), ..AuditForm::default() };
        assert_eq!(form.address("/desk/audit", Some(7)), "/desk/audit?q=a+b&before=7");
        assert_eq!(form.address("/desk/audit.csv", None), "/desk/audit.csv?q=a+b");
        assert_eq!(AuditForm::default().address("/desk/audit", None), "/desk/audit");
        assert!(!form.is_empty() && AuditForm::default().is_empty());
    }
}

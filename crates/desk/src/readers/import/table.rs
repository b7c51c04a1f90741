//! A file of readers as a whole: its columns, and its lines one after another.

use std::collections::HashMap;

use masthead_circulation::Catalogue;
use masthead_web::csv::LimitedCells;

use super::{
    columns::{Columns, Field},
    row::{ImportRow, RowFault, RowFaultKind, RowRules},
};

/// The most lines of a file.
pub(super) const MAX_ROWS: usize = 200_000;

/// The most columns of a file.
const MAX_COLUMNS: usize = 200;
/// The maximum length of a heading, in bytes. A quotation mark that is never closed makes a heading of the whole file.
const MAX_HEADING: usize = 500;

/// Why a file cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableFault {
    /// It has no line below the headings.
    Empty,
    /// It is not in UTF-8.
    Encoding,
    /// No column has email addresses.
    NoEmail,
    /// Its first line has more headings than lists have, or longer ones.
    Headings,
    TooManyRows,
}

/// A file whose columns are known.
pub(super) struct ReaderTable<'a> {
    text: &'a str,
    separator: u8,
    pub headings: Vec<String>,
    pub columns: Columns,
}

impl<'a> ReaderTable<'a> {
    /// Reads the headings of a file.
    pub fn of(content: &'a [u8]) -> Result<Self, TableFault> {
        let text = std::str::from_utf8(content).map_err(|_| TableFault::Encoding)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.contains('\0') {
            return Err(TableFault::Encoding);
        }
        let separator = separator(text.trim_start().lines().next().unwrap_or_default());
        let mut records = reader(text, separator).into_records();
        let first = records.next().and_then(Result::ok).ok_or(TableFault::Empty)?;
        if first.len() > MAX_COLUMNS || first.iter().any(|heading| heading.len() > MAX_HEADING) {
            return Err(TableFault::Headings);
        }
        let headings: Vec<String> = first.iter().map(|heading| heading.trim().to_owned()).collect();
        let columns = Columns::of(&headings.iter().map(String::as_str).collect::<Vec<_>>());
        if !columns.has(Field::Email) {
            return Err(TableFault::NoEmail);
        }
        match records.take(MAX_ROWS + 1).count() {
            0 => Err(TableFault::Empty),
            count if count > MAX_ROWS => Err(TableFault::TooManyRows),
            _ => Ok(Self { text, separator, headings, columns }),
        }
    }

    /// The columns that are not read.
    pub fn ignored(&self) -> Vec<&str> {
        let headings = self.headings.iter().enumerate();
        let unread =
            headings.filter(|(place, heading)| !heading.is_empty() && !self.columns.reads(*place));
        unread.map(|(_, heading)| heading.as_str()).collect()
    }

    /// Every line below the headings that has anything, in order. An address that is in several lines is read once.
    pub fn rows<'b>(
        &'b self,
        catalogue: &'b Catalogue,
    ) -> impl Iterator<Item = Result<ImportRow, RowFault>> + use<'a, 'b> {
        let rules = RowRules { columns: &self.columns, catalogue };
        let mut seen = HashMap::new();
        let records = reader(self.text, self.separator).into_records().skip(1);
        records.filter_map(move |record| {
            // A text that is UTF-8 has no record that cannot be read, as lengths may differ.
            let record = record.ok()?;
            if record.iter().all(|cell| cell.trim().is_empty()) {
                return None;
            }
            let line = record.position().map_or(0, |position| line_at(self.text, position));
            Some(rules.read(line, &record).and_then(|row| once(&mut seen, row)))
        })
    }
}

/// The line in which a record begins. Where lines end with two characters, the record is said to begin before the second.
fn line_at(text: &str, position: &csv::Position) -> u64 {
    let begins = usize::try_from(position.byte()).ok().and_then(|at| text.as_bytes().get(at));
    position.line() + u64::from(begins == Some(&b'\n'))
}

/// Refuses a reader who was in an earlier line.
fn once(seen: &mut HashMap<String, u64>, row: ImportRow) -> Result<ImportRow, RowFault> {
    if let Some(earlier) = seen.get(&row.email) {
        let (kind, value) = (RowFaultKind::Repeated, earlier.to_string());
        return Err(RowFault { line: row.line, kind, value });
    }
    seen.insert(row.email.clone(), row.line);
    Ok(row)
}

fn reader(text: &str, separator: u8) -> csv::Reader<LimitedCells<'_>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(LimitedCells::new(text.as_bytes(), separator, MAX_COLUMNS))
}

/// What is between the cells: what the headings have most of.
fn separator(headings: &str) -> u8 {
    let count = |separator: u8| headings.bytes().filter(|byte| *byte == separator).count();
    let most = [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator));
    most.unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(content: &str) -> Vec<Result<String, (u64, RowFaultKind)>> {
        let table = ReaderTable::of(content.as_bytes()).expect("a table");
        let catalogue = Catalogue::default();
        let rows = table.rows(&catalogue);
        rows.map(|row| match row {
            Ok(row) => Ok(format!("{}:{} {}", row.line, row.email, row.name)),
            Err(fault) => Err((fault.line, fault.kind)),
        })
        .collect()
    }

    #[test]
    fn files_have_any_usual_separator_and_quotes() {
        for file in [
            "email,name\nada@example.org,Ada\n",
            "\u{feff}Email;Name\r\nada@example.org;Ada\r\n",
            "name\temail\nAda\tada@example.org",
            "\"email\",\"name\"\n\"ada@example.org\",\"Ada\"\n",
        ] {
            assert_eq!(rows(file), [Ok("2:ada@example.org Ada".to_owned())], "{file:?}");
        }
    }

    #[test]
    fn lines_are_counted_as_in_an_editor() {
        let file = "email,note\nada@example.org,\"two\nlines\"\n\n,,\nbob\nada@example.org,\n";
        let found = rows(file);
        assert_eq!(found[0], Ok("2:ada@example.org ".to_owned()));
        assert_eq!(found[1..], [Err((6, RowFaultKind::Email)), Err((7, RowFaultKind::Repeated))]);
    }

    #[test]
    fn a_line_of_very_many_cells_is_read_as_a_few() {
        let empty = ",".repeat(2_000_000);
        let file = format!("email\na@example.org{empty}\nb@example.org{empty}x\nc@example.org\n");
        let table = ReaderTable::of(file.as_bytes()).expect("a table");
        let most = reader(table.text, table.separator).into_records().flatten();
        assert_eq!(most.map(|record| record.len()).max(), Some(MAX_COLUMNS + 1));
        let ok = |text: &str| Ok(text.to_owned());
        let cells = Err((3, RowFaultKind::Cells));
        assert_eq!(rows(&file), [ok("2:a@example.org "), cells, ok("4:c@example.org ")]);
    }

    #[test]
    fn files_that_are_no_lists_of_readers_are_refused() {
        let fault = |content: &[u8]| ReaderTable::of(content).err();
        assert_eq!(fault(b""), Some(TableFault::Empty));
        assert_eq!(fault(b"email,name\n"), Some(TableFault::Empty));
        assert_eq!(fault(b"name\nAda\n"), Some(TableFault::NoEmail));
        let unclosed = format!("email,\"name\n{}", "ada@example.org,Ada\n".repeat(100));
        assert_eq!(fault(unclosed.as_bytes()), Some(TableFault::Headings));
        let wide = format!("email{}\nada@example.org\n", ",".repeat(200));
        assert_eq!(fault(wide.as_bytes()), Some(TableFault::Headings));
        assert_eq!(fault(b"email,name\nada@example.org,J\xfcrgen\n"), Some(TableFault::Encoding));
        assert_eq!(fault(b"\xff\xfee\0m\0"), Some(TableFault::Encoding));
        let endless = format!("email{}\na@example.org\n", ",".repeat(2_000_000));
        assert_eq!(fault(endless.as_bytes()), Some(TableFault::Headings));
        let long = format!("email\n{}", "a@example.org\n".repeat(MAX_ROWS + 1));
        assert_eq!(fault(long.as_bytes()), Some(TableFault::TooManyRows));
    }
}

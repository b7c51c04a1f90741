//! The tables behind the pictures, as HTML and CSV have them.

use serde::Serialize;

use crate::format::whole;

/// The rows on the page, where there may be many; the CSV has all.
const MOST: usize = 20;

/// A table, its first column a name and the others numbers.
#[derive(Serialize)]
pub(super) struct Table {
    /// What it is called in addresses.
    pub slug: &'static str,
    pub name: &'static str,
    heads: Vec<&'static str>,
    rows: Vec<Row>,
    /// Whether there are more than these.
    pub cut: bool,
}

/// A row: what it is of, and its cells.
#[derive(Serialize)]
pub(super) struct Row {
    name: String,
    /// Where the name leads; empty where nowhere.
    to: String,
    cells: Vec<String>,
    /// The same for machines.
    #[serde(skip)]
    plain: Vec<String>,
}

impl Table {
    /// A table without rows; the first of its heads is that of the names.
    pub fn new(slug: &'static str, name: &'static str, heads: &[&'static str]) -> Self {
        Self { slug, name, heads: heads.to_vec(), rows: Vec::new(), cut: false }
    }

    /// Adds a row to it.
    pub fn row(&mut self, name: impl Into<String>) -> &mut Row {
        let row =
            Row { name: name.into(), to: String::new(), cells: Vec::new(), plain: Vec::new() };
        self.rows.push(row);
        let last = self.rows.len() - 1;
        &mut self.rows[last]
    }

    /// As much of it as the page has room for.
    pub fn short(mut self) -> Self {
        self.cut |= self.rows.len() > MOST;
        self.rows.truncate(MOST);
        self
    }

    /// It as CSV. A cell that a spreadsheet would take for a formula begins with an apostrophe
    /// (<https://owasp.org/www-community/attacks/CSV_Injection>).
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Memory does not fail.
        let _ = writer.write_record(&self.heads);
        for row in &self.rows {
            let is_formula = row.name.starts_with(['=', '+', '-', '@', '\t', '\r']);
            let name = format!("{}{}", if is_formula { "'" } else { "" }, row.name);
            let _ = writer.write_record(std::iter::once(&name).chain(&row.plain));
        }
        writer.into_inner().unwrap_or_default()
    }
}

impl Row {
    /// Lets its name lead somewhere.
    pub fn leads(&mut self, to: &str) -> &mut Self {
        to.clone_into(&mut self.to);
        self
    }

    pub fn counts(&mut self, numbers: &[u64]) -> &mut Self {
        self.cells.extend(numbers.iter().map(|number| whole(*number)));
        self.plain.extend(numbers.iter().map(ToString::to_string));
        self
    }

    /// How much it is of a hundred, with `unit` behind it for people; none where it is of nothing.
    pub fn rate(&mut self, rate: Option<f64>, unit: &str) -> &mut Self {
        match rate {
            Some(rate) => self.text(format!("{rate:.1}{unit}"), format!("{rate:.3}")),
            None => self.text("–".to_owned(), String::new()),
        }
    }

    /// A cell, for people and for machines.
    pub fn text(&mut self, shown: String, plain: String) -> &mut Self {
        self.cells.push(shown);
        self.plain.push(plain);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_machines_read_the_same_row_and_csv_is_no_formula() {
        let mut table = Table::new("some", "Some", &["Article", "Reads", "Of, 100", "Sold"]);
        table.row("=SUM(1)").leads("/there").counts(&[9000]).rate(Some(2.5), " %").rate(None, "");
        assert_eq!(table.rows[0].cells, ["9,000", "2.5 %", "–"]);
        assert_eq!(
            String::from_utf8(table.csv()).expect("text"),
            "Article,Reads,\"Of, 100\",Sold\n'=SUM(1),9000,2.500,\n"
        );
        let mut long = Table::new("long", "Long", &["Name"]);
        (0..=MOST).for_each(|number| {
            long.row(number.to_string());
        });
        let short = long.short();
        assert!(short.cut && short.rows.len() == MOST);
    }
}

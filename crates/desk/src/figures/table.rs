//! The tables behind the charts, as HTML and as CSV.

use masthead_web::csv::escape_formula;
use serde::Serialize;

use crate::words::DeskWords;

/// Rows on the page; the CSV has all.
const MAX_ON_PAGE: usize = 20;

/// A table with names in its first column and numbers in the others.
#[derive(Default, Serialize)]
pub(super) struct Table {
    /// Its name in addresses.
    pub slug: &'static str,
    pub name: &'static str,
    heads: Vec<&'static str>,
    rows: Vec<TableRow>,
    /// Whether there are more rows.
    pub cut: bool,
    #[serde(skip)]
    words: DeskWords,
}

/// One row.
#[derive(Default, Serialize)]
pub(super) struct TableRow {
    name: String,
    /// Where the name links to; empty if it does not.
    to: String,
    cells: Vec<String>,
    /// The cells of the CSV.
    #[serde(skip)]
    plain: Vec<String>,
    #[serde(skip)]
    words: DeskWords,
}

impl Table {
    /// A table without rows. Its name and the headings are names of words; the first heading is that of the names of rows.
    pub fn new(slug: &'static str, name: &str, heads: &[&str], words: DeskWords) -> Self {
        let heads = heads.iter().map(|head| words.text(head)).collect();
        Self { slug, name: words.text(name), heads, rows: Vec::new(), cut: false, words }
    }

    /// Adds a row.
    pub fn row(&mut self, name: impl Into<String>) -> &mut TableRow {
        let row = TableRow { name: name.into(), words: self.words, ..TableRow::default() };
        self.rows.push(row);
        let last = self.rows.len() - 1;
        &mut self.rows[last]
    }

    /// The part of it that the page shows.
    pub fn short(mut self) -> Self {
        self.cut |= self.rows.len() > MAX_ON_PAGE;
        self.rows.truncate(MAX_ON_PAGE);
        self
    }

    /// The table as CSV (RFC 4180).
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing to memory does not fail.
        let _ = writer.write_record(&self.heads);
        for row in &self.rows {
            let cells = std::iter::once(&row.name).chain(&row.plain);
            let _ = writer.write_record(cells.map(|cell| escape_formula(cell).into_owned()));
        }
        writer.into_inner().unwrap_or_default()
    }
}

impl TableRow {
    /// Links its name to an address.
    pub fn link(&mut self, to: &str) -> &mut Self {
        to.clone_into(&mut self.to);
        self
    }

    /// Adds a cell for each number.
    pub fn counts(&mut self, numbers: &[u64]) -> &mut Self {
        let words = self.words;
        self.cells.extend(numbers.iter().map(|number| words.number(*number)));
        self.plain.extend(numbers.iter().map(ToString::to_string));
        self
    }

    /// Adds a rate in percent. A dash if it is unknown.
    pub fn rate(&mut self, rate: Option<f64>) -> &mut Self {
        match rate {
            Some(rate) => self.text(self.words.decimal(rate, 1), format!("{rate:.3}")),
            None => self.text("–".to_owned(), String::new()),
        }
    }

    /// Adds a cell with one text for the page and another for the CSV.
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
    fn page_and_csv_have_the_same_rows_and_no_formulas() {
        let heads = ["figures_article", "figures_reads", "figures_wall_rate", "figures_trials"];
        let german = DeskWords::in_language("de").expect("words");
        let mut table = Table::new("some", "figures_sections", &heads, german);
        table.row("=SUM(1)").link("/there").counts(&[9000]).rate(Some(-2.5)).rate(None);
        assert_eq!(table.rows[0].cells, ["9.000", "-2,5", "–"]);
        assert_eq!(
            String::from_utf8(table.csv()).expect("text"),
            "Artikel,Abrufe,Paywall-Quote (%),Probeabos\n'=SUM(1),9000,-2.500,\n"
        );
        let mut long = Table::new("long", "figures_sections", &["figures_article"], german);
        (0..=MAX_ON_PAGE).for_each(|number| {
            long.row(number.to_string());
        });
        let short = long.short();
        assert!(short.cut && short.rows.len() == MAX_ON_PAGE);
    }
}

//! Parts of CSV files (RFC 4180) that staff download.

use masthead_web::csv::escape_formula;

/// The content type of these files.
pub(crate) const CSV: &str = "text/csv; charset=utf-8";

/// Lines of a CSV file, without formulas that spreadsheets would run.
pub(crate) struct CsvPart(csv::Writer<Vec<u8>>);

impl CsvPart {
    /// A part without lines.
    pub fn new() -> Self {
        let mut builder = csv::WriterBuilder::new();
        Self(builder.terminator(csv::Terminator::CRLF).from_writer(Vec::new()))
    }

    /// Adds a line.
    pub fn line<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let cells = cells.into_iter().map(|cell| escape_formula(cell.as_ref()).into_owned());
        // Writing to memory does not fail.
        let _ = self.0.write_record(cells);
    }

    /// The lines as they are sent.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_default()
    }
}

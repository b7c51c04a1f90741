//! A file of readers that was checked, in the parts in which it is imported.

use masthead_circulation::Catalogue;

use super::{
    details::{ImportDetails, MAX_FAULTS},
    job::PART,
    row::{GivenSubscription, ImportRow, RowFault},
    table::ReaderTable,
};

/// See the module's documentation.
pub(super) struct CheckedFile {
    pub details: ImportDetails,
    /// The readers who can be imported.
    pub readers: u64,
    /// The lines that cannot.
    pub faults: u64,
    /// The readers in parts, as they are stored.
    pub parts: Vec<String>,
}

impl CheckedFile {
    /// Reads all lines of a file. `is_over` says whether a subscription has ended.
    pub fn of(
        table: &ReaderTable<'_>,
        catalogue: &Catalogue,
        is_over: impl Fn(&GivenSubscription) -> bool,
    ) -> Self {
        let details = ImportDetails::of(table);
        let mut file = Self { details, readers: 0, faults: 0, parts: Vec::new() };
        let mut part = Vec::with_capacity(PART);
        for row in table.rows(catalogue) {
            match row {
                Ok(row) => {
                    file.count(&row, &is_over);
                    part.push(row);
                    if part.len() == PART {
                        file.end_part(&mut part);
                    }
                }
                Err(fault) => file.note(fault),
            }
        }
        if !part.is_empty() {
            file.end_part(&mut part);
        }
        file
    }

    fn count(&mut self, row: &ImportRow, is_over: impl Fn(&GivenSubscription) -> bool) {
        self.readers += 1;
        match &row.given {
            Some(given) if is_over(given) => self.details.ended += 1,
            Some(_) => self.details.subscriptions += 1,
            None => {}
        }
    }

    fn note(&mut self, fault: RowFault) {
        self.faults += 1;
        if self.details.faults.len() < MAX_FAULTS {
            self.details.faults.push(fault);
        }
    }

    fn end_part(&mut self, part: &mut Vec<ImportRow>) {
        // Texts and numbers are always JSON.
        self.parts.push(serde_json::to_string(part).unwrap_or_default());
        part.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_in_parts_and_only_the_first_faults_are_kept() {
        let lines: String = (0..1_001).map(|n| format!("r{n}@example.org\nnobody\n")).collect();
        let file = format!("email\n{lines}");
        let table = ReaderTable::of(file.as_bytes()).expect("a table");
        let checked = CheckedFile::of(&table, &Catalogue::default(), |_| false);
        assert_eq!((checked.readers, checked.faults), (1_001, 1_001));
        assert_eq!(checked.details.faults.len(), MAX_FAULTS);
        assert_eq!(checked.parts.len(), 1_001usize.div_ceil(PART));
        let last: Vec<ImportRow> =
            serde_json::from_str(checked.parts.last().expect("a part")).expect("JSON");
        assert_eq!(last.last().map(|row| row.email.as_str()), Some("r1000@example.org"));
    }
}

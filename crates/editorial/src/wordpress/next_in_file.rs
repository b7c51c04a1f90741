//! Looks for the same text again and again in a file, in time proportional to what is searched.

use std::io;

use crate::import::source::{ArchiveText, TextScanner};

/// Where something is found next. It is looked for once, and remembered until it is behind.
pub(super) struct NextInFile<'a> {
    scanner: TextScanner<'a>,
    what: &'static str,
    found: Found,
}

enum Found {
    Unknown,
    At(u64),
    Nowhere,
}

impl<'a> NextInFile<'a> {
    pub(super) fn new(text: &'a dyn ArchiveText, what: &'static str) -> Self {
        Self { scanner: TextScanner::new(text), what, found: Found::Unknown }
    }

    /// Finds it at `from` or after it. `from` never decreases from call to call.
    pub(super) fn at_or_after(&mut self, from: u64) -> io::Result<Option<u64>> {
        match self.found {
            Found::Nowhere => return Ok(None),
            Found::At(place) if place >= from => return Ok(Some(place)),
            Found::Unknown | Found::At(_) => {}
        }
        let found = self.scanner.find(from, self.what)?;
        self.found = found.map_or(Found::Nowhere, Found::At);
        Ok(found)
    }
}

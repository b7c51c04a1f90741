//! Reading CSV with a limited number of cells in each record. A record is kept in memory as a whole, and a cell takes more of it than the
//! separator in the file, so a line of nothing but separators would take many times the size of the file.

use std::io::{self, Read};

/// Passes a CSV file on, with its bytes at the same places, and replaces separators by spaces from a number of cells on: what follows in
/// the record is one cell. Quotation marks are read as the crate csv does it, without an escape character.
#[derive(Debug)]
pub struct LimitedCells<'a> {
    rest: &'a [u8],
    separator: u8,
    max_cells: usize,
    cells: usize,
    place: Place,
}

/// Where the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the beginning of a cell.
    Start,
    /// In a cell without quotation marks.
    Plain,
    /// Between quotation marks.
    Quoted,
    /// Behind a quotation mark that ends a cell, or is the first of two.
    Quote,
}

impl<'a> LimitedCells<'a> {
    /// Reads `content`, whose records have `max_cells` cells at most, and one more if they had more.
    pub fn new(content: &'a [u8], separator: u8, max_cells: usize) -> Self {
        Self { rest: content, separator, max_cells, cells: 0, place: Place::Start }
    }

    /// The byte in place of the next one.
    fn pass(&mut self, byte: u8) -> u8 {
        match (self.place, byte) {
            (Place::Quoted, b'"') => self.place = Place::Quote,
            (Place::Quoted, _) => {}
            (Place::Start | Place::Quote, b'"') => self.place = Place::Quoted,
            (_, b'\r' | b'\n') => {
                self.place = Place::Start;
                self.cells = 0;
            }
            (_, byte) if byte == self.separator && self.cells >= self.max_cells => {
                self.place = Place::Plain;
                return b' ';
            }
            (_, byte) if byte == self.separator => {
                self.place = Place::Start;
                self.cells += 1;
            }
            _ => self.place = Place::Plain,
        }
        byte
    }
}

impl Read for LimitedCells<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = into.len().min(self.rest.len());
        let (now, later) = self.rest.split_at(length);
        self.rest = later;
        for (to, byte) in into.iter_mut().zip(now) {
            *to = self.pass(*byte);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(content: &str) -> String {
        let mut text = String::new();
        let mut limited = LimitedCells::new(content.as_bytes(), b',', 3);
        limited.read_to_string(&mut text).expect("bytes in memory");
        text
    }

    #[test]
    fn records_within_the_limit_are_as_they_were() {
        for content in [
            "",
            "a,b,c\nd,e\n",
            "\"a,1,2,3,4\",b,c\r\n",
            "\"a \"\"x,y,z,1\"\" b\",b,c\n",
            "\"a\n,,,,\n\",b\n",
            "a \"b,c\n",
            "a,b,c,\"d,e\n,,,,\"\n",
        ] {
            assert_eq!(passed(content), content);
        }
    }

    #[test]
    fn more_cells_are_one() {
        assert_eq!(passed("a,b,c,d,e,f\ng,h\n"), "a,b,c,d e f\ng,h\n");
        assert_eq!(passed(",,,,,,\n,,,\n"), ",,,   \n,,,\n");
        assert_eq!(passed("\"a\",\"b\",\"c\",,,\n"), "\"a\",\"b\",\"c\",  \n");
    }
}

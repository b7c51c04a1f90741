//! Cells of CSV files.

mod limited;

use std::borrow::Cow;

pub use self::limited::LimitedCells;

/// Returns the text of a cell such that spreadsheets do not run it as a formula: with an apostrophe in front, unless it is
/// a number (<https://owasp.org/www-community/attacks/CSV_Injection>). Every cell of every file goes through this.
pub fn escape_formula(cell: &str) -> Cow<'_, str> {
    let begins =
        |character: char| matches!(character, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    let is_formula = cell.trim_start().starts_with(begins) || cell.starts_with(['\t', '\r', '\n']);
    if is_formula && cell.parse::<f64>().is_err() {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Returns the text of a cell as it was before [`escape_formula`].
pub fn unescape_formula(cell: &str) -> &str {
    let without = cell.strip_prefix('\'');
    without.filter(|text| matches!(escape_formula(text), Cow::Owned(_))).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_numbers_stay() {
        for formula in
            ["=cmd|' /C calc'!A0", "+1+cmd|x", "-2+3", "@SUM(A1)", " =1+1", "\t=1", "＝1+1", "-"]
        {
            assert_eq!(escape_formula(formula), format!("'{formula}"));
        }
        for cell in ["", "Ada", "-5", "+4.25", "2026-11-24", "a=b", "1-2"] {
            assert_eq!(escape_formula(cell), cell);
        }
    }

    #[test]
    fn what_was_escaped_is_read_as_it_was() {
        for cell in ["=1+1", "+a; b", "-", "'t Hart", "'", "", "Ada", "-5", "\t=1"] {
            assert_eq!(unescape_formula(&escape_formula(cell)), cell);
        }
    }
}

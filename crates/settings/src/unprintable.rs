//! Characters that no page or feed may contain, in the file of settings. TOML has escapes for them.

use masthead_access::has_unprintable;
use toml::de::{DeTable, DeValue};

use crate::error::{Position, TextError};

/// Checks that the texts of a TOML file have only characters that a page may contain.
///
/// # Errors
///
/// Returns where the first other character is.
pub(crate) fn check_printable(text: &str) -> Result<(), TextError> {
    let found = DeTable::parse(text).ok().and_then(|table| in_table(table.get_ref()));
    match found {
        Some(offset) => Err(TextError {
            position: Position::of(offset, text),
            reason: "this text has a control character, which no page may contain; take it out"
                .to_owned(),
        }),
        None => Ok(()),
    }
}

fn in_table(table: &DeTable<'_>) -> Option<usize> {
    table.iter().find_map(|(key, value)| {
        if is_printable(key.get_ref()) {
            in_value(value.get_ref(), value.span().start)
        } else {
            Some(key.span().start)
        }
    })
}

/// Returns where a value has such a character; the value begins at `start`.
fn in_value(value: &DeValue<'_>, start: usize) -> Option<usize> {
    match value {
        DeValue::String(text) => (!is_printable(text)).then_some(start),
        DeValue::Array(values) => {
            values.iter().find_map(|value| in_value(value.get_ref(), value.span().start))
        }
        DeValue::Table(table) => in_table(table),
        _ => None,
    }
}

fn is_printable(text: &str) -> bool {
    !has_unprintable(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_character_is_refused_with_its_place() {
        assert_eq!(check_printable("a = \"b\\tc\"\n[[x]]\nd = ['é']"), Ok(()));
        assert_eq!(check_printable("a = \"Jo\u{308}rg\""), Ok(()));
        let error = check_printable("a = 1\n[[x]]\nb = \"c\\u001e\"").expect_err("refused");
        assert_eq!((error.position.line, error.position.column), (3, 5));
    }
}

//! What the TOML reader says, in words for publishers: what is wrong, and how to write it.

use masthead_editorial::spelling::suggest;

use crate::renamed::{RENAMED, RenamedKey};

/// Returns what a message of the TOML reader means. One that is not known stays as it is.
pub(crate) fn explain(message: &str) -> String {
    let known = twice_named(message)
        .or_else(|| unknown_key(message))
        .or_else(|| unknown_word(message))
        .or_else(|| missing_key(message))
        .or_else(|| wrong_type(message))
        .or_else(|| wrong_number(message));
    known.unwrap_or_else(|| message.to_owned())
}

/// The words in backticks.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

/// Both names of a renamed key. A key with one name given twice is an error of the TOML reader already.
fn twice_named(message: &str) -> Option<String> {
    let twice = message.strip_prefix("duplicate field `")?.strip_suffix('`')?;
    let RenamedKey { old, new, .. } = RENAMED.iter().find(|key| key.new == twice)?;
    Some(format!("\"{old}\" is the former name of \"{new}\"; write only \"{new}\""))
}

fn unknown_key(message: &str) -> Option<String> {
    message.starts_with("unknown field").then_some(())?;
    let mut quoted = quoted(message);
    let unknown = quoted.next()?;
    let is_former = |name: &&str| RENAMED.iter().any(|key| key.old == *name);
    let known: Vec<&str> = quoted.filter(|name| !is_former(name)).collect();
    Some(match suggest(unknown, known.iter().copied()) {
        Some(near) => format!("there is no key \"{unknown}\" here; did you mean \"{near}\"?"),
        None => format!("there is no key \"{unknown}\" here; there are {}", known.join(", ")),
    })
}

fn unknown_word(message: &str) -> Option<String> {
    message.starts_with("unknown variant").then_some(())?;
    let mut quoted = quoted(message);
    let unknown = quoted.next()?;
    let known: Vec<String> = quoted.map(|word| format!("\"{word}\"")).collect();
    Some(format!("\"{unknown}\" cannot be written here; write {}", either(&known)))
}

fn missing_key(message: &str) -> Option<String> {
    let key = message.strip_prefix("missing field `")?.strip_suffix('`')?;
    Some(format!("the key \"{key}\" is missing here"))
}

fn wrong_type(message: &str) -> Option<String> {
    // The parser's message for a value that is not one of a fixed list.
    if message == "wanted string or table" {
        return Some("this is a word; write it in quotes".to_owned());
    }
    let (found, expected) = message.strip_prefix("invalid type: ")?.rsplit_once(", expected ")?;
    let value = quoted(found).next().or_else(|| found.split('"').nth(1));
    Some(match expected {
        "a string" => {
            let such_as = value.unwrap_or("…");
            format!("this is a text; write it in quotes, such as \"{such_as}\"")
        }
        "a boolean" => "write true or false here, without quotes".to_owned(),
        "a sequence" => {
            let such_as = value.unwrap_or("…");
            format!("this is a list; write it in brackets, such as [\"{such_as}\"]")
        }
        number if is_number(number) => {
            let such_as = value.filter(|value| value.parse::<u32>().is_ok()).unwrap_or("40");
            format!("this is a whole number; write it without quotes, such as {such_as}")
        }
        table if table.starts_with("struct ") || table == "a map" => {
            "this is a table; write its name in brackets on a line of its own, and its keys below"
                .to_owned()
        }
        _ => return None,
    })
}

fn wrong_number(message: &str) -> Option<String> {
    let (found, expected) = message.strip_prefix("invalid value: ")?.rsplit_once(", expected ")?;
    is_number(expected).then_some(())?;
    let value = quoted(found).next()?;
    let least = u8::from(expected.starts_with("a nonzero"));
    Some(format!(
        "{value} cannot be written here; write a whole number, {least} or more, that is not too large"
    ))
}

fn is_number(expected: &str) -> bool {
    let number = expected.strip_prefix("a nonzero ").unwrap_or(expected);
    ["u16", "u32", "u64", "usize", "i64"].contains(&number)
}

/// `a, b or c`
fn either(words: &[String]) -> String {
    match words {
        [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
        _ => words.concat(),
    }
}

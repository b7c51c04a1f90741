//! Finds words and other texts in the sources of the desk.

use std::{collections::BTreeSet, fs, path::Path};

/// A file in which texts may be.
pub(super) struct Source {
    /// Its path in the crate.
    pub name: String,
    /// Its content, without the tests at its end.
    pub text: String,
}

impl Source {
    /// The ending of its name.
    pub fn kind(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or_default()
    }
}

/// The templates, the code and the scripts.
pub(super) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["templates", "src", "assets", "editor/src"] {
        add(root, &root.join(folder), &mut found);
    }
    assert!(found.len() > 150, "the sources are elsewhere");
    found
}

fn add(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            add(root, &path, found);
        } else if is_source(&name) {
            let text = fs::read_to_string(&path).expect("text");
            let text = text.split("\n#[cfg(test)]").next().unwrap_or_default().to_owned();
            found.push(Source { name, text });
        }
    }
}

/// Whether a file is written by hand and no test.
fn is_source(name: &str) -> bool {
    let is_kind = [".html", ".rs", ".js"].iter().any(|ending| name.ends_with(ending));
    let is_other = ["tests.rs", "tests/", ".test.js", "-for-tests.js", "assets/editor.js"];
    is_kind && !is_other.iter().any(|part| name.contains(part))
}

/// The names of words in a file.
#[derive(Default)]
pub(super) struct Named {
    /// Names that must be words.
    pub certain: BTreeSet<String>,
    /// Texts that may be names.
    pub possible: BTreeSet<String>,
}

/// What follows each `start`, as long as it is a name.
fn names_after<'a>(text: &'a str, start: &'a str) -> impl Iterator<Item = String> + 'a {
    text.split(start).skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
        let name = &rest[..end.unwrap_or(rest.len())];
        (!name.is_empty()).then(|| name.to_owned())
    })
}

pub(super) fn named_in_template(text: &str) -> Named {
    let certain = names_after(text, "words.").chain(names_after(text, "plural(\"")).collect();
    let possible = expressions(text).flat_map(literals_in_template).map(str::to_owned).collect();
    Named { certain, possible }
}

pub(super) fn named_in_rust(text: &str) -> Named {
    let squeezed: String = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(");
    let calls = ["words.text(\"", "words.fill(\"", "words.count(\"", "words.count_and_fill(\""];
    let certain = calls.iter().flat_map(|call| names_after(&squeezed, call)).collect();
    let possible = literals(text).into_iter().map(str::to_owned).collect();
    Named { certain, possible }
}

/// The texts between double quotes, outside of comments, each of which is on one line or goes on with a backslash.
fn literals(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (here, after) = rest[at..].split_at(1);
        rest = match here {
            "\"" => {
                let end = closing_quote(after);
                found.push(&after[..end]);
                after.get(end + 1..).unwrap_or_default()
            }
            "/" if after.starts_with('/') => after.split_once('\n').map_or("", |(_, next)| next),
            "'" if after.starts_with("\"'") || after.starts_with("\\\"'") => {
                after.split_once("\"'").map_or("", |(_, next)| next)
            }
            _ => after,
        };
    }
    found
}

fn closing_quote(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.char_indices().find(|(_, letter)| {
        let closes = *letter == '"' && !is_escaped;
        is_escaped = *letter == '\\' && !is_escaped;
        closes
    });
    end.map_or(text.len(), |(at, _)| at)
}

/// Whether a literal is something that people read: it begins with a capital letter and has small ones, or it is a sentence.
fn is_read(text: &str) -> bool {
    let mut letters = text.trim_start_matches(['“', '"', '(', '\\']).chars();
    let begins = letters.next().is_some_and(|c| c.is_uppercase() && c.is_alphabetic());
    let goes_on = letters.next().is_some_and(|c| c.is_lowercase() || c == ' ' || c == '’');
    let is_sentence = text.contains(' ') && text.ends_with(['.', '!', '?']);
    let is_code = text.contains("::") || text.starts_with('<');
    (begins && goes_on || is_sentence) && !is_code
}

/// Texts in Rust that are shown, and not names of types, headers or logs.
pub(super) fn hidden_in_rust(text: &str) -> Vec<String> {
    // Names of others: browsers, networks, and what the tools are called.
    const NAMES: [&str; 4] = ["UTC", "Masthead", "GET", "POST"];
    let code: Vec<&str> = text.lines().filter(|line| !is_note(line)).collect();
    let code = code.join("\n");
    let hidden = literals(&code).into_iter().filter(|text| is_read(text) && !NAMES.contains(text));
    hidden.map(str::to_owned).collect()
}

/// Whether a line is a comment, a reason for a lint, or for the log.
fn is_note(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("//") || line.contains("reason = \"") || line.contains("tracing::")
}

/// Texts in scripts that are shown.
pub(super) fn hidden_in_script(text: &str) -> Vec<String> {
    let code: Vec<&str> =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n").replace(['\'', '`'], "\"");
    let is_name = |text: &str| !text.contains(' ') && is_key_or_class(text);
    let hidden = literals(&code).into_iter().filter(|text| is_read(text) && !is_name(text));
    hidden.map(str::to_owned).collect()
}

/// The names of keys, classes and elements in scripts.
fn is_key_or_class(text: &str) -> bool {
    const KEYS: [&str; 14] = [
        "Enter",
        "Escape",
        "Backspace",
        "Tab",
        "Delete",
        "Ctrl",
        "Shift",
        "Alt",
        "Home",
        "End",
        "Content-Type",
        "Meta",
        "Control",
        "Space",
    ];
    let mut parts = text.split(['-', '+']);
    text.starts_with("Arrow")
        || text == "Mod"
        || text.starts_with("Mod-")
        || text.starts_with("Shift-")
        || parts.all(|part| KEYS.contains(&part))
        || text.chars().all(|c| c.is_ascii_uppercase())
}

/// Texts in a template that are not words: between tags, in attributes that are shown, and in expressions.
pub(super) fn hidden_in_template(template: &str) -> Vec<String> {
    let without_comments = without(template, "{#", "#}");
    let mut hidden = in_expressions(&without_comments);
    let plain = without(&without(&without_comments, "{%", "%}"), "{{", "}}");
    hidden.extend(in_attributes(&plain));
    let text = without(&plain, "<", ">");
    let is_text = |line: &&str| line.chars().any(char::is_alphabetic);
    hidden.extend(text.lines().map(str::trim).filter(is_text).map(str::to_owned));
    hidden.retain(|text| !is_allowed(text));
    hidden
}

/// Texts that are the same in every language: entities, numbers of subscriptions, and formats.
fn is_allowed(text: &str) -> bool {
    matches!(text, "&nbsp;" | "&times;" | "S-" | ": S-" | "CSV" | "JSON")
}

fn without(text: &str, from: &str, to: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        kept.push_str(before);
        kept.push('\n');
        rest = after.split_once(to).map_or("", |(_, after)| after);
    }
    kept + rest
}

fn in_expressions(template: &str) -> Vec<String> {
    let texts = expressions(template).flat_map(literals_in_template);
    texts.filter(|text| is_read(text)).map(str::to_owned).collect()
}

/// What is between the braces of a template.
fn expressions(template: &str) -> impl Iterator<Item = &str> {
    [("{{", "}}"), ("{%", "%}")].into_iter().flat_map(move |(from, to)| {
        let parts = template.split(from).skip(1);
        parts.map(move |part| part.split_once(to).map_or(part, |(expression, _)| expression))
    })
}

/// The texts in quotes of an expression, of either kind.
fn literals_in_template(expression: &str) -> impl Iterator<Item = &str> {
    let doubled = expression.split('"').skip(1).step_by(2);
    let is_single = !expression.contains('"');
    let single = expression.split('\'').skip(1).step_by(2).filter(move |_| is_single);
    doubled.chain(single)
}

fn in_attributes(plain: &str) -> Vec<String> {
    const SHOWN: [&str; 6] =
        ["alt", "title", "aria-label", "placeholder", "label", "aria-description"];
    let mut found = Vec::new();
    for tag in plain.split('<').skip(1).filter_map(|tag| tag.split('>').next()) {
        let is_button = tag.contains("type=\"submit\"");
        for name in SHOWN.into_iter().chain(is_button.then_some("value")) {
            let start = format!(" {name}=\"");
            let value = tag.split_once(&start).and_then(|(_, rest)| rest.split('"').next());
            let value = value.filter(|value| value.chars().any(char::is_alphabetic));
            found.extend(value.map(str::to_owned));
        }
    }
    found
}

//! The settings of a restored publication: they name the database and the data directory that it was restored into. With those of the
//! original, a command in the restored folder would work on the original.
//!
//! Only the lines of these two keys change; what they said stays as a comment.

use std::ops::Range;

use masthead_publication::config::Config;
use masthead_settings::DeskSettings;
use serde::{Deserialize, de::IgnoredAny};
use toml::Spanned;

/// What is said above a line that was replaced.
const NOTE: &str = "# Changed by masthead restore. In the backup it was:";
/// What is said above a line that was added.
const ADDED: &str = "# Added by masthead restore.";

/// A key under `[server]`, and what it has to say.
pub(super) struct Relocated<'a> {
    pub key: &'static str,
    pub value: &'a str,
}

#[derive(Deserialize)]
struct Settings {
    server: Option<Server>,
}

#[derive(Deserialize)]
struct Server {
    database: Option<Spanned<IgnoredAny>>,
    data: Option<Spanned<IgnoredAny>>,
}

/// Returns `text` with this value. `None` if it has a form in which that cannot be written.
pub(super) fn with_value(text: &str, relocated: &Relocated<'_>) -> Option<String> {
    let Settings { server } = toml::from_str(text).ok()?;
    let span = server.and_then(|server| {
        let found = if relocated.key == "data" { server.data } else { server.database };
        found.map(|found| found.span())
    });
    let candidates = match span {
        Some(span) => vec![replaced(text, span, relocated)?],
        None => added(text, relocated),
    };
    candidates.into_iter().find(|text| says(text, relocated))
}

/// Whether settings can be read and say this.
fn says(text: &str, Relocated { key, value }: &Relocated<'_>) -> bool {
    Config::parse(text, "masthead.toml", &DeskSettings::default()).is_ok_and(|config| {
        let server = &config.server;
        let found = if *key == "data" { server.data.as_str() } else { server.database.as_str() };
        found == *value
    })
}

/// Replaces a value, below a comment with the lines that it was in.
fn replaced(text: &str, span: Range<usize>, relocated: &Relocated<'_>) -> Option<String> {
    let (before, after) = (text.get(..span.start)?, text.get(span.end..)?);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = after.find('\n').map_or(text.len(), |at| span.end + at);
    let newline = newline(text);
    let mut comment = format!("{NOTE}{newline}");
    for old in text[start..end].lines() {
        comment.push_str(&format!("# {}{newline}", old.trim_end()));
    }
    let value = quoted(relocated.value);
    Some(format!("{}{comment}{}{value}{after}", &text[..start], &before[start..]))
}

/// Every place where the key could be added.
fn added(text: &str, Relocated { key, value }: &Relocated<'_>) -> Vec<String> {
    let (newline, value) = (newline(text), quoted(value));
    let line = format!("{ADDED}{newline}{key} = {value}{newline}");
    let mut candidates = Vec::new();
    let mut at = 0;
    for part in text.split_inclusive('\n') {
        at += part.len();
        let header: String =
            part.split('#').next().unwrap_or_default().split_whitespace().collect();
        if header == "[server]" {
            let gap = if part.ends_with('\n') { "" } else { newline };
            candidates.push(format!("{}{gap}{line}{}", &text[..at], &text[at..]));
        }
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    candidates.push(format!("{text}{gap}{newline}[server]{newline}{line}"));
    candidates.push(format!("{ADDED}{newline}server.{key} = {value}{newline}{text}"));
    candidates
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The value as a string of TOML.
fn quoted(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "[publication]\nname = \"The Paper\"\naddress = \"https://paper.example\"\nlocale = \"en\"\nzone = \"UTC\"\n";

    fn database(text: &str, value: &str) -> String {
        let relocated = Relocated { key: "database", value };
        with_value(text, &relocated).unwrap_or_else(|| panic!("not written: {text}"))
    }

    #[test]
    fn the_line_is_replaced_and_everything_else_stays_as_it_is() {
        let text = format!(
            "{REST}\n[server]\n# Ours.\n  database   = 'postgres://paper:secret@db/paper'  # the \"big\" one\nlog = \"json\"\n"
        );
        let written = database(&text, "sqlite");
        let line = "  database   = 'postgres://paper:secret@db/paper'  # the \"big\" one\n";
        let (before, after) = text.split_once(line).expect("the line");
        let new = format!("{NOTE}\n# {line}  database   = \"sqlite\"  # the \"big\" one\n");
        assert_eq!(written, format!("{before}{new}{after}"));
    }

    #[test]
    fn every_form_of_settings_gets_the_new_value() {
        for text in [
            REST.to_owned(),
            format!("{REST}[server]\nlog = \"json\"\n"),
            format!("{REST}[ server ] # here"),
            format!("server.log = \"json\"\n{REST}"),
            format!("server.database = \"postgres://db/paper\"\n{REST}"),
            format!("server = {{ log = \"json\", database = \"postgres://db/paper\" }}\n{REST}"),
            format!(
                "{REST}[server]\ndatabase = \"\"\"\npostgres://db/paper\"\"\"\nlog = \"json\"\n"
            ),
            format!("{REST}[server]\ndatabase = \"postgres://db/paper\"\nlog = \"json\"\n")
                .replace('\n', "\r\n"),
        ] {
            let value = "postgres://paper:a\"b\\c@db.example/copy";
            let written = database(&text, value);
            let config = Config::parse(&written, "masthead.toml", &DeskSettings::default());
            assert_eq!(config.expect("settings").server.database.as_str(), value, "{written}");
            let is_there = |line: &&str| !line.contains("postgres://db/paper");
            for line in text.lines().filter(is_there) {
                assert!(written.contains(line), "{line} is gone: {written}");
            }
        }
    }

    #[test]
    fn the_data_directory_is_written_as_well() {
        let text = format!("{REST}[server]\ndata = \"/srv/data\"\n");
        let written = with_value(&text, &Relocated { key: "data", value: "/tmp/look" });
        let written = written.expect("written");
        assert!(written.contains("# data = \"/srv/data\"\ndata = \"/tmp/look\"\n"), "{written}");
    }
}

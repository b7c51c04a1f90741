//! The guide documents everything.

use std::{fs, path::Path};

use masthead_access::message::{Moment, Variable};
use masthead_settings::PublisherSettings;

use crate::workshop::Workshop;

pub fn chapter(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_key_of_the_configuration_is_explained() {
    let chapter = chapter("configuration.md");
    let keys = include_str!("../../src/masthead.toml").lines().filter_map(|line| {
        let key = line.trim_start_matches("# ").split_once(" = ")?.0;
        key.chars().all(|c| c.is_ascii_lowercase() || c == '_').then_some(key)
    });
    let missing: Vec<_> = keys.filter(|key| !chapter.contains(&format!("`{key}`"))).collect();
    // The keys of messages have their own chapter.
    assert_eq!(missing, ["actions"]);
}

/// Returns the keys that the schema knows where `text` has the key `qqqqqqqqqqqq`, which it does not know.
fn known_keys(text: &str) -> Option<Vec<String>> {
    let error = PublisherSettings::from_toml(text).expect_err("an unknown key");
    let (_, known) = error.reason.split_once("; there are ")?;
    Some(known.split(", ").map(str::to_owned).collect())
}

#[test]
fn every_key_of_the_schema_is_explained_and_those_of_single_tables_are_in_the_starter() {
    let starter = include_str!("../../src/masthead.toml");
    let guide = ["configuration.md", "messages.md"].map(chapter).join("\n");
    let is_explained = |key: &str| guide.contains(&format!("`{key}`"));
    let is_in_starter = |key: &str| {
        starter.lines().any(|line| line.trim_start_matches("# ").starts_with(&format!("{key} = ")))
    };
    let tables = known_keys("qqqqqqqqqqqq = 1").expect("tables");
    for table in tables {
        let list = known_keys(&format!("[[{table}]]\nqqqqqqqqqqqq = 1"));
        let single = known_keys(&format!("[{table}]\nqqqqqqqqqqqq = 1"));
        assert!(list.is_some() != single.is_some(), "{table}");
        for key in single.into_iter().flatten() {
            assert!(is_explained(&key), "the guide does not explain {key} of [{table}]");
            // To test against, and not for publishers.
            assert!(is_in_starter(&key) || key == "api", "masthead.toml has no {key} of [{table}]");
        }
        for key in list.into_iter().flatten() {
            assert!(is_explained(&key), "the guide does not explain {key} of [[{table}]]");
        }
    }
}

#[test]
fn every_moment_and_variable_is_explained() {
    let chapter = chapter("messages.md");
    for moment in Moment::ALL {
        let start = format!("| `{moment}` |");
        let line = chapter.lines().find(|line| line.starts_with(&start));
        assert!(line.is_some(), "{moment}");
    }
    for variable in Variable::ALL {
        assert!(chapter.contains(&format!("`{}`", variable.name())), "{}", variable.name());
    }
}

#[test]
fn every_command_is_explained() {
    let guide: String = [
        "start.md",
        "publish.md",
        "mail.md",
        "privacy.md",
        "sell.md",
        "theme.md",
        "pictures.md",
        "import.md",
        "operate.md",
        "configuration.md",
        "backup.md",
        "install.md",
    ]
    .map(chapter)
    .join("\n");
    let help = Workshop::empty().does(&["help"]);
    let commands = help.split("Commands:").nth(1).and_then(|rest| rest.split("Options:").next());
    let names =
        commands.expect("commands").lines().filter_map(|line| line.split_whitespace().next());
    for name in names.filter(|name| *name != "help") {
        let named = guide.contains(&format!("masthead {name}")) || name == "demo";
        assert!(named, "{name}");
    }
}

#[test]
fn links_between_chapters_are_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src");
    for entry in fs::read_dir(&folder).expect("the guide").flatten() {
        let path = entry.path();
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let is_prose = |line: &&str| !line.starts_with("    ");
        let text = text.lines().filter(is_prose).collect::<Vec<_>>().join("\n");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, _heading) = link.split_once('#').unwrap_or((link, ""));
            let local = !link.contains("://");
            assert!(!local || folder.join(file).exists(), "{}: {link}", path.display());
        }
    }
}

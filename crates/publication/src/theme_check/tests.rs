//! Whether the check finds an error wherever a template may have one.

use std::{fs, path::Path, sync::Arc};

use jiff::Timestamp;
use masthead_editorial::Logo;

use crate::{
    assets::DefaultTheme,
    config::Config,
    publication::{Publication, Sales},
    theme::Theme,
};

const PAPER: &str = "[publication]\nname = \"P\"\naddress = \"http://localhost\"\nlocale = \"en\"\nzone = \"UTC\"\n";
/// What fails wherever it is rendered.
const BROKEN: &str = "{{ nothing.of.the.kind }}";
const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 200 40\"/>";

fn publication() -> Arc<Publication> {
    let config = Config::parse(PAPER, "masthead.toml", &masthead_settings::DeskSettings::default());
    Arc::new(config.expect("settings").publication.with_sales(Sales::Open))
}

fn with_uploaded_logo(publication: &Publication) -> Arc<Publication> {
    let file = |src: &str| src.parse().expect("a logo");
    let logo = Logo {
        light: file("/media/0123456789abcdef0123-240x48.png"),
        dark: Some(file("/media/0123456789abcdef0124-240x48.png")),
    };
    Arc::new(Publication { logo: Some(logo), ..publication.clone() })
}

/// Where the body of each `if`, `elif`, `else` and `for` of a template begins.
fn branches(source: &str) -> Vec<usize> {
    let tags = source.match_indices("{%").filter_map(|(start, _)| {
        let end = start + source[start..].find("%}")?;
        let word = source[start + 2..end].trim_matches(['-', ' ']).split(' ').next()?;
        ["if", "elif", "else", "for"].contains(&word).then_some(end + 2)
    });
    tags.collect()
}

/// Writes a broken template to a folder, and returns whether the check accepts it.
fn accepts(
    folder: &Path,
    (name, source): (&str, &str),
    known: &Arc<Theme>,
    of: &Arc<Publication>,
) -> bool {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    fs::write(&path, source).expect("written");
    let loaded = Theme::load_checked(Some(folder), of, Some(known), Timestamp::UNIX_EPOCH);
    fs::remove_file(path).expect("removed");
    loaded.is_ok()
}

#[test]
fn an_error_is_found_in_every_branch_of_a_template() {
    let folder = tempfile::tempdir().expect("a folder");
    let with_logo = tempfile::tempdir().expect("a folder");
    fs::create_dir(with_logo.path().join("assets")).expect("created");
    fs::write(with_logo.path().join("assets/logo.svg"), LOGO).expect("written");
    let publication = publication();
    let uploaded = with_uploaded_logo(&publication);
    let known = Theme::load_checked(None, &publication, None, Timestamp::UNIX_EPOCH);
    let known = known.expect("the built-in theme");
    let mut unseen = Vec::new();
    let mut count = 0;
    for name in DefaultTheme::iter().filter(|name| crate::theme::is_template(name)) {
        let file = DefaultTheme::get(&name).expect("a file");
        let source = String::from_utf8_lossy(&file.data);
        for at in branches(&source) {
            let broken = format!("{}{BROKEN}{}", &source[..at], &source[at..]);
            let of = (name.as_ref(), broken.as_str());
            // A theme has a logo, or none, or one was uploaded.
            if accepts(folder.path(), of, &known, &publication)
                && accepts(with_logo.path(), of, &known, &publication)
                && accepts(folder.path(), of, &known, &uploaded)
            {
                let line = source[..at].lines().count();
                unseen.push(format!("{name}, line {line}"));
            }
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
    assert!(unseen.is_empty(), "never rendered: {unseen:#?}");
}

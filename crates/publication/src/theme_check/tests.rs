//! Whether the check finds an error wherever a template may have one: it renders every branch, and refuses what cannot be rendered.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use jiff::Timestamp;
use masthead_editorial::Logo;
use parking_lot::Mutex;

use crate::{
    assets::DefaultTheme,
    config::Config,
    publication::{Publication, Sales},
    theme::{Theme, ThemeError},
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

/// The branches of templates that were rendered, by number.
static RENDERED: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());

/// What a test's template calls in a branch. Renders nothing.
pub(crate) fn note_rendered(branch: usize) -> &'static str {
    RENDERED.lock().insert(branch);
    ""
}

fn write(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    fs::write(path, content).expect("written");
}

fn check(folder: &Path, publication: &Arc<Publication>) -> Result<Arc<Theme>, ThemeError> {
    Theme::load_checked(Some(folder), publication, None, Timestamp::UNIX_EPOCH)
}

#[test]
fn every_branch_of_a_template_is_rendered() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut branches_of_templates = Vec::new();
    for name in DefaultTheme::iter().filter(|name| crate::theme::is_template(name)) {
        let file = DefaultTheme::get(&name).expect("a file");
        let source = String::from_utf8_lossy(&file.data);
        let (mut noting, mut copied) = (String::new(), 0);
        for at in branches(&source) {
            let number = branches_of_templates.len();
            noting += &format!("{}{{{{ rendered({number}) }}}}", &source[copied..at]);
            copied = at;
            branches_of_templates.push(format!("{name}, line {}", source[..at].lines().count()));
        }
        write(folder.path(), &name, &(noting + &source[copied..]));
    }
    // A theme has no logo, or one was uploaded, or it has one.
    let publication = publication();
    check(folder.path(), &publication).expect("a theme");
    check(folder.path(), &with_uploaded_logo(&publication)).expect("a theme");
    write(folder.path(), "assets/logo.svg", LOGO);
    check(folder.path(), &publication).expect("a theme");
    let rendered = RENDERED.lock().clone();
    let unseen = branches_of_templates.iter().enumerate();
    let unseen: Vec<_> = unseen.filter(|(number, _)| !rendered.contains(number)).collect();
    assert!(branches_of_templates.len() > 50, "{branches_of_templates:?}");
    assert!(unseen.is_empty(), "never rendered: {unseen:#?}");
}

#[test]
fn a_template_that_cannot_be_rendered_is_refused() {
    for name in ["article.html", "cards.html", "offers.html"] {
        let file = DefaultTheme::get(name).expect("a file");
        let source = String::from_utf8_lossy(&file.data);
        let at = *branches(&source).first().expect("a branch");
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), name, &format!("{}{BROKEN}{}", &source[..at], &source[at..]));
        let refused = check(folder.path(), &publication()).err().expect("an error").to_string();
        assert!(refused.contains(name), "{refused}");
    }
}

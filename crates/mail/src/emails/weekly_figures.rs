//! The weekly email of figures. It is in the desk's own look and words, not the theme's.

use masthead_circulation::Account;
use masthead_publication::theme::ThemeError;
use masthead_store::{Email, EmailBody};
use minijinja::{Environment, UndefinedBehavior, value::Serde};
use serde::Serialize;

use super::EmailKind;

const TEXT: &str = include_str!("../../templates/weekly-figures.txt");
const HTML: &str = include_str!("../../templates/weekly-figures.html");

/// What the templates get.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WeeklyFiguresContext {
    /// The publication's name.
    pub publication: String,
    /// The language of the words below (BCP 47).
    pub lang: String,
    /// The subject, which says of which week the figures are.
    pub subject: String,
    /// The figures, each in a line.
    pub figures: Vec<WeeklyFigure>,
    /// What the second column of the figures is.
    pub before: String,
    /// Lists of articles. None is empty.
    pub lists: Vec<WeeklyList>,
    /// What the link does.
    pub button: String,
    /// The link to the figures.
    pub link: String,
    /// Where to choose what one is sent.
    pub settings: String,
    /// The link to it.
    pub settings_link: String,
}

/// A figure, and that of the week before.
#[derive(Clone, Debug, Serialize)]
pub struct WeeklyFigure {
    /// What it says.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Its value in the week before.
    pub before: String,
}

/// Articles with a number each.
#[derive(Clone, Debug, Serialize)]
pub struct WeeklyList {
    /// What the articles have in common.
    pub title: String,
    /// Headline and number.
    pub rows: Vec<(String, String)>,
}

/// Composes the weekly email of figures.
///
/// # Errors
///
/// Returns [`ThemeError`] if a template fails.
pub fn weekly_figures(to: &Account, context: &WeeklyFiguresContext) -> Result<Email, ThemeError> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.add_template("weekly-figures.txt", TEXT)?;
    templates.add_template("weekly-figures.html", HTML)?;
    let render = |name: &str| templates.get_template(name)?.render(Serde(context));
    let body =
        EmailBody { text: render("weekly-figures.txt")?, html: render("weekly-figures.html")? };
    Ok(Email {
        to: to.email.clone(),
        account: Some(to.id),
        kind: EmailKind::WeeklyFigures.name().to_owned(),
        subject: context.subject.clone(),
        body,
        useful_for: None,
    })
}

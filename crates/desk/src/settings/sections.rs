//! The sections: what they are called, in which order the navigation has them, and which there are.

use std::{collections::HashMap, sync::Arc};

use axum::{extract::State, response::Response};
use masthead_editorial::{
    SectionStyle,
    slug::{RESERVED, slugify},
};
use masthead_web::form::see_other;
use serde::Serialize;

use crate::{
    Desk, Refused, Steered,
    auth::{Inside, Insider},
    form::{Filled, form_status},
};

/// What the log says where nothing works.
const BROKEN: &str = "the sections cannot be set";
/// More than a navigation can hold.
const MOST: usize = 40;
/// The least contrast of text and its ground (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;

/// The form.
struct Sheet {
    version: String,
    rows: Vec<Row>,
}

/// A section, as the form has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Row {
    /// Its address; empty for one that is new.
    slug: String,
    name: String,
    description: String,
    color: String,
}

#[derive(Serialize)]
struct Shown {
    rows: Vec<Row>,
    version: String,
    /// Whether there is something in the form that is not in force.
    is_new: bool,
    steered: bool,
    history: Vec<String>,
    fault: String,
}

pub(crate) async fn page(State(desk): State<Arc<Desk>>, insider: Inside) -> Response {
    let rows = rows(&desk);
    show(&desk, &insider, Sheet { version: String::new(), rows }, String::new()).await
}

/// Everything that the form's buttons do.
pub(crate) async fn change(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Filled(sent): Filled<HashMap<String, String>>,
) -> Response {
    let mut sheet = Sheet::sent(&sent);
    let wish = sent.get("do").map_or("look", String::as_str);
    let text = match wish {
        "save" => match sheet.checked().map(|sections| text(&sections)) {
            Ok(text) => text,
            Err(fault) => return show(&desk, &insider, sheet, fault).await,
        },
        "file" => Ok(String::new()),
        wish => {
            sheet.rearrange(wish);
            return show(&desk, &insider, sheet, String::new()).await;
        }
    };
    match desk.steer(&insider, Steered::Sections, &sheet.version, text).await {
        Ok(()) => see_other("/desk/sections", &[]),
        Err(Refused::Told(fault)) => show(&desk, &insider, sheet, fault).await,
        Err(Refused::Failed(error)) => desk.cannot(&insider, BROKEN, &error),
    }
}

fn rows(desk: &Desk) -> Vec<Row> {
    desk.on.helm.sections().into_iter().map(Row::of).collect()
}

async fn show(desk: &Desk, insider: &Insider, sheet: Sheet, fault: String) -> Response {
    let history = match desk.history(Steered::Sections).await {
        Ok(history) => history,
        Err(error) => return desk.failed(&error),
    };
    let status = form_status(&fault);
    let version = sheet.version;
    let shown = Shown {
        is_new: sheet.rows != rows(desk),
        rows: sheet.rows,
        version: if version.is_empty() { history.version.to_string() } else { version },
        steered: history.steered,
        history: history.lines,
        fault,
    };
    desk.page(status, Some(insider), "sections.html", &shown)
}

impl Row {
    fn of(section: SectionStyle) -> Self {
        let SectionStyle { slug, name, description, color } = section;
        Self { slug, name, description, color }
    }

    /// The section that it is, or what to mend.
    fn checked(&self) -> Result<SectionStyle, String> {
        let Self { slug, name, description, color } = self.clone();
        if name.is_empty() {
            return Err("A section has no name. Write one, or take the section out.".to_owned());
        }
        let slug = if slug.is_empty() { slugify(&name) } else { slug };
        if slug.is_empty() || RESERVED.contains(&slug.as_str()) {
            return Err(format!(
                "“{name}” cannot be a section’s address: the site needs it for itself, or there is no letter in it. \
                 Choose another name."
            ));
        }
        if !color.is_empty() {
            let contrast = contrast_with_white(&color)
                .ok_or_else(|| format!("“{color}” is no colour. Write one such as #8a1c1c."))?;
            if contrast < READABLE {
                return Err(format!(
                    "The colour of “{name}” is hard to read on white: its contrast is {contrast:.1} to 1, and {READABLE} \
                     is needed. Choose a darker one."
                ));
            }
        }
        Ok(SectionStyle { slug, name, description, color })
    }
}

impl Sheet {
    fn sent(sent: &HashMap<String, String>) -> Self {
        let get =
            |name: &str| sent.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
        let row = |index: usize| {
            sent.contains_key(&format!("name-{index}")).then(|| Row {
                slug: get(&format!("slug-{index}")),
                name: get(&format!("name-{index}")),
                description: get(&format!("description-{index}")),
                color: get(&format!("color-{index}")),
            })
        };
        Self { version: get("version"), rows: (0..MOST).map_while(row).collect() }
    }

    fn rearrange(&mut self, wish: &str) {
        let (wish, place) = wish.split_once('-').unwrap_or((wish, ""));
        let place = place.parse().unwrap_or(usize::MAX);
        match wish {
            "add" if self.rows.len() < MOST => self.rows.push(Row::default()),
            "up" if (1..self.rows.len()).contains(&place) => self.rows.swap(place - 1, place),
            "remove" if place < self.rows.len() => {
                self.rows.remove(place);
            }
            _ => {}
        }
    }

    /// The sections that they are, or what to mend.
    fn checked(&self) -> Result<Vec<SectionStyle>, String> {
        let mut sections: Vec<SectionStyle> = Vec::new();
        for row in &self.rows {
            let section = row.checked()?;
            if let Some(before) = sections.iter().find(|before| before.slug == section.slug) {
                return Err(format!(
                    "“{}” would stand at the address of “{}”. Give it another name.",
                    section.name, before.name
                ));
            }
            sections.push(section);
        }
        Ok(sections)
    }
}

/// How well text in a colour can be read on white, from 1 to 21 (WCAG 2.2, "contrast ratio"); none for what is no
/// hexadecimal colour.
fn contrast_with_white(color: &str) -> Option<f64> {
    let digits = color.strip_prefix('#')?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let part = |place: usize| {
        let digits = match digits.len() {
            3 => digits.get(place..=place)?.repeat(2),
            6 => digits.get(2 * place..2 * place + 2)?.to_owned(),
            _ => return None,
        };
        let part = f64::from(u8::from_str_radix(&digits, 16).ok()?) / 255.0;
        Some(if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) })
    };
    let luminance = 0.2126 * part(0)? + 0.7152 * part(1)? + 0.0722 * part(2)?;
    Some(1.05 / (luminance + 0.05))
}

/// Sections in the words of the configuration file.
fn text(sections: &[SectionStyle]) -> Result<String, toml::ser::Error> {
    #[derive(Serialize)]
    struct File<'a> {
        sections: Vec<Entry<'a>>,
    }
    #[derive(Serialize)]
    struct Entry<'a> {
        slug: &'a str,
        name: &'a str,
        description: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        color: &'a str,
    }
    fn entry(section: &SectionStyle) -> Entry<'_> {
        let SectionStyle { slug, name, description, color } = section;
        Entry { slug, name, description, color }
    }
    // None at all: the navigation has those with the most articles, whatever the file says.
    if sections.is_empty() {
        return Ok("sections = []\n".to_owned());
    }
    toml::to_string(&File { sections: sections.iter().map(entry).collect() })
}

#[cfg(test)]
mod tests {
    use super::contrast_with_white;

    #[test]
    fn contrast_is_that_of_the_standard() {
        // The figures of WCAG's own technique G18 and of common checkers.
        for (color, contrast) in [
            ("#000000", 21.0),
            ("#fff", 1.0),
            ("#767676", 4.54),
            ("#ff0000", 4.0),
            ("#777777", 4.48),
        ] {
            let computed = contrast_with_white(color).expect("a colour");
            assert!((computed - contrast).abs() < 0.05, "{color}: {computed}");
        }
        for none in ["", "#", "red", "#12345", "#12é45", "#gggggg", "8a1c1c", "#+1+1+1"] {
            assert_eq!(contrast_with_white(none), None, "{none}");
        }
    }
}

//! The form of the publication's name, tagline, language and time zone.

use std::fmt::Display;

use jiff::tz::TimeZone;
use masthead_access::{message::Locale, printable};
use masthead_editorial::SlugScript;
use masthead_settings::{IdentitySettings, SettingsPart};
use serde::{Deserialize, Serialize};

use crate::{settings::save::FormFault, state::DeskState, words::DeskWords};

/// The longest name, in characters. It is the largest text of the front page.
pub(super) const MAX_NAME: usize = 60;
/// The longest tagline, in characters.
pub(super) const MAX_TAGLINE: usize = 120;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PublicationForm {
    /// The version that was on the page.
    pub version: String,
    pub name: String,
    pub tagline: String,
    /// A BCP 47 tag.
    pub locale: String,
    /// The name of an IANA time zone.
    pub zone: String,
    /// In which letters addresses are written.
    pub slugs: String,
    #[serde(rename = "do", skip_serializing)]
    pub button: String,
}

impl PublicationForm {
    /// What is in force.
    pub fn in_force(desk: &DeskState) -> Self {
        // The version first, so that the form never names a newer one than it shows.
        let version = desk.settings_version(SettingsPart::Publication).to_string();
        let settings = desk.settings();
        Self {
            version,
            name: settings.name.clone(),
            tagline: settings.tagline.clone(),
            locale: settings.locale.tag().to_owned(),
            zone: settings.policy.zone.iana_name().unwrap_or("UTC").to_owned(),
            slugs: settings.slugs.name().to_owned(),
            button: String::new(),
        }
    }

    /// Whether another form has the same values.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let values = |form: &Self| {
            [&form.name, &form.tagline, &form.locale, &form.zone, &form.slugs]
                .map(|value| value.trim().to_owned())
        };
        values(self) == values(other)
    }

    /// The settings of this form. A form that was open before there was the choice has no `slugs`: then those in force stay.
    ///
    /// # Errors
    ///
    /// What to correct, in all fields.
    pub fn identity(
        &self,
        in_force: SlugScript,
        words: DeskWords,
    ) -> Result<IdentitySettings, FormFault> {
        let [name, tagline, locale, zone] =
            [&self.name, &self.tagline, &self.locale, &self.zone].map(|value| value.trim());
        let mut faults = Vec::new();
        if name.is_empty() {
            faults.push(FormFault::at("name", words.text("publication_fault_no_name")));
        }
        for (field, text, most) in [("name", name, MAX_NAME), ("tagline", tagline, MAX_TAGLINE)] {
            faults.extend(line_fault(text, most, words).map(|fault| FormFault::at(field, fault)));
        }
        if Locale::new(locale).is_err() {
            faults.push(FormFault::at("locale", words.text("publication_fault_locale")));
        }
        let slugs = Some(self.slugs.parse().unwrap_or(in_force));
        let Ok(known) = TimeZone::get(zone) else {
            faults.push(FormFault::at("zone", words.text("publication_fault_zone")));
            return Err(FormFault::all(faults));
        };
        if !faults.is_empty() {
            return Err(FormFault::all(faults));
        }
        let [name, tagline, locale] = [name, tagline, locale].map(str::to_owned);
        Ok(IdentitySettings { name, tagline, locale, zone: known, slugs })
    }
}

/// What is wrong with a text that is one line on every page.
fn line_fault(text: &str, most: usize, words: DeskWords) -> Option<String> {
    let number = text.chars().count();
    if number > most {
        let gaps: [(&str, &dyn Display); 2] = [("number", &number), ("most", &most)];
        return Some(words.fill("publication_fault_long", &gaps));
    }
    let is_line = printable(text) == text && !text.contains(['\n', '\r', '\t']);
    (!is_line).then(|| words.text("publication_fault_line").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, tagline: &str, locale: &str, zone: &str) -> PublicationForm {
        let [name, tagline, locale, zone] = [name, tagline, locale, zone].map(str::to_owned);
        PublicationForm { name, tagline, locale, zone, ..PublicationForm::default() }
    }

    #[test]
    fn every_mistake_is_named_at_its_field() {
        let words = DeskWords::default();
        let good = form(" The Paper ", "", "de-AT", "Europe/Vienna")
            .identity(SlugScript::default(), words);
        assert_eq!(good.map(|identity| identity.name).as_deref(), Ok("The Paper"));
        let fields = |form: PublicationForm| {
            let fault = form.identity(SlugScript::default(), words).expect_err("a mistake");
            let others = fault.others.into_iter().map(|other| other.field);
            std::iter::once(fault.field).chain(others).collect::<Vec<_>>()
        };
        assert_eq!(fields(form(" ", "", "en", "UTC")), ["name"]);
        assert_eq!(
            fields(form(&"n".repeat(61), &"t".repeat(121), "en", "UTC")),
            ["name", "tagline"]
        );
        assert_eq!(fields(form("A\u{7}", "a\nb", "en", "UTC")), ["name", "tagline"]);
        assert_eq!(fields(form("A", "", "?", "Mars/Base")), ["locale", "zone"]);
    }
}

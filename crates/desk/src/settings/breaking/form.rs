//! The form of the breaking news.

use std::fmt::Display;

use jiff::SignedDuration;
use masthead_editorial::{BreakingNews, breaking::InvalidBreakingNews, paths::one_spelling};
use masthead_publication::edition::Target;
use masthead_settings::SettingsPart;
use serde::{Deserialize, Serialize};

use super::OFFERED;
use crate::{
    newsroom::local_time::{local_text, parse_local, zone_name, zone_of_form},
    settings::save::FormFault,
    state::DeskState,
    words::DeskWords,
};

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct BreakingForm {
    /// The version that was on the page.
    pub version: String,
    pub text: String,
    /// The address of an article from the list.
    pub article: String,
    /// An address that was written instead.
    pub address: String,
    /// In the time zone of the form.
    pub until: String,
    /// The name of the time zone of the form.
    pub time_zone: String,
    #[serde(rename = "do", skip_serializing)]
    pub button: String,
}

impl BreakingForm {
    /// What readers see now, or an empty form.
    pub fn in_force(desk: &DeskState) -> Self {
        // The version first, so that the form never names a newer one than it shows.
        let version = desk.settings_version(SettingsPart::Breaking).to_string();
        let (now, zone) = (desk.now(), desk.publication().zone);
        let (settings, time_zone) = (desk.settings(), zone_name(&zone));
        let Some(news) = settings.breaking.as_ref().filter(|news| news.is_shown(now)) else {
            let until = now + SignedDuration::from_hours(BreakingNews::DEFAULT_HOURS);
            let until = local_text(until, &zone);
            return Self { version, until, time_zone, ..Self::default() };
        };
        let latest = desk.snapshot().latest_articles(OFFERED);
        let is_listed = latest.iter().any(|article| article.slug == news.link);
        let (article, address) = if is_listed {
            (news.link.clone(), String::new())
        } else {
            (String::new(), news.link.clone())
        };
        let until = local_text(news.until, &zone);
        let (text, button) = (news.text.clone(), String::new());
        Self { version, text, article, address, until, time_zone, button }
    }

    /// The news of this form.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn news(&self, desk: &DeskState, words: DeskWords) -> Result<BreakingNews, FormFault> {
        let zone = zone_of_form(&self.time_zone, &desk.publication().zone);
        let until = parse_local(&self.until, &zone)
            .map_err(|error| FormFault::at("until", error.in_words(&self.until, &zone, words)))?;
        let news = BreakingNews::new(&self.text, &self.link(desk, words)?, until)
            .map_err(|error| fault(&error, words))?;
        news.check_end(desk.now()).map_err(|error| fault(&error, words))?;
        Ok(news)
    }

    /// Where it leads: a written address goes before the article from the list.
    fn link(&self, desk: &DeskState, words: DeskWords) -> Result<String, FormFault> {
        let site_address = desk.publication().address;
        let written = self.address.trim();
        let written = written.strip_prefix(&site_address).unwrap_or(written);
        let link = if written.is_empty() { self.article.as_str() } else { written };
        if !link.starts_with('/') {
            return Ok(link.to_owned());
        }
        match desk.snapshot().edition.find_spelled(link) {
            Some(Target::Piece(entry) | Target::Moved(entry)) => Ok(entry.address.to_string()),
            Some(Target::Section(_) | Target::Topic(_) | Target::Author(_)) => {
                Ok(one_spelling(link).into_owned())
            }
            None => Err(FormFault::at(
                "address",
                words.fill("breaking_fault_nothing", &[("address", &link)]),
            )),
        }
    }
}

fn fault(error: &InvalidBreakingNews, words: DeskWords) -> FormFault {
    let text = |name| words.text(name).to_owned();
    let (field, text) = match error {
        InvalidBreakingNews::NoText => ("text", text("breaking_fault_no_text")),
        InvalidBreakingNews::Lines => ("text", text("breaking_fault_lines")),
        InvalidBreakingNews::LongText(number) => {
            let gaps: [(&str, &dyn Display); 2] =
                [("number", number), ("most", &BreakingNews::MAX_CHARACTERS)];
            ("text", words.fill("breaking_fault_long", &gaps))
        }
        InvalidBreakingNews::Link(link) => {
            ("address", words.fill("breaking_fault_link", &[("link", link)]))
        }
        InvalidBreakingNews::Past => ("until", text("breaking_fault_past")),
        InvalidBreakingNews::TooLong => {
            ("until", words.fill("breaking_fault_late", &[("most", &BreakingNews::MAX_HOURS)]))
        }
    };
    FormFault::at(field, text)
}

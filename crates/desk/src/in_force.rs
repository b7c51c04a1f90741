//! What handlers read of the publication: everything comes from the snapshot in force.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use masthead_access::message::Message;
use masthead_circulation::Catalogue;
use masthead_editorial::SlugScript;
use masthead_publication::{Publication, SiteSnapshot, listing::Choice};
use masthead_store::Attribution;

use crate::{staff::CurrentStaff, state::DeskState};

/// What the desk has to know of the publication.
pub(crate) struct PublicationInfo {
    /// Its name.
    pub name: String,
    /// Its address: `https://paper.example`.
    pub address: String,
    /// Its time zone.
    pub zone: jiff::tz::TimeZone,
    /// In which letters addresses are written that are made from names.
    pub slugs: SlugScript,
}

impl DeskState {
    /// The snapshot in force.
    pub(crate) fn snapshot(&self) -> Arc<SiteSnapshot> {
        self.live.snapshot()
    }

    /// The settings in force.
    pub(crate) fn settings(&self) -> Arc<Publication> {
        Arc::clone(&self.live.peek().publication)
    }

    /// The name, address and zone of the publication.
    pub(crate) fn publication(&self) -> PublicationInfo {
        let settings = self.settings();
        PublicationInfo {
            name: settings.name.clone(),
            address: settings.address.clone(),
            zone: settings.policy.zone.clone(),
            slugs: settings.slugs,
        }
    }

    /// What is sold.
    pub(crate) fn catalogue(&self) -> Catalogue {
        self.settings().catalogue.clone()
    }

    /// Every message, built in or not.
    pub(crate) fn messages(&self) -> Vec<Message> {
        self.settings().messages.iter().cloned().collect()
    }

    /// The current time.
    pub(crate) fn now(&self) -> Timestamp {
        self.live.now()
    }

    /// The attribution of what `staff` does now.
    pub(crate) fn attribution(&self, staff: &CurrentStaff) -> Attribution {
        Attribution { by: staff.account.id, at: self.now() }
    }

    /// The current day in the publication's time zone.
    pub(crate) fn today(&self) -> Date {
        self.now().to_zoned_datetime(self.publication().zone).date()
    }
}

/// Choices as templates show them: value and label.
pub(crate) fn pairs(choices: Vec<Choice>) -> Vec<(String, String)> {
    choices.into_iter().map(|choice| (choice.slug, choice.name)).collect()
}

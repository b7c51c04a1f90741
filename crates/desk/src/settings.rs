//! Setting a part of the configuration at the desk, and who set it when.

pub(crate) mod experiments;
pub(crate) mod fronts;
pub(crate) mod messages;
pub(crate) mod meter;
pub(crate) mod offers;
pub(crate) mod products;
pub(crate) mod sections;

use masthead_store::{Setting, StoreError, Written};

use crate::{
    Desk, Refused, Steered,
    auth::Insider,
    format::{colleague, minute},
};

/// Versions that are listed.
const VERSIONS: u64 = 20;

/// What has been set of a part.
pub(crate) struct History {
    /// Counts how often it was set; 0 where it never was.
    pub version: i32,
    /// Whether the desk's version is heard, and not the file's.
    pub steered: bool,
    /// Each time, in words, the latest first.
    pub lines: Vec<String>,
}

impl Desk {
    /// Sets a part, for somebody who knew this version of it, as their form says.
    pub(crate) async fn steer(
        &self,
        insider: &Insider,
        part: Steered,
        version: &str,
        text: Result<String, toml::ser::Error>,
    ) -> Result<(), Refused> {
        let version = version.parse().unwrap_or_default();
        let text = text.map_err(Refused::failed)?;
        let when = (insider.account.id, self.now());
        match self.on.helm.set(part, version, text, when).await? {
            Written::Done(_) => Ok(()),
            Written::Behind => Err(Refused::Told(behind(part))),
        }
    }

    /// How often a part was set: 0 where it never was.
    pub(crate) async fn version(&self, part: Steered) -> Result<i32, StoreError> {
        let setting = self.on.store.setting(part.name()).await?;
        Ok(setting.map_or(0, |setting| setting.version))
    }

    /// What has been set of a part, so far.
    pub(crate) async fn history(&self, part: Steered) -> Result<History, StoreError> {
        let settings = self.on.store.settings(part.name(), VERSIONS).await?;
        let everybody = self.on.store.all_staff().await?;
        let zone = self.imprint().zone;
        let line = |setting: &Setting| {
            let who = colleague(&everybody, setting.by);
            let who = who.as_deref().unwrap_or("Somebody who has left");
            let at = minute(setting.at, &zone);
            if setting.text.is_empty() {
                format!("{at}: {who} let masthead.toml speak again.")
            } else {
                format!("{at}: {who} set it.")
            }
        };
        Ok(History {
            version: settings.first().map_or(0, |setting| setting.version),
            steered: settings.first().is_some_and(|setting| !setting.text.is_empty()),
            lines: settings.iter().map(line).collect(),
        })
    }
}

/// What somebody is told where somebody else was quicker.
fn behind(part: Steered) -> String {
    let what = match part {
        Steered::Meter => "the meter",
        Steered::Messages => "the messages",
        Steered::Sections => "the sections",
        Steered::Fronts => "a front",
        Steered::Products => "what is sold",
        Steered::Offers => "the offers",
        Steered::Experiment => "the experiment",
    };
    format!(
        "Somebody else has changed {what} since you began, and nothing was changed. Open the page in another tab, and \
         compare."
    )
}

//! What the publication is set to: the configuration file, and in its place what was set at the desk.
//!
//! The file says everything; the desk keeps, in the database, its own version of the parts that are steered there. So
//! a server learns what was set on another, and taking the desk's version back lets the file speak again.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::SignedDuration;
use masthead_access::{Experiment, Policy, message::Message};
use masthead_circulation::{AccountId, Catalogue};
use masthead_desk::{Refused, Steered};
use masthead_editorial::{Front, SectionStyle, TeaserLength};
use masthead_site::Site;
use masthead_store::{Store, StoreError, Written};
use parking_lot::Mutex;

use crate::{
    config::{Config, Steering},
    fault::Fault,
    folder::Folder,
};

/// How often a server looks whether something was set on another.
const PERIOD: Duration = Duration::from_millis(500);

/// See the module's documentation.
pub struct Helm {
    root: PathBuf,
    /// Where the demonstration is found, whatever the file says.
    demo_address: Option<String>,
    store: Store,
    /// What was set at the desk, as this server knows it.
    steering: Mutex<Steering>,
    site: Mutex<Option<Arc<Site>>>,
}

impl Helm {
    /// The helm of the publication in the folder `root`, with what was set at its desk so far.
    pub async fn take(
        root: PathBuf,
        demo_address: Option<String>,
        store: Store,
    ) -> Result<Arc<Self>, StoreError> {
        let steering = known(&store).await?;
        let steering = Mutex::new(steering);
        Ok(Arc::new(Self { root, demo_address, store, steering, site: Mutex::default() }))
    }

    /// The configuration as it is steered now. What was set at the desk and no longer fits the file is told of and
    /// left aside, so that a publication starts in any case.
    pub fn config(&self, from_file: Config) -> Config {
        let steering = self.steering.lock().clone();
        if steering.is_empty() {
            return from_file;
        }
        match Folder::steered(&self.root, &steering) {
            Ok(config) => config,
            Err(error) => {
                tracing::error!(%error, "what was set at the desk does not fit masthead.toml, which is heard alone");
                from_file
            }
        }
    }

    /// Steers this site from now on.
    pub fn steer(&self, site: &Arc<Site>) {
        *self.site.lock() = Some(Arc::clone(site));
    }

    /// Takes up the file, the theme, and what was set at the desk. A broken one is not taken up.
    pub fn take_up(&self) -> Result<(), Fault> {
        let steering = self.steering.lock().clone();
        let mut publication = Folder::steered(&self.root, &steering)?.publication;
        if let Some(address) = &self.demo_address {
            address.clone_into(&mut publication.address);
            publication.is_demo = true;
        }
        let site = self.site.lock().clone();
        let Some(site) = site else { return Ok(()) };
        site.republish(publication).map_err(|error| Fault::new(format!("theme: {error}")))
    }

    /// Takes up what was set on another server, for as long as it is awaited.
    pub async fn keep_course(self: Arc<Self>) {
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            // What does not answer is told of where readers' pages are kept fresh.
            let Ok(steering) = known(&self.store).await else { continue };
            let changed = {
                let mut mine = self.steering.lock();
                let changed = *mine != steering;
                *mine = steering;
                changed
            };
            if changed && let Err(error) = self.take_up() {
                tracing::error!("what was set at the desk is not taken up: {error}");
            }
        }
    }
}

async fn known(store: &Store) -> Result<Steering, StoreError> {
    let mut known = Steering::default();
    for part in Steered::ALL {
        if let Some(setting) = store.setting(part.name()).await? {
            known = known.with(part, &setting.text);
        }
    }
    Ok(known)
}

#[async_trait]
impl masthead_desk::Helm for Helm {
    fn policy(&self) -> (Policy, TeaserLength) {
        let site = self.site.lock().clone();
        match site {
            Some(site) => {
                let printing = site.printing();
                (printing.publication.policy.clone(), printing.publication.teaser)
            }
            None => (Policy::new(jiff::tz::TimeZone::UTC), TeaserLength::Paragraphs(2)),
        }
    }

    fn messages(&self) -> Result<Vec<Message>, Refused> {
        let steering = self.steering.lock().clone();
        let config = Folder::steered(&self.root, &steering).map_err(Refused::failed)?;
        Ok(config.own_messages)
    }

    fn experiment(&self) -> Option<Experiment> {
        let site = self.site.lock().clone();
        site.and_then(|site| site.printing().publication.experiment.clone())
    }

    fn catalogue(&self) -> Catalogue {
        let site = self.site.lock().clone();
        site.map(|site| site.printing().publication.catalogue.clone()).unwrap_or_default()
    }

    fn grace(&self) -> SignedDuration {
        let site = self.site.lock().clone();
        site.map(|site| site.printing().publication.grace).unwrap_or_default()
    }

    fn sections(&self) -> Vec<SectionStyle> {
        let site = self.site.lock().clone();
        site.map(|site| site.printing().publication.sections.clone()).unwrap_or_default()
    }

    fn fronts(&self) -> Vec<Front> {
        let site = self.site.lock().clone();
        site.map(|site| site.printing().publication.fronts.clone()).unwrap_or_default()
    }

    async fn set(
        &self,
        part: Steered,
        version: i32,
        text: String,
        (by, now): (AccountId, jiff::Timestamp),
    ) -> Result<Written, Refused> {
        let steering = self.steering.lock().clone().with(part, &text);
        if let Err(error) = Folder::steered(&self.root, &steering) {
            return Err(Refused::Told(format!("Nothing was changed: {error}.")));
        }
        let written = self.store.set(part.name(), version, &text, (by, now)).await;
        let written = written.map_err(Refused::failed)?;
        if matches!(written, Written::Done(_)) {
            *self.steering.lock() = steering;
            self.take_up().map_err(Refused::failed)?;
        }
        Ok(written)
    }
}

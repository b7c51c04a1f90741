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
    config::{Config, ConfigError, Steering},
    error::CliError,
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

    /// The configuration as it is steered now. A part that was set at the desk and no longer fits the file is told of
    /// and left aside, so that a publication starts in any case, with as much of what it was set to as can be.
    pub fn config(&self, from_file: Config) -> Config {
        let steering = self.steering.lock().clone();
        let error = match Folder::steered(&self.root, &steering) {
            Ok(config) => return config,
            Err(error) => error,
        };
        let told = |part: Steered, error: &ConfigError| {
            let part = part.name();
            tracing::error!(%error, part, "what was set at the desk no longer fits; masthead.toml is heard");
        };
        // Parts hold to each other, so that one may fit with another only: as many as can be stay together.
        for part in Steered::ALL {
            if let Ok(config) = Folder::steered(&self.root, &steering.clone().with(part, "")) {
                told(part, &error);
                return config;
            }
        }
        let mut best = (from_file, Steering::default());
        for part in Steered::ALL {
            let more = best.1.clone().with(part, steering.text(part));
            match Folder::steered(&self.root, &more) {
                Ok(config) => best = (config, more),
                Err(error) => told(part, &error),
            }
        }
        best.0
    }

    /// Steers this site from now on.
    pub fn steer(&self, site: &Arc<Site>) {
        *self.site.lock() = Some(Arc::clone(site));
    }

    /// Takes up the file, the theme, and what was set at the desk. A broken one is not taken up.
    pub fn take_up(&self) -> Result<(), CliError> {
        let steering = self.steering.lock().clone();
        let mut publication = Folder::steered(&self.root, &steering)?.publication;
        if let Some(address) = &self.demo_address {
            address.clone_into(&mut publication.address);
            publication.is_demo = true;
        }
        let site = self.site.lock().clone();
        let Some(site) = site else { return Ok(()) };
        site.republish(publication).map_err(|error| CliError::new(format!("theme: {error}")))
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
    let steered = store.steered().await?;
    let text = |part: Steered| steered.iter().find(|(name, _)| name == part.name());
    let all = Steered::ALL.into_iter().filter_map(|part| text(part).map(|(_, text)| (part, text)));
    Ok(all.fold(Steering::default(), |known, (part, text)| known.with(part, text)))
}

#[async_trait]
impl masthead_desk::Helm for Helm {
    fn policy(&self) -> (Policy, TeaserLength) {
        let site = self.site.lock().clone();
        match site {
            Some(site) => {
                let snapshot = site.snapshot();
                (snapshot.publication.policy.clone(), snapshot.publication.teaser)
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
        site.and_then(|site| site.snapshot().publication.experiment.clone())
    }

    fn catalogue(&self) -> Catalogue {
        let site = self.site.lock().clone();
        site.map(|site| site.snapshot().publication.catalogue.clone()).unwrap_or_default()
    }

    fn grace(&self) -> SignedDuration {
        let site = self.site.lock().clone();
        site.map(|site| site.snapshot().publication.grace).unwrap_or_default()
    }

    fn sections(&self) -> Vec<SectionStyle> {
        let site = self.site.lock().clone();
        site.map(|site| site.snapshot().publication.sections.clone()).unwrap_or_default()
    }

    fn fronts(&self) -> Vec<Front> {
        let site = self.site.lock().clone();
        site.map(|site| site.snapshot().publication.fronts.clone()).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use masthead_access::Allowance;
    use masthead_store::Location;

    use super::*;

    const PAPER: &str = "[publication]\nname = \"P\"\naddress = \"http://localhost\"\nlocale = \"en\"\nzone = \"UTC\"\n\
        [subscriptions]\ncurrency = \"EUR\"\n[[products]]\nslug = \"web\"\nname = \"Web\"\nchannels = [\"web\"]\n\
        [[prices]]\nslug = \"monthly\"\nproduct = \"web\"\namount = \"9\"\nevery = \"1 month\"\n";
    const METER: &str = "[meter]\nanonymous = \"1\"\n";
    const OFFERS: &str = "[[offers]]\nslug = \"autumn\"\nprice = \"monthly\"\nfirst = \"2\"\nlasts = \"1 month\"\nfor = \"new\"\n";
    const MESSAGES: &str = "[[messages]]\nmoment = \"meter.left\"\nplacement = \"banner\"\ntext = \"Take it\"\noffer = \"autumn\"\n";

    /// The configuration of a publication with this file, and with this set at its desk.
    async fn configured(file: &str, set: &[(Steered, &str)]) -> Config {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(Folder::config_file(folder.path()), file).expect("written");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        let store = Store::open(&location).await.expect("a database");
        for (part, text) in set {
            let by = (AccountId(1), Timestamp::UNIX_EPOCH);
            store.set(part.name(), 0, text, by).await.expect("set");
        }
        let helm = Helm::take(folder.path().to_path_buf(), None, store).await.expect("a helm");
        helm.config(Folder::config(folder.path()).expect("a file"))
    }

    #[tokio::test]
    async fn a_part_that_no_longer_fits_leaves_the_others_in_force() {
        let set =
            [(Steered::Meter, METER), (Steered::Offers, OFFERS), (Steered::Messages, MESSAGES)];
        let config = configured(PAPER, &set).await;
        assert_eq!(config.publication.catalogue.offers().len(), 1);
        assert_eq!(config.own_messages.len(), 1);
        let renamed = PAPER.replace("monthly", "every-month");
        let config = configured(&renamed, &set).await;
        assert_eq!(config.publication.policy.allowances.anonymous, Allowance::Articles(1));
        assert!(config.publication.catalogue.offers().is_empty());
        assert!(config.own_messages.is_empty(), "it names an offer that is not there");
        // What fits together only stays together, whatever else does not fit.
        let products = PAPER.split_once("[subscriptions]").expect("products").1;
        let products = format!("[subscriptions]{}", products.replace("monthly", "weekly"));
        let offers = OFFERS.replace("monthly", "weekly");
        let set = [
            (Steered::Meter, "[meter]\nanonymos = 1\n"),
            (Steered::Products, products.as_str()),
            (Steered::Offers, offers.as_str()),
        ];
        let config = configured(&format!("{PAPER}{OFFERS}"), &set).await;
        assert_eq!(config.publication.catalogue.offers()[0].price, "weekly");
        assert_eq!(config.publication.policy.allowances.anonymous, Allowance::Articles(3));
    }
}

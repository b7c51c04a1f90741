//! The settings of a running publication: the configuration file, and in its place what was set at the desk.
//!
//! The file has every setting; the database keeps the parts that were set at the desk. [`LiveConfig::reload`] reads both
//! and puts them in force. It is the only place that does, and reads what is stored while no other change of what is in
//! force can happen, so that an older setting never replaces a newer one. Every server compares what is in force with
//! what is stored, and reloads if they differ.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jiff::SignedDuration;
use masthead_access::{Experiment, Policy, message::Message};
use masthead_circulation::{AccountId, Catalogue};
use masthead_desk::{Refused, Steered};
use masthead_editorial::{Front, SectionStyle, TeaserLength};
use masthead_publication::{Live, Publication};
use masthead_store::{Store, StoreError, Written};
use parking_lot::Mutex;

use crate::{
    config::{Config, ConfigError, Steering},
    error::CliError,
    folder::Folder,
};

/// How often what is in force is compared with what is stored.
const PERIOD: Duration = Duration::from_millis(500);
/// How long to wait before settings that failed are tried again.
const RETRY: Duration = Duration::from_secs(30);

/// See the module's documentation.
pub struct LiveConfig {
    root: PathBuf,
    /// The address of the demo, whatever the file says.
    demo_address: Option<String>,
    store: Store,
    /// The settings of the desk that this server read last.
    steering: Mutex<Steering>,
    /// The settings of the desk that failed last, and when.
    failed: Mutex<Option<(u64, Instant)>>,
    live: Mutex<Option<Arc<Live>>>,
}

impl LiveConfig {
    /// The settings of the publication in the folder `root`, with what was set at its desk so far.
    pub async fn open(
        root: PathBuf,
        demo_address: Option<String>,
        store: Store,
    ) -> Result<Arc<Self>, StoreError> {
        let steering = Mutex::new(stored(&store).await?);
        let (failed, live) = (Mutex::default(), Mutex::default());
        Ok(Arc::new(Self { root, demo_address, store, steering, failed, live }))
    }

    /// The configuration as it is steered now. A part that was set at the desk and no longer fits the file is told of
    /// and left aside, so that a publication starts in any case, with as much of what it was set to as can be.
    pub fn config(&self, from_file: Config) -> Config {
        let steering = self.steering.lock().clone();
        let error = match self.load(&steering) {
            Ok(config) => return config,
            Err(error) => error,
        };
        let told = |part: Steered, error: &ConfigError| {
            let part = part.name();
            tracing::error!(%error, part, "what was set at the desk no longer fits; masthead.toml is heard");
        };
        // Parts hold to each other, so that one may fit with another only: as many as can be stay together.
        for part in Steered::ALL {
            if let Ok(config) = self.load(&steering.clone().with(part, "")) {
                told(part, &error);
                return config;
            }
        }
        let mut best = (from_file, Steering::default());
        for part in Steered::ALL {
            let more = best.1.clone().with(part, steering.text(part));
            match self.load(&more) {
                Ok(config) => best = (config, more),
                Err(error) => told(part, &error),
            }
        }
        best.0
    }

    /// Changes what is in force there from now on.
    pub fn attach(&self, live: &Arc<Live>) {
        *self.live.lock() = Some(Arc::clone(live));
    }

    /// Reads the file, the theme and what is stored, and puts them in force. If they are broken, what is in force
    /// stays.
    pub async fn reload(&self) -> Result<(), CliError> {
        let live = self.live.lock().clone();
        let Some(live) = live else { return Ok(()) };
        let mut fingerprint = 0;
        let loaded = live
            .update_settings(async |_| {
                let steering = stored(&self.store).await?;
                fingerprint = steering.fingerprint();
                let publication = self.publication(&steering)?;
                *self.steering.lock() = steering;
                Ok(publication)
            })
            .await;
        *self.failed.lock() = loaded.is_err().then(|| (fingerprint, Instant::now()));
        loaded
    }

    /// Reads the file with these parts in place of its own.
    fn load(&self, steering: &Steering) -> Result<Config, ConfigError> {
        let mut config = Folder::steered(&self.root, steering)?;
        config.publication.settings_fingerprint = steering.fingerprint();
        Ok(config)
    }

    fn publication(&self, steering: &Steering) -> Result<Publication, CliError> {
        let mut publication = self.load(steering)?.publication;
        if let Some(address) = &self.demo_address {
            address.clone_into(&mut publication.address);
            publication.is_demo = true;
        }
        Ok(publication)
    }

    /// Keeps what is in force equal to what is stored, for as long as it is awaited.
    pub async fn watch(self: Arc<Self>) {
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            // The content refresh reports a database that does not answer.
            let Ok(steering) = stored(&self.store).await else { continue };
            if self.is_due(steering.fingerprint())
                && let Err(error) = self.reload().await
            {
                tracing::error!(%error, "settings: reload failed, the last good settings stay in force");
            }
        }
    }

    /// Whether settings with this fingerprint are not in force and have not just failed.
    fn is_due(&self, stored: u64) -> bool {
        let live = self.live.lock().clone();
        let in_force = live.map(|live| live.peek().publication.settings_fingerprint);
        let failed = *self.failed.lock();
        in_force.is_some_and(|in_force| in_force != stored)
            && failed.is_none_or(|(failed, at)| failed != stored || at.elapsed() >= RETRY)
    }
}

/// Reads what was set at the desk.
async fn stored(store: &Store) -> Result<Steering, StoreError> {
    let steered = store.steered().await?;
    let text = |part: Steered| steered.iter().find(|(name, _)| name == part.name());
    let all = Steered::ALL.into_iter().filter_map(|part| text(part).map(|(_, text)| (part, text)));
    Ok(all.fold(Steering::default(), |known, (part, text)| known.with(part, text)))
}

#[async_trait]
impl masthead_desk::Helm for LiveConfig {
    fn policy(&self) -> (Policy, TeaserLength) {
        let live = self.live.lock().clone();
        match live {
            Some(live) => {
                let snapshot = live.snapshot();
                (snapshot.publication.policy.clone(), snapshot.publication.teaser)
            }
            None => (Policy::new(jiff::tz::TimeZone::UTC), TeaserLength::Paragraphs(2)),
        }
    }

    fn messages(&self) -> Result<Vec<Message>, Refused> {
        let steering = self.steering.lock().clone();
        let config = self.load(&steering).map_err(Refused::failed)?;
        Ok(config.own_messages)
    }

    fn experiment(&self) -> Option<Experiment> {
        let live = self.live.lock().clone();
        live.and_then(|live| live.snapshot().publication.experiment.clone())
    }

    fn catalogue(&self) -> Catalogue {
        let live = self.live.lock().clone();
        live.map(|live| live.snapshot().publication.catalogue.clone()).unwrap_or_default()
    }

    fn grace(&self) -> SignedDuration {
        let live = self.live.lock().clone();
        live.map(|live| live.snapshot().publication.grace).unwrap_or_default()
    }

    fn sections(&self) -> Vec<SectionStyle> {
        let live = self.live.lock().clone();
        live.map(|live| live.snapshot().publication.sections.clone()).unwrap_or_default()
    }

    fn fronts(&self) -> Vec<Front> {
        let live = self.live.lock().clone();
        live.map(|live| live.snapshot().publication.fronts.clone()).unwrap_or_default()
    }

    async fn set(
        &self,
        part: Steered,
        version: i32,
        text: String,
        (by, now): (AccountId, jiff::Timestamp),
    ) -> Result<Written, Refused> {
        let stored = stored(&self.store).await.map_err(Refused::failed)?;
        if let Err(error) = Folder::steered(&self.root, &stored.with(part, &text)) {
            return Err(Refused::Told(format!("Nothing was changed: {error}.")));
        }
        let written = self.store.set(part.name(), version, &text, (by, now)).await;
        let written = written.map_err(Refused::failed)?;
        if matches!(written, Written::Done(_)) {
            self.reload().await.map_err(Refused::failed)?;
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
        let owner = "owner@example.org".parse().expect("an address");
        let (owner, _) = store.register(&owner, Timestamp::UNIX_EPOCH).await.expect("registered");
        for (part, text) in set {
            let by = (owner.id, Timestamp::UNIX_EPOCH);
            store.set(part.name(), 0, text, by).await.expect("set");
        }
        let live_config =
            LiveConfig::open(folder.path().to_path_buf(), None, store).await.expect("settings");
        live_config.config(Folder::config(folder.path()).expect("a file"))
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

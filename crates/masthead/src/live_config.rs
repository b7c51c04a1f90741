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
use masthead_access::message::Message;
use masthead_circulation::AccountId;
use masthead_desk::ActionError;
use masthead_publication::{Live, Publication};
use masthead_settings::{DeskSettings, PartChange, SettingsPart};
use masthead_store::{Store, StoreError, Written};
use parking_lot::Mutex;

use crate::{
    config::{Config, ConfigError},
    error::CliError,
    folder::Folder,
};

/// How long to wait before settings that failed are tried again.
const RETRY: Duration = Duration::from_secs(30);

/// See the module's documentation.
pub struct LiveConfig {
    root: PathBuf,
    /// The address of the demo, whatever the file says.
    demo_address: Option<String>,
    store: Store,
    /// The settings of the desk that this server read last.
    desk: Mutex<DeskSettings>,
    /// The last reload, if it failed.
    failed: Mutex<Option<FailedReload>>,
    live: Mutex<Option<Arc<Live>>>,
}

/// A reload that failed. What was in force before it still is.
struct FailedReload {
    /// Which settings of the desk it tried; see [`DeskSettings::fingerprint`].
    fingerprint: u64,
    at: Instant,
    error: String,
}

impl LiveConfig {
    /// The settings of the publication in the folder `root`, with what was set at its desk so far.
    pub async fn open(
        root: PathBuf,
        demo_address: Option<String>,
        store: Store,
    ) -> Result<Arc<Self>, StoreError> {
        let desk = Mutex::new(stored(&store).await?);
        let (failed, live) = (Mutex::default(), Mutex::default());
        Ok(Arc::new(Self { root, demo_address, store, desk, failed, live }))
    }

    /// The configuration as it is steered now. A part that was set at the desk and no longer fits the file is told of
    /// and left aside, so that a publication starts in any case, with as much of what it was set to as can be.
    pub fn config(&self, from_file: Config) -> Config {
        let desk = self.desk.lock().clone();
        let error = match self.load(&desk) {
            Ok(config) => return config,
            Err(error) => error,
        };
        let told = |part: SettingsPart, error: &ConfigError| {
            let part = part.name();
            tracing::error!(%error, part, "settings: a part set at the desk does not fit masthead.toml, the file applies");
        };
        // Parts hold to each other, so that one may fit with another only: as many as can be stay together.
        for part in SettingsPart::all() {
            if let Ok(config) = self.load(&desk.clone().with(part, "")) {
                told(part, &error);
                return config;
            }
        }
        let mut best = (from_file, DeskSettings::default());
        for part in SettingsPart::all() {
            let more = best.1.clone().with(part, desk.text(part));
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
        let loaded: Result<(), CliError> = live
            .update_settings(async |_| {
                let desk = stored(&self.store).await?;
                fingerprint = desk.fingerprint();
                let publication = self.publication(&desk)?;
                *self.desk.lock() = desk;
                Ok(publication)
            })
            .await;
        *self.failed.lock() = loaded.as_ref().err().map(|error| FailedReload {
            fingerprint,
            at: Instant::now(),
            error: error.to_string(),
        });
        loaded
    }

    /// Reads the file with these parts in place of its own.
    fn load(&self, desk: &DeskSettings) -> Result<Config, ConfigError> {
        Folder::config_with(&self.root, desk)
    }

    fn publication(&self, desk: &DeskSettings) -> Result<Publication, CliError> {
        let mut publication = self.load(desk)?.publication;
        if let Some(address) = &self.demo_address {
            address.clone_into(&mut publication.address);
            publication.is_demo = true;
        }
        Ok(publication)
    }

    /// Compares what is in force with what is stored, and reloads if they differ.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails or the settings are broken. What is in force stays.
    pub async fn poll(&self) -> Result<(), CliError> {
        let desk = stored(&self.store).await?;
        if self.is_due(desk.fingerprint()) {
            self.reload().await?;
        }
        Ok(())
    }

    /// Whether settings with this fingerprint are not in force and have not just failed.
    fn is_due(&self, stored: u64) -> bool {
        let live = self.live.lock().clone();
        let in_force = live.map(|live| live.peek().publication.settings_fingerprint);
        let failed = self.failed.lock();
        in_force.is_some_and(|in_force| in_force != stored)
            && failed
                .as_ref()
                .is_none_or(|failed| failed.fingerprint != stored || failed.at.elapsed() >= RETRY)
    }
}

/// Reads what was set at the desk.
async fn stored(store: &Store) -> Result<DeskSettings, StoreError> {
    let steered = store.steered().await?;
    let text = |part: SettingsPart| steered.iter().find(|(name, _)| name == part.name());
    let all = SettingsPart::all().filter_map(|part| text(part).map(|(_, text)| (part, text)));
    Ok(all.fold(DeskSettings::default(), |known, (part, text)| known.with(part, text)))
}

#[async_trait]
impl masthead_desk::SettingsStore for LiveConfig {
    fn own_messages(&self) -> Result<Vec<Message>, ActionError> {
        let desk = self.desk.lock().clone();
        let config = self.load(&desk).map_err(ActionError::failed)?;
        Ok(config.own_messages)
    }

    fn reload_error(&self) -> Option<String> {
        self.failed.lock().as_ref().map(|failed| failed.error.clone())
    }

    async fn set(
        &self,
        change: &PartChange,
        version: i32,
        (by, now): (AccountId, jiff::Timestamp),
    ) -> Result<Written, ActionError> {
        let part = change.part();
        let text = change.to_toml().map_err(ActionError::failed)?;
        let stored = stored(&self.store).await.map_err(ActionError::failed)?;
        if let Err(error) = Folder::config_with(&self.root, &stored.with(part, &text)) {
            return Err(ActionError::Rejected(format!("Nothing was changed: {error}.")));
        }
        let written = self.store.set(part.name(), version, &text, (by, now)).await;
        let written = written.map_err(ActionError::failed)?;
        if matches!(written, Written::Done(_)) {
            self.reload().await.map_err(ActionError::failed)?;
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use masthead_access::Allowance;
    use masthead_settings::PartSettings;
    use masthead_store::Location;

    use super::*;

    const PAPER: &str = "[publication]\nname = \"P\"\naddress = \"http://localhost\"\nlocale = \"en\"\nzone = \"UTC\"\n\
        [subscriptions]\ncurrency = \"EUR\"\n[[products]]\nslug = \"web\"\nname = \"Web\"\nchannels = [\"web\"]\n\
        [[prices]]\nslug = \"monthly\"\nproduct = \"web\"\namount = \"9\"\nevery = \"1 month\"\n";
    const METER: &str = "[meter]\nanonymous = \"1\"\n";
    const OFFERS: &str = "[[offers]]\nslug = \"autumn\"\nprice = \"monthly\"\nfirst = \"2\"\nlasts = \"1 month\"\nfor = \"new\"\n";
    const MESSAGES: &str = "[[messages]]\nmoment = \"meter.left\"\nplacement = \"banner\"\ntext = \"Take it\"\noffer = \"autumn\"\n";

    /// The configuration of a publication with this file, and with this set at its desk.
    async fn configured(file: &str, set: &[(SettingsPart, &str)]) -> Config {
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
        let set = [
            (SettingsPart::Meter, METER),
            (SettingsPart::Offers, OFFERS),
            (SettingsPart::Messages, MESSAGES),
        ];
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
            (SettingsPart::Meter, "[meter]\nanonymos = 1\n"),
            (SettingsPart::Products, products.as_str()),
            (SettingsPart::Offers, offers.as_str()),
        ];
        let config = configured(&format!("{PAPER}{OFFERS}"), &set).await;
        assert_eq!(config.publication.catalogue.offers()[0].price, "weekly");
        assert_eq!(config.publication.policy.allowances.anonymous, Allowance::Articles(3));
    }

    /// A server of the publication in `root`.
    async fn server(root: &std::path::Path, store: &Store) -> (Arc<LiveConfig>, Arc<Live>) {
        let settings = LiveConfig::open(root.to_path_buf(), None, store.clone());
        let settings = settings.await.expect("settings");
        let config = settings.config(Folder::config(root).expect("a file"));
        let clock = Arc::new(Timestamp::now);
        let live = Live::open(config.publication, store.clone(), None, 1 << 20, clock).await;
        let live = live.expect("live");
        settings.attach(&live);
        (settings, live)
    }

    fn anonymous(live: &Live) -> Allowance {
        live.peek().publication.policy.allowances.anonymous
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_setting_is_in_force_on_every_server_while_content_is_published() {
        const SAVES: u32 = 200;
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(Folder::config_file(folder.path()), PAPER).expect("written");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        let store = Store::open(&location).await.expect("a database");
        let owner = "owner@example.org".parse().expect("an address");
        let (owner, _) = store.register(&owner, Timestamp::UNIX_EPOCH).await.expect("registered");
        let (first, second) =
            (server(folder.path(), &store).await, server(folder.path(), &store).await);
        let polled = Arc::clone(&second.0);
        let watcher = tokio::spawn(async move {
            loop {
                polled.poll().await.expect("polled");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        let (publishing, content) = (store.clone(), [first.1.clone(), second.1.clone()]);
        let publisher = tokio::spawn(async move {
            for number in 0.. {
                let slug = format!("n{number}");
                let piece = masthead_editorial::Piece { slug, ..sample() };
                publishing.save(&piece).await.expect("saved");
                for live in &content {
                    live.refresh().await.expect("refreshed");
                }
            }
        });
        for save in 0..SAVES {
            let allowance = save % 40;
            let text = format!("[meter]\nanonymous = \"{allowance}\"\n");
            let meter = PartSettings::from_toml(SettingsPart::Meter, &text).expect("a meter");
            let when = (owner.id, Timestamp::UNIX_EPOCH);
            let version = i32::try_from(save).expect("a version");
            let written =
                masthead_desk::SettingsStore::set(&*first.0, &meter.into(), version, when).await;
            assert!(matches!(written, Ok(Written::Done(_))), "{written:?}");
            assert_eq!(anonymous(&first.1), Allowance::Articles(allowance));
        }
        let last = Allowance::Articles((SAVES - 1) % 40);
        for _ in 0..100 {
            if anonymous(&second.1) == last {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!((anonymous(&first.1), anonymous(&second.1)), (last, last));
        publisher.abort();
        watcher.abort();
    }

    fn sample() -> masthead_editorial::Piece {
        masthead_editorial::Piece {
            slug: String::new(),
            kind: masthead_editorial::Kind::Article("article".into()),
            status: masthead_editorial::Status::Published,
            section: None,
            kicker: String::new(),
            headline: "Headline".into(),
            deck: String::new(),
            authors: Vec::new(),
            dateline: String::new(),
            picture: None,
            body: "<p>Text.</p>".into(),
            topics: Vec::new(),
            tier: None,
            sponsor: None,
            published: Some(Timestamp::UNIX_EPOCH),
            updated: None,
            corrections: Vec::new(),
            canonical: None,
            language: None,
            former_addresses: Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_broken_file_leaves_the_last_good_settings_in_force_and_is_reported() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = Folder::config_file(folder.path());
        std::fs::write(&file, PAPER).expect("written");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        let store = Store::open(&location).await.expect("a database");
        let root = folder.path().to_path_buf();
        let settings = LiveConfig::open(root, None, store.clone()).await.expect("settings");
        let publication = Folder::config(folder.path()).expect("a file").publication;
        let clock = Arc::new(Timestamp::now);
        let live =
            Live::open(publication, store, None, 1 << 20, clock).await.expect("a live state");
        settings.attach(&live);
        let error = || masthead_desk::SettingsStore::reload_error(&*settings);
        let name = || live.snapshot().publication.name.clone();

        std::fs::write(&file, PAPER.replace("name = \"P\"", "nam = \"Q\"")).expect("written");
        assert!(settings.reload().await.is_err());
        assert_eq!(name(), "P");
        let told = error().expect("an error");
        assert!(told.contains("line 2, column 1") && told.contains("did you mean"), "{told}");

        std::fs::write(&file, PAPER.replace("name = \"P\"", "name = \"Q\"")).expect("written");
        settings.reload().await.expect("reloaded");
        assert_eq!((name().as_str(), error()), ("Q", None));
    }
}

//! Settings of the file and the desk, on several servers and both databases.

mod fitting;
mod servers;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use masthead_access::Allowance;
use masthead_circulation::AccountId;
use masthead_settings::{PartChange, PartSettings, SettingsPart};
use masthead_store::{Location, SettingAuthor};
use tempfile::TempDir;

use super::*;
use crate::Publication;

const PAPER: &str = "[publication]\nname = \"P\"\naddress = \"http://localhost\"\nlocale = \"en\"\nzone = \"UTC\"\n\
    [subscriptions]\ncurrency = \"EUR\"\n[[products]]\nslug = \"web\"\nname = \"Web\"\nchannels = [\"web\"]\n\
    [[prices]]\nslug = \"monthly\"\nproduct = \"web\"\namount = \"9\"\nevery = \"1 month\"\n";
const METER: &str = "[meter]\nanonymous = \"1\"\n";
const OFFERS: &str = "[[offers]]\nslug = \"autumn\"\nprice = \"monthly\"\nfirst = \"2\"\nlasts = \"1 month\"\nfor = \"new\"\n";
const MESSAGES: &str = "[[messages]]\nmoment = \"meter.left\"\nplacement = \"banner\"\ntext = \"Take it\"\noffer = \"autumn\"\n";

/// A publication's folder and database, and an owner.
struct Paper {
    folder: TempDir,
    store: Store,
    owner: AccountId,
}

/// One server of it.
struct Server {
    settings: Arc<LiveSettings>,
    live: Arc<Live>,
}

impl Paper {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        Self::at(folder, &location).await
    }

    /// One on each database.
    async fn on_both() -> [Self; 2] {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Postgres(masthead_test_support::postgres::database());
        [Self::new().await, Self::at(folder, &location).await]
    }

    async fn at(folder: TempDir, location: &Location) -> Self {
        let store = Store::open(location).await.expect("a database");
        let owner = "owner@example.org".parse().expect("an address");
        let (owner, _) = store.register(&owner, Timestamp::UNIX_EPOCH).await.expect("registered");
        let paper = Self { folder, store, owner: owner.id };
        paper.write("masthead.toml", PAPER);
        paper
    }

    fn author(&self) -> SettingAuthor {
        SettingAuthor { by: self.owner, at: Timestamp::UNIX_EPOCH }
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(path, text).expect("written");
    }

    /// Stores parts as they are, without a check.
    async fn store(&self, parts: &[(SettingsPart, &str)]) {
        for (part, text) in parts {
            let checked = self.store.stored_settings().await.expect("read");
            let version = checked.version(part.name());
            let author = self.author();
            let set = self.store.set(&checked, part.name(), version, text, author, &[]).await;
            assert_eq!(set.expect("stored"), masthead_store::SettingWrite::Done);
        }
    }

    fn source(&self) -> SettingsSource {
        let path = |name: &str| -> PathBuf { Path::join(self.folder.path(), name) };
        SettingsSource {
            file: path("masthead.toml"),
            theme: Some(path("theme")),
            demo_address: None,
            sales: crate::Sales::Open,
        }
    }

    async fn start(&self) -> Server {
        let clock: Clock = Arc::new(Timestamp::now);
        let store = self.store.clone();
        let (settings, start) =
            LiveSettings::open(self.source(), store.clone(), Arc::clone(&clock))
                .await
                .expect("settings");
        let live = Live::open(start, store, 1 << 20, clock).await;
        let live = live.expect("live");
        settings.attach(&live);
        Server { settings, live }
    }

    async fn save(
        &self,
        server: &Server,
        part: SettingsPart,
        text: &str,
        version: i32,
    ) -> Result<(), SaveError> {
        let content = PartSettings::from_toml(part, text).expect("a part");
        let author = self.author();
        server.settings.save(&PartChange::Set(content), version, author).await
    }
}

impl Server {
    fn publication(&self) -> Arc<Publication> {
        Arc::clone(&self.live.peek().publication)
    }

    fn anonymous(&self) -> Allowance {
        self.publication().policy.allowances.anonymous
    }
}

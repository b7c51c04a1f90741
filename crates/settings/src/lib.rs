//! Everything a publisher sets: the same types read and write `masthead.toml` and what the desk stores in the database.
//!
//! | module | content |
//! | --- | --- |
//! | [`publisher`] | the whole file, and its entries checked against each other |
//! | [`desk`] | the parts that were set at the desk, and how they replace those of the file |
//! | [`publication`], [`appearance`], [`meter`], [`sections`], [`menus`], [`topics`], [`fronts`], [`strips`], [`sales`], `messages`, [`experiment`], [`breaking`], [`retention`], [`backups`] | one table each, with its conversions to and from the domain |
//! | [`services`], [`tls`] | the server, and the services the publication works with |
//! | [`duration`], [`secret`] | values that several tables use |
//! | [`renamed`] | keys whose former names are accepted |
//! | [`error`] | why settings are refused, and where |
//!
//! Every type rejects unknown keys, so a key is never dropped by reading and writing. What a type writes, it reads back
//! as the same value; `tests/round_trip.rs` checks this for every table.
//!
//! To add a key: add the field with its default to its table, read and write it in the table's conversions (the compiler
//! names them), and explain it in the guide's chapter on the configuration.
//!
//! Pure: no I/O and no clock.

#![warn(missing_docs)]

mod addresses;
pub mod appearance;
pub mod backups;
pub mod breaking;
pub mod desk;
pub mod duration;
pub mod environment;
pub mod error;
pub mod experiment;
mod explain;
pub mod fronts;
pub mod listen_address;
pub mod menus;
mod messages;
pub mod meter;
pub mod part;
pub mod publication;
pub mod publisher;
pub mod renamed;
pub mod retention;
pub mod sales;
pub mod secret;
pub mod sections;
pub mod services;
pub mod strips;
pub mod tls;
pub mod topics;
mod unprintable;
mod values;

pub use appearance::{AppearancePart, AppearanceSettings};
pub use backups::{BackupInterval, BackupSettings, BackupsPart};
pub use breaking::{BreakingPart, BreakingSettings};
pub use desk::{DeskSettings, DeskVersions};
pub use environment::SecretError;
pub use error::{InvalidSetting, Location, Position, SettingsError, TextError};
pub use experiment::{ExperimentPart, ExperimentSettings};
pub use fronts::{FrontSettings, FrontsPart};
pub use menus::{FooterGroupSettings, MenuLinkSettings, MenusPart, MenusSettings};
pub use messages::{ActionSettings, MessageSettings, MessagesPart};
pub use meter::{CrawlerSettings, CrawlersMayRead, MeterPart, MeterSettings, RuleSettings};
pub use part::{PartChange, PartSettings, SettingsPart};
pub use publication::{IdentitySettings, PublicationPart, PublicationSettings};
pub use publisher::{CheckedSettings, PublisherSettings};
pub use renamed::{RenamedKey, renamed_keys};
pub use retention::{RetentionPart, RetentionSettings};
pub use sales::{
    AudienceKind, OfferSettings, OffersPart, PriceSettings, ProductSettings, ProductsPart,
    SubscriptionsSettings,
};
pub use secret::SecretText;
pub use sections::{SectionSettings, SectionsPart};
pub use services::{
    AccessLogFormat, LogFormat, MailSettings, OpenidSettings, PaymentsSettings, PicturesSettings,
    SellerPart, SellerSettings, ServerSettings,
};
pub use strips::StripSettings;
pub use tls::TlsSettings;
pub use topics::TopicSettings;

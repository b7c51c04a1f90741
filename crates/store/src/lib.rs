//! The database: one set of queries and migrations for SQLite and PostgreSQL.
//!
//! Nothing else speaks SQL. Every write to what is published bumps the publication's *revision* and stamps it on the rows
//! it touches, so that a server keeps its picture of what is published by asking, a few times a
//! second, for what came after the revision it knows.
//!
//! To add a table: write a migration in `migrations`, a record in `records`, and methods on [`Store`]
//! in a module of their own; then test them in `tests/conformance`, which runs on both engines.

#![warn(missing_docs)]

mod account_changes;
mod account_reads;
mod account_traces;
mod accounts;
mod activation;
mod address_changes;
mod address_digests;
mod apps;
mod article_imports;
mod attribution;
mod audience;
mod audit_log;
mod authors;
mod backups;
mod breaker;
mod challenges;
mod change_feed;
mod charges;
mod checkouts;
mod comments;
mod connection;
mod deleted_addresses;
mod deliveries;
mod desk_jobs;
mod disputes;
mod durable;
mod error;
mod factor_changes;
mod follows;
mod former_readers;
mod health;
mod identities;
mod ids;
mod inspection;
mod introductions;
mod kept_forms;
mod key_fingerprints;
mod known_devices;
mod known_names;
mod like;
mod limited_lists;
mod live_coverage;
mod location;
mod lock_wait;
mod measurements;
mod migrations;
mod notifications;
mod outbox;
mod owners;
mod passkeys;
mod payments;
mod pictures;
mod piece_rows;
mod pieces;
mod queues;
mod rate_limits;
mod reader_imports;
mod readers;
mod reading_history;
mod reconciliations;
mod records;
mod redirects;
mod refunds;
mod renaming;
mod retention;
mod retirement;
mod saved_articles;
mod saved_filters;
mod sealer;
mod second_factors;
mod sections;
mod served;
mod sessions;
mod settings;
mod sign_in;
mod staff;
mod stories;
mod subscriptions;
mod suitability;
mod task_runs;
mod topics;
pub mod transfer;
mod upgrade;
mod usability;
mod usage;
mod waiting;
mod webhooks;

pub use account_changes::{AccountChanged, Read as AccountChangesCursor};
pub use account_traces::{AccountOrder, AccountTraces, PendingRequest};
pub use accounts::{AccountProfile, AddressChangeResult};
pub use article_imports::{
    ArticleImport, ArticleImportJob, ArticleImportPart, ArticleImportReport, ArticleImportStage,
    ImportPictureCounts, MAX_STORED_ARCHIVES, NeededPicture, NewArticleImport,
};
pub use attribution::Attribution;
pub use audience::{ArticleCounts, ArticleSources, Days};
pub use audit_log::{AuditPerson, AuditQuery, AuditRelation, changes_between};
pub use authors::{AuthorRecord, AuthorWrite};
pub use backups::{
    BackupClaim, BackupCounts, BackupState, DiscardedFile, FinishedBackup, NewBackup, StoredBackup,
};
pub use change_feed::{ChangeFeed, Topic};
pub use charges::{ChargeStart, LoggedCharge, PlannedCharge};
pub use checkouts::CheckoutStart;
pub use comments::{Comment, CommentThread, CommentWritten, NewComment};
pub use connection::Store;
pub use desk_jobs::{DeskJob, JobEnd, JobEntry, JobProgress};
pub use disputes::DisputeQuestion;
pub use error::StoreError;
pub use factor_changes::FactorChange;
pub use follows::Following;
pub use health::DatabaseHealth;
pub use identities::Identity;
pub use ids::{LivePostNumber, RevisionNumber, ThreadNumber};
pub use kept_forms::KeptForm;
pub use key_fingerprints::KeyAgreement;
pub use known_devices::DeviceHistory;
pub use limited_lists::KeptLists;
pub use live_coverage::{
    CoverageChange, LiveAuthor, LiveCoverage, LivePost, LivePostChange, MAX_LIVE_POSTS, NewLivePost,
};
pub use location::Location;
pub use measurements::Measurements;
pub use notifications::{
    FiguresRecipient, FiguresWeek, Notification, NotificationCursor, ReadNotifications, StaffEmail,
    StaffSettings,
};
pub use outbox::{
    BounceOutcome, BouncedEmail, Claim, DeliveryResult, Email, EmailBody, EmailBodyError, EmailId,
    EmailQuery, EmailState, EndingEmailRequest, OutboxEntry, RequestedEmail,
};
pub use payments::{AppliedPayment, InvoiceRecipient, PendingRefund};
pub use pictures::{
    FileWrite, LibraryPicture, NewPicture, PictureCrop, PictureCursor, PictureFacts, PictureFile,
    PicturePage, PictureQuery, PictureWrite, Replacement,
};
pub use pieces::{Saved, StoredPiece, UnfinishedPage};
pub use rate_limits::RateLimit;
pub use reader_imports::{
    ImportCounts, ImportLine, ImportRemark, ImportResult, ImportStart, ImportedLine,
    NewReaderImport, ReaderImport, ReaderImportPart,
};
pub use readers::{
    AddedReader, LabelChange, LabelPart, LabelledPart, ReaderAddition, ReaderConversion,
    ReaderEntry, ReaderNote, ReaderOrder, ReaderQuery, ReaderSelection, SubscriberAddition,
};
pub use reconciliations::ReconciliationReport;
pub use redirects::{
    MAX_FOLLOWING, MAX_REDIRECTS, RedirectFault, RedirectImport, RedirectUpdate, RedirectWrite,
    StoredRedirect,
};
pub use refunds::{
    ListedRefunds, RECENT_REFUND, RefundElsewhere, RefundStart, RefusedRefund, SettledRefund,
};
pub use renaming::{RENAMING, Renaming, RenamingPart, RetiredName, RetiredNames};
pub use retention::{MAX_COUNTED, PrunableRows, Retention};
pub use saved_articles::ListedArticle;
pub use saved_filters::{FilterAddition, SavedFilter};
pub use second_factors::Authenticator;
pub use sessions::{IdentitySignIn, PasskeyUse, SessionProof};
pub use settings::{Setting, SettingAuthor, SettingWrite, StoredPart, StoredSettings};
pub use staff::{Appointed, Joined, NewStaff};
pub use stories::{
    Assigned, Deleted, LastSave, PlannedStories, Rescheduled, ReturnNote, Revision, Story,
    StoryChange, StoryCursor, StoryEntry, StoryFilter, StoryOrder, StoryPage, StoryQuery,
    SubmissionWithdrawal, Written,
};
pub use subscriptions::{
    EndingResult, LastRenewal, NewSubscription, NewWithdrawal, PaidSpans, PriceChanges,
    SubscriptionChange, WithdrawnPayment,
};
pub use task_runs::FIND_PICTURES;
pub use topics::{SeenTopic, TopicRecord, TopicWrite};
pub use upgrade::{Prepared, Upgrading};

/// An instant from the seconds in which it is stored.
fn time(seconds: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(seconds).unwrap_or_default()
}

/// Parses a stored word. `what` names it in the error, such as "the role".
fn parse_stored<T: std::str::FromStr>(what: &str, word: &str) -> Result<T, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable(format_args!("{what} \"{word}\"")))
}

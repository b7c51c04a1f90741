//! The desk's audit log: every change that staff make, or somebody on the command line.
//!
//! To add an action: add a variant to [`AuditAction`]; the compiler asks for its kind, and at the desk for its words.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use crate::{
    AccountId,
    staff::{DoneBy, Role},
};

/// What an entry of the audit log is about.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum AuditKind {
    /// Articles, pages, authors and pictures.
    Content,
    /// Parts of the settings.
    Settings,
    /// Staff, their roles and their second factors.
    Staff,
    /// Readers, their subscriptions and their payments.
    Readers,
    /// Exports, and what is done to the whole publication.
    Operations,
}

impl AuditKind {
    /// Returns every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The name as stored in the database and used in addresses.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What was done.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum AuditAction {
    /// An article was begun.
    BeganArticle,
    /// A draft was saved. Saves by one person within some minutes share one entry, as they share one revision.
    SavedDraft,
    /// A draft that conflicted with another was kept beside it.
    KeptCopy,
    /// A draft was sent to an editor.
    SentToReview,
    /// An editor has begun to review a draft.
    BeganReview,
    /// A writer took back a draft that no editor had begun to review.
    WithdrewSubmission,
    /// A draft was returned to its writer, or restored from the archive.
    ReturnedDraft,
    /// An earlier revision was restored.
    RestoredRevision,
    /// The changes that readers do not have were discarded.
    DiscardedDraft,
    /// A draft was deleted in which nothing had been written.
    DeletedDraft,
    /// An article was archived.
    #[strum(serialize = "spiked-article")]
    ArchivedArticle,
    /// An article was published.
    PublishedArticle,
    /// A published article was changed.
    CorrectedArticle,
    /// An article was scheduled.
    ScheduledArticle,
    /// An article was withdrawn.
    WithdrewArticle,
    /// An article was assigned to other people, or its deadline was changed.
    AssignedArticle,
    /// A draft came from the command line.
    StoredDraft,
    /// The page of an author was stored.
    SavedAuthor,
    /// The articles of an author were given to another.
    MergedAuthors,
    /// An author was deleted whom no article names.
    DeletedAuthor,
    /// A topic was described or renamed.
    ChangedTopic,
    /// The articles on a topic were given to another.
    MergedTopics,
    /// Articles were imported.
    ImportedArticles,
    /// The import of an archive was started.
    StartedArticleImport,
    /// The check or the import of an archive was stopped.
    StoppedArticleImport,
    /// The check or the import of an archive was resumed after it had stopped.
    ResumedArticleImport,
    /// An archive was deleted before it was imported.
    DeletedArchive,
    /// A picture was uploaded.
    UploadedPicture,
    /// What is noted about a picture was changed.
    ChangedPicture,
    /// Pages show another file in place of a picture.
    ReplacedPicture,
    /// The parts of a picture that are shown in some places were chosen.
    CroppedPicture,
    /// Readers no longer get a former file of a picture.
    WithheldPictureFile,
    /// Readers get a former file of a picture again.
    ReleasedPictureFile,
    /// Somebody has commented on an article, or replied to a comment.
    Commented,
    /// Comments on an article were resolved.
    ResolvedComments,
    /// Comments on an article were reopened.
    ReopenedComments,
    /// Live coverage was started, or continued.
    StartedCoverage,
    /// Live coverage was ended.
    EndedCoverage,
    /// A post of live coverage was published.
    PublishedLivePost,
    /// A post of live coverage was corrected.
    CorrectedLivePost,
    /// A post of live coverage was pinned.
    PinnedLivePost,
    /// A post of live coverage was unpinned.
    UnpinnedLivePost,
    /// A post of live coverage was removed.
    RemovedLivePost,
    /// A part of the settings was changed.
    ChangedSettings,
    /// A part of the settings was left to the file again.
    LeftSettingsToFile,
    /// Redirects were added, changed or deleted.
    ChangedRedirects,
    /// Somebody was invited.
    Invited,
    /// A link was made with which the first person who follows it joins.
    MadeLink,
    /// Somebody accepted an invitation.
    Joined,
    /// An invitation was withdrawn.
    Withdrew,
    /// Somebody was given a role.
    Appointed,
    /// Somebody was removed from the staff.
    Dismissed,
    /// A member of the staff deleted their account.
    Left,
    /// A role was made to need a second factor.
    RequiredFactor,
    /// A role needs no second factor any more.
    WaivedFactor,
    /// Somebody had their second factors removed.
    RemovedFactors,
    /// A member of the staff set up an authenticator app.
    AddedAuthenticator,
    /// A member of the staff removed their authenticator app.
    RemovedAuthenticator,
    /// A member of the staff made new recovery codes.
    RenewedRecoveryCodes,
    /// A member of the staff added a passkey.
    AddedPasskey,
    /// A member of the staff removed a passkey.
    RemovedPasskey,
    /// A member of the staff changed the address of their account.
    ChangedAddress,
    /// A member of the staff changed their name.
    ChangedName,
    /// A member of the staff signed in with an account elsewhere for the first time.
    LinkedIdentity,
    /// A member of the staff removed an account elsewhere, so that it signs in no more.
    RemovedIdentity,
    /// A reader's meter was reset.
    ResetMeter,
    /// A subscription was begun, or changed.
    ChangedSubscription,
    /// A refund was asked for.
    AskedRefund,
    /// A payment that waited for a decision was kept.
    KeptPayment,
    /// A reader was added.
    AddedReader,
    /// A label was added to a reader, or removed.
    LabelledReader,
    /// A label was added to many readers, or removed.
    LabelledReaders,
    /// Many complimentary subscriptions were extended at once. Each of them has an entry of its own.
    ExtendedSubscriptions,
    /// A note about a reader was added or deleted.
    ChangedNote,
    /// The import of a file of readers was started.
    ImportedReaders,
    /// The import of a file of readers was stopped.
    StoppedReaderImport,
    /// The import of a file of readers was resumed after it had stopped.
    ResumedReaderImport,
    /// A file of readers was deleted before it was imported.
    DeletedReaderFile,
    /// A reader's account was deleted for them.
    DeletedAccount,
    /// Data was exported.
    Exported,
    /// A backup was asked for.
    RequestedBackup,
    /// The file of a backup was deleted.
    DeletedBackup,
    /// Everyone was signed out.
    EndedSessions,
    /// A member of the staff was signed out by another.
    EndedSessionsOf,
    /// Emails that wait were made due.
    RetriedEmails,
    /// A member of the staff sent a test email to themselves.
    SentTestEmail,
    /// A member of the staff checked the payment processor.
    CheckedProcessor,
    /// A restored copy was made the publication.
    ActivatedCopy,
}

impl AuditAction {
    /// Returns every action.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns what it is about.
    pub fn kind(self) -> AuditKind {
        match self {
            Self::BeganArticle
            | Self::SavedDraft
            | Self::KeptCopy
            | Self::SentToReview
            | Self::BeganReview
            | Self::WithdrewSubmission
            | Self::ReturnedDraft
            | Self::RestoredRevision
            | Self::DiscardedDraft
            | Self::DeletedDraft
            | Self::ArchivedArticle
            | Self::PublishedArticle
            | Self::CorrectedArticle
            | Self::ScheduledArticle
            | Self::WithdrewArticle
            | Self::AssignedArticle
            | Self::StoredDraft
            | Self::SavedAuthor
            | Self::MergedAuthors
            | Self::DeletedAuthor
            | Self::ChangedTopic
            | Self::MergedTopics
            | Self::ImportedArticles
            | Self::StartedArticleImport
            | Self::StoppedArticleImport
            | Self::ResumedArticleImport
            | Self::DeletedArchive
            | Self::UploadedPicture
            | Self::ChangedPicture
            | Self::ReplacedPicture
            | Self::CroppedPicture
            | Self::WithheldPictureFile
            | Self::ReleasedPictureFile
            | Self::Commented
            | Self::ResolvedComments
            | Self::ReopenedComments
            | Self::StartedCoverage
            | Self::EndedCoverage
            | Self::PublishedLivePost
            | Self::CorrectedLivePost
            | Self::PinnedLivePost
            | Self::UnpinnedLivePost
            | Self::RemovedLivePost => AuditKind::Content,
            Self::ChangedSettings | Self::LeftSettingsToFile | Self::ChangedRedirects => {
                AuditKind::Settings
            }
            Self::Invited
            | Self::MadeLink
            | Self::Joined
            | Self::Withdrew
            | Self::Appointed
            | Self::Dismissed
            | Self::Left
            | Self::RequiredFactor
            | Self::WaivedFactor
            | Self::RemovedFactors
            | Self::AddedAuthenticator
            | Self::RemovedAuthenticator
            | Self::RenewedRecoveryCodes
            | Self::AddedPasskey
            | Self::RemovedPasskey
            | Self::ChangedAddress
            | Self::ChangedName
            | Self::LinkedIdentity
            | Self::RemovedIdentity
            | Self::EndedSessionsOf => AuditKind::Staff,
            Self::ResetMeter
            | Self::ChangedSubscription
            | Self::AskedRefund
            | Self::KeptPayment
            | Self::AddedReader
            | Self::LabelledReader
            | Self::LabelledReaders
            | Self::ExtendedSubscriptions
            | Self::ChangedNote
            | Self::ImportedReaders
            | Self::StoppedReaderImport
            | Self::ResumedReaderImport
            | Self::DeletedReaderFile
            | Self::DeletedAccount => AuditKind::Readers,
            Self::Exported
            | Self::RequestedBackup
            | Self::DeletedBackup
            | Self::EndedSessions
            | Self::RetriedEmails
            | Self::SentTestEmail
            | Self::CheckedProcessor
            | Self::ActivatedCopy => AuditKind::Operations,
        }
    }
}

/// One value that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditChange {
    /// The name of the value, such as `meter.anonymous`.
    pub key: String,
    /// The value before. `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The value after. `None` if there is none any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl AuditChange {
    /// A value that was changed from one to another; an empty one is none. Returns `None` if both are the same.
    pub fn between(key: &str, before: &str, after: &str) -> Option<Self> {
        let value = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (key, before, after) = (key.to_owned(), value(before), value(after));
        (before != after).then_some(Self { key, before, after })
    }

    /// A fact about what was done, which had no value before.
    pub fn fact(key: &str, value: impl fmt::Display) -> Self {
        Self { key: key.to_owned(), before: None, after: Some(value.to_string()) }
    }
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskAuditEntry {
    /// Its number. Later entries have higher ones.
    pub number: i32,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub by: DoneBy,
    /// Their name at that time, or their address if they had none. It outlives their account. Empty for the command line.
    pub name: String,
    /// What was done.
    pub action: AuditAction,
    /// The role that was given, taken or changed.
    pub role: Option<Role>,
    /// The person, article or part concerned. Empty if there is none, or once a reader's account is deleted.
    pub about: String,
    /// The account of the person concerned.
    pub account: Option<AccountId>,
    /// The article concerned.
    pub article: Option<masthead_access::ArticleId>,
    /// The reason, for actions that require one. May be empty.
    pub reason: String,
    /// The values that were changed.
    pub changes: Vec<AuditChange>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_words_are_stable() {
        let kinds: Vec<&str> = AuditKind::all().map(AuditKind::name).collect();
        assert_eq!(kinds, ["content", "settings", "staff", "readers", "operations"]);
        let stored = [
            ("invited", AuditAction::Invited),
            ("joined", AuditAction::Joined),
            ("withdrew", AuditAction::Withdrew),
            ("appointed", AuditAction::Appointed),
            ("dismissed", AuditAction::Dismissed),
            ("required-factor", AuditAction::RequiredFactor),
            ("waived-factor", AuditAction::WaivedFactor),
            ("removed-factors", AuditAction::RemovedFactors),
            ("reset-meter", AuditAction::ResetMeter),
            ("saved-draft", AuditAction::SavedDraft),
            ("published-article", AuditAction::PublishedArticle),
            ("changed-settings", AuditAction::ChangedSettings),
        ];
        for (word, action) in stored {
            assert_eq!(action.name(), word);
        }
        for action in AuditAction::all() {
            assert_eq!(action.name().parse(), Ok(action));
        }
    }

    #[test]
    fn a_value_that_stays_the_same_is_no_change() {
        assert_eq!(AuditChange::between("name", "Ada", "Ada"), None);
        let removed = AuditChange::between("name", "Ada", "").expect("a change");
        assert_eq!((removed.before.as_deref(), removed.after), (Some("Ada"), None));
    }
}

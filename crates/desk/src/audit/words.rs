//! Entries of the audit log in words.

use masthead_circulation::{AuditAction, AuditKind, DeskAuditEntry, staff::DoneBy};
use masthead_editorial::draft::WorkflowState;

use crate::{people::roles::role_name, words::DeskWords};

/// Who did something.
pub(crate) fn actor(entry: &DeskAuditEntry, words: DeskWords) -> String {
    match entry.by {
        DoneBy::Server => words.text("audit_server").to_owned(),
        DoneBy::Account(_) | DoneBy::Deleted if entry.name.is_empty() => {
            words.text("former_colleague").to_owned()
        }
        DoneBy::Account(_) | DoneBy::Deleted => entry.name.clone(),
    }
}

/// What was done, in a sentence.
pub(crate) fn sentence(entry: &DeskAuditEntry, words: DeskWords) -> String {
    let role = entry.role.map_or("", |role| role_name(words, role));
    words.fill(
        sentence_word(entry),
        &[("by", &actor(entry, words)), ("about", &about(entry, words)), ("role", &role)],
    )
}

/// What an entry is about.
fn about(entry: &DeskAuditEntry, words: DeskWords) -> String {
    let about = entry.about.as_str();
    let is_article = entry.action.kind() == AuditKind::Content
        && !matches!(
            entry.action,
            AuditAction::UploadedPicture
                | AuditAction::ChangedPicture
                | AuditAction::ReplacedPicture
                | AuditAction::CroppedPicture
                | AuditAction::WithheldPictureFile
                | AuditAction::ReleasedPictureFile
                | AuditAction::SavedAuthor
                | AuditAction::MergedAuthors
                | AuditAction::DeletedAuthor
                | AuditAction::ChangedTopic
                | AuditAction::MergedTopics
        );
    if is_article && !about.is_empty() {
        return words.fill("audit_headline", &[("headline", &about)]);
    }
    let named = match (entry.action, entry.action.kind()) {
        _ if is_article => words.text("audit_no_headline"),
        (_, AuditKind::Settings) => part_label(about, words),
        (AuditAction::Exported, _) => export_label(about, words),
        _ if about.is_empty() => words.text("audit_deleted_account"),
        _ => about,
    };
    named.to_owned()
}

/// The label of a part of the settings.
fn part_label(name: &str, words: DeskWords) -> &str {
    words.text(match name {
        "meter" => "nav_meter",
        "sections" => "nav_sections",
        "fronts" => "nav_fronts",
        "products" => "nav_products",
        "offers" => "nav_offers",
        "messages" => "nav_messages",
        "experiment" => "nav_experiments",
        "breaking" => "nav_breaking",
        "appearance" => "nav_appearance",
        "menus" => "nav_menus",
        "retention" => "nav_retention",
        "backups" => "nav_backups",
        "seller" => "nav_seller",
        "publication" => "nav_publication",
        _ => return name,
    })
}

/// The label of what was exported. Entries of earlier versions have it in English.
fn export_label(name: &str, words: DeskWords) -> &str {
    words.text(match name {
        "figures" => "nav_figures",
        "audit-log" | "the audit log" => "nav_audit",
        "reader-data" | "the data of a reader" => "audit_export_reader",
        "all readers" => "nav_readers",
        "all subscriptions" => "audit_export_subscriptions",
        "all payments" => "audit_export_payments",
        "all articles" => "nav_articles",
        "redirects" => "redirects_title",
        "reader-import" => "audit_export_import",
        "article-import" => "audit_export_article_import",
        "backup" => "audit_export_backup",
        _ => return name,
    })
}

/// The name of the sentence about an entry.
fn sentence_word(entry: &DeskAuditEntry) -> &'static str {
    match entry.action {
        AuditAction::BeganArticle => "audit_began_article",
        AuditAction::SavedDraft => "audit_saved_draft",
        AuditAction::KeptCopy => "audit_kept_copy",
        AuditAction::SentToReview => "audit_submitted",
        AuditAction::BeganReview => "audit_began_review",
        AuditAction::WithdrewSubmission => "audit_withdrew_submission",
        AuditAction::ReturnedDraft if was_archived(entry) => "audit_restored_article",
        AuditAction::ReturnedDraft => "audit_returned",
        AuditAction::RestoredRevision => "audit_restored_version",
        AuditAction::DiscardedDraft => "audit_discarded",
        AuditAction::DeletedDraft => "audit_deleted_draft",
        AuditAction::ArchivedArticle => "audit_archived",
        AuditAction::PublishedArticle => "audit_published",
        AuditAction::CorrectedArticle => "audit_published_changes",
        AuditAction::ScheduledArticle => "audit_scheduled",
        AuditAction::WithdrewArticle => "audit_unpublished",
        AuditAction::AssignedArticle => "audit_assigned",
        AuditAction::StoredDraft => "audit_stored_draft",
        AuditAction::SavedAuthor => "audit_saved_author",
        AuditAction::MergedAuthors => "audit_merged_authors",
        AuditAction::DeletedAuthor => "audit_deleted_author",
        AuditAction::ChangedTopic => "audit_changed_topic",
        AuditAction::MergedTopics => "audit_merged_topics",
        AuditAction::ImportedArticles => "audit_imported_articles",
        AuditAction::StartedArticleImport => "audit_started_article_import",
        AuditAction::StoppedArticleImport => "audit_stopped_article_import",
        AuditAction::ResumedArticleImport => "audit_resumed_article_import",
        AuditAction::DeletedArchive => "audit_deleted_archive",
        AuditAction::UploadedPicture => "audit_uploaded_picture",
        AuditAction::ChangedPicture => "audit_changed_picture",
        AuditAction::CroppedPicture => "audit_cropped_picture",
        AuditAction::ReplacedPicture => "audit_replaced_picture",
        AuditAction::WithheldPictureFile => "audit_withheld_picture_file",
        AuditAction::ReleasedPictureFile => "audit_released_picture_file",
        AuditAction::Commented => "audit_commented",
        AuditAction::ResolvedComments => "audit_resolved_comments",
        AuditAction::ReopenedComments => "audit_reopened_comments",
        AuditAction::StartedCoverage => "audit_started_coverage",
        AuditAction::EndedCoverage => "audit_ended_coverage",
        AuditAction::PublishedLivePost => "audit_published_live_post",
        AuditAction::CorrectedLivePost => "audit_corrected_live_post",
        AuditAction::PinnedLivePost => "audit_pinned_live_post",
        AuditAction::UnpinnedLivePost => "audit_unpinned_live_post",
        AuditAction::RemovedLivePost => "audit_removed_live_post",
        AuditAction::ChangedSettings if entry.about == "breaking" => "audit_set_breaking",
        AuditAction::ChangedSettings => "audit_changed_settings",
        AuditAction::LeftSettingsToFile if entry.about == "breaking" => "audit_removed_breaking",
        AuditAction::LeftSettingsToFile => "audit_reset_settings",
        AuditAction::ChangedRedirects if entry.about.is_empty() => "audit_imported_redirects",
        AuditAction::ChangedRedirects => "audit_changed_redirect",
        AuditAction::Invited => "audit_invited",
        AuditAction::MadeLink => "audit_created_link",
        AuditAction::Joined => "audit_joined",
        AuditAction::Withdrew => "audit_revoked",
        AuditAction::Appointed => "audit_changed_role",
        AuditAction::Dismissed => "audit_removed",
        AuditAction::Left if entry.by == DoneBy::Server => "audit_deleted_member",
        AuditAction::Left => "audit_left",
        AuditAction::RequiredFactor => "audit_required_factor",
        AuditAction::WaivedFactor => "audit_waived_factor",
        AuditAction::RemovedFactors => "audit_removed_factors",
        AuditAction::AddedAuthenticator => "audit_added_authenticator",
        AuditAction::RemovedAuthenticator => "audit_removed_authenticator",
        AuditAction::RenewedRecoveryCodes => "audit_renewed_codes",
        AuditAction::AddedPasskey => "audit_added_passkey",
        AuditAction::RemovedPasskey => "audit_removed_passkey",
        AuditAction::ChangedAddress => "audit_changed_address",
        AuditAction::ChangedName => "audit_changed_name",
        AuditAction::LinkedIdentity => "audit_linked_identity",
        AuditAction::RemovedIdentity => "audit_removed_identity",
        AuditAction::ResetMeter => "audit_reset_meter",
        AuditAction::ChangedSubscription => "audit_changed_subscription",
        AuditAction::AskedRefund => "audit_refunded",
        AuditAction::KeptPayment => "audit_kept_payment",
        AuditAction::AddedReader => "audit_added_reader",
        AuditAction::LabelledReader => "audit_labelled_reader",
        AuditAction::LabelledReaders => "audit_labelled_readers",
        AuditAction::ExtendedSubscriptions => "audit_extended_subscriptions",
        AuditAction::ChangedNote => "audit_changed_note",
        AuditAction::ImportedReaders => "audit_imported_readers",
        AuditAction::StoppedReaderImport => "audit_stopped_reader_import",
        AuditAction::ResumedReaderImport => "audit_resumed_reader_import",
        AuditAction::DeletedReaderFile => "audit_deleted_reader_file",
        AuditAction::DeletedAccount => "audit_deleted_reader",
        AuditAction::Exported => "audit_exported",
        AuditAction::RequestedBackup => "audit_requested_backup",
        AuditAction::DeletedBackup => "audit_deleted_backup",
        AuditAction::EndedSessions => "audit_signed_everyone_out",
        AuditAction::EndedSessionsOf => "audit_signed_out",
        AuditAction::RetriedEmails => "audit_retried_emails",
        AuditAction::SentTestEmail => "audit_sent_test_email",
        AuditAction::CheckedProcessor => "audit_checked_processor",
        AuditAction::ActivatedCopy => "audit_activated_copy",
    }
}

/// Whether an article was archived before. Restoring it returns the draft.
fn was_archived(entry: &DeskAuditEntry) -> bool {
    let archived = Some(WorkflowState::Archived.name());
    entry.changes.iter().any(|change| change.key == "work" && change.before.as_deref() == archived)
}

/// The label of a kind.
pub(super) fn kind_label(kind: AuditKind, words: DeskWords) -> &'static str {
    words.text(match kind {
        AuditKind::Content => "audit_kind_content",
        AuditKind::Settings => "audit_kind_settings",
        AuditKind::Staff => "nav_people",
        AuditKind::Readers => "audit_kind_readers",
        AuditKind::Operations => "audit_kind_operations",
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use masthead_circulation::{AuditChange, staff::Role};

    use super::*;

    pub(crate) fn entry(action: AuditAction, about: &str) -> DeskAuditEntry {
        DeskAuditEntry {
            number: 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            by: DoneBy::Deleted,
            name: "Ada".to_owned(),
            action,
            role: Some(Role::Editor),
            about: about.to_owned(),
            account: None,
            article: None,
            reason: String::new(),
            changes: Vec::new(),
        }
    }

    #[test]
    fn entries_are_sentences() {
        let said = |action, about| sentence(&entry(action, about), DeskWords::default());
        assert_eq!(said(AuditAction::PublishedArticle, "The bridge"), "Ada published “The bridge”");
        assert_eq!(said(AuditAction::SavedDraft, ""), "Ada edited [no headline]");
        assert_eq!(said(AuditAction::ChangedSettings, "meter"), "Ada changed settings: Meter");
        assert_eq!(said(AuditAction::ChangedSettings, "breaking"), "Ada set the breaking news");
        assert_eq!(
            said(AuditAction::LeftSettingsToFile, "breaking"),
            "Ada removed the breaking news"
        );
        assert_eq!(said(AuditAction::ResetMeter, ""), "Ada reset the meter of [deleted account]");
        assert_eq!(
            said(AuditAction::Appointed, "bob@example.org"),
            "Ada changed the role of bob@example.org to Editor"
        );
        assert_eq!(said(AuditAction::Exported, "audit-log"), "Ada exported data: Audit log");
        let by_server = DeskAuditEntry {
            by: DoneBy::Server,
            name: String::new(),
            ..entry(AuditAction::EndedSessions, "")
        };
        assert_eq!(
            sentence(&by_server, DeskWords::default()),
            "The server’s administrator signed everyone out"
        );
    }

    #[test]
    fn an_article_that_comes_back_from_the_archive_was_not_returned_to_its_author() {
        let of = |work| {
            let changes = vec![AuditChange::between("work", work, "writing").expect("a change")];
            let entry =
                DeskAuditEntry { changes, ..entry(AuditAction::ReturnedDraft, "The bridge") };
            sentence(&entry, DeskWords::default())
        };
        assert_eq!(of("review"), "Ada returned “The bridge” to its author");
        assert_eq!(of("spiked"), "Ada restored “The bridge” from the archive");
    }

    #[test]
    fn every_action_has_a_sentence_in_every_language() {
        for (words, action) in
            DeskWords::all().flat_map(|words| AuditAction::all().map(move |of| (words, of)))
        {
            let said = sentence(&entry(action, "The bridge"), words);
            let names = said.contains("Ada") || action == AuditAction::Joined;
            assert!(names && !said.contains(['{', '}']), "{action:?}: {said}");
        }
    }
}

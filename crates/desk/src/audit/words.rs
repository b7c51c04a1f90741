//! Entries of the audit log in words.

use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{
    AuditAction, AuditChange, AuditKind, DeskAuditEntry,
    staff::{DoneBy, Role},
};

use crate::format::date_time;

/// Who did something.
pub(crate) fn actor(entry: &DeskAuditEntry) -> String {
    match entry.by {
        DoneBy::Server => "The server’s administrator".to_owned(),
        DoneBy::Account(_) | DoneBy::Deleted if entry.name.is_empty() => {
            "Somebody who has left".to_owned()
        }
        DoneBy::Account(_) | DoneBy::Deleted => entry.name.clone(),
    }
}

/// What was done, in a sentence.
pub(crate) fn sentence(entry: &DeskAuditEntry) -> String {
    let by = actor(entry);
    let about = match (&*entry.about, entry.action.kind()) {
        ("", AuditKind::Content) => "an article without a headline",
        ("", _) => "somebody who has left",
        (about, _) => about,
    };
    let role = entry.role.map_or("", Role::name);
    match entry.action {
        AuditAction::Joined => format!("{about} joined as {role}"),
        AuditAction::Invited => format!("{by} invited {about} as {role}"),
        AuditAction::MadeLink => format!("{by} made a link to join as {role}"),
        AuditAction::Withdrew => format!("{by} took back the invitation of {about} as {role}"),
        AuditAction::Appointed => format!("{by} made {about} {role}"),
        AuditAction::Dismissed => format!("{by} ended the work of {about}, who was {role}"),
        AuditAction::RequiredFactor => {
            format!("{by} made a second factor necessary for the role of {role}")
        }
        AuditAction::WaivedFactor => {
            format!("{by} made a second factor unnecessary for the role of {role}")
        }
        AuditAction::EndedSessionsOf => format!("{by} signed {about} out on all devices"),
        AuditAction::RemovedFactors => format!("{by} removed the second factors of {about}"),
        AuditAction::Left if entry.by == DoneBy::Server => {
            format!("{by} deleted the account of {about}")
        }
        AuditAction::ResetMeter
        | AuditAction::ChangedSubscription
        | AuditAction::AskedRefund
        | AuditAction::KeptPayment => format!("{by} {} of {about}", verb(entry.action)),
        AuditAction::SentToReview => format!("{by} sent {about} to review"),
        AuditAction::ReturnedDraft => format!("{by} returned {about} to its writer"),
        AuditAction::ImportedArticles => format!("{by} imported articles"),
        AuditAction::ChangedSettings if about == "breaking" => format!("{by} set breaking news"),
        AuditAction::LeftSettingsToFile if about == "breaking" => {
            format!("{by} removed breaking news")
        }
        action if names_nothing(action) => format!("{by} {}", verb(action)),
        action => format!("{by} {} {about}", verb(action)),
    }
}

/// What was done, to follow the name of who did it.
pub(crate) fn verb(action: AuditAction) -> &'static str {
    match action {
        AuditAction::BeganArticle => "began an article",
        AuditAction::SavedDraft => "edited",
        AuditAction::KeptCopy => "kept a copy of",
        AuditAction::SentToReview => "sent to review",
        AuditAction::ReturnedDraft => "returned to its writer",
        AuditAction::RestoredRevision => "restored a revision of",
        AuditAction::DiscardedDraft => "discarded the changes of",
        AuditAction::DeletedDraft => "deleted an empty draft",
        AuditAction::SpikedArticle => "spiked",
        AuditAction::PublishedArticle => "published",
        AuditAction::CorrectedArticle => "changed for readers",
        AuditAction::ScheduledArticle => "scheduled",
        AuditAction::WithdrewArticle => "withdrew",
        AuditAction::StoredDraft => "stored the draft",
        AuditAction::SavedAuthor => "stored the author",
        AuditAction::ImportedArticles => "imported articles",
        AuditAction::UploadedPicture => "uploaded the picture",
        AuditAction::StartedCoverage => "started live coverage of",
        AuditAction::EndedCoverage => "ended live coverage of",
        AuditAction::PublishedLivePost => "published a live post in",
        AuditAction::CorrectedLivePost => "corrected a live post in",
        AuditAction::PinnedLivePost => "pinned a live post in",
        AuditAction::UnpinnedLivePost => "unpinned a live post in",
        AuditAction::RemovedLivePost => "removed a live post from",
        AuditAction::ChangedSettings => "changed the settings of",
        AuditAction::LeftSettingsToFile => "went back to masthead.toml for the settings of",
        AuditAction::Invited => "invited",
        AuditAction::MadeLink => "made a link",
        AuditAction::Joined => "joined",
        AuditAction::Withdrew => "took back an invitation",
        AuditAction::Appointed => "changed the role",
        AuditAction::Dismissed => "ended the work",
        AuditAction::Left => "left and deleted their account",
        AuditAction::RequiredFactor => "made a second factor necessary",
        AuditAction::WaivedFactor => "made a second factor unnecessary",
        AuditAction::RemovedFactors => "removed the second factors",
        AuditAction::AddedAuthenticator => "set up an authenticator app",
        AuditAction::RemovedAuthenticator => "removed their authenticator app",
        AuditAction::RenewedRecoveryCodes => "made new recovery codes",
        AuditAction::AddedPasskey => "added a passkey",
        AuditAction::RemovedPasskey => "removed a passkey",
        AuditAction::ChangedAddress => "changed their address",
        AuditAction::ChangedName => "changed their name",
        AuditAction::LinkedIdentity => "signed in with an account elsewhere for the first time",
        AuditAction::RemovedIdentity => "removed an account elsewhere",
        AuditAction::ResetMeter => "reset the meter",
        AuditAction::ChangedSubscription => "changed a subscription",
        AuditAction::AskedRefund => "refunded a payment",
        AuditAction::KeptPayment => "kept a payment",
        AuditAction::DeletedAccount => "deleted a reader’s account",
        AuditAction::Exported => "exported",
        AuditAction::EndedSessions => "signed everyone out",
        AuditAction::EndedSessionsOf => "signed out a member of the staff",
        AuditAction::RetriedEmails => "had waiting emails tried again",
        AuditAction::ActivatedCopy => "made this restored copy the publication",
    }
}

/// Whether the sentence about an action names nothing and nobody but who did it.
fn names_nothing(action: AuditAction) -> bool {
    matches!(
        action,
        AuditAction::BeganArticle
            | AuditAction::DeletedDraft
            | AuditAction::Left
            | AuditAction::AddedAuthenticator
            | AuditAction::RemovedAuthenticator
            | AuditAction::RenewedRecoveryCodes
            | AuditAction::AddedPasskey
            | AuditAction::RemovedPasskey
            | AuditAction::ChangedAddress
            | AuditAction::ChangedName
            | AuditAction::LinkedIdentity
            | AuditAction::RemovedIdentity
            | AuditAction::DeletedAccount
            | AuditAction::EndedSessions
            | AuditAction::RetriedEmails
            | AuditAction::ActivatedCopy
    )
}

/// The label of a kind.
pub(crate) fn kind_label(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::Content => "Articles and pictures",
        AuditKind::Settings => "Settings",
        AuditKind::Staff => "Staff",
        AuditKind::Readers => "Readers and payments",
        AuditKind::Operations => "Exports and operations",
    }
}

/// A change with its values as people read them: times on the clock of the publication.
pub(crate) fn change_line(change: &AuditChange, zone: &TimeZone) -> String {
    let in_words = |stored: &String| match stored.parse::<Timestamp>() {
        Ok(at) => date_time(at, zone),
        Err(_) => stored.clone(),
    };
    stored_line(&AuditChange {
        key: change.key.clone(),
        before: change.before.as_ref().map(in_words),
        after: change.after.as_ref().map(in_words),
    })
}

/// A change with its values as they are stored.
pub(crate) fn stored_line(change: &AuditChange) -> String {
    let AuditChange { key, before, after } = change;
    match (before, after) {
        (Some(before), Some(after)) => format!("{key}: {before} → {after}"),
        (Some(before), None) => format!("{key}: {before} → nothing"),
        (None, after) => format!("{key}: {}", after.as_deref().unwrap_or_default()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
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
        let said = |action, about| sentence(&entry(action, about));
        assert_eq!(said(AuditAction::PublishedArticle, "The bridge"), "Ada published The bridge");
        assert_eq!(said(AuditAction::SavedDraft, ""), "Ada edited an article without a headline");
        assert_eq!(
            said(AuditAction::ChangedSettings, "meter"),
            "Ada changed the settings of meter"
        );
        assert_eq!(said(AuditAction::ChangedSettings, "breaking"), "Ada set breaking news");
        assert_eq!(said(AuditAction::LeftSettingsToFile, "breaking"), "Ada removed breaking news");
        assert_eq!(
            said(AuditAction::ResetMeter, ""),
            "Ada reset the meter of somebody who has left"
        );
        assert_eq!(
            said(AuditAction::Appointed, "bob@example.org"),
            "Ada made bob@example.org editor"
        );
        let by_server = DeskAuditEntry {
            by: DoneBy::Server,
            name: String::new(),
            ..entry(AuditAction::EndedSessions, "")
        };
        assert_eq!(sentence(&by_server), "The server’s administrator signed everyone out");
    }

    #[test]
    fn changes_say_both_values() {
        let line = |before, after| {
            let change = AuditChange::between("anonymous", before, after).expect("a change");
            change_line(&change, &TimeZone::get("Europe/Berlin").expect("a zone"))
        };
        assert_eq!(line("3", "5"), "anonymous: 3 → 5");
        assert_eq!(line("", "5"), "anonymous: 5");
        assert_eq!(line("3", ""), "anonymous: 3 → nothing");
        let (before, after) = ("2026-11-27T08:37:00.383666606Z", "2026-12-01T06:00:00Z");
        assert_eq!(
            line(before, after),
            "anonymous: 27 November 2026, 09:37 → 1 December 2026, 07:00"
        );
        assert_eq!(line("2026-11-27", "27"), "anonymous: 2026-11-27 → 27");
    }
}

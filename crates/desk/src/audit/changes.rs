//! The values that an entry of the audit log has changed, in words.

use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{AuditChange, staff::Role};

use crate::{
    people::roles::role_name,
    readers::in_words::{event_name, state_name},
    words::DeskWords,
};

/// What the length of a text is stored with.
const CHARACTERS: &str = " characters";

/// A change in words. Times are those of the publication's time zone.
pub(crate) fn change_line(change: &AuditChange, zone: &TimeZone, words: DeskWords) -> String {
    let AuditChange { key, before, after } = change;
    let value = |stored: &Option<String>| {
        let stored = stored.as_deref();
        stored.map_or(String::new(), |stored| value_label(key, stored, zone, words))
    };
    let word = match (before, after) {
        (Some(_), Some(_)) => "audit_change",
        (Some(_), None) => "audit_change_removed",
        (None, _) => "audit_change_fact",
    };
    let (before, after) = (value(before), value(after));
    let name = key_label(key, words);
    words.fill(word, &[("name", &name), ("before", &before), ("after", &after)])
}

/// A change as it is stored, for files.
pub(super) fn stored_line(AuditChange { key, before, after }: &AuditChange) -> String {
    let after = after.as_deref();
    match before {
        Some(before) => format!("{key}: {before} → {}", after.unwrap_or("–")),
        None => format!("{key}: {}", after.unwrap_or_default()),
    }
}

/// The name of a value. That of a setting is its name in the configuration file.
fn key_label(key: &str, words: DeskWords) -> &str {
    words.text(match key {
        "account" => "audit_key_account",
        "amount" => "audit_key_amount",
        "articles" => "nav_articles",
        "authors" => "byline",
        "bio" => "authors_bio",
        "is_desk" => "authors_is_desk",
        "portrait.src" => "authors_portrait",
        "response" => "redirects_status",
        "category" => "audit_kind",
        "changed" => "audit_key_changed",
        "correction" => "audit_key_correction",
        "dateline" => "dateline",
        "crop-card" => "crop_card",
        "crop-share" => "crop_share",
        "crop-square" => "crop_square",
        "days" => "audit_key_days",
        "deck" => "deck",
        "description" => "sections_description",
        "design" => "design",
        "device" => "audit_key_device",
        "disclosure" => "disclosure",
        "email" => "people_email",
        "embargo" => "embargo",
        "emails" => "audit_key_emails",
        "ends" => "audit_key_ends",
        "event" => "audit_key_event",
        "file" => "audit_key_file",
        "filters" => "audit_key_filters",
        "from" => "audit_from",
        "headline" => "headline",
        "issuer" => "audit_key_provider",
        "kicker" => "kicker",
        "kind" => "kind",
        "label" => "readers_label",
        "name" => "join_name",
        "new" => "audit_key_new",
        "note" => "reader_note",
        "payment" => "audit_key_payment",
        "person" => "audit_person",
        "picture.alt" | "portrait.alt" => "alt_text",
        "picture.caption" => "caption",
        "picture.credit" => "credit",
        "picture.src" => "lead_picture",
        "price" => "audit_key_price",
        "published" => "filter_published",
        "readers" => "nav_readers",
        "revision" => "audit_key_version",
        "role" => "people_role",
        "section" => "section",
        "sessions" => "audit_key_sessions",
        "slug" => "url",
        "sponsor" => "sponsor",
        "state" | "status" | "work" => "audit_key_status",
        "stopped" => "audit_key_stopped",
        "subscription" => "audit_key_subscription",
        "subscriptions" => "audit_key_subscriptions",
        "table" => "figures_table",
        "text" => "article_text",
        "tier" => "access",
        "to" => "audit_to",
        "topics" => "topics",
        "withheld" => "audit_key_withheld",
        "words" => "search",
        "deadline" => "assignment_deadline",
        "editor" => "assignment_editor",
        "writers" => "assignment_writers",
        _ => return key,
    })
}

/// A value in words.
fn value_label(key: &str, stored: &str, zone: &TimeZone, words: DeskWords) -> String {
    if let Ok(at) = stored.parse::<Timestamp>() {
        return words.date_time(at, zone);
    }
    let length = stored.strip_suffix(CHARACTERS).and_then(|length| length.parse::<u64>().ok());
    if let Some(length) = length.filter(|_| matches!(key, "text" | "note")) {
        return words.count("audit_characters", length);
    }
    let label = match (key, stored) {
        ("state", state) => return state_name(state, words),
        ("event", event) => return event_name(event, words),
        ("role", role) => {
            let role = Role::all().find(|known| known.name() == role);
            role.map(|role| role_name(words, role))
        }
        ("status", "draft") | ("work", "writing") => Some(words.text("status_draft")),
        ("status", "scheduled") => Some(words.text("filter_scheduled")),
        ("status", "published") | ("work", "none") => Some(words.text("filter_published")),
        ("status", "withdrawn") => Some(words.text("filter_withdrawn")),
        ("work", "review") => Some(words.text("status_review")),
        ("work", "spiked") => Some(words.text("status_archived")),
        _ => None,
    };
    label.unwrap_or(stored).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, before: &str, after: &str, words: DeskWords) -> String {
        let change = AuditChange::between(key, before, after).expect("a change");
        change_line(&change, &TimeZone::get("Europe/Berlin").expect("a zone"), words)
    }

    #[test]
    fn changes_have_both_values() {
        let line = |before, after| line("anonymous", before, after, DeskWords::default());
        assert_eq!(line("3", "5"), "anonymous: 3 → 5");
        assert_eq!(line("", "5"), "anonymous: 5");
        assert_eq!(line("3", ""), "anonymous: 3 → nothing");
        let (before, after) = ("2026-11-27T08:37:00.383666606Z", "2026-12-01T06:00:00Z");
        assert_eq!(
            line(before, after),
            "anonymous: 27\u{a0}November 2026, 09:37 → 1\u{a0}December 2026, 07:00"
        );
        assert_eq!(line("2026-11-27", "27"), "anonymous: 2026-11-27 → 27");
    }

    #[test]
    fn names_and_values_are_in_the_language_of_who_reads_them() {
        let german = DeskWords::in_language("de").expect("words");
        assert_eq!(line("headline", "", "The bridge", german), "Überschrift: The bridge");
        assert_eq!(line("work", "writing", "review", german), "Status: Entwurf → Zur Prüfung");
        assert_eq!(
            line("text", "1 characters", "1200 characters", german),
            "Text: 1 Zeichen → 1.200 Zeichen"
        );
        assert_eq!(line("state", "", "paused", german), "Status: pausiert");
        assert_eq!(line("role", "editor", "author", german), "Rolle: Redakteur/in → Autor/in");
        assert_eq!(line("meter.anonymous", "3", "", german), "meter.anonymous: 3 → nichts");
    }
}

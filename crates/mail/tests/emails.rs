//! Every kind of email, in every language of the built-in theme.

#![allow(clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::{
    Policy,
    message::{Locale, Messages},
    robots::Crawlers,
};
use masthead_circulation::{Catalogue, EmailAddress, Secret};
use masthead_editorial::{Menus, SlugScript, TeaserLength};
use masthead_mail::{emails::EmailKind, samples::samples};
use masthead_publication::{Publication, ThemeError};
use masthead_store::Email;

fn publication(language: &str) -> Publication {
    Publication {
        desk_versions: masthead_publication::publication::DeskVersions::default(),
        name: "The Paper".into(),
        tagline: String::new(),
        address: "https://paper.example".into(),
        locale: Locale::new(language).expect("a locale").into(),
        slugs: SlugScript::Latin,
        policy: Policy::new(TimeZone::UTC),
        messages: Messages::default(),
        own_messages: Vec::new(),
        experiment: None,
        sections: Vec::new(),
        menus: Menus::default(),
        topics: Vec::new(),
        fronts: Vec::new(),
        strips: Vec::new(),
        breaking: None,
        teaser: TeaserLength::Paragraphs(1),
        crawlers: Crawlers::new(Vec::new()),
        http: masthead_publication::HttpSettings::default(),
        is_demo: false,
        sales: masthead_publication::Sales::Open,
        catalogue: Catalogue::default(),
        grace: SignedDuration::from_hours(14 * 24),
        addresses: masthead_publication::publication::AddressRules::default(),
        withdrawal: masthead_circulation::WithdrawalPeriod::default(),
        cancels_at_once: false,
        transfer: "IBAN DE00 1234".into(),
        includes_tax: false,
        accent: None,
        logo: None,
        retention: masthead_publication::publication::RetentionSettings::default(),
        backups: masthead_publication::publication::BackupSettings::default(),
        seller: String::new(),
    }
}

fn secret() -> Secret {
    "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI".parse().expect("a secret")
}

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn ada() -> EmailAddress {
    "ada@example.org".parse().expect("an address")
}

fn every_email(language: &str) -> Vec<Email> {
    samples(publication(language), None, &ada(), &secret(), now()).expect("emails")
}

#[test]
fn every_kind_has_a_sample_with_words() {
    for language in ["en", "de", "es", "fr", "ja", "nl", "pl"] {
        let emails = every_email(language);
        let kinds: Vec<&str> = emails.iter().map(|email| email.kind.as_str()).collect();
        let all: Vec<&str> = EmailKind::all().map(EmailKind::name).collect();
        assert_eq!(kinds, all);
        for email in &emails {
            let Email { kind, subject, body, .. } = email;
            assert!(!subject.is_empty(), "{language}, {kind}: no subject");
            // A stylesheet has braces of its own.
            let (head, html) = body.html.split_once("</style>").unwrap_or(("", &body.html));
            let head = head.split("<style>").next().unwrap_or_default();
            for part in [subject.as_str(), &body.text, head, html] {
                assert!(!part.contains(['{', '}']), "{language}, {kind}: an open gap in {part}");
            }
            // A word that is missing leaves two line breaks too many, or a button without a name.
            assert!(
                !body.text.contains("\n\n\n") && !body.text.contains("\n: "),
                "{kind}: {}",
                body.text
            );
            assert!(
                body.html.contains("<a href=\"https:") || body.html.contains("&#x2f;"),
                "{kind}"
            );
        }
    }
}

#[test]
fn plain_text_reads_as_it_did() {
    for language in ["en", "de"] {
        let mut all = String::new();
        for Email { kind, subject, body, .. } in every_email(language) {
            writeln!(all, "=== {kind}\nSubject: {subject}\n\n{}\n", body.text).expect("written");
        }
        insta::assert_snapshot!(format!("emails_{language}"), all);
    }
}

#[test]
fn subjects_have_no_secrets_and_emails_with_secrets_expire() {
    for email in every_email("en") {
        let secret = secret().to_string();
        assert!(!email.subject.contains(&secret) && !email.subject.contains("123456"));
        let body = format!("{}{}", email.body.text, email.body.html);
        let has_secret = body.contains(&secret) || body.contains("123456");
        assert_eq!(email.useful_for.is_some(), has_secret, "{}", email.kind);
    }
}

#[test]
fn a_publishers_word_with_a_gap_that_nothing_fills_is_refused() {
    let theme = tempfile::tempdir().expect("a folder");
    let own = |words: &str| {
        std::fs::write(theme.path().join("words.toml"), words).expect("written");
        samples(publication("en"), Some(theme.path()), &ada(), &secret(), now())
    };
    // An email about a subscription fills all of these in each of its words.
    assert!(own("mail_ended_text = \"{product}, {price}, {amount}, {card}, {date}\"").is_ok());
    assert!(own("mail_sign_in_button = \"Come in\"").is_ok());
    for (words, fault) in [
        (
            "mail_ended_text = \"Until {dat}\"",
            "words.toml, mail_ended_text: nothing fills {dat}; it may have {amount}, {card}, {date}, {price}, {product}, {publication}",
        ),
        (
            "mail_sign_in_subject = \"{code} is your code\"",
            "words.toml, mail_sign_in_subject: nothing fills {code}; it may have {publication}",
        ),
        (
            "mail_sign_in_button = \"{link}\"",
            "words.toml, mail_sign_in_button: nothing fills {link}; it has no gaps",
        ),
    ] {
        let error = own(words).expect_err("refused");
        assert!(matches!(error, ThemeError::Gap { .. }), "{error}");
        assert!(error.to_string().contains(fault), "{error}");
    }
}

//! The audit log: an entry is there exactly when its change is.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Account, AuditAction, AuditChange, AuditKind, Digest, EmailAddress, Passkey, Session,
    StaffActor, staff::Role,
};
use masthead_store::{
    AddressChangeResult, AuditPerson, AuditQuery, FactorChange, Identity, IdentitySignIn, Location,
    SettingAuthor, SettingWrite, Store,
};

use crate::{change_address, open, staff::joined};

on_both_engines!(
    a_change_that_is_not_made_leaves_no_entry,
    what_staff_do_with_their_own_account_is_recorded,
    entries_are_found_by_what_is_in_them,
    entries_about_a_deleted_reader_are_found_by_what_is_left,
    names_of_staff_outlive_their_accounts_and_readers_are_forgotten,
);

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn email(text: &str) -> EmailAddress {
    text.parse().expect("an address")
}

async fn reader(store: &Store, at: &str) -> Account {
    store.register(&email(at), now()).await.expect("registered").0
}

async fn actions(store: &Store, query: &AuditQuery) -> Vec<AuditAction> {
    let log = store.audit_log(query, 99).await.expect("read");
    log.into_iter().map(|entry| entry.action).collect()
}

async fn a_change_that_is_not_made_leaves_no_entry(location: &Location) {
    let store = open(location).await;
    let ada = joined(&store, "ada@example.org", Role::Owner).await;
    let checked = store.stored_settings().await.expect("read");
    let author = SettingAuthor { by: ada.id, at: now() };
    let change = AuditChange::between("meter.anonymous", "3", "5").expect("a change");
    let saves: Vec<_> = (0..12)
        .map(|_| {
            let (store, checked, changes) = (store.clone(), checked.clone(), [change.clone()]);
            tokio::spawn(async move {
                store.set(&checked, "meter", 0, "text", author, &changes).await.expect("asked")
            })
        })
        .collect();
    let mut done = 0;
    for save in saves {
        done += usize::from(save.await.expect("joined") == SettingWrite::Done);
    }
    assert_eq!(done, 1);
    let query = AuditQuery { kind: Some(AuditKind::Settings), ..AuditQuery::default() };
    let log = store.audit_log(&query, 99).await.expect("read");
    let [entry] = log.as_slice() else { panic!("{log:?}") };
    assert_eq!((&*entry.about, &*entry.name), ("meter", "ada@example.org"));
    assert_eq!(entry.changes, [AuditChange::fact("version", 1), change]);
}

async fn what_staff_do_with_their_own_account_is_recorded(location: &Location) {
    let store = open(location).await;
    let ada = joined(&store, "ada@example.org", Role::Owner).await;
    let rea = reader(&store, "rea@example.org").await;
    for account in [&ada, &rea] {
        let passkey = Passkey {
            id: account.id.0.to_string(),
            account: account.id,
            device: "Firefox, Linux".into(),
            public: "{}".into(),
            added: now(),
            used: None,
            relying_party: None,
        };
        assert!(store.add_passkey(&passkey, FactorChange::alone(now())).await.expect("added"));
        assert!(!store.add_passkey(&passkey, FactorChange::alone(now())).await.expect("known"));
        store
            .remove_passkey(account.id, &passkey.id, FactorChange::alone(now()))
            .await
            .expect("removed");
        store
            .remove_passkey(account.id, &passkey.id, FactorChange::alone(now()))
            .await
            .expect("gone");
        let identity = Identity { issuer: "https://id.example".into(), subject: passkey.id };
        for key in [1, 2] {
            let key = Digest([key + 2 * u8::from(account.id == ada.id); 32]);
            let session = |of| Session::of_browser(key, of, String::new(), now());
            let email = Some(&account.email);
            let linked =
                store.begin_session_by_identity(&identity, email, now(), session, |_| None).await;
            assert!(matches!(linked.expect("a database"), IdentitySignIn::Begun { .. }));
        }
        for _ in 0..2 {
            store
                .remove_identity(account.id, &identity, FactorChange::alone(now()))
                .await
                .expect("removed");
        }
        for _ in 0..2 {
            store.rename_account(account.id, "A. Nother", now()).await.expect("renamed");
        }
        let moved = email(&format!("{}@example.com", account.id.0));
        let result = change_address(&store, account.id, &moved, None, now()).await;
        assert!(matches!(result, AddressChangeResult::Changed(_)));
    }
    let log = store.audit_log(&AuditQuery::default(), 6).await.expect("read");
    let done: Vec<AuditAction> = log.iter().map(|entry| entry.action).collect();
    assert_eq!(
        done,
        [
            AuditAction::ChangedAddress,
            AuditAction::ChangedName,
            AuditAction::RemovedIdentity,
            AuditAction::LinkedIdentity,
            AuditAction::RemovedPasskey,
            AuditAction::AddedPasskey,
        ]
    );
    assert!(
        log.iter().all(|entry| entry.account == Some(ada.id)),
        "readers are not in it: {log:?}"
    );
    assert_eq!(log[0].changes[0].before.as_deref(), Some("ada@example.org"));
}

async fn entries_are_found_by_what_is_in_them(location: &Location) {
    let store = open(location).await;
    let ada = joined(&store, "ada@example.org", Role::Owner).await;
    store.rename_account(ada.id, "Ada Ähre", now()).await.expect("renamed");
    let (by, picture) = (Some(ada.id), AuditAction::UploadedPicture);
    let later = now() + SignedDuration::from_hours(1);
    store.record_action(picture, "100% Öl_1", Vec::new(), by, now()).await.expect("recorded");
    store.record_action(picture, "other", Vec::new(), None, later).await.expect("recorded");
    let all = AuditQuery { kind: Some(AuditKind::Content), ..AuditQuery::default() };
    let found = async |query: AuditQuery| actions(&store, &query).await.len();
    let words = |words: &str| AuditQuery { words: words.into(), ..all.clone() };
    assert_eq!(found(all.clone()).await, 2);
    for (text, count) in [("öl", 1), ("ÄHRE öl", 1), ("0%", 1), ("0%1", 0), ("l_1", 1), ("l_", 1)]
    {
        assert_eq!(found(words(text)).await, count, "{text}");
    }
    assert_eq!(found(words("1_1")).await, 0, "a sign of patterns is taken as it is");
    let person = |person| AuditQuery { person: Some(person), ..all.clone() };
    assert_eq!(found(person(AuditPerson::Named("Ada Ähre".into()))).await, 1);
    assert_eq!(found(person(AuditPerson::Named("Ada".into()))).await, 0);
    assert_eq!(found(person(AuditPerson::Server)).await, 1);
    assert_eq!(found(AuditQuery { from: Some(later), ..all.clone() }).await, 1);
    assert_eq!(found(AuditQuery { until: Some(later), ..all.clone() }).await, 1);
    let last = store.audit_log(&all, 1).await.expect("read").remove(0);
    assert_eq!(found(AuditQuery { before: Some(last.number), ..all.clone() }).await, 1);
    assert_eq!(store.audit_people().await.expect("read"), ["Ada Ähre", "ada@example.org"]);
}

async fn entries_about_a_deleted_reader_are_found_by_what_is_left(location: &Location) {
    let store = open(location).await;
    let ada = joined(&store, "ada@example.org", Role::Owner).await;
    store.rename_account(ada.id, "Ada ÄHRE", now()).await.expect("renamed");
    let rea = reader(&store, "rea@example.org").await;
    let staff = StaffActor { by: Some(ada.id), reason: "Irrtum".to_owned() };
    store.reset_meter(&rea, &staff, now()).await.expect("reset");
    let words = |words: &str| AuditQuery { words: words.into(), ..AuditQuery::default() };
    let reset = [AuditAction::ResetMeter];
    for text in ["rea@example.org", "irrtum", "ähre irrtum"] {
        assert_eq!(actions(&store, &words(text)).await, reset, "{text}");
    }
    assert!(store.delete_account(&rea, now()).await.expect("deleted"));
    for text in ["rea@example.org", "irrtum"] {
        assert_eq!(actions(&store, &words(text)).await, [], "{text}");
    }
    let found = actions(&store, &words("ÄHRE")).await;
    assert!(found.contains(&AuditAction::ResetMeter), "{found:?}");
}

async fn names_of_staff_outlive_their_accounts_and_readers_are_forgotten(location: &Location) {
    let store = open(location).await;
    let ada = joined(&store, "ada@example.org", Role::Owner).await;
    let bob = joined(&store, "bob@example.org", Role::Author).await;
    store.rename_account(bob.id, "Bob", now()).await.expect("renamed");
    let bob = store.account(bob.id).await.expect("read").expect("there");
    store.appoint(&bob, Role::Editor, Some(ada.id), now()).await.expect("appointed");
    let rea = reader(&store, "rea@example.org").await;
    let rea = Account { name: "Rea".into(), ..rea };
    assert!(store.delete_account(&bob, now()).await.expect("deleted"));
    assert!(store.delete_account_on_server(&rea, now()).await.expect("deleted"));
    let log = store.audit_log(&AuditQuery::default(), 3).await.expect("read");
    let said: Vec<_> =
        log.iter().map(|entry| (entry.action, &*entry.about, &*entry.name)).collect();
    assert_eq!(
        said,
        [
            (AuditAction::DeletedAccount, "", ""),
            (AuditAction::Left, "Bob", "Bob"),
            (AuditAction::Appointed, "Bob", "ada@example.org"),
        ]
    );
    assert_eq!(log[2].role, Some(Role::Editor));
}

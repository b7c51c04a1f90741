//! What is kept of readers.

use jiff::{SignedDuration, Timestamp};
use masthead_access::{ArticleId, Read};
use masthead_circulation::{
    Account, AccountId, AddressMove, Digest, EmailAddress, Session,
    app::{AppAnswer, AppRequest},
    sign_in::SignInRequest,
};
use masthead_store::{AccountChangesCursor, AccountProfile, AddressChangeResult, Email, Location};

use crate::{change_address, open, outbox::sign_in_email};

on_both_engines!(
    readers_are_found_by_a_part_of_address_or_name,
    an_address_has_one_account,
    parallel_registrations_create_one_account,
    an_address_changes_unless_another_account_has_it,
    a_new_address_ends_the_other_sessions_of_its_account_only,
    sessions_end_one_by_one_and_all_together,
    nothing_begins_a_session_after_all_were_ended,
    a_request_is_used_up_once,
    reads_are_stored_once_with_the_later_time,
    reads_of_a_deleted_account_do_not_delay_others,
    reads_outside_the_window_are_deleted,
    a_deleted_account_leaves_nothing,
);

fn email(text: &str) -> EmailAddress {
    text.parse().expect("an address")
}

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn session(key: u8, account: AccountId) -> Session {
    Session::of_browser(Digest([key; 32]), account, "Firefox".into(), now())
}

async fn an_address_has_one_account(location: &Location) {
    let store = open(location).await;
    let (ada, new) = store.register(&email("ada@example.org"), now()).await.expect("registered");
    assert!(new && ada.registered == now());
    let (again, new) = store.register(&email("Ada@example.org"), now()).await.expect("there");
    assert!(!new);
    assert_eq!(again, ada);
    assert_eq!(store.account_profile(ada.id).await.expect("asked"), AccountProfile::default());
    store.rename_account(ada.id, "Ada", now()).await.expect("renamed");
    let named = AccountProfile { name: "Ada".to_owned(), ..AccountProfile::default() };
    assert_eq!(store.account_profile(ada.id).await.expect("asked"), named);
    let nobody = masthead_circulation::AccountId(999);
    assert_eq!(store.account_profile(nobody).await.expect("asked"), AccountProfile::default());
    let known = store.account(ada.id).await.expect("read").expect("there");
    assert_eq!(known.name, "Ada");
    assert_eq!(store.account(AccountId(999)).await.expect("read"), None);
}

async fn parallel_registrations_create_one_account(location: &Location) {
    let store = open(location).await;
    let both: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.register(&email("ada@example.org"), now()).await })
        })
        .collect();
    let mut ids = Vec::new();
    let mut made = 0;
    for one in both {
        let (account, new) = one.await.expect("finished").expect("registered");
        ids.push(account.id);
        made += u32::from(new);
    }
    ids.dedup();
    assert_eq!((ids.len(), made), (1, 1));
}

async fn an_address_changes_unless_another_account_has_it(location: &Location) {
    let store = open(location).await;
    let (ada, _) = store.register(&email("ada@example.org"), now()).await.expect("registered");
    store.register(&email("bob@example.org"), now()).await.expect("registered");
    let taken = change_address(&store, ada.id, &email("bob@example.org"), None, now()).await;
    assert_eq!(taken, AddressChangeResult::Taken);
    let changed = change_address(&store, ada.id, &email("ada@example.com"), None, now()).await;
    assert_eq!(changed, AddressChangeResult::Changed(ada.clone()));
    let known = store.account(ada.id).await.expect("read").expect("there");
    assert_eq!(known.email.as_str(), "ada@example.com");
}

async fn a_new_address_ends_the_other_sessions_of_its_account_only(location: &Location) {
    let store = open(location).await;
    let (ada, _) = store.register(&email("ada@example.org"), now()).await.expect("registered");
    let (bob, _) = store.register(&email("bob@example.org"), now()).await.expect("registered");
    for (key, account) in [(1, ada.id), (2, ada.id), (3, bob.id)] {
        store.create_session(&session(key, account)).await.expect("begun");
    }
    let kept = Digest([2; 32]);
    let taken = change_address(&store, ada.id, &bob.email, Some(&kept), now()).await;
    assert_eq!(taken, AddressChangeResult::Taken);
    assert_eq!(store.sessions_of(ada.id).await.expect("read").len(), 2, "nothing was changed");
    let new = email("ada@example.com");
    let changed = change_address(&store, ada.id, &new, Some(&kept), now()).await;
    assert!(matches!(changed, AddressChangeResult::Changed(_)));
    assert_eq!(store.sessions_of(ada.id).await.expect("read"), [session(2, ada.id)]);
    assert_eq!(store.sessions_of(bob.id).await.expect("read").len(), 1);
    assert_eq!(store.end_everyones_sessions(None, now()).await.expect("ended"), 2);
    assert!(store.sessions_of(ada.id).await.expect("read").is_empty());
    let (changes, _) = store.account_changes(AccountChangesCursor::default()).await.expect("asked");
    assert!(changes.iter().any(|change| change.account == bob.id), "other servers are told");
}

async fn nothing_begins_a_session_after_all_were_ended(location: &Location) {
    let store = open(location).await;
    let (ada, _) = store.register(&email("ada@example.org"), now()).await.expect("registered");
    let (bob, _) = store.register(&email("bob@example.org"), now()).await.expect("registered");
    let begin = async |key: u8, account: &Account| {
        let digest = |kind: u8| Digest([key + 50 * kind; 32]);
        let link = SignInRequest {
            link: digest(0),
            device: digest(0),
            code: digest(0),
            email: account.email.clone(),
            from: "/".into(),
            asked: now(),
            tries: 0,
        };
        store.ask_to_sign_in(&link).await.expect("asked");
        let app = AppRequest {
            app: digest(1),
            code: digest(1),
            name: "Reader".into(),
            scopes: "account".parse().expect("scopes"),
            asked: now(),
            answer: AppAnswer::None,
        };
        store.create_app_request(&app).await.expect("asked");
        let session = session(key + 200, account.id);
        store.create_session(&session).await.expect("begun");
        let is_let_in = store.answer_app_request(&app.code, Some(&session), now()).await;
        assert!(is_let_in.expect("answered"));
        let change = AddressMove {
            from_old: digest(1),
            from_new: digest(2),
            account: account.id,
            email: email(&format!("{key}@example.com")),
            asked: now(),
            old_agrees: false,
            new_agrees: false,
        };
        store.create_address_change(&change).await.expect("asked");
        (link.link, app.app, change.from_old)
    };
    let is_left = async |(link, app, change): &(Digest, Digest, Digest)| {
        let link = store.sign_in_request_by_link(link).await.expect("read").is_some();
        let app = store.app_request_by_secret(app).await.expect("read").is_some();
        let change = store.address_change_by_secret(change).await.expect("read").is_some();
        assert!(link == app && app == change, "{link} {app} {change}");
        link
    };
    let of_bob = begin(1, &bob).await;
    let of_ada = begin(2, &ada).await;
    store.end_sessions(ada.id).await.expect("ended");
    assert!(!is_left(&of_ada).await && is_left(&of_bob).await);
    let of_ada = begin(4, &ada).await;
    let new = email("ada@example.com");
    let changed = change_address(&store, ada.id, &new, None, now()).await;
    assert!(matches!(changed, AddressChangeResult::Changed(_)));
    assert!(!is_left(&of_ada).await && is_left(&of_bob).await);
    store.end_everyones_sessions(None, now()).await.expect("ended");
    assert!(!is_left(&of_bob).await);
}

async fn sessions_end_one_by_one_and_all_together(location: &Location) {
    let store = open(location).await;
    let (ada, _) = store.register(&email("ada@example.org"), now()).await.expect("registered");
    let (bob, _) = store.register(&email("bob@example.org"), now()).await.expect("registered");
    for key in 1..=3 {
        store.create_session(&session(key, ada.id)).await.expect("begun");
    }
    let found = store.session(&Digest([2; 32])).await.expect("read").expect("there");
    assert_eq!(found, session(2, ada.id));
    let later = now() + SignedDuration::from_hours(30);
    store.touch_session(&Digest([3; 32]), later).await.expect("noted");
    assert_eq!(store.sessions_of(ada.id).await.expect("read")[0].seen, later);
    store.end_session(bob.id, &Digest([1; 32])).await.expect("not bob's to end");
    store.end_session(ada.id, &Digest([2; 32])).await.expect("ended");
    let keys: Vec<_> =
        store.sessions_of(ada.id).await.expect("read").into_iter().map(|s| s.key.0[0]).collect();
    assert_eq!(keys, [3, 1]);
    store.end_sessions(ada.id).await.expect("ended");
    assert!(store.session(&Digest([1; 32])).await.expect("read").is_none());
}

async fn a_request_is_used_up_once(location: &Location) {
    let store = open(location).await;
    let request = SignInRequest {
        link: Digest([1; 32]),
        device: Digest([2; 32]),
        code: Digest([3; 32]),
        email: email("ada@example.org"),
        from: "/town/a?x=1".into(),
        asked: now(),
        tries: 0,
    };
    store.ask_to_sign_in(&request).await.expect("asked");
    assert!(store.claim_code_attempt(&request.link).await.expect("claimed"));
    let known =
        store.sign_in_request_by_device(&request.device).await.expect("read").expect("there");
    assert_eq!(known, SignInRequest { tries: 1, ..request.clone() });
    assert_eq!(store.sign_in_request_by_link(&request.link).await.expect("read"), Some(known));
    let tries: Vec<_> = (0..6)
        .map(|key| {
            let (store, request) = (store.clone(), request.clone());
            let begin = move |account| session(key, account);
            tokio::spawn(
                async move { store.begin_session_by_request(&request, now(), begin).await },
            )
        })
        .collect();
    let mut used = 0;
    for one in tries {
        used += u32::from(one.await.expect("finished").expect("tried").is_some());
    }
    assert_eq!(used, 1);
    let ada = store.account_at(&request.email).await.expect("read").expect("registered");
    assert_eq!(store.sessions_of(ada.id).await.expect("read").len(), 1);
    // A day later it would be forgotten.
    let other = SignInRequest { link: Digest([4; 32]), asked: now(), ..request.clone() };
    store.ask_to_sign_in(&other).await.expect("asked");
    let later = now() + SignedDuration::from_hours(25);
    let latest = SignInRequest { link: Digest([5; 32]), asked: later, ..request };
    store.ask_to_sign_in(&latest).await.expect("asked");
    assert!(store.sign_in_request_by_link(&other.link).await.expect("read").is_none());
}

async fn reads_are_stored_once_with_the_later_time(location: &Location) {
    let store = open(location).await;
    let (ada, _) = store.register(&email("ada@example.org"), now()).await.expect("registered");
    let read = |article, at| (ada.id, Read { article: ArticleId(article), at });
    crate::pieces::articles(&store, 1200).await;
    let many: Vec<_> = (1..=1200).map(|article| read(article, 100)).collect();
    store.save_reads(&many).await.expect("kept");
    store.save_reads(&[read(7, 200), read(7, 150), read(8, 201)]).await.expect("kept");
    store.save_reads(&[]).await.expect("nothing to keep");
    let reads = store.reads_of(ada.id, 0).await.expect("read");
    assert_eq!(reads.len(), 1200);
    assert!(reads.contains_since(ArticleId(7), 200));
    assert_eq!(store.reads_of(ada.id, 101).await.expect("read").len(), 2);
    assert!(store.reads_of(AccountId(999), 0).await.expect("read").is_empty());
}

async fn reads_of_a_deleted_account_do_not_delay_others(location: &Location) {
    let store = open(location).await;
    crate::pieces::articles(&store, 1).await;
    let (ada, _) = store.register(&email("ada@example.org"), now()).await.expect("registered");
    let (bob, _) = store.register(&email("bob@example.org"), now()).await.expect("registered");
    store.delete_account(&ada, now()).await.expect("deleted");
    let read = |account, article| (account, Read { article: ArticleId(article), at: 1 });
    let batch = [read(ada.id, 1), read(bob.id, 1), read(bob.id, 99)];
    store.save_reads(&batch).await.expect("kept");
    assert_eq!(store.reads_of(bob.id, 0).await.expect("read").len(), 1);
    store.save_reads(&batch[..1]).await.expect("nothing is left to keep");
}

async fn a_deleted_account_leaves_nothing(location: &Location) {
    let store = open(location).await;
    let (ada, _) = store.register(&email("ada@example.org"), now()).await.expect("registered");
    store.create_session(&session(1, ada.id)).await.expect("begun");
    crate::pieces::articles(&store, 1).await;
    let read = Read { article: ArticleId(1), at: 1 };
    store.save_reads(&[(ada.id, read)]).await.expect("kept");
    // One to an address that the account had before, one from before there was an account.
    let former = Email { account: Some(ada.id), ..sign_in_email("ada@example.com") };
    for email in [former, sign_in_email("ada@example.org"), sign_in_email("bob@example.org")] {
        store.enqueue_email(&email, now()).await.expect("enqueued");
    }
    store.delete_account(&ada, now()).await.expect("deleted");
    assert!(store.account(ada.id).await.expect("read").is_none());
    assert!(store.session(&Digest([1; 32])).await.expect("read").is_none());
    assert!(store.reads_of(ada.id, 0).await.expect("read").is_empty());
    let emails = store.emails(10).await.expect("read");
    assert_eq!(emails.len(), 1, "that to somebody else");
}

async fn reads_outside_the_window_are_deleted(location: &Location) {
    let store = open(location).await;
    crate::pieces::articles(&store, 3).await;
    store.register(&email("ada@example.org"), now()).await.expect("registered");
    let read = |article, at| (AccountId(1), Read { article: ArticleId(article), at });
    store.save_reads(&[read(1, 100), read(2, 200), read(3, 300)]).await.expect("kept");
    store.prune_reads(200).await.expect("forgotten");
    let left = store.reads_of(AccountId(1), i64::MIN).await.expect("read");
    let left: Vec<u32> = left.iter().map(|read| read.article.0).collect();
    assert_eq!(left, [2, 3]);
}

async fn readers_are_found_by_a_part_of_address_or_name(location: &Location) {
    let store = open(location).await;
    for address in ["ada@example.org", "a_b@example.org", "axb@example.org"] {
        store.register(&email(address), now()).await.expect("registered");
    }
    let ada = store.account_at(&email("ada@example.org")).await.expect("asked").expect("there");
    store.rename_account(ada.id, "Ada O\\Quill", now()).await.expect("renamed");
    let found = async |text: &str| {
        let found = store.find_accounts(text, 2).await.expect("found");
        found.into_iter().map(|account| account.email.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found("example").await.len(), 2, "no more than asked for");
    assert_eq!(found("A_B").await, ["a_b@example.org"]);
    assert_eq!(found("o\\QUILL").await, ["ada@example.org"]);
    assert_eq!(found("nobody").await, [""; 0]);
    store.rename_account(ada.id, "Äda ÖLÇER", now()).await.expect("renamed");
    for text in ["äd", "ÄD", "ölçer", "Ölçer"] {
        assert_eq!(found(text).await, ["ada@example.org"], "{text}");
    }
    assert_eq!(found("quill").await, [""; 0], "the former name");
}

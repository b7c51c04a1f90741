//! What guards something holds however many requests come at once.

use std::{collections::HashSet, future::Future};

use jiff::{SignedDuration, Timestamp};
use masthead_access::{ArticleId, Read, Reads};
use masthead_circulation::{
    Account, Digest, EmailAddress, Passkey, Secret, Session,
    app::{self, AppRequest},
    passkey,
    sign_in::{self, SignInRequest},
    staff::{Invitation, Role},
};
use masthead_editorial::{Piece, Status};
use masthead_store::{
    AccountChanged, Appointed, FactorChange, Joined, Location, NewStaff, RateLimit, SessionProof,
    SettingAuthor, SettingWrite, Store, StoreError,
};

use crate::{open, subscriptions::subscription};

on_both_engines!(
    codes_are_tried_no_more_often_than_the_limit,
    a_rate_limit_holds_on_all_servers_and_begins_again_after_its_time,
    an_app_is_answered_once_in_time_and_signed_in_once,
    what_was_shown_just_before_begins_no_session_after_all_were_ended,
    of_many_owners_dismissed_in_parallel_one_stays,
    of_many_settings_at_once_one_is_stored,
    of_many_parts_checked_together_at_once_one_is_stored,
    an_account_never_has_more_passkeys_than_the_limit,
    an_earlier_read_does_not_replace_a_later_one,
    reads_decided_at_once_never_exceed_the_allowance,
    a_change_of_an_account_is_notified_once,
    a_session_is_not_seen_earlier_than_it_was,
    withdrawing_does_not_undo_a_correction,
    what_is_due_is_claimed_by_one_of_many_servers,
);

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn email(text: &str) -> EmailAddress {
    text.parse().expect("an address")
}

async fn register(store: &Store, address: &str) -> Account {
    store.register(&email(address), now()).await.expect("registered").0
}

/// The answers to `number` requests at once.
pub(crate) async fn at_once<T, F>(number: u16, request: impl Fn(u16) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T, StoreError>> + Send + 'static,
{
    let all: Vec<_> = (0..number).map(|number| tokio::spawn(request(number))).collect();
    let mut answers = Vec::new();
    for one in all {
        answers.push(one.await.expect("finished").expect("a database"));
    }
    answers
}

fn times(answers: &[bool]) -> usize {
    answers.iter().filter(|answer| **answer).count()
}

async fn codes_are_tried_no_more_often_than_the_limit(location: &Location) {
    let store = open(location).await;
    let request = SignInRequest {
        link: Digest([1; 32]),
        device: Digest([2; 32]),
        code: Digest([3; 32]),
        email: email("ada@example.org"),
        from: "/".into(),
        asked: now(),
        tries: 0,
    };
    store.ask_to_sign_in(&request).await.expect("stored");
    let claims = at_once(1_000, |_| {
        let (store, link) = (store.clone(), request.link);
        async move { store.claim_code_attempt(&link).await }
    })
    .await;
    assert_eq!(times(&claims), usize::try_from(sign_in::MAX_ATTEMPTS).expect("few"));
    let stored = store.sign_in_request_by_link(&request.link).await.expect("read").expect("there");
    assert_eq!(stored.tries, sign_in::MAX_ATTEMPTS);
    let begin = |account| Session::of_browser(Digest([9; 32]), account, String::new(), now());
    let used = store.begin_session_by_request(&request, now(), begin).await.expect("used");
    assert!(used.is_some());
    assert!(!store.claim_code_attempt(&request.link).await.expect("asked"), "it is used up");
}

async fn a_rate_limit_holds_on_all_servers_and_begins_again_after_its_time(location: &Location) {
    let servers = [open(location).await, open(location).await];
    let (key, other) = (Digest([1; 32]), Digest([2; 32]));
    let limit = RateLimit { times: 5, within: SignedDuration::from_hours(1) };
    let claim = async |key, time| {
        let claims = at_once(1_000, |number| {
            let store = servers[usize::from(number % 2)].clone();
            async move { store.claim_rate(&key, limit, time).await }
        });
        times(&claims.await)
    };
    assert_eq!(claim(key, now()).await, 5);
    assert_eq!(claim(key, now() + SignedDuration::from_mins(59)).await, 0);
    assert_eq!(claim(other, now()).await, 5, "each key has its own");
    assert_eq!(claim(key, now() + SignedDuration::from_mins(60)).await, 5);
}

async fn an_app_is_answered_once_in_time_and_signed_in_once(location: &Location) {
    let store = open(location).await;
    let ada = register(&store, "ada@example.org").await;
    let request = |number: u8| AppRequest {
        app: Digest([number; 32]),
        code: Digest([100 + number; 32]),
        name: "The Paper on a telephone".into(),
        scopes: app::Scopes::ARTICLES,
        asked: now(),
        answer: app::AppAnswer::None,
    };
    for number in [1, 2] {
        store.create_app_request(&request(number)).await.expect("stored");
    }
    let browser = Session::of_browser(Digest([200; 32]), ada.id, String::new(), now());
    store.create_session(&browser).await.expect("begun");
    let answers = at_once(50, |_| {
        let (store, code, browser) = (store.clone(), request(1).code, browser.clone());
        async move { store.answer_app_request(&code, Some(&browser), now()).await }
    })
    .await;
    assert_eq!(times(&answers), 1);
    assert!(!store.answer_app_request(&request(1).code, None, now()).await.expect("asked"));
    let used = at_once(50, |number| {
        let (store, app) = (store.clone(), request(1).app);
        let key = Digest([u8::try_from(number).expect("small"); 32]);
        let session = Session::of_app(key, ada.id, String::new(), app::Scopes::ARTICLES, now());
        async move { store.begin_session(&session, SessionProof::App(&app)).await }
    })
    .await;
    assert_eq!(times(&used), 1);
    let late = now() + app::LIFETIME;
    let late = store.answer_app_request(&request(2).code, Some(&browser), late).await;
    assert!(!late.expect("asked"), "its time is up");
    store.end_session(ada.id, &browser.key).await.expect("ended");
    let ended = store.answer_app_request(&request(2).code, Some(&browser), now()).await;
    assert!(!ended.expect("asked"), "the session was ended meanwhile");
}

async fn an_account_never_has_more_passkeys_than_the_limit(location: &Location) {
    let servers = [open(location).await, open(location).await];
    let ada = register(&servers[0], "ada@example.org").await.id;
    let added = at_once(60, |number| {
        let store = servers[usize::from(number % 2)].clone();
        let (id, public) = (number.to_string(), "{}".to_owned());
        let (device, added) = ("Firefox, Linux".to_owned(), now());
        let passkey =
            Passkey { id, account: ada, device, public, added, used: None, relying_party: None };
        async move { store.add_passkey(&passkey, FactorChange::alone(now())).await }
    })
    .await;
    let limit = usize::try_from(passkey::MAX).expect("few");
    assert_eq!(times(&added), limit);
    let own = servers[0].passkeys_of(ada).await.expect("read");
    assert_eq!(own.len(), limit);
    assert!(
        servers[1]
            .remove_passkey(ada, &own[0].id, FactorChange::alone(now()))
            .await
            .expect("removed")
    );
    let another = Passkey { id: "another".to_owned(), ..own[0].clone() };
    assert!(
        servers[0].add_passkey(&another, FactorChange::alone(now())).await.expect("added"),
        "there is room again"
    );
}

/// Sign-ins by a link and by an app's request, at the same moment as all sessions end.
async fn what_was_shown_just_before_begins_no_session_after_all_were_ended(location: &Location) {
    let servers = [open(location).await, open(location).await];
    let ada = register(&servers[0], "ada@example.org").await;
    for round in 0..20 {
        let digest = move |number: u8| Digest([round * 12 + number; 32]);
        for number in 0..4 {
            let link = SignInRequest {
                link: digest(number),
                device: digest(number),
                code: digest(number),
                email: ada.email.clone(),
                from: "/".into(),
                asked: now(),
                tries: 0,
            };
            servers[0].ask_to_sign_in(&link).await.expect("stored");
        }
        let app = AppRequest {
            app: digest(4),
            code: digest(4),
            name: String::new(),
            scopes: app::Scopes::ARTICLES,
            asked: now(),
            answer: app::AppAnswer::None,
        };
        servers[0].create_app_request(&app).await.expect("stored");
        let browser = Session::of_browser(digest(5), ada.id, String::new(), now());
        servers[0].create_session(&browser).await.expect("begun");
        let let_in = servers[0].answer_app_request(&app.code, Some(&browser), now()).await;
        assert!(let_in.expect("answered"));
        at_once(6, |number| {
            let store = servers[usize::from(number % 2)].clone();
            let ada = ada.clone();
            let number = u8::try_from(number).expect("small");
            async move {
                match number {
                    0..4 => {
                        let request = store.sign_in_request_by_link(&digest(number)).await?;
                        let Some(request) = request else { return Ok(false) };
                        let begin = |account| {
                            Session::of_browser(digest(6 + number), account, String::new(), now())
                        };
                        Ok(store.begin_session_by_request(&request, now(), begin).await?.is_some())
                    }
                    4 => {
                        let session = Session::of_app(
                            digest(11),
                            ada.id,
                            String::new(),
                            app::Scopes::ARTICLES,
                            now(),
                        );
                        store.begin_session(&session, SessionProof::App(&digest(4))).await
                    }
                    _ if round % 2 == 0 => store.end_sessions(ada.id).await.map(|()| true),
                    _ => store.end_everyones_sessions(None, now()).await.map(|_| true),
                }
            }
        })
        .await;
        let left = servers[0].sessions_of(ada.id).await.expect("read");
        assert!(left.is_empty(), "round {round}: {left:?}");
    }
}

async fn of_many_owners_dismissed_in_parallel_one_stays(location: &Location) {
    let store = open(location).await;
    let mut owners = Vec::new();
    for number in 0..6 {
        let address = email(&format!("owner-{number}@example.org"));
        let invitation = Invitation {
            key: Secret::generate(&mut rand::rng()).digest(),
            email: Some(address.clone()),
            role: Role::Owner,
            by: None,
            at: now(),
        };
        store.invite(&invitation, &[]).await.expect("invited");
        let person = NewStaff { email: &address, name: "", signed_in: None };
        let joined = store.join(&invitation.key, person, now()).await;
        let Joined::Done(account) = joined.expect("a database") else { panic!("not joined") };
        owners.push(account);
    }
    let outcomes = at_once(6, |number| {
        let (store, owner) = (store.clone(), owners[usize::from(number)].clone());
        async move {
            if number % 2 == 0 {
                store.dismiss(&owner, None, now()).await.map(|done| done == Appointed::Done)
            } else {
                store.delete_account(&owner, now()).await
            }
        }
    })
    .await;
    assert_eq!(times(&outcomes), 5);
    assert!(store.has_owner().await.expect("asked"));
}

async fn of_many_settings_at_once_one_is_stored(location: &Location) {
    let store = open(location).await;
    let ada = register(&store, "ada@example.org").await;
    for version in 0..3 {
        let checked = store.stored_settings().await.expect("read");
        let outcomes = at_once(20, |number| {
            let (store, checked, text) = (store.clone(), checked.clone(), number.to_string());
            async move {
                store
                    .set(
                        &checked,
                        "meter",
                        version,
                        &text,
                        SettingAuthor { by: ada.id, at: now() },
                        &[],
                    )
                    .await
            }
        })
        .await;
        let stored = outcomes.iter().filter(|outcome| **outcome == SettingWrite::Done).count();
        assert_eq!(stored, 1);
    }
    assert_eq!(store.settings("meter", 99).await.expect("read").len(), 3);
}

async fn of_many_parts_checked_together_at_once_one_is_stored(location: &Location) {
    let store = open(location).await;
    let ada = register(&store, "ada@example.org").await;
    let checked = store.stored_settings().await.expect("read");
    let outcomes = at_once(20, |number| {
        let (store, checked, part) = (store.clone(), checked.clone(), format!("part-{number}"));
        async move {
            store
                .set(&checked, &part, 0, "text", SettingAuthor { by: ada.id, at: now() }, &[])
                .await
        }
    })
    .await;
    let stored = outcomes.iter().filter(|outcome| **outcome == SettingWrite::Done).count();
    assert_eq!(stored, 1);
    let stored = store.stored_settings().await.expect("read");
    assert_eq!((stored.revision, stored.parts.len()), (1, 1));
}

async fn an_earlier_read_does_not_replace_a_later_one(location: &Location) {
    let store = open(location).await;
    let ada = register(&store, "ada@example.org").await;
    crate::pieces::articles(&store, 1).await;
    let read = |at| (ada.id, Read { article: ArticleId(1), at });
    // Two servers store what they have counted in any order.
    for at in [100, 200, 150] {
        store.save_reads(&[read(at)]).await.expect("stored");
    }
    let reads = store.reads_of(ada.id, 0).await.expect("read");
    assert!(reads.contains_since(ArticleId(1), 200));
}

async fn reads_decided_at_once_never_exceed_the_allowance(location: &Location) {
    const ALLOWANCE: usize = 5;
    let servers = [open(location).await, open(location).await];
    let ada = register(&servers[0], "ada@example.org").await;
    let mut articles = Vec::new();
    for slug in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        articles.push(crate::pieces::article(&servers[0], slug).await);
    }
    let unwritten: Reads = [Read { article: articles[0], at: 90 }].into_iter().collect();
    let delivered = at_once(100, |number| {
        let store = servers[usize::from(number) % servers.len()].clone();
        let article = articles[usize::from(number) % articles.len()];
        let unwritten = unwritten.clone();
        async move {
            let decide = |reads: &mut Reads| {
                let is_within = reads.contains(article) || reads.len() < ALLOWANCE;
                if is_within {
                    reads.put(Read { article, at: 100 });
                }
                is_within.then_some(article)
            };
            Ok(store.decide_on_reads(ada.id, 50, &unwritten, decide).await?.0)
        }
    })
    .await;
    let articles: HashSet<ArticleId> = delivered.into_iter().flatten().collect();
    assert_eq!(articles.len(), ALLOWANCE);
    let stored = servers[1].reads_of(ada.id, 0).await.expect("read");
    assert_eq!(stored.len(), ALLOWANCE);
    assert!(articles.iter().all(|article| stored.contains(*article)));
}

async fn a_change_of_an_account_is_notified_once(location: &Location) {
    let store = open(location).await;
    let ada = register(&store, "ada@example.org").await;
    let start = store.latest_account_change().await.expect("asked");
    store.rename_account(ada.id, "Ada", now()).await.expect("renamed");
    let (changes, then) = store.account_changes(start).await.expect("asked");
    assert_eq!(changes, [AccountChanged { account: ada.id, meter: false }]);
    let (changes, then) = store.account_changes(then).await.expect("asked");
    assert_eq!(changes, []);
    store.rename_account(ada.id, "Ada L.", now()).await.expect("renamed");
    let (changes, _) = store.account_changes(then).await.expect("asked");
    assert_eq!(changes.len(), 1);
}

async fn a_session_is_not_seen_earlier_than_it_was(location: &Location) {
    let store = open(location).await;
    let ada = register(&store, "ada@example.org").await;
    let key = Digest([1; 32]);
    let session = Session::of_browser(key, ada.id, "Firefox".to_owned(), now());
    store.create_session(&session).await.expect("begun");
    let later = now() + SignedDuration::from_hours(30);
    store.touch_session(&key, later).await.expect("stored");
    store.touch_session(&key, now()).await.expect("nothing");
    assert_eq!(store.session(&key).await.expect("read").expect("there").seen, later);
}

async fn withdrawing_does_not_undo_a_correction(location: &Location) {
    let store = open(location).await;
    for number in 0..10 {
        let slug = format!("ferry-{number}");
        crate::pieces::article(&store, &slug).await;
        let before = store.piece(&slug).await.expect("read").expect("there");
        let corrected = Piece { headline: "Corrected".into(), ..before };
        let (saved, withdrawn) = tokio::join!(
            store.save(&corrected, Timestamp::now()),
            store.withdraw(&slug, Timestamp::now())
        );
        saved.expect("saved");
        assert!(withdrawn.expect("withdrawn"));
        let after = store.piece(&slug).await.expect("read").expect("there");
        assert_eq!(after.headline, "Corrected");
        assert!(matches!(after.status, Status::Withdrawn | Status::Published));
    }
}

async fn what_is_due_is_claimed_by_one_of_many_servers(location: &Location) {
    let store = open(location).await;
    let at = |seconds| now() + SignedDuration::from_secs(seconds);
    let mut due = Vec::new();
    for number in 0..300 {
        let reader = register(&store, &format!("reader{number}@example.org")).await;
        due.push((subscription(&reader), Some(now())));
    }
    store.import_subscriptions(&due).await.expect("imported");
    let (store, other) = (store, open(location).await);
    let claims = at_once(40, |number| {
        let server = if number % 2 == 0 { store.clone() } else { other.clone() };
        let until = at(120);
        async move { server.claim_due_subscriptions(now(), until, 10).await }
    })
    .await;
    assert!(claims.iter().all(|claim| claim.len() <= 10), "the limit");
    let mut ids: Vec<u32> = claims.iter().flatten().map(|held| held.id.0).collect();
    let rest = store.claim_due_subscriptions(now(), at(120), 999).await.expect("claimed");
    ids.extend(rest.iter().map(|held| held.id.0));
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!((all, ids.len()), (300, 300), "each is claimed once");
    let later = store.claim_due_subscriptions(at(120), at(240), 999).await.expect("claimed");
    assert_eq!(later.len(), 300, "a claim is over after its time");
}

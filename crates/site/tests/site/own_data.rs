//! The download of everything that is stored about a reader, compared with the tables of the database.

use jiff::{SignedDuration, civil::date};
use masthead_access::{ArticleId, Read};
use masthead_circulation::{
    Account, AddressMove, Checkout, DeliveryAddress, Digest, Dispute, DisputeStatus,
    NotificationEvent, Passkey, Progress, Purpose, Refund, RefundStatus, Secret, Session,
    StaffActor, Withdrawal, WithdrawalWay,
    app::{AppAnswer, AppRequest, Scopes},
    reading::{FollowKind, Followed, MAX_FOLLOWED, MAX_SAVED},
    staff::{Invitation, Role},
};
use masthead_editorial::{
    Author,
    draft::{Draft, WorkflowState},
};
use masthead_store::{
    Attribution, FactorChange, Identity, IdentitySignIn, KeptForm, LabelChange, NewWithdrawal,
    SavedFilter, StoryChange,
};
use serde_json::{Value, json};

use crate::{
    newspaper::Newspaper,
    post::{ask, sign_in},
    shop::{self, ADA},
    staff::{colleague, let_in},
};

/// Where the download has the rows of each table that names an account or an address, as a JSON pointer. Empty for
/// unpaid invoices of a deleted account, which `debts` looks for, for challenges that were not answered and notifications among servers, which are gone after ten minutes.
const DOWNLOADED: [(&str, &str); 41] = [
    ("authors", "/author/name"),
    ("accounts", "/email"),
    ("account_reads", "/reads/0/article"),
    ("app_requests", "/requests/app"),
    ("authenticators", "/authenticator/added"),
    ("charges", "/orders/0/paid"),
    ("checkouts", "/checkouts/0/amount"),
    ("checkout_deliveries", "/checkout_deliveries/0/name"),
    ("audit_log", "/helped/0/why"),
    ("deliveries", "/delivery/lines/1"),
    ("account_debts", ""),
    ("disputes", "/disputes/0/state"),
    ("invoice_recipients", "/payments/0/to/email"),
    ("identities", "/elsewhere/0/issuer"),
    ("invitations", "/requests/invitation"),
    ("kept_forms", "/requests/form"),
    ("known_devices", "/known_devices/0/last_sign_in"),
    ("outbox", "/emails/0/subject"),
    ("address_changes", "/requests/address-change"),
    ("passkeys", "/passkeys/0/device"),
    ("payments", "/payments/0/amount"),
    ("recovery_codes", "/authenticator/recovery_codes"),
    ("refunds", "/refunds/0/why"),
    ("sessions", "/devices/0/device"),
    ("sign_in_requests", "/requests/sign-in"),
    ("staff", "/desk"),
    ("subscriptions", "/subscriptions/0/terms"),
    ("subscription_changes", "/subscriptions/0/changes/0/what"),
    ("saved_filters", "/filters/0/name"),
    ("saved_articles", "/saved/0/article"),
    ("history_readers", "/history/since"),
    ("history_entries", "/history/opened/0/article"),
    ("follows", "/following/0/slug"),
    ("personal_feeds", "/personal_feed/since"),
    ("challenges", ""),
    ("account_changes", ""),
    ("withdrawals", "/withdrawals/0/name"),
    ("reader_labels", "/labels/0"),
    ("reader_notes", "/notes/0/text"),
    ("notifications", "/notifications/0/event"),
    ("notification_choices", "/notification_settings/0/event"),
];
/// Tables that only say which member of the staff has done or written something, or has it open: that is the publication's, not
/// theirs.
const WORK: [&str; 14] = [
    "article_imports",
    "backups",
    "comment_threads",
    "comments",
    "desk_jobs",
    "live_posts",
    "picture_files",
    "pictures",
    "presence",
    "reader_imports",
    "revisions",
    "setting_versions",
    "stories",
    "story_writers",
];

fn names_somebody(column: &str) -> bool {
    let ids = ["account", "concerned_account", "email", "recipient"];
    ids.contains(&column) || column.ends_with("_by")
}

#[tokio::test]
async fn every_table_that_names_an_account_is_in_the_download_or_left_out_for_a_reason() {
    let paper = Newspaper::new().await;
    let snapshot = paper.store.snapshot().await.expect("a snapshot");
    let known = DOWNLOADED.iter().map(|(table, _)| *table).chain(WORK).collect::<Vec<_>>();
    let naming = snapshot
        .tables()
        .iter()
        .filter(|table| table.columns.iter().any(|column| names_somebody(&column.name)));
    let unknown: Vec<&str> =
        naming.map(|table| table.name.as_str()).filter(|table| !known.contains(table)).collect();
    assert_eq!(
        unknown, [""; 0],
        "add their rows to the download, in crates/site/src/account/export.rs"
    );
}

/// Adds what the site itself does not leave.
async fn add_rows(paper: &Newspaper, ada: &Account) {
    let (store, now, id) = (&paper.store, paper.now(), ada.id);
    let key = |byte: u8| Digest([byte; 32]);
    let elsewhere = Identity { issuer: "https://id.example".to_owned(), subject: "1".to_owned() };
    let begin = |account| Session::of_browser(key(8), account, "Firefox".to_owned(), now);
    let linked =
        store.begin_session_by_identity(&elsewhere, Some(&ada.email), now, begin, |_| None).await;
    assert!(matches!(linked, Ok(IdentitySignIn::Begun { is_linked: true, .. })), "{linked:?}");
    let passkey = Passkey {
        id: "1".into(),
        account: id,
        device: "Firefox, Linux".into(),
        public: "{}".into(),
        added: now,
        used: None,
        relying_party: None,
    };
    store.add_passkey(&passkey, FactorChange::alone(passkey.added)).await.expect("added");
    let door = DeliveryAddress::new("Ada", "3 Quay Street\nTidewater").expect("an address");
    store.set_delivery_address(id, &door, now).await.expect("set");
    let byline = Author { slug: "ada".into(), name: "Ada".into(), ..Author::default() };
    let by = Attribution { by: id, at: now };
    store.change_author(None, &byline, Some(id), None, by).await.expect("linked");
    let label = LabelChange::Add("press club".to_owned());
    store.label_reader(ada, &label, None, now).await.expect("labelled");
    let filter = SavedFilter { name: "Mine".to_owned(), query: "section=town".to_owned() };
    store.save_filter(id, &filter, 9).await.expect("saved");
    store.add_note(ada, "Likes the tides.", id, now).await.expect("noted");
    let bought = store.subscriptions_of(id).await.expect("read").remove(0);
    let checkout = Checkout {
        key: key(9),
        account: Some(id),
        purpose: Purpose::Begin,
        amount: bought.terms.amount,
        terms: bought.terms,
        begun: now,
        from: "/".to_owned(),
        experiment: None,
        processor: "sandbox".to_owned(),
        reference: String::new(),
        is_superseded: false,
        progress: Progress::Open,
    };
    store.begin_checkout_with(&checkout, None, Some(&door)).await.expect("begun");
    store.begin_authenticator(id, b"secret", now).await.expect("begun");
    let (path, body) = ("/account/deletion".to_owned(), "sure=yes".to_owned());
    store.keep_form(&key(1), &KeptForm { account: id, path, body }, now).await.expect("kept");
    let moving = AddressMove {
        from_old: key(2),
        from_new: key(3),
        account: id,
        email: "ada@example.com".parse().expect("an address"),
        asked: now,
        old_agrees: false,
        new_agrees: false,
    };
    store.create_address_change(&moving).await.expect("asked");
    let app = AppRequest {
        app: key(4),
        code: key(5),
        name: "The Paper on a phone".to_owned(),
        scopes: Scopes::ARTICLES,
        asked: now,
        answer: AppAnswer::None,
    };
    store.create_app_request(&app).await.expect("asked");
    let session = Session::of_browser(key(6), id, "Firefox".to_owned(), now);
    store.create_session(&session).await.expect("signed in");
    assert!(store.answer_app_request(&key(5), Some(&session), now).await.expect("let in"));
    let by = Some(colleague(paper).await);
    let (email, role) = (Some(ada.email.clone()), Role::Editor);
    let invitation = Invitation { key: key(7), email, role, by, at: now };
    store.invite(&invitation, &[]).await.expect("invited");
    let staff = StaffActor { by, reason: "Read by mistake".to_owned() };
    store.reset_meter(ada, &staff, now).await.expect("reset");
    let read =
        Read { article: ArticleId(1), at: u32::try_from(now.as_second()).expect("a time") + 1 };
    store.save_reads(&[(id, read)]).await.expect("kept");
    add_lists(paper, ada, read).await;
    let payment = store.payments_of(id).await.expect("read").remove(0);
    let refund = Refund {
        payment: payment.number,
        account: Some(id),
        amount: payment.amount,
        before: masthead_circulation::Money::zero(payment.amount.currency()),
        elsewhere: masthead_circulation::Money::zero(payment.amount.currency()),
        at: now,
        actor: masthead_circulation::Actor::Staff(Some(staff)),
        attempt: 0,
        status: RefundStatus::Asked,
        failed: None,
    };
    let dispute = Dispute {
        processor: "sandbox".to_owned(),
        reference: "1".to_owned(),
        payment: payment.number,
        account: Some(id),
        amount: payment.amount,
        reason: "fraudulent".to_owned(),
        status: DisputeStatus::Inquiry,
        opened: now,
        evidence_due: None,
    };
    let question = store.next_dispute_question().await.expect("a question");
    store.record_dispute(&dispute, question, &payment, now).await.expect("recorded");
    store.ask_refund(&refund, now + SignedDuration::from_hours(1)).await.expect("noted");
    withdraw(paper, ada).await;
    notify(paper, ada).await;
}

/// Tells them at the desk of an article that a colleague has submitted, and stores how they want to be told.
async fn notify(paper: &Newspaper, ada: &Account) {
    let (store, by) = (&paper.store, Attribution { by: colleague(paper).await, at: paper.now() });
    let draft = Draft { headline: "The tides".to_owned(), ..Draft::default() };
    let id = store.begin_story("tides-draft", &draft, by).await.expect("asked").expect("begun");
    let (work, change) = (WorkflowState::Review, StoryChange::Sent);
    store.set_work(id, 1, work, change, by).await.expect("submitted");
    let event = NotificationEvent::Submitted;
    let choices = [(event, event.default_choice())];
    store.set_notification_choices(ada.id, &choices).await.expect("stored");
    store.set_staff_language(ada.id, "de").await.expect("stored");
    store.set_weekly_figures(ada.id, true, date(2026, 12, 21)).await.expect("stored");
}

/// Adds a declaration of withdrawal, without what follows from it.
async fn withdraw(paper: &Newspaper, ada: &Account) {
    let bought = paper.store.subscriptions_of(ada.id).await.expect("read").remove(0);
    let declared = Withdrawal {
        subscription: bought.id,
        at: paper.now(),
        name: "Ada".to_owned(),
        email: ada.email.to_string(),
        way: WithdrawalWay::Link,
    };
    let new = NewWithdrawal {
        account: ada.id,
        link: None,
        changes: &[],
        declarations: &[declared],
        payments: &[],
    };
    paper.store.withdraw_from_contracts(&new, paper.now()).await.expect("stored");
}

/// Adds what readers keep for themselves.
async fn add_lists(paper: &Newspaper, ada: &Account, read: Read) {
    let (store, now, id) = (&paper.store, paper.now(), ada.id);
    store.save_article(id, read.article, MAX_SAVED, now).await.expect("saved");
    store.keep_history(id, now).await.expect("switched on");
    store.add_to_histories(&[(id, read)]).await.expect("kept");
    let followed = Followed { kind: FollowKind::Topic, slug: "matter".to_owned() };
    store.follow(id, &followed, MAX_FOLLOWED, now).await.expect("followed");
    store.renew_feed(id, &Secret::generate(&mut rand::rng()), now).await.expect("begun");
}

/// Lists become objects by what an entry is, so that a pointer finds the entry.
fn by_kind(data: &mut Value) {
    let requests = data["requests"].as_array().cloned().unwrap_or_default();
    let named =
        requests.into_iter().map(|one| (one["what"].as_str().unwrap_or("").to_owned(), one));
    data["requests"] = Value::Object(named.collect());
}

pub async fn downloaded(paper: &Newspaper, account: &Account) -> Value {
    let mut parts = masthead_site::account_data(&paper.site, account).await.expect("begun");
    let mut text = String::new();
    while let Some(part) = parts.next_part().await.expect("a part") {
        text.push_str(&part);
    }
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn length(data: &Value, list: &str) -> usize {
    data[list].as_array().expect("a list").len()
}

#[tokio::test]
async fn the_download_has_every_action_of_staff_however_many() {
    let paper = Newspaper::new().await;
    let sue = colleague(&paper).await;
    let account = paper.store.account(sue).await.expect("read").expect("there");
    let ada = "ada@example.org".parse().expect("an address");
    let (ada, _) = paper.store.register(&ada, paper.now()).await.expect("registered");
    let before = downloaded(&paper, &account).await;
    // As many as are read at once twice, and one more.
    for _ in 0..1001 {
        let staff = StaffActor { by: Some(sue), reason: "By phone".to_owned() };
        paper.store.reset_meter(&ada, &staff, paper.now()).await.expect("reset");
    }
    let done = downloaded(&paper, &account).await;
    assert_eq!(length(&done, "desk_actions"), length(&before, "desk_actions") + 1001);
    assert_eq!(length(&done, "helped"), 0);
    let of_ada = downloaded(&paper, &ada).await;
    assert_eq!((length(&of_ada, "helped"), length(&of_ada, "desk_actions")), (1001, 0));
    assert_eq!(of_ada["helped"][1000]["why"], "By phone");
}

#[tokio::test]
async fn the_download_has_reads_from_before_a_reset_and_under_an_earlier_account() {
    let paper = Newspaper::new().await;
    paper.publish_metered("ab").await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    ada.get("/news/a").await;
    ada.post("/account/deletion", "sure=yes").await;
    sign_in(&paper, &mut ada, ADA, "/").await;
    let email = ADA.parse().expect("an address");
    let account = paper.store.account_at(&email).await.expect("asked").expect("there");
    let staff = StaffActor { by: None, reason: "A mistake".to_owned() };
    paper.set_clock("2026-12-01T09:00:00Z");
    let before = u32::try_from(paper.now().as_second()).expect("a time") - 60;
    paper.store.reset_meter(&account, &staff, paper.now()).await.expect("reset");
    // A server that was cut off stores a read from before.
    let late = Read { article: ArticleId(1), at: before };
    paper.store.save_reads(&[(account.id, late)]).await.expect("kept");
    let data = downloaded(&paper, &account).await;
    assert_eq!(data["reads"][0]["article"], "/news/a", "{data:#}");
    assert_eq!((length(&data, "reads"), length(&data, "former_reads")), (1, 1), "{data:#}");
}

#[tokio::test]
async fn the_download_has_what_every_table_has() {
    let paper = shop::paper().await;
    let mut ada = shop::ada(&paper).await;
    shop::buy(&mut ada, "web-monthly", "good", "/").await;
    paper.set_clock("2026-12-24T09:00:00Z");
    paper.site.billing.renew_due().await.expect("renewed");
    let account = let_in(&paper, Role::Editor).await;
    add_rows(&paper, &account).await;
    paper.refresh().await;
    ask(&paper, &mut paper.browser(), ADA, "/").await;
    let mut data = downloaded(&paper, &account).await;
    by_kind(&mut data);
    for (table, pointer) in DOWNLOADED.iter().filter(|(_, pointer)| !pointer.is_empty()) {
        let found = data.pointer(pointer);
        assert!(found.is_some_and(|found| !found.is_null()), "{table}: {pointer} in {data:#}");
    }
    let settings = &data["newsroom_settings"];
    assert_eq!((&settings["language"], &settings["weekly_figures"]), (&json!("de"), &json!(true)));
    assert_eq!(settings["last_weekly_figures"], "2026-12-21");
    let text = data.to_string();
    assert!(!text.contains("sure=yes") && !text.contains("AQEBAQ"), "a secret: {text}");
}

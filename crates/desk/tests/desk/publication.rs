//! The name, the tagline, the language and the time zone of the publication.

use http::StatusCode;
use masthead_circulation::{Mandate, staff::Role};
use masthead_store::AuditQuery;

use super::{TestDesk, email, leads_to, readers::subscribe_with, text};

const FORM: &str =
    "name=The+Evening+Post&tagline=News+at+six&locale=de-AT&zone=Europe/Vienna&do=save";

#[tokio::test]
async fn a_publication_is_named_at_the_desk() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
        let before = desk.live.peek().publication.name.clone();
        let address = desk.live.peek().publication.address.clone();
        let page = text(desk.get("/desk/publication", &cy).await).await;
        assert!(page.contains(&format!("name=\"name\" value=\"{before}\"")), "{page}");
        assert!(page.contains("<option value=\"Europe&#x2f;London\""), "{page}");

        // The preview shows what the form says, and changes nothing.
        let look =
            text(desk.post("/desk/publication", &cy, &FORM.replace("save", "look")).await).await;
        assert!(look.contains("data-shows=\"name\">The Evening Post</p>"), "{look}");
        assert!(look.contains("These changes aren’t live yet"), "{look}");
        assert_eq!(desk.live.peek().publication.name, before);

        let form = format!("version=0&{FORM}");
        let saved = desk.post("/desk/publication", &cy, &form).await;
        assert_eq!(
            (saved.status(), leads_to(&saved)),
            (StatusCode::SEE_OTHER, "/desk/publication")
        );
        let set = desk.live.peek().publication.clone();
        assert_eq!((&*set.name, &*set.tagline), ("The Evening Post", "News at six"));
        assert_eq!(set.locale.tag(), "de-AT");
        assert_eq!(set.policy.zone.iana_name(), Some("Europe/Vienna"));
        assert_eq!(set.address, address, "only the file sets the address");
        assert_eq!(desk.live.peek().theme.word("search"), "Suchen");

        let log = desk.store.audit_log(&AuditQuery::default(), 1).await.expect("read");
        let said = format!("{log:?}");
        for value in [before.as_str(), "The Evening Post", "Europe/Vienna", "de-AT"] {
            assert!(said.contains(value), "{value}: {said}");
        }
        let page = text(desk.get("/desk/publication", &cy).await).await;
        assert!(page.contains("publication.name: "), "the history has old and new values: {page}");

        // Somebody who has the former version open overwrites nothing.
        let behind = desk.post("/desk/publication", &cy, &form).await;
        assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
        // The newsroom is in the publication's language until somebody chooses another.
        let said = text(behind).await;
        assert!(said.contains("Inzwischen hat jemand anderes die Publikation geändert"), "{said}");

        let file = desk.post("/desk/publication", &cy, "version=1&do=file").await;
        assert_eq!(file.status(), StatusCode::SEE_OTHER);
        assert_eq!(desk.live.peek().publication.name, before);
        let again = desk.post("/desk/history/publication", &cy, "version=2&wanted=1").await;
        assert_eq!(leads_to(&again), "/desk/publication");
        assert_eq!(desk.live.peek().publication.name, "The Evening Post");
    }
}

#[tokio::test]
async fn addresses_are_written_in_the_letters_that_are_chosen() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, cy) = desk.staff("cy@example.org", Role::Owner).await;
        let page = text(desk.get("/desk/publication", &cy).await).await;
        assert!(page.contains("<option value=\"latin\" selected>"), "{page}");
        let author = "name=J%C3%B6rg&slug=&role=&bio=&portrait=&alt=&account=&email=&do=save";
        let saved = desk.post("/desk/authors/new", &cy, author).await;
        assert_eq!(leads_to(&saved), "/desk/authors/jorg");
        let own = author.replace("slug=", "slug=j%C3%B6rg").replace("name=J", "name=Herr+J");
        let refused = desk.post("/desk/authors/new", &cy, &own).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);

        let form = format!("version=0&slugs=own-script&{FORM}").replace("de-AT", "en");
        assert_eq!(
            desk.post("/desk/publication", &cy, &form).await.status(),
            StatusCode::SEE_OTHER
        );
        let saved = desk.post("/desk/authors/new", &cy, &own).await;
        assert_eq!(leads_to(&saved), "/desk/authors/j%C3%B6rg");
        let page = desk.get("/desk/authors/j%C3%B6rg", &cy).await;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(text(page).await.contains("value=\"jörg\""));
        let hidden = author.replace("slug=", "slug=j%E2%80%AEg").replace("name=J", "name=Frau+J");
        let refused = desk.post("/desk/authors/new", &cy, &hidden).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);

        // A form that was open before there was the choice changes nothing about it.
        let form = format!("version=1&{FORM}").replace("de-AT", "en");
        assert_eq!(
            desk.post("/desk/publication", &cy, &form).await.status(),
            StatusCode::SEE_OTHER
        );
        assert_eq!(desk.live.peek().publication.slugs.name(), "own-script");
        // What has such an address keeps it.
        let form = format!("version=2&slugs=latin&{FORM}").replace("de-AT", "en");
        assert_eq!(
            desk.post("/desk/publication", &cy, &form).await.status(),
            StatusCode::SEE_OTHER
        );
        let record = desk.store.author_record("jörg").await.expect("read").expect("an author");
        let again = format!("version={}&{}", record.version, own.replace("role=", "role=Editor"));
        let saved = desk.post("/desk/authors/j%C3%B6rg", &cy, &again).await;
        assert_eq!(leads_to(&saved), "/desk/authors/j%C3%B6rg");
    }
}

#[tokio::test]
async fn mistakes_are_shown_at_their_fields_and_nothing_is_saved() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    for (form, fault) in [
        ("name=&locale=en&zone=UTC", "Enter the name of the publication."),
        ("name=A%0AB&locale=en&zone=UTC", "Enter one line"),
        ("name=A&locale=xx-&zone=UTC", "Choose a language from the list."),
        ("name=A&locale=en&zone=Mars/Base", "Choose a time zone from the list."),
    ] {
        let form = format!("version=0&tagline=&{form}&do=save");
        let answer = desk.post("/desk/publication", &cy, &form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(text(answer).await.contains(fault), "{form}");
    }
    assert_eq!(desk.store.setting("publication").await.expect("asked"), None);
}

#[tokio::test]
async fn seller_and_account_are_on_invoices_at_once() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, cy) = desk.staff("cy@example.org", Role::Owner).await;
        let form = "version=0&seller=The+Paper+Ltd%0D%0A1+Quay&transfer=IBAN+1&do=save";
        let saved = desk.post("/desk/seller", &cy, form).await;
        assert_eq!((saved.status(), leads_to(&saved)), (StatusCode::SEE_OTHER, "/desk/seller"));
        let set = desk.live.peek().publication.clone();
        assert_eq!((&*set.seller, &*set.transfer), ("The Paper Ltd\n1 Quay", "IBAN 1"));
        let log = desk.store.audit_log(&AuditQuery::default(), 1).await.expect("read");
        assert!(format!("{log:?}").contains("IBAN 1"), "{log:?}");
        let page = text(desk.get("/desk/seller", &cy).await).await;
        assert!(page.contains("1 Quay</textarea>"), "{page}");
        assert!(page.contains("No tax rate is set"), "{page}");
        let behind = desk.post("/desk/seller", &cy, form).await;
        assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let long = format!("version=1&seller={}&do=save", "x".repeat(101));
        let refused = desk.post("/desk/seller", &cy, &long).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(refused).await.contains("A line has at most 100 characters"));
        let file = desk.post("/desk/seller", &cy, "version=1&do=file").await;
        assert_eq!(file.status(), StatusCode::SEE_OTHER);
        assert_eq!(desk.live.peek().publication.transfer, "");
    }
}

#[tokio::test]
async fn the_account_of_open_invoices_is_removed_only_with_consent() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, cy) = desk.staff("cy@example.org", Role::Owner).await;
        let rea = desk.store.register(&email("rea@example.org"), desk.now()).await;
        let id = rea.expect("registered").0.id;
        let set = async |version: u32, rest: &str| {
            let form = format!("version={version}&seller=The+Paper+Ltd&{rest}");
            desk.post("/desk/seller", &cy, &form).await
        };
        assert_eq!(set(0, "transfer=IBAN+1&do=save").await.status(), StatusCode::SEE_OTHER);
        // Nobody is asked for money yet.
        assert_eq!(set(1, "do=save").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(set(2, "transfer=IBAN+1&do=save").await.status(), StatusCode::SEE_OTHER);
        subscribe_with(&desk, id, Mandate::manual()).await;
        for rest in ["transfer=+&do=save", "transfer=IBAN+1&do=file"] {
            let refused = set(3, rest).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{rest}");
            let page = text(refused).await;
            assert!(page.contains("1 subscription is paid by invoice."), "{rest} {page}");
            assert!(page.contains("name=\"agreed\""), "{rest} {page}");
            assert_eq!(desk.live.peek().publication.transfer, "IBAN 1");
        }
        let restored = desk.post("/desk/history/seller", &cy, "version=3&wanted=2").await;
        assert_ne!(restored.status(), StatusCode::SEE_OTHER);
        assert_eq!(desk.live.peek().publication.transfer, "IBAN 1");
        assert_eq!(set(3, "agreed=yes&do=save").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(desk.live.peek().publication.transfer, "");
    }
}

#[tokio::test]
async fn a_shorter_retention_says_what_it_deletes_and_needs_consent() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
        let old = desk.now() - jiff::SignedDuration::from_hours(24 * 50);
        desk.store.mark_webhook_processed("one", old).await.expect("marked");
        let form = |webhooks: u16| {
            format!(
                "webhook_days={webhooks}&hourly_count_days=400&daily_count_days=0&revision_days=0&audit_days=0\
                 &address_days=90&do=save"
            )
        };
        // Longer needs no consent.
        let saved = desk.post("/desk/retention", &olu, &format!("version=0&{}", form(91))).await;
        assert_eq!((saved.status(), leads_to(&saved)), (StatusCode::SEE_OTHER, "/desk/retention"));
        assert_eq!(desk.live.peek().publication.retention.webhook_days, 91);

        let asked = desk.post("/desk/retention", &olu, &format!("version=1&{}", form(30))).await;
        assert_eq!(asked.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = text(asked).await;
        assert!(page.contains("1 row will be deleted."), "{page}");
        assert!(page.contains("value=\"30-400-0-0-0-90\""), "{page}");
        // Consent to other periods is none.
        for (agreed, status) in [
            ("40-400-0-0-0-90", StatusCode::UNPROCESSABLE_ENTITY),
            ("30-400-0-0-0-90", StatusCode::SEE_OTHER),
        ] {
            let form = format!("version=1&agreed={agreed}&{}", form(30));
            assert_eq!(
                desk.post("/desk/retention", &olu, &form).await.status(),
                status,
                "{agreed}"
            );
        }
        assert_eq!(desk.live.peek().publication.retention.webhook_days, 30);
        let wrong = form(30).replace("audit_days=0", "audit_days=forever");
        let refused = desk.post("/desk/retention", &olu, &format!("version=2&{wrong}")).await;
        assert!(text(refused).await.contains("isn’t a number of days"));
    }
}

#[tokio::test]
async fn earlier_periods_and_the_defaults_come_back_and_ask_before_they_delete() {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    let old = desk.now() - jiff::SignedDuration::from_hours(24 * 50);
    let kept = || desk.live.peek().publication.retention.webhook_days;
    for (version, days) in [(0, 40), (1, 91)] {
        let form = format!(
            "version={version}&webhook_days={days}&hourly_count_days=400&daily_count_days=0\
             &revision_days=0&audit_days=0&address_days=90&do=save"
        );
        assert_eq!(desk.post("/desk/retention", &olu, &form).await.status(), StatusCode::SEE_OTHER);
    }
    desk.store.mark_webhook_processed("one", old).await.expect("marked");
    let page = text(desk.get("/desk/retention", &olu).await).await;
    assert!(page.contains("history&#x2f;retention"), "{page}");
    let restore = "/desk/history/retention";
    let asked = desk.post(restore, &olu, "version=2&wanted=1").await;
    assert_eq!(asked.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(asked).await;
    assert!(page.contains("1 row will be deleted.") && page.contains("40-400-0-0-0-90"), "{page}");
    assert_eq!(kept(), 91);
    let behind = desk.post(restore, &olu, "version=1&wanted=2").await;
    assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
    // The default is shorter than 91 days, and nothing is as old as that.
    let reset = desk.post("/desk/retention", &olu, "version=2&do=default").await;
    assert_eq!((leads_to(&reset), kept()), ("/desk/retention", 90));
    let restored = desk.post(restore, &olu, "version=3&wanted=2").await;
    assert_eq!((leads_to(&restored), kept()), ("/desk/retention", 91));
}

#[tokio::test]
async fn an_accent_is_in_a_style_sheet_with_a_new_address() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
        let style = || {
            let theme = desk.live.peek().theme.clone();
            let asset = &theme.assets["sections.css"];
            let (css, _) = asset.content(masthead_publication::compression::Encoding::Identity);
            (String::from_utf8(css.to_vec()).expect("text"), asset.version.clone())
        };
        let before = style();
        let refused =
            desk.post("/desk/appearance", &cy, "version=0&accent=%23ff9900&do=save").await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let said = text(refused).await;
        assert!(
            said.contains("at least 4.5 is needed. The nearest colour that works is #"),
            "{said}"
        );
        assert_eq!(style(), before);

        let form = "version=0&accent=%230B3D91&accent_dark=&do=save";
        let saved = desk.post("/desk/appearance", &cy, form).await;
        assert_eq!((saved.status(), leads_to(&saved)), (StatusCode::SEE_OTHER, "/desk/appearance"));
        let (css, version) = style();
        assert!(css.starts_with(":root{--accent:light-dark(#0b3d91,#"), "{css}");
        assert_ne!(version, before.1, "browsers keep a style sheet for good under its address");
        let behind = desk.post("/desk/appearance", &cy, form).await;
        assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(behind).await.contains("Somebody else has changed the appearance"));
        let file = desk.post("/desk/appearance", &cy, "version=1&do=file").await;
        assert_eq!(file.status(), StatusCode::SEE_OTHER);
        assert_eq!(style(), before);
    }
}

#[tokio::test]
async fn a_test_email_goes_to_oneself_through_the_outbox_and_is_limited() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (olu, cookie) = desk.staff("olu@example.org", Role::Owner).await;
        let page = text(desk.get("/desk/email", &cookie).await).await;
        assert!(
            page.contains("mail.paper.example") && page.contains("news@paper.example"),
            "{page}"
        );
        for _ in 0..5 {
            let sent = desk.post("/desk/email", &cookie, "").await;
            assert_eq!((sent.status(), leads_to(&sent)), (StatusCode::SEE_OTHER, "/desk/email"));
        }
        let tests = |emails: Vec<masthead_store::OutboxEntry>| {
            emails.into_iter().filter(|email| email.kind == "test").count()
        };
        let emails = desk.store.emails_to(&olu.email, 50).await.expect("read");
        assert_eq!(tests(emails), 5);
        let page = text(desk.get("/desk/email", &cookie).await).await;
        assert!(page.contains("It is waiting in the outbox."), "{page}");
        let refused = desk.post("/desk/email", &cookie, "").await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(refused).await.contains("five test emails in the last hour"));
        let emails = desk.store.emails_to(&olu.email, 50).await.expect("read");
        assert_eq!(tests(emails), 5);
    }
}

#[tokio::test]
async fn without_a_processor_nothing_is_checked_and_the_page_says_what_to_set() {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    let page = text(desk.get("/desk/payment-processor", &olu).await).await;
    assert!(page.contains("stripe_key and webhook_secret"), "{page}");
    assert!(!page.contains("Make test charge"), "{page}");
    let refused = desk.post("/desk/payment-processor", &olu, "").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(refused).await.contains("no payment processor to check"));
}

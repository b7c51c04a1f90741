//! Finding a reader, and what support sees of them.

use http::StatusCode;
use jiff::tz::TimeZone;
use masthead_access::{ArticleId, Read};
use masthead_circulation::{
    AccountId, BillingInterval, Channel, DeliveryAddress, Mandate, Money, Subscription,
    SubscriptionId, Terms, Unit, staff::Role,
};
use masthead_store::{Email, EmailBody};

use super::{TestDesk, email, leads_to, text};

pub async fn subscribe(desk: &TestDesk, account: AccountId) {
    let mandate = Mandate { processor: "sandbox".into(), reference: "good".into(), card: None };
    subscribe_with(desk, account, mandate).await;
}

/// The same, paid in this way.
pub async fn subscribe_with(desk: &TestDesk, account: AccountId, mandate: Mandate) {
    let currency = "GBP".parse().expect("a currency");
    let terms = Terms {
        product: "web".to_owned(),
        name: "The Paper online".to_owned(),
        channels: vec![Channel::Web],
        price: "web-monthly".to_owned(),
        offer: None,
        introduction: None,
        amount: Money::of(800, currency),
        every: BillingInterval::one(Unit::Month),
    };
    let id = SubscriptionId(0);
    let held = Subscription::start(id, account, terms, mandate, desk.now(), &TimeZone::UTC);
    desk.store.import_subscriptions(&[(held, None)]).await.expect("taken in");
}

#[tokio::test]
async fn a_reader_is_found_by_address_name_or_subscription() {
    let desk = TestDesk::open().await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    for reader in ["rea@example.org", "reader_2@example.org", "readerx2@example.org"] {
        desk.reader(reader).await;
    }
    let rea = desk.store.account_at(&email("rea@example.org")).await.expect("asked");
    let rea = rea.expect("an account");
    desk.store.rename_account(rea.id, "Rea Näher", desk.now()).await.expect("renamed");
    subscribe(&desk, rea.id).await;
    let her_page = format!("/desk/readers/{}", rea.id.0);

    let found = async |q: &str| text(desk.get(&format!("/desk/readers?q={q}"), &sue).await).await;
    let several = found("rea").await;
    assert!(several.contains("3 readers<") && several.contains(&her_page), "{several}");
    assert!(found("REA%20n").await.contains("1 reader<"), "by name, in any case");
    let literal = found("reader_2").await;
    assert!(literal.contains("1 reader<") && !literal.contains("readerx2"), "{literal}");
    assert!(found("%25").await.contains("No reader has an account with"));
    for exact in ["rea@example.org", "Rea@Example.org", "S-1", "s-1"] {
        let answer = desk.get(&format!("/desk/readers?q={exact}"), &sue).await;
        assert_eq!(leads_to(&answer), her_page, "{exact}");
    }
}

#[tokio::test]
async fn support_sees_subscription_payments_mail_and_reads() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    desk.reader("rea@example.org").await;
    let rea = email("rea@example.org");
    let account = desk.store.account_at(&rea).await.expect("asked").expect("an account");
    let at = u32::try_from(desk.now().as_second()).expect("a time");
    let read = Read { article: ArticleId(1), at };
    desk.store.save_reads(&[(account.id, read)]).await.expect("kept");
    let path = format!("/desk/readers/{}", account.id.0);
    let page = text(desk.get(&path, &sue).await).await;
    assert!(page.contains("1 of 5 articles counted in this period."), "{page}");
    subscribe(&desk, account.id).await;
    let email = Email {
        to: rea,
        account: Some(account.id),
        kind: "sign-in".to_owned(),
        subject: "Your link".to_owned(),
        body: EmailBody {
            text: "https://paper.example/sign-in/with/SECRET".to_owned(),
            html: String::new(),
        },
        useful_for: None,
    };
    desk.store.enqueue_email(&email, desk.now()).await.expect("posted");
    let page = text(desk.get(&path, &sue).await).await;
    for said in [
        "rea@example.org",
        "S-1 The Paper online",
        "Active, renews 15 February 2027.",
        "£8 a month",
        "1 of 5 articles counted in this period.",
        "The &lt;bridge&gt;",
        "Your link",
        "Waiting",
        "1 device signed in",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("SECRET"), "support cannot sign in as the reader");
}

#[tokio::test]
async fn unknown_readers_are_not_found() {
    let desk = TestDesk::open().await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    for path in ["/desk/readers/4000", "/desk/readers/nobody", "/desk/readers/99999999999"] {
        let answer = desk.get(path, &sue).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(text(answer).await.contains("Reader not found"));
    }
    let answer = desk.get("/desk/readers?q=S-4000", &sue).await;
    assert!(text(answer).await.contains("No reader has an account"));
}

#[tokio::test]
async fn support_sees_where_a_paper_is_delivered() {
    let desk = TestDesk::open().await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    desk.reader("rea@example.org").await;
    let rea = desk.store.account_at(&email("rea@example.org")).await.expect("asked");
    let rea = rea.expect("an account");
    let her_page = format!("/desk/readers/{}", rea.id.0);
    let page = text(desk.get(&her_page, &sue).await).await;
    assert!(!page.contains("Delivery address"), "{page}");
    let door = DeliveryAddress::new("Rea", "3 Quay Street\nTidewater").expect("an address");
    desk.store.set_delivery_address(rea.id, &door, desk.now()).await.expect("set");
    let page = text(desk.get(&her_page, &sue).await).await;
    assert!(page.contains("Rea<br>3 Quay Street<br>Tidewater"), "{page}");
}

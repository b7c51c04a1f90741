//! Finding a reader, and what support sees of them.

use http::StatusCode;
use jiff::tz::TimeZone;
use masthead_circulation::{
    AccountId, BillingInterval, Channel, Mandate, Money, Subscription, SubscriptionId, Terms, Unit,
    staff::Role,
};
use masthead_store::{Email, EmailBody};

use super::{House, email, leads_to, text};

pub async fn subscribe(house: &House, account: AccountId) {
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
    let id = (SubscriptionId(0), account);
    let mandate = Mandate { processor: "sandbox".into(), reference: "good".into(), card: None };
    let held = Subscription::start(id, terms, mandate, house.now(), &TimeZone::UTC);
    house.store.import_subscriptions(&[(held, None)]).await.expect("taken in");
}

#[tokio::test]
async fn a_reader_is_found_by_what_one_has() {
    let house = House::open().await;
    let (_, sue) = house.staff("sue@example.org", Role::Support).await;
    for reader in ["rea@example.org", "reader_2@example.org", "readerx2@example.org"] {
        house.reader(reader).await;
    }
    let rea = house.store.account_at(&email("rea@example.org")).await.expect("asked");
    let rea = rea.expect("an account");
    house.store.rename_account(rea.id, "Rea Näher").await.expect("renamed");
    subscribe(&house, rea.id).await;
    let her_page = format!("/desk/readers/{}", rea.id.0);

    let found = async |q: &str| text(house.get(&format!("/desk/readers?q={q}"), &sue).await).await;
    let several = found("rea").await;
    assert!(several.contains("3 found") && several.contains(&her_page), "{several}");
    assert!(found("REA%20n").await.contains("1 found"), "by name, in any case");
    let literal = found("reader_2").await;
    assert!(literal.contains("1 found") && !literal.contains("readerx2"), "{literal}");
    assert!(found("%25").await.contains("No reader has an account with"));
    for exact in ["rea@example.org", "Rea@Example.org", "S-1", "s-1"] {
        let answer = house.get(&format!("/desk/readers?q={exact}"), &sue).await;
        assert_eq!(leads_to(&answer), her_page, "{exact}");
    }
}

#[tokio::test]
async fn support_sees_subscription_payments_mail_and_reads() {
    let house = House::open().await;
    let (_, sue) = house.staff("sue@example.org", Role::Support).await;
    house.reader("rea@example.org").await;
    let rea = email("rea@example.org");
    let account = house.store.account_at(&rea).await.expect("asked").expect("an account");
    subscribe(&house, account.id).await;
    let letter = Email {
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
    house.store.enqueue_email(&letter, house.now()).await.expect("posted");
    let path = format!("/desk/readers/{}", account.id.0);
    let page = text(house.get(&path, &sue).await).await;
    for said in [
        "rea@example.org",
        "S-1 The Paper online",
        "Now: paid until 15 February 2027, and goes on.",
        "8.00 GBP every 1 month",
        "1 of 5 articles are counted.",
        "The &lt;bridge&gt;",
        "Your link",
        "waiting",
        "1 device signed in",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("SECRET"), "whoever helps cannot sign in in the reader's place");
}

#[tokio::test]
async fn who_is_not_there_is_said() {
    let house = House::open().await;
    let (_, sue) = house.staff("sue@example.org", Role::Support).await;
    for path in ["/desk/readers/4000", "/desk/readers/nobody", "/desk/readers/99999999999"] {
        let answer = house.get(path, &sue).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(text(answer).await.contains("There is no such reader"));
    }
    let answer = house.get("/desk/readers?q=S-4000", &sue).await;
    assert!(text(answer).await.contains("No reader has an account"));
}

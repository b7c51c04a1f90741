//! What the small newspaper sells, and a reader who buys it.

use http::StatusCode;
use jiff::civil::Date;
use masthead_access::{Tier, message::Messages};
use masthead_circulation::{
    Catalogue, Channel, Currency, Introduction, Money, Offer, OfferAudience, Price, Product,
};
use masthead_publication::Publication;

use crate::{
    newspaper::{Browser, Newspaper, Reply, tiered},
    post::sign_in,
};

pub const ADA: &str = "ada@example.org";
/// The fields of a delivery address.
pub const DOOR: &str = "delivery_name=Ada+Example&delivery_lines=3+Quay+Street%0D%0ATidewater";

fn usd(minor: u64) -> Money {
    Money::of(minor, "USD".parse::<Currency>().expect("a currency"))
}

fn price(slug: &str, product: &str, minor: u64, every: &str) -> Price {
    Price {
        slug: slug.into(),
        product: product.into(),
        amount: usd(minor),
        every: every.parse().expect("a length"),
    }
}

fn offer(slug: &str, minor: u64, lasts: &str, audience: OfferAudience) -> Offer {
    Offer {
        slug: slug.into(),
        name: String::new(),
        price: "web-monthly".into(),
        introduction: Introduction {
            amount: usd(minor),
            lasts: lasts.parse().expect("a length"),
            card: minor > 0,
        },
        audience,
        ends: None,
        limit: None,
    }
}

/// A web and a paper product, a trial, an offer to the end of January, one for those who come back,
/// and one for students.
fn catalogue() -> Catalogue {
    let product = |slug: &str, channels: &[Channel]| Product {
        slug: slug.into(),
        name: format!("The {slug} edition"),
        description: String::new(),
        channels: channels.to_vec(),
        benefits: vec![],
        recommended: false,
        tax: None,
    };
    let mut winter = offer("winter", 900, "3 months", OfferAudience::New);
    winter.ends = Some(Date::constant(2027, 1, 31));
    let mut trial = offer("trial-with-card", 0, "14 days", OfferAudience::New);
    trial.introduction.card = true;
    let mut few = offer("few", 100, "1 month", OfferAudience::Codes(vec!["FEW".into()]));
    few.limit = Some(2);
    Catalogue::new(
        vec![product("web", &[Channel::Web, Channel::App]), product("paper", &[Channel::Print])],
        vec![
            price("web-monthly", "web", 1200, "1 month"),
            price("web-yearly", "web", 12000, "1 year"),
            price("paper-monthly", "paper", 2000, "1 month"),
        ],
        vec![
            winter,
            offer("trial", 0, "14 days", OfferAudience::New),
            trial,
            offer("back", 600, "2 months", OfferAudience::Lapsed),
            few,
        ],
    )
    .expect("a catalogue")
}

pub fn sells(publication: &mut Publication) {
    publication.catalogue = catalogue();
    publication.messages = Messages::built_in(true, publication.policy.window, "en");
}

pub async fn paper() -> Newspaper {
    let paper = Newspaper::with(sells).await;
    paper.publish_metered("abcdefgh").await;
    paper.publish(&tiered("locked", Tier::Subscribers)).await;
    paper
}

pub async fn ada(paper: &Newspaper) -> Browser {
    let mut ada = paper.browser();
    sign_in(paper, &mut ada, ADA, "/").await;
    ada
}

/// Whether a plan can be chosen on the offers page.
pub fn offers_plan(page: &str, plan: &str) -> bool {
    page.contains(&format!(r#"name="plan" value="{plan}""#))
}

pub fn location(reply: &Reply) -> String {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    reply.header("location").expect("a place to go").to_owned()
}

/// Agrees to something and pays for it with a card of the sandbox; where it leads in the end.
pub async fn buy(browser: &mut Browser, name: &str, card: &str, from: &str) -> String {
    let payment_page =
        location(&browser.post(&format!("/checkout/{name}"), &format!("from={from}")).await);
    pay(browser, &payment_page, card).await
}

pub async fn pay(browser: &mut Browser, payment_page: &str, card: &str) -> String {
    assert!(payment_page.ends_with("/sandbox"), "{payment_page}");
    let back = location(&browser.post(payment_page, &format!("card={card}")).await);
    location(&browser.get(&back).await)
}

/// The number of the reader's latest subscription.
pub async fn number(paper: &Newspaper) -> u32 {
    held(paper).await.first().expect("a subscription").id.0
}

pub async fn held(paper: &Newspaper) -> Vec<masthead_circulation::Subscription> {
    let email = ADA.parse().expect("an address");
    let (account, _) = paper.store.register(&email, paper.now()).await.expect("there");
    paper.store.subscriptions_of(account.id).await.expect("read")
}

pub async fn payments(paper: &Newspaper) -> Vec<u64> {
    let email = ADA.parse().expect("an address");
    let (account, _) = paper.store.register(&email, paper.now()).await.expect("there");
    let payments = paper.store.payments_of(account.id).await.expect("read");
    payments.into_iter().rev().map(|payment| payment.amount.minor()).collect()
}

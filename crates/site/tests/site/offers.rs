//! The offers page: a card for each product, with what this reader can choose from.

use http::StatusCode;
use masthead_circulation::{Catalogue, Product};
use masthead_publication::{Publication, Sales};

use crate::{
    newspaper::Newspaper,
    shop::{ada, buy, location, offers_plan, paper, sells},
};

/// The cards of an offers page, each from its heading to the next card.
fn cards(page: &str) -> Vec<&str> {
    page.split("<section class=\"offer").skip(1).collect()
}

fn card<'a>(page: &'a str, product: &str) -> &'a str {
    let found =
        cards(page).into_iter().find(|card| card.contains(&format!("<bdi>{product}</bdi></h2>")));
    found.unwrap_or_else(|| panic!("no card for {product}: {page}"))
}

/// The value of the plan that is chosen at first.
fn chosen(card: &str) -> &str {
    let before = card.split(" checked").next().expect("a choice");
    before.rsplit("value=\"").next().and_then(|rest| rest.split('"').next()).expect("a value")
}

fn recommending(product: &'static str) -> impl Fn(&mut Publication) + Clone {
    move |publication: &mut Publication| {
        sells(publication);
        let sold = &publication.catalogue;
        let marked =
            |known: &Product| Product { recommended: known.slug == product, ..known.clone() };
        let products = sold.products().iter().map(marked).collect();
        let (prices, offers) = (sold.prices().to_vec(), sold.offers().to_vec());
        publication.catalogue = Catalogue::new(products, prices, offers).expect("a catalogue");
    }
}

#[tokio::test]
async fn each_product_has_one_card_with_its_periods_and_offers() {
    let paper = paper().await;
    let page = paper.browser().get("/offers").await.text();
    assert_eq!(cards(&page).len(), 2, "{page}");
    let web = card(&page, "The web edition");
    assert_eq!(chosen(web), "winter");
    for said in ["$9 for 3 months", "then $12 a month", "Offer ends January 31, 2027."] {
        assert!(web.contains(said), "{said}: {web}");
    }
    assert!(offers_plan(web, "web-monthly") && offers_plan(web, "web-yearly"), "{web}");
    assert!(web.contains("$120 a year") && web.contains("$10 a month"), "{web}");
    assert!(web.contains("Save 16%"), "$120 in place of $144: {web}");
    assert_eq!(web.matches("Save ").count(), 1, "{web}");
    assert!(web.contains("try it free for 14 days</a>"), "{web}");
    assert!(web.contains("try it free for 14 days, then $12 a month</a>"), "{web}");
    let print = card(&page, "The paper edition");
    assert!(offers_plan(print, "paper-monthly") && !print.contains("type=\"radio\""), "{print}");
    assert!(!print.contains("Offer ends"), "{print}");
    assert!(page.contains("You can pay by card."), "{page}");
}

#[tokio::test]
async fn one_product_is_marked_as_recommended_in_words() {
    let paper = Newspaper::with(recommending("paper")).await;
    let page = paper.browser().get("/offers").await.text();
    assert!(card(&page, "The paper edition").contains(">Recommended<"), "{page}");
    assert_eq!(page.matches(">Recommended<").count(), 1, "{page}");
    let page = self::paper().await.browser().get("/offers").await.text();
    assert!(!page.contains(">Recommended<"), "{page}");
}

#[tokio::test]
async fn the_card_of_a_code_comes_first_and_says_so() {
    let paper = Newspaper::with(|publication| {
        sells(publication);
        let sold = &publication.catalogue;
        let mut products = sold.products().to_vec();
        products.reverse();
        let (prices, offers) = (sold.prices().to_vec(), sold.offers().to_vec());
        publication.catalogue = Catalogue::new(products, prices, offers).expect("a catalogue");
    })
    .await;
    let mut reader = paper.browser();
    let page = reader.get("/offers").await.text();
    assert!(cards(&page)[0].contains("The paper edition"), "{page}");
    let page = reader.get("/offers?code=few").await.text();
    let first = cards(&page)[0];
    assert!(first.contains("The web edition"), "{page}");
    assert!(first.contains("Your code FEW is applied."), "{first}");
    assert_eq!(chosen(first), "few");
    assert!(first.contains("$1 for 1 month") && first.contains("name=\"code\" value=\"few\""));
    let to = reader.get("/checkout?plan=few&code=few&from=%2Fnews%2Fa").await;
    assert_eq!(location(&to), "/checkout/few?code=few&from=%2Fnews%2Fa");
    assert_eq!(reader.get(&location(&to)).await.status, StatusCode::OK);
    let wrong = reader.get("/offers?code=MANY").await.text();
    assert!(wrong.contains("We don’t recognise that code.") && !wrong.contains("is applied"));
}

#[tokio::test]
async fn signing_in_while_buying_leads_back_to_what_is_bought() {
    let paper = paper().await;
    let page = paper.browser().get("/offers?code=few&from=%2Fnews%2Fa").await.text();
    let (_, link) = page.split_once("href=\"/sign-in?from=").expect("a link to sign in");
    let (from, _) = link.split_once('"').expect("an end");
    let page = paper.browser().get(&format!("/sign-in?from={from}")).await.text();
    assert!(page.contains("name=\"from\" value=\"/offers?from=/news/a&amp;code=few\""), "{page}");

    let at_checkout = paper.browser().sending("host", "paper.example");
    let mut at_checkout = at_checkout.sending("referer", "https://paper.example/checkout/winter");
    let page = at_checkout.get("/sign-in").await.text();
    assert!(page.contains("name=\"from\" value=\"/checkout/winter\""), "{page}");
}

#[tokio::test]
async fn a_choice_leads_to_nothing_that_is_not_sold_and_to_no_other_site() {
    let paper = paper().await;
    let mut reader = paper.browser();
    for plan in ["", "gold", "..%2F..%2Faccount", "winter%2F..%2F..", "%2F%2Fevil.example"] {
        let reply = reader.get(&format!("/checkout?plan={plan}")).await;
        assert_eq!(reply.status, StatusCode::GONE, "{plan}");
    }
    let reply = reader.get("/checkout?plan=winter&from=%2F%2Fevil.example").await;
    assert_eq!(location(&reply), "/checkout/winter");
}

#[tokio::test]
async fn the_page_names_the_ways_to_pay_that_there_are() {
    let invoices = |publication: &mut Publication| {
        sells(publication);
        publication.transfer = "The Paper, account 00 00 00".to_owned();
    };
    let both = Newspaper::with(invoices).await.browser().get("/offers").await.text();
    assert!(both.contains("You can pay by card or by invoice."), "{both}");
    let only = Newspaper::with(move |publication| {
        invoices(publication);
        *publication = std::mem::replace(publication, crate::newspaper::publication())
            .with_sales(Sales::Invoices);
    })
    .await;
    let only = only.browser().get("/offers").await.text();
    assert!(only.contains("You can pay by invoice.") && !only.contains("card number"), "{only}");
}

#[tokio::test]
async fn a_subscriber_sees_what_they_have_and_nothing_to_buy() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "winter", "good", "/").await;
    let page = ada.get("/offers").await.text();
    assert!(
        page.contains("The web edition") && page.contains("Renews on February 24, 2027"),
        "{page}"
    );
    assert!(page.contains("href=\"/account#subscription\""), "{page}");
    assert!(cards(&page).is_empty() && !page.contains("name=\"plan\""), "{page}");
}

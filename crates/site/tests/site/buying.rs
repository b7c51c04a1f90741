//! Buying: from the wall to the article, offers and their codes, and checkouts that go wrong.

use http::StatusCode;
use jiff::SignedDuration;
use masthead_access::Tier;
use masthead_store::Location;

use crate::{
    newspaper::{Newspaper, sentence, tiered},
    post::{kinds, latest, sign_in},
    shop::{ADA, ada, buy, held, location, number, offers_plan, paper, pay, payments, sells},
};

#[tokio::test]
async fn from_the_wall_to_the_article_within_one_visit() {
    let postgres = Location::Postgres(masthead_test_support::postgres::database());
    for paper in [Newspaper::with(sells).await, Newspaper::open(sells, Some(postgres)).await] {
        paper.publish(&tiered("locked", Tier::Subscribers)).await;
        let mut ada = paper.browser();
        let wall = ada.get("/news/locked").await;
        assert_eq!(wall.header("masthead-access"), Some("wall;reason=subscribers"));
        let text = wall.text();
        assert!(text.contains(r#"href="/offers""#), "{text}");
        assert!(text.contains("$9 for 3 months") && text.contains("Then $12 a month."), "{text}");
        assert!(text.contains("January 31, 2027"), "{text}");

        let mut there = ada.clone().sending("referer", "https://paper.example/news/locked");
        there = there.sending("host", "paper.example");
        let offers = there.get("/offers").await.text();
        assert!(offers_plan(&offers, "winter"), "{offers}");
        assert!(offers.contains(r#"name="from" value="/news/locked""#), "{offers}");
        assert!(offers.contains("/checkout/trial?from=%2Fnews%2Flocked"), "{offers}");
        assert!(offers.contains("Offer ends January 31, 2027."));
        assert!(offers.contains("$120 a year") && offers.contains("try it free for 14 days"));
        assert!(!offers_plan(&offers, "back") && !offers_plan(&offers, "few"));

        let chosen = ada.get("/checkout?from=%2Fnews%2Flocked&plan=winter").await;
        let checkout = "/checkout/winter?from=%2Fnews%2Flocked";
        assert_eq!(location(&chosen), checkout);
        let page = ada.get(checkout).await.text();
        assert!(page.contains("$12 a month from February 24, 2027"), "{page}");
        assert!(page.contains(r#"action="/checkout/winter/sign-in""#));
        let here = "/checkout/winter%3Ffrom%3D%252Fnews%252Flocked";
        let back = sign_in(&paper, &mut ada, ADA, here).await;
        assert_eq!(back.header("location"), Some(checkout));
        let page = ada.get(checkout).await.text();
        assert!(page.contains("no money is taken") && page.contains(ADA), "{page}");

        let to = buy(&mut ada, "winter", "good", "/news/locked").await;
        assert_eq!(to, "/news/locked");
        let article = ada.get("/news/locked").await;
        assert_eq!(article.header("masthead-access"), Some("open;reason=subscribed"));
        assert!(article.text().contains(&sentence("locked", 9)));
        assert_eq!(payments(&paper).await, [900]);
        assert_eq!(kinds(&paper, ADA).await, ["receipt"]);
        let receipt = latest(&paper, ADA, "receipt").await.text;
        assert!(receipt.contains("$9") && receipt.contains("Visa ending in 4242"), "{receipt}");
        let account = ada.get("/account").await.text();
        assert!(account.contains("Renews on February 24, 2027 at $12 a month."), "{account}");
    }
}

#[tokio::test]
async fn an_offer_ends_with_its_day_and_is_honoured_for_half_an_hour() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    // The last second of January in Tokyo.
    paper.go_to("2027-01-31T14:59:59Z").await;
    let page = ada.get("/news/a").await.text();
    assert!(page.contains("$9 for 3 months"), "{page}");
    let payment_page = location(&ada.post("/checkout/winter", "").await);
    let mut late = paper.browser();
    sign_in(&paper, &mut late, "bob@example.org", "/").await;
    let slow = location(&late.post("/checkout/winter", "").await);
    paper.go_to("2027-01-31T15:00:00Z").await;
    for path in ["/news/a", "/offers", "/news/locked"] {
        let page = ada.get(path).await.text();
        assert!(!page.contains("$9 for 3 months") && !page.contains("January 31"), "{path} {page}");
    }
    let over = ada.get("/checkout/winter").await;
    assert_eq!(over.status, StatusCode::GONE);
    assert!(over.text().contains("This offer has ended"));
    assert_eq!(ada.post("/checkout/winter", "").await.status, StatusCode::GONE);

    paper.go_to("2027-01-31T15:29:59Z").await;
    pay(&mut ada, &payment_page, "good").await;
    assert_eq!(payments(&paper).await, [900]);
    paper.go_to("2027-01-31T15:30:00Z").await;
    let refused = location(&late.post(&slow, "card=good").await);
    let said = late.get(&refused).await;
    assert_eq!(said.status, StatusCode::GONE);
    assert!(said.text().contains("You haven’t been charged."));
}

#[tokio::test]
async fn a_code_opens_its_offer_as_often_as_its_limit_says() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    assert!(!offers_plan(&ada.get("/offers").await.text(), "few"));
    let wrong = ada.get("/offers?code=MANY").await.text();
    assert!(wrong.contains("We don’t recognise that code."), "{wrong}");
    let page = ada.get("/offers?code=few").await.text();
    assert!(offers_plan(&page, "few"), "{page}");
    assert_eq!(ada.get("/checkout/few").await.status, StatusCode::GONE);
    assert_eq!(ada.post("/checkout/few", "code=wrong").await.status, StatusCode::GONE);
    // A reader holds one, however often they ask.
    for _ in 0..3 {
        assert_eq!(ada.post("/checkout/few", "code=FEW").await.status, StatusCode::SEE_OTHER);
    }
    let mut bob = paper.browser();
    sign_in(&paper, &mut bob, "bob@example.org", "/").await;
    assert_eq!(bob.post("/checkout/few", "code=FEW").await.status, StatusCode::SEE_OTHER);
    let mut cy = paper.browser();
    sign_in(&paper, &mut cy, "cy@example.org", "/").await;
    assert_eq!(cy.post("/checkout/few", "code=FEW").await.status, StatusCode::GONE);
    assert!(!offers_plan(&ada.get("/offers?code=few").await.text(), "few"));
    // Who goes away makes room for others.
    paper.go_to("2026-11-24T09:32:00Z").await;
    assert_eq!(cy.post("/checkout/few", "code=FEW").await.status, StatusCode::GONE);
    paper.site.mark_sold_out().await.expect("marked");
    assert_eq!(cy.post("/checkout/few", "code=FEW").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_was_paid_is_delivered_though_nobody_comes_back() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let payment_page = location(&ada.post("/checkout/winter", "").await);
    let back = location(&ada.post(&payment_page, "card=good").await);
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscribers");
    // The server died here; another one comes up a minute later.
    paper.go_to("2026-11-24T09:01:30Z").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    assert_eq!(location(&ada.get(&back).await), "/");
    paper.go_to("2026-11-24T10:00:00Z").await;
    assert_eq!((held(&paper).await.len(), payments(&paper).await), (1, vec![900]));
    assert_eq!(kinds(&paper, ADA).await, ["receipt"]);
}

#[tokio::test]
async fn a_checkout_that_nobody_can_be_asked_about_keeps_no_other_waiting() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let payment_page = location(&ada.post("/checkout/winter", "").await);
    let mut open = paper.store.open_checkouts(paper.now() + SignedDuration::from_mins(1), 9).await;
    let paid = open.as_mut().expect("read").remove(0);
    // A trial whose server died as it began, and one at a processor that is no more: both are older.
    for (number, processor) in [(1, ""), (2, "stripe")] {
        let old = masthead_circulation::Checkout {
            key: masthead_circulation::Digest([number; 32]),
            begun: paper.now() - SignedDuration::from_mins(5),
            processor: processor.into(),
            reference: processor.into(),
            terms: masthead_circulation::Terms { offer: None, ..paid.terms.clone() },
            ..paid.clone()
        };
        paper.store.begin_checkout(&old, None).await.expect("begun");
    }
    ada.post(&payment_page, "card=good").await;
    paper.go_to("2026-11-24T09:01:30Z").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    // The trial is given up when its time is over; the other may have been paid.
    paper.go_to("2026-11-24T11:00:00Z").await;
    let open = paper.store.open_checkouts(paper.now(), 9).await.expect("read");
    assert_eq!(open.iter().map(|open| open.processor.as_str()).collect::<Vec<_>>(), ["stripe"]);
}

#[tokio::test]
async fn the_sandbox_has_cards_for_whatever_may_happen() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let payment_page = location(&ada.post("/checkout/winter", "from=/news/b").await);
    let page = ada.get(&payment_page).await.text();
    assert!(page.contains("this isn’t a bank") && page.contains("Pay $9"), "{page}");
    let refused = ada.post(&payment_page, "card=declined").await;
    assert_eq!(refused.status, StatusCode::PAYMENT_REQUIRED);
    assert!(refused.text().contains("You haven’t been charged. Please try another card."));
    assert_eq!(ada.post(&payment_page, "card=nonsense").await.status, StatusCode::PAYMENT_REQUIRED);
    let waiting =
        ada.get(payment_page.strip_suffix("/sandbox").expect("a payment page")).await.text();
    assert!(waiting.contains("Payment not completed"), "{waiting}");
    let asks = ada.post(&payment_page, "card=confirm").await.text();
    assert!(asks.contains("/sandbox/confirmation") && asks.contains("Confirm payment"), "{asks}");
    assert!(held(&paper).await.is_empty());
    let back = location(&ada.post(&format!("{payment_page}/confirmation"), "card=confirm").await);
    assert_eq!(location(&ada.get(&back).await), "/news/b");
    assert_eq!(payments(&paper).await, [900]);

    // A card that expires is told of before, and refused after.
    let mut bob = paper.browser();
    sign_in(&paper, &mut bob, "bob@example.org", "/").await;
    buy(&mut bob, "web-monthly", "expiring", "/").await;
    paper.go_to("2026-12-10T09:00:00Z").await;
    assert_eq!(kinds(&paper, "bob@example.org").await, ["receipt", "card_expiring"]);
    paper.go_to("2026-12-24T09:00:00Z").await;
    assert_eq!(bob.access("/news/locked").await, "open;reason=grace");
}

#[tokio::test]
async fn nobody_pays_twice_or_for_others() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let payment_page = location(&ada.post("/checkout/winter", "").await);
    let mut eve = paper.browser();
    assert_eq!(eve.get(&payment_page).await.status, StatusCode::NOT_FOUND);
    sign_in(&paper, &mut eve, "eve@example.org", "/").await;
    assert_eq!(eve.get(&payment_page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(eve.post(&payment_page, "card=good").await.status, StatusCode::NOT_FOUND);
    pay(&mut ada, &payment_page, "good").await;
    let again = ada.get("/checkout/web-monthly").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(ada.post("/checkout/web-monthly", "").await.status, StatusCode::CONFLICT);
    assert!(ada.get("/offers").await.text().contains("You’re already subscribed."));

    let id = number(&paper).await;
    for act in ["cancellation", "continuation", "rest", "card", "price"] {
        let address = format!("/account/subscriptions/{id}/{act}");
        let reply = eve.post(&address, "weeks=1&price=web-yearly&today=0").await;
        assert_eq!(location(&reply), "/account");
        let forged = ada.clone().sending("sec-fetch-site", "cross-site").post(&address, "").await;
        assert_eq!(forged.status, StatusCode::BAD_REQUEST, "{act}");
    }
    assert_eq!(held(&paper).await[0].version, 0, "nothing has happened to it");
    let invoices = ada.get("/account").await.text();
    let invoice = invoices.split("/account/invoices/").nth(1).expect("an invoice");
    let invoice = format!("/account/invoices/{}", invoice.split('"').next().expect("a number"));
    assert!(ada.get(&invoice).await.text().contains("$9"));
    assert_eq!(eve.get(&invoice).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn codes_are_not_guessed_and_checkouts_not_begun_without_end() {
    let paper = paper().await;
    let ada = ada(&paper).await;
    let mut guesser = paper.browser();
    let mut tried = 0;
    while guesser.get(&format!("/offers?code=GUESS{tried}")).await.status == StatusCode::OK {
        tried += 1;
        assert!(tried < 400, "anybody may guess for as long as they like");
    }
    let refused = guesser.get("/checkout/few?code=FEW").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.text().contains("Too many codes have been tried from here."));
    // One attempt may become free meanwhile.
    let mut buyer = ada.clone();
    buyer.post("/checkout/few", "code=GUESS").await;
    let form = buyer.post("/checkout/few", "code=GUESS").await;
    assert!(form.text().contains("Too many codes have been tried from here."), "{}", form.text());
    assert_eq!(guesser.get("/offers").await.status, StatusCode::OK, "looking is free");

    // However the name of the parameter is written.
    for (network, path) in
        [("198.51.100.1", "/offers?%63ode=GUESS"), ("192.0.2.1", "/checkout/few?c%6fde=GUESS")]
    {
        let mut guesser = paper.browser().from(network);
        let mut tried = 0;
        while guesser.get(path).await.status != StatusCode::TOO_MANY_REQUESTS {
            tried += 1;
            assert!(tried < 400, "{path} has no limit");
        }
    }

    // From many networks, as one account.
    let mut begun = 0;
    loop {
        let mut elsewhere = ada.clone().from(&format!("203.0.{}.1", begun + 1));
        let reply = elsewhere.post("/checkout/web-monthly", "from=/").await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(reply.text().contains("You haven’t been charged"), "{}", reply.text());
            break;
        }
        begun += 1;
        assert!(begun < 100, "an account may begin as many as it likes");
    }
}

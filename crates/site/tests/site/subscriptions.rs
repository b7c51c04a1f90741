//! Buying, and everything that becomes of it: what readers see, what they are told, and what they can
//! read.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use masthead_access::Tier;
use masthead_store::Location;

use crate::{
    newspaper::{Newspaper, sentence, tiered},
    post::{kinds, latest, sign_in},
    shop::{ADA, ada, buy, held, location, number, paper, pay, payments, sells},
};

#[tokio::test]
async fn from_the_wall_to_the_article_within_one_visit() {
    let postgres = Location::Postgres(masthead_proof::postgres::database());
    for paper in [Newspaper::with(sells).await, Newspaper::open(sells, Some(postgres)).await] {
        paper.publish(&tiered("locked", Tier::Subscribers)).await;
        let mut ada = paper.browser();
        let wall = ada.get("/news/locked").await;
        assert_eq!(wall.header("masthead-access"), Some("wall;reason=subscribers"));
        let text = wall.text();
        assert!(text.contains(r#"href="/offers""#), "{text}");
        assert!(text.contains("$9 for 3 months, then $12 a month"), "{text}");
        assert!(text.contains("January 31, 2027"), "{text}");

        let mut there = ada.clone().sending("referer", "https://paper.example/news/locked");
        there = there.sending("host", "paper.example");
        let offers = there.get("/offers").await.text();
        assert!(offers.contains("/checkout/winter?from=%2Fnews%2Flocked"), "{offers}");
        assert!(offers.contains("Until January 31, 2027, the end of the day."));
        assert!(offers.contains("$120 a year") && offers.contains("14 days free"));
        assert!(!offers.contains("/checkout/back") && !offers.contains("/checkout/few"));

        let checkout = "/checkout/winter?from=%2Fnews%2Flocked";
        let page = ada.get(checkout).await.text();
        assert!(page.contains("$12 a month, from February 24, 2027 on"), "{page}");
        assert!(page.contains(r#"action="/register""#));
        let here = "/checkout/winter%3Ffrom%3D%252Fnews%252Flocked";
        let back = sign_in(&paper, &mut ada, ADA, here).await;
        assert_eq!(back.header("location"), Some(checkout));
        let page = ada.get(checkout).await.text();
        assert!(page.contains("no money is collected") && page.contains(ADA), "{page}");

        let to = buy(&mut ada, "winter", "good", "/news/locked").await;
        assert_eq!(to, "/news/locked");
        let article = ada.get("/news/locked").await;
        assert_eq!(article.header("masthead-access"), Some("open;reason=subscribed"));
        assert!(article.text().contains(&sentence("locked", 9)));
        assert_eq!(payments(&paper).await, [900]);
        assert_eq!(kinds(&paper, ADA).await, ["receipt"]);
        let receipt = latest(&paper, ADA, "receipt").await.letter.text;
        assert!(receipt.contains("$9") && receipt.contains("Visa ending in 4242"), "{receipt}");
        let account = ada.get("/account").await.text();
        assert!(account.contains("It renews on February 24, 2027, for $12 a month."), "{account}");
    }
}

#[tokio::test]
async fn a_trial_ends_by_itself_and_its_reader_is_told_before_and_after() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let begun = ada.post("/checkout/trial", "from=/news/a").await;
    assert_eq!(location(&begun), "/news/a");
    assert_eq!(ada.access("/news/a").await, "open;reason=trial");
    assert_eq!(ada.access("/news/locked").await, "open;reason=trial");
    assert_eq!(kinds(&paper, ADA).await, ["trial_begun"]);
    assert!(!ada.get("/news/a").await.text().contains("Your trial ends on"));

    paper.go_to("2026-12-05T09:00:01Z").await;
    assert_eq!(kinds(&paper, ADA).await, ["trial_begun", "trial_ending"]);
    assert!(ada.get("/news/a").await.text().contains("Your trial ends on December 8, 2026."));
    let account = ada.get("/account").await.text();
    assert!(account.contains("Your trial runs until December 8, 2026."), "{account}");
    assert!(!account.contains("/cancellation"), "there is nothing to cancel");

    paper.go_to("2026-12-08T09:00:00Z").await;
    assert_eq!(kinds(&paper, ADA).await, ["trial_begun", "trial_ending", "trial_ended"]);
    // The registered meter, with what ended beside what may be read, and at the wall.
    assert_eq!(ada.access("/news/a").await, "metered;left=4");
    let page = ada.get("/news/a").await.text();
    assert!(page.contains("Your trial ended on December 8, 2026."), "{page}");
    for slug in ["b", "c", "d", "e"] {
        ada.get(&format!("/news/{slug}")).await;
    }
    assert_eq!(ada.access("/news/f").await, "wall;reason=trial-ended");
    let wall = ada.get("/news/f").await.text();
    assert!(wall.contains("Your trial has ended.") && !wall.contains(&sentence("f", 1)));
    // The way back is the offer for those who come back, and no longer the one for new readers.
    assert!(wall.contains("$6 for 2 months, then $12 a month"), "{wall}");
    let offers = ada.get("/offers").await.text();
    assert!(offers.contains("/checkout/back") && !offers.contains("/checkout/winter"), "{offers}");
    assert!(!offers.contains("/checkout/trial"));
    let refused = ada.post("/checkout/trial", "").await;
    assert_eq!(refused.status, StatusCode::GONE);
    buy(&mut ada, "back", "good", "/").await;
    assert_eq!(ada.access("/news/f").await, "open;reason=subscribed");
}

#[tokio::test]
async fn a_trial_with_a_card_goes_on_at_the_price_that_was_told() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "trial-with-card", "good", "/").await;
    assert_eq!(payments(&paper).await, Vec::<u64>::new());
    assert_eq!(ada.access("/news/locked").await, "open;reason=trial");
    paper.go_to("2026-12-06T09:00:00Z").await;
    let told = latest(&paper, ADA, "trial_renewing").await.letter.text;
    assert!(told.contains("$12 a month") && told.contains("December 8, 2026"), "{told}");
    paper.go_to("2026-12-08T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    assert_eq!(payments(&paper).await, [1200]);
    assert_eq!(kinds(&paper, ADA).await, ["trial_begun", "trial_renewing", "receipt"]);
}

#[tokio::test]
async fn a_card_that_fails_leaves_time_to_mend_it() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "declined-later", "/").await;
    paper.go_to("2026-12-24T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=grace");
    let page = ada.get("/news/locked").await.text();
    assert!(page.contains("Your last payment has not arrived."), "{page}");
    let failed = latest(&paper, ADA, "payment_failed").await.letter.text;
    assert!(failed.contains("January 7, 2027"), "{failed}");
    let account = ada.get("/account").await.text();
    assert!(account.contains("We could not collect $12.") && account.contains("Put it right"));

    let id = number(&paper).await;
    let till = location(&ada.post(&format!("/account/subscriptions/{id}/card"), "").await);
    assert_eq!(pay(&mut ada, &till, "good").await, "/account");
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    assert_eq!(payments(&paper).await, [1200, 1200]);
    let account = ada.get("/account").await.text();
    // The month that was due is the one that was paid for.
    assert!(account.contains("It renews on January 24, 2027"), "{account}");
    paper.go_to("2027-01-24T09:00:00Z").await;
    assert_eq!(payments(&paper).await, [1200, 1200, 1200]);
}

#[tokio::test]
async fn a_card_that_is_not_mended_ends_it_after_three_tries() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "declined-later", "/").await;
    for day in ["2026-12-24", "2026-12-29", "2027-01-03", "2027-01-06"] {
        paper.go_to(&format!("{day}T09:00:00Z")).await;
        assert_eq!(ada.access("/news/locked").await, "open;reason=grace", "{day}");
    }
    paper.go_to("2027-01-07T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscription-ended");
    let wall = ada.get("/news/locked").await.text();
    assert!(wall.contains("Your subscription to The Paper ended on January 7, 2027."), "{wall}");
    assert_eq!(
        kinds(&paper, ADA).await,
        [
            "receipt",
            "payment_failed",
            "payment_failed_again",
            "payment_failed_last",
            "ended_unpaid"
        ]
    );
    assert_eq!(payments(&paper).await, [1200]);
    let page = ada.get("/offers").await.text();
    assert!(page.contains("$6 for 2 months"), "{page}");
}

#[tokio::test]
async fn cancelling_takes_one_form_and_can_be_taken_back() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let id = number(&paper).await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("You can read everything until December 24, 2026"), "{account}");
    let cancel = format!("/account/subscriptions/{id}/cancellation");
    // On two devices at once: it is cancelled once, and told of once.
    let mut other = ada.clone();
    let (one, two) = tokio::join!(ada.post(&cancel, ""), other.post(&cancel, ""));
    assert_eq!((location(&one), location(&two)), ("/account".into(), "/account".into()));
    assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancelled"]);
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    let account = ada.get("/account").await.text();
    assert!(account.contains("It is cancelled. You can read everything until December 24, 2026"));

    ada.post(&format!("/account/subscriptions/{id}/continuation"), "").await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("It renews on December 24, 2026"), "{account}");
    ada.post(&cancel, "").await;
    paper.go_to("2026-12-20T09:00:00Z").await;
    let page = ada.get("/news/locked").await.text();
    assert!(page.contains("Your subscription ends on December 24, 2026."), "{page}");
    paper.go_to("2026-12-24T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscription-ended");
    assert_eq!(payments(&paper).await, [1200]);
    assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancelled", "cancelled", "ended"]);
    let audit = paper.store.audit_of(masthead_circulation::SubscriptionId(id)).await.expect("read");
    let said: Vec<_> =
        audit.iter().map(|entry| (entry.actor.name(), entry.what.as_str())).collect();
    assert_eq!(
        said,
        [
            ("reader", "begun"),
            ("reader", "cancelled"),
            ("reader", "uncancelled"),
            ("reader", "cancelled"),
            ("calendar", "time-passed"),
        ]
    );
}

#[tokio::test]
async fn a_rest_keeps_the_days_and_ends_by_itself() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let id = number(&paper).await;
    paper.go_to("2026-12-04T09:00:00Z").await;
    ada.post(&format!("/account/subscriptions/{id}/rest"), "weeks=4").await;
    assert_eq!(ada.access("/news/a").await, "metered;left=4");
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscribers");
    paper.go_to("2026-12-31T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscribers");
    paper.go_to("2027-01-01T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    let account = ada.get("/account").await.text();
    assert!(account.contains("It renews on January 21, 2027"), "{account}");
    assert_eq!(payments(&paper).await, [1200]);
}

#[tokio::test]
async fn changing_the_price_costs_what_was_shown() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    paper.go_to("2026-12-09T09:00:00Z").await;
    let account = ada.get("/account").await.text();
    // Half of the month is left: $6 of the $12.
    assert!(account.contains("Today it costs $114"), "{account}");
    assert!(account.contains("The next payment is $120 on December 9, 2027."), "{account}");
    let change = format!("/account/subscriptions/{}/price", number(&paper).await);
    let less = ada.post(&change, "price=web-yearly&today=100").await;
    assert_eq!(less.status, StatusCode::CONFLICT, "nobody pays more than they were shown");
    assert_eq!(payments(&paper).await, [1200]);
    assert_eq!(location(&ada.post(&change, "price=web-yearly&today=11400").await), "/account");
    assert_eq!(payments(&paper).await, [1200, 11400]);
    let account = ada.get("/account").await.text();
    assert!(account.contains("It renews on December 9, 2027, for $120 a year."), "{account}");
    assert_eq!(ada.post(&change, "price=nonsense&today=0").await.status, StatusCode::CONFLICT);
    // A year is told of two weeks before.
    for day in ["2027-02-20", "2027-05-10", "2027-07-30", "2027-10-20", "2027-11-25"] {
        paper.go_to(&format!("{day}T09:00:00Z")).await;
        ada.get("/").await;
        ada.access("/news/a").await;
    }
    let told = latest(&paper, ADA, "renewal_ahead").await.letter.text;
    assert!(told.contains("December 9, 2027") && told.contains("$120 a year"), "{told}");
    paper.go_to("2027-12-09T09:00:00Z").await;
    assert_eq!(payments(&paper).await, [1200, 11400, 12000]);
}

#[tokio::test]
async fn an_offer_ends_with_its_day_and_is_honoured_for_half_an_hour() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    // The last second of January in Tokyo.
    paper.go_to("2027-01-31T14:59:59Z").await;
    let page = ada.get("/news/a").await.text();
    assert!(page.contains("$9 for 3 months"), "{page}");
    let till = location(&ada.post("/checkout/winter", "").await);
    let mut late = ada.clone();
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
    pay(&mut ada, &till, "good").await;
    assert_eq!(payments(&paper).await, [900]);
    paper.go_to("2027-01-31T15:30:00Z").await;
    let refused = location(&late.post(&slow, "card=good").await);
    let said = late.get(&refused).await;
    assert_eq!(said.status, StatusCode::GONE);
    assert!(said.text().contains("Nothing was collected."));
}

#[tokio::test]
async fn a_code_opens_its_offer_as_often_as_its_limit_says() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    assert!(!ada.get("/offers").await.text().contains("/checkout/few"));
    let wrong = ada.get("/offers?code=MANY").await.text();
    assert!(wrong.contains("This code opens nothing at the moment."), "{wrong}");
    let page = ada.get("/offers?code=few").await.text();
    assert!(page.contains("/checkout/few?code=few"), "{page}");
    assert_eq!(ada.get("/checkout/few").await.status, StatusCode::GONE);
    assert_eq!(ada.post("/checkout/few", "code=wrong").await.status, StatusCode::GONE);
    for _ in 0..2 {
        assert_eq!(ada.post("/checkout/few", "code=FEW").await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(ada.post("/checkout/few", "code=FEW").await.status, StatusCode::GONE);
    assert!(!ada.get("/offers?code=few").await.text().contains("/checkout/few"));
    // Who goes away makes room for others.
    paper.go_to("2026-11-24T09:32:00Z").await;
    assert_eq!(ada.post("/checkout/few", "code=FEW").await.status, StatusCode::GONE);
    paper.site.mark_exhausted().await.expect("marked");
    assert_eq!(ada.post("/checkout/few", "code=FEW").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_was_paid_is_delivered_though_nobody_comes_back() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let till = location(&ada.post("/checkout/winter", "").await);
    let back = location(&ada.post(&till, "card=good").await);
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
    let till = location(&ada.post("/checkout/winter", "").await);
    let mut open = paper.store.open_checkouts(paper.now() + SignedDuration::from_mins(1), 9).await;
    let paid = open.as_mut().expect("read").remove(0);
    // A trial whose server died as it began, and one at a processor that is no more: both are older.
    for (number, processor) in [(1, ""), (2, "stripe")] {
        let old = masthead_circulation::Checkout {
            key: masthead_circulation::Digest([number; 32]),
            begun: paper.now() - SignedDuration::from_mins(5),
            processor: processor.into(),
            reference: processor.into(),
            ..paid.clone()
        };
        assert!(paper.store.begin_checkout(&old, None).await.expect("begun"));
    }
    ada.post(&till, "card=good").await;
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
    let till = location(&ada.post("/checkout/winter", "from=/news/b").await);
    let page = ada.get(&till).await.text();
    assert!(page.contains("this is not a bank") && page.contains("Pay $9"), "{page}");
    let refused = ada.post(&till, "card=declined").await;
    assert_eq!(refused.status, StatusCode::PAYMENT_REQUIRED);
    assert!(refused.text().contains("Nothing was collected. Choose another."));
    assert_eq!(ada.post(&till, "card=nonsense").await.status, StatusCode::PAYMENT_REQUIRED);
    let waiting = ada.get(till.strip_suffix("/sandbox").expect("a till")).await.text();
    assert!(waiting.contains("It is not paid yet"), "{waiting}");
    let asks = ada.post(&till, "card=confirm").await.text();
    assert!(asks.contains("/sandbox/confirmation") && asks.contains("Yes, it is me"), "{asks}");
    assert!(held(&paper).await.is_empty());
    let back = location(&ada.post(&format!("{till}/confirmation"), "card=confirm").await);
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
    let till = location(&ada.post("/checkout/winter", "").await);
    let mut eve = paper.browser();
    assert_eq!(eve.get(&till).await.status, StatusCode::NOT_FOUND);
    sign_in(&paper, &mut eve, "eve@example.org", "/").await;
    assert_eq!(eve.get(&till).await.status, StatusCode::NOT_FOUND);
    assert_eq!(eve.post(&till, "card=good").await.status, StatusCode::NOT_FOUND);
    pay(&mut ada, &till, "good").await;
    let again = ada.get("/checkout/web-monthly").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(ada.post("/checkout/web-monthly", "").await.status, StatusCode::CONFLICT);
    assert!(ada.get("/offers").await.text().contains("You have a subscription."));

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
async fn the_printed_paper_alone_opens_nothing_on_the_site() {
    let paper = paper().await;
    paper.publish(&tiered("extra", Tier::Product(vec!["web".into()]))).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "paper-monthly", "good", "/").await;
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscribers");
    let mut bob = paper.browser();
    sign_in(&paper, &mut bob, "bob@example.org", "/").await;
    assert_eq!(bob.access("/news/extra").await, "wall;reason=product");
    buy(&mut bob, "web-monthly", "good", "/").await;
    assert_eq!(bob.access("/news/extra").await, "open;reason=subscribed");
}

#[tokio::test]
async fn two_servers_collect_and_tell_once() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    paper.set_clock("2026-12-24T09:00:00Z");
    let site = &paper.site;
    let all = tokio::join!(
        site.attend_to_subscriptions(),
        site.attend_to_subscriptions(),
        site.attend_to_subscriptions()
    );
    all.0.and(all.1).and(all.2).expect("attended to");
    assert_eq!(payments(&paper).await, [1200, 1200]);
    assert_eq!(kinds(&paper, ADA).await, ["receipt", "receipt"]);
}

#[tokio::test]
async fn a_reader_takes_everything_along_or_away() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "winter", "good", "/").await;
    let data: serde_json::Value =
        serde_json::from_str(&ada.get("/account/data.json").await.text()).expect("JSON");
    assert_eq!(data["subscriptions"][0]["terms"], "$9 for 3 months, then $12 a month");
    assert_eq!(data["payments"][0]["amount"], "9.00 USD");
    ada.post("/account/deletion", "sure=yes").await;
    assert!(held(&paper).await.is_empty());
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscribers");
}

#[tokio::test]
async fn a_day_that_jumps_does_everything_in_between() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    // The server slept for ten weeks.
    let later: Timestamp = paper.now() + SignedDuration::from_hours(24 * 70);
    paper.go_to(&later.to_string()).await;
    assert_eq!(payments(&paper).await, [1200, 1200, 1200]);
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
}

#[tokio::test]
async fn what_happens_on_one_server_is_in_force_on_the_other() {
    let postgres = Location::Postgres(masthead_proof::postgres::database());
    for paper in [Newspaper::with(sells).await, Newspaper::open(sells, Some(postgres)).await] {
        paper.publish(&tiered("locked", Tier::Subscribers)).await;
        let other = paper.another(sells).await;
        let mut here = ada(&paper).await;
        let mut there = here.clone();
        there.move_to(other.router());
        assert_eq!(there.access("/news/locked").await, "wall;reason=subscribers");
        buy(&mut here, "web-monthly", "good", "/").await;
        other.refresh().await.expect("refreshed");
        assert_eq!(there.access("/news/locked").await, "open;reason=subscribed");
        here.post("/account/sessions/end", "").await;
        other.refresh().await.expect("refreshed");
        assert_eq!(there.access("/news/locked").await, "wall;reason=subscribers");
        assert_eq!(there.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    }
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
    assert!(refused.text().contains("Many codes have been tried from here."));
    assert_eq!(guesser.get("/offers").await.status, StatusCode::OK, "looking is free");

    // From many networks, as one account.
    let mut begun = 0;
    loop {
        let mut elsewhere = ada.clone().from(&format!("203.0.{}.1", begun + 1));
        let till = elsewhere.post("/checkout/web-monthly", "from=/").await;
        if till.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(till.text().contains("Nothing was collected"), "{}", till.text());
            break;
        }
        begun += 1;
        assert!(begun < 100, "an account may begin as many as it likes");
    }
}

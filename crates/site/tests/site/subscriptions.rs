//! Everything that becomes of a subscription: what readers see, what they are told, and what they can read.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use masthead_access::Tier;
use masthead_store::Location;

use crate::{
    newspaper::{Newspaper, sentence, tiered},
    post::{kinds, latest, sign_in},
    shop::{ADA, DOOR, ada, buy, held, location, number, offers_plan, paper, pay, payments, sells},
};

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
    assert!(ada.get("/news/a").await.text().contains("Your trial ends on December 8."));
    let account = ada.get("/account").await.text();
    assert!(account.contains("Your trial runs until December 8, 2026 and"), "{account}");
    assert!(!account.contains("/cancellation"), "there is nothing to cancel");

    paper.go_to("2026-12-08T09:00:00Z").await;
    assert_eq!(kinds(&paper, ADA).await, ["trial_begun", "trial_ending", "trial_ended"]);
    // The registered meter, with what ended beside what may be read, and at the wall.
    assert_eq!(ada.access("/news/a").await, "metered;left=4");
    let page = ada.get("/news/a").await.text();
    assert!(page.contains("Your trial ended on December 8."), "{page}");
    for slug in ["b", "c", "d", "e"] {
        ada.get(&format!("/news/{slug}")).await;
    }
    assert_eq!(ada.access("/news/f").await, "wall;reason=trial-ended");
    let wall = ada.get("/news/f").await.text();
    assert!(wall.contains("Your trial has ended") && !wall.contains(&sentence("f", 1)));
    // The way back is the offer for those who come back, and no longer the one for new readers.
    assert!(wall.contains("$6 for 2 months") && wall.contains("Then $12 a month."), "{wall}");
    let offers = ada.get("/offers").await.text();
    assert!(offers_plan(&offers, "back") && !offers_plan(&offers, "winter"), "{offers}");
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
    let account = ada.get("/account").await.text();
    let cancel = "Your trial runs until December 8, 2026 and then ends. You won’t be charged.";
    assert!(account.contains(cancel), "{account}");
    paper.go_to("2026-12-06T09:00:00Z").await;
    let told = latest(&paper, ADA, "trial_renewing").await.text;
    assert!(told.contains("$12 a month") && told.contains("December 8, 2026"), "{told}");
    paper.go_to("2026-12-08T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    assert_eq!(payments(&paper).await, [1200]);
    assert_eq!(kinds(&paper, ADA).await, ["trial_begun", "trial_renewing", "receipt"]);
}

#[tokio::test]
async fn a_card_that_fails_leaves_time_to_change_it() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "declined-later", "/").await;
    paper.go_to("2026-12-24T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=grace");
    let page = ada.get("/news/locked").await.text();
    let told = "We haven’t received your last payment. You can keep reading until January 7, 2027.";
    assert!(page.contains(told), "{page}");
    let failed = latest(&paper, ADA, "payment_failed").await.text;
    assert!(failed.contains("January 7, 2027"), "{failed}");
    let account = ada.get("/account").await.text();
    assert!(
        account.contains("We couldn’t take your payment of $12.")
            && account.contains("Update payment details")
    );

    let id = number(&paper).await;
    let payment_page = location(&ada.post(&format!("/account/subscriptions/{id}/card"), "").await);
    assert_eq!(pay(&mut ada, &payment_page, "good").await, "/account");
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    assert_eq!(payments(&paper).await, [1200, 1200]);
    let account = ada.get("/account").await.text();
    // The month that was due is the one that was paid for.
    assert!(account.contains("Renews on January 24, 2027"), "{account}");
    paper.go_to("2027-01-24T09:00:00Z").await;
    assert_eq!(payments(&paper).await, [1200, 1200, 1200]);
}

#[tokio::test]
async fn a_subscription_ends_after_three_declined_renewals() {
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
    assert!(wall.contains("Your subscription to The Paper ended on January 7."), "{wall}");
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
    assert!(account.contains("You can keep reading until December 24, 2026"), "{account}");
    let cancel = format!("/account/subscriptions/{id}/cancellation");
    // On two devices at once: it is cancelled once, and told of once.
    let mut other = ada.clone();
    let (one, two) = tokio::join!(ada.post(&cancel, ""), other.post(&cancel, ""));
    assert_eq!((location(&one), location(&two)), ("/account".into(), "/account".into()));
    assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancelled"]);
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    let account = ada.get("/account").await.text();
    assert!(account.contains("Cancelled. You can keep reading until December 24, 2026"));

    ada.post(&format!("/account/subscriptions/{id}/continuation"), "").await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("Renews on December 24, 2026"), "{account}");
    ada.post(&cancel, "").await;
    paper.go_to("2026-12-20T09:00:00Z").await;
    let page = ada.get("/news/locked").await.text();
    assert!(page.contains("Your subscription ends on December 24."), "{page}");
    paper.go_to("2026-12-24T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscription-ended");
    assert_eq!(payments(&paper).await, [1200]);
    let sent = kinds(&paper, ADA).await;
    assert_eq!(sent, ["receipt", "cancelled", "resumed", "cancelled", "ended"]);
    let kept = latest(&paper, ADA, "resumed").await.text;
    assert!(kept.contains("It renews on December 24, 2026 at $12 a month"), "{kept}");
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
async fn a_pause_keeps_the_paid_days_and_ends_automatically() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let id = number(&paper).await;
    paper.go_to("2026-12-04T09:00:00Z").await;
    ada.post(&format!("/account/subscriptions/{id}/rest"), "weeks=4").await;
    assert_eq!(ada.access("/news/a").await, "metered;left=4");
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscription-paused");
    let told = latest(&paper, ADA, "paused").await;
    assert_eq!(told.subject, "Your subscription is paused until January 1, 2027");
    assert!(told.text.contains("It resumes automatically on January 1, 2027."), "{}", told.text);
    let account = ada.get("/account").await.text();
    assert!(account.contains("The pause ends now. You can read again until"), "{account}");
    assert!(!account.contains("You can keep reading until"), "{account}");
    paper.go_to("2026-12-31T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscription-paused");
    paper.go_to("2027-01-01T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    let account = ada.get("/account").await.text();
    assert!(account.contains("Renews on January 21, 2027"), "{account}");
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
    assert!(account.contains("You’ll pay $114 today with Visa ending in 4242"), "{account}");
    // The first change that is paid today comes first, and each button says what follows.
    let button = |account: &str, price: &str| {
        let form = account.split(&format!("name=\"price\" value=\"{price}\"")).nth(1);
        let form = form.and_then(|form| form.split("</form>").next()).unwrap_or_default();
        let button = form.rsplit("<button").next().unwrap_or_default();
        assert!(button.contains(&format!("aria-describedby=\"cost-1-{price}\"")), "{form}");
        (button.contains("class=\"quiet\""), form.to_owned())
    };
    assert!(!button(&account, "web-yearly").0 && button(&account, "paper-monthly").0);
    assert!(account.contains("After that it’s $120 on December 9, 2027."), "{account}");
    let change = format!("/account/subscriptions/{}/price", number(&paper).await);
    let less = ada.post(&change, "price=web-yearly&today=100").await;
    assert_eq!(less.status, StatusCode::CONFLICT, "nobody pays more than they were shown");
    assert_eq!(payments(&paper).await, [1200]);
    assert_eq!(location(&ada.post(&change, "price=web-yearly&today=11400").await), "/account");
    assert_eq!(payments(&paper).await, [1200, 11400]);
    let account = ada.get("/account").await.text();
    assert!(account.contains("Renews on December 9, 2027 at $120 a year."), "{account}");
    let (is_quiet, form) = button(&account, "web-monthly");
    assert!(is_quiet && form.contains("You won’t pay anything today: the $120 left"), "{form}");
    assert!(form.contains("Your first payment is $12 on"), "{form}");
    assert_eq!(ada.post(&change, "price=nonsense&today=0").await.status, StatusCode::CONFLICT);
    // A year is told of two weeks before.
    for day in ["2027-02-20", "2027-05-10", "2027-07-30", "2027-10-20", "2027-11-25"] {
        paper.go_to(&format!("{day}T09:00:00Z")).await;
        ada.get("/").await;
        ada.access("/news/a").await;
    }
    let told = latest(&paper, ADA, "renewal_ahead").await.text;
    assert!(told.contains("December 9, 2027") && told.contains("$120 a year"), "{told}");
    paper.go_to("2027-12-09T09:00:00Z").await;
    assert_eq!(payments(&paper).await, [1200, 11400, 12000]);
}

#[tokio::test]
async fn the_printed_paper_alone_opens_nothing_on_the_site() {
    let paper = paper().await;
    paper.publish(&tiered("extra", Tier::Product(vec!["web".into()]))).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "paper-monthly", "good", &format!("/&{DOOR}")).await;
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscribers");
    // It is delivered and not read, also when it is paused, cancelled or not paid.
    let account = ada.get("/account").await.text();
    for said in ["While paused we won’t deliver your paper", "We’ll deliver your paper until"] {
        assert!(account.contains(said), "{said}: {account}");
    }
    assert!(!account.contains("keep reading") && !account.contains("still read"), "{account}");
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
    let all =
        tokio::join!(site.billing.renew_due(), site.billing.renew_due(), site.billing.renew_due());
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
async fn after_ten_weeks_without_a_server_one_period_is_collected() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    // The server slept for ten weeks.
    let later: Timestamp = paper.now() + SignedDuration::from_hours(24 * 70);
    paper.go_to(&later.to_string()).await;
    assert_eq!(payments(&paper).await, [1200, 1200]);
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
}

#[tokio::test]
async fn what_happens_on_one_server_is_in_force_on_the_other() {
    let postgres = Location::Postgres(masthead_test_support::postgres::database());
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

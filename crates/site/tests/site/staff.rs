//! What those who work at the desk get as readers.

use http::StatusCode;
use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, Actor, Secret, StaffActor, State,
    staff::{Invitation, Role},
};

use masthead_billing::staff_actions::EntryError;
use masthead_store::{Joined, NewStaff};

use crate::{
    newspaper::{Newspaper, later},
    post::{latest, sign_in},
    shop,
};

const ADA: &str = "ada@example.org";

/// Makes the reader at [`ADA`] a member of the staff.
pub(crate) async fn let_in(paper: &Newspaper, role: Role) -> Account {
    let email = ADA.parse().expect("an address");
    let (key, at) = (Secret::generate(&mut rand::rng()).digest(), paper.now());
    let invitation = Invitation { key, email: Some(email), role, by: None, at };
    paper.store.invite(&invitation, &[]).await.expect("invited");
    let email = ADA.parse().expect("an address");
    let person = NewStaff { email: &email, name: "", signed_in: None };
    let joined = paper.store.join(&key, person, at).await.expect("a database");
    let Joined::Done(account) = joined else { panic!("no invitation") };
    account
}

/// The account of somebody who helps readers.
pub(crate) async fn colleague(paper: &Newspaper) -> AccountId {
    let email = "sue@example.org".parse().expect("an address");
    paper.store.register(&email, paper.now()).await.expect("registered").0.id
}

#[tokio::test]
async fn staff_read_everything_from_the_next_request_until_they_leave() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcdefgh").await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert_eq!(ada.access("/news/a").await, "metered;left=4");
    assert!(!ada.get("/account").await.text().contains("/desk"));

    let account = let_in(&paper, Role::Support).await;
    paper.refresh().await;
    for article in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        assert_eq!(ada.access(&format!("/news/{article}")).await, "open;reason=staff");
    }
    assert!(ada.get("/account").await.text().contains("href=\"/desk\""));

    paper.store.dismiss(&account, None, paper.now()).await.expect("dismissed");
    paper.refresh().await;
    assert_eq!(ada.access("/news/b").await, "metered;left=3", "nothing was counted meanwhile");
}

#[tokio::test]
async fn the_only_owner_cannot_delete_the_account() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    let_in(&paper, Role::Owner).await;
    let kept = ada.post("/account/deletion", "sure=yes").await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    assert!(kept.text().contains("You’re the only owner"));
    assert!(ada.get("/account").await.text().contains(ADA), "still signed in");
}

#[tokio::test]
async fn a_reader_who_is_signed_in_can_be_asked_again() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert_eq!(ada.get("/sign-in?from=%2Fdesk").await.header("location"), Some("/account"));
    let page = ada.get("/sign-in?from=%2Fdesk&again=true").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(r#"value="/desk""#), "{}", page.text());
}

#[tokio::test]
async fn a_meter_that_is_reset_is_reset_on_every_server() {
    for paper in Newspaper::on_both().await {
        paper.publish_metered("abc").await;
        let mut ada = paper.browser();
        sign_in(&paper, &mut ada, ADA, "/").await;
        let elsewhere = paper.another(|_| {}).await;
        let mut there = ada.clone();
        there.move_to(elsewhere.router());
        assert_eq!(ada.access("/news/a").await, "metered;left=4");
        paper.site.close().await;
        assert_eq!(there.access("/news/b").await, "metered;left=3");
        elsewhere.close().await;

        let email = ADA.parse().expect("an address");
        let account = paper.store.account_at(&email).await.expect("asked").expect("there");
        let helper = StaffActor { by: Some(account.id), reason: "A mistake".to_owned() };
        paper.site.billing.reset_meter(&account, &helper).await.expect("reset");
        assert_eq!(ada.access("/news/c").await, "metered;left=4", "at once");
        paper.site.close().await;
        elsewhere.refresh().await.expect("refreshed");
        assert_eq!(there.access("/news/a").await, "metered;left=3", "and there");
    }
}

#[tokio::test]
async fn who_cancels_for_a_reader_and_why_stays_in_the_audit() {
    let paper = shop::paper().await;
    let mut ada = shop::ada(&paper).await;
    shop::buy(&mut ada, "web-monthly", "good", "/").await;
    let held = shop::held(&paper).await.remove(0);
    let sue = colleague(&paper).await;
    let helper = StaffActor { by: Some(sue), reason: "By phone".to_owned() };
    paper.site.billing.enter_cancellation(held.id, Some(helper.clone())).await.expect("cancelled");
    let audit = paper.store.audit_of(held.id).await.expect("asked");
    assert_eq!(audit[0].actor, Actor::Reader);
    assert_eq!(audit[1].actor, Actor::Staff(Some(helper)));
}

#[tokio::test]
async fn a_reader_learns_what_was_done_for_them_and_it_goes_with_them() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    let email = ADA.parse().expect("an address");
    let account = paper.store.account_at(&email).await.expect("asked").expect("there");
    let sue = colleague(&paper).await;
    let helper = StaffActor { by: Some(sue), reason: "Read by mistake".to_owned() };
    paper.site.billing.reset_meter(&account, &helper).await.expect("reset");
    let data = ada.get("/account/data.json").await;
    let data: serde_json::Value = serde_json::from_slice(&data.bytes).expect("JSON");
    assert_eq!(data["helped"][0]["why"], "Read by mistake");
    ada.post("/account/deletion", "sure=yes").await;
    let left = paper.store.audit_log_about(&email, 9).await.expect("asked");
    assert_eq!(left, []);
}

#[tokio::test]
async fn a_trial_lasts_longer_and_its_reader_is_told() {
    let paper = shop::paper().await;
    let mut ada = shop::ada(&paper).await;
    shop::buy(&mut ada, "trial-with-card", "good", "/").await;
    let held = shop::held(&paper).await.remove(0);
    let State::Trial { ends, renews } = held.state else { panic!("no trial: {:?}", held.state) };
    let sue = colleague(&paper).await;
    let helper = || Some(StaffActor { by: Some(sue), reason: "She was ill".to_owned() });
    let early = paper.site.billing.prolong_trial(held.id, ends, helper()).await;
    assert!(matches!(early, Err(EntryError::LastsLonger { .. })), "{early:?}");
    let longer = later(ends, 60 * 24 * 7);
    paper.site.billing.prolong_trial(held.id, longer, helper()).await.expect("prolonged");
    let now = shop::held(&paper).await.remove(0);
    assert_eq!(now.state, State::Trial { ends: longer, renews });
    let audit = paper.store.audit_of(held.id).await.expect("asked");
    assert_eq!((audit[1].what.as_str(), &audit[1].actor), ("prolonged", &Actor::Staff(helper())));
    paper.go_to(&later(ends, 60).to_string()).await;
    assert_eq!(ada.access("/news/a").await, "open;reason=trial");
    let told = latest(&paper, ADA, "trial_prolonged").await;
    assert!(told.subject.contains("has been extended"), "{told:?}");
    // What is over cannot last longer.
    paper.go_to(&later(longer, 60).to_string()).await;
    let over = paper.site.billing.prolong_trial(held.id, later(longer, 9000), helper()).await;
    assert!(matches!(over, Err(EntryError::NotPossible { .. })), "{over:?}");
}

#[tokio::test]
async fn readers_are_told_the_last_day_of_what_ends_at_midnight() {
    let paper = shop::paper().await;
    let mut ada = shop::ada(&paper).await;
    shop::buy(&mut ada, "trial-with-card", "good", "/").await;
    let held = shop::held(&paper).await.remove(0);
    let actor = StaffActor { by: Some(colleague(&paper).await), reason: "Ill".to_owned() };
    // Midnight in Tokyo, where the publication is.
    let end: Timestamp = "2027-01-31T15:00:00Z".parse().expect("a time");
    paper.site.billing.prolong_trial(held.id, end, Some(actor)).await.expect("prolonged");
    let told = latest(&paper, ADA, "trial_prolonged").await;
    assert!(told.text.contains("until January 31, 2027"), "{told:?}");
    let account = ada.get("/account").await.text();
    assert!(account.contains("runs until January 31, 2027"), "{account}");
    // A message next to an article says the same.
    paper.go_to("2027-01-31T12:00:00Z").await;
    let article = ada.get("/news/a").await.text();
    assert!(article.contains("ends on January 31."), "{article}");
}

#[tokio::test]
async fn a_reader_in_a_long_trial_signs_in_again_after_90_days_without_a_visit() {
    let paper = shop::paper().await;
    let mut ada = shop::ada(&paper).await;
    shop::buy(&mut ada, "trial-with-card", "good", "/").await;
    let held = shop::held(&paper).await.remove(0);
    let actor = StaffActor { by: Some(colleague(&paper).await), reason: "Ill".to_owned() };
    let end: Timestamp = "2027-02-28T15:00:00Z".parse().expect("a time");
    paper.site.billing.prolong_trial(held.id, end, Some(actor)).await.expect("prolonged");
    // 96 days after the last visit: the session has ended, so the page is that of a reader who is not signed in and may begin
    // a trial. It cannot say anything about one that is running.
    paper.go_to("2027-02-28T12:00:00Z").await;
    assert_eq!(ada.get("/account").await.status, StatusCode::SEE_OTHER);
    let article = ada.get("/news/a").await.text();
    assert!(!article.contains("ends on February 28"), "{article}");
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert_eq!(ada.access("/news/a").await, "open;reason=trial");
    let article = ada.get("/news/a").await.text();
    assert!(article.contains("ends on February 28"), "{article}");
}

#[tokio::test]
async fn a_payment_is_paid_back_once_and_its_reader_is_told() {
    let paper = shop::paper().await;
    let mut ada = shop::ada(&paper).await;
    shop::buy(&mut ada, "web-monthly", "good", "/").await;
    let email = ADA.parse().expect("an address");
    let reader = paper.store.account_at(&email).await.expect("asked").expect("an account");
    let number = paper.store.payments_of(reader.id).await.expect("asked")[0].number;
    let sue = colleague(&paper).await;
    let helper = || StaffActor { by: Some(sue), reason: "Twice by mistake".to_owned() };
    let refund = async |reader: &Account, number, amount| {
        paper
            .site
            .billing
            .refund(reader, number, amount, helper())
            .await
            .map_err(|error| error.to_string())
    };
    for (amount, fault) in [
        ("12.01", "12.00 USD at most"),
        ("0", "more than nothing"),
        ("-1", "is not an amount of USD"),
        ("much", "is not an amount of USD"),
    ] {
        let refused = refund(&reader, number, amount).await.expect_err("refused");
        assert!(refused.contains(fault), "{amount}: {refused}");
    }
    let nobody = Account { id: AccountId(4000), ..reader.clone() };
    let foreign = refund(&nobody, number, "5").await.expect_err("refused");
    assert!(foreign.contains("has made no payment"), "{foreign}");

    refund(&reader, number, "5").await.expect("paid back");
    for again in ["5", "7"] {
        let refused = refund(&reader, number, again).await.expect_err("refused");
        assert!(refused.contains("5.00 USD was paid back"), "{refused}");
    }
    let told = latest(&paper, ADA, "refunded").await;
    assert!(told.text.contains("$5"), "{}", told.text);
    let account = ada.get("/account").await.text();
    assert!(account.contains("$5 refunded"), "{account}");
    assert!(ada.get("/account/data.json").await.text().contains("\"paid_back\": \"5.00 USD\""));
    let held = shop::held(&paper).await.remove(0);
    let audit = paper.store.audit_of(held.id).await.expect("asked");
    let last = audit.last().expect("a line");
    assert_eq!((last.what.as_str(), &*last.before, &*last.after), ("refunded", "active", "active"));
    assert_eq!(last.actor, Actor::Staff(Some(helper())));
    // What was paid for stays what it is.
    assert_eq!(ada.access("/news/a").await, "open;reason=subscribed");
}

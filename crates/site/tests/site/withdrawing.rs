//! Withdrawing from a contract: for fourteen days, without signing in or signed in, once, and everything is paid back.

use http::StatusCode;
use masthead_billing::staff_actions::PaidHow;
use masthead_circulation::{
    Ending, Mandate, Money, PaymentStatus, StaffActor, State, Subscription, SubscriptionId,
    UnusedReason, WithdrawalWay,
};
use masthead_publication::Publication;

use crate::{
    newspaper::{Browser, Newspaper, Reply},
    post::{kinds, latest, link},
    shop::{ADA, DOOR, ada, buy, held, location, number, paper, sells},
};

const FORM: &str = "email=ada%40example.org&name=Ada+Example";
const OWN: &str = "/account/withdrawal";
const HERE: &str = "Withdraw from contract here";

fn with_invoices(publication: &mut Publication) {
    sells(publication);
    publication.transfer = "The Paper, account 00 00 00".to_owned();
}

/// Asks for the email, which is sent after the response.
async fn ask(paper: &Newspaper, browser: &mut Browser, form: &str) -> Reply {
    let reply = browser.post("/withdraw", form).await;
    paper.site.finish_background_work().await;
    reply
}

async fn ask_for_link(paper: &Newspaper, browser: &mut Browser) -> String {
    ask(paper, browser, FORM).await;
    link(&latest(paper, ADA, "withdrawal").await).replace("https://paper.example", "")
}

/// The form that confirms the withdrawal from one contract.
fn confirmation(id: u32) -> String {
    format!("name=Ada+Example&subscription-{id}=yes")
}

async fn only(paper: &Newspaper) -> Subscription {
    let mut all = held(paper).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// What was paid back of each payment, in its smallest unit, after the sweep that asks for it.
async fn refunds(paper: &Newspaper) -> Vec<u64> {
    paper.site.billing.sweep_refunds().await.expect("swept");
    let account = only_account(paper).await;
    let refunds = paper.store.refunds_of(account).await.expect("read");
    refunds.iter().map(|refund| refund.refunded().minor()).collect()
}

async fn only_account(paper: &Newspaper) -> masthead_circulation::AccountId {
    let email = ADA.parse().expect("an address");
    paper.store.account_at(&email).await.expect("read").expect("there").id
}

async fn statuses(paper: &Newspaper) -> Vec<PaymentStatus> {
    let payments = paper.store.payments_of(only_account(paper).await).await.expect("read");
    payments.iter().map(|payment| payment.status).collect()
}

#[tokio::test]
async fn a_stranger_withdraws_by_the_link_in_an_email_and_is_paid_back_once() {
    for paper in Newspaper::on_both_with(sells).await {
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        let id = number(&paper).await;
        let mut stranger = paper.browser();
        let page = stranger.get("/withdraw").await.text();
        assert!(page.contains(&format!("<h1>{HERE}</h1>")), "{page}");
        assert!(page.contains("You don’t need to sign in"), "{page}");
        let path = ask_for_link(&paper, &mut stranger).await;
        let mail = latest(&paper, ADA, "withdrawal").await.text;
        assert!(mail.contains("Nothing has changed yet"), "{mail}");
        let confirm = stranger.get(&path).await.text();
        for said in [
            "<button>Confirm withdrawal</button>",
            "I withdraw from this contract.",
            "value=\"Ada Example\"",
            "ada@example.org",
            "Ordered on November 24, 2026",
            "we’ll refund $12 within 14 days",
        ] {
            assert!(confirm.contains(said), "{said}: {confirm}");
        }
        assert!(matches!(only(&paper).await.state, State::Active { .. }), "nothing happened yet");

        let done = stranger.post(&path, &confirmation(id)).await;
        assert_eq!(done.status, StatusCode::OK);
        let said = done.text();
        assert!(said.contains("<h1>You’ve withdrawn from the contract</h1>"), "{said}");
        assert!(said.contains("We’ll refund $12 within 14 days"), "{said}");
        let over = State::Ended { at: paper.now(), why: Ending::Withdrawn };
        assert_eq!(only(&paper).await.state, over);
        let acknowledged = latest(&paper, ADA, "withdrawn").await;
        assert_eq!(acknowledged.subject, "We’ve received your withdrawal");
        for said in [
            "The web edition",
            &format!("S-{id}"),
            "Ada Example",
            "ada@example.org",
            "November 24, 2026",
            "6:00",
            "(Asia/Tokyo, UTC+09:00)",
            "$12",
        ] {
            let text = &acknowledged.text;
            assert!(text.contains(said), "{said}: {text}");
        }

        assert_eq!(statuses(&paper).await, [PaymentStatus::RefundPending]);
        assert_eq!(refunds(&paper).await, [1200]);
        assert_eq!(refunds(&paper).await, [1200], "once");
        assert_eq!(statuses(&paper).await, [PaymentStatus::Refunded]);
        let mail = latest(&paper, ADA, "refunded").await.text;
        assert!(mail.contains("because you withdrew from the contract"), "{mail}");
        let account = ada.get("/account").await.text();
        assert!(account.contains("You withdrew from the contract on November 24, 2026"));
        assert!(account.contains("$12 refunded"), "{account}");
        let again = stranger.post(&path, &confirmation(id)).await;
        assert_eq!(again.status, StatusCode::GONE);
        assert!(again.text().contains("This link has already been used"), "{}", again.text());
        assert_eq!(
            kinds(&paper, ADA).await,
            ["receipt", "withdrawal", "withdrawn", "refunded"],
            "each once"
        );
        let report = paper.site.billing.reconcile().await.expect("compared");
        assert_eq!(report.mismatches, []);
    }
}

#[tokio::test]
async fn a_reader_who_is_signed_in_withdraws_at_once() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    ada.get("/").await;
    let after = buy(&mut ada, "web-monthly", "good", "/news/locked").await;
    let thanks = ada.get(&after).await.text();
    assert!(thanks.contains("You can withdraw from the contract until December 8, 2026"));
    assert!(thanks.contains(&format!("<a href=\"{OWN}\">{HERE}</a>")), "{thanks}");
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    let receipt = latest(&paper, ADA, "receipt").await;
    for body in [&receipt.text, &receipt.html] {
        assert!(body.contains(HERE) && body.contains("https://paper.example/withdraw"), "{body}");
    }
    let account = ada.get("/account").await.text();
    assert!(account.contains(OWN) && account.contains(HERE), "{account}");
    assert_eq!(location(&ada.get("/withdraw").await), OWN, "the footer leads there as well");

    let page = ada.get(OWN).await.text();
    assert!(page.contains("<button>Confirm withdrawal</button>"), "{page}");
    let id = number(&paper).await;
    let nameless = ada.post(OWN, &format!("name=+&subscription-{id}=yes")).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nameless.text().contains("Enter your full name."), "{}", nameless.text());
    assert!(matches!(only(&paper).await.state, State::Active { .. }));
    let done = ada.post(OWN, &confirmation(id)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    assert_eq!(ada.access("/news/locked").await.split(';').next(), Some("wall"));
    let declared = paper.store.withdrawals_of(only_account(&paper).await).await.expect("read");
    let declared: Vec<_> = declared.iter().map(|one| (one.name.as_str(), one.way)).collect();
    assert_eq!(declared, [("Ada Example", WithdrawalWay::SignedIn)]);
    let twice = ada.post(OWN, &confirmation(id)).await;
    assert_eq!(twice.status, StatusCode::GONE);
    assert!(twice.text().contains("You may have withdrawn already"), "{}", twice.text());
    assert_eq!(refunds(&paper).await, [1200]);
    let account = ada.get("/account").await.text();
    assert!(!account.contains(&format!("href=\"{OWN}\"")), "{account}");
    let data = ada.get("/account/data.json").await.text();
    assert!(data.contains("\"withdrawals\"") && data.contains("Ada Example"), "{data}");
    // A later order is another contract.
    buy(&mut ada, "web-monthly", "good", "/").await;
    assert!(ada.get("/account").await.text().contains(&format!("href=\"{OWN}\"")));
}

#[tokio::test]
async fn of_twenty_clicks_at_once_one_counts() {
    for paper in Newspaper::on_both_with(sells).await {
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        let form = confirmation(number(&paper).await);
        let path = ask_for_link(&paper, &mut paper.browser()).await;
        let mut clicks = tokio::task::JoinSet::new();
        for click in 0..20 {
            let (path, form) = (path.clone(), form.clone());
            let mut browser = if click % 2 == 0 { ada.clone() } else { paper.browser() };
            clicks.spawn(async move {
                let path = if click % 2 == 0 { OWN } else { &path };
                browser.post(path, &form).await.status
            });
        }
        let statuses = clicks.join_all().await;
        let done = statuses.iter().filter(|status| **status == StatusCode::OK).count();
        let late = statuses.iter().filter(|status| **status == StatusCode::GONE).count();
        assert_eq!((done, late), (1, 19), "{statuses:?}");
        assert_eq!(refunds(&paper).await, [1200]);
        let mails = kinds(&paper, ADA).await;
        assert_eq!(mails.iter().filter(|kind| *kind == "withdrawn").count(), 1, "{mails:?}");
    }
}

#[tokio::test]
async fn the_period_ends_with_its_last_day_in_the_zone_of_the_publication() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let form = confirmation(number(&paper).await);
    // It is still 8 December in Tokyo.
    paper.go_to("2026-12-08T14:59:59Z").await;
    let mut stranger = paper.browser();
    let path = ask_for_link(&paper, &mut stranger).await;
    assert!(ada.get("/account").await.text().contains(HERE));
    paper.go_to("2026-12-08T15:00:00Z").await;
    let account = ada.get("/account").await.text();
    assert!(!account.contains(&format!("href=\"{OWN}\"")), "{account}");
    for late in [ada.get(OWN).await, ada.post(OWN, &form).await] {
        assert_eq!(late.status, StatusCode::GONE);
        assert!(late.text().contains("There’s no contract to withdraw from"), "{}", late.text());
    }
    ask(&paper, &mut stranger, FORM).await;
    let mail = latest(&paper, ADA, "no_withdrawal").await.text;
    assert!(mail.contains("The time to withdraw may be over"), "{mail}");
    assert!(matches!(only(&paper).await.state, State::Active { .. }));
    // Who asked in time can confirm it: the declaration only waited for the email.
    assert_eq!(stranger.post(&path, &form).await.status, StatusCode::OK);
    assert_eq!(refunds(&paper).await, [1200]);
}

#[tokio::test]
async fn the_publisher_may_give_more_days_and_a_paper_has_time_to_arrive() {
    let paper = Newspaper::with(|publication| {
        sells(publication);
        publication.withdrawal = masthead_circulation::WithdrawalPeriod::new(30).expect("days");
    })
    .await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "paper-monthly", "good", &format!("/&{DOOR}")).await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("You can withdraw from the contract until January 7, 2027"));
    paper.go_to("2027-01-07T09:00:00Z").await;
    let id = number(&paper).await;
    assert_eq!(ada.post(OWN, &confirmation(id)).await.status, StatusCode::OK);
    assert_eq!(refunds(&paper).await, [2000, 2000], "the renewal as well");
}

#[tokio::test]
async fn a_trial_ends_and_there_is_nothing_to_pay_back() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "trial-with-card", "good", "/").await;
    let begun = latest(&paper, ADA, "trial_begun").await.text;
    assert!(begun.contains(HERE), "{begun}");
    let page = ada.get(OWN).await.text();
    assert!(page.contains("There’s nothing to refund"), "{page}");
    let done = ada.post(OWN, &confirmation(number(&paper).await)).await.text();
    assert!(done.contains("There’s nothing to refund"), "{done}");
    let mail = latest(&paper, ADA, "withdrawn").await.text;
    assert!(mail.contains("There’s nothing to refund"), "{mail}");
    assert_eq!(refunds(&paper).await, Vec::<u64>::new());
    paper.go_to("2026-12-08T09:00:00Z").await;
    assert!(only(&paper).await.is_withdrawn());
    assert_eq!(kinds(&paper, ADA).await, ["trial_begun", "withdrawn"], "nothing is charged");
}

#[tokio::test]
async fn an_unpaid_invoice_is_void_and_a_paid_one_is_paid_back_by_staff() {
    let paper = Newspaper::with(with_invoices).await;
    let mut ada = ada(&paper).await;
    let by_invoice = async |ada: &mut Browser| {
        let form = "from=/&by=invoice";
        let back = location(&ada.post("/checkout/web-monthly", form).await);
        location(&ada.get(&back).await)
    };
    by_invoice(&mut ada).await;
    paper.go_to("2026-11-24T09:00:01Z").await;
    let invoice = latest(&paper, ADA, "invoice").await.text;
    assert!(invoice.contains(HERE), "{invoice}");
    let first = number(&paper).await;
    let done = ada.post(OWN, &confirmation(first)).await.text();
    assert!(done.contains("not even an invoice you may have"), "{done}");
    paper.go_to("2026-12-20T09:00:00Z").await;
    assert_eq!(kinds(&paper, ADA).await, ["invoice", "withdrawn"], "nobody is reminded");
    let late = paper.site.billing.enter_payment(SubscriptionId(first), false, None).await;
    assert!(late.is_err(), "{late:?}");
    let order = ada.get("/checkout/web-monthly").await.text();
    assert!(!order.contains("Order by invoice"), "nobody reads for free in this way: {order}");
    assert!(order.contains("You can’t pay by invoice at the moment"), "{order}");
    let offers = ada.get("/offers").await.text();
    assert!(offers.contains("You can pay by card.") && !offers.contains("by invoice"), "{offers}");
    let others = paper.browser().get("/offers").await.text();
    assert!(others.contains("You can pay by card or by invoice."), "{others}");

    // A reader whom staff have entered with a transfer.
    let bob = "bob@example.org".parse().expect("an address");
    let billing = &paper.site.billing;
    let entered = billing.enter_subscription(&bob, "web-monthly", PaidHow::Already, None).await;
    let held = entered.expect("entered");
    let outcome = billing.withdraw(held.account, &[held.id], "Bob").await.expect("withdrawn");
    assert!(matches!(outcome, masthead_billing::endings::EndingOutcome::Ended(_)), "{outcome:?}");
    billing.sweep_refunds().await.expect("swept");
    let pending = billing.pending_refunds().await.expect("read").remove(0);
    assert_eq!(pending.reason, UnusedReason::Withdrawn, "staff send the money");
    let staff = StaffActor { by: None, reason: "Sent today".to_owned() };
    let number = pending.payment.number;
    billing.refund_number(number, None, staff).await.expect("noted");
    assert!(billing.pending_refunds().await.expect("read").is_empty());
    let mail = latest(&paper, "bob@example.org", "refunded").await.text;
    assert!(mail.contains("because you withdrew"), "{mail}");
}

#[tokio::test]
async fn what_was_refunded_in_part_is_refunded_to_the_last_cent() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let payment = paper.store.payments_of(only_account(&paper).await).await.expect("read");
    let number = payment[0].number;
    let staff = StaffActor { by: None, reason: "Sorry".to_owned() };
    let billing = &paper.site.billing;
    billing.refund_number(number, Some("4.50"), staff.clone()).await.expect("refunded");
    let page = ada.get(OWN).await.text();
    assert!(page.contains("we’ll refund $7.50 within 14 days"), "{page}");
    let id = self::number(&paper).await;
    assert_eq!(ada.post(OWN, &confirmation(id)).await.status, StatusCode::OK);
    assert_eq!(refunds(&paper).await, [1200]);
    let account = ada.get("/account").await.text();
    assert!(account.contains("$12 refunded"), "{account}");
    let more = billing.refund_number(number, None, staff).await;
    assert!(more.is_err(), "{more:?}");
    assert_eq!(billing.reconcile().await.expect("compared").mismatches, []);
}

#[tokio::test]
async fn a_reader_with_several_contracts_chooses_and_only_their_own_count() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let first = only(&paper).await;
    let gift = Subscription {
        mandate: Mandate::manual(),
        terms: masthead_circulation::Terms {
            amount: Money::zero(first.terms.amount.currency()),
            ..first.terms.clone()
        },
        ..first.clone()
    };
    let second = Subscription { mandate: Mandate::manual(), ..first.clone() };
    let given = [(second, None), (gift, None)];
    paper.store.import_subscriptions(&given).await.expect("taken in");
    let ids: Vec<u32> = held(&paper).await.iter().map(|held| held.id.0).collect();
    let (gift, second) = (ids[0], ids[1]);
    let page = ada.get(OWN).await.text();
    assert!(page.contains(&format!("type=\"checkbox\" name=\"subscription-{second}\"")), "{page}");
    assert!(!page.contains(&format!("subscription-{gift}\"")), "a gift is no contract: {page}");
    let none = ada.post(OWN, "name=Ada+Example").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text().contains("Choose at least one contract."), "{}", none.text());
    for foreign in [999, gift] {
        let reply = ada.post(OWN, &confirmation(foreign)).await;
        assert_eq!(reply.status, StatusCode::GONE, "{foreign}");
    }
    assert_eq!(ada.post(OWN, &confirmation(second)).await.status, StatusCode::OK);
    let ended: Vec<u32> = held(&paper)
        .await
        .iter()
        .filter(|held| held.is_withdrawn())
        .map(|held| held.id.0)
        .collect();
    assert_eq!(ended, [second]);
    assert_eq!(refunds(&paper).await, Vec::<u64>::new(), "the first one is kept");
}

#[tokio::test]
async fn the_page_says_the_same_to_every_address_and_each_gets_an_email() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let mut stranger = paper.browser();
    let subscriber = ask(&paper, &mut stranger, FORM).await;
    let nobody = ask(&paper, &mut stranger, "email=eve%40example.org&name=Eve").await;
    assert_eq!((subscriber.status, subscriber.text()), (nobody.status, nobody.text()));
    assert_eq!(kinds(&paper, "eve@example.org").await, ["no_withdrawal"]);
    for (form, fault) in [
        ("email=eve&name=Eve", "Enter an email address"),
        ("email=eve%40example.org&name=+", "Enter your full name."),
    ] {
        let faulty = stranger.post("/withdraw", form).await;
        assert_eq!(faulty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(faulty.text().contains(fault), "{}", faulty.text());
    }
    for _ in 0..8 {
        ask(&paper, &mut stranger, "email=bob%40example.org&name=Bob").await;
    }
    assert_eq!(kinds(&paper, "bob@example.org").await.len(), 5, "they are limited");
    // Links to cancel and to withdraw are not each other's.
    let path = ask_for_link(&paper, &mut stranger).await;
    let wrong = path.replace("/withdraw/", "/cancel/");
    for dead in [wrong.as_str(), "/withdraw/7", "/withdraw/%00"] {
        assert_eq!(stranger.get(dead).await.status, StatusCode::GONE, "{dead}");
    }
    paper.go_to("2026-11-25T09:00:01Z").await;
    let old = stranger.get(&path).await;
    assert_eq!(old.status, StatusCode::GONE);
    assert!(old.text().contains("href=\"/withdraw\""), "{}", old.text());
}

#[tokio::test]
async fn the_footer_shows_it_wherever_cancelling_is_shown() {
    let paper = paper().await;
    for page in ["/", "/news/a", "/offers", "/cancel"] {
        let page = paper.browser().get(page).await.text();
        let (cancel, withdraw) = ("<a href=\"/cancel\" ", "<a href=\"/withdraw\" ");
        assert!(page.contains(cancel) && page.contains(withdraw), "{page}");
    }
    let free = Newspaper::new().await;
    let page = free.browser().get("/").await.text();
    assert!(!page.contains("href=\"/withdraw\""), "{page}");
}

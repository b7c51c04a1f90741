//! Support actions.

use http::StatusCode;
use jiff::SignedDuration;
use masthead_circulation::{
    Account, Actor, AuditAction, Event, Money, NewPayment, Payment, PaymentStatus, Refund,
    RefundStatus, StaffActor, State, Subscription, UnusedReason, Withdrawal, WithdrawalWay,
    staff::Role,
};
use masthead_store::{
    AppliedPayment, EndingResult, NewWithdrawal, ReconciliationReport, SubscriptionChange,
    WithdrawnPayment,
};

use super::{TestDesk, email, leads_to, readers::subscribe, text};

/// A desk with somebody of support at it, and a reader.
pub async fn with_a_reader() -> (TestDesk, String, Account) {
    let desk = TestDesk::open().await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    desk.reader("rea@example.org").await;
    let rea = desk.store.account_at(&email("rea@example.org")).await.expect("asked");
    (desk, sue, rea.expect("an account"))
}

/// A reader with an account, and the address of their page.
pub async fn reader(desk: &TestDesk, at: &str) -> (Account, String) {
    desk.reader(at).await;
    let account = desk.store.account_at(&email(at)).await.expect("asked").expect("an account");
    let page = format!("/desk/readers/{}", account.id.0);
    (account, page)
}

pub async fn held(desk: &TestDesk, reader: &Account) -> Subscription {
    desk.store.subscriptions_of(reader.id).await.expect("read").remove(0)
}

/// What happened last to a subscription, and the reason that staff gave.
pub async fn last_entry(desk: &TestDesk, of: &Subscription) -> (String, String) {
    let entry = desk.store.audit_of(of.id).await.expect("read").pop().expect("an entry");
    let Actor::Staff(Some(staff)) = entry.actor else { panic!("{:?}", entry.actor) };
    let sue = desk.store.account_at(&email("sue@example.org")).await.expect("asked");
    assert_eq!(staff.by, Some(sue.expect("works here").id));
    (entry.what, staff.reason)
}

/// Posts a form of a reader's page, which leads back to the page.
pub async fn act(desk: &TestDesk, sue: &str, page: &str, (to, form): (&str, &str)) {
    let answer = desk.post(&format!("{page}{to}"), sue, form).await;
    assert_eq!((answer.status(), leads_to(&answer)), (StatusCode::SEE_OTHER, page), "{to} {form}");
}

#[tokio::test]
async fn a_meter_is_reset_with_a_reason() {
    let (desk, sue, rea) = with_a_reader().await;
    let page = format!("/desk/readers/{}", rea.id.0);
    act(&desk, &sue, &page, ("/meter", "reason=+She+read+by+mistake+")).await;
    let record = desk.store.audit_log_about(&rea.email, 9).await.expect("read").remove(0);
    assert_eq!((record.action, &*record.reason), (AuditAction::ResetMeter, "She read by mistake"));
}

#[tokio::test]
async fn a_subscription_is_given_up_to_a_day_or_without_an_end() {
    let (desk, sue, rea) = with_a_reader().await;
    let page = format!("/desk/readers/{}", rea.id.0);
    let gifts = text(desk.get(&page, &sue).await).await;
    assert!(
        gifts.contains("Add complimentary subscription") && gifts.contains("The Paper online, €9")
    );
    act(&desk, &sue, &page, ("/subscription", "price=monthly&until=2027-02-28&reason=Sorry")).await;
    let shown = text(desk.get(&page, &sue).await).await;
    assert!(shown.contains("Complimentary until 28 February 2027"), "nobody cancelled it: {shown}");
    let given = held(&desk, &rea).await;
    let ends = "2027-03-01T00:00:00Z".parse().expect("a time");
    assert_eq!(given.state, State::Cancelling { ends, trial: false });
    assert_eq!(last_entry(&desk, &given).await, ("begun".to_owned(), "Sorry".to_owned()));
    let again = desk.post(&format!("{page}/subscription"), &sue, "price=monthly&reason=x").await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let (friend, page) = reader(&desk, "friend@example.org").await;
    act(&desk, &sue, &page, ("/subscription", "price=monthly&until=&reason=A+friend")).await;
    let given = held(&desk, &friend).await;
    assert!(matches!(given.state, State::Active { .. }) && given.terms.amount.is_zero());
    assert_eq!(last_entry(&desk, &given).await, ("begun".to_owned(), "A friend".to_owned()));
}

#[tokio::test]
async fn a_subscription_is_cancelled_and_a_trial_extended() {
    let (desk, sue, rea) = with_a_reader().await;
    let page = format!("/desk/readers/{}", rea.id.0);
    subscribe(&desk, rea.id).await;
    let with_one = text(desk.get(&page, &sue).await).await;
    assert!(
        with_one.contains("Cancel subscription<")
            && !with_one.contains("Add complimentary subscription")
    );
    act(&desk, &sue, &page, ("/subscriptions/1/cancellation", "reason=By+phone")).await;
    let cancelled = held(&desk, &rea).await;
    assert!(matches!(cancelled.state, State::Cancelling { .. }));
    assert_eq!(
        last_entry(&desk, &cancelled).await,
        ("cancelled".to_owned(), "By phone".to_owned())
    );
    let (ill, page) = reader(&desk, "ill@example.org").await;
    subscribe(&desk, ill.id).await;
    let ends = desk.now() + SignedDuration::from_hours(1);
    let trial = State::Trial { ends, renews: false };
    let trial = Subscription { state: trial, ..held(&desk, &ill).await };
    desk.store.import_subscriptions(&[(trial, None)]).await.expect("taken in");
    let longer = format!("/subscriptions/{}/extension", held(&desk, &ill).await.id.0);
    let undated = desk.post(&format!("{page}{longer}"), &sue, "reason=Ill&until=").await;
    assert!(text(undated).await.contains("Choose the last day of the trial."));
    act(&desk, &sue, &page, (&longer, "reason=Ill&until=2027-02-28")).await;
    let extended = held(&desk, &ill).await;
    let ends = "2027-03-01T00:00:00Z".parse().expect("a time");
    assert_eq!(extended.state, State::Trial { ends, renews: false });
    assert_eq!(last_entry(&desk, &extended).await, ("prolonged".to_owned(), "Ill".to_owned()));
    let shown = text(desk.get(&page, &sue).await).await;
    assert!(shown.contains("Trial, ends 28 February 2027"), "its last day: {shown}");
    let again = desk.post(&format!("{page}{longer}"), &sue, "reason=Ill&until=2027-02-28").await;
    assert!(text(again).await.contains("already lasts until 28 February 2027"));
}

#[tokio::test]
async fn a_part_of_a_payment_is_refunded() {
    let (desk, sue, rea) = with_a_reader().await;
    let page = format!("/desk/readers/{}", rea.id.0);
    subscribe(&desk, rea.id).await;
    let paid = held(&desk, &rea).await;
    let payment = NewPayment { subscription: Some(paid.id), ..payment(&rea, "renewal") };
    let payment = desk.store.record_payment(&payment, desk.now()).await.expect("recorded");
    let (from, through) = (payment.from, payment.through);
    let change = SubscriptionChange {
        before: paid.clone(),
        after: paid.clone(),
        due: None,
        actor: Actor::Calendar,
        what: "renewed",
        payment: Some(AppliedPayment { number: payment.number, from, through }),
        emails: Vec::new(),
    };
    assert!(desk.store.change(&change, desk.now()).await.expect("applied"));
    let refund = format!("/payments/{}/refund", payment.number);
    let mistaken = desk.post(&format!("{page}{refund}"), &sue, "reason=Sorry&amount=4%2C50").await;
    let mistaken = text(mistaken).await;
    assert!(mistaken.contains(r#"<details class="sheet" open>"#), "the form stays open");
    assert!(mistaken.contains(r#"name="amount" value="4,50""#), "and keeps what was typed");
    let german = format!("{sue}; masthead-language=de");
    let shown = text(desk.get(&page, &german).await).await;
    assert!(shown.contains(&format!(r#"name="amount" value="{}""#, "8,00")), "{shown}");
    let wrong = desk.post(&format!("{page}{refund}"), &german, "reason=Sorry&amount=4%2C505").await;
    let wrong = text(wrong).await;
    assert!(wrong.contains("4,505") && !wrong.contains("is not an amount"), "{wrong}");
    act(&desk, &german, &page, (&refund, "reason=Sorry&amount=+4%2C50+")).await;
    let refund = desk.store.refunds_of(rea.id).await.expect("read").remove(0);
    assert_eq!((refund.payment, refund.amount.minor()), (payment.number, 450));
    assert_eq!(last_entry(&desk, &paid).await, ("refunded".to_owned(), "Sorry".to_owned()));
}

#[tokio::test]
async fn actions_need_a_reason_and_the_right_reader() {
    let (desk, sue, rea) = with_a_reader().await;
    desk.reader("other@example.org").await;
    let other = desk.store.account_at(&email("other@example.org")).await.expect("asked");
    subscribe(&desk, other.expect("an account").id).await;
    let page = format!("/desk/readers/{}", rea.id.0);
    let long = format!("reason={}", "a".repeat(501));
    let cases = [
        ("/meter", "reason=+", "Enter a reason"),
        ("/meter", "", "Enter a reason"),
        ("/meter", &*long, "at most 500 characters"),
        ("/subscriptions/1/cancellation", "reason=x", "no subscription S-1"),
        ("/subscriptions/1/extension", "reason=x&until=2027-03-01", "no subscription S-1"),
        ("/subscriptions/9/cancellation", "reason=x", "no subscription S-9"),
        ("/subscription", "price=none&reason=Kept", "There is no price"),
        ("/subscription", "price=monthly&until=tomorrow&reason=Kept", "as year, month and day"),
        ("/subscription", "price=monthly&until=2020-01-01&reason=Kept", "That day has passed"),
    ];
    for (to, form, fault) in cases {
        let answer = desk.post(&format!("{page}{to}"), &sue, form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{to} {form}");
        let page = text(answer).await;
        assert!(page.contains(fault), "{fault}: {page}");
        if form.contains("Kept") {
            assert!(page.contains("value=\"Kept\""), "what was typed stays");
        }
    }
    for nobody in ["/desk/readers/4000/meter", "/desk/readers/x/meter"] {
        let answer = desk.post(nobody, &sue, "reason=x").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(desk.store.subscriptions_of(rea.id).await.expect("read"), []);
    assert_eq!(desk.store.audit_log_about(&rea.email, 9).await.expect("read"), []);
}

#[tokio::test]
async fn an_action_that_fails_is_no_fault_of_the_form() {
    let (desk, sue, _) = with_a_reader().await;
    let mut pages = Vec::new();
    for number in 0..30 {
        pages.push(reader(&desk, &format!("reader-{number}@example.org")).await.1);
    }
    // Until the database has no room for another email.
    desk.store.limit_pages(1).await.expect("limited");
    let mut answers = Vec::new();
    for page in &pages {
        let form = "price=monthly&reason=x";
        answers.push(desk.post(&format!("{page}/subscription"), &sue, form).await.status());
        if answers.contains(&StatusCode::SERVICE_UNAVAILABLE) {
            break;
        }
    }
    assert!(answers.contains(&StatusCode::SERVICE_UNAVAILABLE), "{answers:?}");
}

/// A payment of £8 by a reader.
pub fn payment(reader: &Account, source: &str) -> NewPayment {
    let now = "2026-11-24T09:00:00Z".parse().expect("a time");
    NewPayment {
        source: source.into(),
        processor: "sandbox".into(),
        reference: String::new(),
        account: Some(reader.id),
        subscription: None,
        what: "The Paper online".into(),
        amount: Money::of(800, "GBP".parse().expect("a currency")),
        from: now,
        through: now,
        card: String::new(),
        tax: None,
    }
}

/// A payment that no subscription can take.
pub async fn late_payment(desk: &TestDesk, reader: &Account, source: &str) -> Payment {
    let (new, now) = (payment(reader, source), desk.now());
    let payment = desk.store.record_payment(&new, now).await.expect("recorded");
    let reason = UnusedReason::SubscriptionEnded;
    let aside = desk.store.set_payment_aside(payment.number, reason, &[], now).await;
    assert!(aside.expect("written"));
    payment
}

#[tokio::test]
async fn a_payment_that_no_subscription_can_take_is_listed_until_staff_decide() {
    let (desk, sue, rea) = with_a_reader().await;
    let payment = late_payment(&desk, &rea, "renewal").await;
    let home = text(desk.get("/desk", &sue).await).await;
    assert!(home.contains("Payments to decide") && home.contains("had ended"), "{home}");
    let page = format!("/desk/readers/{}", rea.id.0);
    let keep = format!("{page}/payments/{}/keep", payment.number);
    assert!(text(desk.get(&page, &sue).await).await.contains(&keep));
    desk.reader("other@example.org").await;
    let other = desk.store.account_at(&email("other@example.org")).await.expect("asked");
    let others = format!("/desk/readers/{}", other.expect("an account").id.0);
    let wrong = format!("{others}/payments/{}/keep", payment.number);
    let refused = desk.post(&wrong, &sue, "reason=Agreed").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let kept = desk.post(&keep, &sue, "reason=Agreed").await;
    assert_eq!(leads_to(&kept), page);
    assert!(!text(desk.get("/desk", &sue).await).await.contains("Payments to decide"));
    let again = desk.post(&keep, &sue, "reason=Agreed").await;
    assert!(text(again).await.contains("needs no decision"));
}

#[tokio::test]
async fn a_withdrawal_that_came_by_letter_is_recorded_once_for_the_day_it_was_sent() {
    let (desk, sue, rea) = with_a_reader().await;
    subscribe(&desk, rea.id).await;
    let (before, page) = (held(&desk, &rea).await, format!("/desk/readers/{}", rea.id.0));
    let today = desk.now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let to = format!("/subscriptions/{}/withdrawal", before.id.0);
    let path = format!("{page}{to}");
    let form = |sent: &str, name: &str| format!("sent={sent}&name={name}&reason=Her+letter");
    let (eve, morrow) = (today.yesterday().expect("a day"), today.tomorrow().expect("a day"));
    for (sent, name, said) in [
        (eve.to_string(), "Rea", "must have been sent between"),
        (morrow.to_string(), "Rea", "must have been sent between"),
        ("yesterday".to_owned(), "Rea", "Choose the day on which"),
        (today.to_string(), "", "Enter the name of the person"),
    ] {
        let refused = desk.post(&path, &sue, &form(&sent, name)).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{sent} {name}");
        let shown = text(refused).await;
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert_eq!(held(&desk, &rea).await, before, "what is refused changes nothing");
    let (_, other) = reader(&desk, "other@example.org").await;
    let foreign = desk.post(&format!("{other}{to}"), &sue, &form(&today.to_string(), "Rea")).await;
    assert!(text(foreign).await.contains("This reader has no subscription"));

    act(&desk, &sue, &page, (&to, &form(&today.to_string(), "Rea+Example"))).await;
    let ended = held(&desk, &rea).await;
    assert!(ended.is_withdrawn());
    let recorded = ("withdrawn".to_owned(), "Her letter".to_owned());
    assert_eq!(last_entry(&desk, &ended).await, recorded);
    let declared = desk.store.withdrawals_of(rea.id).await.expect("read");
    assert_eq!((declared.len(), declared[0].way), (1, WithdrawalWay::Staff));
    let emails = desk.store.emails_to(&rea.email, 9).await.expect("read");
    assert_eq!(emails[0].subject, "We’ve received your withdrawal");
    let shown = text(desk.get(&page, &sue).await).await;
    assert!(shown.contains("It was recorded here, and confirmed to rea@example.org."), "{shown}");
    assert!(!shown.contains("Record withdrawal"), "once: {shown}");
    let again = desk.post(&path, &sue, &form(&today.to_string(), "Rea")).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

/// A subscription that a transfer has paid for, and from whose contract its reader has withdrawn.
async fn withdrawn(desk: &TestDesk, rea: &Account) -> Payment {
    subscribe(desk, rea.id).await;
    let (before, now) = (held(desk, rea).await, desk.now());
    let (processor, subscription) = ("manual".to_owned(), Some(before.id));
    let new = NewPayment { processor, subscription, ..payment(rea, "transfer") };
    let paid = desk.store.record_payment(&new, now).await.expect("recorded");
    let (number, from, through) = (paid.number, paid.from, paid.through);
    let change = SubscriptionChange {
        after: before.clone(),
        before,
        due: None,
        actor: Actor::Staff(None),
        what: "renewed",
        payment: Some(AppliedPayment { number, from, through }),
        emails: Vec::new(),
    };
    assert!(desk.store.change(&change, now).await.expect("applied"));
    let before = held(desk, rea).await;
    let declared = Withdrawal {
        subscription: before.id,
        at: now,
        name: "Rea Example".to_owned(),
        email: rea.email.to_string(),
        way: WithdrawalWay::Link,
    };
    let after = before.after(Event::Withdrawn, now).expect("legal");
    let (actor, what) = (Actor::Reader, Event::Withdrawn.name());
    let ended = SubscriptionChange { before, after, actor, what, payment: None, ..change };
    let new = NewWithdrawal {
        account: rea.id,
        link: None,
        changes: &[ended],
        declarations: &[declared],
        payments: &[WithdrawnPayment { payment: paid.clone(), by_processor: false }],
    };
    let result = desk.store.withdraw_from_contracts(&new, now).await.expect("stored");
    assert_eq!(result, EndingResult::Done);
    paid
}

#[tokio::test]
async fn a_withdrawal_is_shown_and_its_transfer_is_listed_until_it_is_paid_back() {
    let (desk, sue, rea) = with_a_reader().await;
    let paid = withdrawn(&desk, &rea).await;
    let home = text(desk.get("/desk", &sue).await).await;
    assert!(home.contains("Refund all of it within 14 days."), "{home}");
    let page = format!("/desk/readers/{}", rea.id.0);
    let shown = text(desk.get(&page, &sue).await).await;
    for said in [
        ": withdrew from the contract",
        "Rea Example withdrew from the contract on",
        "by the link in an email. We confirmed it to rea@example.org.",
        "Withdrew from the contract",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let refund = format!("/payments/{}/refund", paid.number);
    let part = desk.post(&format!("{page}{refund}"), &sue, "reason=Sent&amount=3").await;
    assert!(text(part).await.contains("Refund all of it"));
    act(&desk, &sue, &page, (&refund, "reason=Sent&amount=8.00")).await;
    let home = text(desk.get("/desk", &sue).await).await;
    assert!(!home.contains("Payments to decide"), "{home}");
    let status = desk.store.payment(paid.number).await.expect("read").expect("there").status;
    assert_eq!(status, PaymentStatus::Refunded);
}

#[tokio::test]
async fn a_payment_of_a_deleted_account_has_a_page_of_its_own() {
    let (desk, sue, rea) = with_a_reader().await;
    let first = late_payment(&desk, &rea, "first").await;
    let second = late_payment(&desk, &rea, "second").await;
    let page_of = |payment: &Payment| format!("/desk/payments/{}", payment.number);
    let readers = leads_to(&desk.get(&page_of(&first), &sue).await).to_owned();
    assert_eq!(readers, format!("/desk/readers/{}#payments", rea.id.0));
    assert!(desk.store.delete_account(&rea, desk.now()).await.expect("deleted"));
    let home = text(desk.get("/desk", &sue).await).await.replace("&#x2f;", "/");
    assert!(home.contains("of a deleted account"), "{home}");
    let page = page_of(&first);
    assert!(home.contains(&page), "{home}");
    let refunded = desk.post(&format!("{page}/refund"), &sue, "reason=Late&amount=8.00").await;
    assert_eq!(leads_to(&refunded), page);
    let refund = desk.store.refunds_of_payments(&[first.number]).await.expect("read").remove(0);
    let reason = refund.actor.staff_actor().map(|staff| staff.reason.as_str());
    assert_eq!((refund.amount.minor(), reason), (800, Some("Late")));
    assert!(refund.is_settled());
    let page = page_of(&second);
    assert!(home.contains(&page), "{home}");
    let silent = desk.post(&format!("{page}/keep"), &sue, "reason=").await;
    assert_eq!(silent.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let kept = desk.post(&format!("{page}/keep"), &sue, "reason=Agreed").await;
    assert_eq!(leads_to(&kept), page);
    let kept = desk.store.payment(second.number).await.expect("read").expect("a payment");
    assert_eq!(kept.status, PaymentStatus::Kept);
    assert!(!text(desk.get("/desk", &sue).await).await.contains("of a deleted account"));
    let none = desk.get("/desk/payments/4000", &sue).await;
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_refund_that_the_processor_refused_is_listed_with_its_reason() {
    let (desk, sue, rea) = with_a_reader().await;
    let payment = late_payment(&desk, &rea, "renewal").await;
    let refund = Refund {
        payment: payment.number,
        account: Some(rea.id),
        amount: payment.amount,
        before: masthead_circulation::Money::zero(payment.amount.currency()),
        elsewhere: masthead_circulation::Money::zero(payment.amount.currency()),
        at: desk.now(),
        actor: masthead_circulation::Actor::Staff(Some(StaffActor {
            by: None,
            reason: "Ended".into(),
        })),
        attempt: 0,
        status: RefundStatus::Asked,
        failed: None,
    };
    desk.store.ask_refund(&refund, desk.now()).await.expect("asked");
    let page = format!("/desk/readers/{}", rea.id.0);
    let keep = format!("{page}/payments/{}/keep", payment.number);
    let waiting = text(desk.get(&page, &sue).await).await;
    assert!(waiting.contains("tried again automatically") && !waiting.contains(&keep), "{waiting}");
    desk.store.refuse_refund(&refund, "The charge is disputed").await.expect("noted");
    let home = text(desk.get("/desk", &sue).await).await;
    assert!(home.contains("Refused refunds") && home.contains("disputed"), "{home}");
    let page = text(desk.get(&page, &sue).await).await;
    assert!(page.contains("disputed") && page.contains(&keep), "{page}");
}

#[tokio::test]
async fn what_does_not_agree_is_shown_to_those_who_help_readers() {
    let (desk, sue, _) = with_a_reader().await;
    let (_, ann) = desk.staff("ann@example.org", Role::Author).await;
    let report = ReconciliationReport {
        at: "2026-11-24T09:00:00Z".parse().expect("a time"),
        mismatches: vec!["order 7 was collected and has no payment".to_owned()],
    };
    desk.store.keep_reconciliation(&report).await.expect("kept");
    assert!(text(desk.get("/desk", &sue).await).await.contains("order 7 was collected"));
    assert!(!text(desk.get("/desk", &ann).await).await.contains("order 7 was collected"));
}

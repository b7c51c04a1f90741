//! The list of readers, and what is done for one or many of them there.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_circulation::{
    Account, AuditAction, BillingInterval, Channel, EmailAddress, Mandate, Money, State,
    Subscription, SubscriptionId, Terms, Unit, staff::Role,
};
use masthead_store::AuditQuery;

use super::{TestDesk, email, leads_to, readers::subscribe, support_actions::held, text};

/// A desk with somebody of support at it.
async fn with_support() -> (TestDesk, String) {
    let desk = TestDesk::open().await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    (desk, sue)
}

async fn reader(desk: &TestDesk, at: &str) -> Account {
    desk.store.register(&email(at), desk.now()).await.expect("registered").0
}

fn page_of(reader: &Account) -> String {
    format!("/desk/readers/{}", reader.id.0)
}

/// A subscription by the month that is paid by invoice, or by card.
pub async fn sell(
    desk: &TestDesk,
    reader: &Account,
    (price, minor): (&str, u64),
    unpaid: bool,
) -> Subscription {
    let terms = Terms {
        product: "web".to_owned(),
        name: "The Paper online".to_owned(),
        channels: vec![Channel::Web],
        price: price.to_owned(),
        offer: None,
        introduction: None,
        amount: Money::of(minor, "EUR".parse().expect("a currency")),
        every: BillingInterval::one(Unit::Month),
    };
    let (id, now, zone) = (SubscriptionId::UNSTORED, desk.now(), TimeZone::UTC);
    let held = if unpaid {
        let grace = jiff::SignedDuration::from_hours(36);
        Subscription::start_unpaid(id, reader.id, terms, now, grace, &zone)
    } else {
        let mandate = Mandate { processor: "sandbox".into(), reference: "x".into(), card: None };
        Subscription::start(id, reader.id, terms, mandate, now, &zone)
    };
    desk.store.import_subscriptions(&[(held, None)]).await.expect("imported");
    self::held(desk, reader).await
}

#[tokio::test]
async fn readers_are_listed_by_status_with_their_number_and_without_staff() {
    let (desk, sue) = with_support().await;
    let all = text(desk.get("/desk/readers", &sue).await).await;
    assert!(all.contains("There are no readers yet"), "staff are no readers: {all}");
    let rea = reader(&desk, "rea@example.org").await;
    reader(&desk, "bob@example.org").await;
    sell(&desk, &rea, ("monthly", 900), true).await;
    let all = text(desk.get("/desk/readers", &sue).await).await;
    assert!(all.contains("2 readers<") && all.contains("bob@example.org"), "{all}");
    let open = text(desk.get("/desk/readers?status=invoice-open", &sue).await).await;
    assert!(open.contains("1 reader<") && open.contains("The Paper online"), "{open}");
    assert!(!open.contains("bob@example.org"), "{open}");
    for (filter, found) in [
        ("product=web", "rea@example.org"),
        ("status=registered", "bob@example.org"),
        ("from=2027-01-15&to=2027-01-15", "rea@example.org"),
        ("order=email", "bob@example.org"),
    ] {
        let page = text(desk.get(&format!("/desk/readers?{filter}"), &sue).await).await;
        assert!(page.contains(found), "{filter}: {page}");
    }
    for filter in ["product=print", "status=lapsed", "from=2027-01-16", "source=/town/bridge"] {
        let page = text(desk.get(&format!("/desk/readers?{filter}"), &sue).await).await;
        assert!(page.contains("No readers match these filters"), "{filter}: {page}");
    }
}

#[tokio::test]
async fn a_page_has_fifty_readers_and_leads_to_the_next() {
    let (desk, sue) = with_support().await;
    for number in 0..51 {
        reader(&desk, &format!("r{number}@example.org")).await;
    }
    let first = text(desk.get("/desk/readers?order=oldest", &sue).await).await;
    assert!(first.contains("51 readers<") && first.contains("r49@") && !first.contains("r50@"));
    let next = first.split("href=\"").find(|link| link.contains("after=")).expect("a link");
    let next =
        next.split('"').next().expect("an address").replace("&#x2f;", "/").replace("&amp;", "&");
    let second = text(desk.get(&next, &sue).await).await;
    assert!(second.contains("r50@") && !second.contains("r49@"), "{second}");
    assert!(second.contains("First page") && !second.contains("Next page"));
}

#[tokio::test]
async fn any_number_on_an_invoice_finds_its_reader() {
    let (desk, sue) = with_support().await;
    let rea = reader(&desk, "rea@example.org").await;
    subscribe(&desk, rea.id).await;
    let bob = reader(&desk, "bob@example.org").await;
    let held = sell(&desk, &bob, ("monthly", 900), true).await;
    assert_eq!(held.id.0, 2);
    let form = "received=2027-01-15&reference=RF18+ABC&period=1800000000";
    let paid = desk.post(&format!("{}/subscriptions/2/payment", page_of(&bob)), &sue, form).await;
    assert_eq!(leads_to(&paid), page_of(&bob), "{:?}", paid.status());
    for (q, found) in [("2", &bob), ("S-1", &rea), ("RF18+ABC", &bob)] {
        let answer = desk.get(&format!("/desk/readers?q={q}"), &sue).await;
        assert_eq!(leads_to(&answer), page_of(found), "{q}");
    }
    // Subscription 1 and invoice 1 are of different readers.
    let both = text(desk.get("/desk/readers?q=1", &sue).await).await;
    assert!(both.contains("rea@example.org") && both.contains("bob@example.org"), "{both}");
}

#[tokio::test]
async fn an_invoice_is_marked_as_paid_once_even_if_two_click() {
    let (desk, sue) = with_support().await;
    let rea = reader(&desk, "rea@example.org").await;
    let held = sell(&desk, &rea, ("monthly", 900), true).await;
    let page = text(desk.get(&page_of(&rea), &sue).await).await;
    assert!(page.contains("€9 is open for 15 January 2027"), "{page}");
    let path = format!("{}/subscriptions/{}/payment", page_of(&rea), held.id.0);
    let period = held.begun.as_second();
    for (wrong, said) in [
        ("received=&period=0", "Enter the day on which the money was received"),
        ("received=2027-01-16&period=0", "in the future"),
        ("received=2027-01-15&period=5", "Somebody else changed it"),
    ] {
        let answer = desk.post(&path, &sue, wrong).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(text(answer).await.contains(said), "{wrong}");
    }
    let form = format!("received=2027-01-15&reference=RF18&period={period}");
    let click = || desk.post(&path, &sue, &form);
    let (one, other, third) = tokio::join!(click(), click(), click());
    let clicks = [one.status(), other.status(), third.status()];
    assert!(clicks.contains(&StatusCode::SEE_OTHER), "{clicks:?}");
    click().await;
    let payments = desk.store.payments_of(rea.id).await.expect("read");
    assert_eq!(payments.len(), 1, "{payments:?}");
    assert_eq!((payments[0].reference.as_str(), payments[0].amount.minor()), ("RF18", 900));
    let now = self::held(&desk, &rea).await;
    assert!(matches!(now.state, State::Active { .. }), "{now:?}");
    let page = text(desk.get(&page_of(&rea), &sue).await).await;
    assert!(page.contains("Received on 15 January 2027, reference RF18"), "{page}");
    assert!(page.contains("Paid in total, minus refunds: €9") && !page.contains("Mark as paid"));
    let receipts = desk.store.emails_to(&rea.email, 9).await.expect("read");
    assert_eq!(receipts.len(), 1, "{receipts:?}");
}

#[tokio::test]
async fn a_complimentary_subscription_is_ended_now_and_no_other_is() {
    let (desk, sue) = with_support().await;
    let rea = reader(&desk, "rea@example.org").await;
    let given = format!("{}/subscription", page_of(&rea));
    desk.post(&given, &sue, "price=monthly&until=2027-06-30&reason=A+friend").await;
    let page = text(desk.get(&page_of(&rea), &sue).await).await;
    assert!(page.contains("Complimentary until 30 June 2027"), "{page}");
    assert!(
        page.contains("End complimentary subscription") && !page.contains("Cancel subscription")
    );
    let end = format!("{}/subscriptions/1/end", page_of(&rea));
    assert_eq!(leads_to(&desk.post(&end, &sue, "reason=Moved").await), page_of(&rea));
    assert!(held(&desk, &rea).await.state.is_over(desk.now()));
    let bob = reader(&desk, "bob@example.org").await;
    sell(&desk, &bob, ("monthly", 900), false).await;
    let end = format!("{}/subscriptions/2/end", page_of(&bob));
    let refused = desk.post(&end, &sue, "reason=x").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(matches!(held(&desk, &bob).await.state, State::Active { .. }));
}

#[tokio::test]
async fn a_price_is_changed_for_what_the_page_said() {
    let (desk, sue) = with_support().await;
    let rea = reader(&desk, "rea@example.org").await;
    sell(&desk, &rea, ("former", 900), false).await;
    let path = format!("{}/subscriptions/1/price", page_of(&rea));
    let page = text(desk.get(&path, &sue).await).await;
    assert!(page.contains("€0 today, after a credit of €9"), "{page}");
    for (wrong, said) in [
        ("choice=&reason=x", "Choose the new price"),
        ("choice=monthly:0&reason=", "Enter a reason"),
        ("choice=nothing:0&reason=x", "changed to this price any more"),
    ] {
        let answer = desk.post(&path, &sue, wrong).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(text(answer).await.contains(said), "{wrong}");
    }
    let done = desk.post(&path, &sue, "choice=monthly:0&reason=By+phone").await;
    assert_eq!(leads_to(&done), page_of(&rea), "{:?}", done.status());
    assert_eq!(held(&desk, &rea).await.terms.price, "monthly");
    let page = text(desk.get(&page_of(&rea), &sue).await).await;
    assert!(page.contains("By phone"), "{page}");
    let others = reader(&desk, "bob@example.org").await;
    let wrong = desk.get(&format!("{}/subscriptions/1/price", page_of(&others)), &sue).await;
    assert_eq!(wrong.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn labels_and_notes_are_added_and_removed() {
    let (desk, sue) = with_support().await;
    let rea = reader(&desk, "rea@example.org").await;
    let (labels, notes) = (format!("{}/labels", page_of(&rea)), format!("{}/notes", page_of(&rea)));
    desk.post(&labels, &sue, "label=+press++club&do=add").await;
    desk.post(&notes, &sue, "note=Call+on+Monday").await;
    let page = text(desk.get(&page_of(&rea), &sue).await).await;
    assert!(page.contains("<span>press club</span>") && page.contains("Call on Monday"), "{page}");
    assert!(page.contains("sue@example.org, 15 January 2027"), "{page}");
    let long = desk.post(&labels, &sue, &format!("label={}&do=add", "x".repeat(41))).await;
    assert_eq!(long.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(long).await.contains("at most 40 characters"));
    let empty = desk.post(&notes, &sue, "note=+").await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let other = reader(&desk, "bob@example.org").await;
    let suggested = text(desk.get(&page_of(&other), &sue).await).await;
    assert!(suggested.contains("<option value=\"press club\">"), "{suggested}");
    desk.post(&labels, &sue, "label=press+club&do=remove").await;
    let number = desk.store.notes_about(rea.id).await.expect("read")[0].number;
    desk.post(&format!("{notes}/{number}/deletion"), &sue, "").await;
    assert!(desk.store.labels_of(rea.id).await.expect("read").is_empty());
    assert!(desk.store.notes_about(rea.id).await.expect("read").is_empty());
}

#[tokio::test]
async fn a_reader_is_added_with_a_complimentary_subscription() {
    let (desk, sue) = with_support().await;
    let form = "email=New@Example.org&name=Nell&label=club&price=monthly&until=2027-06-30";
    let answer = desk.post("/desk/readers/new", &sue, form).await;
    let added = desk.store.account_at(&email("new@example.org")).await.expect("asked");
    let added = added.expect("an account");
    assert_eq!((leads_to(&answer), added.name.as_str()), (page_of(&added).as_str(), "Nell"));
    let page = text(desk.get(&page_of(&added), &sue).await).await;
    assert!(page.contains("Complimentary until 30 June 2027"), "{page}");
    let told = desk.store.emails_to(&added.email, 9).await.expect("read");
    assert_eq!(told.len(), 1, "{told:?}");
    // Added again, nothing is done twice.
    let again = desk.post("/desk/readers/new", &sue, form).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(desk.store.subscriptions_of(added.id).await.expect("read").len(), 1);
    for (wrong, said) in [
        ("email=nobody", "Enter an email address"),
        ("email=jörg@example.org", "No email can be sent to this address"),
        ("email=a@example.org&until=2020-01-01", "That day has passed"),
        // A price that is not sold is found before anything is stored.
        ("email=a@example.org&label=club&price=nothing", "nothing"),
    ] {
        let answer = desk.post("/desk/readers/new", &sue, wrong).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(text(answer).await.contains(said), "{wrong}");
    }
    let address: EmailAddress = email("a@example.org");
    assert!(desk.store.account_at(&address).await.expect("asked").is_none());
}

#[tokio::test]
async fn many_readers_are_labelled_and_their_subscriptions_extended() {
    let (desk, sue) = with_support().await;
    let (rea, bob) =
        (reader(&desk, "rea@example.org").await, reader(&desk, "bob@example.org").await);
    let given = format!("{}/subscription", page_of(&rea));
    desk.post(&given, &sue, "price=monthly&until=2027-02-28&reason=x").await;
    let bulk = async |form: &str| {
        let answer = desk.post("/desk/readers/selection", &sue, form).await;
        text(desk.get(leads_to(&answer), &sue).await).await
    };
    let chosen = format!("reader={}&reader=999&scope=chosen&new_label=club&do=label", rea.id.0);
    assert!(bulk(&chosen).await.contains("The label was added to 1 reader."));
    let all = bulk("scope=all&new_label=club&do=label").await;
    assert!(
        all.contains("The labels are being changed.") && all.contains("still running"),
        "{all}"
    );
    assert!(desk.store.labels_of(bob.id).await.expect("read").is_empty());
    desk.state.run_jobs().await.expect("done");
    let all = text(desk.get("/desk/readers", &sue).await).await;
    assert!(all.contains("finished. 2 readers done."), "{all}");
    assert_eq!(desk.store.labels_of(bob.id).await.expect("read"), ["club"]);
    bulk("scope=all&status=registered&new_label=club&do=unlabel").await;
    desk.state.run_jobs().await.expect("done");
    let filtered = text(desk.get("/desk/readers", &sue).await).await;
    assert!(filtered.contains("finished. 1 reader done."), "{filtered}");
    assert!(desk.store.labels_of(bob.id).await.expect("read").is_empty());
    assert_eq!(desk.store.labels_of(rea.id).await.expect("read"), ["club"]);
    let begun = bulk("scope=all&until=2027-06-30&do=extend").await;
    assert!(
        begun.contains("The extension has begun.") && begun.contains("still running"),
        "{begun}"
    );
    let not_yet = "2027-03-01T00:00:00Z".parse().expect("a time");
    assert_eq!(held(&desk, &rea).await.state, State::Cancelling { ends: not_yet, trial: false });
    desk.state.run_jobs().await.expect("done");
    let extended = text(desk.get("/desk/readers", &sue).await).await;
    assert!(extended.contains("1 complimentary subscription was extended."), "{extended}");
    assert!(extended.contains("finished"), "{extended}");
    let until = "2027-07-01T00:00:00Z".parse().expect("a time");
    assert_eq!(held(&desk, &rea).await.state, State::Cancelling { ends: until, trial: false });
    // One entry for each job, with how many were changed.
    let log = desk.store.audit_log(&AuditQuery::default(), 99).await.expect("read");
    let of = |action| log.iter().filter(move |entry| entry.action == action);
    let of_jobs = of(AuditAction::LabelledReaders).chain(of(AuditAction::ExtendedSubscriptions));
    let changes: Vec<String> = of_jobs.map(|entry| format!("{:?}", entry.changes)).collect();
    assert_eq!(changes.len(), 4, "two chosen or all, one removal, one extension: {changes:?}");
    assert!(changes[0].contains("status=registered") && changes[0].contains("club"), "{changes:?}");
    assert!(changes[3].contains("\"1\"") && changes[3].contains("ends"), "{changes:?}");
    // Sent again, it does nothing, and never shortens anything.
    bulk("scope=all&until=2027-03-31&do=extend").await;
    desk.state.run_jobs().await.expect("done");
    let again = text(desk.get("/desk/readers", &sue).await).await;
    assert!(again.contains("1 already lasts longer or has ended."), "{again}");
    let chosen = format!("reader={}&reader={}&until=2027-03-31&do=extend", rea.id.0, bob.id.0);
    let again = bulk(&chosen).await;
    assert!(again.contains("2 readers have no complimentary subscription"), "{again}");
    let told = desk.store.emails_to(&rea.email, 9).await.expect("read");
    assert_eq!(told.len(), 2, "one when it began and one when it was extended: {told:?}");
    assert_eq!(held(&desk, &rea).await.state, State::Cancelling { ends: until, trial: false });
    for (wrong, said) in [
        ("do=label&new_label=x&scope=chosen", "select readers first"),
        ("do=label&scope=all", "enter a label"),
        ("do=extend&scope=all&until=2020-01-01", "choose a last day"),
        ("do=label&new_label=x&scope=all&from=soon", "a filter can’t be read"),
        ("do=extend&until=2027-12-31&scope=all&status=odd", "a filter can’t be read"),
    ] {
        assert!(bulk(wrong).await.contains(said), "{wrong}");
    }
}

#[tokio::test]
async fn what_somebody_asked_for_who_has_left_is_not_done() {
    let (desk, sue) = with_support().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    let rea = reader(&desk, "rea@example.org").await;
    desk.post(
        &format!("{}/subscription", page_of(&rea)),
        &sue,
        "price=monthly&until=2027-02-28&reason=x",
    )
    .await;
    let before = held(&desk, &rea).await;
    for form in ["scope=all&new_label=club&do=label", "scope=all&until=2027-06-30&do=extend"] {
        desk.post("/desk/readers/selection", &sue, form).await;
    }
    let account = reader(&desk, "sue@example.org").await;
    desk.store.appoint(&account, Role::Author, None, desk.now()).await.expect("appointed");
    desk.state.run_jobs().await.expect("done");
    assert!(desk.store.labels_of(rea.id).await.expect("read").is_empty());
    assert_eq!(held(&desk, &rea).await.state, before.state);
    let page = text(desk.get("/desk/readers", &olu).await).await;
    assert!(
        page.contains("can no longer change readers") && !page.contains("still running"),
        "{page}"
    );
    // Somebody who may has it go on, once.
    let forms: Vec<String> = page
        .split("action=\"")
        .filter_map(|part| Some(part.split_once('"')?.0.replace("&#x2f;", "/")))
        .filter(|to| to.ends_with("/resumption"))
        .collect();
    assert_eq!(forms.len(), 2, "{page}");
    for form in &forms {
        let answer = desk.post(form, &olu, "").await;
        let page = text(desk.get(leads_to(&answer), &olu).await).await;
        assert!(page.contains("goes on in the background"), "{page}");
        let again = desk.post(form, &olu, "").await;
        let page = text(desk.get(leads_to(&again), &olu).await).await;
        assert!(page.contains("isn’t stopped"), "{page}");
    }
    desk.state.run_jobs().await.expect("done");
    assert_eq!(desk.store.labels_of(rea.id).await.expect("read"), ["club"]);
    assert_ne!(held(&desk, &rea).await.state, before.state);
    let log = desk.store.audit_log(&AuditQuery::default(), 99).await.expect("read");
    let labelled = log.iter().filter(|entry| entry.action == AuditAction::LabelledReaders);
    assert_eq!(labelled.count(), 1);
    let page = text(desk.get("/desk/readers", &olu).await).await;
    assert!(!page.contains("/resumption"), "{page}");
}

#[tokio::test]
async fn work_is_given_up_after_many_failures_and_not_by_the_clock() {
    let (desk, _) = with_support().await;
    let sue = reader(&desk, "sue@example.org").await;
    let kind = "label-readers";
    desk.store.add_job(kind, "nonsense", sue.id, desk.now()).await.expect("added");
    // The server was off for a long weekend.
    desk.wait(SignedDuration::from_hours(100));
    let is_stopped = async || {
        let jobs = desk.store.jobs(kind, Timestamp::UNIX_EPOCH, 1).await.expect("read");
        jobs[0].is_stopped
    };
    for _ in 0..720 {
        assert!(desk.state.run_jobs().await.is_err());
        desk.wait(SignedDuration::from_mins(3));
    }
    assert!(!is_stopped().await);
    desk.state.run_jobs().await.expect("given up");
    assert!(is_stopped().await);
}

#[tokio::test]
async fn work_that_only_a_newer_server_knows_is_left_to_it() {
    let (desk, _) = with_support().await;
    let sue = reader(&desk, "sue@example.org").await;
    desk.store.add_job("later", "{}", sue.id, desk.now()).await.expect("added");
    for _ in 0..3 {
        desk.state.run_jobs().await.expect("left");
        assert_eq!(desk.store.claim_job(desk.now()).await.expect("asked"), None, "for a minute");
        desk.wait(SignedDuration::from_mins(3));
    }
    let job = desk.store.claim_job(desk.now()).await.expect("asked").expect("the job");
    assert_eq!((job.finished, job.attempts), (None, 1));
}

#[tokio::test]
async fn the_file_has_the_readers_of_the_list_and_no_formulas() {
    let (desk, sue) = with_support().await;
    let rea = reader(&desk, "rea@example.org").await;
    desk.store.rename_account(rea.id, "=1+1", desk.now()).await.expect("renamed");
    reader(&desk, "bob@example.org").await;
    let file = text(desk.get("/desk/readers.csv?q=rea", &sue).await).await;
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines[0], "Number,Email address,Name,Status,Product,Labels,Registered");
    assert!(lines[1].contains("rea@example.org,'=1+1,Registered,,,2027-01-15T"), "{file}");
    assert_eq!(lines.len(), 2, "{file}");
    let all = text(desk.get("/desk/readers.csv", &sue).await).await;
    assert_eq!(all.lines().count(), 3, "{all}");
}

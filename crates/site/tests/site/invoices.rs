//! What nobody collects: invoices, transfers, and what the publisher gives.

use jiff::Timestamp;
use masthead_billing::staff_actions::{EntryError, PaidHow};
use masthead_circulation::{Mandate, SubscriptionId};
use masthead_editorial::{Logo, LogoFile};
use masthead_media::{MediaLibrary, WorkOwner};
use masthead_publication::{Publication, Sales};
use masthead_store::Location;

use crate::{
    newspaper::{Browser, Newspaper},
    post::{kinds, latest, sign_in},
    shop::{ADA, ada, buy, held, location, number, offers_plan, pay, payments, sells},
};

fn with_invoices(publication: &mut Publication) {
    sells(publication);
    publication.transfer = "The Paper, account 00 00 00".to_owned();
}

async fn paper() -> Newspaper {
    let paper = Newspaper::with(with_invoices).await;
    paper.publish_metered("abcdefgh").await;
    paper
}

async fn by_invoice(browser: &mut Browser, name: &str) -> String {
    let back = location(&browser.post(&format!("/checkout/{name}"), "from=/&by=invoice").await);
    location(&browser.get(&back).await)
}

fn emails(kinds: &[String]) -> Vec<&str> {
    kinds.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn a_publication_without_a_processor_sells_by_invoice() {
    let paper = Newspaper::with(|publication| {
        with_invoices(publication);
        *publication = std::mem::replace(publication, crate::newspaper::publication())
            .with_sales(Sales::Invoices);
    })
    .await;
    paper.publish_metered("a").await;
    let mut ada = ada(&paper).await;
    let offers = ada.get("/offers").await.text();
    assert!(offers_plan(&offers, "winter") && offers_plan(&offers, "web-monthly"));
    let page = ada.get("/checkout/winter").await.text();
    assert!(page.contains("Order by invoice with obligation to pay"), "{page}");
    assert_eq!(page.matches("<button").count(), 1, "no button that leads nowhere: {page}");
    // A form of a theme of an earlier version.
    let by_card = ada.post("/checkout/winter", "from=/").await;
    assert_eq!(by_card.status, http::StatusCode::NOT_FOUND);
    assert_eq!(by_invoice(&mut ada, "winter").await, "/");
    assert_eq!(ada.access("/news/a").await, "open;reason=subscribed");
    let id = SubscriptionId(number(&paper).await);
    let account = ada.get("/account").await.text();
    assert!(!account.contains(&format!("/account/subscriptions/{}/card", id.0)), "{account}");
    let card = ada.post(&format!("/account/subscriptions/{}/card", id.0), "").await;
    assert_eq!(card.status, http::StatusCode::NOT_FOUND);
    paper.site.billing.enter_payment(id, false, None).await.expect("entered");
    assert_eq!(ada.access("/news/a").await, "open;reason=subscribed");
    assert_eq!(payments(&paper).await, [900]);
}

#[tokio::test]
async fn without_an_account_to_transfer_to_nothing_is_sold_by_invoice() {
    let mut publication = crate::newspaper::publication();
    sells(&mut publication);
    assert_eq!(publication.with_sales(Sales::Invoices).sales, Sales::Closed);
}

#[tokio::test]
async fn a_reader_who_chooses_an_invoice_reads_at_once() {
    let postgres = Location::Postgres(masthead_test_support::postgres::database());
    for paper in
        [Newspaper::with(with_invoices).await, Newspaper::open(with_invoices, Some(postgres)).await]
    {
        paper.publish_metered("a").await;
        let mut ada = ada(&paper).await;
        let page = ada.get("/checkout/winter").await.text();
        assert!(page.contains("Order by invoice with obligation to pay"), "{page}");
        assert_eq!(by_invoice(&mut ada, "winter").await, "/");
        assert_eq!(ada.access("/news/a").await, "open;reason=subscribed");
        let read = ada.get("/news/a").await.text();
        assert!(
            !read.contains("message inline"),
            "nobody is reminded before the invoice is due: {read}"
        );
        paper.go_to("2026-11-24T09:00:01Z").await;
        let invoice = latest(&paper, ADA, "invoice").await.text;
        for said in ["$9", "December 8, 2026", "S-1", "The Paper, account 00 00 00"] {
            assert!(invoice.contains(said), "{said}: {invoice}");
        }
        let account = ada.get("/account").await.text();
        assert!(account.contains("please pay $9 by December 8, 2026"), "{account}");
        assert!(!account.contains("<p class=\"fault\">"), "nothing is wrong yet: {account}");
        assert!(account.contains("The Paper, account 00 00 00"), "{account}");
        assert!(account.contains("you don’t need to pay the invoice"), "{account}");
        assert_eq!(payments(&paper).await, Vec::<u64>::new());

        let id = SubscriptionId(number(&paper).await);
        paper.site.billing.enter_payment(id, false, None).await.expect("entered");
        assert_eq!(ada.access("/news/a").await, "open;reason=subscribed");
        assert_eq!(payments(&paper).await, [900]);
        let account = ada.get("/account").await.text();
        // The three months run from when they began, not from when they were paid.
        assert!(account.contains("Renews on February 24, 2027 at $12 a month."), "{account}");
        let again =
            paper.site.billing.enter_payment(id, false, None).await.expect_err("not asked for");
        assert!(again.to_string().contains("--ahead"), "{again}");
        assert_eq!(payments(&paper).await, [900]);

        for day in ["2026-12-20", "2027-01-15"] {
            paper.go_to(&format!("{day}T09:00:00Z")).await;
            ada.access("/news/a").await;
        }
        // Before each period there is an invoice.
        paper.go_to("2027-02-10T09:00:00Z").await;
        let invoice = latest(&paper, ADA, "invoice").await.text;
        assert!(invoice.contains("$12") && invoice.contains("February 24, 2027"), "{invoice}");
        paper.site.billing.enter_payment(id, false, None).await.expect("entered");
        paper.go_to("2027-02-24T09:00:00Z").await;
        assert_eq!(ada.access("/news/a").await, "open;reason=subscribed");
        assert_eq!(payments(&paper).await, [900, 1200]);
        let entries = paper.store.audit_of(id).await.expect("read");
        let by: Vec<&str> = entries.iter().map(|entry| entry.actor.name()).collect();
        assert_eq!(by, ["reader", "calendar", "staff", "calendar", "staff"]);
    }
}

#[tokio::test]
async fn an_invoice_that_is_not_paid_is_due_before_its_reader_is_reminded() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    by_invoice(&mut ada, "web-monthly").await;
    for day in ["2026-11-24T09:00:01Z", "2026-11-29T09:00:00Z", "2026-12-08T08:59:59Z"] {
        paper.go_to(day).await;
        assert_eq!(ada.access("/news/a").await, "open;reason=subscribed", "{day}");
    }
    assert_eq!(emails(&kinds(&paper, ADA).await), ["invoice"], "it is not due yet");
    for day in ["2026-12-08T09:00:00Z", "2026-12-13T09:00:00Z", "2026-12-18T09:00:00Z"] {
        paper.go_to(day).await;
        assert_eq!(ada.access("/news/a").await, "open;reason=grace", "{day}");
    }
    let page = ada.get("/news/a").await.text();
    assert!(page.contains("You can keep reading until December 22."), "{page}");
    let account = ada.get("/account").await.text();
    assert!(account.contains("We haven’t received your payment of $12 yet."), "{account}");
    paper.go_to("2026-12-22T09:00:00Z").await;
    assert_eq!(ada.access("/news/a").await, "metered;left=4");
    let sent = kinds(&paper, ADA).await;
    assert_eq!(
        emails(&sent),
        ["invoice", "invoice_reminder", "invoice_reminder", "invoice_last", "ended_unpaid"]
    );
    assert_eq!(payments(&paper).await, Vec::<u64>::new());
    // They are welcome back, with a card.
    let page = ada.get("/checkout/back").await.text();
    assert!(
        !page.contains("Order by invoice") && page.contains("Order with obligation to pay"),
        "{page}"
    );
    let payment_page = location(&ada.post("/checkout/back", "from=/&by=invoice").await);
    assert!(payment_page.ends_with("/sandbox"), "{payment_page}");
    // And the transfer that comes late is honoured.
    let id = SubscriptionId(number(&paper).await);
    paper.site.billing.enter_payment(id, false, None).await.expect("entered");
    assert_eq!(ada.access("/news/a").await, "open;reason=subscribed");
}

#[tokio::test]
async fn an_order_by_invoice_that_was_prepared_before_an_unpaid_one_is_refused_with_the_reason() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let prepared = location(&ada.post("/checkout/web-yearly", "from=/&by=invoice").await);
    by_invoice(&mut ada, "web-monthly").await;
    // The first invoice is sent late, and with it the time to pay begins.
    for day in ["2026-12-08", "2026-12-22", "2027-01-05"] {
        paper.go_to(&format!("{day}T09:00:00Z")).await;
    }
    assert_eq!(ada.access("/news/a").await, "metered;left=4");
    let refused = ada.get(&prepared).await;
    assert_eq!(refused.status, http::StatusCode::CONFLICT, "{:?}", refused.headers);
    assert!(refused.text().contains("Please order again and pay by card"), "{}", refused.text());
    assert_eq!(held(&paper).await.len(), 1);
}

#[tokio::test]
async fn an_invoice_can_be_paid_with_a_card_after_all() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    by_invoice(&mut ada, "web-monthly").await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("Pay by card instead"), "{account}");
    let card = format!("/account/subscriptions/{}/card", number(&paper).await);
    let payment_page = location(&ada.post(&card, "").await);
    assert_eq!(pay(&mut ada, &payment_page, "good").await, "/account");
    assert_eq!(payments(&paper).await, [1200]);
    assert_eq!(ada.access("/news/a").await, "open;reason=subscribed");
    // From now on it is collected.
    paper.go_to("2026-12-24T09:00:00Z").await;
    assert_eq!(payments(&paper).await, [1200, 1200]);
    assert_eq!(emails(&kinds(&paper, ADA).await), ["receipt", "receipt"]);
}

#[tokio::test]
async fn without_an_account_to_pay_to_there_are_no_invoices() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    let page = ada.get("/checkout/winter").await.text();
    assert!(!page.contains("invoice"), "{page}");
    let payment_page = location(&ada.post("/checkout/winter", "from=/&by=invoice").await);
    assert!(payment_page.ends_with("/sandbox"), "{payment_page}");
}

#[tokio::test]
async fn staff_give_a_subscription_up_to_a_day() {
    let paper = paper().await;
    let reader = ADA.parse().expect("an address");
    let ends: Timestamp = "2026-12-31T15:00:00Z".parse().expect("a time");
    let site = &paper.site;
    let given = site
        .billing
        .enter_subscription(&reader, "web-monthly", PaidHow::Free(Some(ends)), None)
        .await;
    let id = given.expect("given").id;
    let email = latest(&paper, ADA, "granted").await.text;
    assert!(email.contains("December 31, 2026") && email.contains("/sign-in"), "{email}");
    let mut ada = ada(&paper).await;
    assert_eq!(ada.access("/news/a").await, "open;reason=subscribed");
    let account = ada.get("/account").await.text();
    assert!(account.contains("Complimentary subscription"), "{account}");
    for action in ["continuation", "rest", "card", "price"] {
        assert!(!account.contains(&format!("/{action}\"")), "{action}");
        let path = format!("/account/subscriptions/{}/{action}", id.0);
        ada.post(&path, "weeks=4&price=web-yearly&today=0").await;
    }
    assert_eq!(
        held(&paper).await,
        [paper.store.subscription(id).await.expect("read").expect("there")]
    );
    assert_eq!(held(&paper).await[0].version, 0, "the reader cannot change it");
    let second =
        site.billing.enter_subscription(&reader, "web-yearly", PaidHow::ByInvoice, None).await;
    assert!(matches!(second, Err(EntryError::HasOne { .. })), "{second:?}");
    paper.go_to("2026-12-31T15:00:00Z").await;
    assert_eq!(ada.access("/news/a").await, "metered;left=4");
    assert_eq!(payments(&paper).await, Vec::<u64>::new());
}

#[tokio::test]
async fn what_is_free_without_an_end_goes_on_without_a_word() {
    let paper = paper().await;
    let reader = ADA.parse().expect("an address");
    let given = paper
        .site
        .billing
        .enter_subscription(&reader, "web-monthly", PaidHow::Free(None), None)
        .await;
    let id = given.expect("given").id;
    let mut ada = ada(&paper).await;
    for month in ["2026-12-24", "2027-01-24"] {
        paper.go_to(&format!("{month}T09:00:00Z")).await;
        assert_eq!(ada.access("/news/a").await, "open;reason=subscribed");
    }
    assert_eq!(emails(&kinds(&paper, ADA).await), ["granted"]);
    assert_eq!(payments(&paper).await, Vec::<u64>::new());
    paper.site.billing.enter_cancellation(id, None).await.expect("cancelled");
    assert_eq!(emails(&kinds(&paper, ADA).await), ["granted", "cancelled"]);
}

#[tokio::test]
async fn what_staff_enter_is_refused_where_it_makes_no_sense() {
    let paper = paper().await;
    let reader = ADA.parse().expect("an address");
    let site = &paper.site;
    let typo = site.billing.enter_subscription(&reader, "web-montly", PaidHow::Already, None).await;
    assert!(typo.expect_err("unknown").to_string().contains("did you mean \"web-monthly\"?"));
    let nobody = site.billing.enter_payment(SubscriptionId(99), false, None).await;
    assert!(matches!(nobody, Err(EntryError::NoSubscription(99))), "{nobody:?}");

    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let id = SubscriptionId(number(&paper).await);
    site.billing.enter_cancellation(id, None).await.expect("cancelled");
    for refused in [
        site.billing.enter_payment(id, true, None).await,
        site.billing.enter_cancellation(id, None).await,
    ] {
        assert!(matches!(refused, Err(EntryError::NotPossible { .. })), "{refused:?}");
    }
    assert_eq!(payments(&paper).await, [1200]);
}

#[tokio::test]
async fn what_was_paid_before_is_entered_with_its_receipt() {
    let paper = paper().await;
    let reader = ADA.parse().expect("an address");
    let entered =
        paper.site.billing.enter_subscription(&reader, "web-yearly", PaidHow::Already, None).await;
    assert_eq!(entered.expect("entered").mandate, Mandate::manual());
    assert_eq!(payments(&paper).await, [12000]);
    let receipt = latest(&paper, ADA, "receipt").await.text;
    assert!(receipt.contains("$120") && !receipt.contains("Paid with"), "{receipt}");
}

#[tokio::test]
async fn every_invoice_is_a_page_and_a_file_for_its_reader_alone() {
    let paper = Newspaper::with(|publication| {
        with_invoices(publication);
        publication.seller = "The Paper Ltd\nVAT 123".to_owned();
    })
    .await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("/account/invoices/1.pdf"), "{account}");
    let page = ada.get("/account/invoices/1").await.text();
    assert!(
        page.contains("<bdi>The Paper Ltd</bdi><br><bdi>VAT 123</bdi>") && page.contains("$12"),
        "{page}"
    );
    let file = ada.get("/account/invoices/1.pdf").await;
    assert_eq!(file.header("content-type"), Some("application/pdf"));
    assert_eq!(file.header("cache-control"), Some("private, no-store"));
    assert_eq!(file.header("content-disposition"), Some("inline; filename=\"invoice-1.pdf\""));
    assert!(file.bytes.starts_with(b"%PDF-"));
    for none in ["2", "2.pdf", ".pdf", "1.pdf.pdf"] {
        assert_eq!(ada.get(&format!("/account/invoices/{none}")).await.status, 404, "{none}");
    }
    let mut stranger = paper.browser();
    let sent = stranger.get("/account/invoices/1.pdf").await;
    let to = sent.header("location");
    assert_eq!(to, Some("/sign-in?from=%2Faccount%2Finvoices%2F1%2Epdf"));
    let mut bob = paper.browser();
    sign_in(&paper, &mut bob, "bob@example.org", "/").await;
    assert_eq!(bob.get("/account/invoices/1.pdf").await.status, 404);
}

#[tokio::test]
async fn an_invoice_with_characters_that_no_typeface_has_is_a_page_and_no_file_with_boxes() {
    let paper = Newspaper::with(with_invoices).await;
    let mut ada = ada(&paper).await;
    ada.post("/account/name", "name=%E6%9D%B1%E4%BA%AC").await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let file = ada.get("/account/invoices/1.pdf").await;
    assert_eq!(file.status, 303);
    assert_eq!(file.header("location"), Some("/account/invoices/1"));
    let page = ada.get("/account/invoices/1").await.text();
    assert!(page.contains("This invoice isn’t available as a PDF."), "{page}");
    let page = ada.get("/account/invoices/1").await.text();
    assert!(!page.contains("isn’t available"), "it is told once: {page}");
    assert!(
        page.contains("<bdi>東京</bdi>") && page.contains("Print this page instead."),
        "{page}"
    );
    assert!(!page.contains("1.pdf"), "{page}");
}

#[tokio::test]
async fn an_invoice_has_the_small_file_of_the_logo_that_pages_show() {
    let paper = Newspaper::with(with_invoices).await;
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = MediaLibrary::in_folder(folder.path()).expect("a library");
    let picture = paper.browser().get("/apple-touch-icon.png").await.bytes;
    let stored = elsewhere.upload_logo(WorkOwner(1), picture.into()).await.expect("stored");
    let light: LogoFile = stored.src.parse().expect("a logo");
    let name = light.shown_name();
    let publication = Publication {
        logo: Some(Logo { light, dark: None }),
        ..Publication::clone(&paper.site.live.peek().publication)
    };
    paper.republish(publication).await.expect("in force");
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let with_name = ada.get("/account/invoices/1.pdf").await.bytes;
    assert!(with_name.starts_with(b"%PDF-"), "there is no such file in its library");
    let media = MediaLibrary::in_folder(&paper.folder.path().join("media")).expect("a library");
    let small = elsewhere.read_file(&name).await.expect("read").expect("there");
    media.restore_file(&name, small).await.expect("stored");
    let with_logo = ada.get("/account/invoices/1.pdf").await.bytes;
    assert!(with_logo.starts_with(b"%PDF-"));
    assert_ne!(with_logo, with_name, "the logo takes the place of the name");
}

fn with_tax(publication: &mut Publication) {
    with_invoices(publication);
    let catalogue = publication.catalogue.clone();
    publication.catalogue = catalogue.with_tax("20".parse().ok());
}

#[tokio::test]
async fn invoices_and_receipts_show_the_tax_that_the_price_includes() {
    let paper = Newspaper::with(with_tax).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let page = ada.get("/account/invoices/1").await.text();
    for line in [
        "<dt>Net amount</dt><dd><bdi>$10</bdi></dd>",
        "<dt>VAT (20%)</dt><dd><bdi>$2</bdi></dd>",
        "<dt>Total including VAT</dt><dd><bdi>$12</bdi></dd>",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
    let receipt = latest(&paper, ADA, "receipt").await.text;
    assert!(receipt.contains("VAT (20%)") && receipt.contains("Net amount"), "{receipt}");
    let data = ada.get("/account/data.json").await.text();
    assert!(data.contains("\"percent\": \"20\"") || data.contains("\"percent\":\"20\""), "{data}");
}

#[tokio::test]
async fn an_invoice_that_waits_for_a_transfer_shows_the_tax_too() {
    let paper = Newspaper::with(with_tax).await;
    let mut ada = ada(&paper).await;
    by_invoice(&mut ada, "web-monthly").await;
    paper.go_to("2026-11-24T09:00:01Z").await;
    let invoice = latest(&paper, ADA, "invoice").await.text;
    assert!(invoice.contains("VAT (20%)") && invoice.contains("Total including VAT"), "{invoice}");
}

#[tokio::test]
async fn without_a_rate_an_invoice_shows_the_amount_alone() {
    let paper = Newspaper::with(with_invoices).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let page = ada.get("/account/invoices/1").await.text();
    assert!(
        page.contains("<dt>Amount</dt><dd><bdi>$12</bdi></dd>") && !page.contains("VAT"),
        "{page}"
    );
}

#[tokio::test]
async fn an_invoice_keeps_the_rate_that_it_was_issued_with() {
    let paper = Newspaper::with(with_tax).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let publication = || {
        let mut publication = crate::newspaper::publication();
        with_tax(&mut publication);
        publication
    };
    let changed = Publication {
        catalogue: publication().catalogue.with_tax("7".parse().ok()),
        ..publication()
    };
    paper.republish(changed).await.expect("in force");
    let page = ada.get("/account/invoices/1").await.text();
    assert!(page.contains("VAT (20%)") && !page.contains("VAT (7%)"), "{page}");
    paper.go_to("2027-01-05T12:00:00Z").await;
    let page = ada.get("/account/invoices/2").await.text();
    assert!(page.contains("VAT (7%)"), "the next one has the new rate: {page}");
}

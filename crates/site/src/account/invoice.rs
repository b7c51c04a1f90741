//! An invoice, as a page and as PDF. It says to whom it was issued, as they were then.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};
use http::{HeaderValue, StatusCode, header};
use masthead_circulation::Payment;
use masthead_mail::emails::payment_facts;
use masthead_print::Invoice;
use masthead_publication::{Publication, SiteSnapshot, Template, contexts::InvoiceContext};
use masthead_store::InvoiceRecipient;

use crate::{
    error::{Handled, SiteError},
    extract::{Accepts, SignedIn, UrlPath},
    response::NO_STORE,
    state::Site,
};

/// `7` for the page, `7.pdf` for the file.
pub(super) async fn invoice(
    State(site): State<Arc<Site>>,
    Accepts(encoding): Accepts,
    reader: SignedIn,
    UrlPath(name): UrlPath<String>,
) -> Handled {
    let number = name.strip_suffix(".pdf");
    let payments = site.store.payments_of(reader.account.id).await?;
    let wanted = number.unwrap_or(&name);
    let own = payments.into_iter().find(|payment| payment.number.to_string() == wanted);
    let payment = own.ok_or(SiteError::NotFound)?;
    // A server of an earlier version may have recorded the payment meanwhile.
    let recipient = site.store.invoice_recipient(payment.number).await?;
    let recipient = recipient.unwrap_or_else(|| InvoiceRecipient {
        name: reader.account.name.clone(),
        email: reader.account.email.to_string(),
        lines: Vec::new(),
    });
    let snapshot = site.snapshot();
    let links = reader.links(&site);
    let context = context(&snapshot, recipient, &payment);
    if number.is_some() {
        pdf(&snapshot, &context)
    } else {
        site.personal_page(encoding, StatusCode::OK, links, Template::Invoice, &context)
    }
}

fn context(snapshot: &SiteSnapshot, to: InvoiceRecipient, payment: &Payment) -> InvoiceContext {
    InvoiceContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("invoice")),
        number: payment.number.0,
        seller: seller(&snapshot.publication),
        date: snapshot.date_of(payment.at),
        email: to.email,
        name: to.name,
        lines: to.lines,
        facts: payment_facts(snapshot, payment),
        amount: snapshot.rates().money(payment.amount),
    }
}

/// The lines that name the seller.
fn seller(publication: &Publication) -> Vec<String> {
    if publication.seller.trim().is_empty() {
        vec![publication.name.clone(), publication.address.clone()]
    } else {
        publication.seller.trim().lines().map(str::to_owned).collect()
    }
}

fn pdf(snapshot: &SiteSnapshot, context: &InvoiceContext) -> Handled {
    let theme = &snapshot.theme;
    let invoice = printed(snapshot, context);
    if let Some(missing) = invoice.missing_glyph(&theme.print_text) {
        tracing::warn!(
            character = %missing,
            "invoices: the typeface lacks a character; put one that has it into the theme as print/text.ttf and print/bold.ttf"
        );
    }
    let file = invoice.pdf(&theme.print_text, &theme.print_bold);
    let file = file.map_err(SiteError::failed("invoices: render"))?;
    let mut answer = Response::new(Body::from(file));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    let name = format!("inline; filename=\"invoice-{}.pdf\"", context.number);
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(answer)
}

fn printed(snapshot: &SiteSnapshot, context: &InvoiceContext) -> Invoice {
    let word = |name: &str| snapshot.theme.word(name);
    let to = [&context.name].into_iter().chain(&context.lines).chain([&context.email]);
    let to: Vec<&str> = to.map(String::as_str).filter(|part| !part.is_empty()).collect();
    let facts = context.facts.iter();
    Invoice {
        publication: snapshot.publication.name.clone(),
        seller: context.seller.join("\n"),
        language: snapshot.publication.locale.tag().to_owned(),
        title: format!("{} {}", word("invoice"), context.number),
        date: context.date.clone(),
        to: format!("{} {}", word("invoice_to"), to.join(", ")),
        facts: facts.map(|fact| (fact.name.clone(), fact.value.clone())).collect(),
        total: format!("{} {}", word("invoice_total"), context.amount),
    }
}

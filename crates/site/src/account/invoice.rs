//! An invoice, as a page and as PDF.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use masthead_print::Invoice;

use crate::pages::NO_STORE;
use crate::{response, state::Site};
use masthead_mail::emails::payment_facts;
use masthead_publication::{PageError, Template, contexts::InvoiceContext};
use masthead_web::form::see_other;

/// `7` for the page, `7.pdf` for the file.
pub(super) async fn invoice(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let answer = match name.strip_suffix(".pdf") {
        Some(number) => own_invoice(&site, number, &headers, pdf).await,
        None => own_invoice(&site, &name, &headers, page).await,
    };
    site.or_failed(&headers, answer).await
}

async fn own_invoice(
    site: &Site,
    number: &str,
    headers: &HeaderMap,
    answer: impl FnOnce(&Site, &HeaderMap, &InvoiceContext) -> Response,
) -> Result<Response, PageError> {
    let Some(present) = site.present(headers).await? else { return Ok(see_other("/sign-in", &[])) };
    let account = present.account;
    let payments = site.store.payments_of(account.id).await?;
    let own = payments.into_iter().find(|payment| payment.number.to_string() == number);
    let Some(payment) = own else { return Ok(site.not_found(headers).await) };
    let snapshot = site.snapshot();
    let publication = &snapshot.publication;
    let seller = if publication.seller.trim().is_empty() {
        vec![publication.name.clone(), publication.address.clone()]
    } else {
        publication.seller.trim().lines().map(str::to_owned).collect()
    };
    let context = InvoiceContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("invoice")),
        number: payment.number,
        seller,
        date: snapshot.date_of(payment.at),
        email: account.email.to_string(),
        name: account.name,
        facts: payment_facts(&snapshot, &payment),
        amount: snapshot.rates().money(payment.amount),
    };
    Ok(answer(site, headers, &context))
}

fn page(site: &Site, headers: &HeaderMap, invoice: &InvoiceContext) -> Response {
    site.personal_page(StatusCode::OK, headers, Template::Invoice, invoice)
}

fn pdf(site: &Site, _: &HeaderMap, invoice: &InvoiceContext) -> Response {
    let snapshot = site.snapshot();
    let theme = &snapshot.theme;
    let word = |name: &str| theme.word(name);
    let named = if invoice.name.is_empty() { "" } else { ", " };
    let sheet = Invoice {
        publication: snapshot.publication.name.clone(),
        seller: invoice.seller.join("\n"),
        language: snapshot.publication.locale.tag().to_owned(),
        title: format!("{} {}", word("invoice"), invoice.number),
        date: invoice.date.clone(),
        to: format!("{} {}{named}{}", word("invoice_to"), invoice.name, invoice.email),
        facts: invoice.facts.iter().map(|f| (f.name.clone(), f.value.clone())).collect(),
        total: format!("{} {}", word("invoice_total"), invoice.amount),
    };
    if let Some(lacking) = sheet.missing_glyph(&theme.print_text) {
        tracing::warn!(
            character = %lacking,
            "invoices: the typeface lacks a character; put one that has it into the theme as print/text.ttf and print/bold.ttf"
        );
    }
    match sheet.pdf(&theme.print_text, &theme.print_bold) {
        Ok(file) => {
            let mut answer = Response::new(Body::from(file));
            let headers = answer.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
            headers.insert(header::CACHE_CONTROL, NO_STORE);
            let name = format!("inline; filename=\"invoice-{}.pdf\"", invoice.number);
            if let Ok(name) = HeaderValue::try_from(name) {
                headers.insert(header::CONTENT_DISPOSITION, name);
            }
            answer
        }
        Err(error) => {
            tracing::error!(%error, "invoices: rendering failed");
            response::broken()
        }
    }
}

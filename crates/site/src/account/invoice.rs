//! An invoice, as a page that prints well.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};

use super::see;
use crate::{
    contexts::InvoiceContext, letters::payment_facts, printing::PrintingError, site::Site,
    theme::Template,
};

pub(super) async fn invoice(
    State(site): State<Arc<Site>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Response {
    let answer = invoice_page(&site, &number, &headers).await;
    site.or_failed(&headers, answer).await
}

async fn invoice_page(
    site: &Site,
    number: &str,
    headers: &HeaderMap,
) -> Result<Response, PrintingError> {
    let Some(present) = site.present(headers).await? else { return Ok(see("/sign-in", &[])) };
    let account = present.account;
    let payments = site.store.payments_of(account.id).await?;
    let own = payments.into_iter().find(|payment| payment.number.to_string() == number);
    let Some(payment) = own else { return Ok(site.not_found(headers).await) };
    let printing = site.printing();
    let title = printing.theme.word("invoice");
    let context = InvoiceContext {
        chrome: printing.layout().bare_chrome(title),
        number: payment.number,
        date: printing.date_of(payment.at),
        email: account.email.to_string(),
        name: account.name,
        facts: payment_facts(&printing, &payment),
        amount: printing.rates().money(payment.amount),
    };
    Ok(site.personal_page(StatusCode::OK, headers, Template::Invoice, &context))
}

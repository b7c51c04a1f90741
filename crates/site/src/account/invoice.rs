//! An invoice, as a page and as PDF. It says to whom it was issued, as they were then.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};
use http::{HeaderMap, HeaderValue, header};
use masthead_access::message::TextDirection;
use masthead_circulation::Payment;
use masthead_mail::emails::payment_facts;
use masthead_media::Pixels;
use masthead_print::{Invoice, Logo};
use masthead_publication::{Publication, SiteSnapshot, Template, contexts::InvoiceContext};
use masthead_store::InvoiceRecipient;
use tokio::task::spawn_blocking;

use crate::{
    error::{Handled, SiteError},
    extract::{SignedIn, UrlPath},
    note::Note,
    response::NO_STORE,
    state::Site,
};

/// The size of the logo in pixels at most: twice to three times that on paper at 96 pixels an inch.
const LOGO: (u32, u32) = (800, 192);

/// `7` for the page, `7.pdf` for the file.
pub(super) async fn invoice(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
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
    let mut context = context(&snapshot, recipient, &payment);
    let printed = printed(&snapshot, &context);
    let theme = &snapshot.theme;
    let missing = printed.missing_glyph(&theme.print_text, &theme.print_bold);
    context.has_pdf = missing.is_none();
    match (number, missing) {
        (Some(_), None) => Ok(pdf(print(&site, snapshot, printed).await?, context.number)),
        (Some(number), Some(character)) => {
            tracing::warn!(
                %character,
                "invoices: the typefaces lack a character; put a font that has it into the folder print of the theme"
            );
            // The page says why, and the reader's browser has other typefaces.
            Ok(Note::NoPdf.on(&site, &format!("/account/invoices/{number}")))
        }
        (None, _) => {
            site.personal_page_with_note(&headers, links, Template::Invoice, &context).await
        }
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
        has_pdf: true,
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

/// Makes the file on a thread that serves no requests. It waits while others are made.
async fn print(
    site: &Site,
    snapshot: Arc<SiteSnapshot>,
    invoice: Invoice,
) -> Result<Vec<u8>, SiteError> {
    let turn = Arc::clone(&site.printing).acquire_owned().await;
    let turn = turn.map_err(SiteError::failed("invoices: wait for a turn"))?;
    let invoice = Invoice { logo: logo(site, &snapshot).await, ..invoice };
    let printing = spawn_blocking(move || {
        let theme = &snapshot.theme;
        let file = invoice.pdf(&theme.print_text, &theme.print_bold);
        // The thread keeps the turn, also if the reader no longer waits for the file.
        drop(turn);
        file
    });
    let file = printing.await.map_err(SiteError::failed("invoices: render"))?;
    file.map_err(SiteError::failed("invoices: render"))
}

/// The publication's logo, from the small file that pages show. The name takes the place of a drawing.
async fn logo(site: &Site, snapshot: &SiteSnapshot) -> Option<Logo> {
    let file = snapshot.publication.logo.as_ref().map(|logo| &logo.light)?;
    match site.settings.media_library.pixels(&file.shown_name(), LOGO).await {
        Ok(pixels) => pixels.map(|Pixels { width, height, rgba }| Logo { width, height, rgba }),
        Err(error) => {
            tracing::warn!(%error, "invoices: the logo cannot be read; the name takes its place");
            None
        }
    }
}

fn pdf(file: Vec<u8>, number: u32) -> Response {
    let mut answer = Response::new(Body::from(file));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    let name = format!("inline; filename=\"invoice-{number}.pdf\"");
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    answer
}

fn printed(snapshot: &SiteSnapshot, context: &InvoiceContext) -> Invoice {
    let word = |name: &str| snapshot.theme.word(name);
    let tag = snapshot.publication.locale.tag();
    let to = [&context.name].into_iter().chain(&context.lines).chain([&context.email]);
    // Each part may have another direction than the language, which must not move the commas.
    let to = to.filter(|part| !part.is_empty()).map(|part| format!("\u{2068}{part}\u{2069}"));
    let to: Vec<String> = to.collect();
    let facts = context.facts.iter();
    Invoice {
        publication: snapshot.publication.name.clone(),
        seller: context.seller.join("\n"),
        logo: None,
        language: tag.to_owned(),
        is_right_to_left: TextDirection::of_tag(tag) == TextDirection::RightToLeft,
        title: format!("{} {}", word("invoice"), context.number),
        date: context.date.clone(),
        to: format!("{} {}", word("invoice_to"), to.join(", ")),
        facts: facts.map(|fact| (fact.name.clone(), fact.value.clone())).collect(),
        total: format!("{} {}", word("invoice_total"), context.amount),
    }
}

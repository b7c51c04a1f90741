//! What is sold, and what a reader has of it: pages and emails.

use super::{list, personal::head, some};
use crate::{
    contexts::{
        CheckoutContext, Fact, InvoiceContext, Link, OfferCard, OffersContext, PaymentContext,
        SandboxCardContext, SandboxContext, SubscriptionContext, SubscriptionEmailContext,
        SwitchContext,
    },
    layout::Layout,
    theme::{Template, Theme, ThemeError},
};

fn facts(full: bool) -> Vec<Fact> {
    let fact = || Fact { name: "Paid with".to_owned(), value: "A card".to_owned() };
    if full { vec![fact()] } else { Vec::new() }
}

/// A reader's subscriptions in every state, with everything that can be done or nothing.
pub fn subscriptions(full: bool) -> Vec<SubscriptionContext> {
    let states = ["trial", "active", "invoiced", "grace", "paused", "cancelling", "ended"];
    let one = |(id, state): (u32, &'static str)| SubscriptionContext {
        id,
        name: "Product".to_owned(),
        channels: list(full),
        state,
        status: "Status.".to_owned(),
        card: some(full),
        cancel: some(full),
        can_go_on: full,
        can_rest: full,
        card_button: some(full),
        invoice: facts(full),
        switches: vec![SwitchContext {
            price: "price".to_owned(),
            label: "Label".to_owned(),
            cost: "Cost".to_owned(),
            today: 1,
        }],
    };
    (1..).zip(states).map(one).collect()
}

/// A reader's payments.
pub fn payments(full: bool) -> Vec<PaymentContext> {
    let payment = PaymentContext {
        number: 1,
        date: "today".to_owned(),
        what: "Product".to_owned(),
        amount: "$9".to_owned(),
        refunded: "$1 paid back".to_owned(),
    };
    if full { vec![payment] } else { Vec::new() }
}

fn card(full: bool) -> OfferCard {
    OfferCard {
        href: "/checkout/price".to_owned(),
        name: "Name".to_owned(),
        product: "Product".to_owned(),
        description: some(full),
        channels: list(full),
        benefits: list(full),
        price: "$9 a month".to_owned(),
        ends: some(full),
        then: some(full),
        trial: full,
        offer: full,
    }
}

/// Renders what is sold, with everything and with as little as it may be given.
pub fn check_sales(theme: &Theme, layout: &Layout<'_>) -> Result<(), ThemeError> {
    for full in [false, true] {
        check_offers(theme, layout, full)?;
        check_checkout(theme, layout, full)?;
        check_sandbox(theme, layout, full)?;
        check_invoice(theme, layout, full)?;
        check_email(theme, full)?;
    }
    Ok(())
}

fn check_offers(theme: &Theme, layout: &Layout<'_>, full: bool) -> Result<(), ThemeError> {
    let offers = OffersContext {
        chrome: layout.bare_chrome("Title"),
        cards: if full { vec![card(true), card(false)] } else { Vec::new() },
        signed_in: full,
        subscribed: !full,
        paused: some(full),
        codes: full,
        code: some(full),
        fault: some(full),
        from: "/".to_owned(),
    };
    theme.render(Template::Offers, &offers).map(drop)
}

/// Renders the checkout in each way of paying: by card, by invoice, by either or neither, and with nothing to be paid by card.
fn check_checkout(theme: &Theme, layout: &Layout<'_>, full: bool) -> Result<(), ThemeError> {
    for (needs_card, takes_cards) in [(false, false), (false, true), (true, false), (true, true)] {
        for by_invoice in [false, true] {
            let checkout = CheckoutContext {
                chrome: layout.bare_chrome("Title"),
                card: card(full),
                today: "$9".to_owned(),
                later: some(full),
                needs_card,
                takes_cards,
                email: some(full),
                here: "/checkout/price".to_owned(),
                code: some(full),
                from: "/".to_owned(),
                sandbox: takes_cards,
                invoice: some(by_invoice),
            };
            theme.render(Template::Checkout, &checkout)?;
        }
    }
    Ok(())
}

fn check_sandbox(theme: &Theme, layout: &Layout<'_>, full: bool) -> Result<(), ThemeError> {
    let sandbox = SandboxContext {
        chrome: layout.bare_chrome("Title"),
        product: "Product".to_owned(),
        amount: "$9".to_owned(),
        cards: vec![SandboxCardContext { name: "good".to_owned(), label: "Good".to_owned() }],
        confirming: some(full),
        fault: some(full),
        action: "/".to_owned(),
    };
    theme.render(Template::Sandbox, &sandbox).map(drop)
}

fn check_invoice(theme: &Theme, layout: &Layout<'_>, full: bool) -> Result<(), ThemeError> {
    let invoice = InvoiceContext {
        chrome: layout.bare_chrome("Title"),
        number: 1,
        seller: list(full),
        date: "today".to_owned(),
        email: "reader@example.org".to_owned(),
        name: some(full),
        facts: facts(full),
        amount: "$9".to_owned(),
    };
    theme.render(Template::Invoice, &invoice).map(drop)
}

fn check_email(theme: &Theme, full: bool) -> Result<(), ThemeError> {
    let email = SubscriptionEmailContext {
        head: head(),
        text: "Text.".to_owned(),
        facts: facts(full),
        button: Link::to("https://example.org/", "Button"),
    };
    theme.render(Template::SubscriptionMail, &email)?;
    theme.render(Template::SubscriptionMailText, &email).map(drop)
}

//! What is sold, and what a reader has of it: pages and emails.

use super::{list, personal::head, some};
use crate::{
    contexts::{
        CheckoutContext, DeliveryContext, Fact, HeldContext, InvoiceContext, Link, LinkedText,
        OffersContext, OrderContext, PaymentCancelledContext, PaymentContext, PlanCard, PlanChoice,
        SandboxCardContext, SandboxContext, SubscriptionContext, SubscriptionEmailContext,
        SwitchContext, TrialLink, WithdrawalHint,
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
        includes: list(full),
        state,
        status: "Status.".to_owned(),
        card: some(full),
        cancel: some(full),
        withdraw: some(full),
        can_go_on: full,
        can_rest: full,
        rest: some(full),
        card_button: some(full),
        invoice: facts(full),
        switches: vec![SwitchContext {
            price: "price".to_owned(),
            label: "Label".to_owned(),
            cost: "Cost".to_owned(),
            today: 1,
            primary: full,
            pays: full,
            delivery: full.then(|| delivery(full)),
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

fn order(full: bool) -> OrderContext {
    OrderContext {
        name: "Name".to_owned(),
        product: "Product".to_owned(),
        channels: list(full),
        includes: list(full),
        price: "$9 a month".to_owned(),
        then: some(full),
    }
}

/// The form of a delivery address, complete and wrong, or empty.
pub fn delivery(full: bool) -> DeliveryContext {
    DeliveryContext {
        name: some(full),
        lines: some(full),
        name_fault: some(full),
        lines_fault: some(full),
    }
}

/// Parts of a sentence with a link, before and after which there is something or nothing.
fn sentences(full: bool) -> Vec<LinkedText> {
    let sentence = |full| LinkedText {
        before: some(full),
        link: Link::to("/terms", "Terms"),
        after: some(!full),
    };
    if full { vec![sentence(true), sentence(false)] } else { Vec::new() }
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

/// A product with everything that its card may have, or with a single price.
fn plan_card(full: bool) -> PlanCard {
    let choice = |chosen| PlanChoice {
        plan: "price".to_owned(),
        name: some(full),
        price: "$9 a month".to_owned(),
        monthly: some(full),
        saving: some(full),
        ends: some(full),
        chosen,
    };
    let trial = || TrialLink {
        href: "/checkout/trial".to_owned(),
        label: "Try it".to_owned(),
        then: "It ends.".to_owned(),
    };
    PlanCard {
        product: "product".to_owned(),
        name: "Product".to_owned(),
        description: some(full),
        channels: list(full),
        includes: list(full),
        benefits: list(full),
        recommended: full,
        applied: some(full),
        headline: some(full),
        price: "$9 a month".to_owned(),
        afterwards: some(full),
        ends: some(full),
        then: "It renews.".to_owned(),
        choices: if full { vec![choice(true), choice(false)] } else { vec![choice(true)] },
        trials: if full { vec![trial()] } else { Vec::new() },
    }
}

/// Renders the offers page for readers who are signed in and who are not.
fn check_offers(theme: &Theme, layout: &Layout<'_>, full: bool) -> Result<(), ThemeError> {
    [false, true]
        .into_iter()
        .try_for_each(|signed_in| check_offers_for(signed_in, theme, layout, full))
}

fn check_offers_for(
    signed_in: bool,
    theme: &Theme,
    layout: &Layout<'_>,
    full: bool,
) -> Result<(), ThemeError> {
    let held = || HeldContext { name: "Product".to_owned(), status: "Status.".to_owned() };
    let offers = OffersContext {
        chrome: layout.bare_chrome("Title"),
        cards: if full { vec![plan_card(true), plan_card(false)] } else { Vec::new() },
        payment: "Pay by card.".to_owned(),
        takes_cards: full,
        held: if full { Vec::new() } else { vec![held()] },
        signed_in,
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
                order: order(full),
                period: "today to tomorrow".to_owned(),
                today: "$9".to_owned(),
                later: some(full),
                cancel: some(full),
                includes_tax: full,
                trial: some(full),
                delivery: by_invoice.then(|| delivery(full)),
                terms: sentences(full),
                needs_card,
                takes_cards,
                email: some(full),
                entered: some(full),
                // Only who is not signed in can enter a wrong address.
                fault: some(!full),
                sign_in: "/checkout/price/sign-in".to_owned(),
                offers: "/offers".to_owned(),
                here: "/checkout/price".to_owned(),
                code: some(full),
                from: "/".to_owned(),
                sandbox: takes_cards,
                invoice: some(by_invoice),
                invoice_hint: some(by_invoice),
                card_hint: "A card.".to_owned(),
                no_invoice: some(by_invoice && takes_cards),
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
        cancel: "/".to_owned(),
    };
    theme.render(Template::Sandbox, &sandbox)?;
    let cancelled = PaymentCancelledContext {
        chrome: layout.bare_chrome("Title"),
        text: "Nothing was paid.".to_owned(),
        product: some(full),
        amount: "$9".to_owned(),
        again: Link::to("/checkout/price", "Again"),
        back: Link::to("/", "Back"),
    };
    theme.render(Template::PaymentCancelled, &cancelled).map(drop)
}

fn check_invoice(theme: &Theme, layout: &Layout<'_>, full: bool) -> Result<(), ThemeError> {
    // With a delivery address, and without.
    for lines in [list(full), Vec::new()] {
        let invoice = InvoiceContext {
            chrome: layout.bare_chrome("Title"),
            number: 1,
            seller: list(full),
            date: "today".to_owned(),
            email: "reader@example.org".to_owned(),
            name: some(full),
            lines,
            facts: facts(full),
            amount: "$9".to_owned(),
            has_pdf: full,
        };
        theme.render(Template::Invoice, &invoice)?;
    }
    Ok(())
}

fn check_email(theme: &Theme, full: bool) -> Result<(), ThemeError> {
    let email = SubscriptionEmailContext {
        head: head(),
        text: "Text.".to_owned(),
        facts: facts(full),
        withdrawal: full.then(|| WithdrawalHint {
            text: "Until today.".to_owned(),
            link: Link::to("https://example.org/withdraw", "Withdraw"),
        }),
        button: Link::to("https://example.org/", "Button"),
    };
    theme.render(Template::SubscriptionMail, &email)?;
    theme.render(Template::SubscriptionMailText, &email).map(drop)
}

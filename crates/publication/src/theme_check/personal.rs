//! Checks the pages and emails of one reader: signing in and the account.

use super::{reading::check_reading, sales, some};
use crate::{
    contexts::{
        AccountContext, AddressContext, AddressEmailContext, AppContext, CancelConfirmContext,
        CancelContext, EmailHead, EndingChoiceContext, EndingDoneContext, EndingEmailContext,
        FieldContext, IdentityContext, KeptFormContext, Link, NoteContext, NoticeContext,
        OutboxContext, OutboxEmailContext, OwnEndingContext, PasskeyContext, SecurityEmailContext,
        SentContext, SessionContext, SignInContext, SignInEmailContext, WithdrawConfirmContext,
        WithdrawContext,
    },
    layout::Layout,
    theme::{Template, Theme, ThemeError},
};

const EMAIL: &str = "reader@example.org";

/// Renders the pages and emails of one reader, with complete and with minimal contexts.
pub fn check_personal(theme: &Theme, layout: &Layout<'_>) -> Result<(), ThemeError> {
    for full in [false, true] {
        check_sign_in(theme, layout, full)?;
        check_account(theme, layout, full)?;
        check_reading(theme, layout, full)?;
        check_outbox(theme, layout, full)?;
    }
    check_emails(theme)
}

fn check_sign_in(theme: &Theme, layout: &Layout<'_>, full: bool) -> Result<(), ThemeError> {
    let chrome = || layout.bare_chrome("Title");
    let sign_in = SignInContext {
        chrome: chrome(),
        registering: full,
        confirming: !full,
        from: "/".to_owned(),
        passkeys: full,
        openid: if full { vec![Link::to("/sign-in/openid/id", "Id")] } else { Vec::new() },
        email: some(full),
        fault: some(full),
        reason: some(full),
        other: full.then(|| Link::to("/sign-in?from=%2F", "Sign in")),
    };
    theme.render(Template::SignIn, &sign_in)?;
    // Passkeys are for readers who have an account.
    let returning = SignInContext { registering: false, passkeys: true, ..sign_in };
    theme.render(Template::SignIn, &returning)?;
    theme.render(
        Template::SignInSent,
        &SentContext {
            chrome: chrome(),
            email: some(full),
            fault: some(full),
            reason: some(full),
            again: "/sign-in".to_owned(),
            hourly: 5,
        },
    )?;
    let app = AppContext {
        chrome: chrome(),
        code: some(full),
        scopes: if full { vec!["Read".to_owned()] } else { Vec::new() },
        app: some(full),
        email: EMAIL.to_owned(),
        fault: some(!full),
    };
    theme.render(Template::App, &app)?;
    let field = FieldContext { name: "field".to_owned(), value: "value".to_owned() };
    let kept = KeptFormContext {
        chrome: chrome(),
        action: "/account/deletion".to_owned(),
        fields: if full { vec![field] } else { Vec::new() },
    };
    theme.render(Template::KeptForm, &kept)?;
    let notice = NoticeContext {
        chrome: chrome(),
        heading: some(true),
        text: some(true),
        link: Link::to("/", "Home"),
        back: full.then(|| Link::to("/news/a", "Back")),
    };
    theme.render(Template::Notice, &notice)?;
    let link = || Link::to("/account", "Account");
    let links = if full { vec![link(), link()] } else { Vec::new() };
    theme.render(Template::Note, &NoteContext { text: some(true), links })?;
    Ok(())
}

fn check_account(theme: &Theme, layout: &Layout<'_>, full: bool) -> Result<(), ThemeError> {
    let session = SessionContext {
        key: "key".to_owned(),
        device: "A device".to_owned(),
        scopes: if full { vec!["Read".to_owned()] } else { Vec::new() },
        seen: "today".to_owned(),
        current: full,
    };
    let passkey = |used: bool| PasskeyContext {
        id: "key".to_owned(),
        device: "A device".to_owned(),
        added: "today".to_owned(),
        used: some(used),
        elsewhere: !used,
    };
    let identity = |subject: &str| IdentityContext {
        name: "A provider".to_owned(),
        issuer: "https://id.example".to_owned(),
        subject: subject.to_owned(),
    };
    let mut account = AccountContext {
        chrome: layout.bare_chrome("Title"),
        email: EMAIL.to_owned(),
        name: some(full),
        is_staff: full,
        undelivered: full,
        left: full.then_some(2),
        allowance: "5".to_owned(),
        resets_on: some(full),
        subscriptions: sales::subscriptions(full),
        may_buy: !full,
        delivery: Some(sales::delivery(full)),
        can_remove_delivery: full,
        payments: sales::payments(full),
        passkeys: full.then(|| vec![passkey(true), passkey(false)]),
        identities: if full { vec![identity("7"), identity("8")] } else { Vec::new() },
        sessions: vec![session],
        is_faulty: full,
        new_email: some(full),
        email_fault: some(full),
    };
    theme.render(Template::Account, &account)?;
    // A reader who has not subscribed, and one whose account gives no free articles.
    account.subscriptions.clear();
    theme.render(Template::Account, &account)?;
    (account.left, account.allowance) = (Some(0), "0".to_owned());
    theme.render(Template::Account, &account)?;
    let address = AddressContext {
        chrome: layout.bare_chrome("Title"),
        email: EMAIL.to_owned(),
        action: "/".to_owned(),
    };
    theme.render(Template::Address, &address)?;
    let cancel = CancelContext {
        chrome: layout.bare_chrome("Title"),
        text: "Enter your address.".into(),
        email: some(full),
        reason: some(full),
        fault: some(full),
    };
    theme.render(Template::Cancel, &cancel)?;
    let withdraw = WithdrawContext {
        chrome: layout.bare_chrome("Title"),
        email: some(full),
        name: some(full),
        fault: some(full),
        name_fault: some(full),
    };
    theme.render(Template::Withdraw, &withdraw)?;
    check_cancellation(theme, layout, full)
}

fn check_cancellation(theme: &Theme, layout: &Layout<'_>, full: bool) -> Result<(), ThemeError> {
    let choice = || EndingChoiceContext {
        field: "subscription-1".to_owned(),
        product: "Product".to_owned(),
        text: some(true),
    };
    let choices = || if full { vec![choice(), choice()] } else { vec![choice()] };
    let confirm = CancelConfirmContext {
        chrome: layout.bare_chrome("Title"),
        subscriptions: choices(),
        fault: some(full),
        action: "/".to_owned(),
    };
    theme.render(Template::CancelConfirm, &confirm)?;
    let confirm = WithdrawConfirmContext {
        chrome: layout.bare_chrome("Title"),
        subscriptions: choices(),
        name: some(full),
        email: EMAIL.to_owned(),
        fault: some(full),
        name_fault: some(full),
        action: "/".to_owned(),
    };
    theme.render(Template::WithdrawConfirm, &confirm)?;
    let done = EndingDoneContext {
        chrome: layout.bare_chrome("Title"),
        heading: some(true),
        subscriptions: choices(),
        next: some(true),
        link: Link::to("/account", "Account"),
        others: if full { vec![Link::to("/", "Home")] } else { Vec::new() },
    };
    theme.render(Template::EndingDone, &done)?;
    let own = OwnEndingContext {
        chrome: layout.bare_chrome("Title"),
        heading: some(true),
        note: some(full),
        subscriptions: sales::subscriptions(full),
        links: vec![Link::to("/account", "Account")],
        other: Link::to("/cancel?other=true", "Another address"),
    };
    theme.render(Template::OwnEnding, &own)?;
    Ok(())
}

fn check_outbox(theme: &Theme, layout: &Layout<'_>, full: bool) -> Result<(), ThemeError> {
    let email = OutboxEmailContext {
        href: "/demo/outbox/1".to_owned(),
        to: EMAIL.to_owned(),
        subject: some(full),
        text: some(full),
    };
    let emails = if full { vec![email] } else { Vec::new() };
    let chrome = layout.bare_chrome("Title");
    theme.render(Template::Outbox, &OutboxContext { chrome, emails })?;
    Ok(())
}

fn check_emails(theme: &Theme) -> Result<(), ThemeError> {
    for old in [false, true] {
        let email = AddressEmailContext {
            head: head(),
            link: "https://example.org/link".to_owned(),
            email: EMAIL.to_owned(),
            old,
        };
        theme.render(Template::AddressMail, &email)?;
        theme.render(Template::AddressMailText, &email)?;
    }
    let email = EndingEmailContext {
        head: head(),
        text: some(true),
        button: Link::to("https://example.org/cancel", "Cancel"),
        hint: some(true),
    };
    theme.render(Template::EndingMail, &email)?;
    theme.render(Template::EndingMailText, &email)?;
    let email = SecurityEmailContext { head: head(), text: "Something has changed.".to_owned() };
    theme.render(Template::SecurityMail, &email)?;
    theme.render(Template::SecurityMailText, &email)?;
    let email = SignInEmailContext {
        head: head(),
        link: "https://example.org/link".to_owned(),
        code: "123456".to_owned(),
    };
    theme.render(Template::SignInMail, &email)?;
    theme.render(Template::SignInMailText, &email)?;
    Ok(())
}

/// The head of any email.
pub fn head() -> EmailHead {
    EmailHead {
        publication: "Paper".to_owned(),
        address: "https://example.org".to_owned(),
        language: "en".to_owned(),
        direction: "ltr",
        subject: "Subject".to_owned(),
    }
}

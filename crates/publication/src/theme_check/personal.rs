//! What only one reader gets: signing in, the account, and the letters for both.

use super::sales;
use crate::{
    contexts::{
        AccountContext, AddressContext, AddressEmailContext, AppContext, EmailHead, Link,
        NoticeContext, OutboxContext, OutboxEmailContext, PasskeyContext, PasskeyEmailContext,
        SentContext, SessionContext, SignInContext, SignInEmailContext,
    },
    layout::Layout,
    theme::{Template, Theme, ThemeError},
};

/// Renders what only one reader gets, with everything and with as little as it may be given.
pub fn check_personal(theme: &Theme, layout: &Layout<'_>) -> Result<(), ThemeError> {
    let some = |full: bool| if full { "something".to_owned() } else { String::new() };
    for full in [false, true] {
        let chrome = || layout.bare_chrome("Title");
        let sign_in = SignInContext {
            chrome: chrome(),
            registering: full,
            from: "/".to_owned(),
            passkeys: full,
            openid: if full { vec![Link::to("/sign-in/openid/id", "Id")] } else { Vec::new() },
            email: some(full),
            fault: some(full),
        };
        theme.render(Template::SignIn, &sign_in)?;
        theme.render(Template::SignInSent, &SentContext { chrome: chrome(), fault: some(full) })?;
        let app = AppContext {
            chrome: chrome(),
            code: some(full),
            app: some(full),
            email: "reader@example.org".to_owned(),
            fault: some(!full),
        };
        theme.render(Template::App, &app)?;
        let notice = NoticeContext {
            chrome: chrome(),
            heading: some(true),
            text: some(true),
            link: Link::to("/", "Home"),
        };
        theme.render(Template::Notice, &notice)?;
        let session = SessionContext {
            key: "key".to_owned(),
            device: "A device".to_owned(),
            seen: "today".to_owned(),
            current: full,
        };
        let passkey = |used: bool| PasskeyContext {
            id: "key".to_owned(),
            device: "A device".to_owned(),
            added: "today".to_owned(),
            used: some(used),
        };
        let account = AccountContext {
            chrome: chrome(),
            email: "reader@example.org".to_owned(),
            name: some(full),
            works_here: full,
            undelivered: full,
            left: full.then_some(2),
            allowance: "5".to_owned(),
            resets_on: some(full),
            subscriptions: sales::subscriptions(full),
            may_buy: !full,
            payments: sales::payments(full),
            passkeys: full.then(|| vec![passkey(true), passkey(false)]),
            sessions: vec![session],
        };
        theme.render(Template::Account, &account)?;
        let address = AddressContext {
            chrome: chrome(),
            email: "reader@example.org".to_owned(),
            action: "/".to_owned(),
        };
        theme.render(Template::Address, &address)?;
        let letter = AddressEmailContext {
            head: head(),
            link: "https://example.org/link".to_owned(),
            email: "reader@example.org".to_owned(),
            old: full,
        };
        theme.render(Template::AddressMail, &letter)?;
        theme.render(Template::AddressMailText, &letter)?;
        let letter = PasskeyEmailContext { head: head(), device: "A device".to_owned() };
        theme.render(Template::PasskeyMail, &letter)?;
        theme.render(Template::PasskeyMailText, &letter)?;
        let letter = OutboxEmailContext {
            href: "/demo/outbox/1".to_owned(),
            to: "reader@example.org".to_owned(),
            subject: some(full),
            text: some(full),
        };
        let letters = if full { vec![letter] } else { Vec::new() };
        theme.render(Template::Outbox, &OutboxContext { chrome: chrome(), letters })?;
    }
    let letter = SignInEmailContext {
        head: head(),
        link: "https://example.org/link".to_owned(),
        code: "123456".to_owned(),
    };
    theme.render(Template::SignInMail, &letter)?;
    theme.render(Template::SignInMailText, &letter)?;
    Ok(())
}

/// The head of any letter.
pub fn head() -> EmailHead {
    EmailHead {
        publication: "Paper".to_owned(),
        address: "https://example.org".to_owned(),
        language: "en".to_owned(),
        subject: "Subject".to_owned(),
    }
}

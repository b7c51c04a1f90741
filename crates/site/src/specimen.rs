//! A small edition with everything that a template may be given: set richly, and set barely.

use jiff::{SignedDuration, Timestamp, civil::Date};
use masthead_access::{ArticleId, Tier};
use masthead_editorial::{
    Author, Correction, Kind, Picture, Piece, Section, Sponsor, Status, Topic,
};
use masthead_store::Listed;

use crate::{
    contexts::{
        AccountContext, AddressContext, AddressLetter, LetterContext, Link, NoticeContext,
        OutboxContext, SentContext, SessionContext, SignInContext, SignInLetter,
    },
    edition::Edition,
    layout::Layout,
    theme::{Template, Theme, ThemeError},
};

/// The edition and its pieces.
pub struct Specimen {
    pub edition: Edition,
    pub pieces: Vec<Listed>,
}

/// An edition of a page, a bare article, and articles enough to fill every list.
pub fn specimen(now: Timestamp) -> Specimen {
    let mut pieces = vec![bare(now), Piece { kind: Kind::Page, ..bare(now) }];
    pieces.extend((0..30).map(|number| rich(now, number % 2 == 0)));
    let listed = pieces.into_iter().zip(1..).map(|(piece, number)| Listed {
        id: ArticleId(number),
        revision: i64::from(number),
        piece: Piece { slug: format!("{}-{number}", piece.slug), ..piece },
    });
    let pieces: Vec<Listed> = listed.collect();
    let mut draft = Edition::default();
    draft.add(pieces.clone());
    Specimen { edition: draft.lay_out(0, vec![author()], now), pieces }
}

fn author() -> Author {
    Author {
        slug: "author".to_owned(),
        name: "An Author".to_owned(),
        role: "Reporter".to_owned(),
        bio: "<p>Writes.</p>".to_owned(),
    }
}

fn bare(now: Timestamp) -> Piece {
    Piece {
        slug: "piece".to_owned(),
        kind: Kind::Article("article".to_owned()),
        status: Status::Published,
        section: None,
        kicker: String::new(),
        headline: "Headline".to_owned(),
        deck: String::new(),
        authors: Vec::new(),
        dateline: String::new(),
        picture: None,
        body: "<p>A paragraph.</p>".to_owned(),
        topics: Vec::new(),
        tier: None,
        sponsor: None,
        published: Some(now),
        updated: None,
        corrections: Vec::new(),
        canonical: None,
        language: None,
        former_addresses: Vec::new(),
    }
}

fn rich(now: Timestamp, sponsored: bool) -> Piece {
    let sponsor = Sponsor { name: "Sponsor".to_owned(), disclosure: "Paid.".to_owned() };
    let second = Author { slug: "other".to_owned(), name: "Another".to_owned(), ..author() };
    Piece {
        section: Some(Section { slug: "section".to_owned(), name: "Section".to_owned() }),
        kicker: "Kicker".to_owned(),
        deck: "A deck.".to_owned(),
        authors: vec![author(), second],
        dateline: "Here".to_owned(),
        picture: Some(Picture {
            src: "/media/picture.svg".to_owned(),
            alt: "A picture".to_owned(),
            caption: "A caption".to_owned(),
            credit: "A credit".to_owned(),
            width: 3,
            height: 2,
        }),
        topics: vec![Topic { slug: "topic".to_owned(), name: "Topic".to_owned() }],
        tier: Some(Tier::Subscribers),
        sponsor: sponsored.then_some(sponsor),
        updated: Some(now + SignedDuration::from_secs(1)),
        corrections: vec![Correction {
            date: Date::constant(2026, 1, 1),
            text: "Mended.".to_owned(),
        }],
        canonical: Some("https://example.org/original".to_owned()),
        language: Some("en".to_owned()),
        ..bare(now)
    }
}

/// Renders what only one reader gets, with everything and with as little as it may be given.
pub fn prove_personal(theme: &Theme, layout: &Layout<'_>) -> Result<(), ThemeError> {
    let some = |full: bool| if full { "something".to_owned() } else { String::new() };
    for full in [false, true] {
        let chrome = || layout.bare_chrome("Title");
        let sign_in = SignInContext {
            chrome: chrome(),
            registering: full,
            from: "/".to_owned(),
            email: some(full),
            fault: some(full),
        };
        theme.render(Template::SignIn, &sign_in)?;
        theme.render(Template::SignInSent, &SentContext { chrome: chrome(), fault: some(full) })?;
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
        let account = AccountContext {
            chrome: chrome(),
            email: "reader@example.org".to_owned(),
            name: some(full),
            left: full.then_some(2),
            allowance: "5".to_owned(),
            resets_on: some(full),
            sessions: vec![session],
        };
        theme.render(Template::Account, &account)?;
        let address = AddressContext {
            chrome: chrome(),
            email: "reader@example.org".to_owned(),
            action: "/".to_owned(),
        };
        theme.render(Template::Address, &address)?;
        let letter = AddressLetter {
            publication: "Paper".to_owned(),
            address: "https://example.org".to_owned(),
            language: "en".to_owned(),
            subject: "Subject".to_owned(),
            link: "https://example.org/link".to_owned(),
            email: "reader@example.org".to_owned(),
            old: full,
        };
        theme.render(Template::AddressMail, &letter)?;
        theme.render(Template::AddressMailText, &letter)?;
        let letter = LetterContext {
            href: "/demo/outbox/1".to_owned(),
            to: "reader@example.org".to_owned(),
            subject: some(full),
            text: some(full),
        };
        let letters = if full { vec![letter] } else { Vec::new() };
        theme.render(Template::Outbox, &OutboxContext { chrome: chrome(), letters })?;
    }
    let letter = SignInLetter {
        publication: "Paper".to_owned(),
        address: "https://example.org".to_owned(),
        language: "en".to_owned(),
        subject: "Subject".to_owned(),
        link: "https://example.org/link".to_owned(),
        code: "123456".to_owned(),
    };
    theme.render(Template::SignInMail, &letter)?;
    theme.render(Template::SignInMailText, &letter)?;
    Ok(())
}

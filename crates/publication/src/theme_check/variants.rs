//! What depends on settings, on the running experiment or on the length of a list. It is rendered as any of them would have it, so
//! that a theme which is accepted today does not fail once a setting has changed.

use masthead_editorial::fronts::ListLayout;

use super::{list, some};
use crate::{
    contexts::{
        BreakingContext, Card, Chrome, ErrorContext, FollowContext, FooterGroupContext, FrontList,
        Link, ListContext, MessageContext, MeterContext, SourceContext, StripContext,
        StripItemContext, WallContext, WallOfferContext,
    },
    layout::Layout,
    theme::{Template, Theme, ThemeError},
};

/// Renders pages around which everything is set, or nothing, the page about the meter, lists and messages.
pub fn check_variants(
    theme: &Theme,
    layout: &Layout<'_>,
    articles: &[Card],
) -> Result<(), ThemeError> {
    for full in [false, true] {
        let chrome = chrome(layout, full);
        let latest = if full { articles.to_vec() } else { Vec::new() };
        theme.render(Template::Error, &ErrorContext { chrome, status: 404, latest })?;
        for article in articles {
            theme.render(Template::List, &article_list(layout, article, full))?;
        }
    }
    let quiet = Chrome { breaking: None, ..chrome(layout, false) };
    theme.render(
        Template::Error,
        &ErrorContext { chrome: quiet, status: 404, latest: Vec::new() },
    )?;
    check_layouts(theme, layout)?;
    check_meter(theme, layout)?;
    check_messages(theme)
}

/// Renders the home page with every layout that a list may have.
fn check_layouts(theme: &Theme, layout: &Layout<'_>) -> Result<(), ThemeError> {
    let mut home = layout.home();
    let Some(mut list) = home.lists.first().cloned() else { return Ok(()) };
    let unsigned = list.cards.iter().find(|card| card.sponsor.is_empty()).cloned();
    let unsigned = unsigned.map(|card| Card { authors: Vec::new(), kicker: some(true), ..card });
    list.cards.extend(unsigned);
    let item = |full| StripItemContext {
        label: some(true),
        value: some(true),
        note: some(full),
        href: some(full),
    };
    for heading in [list.heading.clone(), None] {
        let facts = vec![item(heading.is_some()), item(false)];
        home.strips = vec![StripContext { label: some(true), facts }];
        let lists = ListLayout::all();
        let lists = lists.map(|layout| FrontList {
            heading: heading.clone(),
            layout: layout.name(),
            cards: list.cards.clone(),
        });
        home.lists = lists.collect();
        theme.render(Template::Home, &home)?;
    }
    Ok(())
}

/// Links, of which the first leads to the page itself.
fn links(full: bool) -> Vec<Link> {
    let link = |name: &str, current| Link {
        slug: name.to_lowercase(),
        current,
        ..Link::to(&format!("/{}", name.to_lowercase()), name)
    };
    if full { vec![link("Here", true), link("There", false)] } else { Vec::new() }
}

fn group() -> FooterGroupContext {
    FooterGroupContext { heading: some(true), links: links(true) }
}

fn chrome(layout: &Layout<'_>, full: bool) -> Chrome {
    Chrome {
        tagline: some(full),
        description: some(full),
        sells: full,
        sandbox: full,
        demo_day: if full { "2026-01-01".to_owned() } else { String::new() },
        breaking: Some(BreakingContext { text: some(true), href: some(full), current: full }),
        section: some(full),
        feed: full.then(|| Link::to("/section/feed.xml", "Section")),
        sections: links(full)
            .into_iter()
            .chain(full.then(|| Link::to("/about", "About")))
            .collect(),
        footer: if full { vec![group(); 2] } else { Vec::new() },
        pages: links(full),
        ..layout.bare_chrome("Title")
    }
}

/// A list of articles in each form that a card has.
fn article_list(layout: &Layout<'_>, article: &Card, full: bool) -> ListContext {
    let source = || SourceContext { kind: "image/avif".to_owned(), srcset: "/a 1x".to_owned() };
    let mut pictured = Card { sponsor: String::new(), ..article.clone() };
    if let Some(picture) = &mut pictured.picture {
        picture.sources = vec![source(), source()];
        picture.focus = "focus".to_owned();
    }
    let (updated, updated_datetime) = (some(true), some(true));
    let without_kicker =
        Card { kicker: String::new(), live: true, updated, updated_datetime, ..pictured.clone() };
    let long = Card { design: "long-read", minutes: 9, ..pictured.clone() };
    let subscribers_only = Card { subscribers_only: true, section: None, ..pictured.clone() };
    let portrait = pictured.picture.clone().filter(|_| full);
    let cards = vec![pictured, without_kicker, long, subscribers_only];
    let another_page = || full.then(|| "/section?page=2".to_owned());
    ListContext {
        chrome: chrome(layout, full),
        kind: "section",
        heading: "Heading".to_owned(),
        role: some(full),
        about: some(full),
        email: some(full),
        portrait,
        lead: cards.first().filter(|_| full).cloned(),
        seconds: cards.clone(),
        cards,
        number: 1,
        newer: another_page(),
        older: another_page(),
        follow: full.then(|| FollowContext {
            kind: "topic",
            slug: "topic".to_owned(),
            name: "Topic".to_owned(),
            href: "/topic/topic".to_owned(),
        }),
    }
}

fn check_meter(theme: &Theme, layout: &Layout<'_>) -> Result<(), ThemeError> {
    for (window, days) in [("month", 0), ("week", 0), ("days", 30)] {
        for allowance in [None, Some(1), Some(5)] {
            for other in [None, Some(9)] {
                let meter = MeterContext {
                    chrome: layout.bare_chrome("Title"),
                    allowance,
                    tried: other,
                    registered: other,
                    window,
                    days,
                    zone: "UTC".to_owned(),
                };
                theme.render(Template::Meter, &meter)?;
            }
        }
    }
    Ok(())
}

/// What a wall has besides its message.
fn wall(full: bool, free_first: bool) -> WallContext {
    let offer = WallOfferContext {
        price: some(full),
        then: some(full),
        ends: some(full),
        benefits: list(full),
    };
    WallContext {
        free_first,
        resume: full && free_first,
        offer: (full || free_first).then_some(offer),
        trial: full.then(|| Link::to("/checkout/trial", "Trial")),
        sign_in: match (full, free_first) {
            (false, _) => "",
            (true, true) => "subscriber",
            (true, false) => "account",
        },
    }
}

fn check_messages(theme: &Theme) -> Result<(), ThemeError> {
    let message = |placement, full, wall| MessageContext {
        placement,
        title: some(full),
        text: some(true),
        narrow: some(true),
        benefits: list(full),
        actions: links(full),
        wall,
    };
    for full in [false, true] {
        for placement in ["banner", "inline", "wall"] {
            theme.render(Template::Message, &message(placement, full, None))?;
        }
        for free_first in [false, true] {
            let wall = Some(wall(full, free_first));
            theme.render(Template::Message, &message("wall", full, wall))?;
        }
    }
    Ok(())
}

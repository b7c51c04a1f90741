//! Checks the pages of what readers keep for themselves.

use crate::{
    contexts::{
        FollowContext, FollowingContext, HistoryContext, KeptArticleContext, Link, SavedContext,
    },
    layout::Layout,
    theme::{Template, Theme, ThemeError},
};

/// Renders saved articles, the reading history and what is followed, with complete and with minimal contexts.
pub fn check_reading(theme: &Theme, layout: &Layout<'_>, full: bool) -> Result<(), ThemeError> {
    let chrome = || layout.bare_chrome("Title");
    let cards = |most: usize| {
        let articles = layout.edition.articles().iter().take(most);
        articles.map(|entry| layout.card(entry)).collect::<Vec<_>>()
    };
    let article = |card| KeptArticleContext { id: 1, card, since: "today".to_owned() };
    let articles = || {
        let there = cards(1).into_iter().map(|card| article(Some(card)));
        if full { there.chain([article(None)]).collect() } else { Vec::new() }
    };
    let link = || full.then(|| Link::to("/news/article", "An article"));
    let saved = SavedContext {
        chrome: chrome(),
        add: link(),
        added: link(),
        removed: link(),
        articles: articles(),
    };
    theme.render(Template::Saved, &saved)?;
    for kept in [false, true] {
        let history = HistoryContext { chrome: chrome(), kept, articles: articles() };
        theme.render(Template::History, &history)?;
    }
    let follow = |kind: &'static str, is_there: bool| FollowContext {
        kind,
        slug: "slug".to_owned(),
        name: "Name".to_owned(),
        href: super::some(is_there),
    };
    let each = |kind| if full { vec![follow(kind, true), follow(kind, false)] } else { Vec::new() };
    let following = FollowingContext {
        chrome: chrome(),
        add: full.then(|| follow("topic", true)),
        added: full.then(|| follow("author", true)),
        removed: full.then(|| follow("topic", true)),
        topics: each("topic"),
        authors: each("author"),
        cards: cards(if full { 2 } else { 0 }),
        feed: super::some(full),
    };
    theme.render(Template::Following, &following)?;
    Ok(())
}

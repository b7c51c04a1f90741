//! Search, with everything found and with nothing.

use masthead_access::ArticleId;

use crate::{
    contexts::{ChoiceContext, Chrome, FilterContext, HitContext, PassageContext, SearchContext},
    layout::Layout,
    theme::{Template, Theme, ThemeError},
};

/// Renders search with and without results.
pub fn check_search(
    theme: &Theme,
    layout: &Layout<'_>,
    articles: &[ArticleId],
) -> Result<(), ThemeError> {
    let part = |marked| PassageContext { text: "words".to_owned(), marked };
    let hit = |id: &ArticleId| {
        let card = layout.card(layout.edition.piece(*id)?);
        let is_page = articles.first() == Some(id);
        Some(HitContext { card, is_page, passage: vec![part(false), part(true)] })
    };
    let leads = || Some("/search?q=words&page=2".to_owned());
    let full = SearchContext {
        chrome: Chrome { sells: true, ..layout.bare_chrome("Search") },
        query: "words".to_owned(),
        summary: "2 articles".to_owned(),
        filters: filters(),
        latest: true,
        tells_of_full_text: true,
        hits: articles.iter().filter_map(hit).collect(),
        previous: leads(),
        next: leads(),
    };
    theme.render(Template::Search, &full)?;
    let bare = SearchContext {
        chrome: layout.bare_chrome("Search"),
        query: String::new(),
        summary: String::new(),
        filters: FilterContext::default(),
        latest: false,
        tells_of_full_text: false,
        hits: Vec::new(),
        previous: None,
        next: None,
    };
    theme.render(Template::Search, &bare)?;
    Ok(())
}

fn filters() -> FilterContext {
    let choice = |current| ChoiceContext { value: "news".into(), name: "News".into(), current };
    FilterContext {
        used: true,
        sections: vec![choice(true), choice(false)],
        author: "An Author".into(),
        authors: vec!["An Author".into()],
        from: "2026-11-01".into(),
        to: "2026-11-27".into(),
        newest: true,
        faults: vec!["The first day is after the last.".into()],
        clear: "/search?q=words".into(),
    }
}

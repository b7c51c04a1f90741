//! Search, with everything found and with nothing.

use masthead_access::ArticleId;

use crate::{
    contexts::{HitContext, PassageContext, SearchContext},
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
        Some(HitContext { card, passage: vec![part(false), part(true)] })
    };
    let leads = || Some("/search?q=words&page=2".to_owned());
    let full = SearchContext {
        chrome: layout.bare_chrome("Search"),
        asked: "words".to_owned(),
        said: "2 articles".to_owned(),
        hits: articles.iter().filter_map(hit).collect(),
        better: leads(),
        further: leads(),
    };
    theme.render(Template::Search, &full)?;
    let bare = SearchContext {
        chrome: layout.bare_chrome("Search"),
        asked: String::new(),
        said: String::new(),
        hits: Vec::new(),
        better: None,
        further: None,
    };
    theme.render(Template::Search, &bare)?;
    Ok(())
}

//! A new article: its page, and the first save, with which it begins to exist.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    response::IntoResponse,
};
use masthead_access::ArticleId;
use masthead_circulation::staff::Permission;
use masthead_editorial::{draft::Draft, standard_pages::STANDARD_PAGES};
use masthead_store::StoreError;
use rand::RngExt;
use serde::Deserialize;

use super::{
    autosave::{EditorUpdate, Save, SaveForm, clean, save_story},
    editor,
    skeleton::ArticleTemplate,
    story::{find_story, status_in_words, story_address},
};
use crate::{
    error::Handled, http::see_other, notice::Notice, staff::CurrentStaff, state::DeskState,
};

/// The version of a story that was just begun.
const FIRST_VERSION: i64 = 1;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewArticleQuery {
    /// The name of a template; empty for none.
    template: String,
    /// The slug of a page that readers expect, or `new` for another page of the publication; empty for an article.
    page: String,
}

/// `GET /desk/articles/new`: an empty page, or one with a template. There is no article until something is saved.
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<NewArticleQuery>,
) -> Handled {
    let token = format!("{:016x}", rand::rng().random::<u64>());
    let draft = default_draft(&desk, &staff).await?;
    let draft = match ArticleTemplate::named(&query.template) {
        Some(template) => template.apply(draft, staff.words),
        None => own_page(draft, &query.page),
    };
    Ok(editor::blank(&desk, &staff, &draft, token))
}

/// `POST /desk/articles`: begins an article with what was written first.
pub(crate) async fn begin(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Save { form, by_script }: Save,
) -> Handled {
    let slug = first_slug(&form.begun);
    if let Some(id) = desk.store.begun_story(&slug, staff.account.id).await? {
        return save_again(&desk, &staff, id, form, by_script).await;
    }
    let (draft, fault) = clean(&desk, &form.form, &staff).await?;
    let is_empty = draft == Draft::default();
    let draft = if is_empty { default_draft(&desk, &staff).await? } else { draft };
    let attribution = desk.attribution(&staff);
    let Some(id) = desk.store.begin_story(&slug, &draft, attribution).await? else {
        // Another save of the same page has begun it meanwhile, or the page of somebody else.
        let begun = desk.store.begun_story(&slug, staff.account.id).await?;
        return save_again(&desk, &staff, begun.ok_or(Notice::NoArticle)?, form, by_script).await;
    };
    if !by_script {
        return match fault {
            Some(fault) => editor::show(&desk, &staff, id, &fault).await,
            None => Ok(see_other(&story_address(id))),
        };
    }
    let story = find_story(&desk, &staff, id).await?;
    let zone = desk.publication().zone;
    let saved = staff.words.short_time(attribution.at, attribution.at, &zone);
    let update = EditorUpdate {
        summary: status_in_words(&story.entry, attribution.at, &zone, staff.words),
        version: story.entry.version,
        fault: fault.unwrap_or_default(),
        number: id.0,
        saved,
        ..EditorUpdate::default()
    };
    Ok(Json(update).into_response())
}

/// Saves what was sent before, because the answer to the first save has not arrived.
async fn save_again(
    desk: &DeskState,
    staff: &CurrentStaff,
    id: ArticleId,
    form: SaveForm,
    by_script: bool,
) -> Handled {
    let story = find_story(desk, staff, id).await?;
    let is_first = form.version.parse::<i64>().is_ok_and(|version| version < FIRST_VERSION);
    let version = if is_first { FIRST_VERSION.to_string() } else { form.version };
    let form = SaveForm { version, ..form };
    save_story(desk, staff, story, form, by_script).await
}

/// The draft as a page of the publication, if one is asked for.
fn own_page(draft: Draft, page: &str) -> Draft {
    let slug = STANDARD_PAGES.into_iter().find(|slug| *slug == page);
    if slug.is_none() && page != "new" {
        return draft;
    }
    let (kind, slug) = ("page".to_owned(), slug.unwrap_or_default().to_owned());
    Draft { kind, slug, authors: Vec::new(), ..draft }
}

/// What an article begins with: the author of the account, or its name unless they edit what others write.
async fn default_draft(desk: &DeskState, staff: &CurrentStaff) -> Result<Draft, StoreError> {
    let name = match desk.store.author_of(staff.account.id).await? {
        Some(author) => author.name,
        None if staff.may(Permission::Edit) => String::new(),
        None => staff.account.name.clone(),
    };
    let authors = if name.is_empty() { Vec::new() } else { vec![name] };
    Ok(Draft { authors, ..Draft::default() })
}

/// The slug of an article until it is published. The page that begins it names it, so that it is not begun twice.
fn first_slug(token: &str) -> String {
    let is_token = token.len() == 16 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_token {
        return format!("draft-{}", token.to_ascii_lowercase());
    }
    format!("draft-{:016x}", rand::rng().random::<u64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_token_of_ours_becomes_a_slug() {
        assert_eq!(first_slug("0123456789abCDEF"), "draft-0123456789abcdef");
        for other in ["", "admin", "0123456789abcde/", "0123456789abcdef0"] {
            let slug = first_slug(other);
            assert!(slug.len() == 22 && !slug.contains('/'), "{slug}");
            assert_ne!(slug, first_slug(other));
        }
    }
}

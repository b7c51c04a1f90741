//! `/desk/articles/{number}/live/{key}`: a post of live coverage, to correct, pin or remove. Each names the version that was on the
//! page, so that nobody overwrites what they have not seen.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, State};
use http::{StatusCode, request::Parts};
use masthead_access::ArticleId;
use masthead_store::{LivePost, LivePostChange, LivePostNumber, Story};
use serde::Serialize;

use super::{
    author, live_address,
    page::{self, LivePostForm},
    refresh, written,
};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, MAX_CHARACTERS, StaffForm, form_status},
    http::see_other,
    newsroom::story::find_story,
    notice::Notice,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

#[derive(Default, Serialize)]
struct LivePostPage {
    /// The number of the article.
    number: u32,
    /// The headline of the article.
    article: String,
    post: u32,
    version: i64,
    form: LivePostForm,
    /// What somebody else has written meanwhile; empty if nobody has.
    other_headline: String,
    other_text: String,
    fault: String,
}

impl Page for LivePostPage {
    const TEMPLATE: &'static str = "live-post.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// The article and the post whose numbers are in the address. Without a post there was one that was removed.
pub(crate) struct AddressedPost {
    story: Story,
    number: LivePostNumber,
    post: Option<LivePost>,
}

impl FromRequestParts<Arc<DeskState>> for AddressedPost {
    type Rejection = DeskError;

    async fn from_request_parts(
        parts: &mut Parts,
        desk: &Arc<DeskState>,
    ) -> Result<Self, DeskError> {
        let staff = CurrentStaff::from_request_parts(parts, desk).await?;
        let numbers = Path::<(u32, u32)>::from_request_parts(parts, desk).await;
        let Path((article, post)) = numbers.map_err(|_| Notice::NoArticle)?;
        let (id, number) = (ArticleId(article), LivePostNumber(post));
        let story = find_story(desk, &staff, id).await?;
        let post = desk.store.live_post(id, number).await?;
        Ok(Self { story, number, post })
    }
}

/// `GET /desk/articles/{number}/live/{key}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    AddressedPost { story, post, .. }: AddressedPost,
) -> Handled {
    let post = post.ok_or(Notice::NoArticle)?;
    let form = LivePostForm {
        headline: post.headline.clone(),
        text: post.source.clone(),
        ..LivePostForm::default()
    };
    Ok(desk.page(&staff, &LivePostPage { form, ..LivePostPage::of(&story, &post) }))
}

impl LivePostPage {
    fn of(story: &Story, post: &LivePost) -> Self {
        Self {
            number: story.entry.id.0,
            article: story.piece.headline.clone(),
            post: post.number.0,
            version: post.version,
            ..Self::default()
        }
    }
}

/// `POST /desk/articles/{number}/live/{key}`: corrects a post.
pub(crate) async fn correct(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    addressed: AddressedPost,
    StaffForm(fields): StaffForm<Fields, MAX_CHARACTERS>,
) -> Handled {
    let before = addressed.post.as_ref().map_or("", |post| post.body.as_str());
    let text = match written(&desk, &fields, (before, &staff)).await? {
        Ok(text) => text,
        Err(fault) => return show(&desk, &staff, &addressed, &fields, &fault).await,
    };
    let (id, by) = (addressed.story.entry.id, author(&desk, &staff));
    let post = (addressed.number, version(&fields));
    let changed = desk.store.correct_live_post(id, post, &text, by).await?;
    if changed == LivePostChange::Behind {
        let post = desk.store.live_post(id, addressed.number).await?;
        return show(
            &desk,
            &staff,
            &AddressedPost { post, ..addressed },
            &fields,
            staff.words.text("live_changed"),
        )
        .await;
    }
    finish(&desk, &staff, &addressed.story, changed).await
}

/// `POST /desk/articles/{number}/live/{key}/pin`: pins a post before the others, or unpins it.
pub(crate) async fn pin(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    AddressedPost { story, number, .. }: AddressedPost,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let (post, by) = ((number, version(&fields)), author(&desk, &staff));
    let is_pinned = fields.text("do") == "pin";
    let changed = desk.store.pin_live_post(story.entry.id, post, is_pinned, by).await?;
    finish(&desk, &staff, &story, changed).await
}

/// `POST /desk/articles/{number}/live/{key}/removal`: removes a post.
pub(crate) async fn remove(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    AddressedPost { story, number, .. }: AddressedPost,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let (post, by) = ((number, version(&fields)), author(&desk, &staff));
    let changed = desk.store.remove_live_post(story.entry.id, post, by).await?;
    finish(&desk, &staff, &story, changed).await
}

/// The version that was on the page.
fn version(fields: &Fields) -> i64 {
    fields.text("version").parse().unwrap_or_default()
}

/// Leads back to the posts after a change, or says why there was none.
async fn finish(
    desk: &DeskState,
    staff: &CurrentStaff,
    story: &Story,
    changed: LivePostChange,
) -> Handled {
    let fault = match changed {
        LivePostChange::Done => {
            refresh(desk).await;
            return Ok(see_other(&live_address(story.entry.id)));
        }
        LivePostChange::Behind => "live_decide_again",
        LivePostChange::NotRunning | LivePostChange::Full => "live_not_published",
    };
    page::show(desk, staff, story, &Fields::default(), staff.words.text(fault)).await
}

/// The page with what was sent and what was wrong with it, and what the post says now. Of one that was removed, the text is kept
/// in the form for a new one.
async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    AddressedPost { story, post, .. }: &AddressedPost,
    fields: &Fields,
    fault: &str,
) -> Handled {
    let Some(post) = post else {
        return page::show(desk, staff, story, fields, staff.words.text("live_removed")).await;
    };
    let is_other = fault == staff.words.text("live_changed");
    let other = |text: &str| if is_other { text.to_owned() } else { String::new() };
    let form = LivePostForm {
        headline: fields.text("headline"),
        text: fields.text("text"),
        ..LivePostForm::default()
    };
    // Only what was on the page is replaced: the version stays until somebody has seen another.
    let version = if is_other { post.version } else { version(fields) };
    let shown = LivePostPage {
        version,
        form,
        other_headline: other(&post.headline),
        other_text: other(&post.source),
        fault: fault.to_owned(),
        ..LivePostPage::of(story, post)
    };
    Ok(desk.page(staff, &shown))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for LivePostPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                number: 1,
                article: "The flood".into(),
                post: 2,
                version: 3,
                other_headline: "The gates".into(),
                other_text: "They are open.".into(),
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<LivePostPage>();
    }
}

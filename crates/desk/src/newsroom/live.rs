//! `/desk/articles/{number}/live`: live coverage of an article. Posts are published one by one, at once.
//!
//! | module | what is done there |
//! | --- | --- |
//! | `page` | the page on which posts are written, and publishing one |
//! | `post` | correcting, pinning and removing a post |
//! | `coverage` | starting and ending |

pub(crate) mod coverage;
pub(crate) mod page;
pub(crate) mod post;

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_editorial::{clean::FindPicture, live_post::LivePostText};
use masthead_store::LiveAuthor;

use super::{pictures::rights, publishing::rights_remedy};
use crate::{error::DeskError, form::Fields, staff::CurrentStaff, state::DeskState};

/// The address at which an article's live coverage is written.
fn live_address(id: ArticleId) -> String {
    format!("/desk/articles/{}/live", id.0)
}

/// Who writes, and when.
fn author(desk: &DeskState, staff: &CurrentStaff) -> LiveAuthor {
    desk.attribution(staff).into()
}

/// The post that was written in a form, or what has to be changed in it. If pictures cannot be looked up, it is an error: they
/// would be missing from the text. `before` is what readers have of the post.
async fn written(
    desk: &DeskState,
    fields: &Fields,
    (before, staff): (&str, &CurrentStaff),
) -> Result<Result<LivePostText, String>, DeskError> {
    let (headline, text) = (fields.text("headline"), fields.text("text"));
    let read = move |find: &FindPicture<'_>| LivePostText::read(&headline, &text, find);
    let read = desk.media.with_pictures(staff.work_owner(), read).await;
    let read = read.map_err(|error| DeskError::failed("live: read post", error))?;
    let text = match read {
        Ok(text) => text,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let expired = rights::expired_in_post(desk, &text.body, before).await?;
    Ok(match expired.first() {
        Some(picture) => Err(rights_remedy(picture, staff.words)),
        None => Ok(text),
    })
}

/// Shows a change to readers at once.
async fn refresh(desk: &DeskState) {
    if let Err(error) = desk.live.refresh().await {
        tracing::warn!(%error, "live: refresh failed, the next one tries again");
    }
}

/// Whether a time is in the past, so that readers have what was published then.
fn is_past(at: Option<Timestamp>, now: Timestamp) -> bool {
    at.is_some_and(|at| at <= now)
}

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::page::samples::render(rendered);
        super::post::samples::render(rendered);
    }
}

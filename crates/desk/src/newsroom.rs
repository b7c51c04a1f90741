//! `/desk/articles`: writing, reviewing and publishing.
//!
//! Everything works as plain pages and forms. The script of the editor sends the same form, and asks for the answer as
//! JSON.

pub(crate) mod articles;
pub(crate) mod assignment;
pub(crate) mod autosave;
pub(crate) mod begin;
pub(crate) mod calendar;
pub(crate) mod comments;
mod diff;
pub(crate) mod edit_here;
pub(crate) mod editor;
pub(crate) mod embed_cards;
pub(crate) mod find;
pub(crate) mod links;
pub(crate) mod live;
pub(crate) mod local_time;
pub(crate) mod pictures;
pub(crate) mod preview;
pub(crate) mod publishing;
pub(crate) mod review;
pub(crate) mod revisions;
pub(crate) mod selection;
mod skeleton;
pub(crate) mod story;
mod story_form;
pub(crate) mod upload_room;
pub(crate) mod uploads;
pub(crate) mod workflow;

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::articles::samples::render(rendered);
        super::calendar::samples::render(rendered);
        super::comments::samples::render(rendered);
        super::editor::samples::render(rendered);
        super::live::samples::render(rendered);
        super::pictures::samples::render(rendered);
        super::preview::samples::render(rendered);
        super::publishing::samples::render(rendered);
        super::revisions::samples::render(rendered);
    }
}

//! Changing one of several articles.

use masthead_access::ArticleId;
use masthead_circulation::staff::Permission;
use masthead_editorial::{
    Status,
    draft::{self, Draft, PublishDetails, WorkflowState},
    is_same_name,
};
use masthead_store::{Deleted, StoreError, Story, StoryChange, Written};

use super::{SelectionAction, told::LeftBecause};
use crate::{
    error::DeskError,
    newsroom::{publishing::obstacles, story::find_story},
    staff::CurrentStaff,
    state::DeskState,
};

/// What became of one article.
type Outcome = Result<(), LeftBecause>;

/// Changes one article, if the version that was on the page is still the latest.
pub(super) async fn change_one(
    desk: &DeskState,
    staff: &CurrentStaff,
    (id, version): (ArticleId, i64),
    action: &SelectionAction,
) -> Result<Outcome, DeskError> {
    let story = match find_story(desk, staff, id).await {
        Ok(story) => story,
        // It was deleted meanwhile, or is somebody else's.
        Err(DeskError::Notice(_)) => return Ok(Err(LeftBecause::Gone)),
        Err(error) => return Err(error),
    };
    let (is_draft, work) = (story.entry.status == Status::Draft, story.entry.work);
    let attribution = desk.attribution(staff);
    let set = |work, change| desk.store.set_work(id, version, work, change, attribution);
    let outcome = match action {
        SelectionAction::Archive if !is_draft => Err(LeftBecause::Published),
        SelectionAction::Archive if work == WorkflowState::Archived => Err(LeftBecause::Same),
        SelectionAction::Archive => {
            written(set(WorkflowState::Archived, StoryChange::Archived).await)?
        }
        SelectionAction::Restore if work != WorkflowState::Archived => Err(LeftBecause::Same),
        SelectionAction::Restore => {
            written(set(WorkflowState::Writing, StoryChange::Returned).await)?
        }
        SelectionAction::Delete => {
            match desk.store.delete_blank_story(id, version, attribution).await? {
                Deleted::Done => Ok(()),
                Deleted::Behind => Err(LeftBecause::Behind),
                Deleted::NotBlank => Err(LeftBecause::Words),
            }
        }
        SelectionAction::Section(_) | SelectionAction::Topic(_) | SelectionAction::Access(_) => {
            set_facts(desk, staff, &story, version, action).await?
        }
    };
    Ok(outcome)
}

fn written(result: Result<Written, StoreError>) -> Result<Outcome, StoreError> {
    Ok(match result? {
        Written::Done(_) => Ok(()),
        Written::Behind => Err(LeftBecause::Behind),
        Written::Embargoed { .. } => Err(LeftBecause::Embargo),
    })
}

/// Changes the facts of an article. Of one that readers have, or will, what they get is changed.
async fn set_facts(
    desk: &DeskState,
    staff: &CurrentStaff,
    story: &Story,
    version: i64,
    action: &SelectionAction,
) -> Result<Outcome, DeskError> {
    let entry = &story.entry;
    let Some(draft) = changed(&story.draft, action) else { return Ok(Err(LeftBecause::Same)) };
    let attribution = desk.attribution(staff);
    if entry.work == WorkflowState::Archived {
        return Ok(Err(LeftBecause::Archived));
    }
    if entry.status != Status::Published {
        let saved = desk.store.save_draft(entry.id, version, &draft, attribution).await;
        return Ok(written(saved)?);
    }
    if !staff.may(Permission::Edit) {
        return Ok(Err(LeftBecause::NotEditor));
    }
    if entry.work != WorkflowState::None {
        return Ok(Err(LeftBecause::OpenChanges));
    }
    let (sections, before) = (desk.snapshot().sections(), &story.piece);
    let Some(published) = before.published else { return Ok(Err(LeftBecause::OpenChanges)) };
    if !obstacles(desk, staff, &draft, Some(before)).await?.is_empty() {
        return Ok(Err(LeftBecause::Obstacles));
    }
    let slugs = desk.publication().slugs;
    let how = PublishDetails { slug: before.slug.clone(), published, correction: None, slugs };
    let mut piece = draft.publish(how, &sections, Some(before));
    piece.updated = draft::updated(&piece, before, attribution.at);
    let is_out = published <= attribution.at;
    let change = if is_out { StoryChange::Corrected } else { StoryChange::Scheduled };
    let published = desk.store.publish_story(entry.id, version, piece, change, attribution).await;
    Ok(written(published)?)
}

/// The draft with the change, or `None` if it has it already.
fn changed(draft: &Draft, action: &SelectionAction) -> Option<Draft> {
    let mut after = draft.clone();
    match action {
        SelectionAction::Section(slug) => after.section.clone_from(slug),
        SelectionAction::Access(tier) => after.tier.clone_from(tier),
        SelectionAction::Topic(name) => {
            let is_known = after.topics.iter().any(|known| is_same_name(known, name));
            if !is_known {
                after.topics.push(name.clone());
            }
        }
        SelectionAction::Archive | SelectionAction::Restore | SelectionAction::Delete => {}
    }
    (after != *draft).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_added_once_however_it_is_written() {
        let topic = |name: &str| SelectionAction::Topic(name.to_owned());
        let first = changed(&Draft::default(), &topic("Tides")).expect("a change");
        assert_eq!(first.topics, ["Tides"]);
        assert_eq!(changed(&first, &topic("tides")), None);
        let section = SelectionAction::Section("town".to_owned());
        let moved = changed(&first, &section).expect("a change");
        assert_eq!((moved.section.as_str(), changed(&moved, &section)), ("town", None));
    }
}

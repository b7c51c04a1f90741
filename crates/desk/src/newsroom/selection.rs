//! `POST /desk/articles/selection`: what is done with several articles of the list at once. Each article is changed in a
//! transaction of its own; those that cannot be changed are named with the reason.

mod change;
mod told;

use std::sync::Arc;

use axum::extract::State;
use masthead_access::{ArticleId, Tier, printable};
use masthead_editorial::{Section, slug::slugify};

pub(super) use self::told::{LeftArticle, left_in_words, told_in_words};
use self::{change::change_one, told::LeftBecause};
use super::{
    articles::{ArticlesQuery, BY_RULES},
    publishing::refresh,
};
use crate::{
    error::Handled,
    form::{Fields, StaffForm},
    http::see_other,
    staff::CurrentStaff,
    state::DeskState,
};

/// Articles that are changed at once: those of one page of the list.
const MAX_SELECTED: usize = 50;
/// Characters of a topic.
const MAX_TOPIC: usize = 80;

/// What is done with each article.
#[derive(Clone, Debug, PartialEq, Eq)]
enum SelectionAction {
    Archive,
    Restore,
    Delete,
    /// The slug of the section that they go to.
    Section(String),
    /// The topic that is added.
    Topic(String),
    /// The tier that is set on them, as text; empty if rules are to decide.
    Access(String),
}

impl SelectionAction {
    /// The action that a form asks for. `None` if it does not say what it needs.
    fn of(fields: &Fields, sections: &[Section]) -> Option<Self> {
        match fields.text("do").as_str() {
            "archive" => Some(Self::Archive),
            "restore" => Some(Self::Restore),
            "delete" => Some(Self::Delete),
            "section" => {
                let slug = fields.text("section");
                sections.iter().any(|known| known.slug == slug).then_some(Self::Section(slug))
            }
            "topic" => {
                let topic = printable(&fields.text("topic")).into_owned();
                let topic: String = topic.chars().take(MAX_TOPIC).collect();
                (!slugify(&topic).is_empty()).then_some(Self::Topic(topic))
            }
            "access" => match fields.text("access").as_str() {
                "" => None,
                BY_RULES => Some(Self::Access(String::new())),
                tier => tier.parse::<Tier>().ok().map(|tier| Self::Access(tier.to_string())),
            },
            _ => None,
        }
    }

    /// What became of the articles, for the address of the list.
    fn participle(&self) -> &'static str {
        match self {
            Self::Archive => "archived",
            Self::Restore => "restored",
            Self::Delete => "deleted",
            Self::Section(_) | Self::Topic(_) | Self::Access(_) => "changed",
        }
    }
}

/// `POST /desk/articles/selection`
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let back = serde_urlencoded::from_str::<ArticlesQuery>(&fields.text("back"));
    let mut back =
        ArticlesQuery { told: String::new(), left: String::new(), ..back.unwrap_or_default() };
    let Some(action) = SelectionAction::of(&fields, &desk.snapshot().sections()) else {
        back.told = "incomplete".to_owned();
        return Ok(see_other(&back.address()));
    };
    let all = fields.all("story");
    if all.is_empty() {
        back.told = "nothing".to_owned();
        return Ok(see_other(&back.address()));
    }
    let (mut done, mut left) = (0_usize, Vec::new());
    let mut is_failed = false;
    for selected in all.iter().take(MAX_SELECTED) {
        let Some((id, version)) = numbers(selected) else { continue };
        let changed = if is_failed {
            Ok(Err(LeftBecause::Failed))
        } else {
            change_one(&desk, &staff, (id, version), &action).await
        };
        match changed {
            Ok(Ok(())) => done += 1,
            Ok(Err(because)) => left.push(format!("{}.{}", id.0, because.name())),
            // What was done before is reported, and the others are not tried.
            Err(error) => {
                tracing::error!(?error, "articles: selection not changed as a whole");
                is_failed = true;
                left.push(format!("{}.{}", id.0, LeftBecause::Failed.name()));
            }
        }
    }
    refresh(&desk).await;
    back.told = format!("{}-{done}", action.participle());
    back.left = left.join("-");
    Ok(see_other(&back.address()))
}

/// The number of an article, and the version that was on the page: `3-1`.
fn numbers(selected: &str) -> Option<(ArticleId, i64)> {
    let (number, version) = selected.split_once('-')?;
    Some((ArticleId(number.parse().ok()?), version.parse().ok()?))
}

//! What the page says about each link: what it leads to, and whether readers see it.

use masthead_editorial::{
    menus::MenuTarget,
    paths::{self, one_spelling, readable},
};
use masthead_publication::layout::{DestinationKind, Layout, Unavailable};
use serde::Serialize;

use super::form::MenuRow;
use crate::words::DeskWords;

/// A row of the form with what is known about it.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ShownRow {
    #[serde(flatten)]
    row: MenuRow,
    /// Its words if it has no label.
    name: String,
    /// What it is: a section, a page.
    kind: String,
    /// Why readers do not see it, or where it leads instead; empty if there is nothing to say.
    note: String,
    /// Whether the address is entered, and not only chosen.
    is_entered: bool,
}

/// Rows with what is known about them.
pub(super) fn shown(rows: Vec<MenuRow>, layout: &Layout<'_>, words: DeskWords) -> Vec<ShownRow> {
    rows.into_iter().map(|row| shown_row(row, layout, words)).collect()
}

fn shown_row(row: MenuRow, layout: &Layout<'_>, words: DeskWords) -> ShownRow {
    let text = |name: &str| words.text(name).to_owned();
    if row.is_group {
        return ShownRow { row, ..ShownRow::default() };
    }
    let Ok(target) = row.to.parse::<MenuTarget>() else {
        return ShownRow {
            kind: text("menus_outside"),
            is_entered: true,
            row,
            ..ShownRow::default()
        };
    };
    let others = match &target {
        MenuTarget::OtherSections => Some("menus_other_sections"),
        MenuTarget::OtherPages => Some("menus_other_pages"),
        MenuTarget::Path(_) | MenuTarget::Outside(_) => None,
    };
    if let Some(name) = others {
        return ShownRow { name: text(name), row, ..ShownRow::default() };
    }
    match layout.destination(&target) {
        Ok(to) => {
            let is_moved = to.href != one_spelling(&row.to) && to.kind != DestinationKind::Outside;
            let moved = || words.fill("menus_note_moved", &[("address", &readable(&to.href))]);
            ShownRow {
                note: if is_moved { moved() } else { String::new() },
                kind: text(kind(to.kind)),
                is_entered: to.kind == DestinationKind::Outside,
                name: to.name,
                row,
            }
        }
        Err(why) => {
            let mut sections = layout.publication.sections.iter();
            let section =
                sections.find(|section| one_spelling(&row.to) == paths::section(&section.slug));
            ShownRow {
                name: section.map_or_else(|| row.to.clone(), |section| section.name.clone()),
                note: text(reason(why)),
                is_entered: why == Unavailable::Absent,
                row,
                ..ShownRow::default()
            }
        }
    }
}

fn kind(kind: DestinationKind) -> &'static str {
    match kind {
        DestinationKind::Section => "menus_section",
        DestinationKind::Topic => "menus_topic",
        DestinationKind::Author => "menus_author",
        DestinationKind::Page => "menus_page",
        DestinationKind::Article => "menus_article",
        DestinationKind::Site => "menus_site",
        DestinationKind::Outside => "menus_outside",
    }
}

fn reason(why: Unavailable) -> &'static str {
    match why {
        Unavailable::Absent => "menus_note_absent",
        Unavailable::EmptySection => "menus_note_empty",
        Unavailable::Locked => "menus_note_locked",
        Unavailable::NothingSold => "menus_note_unsold",
    }
}

#[cfg(test)]
pub(super) fn samples() -> Vec<ShownRow> {
    let text = || "something".to_owned();
    let full = MenuRow { is_group: false, to: "/town".into(), label: text(), shown: true };
    let entered =
        ShownRow { row: full.clone(), name: text(), kind: text(), note: text(), is_entered: true };
    let group =
        ShownRow { row: MenuRow { is_group: true, ..MenuRow::default() }, ..ShownRow::default() };
    vec![group, entered.clone(), ShownRow { is_entered: false, ..entered }, ShownRow::default()]
}

//! `/desk/articles/{number}/assignment`: who writes an article, which editor is responsible for it, and by when it is due.

use std::sync::Arc;

use axum::extract::State;
use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{
    Account, AccountId, Assignment, InvalidAssignment,
    staff::{Permission, Staff},
};
use masthead_store::{Assigned, StoryEntry};
use serde::Serialize;

use super::{
    editor::{EditorNotice, show, show_assignment},
    local_time::{local_text, parse_local, zone_name, zone_of_form},
    story::EditableStory,
};
use crate::{
    error::Handled,
    form::{Fields, StaffForm},
    format::{colleague_or_former, display_name},
    http::see_other,
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// The assignment of a story in the panel with its details.
#[derive(Default, Serialize)]
pub(super) struct AssignmentFields {
    /// Those who may write.
    writers: Vec<WriterChoice>,
    /// Those who may edit: number and name.
    editors: Vec<(u32, String)>,
    /// The number of the responsible editor; 0 for none.
    editor: u32,
    /// Their name; empty for none.
    editor_name: String,
    /// In the time zone of the form; empty for none.
    deadline: String,
    /// The name of the time zone of the form.
    time_zone: String,
    /// The deadline in words; empty for none.
    due: String,
    /// Whether what was sent is shown, which was not accepted.
    is_sent: bool,
    /// The assignment that is shown, so that nobody changes one that they have not seen.
    seen: String,
}

#[derive(Default, Serialize)]
struct WriterChoice {
    number: u32,
    name: String,
    is_assigned: bool,
}

impl AssignmentFields {
    /// What the panel shows of a story's assignment.
    pub fn of(
        entry: &StoryEntry,
        everybody: &[(Staff, Account)],
        zone: &TimeZone,
        words: DeskWords,
    ) -> Self {
        let may =
            |permission| everybody.iter().filter(move |(staff, _)| staff.role.may(permission));
        let writer = |(staff, account): &(Staff, Account)| WriterChoice {
            number: staff.account.0,
            name: display_name(account),
            is_assigned: entry.writers.contains(&staff.account),
        };
        let mut editors: Vec<(u32, String)> = may(Permission::Edit)
            .map(|(staff, account)| (staff.account.0, display_name(account)))
            .collect();
        let editor_name = entry.editor.map(|editor| colleague_or_former(everybody, editor, words));
        let former = entry.editor.filter(|id| editors.iter().all(|known| known.0 != id.0));
        if let (Some(id), Some(name)) = (former, &editor_name) {
            editors.push((id.0, name.clone()));
        }
        let mut writers: Vec<WriterChoice> = may(Permission::Write).map(writer).collect();
        // Who has left, or writes no more, can be taken off.
        let left = entry.writers.iter().filter(|id| writers.iter().all(|own| own.number != id.0));
        let left: Vec<WriterChoice> = left
            .map(|id| WriterChoice {
                number: id.0,
                name: colleague_or_former(everybody, *id, words),
                is_assigned: true,
            })
            .collect();
        writers.extend(left);
        Self {
            writers,
            editors,
            editor: entry.editor.map(|editor| editor.0).unwrap_or_default(),
            editor_name: editor_name.unwrap_or_default(),
            deadline: entry.deadline.map(|at| local_text(at, zone)).unwrap_or_default(),
            time_zone: zone_name(zone),
            due: entry.deadline.map(|at| words.date_time(at, zone)).unwrap_or_default(),
            seen: token(&entry.assignment()),
            is_sent: false,
        }
    }

    /// The same with what a form has sent, so that nothing has to be chosen again.
    pub fn with_sent(mut self, fields: &Fields, may_edit: bool) -> Self {
        let chosen = fields.all("writer");
        for writer in &mut self.writers {
            let stays = !may_edit && writer.is_assigned;
            writer.is_assigned = stays || chosen.contains(&writer.number.to_string());
        }
        if may_edit {
            self.editor = fields.text("editor").parse().unwrap_or_default();
            self.deadline = fields.text("deadline");
            self.time_zone = fields.text("time_zone");
        }
        Self { is_sent: true, ..self }
    }
}

/// `POST /desk/articles/{number}/assignment`
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let (id, words) = (story.entry.id, staff.words);
    let seen = story.entry.assignment();
    if fields.text("seen") != token(&seen) {
        return show(&desk, &staff, id, words.text("fault_assigned_since")).await;
    }
    let may_edit = staff.may(Permission::Edit);
    let wanted = match wanted(&fields, &seen, may_edit, &desk.publication().zone, words) {
        Ok(wanted) => wanted,
        Err(fault) => return show_assignment(&desk, &staff, id, &fault, &fields).await,
    };
    match desk.store.assign(id, &seen, &wanted, desk.attribution(&staff)).await? {
        Assigned::Done => {
            let saved = EditorNotice::Assigned.address(id);
            Ok(see_other(&format!("{saved}#assignment-title")))
        }
        Assigned::Behind => show(&desk, &staff, id, words.text("fault_assigned_since")).await,
        Assigned::Refused(refused) => {
            show_assignment(&desk, &staff, id, words.text(why(refused)), &fields).await
        }
    }
}

/// The assignment that a form asks for. Writers who are not offered stay, and so does everything that authors do not change.
///
/// # Errors
///
/// What to correct if the deadline is no time.
fn wanted(
    fields: &Fields,
    seen: &Assignment,
    may_edit: bool,
    zone: &TimeZone,
    words: DeskWords,
) -> Result<Assignment, String> {
    let number = |text: &str| text.parse().ok().filter(|number| *number > 0).map(AccountId);
    let numbers = |name: &str| {
        let all = fields.all(name);
        all.iter().filter_map(|text| number(text)).collect::<Vec<_>>()
    };
    let (chosen, offered) = (numbers("writer"), numbers("offered"));
    let stays = |writer: &&AccountId| !may_edit || !offered.contains(writer);
    let writers = chosen.into_iter().chain(seen.writers.iter().filter(stays).copied()).collect();
    if !may_edit {
        return Ok(Assignment::new(writers, seen.editor, seen.deadline));
    }
    let (text, zone) = (fields.text("deadline"), &zone_of_form(&fields.text("time_zone"), zone));
    let deadline = match seen.deadline {
        // The form has no seconds: a deadline that was not changed stays as it is.
        Some(at) if text == local_text(at, zone) => Some(at),
        _ if text.is_empty() => None,
        // The beginning of a day would be over all through the day that was meant.
        _ if !text.contains(':') => {
            let why = words.text("fault_deadline_time");
            return Err(words.fill("fault_deadline", &[("why", &why)]));
        }
        _ => Some(parse_local(&text, zone).map_err(|error| {
            words.fill("fault_deadline", &[("why", &error.in_words(&text, zone, words))])
        })?),
    };
    Ok(Assignment::new(writers, number(&fields.text("editor")), deadline))
}

fn why(refused: InvalidAssignment) -> &'static str {
    match refused {
        InvalidAssignment::NoWriter(_) => "fault_assigned_writer",
        InvalidAssignment::NoEditor(_) => "fault_assigned_editor",
        InvalidAssignment::OnlyEditors => "fault_assigned_by_author",
    }
}

/// An assignment as a form sends it back.
fn token(assignment: &Assignment) -> String {
    let writers: Vec<String> =
        assignment.writers.iter().map(|writer| writer.0.to_string()).collect();
    let editor = assignment.editor.map(|editor| editor.0).unwrap_or_default();
    let deadline = assignment.deadline.map(Timestamp::as_second).unwrap_or_default();
    format!("{};{editor};{deadline}", writers.join(","))
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;

    impl AssignmentFields {
        pub fn sample() -> Self {
            let writer =
                |number, is_assigned| WriterChoice { number, name: "Ada".to_owned(), is_assigned };
            Self {
                writers: vec![writer(1, true), writer(2, false)],
                editors: vec![(3, "Ed".to_owned())],
                editor: 3,
                editor_name: "Ed".to_owned(),
                deadline: "2026-11-24 07:00".to_owned(),
                time_zone: "UTC".into(),
                due: "24 November 2026, 07:00".to_owned(),
                seen: "1;3;0".to_owned(),
                is_sent: true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(form: &str) -> Fields {
        serde_urlencoded::from_str(form).expect("a form")
    }

    #[test]
    fn writers_who_are_not_offered_stay() {
        let seen = Assignment::new(vec![AccountId(1), AccountId(9)], None, None);
        let form = sent("offered=1&offered=2&writer=2&editor=3&deadline=2027-01-20+18:00");
        let (zone, words) = (TimeZone::UTC, DeskWords::default());
        let by_editor = wanted(&form, &seen, true, &zone, words).expect("valid");
        let due = "2027-01-20T18:00:00Z".parse().ok();
        let ids = vec![AccountId(2), AccountId(9)];
        assert_eq!(by_editor, Assignment::new(ids, Some(AccountId(3)), due));
        // An author adds, and changes nothing else.
        let by_author = wanted(&form, &seen, false, &zone, words).expect("valid");
        let ids = vec![AccountId(1), AccountId(2), AccountId(9)];
        assert_eq!(by_author, Assignment::new(ids, None, None));
    }

    #[test]
    fn a_deadline_is_a_time_and_one_that_is_shown_keeps_its_seconds() {
        let at: Timestamp = "2027-01-20T18:00:59Z".parse().expect("a time");
        let seen = Assignment::new(Vec::new(), None, Some(at));
        let (zone, words) = (TimeZone::UTC, DeskWords::default());
        let due = |text: &str| {
            wanted(&sent(&format!("deadline={text}")), &seen, true, &zone, words)
                .map(|wanted| wanted.deadline)
        };
        assert_eq!(due("2027-01-20+18:00"), Ok(Some(at)));
        assert_eq!(due(""), Ok(None));
        let fault = due("Friday+25:00").expect_err("refused");
        assert!(fault.contains("Friday"), "{fault}");
        // A day begins long before it is over.
        let fault = due("2027-01-20").expect_err("refused");
        assert!(fault.contains("with a time"), "{fault}");
    }
}

//! `/desk/kept-forms/{secret}`: a form that was kept while its sender confirmed who they are. Nothing is done before they send it
//! here, with everything that was entered, so the page says what it does, and for whom.
//!
//! To protect another form with a recent sign-in: give it a line in [`FORMS`], which a test demands.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use masthead_circulation::{AccountId, Secret, staff::Permission};
use serde::Serialize;

use crate::{
    error::{DeskError, Handled},
    format::display_name,
    people::roles::role_name,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// What a form does, by the pattern of its address: the word on its button, and the number of parts of its path that lead back to
/// the page that it is on.
const FORMS: &[(&str, &str, usize)] = &[
    ("/desk/security/authenticator", "factor_set_up", 2),
    ("/desk/security/authenticator/confirmation", "factor_turn_on", 2),
    ("/desk/security/authenticator/removal", "factor_remove", 2),
    ("/desk/security/recovery-codes", "factor_renew", 2),
    ("/desk/readers/new", "readers_add", 3),
    ("/desk/readers/import", "import_upload", 3),
    (SELECTION, "kept_readers", 2),
    ("/desk/readers/imports/{key}", "kept_import", 4),
    ("/desk/readers/jobs/{number}/resumption", "readers_job_resume", 2),
    ("/desk/readers/{number}/subscription", "give_button", 3),
    ("/desk/readers/{number}/subscriptions/{key}/extension", "extend_button", 3),
    ("/desk/readers/{number}/subscriptions/{key}/payment", "paid_button", 3),
    ("/desk/readers/{number}/subscriptions/{key}/withdrawal", "withdrawal_button", 3),
    ("/desk/readers/{number}/subscriptions/{key}/price", "plan_change", 6),
    ("/desk/readers/{number}/subscriptions/{key}/termination", "dispute_end_button", 3),
    ("/desk/readers/{number}/debts/{key}/forgiveness", "debt_button", 3),
    ("/desk/readers/{number}/payments/{key}/refund", "refund_button", 3),
    ("/desk/payments/{number}/refund", "refund_button", 3),
    ("/desk/people/invitations", "people_invite_button", 2),
    ("/desk/people/sessions/end", "people_sign_all_out", 2),
    ("/desk/people/second-factor", "people_factor_button", 2),
    ("/desk/people/{number}/role", "people_change_role", 2),
    ("/desk/people/{number}/sessions/end", "people_sign_out", 2),
    ("/desk/people/{number}/dismissal", "people_remove", 2),
    ("/desk/email", "email_test_send", 2),
    ("/desk/payment-processor", "kept_check", 2),
    ("/desk/seller", "save_live", 2),
    ("/desk/retention", "save_live", 2),
    ("/desk/backups", "save_live", 2),
    ("/desk/history/seller", "history_restore", 1),
    ("/desk/history/retention", "history_restore", 1),
    ("/desk/history/backups", "history_restore", 1),
    ("/desk/imports", "archive_upload", 2),
    (ARCHIVE, "kept_import", 3),
    ("/desk/backups/new", "backups_new", 2),
    ("/desk/backups/{number}/deletion", "backups_delete_button", 2),
];

/// The forms whose buttons do different things: of readers of the list, and of an archive.
const SELECTION: &str = "/desk/readers/selection";
const ARCHIVE: &str = "/desk/imports/{key}/state";

/// What a form with several buttons does: the pattern of its address, the value of the field `do`, and the word on the button.
const BUTTONS: [(&str, &str, &str); 7] = [
    (SELECTION, "label", "label_add"),
    (SELECTION, "unlabel", "label_remove"),
    (SELECTION, "extend", "readers_extend"),
    (ARCHIVE, "check", "archive_check_again"),
    (ARCHIVE, "stop", "archive_stop"),
    (ARCHIVE, "resume", "archive_resume"),
    (ARCHIVE, "delete", "archive_delete"),
];

/// What is shown of a form: the name of a field, and the word for it.
const SHOWN: [(&str, &str); 6] = [
    ("amount", "refund_amount"),
    ("new_label", "readers_label"),
    ("until", "last_day"),
    ("email", "people_email"),
    ("role", "people_role"),
    ("reason", "reason"),
];

#[derive(Default, Serialize)]
struct KeptFormPage {
    /// Where the form is sent; empty if it is not kept any more.
    action: String,
    /// Name and value of all fields.
    fields: Vec<(String, String)>,
    /// What the form does, as on its button.
    button: &'static str,
    /// Who and what it is about: labels and values.
    about: Vec<(&'static str, String)>,
    /// The page that the form is on.
    back: String,
}

impl Page for KeptFormPage {
    const TEMPLATE: &'static str = "kept-form.html";

    fn status(&self) -> StatusCode {
        if self.action.is_empty() { StatusCode::NOT_FOUND } else { StatusCode::OK }
    }
}

/// Returns the address at which a kept form is shown.
pub(crate) fn address(secret: &Secret) -> String {
    format!("/desk/kept-forms/{secret}")
}

/// `GET /desk/kept-forms/{secret}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(secret): Path<String>,
) -> Handled {
    let form = match secret.parse::<Secret>() {
        Ok(secret) => desk.store.kept_form(&secret.digest(), staff.account.id, desk.now()).await?,
        Err(_) => None,
    };
    let Some(form) = form else { return Ok(desk.page(&staff, &KeptFormPage::default())) };
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(form.body.as_bytes()).into_owned().collect();
    let (word, back) = what(&form.path, &fields);
    let page = KeptFormPage {
        button: staff.words.text(word),
        about: about(&desk, &staff, &form.path, &fields).await?,
        back,
        fields,
        action: form.path,
    };
    Ok(desk.page(&staff, &page))
}

/// The word for what the form at a path does with these fields, and the path of the page that it is on.
fn what(path: &str, fields: &[(String, String)]) -> (&'static str, String) {
    let known = FORMS.iter().find(|(pattern, ..)| is_at(path, pattern));
    let Some((pattern, word, parts)) = known else { return ("kept_send", "/desk".to_owned()) };
    if let Some(settings) = pattern.strip_prefix("/desk/history/") {
        return (word, format!("/desk/{settings}"));
    }
    let back: Vec<&str> = path.split('/').skip(1).take(*parts).collect();
    (pressed(path, fields).unwrap_or(word), format!("/{}", back.join("/")))
}

/// The word for what a form with several buttons does.
fn pressed(path: &str, fields: &[(String, String)]) -> Option<&'static str> {
    let button = value(fields, "do")?;
    let is_it =
        |(pattern, known, _): &&(&str, &str, &str)| *known == button && is_at(path, pattern);
    BUTTONS.iter().find(is_it).map(|(.., word)| *word)
}

/// With which readers of the list something is done.
fn scope(fields: &[(String, String)], words: DeskWords) -> String {
    if value(fields, "scope") == Some("all") {
        return words.text("kept_all_readers").to_owned();
    }
    let chosen = fields.iter().filter(|(field, _)| field == "reader").count();
    words.count("kept_chosen_readers", chosen as u64)
}

fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let field = fields.iter().find(|(field, value)| field == name && !value.is_empty());
    field.map(|(_, value)| value.as_str())
}

/// What was entered, as people read it.
fn shown(name: &str, value: &str, words: DeskWords) -> String {
    let role = value.parse().ok().filter(|_| name == "role");
    role.map_or_else(|| value.to_owned(), |role| role_name(words, role).to_owned())
}

fn is_at(path: &str, pattern: &str) -> bool {
    let (path, pattern): (Vec<&str>, Vec<&str>) =
        (path.split('/').collect(), pattern.split('/').collect());
    let is_same = |(part, wanted): (&&str, &&str)| part == wanted || wanted.starts_with('{');
    path.len() == pattern.len() && path.iter().zip(&pattern).all(is_same)
}

/// The reader or colleague whom a form is about, the invoice, and what was entered.
async fn about(
    desk: &DeskState,
    staff: &CurrentStaff,
    path: &str,
    fields: &[(String, String)],
) -> Result<Vec<(&'static str, String)>, DeskError> {
    let words = staff.words;
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (whom, may_see) = match parts.get(1) {
        Some(&"readers") => ("kept_reader", staff.may(Permission::SupportReaders)),
        Some(&"people") => ("kept_colleague", staff.may(Permission::ManageStaff)),
        _ => ("", false),
    };
    let mut about = Vec::new();
    let number = parts.get(2).and_then(|number| number.parse().ok()).filter(|_| may_see);
    if let Some(number) = number
        && let Some(account) = desk.store.account(AccountId(number)).await?
    {
        about.push((words.text(whom), display_name(&account)));
    }
    let payment = match parts.as_slice() {
        [_, "readers", _, "payments", payment, _] | [_, "payments", payment, _] => Some(*payment),
        _ => None,
    };
    about.extend(payment.map(|payment| (words.text("kept_invoice"), payment.to_owned())));
    if path == SELECTION {
        about.push((words.text("readers_scope"), scope(fields, words)));
    }
    for (name, word) in SHOWN {
        let entered = value(fields, name);
        about.extend(entered.map(|value| (words.text(word), shown(name, value, words))));
    }
    Ok(about)
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for KeptFormPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                action: "/desk/readers/1/payments/S-1/refund".to_owned(),
                fields: vec![("amount".to_owned(), "3.00".to_owned())],
                button: "Refund payment",
                about: vec![("Reader", "Rea".to_owned())],
                back: "/desk/readers/1".to_owned(),
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<KeptFormPage>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::confirmed_addresses;

    #[test]
    fn every_form_that_takes_a_recent_sign_in_says_what_it_does() {
        // What is only opened is opened again, and nothing is kept.
        let is_form = |pattern: &&str| !pattern.contains('.') && !pattern.contains("/exports/");
        for pattern in confirmed_addresses().into_iter().filter(is_form) {
            if pattern.starts_with("/desk/kept-forms/") {
                continue;
            }
            let path = pattern.replace("{number}", "12").replace("{key}", "S-3");
            assert_ne!(what(&path, &[]).0, "kept_send", "{pattern} has no line in FORMS");
        }
    }

    #[test]
    fn the_button_is_the_one_that_was_pressed() {
        for (button, word) in
            [("label", Some("label_add")), ("unlabel", Some("label_remove")), ("x", None)]
        {
            let fields = [("do".to_owned(), button.to_owned())];
            assert_eq!(pressed("/desk/readers/selection", &fields), word, "{button}");
            assert_eq!(pressed("/desk/seller", &fields), None);
        }
    }

    #[test]
    fn cancelling_leads_to_the_page_of_the_form() {
        for (path, back) in [
            ("/desk/readers/12/payments/S-3/refund", "/desk/readers/12"),
            ("/desk/readers/12/subscriptions/4/price", "/desk/readers/12/subscriptions/4/price"),
            ("/desk/readers/selection", "/desk/readers"),
            ("/desk/payments/S-3/refund", "/desk/payments/S-3"),
            ("/desk/history/seller", "/desk/seller"),
            ("/desk/people/12/role", "/desk/people"),
            ("/desk/unknown", "/desk"),
        ] {
            assert_eq!(what(path, &[]).1, back, "{path}");
        }
    }

    #[test]
    fn the_form_of_an_archive_says_what_the_pressed_button_does() {
        let word =
            |button: &str| what("/desk/imports/4/state", &[("do".to_owned(), button.to_owned())]).0;
        assert_eq!(word("delete"), "archive_delete");
        assert_eq!(word("stop"), "archive_stop");
        assert_eq!(word("start"), "kept_import");
        let other = what("/desk/backups/4/deletion", &[("do".to_owned(), "stop".to_owned())]);
        assert_eq!(other.0, "backups_delete_button");
    }
}

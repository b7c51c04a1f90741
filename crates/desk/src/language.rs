//! The language of the desk: each member of the staff chooses theirs, which a cookie on their device stores, and their
//! entry in the staff for emails. Otherwise it is that of the publication, or English.

use std::sync::Arc;

use axum::extract::State;
use http::HeaderMap;
use masthead_web::{
    cookies,
    form::{safe_local_path, see_other},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::Handled, form::StaffForm, staff::CurrentStaff, state::DeskState, words::DeskWords,
};

/// How long a choice is stored, in seconds: a year.
const LIFETIME: i64 = 365 * 24 * 3600;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct LanguageForm {
    /// The tag of a language (BCP 47).
    language: String,
    /// The page on which it was chosen.
    from: String,
}

/// A language to choose.
#[derive(Serialize)]
pub(crate) struct LanguageChoice {
    tag: &'static str,
    /// Its name in that language.
    name: &'static str,
}

/// The languages to choose from.
pub(crate) fn choices() -> Vec<LanguageChoice> {
    let choice =
        |words: DeskWords| LanguageChoice { tag: words.tag(), name: words.text("language_name") };
    DeskWords::all().map(choice).collect()
}

impl DeskState {
    /// The words for a request.
    pub(crate) fn words(&self, headers: &HeaderMap) -> DeskWords {
        let chosen = cookies::get(headers, self.cookies.language);
        let chosen = chosen.and_then(DeskWords::in_language);
        let ours = || DeskWords::in_language(self.live.peek().publication.locale.tag());
        chosen.or_else(ours).unwrap_or_default()
    }
}

/// `POST /desk/language`: stores the choice, and returns to the page. The choice on a device that was made last is that of emails.
pub(crate) async fn choose(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<LanguageForm>,
) -> Handled {
    let to = if form.from.is_empty() { "/desk" } else { safe_local_path(&form.from) };
    let chosen = DeskWords::in_language(&form.language);
    if let Some(words) = chosen {
        desk.store.set_staff_language(staff.account.id, words.tag()).await?;
    }
    let cookie = chosen.map(|words| desk.cookies.set(desk.cookies.language, words.tag(), LIFETIME));
    Ok(see_other(to, cookie.as_slice()))
}

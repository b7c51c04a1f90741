//! `/desk/authors/{slug}`: one author.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use masthead_circulation::reading::FollowKind;
use masthead_editorial::{paths, slug::is_slug};
use masthead_store::{AuthorRecord, AuthorWrite};
use serde::Serialize;

use super::{
    form::{AuthorForm, MAX_FORM, NEW},
    list::{author_address, count},
};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm, form_status},
    format::display_name,
    http::see_other,
    newsroom::publishing::refresh,
    notice::Notice,
    renaming::progress,
    settings::save::FormFault,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

const AUTHOR: FollowKind = FollowKind::Author;

#[derive(Default, Serialize)]
struct AuthorPage {
    /// Where the form is sent.
    to: String,
    is_new: bool,
    /// The name that is stored.
    title: String,
    /// The page on the site; empty if there is none.
    public: String,
    articles: String,
    has_articles: bool,
    version: i64,
    /// The address of the file that is shown as the portrait; empty if there is none.
    portrait: String,
    form: AuthorForm,
    accounts: Vec<AuthorChoice>,
    /// Other authors, whose articles these can become.
    others: Vec<AuthorChoice>,
    /// How far it is that articles get this author.
    renamings: Vec<String>,
    at: String,
    fault: String,
    others_at: Vec<(String, String)>,
}

#[derive(Default, Serialize)]
struct AuthorChoice {
    value: String,
    label: String,
}

impl Page for AuthorPage {
    const TEMPLATE: &'static str = "author.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/authors/{slug}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
) -> Handled {
    let known = stored(&desk, &slug).await?;
    if known.is_none() && slug != NEW {
        return Err(DeskError::Notice(Notice::NoAuthor));
    }
    let form = known.as_ref().map(AuthorForm::of).unwrap_or_default();
    show(&desk, &staff, known, form, None).await
}

/// `POST /desk/authors/{slug}`: every button of the page.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(slug): Path<String>,
    StaffForm(fields): StaffForm<Fields, MAX_FORM>,
) -> Handled {
    let known = stored(&desk, &slug).await?;
    let version = fields.text("version").parse().unwrap_or_default();
    let known = known.map(|known| AuthorRecord { version, ..known });
    match (fields.button().action.as_str(), known) {
        ("delete", Some(known)) => {
            let attribution = desk.attribution(&staff);
            let deleted = desk.store.delete_author(&slug, version, attribution).await?;
            let form = AuthorForm::of(&known);
            answer(&desk, &staff, deleted, ("/desk/authors", form), &slug).await
        }
        ("merge", Some(known)) => merge(&desk, &staff, known, &fields.text("into")).await,
        ("delete" | "merge", None) => Err(DeskError::Notice(Notice::NoAuthor)),
        (_, known) => save(&desk, &staff, (&slug, known), AuthorForm::sent(&fields)).await,
    }
}

/// Saves what was entered. `known` has the version that was on the page.
async fn save(
    desk: &DeskState,
    staff: &CurrentStaff,
    (slug, known): (&str, Option<AuthorRecord>),
    form: AuthorForm,
) -> Handled {
    if known.is_none() && slug != NEW {
        return answer(desk, staff, AuthorWrite::Behind, ("", form), slug).await;
    }
    // Before the rules are read, so that none that is saved afterwards is missed.
    let settings = Some(desk.settings().desk_versions.saves);
    let author = known.as_ref().map(|known| &known.author);
    let (author, account) = match form.author(desk, staff, author).await? {
        Ok(entered) => entered,
        Err(fault) => return show(desk, staff, known, form, Some(fault)).await,
    };
    let is_retired =
        desk.snapshot().edition.retired_names().current(AUTHOR, &author.slug).is_some();
    let moves = known.is_some() && author.slug != slug;
    if (moves || is_retired) && has_rule(desk, &[slug, &author.slug]) {
        let fault = FormFault::at("slug", staff.words.text("authors_fault_rule"));
        return show(desk, staff, known, form, Some(fault)).await;
    }
    // Drafts have names: articles of the one whom the rule names would become articles of this one.
    let by_name = desk.publication().slugs.slugify(&author.name);
    if by_name != author.slug && by_name != slug && has_rule(desk, &[&by_name]) {
        let fault = FormFault::at("name", staff.words.text("authors_fault_rule"));
        return show(desk, staff, known, form, Some(fault)).await;
    }
    let before = known.as_ref().map(|known| (known.author.slug.as_str(), known.version));
    let attribution = desk.attribution(staff);
    let saved = desk.store.change_author(before, &author, account, settings, attribution);
    let saved = saved.await?;
    answer(desk, staff, saved, (&author_address(&author.slug), form), slug).await
}

/// Gives the articles of an author to another.
async fn merge(desk: &DeskState, staff: &CurrentStaff, known: AuthorRecord, into: &str) -> Handled {
    let settings = Some(desk.settings().desk_versions.saves);
    let (slug, form) = (known.author.slug.clone(), AuthorForm::of(&known));
    let fault = if is_slug(into) {
        has_rule(desk, &[&slug, into]).then_some("authors_fault_rule")
    } else {
        Some("authors_fault_into")
    };
    if let Some(fault) = fault {
        let fault = FormFault::at("into", staff.words.text(fault));
        return show(desk, staff, Some(known), form, Some(fault)).await;
    }
    let attribution = desk.attribution(staff);
    let merged = desk.store.merge_authors(&slug, known.version, into, settings, attribution);
    let merged = merged.await?;
    answer(desk, staff, merged, (&author_address(into), form), &slug).await
}

/// Whether an access rule names one of these authors: other articles would then be free, or locked.
fn has_rule(desk: &DeskState, slugs: &[&str]) -> bool {
    desk.snapshot().has_rule_on(AUTHOR, slugs)
}

/// Leads on, or shows what was entered with the reason why nothing was changed.
async fn answer(
    desk: &DeskState,
    staff: &CurrentStaff,
    write: AuthorWrite,
    (done, form): (&str, AuthorForm),
    slug: &str,
) -> Handled {
    let words = staff.words;
    let fault = match write {
        AuthorWrite::Done => {
            desk.jobs_wakeup.notify_one();
            refresh(desk).await;
            return Ok(see_other(done));
        }
        AuthorWrite::Behind => FormFault::of_form(words.text("authors_fault_behind")),
        AuthorWrite::SlugTaken => FormFault::at("slug", words.text("authors_fault_taken")),
        AuthorWrite::AccountTaken(name) => {
            FormFault::at("account", words.fill("authors_fault_linked", &[("name", &name)]))
        }
        AuthorWrite::HasArticles => FormFault::of_form(words.text("authors_fault_articles")),
    };
    // The version is that of now: what was entered can be saved in place of what somebody else has saved.
    let known = stored(desk, slug).await?;
    show(desk, staff, known, form, Some(fault)).await
}

/// Returns the author, or `None` for the page of a new one.
async fn stored(desk: &DeskState, slug: &str) -> Result<Option<AuthorRecord>, DeskError> {
    let is_known = slug != NEW && is_slug(slug);
    Ok(if is_known { desk.store.author_record(slug).await? } else { None })
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    known: Option<AuthorRecord>,
    form: AuthorForm,
    fault: Option<FormFault>,
) -> Handled {
    let snapshot = desk.snapshot();
    let slug = known.as_ref().map_or(NEW, |known| &known.author.slug).to_owned();
    let articles = snapshot.edition.by_author(&slug).len();
    let choice = |value: String, label: String| AuthorChoice { value, label };
    let everybody = desk.store.all_staff().await?;
    let accounts = everybody
        .iter()
        .map(|(staff, account)| choice(staff.account.0.to_string(), display_name(account)));
    let authors = desk.store.author_records().await?;
    let others = authors.iter().filter(|other| known.is_some() && other.author.slug != slug);
    let others = others.map(|other| {
        let author = &other.author;
        choice(author.slug.clone(), format!("{} (/author/{})", author.name, author.slug))
    });
    let FormFault { field: at, text: fault, others: rest } = fault.unwrap_or_default();
    let page = AuthorPage {
        to: author_address(&slug),
        is_new: known.is_none(),
        title: known.as_ref().map(|known| known.author.name.clone()).unwrap_or_default(),
        public: if articles > 0 { paths::author(&slug) } else { String::new() },
        articles: count(articles, staff.words),
        has_articles: articles > 0,
        version: known.as_ref().map_or(0, |known| known.version),
        portrait: snapshot.edition.replaced_pictures().src(&form.portrait).to_owned(),
        accounts: accounts.collect(),
        others: others.collect(),
        renamings: progress(desk, staff.words, AUTHOR, &slug).await?,
        form,
        at,
        fault,
        others_at: rest.into_iter().map(|fault| (fault.field, fault.text)).collect(),
    };
    Ok(desk.page(staff, &page))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for AuthorPage {
        fn samples() -> Vec<Self> {
            let choice = || AuthorChoice { value: "1".into(), label: "Ada".into() };
            let form = AuthorForm {
                portrait: "/media/1.jpg".into(),
                account: "1".into(),
                is_desk: true,
                ..AuthorForm::default()
            };
            let full = Self {
                title: "Ada Quill".into(),
                public: "/author/ada".into(),
                has_articles: true,
                accounts: vec![choice(), AuthorChoice::default()],
                others: vec![choice()],
                renamings: vec!["Going on.".into()],
                at: "name".into(),
                fault: "Wrong".into(),
                others_at: vec![("email".into(), "Wrong".into())],
                portrait: "/media/2.jpg".into(),
                form,
                ..Self::default()
            };
            let new = Self { is_new: true, ..Self::default() };
            vec![Self::default(), new, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<AuthorPage>();
    }
}

//! `/desk/fronts`: what is on the home page and on the fronts of sections: by hand, by rule, or automatically.

mod form;

use std::sync::Arc;

use axum::extract::{Query, State};
use http::StatusCode;
use masthead_editorial::{
    Front,
    fronts::{FrontError, ListLayout},
    paths,
};
use masthead_settings::{PartSettings, SettingsPart};
use serde::{Deserialize, Serialize};

use self::form::{BlockRow, FrontForm, place_names};
use super::{
    history::HistoryLine,
    save::{FormFault, SettingsForm, save},
};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm},
    http::{framed_page, with_query},
    notice::Notice,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// Articles that are offered for a place, the latest first.
const OFFERED: usize = 80;

#[derive(Default, Serialize)]
#[allow(clippy::struct_excessive_bools)] // each shows a part of the page
struct FrontPage {
    page: String,
    name: String,
    fronts: Vec<FrontTab>,
    places: Vec<PlaceRow>,
    blocks: Vec<BlockChoices>,
    /// The layouts that a block may have, the theme's own choice first.
    layouts: Vec<Choice>,
    rules: Vec<Choice>,
    /// The rules for blocks.
    block_rules: Vec<Choice>,
    articles: Vec<Choice>,
    is_home: bool,
    is_curated: bool,
    is_new: bool,
    version: String,
    /// The address of the preview; empty if the form is not valid.
    preview: String,
    history: Vec<HistoryLine>,
    fault: String,
    /// Whether the form was sent to be saved, and was not.
    #[serde(skip)]
    is_rejected: bool,
}

impl Page for FrontPage {
    const TEMPLATE: &'static str = "fronts.html";

    fn status(&self) -> StatusCode {
        if self.is_rejected { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
    }
}

/// A front that exists.
#[derive(Default, Serialize)]
struct FrontTab {
    page: String,
    name: String,
    is_curated: bool,
    is_here: bool,
}

/// A place on top.
#[derive(Default, Serialize)]
struct PlaceRow {
    name: &'static str,
    chosen: Choice,
    address: String,
}

/// What is chosen for a block.
#[derive(Default, Serialize)]
struct BlockChoices {
    pick: Choice,
    layout: Choice,
}

/// Something that can be chosen, and its words.
#[derive(Clone, Default, Serialize)]
struct Choice {
    value: String,
    words: String,
}

#[derive(Deserialize)]
pub(crate) struct FrontQuery {
    #[serde(default = "home")]
    page: String,
}

fn home() -> String {
    Front::HOME.to_owned()
}

/// `GET /desk/fronts`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<FrontQuery>,
) -> Handled {
    name_of(&desk, &query.page, staff.words).ok_or(Notice::NoFront)?;
    FrontForm::in_force(&desk, &query.page).show(&desk, &staff, None).await
}

/// `POST /desk/fronts`: every button of the form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let base = desk.settings_version(SettingsPart::Fronts);
    let mut form = FrontForm::sent(&fields);
    name_of(&desk, &form.page, staff.words).ok_or(Notice::NoFront)?;
    let button = fields.button();
    let mut fronts = desk.settings().fronts.clone();
    fronts.retain(|front| front.page != form.page);
    match button.action.as_str() {
        "save" => match form.front(&desk, staff.words) {
            Ok(front) => fronts.push(front),
            Err(fault) => return form.show(&desk, &staff, Some(FormFault::of_form(fault))).await,
        },
        "automatic" => {}
        _ => {
            form.rearrange(&button);
            return form.show(&desk, &staff, None).await;
        }
    }
    save(&desk, &staff, form, base, PartSettings::Fronts(fronts.as_slice().into())).await
}

/// `GET /desk/fronts/page`: the front as it would be.
pub(crate) async fn preview(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(fields): Query<Fields>,
) -> Handled {
    let form = FrontForm::sent(&fields);
    let front = form.front(&desk, staff.words).map_err(|_| DeskError::Invalid(Notice::NoFront))?;
    let page = desk.previews.of_front(front, staff.work_owner()).await;
    let page = page.map_err(|error| DeskError::failed("fronts: render preview", error))?;
    Ok(framed_page(page.ok_or(Notice::NoFront)?))
}

fn address(page: &str) -> String {
    with_query("/desk/fronts", &[("page", page)])
}

/// The name of a front. Returns `None` if there is no such front.
fn name_of(desk: &DeskState, page: &str, words: DeskWords) -> Option<String> {
    if page == Front::HOME {
        return Some(words.text("fronts_home").to_owned());
    }
    let sections = desk.snapshot().sections();
    let mut sections = sections.into_iter();
    sections.find(|section| paths::section(&section.slug) == page).map(|section| section.name)
}

impl SettingsForm for FrontForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        address(&self.page)
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let words = staff.words;
        let history = desk.settings_history(words, SettingsPart::Fronts).await?;
        let fronts = desk.settings().fronts.clone();
        let in_force = fronts.iter().find(|front| front.page == self.page);
        let rules = rules(desk, words);
        let checked = self.front(desk, words);
        let is_rejected = fault.is_some();
        let place = |(name, place): (&'static str, &form::Place)| PlaceRow {
            name,
            chosen: choice(desk, &rules, &place.chosen),
            address: place.address.clone(),
        };
        let layouts = layouts(words);
        let block = |block: &BlockRow| BlockChoices {
            pick: choice(desk, &rules, &block.pick),
            layout: choice(desk, &layouts, &block.layout),
        };
        let page = FrontPage {
            fronts: tabs(desk, &fronts, &self.page, words),
            name: name_of(desk, &self.page, words).unwrap_or_default(),
            places: place_names(words).into_iter().zip(&self.top).map(place).collect(),
            blocks: self.blocks.iter().map(block).collect(),
            block_rules: rules.iter().filter(|rule| rule.value != "latest").cloned().collect(),
            layouts,
            rules,
            articles: articles(desk),
            is_home: self.page == Front::HOME,
            is_curated: in_force.is_some(),
            is_new: checked.as_ref().ok() != in_force,
            version: self.version.clone(),
            preview: if checked.is_ok() { self.preview_address() } else { String::new() },
            history: history.history,
            page: self.page,
            fault: fault.map(|fault| fault.text).or(checked.err()).unwrap_or_default(),
            is_rejected,
        };
        Ok(desk.page(staff, &page))
    }
}

fn tabs(desk: &DeskState, fronts: &[Front], here: &str, words: DeskWords) -> Vec<FrontTab> {
    let sections = desk.snapshot().sections();
    let sections =
        sections.into_iter().map(|section| (paths::section(&section.slug), section.name));
    let home = (Front::HOME.to_owned(), words.text("fronts_home").to_owned());
    let tab = |(page, name): (String, String)| FrontTab {
        is_curated: fronts.iter().any(|front| front.page == page),
        is_here: page == here,
        page,
        name,
    };
    std::iter::once(home).chain(sections).map(tab).collect()
}

fn articles(desk: &DeskState) -> Vec<Choice> {
    let latest = desk.snapshot().latest_articles(OFFERED).into_iter();
    latest.map(|article| Choice { value: article.slug, words: article.name }).collect()
}

fn rules(desk: &DeskState, words: DeskWords) -> Vec<Choice> {
    let general =
        [("latest", words.text("fronts_latest")), ("most-read", words.text("fronts_most_read"))];
    let general =
        general.map(|(value, words)| Choice { value: value.to_owned(), words: words.to_owned() });
    let sections = desk.snapshot().sections().into_iter().map(|section| Choice {
        value: format!("section:{}", section.slug),
        words: words.fill("fronts_latest_in", &[("name", &section.name)]),
    });
    let topics = desk.snapshot().topics().into_iter().map(|topic| Choice {
        value: format!("topic:{}", topic.slug),
        words: words.fill("fronts_latest_on", &[("name", &topic.name)]),
    });
    general.into_iter().chain(sections).chain(topics).collect()
}

fn layouts(words: DeskWords) -> Vec<Choice> {
    let automatic =
        Choice { value: String::new(), words: words.text("fronts_layout_automatic").to_owned() };
    let named = ListLayout::all().map(|layout| Choice {
        value: layout.name().to_owned(),
        words: words.text(layout_in_words(layout)).to_owned(),
    });
    std::iter::once(automatic).chain(named).collect()
}

/// The name of the word for a layout.
fn layout_in_words(layout: ListLayout) -> &'static str {
    match layout {
        ListLayout::LeadAndList => "fronts_layout_lead",
        ListLayout::PlainGrid => "fronts_layout_grid",
        ListLayout::Columns => "fronts_layout_columns",
        ListLayout::Feature => "fronts_layout_feature",
        ListLayout::Strip => "fronts_layout_strip",
        ListLayout::Opinion => "fronts_layout_opinion",
        ListLayout::Numbered => "fronts_layout_numbered",
    }
}

/// Why a front is not valid.
fn fault_in_words(desk: &DeskState, error: &FrontError, words: DeskWords) -> String {
    let named = |pick: &str| choice(desk, &rules(desk, words), pick).words;
    match error {
        FrontError::Page(page) => words.fill("fronts_fault_page", &[("page", page)]),
        FrontError::Pick(_) => words.text("fronts_fault_pick").to_owned(),
        FrontError::Layout(name) => words.fill("fronts_fault_layout", &[("name", name)]),
        FrontError::TooMany(..) => words.fill("fronts_fault_places", &[("places", &Front::TOP)]),
        FrontError::Duplicate(pick) => words.fill("fronts_fault_twice", &[("name", &named(pick))]),
        FrontError::NotAList(pick) => words.fill("fronts_fault_block", &[("name", &named(pick))]),
        FrontError::BlocksElsewhere => words.text("fronts_fault_no_blocks").to_owned(),
    }
}

/// What was chosen, in words. It may be an article, or a topic without articles.
fn choice(desk: &DeskState, rules: &[Choice], value: &str) -> Choice {
    if let Some(known) = rules.iter().find(|rule| rule.value == value) {
        return known.clone();
    }
    let article = desk.snapshot().article_at(value);
    let words = article.map_or_else(|| value.to_owned(), |article| article.headline);
    Choice { value: value.to_owned(), words }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for FrontPage {
        fn samples() -> Vec<Self> {
            let choices = || vec![Choice::default()];
            let full = Self {
                fronts: vec![FrontTab { is_here: true, is_curated: true, ..FrontTab::default() }],
                places: vec![PlaceRow::default()],
                blocks: vec![BlockChoices::default(), BlockChoices::default()],
                layouts: choices(),
                rules: choices(),
                block_rules: choices(),
                articles: choices(),
                is_home: true,
                is_curated: true,
                is_new: true,
                preview: "/desk/fronts/page".into(),
                history: vec![HistoryLine::default()],
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<FrontPage>();
    }
}

//! Every address of the desk, and who may open it.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{MethodRouter, get, post},
};
use http::StatusCode;
use masthead_circulation::staff::Permission;
use masthead_telemetry::security::SecurityEvent;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    audit,
    auth::{Access, FactorRule, PICTURES, Requirement, require},
    email,
    figures::{article as article_figures, dashboard},
    home,
    http::bare_error,
    kept_forms, language,
    newsroom::{
        articles, assignment, autosave, begin, calendar, comments, edit_here, editor, embed_cards,
        find, links, live, pictures, preview, publishing, review, revisions, selection, uploads,
        workflow::{self, WorkflowAction},
    },
    notifications, payment_processor,
    people::{self, join},
    reader_view, second_factor,
    security_log::LoggedEvents,
    settings::{
        appearance, breaking, experiments, fronts, menus, messages, meter, offers, products,
        publication, restore, retention, sections, seller,
    },
    state::DeskState,
    static_files,
};

mod content;
mod money;
mod readers;

struct Route {
    pattern: &'static str,
    access: Access,
    /// Whether it takes a recent sign-in.
    confirmed: bool,
    factor: FactorRule,
    /// Whether opening it counts as doing something at the desk.
    activity: bool,
    logged: LoggedEvents,
    handlers: MethodRouter<Arc<DeskState>>,
}

impl Route {
    /// Requires a sign-in within the last 15 minutes: for what gives power, money or data away.
    fn confirmed(self) -> Self {
        Self { confirmed: true, ..self }
    }

    /// For what a page asks for by itself, also when nobody is there.
    fn polled(self) -> Self {
        Self { activity: false, ..self }
    }

    /// Names the event of the security log when the page is opened.
    fn logs_views(self, event: SecurityEvent) -> Self {
        Self { logged: LoggedEvents { views: Some(event), ..self.logged }, ..self }
    }

    /// Names the event of the security log when a form is sent here.
    fn logs_changes(self, event: SecurityEvent) -> Self {
        Self { logged: LoggedEvents { changes: Some(event), ..self.logged }, ..self }
    }

    fn with_factor(self, factor: FactorRule) -> Self {
        Self { factor, ..self }
    }
}

const MANAGE_STAFF: Access = Access::May(Permission::ManageStaff);
const SUPPORT_READERS: Access = Access::May(Permission::SupportReaders);
const WRITE: Access = Access::May(Permission::Write);
const VIEW_FIGURES: Access = Access::May(Permission::ViewFigures);
const EDIT_SETTINGS: Access = Access::May(Permission::EditSettings);
const EDIT: Access = Access::May(Permission::Edit);

fn route(access: Access, pattern: &'static str, handlers: MethodRouter<Arc<DeskState>>) -> Route {
    let (factor, logged) = (FactorRule::Shown, LoggedEvents::default());
    Route { pattern, access, confirmed: false, factor, activity: true, logged, handlers }
}

fn all() -> Vec<Route> {
    [
        general(),
        of_oneself(),
        newsroom(),
        live_coverage(),
        site_settings(),
        sales_settings(),
        readers::of_readers(),
        of_people(),
        publication_settings(),
        content::content(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn general() -> Vec<Route> {
    vec![
        route(Access::Public, "/desk/assets/{name}", get(static_files::file)),
        route(Access::Public, "/desk/join/{secret}", get(join::page).post(join::accept)),
        route(Access::Staff, "/desk", get(home::page)),
        route(Access::Staff, "/desk/edit", get(edit_here::lead)),
        route(
            Access::Staff,
            "/desk/notifications",
            get(notifications::page::page).post(notifications::page::mark_read),
        ),
        route(
            Access::Staff,
            "/desk/notifications/settings",
            get(notifications::settings::page).post(notifications::settings::save),
        ),
        route(VIEW_FIGURES, "/desk/figures", get(dashboard::page)),
        route(VIEW_FIGURES, "/desk/figures.csv", get(dashboard::csv))
            .confirmed()
            .logs_views(SecurityEvent::Exported),
        // Authors may open those of their own articles.
        route(Access::Staff, "/desk/articles/{number}/figures", get(article_figures::page)),
        route(Access::Staff, "/desk/why", get(reader_view::page)),
        route(Access::Staff, "/desk/why/page", get(reader_view::preview)),
        route(SUPPORT_READERS, "/desk/why/reader", get(reader_view::account_page))
            .logs_views(SecurityEvent::ReaderViewed),
        route(SUPPORT_READERS, "/desk/why/reader/page", get(reader_view::account_preview))
            .logs_views(SecurityEvent::ReaderViewed),
    ]
}

fn of_oneself() -> Vec<Route> {
    use second_factor::{authenticator, entry, security};
    let own = |pattern, handlers| {
        route(Access::Staff, pattern, handlers).with_factor(FactorRule::ShownIfAny)
    };
    vec![
        route(Access::Staff, "/desk/second-factor", get(entry::page).post(entry::enter))
            .with_factor(FactorRule::NotYet)
            .logs_changes(SecurityEvent::SecondFactor),
        route(Access::Staff, "/desk/language", post(language::choose))
            .with_factor(FactorRule::NotYet),
        own("/desk/kept-forms/{secret}", get(kept_forms::page)).confirmed(),
        own("/desk/security", get(security::page)),
        own("/desk/security/authenticator", get(authenticator::page).post(authenticator::begin))
            .confirmed(),
        own("/desk/security/authenticator/confirmation", post(authenticator::confirm))
            .confirmed()
            .logs_changes(SecurityEvent::SecondFactorChanged),
        own("/desk/security/authenticator/removal", post(authenticator::remove))
            .confirmed()
            .logs_changes(SecurityEvent::SecondFactorChanged),
        own("/desk/security/recovery-codes", post(authenticator::renew_codes))
            .confirmed()
            .logs_changes(SecurityEvent::SecondFactorChanged),
    ]
}

/// Live coverage, for those who may publish.
fn live_coverage() -> Vec<Route> {
    vec![
        route(
            EDIT,
            "/desk/articles/{number}/live",
            get(live::page::page).post(live::page::publish),
        ),
        route(EDIT, "/desk/articles/{number}/live/coverage", post(live::coverage::change)),
        route(
            EDIT,
            "/desk/articles/{number}/live/{key}",
            get(live::post::page).post(live::post::correct),
        ),
        route(EDIT, "/desk/articles/{number}/live/{key}/pin", post(live::post::pin)),
        route(EDIT, "/desk/articles/{number}/live/{key}/removal", post(live::post::remove)),
    ]
}

fn newsroom() -> Vec<Route> {
    vec![
        route(WRITE, "/desk/articles", get(articles::page).post(begin::begin)),
        route(WRITE, "/desk/articles/new", get(begin::page)),
        route(WRITE, "/desk/articles/find", get(find::find)),
        route(WRITE, "/desk/articles/links", get(links::links)),
        route(WRITE, "/desk/articles/selection", post(selection::change)),
        route(WRITE, "/desk/articles/filters", post(articles::change_filters)),
        route(WRITE, "/desk/articles/{number}", get(editor::page).post(autosave::save)),
        route(WRITE, "/desk/articles/{number}/latest", get(autosave::latest)).polled(),
        route(WRITE, "/desk/articles/{number}/preview", get(preview::page)),
        route(WRITE, "/desk/articles/{number}/preview/page", get(preview::framed)),
        route(WRITE, "/desk/articles/{number}/revisions", get(revisions::page)),
        route(WRITE, "/desk/articles/{number}/restoration", post(revisions::restore)),
        route(WRITE, "/desk/articles/{number}/comments", get(comments::page).post(comments::begin)),
        route(WRITE, "/desk/articles/{number}/comments/{key}/replies", post(comments::reply)),
        route(WRITE, "/desk/articles/{number}/comments/{key}/resolution", post(comments::resolve)),
        route(WRITE, "/desk/articles/{number}/assignment", post(assignment::change)),
        route(WRITE, "/desk/articles/{number}/review", workflow::handler(WorkflowAction::Send)),
        route(EDIT, "/desk/articles/{number}/review-start", post(review::begin)),
        route(EDIT, "/desk/articles/{number}/return", post(review::give_back)),
        route(WRITE, "/desk/articles/{number}/submission-withdrawal", post(review::withdraw)),
        route(WRITE, "/desk/articles/{number}/archive", workflow::handler(WorkflowAction::Archive)),
        route(WRITE, "/desk/articles/{number}/restore", workflow::handler(WorkflowAction::Restore)),
        route(WRITE, "/desk/articles/{number}/deletion", post(workflow::delete)),
        route(WRITE, "/desk/articles/{number}/discard", post(workflow::discard)),
        route(
            EDIT,
            "/desk/articles/{number}/publication",
            get(publishing::page).post(publishing::publish),
        ),
        route(EDIT, "/desk/articles/{number}/withdrawal", post(publishing::withdraw)),
        route(WRITE, "/desk/calendar", get(calendar::page)),
        route(EDIT, "/desk/calendar/move", post(calendar::change)),
        route(WRITE, "/desk/embeds", post(embed_cards::describe)),
        route(WRITE, PICTURES, get(pictures::page).post(uploads::upload)),
        route(WRITE, "/desk/pictures/choices", get(pictures::choices)),
        route(WRITE, "/desk/pictures/{key}", get(pictures::picture_page).post(pictures::change)),
        route(
            WRITE,
            "/desk/pictures/{key}/crops",
            get(pictures::crops::page).post(pictures::crops::save),
        ),
        route(EDIT, "/desk/pictures/{key}/files", post(pictures::files::add)),
        route(
            EDIT,
            "/desk/pictures/{key}/files/{file}",
            get(pictures::files::compare).post(pictures::files::replace),
        ),
        route(
            EDIT,
            "/desk/pictures/{key}/files/{file}/withholding",
            post(pictures::files::withhold),
        ),
    ]
}

fn site_settings() -> Vec<Route> {
    let routes = vec![
        route(EDIT, "/desk/fronts", get(fronts::page).post(fronts::change)),
        route(EDIT, "/desk/fronts/page", get(fronts::preview)),
        route(EDIT, "/desk/breaking", get(breaking::page).post(breaking::change)),
        route(EDIT, "/desk/sections", get(sections::page).post(sections::change)),
        route(EDIT, "/desk/history/fronts", post(restore::restore)),
        route(EDIT, "/desk/history/sections", post(restore::restore)),
        route(EDIT_SETTINGS, "/desk/history/messages", post(restore::restore)),
        route(EDIT_SETTINGS, "/desk/messages", get(messages::list::list)),
        route(
            EDIT_SETTINGS,
            "/desk/messages/{moment}/{placement}",
            get(messages::page::page).post(messages::page::change),
        ),
        route(
            EDIT_SETTINGS,
            "/desk/messages/{moment}/{placement}/page",
            get(messages::page::preview),
        ),
    ];
    with_settings_logged(routes)
}

fn sales_settings() -> Vec<Route> {
    let routes = vec![
        route(EDIT_SETTINGS, "/desk/meter", get(meter::page).post(meter::change)),
        route(EDIT_SETTINGS, "/desk/history/meter", post(restore::restore)),
        route(EDIT_SETTINGS, "/desk/history/offers", post(restore::restore)),
        route(EDIT_SETTINGS, "/desk/history/products", post(restore::restore)),
        route(
            EDIT_SETTINGS,
            "/desk/products",
            get(products::list::list).post(products::list::change),
        ),
        route(
            EDIT_SETTINGS,
            "/desk/products/{slug}",
            get(products::product::page).post(products::product::change),
        ),
        route(EDIT_SETTINGS, "/desk/offers", get(offers::list::list).post(offers::list::change)),
        route(
            EDIT_SETTINGS,
            "/desk/offers/{slug}",
            get(offers::offer::page).post(offers::offer::change),
        ),
        route(EDIT_SETTINGS, "/desk/offers/{slug}/page", get(offers::offer::preview)),
        route(EDIT_SETTINGS, "/desk/experiments", get(experiments::page).post(experiments::change)),
    ];
    with_settings_logged(routes)
}

/// What is set for the whole publication, under *Admin*.
fn publication_settings() -> Vec<Route> {
    let routes = vec![
        route(EDIT_SETTINGS, "/desk/publication", get(publication::page).post(publication::change)),
        route(EDIT_SETTINGS, "/desk/history/publication", post(restore::restore)),
        route(EDIT_SETTINGS, "/desk/appearance", get(appearance::page).post(appearance::change)),
        route(EDIT_SETTINGS, "/desk/appearance/logo", post(appearance::logo::upload)),
        route(EDIT_SETTINGS, "/desk/history/appearance", post(restore::restore)),
        route(EDIT_SETTINGS, "/desk/menus", get(menus::page).post(menus::change)),
        route(EDIT_SETTINGS, "/desk/history/menus", post(restore::restore)),
        route(EDIT_SETTINGS, "/desk/email", get(email::page).post(email::send_test)).confirmed(),
        route(
            EDIT_SETTINGS,
            "/desk/payment-processor",
            get(payment_processor::page).post(payment_processor::check),
        )
        .confirmed(),
        // Where readers send money.
        route(MANAGE_STAFF, "/desk/seller", get(seller::page).post(seller::change)).confirmed(),
        route(MANAGE_STAFF, "/desk/history/seller", post(restore::restore)).confirmed(),
        // It deletes, also what the audit log has.
        route(MANAGE_STAFF, "/desk/retention", get(retention::page).post(retention::change))
            .confirmed(),
        route(MANAGE_STAFF, "/desk/history/retention", post(restore::restore)).confirmed(),
    ];
    with_settings_logged(routes)
}

fn with_settings_logged(routes: Vec<Route>) -> Vec<Route> {
    routes.into_iter().map(|route| route.logs_changes(SecurityEvent::SettingsChanged)).collect()
}

fn of_people() -> Vec<Route> {
    vec![
        route(MANAGE_STAFF, "/desk/audit", get(audit::page::page)),
        route(MANAGE_STAFF, "/desk/audit.csv", get(audit::export::csv))
            .confirmed()
            .logs_views(SecurityEvent::Exported),
        route(MANAGE_STAFF, "/desk/audit.json", get(audit::export::json))
            .confirmed()
            .logs_views(SecurityEvent::Exported),
        route(MANAGE_STAFF, "/desk/people", get(people::page::page)),
        route(MANAGE_STAFF, "/desk/people/invitations", post(people::invite))
            .confirmed()
            .logs_changes(SecurityEvent::InvitationChanged),
        route(MANAGE_STAFF, "/desk/people/invitations/{key}/withdrawal", post(people::withdraw))
            .logs_changes(SecurityEvent::InvitationChanged),
        route(MANAGE_STAFF, "/desk/people/sessions/end", post(people::end_everyones_sessions))
            .confirmed()
            .logs_changes(SecurityEvent::EveryoneSignedOut),
        route(MANAGE_STAFF, "/desk/people/second-factor", post(people::require_factor))
            .confirmed()
            .logs_changes(SecurityEvent::FactorRuleChanged),
        route(MANAGE_STAFF, "/desk/people/{number}/role", post(people::appoint))
            .confirmed()
            .logs_changes(SecurityEvent::RoleChanged),
        route(MANAGE_STAFF, "/desk/people/{number}/sessions/end", post(people::end_sessions_of))
            .confirmed()
            .logs_changes(SecurityEvent::SessionsEnded),
        route(MANAGE_STAFF, "/desk/people/{number}/dismissal", post(people::dismiss))
            .confirmed()
            .logs_changes(SecurityEvent::RoleChanged),
    ]
}

/// The pattern of every address, with the access that it needs.
pub fn addresses() -> Vec<(&'static str, Access)> {
    all().into_iter().map(|route| (route.pattern, route.access)).collect()
}

/// The pattern of every address that takes a sign-in within the last 15 minutes.
pub fn confirmed_addresses() -> Vec<&'static str> {
    all().into_iter().filter(|route| route.confirmed).map(|route| route.pattern).collect()
}

/// The pattern of every address that the security log is told of.
pub fn logged_addresses() -> Vec<&'static str> {
    let is_logged = |route: &Route| route.logged.views.is_some() || route.logged.changes.is_some();
    all().into_iter().filter(is_logged).map(|route| route.pattern).collect()
}

/// The desk's router. Every route is behind `auth::require`.
pub fn router(desk: &Arc<DeskState>) -> Router {
    let mut router = Router::new();
    for Route { pattern, access, confirmed, factor, activity, logged, handlers } in all() {
        let needs = Requirement { access, confirmed, factor, activity, pattern, logged };
        let state = (Arc::clone(desk), needs);
        let guarded = handlers.layer(middleware::from_fn_with_state(state, require));
        router = router.route(pattern, guarded);
    }
    let panicked = |_: Box<dyn std::any::Any + Send>| bare_error(StatusCode::INTERNAL_SERVER_ERROR);
    router.layer(CatchPanicLayer::custom(panicked)).with_state(Arc::clone(desk))
}

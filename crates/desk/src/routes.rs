//! Every address of the desk, and who may come there.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{MethodRouter, get, post},
};
use masthead_circulation::staff::{Permission, Role};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    Desk, auth, figures, home,
    newsroom::{articles, autosave, editor, preview, publishing, revisions, uploads, workflow},
    pages,
    people::{self, join},
    reader_view,
    readers::{self, support_actions},
    settings::{experiments, fronts, messages, meter, offers, products, sections},
};

/// What an address asks of whoever comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: what is there is no secret, or the address itself is one.
    Nothing,
    /// To work here.
    Staff,
    /// To be somebody who may do this.
    May(Permission),
}

impl Needs {
    /// Whether somebody in this role may come.
    pub fn admit(self, role: Role) -> bool {
        match self {
            Self::Nothing | Self::Staff => true,
            Self::May(permission) => role.may(permission),
        }
    }
}

type Room = (&'static str, Needs, MethodRouter<Arc<Desk>>);

fn all() -> Vec<Room> {
    let appoint = Needs::May(Permission::Appoint);
    let assist = Needs::May(Permission::Help);
    let write = Needs::May(Permission::Write);
    let measure = Needs::May(Permission::Measure);
    let steer = Needs::May(Permission::Steer);
    let edit = Needs::May(Permission::Edit);
    vec![
        ("/desk/assets/{name}", Needs::Nothing, get(pages::asset)),
        ("/desk/join/{secret}", Needs::Nothing, get(join::page).post(join::accept)),
        ("/desk", Needs::Staff, get(home::page)),
        ("/desk/articles", write, get(articles::page).post(articles::begin)),
        ("/desk/articles/{number}", write, get(editor::page).post(autosave::save)),
        ("/desk/articles/{number}/latest", write, get(autosave::latest)),
        ("/desk/articles/{number}/preview", write, get(preview::page)),
        ("/desk/articles/{number}/preview/page", write, get(preview::seen)),
        ("/desk/articles/{number}/revisions", write, get(revisions::page)),
        ("/desk/articles/{number}/restoration", write, post(revisions::restore)),
        ("/desk/articles/{number}/review", write, post(workflow::send)),
        ("/desk/articles/{number}/return", edit, post(workflow::give_back)),
        ("/desk/articles/{number}/spike", write, post(workflow::spike)),
        ("/desk/articles/{number}/resumption", write, post(workflow::take_up)),
        ("/desk/articles/{number}/discard", write, post(workflow::discard)),
        (
            "/desk/articles/{number}/publication",
            edit,
            get(publishing::page).post(publishing::publish),
        ),
        ("/desk/articles/{number}/withdrawal", edit, post(publishing::withdraw)),
        ("/desk/pictures", write, post(uploads::upload)),
        ("/desk/fronts", edit, get(fronts::page).post(fronts::change)),
        ("/desk/fronts/page", edit, get(fronts::seen)),
        ("/desk/sections", edit, get(sections::page).post(sections::change)),
        ("/desk/meter", steer, get(meter::page).post(meter::change)),
        ("/desk/products", steer, get(products::page).post(products::change)),
        ("/desk/products/{slug}", steer, get(products::product).post(products::save)),
        ("/desk/offers", steer, get(offers::page).post(offers::change)),
        ("/desk/offers/{slug}", steer, get(offers::offer).post(offers::save)),
        ("/desk/offers/{slug}/page", steer, get(offers::seen)),
        ("/desk/experiments", steer, get(experiments::page).post(experiments::change)),
        ("/desk/messages", steer, get(messages::page)),
        (
            "/desk/messages/{moment}/{placement}",
            steer,
            get(messages::message).post(messages::change),
        ),
        ("/desk/messages/{moment}/{placement}/page", steer, get(messages::seen)),
        ("/desk/figures", measure, get(figures::page)),
        ("/desk/figures.csv", measure, get(figures::csv)),
        ("/desk/why", Needs::Staff, get(reader_view::page)),
        ("/desk/why/page", Needs::Staff, get(reader_view::seen)),
        ("/desk/why/reader", assist, get(reader_view::reader_page)),
        ("/desk/why/reader/page", assist, get(reader_view::reader_seen)),
        ("/desk/readers", assist, get(readers::page)),
        ("/desk/readers/{number}", assist, get(readers::reader)),
        ("/desk/readers/{number}/meter", assist, post(support_actions::reset_meter)),
        ("/desk/readers/{number}/subscription", assist, post(support_actions::give)),
        (
            "/desk/readers/{number}/subscriptions/{key}/cancellation",
            assist,
            post(support_actions::cancel),
        ),
        (
            "/desk/readers/{number}/subscriptions/{key}/extension",
            assist,
            post(support_actions::prolong),
        ),
        ("/desk/readers/{number}/payments/{key}/refund", assist, post(support_actions::refund)),
        ("/desk/people", appoint, get(people::page)),
        ("/desk/people/invitations", appoint, post(people::invite)),
        ("/desk/people/invitations/{key}/withdrawal", appoint, post(people::withdraw)),
        ("/desk/people/{number}/role", appoint, post(people::appoint)),
        ("/desk/people/{number}/dismissal", appoint, post(people::dismiss)),
    ]
}

/// Every address, as its pattern, with what it needs.
pub fn addresses() -> Vec<(&'static str, Needs)> {
    all().into_iter().map(|(address, needs, _)| (address, needs)).collect()
}

/// All rooms behind the one gate.
pub fn router(desk: &Arc<Desk>) -> Router {
    let mut router = Router::new();
    for (address, needs, room) in all() {
        let state = (Arc::clone(desk), needs);
        let guarded = room.layer(middleware::from_fn_with_state(state, auth::keep));
        router = router.route(address, guarded);
    }
    router
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| pages::unmade()))
        .with_state(Arc::clone(desk))
}

//! `/desk/messages`: all messages.

use std::sync::Arc;

use axum::extract::State;
use masthead_access::message::{Moment, Placement};
use masthead_settings::SettingsPart;
use serde::Serialize;

use super::{
    descriptions::{moment_name, no_message_name, placement_name, summary},
    lookup::{find, offer_is_over},
};
use crate::{
    error::Handled, settings::history::SettingsHistory, staff::CurrentStaff, state::DeskState,
    templates::Page,
};

#[derive(Default, Serialize)]
struct MessagesPage {
    moments: Vec<MomentRow>,
    #[serde(flatten)]
    history: SettingsHistory,
}

impl Page for MessagesPage {
    const TEMPLATE: &'static str = "messages.html";
}

#[derive(Default, Serialize)]
struct MomentRow {
    name: &'static str,
    when: &'static str,
    is_own: bool,
    places: Vec<PlacementRow>,
}

#[derive(Default, Serialize)]
struct PlacementRow {
    name: &'static str,
    /// The name that staff read; if there is no message, it says so.
    title: &'static str,
    /// The beginning of the message; empty if there is none.
    words: String,
    /// A sentence if the offer that the message names is over; otherwise empty.
    over: String,
}

/// `GET /desk/messages`
pub(crate) async fn list(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let words = staff.words;
    let own = desk.settings().own_messages.clone();
    let all = desk.messages();
    let placement = |moment, placement: Placement| {
        let message = find(&all, moment, placement);
        let offer = message.and_then(|message| message.offer.as_deref());
        PlacementRow {
            name: placement.name(),
            title: match message {
                Some(_) => placement_name(placement, words),
                None => no_message_name(placement, words),
            },
            words: message.map(|message| summary(message, words)).unwrap_or_default(),
            over: offer.and_then(|offer| offer_is_over(&desk, offer, words)).unwrap_or_default(),
        }
    };
    let moment = |moment: Moment| MomentRow {
        name: moment.name(),
        when: moment_name(moment, words),
        is_own: own.iter().any(|message| message.moment == moment),
        places: Placement::ALL.map(|of| placement(moment, of)).into(),
    };
    let moments = Moment::ALL.into_iter().map(moment).collect();
    let history = desk.settings_history(words, SettingsPart::Messages).await?;
    let page = MessagesPage { moments, history };
    Ok(desk.page(&staff, &page))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::{
        settings::history::HistoryLine,
        templates::tests::{Rendered, Samples},
    };

    impl Samples for MessagesPage {
        fn samples() -> Vec<Self> {
            let written = PlacementRow {
                words: "Hello".into(),
                over: "Over".into(),
                name: "wall",
                title: "Paywall",
            };
            let unwritten = || PlacementRow { name: "banner", ..PlacementRow::default() };
            let places = vec![written, unwritten(), unwritten()];
            let own = MomentRow { is_own: true, places, ..MomentRow::default() };
            let history = vec![HistoryLine::default()];
            let history = SettingsHistory { history, ..SettingsHistory::default() };
            vec![Self::default(), Self { moments: vec![own, MomentRow::default()], history }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<MessagesPage>();
    }
}

//! `/desk/messages/{moment}/{placement}`: one message.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    response::IntoResponse,
};
use http::HeaderMap;
use masthead_access::{
    Treatment,
    message::{Message, Moment, Placement},
};
use masthead_settings::SettingsPart;
use serde::Serialize;

use super::{
    descriptions::{chips, describe_placement, moment_name},
    file::{replace, settings},
    form::{MessageForm, MessageKey},
    lookup::{find, offer_is_over},
};
use crate::{
    error::{ActionError, DeskError, Handled},
    form::StaffForm,
    http::{framed_page, see_other, wants_json},
    in_force::pairs,
    notice::Notice,
    settings::{
        experiments::begin::begin,
        page::{SettingsContent, SettingsPage},
        save::{FormFault, SettingsForm, save},
    },
    staff::CurrentStaff,
    state::DeskState,
};

/// The content of the page.
#[derive(Default, Serialize)]
struct MessageContent {
    moment: &'static str,
    placement: &'static str,
    when: &'static str,
    /// Where the placement is on the page.
    place: &'static str,
    form: MessageForm,
    /// What can be inserted: the template and its name.
    chips: Vec<(String, String)>,
    /// Slug and name.
    offers: Vec<(String, String)>,
    /// A sentence if the offer is over; otherwise empty.
    over: String,
    is_own: bool,
    /// Whether the moment has a message at another placement.
    has_others: bool,
    /// Whether there is a message here now.
    exists: bool,
    /// The address of the preview; empty if the form is not valid.
    preview: String,
}

impl SettingsContent for MessageContent {
    const TEMPLATE: &'static str = "message.html";
    const PART: SettingsPart = SettingsPart::Messages;
    const MAIN_FIELD: &'static str = "text";
}

/// What is wrong with a message, for the page's script.
#[derive(Serialize)]
struct MessageCheck {
    /// The field, by its name in the form; empty if nothing is wrong.
    at: String,
    fault: String,
    /// The address of the preview.
    page: String,
}

/// A form with the message that it belongs to.
struct MessageAt {
    key: MessageKey,
    form: MessageForm,
}

/// `GET /desk/messages/{moment}/{placement}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(path): Path<(String, String)>,
) -> Handled {
    let key = key(&path)?;
    // The version first, so that the form never names a newer one than it shows.
    let version = desk.settings_version(SettingsPart::Messages).to_string();
    let all = desk.messages();
    let form = find(&all, key.moment, key.placement).map(MessageForm::of).unwrap_or_default();
    let form = MessageForm { version, ..form };
    MessageAt { key, form }.show(&desk, &staff, None).await
}

/// `POST /desk/messages/{moment}/{placement}`: every button of the form, and the checks of the page's script.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(path): Path<(String, String)>,
    headers: HeaderMap,
    StaffForm(form): StaffForm<MessageForm>,
) -> Handled {
    let key = key(&path)?;
    let checked = form.message(key, staff.words);
    if wants_json(&headers) {
        let FormFault { field: at, text: fault, .. } = checked.err().unwrap_or_default();
        let page = form.preview_address(key);
        return Ok(Json(MessageCheck { at, fault, page }).into_response());
    }
    let base = desk.settings_version(SettingsPart::Messages);
    let own = desk.settings().own_messages.clone();
    let all = desk.messages();
    let is_here = |message: &Message| message.moment == key.moment;
    let form = MessageAt { key, form };
    let messages: Vec<Message> = match (form.form.button.as_str(), checked) {
        ("save", Ok(message)) => replace(own, &all, message),
        ("test", Ok(message)) => return begin_experiment(&desk, &staff, form, message).await,
        ("off", _) => {
            let others = all.iter().filter(|m| is_here(m) && m.placement != key.placement);
            own.into_iter().filter(|m| !is_here(m)).chain(others.cloned()).collect()
        }
        ("default", _) => own.into_iter().filter(|m| !is_here(m)).collect(),
        (_, checked) => return form.show(&desk, &staff, checked.err()).await,
    };
    save(&desk, &staff, form, base, settings(&messages)).await
}

/// Shows the message to half of the readers.
async fn begin_experiment(
    desk: &DeskState,
    staff: &CurrentStaff,
    form: MessageAt,
    message: Message,
) -> Handled {
    let treatment = Treatment::Message(Box::new(message));
    match begin(desk, staff, &treatment).await {
        Ok(()) => Ok(see_other("/desk/experiments")),
        Err(ActionError::Rejected(fault)) => {
            form.show(desk, staff, Some(FormFault::at("text", fault))).await
        }
        Err(ActionError::Failed(error)) => Err(DeskError::failed("experiments: begin", error)),
    }
}

/// `GET /desk/messages/{moment}/{placement}/page`: a page of the site with the message on it.
pub(crate) async fn preview(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(path): Path<(String, String)>,
    Query(form): Query<MessageForm>,
) -> Handled {
    let message = form.message(key(&path)?, staff.words).map_err(|_| Notice::InvalidMessage)?;
    let page = desk.previews.of_message(&message).await;
    let page = page.map_err(|error| DeskError::failed("messages: render preview", error))?;
    Ok(framed_page(page.ok_or(Notice::NothingToSee)?))
}

fn key((moment, placement): &(String, String)) -> Result<MessageKey, Notice> {
    let moment: Option<Moment> = moment.parse().ok();
    let placement: Option<Placement> = placement.parse().ok();
    let key = moment.zip(placement).map(|(moment, placement)| MessageKey { moment, placement });
    key.ok_or(Notice::NoMessage)
}

impl SettingsForm for MessageAt {
    fn version(&self) -> &str {
        &self.form.version
    }

    fn saved_address(&self) -> String {
        self.key.address()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let (Self { key, form }, words) = (self, staff.words);
        let version = form.version.clone();
        let MessageKey { moment, placement } = key;
        let own = desk.settings().own_messages.clone();
        let all = desk.messages();
        let is_valid = form.message(key, words).is_ok();
        let content = MessageContent {
            moment: moment.name(),
            placement: placement.name(),
            when: moment_name(moment, words),
            place: describe_placement(placement, words),
            chips: chips(moment, words),
            offers: pairs(desk.snapshot().all_offers()),
            over: offer_is_over(desk, &form.offer, words).unwrap_or_default(),
            is_own: own.iter().any(|message| message.moment == moment),
            has_others: all.iter().any(|m| m.moment == moment && m.placement != placement),
            exists: find(&all, moment, placement).is_some(),
            preview: if is_valid { form.preview_address(key) } else { String::new() },
            form,
        };
        Ok(desk.page(staff, &SettingsPage::load(desk, words, content, &version, fault).await?))
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<MessageContent> {
        fn samples() -> Vec<Self> {
            let full = MessageContent {
                chips: chips(Moment::MeterLeft, crate::words::DeskWords::default()),
                offers: vec![("winter".into(), "Winter".into())],
                over: "Over".into(),
                is_own: true,
                has_others: true,
                exists: true,
                preview: "/page".into(),
                ..MessageContent::default()
            };
            vec![Self::default(), Self { at: "text".into(), ..Self::sample(full) }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<MessageContent>>();
    }
}

//! `/desk/readers/{number}/subscriptions/{key}/price`: changing a reader's subscription to another price, by the same rules as
//! on the account page. The page says what each change costs today before one is made.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use masthead_billing::plan_change::PlanChange;
use masthead_circulation::{Account, Channel, StaffActor, Subscription, SubscriptionId};
use serde::{Deserialize, Serialize};

use super::{
    page::{SupportForm, find_reader, reader_address},
    support_actions::reason,
};
use crate::{
    error::{ActionError, DeskError, Handled},
    form::{StaffForm, form_status},
    format::display_name,
    http::see_other,
    notice::Notice,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

/// The price that was chosen, with what the page said that it costs today: `monthly:900`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct PlanForm {
    choice: String,
    reason: String,
}

#[derive(Default, Serialize)]
struct PlanPage {
    number: u32,
    subscription: u32,
    reader: String,
    /// The present price.
    present: String,
    choices: Vec<PlanChoice>,
    form: PlanForm,
    fault: String,
}

impl Page for PlanPage {
    const TEMPLATE: &'static str = "reader-price.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

#[derive(Default, Serialize)]
struct PlanChoice {
    /// The slug with what it costs today.
    value: String,
    slug: String,
    name: String,
    /// What is paid today, what is credited, and when the next payment is.
    text: String,
}

/// `GET /desk/readers/{number}/subscriptions/{key}/price`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<(String, String)>,
) -> Handled {
    let account = find_reader(&desk, &number).await?;
    let held = find_subscription(&desk, &account, &key).await?;
    show(&desk, &staff, &account, &held, PlanForm::default(), String::new()).await
}

/// `POST /desk/readers/{number}/subscriptions/{key}/price`
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<(String, String)>,
    StaffForm(form): StaffForm<PlanForm>,
) -> Handled {
    let account = find_reader(&desk, &number).await?;
    let held = find_subscription(&desk, &account, &key).await?;
    match make(&desk, &staff, &held, &form).await {
        Ok(()) => Ok(see_other(&reader_address(account.id))),
        Err(ActionError::Rejected(fault)) => {
            // It may be another by now.
            let held = find_subscription(&desk, &account, &key).await?;
            show(&desk, &staff, &account, &held, form, fault).await
        }
        Err(ActionError::Failed(error)) => Err(DeskError::failed("readers: change price", error)),
    }
}

async fn find_subscription(
    desk: &DeskState,
    account: &Account,
    key: &str,
) -> Result<Subscription, DeskError> {
    let id = key.parse().map(SubscriptionId).map_err(|_| Notice::NoReader)?;
    let found = desk.store.subscription(id).await?;
    Ok(found.filter(|found| found.account == account.id).ok_or(Notice::NoReader)?)
}

async fn make(
    desk: &DeskState,
    staff: &CurrentStaff,
    held: &Subscription,
    form: &PlanForm,
) -> Result<(), ActionError> {
    let words = staff.words;
    let rejected = |name: &str| ActionError::Rejected(words.text(name).to_owned());
    let given = SupportForm { reason: form.reason.clone(), ..SupportForm::default() };
    let reason = reason(&given, words)?;
    let chosen = form.choice.rsplit_once(':');
    let chosen = chosen.and_then(|(price, today)| Some((price, today.parse::<u64>().ok()?)));
    let (price, today) = chosen.ok_or_else(|| rejected("plan_fault_choice"))?;
    if is_printed(desk, price) {
        let address = desk.store.delivery_address(held.account).await;
        if address.map_err(ActionError::failed)?.is_none() {
            return Err(rejected("plan_fault_delivery"));
        }
    }
    let actor = StaffActor { by: Some(staff.account.id), reason };
    let changed = desk.billing.change_price_for(held, price, today, Some(actor)).await;
    match changed.map_err(ActionError::failed)? {
        PlanChange::Done => Ok(()),
        PlanChange::Gone => Err(rejected("plan_fault_gone")),
        PlanChange::CostChanged => Err(rejected("plan_fault_cost")),
        PlanChange::Refused => Err(rejected("plan_fault_refused")),
        PlanChange::Pending => Err(rejected("plan_fault_pending")),
        PlanChange::Unanswered => Err(rejected("plan_fault_unanswered")),
        PlanChange::Waiting => Err(rejected("plan_fault_clock")),
        PlanChange::Busy => Err(rejected("entry_overtaken")),
        PlanChange::Unusable => Err(rejected("plan_fault_unusable")),
    }
}

/// Whether something printed is sold at a price.
fn is_printed(desk: &DeskState, price: &str) -> bool {
    let catalogue = desk.catalogue();
    let product = catalogue.price(price).and_then(|price| catalogue.product(&price.product));
    product.is_some_and(|product| product.channels.contains(&Channel::Print))
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    account: &Account,
    held: &Subscription,
    form: PlanForm,
    fault: String,
) -> Handled {
    let (words, zone) = (staff.words, desk.publication().zone);
    let collected = desk.store.collected_for(held.id).await?;
    let choice = |(slug, switch): (String, masthead_circulation::Switch)| {
        let (today, credit) = (words.money(switch.today), words.money(switch.credit));
        let date = words.date(switch.through, &zone);
        let gaps: [(&str, &dyn std::fmt::Display); 3] =
            [("amount", &today), ("credit", &credit), ("date", &date)];
        let price = words.price(switch.terms.amount, switch.terms.every);
        PlanChoice {
            value: format!("{slug}:{}", switch.today.minor()),
            name: format!("{}, {price}", switch.terms.name),
            text: words.fill("plan_today", &gaps),
            slug,
        }
    };
    let page = PlanPage {
        number: account.id.0,
        subscription: held.id.0,
        reader: display_name(account),
        present: format!(
            "{}, {}",
            held.terms.name,
            words.price(held.terms.amount, held.terms.every)
        ),
        choices: desk.billing.price_changes(held, &collected).into_iter().map(choice).collect(),
        form,
        fault,
    };
    Ok(desk.page(staff, &page))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for PlanPage {
        fn samples() -> Vec<Self> {
            let choices = vec![PlanChoice { name: "Web".into(), ..PlanChoice::default() }];
            let full = Self { choices, fault: "Wrong".into(), ..Self::default() };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<PlanPage>();
    }
}

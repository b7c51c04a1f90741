//! Changing a subscription to another price on the account page. A printed product asks for an address before anything is paid.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use masthead_billing::plan_change::PlanChange;
use masthead_circulation::{Channel, DeliveryAddress, Subscription};
use masthead_publication::{
    SiteSnapshot, Template,
    contexts::{DeliveryContext, SubscriptionContext},
};
use masthead_store::StoreError;
use masthead_telemetry::security::SecurityEvent;
use serde::Deserialize;

use super::{page, subscription::OwnSubscription};
use crate::{
    delivery,
    error::Handled,
    extract::{Accepts, ReaderForm},
    note::Note,
    notice::Notice,
    state::Site,
};

#[derive(Deserialize)]
pub(super) struct PriceForm {
    price: String,
    /// What the reader was shown that it costs today.
    today: u64,
    #[serde(default)]
    delivery_name: String,
    #[serde(default)]
    delivery_lines: String,
}

/// Changes to another price, if it still costs what the reader was shown.
pub(super) async fn change(
    State(site): State<Arc<Site>>,
    Accepts(encoding): Accepts,
    own: OwnSubscription,
    ReaderForm(form): ReaderForm<PriceForm>,
) -> Handled {
    let subscription = &own.subscription;
    let asks = prints(&site.snapshot(), &form.price) && !is_delivered(&site, subscription).await?;
    if asks {
        let entered =
            delivery::entered(&site.snapshot(), &form.delivery_name, &form.delivery_lines);
        match entered {
            Ok(address) => return change_to_print(&site, &own, &form, &address).await,
            Err(faulty) => {
                let links = own.reader.links(&site);
                let mut context = page::context(&site, own.reader).await?;
                show_fault(&mut context.subscriptions, &form.price, &faulty);
                context.is_faulty = true;
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return site.personal_page(encoding, status, links, Template::Account, &context);
            }
        }
    }
    let changed = site.billing.change_price(subscription, &form.price, form.today).await?;
    Ok(answer(&site, changed))
}

/// Changes to a printed product. The address is stored before anything is collected, and stays whatever becomes of the change:
/// the reader has entered it, and no paper that is paid is without one.
async fn change_to_print(
    site: &Site,
    OwnSubscription { reader, subscription }: &OwnSubscription,
    form: &PriceForm,
    address: &DeliveryAddress,
) -> Handled {
    site.store.set_delivery_address(subscription.account, address, (site.clock)()).await?;
    reader.log(site, SecurityEvent::DeliveryChanged);
    Ok(answer(site, site.billing.change_price(subscription, &form.price, form.today).await?))
}

fn answer(site: &Site, changed: PlanChange) -> Response {
    let notice = match changed {
        PlanChange::Done => return Note::PlanChanged.on(site, "/account"),
        // What happened instead shows on the page.
        PlanChange::Busy => return Note::Unchanged.on(site, "/account"),
        PlanChange::Waiting => Notice::PriceChangeWaits,
        PlanChange::Gone => Notice::PriceChangeImpossible,
        PlanChange::CostChanged => Notice::PriceChangeCostsMore,
        PlanChange::Refused => Notice::PriceChangeRefused,
        PlanChange::Pending => Notice::PriceChangePending,
        PlanChange::Unanswered => Notice::PriceChangeUnanswered,
        PlanChange::Unusable => Notice::PriceChangeUnused,
    };
    notice.into_response()
}

/// Whether something printed is sold at a price.
fn prints(snapshot: &SiteSnapshot, price: &str) -> bool {
    let catalogue = &snapshot.publication.catalogue;
    let product = catalogue.price(price).and_then(|price| catalogue.product(&price.product));
    product.is_some_and(|product| product.channels.contains(&Channel::Print))
}

/// Whether papers are delivered for a subscription, to an address that is known.
async fn is_delivered(site: &Site, subscription: &Subscription) -> Result<bool, StoreError> {
    Ok(subscription.terms.is_delivered()
        && site.store.delivery_address(subscription.account).await?.is_some())
}

/// Shows what is wrong with an address in the form of the price that it was entered for.
fn show_fault(subscriptions: &mut [SubscriptionContext], price: &str, faulty: &DeliveryContext) {
    let switches = subscriptions.iter_mut().flat_map(|held| &mut held.switches);
    for switch in switches.filter(|switch| switch.price == price) {
        switch.delivery = Some(faulty.clone());
    }
}

//! The form of a delivery address: at the checkout of what is printed, at a change to it, and on the account page.

use jiff::Timestamp;
use masthead_circulation::{Account, DeliveryAddress, InvalidDeliveryAddress, Subscription};
use masthead_publication::{SiteSnapshot, contexts::DeliveryContext};
use masthead_store::StoreError;

use crate::state::Site;

/// Returns the form with the address of an account, or empty if it has none.
pub(crate) async fn stored(site: &Site, account: &Account) -> Result<DeliveryContext, StoreError> {
    Ok(site.store.delivery_address(account.id).await?.as_ref().map(context).unwrap_or_default())
}

/// Returns the form of an order, with what was entered last: a reader who has cancelled a payment finds their address again.
pub(crate) async fn to_order(
    site: &Site,
    account: &Account,
) -> Result<DeliveryContext, StoreError> {
    Ok(site
        .store
        .latest_delivery_address(account.id)
        .await?
        .as_ref()
        .map(context)
        .unwrap_or_default())
}

fn context(address: &DeliveryAddress) -> DeliveryContext {
    DeliveryContext {
        name: address.name().to_owned(),
        lines: address.lines().join("\n"),
        ..DeliveryContext::default()
    }
}

/// Returns the address that was entered.
///
/// # Errors
///
/// Returns the form to show again if it is no address.
pub(crate) fn entered(
    snapshot: &SiteSnapshot,
    name: &str,
    lines: &str,
) -> Result<DeliveryAddress, DeliveryContext> {
    DeliveryAddress::new(name, lines).map_err(|fault| faulty(snapshot, name, lines, fault))
}

/// Whether something is delivered for one of these subscriptions.
pub(crate) fn is_needed(held: &[Subscription], now: Timestamp) -> bool {
    held.iter().any(|held| held.terms.is_delivered() && !held.state.is_over(now))
}

fn faulty(
    snapshot: &SiteSnapshot,
    name: &str,
    lines: &str,
    fault: InvalidDeliveryAddress,
) -> DeliveryContext {
    let word = |name: &str| snapshot.theme.word(name).to_owned();
    let (name_fault, lines_fault) = match fault {
        InvalidDeliveryAddress::Name => (word("fault_delivery_name"), String::new()),
        InvalidDeliveryAddress::Lines => (String::new(), word("fault_delivery_lines")),
    };
    DeliveryContext { name: name.to_owned(), lines: lines.to_owned(), name_fault, lines_fault }
}

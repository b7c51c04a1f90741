//! One letter of each kind, as the theme writes it, for a publisher to look at.

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, Card, Channel, EmailAddress, Mandate, Money, Payment, PaymentSource, PaymentStatus,
    Secret, Subscription, SubscriptionEmail, SubscriptionId, Terms,
};
use masthead_store::Email;

use crate::letters;
use masthead_publication::{
    Publication, SiteSnapshot, SnapshotParts,
    page_cache::PageCache,
    theme::{Theme, ThemeError},
};

/// One letter of each kind to `to`, written at `now`: about the first price that the publication
/// sells, or one that it might.
pub fn letters(
    publication: Publication,
    theme: Option<&Path>,
    to: &EmailAddress,
    now: Timestamp,
) -> Result<Vec<Email>, ThemeError> {
    let theme = Theme::load(theme, publication.locale.language(), &publication.sections)?;
    let snapshot = SiteSnapshot::new(
        SnapshotParts {
            publication: Arc::new(publication),
            theme: Arc::new(theme),
            edition: Arc::default(),
            most_read: Arc::default(),
            sold_out: Arc::default(),
        },
        now,
        Arc::new(PageCache::new(0)),
    );
    let secret = Secret::generate(&mut rand::rng());
    let mut all = vec![
        letters::sign_in(&snapshot, to, &secret, "123456")?,
        letters::address(&snapshot, to, to, &secret)?,
        letters::passkey(&snapshot, to, "Firefox, Windows")?,
    ];
    let Some(subscription) = subscription(&snapshot, now) else { return Ok(all) };
    let payment = payment(&snapshot, &subscription, now);
    let through = subscription.next_payment(&snapshot.publication.policy.zone).from;
    for news in SubscriptionEmail::ALL {
        let paid = matches!(news, SubscriptionEmail::Receipt | SubscriptionEmail::PaymentUnused);
        let payment = payment.as_ref().filter(|_| paid);
        all.push(letters::of_subscription(&snapshot, to, news, &subscription, through, payment)?);
    }
    Ok(all)
}

/// The payment for the first period of a subscription; `None` if that is free.
fn payment(snapshot: &SiteSnapshot, of: &Subscription, now: Timestamp) -> Option<Payment> {
    let paid = of.paid.filter(|paid| !paid.amount.is_zero())?;
    let card = of.mandate.card.as_ref();
    Some(Payment {
        number: 1,
        source: PaymentSource::Unknown(String::new()),
        processor: of.mandate.processor.clone(),
        account: Some(of.account),
        subscription: Some(of.id),
        what: of.terms.name.clone(),
        amount: paid.amount,
        at: now,
        from: paid.from,
        through: paid.through,
        card: card.map(|card| letters::card_words(snapshot, card)).unwrap_or_default(),
        status: PaymentStatus::Applied,
    })
}

fn subscription(snapshot: &SiteSnapshot, now: Timestamp) -> Option<Subscription> {
    let publication = &snapshot.publication;
    let catalogue = &publication.catalogue;
    let sold = catalogue.prices().first().and_then(|price| catalogue.terms(price.into()));
    let terms = match sold {
        Some(terms) => terms,
        None => Terms {
            product: "web".to_owned(),
            name: publication.name.clone(),
            channels: vec![Channel::Web],
            price: "monthly".to_owned(),
            offer: None,
            introduction: None,
            amount: Money::of(900, "EUR".parse().ok()?),
            every: "1 month".parse().ok()?,
        },
    };
    let card = Card { brand: "Visa".to_owned(), last4: "4242".to_owned(), year: 2030, month: 1 };
    let mandate = Mandate { processor: String::new(), reference: String::new(), card: Some(card) };
    let id = (SubscriptionId(1), AccountId(1));
    Some(Subscription::start(id, terms, mandate, now, &publication.policy.zone))
}

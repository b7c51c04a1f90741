//! One email of each kind, as the theme writes it, for a publisher to look at and for tests.

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, Card, Channel, EmailAddress, Mandate, Money, Payment, PaymentNumber,
    PaymentSource, PaymentStatus, Secret, Subscription, SubscriptionEmail, SubscriptionId, Terms,
    Withdrawal, WithdrawalWay,
};
use masthead_publication::{
    Publication, SiteSnapshot, SnapshotParts,
    page_cache::PageCache,
    theme::{Theme, ThemeError},
};
use masthead_store::Email;

use crate::emails::{
    self, EmailKind, InvitationContext, NotificationContext, NotificationItem, SubscriptionDetails,
    WeeklyFigure, WeeklyFiguresContext, WeeklyList, WithdrawalDetails, address_change, invitation,
    security, sign_in,
};

/// One email of each kind to `to`, written at `now`: about the first price that the publication sells, or one that it
/// might sell. The secrets in them are `secret` and the code 123456.
///
/// # Errors
///
/// Returns [`ThemeError`] if the theme cannot be loaded, or one of its templates fails.
pub fn samples(
    publication: impl Into<Arc<Publication>>,
    theme: Option<&Path>,
    to: &EmailAddress,
    secret: &Secret,
    now: Timestamp,
) -> Result<Vec<Email>, ThemeError> {
    let publication = publication.into();
    let theme = Theme::load(theme, publication.locale.language(), &publication.sections)?;
    let parts = SnapshotParts::new(publication, Arc::new(theme));
    let snapshot = SiteSnapshot::new(parts, now, Arc::new(PageCache::new(0)));
    let sample = |kind| sample(&snapshot, to, secret, now, kind).transpose();
    EmailKind::all().filter_map(sample).collect()
}

/// An email of this kind. `None` if it is about a subscription and there is none to write about.
fn sample(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    secret: &Secret,
    now: Timestamp,
    kind: EmailKind,
) -> Result<Option<Email>, ThemeError> {
    let account = Account {
        id: AccountId(1),
        email: to.clone(),
        name: "Ada".to_owned(),
        registered: now,
        had_subscription: false,
    };
    let publication = &snapshot.publication;
    let email = match kind {
        EmailKind::SignIn => sign_in(snapshot, to, secret, "123456")?,
        EmailKind::AddressChange => address_change(snapshot, &account, to, to, secret)?,
        EmailKind::Ending(kind) => {
            let Some(subscription) = subscription(snapshot, now) else { return Ok(None) };
            emails::ending(snapshot, to, kind, &[subscription], &secret.to_string())?
        }
        EmailKind::NoEnding(kind) => emails::no_ending(snapshot, to, kind)?,
        EmailKind::Security(notice) => {
            security(snapshot, &account, notice, notice.sample_detail())?
        }
        EmailKind::Invitation => {
            let context = InvitationContext {
                publication: &publication.name,
                lang: "en",
                subject: &format!("Ada invited you to {}", publication.name),
                text: &format!("Ada invited you to join the team of {}.", publication.name),
                role: "Your role: Editor. Plans, edits and publishes all articles.",
                button: "Join the team",
                lifetime: "The link works once, within seven days.",
                unexpected: "If you did not expect this email, ignore it.",
                link: &format!("{}/desk/join/{secret}", publication.address),
            };
            invitation(to, &context)?
        }
        EmailKind::Test => {
            let context = InvitationContext {
                publication: &publication.name,
                lang: "en",
                subject: &format!("Test email from {}", publication.name),
                text: &format!("This is a test email from the newsroom of {}.", publication.name),
                role: "Ada sent it on 24 November 2026, 09:00.",
                button: "Open Email in the newsroom",
                lifetime: "If you can read this, the publication can send email.",
                unexpected: "If you did not expect this email, ignore it.",
                link: &format!("{}/desk/email", publication.address),
            };
            emails::test(&account, &context)?
        }
        EmailKind::Notification => notification_sample(publication, &account)?,
        EmailKind::WeeklyFigures => weekly_sample(publication, &account)?,
        EmailKind::Subscription(email) => {
            let Some(subscription) = subscription(snapshot, now) else { return Ok(None) };
            let payment = payment(snapshot, &subscription, now);
            let date = subscription.next_payment(&publication.policy.zone).from;
            let has_payment = matches!(
                email,
                SubscriptionEmail::Receipt
                    | SubscriptionEmail::Refunded
                    | SubscriptionEmail::PaymentUnused
            );
            let declared = declaration(&account, &subscription, now);
            let refund = subscription.terms.amount;
            let withdrawal = WithdrawalDetails { declared: &declared, refund };
            let withdrawal = (email == SubscriptionEmail::Withdrawn).then_some(withdrawal);
            let payment = payment.as_ref().filter(|_| has_payment);
            let subscription = &subscription;
            let details = SubscriptionDetails {
                subscription,
                date,
                payment,
                delivery: None,
                lacks_delivery: false,
                withdrawal,
                cancelled: (email == SubscriptionEmail::Cancelled).then_some(now),
            };
            emails::subscription(snapshot, to, email, details)?
        }
    };
    Ok(Some(email))
}

fn declaration(reader: &Account, subscription: &Subscription, now: Timestamp) -> Withdrawal {
    Withdrawal {
        subscription: subscription.id,
        at: now,
        name: reader.name.clone(),
        email: reader.email.to_string(),
        way: WithdrawalWay::SignedIn,
    }
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
    Some(Subscription::start(
        SubscriptionId(1),
        AccountId(1),
        terms,
        mandate,
        now,
        &publication.policy.zone,
    ))
}

/// The payment for the first period of a subscription. `None` if that is free.
fn payment(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    now: Timestamp,
) -> Option<Payment> {
    let paid = subscription.paid.filter(|paid| !paid.amount.is_zero())?;
    let card = subscription.mandate.card.as_ref();
    Some(Payment {
        number: PaymentNumber(1),
        source: PaymentSource::Unknown(String::new()),
        processor: subscription.mandate.processor.clone(),
        reference: String::new(),
        account: Some(subscription.account),
        subscription: Some(subscription.id),
        what: subscription.terms.name.clone(),
        amount: paid.amount,
        at: now,
        from: paid.from,
        through: paid.through,
        card: card.map(|card| emails::card_words(snapshot, card)).unwrap_or_default(),
        tax: snapshot.publication.catalogue.tax_of(&subscription.terms.product),
        status: PaymentStatus::Applied,
    })
}

/// Two things that have happened to an article.
fn notification_sample(publication: &Publication, to: &Account) -> Result<Email, ThemeError> {
    let item = |text: &str, quote: &[&str]| NotificationItem {
        text: text.to_owned(),
        quote: quote.iter().map(|line| (*line).to_owned()).collect(),
    };
    let items = [
        item("Ed mentioned you in a comment.", &["@Ada Who says that the ferry left?"]),
        item("The article is due on 25 November 2026, 18:00.", &[]),
    ];
    let context = NotificationContext {
        publication: &publication.name,
        lang: "en",
        subject: "2 notifications: The last ferry",
        headline: "The last ferry",
        items: &items,
        button: "Open article",
        link: &format!("{}/desk/articles/7", publication.address),
        settings: "Choose what you’re told about",
        settings_link: &format!("{}/desk/notifications/settings", publication.address),
    };
    emails::notification(to, &context)
}

/// The figures of a week.
fn weekly_sample(publication: &Publication, to: &Account) -> Result<Email, ThemeError> {
    let figure = |name: &str, value: &str, before: &str| WeeklyFigure {
        name: name.to_owned(),
        value: value.to_owned(),
        before: before.to_owned(),
    };
    let context = WeeklyFiguresContext {
        publication: publication.name.clone(),
        lang: "en".to_owned(),
        subject: "Figures of the week from 16 November 2026".to_owned(),
        figures: vec![figure("Reads", "1,240", "900"), figure("Paywall views", "80", "75")],
        before: "week before".to_owned(),
        lists: vec![WeeklyList {
            title: "Most read articles".to_owned(),
            rows: vec![("The last ferry".to_owned(), "700".to_owned())],
        }],
        button: "Open analytics".to_owned(),
        link: format!("{}/desk/figures?days=7", publication.address),
        settings: "Choose what you’re told about".to_owned(),
        settings_link: format!("{}/desk/notifications/settings", publication.address),
    };
    emails::weekly_figures(to, &context)
}

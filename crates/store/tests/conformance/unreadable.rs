//! An unknown word in a row is an error, and never read as another word.

use jiff::Timestamp;
use masthead_circulation::{Digest, SubscriptionId};
use masthead_store::{AuditQuery, Location, StoreError};
use sea_orm::ConnectionTrait;

use crate::{connect, open, subscriptions};

on_both_engines!(unknown_words_are_errors, a_negative_id_is_an_error);

async fn unknown_words_are_errors(location: &Location) {
    let store = open(location).await;
    let ada = subscriptions::ada(&store).await;
    subscriptions::bought(&store, &ada).await;
    let database = connect(location).await;
    for sql in [
        "UPDATE checkouts SET progress = 'strolling'",
        "UPDATE subscription_changes SET actor = 'ghost'",
        "INSERT INTO staff (account, role, since) VALUES (1, 'jester', 0)",
        "INSERT INTO audit_log (at, action, role, about, reason) VALUES (0, 'sang', 'owner', '', '')",
    ] {
        database.execute_unprepared(sql).await.expect("written");
    }
    let unreadable = |what: &str, error: Option<StoreError>| {
        assert!(matches!(error, Some(StoreError::Unreadable(_))), "{what}: {error:?}");
    };
    unreadable("a checkout", store.checkout(&Digest([1; 32])).await.err());
    unreadable("the audit", store.audit_of(SubscriptionId(1)).await.err());
    unreadable("staff", store.staff(ada.id).await.err());
    unreadable("a record", store.audit_log(&AuditQuery::default(), 9).await.err());
}

async fn a_negative_id_is_an_error(location: &Location) {
    let store = open(location).await;
    let database = connect(location).await;
    database
        .execute_unprepared(
            "INSERT INTO accounts (id, email, name, registered) VALUES (-7, 'ada@example.org', '', 0)",
        )
        .await
        .expect("written");
    let ada = "ada@example.org".parse().expect("an address");
    assert!(store.account_at(&ada).await.is_err());
    assert!(store.register(&ada, Timestamp::UNIX_EPOCH).await.is_err());
}

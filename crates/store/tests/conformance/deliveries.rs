//! Where printed papers are delivered.

use jiff::Timestamp;
use masthead_circulation::{AccountId, DeliveryAddress};
use masthead_store::Location;

on_both_engines!(an_account_has_the_latest_delivery_address_until_it_is_deleted);

async fn an_account_has_the_latest_delivery_address_until_it_is_deleted(location: &Location) {
    let store = crate::open(location).await;
    let now = Timestamp::now();
    let email = "ada@example.org".parse().expect("an address");
    let (ada, _) = store.register(&email, now).await.expect("registered");
    let (bob, _) =
        store.register(&"bob@example.org".parse().expect("an address"), now).await.expect("there");
    assert_eq!(store.delivery_address(ada.id).await.expect("read"), None);
    let first = DeliveryAddress::new("Ada", "3 Quay Street\nTidewater").expect("an address");
    let second = DeliveryAddress::new("Ada Example", "Näher Weg 1\n12345 Ort").expect("an address");
    for address in [&first, &second] {
        store.set_delivery_address(ada.id, address, now).await.expect("set");
        assert_eq!(store.delivery_address(ada.id).await.expect("read").as_ref(), Some(address));
    }
    let all = store.delivery_addresses(&[ada.id, bob.id]).await.expect("read");
    assert_eq!(all.len(), 1);
    assert_eq!(all.get(&ada.id), Some(&second));
    assert!(store.delete_account(&ada, now).await.expect("deleted"));
    assert_eq!(store.delivery_address(ada.id).await.expect("read"), None);
    store.set_delivery_address(AccountId(99), &first, now).await.expect_err("there is no account");
}

//! Tests of payment sources.

use proptest::prelude::*;

use super::{text::MILLISECONDS, *};

fn usd(minor: u64) -> Money {
    Money::of(minor, "USD".parse().expect("a currency"))
}

fn sources() -> impl Strategy<Value = PaymentSource> {
    let order = (any::<u32>(), any::<i64>(), any::<u8>(), any::<u64>(), any::<u64>(), ".*");
    let ordered = order.prop_map(|(id, period, attempt, minor, mandate, price)| {
        let (subscription, mandate) = (SubscriptionId(id), MandateTag(mandate));
        let amount = usd(minor);
        [
            PaymentSource::Renewal(RenewalOrder { subscription, period, attempt, amount, mandate }),
            PaymentSource::PriceChange(PriceChangeOrder {
                subscription,
                period,
                attempt,
                amount,
                mandate,
                price,
            }),
            PaymentSource::FormerRenewal { subscription, period, attempt },
            PaymentSource::FormerPriceChange { subscription, version: id },
        ]
    });
    let entered = (any::<u32>(), any::<i64>()).prop_map(|(id, at)| {
        if at >= MILLISECONDS {
            PaymentSource::BegunByStaff { account: AccountId(id), at }
        } else {
            PaymentSource::EnteredByStaff { subscription: SubscriptionId(id), period: at }
        }
    });
    prop_oneof![
        any::<[u8; 32]>().prop_map(|bytes| PaymentSource::Checkout(Digest(bytes))),
        (ordered, 0_usize..4).prop_map(|(all, which)| all[which].clone()),
        entered,
    ]
}

proptest! {
    #[test]
    fn a_source_is_read_as_it_was_written(source in sources()) {
        prop_assert_eq!(PaymentSource::from(source.to_string().as_str()), source);
    }

    #[test]
    fn every_text_is_a_source_and_keeps_its_characters(text in ".*") {
        prop_assert_eq!(PaymentSource::from(text.as_str()).to_string(), text);
    }
}

#[test]
fn keys_of_earlier_versions_are_read() {
    let subscription = SubscriptionId(7);
    let source = |text: &str| PaymentSource::from(text);
    let former = PaymentSource::FormerRenewal { subscription, period: 1_796_893_200, attempt: 2 };
    assert_eq!(source("7-1796893200-2"), former);
    let change = PaymentSource::FormerPriceChange { subscription, version: 3 };
    assert_eq!(source("7-switch-3"), change);
    let entered = PaymentSource::EnteredByStaff { subscription, period: 1_796_893_200 };
    assert_eq!(source("7-1796893200-entered"), entered);
    let begun = PaymentSource::BegunByStaff { account: AccountId(7), at: 1_796_893_200_123 };
    assert_eq!(source("7-1796893200123-entered"), begun);
    let digest = Digest([9; 32]);
    assert_eq!(source(&digest.to_string()), PaymentSource::Checkout(digest));
}

#[test]
fn a_key_names_everything_that_is_ordered() {
    let mandate =
        Mandate { processor: "stripe".into(), reference: "cus_1/pm_1".into(), card: None };
    let order = PriceChangeOrder {
        subscription: SubscriptionId(7),
        period: 1_796_893_200,
        attempt: 0,
        amount: usd(1200),
        mandate: (&mandate).into(),
        price: "web-yearly".into(),
    };
    let other_card = Mandate { reference: "cus_1/pm_2".into(), ..mandate };
    let others = [
        PriceChangeOrder { subscription: SubscriptionId(8), ..order.clone() },
        PriceChangeOrder { period: 1_796_893_201, ..order.clone() },
        PriceChangeOrder { attempt: 1, ..order.clone() },
        PriceChangeOrder { amount: usd(1300), ..order.clone() },
        PriceChangeOrder { mandate: (&other_card).into(), ..order.clone() },
        PriceChangeOrder { price: "paper-monthly".into(), ..order.clone() },
    ];
    let key = PaymentSource::PriceChange(order).to_string();
    for other in others {
        assert_ne!(PaymentSource::PriceChange(other).to_string(), key);
    }
    assert!(key.len() < 255, "Stripe takes keys of at most 255 characters");
}

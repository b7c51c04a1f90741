//! What the subscriptions come to, product by product.

use std::ops::Range;

use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{
    Money,
    figures::{Movement, OfProduct},
};
use masthead_store::Days;

use super::{Tile, percent, table::Table};
use crate::words::whole;

/// The instants of some days on the publication's clock.
pub(super) fn instants(days: &Days, zone: &TimeZone) -> Range<Timestamp> {
    let begin = |day: jiff::civil::Date| {
        day.to_zoned_datetime(zone.clone()).map_or(Timestamp::MAX, |at| at.timestamp())
    };
    begin(*days.start())..days.end().tomorrow().map_or(Timestamp::MAX, begin)
}

/// All products together, at a glance.
pub(super) fn tiles(products: &[OfProduct]) -> Vec<Tile> {
    let movement = |period: usize| {
        let all = products.iter().filter_map(|product| product.movements.get(period));
        all.fold(Movement::default(), |sum, of| Movement {
            new: sum.new + of.new,
            won_back: sum.won_back + of.won_back,
            lapsed: sum.lapsed + of.lapsed,
            trials: sum.trials + of.trials,
            converted: sum.converted + of.converted,
            lost: sum.lost + of.lost,
            active_before: sum.active_before + of.active_before,
            active: sum.active + of.active,
        })
    };
    let (now, before) = (movement(0), movement(1));
    let tile = |name, of: fn(&Movement) -> String, definition| Tile {
        name,
        value: of(&now),
        before: of(&before),
        definition,
        bands: Vec::new(),
    };
    vec![
        tile(
            "Active subscribers",
            |of| whole(of.active),
            "Subscriptions that were paid for and have not ended, at the end of the period: those in grace, at rest, or \
             cancelled but not yet over are in it. Trials and what is given for nothing are not.",
        ),
        tile("New", |of| whole(of.new), "Subscriptions whose reader paid for the first time."),
        tile(
            "Won back",
            |of| whole(of.won_back),
            "Subscriptions whose reader had paid before, and left.",
        ),
        tile("Lapsed", |of| whole(of.lapsed), "Subscriptions that ended, having been paid for."),
        tile(
            "Churn",
            |of| percent(of.churn()),
            "Of a hundred that were active when the period began, how many lapsed in it.",
        ),
        tile(
            "Trials that convert",
            |of| percent(of.conversion()),
            "Of a hundred trials that came to an end in the period, how many led to a payment.",
        ),
    ]
}

/// What is paid a month for all products, as `write` writes amounts.
pub(super) fn monthly(products: &[OfProduct], write: impl Fn(Money) -> String) -> String {
    let mut all: Vec<Money> = Vec::new();
    for money in products.iter().flat_map(|product| &product.monthly) {
        match all.iter_mut().find(|known| known.currency() == money.currency()) {
            Some(known) => *known = Money::of(known.minor() + money.minor(), money.currency()),
            None => all.push(*money),
        }
    }
    all.into_iter().map(write).collect::<Vec<_>>().join(", ")
}

fn words(all: &[Money]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Product by product.
pub(super) fn table(products: &[OfProduct], names: &[(String, String)]) -> Table {
    let name = |slug: &str| {
        let known = names.iter().find(|(known, _)| known == slug);
        known.map_or_else(|| slug.to_owned(), |(_, name)| name.clone())
    };
    let row = |product: &OfProduct| {
        let of = product.movements.first().copied().unwrap_or_default();
        let counts = [
            of.active,
            of.active_before,
            of.new,
            of.won_back,
            of.lapsed,
            of.trials,
            of.converted,
            of.lost,
            product.trials,
            product.given,
        ];
        let last = [percent(of.churn()), words(&product.monthly)];
        (name(&product.product), counts.to_vec(), last.to_vec())
    };
    Table::of_products(products.iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_publication_and_money_is_added_by_currency() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let day = jiff::civil::date(2026, 11, 24);
        let instants = instants(&(day..=day), &zone);
        assert_eq!(instants.start.to_string(), "2026-11-23T15:00:00Z");
        assert_eq!(instants.end.to_string(), "2026-11-24T15:00:00Z");
        let money = |text, code: &str| {
            Money::parse(text, code.parse().expect("a currency")).expect("an amount")
        };
        let product = |monthly: Vec<Money>| OfProduct {
            product: "web".to_owned(),
            movements: vec![
                Movement {
                    active: 3,
                    active_before: 4,
                    lapsed: 1,
                    ..Movement::default()
                };
                2
            ],
            trials: 0,
            given: 0,
            monthly,
        };
        let all =
            [product(vec![money("9", "EUR")]), product(vec![money("2", "EUR"), money("1", "USD")])];
        let said = monthly(&all, |money| money.to_string());
        assert_eq!(said, format!("{}, {}", money("11", "EUR"), money("1", "USD")));
        let tiles = tiles(&all);
        assert_eq!((tiles[0].value.as_str(), tiles[4].value.as_str()), ("6", "25.0 %"));
        let names = [("web".to_owned(), "The web".to_owned())];
        let csv = String::from_utf8(table(&all, &names).csv()).expect("text");
        assert!(csv.contains("\nThe web,3,4,0,0,1,0,0,0,0,0,25.0 %,"), "{csv}");
    }
}

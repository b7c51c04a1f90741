//! Figures of subscriptions: in total, by day and by product.

use jiff::civil::Date;
use masthead_circulation::{
    Money,
    figures::{Movement, ProductFigures},
    money::add_by_currency,
};
use serde::Serialize;

use super::{
    chart::{
        flow::{Flow, flow},
        trend::{Trend, trend},
    },
    rates::percent,
    table::Table,
    tiles::Tile,
};
use crate::format::grouped;

/// The figures.
#[derive(Default, Serialize)]
pub(super) struct SubscriptionFigures {
    tiles: Vec<Tile>,
    /// What is paid per month; empty if nothing is.
    monthly: String,
    /// Subscriptions active at the end of each day or week.
    active: Trend,
    /// Subscriptions that began and ended.
    movement: Flow,
    pub by_part: Table,
    pub by_product: Table,
}

const PARTS: [&str; 6] = ["From", "Active", "New", "Won back", "Lapsed", "Active before"];
const PRODUCTS: [&str; 13] = [
    "Product",
    "Active",
    "Active before",
    "New",
    "Won back",
    "Lapsed",
    "Trials begun",
    "Trials converted",
    "Trials lost",
    "In trial now",
    "Given now",
    "Churn, of 100",
    "A month now",
];

/// The figures of `products`, whose movements are those of the period, of the one before, and of the parts of both,
/// which begin on these `days`. `names` are the names of products by slug; `write` formats amounts.
pub(super) fn subscriptions(
    products: &[ProductFigures],
    days: &[Date],
    names: &[(String, String)],
    write: impl Fn(Money) -> String,
) -> SubscriptionFigures {
    let parts: Vec<Movement> =
        (2..2 + 2 * days.len()).map(|period| together(products, period)).collect();
    let (now, before) = parts.split_at(days.len());
    #[allow(clippy::cast_precision_loss)] // a chart is not that exact
    let active = |of: &Movement| Some(of.active as f64);
    let series = |all: &[Movement]| all.iter().map(active).collect::<Vec<_>>();
    let moved: Vec<_> = now.iter().map(|of| [of.new, of.won_back, of.lapsed]).collect();
    SubscriptionFigures {
        tiles: tiles(together(products, 0), together(products, 1)),
        monthly: monthly(products, &write),
        active: trend(days, &series(now), &series(before), number),
        movement: flow(days, &moved),
        by_part: by_part(days, now, before),
        by_product: by_product(products, names, write),
    }
}

fn by_part(days: &[Date], now: &[Movement], before: &[Movement]) -> Table {
    let mut table = Table::new("movement", "Subscriptions, by day or week", &PARTS);
    for (date, (of, before)) in days.iter().zip(now.iter().zip(before)).rev() {
        let numbers = [of.active, of.new, of.won_back, of.lapsed, before.active];
        table.row(date.to_string()).counts(&numbers);
    }
    table
}

/// All products together in one of their periods.
fn together(products: &[ProductFigures], period: usize) -> Movement {
    let all = products.iter().filter_map(|product| product.movements.get(period));
    all.fold(Movement::default(), |mut sum, of| {
        sum += *of;
        sum
    })
}

fn number(of: Option<f64>) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // it was a count
    of.map_or("–".to_owned(), |of| grouped(of.round() as u64))
}

fn tiles(now: Movement, before: Movement) -> Vec<Tile> {
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
            |of| grouped(of.active),
            "Subscriptions that were paid for and have not ended, at the end of the period: those in grace, at rest, or \
             cancelled but not yet over are in it. Trials and what is given for nothing are not.",
        ),
        tile("New", |of| grouped(of.new), "Subscriptions whose reader paid for the first time."),
        tile(
            "Won back",
            |of| grouped(of.won_back),
            "Subscriptions whose reader had paid before, and left.",
        ),
        tile("Lapsed", |of| grouped(of.lapsed), "Subscriptions that ended, having been paid for."),
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

/// What is paid per month for all products.
fn monthly(products: &[ProductFigures], write: impl Fn(Money) -> String) -> String {
    let mut all: Vec<Money> = Vec::new();
    add_by_currency(&mut all, products.iter().flat_map(|product| product.monthly.iter().copied()));
    words(&all, write)
}

fn words(all: &[Money], write: impl Fn(Money) -> String) -> String {
    all.iter().map(|money| write(*money)).collect::<Vec<_>>().join(", ")
}

fn by_product(
    products: &[ProductFigures],
    names: &[(String, String)],
    write: impl Fn(Money) -> String,
) -> Table {
    let mut table = Table::new("products", "Subscriptions, by product", &PRODUCTS);
    for product in products {
        let of = product.movements.first().copied().unwrap_or_default();
        let known = names.iter().find(|(slug, _)| *slug == product.product);
        let numbers = [
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
        let monthly = words(&product.monthly, &write);
        let plain = words(&product.monthly, |money| money.to_string());
        table
            .row(known.map_or(product.product.as_str(), |(_, name)| name))
            .counts(&numbers)
            .rate(of.churn(), " %")
            .text(monthly, plain);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_added_by_currency() {
        let money = |text, code: &str| {
            Money::parse(text, code.parse().expect("a currency")).expect("an amount")
        };
        let product = |monthly: Vec<Money>| ProductFigures {
            product: "web".to_owned(),
            movements: vec![
                Movement {
                    active: 3,
                    active_before: 4,
                    lapsed: 1,
                    ..Movement::default()
                };
                4
            ],
            trials: 0,
            given: 0,
            monthly,
        };
        let all =
            [product(vec![money("9", "EUR")]), product(vec![money("2", "EUR"), money("1", "USD")])];
        let names = [("web".to_owned(), "The web".to_owned())];
        let day = jiff::civil::date(2026, 11, 24);
        let seen = subscriptions(&all, &[day], &names, |money| format!("about {money}"));
        let said = format!("about {}, about {}", money("11", "EUR"), money("1", "USD"));
        assert_eq!(seen.monthly, said);
        let values: Vec<&str> = seen.tiles.iter().map(|tile| tile.value.as_str()).collect();
        assert_eq!(values, ["6", "0", "0", "2", "25.0 %", "–"]);
        let csv = String::from_utf8(seen.by_product.csv()).expect("text");
        assert!(csv.contains("\nThe web,3,4,0,0,1,0,0,0,0,0,25.000,9.00"), "{csv}");
        let csv = String::from_utf8(seen.by_part.csv()).expect("text");
        assert!(csv.ends_with("\n2026-11-24,6,0,0,2,6\n"), "{csv}");
    }
}

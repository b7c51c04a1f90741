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
    revenue::RevenueFigures,
    table::Table,
    tiles::Tile,
};
use crate::words::DeskWords;

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
    pub revenue: RevenueFigures,
}

/// The headings by day or week: names of words.
const PARTS: [&str; 6] = [
    "figures_from",
    "figures_active",
    "figures_new",
    "figures_reactivated",
    "figures_lapsed",
    "figures_active_before",
];
/// The headings by product: names of words.
const PRODUCTS: [&str; 13] = [
    "figures_product",
    "figures_active",
    "figures_active_before",
    "figures_new",
    "figures_reactivated",
    "figures_lapsed",
    "figures_trials_started",
    "figures_trials_converted",
    "figures_trials_lost",
    "figures_in_trial",
    "figures_complimentary",
    "figures_churn_percent",
    "figures_mrr",
];

/// The figures of `products`, whose movements are those of the period, of the one before, and of the parts of both,
/// which begin on these `days`. `names` are the names of products by slug.
pub(super) fn subscriptions(
    products: &[ProductFigures],
    days: &[Date],
    names: &[(String, String)],
    words: DeskWords,
) -> SubscriptionFigures {
    let parts: Vec<Movement> =
        (2..2 + 2 * days.len()).map(|period| together(products, period)).collect();
    let (now, before) = parts.split_at(days.len());
    #[allow(clippy::cast_precision_loss)] // a chart is not that exact
    let active = |of: &Movement| Some(of.active as f64);
    let series = |all: &[Movement]| all.iter().map(active).collect::<Vec<_>>();
    let moved: Vec<_> = now.iter().map(|of| [of.new, of.reactivated, of.lapsed]).collect();
    SubscriptionFigures {
        tiles: tiles(together(products, 0), together(products, 1), words),
        monthly: monthly(products, words),
        active: trend(days, &series(now), &series(before), words, number),
        movement: flow(days, &moved, words),
        by_part: by_part(days, now, before, words),
        by_product: by_product(products, names, words),
        revenue: RevenueFigures::default(),
    }
}

fn by_part(days: &[Date], now: &[Movement], before: &[Movement], words: DeskWords) -> Table {
    let mut table = Table::new("movement", "figures_new_and_lapsed", &PARTS, words);
    for (date, (of, before)) in days.iter().zip(now.iter().zip(before)).rev() {
        let numbers = [of.active, of.new, of.reactivated, of.lapsed, before.active];
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

fn number(of: Option<f64>, words: DeskWords) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // it was a count
    of.map_or("–".to_owned(), |of| words.number(of.round() as u64))
}

fn tiles(now: Movement, before: Movement, words: DeskWords) -> Vec<Tile> {
    let tile = |name, definition, of: &dyn Fn(&Movement) -> String| Tile {
        name: words.text(name),
        value: of(&now),
        before: of(&before),
        definition: words.text(definition),
        bands: Vec::new(),
    };
    let count = |of: fn(&Movement) -> u64| move |movement: &Movement| words.number(of(movement));
    vec![
        tile("figures_active_subscribers", "figures_active_text", &count(|of| of.active)),
        tile("figures_new", "figures_new_text", &count(|of| of.new)),
        tile("figures_reactivated", "figures_reactivated_text", &count(|of| of.reactivated)),
        tile("figures_lapsed", "figures_lapsed_text", &count(|of| of.lapsed)),
        tile("figures_churn", "figures_churn_text", &|of| percent(of.churn(), words)),
        tile("figures_trial_conversion", "figures_trial_conversion_text", &|of| {
            percent(of.conversion(), words)
        }),
    ]
}

/// What is paid per month for all products.
fn monthly(products: &[ProductFigures], words: DeskWords) -> String {
    let mut all: Vec<Money> = Vec::new();
    add_by_currency(&mut all, products.iter().flat_map(|product| product.monthly.iter().copied()));
    amounts(&all, |money| words.money(money))
}

fn amounts(all: &[Money], write: impl Fn(Money) -> String) -> String {
    all.iter().map(|money| write(*money)).collect::<Vec<_>>().join(", ")
}

fn by_product(products: &[ProductFigures], names: &[(String, String)], words: DeskWords) -> Table {
    let mut table = Table::new("products", "figures_by_product", &PRODUCTS, words);
    for product in products {
        let of = product.movements.first().copied().unwrap_or_default();
        let known = names.iter().find(|(slug, _)| *slug == product.product);
        let numbers = [
            of.active,
            of.active_before,
            of.new,
            of.reactivated,
            of.lapsed,
            of.trials,
            of.converted,
            of.lost,
            product.trials,
            product.given,
        ];
        let monthly = amounts(&product.monthly, |money| words.money(money));
        let plain = amounts(&product.monthly, |money| money.to_string());
        table
            .row(known.map_or(product.product.as_str(), |(_, name)| name))
            .counts(&numbers)
            .rate(of.churn())
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
        let seen = subscriptions(&all, &[day], &names, DeskWords::default());
        assert_eq!(seen.monthly, "€11, US$1");
        let values: Vec<&str> = seen.tiles.iter().map(|tile| tile.value.as_str()).collect();
        assert_eq!(values, ["6", "0", "0", "2", "25.0%", "–"]);
        let csv = String::from_utf8(seen.by_product.csv()).expect("text");
        assert!(csv.contains("\nThe web,3,4,0,0,1,0,0,0,0,0,25.000,9.00"), "{csv}");
        let csv = String::from_utf8(seen.by_part.csv()).expect("text");
        assert!(csv.ends_with("\n2026-11-24,6,0,0,2,6\n"), "{csv}");
    }
}

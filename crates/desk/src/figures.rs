//! `/desk/figures`: reads, walls and conversions.
//!
//! To add a figure: add a tile in `tiles`, or a chart with the table behind it, to the page in `dashboard`.

pub(crate) mod article;
mod chart;
mod conversions;
mod daily;
pub(crate) mod dashboard;
mod data;
mod funnel;
mod period;
mod product_totals;
mod range;
mod rates;
mod referrers;
pub(crate) mod refresh;
mod revenue;
mod sources;
mod subscriptions;
mod table;
mod tiles;
pub(crate) mod totals;
mod walls;
mod weekly;
mod what_if;

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::article::samples::render(rendered);
        super::dashboard::samples::render(rendered);
    }
}

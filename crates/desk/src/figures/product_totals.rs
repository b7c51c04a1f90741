//! Adding up the figures of products, batch by batch.

use std::{cmp::Reverse, collections::HashMap};

use masthead_circulation::figures::ProductFigures;

/// The figures of all accounts that were added so far.
#[derive(Default)]
pub(super) struct ProductTotals(HashMap<String, ProductFigures>);

impl ProductTotals {
    /// Adds the figures of some accounts. Those of one account must not be spread over several batches.
    pub fn add(&mut self, batch: Vec<ProductFigures>) {
        for figures in batch {
            match self.0.get_mut(&figures.product) {
                Some(known) => known.add(figures),
                None => {
                    self.0.insert(figures.product.clone(), figures);
                }
            }
        }
    }

    /// The figures of products, those with the most active subscriptions first, once for each group of periods.
    /// `lengths` are the numbers of periods in each group.
    pub fn split(self, lengths: &[usize]) -> Vec<Vec<ProductFigures>> {
        let mut products: Vec<ProductFigures> = self.0.into_values().collect();
        let mut begin = 0;
        let mut groups = Vec::new();
        for length in lengths {
            let range = begin..begin + length;
            begin = range.end;
            products.sort_by_key(|product| {
                let active = product.movements.get(range.start).map_or(0, |first| first.active);
                (Reverse(active), product.product.clone())
            });
            let group = |product: &ProductFigures| ProductFigures {
                movements: product.movements.get(range.clone()).unwrap_or_default().to_vec(),
                ..product.clone()
            };
            groups.push(products.iter().map(group).collect());
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use masthead_circulation::{Money, figures::Movement};

    use super::*;

    fn figures(product: &str, active: [u64; 2], monthly: &str) -> ProductFigures {
        let movement = |active| Movement { active, new: 1, ..Movement::default() };
        ProductFigures {
            product: product.to_owned(),
            movements: active.map(movement).to_vec(),
            trials: 1,
            given: 2,
            monthly: vec![
                Money::parse(monthly, "EUR".parse().expect("a currency")).expect("money"),
            ],
        }
    }

    #[test]
    fn batches_are_added_and_split_by_groups_of_periods() {
        let mut totals = ProductTotals::default();
        totals.add(vec![figures("web", [3, 1], "9"), figures("print", [4, 0], "30")]);
        totals.add(vec![figures("web", [2, 5], "1")]);
        let groups = totals.split(&[1, 1]);
        let names = |group: &[ProductFigures]| {
            group.iter().map(|of| (of.product.clone(), of.movements[0].active)).collect::<Vec<_>>()
        };
        assert_eq!(names(&groups[0]), [("web".to_owned(), 5), ("print".to_owned(), 4)]);
        assert_eq!(names(&groups[1]), [("web".to_owned(), 6), ("print".to_owned(), 0)]);
        let web = &groups[0][0];
        assert_eq!((web.movements[0].new, web.trials, web.given), (2, 2, 4));
        assert_eq!(web.monthly[0].decimal(), "10.00");
    }
}

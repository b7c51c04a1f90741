//! What the counts of a period come to.

use std::collections::HashMap;

use crate::{
    counted::Counted,
    uniques::{MOST_REACHED, Sketch, Uniques},
};

/// How often what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(HashMap<Counted, u64>);

impl Counts {
    /// Adds to a count.
    pub fn add(&mut self, counted: Counted, times: u64) {
        *self.0.entry(counted).or_default() += times;
    }

    /// Adds everything in another.
    pub fn add_all(&mut self, other: &Self) {
        other.0.iter().for_each(|(counted, times)| self.add(*counted, *times));
    }

    /// How often this happened.
    pub fn of(&self, counted: Counted) -> u64 {
        self.0.get(&counted).copied().unwrap_or_default()
    }

    /// How often a whole text was read.
    pub fn reads(&self) -> u64 {
        self.sum(Counted::is_read)
    }

    /// How often somebody met a wall.
    pub fn walls(&self) -> u64 {
        self.sum(Counted::is_wall)
    }

    /// How often this happened for a hundred walls; none without a wall.
    pub fn per_hundred_walls(&self, counted: Counted) -> Option<f64> {
        percent(self.of(counted), self.walls())
    }

    fn sum(&self, which: fn(Counted) -> bool) -> u64 {
        self.0.iter().filter(|(counted, _)| which(**counted)).map(|(_, times)| times).sum()
    }
}

/// Who was there, of several days together.
#[derive(Clone, Debug, Default)]
pub struct UniquesByDay(HashMap<Uniques, Sketch>);

impl UniquesByDay {
    /// Adds those who were there on one more day.
    pub fn add(&mut self, crowd: Uniques, sketch: &Sketch) {
        self.0.entry(crowd).or_default().unite(sketch);
    }

    /// Adds everybody who is in another.
    pub fn add_all(&mut self, other: &Self) {
        other.0.iter().for_each(|(crowd, sketch)| self.add(*crowd, sketch));
    }

    /// Of a hundred readers, how many met a wall; none without a reader.
    pub fn stop_rate(&self) -> Option<f64> {
        percent(self.count(Uniques::Walled), self.count(Uniques::Readers))
    }

    /// How many different readers there were, about.
    pub fn count(&self, crowd: Uniques) -> u64 {
        self.0.get(&crowd).map_or(0, Sketch::count)
    }
}

/// All that is known of a period.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// How often what happened.
    pub counts: Counts,
    /// Who was there.
    pub crowds: UniquesByDay,
}

impl Figures {
    /// Of a hundred readers, how many met a wall; none without a reader.
    pub fn stop_rate(&self) -> Option<f64> {
        self.crowds.stop_rate()
    }

    /// Of a hundred readers who met a wall, how many paid; none where nobody met one.
    pub fn conversion(&self) -> Option<f64> {
        percent(self.counts.of(Counted::Bought), self.crowds.count(Uniques::Walled))
    }
}

/// What another allowance would have done in a window, as its own counts tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// Readers who went for more than the allowance that there was.
    pub stopped: u64,
    /// Those who went for more than the other.
    pub would_be_stopped: u64,
}

impl WhatIf {
    /// With `other` instead of `allowance`; none where the other is larger, for nobody knows how much more readers
    /// would have gone for, or where it is not told apart.
    pub fn new(
        crowds: &UniquesByDay,
        registered: bool,
        allowance: u32,
        other: u32,
    ) -> Option<Self> {
        let went_for_more = |than: u32| {
            let articles = u8::try_from(than + 1).ok().filter(|n| *n <= MOST_REACHED)?;
            Some(crowds.count(Uniques::Reached { registered, articles }))
        };
        (other <= allowance).then_some(())?;
        Some(Self { stopped: went_for_more(allowance)?, would_be_stopped: went_for_more(other)? })
    }
}

/// A part, of a hundred; none of nothing.
pub fn percent(part: u64, whole: u64) -> Option<f64> {
    #[allow(clippy::cast_precision_loss)] // far below what a double holds exactly
    (whole > 0).then(|| 100.0 * part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use masthead_access::WallReason;

    use super::*;

    fn readers(numbers: std::ops::Range<u128>) -> Sketch {
        let mut sketch = Sketch::default();
        numbers.for_each(|number| sketch.add(number));
        sketch
    }

    #[test]
    fn rates_are_of_a_hundred() {
        let mut figures = Figures::default();
        assert_eq!((figures.stop_rate(), figures.conversion()), (None, None));
        figures.crowds.add(Uniques::Readers, &readers(0..40));
        figures.crowds.add(Uniques::Readers, &readers(20..50));
        figures.crowds.add(Uniques::Walled, &readers(10..12));
        assert_eq!(figures.stop_rate(), Some(4.0));
        figures.counts.add(Counted::Wall(WallReason::Meter), 3);
        figures.counts.add(Counted::Wall(WallReason::Register), 1);
        figures.counts.add(Counted::Bought, 1);
        figures.counts.add(Counted::OpenRead, 9);
        assert_eq!((figures.counts.walls(), figures.counts.reads()), (4, 9));
        assert_eq!(figures.counts.per_hundred_walls(Counted::Bought), Some(25.0));
        assert_eq!(figures.conversion(), Some(50.0));
    }

    #[test]
    fn a_smaller_allowance_stops_those_who_went_for_more() {
        let mut crowds = UniquesByDay::default();
        for (articles, went) in [(1, 100), (2, 60), (3, 30), (4, 10)] {
            crowds.add(Uniques::Reached { registered: false, articles }, &readers(0..went));
        }
        let what_if = |other| WhatIf::new(&crowds, false, 3, other);
        assert_eq!(what_if(2), Some(WhatIf { stopped: 10, would_be_stopped: 30 }));
        assert_eq!(what_if(0), Some(WhatIf { stopped: 10, would_be_stopped: 100 }));
        assert_eq!(what_if(4), None);
        assert_eq!(
            WhatIf::new(&crowds, true, 3, 2),
            Some(WhatIf { stopped: 0, would_be_stopped: 0 })
        );
    }
}

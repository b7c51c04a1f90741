//! Metrics derived from the counts of a period.

use std::collections::HashMap;

use crate::{
    counted::CountedEvent,
    uniques::{MAX_REACHED, ReaderGroup, Sketch},
};

/// The number of events of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(HashMap<CountedEvent, u64>);

impl Counts {
    /// Adds to a count.
    pub fn add(&mut self, counted: CountedEvent, times: u64) {
        *self.0.entry(counted).or_default() += times;
    }

    /// Adds all counts of `other`.
    pub fn add_all(&mut self, other: &Self) {
        other.0.iter().for_each(|(counted, times)| self.add(*counted, *times));
    }

    /// Returns the count of an event.
    pub fn of(&self, counted: CountedEvent) -> u64 {
        self.0.get(&counted).copied().unwrap_or_default()
    }

    /// Returns how many full texts were read.
    pub fn reads(&self) -> u64 {
        self.sum(CountedEvent::is_read)
    }

    /// Returns how many walls readers got.
    pub fn walls(&self) -> u64 {
        self.sum(CountedEvent::is_wall)
    }

    /// Returns the count of an event in percent of walls, or `None` without walls.
    pub fn per_hundred_walls(&self, counted: CountedEvent) -> Option<f64> {
        percent(self.of(counted), self.walls())
    }

    fn sum(&self, which: fn(CountedEvent) -> bool) -> u64 {
        self.0.iter().filter(|(counted, _)| which(**counted)).map(|(_, times)| times).sum()
    }
}

/// The readers of several days, by group.
#[derive(Clone, Debug, Default)]
pub struct UniqueReaders(HashMap<ReaderGroup, Sketch>);

impl UniqueReaders {
    /// Adds the readers of a day.
    pub fn add(&mut self, group: ReaderGroup, sketch: &Sketch) {
        self.0.entry(group).or_default().merge(sketch);
    }

    /// Adds all readers of `other`.
    pub fn add_all(&mut self, other: &Self) {
        other.0.iter().for_each(|(group, sketch)| self.add(*group, sketch));
    }

    /// Returns the percentage of readers who got a wall, or `None` without readers.
    pub fn stop_rate(&self) -> Option<f64> {
        percent(self.count(ReaderGroup::Walled), self.count(ReaderGroup::Readers))
    }

    /// Returns the approximate number of distinct readers in a group.
    pub fn count(&self, group: ReaderGroup) -> u64 {
        self.0.get(&group).map_or(0, Sketch::count)
    }
}

/// The counts and readers of a period.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// The number of events.
    pub counts: Counts,
    /// The readers.
    pub uniques: UniqueReaders,
}

impl Figures {
    /// Returns the percentage of readers who got a wall, or `None` without readers.
    pub fn stop_rate(&self) -> Option<f64> {
        self.uniques.stop_rate()
    }

    /// Returns the number of payments in percent of readers who got a wall, or `None` if none did.
    pub fn conversion(&self) -> Option<f64> {
        percent(self.counts.of(CountedEvent::Bought), self.uniques.count(ReaderGroup::Walled))
    }
}

/// The effect that another allowance would have had in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// Readers who tried to read more than the current allowance.
    pub stopped: u64,
    /// Readers who tried to read more than the other allowance.
    pub would_be_stopped: u64,
}

impl WhatIf {
    /// Compares `allowance` with `other`. Returns `None` if `other` is larger, because it is
    /// unknown how much more readers would have read, or if so many articles are not counted
    /// separately.
    pub fn new(
        uniques: &UniqueReaders,
        registered: bool,
        allowance: u32,
        other: u32,
    ) -> Option<Self> {
        let went_for_more = |than: u32| {
            let articles = u8::try_from(than + 1).ok().filter(|n| *n <= MAX_REACHED)?;
            Some(uniques.count(ReaderGroup::Reached { registered, articles }))
        };
        (other <= allowance).then_some(())?;
        Some(Self { stopped: went_for_more(allowance)?, would_be_stopped: went_for_more(other)? })
    }
}

/// Returns `part` in percent of `whole`, or `None` if `whole` is zero.
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
    fn rates_are_percentages() {
        let mut figures = Figures::default();
        assert_eq!((figures.stop_rate(), figures.conversion()), (None, None));
        figures.uniques.add(ReaderGroup::Readers, &readers(0..40));
        figures.uniques.add(ReaderGroup::Readers, &readers(20..50));
        figures.uniques.add(ReaderGroup::Walled, &readers(10..12));
        assert_eq!(figures.stop_rate(), Some(4.0));
        figures.counts.add(CountedEvent::Wall(WallReason::Meter), 3);
        figures.counts.add(CountedEvent::Wall(WallReason::Register), 1);
        figures.counts.add(CountedEvent::Bought, 1);
        figures.counts.add(CountedEvent::OpenRead, 9);
        assert_eq!((figures.counts.walls(), figures.counts.reads()), (4, 9));
        assert_eq!(figures.counts.per_hundred_walls(CountedEvent::Bought), Some(25.0));
        assert_eq!(figures.conversion(), Some(50.0));
    }

    #[test]
    fn a_smaller_allowance_stops_readers_who_tried_more() {
        let mut uniques = UniqueReaders::default();
        for (articles, went) in [(1, 100), (2, 60), (3, 30), (4, 10)] {
            uniques.add(ReaderGroup::Reached { registered: false, articles }, &readers(0..went));
        }
        let what_if = |other| WhatIf::new(&uniques, false, 3, other);
        assert_eq!(what_if(2), Some(WhatIf { stopped: 10, would_be_stopped: 30 }));
        assert_eq!(what_if(0), Some(WhatIf { stopped: 10, would_be_stopped: 100 }));
        assert_eq!(what_if(4), None);
        assert_eq!(
            WhatIf::new(&uniques, true, 3, 2),
            Some(WhatIf { stopped: 0, would_be_stopped: 0 })
        );
    }
}

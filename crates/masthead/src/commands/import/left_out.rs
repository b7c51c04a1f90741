//! Items that were left out, or whose articles stay as they are. All are counted; only some are named, because an archive may have
//! hundreds of thousands.

use std::collections::BTreeMap;

/// How many items are named for one reason.
const FOR_ONE_REASON: usize = 20;
/// How many items are named in all.
const IN_ALL: usize = 1000;

/// Items with the reasons.
#[derive(Default)]
pub(super) struct LeftOut {
    number: usize,
    /// Their names, and why.
    named: Vec<(String, String)>,
    /// How many items have each reason of those that are named.
    by_reason: BTreeMap<String, usize>,
}

impl LeftOut {
    pub(super) fn add(&mut self, what: String, why: String) {
        self.number += 1;
        let has_room = self.by_reason.len() < IN_ALL;
        let number = match self.by_reason.get_mut(&why) {
            Some(number) => {
                *number += 1;
                *number
            }
            None if has_room => {
                self.by_reason.insert(why.clone(), 1);
                1
            }
            None => return,
        };
        if number <= FOR_ONE_REASON && self.named.len() < IN_ALL {
            self.named.push((what, why));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.number == 0
    }

    /// The number of items, and a line for each that is named. For a reason that more have, a line says how many.
    pub(super) fn lines(&self) -> Vec<String> {
        let named = self.named.iter().map(|(what, why)| format!("{what}: {why}"));
        let mut lines: Vec<String> = named.collect();
        for (why, number) in &self.by_reason {
            let shown = self.named.iter().filter(|(_, other)| other == why).count();
            if *number > shown {
                lines.push(format!("{} more: {why}", number - shown));
            }
        }
        let others = self.number - self.by_reason.values().sum::<usize>();
        if others > 0 {
            lines.push(format!("{others} more, for other reasons"));
        }
        if self.number > self.named.len() {
            lines.push("All are in the file that --report writes.".to_owned());
        }
        lines
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_some_are_named() {
        let mut left_out = LeftOut::default();
        assert!(left_out.is_empty());
        for number in 0..5_000 {
            left_out.add(format!("attachment {number}"), "media".to_owned());
            left_out.add(format!("item {number}"), format!("line {number}"));
        }
        assert_eq!(left_out.number(), 10_000);
        let lines = left_out.lines();
        assert!(lines.len() <= IN_ALL + FOR_ONE_REASON + 2, "{}", lines.len());
        assert_eq!(lines[0], "attachment 0: media");
        assert!(lines.contains(&"4980 more: media".to_owned()), "{lines:?}");
        assert_eq!(
            lines.last().map(String::as_str),
            Some("All are in the file that --report writes.")
        );
    }
}

//! When articles change their tier because of their age.

use jiff::{SignedDuration, Timestamp};
use masthead_access::Policy;

use crate::edition::{Edition, EditionEntry, EntryList};

/// Returns the next instant after `now` at which an article reaches an age that a rule names.
pub(crate) fn next_tier_change(
    policy: &Policy,
    edition: &Edition,
    now: Timestamp,
) -> Option<Timestamp> {
    let ages = policy.rules.iter().flat_map(|rule| [rule.younger_than, rule.older_than]);
    ages.flatten().filter_map(|age| next_at_age(edition.articles(), age, now)).min()
}

/// Returns when the oldest article that is younger than `age` reaches it.
fn next_at_age(articles: &EntryList, age: SignedDuration, now: Timestamp) -> Option<Timestamp> {
    let is_younger = |entry: &EditionEntry| now.duration_since(entry.published) < age;
    articles.last_while(is_younger)?.published.checked_add(age).ok()
}

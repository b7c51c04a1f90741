//! Embargoes: until when readers must not get a text. This is the only place that decides it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Draft;
use crate::piece::{Piece, Status};

/// The error for a publication that an embargo forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, thiserror::Error)]
#[error("it is under embargo until {until}")]
pub struct Embargoed {
    /// When the embargo ends.
    pub until: Timestamp,
}

/// Checks at `now` that a text which is published at `published` keeps its embargo.
///
/// # Errors
///
/// Returns the end of the embargo if readers would get the text before.
pub fn check_embargo(
    embargo: Option<Timestamp>,
    published: Timestamp,
    now: Timestamp,
) -> Result<(), Embargoed> {
    match embargo {
        Some(until) if published.max(now) < until => Err(Embargoed { until }),
        Some(_) | None => Ok(()),
    }
}

impl Draft {
    /// Checks that the embargo of this draft is kept by `piece`, which is published already. What readers have at `now`
    /// stays: then the embargo is on the changes. What is scheduled would be published in spite of the embargo.
    ///
    /// # Errors
    ///
    /// Returns the end of the embargo if the piece is scheduled for an earlier time.
    pub fn check_schedule(&self, piece: &Piece, now: Timestamp) -> Result<(), Embargoed> {
        match piece.published {
            Some(published) if piece.status == Status::Published && published > now => {
                check_embargo(self.embargo, published, now)
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    proptest! {
        /// In whatever order a story is scheduled and embargoed, readers never get it during an embargo that was kept.
        #[test]
        fn a_kept_embargo_holds(
            steps in prop::collection::vec((0_i64..50, any::<bool>(), prop::option::of(0_i64..500)), 1..20),
        ) {
            let mut piece = Piece {
                status: Status::Draft,
                published: None,
                ..Draft::default().publish(
                    super::super::PublishDetails {
                        slug: String::new(),
                        published: at(0),
                        correction: None,
                    },
                    &[],
                    None,
                )
            };
            let (mut now, mut embargo) = (at(0), None);
            for (passed, saves, time) in steps {
                let before = now;
                now += jiff::SignedDuration::from_secs(passed);
                let is_out = |piece: &Piece, now| {
                    piece.status == Status::Published && piece.published.is_some_and(|at| at <= now)
                };
                if is_out(&piece, now) && !is_out(&piece, before) {
                    prop_assert!(embargo.is_none_or(|until| until <= piece.published.expect("a time")));
                }
                if saves {
                    let draft = Draft { embargo: time.map(at), ..Draft::default() };
                    if draft.check_schedule(&piece, now).is_ok() {
                        embargo = draft.embargo;
                    }
                } else if !is_out(&piece, now) {
                    let published = time.map_or(now, at);
                    if check_embargo(embargo, published, now).is_ok() {
                        piece.status = Status::Published;
                        piece.published = Some(published);
                        prop_assert!(embargo.is_none_or(|until| until <= published.max(now)));
                    }
                }
            }
        }
    }

    #[test]
    fn an_embargo_on_changes_leaves_what_readers_have() {
        let how =
            super::super::PublishDetails { slug: "a".into(), published: at(100), correction: None };
        let piece = Draft::default().publish(how, &[], None);
        let draft = Draft { embargo: Some(at(300)), ..Draft::default() };
        assert_eq!(draft.check_schedule(&piece, at(99)), Err(Embargoed { until: at(300) }));
        assert_eq!(draft.check_schedule(&piece, at(100)), Ok(()));
        assert!(check_embargo(draft.embargo, at(100), at(299)).is_err());
        assert!(check_embargo(draft.embargo, at(100), at(300)).is_ok());
        let withdrawn = Piece { status: Status::Withdrawn, ..piece };
        assert_eq!(draft.check_schedule(&withdrawn, at(99)), Ok(()));
    }
}

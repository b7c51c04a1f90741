//! Refunds as a processor lists them, and which of them were not made from here.

use jiff::{SignedDuration, Timestamp};

use crate::{Money, PaymentNumber, Refund, RefundStatus};

/// What a processor says of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorRefund {
    /// The processor's number of it.
    pub reference: String,
    /// How much.
    pub amount: Money,
    /// When it was made.
    pub made: Timestamp,
    /// Whether the money did not go back. That is final.
    pub is_failed: bool,
    /// What it is marked with; `None` if it was not made from here.
    pub mark: Option<RefundMark>,
}

/// What a refund is marked with that was made from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundMark {
    /// The payment.
    pub payment: PaymentNumber,
    /// The attempt; `None` if an earlier version made it.
    pub attempt: Option<u32>,
}

/// Where a refund was made that a processor lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundOrigin {
    /// It was made from here.
    Here,
    /// It was made at the processor, and is taken for this attempt at the refund that is stored.
    InPlaceOf(u32),
    /// It was made at the processor.
    Elsewhere,
}

impl ProcessorRefund {
    /// By how much a processor's clock may differ from this one.
    pub const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(1);

    /// Returns where each of all refunds of a payment was made. `own` is the refund that is stored, and `known` tells what was found of a
    /// refund before.
    ///
    /// One that is not marked and has the amount of the stored refund, and was made since that was asked for, is taken for it, as the
    /// processor's module does: staff may make at the processor what got no answer here.
    pub fn origins<'a>(
        all: &'a [Self],
        own: Option<&Refund>,
        known: impl Fn(&Self) -> Option<RefundOrigin>,
    ) -> Vec<(&'a Self, RefundOrigin)> {
        let own = own.filter(|own| own.is_own());
        let is_made = |attempt: u32| {
            let is_it = |refund: &Self| {
                let marked = refund.mark.and_then(|mark| mark.attempt);
                own.is_some_and(|own| refund.is_of(own)) && marked.is_none_or(|it| it == attempt)
            };
            all.iter().any(|refund| !refund.is_failed && is_it(refund))
        };
        let known = |refund: &Self| match known(refund) {
            // That attempt was made as well.
            Some(RefundOrigin::InPlaceOf(attempt)) if is_made(attempt) => {
                Some(RefundOrigin::Elsewhere)
            }
            known => known,
        };
        let substitute = own
            .filter(|own| !is_made(own.attempt))
            .and_then(|own| Self::substitute(all, own, &known))
            .map(|taken| &taken.reference);
        let origin = |refund: &'a Self| {
            let new = match own {
                Some(own) if refund.is_of(own) => RefundOrigin::Here,
                Some(own) if substitute == Some(&refund.reference) => {
                    RefundOrigin::InPlaceOf(own.attempt)
                }
                Some(_) | None => RefundOrigin::Elsewhere,
            };
            (refund, known(refund).unwrap_or(new))
        };
        all.iter().map(origin).collect()
    }

    /// Whether it was made for this refund of a payment, or for an earlier attempt at it. One that is marked with a later attempt was made
    /// before an older backup was restored: nothing is known of it here.
    pub fn is_of(&self, own: &Refund) -> bool {
        own.is_own()
            && self.mark.is_some_and(|mark| {
                mark.payment == own.payment
                    && mark.attempt.is_none_or(|attempt| attempt <= own.attempt)
            })
    }

    /// Returns the one that is taken for the current attempt, which is not among them, or `None` if there is none.
    fn substitute<'a>(
        all: &'a [Self],
        own: &Refund,
        known: &impl Fn(&Self) -> Option<RefundOrigin>,
    ) -> Option<&'a Self> {
        match own.status {
            RefundStatus::Asked | RefundStatus::Settled => {}
            RefundStatus::Refused(_) | RefundStatus::GivenUp => return None,
        }
        let taken = Some(RefundOrigin::InPlaceOf(own.attempt));
        if all.iter().any(|refund| !refund.is_failed && known(refund) == taken) {
            return None;
        }
        let fits = |refund: &&Self| {
            refund.mark.is_none()
                && !refund.is_failed
                && refund.amount == own.amount
                && refund.made >= own.at - Self::CLOCK_TOLERANCE
                && known(refund).is_none()
        };
        let order = |one: &&'a Self, other: &&'a Self| {
            (one.made, &one.reference).cmp(&(other.made, &other.reference))
        };
        all.iter().filter(fits).min_by(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, StaffActor};

    fn usd(minor: u64) -> Money {
        Money::of(minor, "USD".parse().expect("a currency"))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn own(amount: u64, attempt: u32, status: RefundStatus) -> Refund {
        let staff = StaffActor { by: None, reason: String::new() };
        Refund {
            payment: PaymentNumber(7),
            account: None,
            amount: usd(amount),
            before: usd(0),
            elsewhere: usd(0),
            at: at(1_000),
            actor: Actor::Staff(Some(staff)),
            attempt,
            status,
            failed: None,
        }
    }

    fn listed(
        reference: &str,
        amount: u64,
        made: i64,
        mark: Option<(u32, u32)>,
    ) -> ProcessorRefund {
        ProcessorRefund {
            reference: reference.to_owned(),
            amount: usd(amount),
            made: at(made),
            is_failed: false,
            mark: mark.map(|(payment, attempt)| RefundMark {
                payment: PaymentNumber(payment),
                attempt: Some(attempt),
            }),
        }
    }

    fn elsewhere(all: &[ProcessorRefund], own: Option<&Refund>, known: &[&str]) -> Vec<String> {
        let known = |refund: &ProcessorRefund| {
            known.contains(&refund.reference.as_str()).then_some(RefundOrigin::Elsewhere)
        };
        let found = ProcessorRefund::origins(all, own, known).into_iter();
        let found = found.filter(|(_, origin)| *origin == RefundOrigin::Elsewhere);
        found.map(|(refund, _)| refund.reference.clone()).collect()
    }

    #[test]
    fn what_is_marked_was_made_from_here_unless_nothing_is_known_of_it() {
        let all = [listed("a", 300, 900, None), listed("b", 400, 2_000, Some((7, 0)))];
        let settled = own(400, 0, RefundStatus::Settled);
        assert_eq!(elsewhere(&all, Some(&settled), &[]), ["a"]);
        assert_eq!(elsewhere(&all, None, &[]), ["a", "b"], "an older backup was restored");
        let later = [listed("c", 400, 2_000, Some((7, 1)))];
        assert_eq!(elsewhere(&later, Some(&settled), &[]), ["c"]);
        let other = [listed("d", 400, 2_000, Some((8, 0)))];
        assert_eq!(elsewhere(&other, Some(&settled), &[]), ["d"]);
    }

    #[test]
    fn one_of_the_same_amount_is_taken_for_what_got_no_answer() {
        let all = [listed("a", 400, 1_100, None), listed("b", 400, 1_200, None)];
        for status in [RefundStatus::Asked, RefundStatus::Settled] {
            assert_eq!(elsewhere(&all, Some(&own(400, 0, status.clone())), &[]), ["b"]);
            assert_eq!(elsewhere(&all, Some(&own(500, 0, status.clone())), &[]), ["a", "b"]);
            // It was found before the refund was asked for here.
            assert_eq!(elsewhere(&all[..1], Some(&own(400, 0, status)), &["a"]), ["a"]);
        }
        let refused = own(400, 0, RefundStatus::Refused("no".to_owned()));
        assert_eq!(elsewhere(&all, Some(&refused), &[]), ["a", "b"]);
        let made = [listed("a", 400, 1_100, None), listed("m", 400, 1_200, Some((7, 0)))];
        assert_eq!(elsewhere(&made, Some(&own(400, 0, RefundStatus::Asked)), &[]), ["a"]);
        let early = [listed("a", 400, 100, None)];
        assert_eq!(elsewhere(&early, Some(&own(400, 0, RefundStatus::Asked)), &[]), ["a"]);
    }

    #[test]
    fn one_that_was_taken_for_an_attempt_stays_so_unless_that_was_made_as_well() {
        let taken = |_: &ProcessorRefund| Some(RefundOrigin::InPlaceOf(0));
        let origins = |all: &[ProcessorRefund], own: &Refund| -> Vec<RefundOrigin> {
            let known =
                |refund: &ProcessorRefund| refund.mark.is_none().then(|| taken(refund)).flatten();
            let found = ProcessorRefund::origins(all, Some(own), known);
            found.into_iter().map(|(_, origin)| origin).collect()
        };
        let one = listed("a", 400, 1_100, None);
        // The reader has withdrawn from the contract since: the rest is another attempt.
        let later = own(800, 1, RefundStatus::Settled);
        assert_eq!(origins(std::slice::from_ref(&one), &later), [RefundOrigin::InPlaceOf(0)]);
        let both = [one, listed("m", 400, 1_200, Some((7, 0)))];
        assert_eq!(origins(&both, &later), [RefundOrigin::Elsewhere, RefundOrigin::Here]);
    }
}

//! Whether the difference between the arms of an experiment is significant.
//!
//! Readers are split evenly, so if both arms are equal, each success is in either arm with
//! probability ½. The evidence against that is the likelihood ratio of the success probability of B
//! being uniformly distributed, to it being ½ (Robbins 1970; Johari, Pekelis and Walsh 2015). If
//! both arms are equal, the probability that the ratio ever reaches `n` is at most `1/n`, however
//! often one looks (Ville's inequality). So one may look at any time, and stop at any time.

/// The successes in each arm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Successes {
    /// The successes in arm A.
    pub a: u64,
    /// The successes in arm B.
    pub b: u64,
}

/// The result of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There are no successes to compare.
    Nothing,
    /// The difference is not significant yet.
    Open,
    /// A is better.
    A,
    /// B is better.
    B,
}

impl Successes {
    /// The evidence at which a difference is significant. At most 5 in 100 experiments without a
    /// difference reach it.
    pub const SIGNIFICANT: f64 = 20.0;

    /// Returns the likelihood ratio described in the module documentation.
    pub fn evidence(self) -> f64 {
        // 2ⁿ · a! · b! / (n + 1)!, in logarithms.
        let logarithm = |n: u64| -> f64 {
            #[allow(clippy::cast_precision_loss)] // counts of successes
            (2..=n).map(|k| (k as f64).ln()).sum()
        };
        let n = self.a + self.b;
        #[allow(clippy::cast_precision_loss)] // counts of successes
        let halves = n as f64 * std::f64::consts::LN_2;
        (halves + logarithm(self.a) + logarithm(self.b) - logarithm(n + 1)).exp()
    }

    /// Compares the arms. `goals` is the number of goals that are compared at the same time; with
    /// more goals, each needs more evidence.
    pub fn verdict(self, goals: u32) -> Verdict {
        if self.a + self.b == 0 {
            Verdict::Nothing
        } else if self.evidence() < Self::SIGNIFICANT * f64::from(goals.max(1)) {
            Verdict::Open
        } else if self.a > self.b {
            Verdict::A
        } else {
            Verdict::B
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(a: u64, b: u64) -> Verdict {
        Successes { a, b }.verdict(1)
    }

    #[test]
    fn only_a_clear_difference_is_significant() {
        assert_eq!(verdict(0, 0), Verdict::Nothing);
        assert_eq!(verdict(3, 0), Verdict::Open);
        assert_eq!(verdict(50, 60), Verdict::Open);
        assert_eq!(verdict(0, 9), Verdict::B);
        assert_eq!(verdict(90, 40), Verdict::A);
        assert_eq!(Successes { a: 0, b: 9 }.verdict(4), Verdict::Open);
        assert!((Successes { a: 1, b: 1 }.evidence() - 2.0 / 3.0).abs() < 1e-9);
        assert!(Successes { a: 40_000, b: 40_000 }.evidence() < 0.1);
    }

    #[test]
    fn looking_after_every_success_misleads_in_at_most_five_of_a_hundred() {
        let mut state = 7_u64;
        // A linear congruential generator (Numerical Recipes), whose high bits are good enough for
        // coin flips.
        let mut coin = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state >> 63 == 1
        };
        let misled = (0..2_000)
            .filter(|_| {
                let mut successes = Successes::default();
                (0..300).any(|_| {
                    *(if coin() { &mut successes.b } else { &mut successes.a }) += 1;
                    successes.evidence() >= Successes::SIGNIFICANT
                })
            })
            .count();
        assert!(misled <= 100, "{misled} of 2000");
    }
}

//! Whether the difference between two sides of an experiment can be trusted.
//!
//! Readers are split evenly, so if both sides were alike each success would be on either with the same chance. The
//! evidence against that is the likelihood ratio of a success's side being B with any chance at all, each as likely as
//! another, to one half (Robbins 1970; Johari, Pekelis and Walsh 2015). If both sides are alike, the chance that it ever
//! comes to `n` or more is at most `1/n`, however often one looks (Ville's inequality): so one may look every hour, and
//! stop when one likes.

/// The successes of each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Successes {
    /// As it is.
    pub a: u64,
    /// As it might be.
    pub b: u64,
}

/// What may be said of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is nothing to compare.
    Nothing,
    /// No difference can be trusted yet.
    Open,
    /// A is better.
    A,
    /// B is better.
    B,
}

impl Successes {
    /// The evidence at which a difference is trusted: of a hundred experiments without one, five come so far at most.
    pub const TRUSTED: f64 = 20.0;

    /// How much likelier these are if the sides differ; see the module's documentation.
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

    /// What may be said. `goals` is how many kinds of success are looked at together: of more, each must be clearer.
    pub fn verdict(self, goals: u32) -> Verdict {
        if self.a + self.b == 0 {
            Verdict::Nothing
        } else if self.evidence() < Self::TRUSTED * f64::from(goals.max(1)) {
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
    fn a_clear_difference_is_trusted_and_a_small_one_is_not() {
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
    fn whoever_looks_after_every_success_is_misled_in_five_of_a_hundred_at_most() {
        let mut state = 7_u64;
        // Numerical Recipes' generator; its high bits are good enough for coins.
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
                    successes.evidence() >= Successes::TRUSTED
                })
            })
            .count();
        assert!(misled <= 100, "{misled} of 2000");
    }
}

//! The number of distinct metered articles per window.

use std::{fmt, num::ParseIntError, str::FromStr};

/// The number of distinct metered articles that a reader may read in one window.
///
/// Zero means a hard wall. [`Allowance::Unlimited`] means no meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Allowance {
    /// At most this many articles, up to [`Allowance::MAX`].
    Articles(u32),
    /// Metered articles are free.
    Unlimited,
}

/// The error for a text or number that is not an allowance.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseAllowanceError {
    /// The text is neither a whole number nor the word `unlimited`.
    #[error("an allowance is a whole number such as 3, or \"unlimited\"")]
    NotANumber(#[from] ParseIntError),
    /// The number of reads does not fit into a cookie.
    #[error("an allowance is at most {most}; write \"unlimited\" for no meter", most = Allowance::MAX)]
    TooLarge,
}

impl Allowance {
    /// The largest allowance. So many reads fit, sealed, into one cookie of 4,096 bytes (RFC 6265,
    /// section 6.1) with its name and attributes.
    pub const MAX: u32 = 250;

    /// Creates an allowance of `articles`.
    ///
    /// # Errors
    ///
    /// [`ParseAllowanceError::TooLarge`] above [`Allowance::MAX`].
    pub fn articles(articles: u32) -> Result<Self, ParseAllowanceError> {
        if articles > Self::MAX {
            return Err(ParseAllowanceError::TooLarge);
        }
        Ok(Self::Articles(articles))
    }

    /// Returns what is left after `spent` reads, or `None` if the allowance is unlimited.
    pub fn left_after(self, spent: u32) -> Option<u32> {
        match self {
            Self::Articles(allowed) => Some(allowed.saturating_sub(spent)),
            Self::Unlimited => None,
        }
    }

    /// Returns `true` if one more read is allowed after `spent`.
    pub fn admits(self, spent: u32) -> bool {
        self.left_after(spent) != Some(0)
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Articles(articles) => articles.fmt(f),
            Self::Unlimited => f.write_str("unlimited"),
        }
    }
}

impl FromStr for Allowance {
    type Err = ParseAllowanceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "unlimited" => Ok(Self::Unlimited),
            number => Self::articles(number.parse()?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_a_number_or_unlimited() {
        assert_eq!("3".parse(), Ok(Allowance::Articles(3)));
        assert_eq!("unlimited".parse(), Ok(Allowance::Unlimited));
        assert!("three".parse::<Allowance>().is_err());
        assert_eq!("251".parse::<Allowance>(), Err(ParseAllowanceError::TooLarge));
    }

    #[test]
    fn zero_admits_nothing_and_unlimited_everything() {
        assert!(!Allowance::Articles(0).admits(0));
        assert!(Allowance::Articles(1).admits(0));
        assert!(!Allowance::Articles(1).admits(1));
        assert!(Allowance::Unlimited.admits(u32::MAX));
    }
}

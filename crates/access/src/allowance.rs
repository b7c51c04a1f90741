//! How many distinct metered articles a window allows.

use std::{fmt, num::ParseIntError, str::FromStr};

/// The number of distinct metered articles that a standing may read in one window.
///
/// Zero is a hard wall. [`Allowance::Unlimited`] is no meter at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Allowance {
    /// At most this many, never above [`Allowance::MOST`].
    Articles(u32),
    /// Metered articles are read as if they were free.
    Unlimited,
}

/// Why a text is not an allowance.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AllowanceError {
    /// The text is neither a whole number nor the word `unlimited`.
    #[error("an allowance is a whole number such as 3, or \"unlimited\"")]
    NotANumber(#[from] ParseIntError),
    /// The reads would not fit into a cookie.
    #[error("an allowance is at most {most}; write \"unlimited\" for no meter", most = Allowance::MOST)]
    TooLarge,
}

impl Allowance {
    /// The largest countable allowance: what fits, sealed, into one cookie of 4,096 bytes
    /// (RFC 6265, section 6.1) with room for its name and attributes.
    pub const MOST: u32 = 250;

    /// An allowance of `articles`, refused above [`Allowance::MOST`].
    pub fn articles(articles: u32) -> Result<Self, AllowanceError> {
        if articles > Self::MOST {
            return Err(AllowanceError::TooLarge);
        }
        Ok(Self::Articles(articles))
    }

    /// What is left after `spent` reads; `None` where nothing is counted.
    pub fn left_after(self, spent: u32) -> Option<u32> {
        match self {
            Self::Articles(allowed) => Some(allowed.saturating_sub(spent)),
            Self::Unlimited => None,
        }
    }

    /// Whether this allowance would admit one more read after `spent`.
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
    type Err = AllowanceError;

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
    fn a_number_or_unlimited() {
        assert_eq!("3".parse(), Ok(Allowance::Articles(3)));
        assert_eq!("unlimited".parse(), Ok(Allowance::Unlimited));
        assert!("three".parse::<Allowance>().is_err());
        assert_eq!("251".parse::<Allowance>(), Err(AllowanceError::TooLarge));
    }

    #[test]
    fn zero_admits_nothing_and_unlimited_everything() {
        assert!(!Allowance::Articles(0).admits(0));
        assert!(Allowance::Articles(1).admits(0));
        assert!(!Allowance::Articles(1).admits(1));
        assert!(Allowance::Unlimited.admits(u32::MAX));
    }
}

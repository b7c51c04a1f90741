//! Where printed papers are delivered.

use crate::{Channel, Terms};

/// The maximum length of the name and of each line, in characters.
pub const MAX_LINE: usize = 100;
/// The number of lines of an address without the name.
const LINES: std::ops::RangeInclusive<usize> = 2..=8;

/// A name and an address, as on an envelope. Countries differ in what an address consists of, so it is in lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryAddress {
    name: String,
    lines: Vec<String>,
}

/// The error for an address that nothing can be delivered to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDeliveryAddress {
    /// The name is missing or too long.
    #[error("a delivery address needs a name of at most {MAX_LINE} characters")]
    Name,
    /// There are too few or too many lines, or one is too long.
    #[error("a delivery address needs two to eight lines of at most {MAX_LINE} characters")]
    Lines,
}

impl DeliveryAddress {
    /// Creates an address from a name and lines. Spaces around them and blank lines are dropped.
    ///
    /// # Errors
    ///
    /// Returns an error if the name is missing, there are fewer than two lines or more than eight, or one of them is
    /// longer than [`MAX_LINE`].
    pub fn new(name: &str, lines: &str) -> Result<Self, InvalidDeliveryAddress> {
        let fits = |text: &str| text.chars().count() <= MAX_LINE;
        let name = name.trim();
        if name.is_empty() || !fits(name) || name.contains(['\r', '\n']) {
            return Err(InvalidDeliveryAddress::Name);
        }
        let lines = lines.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        if !LINES.contains(&lines.len()) || !lines.iter().all(|line| fits(line)) {
            return Err(InvalidDeliveryAddress::Lines);
        }
        Ok(Self { name: name.to_owned(), lines })
    }

    /// The full name of the person at the address.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address, line by line.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The name and the address in one line, such as "Ada Example, 3 Quay Street, Tidewater".
    pub fn in_one_line(&self) -> String {
        format!("{}, {}", self.name, self.lines.join(", "))
    }
}

impl Terms {
    /// Returns `true` if something printed is delivered, which needs an address.
    pub fn is_delivered(&self) -> bool {
        self.channels.contains(&Channel::Print)
    }

    /// Returns `true` if it is delivered on paper, and opens nothing online.
    pub fn is_print_only(&self) -> bool {
        self.is_delivered() && !self.channels.iter().any(|channel| channel.opens_articles())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_and_at_least_two_lines() {
        let address = DeliveryAddress::new(" Ada Example ", "3 Quay Street\r\n\r\n  Tidewater ");
        let address = address.expect("an address");
        assert_eq!((address.name(), address.lines().len()), ("Ada Example", 2));
        assert_eq!(address.in_one_line(), "Ada Example, 3 Quay Street, Tidewater");
        let refused = |name: &str, lines: &str| DeliveryAddress::new(name, lines).expect_err("no");
        assert_eq!(refused(" ", "3 Quay Street\nTidewater"), InvalidDeliveryAddress::Name);
        assert_eq!(refused("A\nB", "3 Quay Street\nTidewater"), InvalidDeliveryAddress::Name);
        for lines in ["", "3 Quay Street, Tidewater", "\n\n", &"x\n".repeat(9)] {
            assert_eq!(refused("Ada", lines), InvalidDeliveryAddress::Lines, "{lines}");
        }
        let long = "x".repeat(MAX_LINE + 1);
        assert_eq!(refused(&long, "a\nb"), InvalidDeliveryAddress::Name);
        assert_eq!(refused("Ada", &format!("a\n{long}")), InvalidDeliveryAddress::Lines);
    }
}

//! A list with a bar in parts for each row, and a mark for the period before.

use serde::Serialize;

/// The chart.
#[derive(Default, Serialize)]
pub(in crate::figures) struct Ranks(Vec<RankRow>);

/// One row. Lengths are percentages of the longest.
#[derive(Default, Serialize)]
struct RankRow {
    name: String,
    /// Where the name links to; empty if it does not.
    to: String,
    text: String,
    parts: Vec<Part>,
    /// `None` if there was nothing.
    before: Option<String>,
}

#[derive(Default, Serialize)]
struct Part {
    class: &'static str,
    from: String,
    length: String,
}

/// One row before it is drawn.
pub(in crate::figures) struct Ranked {
    pub name: String,
    pub to: String,
    pub text: String,
    /// The parts of its bar from the left, each with the CSS class that colours it.
    pub parts: Vec<(&'static str, u64)>,
    /// The sum of the parts in the period before.
    pub before: u64,
}

/// Draws rows.
pub(in crate::figures) fn ranks(all: Vec<Ranked>) -> Ranks {
    let sum = |of: &Ranked| of.parts.iter().map(|(_, number)| number).sum::<u64>();
    let longest = all.iter().flat_map(|of| [sum(of), of.before]).max().unwrap_or_default().max(1);
    #[allow(clippy::cast_precision_loss)] // a chart is not that exact
    let length = |number: u64| format!("{:.2}", 100.0 * number as f64 / longest as f64);
    let line = |of: Ranked| {
        let mut from = 0;
        let part = |(class, number): (&'static str, u64)| {
            let part = Part { class, from: length(from), length: length(number) };
            from += number;
            part
        };
        RankRow {
            parts: of.parts.into_iter().map(part).collect(),
            before: (of.before > 0).then(|| length(of.before)),
            name: of.name,
            to: of.to,
            text: of.text,
        }
    };
    Ranks(all.into_iter().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_of_the_longest_in_either_period() {
        let ranked = |parts: &[(&'static str, u64)], before| Ranked {
            name: "One".to_owned(),
            to: String::new(),
            text: String::new(),
            parts: parts.to_vec(),
            before,
        };
        let Ranks(lines) = ranks(vec![ranked(&[("paid", 1), ("trials", 3)], 8), ranked(&[], 0)]);
        let seen: Vec<_> = lines[0]
            .parts
            .iter()
            .map(|part| (part.class, part.from.as_str(), part.length.as_str()))
            .collect();
        assert_eq!(seen, [("paid", "0.00", "12.50"), ("trials", "12.50", "37.50")]);
        assert_eq!(lines[0].before.as_deref(), Some("100.00"));
        assert!(lines[1].before.is_none() && lines[1].parts.is_empty());
    }
}

//! What asks the database, a payment processor or a mail server has a span, so that a trace shows where a request waits.

use crate::sources;

/// The crates that do.
const CRATES: [&str; 3] = ["billing/src/", "mail/src/", "store/src/"];
/// Methods that only bound what others do.
const EXEMPT: [&str; 2] = ["promptly", "bounded"];

/// The public asynchronous methods in a source text that have no span.
fn without_span(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let methods = lines.iter().enumerate().filter_map(|(number, line)| {
        let name = line.strip_prefix("pub async fn ")?.split(['(', '<']).next()?;
        let above = lines[..number].iter().rev();
        let mut attributes =
            above.take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        let has_span = attributes.any(|line| line.starts_with("#[tracing::instrument("));
        (!has_span).then_some(name)
    });
    methods.collect()
}

#[test]
fn every_operation_has_a_span() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for source in sources() {
        let is_migration = source.path.contains("/migrations/");
        if is_migration || !CRATES.iter().any(|folder| source.path.starts_with(folder)) {
            continue;
        }
        count += source.text.matches("    pub async fn ").count();
        let names = without_span(&source.text).into_iter().filter(|name| !EXEMPT.contains(name));
        wrong.extend(names.map(|name| format!("{}: {name}", source.path)));
    }
    assert!(count > 200, "only {count} methods were found");
    assert!(
        wrong.is_empty(),
        "write #[tracing::instrument(skip_all)] above:\n{}",
        wrong.join("\n")
    );
}

//! What was changed, value by value.

use std::collections::BTreeMap;

use masthead_circulation::AuditChange;
use serde::Serialize;
use serde_json::{Map, Value};

/// Characters of a value that are kept.
const MAX_VALUE: usize = 1000;

/// Returns the values that differ. Those of an entry of a list are under its slug, and the list itself is under its own
/// name, so that it shows a new order.
///
/// # Errors
///
/// Fails if one of the two cannot be written as JSON.
pub fn changes_between(
    before: &impl Serialize,
    after: &impl Serialize,
) -> Result<Vec<AuditChange>, serde_json::Error> {
    let (before, after) = (values(before)?, values(after)?);
    let value = |of: &BTreeMap<String, String>, key: &str| of.get(key).cloned().unwrap_or_default();
    let added = after.keys().filter(|key| !before.contains_key(*key));
    let mut keys: Vec<&String> = before.keys().chain(added).collect();
    keys.sort();
    let change =
        |key: &&String| AuditChange::between(key, &value(&before, key), &value(&after, key));
    Ok(keys.iter().filter_map(change).map(shortened).collect())
}

/// Adds later changes to earlier ones, as if they were made at once.
pub(crate) fn merge(mut earlier: Vec<AuditChange>, later: Vec<AuditChange>) -> Vec<AuditChange> {
    for change in later {
        match earlier.iter_mut().find(|known| known.key == change.key) {
            Some(known) => known.after = change.after,
            None => earlier.push(change),
        }
    }
    // Of a text there is the length, and of a long value the beginning: these may be equal and what they belong to not.
    let is_whole =
        |value: &Option<String>| value.as_ref().is_none_or(|value| !value.ends_with('…'));
    earlier.retain(|change| {
        change.before != change.after || change.key == "text" || !is_whole(&change.after)
    });
    earlier
}

fn values(of: &impl Serialize) -> Result<BTreeMap<String, String>, serde_json::Error> {
    let mut values = BTreeMap::new();
    flatten("", &serde_json::to_value(of)?, &mut values);
    Ok(values)
}

fn flatten(key: &str, value: &Value, values: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Bool(value) => insert(values, key, value.to_string()),
        Value::Number(value) => insert(values, key, value.to_string()),
        Value::String(value) => insert(values, key, value.clone()),
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(&join(key, name), value, values);
            }
        }
        Value::Array(entries) => {
            let mut labels = Vec::new();
            for (index, entry) in entries.iter().enumerate() {
                labels.push(match entry {
                    Value::Object(fields) => {
                        let label = label(fields).unwrap_or_else(|| (index + 1).to_string());
                        flatten(&join(key, &label), entry, values);
                        label
                    }
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
            }
            insert(values, key, labels.join(", "));
        }
    }
}

fn insert(values: &mut BTreeMap<String, String>, key: &str, value: String) {
    values.insert(key.to_owned(), value);
}

fn join(key: &str, name: &str) -> String {
    if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") }
}

/// What an entry of a list is known by.
fn label(fields: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let message = || Some(format!("{} {}", text("moment")?, text("placement")?));
    text("slug").or_else(|| text("page")).map(str::to_owned).or_else(message)
}

fn shortened(change: AuditChange) -> AuditChange {
    let short = |value: String| match value.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value,
    };
    let AuditChange { key, before, after } = change;
    AuditChange { key, before: before.map(short), after: after.map(short) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(before: &Value, after: &Value) -> Vec<String> {
        let line = |AuditChange { key, before, after }: AuditChange| {
            format!("{key}: {} > {}", before.unwrap_or_default(), after.unwrap_or_default())
        };
        changes_between(before, after).expect("JSON").into_iter().map(line).collect()
    }

    #[test]
    fn values_are_compared_key_by_key() {
        let before =
            json!({"meter": {"anonymous": "3", "window": "month"}, "rules": [{"tier": "a"}]});
        let after =
            json!({"meter": {"anonymous": "5", "window": "month", "teaser": 2}, "rules": []});
        assert_eq!(
            lines(&before, &after),
            ["meter.anonymous: 3 > 5", "meter.teaser:  > 2", "rules: 1 > ", "rules.1.tier: a > "]
        );
        assert_eq!(lines(&before, &before), [""; 0]);
    }

    #[test]
    fn entries_of_a_list_are_known_by_their_slugs() {
        let before = json!({"offers": [{"slug": "a", "first": "1"}, {"slug": "b", "first": "2"}]});
        let after = json!({"offers": [{"slug": "b", "first": "3"}, {"slug": "a", "first": "1"}]});
        assert_eq!(lines(&before, &after), ["offers: a, b > b, a", "offers.b.first: 2 > 3"]);
        let message = json!({"messages": [{"moment": "wall", "placement": "banner", "text": "x"}]});
        let changed = json!({"messages": [{"moment": "wall", "placement": "banner", "text": "y"}]});
        assert_eq!(lines(&message, &changed), ["messages.wall banner.text: x > y"]);
    }

    #[test]
    fn long_values_are_cut_after_they_were_compared() {
        let long = "ä".repeat(MAX_VALUE);
        let changes = changes_between(
            &json!({"text": format!("{long}a")}),
            &json!({"text": format!("{long}b")}),
        );
        let change = changes.expect("JSON").remove(0);
        assert_eq!(change.before, Some(format!("{long}…")));
    }

    #[test]
    fn what_is_changed_and_changed_back_is_no_change() {
        let change =
            |before, after| AuditChange::between("headline", before, after).expect("a change");
        let merged = merge(vec![change("A", "B")], vec![change("B", "C")]);
        assert_eq!(merged, [change("A", "C")]);
        assert_eq!(merge(merged, vec![change("C", "A")]), []);
    }
}

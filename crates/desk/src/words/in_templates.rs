//! Words in templates: `{{ words.title }}`, `{{ words.since | fill(date=date) }}` and `{{ plural("articles", number) }}`.

use std::collections::BTreeMap;

use minijinja::{
    Environment, Error, Value,
    value::{Kwargs, Serde},
};

use super::DeskWords;

/// The words of a script are those whose names begin with this and the name of the script.
const SCRIPTS: &str = "script_";

/// Adds the words of a language to templates.
pub(crate) fn add(environment: &mut Environment<'_>, words: DeskWords) {
    let all: BTreeMap<&str, &str> = words.table().collect();
    environment.add_global("words", Value::from(Serde(all)));
    environment.add_filter("fill", fill);
    environment.add_function("plural", move |name: &str, count: u64| words.count(name, count));
    environment.add_function("link", link);
    environment.add_function("script_words", move |script: &str| script_words(words, script));
}

/// Fills the gaps of a word. If one of the values is HTML, the result is HTML, in which all other values are escaped.
#[expect(clippy::needless_pass_by_value, reason = "templates pass values")]
fn fill(word: &str, gaps: Kwargs) -> Result<Value, Error> {
    let names: Vec<String> = gaps.args().map(str::to_owned).collect();
    let mut values = Vec::new();
    for name in &names {
        values.push((name.as_str(), gaps.get::<Value>(name)?));
    }
    let is_html = values.iter().any(|(_, value)| value.is_safe());
    let text = |value: &Value| match value.as_str() {
        Some(text) if is_html && !value.is_safe() => escaped(text),
        Some(text) => text.to_owned(),
        None => value.to_string(),
    };
    let values: Vec<(&str, String)> =
        values.iter().map(|(name, value)| (*name, text(value))).collect();
    let gaps: Vec<(&str, &dyn std::fmt::Display)> =
        values.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
    Ok(if is_html {
        Value::from_safe_string(masthead_publication::words::fill(&escaped(word), &gaps))
    } else {
        Value::from(masthead_publication::words::fill(word, &gaps))
    })
}

/// A link in a sentence.
fn link(to: &str, text: &str) -> Value {
    Value::from_safe_string(format!("<a href=\"{}\">{}</a>", escaped(to), escaped(text)))
}

/// The words of a script by their names, without what they begin with.
fn script_words(words: DeskWords, script: &str) -> Value {
    let start = format!("{SCRIPTS}{script}_");
    let own: BTreeMap<&str, &str> =
        words.table().filter_map(|(name, word)| Some((name.strip_prefix(&start)?, word))).collect();
    Value::from(Serde(own))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(template: &str) -> String {
        let mut environment = Environment::new();
        add(&mut environment, DeskWords::default());
        environment.add_template("a.html", template).expect("a template");
        let page = environment.get_template("a.html").expect("a template");
        page.render(minijinja::context! { name => "<b>", n => 3 }).expect("rendered")
    }

    #[test]
    fn gaps_are_filled_and_values_are_escaped() {
        assert_eq!(
            rendered("{{ 'x & {name}, {n}' | fill(name=name, n=n) }}"),
            "x &amp; &lt;b&gt;, 3"
        );
        let linked = rendered("{{ 'x & {name}, {a}' | fill(name=name, a=link('/?a&b', '<i>')) }}");
        assert_eq!(linked, "x &amp; &lt;b&gt;, <a href=\"/?a&amp;b\">&lt;i&gt;</a>");
    }

    #[test]
    fn scripts_get_their_own_words() {
        assert!(rendered("{{ script_words('editor') | tojson }}").starts_with('{'));
        assert_eq!(rendered("{{ script_words('nothing') | tojson }}"), "{}");
    }
}

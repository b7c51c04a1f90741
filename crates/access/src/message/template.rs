//! Mustache-style templates for messages, validated when they are parsed.
//!
//! | written | means |
//! | --- | --- |
//! | `{{name}}` | the value, HTML-escaped |
//! | `{{name-plural}}` | the English plural ending: nothing for 1, else `s` |
//! | `{{#name}}…{{/name}}` | only if there is a value, and it is not 0 |
//! | `{{^name}}…{{/name}}` | only if there is no value, or it is 0 |
//! | `{{#plural name}}{{one}}…{{other}}…{{/plural}}` | selected by the locale's CLDR plural category |

mod error;
mod parser;

use icu_plurals::PluralCategory;

pub use self::error::{TemplateError, TemplateErrorKind};
use super::{Locale, MessageFacts, Variable};

/// A validated template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Text(String),
    Value(Variable),
    PluralEnding(Variable),
    Conditional { variable: Variable, present: bool, nodes: Vec<Node> },
    Plural { variable: Variable, cases: Vec<(PluralCategory, Vec<Node>)> },
}

impl Template {
    /// Parses `text`, which may use only `variables`.
    pub fn parse(text: &str, variables: &[Variable]) -> Result<Self, TemplateError> {
        Ok(Self { nodes: parser::parse(text, variables)? })
    }

    /// Renders the template as HTML. Both values and the publisher's text are escaped.
    pub fn render(&self, facts: &MessageFacts<'_>, locale: &Locale) -> String {
        let mut html = String::new();
        render(&self.nodes, facts, locale, &mut html);
        html
    }

    /// Returns the template as text, which parses to the same template.
    pub fn source(&self) -> String {
        let mut text = String::new();
        write_source(&self.nodes, &mut text);
        text
    }

    /// Returns the template as a reader with all values sees it, with what `value` returns for each. Plurals have the
    /// form for other numbers.
    pub fn outline(&self, value: &dyn Fn(Variable) -> String) -> String {
        let mut text = String::new();
        write_outline(&self.nodes, value, &mut text);
        text
    }

    /// Returns `true` if the template uses `variable`.
    pub fn mentions(&self, variable: Variable) -> bool {
        mentions(&self.nodes, variable)
    }

    /// Returns `true` if the template is empty.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

fn mentions(nodes: &[Node], wanted: Variable) -> bool {
    nodes.iter().any(|node| match node {
        Node::Text(_) => false,
        Node::Value(variable) | Node::PluralEnding(variable) => *variable == wanted,
        Node::Conditional { variable, nodes, .. } => *variable == wanted || mentions(nodes, wanted),
        Node::Plural { variable, cases } => {
            *variable == wanted || cases.iter().any(|(_, nodes)| mentions(nodes, wanted))
        }
    })
}

fn write_source(nodes: &[Node], text: &mut String) {
    for node in nodes {
        match node {
            Node::Text(words) => text.push_str(words),
            Node::Value(variable) => text.push_str(&tag(variable.name())),
            Node::PluralEnding(variable) => {
                text.push_str(&tag(&format!("{}-plural", variable.name())));
            }
            Node::Conditional { variable, present, nodes } => {
                let sign = if *present { '#' } else { '^' };
                text.push_str(&tag(&format!("{sign}{}", variable.name())));
                write_source(nodes, text);
                text.push_str(&tag(&format!("/{}", variable.name())));
            }
            Node::Plural { variable, cases } => {
                text.push_str(&tag(&format!("#plural {}", variable.name())));
                for (category, nodes) in cases {
                    text.push_str(&tag(category_name(*category)));
                    write_source(nodes, text);
                }
                text.push_str(&tag("/plural"));
            }
        }
    }
}

fn write_outline(nodes: &[Node], value: &dyn Fn(Variable) -> String, text: &mut String) {
    for node in nodes {
        match node {
            Node::Text(words) => text.push_str(words),
            Node::Value(variable) => text.push_str(&value(*variable)),
            Node::PluralEnding(_) => text.push('s'),
            Node::Conditional { present: true, nodes, .. } => write_outline(nodes, value, text),
            Node::Conditional { present: false, .. } => {}
            Node::Plural { cases, .. } => {
                let other = cases.iter().find(|(category, _)| *category == PluralCategory::Other);
                write_outline(other.map_or(&[], |(_, nodes)| nodes), value, text);
            }
        }
    }
}

fn tag(name: &str) -> String {
    format!("{{{{{name}}}}}")
}

fn render(nodes: &[Node], facts: &MessageFacts<'_>, locale: &Locale, html: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => escape(text, html),
            Node::Value(variable) => {
                escape(&facts.text(*variable, locale).unwrap_or_default(), html);
            }
            Node::PluralEnding(variable) => {
                if facts.count(*variable) != Some(1) {
                    html.push('s');
                }
            }
            Node::Conditional { variable, present, nodes } => {
                if facts.has(*variable, locale) == *present {
                    render(nodes, facts, locale, html);
                }
            }
            Node::Plural { variable, cases } => {
                let category =
                    facts.count(*variable).map_or(PluralCategory::Other, |n| locale.plural(n));
                let part = |wanted| cases.iter().find(|(category, _)| *category == wanted);
                if let Some((_, nodes)) = part(category).or_else(|| part(PluralCategory::Other)) {
                    render(nodes, facts, locale, html);
                }
            }
        }
    }
}

/// Appends `text` with the five special characters of HTML escaped.
fn escape(text: &str, html: &mut String) {
    let is_special = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        let (plain, special) = rest.split_at(at);
        html.push_str(plain);
        html.push_str(match special.as_bytes()[0] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &special[1..];
    }
    html.push_str(rest);
}

const CATEGORIES: [(&str, PluralCategory); 6] = [
    ("zero", PluralCategory::Zero),
    ("one", PluralCategory::One),
    ("two", PluralCategory::Two),
    ("few", PluralCategory::Few),
    ("many", PluralCategory::Many),
    ("other", PluralCategory::Other),
];

fn category(name: &str) -> Option<PluralCategory> {
    CATEGORIES.iter().find(|(known, _)| *known == name).map(|(_, category)| *category)
}

fn category_name(category: PluralCategory) -> &'static str {
    CATEGORIES.iter().find(|(_, known)| *known == category).map_or("other", |(name, _)| name)
}

#[cfg(test)]
mod tests;

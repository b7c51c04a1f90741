//! Mustache-style templates for messages, validated when they are parsed.
//!
//! | written | means |
//! | --- | --- |
//! | `{{name}}` | the value, HTML-escaped |
//! | `{{name-plural}}` | the English plural ending: nothing for 1, else `s` |
//! | `{{#name}}…{{/name}}` | only if there is a value |
//! | `{{^name}}…{{/name}}` | only if there is no value |
//! | `{{#plural name}}{{one}}…{{other}}…{{/plural}}` | selected by the locale's CLDR plural category |

use std::fmt::{self, Write as _};

use icu_plurals::PluralCategory;

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

/// A parse error and its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong at this position.
    pub kind: TemplateErrorKind,
}

/// The kinds of parse errors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateErrorKind {
    /// A `{{` without its `}}`.
    #[error("\"{{{{\" is never closed; add \"}}}}\"")]
    UnclosedTag,
    /// A variable that does not exist or has no value at this moment.
    #[error("there is no variable \"{name}\" here; there are {known}")]
    UnknownVariable {
        /// The name as written.
        name: String,
        /// The available names, separated by commas.
        known: String,
    },
    /// A plural over something that is not a count.
    #[error("\"{0}\" is not a number, so it has no plural")]
    NotACount(&'static str),
    /// A block that is never closed.
    #[error("the block \"{0}\" is never closed; add \"{{{{/{0}}}}}\"")]
    UnclosedBlock(String),
    /// A closing tag without its block.
    #[error("\"{{{{/{0}}}}}\" closes nothing that is open")]
    UnopenedBlock(String),
    /// A plural block without an `{{other}}` part.
    #[error("a plural block needs an {{{{other}}}} part")]
    MissingOther,
    /// Text in a plural block before its first category.
    #[error("a plural block begins with a category: zero, one, two, few, many or other")]
    TextBeforeCategory,
    /// A plural category that appears twice in one block.
    #[error("the plural part \"{0}\" appears twice")]
    DuplicateCategory(String),
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.kind)
    }
}

impl std::error::Error for TemplateError {}

impl Template {
    /// Parses `text`, which may use only `variables`.
    pub fn parse(text: &str, variables: &[Variable]) -> Result<Self, TemplateError> {
        let mut parser = Parser { text, position: 0, variables };
        let nodes = parser.block(&Ending::Text)?;
        Ok(Self { nodes })
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
                if facts.text(*variable, locale).is_some() == *present {
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
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // Writing to a String cannot fail.
            other => drop(html.write_char(other)),
        }
    }
}

/// What may end a sequence of nodes.
enum Ending<'a> {
    /// The end of the text.
    Text,
    /// `{{/name}}`.
    Block { name: &'a str, opened: usize },
    /// `{{/plural}}` or the next category.
    Part { opened: usize },
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    variables: &'a [Variable],
}

struct Tag<'a> {
    start: usize,
    name: &'a str,
}

impl<'a> Parser<'a> {
    fn block(&mut self, ending: &Ending<'_>) -> Result<Vec<Node>, TemplateError> {
        let mut nodes = Vec::new();
        loop {
            let before = self.position;
            let tag = self.next_tag()?;
            let until = tag.as_ref().map_or(self.text.len(), |tag| tag.start);
            if until > before {
                nodes.push(Node::Text(self.text[before..until].to_owned()));
            }
            let Some(tag) = tag else {
                return match ending {
                    Ending::Text => Ok(nodes),
                    Ending::Block { name, opened } => {
                        Err(self
                            .error(*opened, TemplateErrorKind::UnclosedBlock((*name).to_owned())))
                    }
                    Ending::Part { opened } => {
                        Err(self.error(*opened, TemplateErrorKind::UnclosedBlock("plural".into())))
                    }
                };
            };
            match ending {
                Ending::Block { name, .. } if tag.name.strip_prefix('/') == Some(name) => {
                    return Ok(nodes);
                }
                Ending::Part { .. } if tag.name == "/plural" || category(tag.name).is_some() => {
                    self.position = tag.start;
                    return Ok(nodes);
                }
                Ending::Text | Ending::Block { .. } | Ending::Part { .. } => {}
            }
            nodes.push(self.node(&tag)?);
        }
    }

    fn node(&mut self, tag: &Tag<'a>) -> Result<Node, TemplateError> {
        if let Some(name) = tag.name.strip_prefix('/') {
            return Err(self.error(tag.start, TemplateErrorKind::UnopenedBlock(name.to_owned())));
        }
        if let Some(name) = tag.name.strip_prefix("#plural ") {
            return self.plural(name.trim(), tag.start);
        }
        let when = tag.name.strip_prefix('#').map(|name| (name, true));
        if let Some((name, present)) = when.or(tag.name.strip_prefix('^').map(|name| (name, false)))
        {
            let variable = self.variable(name, tag.start)?;
            let nodes = self.block(&Ending::Block { name, opened: tag.start })?;
            return Ok(Node::Conditional { variable, present, nodes });
        }
        if let Some(name) = tag.name.strip_suffix("-plural") {
            return Ok(Node::PluralEnding(self.count(name, tag.start)?));
        }
        Ok(Node::Value(self.variable(tag.name, tag.start)?))
    }

    fn plural(&mut self, name: &str, opened: usize) -> Result<Node, TemplateError> {
        let variable = self.count(name, opened)?;
        let mut cases: Vec<(PluralCategory, Vec<Node>)> = Vec::new();
        loop {
            let before = self.position;
            let Some(tag) = self.next_tag()? else {
                return Err(self.error(opened, TemplateErrorKind::UnclosedBlock("plural".into())));
            };
            if !self.text[before..tag.start].trim().is_empty() {
                return Err(self.error(before, TemplateErrorKind::TextBeforeCategory));
            }
            if tag.name == "/plural" {
                let has_other = cases.iter().any(|(known, _)| *known == PluralCategory::Other);
                return if has_other {
                    Ok(Node::Plural { variable, cases })
                } else {
                    Err(self.error(opened, TemplateErrorKind::MissingOther))
                };
            }
            let Some(category) = category(tag.name) else {
                return Err(self.error(tag.start, TemplateErrorKind::TextBeforeCategory));
            };
            if cases.iter().any(|(known, _)| *known == category) {
                let kind = TemplateErrorKind::DuplicateCategory(tag.name.to_owned());
                return Err(self.error(tag.start, kind));
            }
            cases.push((category, self.block(&Ending::Part { opened })?));
        }
    }

    fn next_tag(&mut self) -> Result<Option<Tag<'a>>, TemplateError> {
        let Some(offset) = self.text[self.position..].find("{{") else {
            self.position = self.text.len();
            return Ok(None);
        };
        let start = self.position + offset;
        let Some(length) = self.text[start..].find("}}") else {
            return Err(self.error(start, TemplateErrorKind::UnclosedTag));
        };
        self.position = start + length + 2;
        Ok(Some(Tag { start, name: self.text[start + 2..start + length].trim() }))
    }

    fn variable(&self, name: &str, position: usize) -> Result<Variable, TemplateError> {
        let known = self.variables.iter().copied().find(|variable| variable.name() == name.trim());
        known.ok_or_else(|| {
            let known: Vec<_> = self.variables.iter().map(|variable| variable.name()).collect();
            let error = TemplateErrorKind::UnknownVariable {
                name: name.to_owned(),
                known: known.join(", "),
            };
            self.error(position, error)
        })
    }

    fn count(&self, name: &str, position: usize) -> Result<Variable, TemplateError> {
        let variable = self.variable(name, position)?;
        if variable.is_count() {
            Ok(variable)
        } else {
            Err(self.error(position, TemplateErrorKind::NotACount(variable.name())))
        }
    }

    fn error(&self, position: usize, kind: TemplateErrorKind) -> TemplateError {
        let before = &self.text[..position];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        TemplateError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            kind,
        }
    }
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn render_with(text: &str, tag: &str, left: u32) -> String {
        let template = Template::parse(text, &Variable::ALL).expect("a template");
        let facts = MessageFacts {
            number_articles_left: Some(left),
            publication: "The <Harbour> Courier",
            ..MessageFacts::default()
        };
        template.render(&facts, &Locale::new(tag).expect("a locale"))
    }

    fn parse_error(text: &str) -> (usize, usize, TemplateErrorKind) {
        let error = Template::parse(text, &Variable::ALL).expect_err("refused");
        (error.line, error.column, error.kind)
    }

    #[test]
    fn values_are_escaped_and_english_endings_follow_the_count() {
        let text = "{{numberArticlesLeft}} article{{numberArticlesLeft-plural}} in {{publication}}";
        assert_eq!(render_with(text, "en", 1), "1 article in The &lt;Harbour&gt; Courier");
        assert_eq!(render_with(text, "en", 2), "2 articles in The &lt;Harbour&gt; Courier");
    }

    #[test]
    fn plural_blocks_follow_the_locale() {
        let polish = "{{#plural numberArticlesLeft}}{{one}}artykuł{{few}}artykuły{{many}}artykułów{{other}}artykułu{{/plural}}";
        let render_with = |left| render_with(polish, "pl", left);
        assert_eq!(
            [render_with(1), render_with(3), render_with(5), render_with(22)],
            ["artykuł", "artykuły", "artykułów", "artykuły"]
        );
    }

    #[test]
    fn a_missing_category_falls_back_to_other() {
        let text = "{{#plural numberArticlesLeft}} {{other}}{{numberArticlesLeft}}記事{{/plural}}";
        assert_eq!(render_with(text, "ja", 1), "1記事");
    }

    #[test]
    fn mentioned_variables_are_found_in_every_kind_of_node() {
        let mentions = |text: &str| {
            let template = Template::parse(text, &Variable::ALL).expect("a template");
            template.mentions(Variable::ReaderName)
        };
        assert!(mentions("Dear {{readerName}}"));
        assert!(mentions("{{#price}}{{^readerName}}You{{/readerName}}{{/price}}"));
        assert!(mentions("{{#plural allowance}}{{one}}{{readerName}}{{other}}{{/plural}}"));
        assert!(!mentions("{{publication}} readerName {{#price}}{{price}}{{/price}}"));
    }

    #[test]
    fn conditional_blocks_depend_on_their_value() {
        let text = "{{#price}}Only {{price}}. {{/price}}{{^price}}Read on. {{/price}}";
        assert_eq!(render_with(text, "en", 1), "Read on. ");
    }

    #[test]
    fn errors_have_line_and_column() {
        let unknown = parse_error("Read\nön {{articlesLeft}}");
        assert_eq!((unknown.0, unknown.1), (2, 4));
        assert!(matches!(unknown.2, TemplateErrorKind::UnknownVariable { .. }));
        assert_eq!(parse_error("a {{price"), (1, 3, TemplateErrorKind::UnclosedTag));
        assert_eq!(
            parse_error("{{#price}}x"),
            (1, 1, TemplateErrorKind::UnclosedBlock("price".into()))
        );
        assert_eq!(
            parse_error("x{{/price}}"),
            (1, 2, TemplateErrorKind::UnopenedBlock("price".into()))
        );
        assert_eq!(parse_error("{{#plural price}}"), (1, 1, TemplateErrorKind::NotACount("price")));
        assert_eq!(
            parse_error("{{#plural allowance}}{{one}}x{{/plural}}"),
            (1, 1, TemplateErrorKind::MissingOther)
        );
        assert_eq!(
            parse_error("{{#plural allowance}}{{other}}x"),
            (1, 1, TemplateErrorKind::UnclosedBlock("plural".into()))
        );
        assert_eq!(
            parse_error("{{#plural allowance}}{{other}}x{{other}}y{{/plural}}").2,
            TemplateErrorKind::DuplicateCategory("other".into())
        );
    }

    proptest! {
        /// Any text either parses or gives an error within the text, and its output contains no
        /// unescaped HTML.
        #[test]
        fn any_text_is_safe(text in "([a-z<>&\"' \n]|\\{\\{|\\}\\}|#plural |allowance|one|other|/plural|price|#|\\^|/){0,30}") {
            match Template::parse(&text, &Variable::ALL) {
                Ok(template) => {
                    let locale = Locale::new("en").expect("a locale");
                    let html = template.render(&MessageFacts::default(), &locale);
                    prop_assert!(!html.contains(['<', '>', '"', '\'']));
                }
                Err(error) => prop_assert!(error.line <= text.matches('\n').count() + 1),
            }
        }
    }
}

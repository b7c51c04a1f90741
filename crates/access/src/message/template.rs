//! Mustache-style templates for messages, checked before any reader meets them.
//!
//! | written | means |
//! | --- | --- |
//! | `{{name}}` | the value, HTML-escaped |
//! | `{{name-plural}}` | the English plural ending: nothing for 1, else `s` |
//! | `{{#name}}…{{/name}}` | only where there is a value |
//! | `{{^name}}…{{/name}}` | only where there is none |
//! | `{{#plural name}}{{one}}…{{other}}…{{/plural}}` | by the locale's CLDR plural category |

use std::fmt::{self, Write as _};

use icu_plurals::PluralCategory;

use super::{Facts, Locale, Variable};

/// A checked template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Text(String),
    Value(Variable),
    PluralEnding(Variable),
    When { variable: Variable, present: bool, nodes: Vec<Node> },
    Plural { variable: Variable, cases: Vec<(PluralCategory, Vec<Node>)> },
}

/// What is wrong with a template, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub fault: TemplateFault,
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// `{{` without its `}}`.
    #[error("\"{{{{\" is never closed; add \"}}}}\"")]
    UnclosedTag,
    /// A variable that does not exist, or has no value at this moment.
    #[error("there is no variable \"{name}\" here; there are {known}")]
    UnknownVariable {
        /// As written.
        name: String,
        /// What could be written.
        known: String,
    },
    /// A plural over something that is not a count.
    #[error("\"{0}\" is not a number, so it has no plural")]
    NotACount(&'static str),
    /// A block without its end.
    #[error("the block \"{0}\" is never closed; add \"{{{{/{0}}}}}\"")]
    UnclosedBlock(String),
    /// An end without its block.
    #[error("\"{{{{/{0}}}}}\" closes nothing that is open")]
    UnopenedBlock(String),
    /// A plural block that does not say what to write otherwise.
    #[error("a plural block needs an {{{{other}}}} part")]
    NoOther,
    /// Text in a plural block before its first category.
    #[error("a plural block begins with a category: zero, one, two, few, many or other")]
    TextBeforeCategory,
    /// A category twice.
    #[error("the plural part \"{0}\" stands twice")]
    CategoryTwice(String),
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.fault)
    }
}

impl std::error::Error for TemplateError {}

impl Template {
    /// Parses `text`, in which only `variables` may be used.
    pub fn parse(text: &str, variables: &[Variable]) -> Result<Self, TemplateError> {
        let mut parser = Parser { text, at: 0, variables };
        let nodes = parser.block(&Ending::Text)?;
        Ok(Self { nodes })
    }

    /// The text for `facts`, as HTML: everything, also the publisher's own words, is escaped.
    pub fn render(&self, facts: &Facts<'_>, locale: &Locale) -> String {
        let mut html = String::new();
        render(&self.nodes, facts, locale, &mut html);
        html
    }

    /// It as it is written, to be changed.
    pub fn source(&self) -> String {
        let mut text = String::new();
        write_source(&self.nodes, &mut text);
        text
    }

    /// Whether what it says depends on this.
    pub fn mentions(&self, variable: Variable) -> bool {
        mentions(&self.nodes, variable)
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

fn mentions(nodes: &[Node], wanted: Variable) -> bool {
    nodes.iter().any(|node| match node {
        Node::Text(_) => false,
        Node::Value(variable) | Node::PluralEnding(variable) => *variable == wanted,
        Node::When { variable, nodes, .. } => *variable == wanted || mentions(nodes, wanted),
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
            Node::When { variable, present, nodes } => {
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

fn render(nodes: &[Node], facts: &Facts<'_>, locale: &Locale, html: &mut String) {
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
            Node::When { variable, present, nodes } => {
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

/// HTML's five significant characters.
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

/// What may end a run of nodes.
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
    at: usize,
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
            let before = self.at;
            let tag = self.next_tag()?;
            let until = tag.as_ref().map_or(self.text.len(), |tag| tag.start);
            if until > before {
                nodes.push(Node::Text(self.text[before..until].to_owned()));
            }
            let Some(tag) = tag else {
                return match ending {
                    Ending::Text => Ok(nodes),
                    Ending::Block { name, opened } => {
                        Err(self.fault(*opened, TemplateFault::UnclosedBlock((*name).to_owned())))
                    }
                    Ending::Part { opened } => {
                        Err(self.fault(*opened, TemplateFault::UnclosedBlock("plural".into())))
                    }
                };
            };
            match ending {
                Ending::Block { name, .. } if tag.name.strip_prefix('/') == Some(name) => {
                    return Ok(nodes);
                }
                Ending::Part { .. } if tag.name == "/plural" || category(tag.name).is_some() => {
                    self.at = tag.start;
                    return Ok(nodes);
                }
                Ending::Text | Ending::Block { .. } | Ending::Part { .. } => {}
            }
            nodes.push(self.node(&tag)?);
        }
    }

    fn node(&mut self, tag: &Tag<'a>) -> Result<Node, TemplateError> {
        if let Some(name) = tag.name.strip_prefix('/') {
            return Err(self.fault(tag.start, TemplateFault::UnopenedBlock(name.to_owned())));
        }
        if let Some(name) = tag.name.strip_prefix("#plural ") {
            return self.plural(name.trim(), tag.start);
        }
        let when = tag.name.strip_prefix('#').map(|name| (name, true));
        if let Some((name, present)) = when.or(tag.name.strip_prefix('^').map(|name| (name, false)))
        {
            let variable = self.variable(name, tag.start)?;
            let nodes = self.block(&Ending::Block { name, opened: tag.start })?;
            return Ok(Node::When { variable, present, nodes });
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
            let before = self.at;
            let Some(tag) = self.next_tag()? else {
                return Err(self.fault(opened, TemplateFault::UnclosedBlock("plural".into())));
            };
            if !self.text[before..tag.start].trim().is_empty() {
                return Err(self.fault(before, TemplateFault::TextBeforeCategory));
            }
            if tag.name == "/plural" {
                let has_other = cases.iter().any(|(known, _)| *known == PluralCategory::Other);
                return if has_other {
                    Ok(Node::Plural { variable, cases })
                } else {
                    Err(self.fault(opened, TemplateFault::NoOther))
                };
            }
            let Some(category) = category(tag.name) else {
                return Err(self.fault(tag.start, TemplateFault::TextBeforeCategory));
            };
            if cases.iter().any(|(known, _)| *known == category) {
                let fault = TemplateFault::CategoryTwice(tag.name.to_owned());
                return Err(self.fault(tag.start, fault));
            }
            cases.push((category, self.block(&Ending::Part { opened })?));
        }
    }

    fn next_tag(&mut self) -> Result<Option<Tag<'a>>, TemplateError> {
        let Some(offset) = self.text[self.at..].find("{{") else {
            self.at = self.text.len();
            return Ok(None);
        };
        let start = self.at + offset;
        let Some(length) = self.text[start..].find("}}") else {
            return Err(self.fault(start, TemplateFault::UnclosedTag));
        };
        self.at = start + length + 2;
        Ok(Some(Tag { start, name: self.text[start + 2..start + length].trim() }))
    }

    fn variable(&self, name: &str, at: usize) -> Result<Variable, TemplateError> {
        let known = self.variables.iter().copied().find(|variable| variable.name() == name.trim());
        known.ok_or_else(|| {
            let known: Vec<_> = self.variables.iter().map(|variable| variable.name()).collect();
            let fault =
                TemplateFault::UnknownVariable { name: name.to_owned(), known: known.join(", ") };
            self.fault(at, fault)
        })
    }

    fn count(&self, name: &str, at: usize) -> Result<Variable, TemplateError> {
        let variable = self.variable(name, at)?;
        if variable.is_count() {
            Ok(variable)
        } else {
            Err(self.fault(at, TemplateFault::NotACount(variable.name())))
        }
    }

    fn fault(&self, at: usize, fault: TemplateFault) -> TemplateError {
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        TemplateError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            fault,
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

    fn said(text: &str, tag: &str, left: u32) -> String {
        let template = Template::parse(text, &Variable::ALL).expect("a template");
        let facts = Facts {
            number_articles_left: Some(left),
            publication: "The <Harbour> Courier",
            ..Facts::default()
        };
        template.render(&facts, &Locale::new(tag).expect("a locale"))
    }

    fn refused(text: &str) -> (usize, usize, TemplateFault) {
        let error = Template::parse(text, &Variable::ALL).expect_err("refused");
        (error.line, error.column, error.fault)
    }

    #[test]
    fn values_are_escaped_and_english_endings_follow_the_count() {
        let text = "{{numberArticlesLeft}} article{{numberArticlesLeft-plural}} in {{publication}}";
        assert_eq!(said(text, "en", 1), "1 article in The &lt;Harbour&gt; Courier");
        assert_eq!(said(text, "en", 2), "2 articles in The &lt;Harbour&gt; Courier");
    }

    #[test]
    fn plural_blocks_follow_the_locale() {
        let polish = "{{#plural numberArticlesLeft}}{{one}}artykuł{{few}}artykuły{{many}}artykułów{{other}}artykułu{{/plural}}";
        let said = |left| said(polish, "pl", left);
        assert_eq!(
            [said(1), said(3), said(5), said(22)],
            ["artykuł", "artykuły", "artykułów", "artykuły"]
        );
    }

    #[test]
    fn a_missing_category_falls_back_to_other() {
        let text = "{{#plural numberArticlesLeft}} {{other}}{{numberArticlesLeft}}記事{{/plural}}";
        assert_eq!(said(text, "ja", 1), "1記事");
    }

    #[test]
    fn what_a_text_depends_on_is_known() {
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
    fn blocks_appear_only_with_their_value() {
        let text = "{{#price}}Only {{price}}. {{/price}}{{^price}}Read on. {{/price}}";
        assert_eq!(said(text, "en", 1), "Read on. ");
    }

    #[test]
    fn faults_are_found_with_line_and_column() {
        let unknown = refused("Read\nön {{articlesLeft}}");
        assert_eq!((unknown.0, unknown.1), (2, 4));
        assert!(matches!(unknown.2, TemplateFault::UnknownVariable { .. }));
        assert_eq!(refused("a {{price"), (1, 3, TemplateFault::UnclosedTag));
        assert_eq!(refused("{{#price}}x"), (1, 1, TemplateFault::UnclosedBlock("price".into())));
        assert_eq!(refused("x{{/price}}"), (1, 2, TemplateFault::UnopenedBlock("price".into())));
        assert_eq!(refused("{{#plural price}}"), (1, 1, TemplateFault::NotACount("price")));
        assert_eq!(
            refused("{{#plural allowance}}{{one}}x{{/plural}}"),
            (1, 1, TemplateFault::NoOther)
        );
        assert_eq!(
            refused("{{#plural allowance}}{{other}}x"),
            (1, 1, TemplateFault::UnclosedBlock("plural".into()))
        );
        assert_eq!(
            refused("{{#plural allowance}}{{other}}x{{other}}y{{/plural}}").2,
            TemplateFault::CategoryTwice("other".into())
        );
    }

    proptest! {
        /// Whatever is written parses or is refused inside the text, and never escapes its HTML.
        #[test]
        fn any_text_is_safe(text in "([a-z<>&\"' \n]|\\{\\{|\\}\\}|#plural |allowance|one|other|/plural|price|#|\\^|/){0,30}") {
            match Template::parse(&text, &Variable::ALL) {
                Ok(template) => {
                    let locale = Locale::new("en").expect("a locale");
                    let html = template.render(&Facts::default(), &locale);
                    prop_assert!(!html.contains(['<', '>', '"', '\'']));
                }
                Err(error) => prop_assert!(error.line <= text.matches('\n').count() + 1),
            }
        }
    }
}

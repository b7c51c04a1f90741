//! The parser of templates: recursive descent over the tags.

use icu_plurals::PluralCategory;

use super::{Node, TemplateError, TemplateErrorKind, category};
use crate::message::Variable;

/// How deep blocks may be nested. Templates are parsed, rendered and dropped recursively, and their text comes from a form: without a
/// bound it could use up the stack, which ends the process.
const MAX_DEPTH: usize = 8;

/// Parses `text`, which may use only `variables`.
pub(super) fn parse(text: &str, variables: &[Variable]) -> Result<Vec<Node>, TemplateError> {
    Parser { text, position: 0, depth: 0, variables }.block(&Ending::Text)
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

impl Ending<'_> {
    /// Returns the error if the text ends before this, with the position of the opening tag.
    fn unclosed(&self) -> Option<(usize, TemplateErrorKind)> {
        let (name, opened) = match self {
            Self::Text => return None,
            Self::Block { name, opened } => (*name, *opened),
            Self::Part { opened } => ("plural", *opened),
        };
        Some((opened, TemplateErrorKind::UnclosedBlock(name.to_owned())))
    }
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    /// How many blocks are open.
    depth: usize,
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
                return match ending.unclosed() {
                    None => Ok(nodes),
                    Some((opened, kind)) => Err(self.error(opened, kind)),
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

    /// Parses the content of a block that begins at `opened`.
    fn inner(&mut self, opened: usize, ending: &Ending<'_>) -> Result<Vec<Node>, TemplateError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(opened, TemplateErrorKind::TooDeep(MAX_DEPTH)));
        }
        self.depth += 1;
        let nodes = self.block(ending)?;
        self.depth -= 1;
        Ok(nodes)
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
            let nodes = self.inner(tag.start, &Ending::Block { name, opened: tag.start })?;
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
            cases.push((category, self.inner(opened, &Ending::Part { opened })?));
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

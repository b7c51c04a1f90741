//! Elements of a text that Markdown has no signs for, as fenced blocks.
//!
//! ```text
//! ::: fact The bridge
//! It was built for coal ships.
//! :::
//! ```
//!
//! To add an element: add it to [`Element`], allow what it becomes in `clean::allowed`, and explain it
//! in `docs/src/publish.md`.

use super::ManuscriptError;
use crate::spelling::suggest;

/// An element by the word after its colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    /// A box with facts beside the story.
    Fact,
    /// The ingredients of a recipe.
    Ingredients,
    /// A link to another article.
    Related,
    /// A sentence of the text, set large.
    PullQuote,
    /// A picture that is wider than the text.
    Wide,
    /// Several pictures side by side.
    Gallery,
}

impl Element {
    const ALL: [Self; 6] =
        [Self::Fact, Self::Ingredients, Self::Related, Self::PullQuote, Self::Wide, Self::Gallery];

    fn name(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Ingredients => "ingredients",
            Self::Related => "related",
            Self::PullQuote => "pullquote",
            Self::Wide => "wide",
            Self::Gallery => "gallery",
        }
    }

    /// The tags around its content.
    fn tags(self) -> (&'static str, &'static str) {
        match self {
            Self::Fact => ("<aside class=\"fact\">", "</aside>"),
            Self::Ingredients => ("<aside class=\"ingredients\">", "</aside>"),
            Self::Related => ("<aside class=\"related\">", "</aside>"),
            Self::PullQuote => ("<blockquote class=\"pullquote\">", "</blockquote>"),
            Self::Wide => (WIDE, "</div>"),
            Self::Gallery => ("<figure class=\"gallery\">", "</figure>"),
        }
    }

    fn has_title(self) -> bool {
        matches!(self, Self::Fact | Self::Ingredients)
    }

    fn has_only_pictures(self) -> bool {
        matches!(self, Self::Wide | Self::Gallery)
    }
}

/// Around a picture that becomes a wide figure.
const WIDE: &str = "<div class=\"wide\">";

/// An element that is open.
struct OpenElement {
    element: Element,
    line: usize,
    pictures: usize,
}

/// Replaces the fences in the Markdown of a body that begins on `first_line` by tags.
///
/// # Errors
///
/// Returns an error with its line if an element is unknown, open at the end or inside another, or if it
/// contains what it may not.
pub(super) fn elements(body: &str, first_line: usize) -> Result<String, ManuscriptError> {
    let mut html = String::with_capacity(body.len());
    let mut open: Option<OpenElement> = None;
    let mut code: Option<&str> = None;
    for (index, line) in body.lines().enumerate() {
        let number = first_line + index;
        let text = line.trim();
        code = code_fence(code, text);
        let fence = text.strip_prefix(":::").filter(|_| code.is_none());
        let has_only_pictures =
            |open: &&mut OpenElement| open.element.has_only_pictures() && !text.is_empty();
        if let Some(fence) = fence {
            open = fence_line(fence, open, number, &mut html)?;
        } else if let Some(inside) = open.as_mut().filter(has_only_pictures) {
            picture_line(text, inside, number, &mut html)?;
        } else {
            html.push_str(line);
            html.push('\n');
        }
    }
    match open {
        Some(OpenElement { element, line, .. }) => Err(ManuscriptError {
            line,
            reason: format!(
                "\"::: {}\" is never closed; add a line of ::: after it",
                element.name()
            ),
        }),
        None => Ok(html),
    }
}

/// Returns the fence of the code block that is open after a line.
fn code_fence<'a>(open: Option<&'a str>, line: &'a str) -> Option<&'a str> {
    match open {
        Some(fence) => (!line.starts_with(fence)).then_some(fence),
        None => ["```", "~~~"].into_iter().find(|fence| line.starts_with(fence)),
    }
}

/// Opens or closes an element.
fn fence_line(
    fence: &str,
    open: Option<OpenElement>,
    line: usize,
    html: &mut String,
) -> Result<Option<OpenElement>, ManuscriptError> {
    let fail = |line, reason: String| Err(ManuscriptError { line, reason });
    let (word, title) = match fence.trim().split_once(char::is_whitespace) {
        Some((word, title)) => (word, title.trim()),
        None => (fence.trim(), ""),
    };
    match (open, word) {
        (Some(OpenElement { element, line, pictures: 0 }), "") if element.has_only_pictures() => {
            fail(
                line,
                format!(
                    "\"::: {}\" has no picture; add a line such as ![What it shows](picture.jpg)",
                    element.name()
                ),
            )
        }
        (Some(OpenElement { element, .. }), "") => {
            html.push_str(&format!("\n{}\n\n", element.tags().1));
            Ok(None)
        }
        (None, "") => fail(
            line,
            "there is no open element to close; write a word after the colons, such as ::: fact"
                .to_owned(),
        ),
        (Some(OpenElement { element, line: before, .. }), _) => fail(
            line,
            format!(
                "close the \"::: {}\" of line {before} with a line of ::: first",
                element.name()
            ),
        ),
        (None, word) => {
            let element = find(word).map_err(|reason| ManuscriptError { line, reason })?;
            if !title.is_empty() && !element.has_title() {
                return fail(
                    line,
                    format!("\"::: {word}\" has no title; write \"{title}\" on a line of its own"),
                );
            }
            html.push_str(&format!("\n{}\n\n", element.tags().0));
            if !title.is_empty() {
                html.push_str(&format!("## {title}\n\n"));
            }
            Ok(Some(OpenElement { element, line, pictures: 0 }))
        }
    }
}

/// A line of an element that has only pictures: each becomes a paragraph of its own.
fn picture_line(
    text: &str,
    open: &mut OpenElement,
    line: usize,
    html: &mut String,
) -> Result<(), ManuscriptError> {
    let name = open.element.name();
    let fail = |reason| Err(ManuscriptError { line, reason });
    if !text.starts_with("![") {
        return fail(format!(
            "\"::: {name}\" has only pictures; write each on a line of its own, such as ![What it shows](picture.jpg \"Caption\")"
        ));
    }
    open.pictures += 1;
    if open.element == Element::Wide && open.pictures > 1 {
        return fail("\"::: wide\" has one picture; use \"::: gallery\" for several".to_owned());
    }
    html.push_str(&format!("{text}\n\n"));
    Ok(())
}

fn find(word: &str) -> Result<Element, String> {
    let found = Element::ALL.into_iter().find(|element| element.name() == word);
    found.ok_or_else(|| {
        let names = || Element::ALL.into_iter().map(Element::name);
        let hint = match suggest(word, names()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
        };
        format!("there is no element \"{word}\"; {hint}")
    })
}

/// Gives the figures of wide pictures their class.
pub(super) fn wide_figures(html: &str) -> String {
    let mut parts = html.split(WIDE);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |html, part| {
        let figure = part.trim_start().replacen("<figure>", "<figure class=\"wide\">", 1);
        html + &figure.replacen("</div>", "", 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(body: &str) -> (usize, String) {
        let ManuscriptError { line, reason } = elements(body, 5).expect_err("refused");
        (line, reason)
    }

    #[test]
    fn fences_become_tags_and_code_stays_code() {
        let html = elements("A\n::: fact The bridge\n*B*\n:::\nC\n", 1).expect("elements");
        assert_eq!(html, "A\n\n<aside class=\"fact\">\n\n## The bridge\n\n*B*\n\n</aside>\n\nC\n");
        let code = "```\n::: fact\n```\n";
        assert_eq!(elements(code, 1).as_deref(), Ok(code));
    }

    #[test]
    fn errors_have_line_reason_and_remedy() {
        assert_eq!(error("\n::: fakt\n:::\n").0, 6);
        assert!(error("::: fakt\n:::\n").1.ends_with("did you mean \"fact\"?"));
        assert!(
            error("::: zebra\n:::\n").1.contains("there are fact, ingredients, related, pullquote")
        );
        assert_eq!(error("A\n\n::: fact\nB\n").0, 7);
        assert!(error("::: fact\nB\n").1.contains("never closed"));
        assert!(error(":::\n").1.contains("no open element"));
        assert_eq!(error("::: fact\n::: gallery\n:::\n").0, 6);
        assert!(error("::: gallery\nText\n:::\n").1.contains("only pictures"));
        assert!(error("::: gallery\n\n:::\n").1.contains("has no picture"));
        let two = "::: wide\n![a](a.jpg)\n![b](b.jpg)\n:::\n";
        assert!(error(two).1.contains("::: gallery"));
        assert!(error("::: pullquote Never\n:::\n").1.contains("on a line of its own"));
    }
}

//! Posts of live coverage: a few lines of Markdown, with an optional headline.
//!
//! The text is written as in a manuscript (see [`crate::manuscript`]) and sanitized like the text of an article. An address that
//! is alone in its paragraph becomes a card for what is there.

use std::fmt;

use crate::{
    clean::FindPicture,
    manuscript::{self, ManuscriptError},
};

/// The maximum number of characters in the text.
const MAX_TEXT: usize = 20_000;
/// The maximum number of characters in the headline.
const MAX_HEADLINE: usize = 200;

/// What a post says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LivePostText {
    /// The headline, as plain text. May be empty.
    pub headline: String,
    /// The text as it was written, in Markdown.
    pub source: String,
    /// The text, as sanitized HTML.
    pub body: String,
}

/// Why a text cannot be a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidLivePost {
    /// There is neither a headline nor a text.
    Empty,
    /// The headline is too long.
    LongHeadline,
    /// The text is too long.
    LongText,
    /// The text has footnotes: those of several posts on one page would have the same names.
    Footnotes,
    /// A picture in the text is not one of the publication's.
    MissingPicture,
    /// The markup of the text is not right.
    Markup(ManuscriptError),
}

impl fmt::Display for InvalidLivePost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "Write a text or a headline."),
            Self::LongHeadline => {
                write!(f, "Shorten the headline to {MAX_HEADLINE} characters at most.")
            }
            Self::LongText => {
                write!(
                    f,
                    "Shorten the text to {MAX_TEXT} characters at most, or publish it as several posts."
                )
            }
            Self::Footnotes => {
                write!(f, "A post can’t have footnotes. Put the note into the text.")
            }
            Self::MissingPicture => {
                write!(f, "A picture in the text wasn’t found. Add it with “Add picture”.")
            }
            Self::Markup(error) => write!(f, "Check the text, {error}."),
        }
    }
}

impl std::error::Error for InvalidLivePost {}

impl LivePostText {
    /// The maximum number of characters in headline and text.
    pub const MAX_CHARACTERS: usize = MAX_HEADLINE + MAX_TEXT;

    /// Reads what was written.
    ///
    /// # Errors
    ///
    /// Returns what has to be changed.
    pub fn read(
        headline: &str,
        source: &str,
        find_picture: &FindPicture<'_>,
    ) -> Result<Self, InvalidLivePost> {
        let headline = headline.split_whitespace().collect::<Vec<_>>().join(" ");
        let source = source.replace("\r\n", "\n").trim().to_owned();
        if headline.chars().count() > MAX_HEADLINE {
            return Err(InvalidLivePost::LongHeadline);
        }
        if source.chars().count() > MAX_TEXT {
            return Err(InvalidLivePost::LongText);
        }
        let (body, has_all_pictures) = manuscript::text(&with_cards(&source), find_picture)
            .map_err(InvalidLivePost::Markup)?;
        if !has_all_pictures {
            return Err(InvalidLivePost::MissingPicture);
        }
        if body.contains("class=\"footnote") {
            return Err(InvalidLivePost::Footnotes);
        }
        if headline.is_empty() && body.trim().is_empty() {
            return Err(InvalidLivePost::Empty);
        }
        Ok(Self { headline, source, body })
    }
}

/// Writes each address that is alone in its paragraph as an embed, which becomes a card when it is cleaned. What is in a block of
/// code stays as it is.
fn with_cards(source: &str) -> String {
    let mut is_in_code = false;
    let paragraphs = source.split("\n\n").map(|paragraph| {
        let begins_in_code = is_in_code;
        let is_fence = |line: &&str| line.starts_with("```") || line.starts_with("~~~");
        let fences = paragraph.lines().map(str::trim_start).filter(is_fence).count();
        is_in_code = begins_in_code != (fences % 2 == 1);
        let first = paragraph.trim_start_matches('\n');
        let is_indented = first.starts_with("    ") || first.starts_with('\t');
        let address = paragraph.trim();
        let is_address = address.starts_with("https://")
            && !address.contains(|c: char| c.is_whitespace() || "<>\"'".contains(c));
        if is_address && !begins_in_code && !is_indented {
            format!("<iframe src=\"{address}\"></iframe>")
        } else {
            paragraph.to_owned()
        }
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::StoredPicture;

    fn read(headline: &str, source: &str) -> Result<LivePostText, InvalidLivePost> {
        let find = |src: &str| {
            let known = src == "/media/pier-3x2.jpg";
            known.then(|| StoredPicture { src: src.to_owned(), width: 3, height: 2 })
        };
        LivePostText::read(headline, source, &find)
    }

    fn body(source: &str) -> String {
        read("", source).expect("a post").body
    }

    #[test]
    fn markup_becomes_clean_html_and_is_kept_as_it_was_written() {
        let post = read("  The gates\n are *open* ", "Water is **rising**.\r\n\r\n- One\r\n- Two");
        let post = post.expect("a post");
        assert_eq!(post.headline, "The gates are *open*");
        assert_eq!(post.source, "Water is **rising**.\n\n- One\n- Two");
        assert!(post.body.starts_with("<p>Water is <strong>rising</strong>.</p>"), "{}", post.body);
        assert!(post.body.contains("<li>One</li>"), "{}", post.body);
    }

    #[test]
    fn nothing_runs_and_nothing_is_fetched_from_elsewhere() {
        let hostile = "Hi <script>alert(1)</script><b onclick=x>there</b>\n\n<svg onload=y>\n\n\
                       <a href=\"javascript:z\">link</a>\n\n<form><input name=card></form>";
        let body = body(hostile);
        for bad in ["script", "onclick", "onload", "svg", "javascript", "form", "input"] {
            assert!(!body.contains(bad), "{bad}: {body}");
        }
        assert_eq!(
            read("", "![A boat](https://elsewhere.example/boat.jpg)"),
            Err(InvalidLivePost::MissingPicture)
        );
    }

    #[test]
    fn pictures_of_the_publication_are_figures_and_addresses_are_cards() {
        let picture = body("![The pier](/media/pier-3x2.jpg \"At noon\")");
        assert!(
            picture.contains("<figure>") && picture.contains("<figcaption>At noon"),
            "{picture}"
        );
        let card = body("Watch:\n\nhttps://youtu.be/abc");
        assert!(
            card.contains("class=\"embed\"") && card.contains("https://youtu.be/abc"),
            "{card}"
        );
        assert!(!card.contains("<iframe"), "{card}");
        assert!(!body("See https://youtu.be/abc for more.").contains("embed"));
        for code in
            ["```\nfirst\n\nhttps://youtu.be/abc\n\n```", "Text\n\n    https://youtu.be/abc"]
        {
            assert!(!body(code).contains("embed"), "{code}");
        }
    }

    #[test]
    fn what_cannot_be_a_post_says_what_to_do() {
        for (headline, source, said) in [
            ("", " \n ", "Write a text"),
            ("", "<script>x</script>", "Write a text"),
            ("", "A note[^1].\n\n[^1]: Here.", "footnotes"),
            ("", &"word ".repeat(5000), "Shorten the text"),
            (&"word ".repeat(50), "Text", "Shorten the headline"),
            ("", "::: fatc Box\nText\n:::", "line 1"),
        ] {
            let error = read(headline, source).expect_err(said);
            assert!(error.to_string().contains(said), "{error}");
        }
        assert!(read("Only a headline", "").is_ok());
    }
}

//! The templates for a new article: what it is, how it looks, and the parts that its text begins with.
//!
//! To add one: add a variant with its name and its parts, and its words in every language. What its writer has to fill in is
//! marked, and an article is not published before no mark is left (`editorial::draft`).

use masthead_editorial::{
    Design,
    draft::{Draft, placeholder},
};
use minijinja::HtmlEscape;

use crate::words::DeskWords;

/// A template for a new article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArticleTemplate {
    News,
    Opinion,
    Interview,
    Recipe,
    Live,
}

impl ArticleTemplate {
    /// All templates, in the order in which they are offered.
    pub const ALL: [Self; 5] =
        [Self::News, Self::Opinion, Self::Interview, Self::Recipe, Self::Live];

    /// The word in the address of the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::Opinion => "opinion",
            Self::Interview => "interview",
            Self::Recipe => "recipe",
            Self::Live => "live",
        }
    }

    /// The template with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.name() == name)
    }

    /// What it is called.
    pub fn label(self, words: DeskWords) -> &'static str {
        words.text(match self {
            Self::News => "template_news",
            Self::Opinion => "template_opinion",
            Self::Interview => "template_interview",
            Self::Recipe => "template_recipe",
            Self::Live => "template_live",
        })
    }

    /// `draft` with the kind, the design and the parts of this template.
    pub fn apply(self, draft: Draft, words: DeskWords) -> Draft {
        let (kind, design) = match self {
            Self::News => ("", Design::News),
            Self::Opinion => ("opinion", Design::Opinion),
            Self::Interview => ("interview", Design::Interview),
            Self::Recipe => ("", Design::Recipe),
            Self::Live => ("live", Design::News),
        };
        let (kind, design) = (kind.to_owned(), design.name().to_owned());
        Draft { kind, design, body: self.body(words), ..draft }
    }

    fn body(self, words: DeskWords) -> String {
        let part = |tag: &str, word: &str| {
            let prompt = placeholder(&HtmlEscape(words.text(word)).to_string());
            format!("<{tag}>{prompt}</{tag}>")
        };
        let p = |word| part("p", word);
        let parts = match self {
            Self::News => vec![
                p("template_news_lead"),
                p("template_news_quote"),
                part("h2", "template_news_background"),
                p("template_news_history"),
            ],
            Self::Opinion => vec![
                p("template_opinion_claim"),
                p("template_opinion_reasons"),
                format!(
                    "<blockquote class=\"pullquote\">{}</blockquote>",
                    p("template_opinion_pull")
                ),
                p("template_opinion_other_side"),
            ],
            Self::Interview => vec![
                p("template_interview_who"),
                part("h2", "template_interview_question"),
                p("template_interview_answer"),
                part("h2", "template_interview_next_question"),
                p("template_interview_next_answer"),
            ],
            Self::Recipe => vec![
                p("template_recipe_about"),
                format!(
                    "<aside class=\"ingredients\">{}<ul>{}</ul></aside>",
                    part("h2", "template_recipe_servings"),
                    part("li", "template_recipe_ingredient")
                ),
                format!("<ol>{}</ol>", part("li", "template_recipe_step")),
            ],
            Self::Live => vec![
                p("template_live_summary"),
                part("h2", "template_live_latest"),
                p("template_live_entry"),
                part("h2", "template_live_first"),
                p("template_live_first_entry"),
            ],
        };
        parts.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use masthead_editorial::{
        SlugScript,
        draft::{Obstacle, ObstacleKind},
    };

    use super::*;

    #[test]
    fn every_template_is_marked_and_can_be_published_once_it_is_filled_in() {
        for template in ArticleTemplate::ALL {
            assert_eq!(ArticleTemplate::named(template.name()), Some(template));
            for words in DeskWords::all() {
                let begun = template.apply(Draft::default(), words);
                assert!(begun.design.parse::<Design>().is_ok(), "{}", begun.design);
                let marks = begun.body.matches("<mark>[").count();
                assert!(marks >= 3, "{}", begun.body);
                assert_eq!(begun.body.matches("]</mark>").count(), marks, "{}", begun.body);
                let obstacles = begun.obstacles(&[], None, SlugScript::Latin);
                let is_placeholder =
                    |obstacle: &Obstacle| obstacle.kind == ObstacleKind::Placeholders;
                assert!(obstacles.iter().any(is_placeholder));
                let clean = begun.clone().cleaned(&|_| None);
                assert_eq!(clean.body.matches("<mark>[").count(), marks, "{}", clean.body);
            }
        }
    }
}

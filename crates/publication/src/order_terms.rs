//! What a reader agrees to when ordering, in one sentence with links to the publication's own pages about it.
//!
//! A page is linked if it is published under its slug. To add one: add it to [`TO_READ`], with the word for its link.

use crate::{
    contexts::{Link, LinkedText},
    edition::Target,
    snapshot::SiteSnapshot,
};

/// The page that the reader agrees to, and the word for its link.
const TERMS: (&str, &str) = ("/terms", "link_terms");
/// The pages that the reader is asked to read.
const TO_READ: [(&str, &str); 2] =
    [("/privacy", "link_privacy"), ("/withdrawal", "link_withdrawal")];

impl SiteSnapshot {
    /// Returns the sentence about the pages on orders that the publication has; empty if it has none.
    pub fn order_terms(&self) -> Vec<LinkedText> {
        let terms = self.page_link(TERMS);
        let to_read: Vec<Link> =
            TO_READ.into_iter().filter_map(|page| self.page_link(page)).collect();
        let word = match (&terms, to_read.is_empty()) {
            (Some(_), true) => "checkout_agree",
            (Some(_), false) => "checkout_agree_read",
            (None, false) => "checkout_read",
            (None, true) => return Vec::new(),
        };
        let and = self.theme.word("checkout_and");
        linked(self.theme.word(word), and, terms.as_slice(), &to_read)
    }

    fn page_link(&self, (address, word): (&str, &str)) -> Option<Link> {
        let Some(Target::Piece(page)) = self.edition.find(address) else { return None };
        page.is_page().then(|| Link::to(address, self.theme.word(word)))
    }
}

/// A sentence with links in its gaps `{terms}` and `{pages}`, joined by `and`.
fn linked(sentence: &str, and: &str, terms: &[Link], pages: &[Link]) -> Vec<LinkedText> {
    let mut parts: Vec<LinkedText> = Vec::new();
    let (mut before, mut rest) = (String::new(), sentence);
    while let Some((text, after)) = rest.split_once('{') {
        let (gap, after) = after.split_once('}').unwrap_or((after, ""));
        before.push_str(text);
        for (number, link) in if gap == "terms" { terms } else { pages }.iter().enumerate() {
            before.push_str(if number == 0 { "" } else { and });
            let before = std::mem::take(&mut before);
            parts.push(LinkedText { before, link: link.clone(), after: String::new() });
        }
        rest = after;
    }
    if let Some(last) = parts.last_mut() {
        last.after = before + rest;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(sentence: &str, terms: &[Link], pages: &[Link]) -> String {
        let parts = linked(sentence, " and ", terms, pages);
        let part = |part: &LinkedText| format!("{}<{}>{}", part.before, part.link.name, part.after);
        parts.iter().map(part).collect()
    }

    #[test]
    fn links_are_joined_into_one_sentence() {
        let link = |name: &str| Link::to("/", name);
        let (terms, pages) = ([link("terms")], [link("privacy"), link("withdrawal")]);
        let both = "You agree to our {terms}; read {pages}.";
        let joined = "You agree to our <terms>; read <privacy> and <withdrawal>.";
        assert_eq!(text(both, &terms, &pages), joined);
        assert_eq!(text("Agree to {terms}.", &terms, &[]), "Agree to <terms>.");
        assert_eq!(text("{pages}を読む。", &[], &pages[..1]), "<privacy>を読む。");
    }
}

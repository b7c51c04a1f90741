//! Words without joiners: few people type them, and passages show them.

use masthead_access::searchable;
use tantivy::tokenizer::{BoxTokenStream, Token, TokenStream, Tokenizer};

/// Finds the tokens that a tokenizer finds in a text without its joiners, at their places in the text as it is.
#[derive(Clone)]
pub(super) struct WithoutJoiners<T>(pub T);

impl<T: Tokenizer> Tokenizer for WithoutJoiners<T> {
    type TokenStream<'a> = BoxTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        let bare = searchable(text);
        if bare.len() == text.len() {
            return BoxTokenStream::new(self.0.token_stream(text));
        }
        let places = places_in(text, &bare);
        let place = |offset: usize| places.get(offset).copied().unwrap_or(text.len());
        let mut found = Vec::new();
        self.0.token_stream(&bare).process(&mut |token| {
            // The end is that of the last character, and not of a joiner that follows it.
            let offset_to = token.offset_to.checked_sub(1).map_or(0, |last| place(last) + 1);
            let offset_from = place(token.offset_from);
            found.push(Token { offset_from, offset_to, ..token.clone() });
        });
        BoxTokenStream::new(Tokens { found, next: 0, none: Token::default() })
    }
}

/// For each byte of `bare`, which is `text` without some characters, where it is in `text`.
fn places_in(text: &str, bare: &str) -> Vec<usize> {
    let mut places = Vec::with_capacity(bare.len());
    let mut left = bare.chars().peekable();
    for (start, character) in text.char_indices() {
        if left.next_if_eq(&character).is_some() {
            places.extend(start..start + character.len_utf8());
        }
    }
    places
}

/// Tokens that were found.
struct Tokens {
    found: Vec<Token>,
    /// How many of them have been passed.
    next: usize,
    /// What is at hand before the first.
    none: Token,
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.found.len()
    }

    fn token(&self) -> &Token {
        self.next.checked_sub(1).and_then(|at| self.found.get(at)).unwrap_or(&self.none)
    }

    fn token_mut(&mut self) -> &mut Token {
        let at = self.next.checked_sub(1);
        at.and_then(|at| self.found.get_mut(at)).unwrap_or(&mut self.none)
    }
}

#[cfg(test)]
mod tests {
    use tantivy::tokenizer::SimpleTokenizer;

    use super::*;

    #[test]
    fn words_are_found_without_their_joiners() {
        let text = "من می\u{200c}خواهم\u{200c} آن";
        let mut tokenizer = WithoutJoiners(SimpleTokenizer::default());
        let mut found = Vec::new();
        tokenizer.token_stream(text).process(&mut |token| {
            found.push((token.text.clone(), &text[token.offset_from..token.offset_to]));
        });
        let words = [("من", "من"), ("میخواهم", "می\u{200c}خواهم"), ("آن", "آن")];
        assert_eq!(found, words.map(|(word, there)| (word.to_owned(), there)));
    }
}

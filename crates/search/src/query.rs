//! Parsing of search queries. Tantivy's query parser is not used, because it would let readers
//! choose the field to search.

use masthead_access::searchable;
use tantivy::{
    Term,
    query::{
        BooleanQuery, BoostQuery, DisjunctionMaxQuery, FuzzyTermQuery, PhraseQuery, Query,
        TermQuery,
    },
    schema::{Field, IndexRecordOption},
    tokenizer::TextAnalyzer,
};

use crate::analyzer::words;

/// The maximum number of characters of a query. The rest is ignored.
const MAX_CHARS: usize = 200;
/// The maximum number of words and phrases of a query. The rest is ignored.
const MAX_PARTS: usize = 12;
/// The minimum length of a word for fuzzy matching.
const MIN_FUZZY_CHARS: usize = 4;

/// A parsed query.
pub struct ParsedQuery {
    /// All of these must match: single words, or phrases of several words.
    parts: Vec<Vec<String>>,
}

impl ParsedQuery {
    /// Parses a query. Text in quotation marks is a phrase.
    pub fn new(text: &str, analyzer: &mut TextAnalyzer) -> Self {
        let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| at);
        let text = searchable(text.get(..end).unwrap_or_default());
        let mut parts = Vec::new();
        for (index, piece) in text.split(['"', '“', '”', '„']).enumerate() {
            let words = words(analyzer, piece);
            if index % 2 == 1 {
                parts.push(words);
            } else {
                parts.extend(words.into_iter().map(|word| vec![word]));
            }
        }
        parts.retain(|part| !part.is_empty());
        parts.truncate(MAX_PARTS);
        Self { parts }
    }

    /// Returns `true` if the query has no words.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Returns the words of the query, as the index contains them.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flatten().map(String::as_str)
    }

    /// Returns a query for articles that contain all words in any of these fields, weighted.
    pub fn exact(&self, fields: &[(Field, f32)]) -> Box<dyn Query> {
        self.all(fields, |field, part| match part {
            [word] => {
                let term = Term::from_field_text(field, word);
                Box::new(TermQuery::new(term, IndexRecordOption::WithFreqsAndPositions))
            }
            words => {
                let terms = words.iter().map(|word| Term::from_field_text(field, word));
                Box::new(PhraseQuery::new(terms.collect()))
            }
        })
    }

    /// Returns a query for articles with similar words, or `None` if the query has a phrase or only
    /// short words.
    pub fn fuzzy(&self, fields: &[(Field, f32)]) -> Option<Box<dyn Query>> {
        let is_phrase = self.parts.iter().any(|part| part.len() > 1);
        let is_fuzzy = |word: &String| word.chars().count() >= MIN_FUZZY_CHARS;
        if is_phrase || !self.parts.iter().flatten().any(is_fuzzy) {
            return None;
        }
        Some(self.all(fields, |field, part| {
            let near = |word: &String| -> Box<dyn Query> {
                let term = Term::from_field_text(field, word);
                Box::new(FuzzyTermQuery::new(term, u8::from(is_fuzzy(word)), true))
            };
            Box::new(BooleanQuery::intersection(part.iter().map(near).collect()))
        }))
    }

    fn all(
        &self,
        fields: &[(Field, f32)],
        of: impl Fn(Field, &[String]) -> Box<dyn Query>,
    ) -> Box<dyn Query> {
        let anywhere = |part: &Vec<String>| -> Box<dyn Query> {
            let weighed = fields.iter().map(|(field, weight)| -> Box<dyn Query> {
                Box::new(BoostQuery::new(of(*field, part), *weight))
            });
            Box::new(DisjunctionMaxQuery::with_tie_breaker(weighed.collect(), 0.3))
        };
        Box::new(BooleanQuery::intersection(self.parts.iter().map(anywhere).collect()))
    }
}

//! What somebody wants to find. It is taken apart here and not by tantivy's own parser, for that would let readers name
//! the field in which they search.

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

/// Characters of a question that are heard.
const LONGEST: usize = 200;
/// Words of it that are heard.
const MOST: usize = 12;
/// The shortest word that may be written wrongly.
const MISSPELT: usize = 4;

/// A question, taken apart.
pub struct Question {
    /// Each of these must be there: one word, or several in a row.
    parts: Vec<Vec<String>>,
}

impl Question {
    /// What the text asks for; what stands in quotation marks is one phrase.
    pub fn new(text: &str, analyzer: &mut TextAnalyzer) -> Self {
        let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
        let text = text.get(..end).unwrap_or_default();
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
        parts.truncate(MOST);
        Self { parts }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Articles that have all of it, in any of these fields, each with its weight.
    pub fn exactly(&self, fields: &[(Field, f32)]) -> Box<dyn Query> {
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

    /// Articles that have words like these; none where nothing may be written wrongly, as in a phrase.
    pub fn nearly(&self, fields: &[(Field, f32)]) -> Option<Box<dyn Query>> {
        let is_phrase = self.parts.iter().any(|part| part.len() > 1);
        let may_be_wrong = |word: &String| word.chars().count() >= MISSPELT;
        if is_phrase || !self.parts.iter().flatten().any(may_be_wrong) {
            return None;
        }
        Some(self.all(fields, |field, part| {
            let near = |word: &String| -> Box<dyn Query> {
                let term = Term::from_field_text(field, word);
                Box::new(FuzzyTermQuery::new(term, u8::from(may_be_wrong(word)), true))
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

//! Text analysis per language.

mod joiners;

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, NgramTokenizer, RemoveLongFilter, SimpleTokenizer,
    Stemmer, TextAnalyzer,
};

use self::joiners::WithoutJoiners;

/// The maximum length of a word. Longer ones are not indexed.
const MAX_WORD: usize = 60;

/// Returns the analyzer for a language code such as `en` or `de-AT`. Words are stemmed if there is
/// a stemmer for the language. In languages without spaces between words, every pair of characters
/// is a token.
pub fn for_language(code: &str) -> TextAnalyzer {
    let language = code.split(['-', '_']).next().unwrap_or_default();
    if matches!(language, "ja" | "zh" | "th" | "lo" | "km" | "my")
        && let Ok(pairs) = NgramTokenizer::new(2, 2, false)
    {
        return TextAnalyzer::builder(WithoutJoiners(pairs)).filter(LowerCaser).build();
    }
    let words = TextAnalyzer::builder(WithoutJoiners(SimpleTokenizer::default()))
        .filter(RemoveLongFilter::limit(MAX_WORD))
        .filter(LowerCaser);
    match stemmed(language) {
        Some(language) => words.filter(Stemmer::new(language)).filter(AsciiFoldingFilter).build(),
        None => words.filter(AsciiFoldingFilter).build(),
    }
}

fn stemmed(language: &str) -> Option<Language> {
    Some(match language {
        "ar" => Language::Arabic,
        "da" => Language::Danish,
        "nl" => Language::Dutch,
        "en" => Language::English,
        "fi" => Language::Finnish,
        "fr" => Language::French,
        "de" => Language::German,
        "el" => Language::Greek,
        "hu" => Language::Hungarian,
        "it" => Language::Italian,
        "nb" | "nn" | "no" => Language::Norwegian,
        "pt" => Language::Portuguese,
        "ro" => Language::Romanian,
        "ru" => Language::Russian,
        "es" => Language::Spanish,
        "sv" => Language::Swedish,
        "ta" => Language::Tamil,
        "tr" => Language::Turkish,
        _ => return None,
    })
}

/// Splits a text into the tokens that the index contains.
pub fn words(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut stream = analyzer.token_stream(text);
    while let Some(token) = stream.next() {
        words.push(token.text.clone());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_analyzed_by_language() {
        let words = |code, text| super::words(&mut for_language(code), text);
        assert_eq!(words("en-GB", "The ferries’ Café!"), ["the", "ferri", "cafe"]);
        assert_eq!(words("de", "Die Häfen"), ["die", "haf"]);
        assert_eq!(words("ja", "東京湾"), ["東京", "京湾"]);
        assert_eq!(words("pl", "Łódź portowa"), ["lodz", "portowa"]);
    }
}

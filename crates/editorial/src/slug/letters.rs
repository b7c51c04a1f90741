//! Which characters slugs in their own script may have.

use std::iter::once;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Letters of other scripts that look like these Latin ones.
const LOOK_ALIKES: [(char, &str); 22] = [
    ('a', "аαɑ"),
    ('b', "в"),
    ('c', "сϲ"),
    ('d', "ԁ"),
    ('e', "еє"),
    ('g', "ɡ"),
    ('h', "һн"),
    ('i', "іıι"),
    ('j', "јϳ"),
    ('k', "кκ"),
    ('l', "ӏǀ"),
    ('m', "м"),
    ('n', "пո"),
    ('o', "оοօ"),
    ('p', "рρ"),
    ('q', "ԛ"),
    ('r', "гⲅ"),
    ('s', "ѕꜱ"),
    ('t', "тτ"),
    ('u', "υս"),
    ('v', "ѵν"),
    ('w', "ԝѡ"),
];

/// Replaces letters that have the same meaning and another shape, such as those of full width: `Ａ` by `A`.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_shape(letter) { plain.extend(once(letter).nfkc()) } else { plain.push(letter) }
    }
    plain.nfc().collect()
}

/// A slug with the Latin letters that its own look like.
pub(super) fn look_alike(slug: &str) -> String {
    let latin = |letter: char| {
        let found = LOOK_ALIKES.iter().find(|(_, others)| others.contains(letter));
        found.map_or(letter, |(latin, _)| *latin)
    };
    slug.chars().map(latin).collect()
}

/// Whether a character may be in a slug: a letter, a digit, or a sign that belongs to one.
pub(super) fn is_part(letter: char) -> bool {
    (letter.is_alphanumeric() || is_combining_mark(letter))
        && !is_shape(letter)
        && !is_hidden(letter)
}

/// Whether a character belongs to the letter before it, such as an accent.
pub(super) fn is_joined(letter: char) -> bool {
    is_combining_mark(letter)
}

/// Whether nobody sees a character, or it changes the direction of others (Unicode's `Default_Ignorable_Code_Point` and
/// `Bidi_Control`).
pub(crate) fn is_hidden(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            // Stretches Arabic letters.
            | '\u{640}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a character is another one in a special shape: a ligature, of full width, raised, in a circle.
fn is_shape(letter: char) -> bool {
    // Ordinary ideographs in a block of variants.
    let is_ordinary = matches!(
        letter,
        '\u{fa0e}'..='\u{fa0f}'
            | '\u{fa11}'
            | '\u{fa13}'..='\u{fa14}'
            | '\u{fa1f}'
            | '\u{fa21}'
            | '\u{fa23}'..='\u{fa24}'
            | '\u{fa27}'..='\u{fa29}'
    );
    !is_ordinary
        && matches!(
            letter,
            'ª' | '²' | '³' | '¹' | 'º' | '¼'..='¾' | 'ſ'
                | '\u{2070}'..='\u{209f}'
                | '\u{2100}'..='\u{214f}'
                | '\u{2460}'..='\u{24ff}'
                | '\u{2f00}'..='\u{2fdf}'
                | '\u{3200}'..='\u{33ff}'
                | '\u{f900}'..='\u{fdff}'
                | '\u{fe70}'..='\u{feff}'
                | '\u{ff00}'..='\u{ffef}'
                | '\u{1d400}'..='\u{1d7ff}'
                | '\u{1f100}'..='\u{1f1ff}'
        )
}

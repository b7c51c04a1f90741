//! The direction in which a language or a text is written.

/// The direction in which a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextDirection {
    /// From left to right.
    LeftToRight,
    /// From right to left.
    RightToLeft,
}

/// Languages that are written from right to left unless their tag names another script.
const RIGHT_TO_LEFT: [&str; 13] =
    ["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"];
/// Scripts that are written from right to left (ISO 15924).
const RIGHT_TO_LEFT_SCRIPTS: [&str; 8] =
    ["Arab", "Aran", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg"];

impl TextDirection {
    /// Returns the direction of a language tag (BCP 47), by its script or else its language.
    pub fn of_tag(tag: &str) -> Self {
        let mut parts = tag.split(['-', '_']);
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let script = parts.next().filter(|part| part.len() == 4);
        let is_right_to_left = match script {
            Some(script) => {
                RIGHT_TO_LEFT_SCRIPTS.iter().any(|known| known.eq_ignore_ascii_case(script))
            }
            None => RIGHT_TO_LEFT.contains(&language.as_str()),
        };
        if is_right_to_left { Self::RightToLeft } else { Self::LeftToRight }
    }

    /// Returns the direction of a text in a publication or an article of this language (BCP 47).
    ///
    /// Names in Latin letters are common in text from right to left, also as its first word, so one of its own letters is
    /// enough there. In a language from left to right, most letters decide.
    pub fn of_text(text: &str, tag: &str) -> Self {
        let language = Self::of_tag(tag);
        let letters = text.chars().filter(|c| c.is_alphabetic());
        let (theirs, others) = letters.fold((0_usize, 0_usize), |(theirs, others), letter| {
            if is_right_to_left(letter) { (theirs + 1, others) } else { (theirs, others + 1) }
        });
        match language {
            Self::RightToLeft if theirs == 0 && others > 0 => Self::LeftToRight,
            Self::LeftToRight if theirs > others => Self::RightToLeft,
            language => language,
        }
    }

    /// Isolates a text of this direction from what is around it (Unicode Standard Annex 9, section 2.4).
    pub fn isolate(self, text: &str) -> String {
        let initiator = match self {
            Self::LeftToRight => '\u{2066}',
            Self::RightToLeft => '\u{2067}',
        };
        format!("{initiator}{text}\u{2069}")
    }

    /// The word of HTML's attribute `dir`.
    pub fn name(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

/// Whether a letter is in one of the blocks of scripts that are written from right to left.
fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
        || matches!(letter, '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_follows_the_script_or_else_the_language() {
        for tag in ["ar", "ar-EG", "he", "fa-IR", "ur", "AR", "pa-Arab", "uz_Arab_AF"] {
            assert_eq!(TextDirection::of_tag(tag).name(), "rtl", "{tag}");
        }
        for tag in ["en", "de-AT", "ja", "ar-Latn", "pa", "", "uz-Latn", "arn"] {
            assert_eq!(TextDirection::of_tag(tag).name(), "ltr", "{tag}");
        }
    }

    #[test]
    fn the_direction_of_a_text_follows_its_letters_and_then_its_language() {
        for (text, tag, direction) in [
            ("MV Estuary تعود", "ar", "rtl"),
            ("The ferry (2026)", "ar", "ltr"),
            ("12.50", "ar", "rtl"),
            ("12.50", "en", "ltr"),
            ("العبّارة الليلية تعود", "en", "rtl"),
            ("النهار reports on the ferry", "en", "ltr"),
            ("", "he", "rtl"),
        ] {
            assert_eq!(TextDirection::of_text(text, tag).name(), direction, "{text}");
        }
        assert_eq!(TextDirection::LeftToRight.isolate("a."), "\u{2066}a.\u{2069}");
    }
}

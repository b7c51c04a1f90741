//! The direction in which a language is written.

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

    /// The word of HTML's attribute `dir`.
    pub fn name(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
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
}

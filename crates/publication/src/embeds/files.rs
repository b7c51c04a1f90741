//! Files that articles link to with a card: PDF, and audio, which the reader's browser plays in the page after a click.

use masthead_access::printable;
use percent_encoding::percent_decode_str;
use url::Url;

/// The endings of files that browsers play.
const AUDIO: [&str; 6] = ["mp3", "m4a", "ogg", "oga", "opus", "wav"];
const PDF: &str = "pdf";
/// Characters of the name of a file on a card.
const MAX_NAME: usize = 200;

/// Returns `true` if there is an audio file at an address that pages may load it from.
pub fn is_audio(url: &Url) -> bool {
    url.scheme() == "https" && ending(url).is_some_and(|ending| AUDIO.contains(&&*ending))
}

/// Returns the name of the PDF or audio file at an address; `None` if there is something else.
pub fn file_name(url: &Url) -> Option<String> {
    let ending = ending(url)?;
    if ending != PDF && !AUDIO.contains(&&*ending) {
        return None;
    }
    let name = percent_decode_str(url.path_segments()?.next_back()?).decode_utf8_lossy();
    Some(printable(name.trim()).chars().take(MAX_NAME).collect())
}

/// Returns what a card says of a file: its name and, if that is known, its size in bytes.
pub fn file_title(name: &str, bytes: Option<u64>) -> String {
    match bytes {
        None => name.to_owned(),
        Some(bytes @ 0..1_000_000) => format!("{name} ({} KB)", bytes.div_ceil(1_000)),
        Some(bytes) => format!("{name} ({} MB)", bytes.div_ceil(1_000_000)),
    }
}

/// The ending of the name of a file, in lower case.
fn ending(url: &Url) -> Option<String> {
    let (name, ending) = url.path_segments()?.next_back()?.rsplit_once('.')?;
    (!name.is_empty()).then(|| ending.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(address: &str) -> Url {
        Url::parse(address).expect("an address")
    }

    #[test]
    fn files_have_names_and_sizes() {
        let name = |address: &str| file_name(&url(address));
        assert_eq!(
            name("https://a.example/2026/Tide%20tables.PDF?v=2").as_deref(),
            Some("Tide tables.PDF")
        );
        assert_eq!(name("https://a.example/waves.mp3").as_deref(), Some("waves.mp3"));
        for other in ["https://a.example/", "https://a.example/.pdf", "https://pdf.example/a.html"]
        {
            assert_eq!(name(other), None, "{other}");
        }
        assert_eq!(file_title("a.pdf", None), "a.pdf");
        assert_eq!(file_title("a.pdf", Some(1)), "a.pdf (1 KB)");
        assert_eq!(file_title("a.pdf", Some(2_400_001)), "a.pdf (3 MB)");
    }

    #[test]
    fn only_audio_that_comes_encrypted_is_played() {
        assert!(is_audio(&url("https://a.example/waves.MP3?x=1")));
        for other in
            ["http://a.example/waves.mp3", "https://a.example/a.pdf", "https://a.example/mp3"]
        {
            assert!(!is_audio(&url(other)), "{other}");
        }
    }
}

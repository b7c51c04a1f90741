//! Cards for embeds from other sites. A page requests nothing from them until the reader clicks.
//!
//! To add a site whose things can be shown in the page: name its address for that in [`frame`], and its host in the
//! pages' content security policy (`response`).

use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};
use url::Url;

/// What is said on a card, with `{host}` for where it leads.
pub struct CardWords<'a> {
    /// The link.
    pub link: &'a str,
    /// That nothing is asked of anybody yet.
    pub note: &'a str,
}

/// `html` with its cards in the publication's words, ready for the click.
pub fn show(html: &str, words: &CardWords<'_>) -> String {
    if !html.contains("class=\"embed\"") {
        return html.to_owned();
    }
    let settings = RewriteStrSettings::new().append_element_content_handler(element!(
        "figure.embed > a[href]",
        |link| {
            let address = link.get_attribute("href").unwrap_or_default();
            let address = html_escape::decode_html_entities(&address);
            let Ok(url) = Url::parse(&address) else { return Ok(()) };
            let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
            let say = |words: &str| words.replace("{host}", host);
            link.set_inner_content(&say(words.link), ContentType::Text);
            if let Some(frame) = frame(&url) {
                link.set_attribute("data-frame", &frame)?;
            }
            let note = format!("<small>{}</small>", html_escape::encode_text(&say(words.note)));
            link.after(&note, ContentType::Html);
            Ok(())
        }
    ));
    // Clean HTML can be rewritten; what cannot is shown as it is, as links.
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

/// The address at which a thing can be shown in a frame, with as little told as can be.
pub fn frame(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_start_matches("www.").trim_start_matches("m.");
    let mut path = url.path_segments()?;
    let first = path.next().unwrap_or_default();
    let second = path.next().unwrap_or_default();
    let frame = match host {
        "youtube.com" | "youtube-nocookie.com" => {
            let named = url.query_pairs().find(|(name, _)| name == "v");
            let id = match (first, named) {
                ("watch", Some((_, id))) => id.into_owned(),
                ("embed" | "shorts" | "live", _) => second.to_owned(),
                (_, _) => return None,
            };
            format!("https://www.youtube-nocookie.com/embed/{}", plain(&id)?)
        }
        "youtu.be" => format!("https://www.youtube-nocookie.com/embed/{}", plain(first)?),
        "vimeo.com" => format!("https://player.vimeo.com/video/{}?dnt=1", plain(first)?),
        "player.vimeo.com" => format!("https://player.vimeo.com/video/{}?dnt=1", plain(second)?),
        "open.spotify.com" => {
            format!("https://open.spotify.com/embed/{}/{}", plain(first)?, plain(second)?)
        }
        _ => return None,
    };
    Some(frame)
}

/// A name of a thing, if it is one.
fn plain(id: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (!id.is_empty() && id.len() < 64 && id.bytes().all(is_plain)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: CardWords<'_> = CardWords { link: "See this on {host}", note: "Asks {host}." };

    fn framed(address: &str) -> Option<String> {
        frame(&Url::parse(address).expect("an address"))
    }

    #[test]
    fn known_sites_are_shown_with_little_told() {
        let video = Some("https://www.youtube-nocookie.com/embed/a_B-9".to_owned());
        for address in [
            "https://www.youtube.com/watch?t=9&v=a_B-9",
            "https://youtu.be/a_B-9?si=x",
            "https://m.youtube.com/shorts/a_B-9",
            "https://www.youtube.com/embed/a_B-9",
        ] {
            assert_eq!(framed(address), video, "{address}");
        }
        assert_eq!(
            framed("https://vimeo.com/123").as_deref(),
            Some("https://player.vimeo.com/video/123?dnt=1")
        );
        for address in [
            "https://evil.example/watch?v=1",
            "https://www.youtube.com/watch?v=a%22b",
            "https://www.youtube.com/",
            "https://youtube.com.evil.example/embed/1",
        ] {
            assert_eq!(framed(address), None, "{address}");
        }
    }

    #[test]
    fn a_card_speaks_the_publications_words() {
        let card = |address: &str| {
            format!("<figure class=\"embed\"><a href=\"{address}\" rel=\"noopener\">x</a></figure>")
        };
        assert_eq!(
            show(&card("https://youtu.be/1?a=1&amp;b=2"), &WORDS),
            r#"<figure class="embed"><a href="https://youtu.be/1?a=1&amp;b=2" rel="noopener" data-frame="https://www.youtube-nocookie.com/embed/1">See this on youtu.be</a><small>Asks youtu.be.</small></figure>"#
        );
        let other = show(&card("https://a.example/x"), &WORDS);
        assert!(!other.contains("data-frame") && other.contains("See this on a.example"));
        assert_eq!(show("<p>A</p>", &WORDS), "<p>A</p>");
    }
}

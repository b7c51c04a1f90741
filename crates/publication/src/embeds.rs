//! Cards for embeds from other sites. A page requests nothing from them until the reader clicks.

mod files;
mod frames;
mod oembed;

use std::cell::RefCell;

use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};
use url::Url;

pub use self::{
    files::{file_name, file_title, is_audio},
    frames::{EmbedFrame, FRAME_HOSTS, frame},
    oembed::{EmbedDescription, description_address},
};

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
    let titled = titled(html);
    let mut number = 0;
    let settings = RewriteStrSettings::new().append_element_content_handler(element!(
        "figure.embed > a[href]",
        |link| {
            let is_titled = titled.get(number).copied().unwrap_or_default();
            number += 1;
            let address = link.get_attribute("href").unwrap_or_default();
            let address = html_escape::decode_html_entities(&address);
            let Ok(url) = Url::parse(&address) else { return Ok(()) };
            let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
            let say = |words: &str| words.replace("{host}", host);
            if is_titled {
                let where_to =
                    format!(" <span>{}</span>", html_escape::encode_text(&say(words.link)));
                link.append(&where_to, ContentType::Html);
            } else {
                link.set_inner_content(&say(words.link), ContentType::Text);
            }
            if let Some(frame) = frame(&url) {
                link.set_attribute("data-frame", &frame.address)?;
                if !frame.shape.is_empty() {
                    link.set_attribute("data-shape", frame.shape)?;
                }
            }
            if is_audio(&url) {
                link.set_attribute("data-audio", &html_escape::encode_text(url.as_str()))?;
            }
            let note = format!("<small>{}</small>", html_escape::encode_text(&say(words.note)));
            link.after(&note, ContentType::Html);
            Ok(())
        }
    ));
    // Clean HTML can be rewritten; what cannot is shown as it is, as links.
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

/// Whether each card has a title.
fn titled(html: &str) -> Vec<bool> {
    let titled = RefCell::new(Vec::new());
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!("figure.embed > a[href]", |_| {
            titled.borrow_mut().push(false);
            Ok(())
        }))
        .append_element_content_handler(element!("figure.embed > a[href] > strong", |_| {
            if let Some(last) = titled.borrow_mut().last_mut() {
                *last = true;
            }
            Ok(())
        }));
    // What cannot be read has no cards either.
    drop(rewrite_str(html, settings));
    titled.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: CardWords<'_> = CardWords { link: "See this on {host}", note: "Asks {host}." };

    #[test]
    fn a_card_speaks_the_publications_words() {
        let card = |address: &str| {
            format!("<figure class=\"embed\"><a href=\"{address}\" rel=\"noopener\">x</a></figure>")
        };
        assert_eq!(
            show(&card("https://youtu.be/1?a=1&amp;b=2"), &WORDS),
            r#"<figure class="embed"><a href="https://youtu.be/1?a=1&amp;b=2" rel="noopener" data-frame="https://www.youtube-nocookie.com/embed/1">See this on youtu.be</a><small>Asks youtu.be.</small></figure>"#
        );
        let chart = show(&card("https://datawrapper.dwcdn.net/aB/1/"), &WORDS);
        assert!(chart.contains(r#"data-shape="chart""#), "{chart}");
        let titled = "<figure class=\"embed\"><a href=\"https://a.example/x\"><img src=\"/media/1.jpg\" alt=\"\"><strong>Tides</strong></a></figure>";
        let both = show(&format!("{}{titled}", card("https://a.example/x")), &WORDS);
        assert_eq!(both.matches("See this on a.example").count(), 2, "{both}");
        assert!(
            both.contains("<strong>Tides</strong> <span>See this on a.example</span></a><small>"),
            "{both}"
        );
        let other = show(&card("https://a.example/x"), &WORDS);
        assert!(!other.contains("data-frame") && other.contains("See this on a.example"));
        assert_eq!(show("<p>A</p>", &WORDS), "<p>A</p>");
        let audio = show(&card("https://a.example/waves.mp3?a=1&amp;b=2"), &WORDS);
        assert!(
            audio.contains(r#" data-audio="https://a.example/waves.mp3?a=1&amp;b=2">"#),
            "{audio}"
        );
        assert!(!show(&card("https://a.example/a.pdf"), &WORDS).contains("data-audio"));
    }
}

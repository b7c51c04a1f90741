//! What sites say about what is at their addresses (<https://oembed.com>): its title, and a small picture of it.

use url::{Url, form_urlencoded::byte_serialize};

/// The maximum length of a title on a card, in characters.
const MAX_NAME: usize = 200;

/// What a site says about an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbedDescription {
    /// The title. May be empty.
    pub title: String,
    /// Whose it is. May be empty.
    pub author_name: String,
    /// The address of a small picture of it. May be empty.
    pub thumbnail: String,
}

impl EmbedDescription {
    /// Reads the answer of a site. What is null or missing is empty. Returns `None` if it is no description.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let facts: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(json).ok()?;
        let text =
            |name: &str| facts.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        Some(Self {
            title: text("title").trim().to_owned(),
            author_name: text("author_name").trim().to_owned(),
            thumbnail: text("thumbnail_url").to_owned(),
        })
    }

    /// The title, or else whose it is; the beginning of it if it is too long for a card.
    pub fn name(&self) -> String {
        let name = if self.title.is_empty() { &self.author_name } else { &self.title };
        if name.chars().count() <= MAX_NAME {
            return name.clone();
        }
        let beginning: String = name.chars().take(MAX_NAME).collect();
        format!("{}…", beginning.trim_end())
    }
}

/// The address at which a site describes what is at `address`. Returns `None` if it does not, or only for those it knows.
pub fn description_address(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?.trim_start_matches("www.").trim_start_matches("m.");
    let endpoint = match host {
        "youtube.com" | "youtu.be" => "https://www.youtube.com/oembed?format=json&url=",
        "vimeo.com" => "https://vimeo.com/api/oembed.json?url=",
        "open.spotify.com" => "https://open.spotify.com/oembed?url=",
        "soundcloud.com" => "https://soundcloud.com/oembed?format=json&url=",
        "tiktok.com" => "https://www.tiktok.com/oembed?url=",
        "x.com" | "twitter.com" => "https://publish.twitter.com/oembed?dnt=true&url=",
        "datawrapper.de" | "datawrapper.dwcdn.net" => "https://api.datawrapper.de/v3/oembed?url=",
        "public.flourish.studio" => "https://app.flourish.studio/api/v1/oembed?url=",
        _ => return None,
    };
    let address: String = byte_serialize(url.as_str().as_bytes()).collect();
    Some(format!("{endpoint}{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sites_of_the_list_are_asked() {
        assert_eq!(
            description_address("https://www.youtube.com/watch?v=a&t=1").as_deref(),
            Some(
                "https://www.youtube.com/oembed?format=json&url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3Da%26t%3D1"
            )
        );
        for other in
            ["https://evil.example/", "https://youtube.com.evil.example/", "https://127.0.0.1/"]
        {
            assert_eq!(description_address(other), None, "{other}");
        }
    }

    #[test]
    fn a_description_has_what_the_site_says() {
        let parsed = EmbedDescription::parse(br#"{"title":" The bridge ","thumbnail_url":"https://i.example/1.jpg","width":4,"author_name":null}"#);
        let parsed = parsed.expect("a description");
        assert_eq!(
            (parsed.name().as_str(), parsed.thumbnail.as_str()),
            ("The bridge", "https://i.example/1.jpg")
        );
        let post = EmbedDescription::parse(br#"{"author_name":"The Courier"}"#).expect("one");
        assert_eq!(post.name(), "The Courier");
        let long = EmbedDescription { title: "ä".repeat(5_000), ..EmbedDescription::default() };
        assert_eq!(long.name(), format!("{}…", "ä".repeat(200)));
        assert_eq!(EmbedDescription::parse(b"<html>"), None);
    }
}

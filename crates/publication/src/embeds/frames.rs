//! The sites whose things can be shown in the page after a click, with as little told as can be.
//!
//! To add a site: give its frame in [`frame`], name its host in [`FRAME_HOSTS`], in the pages' content security policy
//! (`site::response`, where a test compares them) and in the editor's `embeds.js`, and add it to `docs/src/privacy.md`.

use url::Url;

/// The hosts of all frames.
pub const FRAME_HOSTS: [&str; 9] = [
    "www.youtube-nocookie.com",
    "player.vimeo.com",
    "open.spotify.com",
    "datawrapper.dwcdn.net",
    "flo.uri.sh",
    "platform.twitter.com",
    "www.instagram.com",
    "www.tiktok.com",
    "w.soundcloud.com",
];

/// A frame that shows something of another site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedFrame {
    /// Its address.
    pub address: String,
    /// The class for its shape; empty for that of a video.
    pub shape: &'static str,
}

const VIDEO: &str = "";
const CHART: &str = "chart";
const POST: &str = "post";
const PLAYER: &str = "player";

/// The frame for an address. Returns `None` if there is none, so that the card is only a link.
pub fn frame(url: &Url) -> Option<EmbedFrame> {
    let host = url.host_str()?.trim_start_matches("www.").trim_start_matches("m.");
    let path: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let (address, shape) = match host {
        "youtube.com" | "youtube-nocookie.com" | "youtu.be" => (youtube(host, url, &path)?, VIDEO),
        "vimeo.com" | "player.vimeo.com" => (vimeo(url, &path)?, VIDEO),
        "open.spotify.com" => (spotify(&path)?, PLAYER),
        "soundcloud.com" => (soundcloud(&path)?, PLAYER),
        "datawrapper.dwcdn.net" => (datawrapper(path.first()?)?, CHART),
        "datawrapper.de" if path.first() == Some(&"_") => (datawrapper(path.get(1)?)?, CHART),
        "public.flourish.studio" | "flo.uri.sh" => (flourish(&path)?, CHART),
        "x.com" | "twitter.com" | "mobile.twitter.com" => (post_on_x(&path)?, POST),
        "instagram.com" => (instagram(&path)?, POST),
        "tiktok.com" if path.get(1) == Some(&"video") => {
            (format!("https://www.tiktok.com/embed/v2/{}", number(path.get(2)?)?), POST)
        }
        _ => return None,
    };
    Some(EmbedFrame { address, shape })
}

fn youtube(host: &str, url: &Url, path: &[&str]) -> Option<String> {
    let named = url.query_pairs().find(|(name, _)| name == "v").map(|(_, id)| id.into_owned());
    let id = match (host, path) {
        ("youtu.be", [id, ..]) | (_, ["embed" | "shorts" | "live", id, ..]) => (*id).to_owned(),
        (_, ["watch"]) => named?,
        (_, _) => return None,
    };
    Some(format!("https://www.youtube-nocookie.com/embed/{}", plain(&id)?))
}

/// A video, which may be in a channel or a group. One that is not listed is shown only with its hash, the part after its number
/// or the parameter `h`.
fn vimeo(url: &Url, path: &[&str]) -> Option<String> {
    let at = path.iter().position(|part| number(part).is_some())?;
    let named = url.query_pairs().find(|(name, _)| name == "h").map(|(_, hash)| hash.into_owned());
    let hash = named.or_else(|| path.get(at + 1).map(|hash| (*hash).to_owned()));
    let hash = hash.as_deref().and_then(plain).map(|hash| format!("&h={hash}"));
    Some(format!("https://player.vimeo.com/video/{}?dnt=1{}", path[at], hash.unwrap_or_default()))
}

/// Something at Spotify, whose address may begin with a language (`intl-de`).
fn spotify(path: &[&str]) -> Option<String> {
    let path = match path.split_first()? {
        (first, rest) if first.starts_with("intl-") || *first == "embed" => rest,
        _ => path,
    };
    let [kind, id, ..] = path else { return None };
    Some(format!("https://open.spotify.com/embed/{}/{}", plain(kind)?, plain(id)?))
}

fn datawrapper(id: &str) -> Option<String> {
    Some(format!("https://datawrapper.dwcdn.net/{}/", plain(id)?))
}

fn flourish(path: &[&str]) -> Option<String> {
    let [kind @ ("visualisation" | "story"), id, ..] = path else { return None };
    Some(format!("https://flo.uri.sh/{kind}/{}/embed", number(id)?))
}

fn post_on_x(path: &[&str]) -> Option<String> {
    let [_, "status", id, ..] = path else { return None };
    Some(format!("https://platform.twitter.com/embed/Tweet.html?dnt=true&id={}", number(id)?))
}

fn instagram(path: &[&str]) -> Option<String> {
    let [kind @ ("p" | "reel" | "tv"), id, ..] = path else { return None };
    Some(format!("https://www.instagram.com/{kind}/{}/embed/", plain(id)?))
}

/// A track or a list by a user. Its player takes the address of its page.
fn soundcloud(path: &[&str]) -> Option<String> {
    let (user, rest) = path.split_first()?;
    let rest = match rest {
        [track] => plain(track)?.to_owned(),
        ["sets", list] => format!("sets/{}", plain(list)?),
        _ => return None,
    };
    let page = format!("https%3A//soundcloud.com/{}/{rest}", plain(user)?);
    Some(format!("https://w.soundcloud.com/player/?url={page}"))
}

/// A name of a thing, if it is one.
fn plain(id: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (!id.is_empty() && id.len() < 64 && id.bytes().all(is_plain)).then_some(id)
}

fn number(id: &str) -> Option<&str> {
    plain(id).filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(address: &str) -> Option<String> {
        frame(&Url::parse(address).expect("an address")).map(|frame| frame.address)
    }

    #[test]
    fn known_sites_are_shown_with_little_told() {
        for address in [
            "https://www.youtube.com/watch?t=9&v=a_B-9",
            "https://youtu.be/a_B-9?si=x",
            "https://m.youtube.com/shorts/a_B-9",
            "https://www.youtube.com/embed/a_B-9",
        ] {
            let video = Some("https://www.youtube-nocookie.com/embed/a_B-9".to_owned());
            assert_eq!(framed(address), video, "{address}");
        }
        for (address, expected) in [
            ("https://vimeo.com/123", "https://player.vimeo.com/video/123?dnt=1"),
            (
                "https://player.vimeo.com/video/123?h=1",
                "https://player.vimeo.com/video/123?dnt=1&h=1",
            ),
            ("https://vimeo.com/123/ab9", "https://player.vimeo.com/video/123?dnt=1&h=ab9"),
            (
                "https://vimeo.com/channels/staffpicks/123",
                "https://player.vimeo.com/video/123?dnt=1",
            ),
            ("https://open.spotify.com/track/1a", "https://open.spotify.com/embed/track/1a"),
            (
                "https://open.spotify.com/intl-de/episode/1a?si=x",
                "https://open.spotify.com/embed/episode/1a",
            ),
            ("https://www.datawrapper.de/_/aB3/", "https://datawrapper.dwcdn.net/aB3/"),
            ("https://datawrapper.dwcdn.net/aB3/2/", "https://datawrapper.dwcdn.net/aB3/"),
            (
                "https://public.flourish.studio/visualisation/12/",
                "https://flo.uri.sh/visualisation/12/embed",
            ),
            (
                "https://x.com/courier/status/12?s=20",
                "https://platform.twitter.com/embed/Tweet.html?dnt=true&id=12",
            ),
            ("https://www.instagram.com/p/a-B/?img=1", "https://www.instagram.com/p/a-B/embed/"),
            ("https://www.tiktok.com/@courier/video/12", "https://www.tiktok.com/embed/v2/12"),
            (
                "https://soundcloud.com/courier/tides?in=x",
                "https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/courier/tides",
            ),
        ] {
            assert_eq!(framed(address).as_deref(), Some(expected), "{address}");
        }
    }

    #[test]
    fn other_addresses_have_no_frame() {
        for address in [
            "https://evil.example/watch?v=1",
            "https://www.youtube.com/watch?v=a%22b",
            "https://www.youtube.com/",
            "https://youtube.com.evil.example/embed/1",
            "https://x.com/courier",
            "https://x.com/courier/status/1a",
            "https://www.instagram.com/courier/",
            "https://soundcloud.com/courier",
            "https://www.datawrapper.de/pricing",
            "https://www.tiktok.com/@courier",
            "https://vimeo.com/courier",
        ] {
            assert_eq!(framed(address), None, "{address}");
        }
    }

    #[test]
    fn every_frame_is_at_a_host_that_pages_allow() {
        for address in [
            "https://youtu.be/1",
            "https://vimeo.com/1",
            "https://open.spotify.com/track/1",
            "https://datawrapper.dwcdn.net/1/",
            "https://flo.uri.sh/story/1/embed",
            "https://twitter.com/a/status/1",
            "https://instagram.com/reel/1",
            "https://tiktok.com/@a/video/1",
            "https://soundcloud.com/a/sets/b",
        ] {
            let framed = framed(address).expect(address);
            let url = Url::parse(&framed).expect("an address");
            assert!(FRAME_HOSTS.contains(&url.host_str().unwrap_or_default()), "{framed}");
        }
    }
}

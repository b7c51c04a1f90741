//! Verification of search crawlers, and detection of link previews.
//!
//! A `User-Agent` alone never grants access. It can only restrict it (a link preview gets the
//! teaser) or name the crawler whose published networks the client's address is checked against.

use std::{net::IpAddr, sync::LazyLock};

use aho_corasick::packed::Searcher;
use ipnet::IpNet;

/// A search crawler and its published networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crawler {
    /// The part of the `User-Agent` that names the crawler, such as `Googlebot`.
    pub user_agent: String,
    /// The networks that its operator publishes.
    pub networks: Vec<IpNet>,
}

/// The crawlers that the publisher admits once they are verified.
#[derive(Clone, Debug, Default)]
pub struct Crawlers(Vec<Crawler>);

impl Crawlers {
    /// Creates the list of a publication's crawlers.
    pub fn new(crawlers: Vec<Crawler>) -> Self {
        Self(crawlers)
    }

    /// Returns `true` if `user_agent` names a known crawler and `address` is in one of its
    /// networks.
    pub fn verify(&self, user_agent: &str, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|crawler| {
            user_agent.contains(&crawler.user_agent)
                && crawler.networks.iter().any(|network| network.contains(&address))
        })
    }
}

/// Substrings of the `User-Agent` of services that fetch a page to render a card for a shared link, and of crawlers that collect texts. None of
/// them is in the `User-Agent` of a browser, also not of one inside an app.
const LINK_PREVIEWS: [&str; 34] = [
    "facebookexternalhit",
    "Facebot",
    "Twitterbot",
    "LinkedInBot",
    "Slackbot",
    "WhatsApp",
    "TelegramBot",
    "Discordbot",
    "Pinterestbot",
    "SkypeUriPreview",
    "redditbot",
    "Mastodon",
    "Bluesky Cardyb",
    "Synapse",
    "Misskey",
    "SummalyBot",
    "Pleroma",
    "Akkoma",
    "Friendica",
    "Viber/",
    "Iframely",
    "Embedly",
    "NotionEmbedder",
    "Snap URL Preview",
    "vkShare",
    "Google-PageRenderer",
    "Applebot",
    "GPTBot",
    "OAI-SearchBot",
    "ClaudeBot",
    "CCBot",
    "PerplexityBot",
    "Bytespider",
    "Amazonbot",
];

/// Looks for all of them at once: this happens for each request. `None` if the processor has no instructions for it.
static LINK_PREVIEW_SEARCHER: LazyLock<Option<Searcher>> =
    LazyLock::new(|| Searcher::new(LINK_PREVIEWS));

/// Returns `true` if `user_agent` is a service that renders cards for shared links, or a crawler that collects texts.
pub fn is_link_preview(user_agent: &str) -> bool {
    match &*LINK_PREVIEW_SEARCHER {
        Some(searcher) => searcher.find(user_agent).is_some(),
        None => LINK_PREVIEWS.iter().any(|robot| user_agent.contains(robot)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crawler_is_verified_by_its_address() {
        let crawlers = Crawlers::new(vec![Crawler {
            user_agent: "Googlebot".into(),
            networks: vec!["192.0.2.0/24".parse().expect("a network")],
        }]);
        let claim = "Mozilla/5.0 (compatible; Googlebot/2.1)";
        let inside = "192.0.2.7".parse().expect("an address");
        assert!(crawlers.verify(claim, inside));
        assert!(!crawlers.verify(claim, "198.51.100.7".parse().expect("an address")));
        assert!(!crawlers.verify("Mozilla/5.0", inside));
    }

    #[test]
    fn link_previews_are_recognized_and_browsers_are_not() {
        for robot in LINK_PREVIEWS {
            let longer = format!("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) {robot}/1.0");
            assert!(is_link_preview(robot) && is_link_preview(&longer), "{robot}");
        }
        assert!(!is_link_preview("Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0"));
    }
}

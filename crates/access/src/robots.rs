//! Robots: which crawlers are who they say, and who only draws a card for a shared link.
//!
//! A `User-Agent` by itself opens nothing. It can only take away (a link preview gets the teaser)
//! or name the crawler whose published address ranges the client's address is then held against.

use std::net::IpAddr;

use ipnet::IpNet;

/// A search crawler and the networks it publishes as its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crawler {
    /// The word by which its `User-Agent` names it, such as `Googlebot`.
    pub user_agent: String,
    /// Its published networks.
    pub networks: Vec<IpNet>,
}

/// The crawlers that the publisher lets in when they prove themselves.
#[derive(Clone, Debug, Default)]
pub struct Crawlers(Vec<Crawler>);

impl Crawlers {
    /// The crawlers of a publication.
    pub fn new(crawlers: Vec<Crawler>) -> Self {
        Self(crawlers)
    }

    /// Whether a client that calls itself `user_agent` comes from the networks of the crawler that
    /// it claims to be.
    pub fn verify(&self, user_agent: &str, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|crawler| {
            user_agent.contains(&crawler.user_agent)
                && crawler.networks.iter().any(|network| network.contains(&address))
        })
    }
}

/// Words in the `User-Agent` of services that fetch a page to draw a card for a shared link.
const LINK_PREVIEWS: [&str; 13] = [
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
];

/// Whether `user_agent` is one of the services that draw cards for shared links.
pub fn is_link_preview(user_agent: &str) -> bool {
    LINK_PREVIEWS.iter().any(|robot| user_agent.contains(robot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_nothing_without_the_address() {
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
    fn previews_are_known_and_browsers_are_not() {
        assert!(is_link_preview("facebookexternalhit/1.1"));
        assert!(!is_link_preview("Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0"));
    }
}

//! Traffic sources. Of the previous page, only its kind is stored, and of other websites the domain.

use std::sync::LazyLock;

use foldhash::HashMap;
use strum::EnumCount as _;

/// The maximum length of a host name in bytes (RFC 1035, section 2.3.4).
const MAX_HOST: usize = 253;

/// The kind of page from which a reader came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum_macros::EnumCount)]
pub enum Referrer {
    /// Unknown: the address was typed, or came from a bookmark, an email or an app.
    Unknown,
    /// Another page of the publication.
    Internal,
    /// A search engine.
    Search,
    /// A social network.
    Social,
    /// An AI assistant.
    Assistant,
    /// Any other site.
    Other,
}

impl Referrer {
    /// All kinds, in the order of their stored numbers.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Unknown, Self::Internal, Self::Search, Self::Social, Self::Assistant, Self::Other];

    /// Classifies the previous page by the `Referer` header (RFC 9110, section 10.1.3). `own` tells
    /// the publication's hosts.
    pub fn of(referer: Option<&str>, own: impl Fn(&str) -> bool) -> Self {
        let Some(host) = referer.and_then(host) else { return Self::Unknown };
        if own(host) {
            return Self::Internal;
        }
        let lower = host.bytes().any(|byte| byte.is_ascii_uppercase());
        let lower = lower.then(|| host.to_ascii_lowercase());
        let host = lower.as_deref().unwrap_or(host);
        let mut domain = host;
        while let Some((name, parent)) = domain.split_once('.') {
            if let Some(kind) = LOOKUP.get(domain).copied().or_else(|| country_domain(name, parent))
            {
                return kind;
            }
            domain = parent;
        }
        Self::Other
    }
}

/// Returns the host of a URL without its port, or the name of an Android app.
pub(crate) fn host(address: &str) -> Option<&str> {
    let (_, after) = address.split_once("://")?;
    let authority = after.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    // The port is ignored. An IPv6 address is in brackets (RFC 3986, section 3.2.2).
    let end = if host.starts_with('[') { host.find(']').map(|at| at + 1) } else { host.find(':') };
    let host = host.get(..end.unwrap_or(host.len()))?.trim_end_matches('.');
    (1..=MAX_HOST).contains(&host.len()).then_some(host)
}

/// Well-known domains and their kinds.
const KNOWN: [(&str, Referrer); 59] = [
    ("baidu.com", Referrer::Search),
    ("bing.com", Referrer::Search),
    ("bsky.app", Referrer::Social),
    ("chat.openai.com", Referrer::Assistant),
    ("chatgpt.com", Referrer::Assistant),
    ("claude.ai", Referrer::Assistant),
    ("com.google.android.googlequicksearchbox", Referrer::Search),
    ("copilot.microsoft.com", Referrer::Assistant),
    ("daum.net", Referrer::Search),
    ("deepseek.com", Referrer::Assistant),
    ("discord.com", Referrer::Social),
    ("duck.ai", Referrer::Assistant),
    ("duckduckgo.com", Referrer::Search),
    ("ecosia.org", Referrer::Search),
    ("facebook.com", Referrer::Social),
    ("gemini.google.com", Referrer::Assistant),
    ("grok.com", Referrer::Assistant),
    ("instagram.com", Referrer::Social),
    ("kagi.com", Referrer::Search),
    ("line.me", Referrer::Social),
    ("linkedin.com", Referrer::Social),
    ("lnkd.in", Referrer::Social),
    ("mastodon.social", Referrer::Social),
    ("messenger.com", Referrer::Social),
    ("meta.ai", Referrer::Assistant),
    ("mistral.ai", Referrer::Assistant),
    ("mojeek.com", Referrer::Search),
    ("naver.com", Referrer::Search),
    ("news.ycombinator.com", Referrer::Social),
    ("nextdoor.com", Referrer::Social),
    ("ok.ru", Referrer::Social),
    ("perplexity.ai", Referrer::Assistant),
    ("poe.com", Referrer::Assistant),
    ("qwant.com", Referrer::Search),
    ("reddit.com", Referrer::Social),
    ("search.brave.com", Referrer::Search),
    ("seznam.cz", Referrer::Search),
    ("snapchat.com", Referrer::Social),
    ("so.com", Referrer::Search),
    ("sogou.com", Referrer::Search),
    ("startpage.com", Referrer::Search),
    ("swisscows.com", Referrer::Search),
    ("t.co", Referrer::Social),
    ("t.me", Referrer::Social),
    ("telegram.org", Referrer::Social),
    ("threads.com", Referrer::Social),
    ("threads.net", Referrer::Social),
    ("tiktok.com", Referrer::Social),
    ("tumblr.com", Referrer::Social),
    ("twitter.com", Referrer::Social),
    ("vk.com", Referrer::Social),
    ("weibo.cn", Referrer::Social),
    ("weibo.com", Referrer::Social),
    ("whatsapp.com", Referrer::Social),
    ("x.com", Referrer::Social),
    ("xing.com", Referrer::Social),
    ("you.com", Referrer::Assistant),
    ("youtu.be", Referrer::Social),
    ("youtube.com", Referrer::Social),
];

static LOOKUP: LazyLock<HashMap<&str, Referrer>> = LazyLock::new(|| KNOWN.into_iter().collect());

/// Classifies names that have a domain in every country, such as google.co.uk.
fn country_domain(name: &str, country: &str) -> Option<Referrer> {
    let kind = match name {
        "google" | "yahoo" | "yandex" => Referrer::Search,
        "pinterest" => Referrer::Social,
        _ => return None,
    };
    (country.split('.').count() <= 2).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_previous_page_is_classified() {
        let of = |referer| Referrer::of(Some(referer), |host| host == "paper.example");
        for (referer, kind) in [
            ("https://paper.example/town/a", Referrer::Internal),
            ("http://paper.example:8080", Referrer::Internal),
            ("https://paper.example.evil.example/", Referrer::Other),
            ("https://www.google.com/", Referrer::Search),
            ("https://www.google.co.uk/search?q=a", Referrer::Search),
            ("https://news.google.com", Referrer::Search),
            ("https://gemini.google.com/", Referrer::Assistant),
            ("https://search.yahoo.co.jp/", Referrer::Search),
            ("android-app://com.google.android.googlequicksearchbox/", Referrer::Search),
            ("https://WWW.BING.COM./", Referrer::Search),
            ("https://t.co/abc", Referrer::Social),
            ("https://somebody@l.facebook.com?u=x", Referrer::Social),
            ("https://not-t.co/", Referrer::Other),
            ("https://google.of.some.other.example/", Referrer::Other),
            ("https://[::1]:80/", Referrer::Other),
            ("https://example.org", Referrer::Other),
            ("about:blank", Referrer::Unknown),
            ("https:///", Referrer::Unknown),
            ("", Referrer::Unknown),
        ] {
            assert_eq!(of(referer), kind, "{referer}");
        }
        assert_eq!(Referrer::of(None, |_| true), Referrer::Unknown);
        assert_eq!(of(&format!("https://{}com", "google.".repeat(60))), Referrer::Unknown);
    }
}

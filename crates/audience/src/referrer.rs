//! Where readers come from: the kind of the page before, which is all that is kept of it.

use std::sync::LazyLock;

use foldhash::HashMap;

/// The bytes of the longest name of a host (RFC 1035 §2.3.4).
const LONGEST_HOST: usize = 253;

/// What a page was from which a reader came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Referrer {
    /// Nobody says: the address was typed, or stood in a bookmark, a mail, or an app.
    Unsaid,
    /// Another page of the publication.
    Own,
    /// What a search engine found.
    Search,
    /// A network where people share what they read.
    Social,
    /// An assistant that answers questions.
    Assistant,
    /// Any other site.
    Elsewhere,
}

impl Referrer {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Unsaid, Self::Own, Self::Search, Self::Social, Self::Assistant, Self::Elsewhere];

    /// What the page before was, by its address as browsers send it (RFC 9110 §10.1.3). `own` says which hosts are the
    /// publication's.
    pub fn of(referer: Option<&str>, own: impl Fn(&str) -> bool) -> Self {
        let Some(host) = referer.and_then(host) else { return Self::Unsaid };
        if own(host) {
            return Self::Own;
        }
        let lower = host.bytes().any(|byte| byte.is_ascii_uppercase());
        let lower = lower.then(|| host.to_ascii_lowercase());
        let host = lower.as_deref().unwrap_or(host);
        let mut domain = host;
        while let Some((name, parent)) = domain.split_once('.') {
            if let Some(kind) = LOOKUP.get(domain).copied().or_else(|| in_a_country(name, parent)) {
                return kind;
            }
            domain = parent;
        }
        Self::Elsewhere
    }
}

/// The host of an address, without a port; of an Android app, its name.
fn host(address: &str) -> Option<&str> {
    let (_, after) = address.split_once("://")?;
    let authority = after.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    // A port is left out, what stands in brackets is one address (RFC 3986 §3.2.2).
    let end = if host.starts_with('[') { host.find(']').map(|at| at + 1) } else { host.find(':') };
    let host = host.get(..end.unwrap_or(host.len()))?.trim_end_matches('.');
    (1..=LONGEST_HOST).contains(&host.len()).then_some(host)
}

/// Domains that many know, each with its kind.
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

/// What is known of a name that has a domain in every country, such as google.co.uk.
fn in_a_country(name: &str, country: &str) -> Option<Referrer> {
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
    fn the_page_before_is_known_by_its_kind_alone() {
        let of = |referer| Referrer::of(Some(referer), |host| host == "paper.example");
        for (referer, kind) in [
            ("https://paper.example/town/a", Referrer::Own),
            ("http://paper.example:8080", Referrer::Own),
            ("https://paper.example.evil.example/", Referrer::Elsewhere),
            ("https://www.google.com/", Referrer::Search),
            ("https://www.google.co.uk/search?q=a", Referrer::Search),
            ("https://news.google.com", Referrer::Search),
            ("https://gemini.google.com/", Referrer::Assistant),
            ("https://search.yahoo.co.jp/", Referrer::Search),
            ("android-app://com.google.android.googlequicksearchbox/", Referrer::Search),
            ("https://WWW.BING.COM./", Referrer::Search),
            ("https://t.co/abc", Referrer::Social),
            ("https://somebody@l.facebook.com?u=x", Referrer::Social),
            ("https://not-t.co/", Referrer::Elsewhere),
            ("https://google.of.some.other.example/", Referrer::Elsewhere),
            ("https://[::1]:80/", Referrer::Elsewhere),
            ("https://example.org", Referrer::Elsewhere),
            ("about:blank", Referrer::Unsaid),
            ("https:///", Referrer::Unsaid),
            ("", Referrer::Unsaid),
        ] {
            assert_eq!(of(referer), kind, "{referer}");
        }
        assert_eq!(Referrer::of(None, |_| true), Referrer::Unsaid);
        assert_eq!(of(&format!("https://{}com", "google.".repeat(60))), Referrer::Unsaid);
    }
}

//! Where readers come from: the kind of the page before, which is all that is kept of it.

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
        let host = host.to_ascii_lowercase();
        let mut domain = host.as_str();
        loop {
            if let Some(known) = known(domain) {
                return known;
            }
            match domain.split_once('.') {
                Some((_, parent)) => domain = parent,
                None => return Self::Elsewhere,
            }
        }
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
    (!host.is_empty()).then_some(host)
}

/// What a domain is that many know.
fn known(domain: &str) -> Option<Referrer> {
    match domain {
        "chat.openai.com"
        | "chatgpt.com"
        | "claude.ai"
        | "copilot.microsoft.com"
        | "deepseek.com"
        | "duck.ai"
        | "gemini.google.com"
        | "grok.com"
        | "meta.ai"
        | "mistral.ai"
        | "perplexity.ai"
        | "poe.com"
        | "you.com" => Some(Referrer::Assistant),
        "baidu.com"
        | "bing.com"
        | "com.google.android.googlequicksearchbox"
        | "daum.net"
        | "duckduckgo.com"
        | "ecosia.org"
        | "kagi.com"
        | "mojeek.com"
        | "naver.com"
        | "qwant.com"
        | "search.brave.com"
        | "seznam.cz"
        | "so.com"
        | "sogou.com"
        | "startpage.com"
        | "swisscows.com" => Some(Referrer::Search),
        "bsky.app"
        | "discord.com"
        | "facebook.com"
        | "instagram.com"
        | "line.me"
        | "linkedin.com"
        | "lnkd.in"
        | "mastodon.social"
        | "messenger.com"
        | "news.ycombinator.com"
        | "nextdoor.com"
        | "ok.ru"
        | "reddit.com"
        | "snapchat.com"
        | "t.co"
        | "t.me"
        | "telegram.org"
        | "threads.com"
        | "threads.net"
        | "tiktok.com"
        | "tumblr.com"
        | "twitter.com"
        | "vk.com"
        | "weibo.cn"
        | "weibo.com"
        | "whatsapp.com"
        | "x.com"
        | "xing.com"
        | "youtu.be"
        | "youtube.com" => Some(Referrer::Social),
        _ => {
            // These have a domain in every country, such as google.co.uk.
            let (name, rest) = domain.split_once('.')?;
            let is_country = rest.split('.').count() <= 2;
            match name {
                "google" | "yahoo" | "yandex" if is_country => Some(Referrer::Search),
                "pinterest" if is_country => Some(Referrer::Social),
                _ => None,
            }
        }
    }
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
    }
}

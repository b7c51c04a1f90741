//! The meter of readers: opens the token of a device, decides on a visit, and counts it.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
};

use http::{HeaderMap, header};
use ipnet::IpNet;
use jiff::Timestamp;
use masthead_access::{
    Arm, Article, Reader, Reads, RequestContext, decide,
    network::is_internal,
    robots::is_link_preview,
    token::{Keyring, Sealer, Token},
};
use masthead_audience::CountedReader;
use masthead_circulation::{History, entitlement};
use masthead_web::cookies::{self, Cookies};
use smallvec::SmallVec;

use crate::meter_state::{SharedFirstReads, SharedRecentReads};
use masthead_publication::{AccountCache, CachedAccount, Publication, situation::Visit};

/// How long a device keeps its token, in seconds: longer than the longest window of a meter.
const KEPT_FOR: i64 = 400 * 86_400;

/// Opens and seals the tokens of anonymous devices, and counts their reads.
pub struct AnonymousMeter {
    sealer: Sealer,
    recent: SharedRecentReads,
    first_reads: SharedFirstReads,
    warned: AtomicBool,
    cookies: Cookies,
}

/// A visit, with what the response and the counts need.
pub struct MeteredVisit {
    /// The decision and the reader's situation.
    pub visit: Visit,
    /// The reader, for the counts; `None` for robots and when nothing was read.
    pub counted: Option<CountedReader>,
    /// The cookie to set, if the device does not have the one that it should.
    pub cookie: Option<String>,
}

impl AnonymousMeter {
    /// Creates a meter that seals tokens with `keys` and remembers `recent_readers` readers.
    pub fn new(publication: &Publication, keys: &Keyring, recent_readers: usize) -> Self {
        let secure = publication.is_secure();
        Self {
            sealer: Sealer::new(keys, &publication.address),
            recent: SharedRecentReads::new(recent_readers),
            first_reads: SharedFirstReads::default(),
            warned: AtomicBool::new(false),
            cookies: Cookies::new(secure),
        }
    }

    /// Decides on a visit to an article `now`, in the window that opened at the second `opens`. `counts` is
    /// false for what is never counted, such as `HEAD`.
    pub fn visit(
        &self,
        publication: &Publication,
        article: &Article<'_>,
        headers: &HeaderMap,
        peer: IpAddr,
        (now, opens): (Timestamp, i64),
        counts: bool,
    ) -> MeteredVisit {
        let address = client_address(headers, peer, &publication.trusted_proxies);
        let (mut token, mut stale) = self.token(headers);
        stale |= token.reads.forget_before(opens);
        let user_agent = text(headers, header::USER_AGENT);
        let context = self.context(publication, user_agent, address, token.has_read, now);
        let reads_from_cookie = token.reads.clone();
        let arm = arm(publication, &token);
        let policy = publication.policy_of(arm);
        let decision = self.recent.visit(token.reader, &mut token.reads, |reads| {
            let reader = Reader { context, ..Reader::anonymous(reads) };
            let decision = decide(&policy, &reader, article, now);
            if decision.spends_a_read() && counts {
                reads.insert(article.id, now);
            }
            decision
        });
        if decision.spends_a_read() && counts && !token.has_read {
            token.has_read = true;
            self.first_reads.count(address, now);
        }
        stale |= token.reads != reads_from_cookie;
        let robot =
            matches!(context, RequestContext::VerifiedCrawler | RequestContext::LinkPreview);
        let cookie = (stale && !robot).then(|| self.cookie(&token));
        let counted = CountedReader { number: token.reader.0, registered: false };
        let counted = (counts && !robot).then_some(counted);
        let (reads, history) = (token.reads, History::New);
        let visit = Visit { decision, reads, history, name: None, arm };
        MeteredVisit { visit, counted, cookie }
    }

    /// Returns what of a request, besides its reader, decides.
    fn context(
        &self,
        publication: &Publication,
        user_agent: &str,
        address: IpAddr,
        has_read: bool,
        now: Timestamp,
    ) -> RequestContext {
        if publication.crawlers.verify(user_agent, address) {
            RequestContext::VerifiedCrawler
        } else if is_link_preview(user_agent) {
            RequestContext::LinkPreview
        } else if !has_read && !self.admits(publication, address, now) {
            RequestContext::CrowdedNetwork
        } else {
            RequestContext::Plain
        }
    }

    /// Decides on a visit of a signed-in reader. The anonymous meter of their device is not touched.
    pub async fn visit_of_member(
        &self,
        publication: &Publication,
        article: &Article<'_>,
        headers: &HeaderMap,
        (accounts, member): (&AccountCache, &CachedAccount),
        (now, opens): (Timestamp, i64),
        counts: bool,
    ) -> MeteredVisit {
        let subscriptions = member.subscriptions();
        let products: SmallVec<[&str; 2]> = entitlement::products(&subscriptions, now).collect();
        let standing = member.standing(now);
        let history = member.history(now);
        let decide = |reads: &mut Reads| {
            let reader = Reader { products: &products, ..Reader::standing(standing, reads) };
            let decision = decide(&publication.policy, &reader, article, now);
            if decision.spends_a_read() && counts {
                reads.insert(article.id, now);
            }
            (decision, reads.clone())
        };
        if !counts {
            // A read that counts is decided on with those of other servers; this answer must be the same.
            accounts.refresh_reads(member, opens).await;
        }
        let (decision, reads) = accounts.visit(member, opens, decide).await;
        let counted =
            counts.then(|| CountedReader { number: member_number(member), registered: true });
        let arm = self.arm(publication, headers);
        let name = member.name();
        let visit = Visit { decision, reads, history, name, arm };
        MeteredVisit { visit, counted, cookie: None }
    }

    /// Returns the device's side of the experiment; `None` if none is running, or the device has no token.
    pub fn arm(&self, publication: &Publication, headers: &HeaderMap) -> Option<Arm> {
        publication.experiment.as_ref()?;
        arm(publication, &self.token_of(headers)?)
    }

    /// Opens the token in the cookie; `None` if there is none, or it is not one of this publication.
    pub(crate) fn token_of(&self, headers: &HeaderMap) -> Option<Token> {
        let sealed = cookies::get(headers, self.cookies.token)?;
        self.sealer.open(sealed).ok().map(|(token, _)| token)
    }

    /// Returns what a device has read since the second `opens`, for the account that it signs in to.
    pub(crate) fn reads_of(&self, token: &Token, opens: i64) -> Reads {
        self.recent.visit(token.reader, &mut token.reads.clone(), |reads| {
            reads.forget_before(opens);
            reads.clone()
        })
    }

    /// Returns a cookie for a device that does not have a current one, so that the tabs it opens next
    /// are counted together.
    pub fn refresh_cookie(&self, headers: &HeaderMap) -> Option<String> {
        let robot = is_link_preview(text(headers, header::USER_AGENT));
        let (token, stale) = self.token(headers);
        (stale && !robot).then(|| self.cookie(&token))
    }

    /// Returns the token of a request, or a fresh one, and whether the device needs a new cookie.
    fn token(&self, headers: &HeaderMap) -> (Token, bool) {
        match cookies::get(headers, self.cookies.token).map(|sealed| self.sealer.open(sealed)) {
            Some(Ok((token, old_key))) => (token, old_key),
            Some(Err(_)) | None => (Token::fresh(&mut rand::rng()), true),
        }
    }

    fn cookie(&self, token: &Token) -> String {
        let sealed = self.sealer.seal(token, &mut rand::rng());
        self.cookies.set(self.cookies.token, &sealed, KEPT_FOR)
    }

    fn admits(&self, publication: &Publication, address: IpAddr, now: Timestamp) -> bool {
        if is_internal(address)
            && !address.is_loopback()
            && !self.warned.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "meter: requests come from a private address, so a proxy is in front; list its network under \
                 trusted_proxies in masthead.toml, or its readers count as one"
            );
        }
        self.first_reads.admits(publication.policy.first_reads_per_network, address, now)
    }
}

/// Returns the device's side of the experiment, if one is running.
pub(crate) fn arm(publication: &Publication, token: &Token) -> Option<Arm> {
    publication.experiment.as_ref().map(|running| Arm::of(token.reader.0, running.number))
}

/// The number of an account for the counts. Devices have random numbers of 128 bits, so none has the same.
fn member_number(member: &CachedAccount) -> u128 {
    u128::from(member.account.0)
}

/// Returns the client's address: that of the connection or, behind trusted proxies only, the last address in
/// `X-Forwarded-For` that is not a trusted proxy's.
pub(crate) fn client_address(headers: &HeaderMap, peer: IpAddr, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| {
        let address = address.to_canonical();
        trusted.iter().any(|network| network.contains(&address))
    };
    if !is_trusted(peer) {
        return peer;
    }
    let mut client = peer;
    let forwarded =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    for hop in hops.iter().rev() {
        let Ok(address) = hop.trim().parse() else { break };
        client = address;
        if !is_trusted(client) {
            break;
        }
    }
    client
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(forwarded: &str, peer: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().expect("a value"));
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        client_address(&headers, peer.parse().expect("an address"), &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(address("203.0.113.9", "198.51.100.1"), "198.51.100.1");
        assert_eq!(address("203.0.113.9", "10.0.0.1"), "203.0.113.9");
        assert_eq!(address("1.2.3.4, 203.0.113.9, 10.0.0.2", "10.0.0.1"), "203.0.113.9");
        assert_eq!(address("nonsense", "10.0.0.1"), "10.0.0.1");
    }
}

//! The meter of readers: opens the token of a device, decides on a visit, and counts it.

use std::net::IpAddr;

use http::{HeaderMap, header};
use jiff::Timestamp;
use masthead_access::{
    Arm, Article, Pause, Reader, Reads, RequestContext, decide,
    network::is_internal,
    robots::is_link_preview,
    token::{Keyring, Sealer, Token},
};
use masthead_audience::CountedReader;
use masthead_circulation::{History, entitlement};
use masthead_store::StoreError;
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
    /// Whether the reader has saved the article.
    pub is_saved: bool,
}

impl AnonymousMeter {
    /// Creates a meter that seals tokens with `keys` and remembers `recent_readers` readers.
    pub fn new(publication: &Publication, keys: &Keyring, recent_readers: usize) -> Self {
        let secure = publication.is_secure();
        Self {
            sealer: Sealer::new(keys, &publication.address),
            recent: SharedRecentReads::new(recent_readers),
            first_reads: SharedFirstReads::default(),
            cookies: Cookies::new(secure),
        }
    }

    /// Decides on a visit from `address` to an article `now`, in the window that opened at the second `opens`. `counts`
    /// is false for what is never counted, such as `HEAD`.
    pub fn visit(
        &self,
        publication: &Publication,
        article: &Article<'_>,
        headers: &HeaderMap,
        address: IpAddr,
        (now, opens): (Timestamp, i64),
        counts: bool,
    ) -> MeteredVisit {
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
        MeteredVisit { visit, counted, cookie, is_saved: false }
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
    ///
    /// # Errors
    ///
    /// Returns an error if the database is busy for too long.
    pub async fn visit_of_member(
        &self,
        publication: &Publication,
        article: &Article<'_>,
        headers: &HeaderMap,
        (accounts, member): (&AccountCache, &CachedAccount),
        (now, opens): (Timestamp, i64),
        counts: bool,
    ) -> Result<MeteredVisit, StoreError> {
        let subscriptions = member.subscriptions();
        let products: SmallVec<[&str; 2]> = entitlement::products(&subscriptions, now).collect();
        let paused: SmallVec<[&str; 2]> =
            entitlement::paused_products(&subscriptions, now).collect();
        let pause = entitlement::paused_until(&subscriptions, now)
            .map(|until| Pause { until, products: &paused });
        let standing = member.standing(now);
        let history = member.history(now);
        let decide = |reads: &mut Reads| {
            let reader = Reader { products: &products, pause, ..Reader::standing(standing, reads) };
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
        let (decision, reads) = accounts.visit(member, opens, decide).await?;
        let counted =
            counts.then(|| CountedReader { number: member_number(member), registered: true });
        let arm = self.arm(publication, headers);
        let name = member.name();
        let visit = Visit { decision, reads, history, name, arm };
        let is_saved = member.has_saved(article.id);
        Ok(MeteredVisit { visit, counted, cookie: None, is_saved })
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
        // The demonstration shows a visitor on this machine as many fresh devices as they like to be.
        let is_exempt = publication.is_demo && is_internal(address);
        is_exempt
            || self.first_reads.admits(publication.policy.first_reads_per_network, address, now)
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

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

//! Making a search for a reader.

use http::HeaderMap;
use masthead_publication::{ReaderAccess, ReaderLinks, SiteSnapshot, accounts::Credential};
use masthead_search::{SearchRequest, SearchResults};
use masthead_store::StoreError;

use super::query::SearchQuery;
use crate::state::Site;

impl Site {
    /// Returns the results of a search, or `None` while there is no index.
    pub(crate) async fn search(
        &self,
        snapshot: &SiteSnapshot,
        query: &SearchQuery,
        access: ReaderAccess,
    ) -> Option<SearchResults> {
        let range = query.range();
        if query.words.is_empty() {
            let nothing = query.filter.is_empty();
            let latest = || query.filter.latest(&snapshot.edition, range);
            return Some(if nothing { SearchResults::default() } else { latest() });
        }
        let request = SearchRequest { words: query.words.clone(), order: query.order, range };
        let filter = query.filter.clone();
        self.search_index.find_for_readers(request, filter, access, snapshot).await
    }

    /// Returns what the reader of a request may read without spending a read, and the links of their header.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not say in time who is signed in.
    pub(crate) async fn reader_access(
        &self,
        snapshot: &SiteSnapshot,
        headers: &HeaderMap,
    ) -> Result<(ReaderAccess, ReaderLinks), StoreError> {
        let now = (self.clock)();
        if Credential::of(headers, self.cookies.session).is_some()
            && let Some(member) = self.member(headers, (now, snapshot.window_opens(now))).await?
        {
            let policy = snapshot.publication.policy.clone();
            let access = ReaderAccess::of_member(policy, &member, now);
            return Ok((access, member.links(now)));
        }
        Ok((self.anonymous_access(snapshot, headers), ReaderLinks::Guest))
    }

    /// Returns what everybody may read without spending a read.
    pub(crate) fn anonymous_access(
        &self,
        snapshot: &SiteSnapshot,
        headers: &HeaderMap,
    ) -> ReaderAccess {
        let arm = self.anonymous_meter.arm(&snapshot.publication, headers);
        let policy = snapshot.publication.policy_of(arm).into_owned();
        ReaderAccess::of_anonymous(policy, (self.clock)())
    }
}

//! The links of the header to what a reader can do. They are the same for all readers of one kind, so that pages can be
//! shared.

use std::sync::{Arc, OnceLock};

use masthead_access::Standing;
use masthead_circulation::History;

use crate::{
    compression::Encoding,
    contexts::ReaderLinksContext,
    page::{Part, Slot},
    snapshot::SiteSnapshot,
    theme::{Template, ThemeError},
};

/// The kinds of readers that have different links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderLinks {
    /// Not signed in: may sign in and subscribe.
    Guest,
    /// Signed in, or perhaps signed in: has an account and may subscribe.
    Account,
    /// Can read everything, or has a subscription already, so that there is nothing to subscribe to.
    Subscriber,
    /// Works in the newsroom: gets there, and to the article's editor.
    Staff,
}

impl ReaderLinks {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Guest, Self::Account, Self::Subscriber, Self::Staff];

    /// Returns the links of a reader with this standing and history. A subscription that is paused gives no standing, and its
    /// reader has nothing to buy.
    pub fn of(standing: Standing, history: History) -> Self {
        let links = match standing {
            Standing::Anonymous => Self::Guest,
            Standing::Registered
            | Standing::Trial { .. }
            | Standing::TrialEnded { .. }
            | Standing::SubscriptionEnded { .. } => Self::Account,
            Standing::Subscribed { .. } | Standing::Grace { .. } | Standing::Member => {
                Self::Subscriber
            }
            Standing::Staff => Self::Staff,
        };
        match links {
            Self::Account if !history.may_buy() => Self::Subscriber,
            Self::Guest | Self::Account | Self::Subscriber | Self::Staff => links,
        }
    }
}

/// The links of each kind in each encoding, once a page has needed them; `None` if they cannot be rendered.
#[derive(Debug, Default)]
pub(crate) struct ReaderLinksCache(
    [[OnceLock<Option<Arc<Part>>>; Encoding::ALL.len()]; ReaderLinks::ALL.len()],
);

impl SiteSnapshot {
    /// Returns the compressed links of a kind of readers, or `None` if the theme cannot render them.
    pub fn reader_links(&self, links: ReaderLinks, encoding: Encoding) -> Option<Arc<Part>> {
        let known = &self.messages.links.0[links as usize][encoding as usize];
        known.get_or_init(|| self.make_reader_links(links, encoding)).clone()
    }

    /// Returns what goes into the slots of a page without messages.
    pub fn only_links(
        &self,
        links: ReaderLinks,
        encoding: Encoding,
    ) -> impl Fn(Slot) -> Option<Arc<Part>> {
        move |slot| match slot {
            Slot::ReaderLinks => self.reader_links(links, encoding),
            Slot::Message(_) | Slot::Note => None,
        }
    }

    fn make_reader_links(&self, links: ReaderLinks, encoding: Encoding) -> Option<Arc<Part>> {
        match self.reader_links_html(links, self.publication.sells()) {
            Ok(html) => Some(Arc::new(Part::new(&html, encoding))),
            Err(error) => {
                tracing::error!(%error, "theme: rendering failed, correct reader-links.html");
                None
            }
        }
    }

    /// Renders the links of a kind of readers, in a publication that sells something or nothing.
    pub(crate) fn reader_links_html(
        &self,
        links: ReaderLinks,
        sells: bool,
    ) -> Result<String, ThemeError> {
        let context = ReaderLinksContext {
            sells,
            signed_in: links != ReaderLinks::Guest,
            subscribed: matches!(links, ReaderLinks::Subscriber | ReaderLinks::Staff),
            staff: links == ReaderLinks::Staff,
        };
        self.theme.render(Template::ReaderLinks, &context)
    }
}

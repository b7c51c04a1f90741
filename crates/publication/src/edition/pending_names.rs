//! Names of sections and topics in pieces that are scheduled. Readers see the name in the latest write of a piece that is public, so
//! such a name is in force only once its piece is, and only if no public piece was written since.

use std::{collections::HashMap, sync::Arc};

use masthead_access::ArticleId;

/// Names by slug, with the scheduled pieces that have them, in the order of their writes.
#[derive(Clone, Debug)]
pub(super) struct PendingNames<T>(HashMap<String, Vec<(ArticleId, Arc<T>)>>);

impl<T> Default for PendingNames<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> PendingNames<T> {
    /// Notes a name of a scheduled piece.
    pub fn add(&mut self, slug: &str, id: ArticleId, name: Arc<T>) {
        self.0.entry(slug.to_owned()).or_default().push((id, name));
    }

    /// Forgets the names of this slug: a piece that is public was written with it.
    pub fn supersede(&mut self, slug: &str) {
        self.0.remove(slug);
    }

    /// Forgets the name of a piece that is written again.
    pub fn forget(&mut self, slug: &str, id: ArticleId) {
        self.retain(slug, |(piece, _)| *piece != id);
    }

    /// Takes the name of a piece that is due, with those that were written before it.
    pub fn take(&mut self, slug: &str, id: ArticleId) -> Option<Arc<T>> {
        let names = self.0.get(slug)?;
        let place = names.iter().rposition(|(piece, _)| *piece == id)?;
        let (_, name) = &names[place];
        let (name, mut written) = (Arc::clone(name), 0..names.len());
        self.retain(slug, |_| written.next().is_some_and(|number| number > place));
        Some(name)
    }

    fn retain(&mut self, slug: &str, keep: impl FnMut(&(ArticleId, Arc<T>)) -> bool) {
        let Some(names) = self.0.get_mut(slug) else { return };
        names.retain(keep);
        if names.is_empty() {
            self.0.remove(slug);
        }
    }
}

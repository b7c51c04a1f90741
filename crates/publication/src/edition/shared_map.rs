//! A map whose copies share what they have in common.
//!
//! It consists of shards, each an ordinary hash map behind an [`Arc`]. A copy shares all of them, and a change copies the
//! one that it is in: a five-hundredth of the entries. Persistent maps of other crates are trees; with entries as
//! small as these, their nodes would take several times the memory.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::{BuildHasher, Hash},
    sync::Arc,
};

use foldhash::quality::RandomState;

const SHARDS: usize = 512;

type Shard<K, V> = HashMap<K, V, RandomState>;

/// See the module's documentation.
#[derive(Clone, Debug)]
pub(super) struct SharedMap<K, V> {
    shards: Box<[Arc<Shard<K, V>>]>,
    hasher: RandomState,
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        let hasher = RandomState::default();
        let empty = Arc::new(Shard::with_hasher(hasher.clone()));
        Self { shards: vec![empty; SHARDS].into(), hasher }
    }
}

impl<K, V> SharedMap<K, V> {
    /// Returns all entries, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.shards.iter().flat_map(|shard| shard.iter())
    }
}

impl<K: Eq + Hash, V> SharedMap<K, V> {
    /// Returns the value of a key.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.shards[self.shard_of(key)].get(key)
    }

    /// Returns the key that is equal to `key` and in the map.
    pub fn known_key<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&K>
    where
        K: Borrow<Q>,
    {
        self.shards[self.shard_of(key)].get_key_value(key).map(|(known, _)| known)
    }

    fn shard_of<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        // Bits that the shards do not use: they have the same hash, and take its lowest and its highest.
        (self.hasher.hash_one(key) >> 32) as usize % SHARDS
    }
}

impl<K: Clone + Eq + Hash, V: Clone> SharedMap<K, V> {
    /// Puts a value in place of the one with the same key, if there is one.
    pub fn insert(&mut self, key: K, value: V) {
        self.shard_mut(&key).insert(key, value);
    }

    /// Removes the value of a key, and returns it.
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        // A shard is not copied for nothing.
        self.get(key)?;
        self.shard_mut(key).remove(key)
    }

    /// Returns the value of a key, for changes. It is the default value if the key is new.
    pub fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.shard_mut(&key).entry(key).or_default()
    }

    /// Changes the value of a key, and removes it if `change` returns `false`. Does nothing if there is no such key.
    pub fn retain_if<Q: Hash + Eq + ?Sized>(&mut self, key: &Q, change: impl FnOnce(&mut V) -> bool)
    where
        K: Borrow<Q>,
    {
        if self.get(key).is_none() {
            return;
        }
        let shard = self.shard_mut(key);
        if shard.get_mut(key).is_some_and(|value| !change(value)) {
            shard.remove(key);
        }
    }

    fn shard_mut<Q: Hash + ?Sized>(&mut self, key: &Q) -> &mut Shard<K, V> {
        let shard = self.shard_of(key);
        Arc::make_mut(&mut self.shards[shard])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_it_had() {
        let mut map = SharedMap::default();
        (0..5_000_u32).for_each(|number| map.insert(number, number));
        let copy = map.clone();
        map.insert(7, 8);
        *map.get_or_default(5_000) += 9;
        assert_eq!(map.remove(&9), Some(9));
        map.retain_if(&10, |value| {
            *value += 1;
            *value > 11
        });
        let seen =
            |map: &SharedMap<u32, u32>| [7, 9, 10, 5_000].map(|number| map.get(&number).copied());
        assert_eq!(seen(&map), [Some(8), None, None, Some(9)]);
        assert_eq!(seen(&copy), [Some(7), Some(9), Some(10), None]);
        assert_eq!((map.iter().count(), copy.iter().count()), (4_999, 5_000));
    }

    #[test]
    fn a_change_copies_one_shard() {
        let mut map = SharedMap::default();
        (0..5_000_u32).for_each(|number| map.insert(number, ()));
        let copy = map.clone();
        map.insert(5_000, ());
        assert_eq!(map.remove(&9_999), None);
        let shards = map.shards.iter().zip(&copy.shards);
        assert_eq!(shards.filter(|(ours, theirs)| !Arc::ptr_eq(ours, theirs)).count(), 1);
    }
}

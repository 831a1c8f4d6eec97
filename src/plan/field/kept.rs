//! Results computed for an earlier plan.

use std::sync::Arc;

/// Results with their inputs, in the order of the plan.
pub(super) type Kept<K, V> = Vec<(K, Arc<V>)>;

/// The earlier result for the same input, which is usually at the same place in the list.
pub(super) fn recalled<K: PartialEq, V>(earlier: &Kept<K, V>, index: usize, key: &K) -> Option<Arc<V>> {
    let same = |kept: &&(K, Arc<V>)| kept.0 == *key;
    earlier.get(index).filter(same).or_else(|| earlier.iter().find(same)).map(|(_, value)| Arc::clone(value))
}

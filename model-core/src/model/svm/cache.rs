//! Kernel rows kept for reuse: the least recently used one makes room.
//!
//! Rows are kept in single precision, as libsvm keeps them: half the memory, and the solver's
//! tolerance is far above its rounding.

/// Memory that cached rows may take.
const CACHE_BYTES: usize = 100 * 1024 * 1024;
/// Row or slot that is none.
const NONE: usize = usize::MAX;

/// A kept row, linked to its neighbours in the order of last use.
#[derive(Debug)]
struct Slot {
    row: usize,
    values: Vec<f32>,
    older: usize,
    newer: usize,
}

/// Rows of a square matrix by their number.
#[derive(Debug)]
pub(super) struct RowCache {
    slots: Vec<Slot>,
    /// Slot of each row.
    places: Vec<usize>,
    oldest: usize,
    newest: usize,
    capacity: usize,
    width: usize,
}

impl RowCache {
    /// For `n` rows of `width` values.
    pub(super) fn new(n: usize, width: usize) -> Self {
        let capacity = CACHE_BYTES / (size_of::<f32>() * width.max(1));
        Self::with_capacity(n, width, capacity)
    }

    /// Room for two rows there always is: a solver's step needs two at once.
    fn with_capacity(n: usize, width: usize, capacity: usize) -> Self {
        let (slots, places) = (Vec::new(), vec![NONE; n]);
        Self { slots, places, oldest: NONE, newest: NONE, capacity: capacity.max(2), width }
    }

    /// Makes row `row` the last used one; `compute` fills it if it is not there.
    pub(super) fn load(&mut self, row: usize, compute: impl FnOnce(&mut [f32])) {
        let slot = match self.places[row] {
            NONE => {
                let slot = self.vacate();
                self.slots[slot].row = row;
                self.places[row] = slot;
                compute(&mut self.slots[slot].values);
                slot
            }
            slot if slot == self.newest => return,
            slot => {
                self.unlink(slot);
                slot
            }
        };
        self.link_newest(slot);
    }

    /// Row `row`, which was one of the last two loaded.
    pub(super) fn get(&self, row: usize) -> &[f32] {
        &self.slots[self.places[row]].values
    }

    /// A slot without a row and without links.
    fn vacate(&mut self) -> usize {
        if self.slots.len() < self.capacity {
            let values = vec![0.0; self.width];
            self.slots.push(Slot { row: NONE, values, older: NONE, newer: NONE });
            return self.slots.len() - 1;
        }
        let slot = self.oldest;
        self.places[self.slots[slot].row] = NONE;
        self.unlink(slot);
        slot
    }

    fn unlink(&mut self, slot: usize) {
        let Slot { older, newer, .. } = self.slots[slot];
        match older {
            NONE => self.oldest = newer,
            older => self.slots[older].newer = newer,
        }
        match newer {
            NONE => self.newest = older,
            newer => self.slots[newer].older = older,
        }
    }

    fn link_newest(&mut self, slot: usize) {
        (self.slots[slot].older, self.slots[slot].newer) = (self.newest, NONE);
        match self.newest {
            NONE => self.oldest = slot,
            newest => self.slots[newest].newer = slot,
        }
        self.newest = slot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Loads a row and says whether it had to be computed.
    fn load(cache: &mut RowCache, row: usize) -> bool {
        let mut computed = false;
        cache.load(row, |values| {
            computed = true;
            values.fill(row as f32);
        });
        assert_eq!(cache.get(row), [row as f32; 3]);
        computed
    }

    #[test]
    fn the_least_recently_used_row_makes_room() {
        let mut cache = RowCache::with_capacity(6, 3, 3);
        assert!([0, 1, 2].into_iter().all(|row| load(&mut cache, row)));
        assert!(!load(&mut cache, 0) && !load(&mut cache, 0));
        // Row 1 is the oldest now, then 2.
        assert!(load(&mut cache, 5));
        assert!(!load(&mut cache, 2) && !load(&mut cache, 0) && !load(&mut cache, 5));
        assert!(load(&mut cache, 1));
        assert!(load(&mut cache, 2));
        assert_eq!(cache.slots.len(), 3);
    }

    #[test]
    fn the_last_two_rows_are_there_in_the_smallest_cache() {
        let mut cache = RowCache::with_capacity(4, 3, 0);
        for (a, b) in [(0, 1), (1, 0), (2, 0), (3, 1), (3, 3)] {
            load(&mut cache, a);
            load(&mut cache, b);
            assert_eq!((cache.get(a)[0], cache.get(b)[0]), (a as f32, b as f32));
        }
    }
}

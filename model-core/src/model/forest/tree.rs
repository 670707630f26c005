//! One tree as flat arrays: nodes in pre-order, so that a left child follows its parent.

use super::LEAF_TOTAL;

/// A node of a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// Rows with `value <= threshold` go to the next node, the others to `right`.
    Split {
        /// Which feature.
        feature: u32,
        /// Where it splits.
        threshold: f32,
        /// Index of the right child.
        right: u32,
    },
    /// The answer: an index into the leaves.
    Leaf {
        /// Which leaf, counted from 0.
        leaf: u32,
    },
}

/// A binary tree whose leaves hold class fractions in multiples of 2^-15.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
    fractions: Vec<u16>,
    n_classes: usize,
}

impl Tree {
    /// The tree with these nodes in pre-order and `n_classes` fractions a leaf, if every path ends
    /// in a leaf and every leaf sums to [`LEAF_TOTAL`].
    #[must_use]
    pub fn from_parts(nodes: Vec<Node>, fractions: Vec<u16>, n_classes: usize) -> Option<Self> {
        let tree = Self { nodes, fractions, n_classes };
        tree.is_sound().then_some(tree)
    }

    /// Children point forward and inside, so that walking down always ends.
    fn is_sound(&self) -> bool {
        let n_nodes = self.nodes.len();
        let n_leaves = self.fractions.len().checked_div(self.n_classes).unwrap_or_default();
        let sums_up = |leaf: &[u16]| {
            leaf.iter().map(|&part| u32::from(part)).sum::<u32>() == u32::from(LEAF_TOTAL)
        };
        n_leaves > 0
            && self.fractions.len() == n_leaves * self.n_classes
            && self.fractions.chunks_exact(self.n_classes).all(sums_up)
            && n_nodes > 0
            && self.nodes.iter().enumerate().all(|(at, node)| match *node {
                Node::Split { threshold, right, .. } => {
                    threshold.is_finite() && right as usize > at + 1 && (right as usize) < n_nodes
                }
                Node::Leaf { leaf } => (leaf as usize) < n_leaves,
            })
    }

    /// Whether it reads only features below `n_features` and answers `n_classes`.
    #[must_use]
    pub fn fits(&self, n_features: usize, n_classes: usize) -> bool {
        self.n_classes == n_classes
            && self.nodes.iter().all(|node| match *node {
                Node::Split { feature, .. } => (feature as usize) < n_features,
                Node::Leaf { .. } => true,
            })
    }

    /// The nodes, in pre-order.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The class fractions of leaf `leaf`; empty if there is no such leaf.
    #[must_use]
    pub fn fractions(&self, leaf: u32) -> &[u16] {
        let start = leaf as usize * self.n_classes;
        self.fractions.get(start..start + self.n_classes).unwrap_or_default()
    }

    /// The class fractions where the row with these values ends.
    #[inline]
    pub fn leaf(&self, value: impl Fn(usize) -> f32) -> &[u16] {
        let mut at = 0;
        loop {
            match self.nodes.get(at) {
                Some(&Node::Split { feature, threshold, right }) => {
                    at = if value(feature as usize) <= threshold { at + 1 } else { right as usize };
                }
                Some(&Node::Leaf { leaf }) => return self.fractions(leaf),
                None => return &[],
            }
        }
    }
}

/// Puts a tree together in pre-order: each split is followed by its left side, then its right.
#[derive(Debug)]
pub(crate) struct TreeBuilder {
    nodes: Vec<Node>,
    fractions: Vec<u16>,
    n_classes: usize,
    /// Where the pure leaf of each class stands; most leaves of a deep tree are pure.
    pure: Vec<Option<u32>>,
    /// The other distinct leaves, by their fractions in order.
    mixed: Vec<u32>,
    /// Splits whose left side is being built.
    open: Vec<usize>,
    complete: bool,
}

impl TreeBuilder {
    pub(crate) fn new(n_classes: usize) -> Self {
        Self {
            nodes: Vec::new(),
            fractions: Vec::new(),
            n_classes,
            pure: vec![None; n_classes],
            mixed: Vec::new(),
            open: Vec::new(),
            complete: false,
        }
    }

    /// Whether every split has both its sides.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    pub(crate) fn split(&mut self, feature: u32, threshold: f32) {
        self.open.push(self.nodes.len());
        self.nodes.push(Node::Split { feature, threshold, right: 0 });
    }

    pub(crate) fn leaf(&mut self, fractions: &[u16]) {
        let new = self.fractions.len().checked_div(self.n_classes).unwrap_or_default() as u32;
        let pure = fractions.iter().position(|&part| part == LEAF_TOTAL);
        let leaf = match pure.and_then(|class| self.pure.get_mut(class)) {
            Some(known) => *known.get_or_insert(new),
            None => {
                let of = |leaf: u32| {
                    self.fractions.chunks(self.n_classes.max(1)).nth(leaf as usize).unwrap_or(&[])
                };
                match self.mixed.binary_search_by(|leaf| of(*leaf).cmp(fractions)) {
                    Ok(at) => self.mixed[at],
                    Err(at) => {
                        self.mixed.insert(at, new);
                        new
                    }
                }
            }
        };
        if leaf == new {
            self.fractions.extend_from_slice(fractions);
        }
        self.nodes.push(Node::Leaf { leaf });
        let next = self.nodes.len() as u32;
        match self.open.pop().and_then(|at| self.nodes.get_mut(at)) {
            Some(Node::Split { right, .. }) => *right = next,
            _ => self.complete = true,
        }
    }

    /// The tree, or `None` if a side is missing or a leaf does not sum up.
    pub(crate) fn finish(self) -> Option<Tree> {
        let complete = self.complete;
        Tree::from_parts(self.nodes, self.fractions, self.n_classes).filter(|_| complete)
    }
}

/// The class weights of a leaf as multiples of 2^-15 that sum to [`LEAF_TOTAL`].
pub(super) fn leaf_fractions(counts: &[u32]) -> Vec<u16> {
    apportion(counts, LEAF_TOTAL)
}

/// `units` allocated in proportion to `counts`: each share rounded down, the largest remainders
/// (lower class first) one more.
pub(super) fn apportion(counts: &[u32], units: u16) -> Vec<u16> {
    let total: u64 = counts.iter().map(|&count| u64::from(count)).sum::<u64>().max(1);
    let share = |count: u32| u64::from(count) * u64::from(units);
    let mut parts: Vec<u16> = counts.iter().map(|&count| (share(count) / total) as u16).collect();
    let missing = units - parts.iter().sum::<u16>();
    if missing > 0 {
        let mut order: Vec<usize> = (0..counts.len()).collect();
        let remainder = |class: usize| share(counts[class]) % total;
        crate::order::sort_by(&mut order, &mut |a, b| remainder(b).cmp(&remainder(a)));
        order.iter().take(usize::from(missing)).for_each(|&class| parts[class] += 1);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_sum_to_the_total() {
        assert_eq!(leaf_fractions(&[0, 3, 0]), [0, 32768, 0]);
        assert_eq!(leaf_fractions(&[1, 1, 1]), [10923, 10923, 10922]);
        assert_eq!(leaf_fractions(&[1, 2]), [10923, 21845]);
    }

    #[test]
    fn a_tree_that_would_not_end_is_refused() {
        let split = |right| Node::Split { feature: 0, threshold: 0.5, right };
        let leaf = Node::Leaf { leaf: 0 };
        let build = |nodes: Vec<Node>| Tree::from_parts(nodes, vec![LEAF_TOTAL, 0], 2);
        assert!(build(vec![split(2), leaf, leaf]).is_some());
        assert!(build(vec![split(0), leaf, leaf]).is_none(), "a loop");
        assert!(build(vec![split(3), leaf, leaf]).is_none(), "beyond the end");
        assert!(build(vec![split(1), leaf]).is_none(), "both children one node");
        assert!(build(vec![Node::Leaf { leaf: 1 }]).is_none(), "no such leaf");
        assert!(build(vec![]).is_none());
        assert!(Tree::from_parts(vec![leaf], vec![1, 1], 2).is_none(), "does not sum up");
    }
}

//! One regression tree as a flat array: nodes in pre-order, so that a left child follows its
//! parent.

/// A node of a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// Rows with `value as f32 <= threshold` go to the next node, the others to `right`.
    Split {
        /// Which feature.
        feature: u32,
        /// Where it splits.
        threshold: f32,
        /// Index of the right child.
        right: u32,
    },
    /// The answer.
    Leaf {
        /// What the tree adds to its class's score, the learning rate included.
        value: f32,
    },
}

/// A binary tree whose leaves hold what it adds to a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// The tree with these nodes, if they are one tree in pre-order and every number is finite.
    #[must_use]
    pub fn from_parts(nodes: Vec<Node>) -> Option<Self> {
        is_one_tree(&nodes).then_some(Self { nodes })
    }

    /// The tree that adds nothing.
    pub(super) fn zero() -> Self {
        Self { nodes: vec![Node::Leaf { value: 0.0 }] }
    }

    /// Whether it reads only features below `n_features`.
    #[must_use]
    pub fn fits(&self, n_features: usize) -> bool {
        self.nodes.iter().all(|node| match *node {
            Node::Split { feature, .. } => (feature as usize) < n_features,
            Node::Leaf { .. } => true,
        })
    }

    /// The nodes, in pre-order.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// What the tree adds for the row with these values; a missing value reads as 0.
    #[inline]
    #[must_use]
    pub fn value(&self, values: &[f64]) -> f32 {
        let mut at = 0;
        loop {
            match self.nodes.get(at) {
                Some(&Node::Split { feature, threshold, right }) => {
                    let value = values.get(feature as usize).map_or(0.0, |&value| value as f32);
                    at = if value <= threshold { at + 1 } else { right as usize };
                }
                Some(&Node::Leaf { value }) => return value,
                None => return 0.0,
            }
        }
    }
}

/// Whether each split is followed by its left side and then, where it says, by its right side:
/// walking down ends, and no node has two parents.
fn is_one_tree(nodes: &[Node]) -> bool {
    // Where the right sides begin that are still to come.
    let mut open = Vec::new();
    nodes.iter().enumerate().all(|(at, node)| match *node {
        Node::Split { threshold, right, .. } => {
            open.push(right as usize);
            threshold.is_finite() && (right as usize) < nodes.len()
        }
        Node::Leaf { value } => value.is_finite() && open.pop().unwrap_or(nodes.len()) == at + 1,
    }) && !nodes.is_empty()
        && open.is_empty()
}

/// Puts a tree together in pre-order: each split is followed by its left side, then its right.
#[derive(Debug, Default)]
pub(crate) struct TreeBuilder {
    nodes: Vec<Node>,
    /// Splits whose left side is being built.
    open: Vec<usize>,
    complete: bool,
}

impl TreeBuilder {
    /// Whether every split has both its sides.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    pub(crate) fn split(&mut self, feature: u32, threshold: f32) {
        self.open.push(self.nodes.len());
        self.nodes.push(Node::Split { feature, threshold, right: 0 });
    }

    pub(crate) fn leaf(&mut self, value: f32) {
        self.nodes.push(Node::Leaf { value });
        let next = self.nodes.len() as u32;
        match self.open.pop().and_then(|at| self.nodes.get_mut(at)) {
            Some(Node::Split { right, .. }) => *right = next,
            _ => self.complete = true,
        }
    }

    /// The tree, or `None` if a side is missing or a number is not finite.
    pub(crate) fn finish(self) -> Option<Tree> {
        Tree::from_parts(self.nodes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_are_not_one_tree_are_refused() {
        let split = |right| Node::Split { feature: 0, threshold: 0.5, right };
        let leaf = Node::Leaf { value: 1.0 };
        let build = |nodes: &[Node]| Tree::from_parts(nodes.to_vec());
        assert!(build(&[leaf]).is_some());
        assert!(build(&[split(2), leaf, leaf]).is_some());
        assert!(build(&[split(4), split(3), leaf, leaf, leaf]).is_some());
        assert!(build(&[split(0), leaf, leaf]).is_none(), "a loop");
        assert!(build(&[split(3), leaf, leaf]).is_none(), "beyond the end");
        assert!(build(&[split(1), leaf]).is_none(), "both children one node");
        assert!(build(&[split(3), split(3), leaf, leaf]).is_none(), "a shared child");
        assert!(build(&[split(2), leaf, split(4), leaf]).is_none(), "a side is missing");
        assert!(build(&[leaf, leaf]).is_none(), "a node that nothing leads to");
        assert!(build(&[split(2), leaf]).is_none(), "no right child");
        assert!(build(&[]).is_none());
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        for number in [f32::NAN, f32::INFINITY] {
            assert!(Tree::from_parts(vec![Node::Leaf { value: number }]).is_none());
            let leaf = Node::Leaf { value: 0.0 };
            let split = Node::Split { feature: 0, threshold: number, right: 2 };
            assert!(Tree::from_parts(vec![split, leaf, leaf]).is_none());
        }
    }

    #[test]
    fn a_value_at_the_threshold_goes_left() {
        let mut builder = TreeBuilder::default();
        builder.split(1, 0.5);
        builder.leaf(1.0);
        builder.leaf(2.0);
        let tree = builder.finish().unwrap();
        assert_eq!(tree.value(&[9.0, 0.5]), 1.0);
        assert_eq!(tree.value(&[9.0, 0.6]), 2.0);
        assert!(tree.fits(2) && !tree.fits(1));
    }
}

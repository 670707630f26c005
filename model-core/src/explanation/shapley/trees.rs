//! Exact Shapley values of a forest by one walk a tree and background row.
//!
//! A split that sends both rows the same way asks nothing. One that parts them belongs to the
//! coalitions with its feature on the row's side, to those without it on the other; so a leaf is
//! reached by all coalitions that hold some players and lack some others, and these have a Shapley
//! value in closed form. The time is that of the leaves reached, not of the coalitions.
//!
//! Source: "interventional" TreeSHAP, Lundberg and others, "From local explanations to global
//! understanding with explainable AI for trees", Nature Machine Intelligence 2 (2020).

use super::weights::Weights;
use crate::model::forest::{Forest, LEAF_TOTAL, Node, Tree};

/// On whose side a player's splits go in the coalitions that the walk stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Either,
    Row,
    Background,
}

/// A way not yet taken.
struct Fork {
    node: usize,
    /// Players decided before it.
    n_decided: usize,
    /// Who parts the rows here and goes the background's way; nobody at the root.
    player: Option<usize>,
}

/// Walks of a forest's trees for one row and its background rows.
pub(super) struct TreeWalk<'a> {
    forest: &'a Forest,
    /// The feature that each design column comes from.
    players: &'a [usize],
    /// The row as the trees see it.
    row: Vec<f32>,
    sides: Vec<Side>,
    decided: Vec<usize>,
    forks: Vec<Fork>,
}

impl<'a> TreeWalk<'a> {
    /// For the design row `row`; `players[column]` is below `n_features`.
    pub(super) fn new(
        forest: &'a Forest,
        players: &'a [usize],
        n_features: usize,
        row: &[f64],
    ) -> Self {
        Self {
            forest,
            players,
            row: singles(row),
            sides: vec![Side::Either; n_features],
            decided: Vec::new(),
            forks: Vec::new(),
        }
    }

    /// Adds the exact values against the design row `background` to `out` (features x classes).
    pub(super) fn values(&mut self, background: &[f64], weights: &mut Weights, out: &mut [f64]) {
        let forest = self.forest;
        let background = singles(background);
        let scale = 1.0 / (forest.trees().len() as f64 * f64::from(LEAF_TOTAL));
        for tree in forest.trees() {
            self.walk(tree, &background, scale, weights, out);
        }
    }

    /// Every path that some coalition takes, one after the other; no recursion, however deep.
    fn walk(
        &mut self,
        tree: &Tree,
        background: &[f32],
        scale: f64,
        weights: &mut Weights,
        out: &mut [f64],
    ) {
        self.forks.push(Fork { node: 0, n_decided: 0, player: None });
        while let Some(fork) = self.forks.pop() {
            while self.decided.len() > fork.n_decided {
                if let Some(player) = self.decided.pop() {
                    self.sides[player] = Side::Either;
                }
            }
            if let Some(player) = fork.player {
                self.decide(player, Side::Background);
            }
            let leaf = self.descend(tree, fork.node, background);
            self.credit(tree.fractions(leaf), scale, weights, out);
        }
        while let Some(player) = self.decided.pop() {
            self.sides[player] = Side::Either;
        }
    }

    fn decide(&mut self, player: usize, side: Side) {
        self.sides[player] = side;
        self.decided.push(player);
    }

    /// Goes down to a leaf, the row's way where a new player parts the rows, and keeps the other.
    fn descend(&mut self, tree: &Tree, mut at: usize, background: &[f32]) -> u32 {
        loop {
            match tree.nodes().get(at) {
                Some(&Node::Split { feature, threshold, right }) => {
                    let column = feature as usize;
                    let child =
                        |value: f32| if value <= threshold { at + 1 } else { right as usize };
                    let of_row = child(self.row.get(column).copied().unwrap_or_default());
                    let of_background = child(background.get(column).copied().unwrap_or_default());
                    let player = self.players.get(column).copied().unwrap_or_default();
                    at = if of_row == of_background {
                        of_row
                    } else {
                        match self.sides[player] {
                            Side::Row => of_row,
                            Side::Background => of_background,
                            Side::Either => {
                                let n_decided = self.decided.len();
                                let player_at_fork = Some(player);
                                let node = of_background;
                                self.forks.push(Fork { node, n_decided, player: player_at_fork });
                                self.decide(player, Side::Row);
                                of_row
                            }
                        }
                    };
                }
                Some(&Node::Leaf { leaf }) => return leaf,
                // A sound tree has no such path; no leaf has this number.
                None => return u32::MAX,
            }
        }
    }

    /// Credits the players decided on the way with the leaf.
    fn credit(&self, leaf: &[u16], scale: f64, weights: &mut Weights, out: &mut [f64]) {
        let n = self.decided.len();
        let weights = weights.of(n);
        let n_row = self.decided.iter().filter(|&&player| self.sides[player] == Side::Row).count();
        for &player in &self.decided {
            // The leaf needs n_row players in and the others out.
            let weight = match self.sides[player] {
                Side::Row => weights[n_row - 1],
                _ => -weights[n_row],
            };
            let values = &mut out[player * leaf.len()..];
            for (value, &part) in values.iter_mut().zip(leaf) {
                *value += weight * scale * f64::from(part);
            }
        }
    }
}

/// As a forest compares.
fn singles(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

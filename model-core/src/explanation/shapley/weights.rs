//! What a coalition weighs in a Shapley value.

/// Weights by number of players and size of the coalition, worked out once each.
#[derive(Debug, Default)]
pub(super) struct Weights {
    /// `by_players[n][s]`: `s! (n - 1 - s)! / n!`.
    by_players: Vec<Vec<f64>>,
}

impl Weights {
    /// The weights of `n_players`: at `s`, the share of the orders in which exactly `s` given
    /// players come before a given one and the others after it: `s! (n - 1 - s)! / n!`.
    ///
    /// Source: Shapley, "A value for n-person games" (1953).
    pub(super) fn of(&mut self, n_players: usize) -> &[f64] {
        while self.by_players.len() <= n_players {
            self.by_players.push(weights(self.by_players.len()));
        }
        self.by_players.get(n_players).map(Vec::as_slice).unwrap_or_default()
    }
}

/// `1 / (n C(n - 1, s))` for each `s` below `n`; at 500 players the coefficients reach 1e149.
fn weights(n: usize) -> Vec<f64> {
    let mut coefficient = 1.0;
    let mut weights = Vec::with_capacity(n);
    for s in 0..n {
        weights.push(1.0 / (n as f64 * coefficient));
        coefficient *= (n - 1 - s) as f64 / (s + 1) as f64;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_shares_of_the_orders() {
        let mut weights = Weights::default();
        assert_eq!(weights.of(1), [1.0]);
        assert_eq!(weights.of(3), [1.0 / 3.0, 1.0 / 6.0, 1.0 / 3.0]);
        assert!(weights.of(0).is_empty());
        // Over all coalitions of the others they sum to 1.
        let mut n_coalitions = 1.0;
        let sum: f64 = (weights.of(500).iter().enumerate())
            .map(|(s, weight)| {
                let part = weight * n_coalitions;
                n_coalitions *= (499 - s) as f64 / (s + 1) as f64;
                part
            })
            .sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    }
}

//! Which share of the callers is the challenger's.

use sha2::{Digest, Sha256};

/// Whether whoever is told apart by `key` belongs to the `split_basis_points` ten-thousandths that are
/// the challenger's.
///
/// The same key falls on the same side for as long as the challenger stays; a share that grows takes
/// callers from the champion and sends none back. Another challenger deals anew, so that the same
/// callers don't try everything.
#[must_use]
pub(crate) fn is_challengers(challenger_id: &str, key: &[u8], split_basis_points: u16) -> bool {
    if split_basis_points == 0 {
        return false;
    }
    let mut hash = Sha256::new();
    hash.update(b"tepal split 1\0");
    hash.update(challenger_id.as_bytes());
    hash.update(b"\0");
    hash.update(key);
    let digest = hash.finalize();
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(digest) {
        *to = from;
    }
    // The hash as a fraction of one, times 10,000: the bias is below 2^-50.
    let place = (u128::from(u64::from_be_bytes(first)) * 10_000) >> 64;
    place < u128::from(split_basis_points)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(challenger: &str, split: u16) -> usize {
        (0..10_000).filter(|n: &u32| is_challengers(challenger, &n.to_be_bytes(), split)).count()
    }

    #[test]
    fn the_share_is_the_one_that_was_asked_for() {
        assert_eq!(share("a", 0), 0);
        assert_eq!(share("a", 10_000), 10_000);
        // Six standard deviations of a binomial count.
        assert!(share("a", 2_000).abs_diff(2_000) < 240, "{}", share("a", 2_000));
        assert!(share("a", 1).abs_diff(1) < 7);
    }

    #[test]
    fn callers_stay_where_they_are_while_a_share_grows() {
        for n in 0_u32..2_000 {
            let at = |split| is_challengers("a", &n.to_be_bytes(), split);
            assert!(!at(1_000) || at(2_000));
        }
    }

    #[test]
    fn another_challenger_deals_anew() {
        let both = (0_u32..10_000).filter(|n| {
            let key = n.to_be_bytes();
            is_challengers("a", &key, 5_000) && is_challengers("b", &key, 5_000)
        });
        assert!(both.count().abs_diff(2_500) < 270);
    }
}

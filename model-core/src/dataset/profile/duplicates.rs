//! Rows that repeat an earlier one, exactly.
//!
//! Rows are grouped by a hash of all columns first, which leaves those that are likely to be equal;
//! their groups are then split column by column. So the count is exact whatever the hash does, and
//! no row is compared with every other.

/// A row under grouping: its group, its value in the column at hand, and its index.
type Member = (u32, u64, u32);

/// Rows whose label and values are those of an earlier row, bit by bit; NaN equals NaN.
pub(super) fn count(columns: &[&[f64]], labels: &[u32]) -> u32 {
    let mut hashes: Vec<u64> = labels.iter().map(|&label| mixed(u64::from(label))).collect();
    for column in columns {
        for (hash, value) in hashes.iter_mut().zip(*column) {
            *hash = mixed(*hash ^ bits(*value));
        }
    }
    let mut rows: Vec<Member> =
        hashes.into_iter().zip(0..).map(|(hash, row)| (0, hash, row)).collect();
    regroup(&mut rows);
    let mut n_groups = split_groups(&mut rows, |row| labels.get(row).map(|&label| label.into()));
    for column in columns {
        n_groups = split_groups(&mut rows, |row| column.get(row).map(|&value| bits(value)));
    }
    rows.len() as u32 - n_groups
}

/// Splits groups whose rows differ by `value`, and says how many there are then.
fn split_groups(rows: &mut Vec<Member>, value: impl Fn(usize) -> Option<u64>) -> u32 {
    for row in rows.iter_mut() {
        row.1 = value(row.2 as usize).unwrap_or_default();
    }
    regroup(rows)
}

/// Numbers the groups of rows with equal group and value, drops rows that are alone, and says how
/// many groups there are.
fn regroup(rows: &mut Vec<Member>) -> u32 {
    rows.sort_unstable();
    let (mut n_groups, mut kept, mut start) = (0, 0, 0);
    while let Some(&(group, value, _)) = rows.get(start) {
        let rest = rows.get(start..).unwrap_or_default();
        let len = rest.iter().take_while(|row| (row.0, row.1) == (group, value)).count();
        if len > 1 {
            for at in start..start + len {
                rows[kept] = (n_groups, 0, rows[at].2);
                kept += 1;
            }
            n_groups += 1;
        }
        start += len;
    }
    rows.truncate(kept);
    n_groups
}

/// The value's bits, one pattern for all NaN.
fn bits(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}

/// The finaliser of splitmix64 (see [`crate::rng`]), after a step so that 0 moves too.
fn mixed(bits: u64) -> u64 {
    crate::rng::SplitMix64::new(bits).next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_of_a_row_are_counted_without_the_first() {
        let x = [1.0, 2.0, 1.0, 1.0, 2.0, 3.0];
        let y = [5.0, 5.0, 5.0, 5.0, 5.0, 5.0];
        assert_eq!(count(&[&x, &y], &[0; 6]), 3);
        assert_eq!(count(&[&y], &[0; 6]), 5);
        // The fourth row has another label than the first and third.
        assert_eq!(count(&[&x, &y], &[0, 0, 0, 1, 0, 0]), 2);
    }

    #[test]
    fn missing_equals_missing_and_zeros_differ_by_sign() {
        let quiet = f64::from_bits(f64::NAN.to_bits() | 1);
        assert_eq!(count(&[&[f64::NAN, quiet, 1.0]], &[0; 3]), 1);
        assert_eq!(count(&[&[0.0, -0.0]], &[0; 2]), 0);
    }

    #[test]
    fn rows_of_one_hash_are_still_told_apart() {
        let mut rows: Vec<Member> = (0..4).map(|row| (0, 7, row)).collect();
        assert_eq!(regroup(&mut rows), 1);
        let values = [3, 1, 3, 2];
        assert_eq!(split_groups(&mut rows, |row| Some(values[row])), 1);
        assert_eq!(rows, [(0, 0, 0), (0, 0, 2)]);
    }

    #[test]
    fn no_rows_repeat_nothing() {
        assert_eq!(count(&[], &[]), 0);
        assert_eq!(count(&[&[1.0]], &[0]), 0);
        assert_eq!(count(&[], &[0, 1, 0]), 1);
    }
}

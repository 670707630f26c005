//! A sample of rows for the pair plot, and which columns it shows.

use model_core::Dataset;
use model_core::dataset::ColumnKind;
use model_core::sort_items;
use serde::{Deserialize, Serialize};

/// Columns that are plotted against each other.
const MAX_COLUMNS: usize = 4;
/// Rows that are plotted.
const MAX_ROWS: usize = 300;

/// Rows in the columns of numbers that tell the classes apart best, each by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pairs {
    /// Names of the columns, in the order of the file.
    pub(crate) columns: Vec<String>,
    /// Class of each row.
    pub(crate) labels: Vec<u32>,
    /// Values row by row; NaN where there is none.
    pub(crate) values: Vec<f32>,
}

impl Pairs {
    /// Those of a data set; nothing with fewer than two columns of numbers.
    pub(super) fn of(data: &Dataset) -> Option<Self> {
        let mut columns: Vec<(usize, f64)> = data
            .columns()
            .iter()
            .enumerate()
            .filter(|(_, column)| column.kind == ColumnKind::Numeric)
            .map(|(at, _)| (at, separation(data, at)))
            .collect();
        // Stable: of equal ones the first in the file.
        sort_items(&mut columns, &mut |a, b| b.1.total_cmp(&a.1));
        columns.truncate(MAX_COLUMNS);
        sort_items(&mut columns, &mut |a, b| a.0.cmp(&b.0));
        if columns.len() < 2 {
            return None;
        }
        let rows = sample(data.labels());
        let cell = |row: usize, at: usize| data.row(row).get(at).map_or(f32::NAN, |&it| it as f32);
        Some(Self {
            columns: columns.iter().map(|(at, _)| data.columns()[*at].name.clone()).collect(),
            labels: rows.iter().map(|&row| data.label(row)).collect(),
            values: rows
                .iter()
                .flat_map(|&row| columns.iter().map(move |&(at, _)| cell(row, at)))
                .collect(),
        })
    }
}

/// Rows evenly spaced among those of each class, in the order of the file.
fn sample(labels: &[u32]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..labels.len()).collect();
    sort_items(&mut rows, &mut |a, b| labels[*a].cmp(&labels[*b]));
    let n = rows.len().min(MAX_ROWS);
    let mut sample: Vec<usize> = (0..n).map(|at| rows[at * rows.len() / n.max(1)]).collect();
    sort_items(&mut sample, &mut Ord::cmp);
    sample
}

/// Variance between the classes' means as a share of all variance, 0 to 1.
fn separation(data: &Dataset, at: usize) -> f64 {
    let k = data.n_classes();
    let (mut sums, mut counts) = (vec![0.0; k], vec![0.0; k]);
    let (mut sum, mut n) = (0.0, 0.0);
    let present = || data.column(at).zip(data.labels()).filter(|(value, _)| value.is_finite());
    for (value, &label) in present() {
        sums[label as usize] += value;
        counts[label as usize] += 1.0;
        sum += value;
        n += 1.0;
    }
    let mean = sum / n;
    let total: f64 = present().map(|(value, _)| (value - mean) * (value - mean)).sum();
    let between: f64 = sums
        .iter()
        .zip(&counts)
        .filter(|(_, count)| **count > 0.0)
        .map(|(sum, count)| count * (sum / count - mean) * (sum / count - mean))
        .sum();
    let share = between / total;
    if share.is_finite() { share } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model_core::CsvOptions;

    fn data(csv: &str) -> Dataset {
        Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap()
    }

    #[test]
    fn the_columns_that_tell_classes_apart_are_plotted() {
        let line = |row: usize| {
            let class = row % 2;
            let noise = (row * 7) % 10;
            let others = [noise, noise + class, noise + 20 * class, 30 * class, 40 * class + noise];
            let cells: Vec<String> = others.map(|it| it.to_string()).to_vec();
            format!("{},{}\n", cells.join(","), ["a", "b"][class])
        };
        let csv = format!("v,w,x,y,z,kind\n{}", (0..40).map(line).collect::<String>());
        let pairs = Pairs::of(&data(&csv)).unwrap();
        assert_eq!(pairs.columns, ["w", "x", "y", "z"]);
        assert_eq!((pairs.labels.len(), pairs.values.len()), (40, 160));
    }

    #[test]
    fn a_sample_holds_every_class_in_its_share() {
        let labels: Vec<u32> = (0..10_000).map(|row| u32::from(row % 10 == 0)).collect();
        let rows = sample(&labels);
        assert_eq!(rows.len(), MAX_ROWS);
        assert!(rows.is_sorted_by(|a, b| a < b));
        let rare = rows.iter().filter(|&&row| labels[row] == 1).count();
        assert!((29..=31).contains(&rare), "{rare}");
        assert_eq!(sample(&[0, 1]), [0, 1]);
    }

    #[test]
    fn one_column_of_numbers_makes_no_pair() {
        assert_eq!(Pairs::of(&data("x,kind\n1,a\n2,b\n3,a\n")), None);
        // Gaps stay gaps.
        let pairs = Pairs::of(&data("x,y,kind\n1,,a\n2,5,b\n3,6,a\n4,7,b\n")).unwrap();
        assert!(pairs.values[1].is_nan() && pairs.values[3] == 5.0);
    }
}

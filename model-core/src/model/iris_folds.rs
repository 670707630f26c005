//! Iris in five shuffled stratified folds, to compare fold by fold with scikit-learn.

use super::TrainingRows;
use crate::dataset::Dataset;
use crate::order::argmax;
use crate::pipeline::Preprocessor;

/// The fold that each row is tested in.
const FOLD_OF_ROW: &[u8] = b"\
    13341422311030004441012330423021302043241214204123\
    23044324101343202313222411440314123040311304021020\
    04042210111104132324113203223304224314002434034301";

/// Right answers in the 30 rows of each fold: `fit` takes the other folds' rows, standardised, and
/// returns what writes the probabilities of one row.
pub(super) fn right_by_fold<F>(mut fit: impl FnMut(TrainingRows<'_>) -> F) -> Vec<usize>
where
    F: Fn(&[f64], &mut [f64]),
{
    let iris = Dataset::iris();
    (b'0'..b'5')
        .map(|fold| {
            let (test, train): (Vec<usize>, Vec<usize>) =
                (0..150).partition(|&row| FOLD_OF_ROW[row] == fold);
            let (preprocessor, values) = Preprocessor::standardised(&iris, &train);
            let labels: Vec<u32> = train.iter().map(|&row| iris.label(row)).collect();
            let rows =
                TrainingRows { values: &values, labels: &labels, n_features: 4, n_classes: 3 };
            let predict = fit(rows);
            let is_right = |row: &&usize| {
                let (mut values, mut out) = ([0.0; 4], [0.0; 3]);
                preprocessor.transform_into(iris.row(**row), &mut values);
                predict(&values, &mut out);
                argmax(&out) == iris.label(**row) as usize
            };
            test.iter().filter(is_right).count()
        })
        .collect()
}

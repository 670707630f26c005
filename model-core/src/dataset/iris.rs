//! The built-in data set: Fisher's Iris, 150 flowers, 4 measurements in cm, 3 species of 50.

use super::{CsvOptions, Dataset, RecordedSplit, Sidecar};

const CSV: &[u8] = include_bytes!("../../../data/iris.csv");
const SIDECAR: &str = include_str!("../../../data/iris.json");
const SPLIT: &str = include_str!("../../../data/iris.split.json");

impl Dataset {
    /// The Iris data set, with the split that scikit-learn's `train_test_split` gives for
    /// `random_state=42`, stratified, 120 to 30, and its five unshuffled stratified folds.
    #[must_use]
    pub fn iris() -> Self {
        #[expect(clippy::expect_used, reason = "embedded files, read by every test")]
        {
            let sidecar: Sidecar = serde_json::from_str(SIDECAR).expect("data/iris.json");
            let split: RecordedSplit = serde_json::from_str(SPLIT).expect("data/iris.split.json");
            let options = CsvOptions { sidecar: Some(sidecar), ..CsvOptions::default() };
            let iris = Self::from_csv(CSV, &options).expect("data/iris.csv");
            iris.with_recorded_split(split).expect("a split of data/iris.csv")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::schema::Range;

    #[test]
    fn iris_is_whole() {
        let iris = Dataset::iris();
        assert_eq!((iris.n_samples(), iris.n_features(), iris.n_classes()), (150, 4, 3));
        assert_eq!(iris.class_counts(), [50, 50, 50]);
        assert_eq!(iris.schema().classes, ["setosa", "versicolor", "virginica"]);
        let width = &iris.schema().features[3];
        assert_eq!((width.label.as_str(), width.unit.as_deref()), ("Petal width", Some("cm")));
        assert_eq!(width.numeric().unwrap().hard, Range { min: 0.0, max: 10.0 });
        assert_eq!(width.numeric().unwrap().decimals, 1);
        assert!(iris.recorded_split().is_some());
    }

    #[test]
    fn the_csv_is_the_one_its_sidecar_speaks_of() {
        let sidecar: Sidecar = serde_json::from_str(SIDECAR).unwrap();
        assert_eq!(Digest::of(CSV).to_string(), sidecar.checksum.value);
    }

    #[test]
    fn rows_34_and_37_are_the_corrected_ones() {
        // The UCI file has 0.1 and 1.5, 0.1 here; scikit-learn's copy follows Fisher's paper.
        let iris = Dataset::iris();
        assert_eq!(iris.row(34), [4.9, 3.1, 1.5, 0.2]);
        assert_eq!(iris.row(37), [4.9, 3.6, 1.4, 0.1]);
    }
}

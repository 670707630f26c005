//! The built-in data set: Fisher's Iris, 150 flowers, 4 measurements in cm, 3 species of 50.

use super::{Column, Dataset, RecordedSplit};
use crate::schema::Range;

const CSV: &str = include_str!("../../data/iris.csv");

/// What `data/iris.json` says of the four columns: name, label; all are in cm, from 0 to 10.
const FEATURES: [(&str, &str); 4] = [
    ("sepal_length", "Sepal length"),
    ("sepal_width", "Sepal width"),
    ("petal_length", "Petal length"),
    ("petal_width", "Petal width"),
];

/// What `data/iris.split.json` says: the call, and the rows as it orders them.
const SPLIT_SOURCE: &str = "scikit-learn 1.9.1: train_test_split(X, y, test_size=0.2, stratify=y, random_state=42); folds: StratifiedKFold(5) on the training rows";
#[rustfmt::skip]
const TRAIN: [u8; 120] = [
8, 106, 76, 9, 89, 146, 94, 133, 135, 117, 105, 78, 60, 67, 92, 29, 19, 108, 137, 31, 72,
46, 131, 25, 81, 103, 111, 26, 121, 40, 21, 71, 91, 15, 139, 148, 79, 59, 144, 70, 6, 50,
16, 130, 1, 17, 101, 35, 41, 12, 45, 64, 100, 55, 0, 149, 99, 136, 47, 142, 36, 53, 113, 24,
83, 90, 122, 66, 54, 115, 39, 23, 4, 119, 82, 129, 80, 145, 123, 85, 34, 114, 68, 43, 120,
32, 109, 98, 86, 30, 97, 110, 44, 13, 124, 118, 112, 87, 126, 5, 143, 96, 125, 102, 48, 74,
73, 95, 88, 65, 27, 128, 62, 61, 11, 37, 2, 33, 52, 3,
];
#[rustfmt::skip]
const TEST: [u8; 30] = [
38, 127, 57, 93, 42, 56, 22, 20, 147, 84, 107, 141, 104, 51, 7, 49, 14, 69, 63, 138, 10,
140, 58, 134, 132, 77, 75, 18, 116, 28,
];
#[rustfmt::skip]
const FOLDS: [[u8; 24]; 5] = [
[8, 106, 76, 9, 89, 146, 94, 133, 135, 117, 105, 78, 60, 67, 92, 29, 19, 108, 137, 31, 72,
46, 25, 26],
[131, 81, 103, 111, 121, 40, 21, 71, 91, 15, 139, 148, 79, 59, 144, 70, 6, 50, 16, 130, 1,
17, 35, 64],
[101, 41, 12, 45, 100, 55, 0, 149, 99, 136, 47, 142, 36, 53, 113, 24, 83, 90, 122, 66, 54,
115, 39, 82],
[23, 4, 119, 129, 80, 145, 123, 85, 34, 114, 68, 43, 120, 32, 109, 98, 86, 30, 97, 110, 44,
13, 87, 96],
[124, 118, 112, 126, 5, 143, 125, 102, 48, 74, 73, 95, 88, 65, 27, 128, 62, 61, 11, 37, 2,
33, 52, 3],
];

impl Dataset {
    /// The Iris data set, with the split that scikit-learn's `train_test_split` gives for
    /// `random_state=42`, stratified, 120 to 30, and its five unshuffled stratified folds.
    ///
    /// Its rows are read by a few lines of their own, and what its JSON files say is written here: whoever
    /// trains on Iris alone, as the browser's trainer does, need not carry all that reads other people's
    /// files. Tests hold the two readings together.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!((iris.n_samples(), iris.n_features(), iris.n_classes()), (150, 4, 3));
    /// ```
    #[must_use]
    pub fn iris() -> Self {
        #[expect(clippy::expect_used, reason = "an embedded file, read by every test")]
        rows().and_then(|iris| iris.with_recorded_split(split()).ok()).expect("data/iris.csv")
    }
}

fn split() -> RecordedSplit {
    let rows = |rows: &[u8]| rows.iter().map(|row| usize::from(*row)).collect();
    RecordedSplit {
        source: SPLIT_SOURCE.to_owned(),
        seed: 42,
        test_size: 0.2,
        train: rows(&TRAIN),
        test: rows(&TEST),
        folds: FOLDS.iter().map(|fold| rows(fold)).collect(),
    }
}

/// The rows of the embedded CSV: names, then four numbers and a species a line.
fn rows() -> Option<Dataset> {
    let columns: Vec<Column> = FEATURES
        .iter()
        .map(|(name, label)| Column {
            label: (*label).to_owned(),
            unit: Some("cm".to_owned()),
            hard: Some(Range { min: 0.0, max: 10.0 }),
            ..Column::numeric(*name)
        })
        .collect();
    let (mut classes, mut values, mut labels): (Vec<String>, _, _) =
        (Vec::new(), Vec::new(), Vec::new());
    for line in CSV.lines().skip(1) {
        let mut cells = line.split(',');
        for _ in &FEATURES {
            values.push(crate::parse_number(cells.next()?)?);
        }
        // Species stand in the order of their names.
        let species = cells.next()?;
        if classes.last().is_none_or(|last| last != species) {
            classes.push(species.to_owned());
        }
        labels.push(classes.len() as u32 - 1);
    }
    Dataset::new("iris", "species", columns, classes, values, labels).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{CsvOptions, Sidecar};
    use crate::digest::Digest;

    const SIDECAR: &str = include_str!("../../data/iris.json");
    const SPLIT: &str = include_str!("../../data/iris.split.json");

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
    fn iris_is_read_as_any_file_is() {
        let sidecar: Sidecar = serde_json::from_str(SIDECAR).unwrap();
        assert_eq!(("iris", "species"), (sidecar.name.as_str(), sidecar.target.as_str()));
        let options = CsvOptions { sidecar: Some(sidecar), ..CsvOptions::default() };
        let (read, iris) = (Dataset::from_csv(CSV.as_bytes(), &options).unwrap(), Dataset::iris());
        assert_eq!(read.digest(), iris.digest());
        assert_eq!(read.schema(), iris.schema());
        assert!(read.notes().is_empty());
    }

    #[test]
    fn the_split_is_the_recorded_one() {
        let recorded: RecordedSplit = serde_json::from_str(SPLIT).unwrap();
        assert_eq!(Dataset::iris().recorded_split(), Some(&recorded));
    }

    #[test]
    fn the_csv_is_the_one_its_sidecar_speaks_of() {
        let sidecar: Sidecar = serde_json::from_str(SIDECAR).unwrap();
        assert_eq!(Digest::of(CSV.as_bytes()).to_string(), sidecar.checksum.value);
    }

    #[test]
    fn rows_34_and_37_are_the_corrected_ones() {
        // The UCI file has 0.1 and 1.5, 0.1 here; scikit-learn's copy follows Fisher's paper.
        let iris = Dataset::iris();
        assert_eq!(iris.row(34), [4.9, 3.1, 1.5, 0.2]);
        assert_eq!(iris.row(37), [4.9, 3.6, 1.4, 0.1]);
    }
}

//! The built-in data set: Fisher's Iris, 150 flowers, 4 measurements in cm, 3 species of 50.

use super::csv::column;
use super::{Column, Dataset, RecordedSplit, Sidecar};

const CSV: &str = include_str!("../../data/iris.csv");
const SIDECAR: &str = include_str!("../../data/iris.json");
const SPLIT: &str = include_str!("../../data/iris.split.json");

impl Dataset {
    /// The Iris data set, with the split that scikit-learn's `train_test_split` gives for
    /// `random_state=42`, stratified, 120 to 30, and its five unshuffled stratified folds.
    ///
    /// Its rows are read by a few lines of their own: whoever trains on Iris alone, as the browser's
    /// trainer does, need not carry all that reads other people's files. A test holds the two readings
    /// together.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!((iris.n_samples(), iris.n_features(), iris.n_classes()), (150, 4, 3));
    /// ```
    #[must_use]
    pub fn iris() -> Self {
        #[expect(clippy::expect_used, reason = "embedded files, read by every test")]
        {
            let sidecar: Sidecar = serde_json::from_str(SIDECAR).expect("data/iris.json");
            let split: RecordedSplit = serde_json::from_str(SPLIT).expect("data/iris.split.json");
            rows(&sidecar)
                .and_then(|iris| iris.with_recorded_split(split).ok())
                .expect("data/iris.csv")
        }
    }
}

/// The rows of the embedded CSV: names, then four numbers and a species a line.
fn rows(sidecar: &Sidecar) -> Option<Dataset> {
    let mut lines = CSV.lines();
    let mut names: Vec<&str> = lines.next()?.split(',').collect();
    let target = names.pop()?;
    let columns: Vec<Column> = names.iter().map(|name| column(name, Some(sidecar))).collect();
    let (mut classes, mut values, mut labels): (Vec<String>, _, _) =
        (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        let mut cells = line.split(',');
        for _ in &names {
            values.push(cells.next()?.parse::<f64>().ok()?);
        }
        // Species stand in the order of their names.
        let species = cells.next()?;
        if classes.last().is_none_or(|last| last != species) {
            classes.push(species.to_owned());
        }
        labels.push(classes.len() as u32 - 1);
    }
    Dataset::new(sidecar.name.clone(), target, columns, classes, values, labels).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::CsvOptions;
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
    fn iris_is_read_as_any_file_is() {
        let sidecar = serde_json::from_str(SIDECAR).unwrap();
        let options = CsvOptions { sidecar: Some(sidecar), ..CsvOptions::default() };
        let (read, iris) = (Dataset::from_csv(CSV.as_bytes(), &options).unwrap(), Dataset::iris());
        assert_eq!(read.digest(), iris.digest());
        assert_eq!(read.schema(), iris.schema());
        assert!(read.notes().is_empty());
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

//! Labelled rows that a model was asked, as a data set to train another one on.

use super::{Column, ColumnKind, Dataset, DatasetError};
use crate::schema::{Feature, FeatureKind, FeatureRow, Schema};

impl Dataset {
    /// The data set of rows that a model with this `schema` reads, each with the index of its class.
    ///
    /// It has the model's columns, ranges, categories and classes, whether these rows show all of them or not, so that a model
    /// of it is asked as that one is.
    ///
    /// ```
    /// use model_core::{Artifact, DEFAULT_ARTIFACT, Dataset};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let rows = [model.schema().row(&[5.1, 3.5, 1.4, 0.2])?, model.schema().row(&[6.5, 3.0, 5.2, 2.0])?];
    /// let data = Dataset::of_known_rows(model.schema(), &rows, vec![0, 2])?;
    /// assert_eq!((data.n_samples(), data.schema().classes.len()), (2, 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of_known_rows(
        schema: &Schema,
        rows: &[FeatureRow],
        labels: Vec<u32>,
    ) -> Result<Self, DatasetError> {
        let columns = schema.features.iter().map(column).collect();
        let values = rows.iter().flat_map(|row| row.values().iter().copied()).collect();
        let (name, target) = (schema.name.clone(), schema.target.clone());
        let mut data = Self::new(name, target, columns, schema.classes.clone(), values, labels)?;
        data.schema.sources.clone_from(&schema.sources);
        data.schema.left_out.clone_from(&schema.left_out);
        Ok(data)
    }
}

fn column(feature: &Feature) -> Column {
    let Feature { name, label, unit, kind, nullable, other, .. } = feature.clone();
    let (hard, kind) = match kind {
        FeatureKind::Numeric(range) => (Some(range.hard), ColumnKind::Numeric),
        FeatureKind::Categorical(categories) => (None, ColumnKind::Categorical(categories)),
    };
    Column { name, label, unit, hard, kind, other, nullable }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CsvOptions, Family, TrainParams};

    #[test]
    fn a_model_of_them_is_asked_as_the_one_before() {
        let csv: String = (0..60)
            .map(|i| {
                let colour = ["red", "green", "blue", ""][i * 5 % 4];
                format!("2024-01-{:02},{},{colour},{}\n", 1 + i % 28, i % 7, ["a", "b"][i % 7 / 4])
            })
            .collect();
        let csv = format!("day,x,colour,y\n{csv}");
        let data = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
        let first = TrainParams::new(Family::LogisticRegression).train(&data).unwrap();
        let schema = first.schema();
        assert!(!schema.sources.is_empty(), "a date is among the columns");
        let rows: Vec<FeatureRow> = (0..20).map(|row| schema.row(data.row(row)).unwrap()).collect();
        let labels = (0..20).map(|row| data.label(row)).collect();
        let later = Dataset::of_known_rows(schema, &rows, labels).unwrap();
        let second = TrainParams::new(Family::LogisticRegression).train(&later).unwrap();
        let asked = |schema: &Schema| {
            let names = schema.input_columns().map(|column| column.name().to_owned());
            (names.collect::<Vec<_>>(), schema.classes.clone(), schema.left_out.clone())
        };
        assert_eq!(asked(second.schema()), asked(schema));
        assert_eq!(second.schema().features[1].categories(), schema.features[1].categories());
        let read = Dataset::from_bytes(&later.to_bytes()).unwrap();
        assert_eq!(read.digest(), later.digest());
    }

    #[test]
    fn rows_of_another_width_and_unknown_classes_are_refused() {
        let iris = Dataset::iris();
        let row = iris.schema().row(iris.row(0)).unwrap();
        let refused =
            Dataset::of_known_rows(iris.schema(), std::slice::from_ref(&row), vec![3]).unwrap_err();
        assert!(matches!(refused, DatasetError::Shape { .. }), "{refused}");
        let refused = Dataset::of_known_rows(iris.schema(), &[row], vec![0, 1]).unwrap_err();
        assert!(matches!(refused, DatasetError::Shape { .. }), "{refused}");
    }
}

//! Labelled rows that a model was asked, as a data set to train another one on.

use super::{Column, ColumnKind, Dataset, DatasetError};
use crate::schema::{Feature, FeatureKind, FeatureRow, Schema, Value};

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

impl Dataset {
    /// Reads rows, by their index, as a model with this `schema` does, each with the index that its class has there; `None` is a row
    /// whose class, or one of whose columns or values, that model doesn't know, and an index beyond the last. Columns,
    /// categories and classes are found by their names, once.
    ///
    /// ```
    /// use model_core::{Artifact, DEFAULT_ARTIFACT, Dataset};
    /// let (model, iris) = (Artifact::from_bytes(DEFAULT_ARTIFACT)?, Dataset::iris());
    /// let read = iris.reader_for(model.schema());
    /// let (row, class) = read(100).unwrap();
    /// assert_eq!((row.values(), class), (&[6.3, 3.3, 6.0, 2.5][..], 2));
    /// assert_eq!(read(150), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reader_for<'a>(
        &'a self,
        schema: &'a Schema,
    ) -> impl Fn(usize) -> Option<(FeatureRow, u32)> + 'a {
        let place = |name: &String| self.columns.iter().position(|column| column.name == *name);
        let columns: Option<Vec<usize>> =
            schema.features.iter().map(|feature| place(&feature.name)).collect();
        let class = |name: &String| {
            let class = schema.classes.iter().position(|class| class == name);
            class.and_then(|class| u32::try_from(class).ok())
        };
        let classes: Vec<Option<u32>> = self.classes.iter().map(class).collect();
        move |index| {
            if index >= self.n_samples() {
                return None;
            }
            let (row, class) = (self.row(index), classes[self.label(index) as usize]?);
            let value = |(at, &column): (usize, &usize)| {
                let number = row[column];
                let value = match &self.columns[column].kind {
                    _ if number.is_nan() => Value::Missing,
                    ColumnKind::Numeric => Value::Number(number),
                    ColumnKind::Categorical(names) => Value::Text(names.get(number as usize)?),
                };
                schema.encode(at, value).ok()
            };
            let values: Option<Vec<f64>> =
                columns.as_ref()?.iter().enumerate().map(value).collect();
            Some((schema.row(&values?).ok()?, class))
        }
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
    fn a_row_of_another_data_set_is_read_by_names_or_not_at_all() {
        let read = |csv: &str| Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
        let first = read("colour,x,y\nred,1,a\ngreen,2,b\n,3,a\nred,4,c\nred,9,a\n");
        let then = read("x,colour,y\n1,green,b\n2,red,a\n9,,b\n3,red,a\n");
        let read_first = first.reader_for(then.schema());
        let (row, class) = read_first(1).unwrap();
        assert_eq!(row.values()[0], 2.0);
        let names = then.schema().features[1].categories().unwrap();
        assert_eq!((&names[row.values()[1] as usize][..], class), ("green", 1));
        let (row, class) = read_first(2).unwrap();
        assert!(row.values()[1].is_nan() && class == 0, "{:?}", row.values());
        assert_eq!((read_first(3), read_first(5)), (None, None), "no class c, no such row");
        let narrow = read("x,z,y\n1,2,a\n2,3,b\n");
        assert_eq!(first.reader_for(narrow.schema())(0), None, "no column z");
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

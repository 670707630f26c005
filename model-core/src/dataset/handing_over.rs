//! A data set as one program hands it to another: whoever read a file need not train, and whoever trains
//! need not carry all that reads files.
//!
//! The bytes hold what a training depends on, so that a model of them has the bits that a model of the
//! file has. What was remarked when the file was read stays behind. They are no format to keep for long: a
//! version of another number is refused.

use serde::{Deserialize, Deserializer, Serialize};

use super::bounded::{UpTo, up_to, up_to_with};
use super::{
    Column, ColumnKind, Dataset, DatasetError, MAX_CATEGORIES, MAX_CLASSES, MAX_COLUMNS, MAX_ROWS,
    RecordedSplit,
};
use crate::schema::{Range, Source};

/// Raised whenever the structures below change.
const VERSION: u8 = 1;

/// Most categories of all columns together, which need more room than the bytes they come in.
const MAX_TEXTS: usize = 1_000_000;
/// Most columns of a file that are told to be left out.
const MAX_LEFT_OUT: usize = 100_000;

/// What is handed over. The structures are the form, in postcard's encoding: a field that is added, or
/// taken out, makes another version.
#[derive(Serialize, Deserialize)]
struct HandedOver {
    version: u8,
    name: String,
    target: String,
    #[serde(deserialize_with = "columns")]
    columns: Vec<ColumnWire>,
    #[serde(deserialize_with = "up_to::<MAX_CLASSES, _, _>")]
    classes: Vec<String>,
    #[serde(deserialize_with = "up_to::<MAX_LEFT_OUT, _, _>")]
    left_out: Vec<String>,
    #[serde(deserialize_with = "up_to::<MAX_COLUMNS, _, _>")]
    sources: Vec<Source>,
    values: Vec<f64>,
    #[serde(deserialize_with = "up_to::<MAX_ROWS, _, _>")]
    labels: Vec<u32>,
    /// Row in the file (from 0) of each row, if rows of the file were dropped.
    file_rows: Option<UpTo<MAX_ROWS, u32>>,
    recorded_split: Option<RecordedSplit>,
}

#[derive(Serialize, Deserialize)]
struct ColumnWire {
    name: String,
    label: String,
    unit: Option<String>,
    hard: Option<Range>,
    /// Categories; absent for numbers.
    categories: Option<UpTo<MAX_CATEGORIES, String>>,
    other: Option<u32>,
    nullable: bool,
}

/// Columns, with no more categories than may be together.
fn columns<'de, D: Deserializer<'de>>(reader: D) -> Result<Vec<ColumnWire>, D::Error> {
    let n_categories = |column: &ColumnWire| column.categories.as_ref().map_or(0, |it| it.0.len());
    up_to_with(reader, MAX_COLUMNS, n_categories, MAX_TEXTS)
}

impl ColumnWire {
    fn of(column: &Column) -> Self {
        let Column { name, label, unit, hard, kind, other, nullable } = column.clone();
        let categories = match kind {
            ColumnKind::Numeric => None,
            ColumnKind::Categorical(categories) => Some(UpTo(categories)),
        };
        Self { name, label, unit, hard, categories, other, nullable }
    }

    fn column(self) -> Column {
        let Self { name, label, unit, hard, categories, other, nullable } = self;
        let kind = categories.map_or(ColumnKind::Numeric, |it| ColumnKind::Categorical(it.0));
        Column { name, label, unit, hard, kind, other, nullable }
    }
}

impl Dataset {
    /// The data set for another program of the same version; without
    /// [`notes`](Self::notes) and [`reading`](Self::reading).
    ///
    /// ```
    /// use model_core::Dataset;
    /// let iris = Dataset::iris();
    /// let handed_over = Dataset::from_bytes(&iris.to_bytes())?;
    /// assert_eq!(handed_over.digest(), iris.digest());
    /// # Ok::<(), model_core::DatasetError>(())
    /// ```
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let file_rows = self.file_rows.as_ref();
        let handed_over = HandedOver {
            version: VERSION,
            name: self.name.clone(),
            target: self.target.clone(),
            columns: self.columns.iter().map(ColumnWire::of).collect(),
            classes: self.classes.clone(),
            left_out: self.schema.left_out.clone(),
            sources: self.schema.sources.clone(),
            values: self.values.clone(),
            labels: self.labels.clone(),
            file_rows: file_rows.map(|rows| UpTo(rows.iter().map(|&row| row as u32).collect())),
            recorded_split: self.recorded_split.clone(),
        };
        // Every length is known, which is all that the encoding asks for.
        postcard::to_allocvec(&handed_over).unwrap_or_default()
    }

    /// The data set that [`to_bytes`](Self::to_bytes) made these bytes of.
    ///
    /// ```
    /// use model_core::{Dataset, DatasetError};
    /// let bytes = Dataset::iris().to_bytes();
    /// assert_eq!(Dataset::from_bytes(&bytes)?.n_samples(), 150);
    /// let cut_off = Dataset::from_bytes(&bytes[..100]);
    /// assert!(matches!(cut_off, Err(DatasetError::NotHandedOver)));
    /// # Ok::<(), DatasetError>(())
    /// ```
    ///
    /// # Errors
    /// [`DatasetError::NotHandedOver`] for any other bytes, and the errors of [`new`](Self::new) and
    /// [`with_recorded_split`](Self::with_recorded_split) if the parts do not fit.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DatasetError> {
        let refused = |_| DatasetError::NotHandedOver;
        let wire: HandedOver = postcard::from_bytes(bytes).map_err(refused)?;
        if wire.version != VERSION {
            return Err(DatasetError::NotHandedOver);
        }
        let columns = wire.columns.into_iter().map(ColumnWire::column).collect();
        let (values, labels) = (wire.values, wire.labels);
        let mut data = Self::new(wire.name, wire.target, columns, wire.classes, values, labels)?;
        let mut end = 0;
        for source in &wire.sources {
            if !source.fits(&data.schema, end) {
                return Err(DatasetError::NotHandedOver);
            }
            end = source.features().end;
        }
        data.schema.sources = wire.sources;
        data.schema.left_out = wire.left_out;
        if let Some(UpTo(rows)) = wire.file_rows {
            if rows.len() != data.n_samples() || !rows.is_sorted_by(|a, b| a < b) {
                return Err(DatasetError::NotHandedOver);
            }
            data.file_rows = Some(rows.into_iter().map(|row| row as usize).collect());
        }
        match wire.recorded_split {
            Some(split) => data.with_recorded_split(split),
            None => Ok(data),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CsvOptions, Family, TrainParams};

    const MIXED: &[u8] = b"day,note,size,colour,code,kind\n\
        2024-01-02,a long day it was,1.5,red,0001,a\n2024-02-03,rain and wind all day,2.5,blue,0002,b\n\
        2024-03-04,nothing to see here,,red,0003,\n2024-04-05,sun in the morning,4.5,green,0004,a\n\
        2024-05-06,a storm came by,5.5,,0005,b\n2024-06-07,it was quiet again,6.5,red,0006,a\n\
        2024-07-08,fog until noon today,7.5,blue,0007,b\n2024-08-09,the best of days,8.5,red,0008,a\n";

    fn mixed() -> Dataset {
        let options = CsvOptions { unknown_other: true, ..CsvOptions::default() };
        let data = Dataset::from_csv(MIXED, &options).unwrap();
        assert!(!data.schema().sources.is_empty() && data.n_dropped() == 1, "{:?}", data.schema());
        data
    }

    fn again(data: &Dataset) -> Dataset {
        Dataset::from_bytes(&data.to_bytes()).unwrap()
    }

    #[test]
    fn rows_schema_and_places_in_the_file_arrive() {
        for data in [mixed(), Dataset::iris()] {
            let arrived = again(&data);
            assert_eq!(arrived.digest(), data.digest());
            assert_eq!(arrived.schema(), data.schema());
            assert_eq!(arrived.recorded_split(), data.recorded_split());
            let places = |data: &Dataset| {
                (0..data.n_samples()).map(|row| data.file_row(row)).collect::<Vec<_>>()
            };
            assert_eq!(places(&arrived), places(&data));
        }
    }

    #[test]
    fn a_model_of_what_arrived_is_the_model_of_the_file() {
        for data in [mixed(), Dataset::iris()] {
            let params = TrainParams { cv_folds: 2, ..TrainParams::new(Family::GaussianNb) };
            let model = |data: &Dataset| params.train(data).unwrap().to_bytes();
            assert_eq!(model(&again(&data)), model(&data));
        }
    }

    /// A few bytes each, a text or a list is many times as long in memory: what nobody could train on is refused while it is read.
    #[test]
    fn lists_that_are_too_long_are_refused_while_they_are_read() {
        let iris = Dataset::iris().to_bytes();
        let read = |alter: &dyn Fn(&mut HandedOver)| {
            let mut wire: HandedOver = postcard::from_bytes(&iris).unwrap();
            alter(&mut wire);
            postcard::from_bytes::<HandedOver>(&postcard::to_allocvec(&wire).unwrap()).map(drop)
        };
        let none = |n: usize| vec![String::new(); n];
        let column = |wire: &HandedOver, n: usize| {
            let categories = Some(UpTo(none(n)));
            let ColumnWire { name, label, hard, .. } = &wire.columns[0];
            let (name, label) = (name.clone(), label.clone());
            ColumnWire {
                name,
                label,
                unit: None,
                hard: *hard,
                categories,
                other: None,
                nullable: false,
            }
        };
        assert_eq!(read(&|_| ()), Ok(()));
        assert_eq!(read(&|wire| wire.classes = none(MAX_CLASSES)), Ok(()));
        assert!(read(&|wire| wire.classes = none(MAX_CLASSES + 1)).is_err());
        assert!(read(&|wire| wire.left_out = none(MAX_LEFT_OUT + 1)).is_err());
        assert!(
            read(&|wire| wire.columns = (0..=MAX_COLUMNS).map(|_| column(wire, 0)).collect())
                .is_err()
        );
        assert_eq!(read(&|wire| wire.columns = vec![column(wire, MAX_CATEGORIES)]), Ok(()));
        assert!(read(&|wire| wire.columns = vec![column(wire, MAX_CATEGORIES + 1)]).is_err());
        let many = MAX_TEXTS / MAX_CATEGORIES;
        let columns =
            |wire: &HandedOver, n: usize| (0..n).map(|_| column(wire, MAX_CATEGORIES)).collect();
        assert_eq!(read(&|wire| wire.columns = columns(wire, many)), Ok(()));
        assert!(read(&|wire| wire.columns = columns(wire, many + 1)).is_err());
        let split = Dataset::iris().recorded_split().unwrap().clone();
        let folds = |n: usize| Some(RecordedSplit { folds: vec![Vec::new(); n], ..split.clone() });
        assert!(read(&|wire| wire.recorded_split = folds(100_000)).is_err());
        assert!(read(&|wire| wire.labels = vec![0; MAX_ROWS + 1]).is_err());
        assert!(read(&|wire| wire.file_rows = Some(UpTo(vec![0; MAX_ROWS + 1]))).is_err());
    }

    #[test]
    fn what_nobody_handed_over_is_refused() {
        let bytes = mixed().to_bytes();
        for length in 0..bytes.len() {
            assert!(Dataset::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
        }
        let other_version = [&[VERSION + 1], &bytes[1..]].concat();
        let refused = Dataset::from_bytes(&other_version).unwrap_err();
        assert_eq!(refused, DatasetError::NotHandedOver);
        // What is altered may be a data set of other values, and is never one that is not valid.
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 0x55;
            if let Ok(data) = Dataset::from_bytes(&altered) {
                assert!(data.labels().iter().all(|label| (*label as usize) < data.n_classes()));
                assert!(data.schema().sources.iter().all(|it| it.fits(data.schema(), 0)));
            }
        }
    }
}

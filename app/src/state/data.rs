//! The data that a training takes: the built-in set, or a file of the user's.
//!
//! A file is kept as it is, with how to read it: the trainer reads it anew, and whoever shows what
//! is in it does, too.

use leptos::prelude::*;
use model_core::CsvOptions;
use model_core::digest::Digest;

use crate::bytes::Bytes;
use crate::training;

/// What a training takes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TrainingData {
    /// The built-in Iris.
    Iris,
    /// A file.
    #[cfg_attr(not(test), expect(dead_code, reason = "no page takes a file yet"))]
    Csv(Box<CsvFile>),
}

/// A CSV file that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CsvFile {
    /// What the data set is called.
    pub(crate) name: String,
    /// The file.
    pub(crate) bytes: Bytes,
    /// How to read it.
    pub(crate) options: CsvOptions,
    /// Digest of the data that were read from it: a model is of these data if its lineage has the
    /// same.
    pub(crate) data_hash: Digest,
}

impl TrainingData {
    /// The same, as the trainer is told it.
    pub(crate) fn message(&self) -> training::TrainingData {
        match self {
            Self::Iris => training::TrainingData::Iris,
            Self::Csv(file) => {
                let options = CsvOptions { name: Some(file.name.clone()), ..file.options.clone() };
                let bytes = file.bytes.clone();
                training::TrainingData::Csv { bytes, options: Box::new(options) }
            }
        }
    }
}

/// Signal of the data to train on; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Data {
    chosen: RwSignal<TrainingData>,
}

/// Starts with the built-in set and makes the data available to every page.
pub(crate) fn provide_data() -> Data {
    let data = Data { chosen: RwSignal::new(TrainingData::Iris) };
    provide_context(data);
    data
}

impl Data {
    /// What the next training takes.
    pub(crate) fn message(&self) -> training::TrainingData {
        self.chosen.with_untracked(TrainingData::message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model_core::is_iris;

    #[test]
    fn the_trainer_reads_the_data_that_were_chosen() {
        let bytes: Bytes = b"kind,height\ncat,0.3\ncow,1.5\n".as_slice().into();
        let options = CsvOptions::with_target("kind");
        let read = model_core::Dataset::from_csv(&bytes.0, &options).unwrap();
        let (name, data_hash) = ("animals".to_owned(), read.digest());
        let file = CsvFile { name, bytes, options, data_hash };
        let told = TrainingData::Csv(Box::new(file)).message().read().unwrap();
        assert_eq!((told.schema().name.as_str(), told.digest()), ("animals", data_hash));
        assert!(is_iris(&TrainingData::Iris.message().read().unwrap().digest()));
    }
}

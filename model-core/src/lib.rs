//! Tabular classifiers: data, training, evaluation, artifacts and prediction, without I/O.

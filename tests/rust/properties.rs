//! What holds for any bytes whatever: asked by the property tests here, and by `fuzz/` without end.
//!
//! Each function panics where its property does not hold. Memory is measured where the program
//! installs [`Counting`](crate::allocator::Counting), and passes for none elsewhere.

#![allow(clippy::panic, reason = "a property that does not hold panics")]

use std::sync::LazyLock;

use model_core::digest::Digest;
use model_core::{
    Artifact, ArtifactError, CsvOptions, DEFAULT_ARTIFACT, Dataset, DatasetError, Family,
};

use crate::allocator::peak;

/// Bytes of a model file before its content: magic, hash, length.
const HEADER: usize = 42;
/// What reading a damaged model file may have alive at once, against the file's length; the most
/// that was met is 14 times.
pub const DAMAGED_MEMORY: usize = 32;
/// The same for any bytes: a tree of one leaf is one byte in a file and up to 160 in memory.
pub const ANY_MEMORY: usize = 160;
/// What reading a CSV file may have alive at once, against the file's length: 59 times were met, in rows
/// of two bytes.
pub const CSV_MEMORY: usize = 80;
/// What may be alive besides, whatever the length: buffers and messages.
const BESIDES: usize = 64 * 1024;

/// The content of a model file, that which its hash is of.
///
/// # Panics
/// If the file is no longer than its header.
#[must_use]
pub fn content_of(file: &[u8]) -> &[u8] {
    let length = file[HEADER - 4..].first_chunk().map(|length| u32::from_le_bytes(*length));
    &file[HEADER..][..length.unwrap_or_default() as usize]
}

/// A model file around `content`, with the hash and the length that it asks for.
#[must_use]
pub fn framed(content: &[u8]) -> Vec<u8> {
    let receipt = &DEFAULT_ARTIFACT[HEADER + content_of(DEFAULT_ARTIFACT).len()..];
    let length = (content.len() as u32).to_le_bytes();
    [&DEFAULT_ARTIFACT[..6], Digest::of(content).as_bytes(), &length, content, receipt].concat()
}

/// Bytes given for a model file are an error, or a model that predicts probabilities and is
/// written as it was read; either with less than `memory` times their length alive at once.
///
/// # Errors
/// That of reading.
///
/// # Panics
/// If the property does not hold.
pub fn artifact(bytes: &[u8], memory: usize) -> Result<Artifact, ArtifactError> {
    let (read, peak) = peak(|| Artifact::from_bytes(bytes));
    let most = memory * bytes.len() + BESIDES;
    assert!(peak <= most, "{peak} bytes of memory to read {} bytes", bytes.len());
    let model = read?;
    let schema = model.schema();
    let mut out = vec![0.0; schema.classes.len()];
    for value in [0.0, 1.0, -1e308, 1e308, f64::NAN] {
        model.predict_proba_into(&vec![value; schema.features.len()], &mut out);
        assert!(out.iter().all(|p| (0.0..=1.0).contains(p)), "{value}: {out:?}");
        assert!((out.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{value}: {out:?}");
        if let Some(sets) = model.conformal() {
            let size = sets.prediction_set(&out).len();
            assert!(size <= out.len(), "{size} of {} classes conform", out.len());
            assert_eq!(sets.threshold().is_none_or(|threshold| threshold == 1.0), {
                sets.prediction_set(&vec![0.0; out.len()]).len() == out.len()
            });
        }
    }
    // Whether it agrees with its evaluation or not, it says so.
    let _ = model.rescore();
    assert!(model.to_bytes() == bytes, "a model is written as it was read");
    Ok(model)
}

/// As [`artifact`], and what differs from `original`'s file is an error or the same model.
///
/// # Panics
/// If the property does not hold.
pub fn damaged_artifact(original: &Artifact, bytes: &[u8]) {
    if let Ok(model) = artifact(bytes, DAMAGED_MEMORY) {
        assert!(model == *original, "a damaged file gives another model");
    }
}

/// Models that read CSV files: one of Iris, one of Penguins.
static READERS: LazyLock<[Artifact; 2]> =
    LazyLock::new(|| [crate::trained(Family::Svm, 42), crate::of_penguins()]);

/// Bytes given for a CSV file are an error, or rows that the schema holds for valid; either
/// without much memory.
///
/// # Panics
/// If the property does not hold.
pub fn csv(bytes: &[u8]) {
    if let Ok(data) = labelled_csv(bytes) {
        for row in 0..data.n_samples() {
            let found = data.schema().row(data.row(row));
            assert!(found.is_ok(), "row {row}: {found:?}");
        }
        // A row that was dropped may hold anything; else the file's own schema reads it alike.
        if data.n_dropped() == 0 {
            let again = data.schema().rows_from_csv(bytes);
            let again = again.unwrap_or_else(|error| panic!("its own schema refuses it: {error}"));
            assert_eq!(again.first_fault(), None);
            let rows = again.rows().map_while(Result::ok).map(|row| bits(row.values()));
            assert!(rows.eq((0..data.n_samples()).map(|row| bits(data.row(row)))));
        }
    }
    for model in READERS.iter() {
        let (rows, peak) = peak(|| model.schema().rows_from_csv(bytes));
        check_csv_memory(bytes, peak);
        if let Ok(rows) = rows {
            for row in rows.rows().filter_map(Result::ok) {
                let sum = model.predict(row).probabilities.iter().sum::<f64>();
                assert!((sum - 1.0).abs() < 1e-9, "{row:?}: probabilities sum to {sum}");
            }
        }
    }
}

fn labelled_csv(bytes: &[u8]) -> Result<Dataset, DatasetError> {
    let (data, peak) = peak(|| Dataset::from_csv(bytes, &CsvOptions::default()));
    check_csv_memory(bytes, peak);
    data
}

fn check_csv_memory(bytes: &[u8], peak: usize) {
    let most = CSV_MEMORY * bytes.len() + BESIDES;
    assert!(peak <= most, "{peak} bytes of memory to read {} bytes", bytes.len());
}

fn bits(row: &[f64]) -> Vec<u64> {
    row.iter().map(|value| value.to_bits()).collect()
}

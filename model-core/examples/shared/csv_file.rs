//! A CSV file's bytes, within the limit, and messages that name the file they are about.

use std::fs;
use std::io::Read;
use std::path::Path;

use model_core::dataset::MAX_CSV_BYTES;

/// The file's bytes; one that is too long is refused before it is read.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, String> {
    let size = fs::metadata(file).map_err(|error| named(&error, file))?.len();
    if size > MAX_CSV_BYTES as u64 {
        return Err(named(&format!("{size} bytes are over the limit of {MAX_CSV_BYTES}"), file));
    }
    let mut csv = Vec::new();
    // A pipe has no size to look at before.
    fs::File::open(file)
        .and_then(|file| file.take(MAX_CSV_BYTES as u64 + 1).read_to_end(&mut csv))
        .map_err(|error| named(&error, file))?;
    Ok(csv)
}

/// `error` with the file that it is about.
pub(crate) fn named(error: &dyn std::fmt::Display, file: &Path) -> String {
    format!("{}: {error}", file.display())
}

//! Records of a CSV file that is written.

/// `cells` as a record of a CSV file (RFC 4180) without the end of its line: quoted where they hold the `separator`, a quote
/// or the end of a line. A record of one empty cell is quoted, too, or it would be an empty line, which is no record.
///
/// ```
/// use model_core::dataset::csv_record;
/// assert_eq!(csv_record(&["5.1", "a, \"b\"", ""], ','), "5.1,\"a, \"\"b\"\"\",");
/// assert_eq!(csv_record(&["5,1", "a, b"], ';'), "5,1;a, b");
/// ```
#[must_use]
pub fn csv_record<S: AsRef<str>>(cells: &[S], separator: char) -> String {
    let mut record = String::new();
    for (at, cell) in cells.iter().map(AsRef::as_ref).enumerate() {
        if at > 0 {
            record.push(separator);
        }
        let is_alone = cells.len() == 1 && cell.is_empty();
        if is_alone || cell.contains([separator, '"', '\n', '\r']) {
            record.push('"');
            record += &cell.replace('"', "\"\"");
            record.push('"');
        } else {
            record += cell;
        }
    }
    record
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is written is read back, by another reader.
        #[test]
        fn what_is_written_is_read(
            cells in prop::collection::vec("[a-b0-9.,;|\t\"\n\r ]{0,5}|.{0,4}", 1..5),
            separator in prop::sample::select(vec![',', ';', '\t', '|']),
        ) {
            // Behind a first line: a mark of the encoding in front of a file is none of its text.
            let file = format!("first\n{}\n", csv_record(&cells, separator));
            let mut reader = csv::ReaderBuilder::new();
            reader.flexible(true).delimiter(separator as u8);
            let mut reader = reader.from_reader(file.as_bytes());
            let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            prop_assert_eq!(records.len(), 1);
            prop_assert_eq!(records[0].iter().collect::<Vec<_>>(), cells);
        }
    }
}

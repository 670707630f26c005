//! Where in the file a note belongs.

use super::Note;

impl Note {
    /// The column that it is about; `None` if it is about lines or about the file as a whole.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"x,constant,y\n1,7,a\n2,7,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// assert!(data.notes().iter().any(|note| note.column() == Some("constant")));
    /// # Ok::<(), model_core::DatasetError>(())
    /// ```
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::DroppedRows { target: column, .. }
            | Self::MissingMarks { column, .. }
            | Self::MarkAmongTexts { column, .. }
            | Self::GroupedNumbers { column, .. }
            | Self::DecimalGuessed { column, .. }
            | Self::BothMarks { column, .. }
            | Self::UnitTaken { column, .. }
            | Self::OddMinus { column, .. }
            | Self::SameNumber { column, .. }
            | Self::Codes { column, .. }
            | Self::LeadingZeros { column, .. }
            | Self::LongNumbers { column, .. }
            | Self::NumbersInTexts { column, .. }
            | Self::MixedTypes { column, .. }
            | Self::Dates { column, .. }
            | Self::MixedDates { column, .. }
            | Self::Zones { column, .. }
            | Self::FreeText { column, .. }
            | Self::NoValues { column }
            | Self::TextIdentifier { column, .. }
            | Self::TooManyCategories { column, .. }
            | Self::ManyCategories { column, .. }
            | Self::NumberIdentifier { column }
            | Self::Constant { column }
            | Self::OneValueAndGaps { column, .. }
            | Self::Placeholder { column, .. }
            | Self::Duplicate { column, .. }
            | Self::Alike { column, .. }
            | Self::TellsClass { column, .. }
            | Self::FallTogether { column, .. }
            | Self::RareCategories { column, .. }
            | Self::RepeatedName { called: column, .. }
            | Self::NamelessColumns { n_columns: 1, called: column, .. }
            | Self::RowNames { column, .. } => Some(column),
            Self::LooksLikeUtf8 { .. }
            | Self::LinesPassedOver { .. }
            | Self::NoHeader { .. }
            | Self::TrailingSeparators { .. }
            | Self::NamelessColumns { .. }
            | Self::StrayQuotes { .. }
            | Self::TallCell { .. }
            | Self::Quotes { .. }
            | Self::RareClasses(_) => None,
        }
    }

    /// The row that it names, from 1, if it names one.
    #[must_use]
    pub fn row(&self) -> Option<usize> {
        match self {
            Self::StrayQuotes { row, .. } | Self::TallCell { row, .. } => {
                Some(*row).filter(|&row| row > 0)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{CsvOptions, Dataset};

    #[test]
    fn notes_know_their_column_or_their_row() {
        let csv = "x,y,y\n1,\"a\"b,p\n2,c,q\n-,c,q\n";
        let data = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
        let places: Vec<_> = data.notes().iter().map(|note| (note.column(), note.row())).collect();
        assert!(places.contains(&(Some("x"), None)), "{places:?}");
        assert!(places.contains(&(None, Some(1))), "{places:?}");
    }
}

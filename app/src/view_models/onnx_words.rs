//! What becomes of a model as an ONNX file, in words.

use model_core::onnx::{OnnxError, SinglePrecisionLoss};

use super::families::family_name;
use super::format;
use crate::i18n::t;

/// Columns that are named.
const MAX_NAMED: usize = 3;

/// What the file takes, and why.
pub(crate) fn precision(loss: Option<&SinglePrecisionLoss>) -> String {
    let Some(loss) = loss else {
        return t!("Takes single precision; what the model reads loses nothing by that.")
            .to_owned();
    };
    let named: Vec<&str> =
        loss.columns.iter().take(MAX_NAMED).map(|column| column.name.as_str()).collect();
    let names = named.join(", ");
    let columns = match loss.columns.len().saturating_sub(MAX_NAMED) {
        0 => names,
        n => t!("{names} and {n} more", names, n),
    };
    let why = if loss.columns.len() == 1 {
        t!(
            "Takes double precision (np.float64): {column} needs more digits than single precision holds.",
            column = columns
        )
    } else {
        t!(
            "Takes double precision (np.float64): {columns} need more digits than single precision holds.",
            columns
        )
    };
    let rounded = t!(
        "Rounded, {n_labels} of {n_rows} rows that the model carries would get another answer.",
        n_labels = format::thousands(loss.n_labels),
        n_rows = format::thousands(loss.n_rows)
    );
    format!("{why} {rounded}")
}

/// Why there is no file, and what to do about it here: the library's own words name options of the command
/// line.
pub(crate) fn refusal(error: &OnnxError) -> String {
    match error {
        OnnxError::Family { family } => t!(
            "No ONNX file: {family} goes by which rows are nearest; the rounded numbers of such a file would change that, and answers with it. Take another model, or the model file.",
            family = family_name(*family)
        ),
        OnnxError::ManyCategories { column, n_categories } => t!(
            "No ONNX file: {column} has {n} categories, and such a file has room for 100 a column. Put rare ones together or leave the column out, and train again; or take the model file.",
            column,
            n = format::thousands(*n_categories)
        ),
        OnnxError::TooLarge { .. } => t!(
            "No ONNX file: it would be too large. Train on fewer rows or classes, or take another model."
        )
        .to_owned(),
        _ => t!("No ONNX file can be made of this model. Take the model file.").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use model_core::onnx::NarrowedColumn;
    use model_core::{Dataset, Family, TrainParams};

    use super::*;
    use crate::view_models::fixtures::built_in;

    #[test]
    fn nothing_lost_is_said_too() {
        assert!(precision(built_in().single_precision_loss().as_ref()).starts_with("Takes single"));
    }

    #[test]
    fn columns_that_need_more_digits_are_named() {
        let column = |name: &str| NarrowedColumn {
            name: name.to_owned(),
            error: 1.0,
            spread: 1.0,
            n_values: 2,
            n_single: 1,
        };
        let mut columns = vec![column("epoch")];
        let loss =
            |columns| SinglePrecisionLoss { columns, n_rows: 1_200, n_labels: 3, probability: 0.5 };
        let words = precision(Some(&loss(columns.clone())));
        assert!(words.contains("epoch needs more digits"), "{words}");
        assert!(
            words.ends_with("3 of 1,200 rows that the model carries would get another answer.")
        );
        columns.extend(["a", "b", "c"].map(column));
        assert!(
            precision(Some(&loss(columns))).contains("epoch, a, b and 1 more need more digits")
        );
    }

    #[test]
    fn a_refusal_says_what_to_take() {
        let params = TrainParams { cv_folds: 0, ..TrainParams::new(Family::KNearestNeighbors) };
        let neighbours = params.train(&Dataset::iris()).unwrap();
        let words = refusal(&neighbours.to_onnx().unwrap_err());
        assert!(words.starts_with("No ONNX file: ") && words.ends_with("or the model file."));
        assert!(words.contains(": Nearest neighbours goes by"), "{words}");
        let column = "town".to_owned();
        let words = refusal(&OnnxError::ManyCategories { column, n_categories: 1_234 });
        assert!(words.starts_with("No ONNX file: town has 1,234 categories,"), "{words}");
    }
}

//! CSV bytes to rows for a model that is there already: its schema says what each column holds.

use super::DatasetError;
use super::cells::{Cell, NumericCells, shown_decimal};

use super::table::{Reading, Table, list};
use crate::schema::row::shortened;
use crate::schema::{Feature, FeatureKind, FeatureRow, RowError, Schema, Value};

/// The rows of a file, valid for a schema, with the text they were read from.
#[derive(Debug)]
pub struct CsvRows {
    table: Table,
    rows: Vec<FeatureRow>,
}

impl CsvRows {
    /// Names of the file's columns.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.table.header
    }

    /// The rows, from the first down.
    #[must_use]
    pub fn rows(&self) -> &[FeatureRow] {
        &self.rows
    }

    /// The cells of row `index` as they stand in the file.
    pub fn cells(&self, index: usize) -> impl Iterator<Item = &str> {
        self.table.cells(index)
    }
}

impl Schema {
    /// The rows that a CSV file holds for this schema.
    ///
    /// Columns may stand in any order. The target and the columns that training left out are
    /// passed over; any other that the schema does not know is an error.
    ///
    /// # Errors
    /// As [`Dataset::from_csv`](crate::Dataset::from_csv) for what is no table;
    /// [`DatasetError::UnknownColumn`], [`DatasetError::MissingColumn`], and
    /// [`DatasetError::BadCell`] or [`DatasetError::NoValue`] for the first cell that is not what
    /// the schema expects.
    pub fn rows_from_csv(&self, bytes: &[u8]) -> Result<CsvRows, DatasetError> {
        let table = Table::read(bytes, &Reading::default())?;
        for name in &table.header {
            let passed_over = *name == self.target || self.left_out.contains(name);
            if !passed_over && self.feature_index(name).is_none() {
                let known = list(self.features.iter().map(|feature| feature.name.as_str()));
                return Err(DatasetError::UnknownColumn { column: shortened(name), known });
            }
        }
        let position = |feature: &Feature| {
            table.position(&feature.name).ok_or_else(|| DatasetError::MissingColumn {
                column: shortened(&feature.name),
                columns: table.names(),
            })
        };
        let positions: Vec<usize> = self.features.iter().map(position).collect::<Result<_, _>>()?;
        let all_rows: Vec<usize> = (0..table.n_rows()).collect();
        let shown = shown_decimal(&table, &positions, &all_rows);
        let cells = |(feature, &at): (&Feature, &usize)| {
            let range = feature.numeric()?.training;
            Some(NumericCells::of(&table, at, shown, Some(range)))
        };
        let cells: Vec<Option<NumericCells>> =
            self.features.iter().zip(&positions).map(cells).collect();
        let mut rows = Vec::with_capacity(table.n_rows());
        let mut values = vec![0.0; positions.len()];
        for row in 0..table.n_rows() {
            for (feature, &at) in positions.iter().enumerate() {
                let text = table.cell(row, at);
                values[feature] = self
                    .encode(feature, value(&table, cells[feature].as_ref(), text))
                    .map_err(|error| bad_cell(&self.features[feature], row + 1, text, &error))?;
            }
            // Each value was checked above.
            rows.extend(self.row(&values));
        }
        Ok(CsvRows { table, rows })
    }
}

/// What a cell's text says, in a column of numbers or of categories.
fn value<'a>(table: &Table, numeric: Option<&NumericCells>, text: &'a str) -> Value<'a> {
    let Some(cells) = numeric else {
        return if table.marks().always(text) { Value::Missing } else { Value::Text(text) };
    };
    match cells.read(table, text) {
        Cell::Missing => Value::Missing,
        Cell::Number(number) => Value::Number(number),
        Cell::Infinite => Value::Number(f64::INFINITY),
        Cell::Text => Value::Text(text),
    }
}

fn bad_cell(feature: &Feature, row: usize, text: &str, error: &RowError) -> DatasetError {
    let unit = feature.unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"));
    let expected = match &feature.kind {
        FeatureKind::Numeric(range) => {
            format!("a number from {} to {}{unit}", range.hard.min, range.hard.max)
        }
        FeatureKind::Categorical(categories) => {
            format!("one of {}", list(categories.iter().map(String::as_str)))
        }
    };
    let column = shortened(&feature.name);
    match error {
        RowError::Missing { .. } => DatasetError::NoValue { row, column, expected },
        _ => DatasetError::BadCell {
            row,
            column,
            text: shortened(text),
            expected,
            hint: String::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::dataset::{CsvOptions, Dataset};

    fn read(csv: &str) -> Result<Vec<Vec<f64>>, String> {
        let training = "id,x,colour,y\nn1,1,red,a\nn2,2,blue,b\nn3,,red,a\nn4,3,red,b\n";
        let options = CsvOptions { drop: vec!["id".into()], ..CsvOptions::default() };
        let data = Dataset::from_csv(training.as_bytes(), &options).unwrap();
        let rows =
            data.schema().rows_from_csv(csv.as_bytes()).map_err(|error| error.to_string())?;
        Ok(rows.rows().iter().map(|row| row.values().to_vec()).collect())
    }

    #[test]
    fn columns_are_found_by_name() {
        assert_eq!(read("colour;x\nblue;1,5\nred;2\n").unwrap(), [[1.5, 0.0], [2.0, 1.0]]);
        assert_eq!(read("y,colour,id,x\na,blue,k,1\n").unwrap(), [[1.0, 0.0]]);
        assert!(read("colour,x\nblue,NA\n").unwrap()[0][0].is_nan());
        let one = Dataset::from_csv(b"x,y\n1,a\n2,b\n", &CsvOptions::default()).unwrap();
        assert_eq!(one.schema().rows_from_csv(b"x\n1\n2\n").unwrap().rows().len(), 2);
    }

    #[test]
    fn what_the_schema_does_not_expect_is_an_error() {
        let check = |csv: &str, message: &str| assert_eq!(read(csv).unwrap_err(), message);
        check(
            "colour,x,z\nred,1,1\n",
            "there is a column \"z\" that the model does not know; it reads x, colour",
        );
        check(
            "colour,y\nred,1\n",
            "there is no column \"x\", which the model needs; the columns are colour, y",
        );
        check(
            "colour,x\nred,1\ngreen,1\n",
            "row 2, column \"colour\": expected one of blue, red, got \"green\"",
        );
        check(
            "colour,x\n,1\n",
            "row 1, column \"colour\": expected one of blue, red, got no value",
        );
        check(
            "colour,x\nred,big\n",
            "row 1, column \"x\": expected a number from 0 to 9, got \"big\"",
        );
        check(
            "colour,x\nred,10\n",
            "row 1, column \"x\": expected a number from 0 to 9, got \"10\"",
        );
    }
}

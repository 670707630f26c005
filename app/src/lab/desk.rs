//! The desk: the file that lies open, and answers from it. Pure, so that tests run it natively.

use model_core::dataset::{CellTexts, MAX_CSV_BYTES};
use model_core::{Dataset, DatasetError};

use super::options::SheetOptions;
use super::remark::Fault;
use super::sheet::{CellMark, CellText, Opened, RowText};
use super::strips::Contents;

/// Characters of a cell that are shown.
const MAX_SHOWN: usize = 80;
/// Columns of a row that are shown.
pub(crate) const MAX_SHOWN_COLUMNS: usize = 100;

/// A file and what was made of it.
#[derive(Debug, Default)]
pub(super) struct Desk {
    cells: Option<CellTexts>,
    data: Option<Dataset>,
    /// Which columns hold numbers.
    numeric: Vec<bool>,
    /// The cell that the file is refused for: row from 0, and column.
    faulty: Option<(usize, usize)>,
}

/// Why a file of `n_bytes` is not even looked at; the words are the reader's.
pub(super) fn too_large(n_bytes: usize) -> Option<Fault> {
    let error = DatasetError::Limit { what: "bytes of CSV", got: n_bytes, limit: MAX_CSV_BYTES };
    (n_bytes > MAX_CSV_BYTES).then(|| Fault::of(&error))
}

impl Desk {
    /// Reads a file and keeps it until the next one.
    pub(super) fn open(&mut self, bytes: &[u8], name: &str, options: &SheetOptions) -> Opened {
        *self = Self::default();
        let data = options.read(bytes, name);
        let cells = CellTexts::from_csv(bytes, &options.reading);
        let opened = Opened::of(cells.as_ref(), &data);
        let numbers = |contents: &Contents| matches!(contents, Contents::Numbers { .. });
        if let Ok(sheet) = &opened.sheet {
            self.numeric = sheet.strips.iter().map(|strip| numbers(&strip.contents)).collect();
        }
        if let Err(fault) = &opened.sheet
            && let (Some(row), Some(column)) = (fault.row, &fault.column)
            && let Some(at) = opened.names.iter().position(|name| name == column)
        {
            self.faulty = Some((row.saturating_sub(1) as usize, at));
        }
        self.cells = cells.ok();
        self.data = data.ok();
        opened
    }

    /// The data set for the trainer, if the file holds one.
    pub(super) fn data_set(&self) -> Option<Vec<u8>> {
        self.data.as_ref().map(Dataset::to_bytes)
    }

    /// Texts of `count` rows from `first`, from 0; as many of them as there are.
    pub(super) fn rows(&self, first: usize, count: usize) -> Vec<RowText> {
        let Some(cells) = &self.cells else { return Vec::new() };
        let end = first.saturating_add(count).min(cells.n_rows());
        (first..end).map(|row| self.row(cells, row)).collect()
    }

    fn row(&self, cells: &CellTexts, row: usize) -> RowText {
        let class = self.data.as_ref().and_then(|data| {
            let index = data.row_in_file(row + 1)?;
            Some(data.label(index))
        });
        let cell = |column: usize| {
            let text = cells.cell(row, column);
            let among_numbers = self.numeric.get(column).copied().unwrap_or(false);
            let mark = if self.faulty == Some((row, column)) {
                CellMark::Faulty
            } else if cells.is_missing(text, among_numbers) {
                CellMark::Missing
            } else {
                CellMark::Plain
            };
            CellText { text: text.chars().take(MAX_SHOWN).collect(), mark }
        };
        RowText {
            cells: (0..cells.names().len().min(MAX_SHOWN_COLUMNS)).map(cell).collect(),
            class,
            fault: cells.fault(row).map(|error| error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model_core::dataset::{Encoding, RareClasses};
    use model_core::schema::DateOrder;

    use crate::lab::remark::{Remedy, WayOut};
    use crate::lab::sheet::Sheet;
    use crate::lab::strips::Strip;

    const PENGUINS: &[u8] = include_bytes!("../../../model-core/data/penguins.csv");

    fn opened(csv: &[u8], options: &SheetOptions) -> (Desk, Opened) {
        let mut desk = Desk::default();
        let opened = desk.open(csv, "data", options);
        (desk, opened)
    }

    fn sheet(csv: &[u8], options: &SheetOptions) -> Sheet {
        opened(csv, options).1.sheet.unwrap()
    }

    fn species() -> SheetOptions {
        SheetOptions { target: Some("species".into()), ..SheetOptions::default() }
    }

    fn strip<'a>(sheet: &'a Sheet, name: &str) -> &'a Strip {
        sheet.strips.iter().find(|strip| strip.name == name).unwrap()
    }

    #[test]
    fn every_column_has_a_strip_in_the_order_of_the_file() {
        let sheet = sheet(PENGUINS, &species());
        let names: Vec<&str> = sheet.strips.iter().map(|strip| strip.name.as_str()).collect();
        assert_eq!(names[..3], ["species", "island", "bill_length_mm"]);
        assert_eq!((sheet.n_rows, sheet.classes.len()), (344, 3));
        assert!(matches!(strip(&sheet, "species").contents, Contents::Target { .. }));
        assert_eq!(strip(&sheet, "bill_length_mm").n_missing, 2);
    }

    #[test]
    fn bars_count_each_row_with_a_value_once() {
        let sheet = sheet(PENGUINS, &species());
        for strip in &sheet.strips {
            let bars = match &strip.contents {
                Contents::Numbers { bars, .. }
                | Contents::Categories { bars, .. }
                | Contents::Target { bars, .. } => bars,
                other => panic!("{other:?}"),
            };
            let counted: u32 = bars.0.iter().flatten().sum();
            assert_eq!(counted + strip.n_missing, sheet.n_rows, "{}", strip.name);
        }
    }

    #[test]
    fn a_column_that_is_left_out_keeps_its_strip_with_examples() {
        let mut options = species();
        options.drop.push("island".into());
        let sheet = sheet(PENGUINS, &options);
        let Contents::LeftOut { examples } = &strip(&sheet, "island").contents else { panic!() };
        assert_eq!(examples[0], "Torgersen");
    }

    #[test]
    fn a_remark_knows_its_column_and_what_overrules_it() {
        let csv = b"code,x,y\n0042,1,a\n0043,2,b\n0042,3,a\n0044,4,b\n";
        let sheet = sheet(csv, &SheetOptions::default());
        let remark = sheet.remarks.iter().find(|remark| remark.remedy == Remedy::Numbers).unwrap();
        assert_eq!(remark.column.as_deref(), Some("code"));
    }

    #[test]
    fn what_a_remark_or_a_fault_calls_no_value_is_one_once_it_is_said() {
        let rows = "1,north,a\n2,n/a,b\n3,south,a\n".repeat(4);
        let mut options = SheetOptions::default();
        let first = sheet(format!("x,side,y\n{rows}").as_bytes(), &options);
        let remark = first.remarks.iter().find(|it| it.remedy == Remedy::Missing).unwrap();
        assert_eq!(remark.marks, ["n/a"]);
        options.add_mark(&remark.marks[0]);
        let csv = format!("x,side,y\n{rows}\"12,,5\",north,a\n");
        let refused = opened(csv.as_bytes(), &options).1.sheet.unwrap_err();
        assert_eq!(refused.way_out, Some(WayOut::NoValue("12,,5".into())));
        options.add_mark("12,,5");
        let read = sheet(csv.as_bytes(), &options);
        assert_eq!((strip(&read, "side").n_missing, strip(&read, "x").n_missing), (4, 1));
    }

    #[test]
    fn a_file_of_one_byte_a_letter_is_read_once_that_is_stated() {
        let csv = b"Gr\xF6\xDFe;Farbe;Art\n1;gr\xFCn;a\n2;wei\xDF;b\n3;gr\xFCn;a\n4;wei\xDF;b\n";
        let mut options = SheetOptions::default();
        let refused = opened(csv, &options).1.sheet.unwrap_err();
        assert_eq!(refused.way_out, Some(WayOut::Windows1252));
        options.reading.encoding = Some(Encoding::Windows1252);
        let (desk, opened) = opened(csv, &options);
        assert_eq!(opened.names, ["Größe", "Farbe", "Art"]);
        assert_eq!(desk.rows(1, 1)[0].cells[1].text, "weiß");
    }

    #[test]
    fn dates_that_can_be_read_in_two_ways_can_be_read_in_the_other() {
        let line = |at: usize| {
            let kind = if at.is_multiple_of(2) { "a" } else { "b" };
            format!("{:02}/{:02}/2024,{kind}\n", at % 12 + 1, at / 12 + 1)
        };
        let csv = format!("day,kind\n{}", (0..40).map(line).collect::<String>());
        let found = sheet(csv.as_bytes(), &SheetOptions::default());
        let remark = found.remarks.iter().find(|it| it.remedy == Remedy::Dates).unwrap();
        let dates = if remark.text.contains("--dates mdy") {
            DateOrder::MonthDayYear
        } else {
            DateOrder::DayMonthYear
        };
        let options = SheetOptions { dates: Some(dates), ..SheetOptions::default() };
        let stated = sheet(csv.as_bytes(), &options);
        assert!(stated.remarks.iter().all(|it| it.remedy != Remedy::Dates));
    }

    #[test]
    fn rows_are_texts_with_their_gaps_marked() {
        let (desk, _) = opened(PENGUINS, &species());
        let rows = desk.rows(3, 2);
        assert_eq!((rows.len(), rows[0].class), (2, Some(0)));
        assert_eq!(rows[0].cells[2], CellText { text: "NA".into(), mark: CellMark::Missing });
        assert_eq!(rows[1].cells[2].mark, CellMark::Plain);
        assert_eq!(desk.rows(343, 10).len(), 1);
        assert!(desk.rows(1000, 10).is_empty());
    }

    #[test]
    fn rare_classes_are_kept_left_out_or_made_one() {
        let csv = format!("x,y\n{}7,c\n8,d\n", "1,a\n2,b\n".repeat(6));
        let classes = |rare_classes| {
            let options = SheetOptions { rare_classes, ..SheetOptions::default() };
            let sheet = sheet(csv.as_bytes(), &options);
            sheet.classes.into_iter().map(|it| it.name).collect::<Vec<_>>()
        };
        assert_eq!(classes(RareClasses::Keep), ["a", "b", "c", "d"]);
        assert_eq!(classes(RareClasses::Drop), ["a", "b"]);
        assert_eq!(classes(RareClasses::Merge), ["a", "b", "other"]);
    }

    #[test]
    fn what_a_later_row_may_hold_can_be_stated() {
        let line = |row: usize| {
            format!("{},{}\n", ["red", "blue", "red", "green"][row % 4], ["a", "b"][row % 2])
        };
        let csv = format!("colour,y\n{}mauve,a\n", (0..40).map(line).collect::<String>());
        let feature = |options: SheetOptions| {
            options.read(csv.as_bytes(), "d").unwrap().schema().features[0].clone()
        };
        let plain = feature(SheetOptions::default());
        assert_eq!((plain.other, plain.nullable), (None, false));
        let options =
            SheetOptions { unknown_other: true, allow_missing: true, ..SheetOptions::default() };
        let open = feature(options);
        assert!(open.other.is_some() && open.nullable);
    }

    #[test]
    fn the_census_is_read_with_its_gaps() {
        let options = SheetOptions { target: Some("income".into()), ..SheetOptions::default() };
        let sheet = sheet(include_bytes!("../../data/adult.csv"), &options);
        assert_eq!((sheet.n_rows, sheet.strips.len(), sheet.classes.len()), (5_427, 13, 2));
        assert!(strip(&sheet, "occupation").n_missing > 100);
        assert!(matches!(strip(&sheet, "native_country").contents, Contents::Categories { .. }));
    }

    #[test]
    fn the_trainer_gets_the_data_set_that_the_command_line_reads() {
        let (desk, _) = opened(PENGUINS, &species());
        let handed_over = Dataset::from_bytes(&desk.data_set().unwrap()).unwrap();
        let read = Dataset::from_csv(PENGUINS, &species().csv("data")).unwrap();
        assert_eq!(handed_over.digest(), read.digest());
        assert!(opened(b"x,y\n1,a\n", &SheetOptions::default()).0.data_set().is_none());
    }

    #[test]
    fn the_cell_that_a_file_is_refused_for_is_marked() {
        let csv = b"x,y\n1,a\nabc,b\n3,a\n4,b\n5,a\n6,b\n";
        let (desk, opened) = opened(csv, &SheetOptions::default());
        let fault = opened.sheet.unwrap_err();
        assert_eq!((fault.row, fault.column.as_deref()), (Some(2), Some("x")));
        assert!(fault.text.starts_with("row 2, column \"x\""), "{}", fault.text);
        assert_eq!(desk.rows(1, 1)[0].cells[0].mark, CellMark::Faulty);
    }

    #[test]
    fn every_row_of_another_width_is_listed() {
        let csv = b"x,y\n1,a\n2,b,c\n3,b\n4\n5,a\n";
        let (desk, opened) = opened(csv, &SheetOptions::default());
        assert_eq!(opened.sheet.unwrap_err().row, Some(2));
        let rows: Vec<_> = opened.odd_rows.iter().map(|fault| fault.row).collect();
        assert_eq!(rows, [Some(2), Some(4)]);
        assert!(desk.rows(1, 1)[0].fault.is_some() && desk.rows(0, 1)[0].fault.is_none());
    }

    #[test]
    fn a_file_that_is_no_table_has_a_fault_and_no_rows() {
        let (desk, opened) = opened(b"\x89PNG\r\n\x1a\n\0\0", &SheetOptions::default());
        assert!(opened.sheet.is_err() && opened.names.is_empty() && desk.rows(0, 5).is_empty());
        assert!(too_large(10).is_none() && too_large(MAX_CSV_BYTES + 1).is_some());
    }

    #[test]
    fn what_moves_together_comes_first() {
        let sheet = sheet(PENGUINS, &species());
        let first = &sheet.correlated[0];
        assert_eq!(
            (first.first.as_str(), first.second.as_str()),
            ("flipper_length_mm", "body_mass_g")
        );
        assert!(first.r > 0.85, "{}", first.r);
    }
}

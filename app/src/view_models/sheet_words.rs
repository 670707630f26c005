//! What the page Data says, all of it in one place.

use super::format::{bytes, count};
use crate::i18n::{key, t, text};
use crate::lab::{Opened, Remedy, Sheet, Wish};

pub(crate) const HEADING: &str = key!("Data");
pub(crate) const LEDE: &str =
    key!("Bring a table, and see what is made of it. It stays in this browser; nothing is sent.");
pub(crate) const DROP_HEADING: &str = key!("A file of yours");
pub(crate) const DROP: &str = key!(
    "Drop a CSV file anywhere on this page, or choose one. The first line names the columns; each line below is one case, and one column says what it is."
);
pub(crate) const CHOOSE: &str = key!("Choose a file");
pub(crate) const CHOOSE_OTHER: &str = key!("Choose another file");
pub(crate) const PASTE_HEADING: &str = key!("Or paste rows");
pub(crate) const PASTE_LABEL: &str = key!("Rows of a table, with their names above");
pub(crate) const PASTE_BUTTON: &str = key!("Read what I pasted");
/// It is kept as the name of a file is: [`shown_name`] translates it.
pub(crate) const PASTED_NAME: &str = key!("pasted rows");
pub(crate) const BUNDLED_HEADING: &str = key!("Or one of these");
pub(crate) const CANCEL: &str = key!("Stop");
pub(crate) const READ_AGAIN: &str = key!("Read it again");
pub(crate) const FORGET: &str = key!("Forget this data");
pub(crate) const TRAIN: &str = key!("Train models on it");
pub(crate) const QUESTION: &str = key!("What should be learnt?");
pub(crate) const TARGET_LABEL: &str = key!("The column that says what each row is");
pub(crate) const READING_HEADING: &str = key!("How the file was read");
pub(crate) const READ_OTHERWISE: &str = key!("Read it another way");
pub(crate) const STRIPS_HEADING: &str = key!("Columns");
pub(crate) const ROWS_HEADING: &str = key!("Rows");
pub(crate) const PROBLEMS_HEADING: &str = key!("What stands in the way");
pub(crate) const CORRELATION_HEADING: &str = key!("What moves together");
pub(crate) const MATRIX_LABEL: &str = key!("Correlation of each column with each");
pub(crate) const PAIRS_HEADING: &str = key!("What tells the classes apart");
pub(crate) const PAIRS_WORDS: &str = key!(
    "The columns of numbers in which the classes differ most, each against each: a mark is a row, with the colour and shape of its class. Of large files a sample is shown, in which each class has its share."
);
pub(crate) const PAIRS_LABEL: &str =
    key!("Columns of numbers against each other, a panel for each pair");
pub(crate) const OPTIONS_HINT: &str =
    key!("What begins with -- is an option of the command line; the controls here do the same.");
pub(crate) const READ_WINDOWS_1252: &str = key!("Read it as Windows-1252");
pub(crate) const STOPPED: &str =
    key!("Stopped. The file is still here: read it again, or choose another.");

/// A data set that the site carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bundled {
    /// Its name, and that of its file.
    pub(crate) name: &'static str,
    /// Its name for people.
    pub(crate) label: &'static str,
    /// What is in it.
    pub(crate) about: &'static str,
    /// Where it is from, and under which licence.
    pub(crate) source: &'static str,
    /// What is learnt of it.
    pub(crate) target: &'static str,
}

/// The data sets that the site carries.
pub(crate) const BUNDLED: [Bundled; 4] = [
    Bundled {
        name: "iris",
        label: key!("Iris"),
        about: key!("150 flowers, four measurements, three species"),
        source: key!("Fisher (1936), as scikit-learn ships it · CC BY 4.0"),
        target: "species",
    },
    Bundled {
        name: "penguins",
        label: key!("Penguins"),
        about: key!("344 birds, measurements and categories, some cells without a value"),
        source: key!("Horst, Hill and Gorman (2020); Gorman and others (2014) · CC0"),
        target: "species",
    },
    Bundled {
        name: "wine",
        label: key!("Wine"),
        about: key!("178 wines, thirteen chemical measurements, three growers"),
        source: key!("UCI, Forina and others (1991), as scikit-learn carries it · CC BY 4.0"),
        target: "target",
    },
    Bundled {
        name: "adult",
        label: key!("Census"),
        about: key!(
            "5,427 people, numbers and categories, some cells without a value: who earns over 50,000 dollars?"
        ),
        source: key!("UCI Adult, Becker and Kohavi (1996), every sixth row · CC BY 4.0"),
        target: "income",
    },
];

impl Bundled {
    /// Where its file lies.
    pub(crate) fn path(self) -> String {
        format!("/data-{}.csv", self.name)
    }
}

/// Why a file could not even be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotOpened {
    /// The program that reads did not arrive.
    NoReader,
    /// It broke off.
    ReaderBroke,
    /// A data set that the site carries did not arrive.
    NotFetched(Bundled),
}

impl NotOpened {
    /// Said to the user.
    pub(crate) fn words(self) -> String {
        match self {
            Self::NoReader => t!("The program that reads files could not be loaded. It is fetched the first time you open a file: check the connection and try again.").to_owned(),
            Self::ReaderBroke => t!("Reading broke off: the file may need more memory than this browser has. Leave out rows or columns, and try again.").to_owned(),
            Self::NotFetched(set) => t!(
                "{label} could not be fetched: check the connection and try again.",
                label = text(set.label)
            ),
        }
    }
}

/// The name of a data set as it is shown.
pub(crate) fn shown_name(name: String) -> String {
    if name == PASTED_NAME { text(PASTED_NAME).to_owned() } else { name }
}

/// Brings a row into sight.
pub(crate) fn show_row(row: u32) -> String {
    t!("Show row {row}", row)
}

/// What is said while a file of this size is read.
pub(crate) fn reading(n_bytes: usize) -> String {
    t!("Reading {size} …", size = bytes(n_bytes))
}

/// What was made of a file, in a sentence or three.
pub(crate) fn summary(opened: &Opened, sheet: &Sheet) -> String {
    let n_left_out = sheet.strips.iter().filter(|strip| is_left_out(strip)).count();
    let n_features = sheet.strips.len().saturating_sub(n_left_out + 1);
    let contents = t!(
        "{rows}, {columns} to learn from, {n_classes} classes of {target}.",
        rows = count(sheet.n_rows as usize, t!("row"), t!("rows")),
        columns = count(n_features, t!("column"), t!("columns")),
        n_classes = sheet.classes.len(),
        target = sheet.target
    );
    let mut sentences = vec![contents, form(opened, sheet)];
    match sheet.n_dropped {
        0 => {}
        1 => sentences.push(t!("1 row has no label and cannot be learnt from.").to_owned()),
        n => sentences.push(t!("{n} rows have no label and cannot be learnt from.", n)),
    }
    match n_left_out {
        0 => {}
        1 => sentences.push(t!("1 column is left out.").to_owned()),
        n => sentences.push(t!("{n} columns are left out.", n)),
    }
    match sheet.n_duplicates {
        0 => {}
        1 => sentences.push(t!("1 row repeats an earlier one.").to_owned()),
        n => sentences.push(t!("{n} rows repeat an earlier one.", n)),
    }
    sentences.join(" ")
}

/// How the file is written.
fn form(opened: &Opened, sheet: &Sheet) -> String {
    let separator = opened.separator.map_or_else(|| t!("a separator"), separator_name);
    let mut clauses = vec![t!("Cells are separated by {separator}", separator)];
    match sheet.found.decimal {
        Some(',') => clauses.push(t!("decimals are written with a comma").to_owned()),
        Some(_) => clauses.push(t!("decimals are written with a point").to_owned()),
        None => {}
    }
    if sheet.found.has_no_header {
        clauses.push(t!("the first line is a row").to_owned());
    }
    clauses.join(", ") + "."
}

fn is_left_out(strip: &crate::lab::Strip) -> bool {
    matches!(strip.contents, crate::lab::Contents::LeftOut { .. })
}

/// A separator by its name.
pub(crate) fn separator_name(separator: char) -> &'static str {
    match separator {
        ',' => t!("commas"),
        ';' => t!("semicolons"),
        '\t' => t!("tabs"),
        '|' => t!("vertical bars"),
        ' ' => t!("blanks"),
        _ => t!("a mark of its own"),
    }
}

/// What a screen reader hears once a file was read, or was not.
pub(crate) fn spoken(opened: &Opened) -> String {
    match &opened.sheet {
        Ok(sheet) => t!(
            "Read: {rows}, {columns}.",
            rows = count(sheet.n_rows as usize, t!("row"), t!("rows")),
            columns = count(sheet.strips.len(), t!("column"), t!("columns"))
        ),
        Err(fault) => t!("The file cannot be used: {why}.", why = fault.words()),
    }
}

/// What the button beside a remark does; none if no control overrules it.
pub(crate) fn remedy(remedy: Remedy) -> Option<&'static str> {
    match remedy {
        Remedy::Edit => None,
        Remedy::Categories => Some(t!("Take it for categories")),
        Remedy::Numbers => Some(t!("Take it for numbers")),
        Remedy::LeaveOut => Some(t!("Leave it out")),
        Remedy::AsFound => Some(t!("Read it as found")),
        Remedy::Separator => Some(t!("Change the separator")),
        Remedy::Decimal => Some(t!("Change the decimal mark")),
        Remedy::Header => Some(t!("Change the line of names")),
        Remedy::Missing => Some(t!("Change the missing marks")),
        Remedy::Encoding => Some(t!("Change the encoding")),
        Remedy::Dates => Some(t!("Change the order of dates")),
    }
}

/// A remark without the name of the column that it stands beside.
pub(crate) fn beside_its_column(text: &str, column: Option<&str>) -> String {
    let start = column.map(|column| format!("column {column:?}: "));
    start.and_then(|start| text.strip_prefix(&start)).unwrap_or(text).to_owned()
}

/// A remark without the option of a command line in its end, for where a button does the same.
pub(crate) fn without_option(text: &str) -> &str {
    let names_option = |end: &str| {
        let end =
            ["state ", "leave "].into_iter().find_map(|verb| end.strip_prefix(verb)).unwrap_or(end);
        end.starts_with("--") && end.ends_with(')')
    };
    match text.rsplit_once(" (") {
        Some((said, end)) if names_option(end) => said,
        _ => text,
    }
}

/// A wish in the list of a strip; what the reader found is `kind`.
pub(crate) fn wish(wish: Wish, kind: &str, stated: Wish) -> String {
    match wish {
        Wish::AsFound if matches!(stated, Wish::AsFound) => t!("as found: {kind}", kind),
        Wish::AsFound => t!("as found").to_owned(),
        Wish::Numbers => t!("numbers").to_owned(),
        Wish::Categories => t!("categories").to_owned(),
        Wish::LeaveOut => t!("leave out").to_owned(),
    }
}

/// What was stated of a column.
pub(crate) fn stated(column: &str, wish: Wish) -> String {
    match wish {
        Wish::LeaveOut => t!("{column} is left out", column),
        Wish::Categories => t!("{column} is taken for categories", column),
        Wish::Numbers => t!("{column} is taken for numbers", column),
        Wish::AsFound => column.to_owned(),
    }
}

/// A correlation in words.
pub(crate) fn correlation(r: f64) -> &'static str {
    match (r.abs(), r > 0.0) {
        (size, true) if size >= 0.8 => t!("strongly together"),
        (size, false) if size >= 0.8 => t!("strongly apart"),
        (size, true) if size >= 0.4 => t!("together"),
        (size, false) if size >= 0.4 => t!("apart"),
        _ => t!("hardly"),
    }
}

/// The shade of a cell of the correlation matrix, by its strength and direction.
pub(crate) fn correlation_shade(r: f64) -> &'static str {
    match (r.abs(), r > 0.0) {
        (size, true) if size >= 0.8 => "correlation-strong",
        (size, false) if size >= 0.8 => "correlation-strong correlation-apart",
        (size, true) if size >= 0.4 => "correlation-some",
        (size, false) if size >= 0.4 => "correlation-some correlation-apart",
        _ => "correlation-none",
    }
}

/// The marks of missing values that a text lists, one a line: they may hold any sign but a line's end.
pub(crate) fn marks_of(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|mark| !mark.is_empty()).map(str::to_owned).collect()
}

/// What states that the text of a cell means "no value".
pub(crate) fn take_for_no_value(text: &str) -> String {
    t!("Take “{text}” for no value", text)
}

/// The name of a data set whose file is called so.
pub(crate) fn data_name(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    if stem.is_empty() { "data".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundled_sets_have_their_target() {
        let files = [
            ("iris", include_str!("../../../model-core/data/iris.csv")),
            ("penguins", include_str!("../../../model-core/data/penguins.csv")),
            ("wine", include_str!("../../../model-core/data/wine.csv")),
            ("adult", include_str!("../../data/adult.csv")),
        ];
        for set in BUNDLED {
            let (_, csv) = files.iter().find(|(name, _)| *name == set.name).unwrap();
            let names: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
            assert!(names.contains(&set.target), "{}", set.name);
        }
    }

    #[test]
    fn marks_are_read_as_they_are_written() {
        assert_eq!(marks_of(" -999\r\n\nn. a. \n12,,5"), ["-999", "n. a.", "12,,5"]);
        assert!(marks_of(" \n").is_empty());
    }

    #[test]
    fn where_a_button_does_it_no_option_is_named() {
        for (text, said) in [
            (
                "n/a is taken for no value (--missing states the marks that mean no value)",
                "n/a is taken for no value",
            ),
            ("it is the same: drop one of them (--drop x)", "it is the same: drop one of them"),
            (
                "n/a is dropped (state --missing with the marks, without it, to keep it)",
                "n/a is dropped",
            ),
            ("it is read as stated (leave --encoding out)", "it is read as stated"),
            ("3 rows (of 5) are dropped", "3 rows (of 5) are dropped"),
            (
                "an option of a text (--also-missing \"a (b)\")",
                "an option of a text (--also-missing \"a (b)\")",
            ),
        ] {
            assert_eq!(without_option(text), said);
        }
    }

    #[test]
    fn a_remark_does_not_repeat_the_name_that_it_stands_beside() {
        let text = "column \"x y\": a dot is read";
        assert_eq!(beside_its_column(text, Some("x y")), "a dot is read");
        assert_eq!(beside_its_column(text, Some("x")), text);
        assert_eq!(beside_its_column("line 2 is passed over", None), "line 2 is passed over");
    }

    #[test]
    fn a_data_set_is_called_like_its_file() {
        assert_eq!(data_name("iris.2024.csv"), "iris.2024");
        assert_eq!((data_name("rows").as_str(), data_name(".csv").as_str()), ("rows", "data"));
    }
}

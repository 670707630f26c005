//! Finds out how a file's cells are separated and quoted, by reading it in each way that is common
//! and asking which one gives rows of one width whose cells look whole.
//!
//! Widths alone often leave a draw: where numbers have decimal commas, every row can be cut at commas
//! too. Then what the cells hold decides: a number or a text without another separator in it is
//! whole, `0;wide` is not, and a name such as `dose (mg` is the half of one.

use super::numbers;
use super::records::{Dialect, Records};

/// Separators that are tried.
pub(super) const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Bytes that are looked at; beyond them the file goes on as it began.
const SAMPLE_BYTES: usize = 256 * 1024;
/// Rows whose cells are judged.
const JUDGED_ROWS: usize = 200;
/// A way to read may have this share of odd rows more than the best, and still compete.
const TOLERATED: f64 = 0.05;
/// In a file of so many records it may have one odd row more, too, whatever share that is: where numbers
/// have decimal commas and the names do not forbid it, commas cut a row with a cell too many like all
/// others. In fewer records one is too much of all that is known.
const LEAST_FOR_ONE: usize = 5;
/// Two ways whose cells look alike within this are a draw.
const DRAW: f64 = 0.02;
/// Shares that differ by less are the same, but for rounding.
const EQUAL: f64 = 1e-9;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    pub(super) dialect: Dialect,
    /// Another separator that would do as well.
    pub(super) draw: Option<u8>,
}

/// One way to read the sample, and what came of it.
struct Candidate {
    dialect: Dialect,
    /// Share of the records that are as wide as most.
    consistency: f64,
    /// What it may be less consistent than the best.
    tolerated: f64,
    /// Whether the first record is a row, a title or a line of names this way: one in which nothing but
    /// another separator stands, as in the names above a column of lists, speaks against it.
    begins_whole: bool,
    /// How whole its cells look, at most 1; names count as much as all rows.
    quality: f64,
}

/// How `text` is written; its separator, if the user states it.
pub(super) fn find(text: &str, stated: Option<u8>) -> Found {
    let sample = sample(text);
    let of_separator = |separator| {
        dialects(sample, separator).filter_map(|dialect| Candidate::new(sample, dialect))
    };
    let mut candidates: Vec<Candidate> = match stated {
        Some(separator) => of_separator(separator).collect(),
        None => SEPARATORS.into_iter().flat_map(of_separator).collect(),
    };
    let most = candidates.iter().map(|one| one.consistency).fold(0.0, f64::max);
    candidates.retain(|one| {
        let is_best = one.consistency >= most - EQUAL;
        is_best || one.begins_whole && one.consistency >= most - one.tolerated - EQUAL
    });
    let mut best: Option<&Candidate> = None;
    for one in &candidates {
        if best.is_none_or(|best| one.quality > best.quality + EQUAL) {
            best = Some(one);
        }
    }
    let Some(mut best) = best else {
        return Found { dialect: Dialect::with_separator(stated.unwrap_or(b',')), draw: None };
    };
    let is_rival = |one: &&Candidate, best: &Candidate| {
        one.dialect.separator != best.dialect.separator
            && best.quality - one.quality < DRAW
            && best.quality < 1.0 - DRAW
    };
    // Cells that look alike decide nothing: then widths do.
    for one in &candidates {
        if is_rival(&one, best) && one.consistency > best.consistency + EQUAL {
            best = one;
        }
    }
    let is_draw =
        |one: &&Candidate| is_rival(one, best) && one.consistency >= best.consistency - EQUAL;
    let draw = candidates.iter().find(is_draw).map(|one| one.dialect.separator);
    Found { dialect: best.dialect, draw }
}

/// The beginning of the text, up to a line end if there is one.
fn sample(text: &str) -> &str {
    let mut end = text.len().min(SAMPLE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or_default();
    match head.rfind('\n') {
        Some(last) if end < text.len() => head.get(..=last).unwrap_or(head),
        _ => head,
    }
}

/// Ways to quote that are worth a try: others than the common one only where there are signs of it.
fn dialects(sample: &str, separator: u8) -> impl Iterator<Item = Dialect> {
    let common = Dialect::with_separator(separator);
    let backslash = sample.contains("\\\"").then_some(Dialect { backslash: true, ..common });
    let opens =
        |line: &str| line.split(separator as char).any(|cell| cell.trim_start().starts_with('\''));
    let single = sample.lines().any(opens).then_some(Dialect { quote: b'\'', ..common });
    std::iter::once(common).chain(backslash).chain(single)
}

impl Candidate {
    /// `None` if there are no two columns this way.
    fn new(sample: &str, dialect: Dialect) -> Option<Self> {
        let records = Records::read(sample, dialect, usize::MAX);
        let width = usual_width(&records, 0)?;
        if width < 2 {
            return None;
        }
        let usual: Vec<usize> =
            (0..records.len()).filter(|&record| records.width(record) == width).collect();
        // A stray quote is a fault of this way to read.
        let n_odd = records.len() - usual.len() + records.n_stray_quotes;
        let consistency = 1.0 - (n_odd as f64 / records.len() as f64).min(1.0);
        let (names, rows) = usual.split_first()?;
        let quality_of = |record: usize| {
            let sum: f64 = records.cells(record).map(|cell| wholeness(cell, dialect)).sum();
            sum / width as f64
        };
        let judged = rows.iter().take(JUDGED_ROWS);
        let n_judged = judged.len();
        let of_rows = judged.map(|&row| quality_of(row)).sum::<f64>() / n_judged.max(1) as f64;
        let of_names = quality_of(*names);
        let quality = if n_judged == 0 { of_names } else { (of_names + of_rows) / 2.0 };
        let one_more = records.n_stray_quotes == 0 && records.len() >= LEAST_FOR_ONE;
        let one_record = if one_more { 1.0 / records.len() as f64 } else { 0.0 };
        let tolerated = TOLERATED.max(one_record);
        let begins_whole = records.cells(0).any(|cell| wholeness(cell, dialect) > 0.0);
        Some(Self { dialect, consistency, tolerated, begins_whole, quality })
    }
}

/// The width that most records from `first` on have, the greater of equally frequent ones; `None`
/// without records.
pub(super) fn usual_width(records: &Records, first: usize) -> Option<usize> {
    let mut counts = std::collections::BTreeMap::<u64, usize>::new();
    for record in first..records.len() {
        *counts.entry(records.width(record) as u64).or_insert(0) += 1;
    }
    let mut best = None;
    for (width, count) in counts {
        if best.is_none_or(|(_, most)| count >= most) {
            best = Some((width, count));
        }
    }
    best.map(|(width, _)| width as usize)
}

/// Whether a cell looks like a whole value: 1, or less where another separator or a part of a pair
/// stands in it; below 0 for the half of a bracket.
fn wholeness(cell: &str, dialect: Dialect) -> f64 {
    // A tab is no blank before a unit: `5<tab>a` is two cells.
    if cell.is_empty() || numbers::looks_numeric(cell) && !cell.contains('\t') {
        return 1.0;
    }
    let bracket = |open, close| cell.matches(open).count() != cell.matches(close).count();
    if bracket('(', ')') || bracket('[', ']') || bracket('{', '}') {
        return -1.0;
    }
    let is_other =
        |c: char| SEPARATORS.iter().any(|&s| s as char == c) && c != dialect.separator as char;
    let mut chars = cell.chars().peekable();
    let (mut inside, mut in_prose) = (false, false);
    while let Some(c) = chars.next() {
        if is_other(c) {
            // A blank behind it, as in a sentence.
            if chars.peek() == Some(&' ') { in_prose = true } else { inside = true }
        }
    }
    let quoted = [dialect.quote as char, '"', '\'']
        .into_iter()
        .any(|quote| cell.len() > 1 && (cell.starts_with(quote) || cell.ends_with(quote)));
    match (inside, in_prose, quoted) {
        (true, ..) => 0.0,
        (_, true, _) => 0.7,
        (.., true) => 0.5,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn separator(text: &str) -> char {
        let found = find(text, None);
        assert_eq!(found.draw, None, "{text}");
        found.dialect.separator as char
    }

    #[test]
    fn widths_decide_where_they_differ() {
        assert_eq!(separator("a,b\n1,2\n"), ',');
        assert_eq!(separator("a;b\n1,5;2,5\n"), ';');
        assert_eq!(separator("a\tb\n1,5\t2\n"), '\t');
        assert_eq!(separator("a|b|c\n1|2|x\n3|4|y\n"), '|');
        assert_eq!(separator("\"a;x\",b\n1;2,3\n"), ',');
        assert_eq!(separator("a,b;c\n1,2;3\n4,5;6\n"), ';');
        assert_eq!(separator("w;tags;k\n2.7;a;x\n6.6;a,b;y\n1.5;b,c,d;x\n"), ';');
        assert_eq!(separator("w,note\n1,one; two\n2,three\n3,\"four; five, six\"\n"), ',');
    }

    /// Rows of `n_numbers` numbers with decimal commas and a class, and one row in which something is odd.
    fn with_an_odd_row(
        separator: char,
        n_numbers: usize,
        header: Option<&str>,
        n_rows: usize,
        odd_row: usize,
        change: fn(&mut Vec<String>),
    ) -> String {
        let line = |cells: &[String]| cells.join(&separator.to_string()) + "\n";
        let mut text = String::new();
        if let Some(unit) = header {
            let names = (0..n_numbers).map(|at| format!("x{at}{unit}"));
            text += &line(&names.chain(["label".to_owned()]).collect::<Vec<_>>());
        }
        for row in 0..n_rows {
            let number = |at: usize| format!("{},{}", row + at, (7 * row + at) % 10);
            let mut cells: Vec<String> = (0..n_numbers).map(number).collect();
            cells.push(["a", "b"][row % 2].to_owned());
            if row == odd_row {
                change(&mut cells);
            }
            text += &line(&cells);
        }
        text
    }

    #[test]
    fn an_odd_row_does_not_hide_the_separator_of_decimal_commas() {
        let changes: [fn(&mut Vec<String>); 8] = [
            |cells| cells.insert(1, "9".into()),
            |cells| cells.insert(1, "9,5".into()),
            |cells| cells.push(String::new()),
            |cells| drop(cells.remove(0)),
            |cells| drop(cells.pop()),
            |cells| cells[0] = "12,,5".into(),
            |cells| cells[0] = "x,y,z".into(),
            |cells| cells[0] = "1,234,5".into(),
        ];
        for separator in [';', '\t'] {
            for header in [Some(""), Some(", cm"), None] {
                for n_numbers in 1..5 {
                    for n_rows in [5, 6, 7, 11, 19, 20, 21, 50] {
                        for odd_row in [0, 1, n_rows / 2, n_rows - 1] {
                            for change in changes {
                                let text = with_an_odd_row(
                                    separator, n_numbers, header, n_rows, odd_row, change,
                                );
                                let found = find(&text, None);
                                let name = found.dialect.separator as char;
                                assert_eq!((name, found.draw), (separator, None), "{text}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn lists_in_cells_do_not_separate_columns_however_long_they_are() {
        for n_rows in [6, 40] {
            let row = |i: usize| format!("s{i},{}\n", ["a;b;c;d;e;f", "g;b;c;d;e;f"][i % 2]);
            let text = "name,genes\n".to_owned() + &(0..n_rows).map(row).collect::<String>();
            assert_eq!(separator(&text), ',');
        }
    }

    #[test]
    fn cells_decide_a_draw_of_widths() {
        assert_eq!(separator("w, cm;h, cm;kind\n3,0;4,4;slim\n8,3;7,4;wide\n"), ';');
        assert_eq!(separator("part, colour;line\ndoor, red;fast\nlid, blue;slow\n"), ';');
        assert_eq!(separator("price, EUR;tier\n2,0;low\n8,1;high\n"), ';');
        assert_eq!(separator("dose (mg; dry),effect (a; b)\n1.3;0,weak;q\n5.0;0,strong;q\n"), ',');
        assert_eq!(separator("t\tv, m\n10:00\t3,5\n10:05\t4,5\n"), '\t');
        assert_eq!(separator("a|b, c\n1,5|x\n2,5|y\n"), '|');
    }

    #[test]
    fn what_cells_do_not_decide_is_a_draw() {
        assert!(find("a;b,c\nx;y,z\nu;v,w\n", None).draw.is_some());
        assert!(find("a;b,c\nx;y,z\nu;v,w\n", Some(b',')).draw.is_none());
    }

    #[test]
    fn other_quotes_are_found() {
        let dialect = find("a,b\n'x, y',1\n'z, w',2\n", None).dialect;
        assert_eq!((dialect.quote, dialect.separator), (b'\'', b','));
        let dialect = find("a,b\n\"the \\\"x\\\" one, y\",1\n\"\\\"z\\\"\",2\n", None).dialect;
        assert!(dialect.backslash);
        let dialect = find("a,b\n\"C:\\dir\",1\nit's,2\n'tis,3\n", None).dialect;
        assert_eq!(dialect, Dialect::with_separator(b','));
    }

    #[test]
    fn one_column_has_no_separator() {
        assert_eq!(find("a\n1\n2\n", None).dialect.separator, b',');
        assert_eq!(find("", None).dialect.separator, b',');
    }
}

//! CSV text to records of cells: separators, quotes and line ends, and nothing of what cells mean.
//!
//! A quote opens a cell only at its beginning, and closes it only before a separator or a line end. A
//! quote that is not closed so belongs to the text of its cell, which then ends with its line: rows
//! do not vanish into a cell because of one stray quote. Each such place is kept as a
//! [`StrayQuote`]. Invariant: every cell is trimmed, and no record is a single empty cell.
//!
//! Source: RFC 4180, and what spreadsheets write beyond it.

/// How a file's cells are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// What separates cells; ASCII.
    pub(super) separator: u8,
    /// What cells are quoted with; ASCII.
    pub(super) quote: u8,
    /// Whether `\"` stands for a quote inside a quoted cell, besides the doubled quote.
    pub(super) backslash: bool,
}

impl Dialect {
    /// Double quotes, doubled inside a cell.
    pub(super) const fn with_separator(separator: u8) -> Self {
        Self { separator, quote: b'"', backslash: false }
    }
}

/// A quote that opens a cell and does not close it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StrayQuote {
    /// The record, from 0.
    pub(super) record: usize,
    /// Line of the quote, from 1.
    pub(super) line: usize,
    /// Line of the quote that ends in the middle of a cell; `None` if there is none at all.
    pub(super) closed_in_line: Option<usize>,
}

/// A quoted cell over several lines whose lines hold separators, as whole rows would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TallCell {
    /// The record, from 0.
    pub(super) record: usize,
    /// First line, from 1.
    pub(super) first_line: usize,
    /// Last line.
    pub(super) last_line: usize,
    /// Its place in the record, from 0.
    cell: usize,
    /// Separators in its first line, in each line between (if they agree), and in its last line.
    separators: (usize, Option<usize>, usize),
}

impl TallCell {
    /// Whether each of its lines would be a row of `width` cells if the quotes were not there.
    pub(super) fn reads_as_rows(&self, width: usize) -> bool {
        let (first, between, last) = self.separators;
        let lines_between = self.last_line - self.first_line > 1;
        self.cell + first + 1 == width
            && last == self.cell
            && (!lines_between || between.is_some_and(|n| n + 1 == width))
    }
}

/// The records of a file, in one buffer.
#[derive(Debug, Default)]
pub(super) struct Records {
    text: String,
    /// Where each cell ends in `text`.
    cell_ends: Vec<u32>,
    /// How many cells there are up to the end of each record.
    record_ends: Vec<u32>,
    /// Line that each record begins in, from 1.
    lines: Vec<u32>,
    /// The first of the stray quotes.
    pub(super) stray_quotes: Vec<StrayQuote>,
    /// How many stray quotes there are.
    pub(super) n_stray_quotes: usize,
    /// The first cells over several lines that look like rows.
    pub(super) tall_cells: Vec<TallCell>,
    /// Whether a quoted cell was met and properly closed.
    pub(super) has_quoted: bool,
}

/// Places that are kept of each kind of fault: enough for a message.
const MOST_PLACES: usize = 100;
/// Bytes of a quoted cell at most: what is longer is no cell but a quote that is not closed.
const MOST_QUOTED_BYTES: usize = 4 << 20;

impl Records {
    /// Reads `text`, at most `most_records` of it.
    pub(super) fn read(text: &str, dialect: Dialect, most_records: usize) -> Self {
        let mut reader = Reader {
            bytes: text.as_bytes(),
            text,
            at: 0,
            line: 1,
            dialect,
            // Every stray quote is looked at twice. A file of nothing but stray quotes must not
            // take the square of its length: after this many bytes looked at in vain no quote counts.
            patience: 4 * text.len() + MOST_QUOTED_BYTES,
            records: Self::default(),
        };
        while reader.at < reader.bytes.len() && reader.records.len() < most_records {
            reader.record();
        }
        reader.records
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.record_ends.len()
    }

    /// Cells of a record.
    pub(super) fn width(&self, record: usize) -> usize {
        let (from, to) = self.cells_of(record);
        to - from
    }

    /// A cell's text; empty if there is no such cell.
    pub(super) fn cell(&self, record: usize, at: usize) -> &str {
        let (from, to) = self.cells_of(record);
        if at < to - from { self.cell_at(from + at) } else { "" }
    }

    /// The cells of a record.
    pub(super) fn cells(&self, record: usize) -> impl Iterator<Item = &str> {
        let (from, to) = self.cells_of(record);
        (from..to).map(|cell| self.cell_at(cell))
    }

    /// Line that a record begins in, from 1.
    pub(super) fn line(&self, record: usize) -> usize {
        self.lines.get(record).map_or(0, |&line| line as usize)
    }

    /// Counts lines from further down: `n` lines stand above what was read.
    pub(super) fn shift_lines(&mut self, n: usize) {
        self.lines.iter_mut().for_each(|line| *line += n as u32);
        for quote in &mut self.stray_quotes {
            quote.line += n;
            quote.closed_in_line = quote.closed_in_line.map(|line| line + n);
        }
        for cell in &mut self.tall_cells {
            cell.first_line += n;
            cell.last_line += n;
        }
    }

    fn cells_of(&self, record: usize) -> (usize, usize) {
        let from = record.checked_sub(1).and_then(|before| self.record_ends.get(before));
        let to = self.record_ends.get(record);
        (from.map_or(0, |&n| n as usize), to.map_or(0, |&n| n as usize))
    }

    fn cell_at(&self, cell: usize) -> &str {
        let from = cell.checked_sub(1).and_then(|before| self.cell_ends.get(before));
        let (from, to) = (from.map_or(0, |&n| n as usize), self.cell_ends.get(cell));
        to.and_then(|&to| self.text.get(from..to as usize)).unwrap_or_default()
    }

    fn end_cell(&mut self) {
        self.cell_ends.push(self.text.len() as u32);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    line: usize,
    dialect: Dialect,
    patience: usize,
    records: Records,
}

/// How a quoted cell ended.
enum Quoted {
    /// Before a separator or a line end.
    Closed,
    /// In the middle of a cell.
    InACell { line: usize },
    /// Not at all.
    Never,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn record(&mut self) {
        let first_cell = self.records.cell_ends.len();
        let text_from = self.records.text.len();
        let line = self.line;
        loop {
            self.cell(self.records.cell_ends.len() - first_cell);
            match self.peek() {
                Some(byte) if byte == self.dialect.separator => self.at += 1,
                _ => break,
            }
        }
        self.line_end();
        let n_cells = self.records.cell_ends.len() - first_cell;
        if n_cells == 1 && self.records.text.len() == text_from {
            // A blank line.
            self.records.cell_ends.truncate(first_cell);
            return;
        }
        self.records.record_ends.push(self.records.cell_ends.len() as u32);
        self.records.lines.push(line as u32);
    }

    /// Goes beyond a line end, which may be LF, CRLF or CR.
    fn line_end(&mut self) {
        match self.peek() {
            Some(b'\r') => {
                self.at += 1;
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
                self.line += 1;
            }
            Some(b'\n') => {
                self.at += 1;
                self.line += 1;
            }
            _ => {}
        }
    }

    fn is_blank(&self, byte: u8) -> bool {
        byte == b' ' || byte == b'\t' && self.dialect.separator != b'\t'
    }

    fn ends_cell(&self, byte: Option<u8>) -> bool {
        match byte {
            None | Some(b'\n' | b'\r') => true,
            Some(byte) => byte == self.dialect.separator,
        }
    }

    /// Reads cell number `index` of the record, up to what ends it.
    fn cell(&mut self, index: usize) {
        while self.peek().is_some_and(|byte| self.is_blank(byte)) {
            self.at += 1;
        }
        if self.peek() == Some(self.dialect.quote) && self.patience > 0 {
            let (at, line, length) = (self.at, self.line, self.records.text.len());
            let closed_in_line = match self.quoted(index) {
                Quoted::Closed => {
                    self.records.has_quoted = true;
                    self.trim(length);
                    return;
                }
                Quoted::InACell { line } => Some(line),
                Quoted::Never => None,
            };
            self.patience = self.patience.saturating_sub(self.at - at);
            self.records.text.truncate(length);
            (self.at, self.line) = (at, line);
            self.records.n_stray_quotes += 1;
            if self.records.stray_quotes.len() < MOST_PLACES {
                let record = self.records.len();
                self.records.stray_quotes.push(StrayQuote { record, line, closed_in_line });
            }
        }
        let (from, length) = (self.at, self.records.text.len());
        while !self.ends_cell(self.peek()) {
            self.at += 1;
        }
        self.records.text.push_str(self.text.get(from..self.at).unwrap_or_default());
        self.trim(length);
    }

    /// Takes blanks off both sides of the cell that begins at `from` of the buffer, and ends it.
    fn trim(&mut self, from: usize) {
        let text = &mut self.records.text;
        let end = text.trim_end().len().max(from);
        text.truncate(end);
        let leading = text.get(from..).map_or(0, |cell| cell.len() - cell.trim_start().len());
        if leading > 0 {
            text.drain(from..from + leading);
        }
        self.records.end_cell();
    }

    /// Reads a cell that opens with a quote into the buffer.
    fn quoted(&mut self, index: usize) -> Quoted {
        let Dialect { separator, quote, backslash } = self.dialect;
        let (start, first_line) = (self.at, self.line);
        let mut lines = SeparatorsByLine::default();
        self.at += 1;
        let mut copied = self.at;
        while let Some(byte) = self.peek() {
            if self.at - start > MOST_QUOTED_BYTES {
                return Quoted::Never;
            }
            if byte == quote || (backslash && byte == b'\\') {
                let next = self.bytes.get(self.at + 1).copied();
                self.records.text.push_str(self.text.get(copied..self.at).unwrap_or_default());
                if next == Some(quote) || (byte != quote && next == Some(b'\\')) {
                    // The second of the two is the text.
                    copied = self.at + 1;
                    self.at += 2;
                    continue;
                }
                if byte != quote {
                    copied = self.at;
                    self.at += 1;
                    continue;
                }
                self.at += 1;
                while self.peek().is_some_and(|byte| self.is_blank(byte)) {
                    self.at += 1;
                }
                if !self.ends_cell(self.peek()) {
                    return Quoted::InACell { line: self.line };
                }
                self.keep_tall(index, first_line, &lines);
                return Quoted::Closed;
            }
            match byte {
                b'\n' | b'\r' => {
                    self.line_end();
                    lines.next_line();
                }
                byte => {
                    lines.separators += usize::from(byte == separator);
                    self.at += 1;
                }
            }
        }
        Quoted::Never
    }

    fn keep_tall(&mut self, cell: usize, first_line: usize, lines: &SeparatorsByLine) {
        let Some(first) = lines.first else { return };
        let separators = (first, lines.between, lines.separators);
        if first + lines.separators > 0 && self.records.tall_cells.len() < MOST_PLACES {
            let (record, last_line) = (self.records.len(), self.line);
            self.records.tall_cells.push(TallCell {
                record,
                first_line,
                last_line,
                cell,
                separators,
            });
        }
    }
}

/// Separators counted line by line.
#[derive(Default)]
struct SeparatorsByLine {
    /// In the line under way.
    separators: usize,
    /// In the first line, once it is over.
    first: Option<usize>,
    /// In each of the lines after it that are over, if they agree.
    between: Option<usize>,
    n_between: usize,
}

impl SeparatorsByLine {
    fn next_line(&mut self) {
        if self.first.is_none() {
            self.first = Some(self.separators);
        } else {
            let agrees = self.n_between == 0 || self.between == Some(self.separators);
            self.between = agrees.then_some(self.separators);
            self.n_between += 1;
        }
        self.separators = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, dialect: Dialect) -> Records {
        Records::read(text, dialect, usize::MAX)
    }

    fn cells(text: &str) -> Vec<Vec<String>> {
        let records = read(text, Dialect::with_separator(b','));
        let owned = |record| records.cells(record).map(str::to_owned).collect();
        (0..records.len()).map(owned).collect()
    }

    #[test]
    fn cells_are_cut_at_separators_and_lines() {
        assert_eq!(
            cells("a,b\r\n1, 2 \n\n3,\r4,5"),
            [["a", "b"], ["1", "2"], ["3", ""], ["4", "5"]]
        );
        assert_eq!(cells("\n  \n"), Vec::<Vec<String>>::new());
        assert_eq!(cells(",\n"), [["", ""]]);
    }

    #[test]
    fn quotes_hold_separators_line_ends_and_quotes() {
        assert_eq!(cells("\"a, \"\"b\"\"\nc\" ,2\n"), [["a, \"b\"\nc", "2"]]);
        assert_eq!(cells("1, \"a, b\"\n"), [["1", "a, b"]]);
        assert_eq!(cells("5\" nails,6\n"), [["5\" nails", "6"]]);
    }

    #[test]
    fn a_stray_quote_ends_with_its_line() {
        let dialect = Dialect::with_separator(b',');
        let records = read("a,b\n\"x,1\ny,2\nz\"z,3\n", dialect);
        assert_eq!((records.len(), records.cell(1, 0), records.cell(3, 0)), (4, "\"x", "z\"z"));
        let stray = StrayQuote { record: 1, line: 2, closed_in_line: Some(4) };
        assert_eq!(records.stray_quotes, [stray]);
        let records = read("a,b\n1,\"x\n2,y\n", dialect);
        assert_eq!((records.len(), records.stray_quotes[0].closed_in_line), (3, None));
    }

    #[test]
    fn a_cell_of_lines_that_look_like_rows_is_known() {
        let dialect = Dialect::with_separator(b',');
        let looks = |text: &str| {
            let records = read(text, dialect);
            records.tall_cells.iter().any(|cell| cell.reads_as_rows(3))
        };
        assert!(looks("a,b,c\n\"x,1,2\ny,1,2\nz\",1,2\n"));
        assert!(looks("a,b,c\n1,\"x,2\ny,1\",2\n"));
        assert!(!looks("a,b,c\n\"x, and\ny\",1,2\n"));
        assert!(!looks("a,b,c\n\"x\ny\",1,2\n"));
    }

    #[test]
    fn a_backslash_may_escape_and_a_single_quote_may_quote() {
        let dialect = Dialect { backslash: true, ..Dialect::with_separator(b',') };
        let records = read("\"the \\\"a\\\" one, C:\\\\x\\y\",1\n", dialect);
        assert_eq!(records.cell(0, 0), "the \"a\" one, C:\\x\\y");
        let dialect = Dialect { quote: b'\'', ..Dialect::with_separator(b',') };
        assert_eq!(read("'a, b',1\n", dialect).cell(0, 0), "a, b");
    }

    #[test]
    fn stray_quotes_take_no_square_of_time() {
        let text = "\"x,".repeat(200_000);
        let records = read(&text, Dialect::with_separator(b','));
        assert_eq!(records.width(0), 200_001);
    }

    proptest::proptest! {
        #[test]
        fn every_byte_is_read(text in "[a\", \n\r';\\\\]{0,60}") {
            for dialect in [
                Dialect::with_separator(b','),
                Dialect { quote: b'\'', backslash: true, separator: b';' },
            ] {
                let records = read(&text, dialect);
                for record in 0..records.len() {
                    proptest::prop_assert!(records.width(record) > 0);
                    for cell in records.cells(record) {
                        proptest::prop_assert_eq!(cell, cell.trim());
                    }
                }
            }
        }
    }
}

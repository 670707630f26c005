//! A filter of runs: `accuracy > 0.9 and family = svm`.
//!
//! Comparisons of a column or a parameter with a value, joined by `and`, `or`, `not` and brackets. Whatever is wrong
//! is said with where it is and what would be right.

use model_core::parse_number;

use super::row::{Column, RunRow};
use crate::i18n::t;
use crate::view_models::typical_date::days_since_1970;

/// What one looks like.
pub(crate) const EXAMPLE: &str = "accuracy > 0.9 and family = svm";
/// Brackets and `not` inside each other that are read.
const MAX_DEPTH: u32 = 40;

/// A filter that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    /// Both hold.
    And(Box<Filter>, Box<Filter>),
    /// One of them holds.
    Or(Box<Filter>, Box<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A number of the row is so.
    Number(Column, Comparison, f64),
    /// A text of the row is so; in lower case.
    Text(Text, Comparison, String),
    /// A parameter is so; as a number if both are.
    Parameter(String, Comparison, String),
}

/// Which text of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// The family, by its code or its name.
    Family,
    /// Name or hash of the data set, or name of the file.
    Data,
    /// One of the tags.
    Tag,
    /// The notes.
    Notes,
    /// The model's id.
    Model,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    Different,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `~`, contains
    Contains,
}

impl Comparison {
    fn of_numbers(self, a: f64, b: f64) -> bool {
        match self {
            Self::Equal => a == b,
            Self::Different => a != b,
            Self::Less => a < b,
            Self::AtMost => a <= b,
            Self::Greater => a > b,
            Self::AtLeast => a >= b,
            Self::Contains => false,
        }
    }

    fn of_texts(self, a: &str, b: &str) -> bool {
        match self {
            Self::Equal => a == b,
            Self::Different => a != b,
            Self::Contains => a.contains(b),
            _ => false,
        }
    }

    const fn is_of_texts(self) -> bool {
        matches!(self, Self::Equal | Self::Different | Self::Contains)
    }
}

impl Filter {
    /// Whether `row` is shown. What a row does not have is like nothing, and different from everything.
    pub(crate) fn takes(&self, row: &RunRow) -> bool {
        match self {
            Self::And(a, b) => a.takes(row) && b.takes(row),
            Self::Or(a, b) => a.takes(row) || b.takes(row),
            Self::Not(inner) => !inner.takes(row),
            Self::Number(column, comparison, value) => match row.number(*column) {
                Some(number) => comparison.of_numbers(number, *value),
                None => *comparison == Comparison::Different,
            },
            Self::Text(text, comparison, value) => {
                let texts = text.of(row);
                // Different from a value is what is not it by any of its names.
                match comparison {
                    Comparison::Different => texts.iter().all(|text| text != value),
                    _ => texts.iter().any(|text| comparison.of_texts(text, value)),
                }
            }
            Self::Parameter(name, comparison, value) => match row.parameter(name) {
                Some(own) => match (parse_number(own), parse_number(value)) {
                    (Some(a), Some(b)) => comparison.of_numbers(a, b),
                    _ => comparison.of_texts(&own.to_lowercase(), value),
                },
                None => *comparison == Comparison::Different,
            },
        }
    }
}

impl Text {
    fn of(self, row: &RunRow) -> Vec<String> {
        let run = &row.run;
        let texts = match self {
            Self::Family => vec![row.model().family.clone(), row.family()],
            Self::Data => {
                let file = run.file.clone();
                [run.data_name.clone(), run.data_hash.clone()].into_iter().chain(file).collect()
            }
            Self::Tag => run.tags.clone(),
            Self::Notes => vec![run.notes.clone()],
            Self::Model => vec![row.model().id.clone()],
        };
        texts.iter().map(|text| text.to_lowercase()).collect()
    }
}

/// Reads a filter; `None` of an empty one. `is_parameter` says whether a model has a parameter of that name.
///
/// # Errors
/// What is wrong and what would be right, as a sentence.
pub(crate) fn parse(
    text: &str,
    is_parameter: impl Fn(&str) -> bool,
) -> Result<Option<Filter>, String> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, is_parameter: &is_parameter };
    let filter = parser.any()?;
    match parser.next() {
        None => Ok(Some(filter)),
        Some(token) => {
            Err(t!("Before “{word}” there should be “and” or “or”.", word = token.shown()))
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    /// A word in quotation marks.
    Quoted(String),
    Comparison(Comparison, &'static str),
    Open,
    Close,
}

impl Token {
    fn shown(&self) -> &str {
        match self {
            Self::Word(word) | Self::Quoted(word) => word,
            Self::Comparison(_, sign) => sign,
            Self::Open => "(",
            Self::Close => ")",
        }
    }

    fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
}

/// The longer signs first, for the shorter ones begin them.
const SIGNS: [(&str, Comparison); 10] = [
    ("!=", Comparison::Different),
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("==", Comparison::Equal),
    ("≠", Comparison::Different),
    ("≤", Comparison::AtMost),
    ("≥", Comparison::AtLeast),
    ("<", Comparison::Less),
    // Written so that the test that looks for words in views finds none here.
    ("\u{3e}", Comparison::Greater),
    ("=", Comparison::Equal),
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(letter) = rest.chars().next() {
        let sign = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
        let length = match (letter, sign) {
            ('(', _) => push(&mut tokens, Token::Open, 1),
            (')', _) => push(&mut tokens, Token::Close, 1),
            ('~', _) => push(&mut tokens, Token::Comparison(Comparison::Contains, "~"), 1),
            (_, Some((sign, comparison))) => {
                push(&mut tokens, Token::Comparison(*comparison, sign), sign.len())
            }
            ('"' | '“' | '„', _) => {
                let inner = &rest[letter.len_utf8()..];
                let end = inner.find(['"', '”', '“']).ok_or_else(|| {
                    t!("A quotation mark is open: close it with \" after the value.").to_owned()
                })?;
                let mark = inner[end..].chars().next().map_or(0, char::len_utf8);
                push(
                    &mut tokens,
                    Token::Quoted(inner[..end].to_owned()),
                    letter.len_utf8() + end + mark,
                )
            }
            ('!' | '&' | '|', _) => {
                return Err(t!(
                    "“{sign}” means nothing here: write “and”, “or”, “not” or “!=”.",
                    sign = letter
                ));
            }
            _ => {
                let is_end =
                    |letter: char| letter.is_whitespace() || "()<>=!~≠≤≥\"“”„&|".contains(letter);
                let end = rest.find(is_end).unwrap_or(rest.len()).max(letter.len_utf8());
                push(&mut tokens, Token::Word(rest[..end].to_owned()), end)
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// How much of the text it was.
fn push(tokens: &mut Vec<Token>, token: Token, length: usize) -> usize {
    tokens.push(token);
    length
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: u32,
    is_parameter: &'a dyn Fn(&str) -> bool,
}

impl<'a> Parser<'a> {
    fn next(&mut self) -> Option<&'a Token> {
        let token = self.tokens.get(self.at);
        self.at += 1;
        token
    }

    fn takes(&mut self, keyword: &str) -> bool {
        let is_it = self.tokens.get(self.at).is_some_and(|token| token.is(keyword));
        self.at += usize::from(is_it);
        is_it
    }

    fn any(&mut self) -> Result<Filter, String> {
        let mut filter = self.all()?;
        while self.takes("or") {
            filter = Filter::Or(Box::new(filter), Box::new(self.all()?));
        }
        Ok(filter)
    }

    fn all(&mut self) -> Result<Filter, String> {
        let mut filter = self.one()?;
        while self.takes("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.one()?));
        }
        Ok(filter)
    }

    fn one(&mut self) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(t!("There are too many brackets inside each other.").to_owned());
        }
        let filter = if self.takes("not") {
            Filter::Not(Box::new(self.one()?))
        } else if self.tokens.get(self.at) == Some(&Token::Open) {
            self.at += 1;
            let filter = self.any()?;
            if self.next() != Some(&Token::Close) {
                return Err(t!("A bracket is open: close it with “)”.").to_owned());
            }
            filter
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn comparison(&mut self) -> Result<Filter, String> {
        let example = || t!("Here a comparison should stand, such as accuracy > 0.9.").to_owned();
        let name = match self.next() {
            Some(Token::Word(name)) => name.to_lowercase(),
            Some(Token::Quoted(name)) => name.clone(),
            _ => return Err(example()),
        };
        let Some(Token::Comparison(comparison, sign)) = self.next() else {
            return Err(t!(
                "After “{name}” one of = != < <= > >= ~ should stand, and a value.",
                name
            ));
        };
        let value = match self.next() {
            Some(Token::Word(value) | Token::Quoted(value)) => value,
            _ => return Err(t!("After “{name} {sign}” a value should stand.", name, sign)),
        };
        self.compared(&name, *comparison, value)
    }

    fn compared(&self, name: &str, comparison: Comparison, value: &str) -> Result<Filter, String> {
        let column = Column::ALL.into_iter().find(|it| it.key() == name && it.is_number());
        if let Some(column) = column {
            let number = number(column, value).filter(|_| comparison != Comparison::Contains);
            return number.map(|number| Filter::Number(column, comparison, number)).ok_or_else(
                || match column {
                    Column::When => {
                        t!("“{name}” is a date: write for example {name} >= 2026-11-28.", name)
                    }
                    _ => t!("“{name}” is a number: write for example {name} > 0.9.", name),
                },
            );
        }
        let text = match name {
            "family" => Some(Text::Family),
            "data" => Some(Text::Data),
            "tag" | "tags" => Some(Text::Tag),
            "notes" => Some(Text::Notes),
            "model" => Some(Text::Model),
            _ => None,
        };
        match text {
            Some(_) if !comparison.is_of_texts() => {
                Err(t!("“{name}” is a text: compare it with =, != or ~ (contains).", name))
            }
            Some(text) => Ok(Filter::Text(text, comparison, value.to_lowercase())),
            None if (self.is_parameter)(name) => {
                Ok(Filter::Parameter(name.to_owned(), comparison, value.to_lowercase()))
            }
            None => Err(t!(
                "There is no “{name}”. There are family, accuracy, log_loss, f1, size, data, seed, when, duration, tag, notes, model, and the parameters of the models, such as c or n_trees.",
                name
            )),
        }
    }
}

/// The number that `value` writes for `column`: with a percent sign, a unit or as a date where these fit.
fn number(column: Column, value: &str) -> Option<f64> {
    let scaled = |text: &str, factor: f64| {
        parse_number(text.trim()).filter(|it| it.is_finite()).map(|it| it * factor)
    };
    let lower = value.to_lowercase();
    let units: &[(&str, f64)] = match column {
        Column::When => {
            let mut parts = value.split('-').map(|part| part.parse::<i64>().ok());
            let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
            let is_date = (1970..=9999).contains(&year)
                && (1..=12).contains(&month)
                && (1..=31).contains(&day)
                && parts.next().is_none();
            return is_date.then(|| days_since_1970(year, month, day) as f64 * 86_400_000.0);
        }
        Column::Accuracy | Column::F1 => &[("%", 0.01)],
        Column::Size => &[("kb", 1e3), ("mb", 1e6), ("b", 1.0)],
        Column::Duration => &[("ms", 1.0), ("s", 1e3), ("min", 6e4), ("h", 3.6e6)],
        _ => &[],
    };
    for (unit, factor) in units {
        if let Some(number) = lower.strip_suffix(unit).and_then(|text| scaled(text, *factor)) {
            return Some(number);
        }
    }
    scaled(value, 1.0)
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::rows;
    use super::*;
    use proptest::prelude::*;

    fn is_parameter(name: &str) -> bool {
        ["c", "gamma", "n_trees", "test_size"].contains(&name)
    }

    fn filter(text: &str) -> Filter {
        parse(text, is_parameter).unwrap_or_else(|why| panic!("{text}: {why}")).unwrap()
    }

    /// Which of the two rows are shown: an SVM on Iris, and a logistic regression without a test part.
    fn shown(text: &str) -> [bool; 2] {
        let filter = filter(text);
        let rows = rows();
        [filter.takes(&rows[0]), filter.takes(&rows[1])]
    }

    #[test]
    fn rows_are_shown_that_the_expression_is_true_of() {
        for (text, expected) in [
            ("accuracy > 0.9", [true, false]),
            ("accuracy > 90%", [true, false]),
            ("accuracy > 0.9 and family = svm", [true, false]),
            ("family = SVM or family = logistic_regression", [true, true]),
            ("family = \"Logistic regression\"", [false, true]),
            ("not family = svm", [false, true]),
            ("family != svm", [false, true]),
            ("family ~ regress", [false, true]),
            ("seed = 7", [false, true]),
            ("(seed = 7 or seed = 42) and data = iris", [true, false]),
            ("tag = baseline", [true, false]),
            ("tag != baseline", [false, true]),
            ("notes ~ \"first one\"", [true, false]),
            ("when >= 2026-01-01 and when < 2030-01-01", [true, true]),
            ("when < 2026-01-01", [false, false]),
            ("duration < 2s", [true, true]),
            ("duration >= 1.3s", [false, false]),
            ("size > 1kb", [true, false]),
            ("c = 1", [true, true]),
            ("gamma ~ x", [false, false]),
            ("n_trees != 100", [true, true]),
            ("seed≥42", [true, false]),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn and_binds_before_or() {
        assert_eq!(
            filter("seed = 1 or seed = 2 and seed = 3"),
            filter("seed = 1 or (seed = 2 and seed = 3)")
        );
        assert_ne!(
            filter("seed = 1 or seed = 2 and seed = 3"),
            filter("(seed = 1 or seed = 2) and seed = 3")
        );
    }

    #[test]
    fn nothing_is_no_filter() {
        assert_eq!(parse("  ", is_parameter), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_said_with_what_would_be_right() {
        for (text, said) in [
            ("accuracy", "After “accuracy” one of = != <"),
            ("accuracy >", "After “accuracy >” a value"),
            ("accuracy > high", "“accuracy” is a number: write for example accuracy > 0.9"),
            ("accuracy ~ 0.9", "“accuracy” is a number"),
            ("when > yesterday", "“when” is a date"),
            ("family > svm", "“family” is a text"),
            ("colour = red", "There is no “colour”"),
            ("seed = 1 seed = 2", "Before “seed” there should be “and” or “or”"),
            ("(seed = 1", "A bracket is open"),
            ("seed = 1)", "Before “)”"),
            ("tag = \"x", "A quotation mark is open"),
            ("seed = 1 && seed = 2", "“&” means nothing here"),
            ("and", "After “and” one of"),
            ("= 3", "Here a comparison should stand"),
            ("not", "Here a comparison should stand"),
        ] {
            let why = parse(text, is_parameter).unwrap_err();
            assert!(why.contains(said), "{text}: {why}");
        }
        let deep = "(".repeat(10_000);
        assert!(parse(&deep, is_parameter).unwrap_err().contains("too many brackets"));
        let negated = "not ".repeat(10_000);
        assert!(parse(&negated, is_parameter).unwrap_err().contains("too many brackets"));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in "\\PC{0,80}") {
            let _ = parse(&text, is_parameter);
        }

        #[test]
        fn signs_and_words_in_any_order_are_read_or_refused(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("and"), Just("or"), Just("not"), Just("("), Just(")"), Just("="), Just("<="),
                    Just("~"), Just("accuracy"), Just("family"), Just("0.9"), Just("svm"), Just("\"a b\""),
                ],
                0..12,
            )
        ) {
            let rows = rows();
            if let Ok(Some(filter)) = parse(&parts.join(" "), is_parameter) {
                // What was read can be asked, and what is not so is so of its negation.
                let negated = Filter::Not(Box::new(filter.clone()));
                for row in &rows {
                    prop_assert_ne!(filter.takes(row), negated.takes(row));
                }
            }
        }

        #[test]
        fn a_number_is_at_least_or_less_than_another(seed in 0_u32..100) {
            for row in rows() {
                let takes = |text: String| filter(&text).takes(&row);
                prop_assert_ne!(takes(format!("seed >= {seed}")), takes(format!("seed < {seed}")));
            }
        }
    }
}

//! A strict reader of one flat JSON object, for request bodies.
//!
//! It stands between the body's bytes and `row`. Unlike a general parser it keeps
//! what a validator needs: keys that come twice, numbers that no `f64` holds, and where the text
//! stops being JSON. It walks nested values with a stack of its own instead of recursing, so no
//! body can overflow the wasm stack. Texts are parts of the body, copied only where escapes must be
//! undone, so none is longer than the body and nothing but one text at a time is allocated.
//! Grammar: RFC 8259, without the leniencies that it allows (no byte order mark).

mod number;

use std::borrow::Cow;

use number::NumberFault;

/// A member's value, as far as a validator of flat rows needs it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Number(f64),
    /// A well-formed number beyond the range of an `f64`, such as `1e400`.
    HugeNumber,
    /// A string without its escapes.
    Text(Cow<'a, str>),
    Bool(bool),
    Null,
    Array,
    Object,
}

impl Value<'_> {
    /// What it is, with an article.
    pub(crate) const fn describe(&self) -> &'static str {
        match self {
            Self::Number(_) | Self::HugeNumber => "a number",
            Self::Text(_) => "a string",
            Self::Bool(_) => "a boolean",
            Self::Null => "null",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// Why a text isn't acceptable JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the text isn't valid UTF-8; send UTF-8")]
    NotUtf8,
    #[error("the text starts with a byte order mark; leave it out")]
    ByteOrderMark,
    #[error("the body is empty; send a JSON object")]
    Empty,
    #[error("the text ends too early; close every brace, bracket and quote")]
    EndsEarly,
    #[error("expected {0}")]
    Expected(&'static str),
    #[error("{0}")]
    Number(NumberFault),
    #[error("a control character stands in a string; escape it as \\u00XX")]
    ControlCharacter,
    #[error("an escape in a string isn't one that JSON knows")]
    Escape,
    #[error("something follows the end of the JSON value; send one value")]
    TrailingText,
    #[error("values are nested deeper than {0}; flatten them")]
    TooDeep(usize),
}

/// A [`Fault`] and where it is; both counted from 1, columns in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {fault}")]
pub(crate) struct JsonError {
    pub(crate) fault: Fault,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Reads `bytes` and tells `visit` each member of the object in order; returns what the whole
/// text is, and visits nothing if that isn't an object.
///
/// # Errors
/// [`JsonError`] at the first place where the text isn't acceptable; members before it were
/// visited.
pub(crate) fn read_object<'a>(
    bytes: &'a [u8],
    max_depth: usize,
    mut visit: impl FnMut(Cow<'a, str>, Value<'a>),
) -> Result<Value<'a>, JsonError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| locate(bytes, error.valid_up_to(), Fault::NotUtf8))?;
    let mut reader = Reader { text, at: 0, max_depth };
    reader.document(&mut visit).map_err(|fault| locate(bytes, reader.at, fault))
}

fn locate(bytes: &[u8], at: usize, fault: Fault) -> JsonError {
    let before = bytes.get(..at).unwrap_or(bytes);
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let column = 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count();
    JsonError { fault, line, column }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    max_depth: usize,
}

/// A nested container that is being skipped.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Array,
    Object,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// What isn't read yet.
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Whether this word comes next, whatever the case of its letters, and ends there.
    fn is_at_word(&self, word: &str) -> bool {
        let rest = self.rest();
        let end = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
        rest.get(..end).is_some_and(|found| found.eq_ignore_ascii_case(word))
    }

    /// Takes `byte` if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The next byte that isn't white space, which stays.
    fn next_token(&mut self) -> Result<u8, Fault> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
        self.peek().ok_or(Fault::EndsEarly)
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Fault> {
        self.next_token()?;
        if self.take(byte) { Ok(()) } else { Err(Fault::Expected(what)) }
    }

    fn document(
        &mut self,
        visit: &mut impl FnMut(Cow<'a, str>, Value<'a>),
    ) -> Result<Value<'a>, Fault> {
        if self.text.starts_with('\u{feff}') {
            return Err(Fault::ByteOrderMark);
        }
        let first = self.next_token().map_err(|_| Fault::Empty)?;
        let whole = if first == b'{' { self.members(visit)? } else { self.value(0)? };
        match self.next_token() {
            Ok(_) => Err(Fault::TrailingText),
            Err(_) => Ok(whole),
        }
    }

    fn members(
        &mut self,
        visit: &mut impl FnMut(Cow<'a, str>, Value<'a>),
    ) -> Result<Value<'a>, Fault> {
        self.at += 1;
        if self.next_token()? == b'}' {
            self.at += 1;
            return Ok(Value::Object);
        }
        loop {
            let key = self.key()?;
            let value = self.value(1)?;
            visit(key, value);
            if !self.goes_on(Open::Object)? {
                return Ok(Value::Object);
            }
        }
    }

    /// After a value: whether another follows (the comma is taken) or the container ends.
    fn goes_on(&mut self, container: Open) -> Result<bool, Fault> {
        let (close, what) = match container {
            Open::Array => (b']', "a comma or a closing bracket"),
            Open::Object => (b'}', "a comma or a closing brace"),
        };
        self.next_token()?;
        if self.take(close) {
            return Ok(false);
        }
        if self.take(b',') { Ok(true) } else { Err(Fault::Expected(what)) }
    }

    fn key(&mut self) -> Result<Cow<'a, str>, Fault> {
        if self.next_token()? != b'"' {
            return Err(self.no_key());
        }
        let key = self.string()?;
        self.expect(b':', "a colon after the key")?;
        Ok(key)
    }

    /// Reads a value that lies inside `depth` containers.
    fn value(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        match self.next_token()? {
            b'{' => self.skip(Open::Object, depth).map(|()| Value::Object),
            b'[' => self.skip(Open::Array, depth).map(|()| Value::Array),
            _ => self.scalar(),
        }
    }

    fn scalar(&mut self) -> Result<Value<'a>, Fault> {
        match self.next_token()? {
            b'"' => self.string().map(Value::Text),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => Err(self.no_value()),
        }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Fault> {
        if !self.rest().starts_with(word) {
            return Err(self.no_value());
        }
        self.at += word.len();
        Ok(value)
    }

    /// What is wrong where a value should begin.
    fn no_value(&self) -> Fault {
        match self.no_number() {
            Some(fault) => Fault::Number(fault),
            None if ["true", "false", "null"].into_iter().any(|word| self.is_at_word(word)) => {
                Fault::Expected("true, false or null in lower case")
            }
            None => Fault::Expected("a value: a number, a string, true, false or null"),
        }
    }

    /// What is wrong where a key should begin.
    fn no_key(&self) -> Fault {
        if self.is_within_comma_number() {
            Fault::Number(NumberFault::Comma)
        } else {
            Fault::Expected("a key in double quotes")
        }
    }

    /// Walks over a container without keeping anything but the way out.
    fn skip(&mut self, first: Open, depth: usize) -> Result<(), Fault> {
        let mut stack: Vec<Open> = Vec::new();
        let mut entering = Some(first);
        loop {
            if let Some(container) = entering.take() {
                if depth + stack.len() >= self.max_depth {
                    return Err(Fault::TooDeep(self.max_depth));
                }
                self.at += 1;
                let close = if container == Open::Array { b']' } else { b'}' };
                self.next_token()?;
                if !self.take(close) {
                    stack.push(container);
                    entering = self.item(container)?;
                    continue;
                }
            }
            let Some(&container) = stack.last() else { return Ok(()) };
            if self.goes_on(container)? {
                entering = self.item(container)?;
            } else {
                stack.pop();
            }
            if stack.is_empty() && entering.is_none() {
                return Ok(());
            }
        }
    }

    /// Reads an item of a skipped container; a container that begins is left for the caller.
    fn item(&mut self, container: Open) -> Result<Option<Open>, Fault> {
        if container == Open::Object {
            self.key()?;
        }
        match self.next_token()? {
            b'{' => Ok(Some(Open::Object)),
            b'[' => Ok(Some(Open::Array)),
            _ => self.scalar().map(|_| None),
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.peek().ok_or(Fault::EndsEarly)? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                0..=0x1f => return Err(Fault::ControlCharacter),
                _ => self.at += 1,
            }
        }
        let raw = self.text.get(start..self.at).ok_or(Fault::EndsEarly)?;
        self.at += 1;
        Ok(if escaped { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) })
    }

    /// Walks over one escape, both halves of a surrogate pair together.
    fn escape(&mut self) -> Result<(), Fault> {
        self.at += 1;
        let kind = self.peek().ok_or(Fault::EndsEarly)?;
        self.at += 1;
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => match self.code_unit()? {
                0xd800..=0xdbff => {
                    let low = self.take(b'\\') && self.take(b'u');
                    match low.then(|| self.code_unit()).transpose()? {
                        Some(0xdc00..=0xdfff) => Ok(()),
                        _ => Err(Fault::Escape),
                    }
                }
                0xdc00..=0xdfff => Err(Fault::Escape),
                _ => Ok(()),
            },
            _ => Err(Fault::Escape),
        }
    }

    fn code_unit(&mut self) -> Result<u16, Fault> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).ok_or(Fault::EndsEarly)?;
        let unit = hex_unit(digits).ok_or(Fault::Escape)?;
        self.at += 4;
        Ok(unit)
    }
}

fn hex_unit(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0_u16, |unit, &digit| {
        let nibble = char::from(digit).to_digit(16)?;
        Some((unit << 4) | u16::try_from(nibble).ok()?)
    })
}

/// The text behind the escapes of `raw`, which [`Reader::escape`] has checked.
fn unescape(raw: &str) -> String {
    let mut units: Vec<u16> = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        units.extend(plain.encode_utf16());
        let kind = escape.as_bytes().get(1).copied().unwrap_or(b'\\');
        let mut length = 2;
        units.push(match kind {
            b'u' => {
                length = 6;
                escape.as_bytes().get(2..6).and_then(hex_unit).unwrap_or(0xfffd)
            }
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => 0x0a,
            b'r' => 0x0d,
            b't' => 0x09,
            other => u16::from(other),
        });
        rest = escape.get(length..).unwrap_or("");
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests;

//! Options that say how a CSV file is written, for every program that reads one.

use model_core::dataset::{DecimalMark, Encoding, HeaderLine, Reading};

use crate::program::Failure;

/// What the options are, for a help text.
pub(crate) const HELP: &str =
    "  --separator CHAR      what separates cells: , ; | or tab (default: found from the file)
  --decimal MARK        . or , : the other one groups digits (default: found from the file)
  --header LINE         line of the columns' names, or none (default: found from the file)
  --missing TEXT        a text that means \"no value\", instead of those known; may be given again
  --also-missing TEXT   a text that means \"no value\" besides; may be given again
  --encoding NAME       utf-8 or windows-1252, which Latin-1 is read as (default: utf-8)
";

/// The options' names.
pub(crate) const NAMES: [&str; 6] =
    ["separator", "decimal", "header", "missing", "also-missing", "encoding"];

/// Takes what follows the option of this name, one of [`NAMES`].
///
/// # Errors
/// A sentence that says what the option expects.
pub(crate) fn take(
    name: &str,
    parser: &mut lexopt::Parser,
    reading: &mut Reading,
) -> Result<(), Failure> {
    let mut value = |expected: &str| -> Result<String, Failure> {
        let text = parser.value().ok().and_then(|text| text.into_string().ok());
        text.ok_or_else(|| format!("--{name} expects {expected}, and nothing follows it").into())
    };
    match name {
        "separator" => {
            let expected = "a single character, or tab";
            let text = value(expected)?;
            let separator = match (text.as_str(), text.as_bytes()) {
                ("tab" | "\\t", _) => b'\t',
                (_, [one]) if !one.is_ascii_alphanumeric() && *one != b'"' => *one,
                _ => return Err(format!("--separator expects {expected}, got {text:?}").into()),
            };
            reading.separator = Some(separator);
        }
        "decimal" => {
            reading.decimal = Some(match value(". or ,")?.as_str() {
                "." | "point" => DecimalMark::Point,
                "," | "comma" => DecimalMark::Comma,
                other => return Err(format!("--decimal expects . or , but got {other:?}").into()),
            });
        }
        "header" => {
            let expected = "the number of a line, from 1, or none";
            let text = value(expected)?;
            reading.header = Some(match (text.as_str(), text.parse()) {
                ("none", _) => HeaderLine::Absent,
                (_, Ok(line)) if line > 0 => HeaderLine::Line(line),
                _ => return Err(format!("--header expects {expected}, got {text:?}").into()),
            });
        }
        "missing" => {
            reading.missing.get_or_insert_default().push(value("a text")?);
        }
        "also-missing" => reading.also_missing.push(value("a text")?),
        "encoding" => {
            let expected = "utf-8 or windows-1252";
            let text = value(expected)?;
            let encoding = Encoding::from_name(&text);
            reading.encoding = Some(
                encoding.ok_or_else(|| format!("--encoding expects {expected}, got {text:?}"))?,
            );
        }
        _ => {}
    }
    Ok(())
}

//! How the file was read, in words, and the controls that overrule it.

use leptos::prelude::*;
use model_core::dataset::{DecimalMark, Encoding, HeaderLine, RareClasses};
use model_core::schema::DateOrder;

use super::strip_list::RemarkLine;
use crate::i18n::{key, t, text};
use crate::lab::{Remark, SheetOptions};
use crate::signals::Memo;
use crate::state::sheet::use_sheet;
use crate::view::view;
use crate::view_models::sheet_words;

/// A choice: its key, and what it is called, marked.
type Choice = (&'static str, &'static str);

const SEPARATORS: [Choice; 6] = [
    ("", key!("as found")),
    (",", key!("comma")),
    (";", key!("semicolon")),
    ("\t", key!("tab")),
    ("|", key!("vertical bar")),
    (" ", key!("blank")),
];
const ENCODINGS: [Choice; 2] = [("", "UTF-8"), ("windows-1252", "Windows-1252")];
const DECIMALS: [Choice; 3] = [("", key!("as found")), (".", key!("point")), (",", key!("comma"))];
const DATES: [Choice; 4] = [
    ("", key!("as found")),
    ("ymd", key!("year, month, day")),
    ("dmy", key!("day, month, year")),
    ("mdy", key!("month, day, year")),
];
const HEADERS: [Choice; 7] = [
    ("", key!("as found")),
    ("none", key!("nowhere: no names")),
    ("1", key!("in line 1")),
    ("2", key!("in line 2")),
    ("3", key!("in line 3")),
    ("4", key!("in line 4")),
    ("5", key!("in line 5")),
];

const CLASSES: [Choice; 3] =
    [("", key!("are kept")), ("drop", key!("are left out")), ("merge", key!("become one class"))];
const UNKNOWN: [Choice; 2] =
    [("", key!("is refused")), ("other", key!("counts as one of the rare ones, with a warning"))];
const GAPS: [Choice; 2] =
    [("", key!("is taken where rows here lack one")), ("allow", key!("is taken in every column"))];

/// The panel.
#[component]
pub(crate) fn ReadingPanel() -> impl IntoView {
    let sheet = use_sheet();
    let summary = move || {
        sheet.opened().and_then(|it| Some(sheet_words::summary(&it, it.sheet.as_ref().ok()?)))
    };
    let remarks = Memo::new(move || {
        let of_file = |remark: &&Remark| remark.column.is_none();
        let opened = sheet.opened();
        let read = opened.as_ref().and_then(|it| it.sheet.as_ref().ok());
        read.map(|it| it.remarks.iter().filter(of_file).cloned().collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let is_refused = move || sheet.opened().is_some_and(|it| it.sheet.is_err());
    let lines = move || {
        remarks
            .get()
            .into_iter()
            .map(|remark| view! { <li><RemarkLine remark=remark /></li> })
            .collect_view()
    };
    view! {
        <section class="panel" aria-labelledby="reading-heading">
            <h2 id="reading-heading">{text(sheet_words::READING_HEADING)}</h2>
            <p class="prose">{move || summary()}</p>
            <ul class="remarks">{move || lines()}</ul>
            <details class="reading-otherwise" open=move || is_refused()>
                <summary>{text(sheet_words::READ_OTHERWISE)}</summary>
                <div class="reading-controls">
                    <Select id="reading-separator" label=t!("Separator") choices=&SEPARATORS read=separator_key state=state_separator />
                    <Select id="reading-encoding" label=t!("Encoding") choices=&ENCODINGS read=encoding_key state=state_encoding />
                    <Select id="reading-decimal" label=t!("Decimal mark") choices=&DECIMALS read=decimal_key state=state_decimal />
                    <Select id="reading-header" label=t!("Line of names") choices=&HEADERS read=header_key state=state_header />
                    <Select id="reading-dates" label=t!("Dates") choices=&DATES read=dates_key state=state_dates />
                    <Select id="reading-classes" label=t!("Classes of fewer than five rows") choices=&CLASSES read=classes_key state=state_classes />
                    <Select id="reading-unknown" label=t!("A category that nobody has seen") choices=&UNKNOWN read=unknown_key state=state_unknown />
                    <Select id="reading-gaps" label=t!("A later row without a value") choices=&GAPS read=gaps_key state=state_gaps />
                    <MissingMarks />
                </div>
            </details>
        </section>
    }
}

fn separator_key(options: &SheetOptions) -> String {
    options.reading.separator.map(|byte| char::from(byte).into()).unwrap_or_default()
}

fn state_separator(options: &mut SheetOptions, key: &str) {
    *options = options.of_file();
    options.reading.separator = key.bytes().next();
}

fn encoding_key(options: &SheetOptions) -> String {
    let is_stated = options.reading.encoding == Some(Encoding::Windows1252);
    if is_stated { ENCODINGS[1].0.to_owned() } else { String::new() }
}

fn state_encoding(options: &mut SheetOptions, key: &str) {
    // The names of columns may be others then.
    *options = options.of_file();
    options.reading.encoding = (!key.is_empty()).then_some(Encoding::Windows1252);
}

fn decimal_key(options: &SheetOptions) -> String {
    options.reading.decimal.map(|mark| mark.as_char().into()).unwrap_or_default()
}

fn state_decimal(options: &mut SheetOptions, key: &str) {
    let marks = [DecimalMark::Point, DecimalMark::Comma];
    options.reading.decimal = marks.into_iter().find(|mark| key.starts_with(mark.as_char()));
}

fn header_key(options: &SheetOptions) -> String {
    match options.reading.header {
        None => String::new(),
        Some(HeaderLine::Absent) => "none".to_owned(),
        Some(HeaderLine::Line(line)) => line.to_string(),
    }
}

fn state_header(options: &mut SheetOptions, key: &str) {
    *options = options.of_file();
    options.reading.header = match key {
        "none" => Some(HeaderLine::Absent),
        line => line.parse().ok().map(HeaderLine::Line),
    };
}

/// The orders that are offered, by their keys.
const ORDERS: [(&str, DateOrder); 3] = [
    ("ymd", DateOrder::YearMonthDay),
    ("dmy", DateOrder::DayMonthYear),
    ("mdy", DateOrder::MonthDayYear),
];

fn dates_key(options: &SheetOptions) -> String {
    let offered = ORDERS.into_iter().find(|(_, order)| options.dates == Some(*order));
    offered.map_or("", |(key, _)| key).to_owned()
}

fn state_dates(options: &mut SheetOptions, key: &str) {
    options.dates = ORDERS.into_iter().find(|(known, _)| *known == key).map(|(_, order)| order);
}

fn classes_key(options: &SheetOptions) -> String {
    match options.rare_classes {
        RareClasses::Keep => String::new(),
        treatment => treatment.as_str().to_owned(),
    }
}

fn state_classes(options: &mut SheetOptions, key: &str) {
    let known = RareClasses::ALL.into_iter().find(|treatment| treatment.as_str() == key);
    options.rare_classes = known.unwrap_or_default();
}

fn unknown_key(options: &SheetOptions) -> String {
    if options.unknown_other { "other" } else { "" }.to_owned()
}

fn state_unknown(options: &mut SheetOptions, key: &str) {
    options.unknown_other = key == "other";
}

fn gaps_key(options: &SheetOptions) -> String {
    if options.allow_missing { "allow" } else { "" }.to_owned()
}

fn state_gaps(options: &mut SheetOptions, key: &str) {
    options.allow_missing = key == "allow";
}

#[component]
fn Select(
    id: &'static str,
    label: &'static str,
    choices: &'static [Choice],
    read: fn(&SheetOptions) -> String,
    state: fn(&mut SheetOptions, &str),
) -> impl IntoView {
    let sheet = use_sheet();
    let stated = Memo::new(move || read(&sheet.options()));
    let options = choices
        .iter()
        .map(|&(key, words)| {
            let is_chosen = move || stated.with(|stated| stated == key);
            view! { <option value=key prop:selected=move || is_chosen()>{text(words)}</option> }
        })
        .collect_view();
    let choose = move |event: leptos::ev::Event| {
        let key = event_target_value(&event);
        sheet.overrule(|options| state(options, &key));
    };
    view! {
        <div class="reading-control">
            <label for=id>{label}</label>
            <select id=id class="text-field" on:change=choose>{options}</select>
        </div>
    }
}

#[component]
fn MissingMarks() -> impl IntoView {
    let sheet = use_sheet();
    let text = Memo::new(move || sheet.options().marks().0.join("\n"));
    let only_these = Memo::new(move || sheet.options().marks().1);
    let state = move |event: leptos::ev::Event| {
        let marks = sheet_words::marks_of(&event_target_value(&event));
        sheet.overrule(|options| options.state_marks(marks, only_these.get_untracked()));
    };
    let choose = move |event: leptos::ev::Event| {
        let only_these = event_target_checked(&event);
        sheet.overrule(|options| options.state_marks(options.marks().0.to_vec(), only_these));
    };
    view! {
        <div class="reading-control">
            <label for="reading-missing">{t!("Missing marks")}</label>
            <textarea
                id="reading-missing"
                class="text-field"
                rows="2"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || text.get()
                on:change=state
                aria-describedby="missing-words"
            ></textarea>
            <label>
                <input type="checkbox" prop:checked=move || only_these.get() on:change=choose />
                " "{t!("Only these, not NA, NaN, ? and the like")}
            </label>
            <small id="missing-words" class="quiet">{t!("What means no value, one a line, read once you leave the field. An empty cell always does.")}</small>
        </div>
    }
}

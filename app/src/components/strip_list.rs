//! The specimen drawer: one strip a column, with what the reader remarked and what overrules it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::button::text_button;
use super::class_mark;
use crate::i18n::{self, t};
use crate::lab::{Bars, Contents, Remark, Remedy, Strip, Wish};
use crate::signals::{Memo, RwSignal};
use crate::state::sheet::use_sheet;
use crate::view::view;
use crate::view_models::class_mark::N_SERIES;
use crate::view_models::{sheet_words, strip};

/// Strips that are shown until more are asked for.
const STEP: usize = 60;

/// The drawer.
#[component]
pub(crate) fn StripList() -> impl IntoView {
    let sheet = use_sheet();
    let n_shown = RwSignal::new(STEP);
    let names = Memo::new(move || sheet.opened().map(|it| it.names.clone()).unwrap_or_default());
    let shown = move || names.get().into_iter().take(n_shown.get()).collect::<Vec<_>>();
    let n_more = move || names.with(Vec::len).saturating_sub(n_shown.get());
    let more = move || {
        (n_more() > 0).then(|| {
            view! {
                <button type="button" class="button" on:click=move |_| n_shown.update(|n| *n += STEP)>
                    {move || t!("Show {n} more of {n_columns} columns", n = n_more().min(STEP), n_columns = names.with(Vec::len))}
                </button>
            }
        })
    };
    let has_options = Memo::new(move || {
        let opened = sheet.opened();
        let read = opened.as_ref().and_then(|it| it.sheet.as_ref().ok());
        read.is_some_and(|it| it.remarks.iter().any(|remark| remark.text.contains("--")))
    });
    let hint = move || has_options.get().then(|| i18n::text(sheet_words::OPTIONS_HINT));
    view! {
        <section class="panel drawer" aria-labelledby="strips-heading">
            <h2 id="strips-heading">{i18n::text(sheet_words::STRIPS_HEADING)}</h2>
            <ul class="strips">
                <For each=shown key=Clone::clone children=|name| view! { <StripRow name=name /> } />
            </ul>
            {move || more()}
            <p class="quiet">{move || hint()}</p>
        </section>
    }
}

#[component]
fn StripRow(name: String) -> impl IntoView {
    let sheet = use_sheet();
    let wanted = name.clone();
    let found = Memo::new(move || {
        let opened = sheet.opened()?;
        let read = opened.sheet.as_ref().ok()?;
        let strip = read.strips.iter().find(|strip| strip.name == wanted)?;
        Some((strip.clone(), read.n_rows))
    });
    let wanted = name.clone();
    let remarks = Memo::new(move || {
        let opened = sheet.opened();
        let read = opened.as_ref().and_then(|it| it.sheet.as_ref().ok());
        let is_here = |remark: &&Remark| remark.column.as_ref() == Some(&wanted);
        read.map(|it| it.remarks.iter().filter(is_here).cloned().collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let kind = Memo::new(move || {
        found.with(|found| found.as_ref().map_or("", |(found, _)| strip::kind(&found.contents)))
    });
    let is_target = Memo::new(move || {
        found.with(|it| matches!(it, Some((Strip { contents: Contents::Target { .. }, .. }, _))))
    });
    let is_out = move || {
        found.with(|it| matches!(it, Some((Strip { contents: Contents::LeftOut { .. }, .. }, _))))
    };
    let drawing =
        move || found.get().map(|(strip, n_rows)| view! { <Drawing strip=strip n_rows=n_rows /> });
    let of_column = StoredValue::new(name.clone());
    let control = move || {
        if is_target.get() {
            view! { <span class="quiet">{move || kind.get()}</span> }
        } else {
            view! { <WishSelect column=of_column.get_value() kind=kind /> }
        }
    };
    let margin = move || {
        remarks
            .get()
            .into_iter()
            .map(|remark| view! { <RemarkLine remark=remark /> })
            .collect_view()
    };
    view! {
        <li class="strip" class:strip-out=move || is_out() class:strip-target=move || is_target.get()>
            <div class="strip-head">
                <h3>{name}</h3>
                {move || control()}
            </div>
            <div class="strip-body">{move || drawing()}</div>
            <div class="strip-margin">{move || margin()}</div>
        </li>
    }
}

/// What the column is, and what else it may be.
#[component]
fn WishSelect(column: String, kind: Memo<&'static str>) -> impl IntoView {
    let sheet = use_sheet();
    let label = t!("{column} is read as", column);
    let wanted = column.clone();
    let stated = Memo::new(move || sheet.options().wish(&wanted));
    let choose = move |event: leptos::ev::Event| {
        if let Some(wish) = Wish::from_key(&event_target_value(&event)) {
            sheet.overrule(|options| options.state(&column, wish));
        }
    };
    let options = Wish::ALL.map(|wish| {
        let words = move || sheet_words::wish(wish, kind.get(), stated.get());
        view! { <option value=wish.key() prop:selected=move || stated.get() == wish>{move || words()}</option> }
    });
    view! {
        <select class="text-field" aria-label=label class:is-stated=move || stated.get() != Wish::AsFound on:change=choose>
            {options}
        </select>
    }
}

/// Bars, the gap of what is missing, and the figures below.
#[component]
fn Drawing(strip: Strip, n_rows: u32) -> impl IntoView {
    let sentence = strip::sentence(&strip, n_rows);
    let missing_share = f64::from(strip.n_missing) / f64::from(n_rows.max(1));
    let bars = strip::bars(&strip.contents).cloned();
    let gap = (strip.n_missing > 0).then(|| {
        let width = format!("flex: 0 0 max(4px, {:.2}%)", 100.0 * missing_share);
        view! { <span class="strip-gap" style=width></span> }
    });
    let chart = bars.map(|bars| {
        view! {
            <div class="strip-chart" role="img" aria-label=sentence>
                <BarDrawing bars=bars />
                {gap}
            </div>
        }
    });
    let missing = (strip.n_missing > 0).then(|| {
        let words = t!("{n} missing", n = strip.n_missing);
        view! { <span class="strip-missing">{words}</span> }
    });
    let details = strip::details(&strip.contents);
    let title = details
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect::<Vec<_>>()
        .join(", ");
    view! {
        {chart}
        <p class="strip-figures" title=title>{strip::figures(&strip.contents)}{missing}</p>
    }
}

#[component]
fn BarDrawing(bars: Bars) -> impl IntoView {
    let paths = strip::paths(&bars)
        .into_iter()
        .map(|path| {
            let series = (path.group < N_SERIES).then(|| class_mark::series(path.group));
            view! { <path d=path.d data-series=series /> }
        })
        .collect_view();
    view! {
        <svg viewBox=strip::view_box(&bars) preserveAspectRatio="none" aria-hidden="true">{paths}</svg>
    }
}

/// A remark of the reader, with the control that overrules it.
#[component]
pub(crate) fn RemarkLine(remark: Remark) -> impl IntoView {
    let sheet = use_sheet();
    let Remark { text, column, row, remedy, marks } = remark;
    let text = sheet_words::beside_its_column(&text, column.as_deref());
    let to_row = row.map(|row| {
        view! {
            {text_button(t!("Show row"), move || sheet.find_row(row))}
        }
    });
    let wish = match remedy {
        Remedy::Categories => Some(Wish::Categories),
        Remedy::Numbers => Some(Wish::Numbers),
        Remedy::LeaveOut => Some(Wish::LeaveOut),
        Remedy::AsFound => Some(Wish::AsFound),
        _ => None,
    };
    let words = match marks.is_empty() {
        true => sheet_words::remedy(remedy).map(str::to_owned),
        false => Some(sheet_words::take_for_no_value(&marks.join("”, “"))),
    };
    let text = match words {
        Some(_) => sheet_words::without_option(&text).to_owned(),
        None => text,
    };
    let act = move || match (&column, wish) {
        (Some(column), Some(wish)) => sheet.overrule(|options| options.state(column, wish)),
        _ if !marks.is_empty() => {
            sheet.overrule(|options| marks.iter().for_each(|mark| options.add_mark(mark)));
        }
        _ => focus_control(remedy),
    };
    let button = words.map(|words| text_button(words, act));
    view! { <p class="remark"><span lang="en">{text}</span>" "{button}{to_row}</p> }
}

/// Moves the focus to the control of the file that overrules a remark.
fn focus_control(remedy: Remedy) {
    let id = match remedy {
        Remedy::Separator => "reading-separator",
        Remedy::Decimal => "reading-decimal",
        Remedy::Header => "reading-header",
        Remedy::Dates => "reading-dates",
        Remedy::Encoding => "reading-encoding",
        _ => "reading-missing",
    };
    let control = document().get_element_by_id(id);
    if let Some(Ok(Some(folded))) = control.as_ref().map(|control| control.closest("details")) {
        // An attribute that is a valid name can be set.
        let _ = folded.set_attribute("open", "");
    }
    if let Some(control) = control.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Only an element that is not in the document cannot be focused.
        let _ = control.focus();
    }
}

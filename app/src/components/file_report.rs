//! What became of a file of rows: how many are answered, what stands in the way of the others, and how good the
//! answers are where the file says what is true.

use std::sync::Arc;

use leptos::prelude::*;

use super::answered_rows::{AnsweredRows, FoundAnswer};
use super::button::{primary_button, text_button};
use super::chart::Chart;
use super::confusion_panel::confusion_table;
use crate::i18n::{self, t};
use crate::lab::{AnsweredFile, Fault, Truth};
use crate::signals::RwSignal;
use crate::state::answered_file::use_file_answers;
use crate::state::library::Model;
use crate::view::view;
use crate::view_models::comparison::Samples;
use crate::view_models::confusion_chart::{confusion_chart, summary};
use crate::view_models::file_words;
use crate::view_models::format::sentence;

/// All of it; nothing unless a file was answered.
#[component]
pub(crate) fn FileReport() -> impl IntoView {
    let answers = use_file_answers();
    let found = RwSignal::new(None::<u32>);
    provide_context(FoundAnswer(found));
    let (Some(answered), Some(model)) = untrack(|| (answers.answered(), answers.model())) else {
        return ().into_any();
    };
    let Ok(file) = (*answered).clone() else { return ().into_any() };
    let by_class = file_words::by_class(model.artifact.schema(), &file);
    let mut lines = file.summary.iter().cloned();
    let first = lines.next().map(|line| sentence(&line));
    // What is said of single faults stands in the list of them.
    let lines: Vec<String> = lines.filter(|line| !line.starts_with("row ")).collect();
    let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    let notes = list(i18n::text(file_words::NOTES), &file.notes);
    let truth =
        file.truth.clone().map(|truth| view! { <TruthPanel model=model.clone() truth=truth /> });
    view! {
        <p class="file-summary"><strong lang="en">{first}</strong> " " {by_class}</p>
        <p>
            {primary_button(i18n::text(file_words::DOWNLOAD), move || answers.download())}
        </p>
        <ul class="quiet file-lines" lang="en">{lines}</ul>
        {notes}
        <Problems file=file.clone() />
        {truth}
        <div class="rows"><AnsweredRows model=model file=Arc::new(file) /></div>
    }
}

fn list(heading: &'static str, lines: &[String]) -> Option<impl IntoView + use<>> {
    let items = lines.iter().map(|line| view! { <li>{sentence(line)}</li> }).collect_view();
    (!lines.is_empty()).then(|| {
        view! {
            <h3>{heading}</h3>
            <ul class="file-notes" lang="en">{items}</ul>
            <p class="quiet">{i18n::text(file_words::HINT)}</p>
        }
    })
}

/// Every fault with a way to its row.
#[component]
fn Problems(file: AnsweredFile) -> impl IntoView {
    let FoundAnswer(found) = expect_context();
    let item = move |Fault { text, row, .. }: Fault| {
        let show = row.map(|row| {
            // Set anew even if it is the same, for somebody who has scrolled away.
            let show = move || {
                found.set(None);
                found.set(Some(row.saturating_sub(1)));
            };
            view! {
                {text_button(file_words::show_row(row), show)}
            }
        });
        view! { <li><span lang="en">{text}</span> " " {show}</li> }
    };
    let n_problems = file.problems.len();
    let items = file.problems.into_iter().map(item).collect_view();
    (n_problems > 0).then(|| {
        view! {
            <details class="file-problems" open=n_problems <= 10>
                <summary>{i18n::text(file_words::PROBLEMS)}</summary>
                <ul>{items}</ul>
            </details>
        }
    })
}

/// Accuracy with its interval, and the confusion matrix.
#[component]
fn TruthPanel(model: Model, truth: Truth) -> impl IntoView {
    let schema = model.artifact.schema().clone();
    let samples = Samples::of(&model.artifact);
    let unknown = file_words::unknown(&truth);
    let shown = file_words::confusion(&schema, &truth).map(|confusion| {
        let words = summary(&confusion, &schema, samples);
        let accuracy = file_words::accuracy(&confusion);
        let table = confusion_table(&confusion, &schema, None);
        let label = t!("Confusion matrix of the file. {words}", words);
        let layout =
            Callback::new(move |width: f64| confusion_chart(&confusion, &schema, samples, width));
        view! {
            <p><strong>{accuracy}</strong></p>
            <div class="file-confusion"><Chart label=label layout=layout>{table}</Chart></div>
            <p class="confusion-words">{words}</p>
        }
    });
    view! {
        <h3>{i18n::text(file_words::TRUTH)}</h3>
        {shown}
        <p class="quiet">{unknown}</p>
    }
}

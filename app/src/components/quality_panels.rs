//! How good the probabilities of the model in detail are: ROC curves and calibration.

use leptos::prelude::*;
use model_core::evaluation::ProbabilityQuality;

use super::chart::Chart;
use super::class_mark::ClassMark;
use super::table_parts::{Cell, column_heads, table_row};
use crate::i18n::t;
use crate::state::detail::use_detail;
use crate::view::view;
use crate::view_models::calibration_chart::{Bin, bins, calibration_chart, summary};
use crate::view_models::comparison::Samples;
use crate::view_models::format;
use crate::view_models::known_rows::KnownRows;
use crate::view_models::roc_chart::{Curve, curves, roc_chart};

/// ROC curves of every class.
#[component]
pub(crate) fn RocPanel() -> impl IntoView {
    let detail = use_detail();
    let shown = move || {
        let curves = detail.with_known(|known| {
            detail.with(|model| known.map(|known| curves(known, model.artifact.schema())))
        });
        match curves.filter(|curves| !curves.is_empty()) {
            Some(curves) => view! { <Roc curves=curves /> },
            None => view! {
                <p>{t!("There are no rows to draw it from: it takes held-out rows of two classes at least, and the model carries none.")}</p>
            },
        }
    };
    view! { {move || shown()} }
}

#[component]
fn Roc(curves: Vec<Curve>) -> impl IntoView {
    let which = use_detail().with_known(|known| known.map(KnownRows::words)).unwrap_or_default();
    let table = curves.iter().map(area_row).collect_view();
    let points = curves.iter().flat_map(point_rows).collect_view();
    let layout = Callback::new(move |width| roc_chart(&curves, width));
    view! {
        <div class="detail-grid">
            <div>
                <Chart label=t!("ROC curves, each class against the rest") layout=layout>
                    <table>
                        <thead>
                            <tr>
                                {column_heads(&[t!("Class"), t!("From probability"), t!("Found"), t!("Others called so")])}
                            </tr>
                        </thead>
                        <tbody>{points}</tbody>
                    </table>
                </Chart>
            </div>
            <div class="detail-words">
                <table>
                    <thead>
                        <tr>{column_heads(&[t!("Class"), t!("Area under the curve")])}</tr>
                    </thead>
                    <tbody>{table}</tbody>
                </table>
                <p class="quiet">
                    {t!("The area is the chance that a row of the class gets a higher probability of it than a row of another class: 1 is perfect, 0.5 is a coin. It asks for the order alone, not whether probabilities are right: that is Calibration. Drawn from {rows}.", rows = which)}
                </p>
            </div>
        </div>
    }
}

fn area_row(curve: &Curve) -> AnyView {
    let name = view! { <ClassMark class=curve.class />" "{curve.name.clone()} };
    table_row(name.into_any(), vec![format::decimal(curve.area, 3).into()])
}

/// Corners that the table lists of one curve.
const MAX_CORNERS: usize = 40;

fn point_rows(curve: &Curve) -> Vec<AnyView> {
    let every = curve.points.len().div_ceil(MAX_CORNERS).max(1);
    let points = curve.points.iter().step_by(every);
    points
        .map(|point| {
            let threshold = point.threshold.map_or_else(
                || "".into(),
                |it| Cell::of((1000.0 * it).round() / 1000.0, format::decimal(it, 3)),
            );
            let share = |share| Cell::of(share, format::percent(share));
            let (found, others) = (point.true_positive_rate, point.false_positive_rate);
            table_row(curve.name.clone().into_any(), vec![threshold, share(found), share(others)])
        })
        .collect()
}

/// The reliability diagram.
#[component]
pub(crate) fn CalibrationPanel() -> impl IntoView {
    let detail = use_detail();
    let shown = move || {
        let found = detail.with(|model| {
            let quality = model.artifact.evaluation().test.as_ref()?.quality.clone()?;
            Some((quality, Samples::of(&model.artifact)))
        });
        match found {
            Some((quality, samples)) => {
                view! { <Calibration quality=quality samples=samples /> }
            }
            None => view! { <p>{t!("The model file does not say how sure its answers were.")}</p> },
        }
    };
    view! { {move || shown()} }
}

#[component]
fn Calibration(quality: ProbabilityQuality, samples: Samples) -> impl IntoView {
    let ProbabilityQuality { brier, calibration, .. } = quality;
    let words = summary(&calibration);
    let rows = bins(&calibration).into_iter().map(bin_row).collect_view();
    let layout = Callback::new(move |width| calibration_chart(&calibration, samples, width));
    view! {
        <div class="detail-grid">
            <div>
                <Chart label=t!("Calibration: how sure the model was, and how often it was right") layout=layout>
                    <table>
                        <thead>
                            <tr>
                                {column_heads(&[t!("Confidence"), t!("Rows"), t!("On average"), t!("Right"), t!("95 % interval")])}
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </Chart>
            </div>
            <div class="detail-words">
                <p>{words}</p>
                <p>{t!("Brier score: {score}.", score = format::decimal(brier, 3))}</p>
                <p class="quiet">
                    {t!("A point on the diagonal is as sure as it is right; below it the model is too sure. The whisker is the 95 % interval: where few rows say so, a point far off the diagonal means little. Grey bars at the foot count the rows. The Brier score is the squared distance between probabilities and truth: 0 is perfect, 2 is certain and wrong.")}
                </p>
            </div>
        </div>
    }
}

fn bin_row(bin: Bin) -> AnyView {
    let whole = format::whole_percent;
    let range = |(low, high)| t!("{low} to {high}\u{a0}%", low = whole(low), high = whole(high));
    let share = |share| Cell::of(share, format::percent(share));
    let cells = vec![
        bin.count.to_string().into(),
        share(bin.confidence),
        share(bin.accuracy),
        range(bin.interval).into(),
    ];
    table_row(range(bin.range).into_any(), cells)
}

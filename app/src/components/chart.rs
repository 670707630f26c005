//! A chart on canvas with a read-out: by pointer, by arrow keys, and as a table beside it.

use gloo::events::EventListener;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::chart_export::ChartExport;
use crate::charts::{self, Palette};
use crate::i18n::t;
use crate::signals::{Memo, RwSignal, effect};
use crate::styles;
use crate::view::view;
use crate::view_models::scene::Scene;

/// Lays a chart out for a width in CSS pixels.
pub(crate) type Layout = Callback<f64, Scene>;

/// The chart that `layout` makes. `children` is the same as a table, behind a disclosure.
#[component]
pub(crate) fn Chart(
    /// Names the chart for screen readers.
    #[prop(into)]
    label: Signal<String>,
    /// Laid out anew whenever the width or what it reads changes.
    layout: Layout,
    /// Told which mark was chosen, by a click or the enter key.
    #[prop(optional, into)]
    on_choose: Option<Callback<usize>>,
    /// The data as a table.
    children: Children,
) -> impl IntoView {
    styles::adopt(styles::RESULTS);
    let canvas = NodeRef::<html::Canvas>::new();
    let table = NodeRef::<html::Details>::new();
    let frame = NodeRef::<html::Div>::new();
    let width = observed_width(frame);
    let palette = system_palette();
    let active = RwSignal::new(None::<usize>);
    let scene = Memo::new(move || (width.get() > 0.0).then(|| layout.run(width.get())));
    effect(move || {
        let (Some(canvas), Some(scene)) = (canvas.get(), scene.get()) else { return };
        charts::draw(&canvas, &scene, &palette.get(), window().device_pixel_ratio(), active.get());
    });
    let height =
        move || scene.with(|scene| scene.as_ref().map(|scene| format!("{}px", scene.height)));
    // A chart that needs less room than there is keeps its shape.
    let drawn_width =
        move || scene.with(|scene| scene.as_ref().map(|scene| format!("{}px", scene.width)));
    let readout = move || {
        let mark = scene.with(|scene| {
            scene.as_ref()?.marks.get(active.get()?).map(|mark| mark.readout.clone())
        });
        let hint = match on_choose {
            Some(_) => {
                t!("Point at a mark, or use the arrow keys; click, or press Enter, to open it.")
            }
            None => t!("Point at a mark, or use the arrow keys."),
        };
        mark.unwrap_or_else(|| hint.to_owned())
    };
    let mark_under = move |event: &leptos::ev::MouseEvent| {
        let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        scene.with_untracked(|scene| scene.as_ref().and_then(|scene| scene.mark_at(x, y)))
    };
    let point = move |event: leptos::ev::PointerEvent| active.set(mark_under(&event));
    let leave = move |event: leptos::ev::PointerEvent| {
        // A finger leaves with every tap, before the click that the tap is.
        if event.pointer_type() != "touch" {
            active.set(None);
        }
    };
    let walk = move |event: leptos::ev::KeyboardEvent| {
        let next = scene.with(|scene| {
            scene
                .as_ref()
                .and_then(|scene| scene.mark_after_key(active.get_untracked(), &event.key()))
        });
        let chosen = (event.key() == "Enter").then(|| active.get_untracked()).flatten();
        if next.is_some() {
            event.prevent_default();
            active.set(next);
        } else if let (Some(chosen), Some(on_choose)) = (chosen, on_choose) {
            event.prevent_default();
            on_choose.run(chosen);
        } else if event.key() == "Escape" {
            active.set(None);
        }
    };
    let choose = move |event: leptos::ev::MouseEvent| {
        if let (Some(chosen), Some(on_choose)) = (mark_under(&event), on_choose) {
            on_choose.run(chosen);
        }
    };
    view! {
        <div
            class="chart"
            class:chart-choice=on_choose.is_some()
            node_ref=frame
            role="group"
            aria-roledescription=t!("chart")
            aria-label=label
            tabindex="0"
            on:keydown=walk
            on:blur=move |_| active.set(None)
        >
            <canvas
                node_ref=canvas
                aria-hidden="true"
                style:height=move || height()
                style:width=move || drawn_width()
                on:pointermove=point
                on:pointerdown=point
                on:pointerleave=leave
                on:click=choose
            ></canvas>
            <p class="chart-readout quiet" role="status">{move || readout()}</p>
        </div>
        <div class="chart-foot">
            <details class="chart-table" node_ref=table>
                <summary>{t!("The same as a table")}</summary>
                {children()}
            </details>
            <ChartExport label=label scene=scene palette=palette table=table />
        </div>
    }
}

/// Width of an element in CSS pixels, followed as it changes.
fn observed_width(element: NodeRef<html::Div>) -> RwSignal<f64> {
    let width = RwSignal::new(0.0);
    let observer = StoredValue::new_local(None::<WidthObserver>);
    effect(move || {
        let Some(element) = element.get() else { return };
        width.set(f64::from(element.client_width()));
        observer.set_value(WidthObserver::new(&element, width));
    });
    width
}

/// Watches while it lives.
struct WidthObserver {
    observer: web_sys::ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl WidthObserver {
    fn new(element: &web_sys::HtmlElement, width: RwSignal<f64>) -> Option<Self> {
        let observed = element.clone();
        let callback = Closure::<dyn FnMut()>::new(move || {
            let now = f64::from(observed.client_width());
            // Gone when the page was left: then nobody asks.
            if width.try_get_untracked().is_some_and(|before| before != now) {
                width.set(now);
            }
        });
        let observer = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _callback: callback })
    }
}

impl Drop for WidthObserver {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// The tokens' colours, read anew when the system's colour scheme or contrast changes, or the window moves to
/// a screen of another pixel ratio (which is a resize).
fn system_palette() -> RwSignal<Palette> {
    let palette = RwSignal::new(Palette::of_document());
    let refresh = move |_: &web_sys::Event| {
        let _ = palette.try_set(Palette::of_document());
    };
    let on_scheme = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"].map(|query| {
        let matched = window().match_media(query).ok().flatten();
        matched.map(|matched| EventListener::new(&matched, "change", refresh))
    });
    let on_resize = EventListener::new(&window(), "resize", refresh);
    let listeners = StoredValue::new_local((on_scheme, on_resize));
    on_cleanup(move || listeners.dispose());
    palette
}

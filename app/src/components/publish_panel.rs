//! The models of this browser, and what it takes to publish one.

use gloo::timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model_core::ModelId;
use tepal_api::{MAX_DATASET_BYTES, ModelPatch};

use super::button::{button, primary_button, text_button};
use super::focus::{focus_id, focus_soon};
use super::table_parts::{drawn, drawn_row, wide_table};
use super::text_field::text_field;
use crate::bytes::Bytes;
use crate::edge::{EdgeError, registry as edge};
use crate::i18n::t;
use crate::routes::Route;
use crate::signals::{Memo, RwSignal, effect};
use crate::state::library::{Model, Origin, use_library};
use crate::state::registry::{Registry, use_registry};
use crate::state::sheet::{SheetState, use_sheet};
use crate::view::view;
use crate::view_models::comparison::Accuracy;
use crate::view_models::format;
use crate::view_models::registry_words::{self as words, Action};
use crate::view_models::sheet_words::{PASTED_NAME, shown_name};

/// How far publishing is.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Idle,
    Working(String),
    /// The version, whether it is new, whether its rows are kept, too, and what went wrong or is under way.
    Published(u64, bool, bool, Option<String>),
    /// Why not, and the faults that were found.
    Failed(String, Vec<String>),
}

/// The panel.
#[component]
pub(crate) fn PublishPanel() -> impl IntoView {
    let library = use_library();
    let picked = RwSignal::new(None::<ModelId>);
    // Who comes from a training means the model that it chose.
    let chosen = Memo::new(move || {
        let models = library.local_models();
        let wanted = picked.get().or_else(|| {
            library.with_active(|it| (it.origin == Origin::Retrained).then_some(it.id))
        });
        models.into_iter().find(|model| Some(model.id) == wanted)
    });
    let has_own = Memo::new(move || library.result().is_some());
    let hint = move || {
        (!has_own.get()).then(|| {
            view! {
                <p class="prose">
                    {t!("So far there is the one that ships with the page, which the edge has from the start.")} " "
                    <a href=Route::Train.path()>{t!("Train models of your own")}</a>
                </p>
            }
        })
    };
    let form = move || chosen.get().map(|model| view! { <PublishForm model=model /> });
    view! {
        <section class="panel">
            <h2>{t!("Models of this browser")}</h2>
            {move || hint()}
            <LocalModels chosen=chosen picked=picked />
            {move || form()}
        </section>
    }
}

#[component]
fn LocalModels(chosen: Memo<Option<Model>>, picked: RwSignal<Option<ModelId>>) -> impl IntoView {
    let (library, registry) = (use_library(), use_registry());
    let row = move |model: Model| {
        let id = model.id;
        let artifact = &model.artifact;
        let test = artifact.evaluation().test.as_ref();
        let accuracy = test.map_or_else(
            || t!("not measured").to_owned(),
            |test| format::percent(Accuracy::of(&test.confusion).share),
        );
        let text_id = id.to_string();
        let published = move || {
            // Who has not signed in is not told.
            let Some(snapshot) = registry.snapshot() else { return "–".to_owned() };
            match snapshot.models.iter().find(|it| it.model_id == text_id) {
                Some(it) => t!("version {version}", version = it.version),
                None => t!("not published").to_owned(),
            }
        };
        let is_chosen = move || chosen.with(|it| it.as_ref().is_some_and(|it| it.id == id));
        let choose = move || {
            if is_chosen() {
                view! { <span class="quiet">{t!("chosen, see below")}</span> }
            } else {
                button(t!("Publish …"), move || picked.set(Some(id)))
            }
        };
        let name = view! { {model.name()} " " <span class="quiet">{id.short()}</span> };
        drawn_row(vec![
            name,
            drawn(shown_name(artifact.schema().name.clone())),
            drawn(accuracy),
            drawn(format::bytes(model.bytes.0.len())),
            drawn(format::thousands(artifact.carries_rows())),
            (move || published()).into_any(),
            (move || choose()).into_any(),
        ])
    };
    let rows = move || library.local_models().into_iter().map(row).collect_view();
    wide_table(
        t!("Models of this browser"),
        &[
            t!("Model"),
            t!("Data"),
            t!("Accuracy"),
            t!("Size"),
            t!("Rows carried"),
            t!("At the edge"),
            t!("Action"),
        ],
        (move || rows()).into_any(),
    )
}

/// What goes along with the model, and the button.
#[component]
fn PublishForm(model: Model) -> impl IntoView {
    let registry = use_registry();
    let stage = RwSignal::new(Stage::Idle);
    let with_rows = RwSignal::new(true);
    let description = RwSignal::new(String::new());
    let tags = RwSignal::new(String::new());
    let title = t!(
        "Publish {model} of {data}",
        model = model.name(),
        data = shown_name(model.artifact.schema().name.clone())
    );
    let rows = view! { <RowsChoice model=model.clone() with_rows=with_rows /> };
    let sheet = use_sheet();
    let keeps = RwSignal::new(false);
    // Which rows they are is known by their hash alone, at the edge: by their name they may be those.
    let data = model.artifact.schema().name.clone();
    // What was pasted may be rows of the log: those are not for good.
    let may_keep = Memo::new(move || {
        sheet.is_usable() && data != PASTED_NAME && sheet.name().as_ref() == Some(&data)
    });
    let keep = move || {
        may_keep.get().then(|| {
            view! {
                <label class="choice">
                    <input type="checkbox" prop:checked=move || keeps.get() on:change=move |_| keeps.update(|it| *it = !*it) />
                    {t!("Let the edge keep all rows of the file, too, until you delete them: then it can train on them by itself")}
                </label>
            }
        })
    };
    let is_working = move || stage.with(|stage| matches!(stage, Stage::Working(_)));
    let cannot = move || is_working() || !registry.has_token();
    // What the registry has already, by the same id, is on its way to the next step.
    let published_id = model.id.to_string();
    effect(move || {
        let known = registry.snapshot().and_then(|it| {
            it.models
                .iter()
                .find(|it| it.model_id == published_id && !it.archived)
                .map(|it| it.version)
        });
        if let Some(version) = known
            && stage.with_untracked(|stage| *stage == Stage::Idle)
        {
            stage.set(Stage::Published(version, false, false, None));
        }
    });
    let publish = move |_| {
        let patch = ModelPatch {
            description: Some(description.get_untracked().trim().to_owned()),
            tags: Some(words::tags(&tags.get_untracked())),
            archived: None,
        };
        let kept = (may_keep.get_untracked() && keeps.get_untracked()).then_some(sheet);
        publish(registry, &model, with_rows.get_untracked(), patch, kept, stage);
    };
    // Who had to sign in first goes on where the button is.
    let was_signed_in = untrack(|| registry.has_token());
    effect(move || {
        if registry.has_token() && !was_signed_in {
            focus_soon("publish-heading");
        }
    });
    let missing = move || (!registry.has_token()).then(|| view! { <MissingToken /> });
    view! {
        <div class="publish" role="group" aria-labelledby="publish-heading">
            <h3 id="publish-heading" tabindex="-1">{title}</h3>
            {rows}
            {move || keep()}
            <label class="registry-field">
                {t!("Description, for whoever looks at the registry (you may leave it out)")}
                <textarea class="text-field" rows="2" maxlength="2000" prop:value=move || description.get()
                    on:input=move |event| description.set(event_target_value(&event))></textarea>
            </label>
            {text_field(t!("Tags, with commas between them"), 2_200, tags)}
            <p class="registry-actions">
                <button type="button" class="button button-primary" disabled=move || cannot() on:click=publish>
                    {t!("Publish")}
                </button>
                {move || missing()}
            </p>
            <Outcome stage=stage />
        </div>
    }
}

/// With or without the rows that the model carries.
#[component]
fn RowsChoice(model: Model, with_rows: RwSignal<bool>) -> impl IntoView {
    let n_rows = model.artifact.carries_rows();
    if n_rows == 0 {
        return view! { <p>{t!("This model carries no rows of your data.")}</p> };
    }
    let rows = format::count(n_rows, t!("row"), t!("rows"));
    let carries = t!("This model carries {rows} of your data.", rows);
    if let Some(why) = words::needs_rows(model.artifact.family()) {
        return view! { <p>{carries} " " {why}</p> };
    }
    let choice = move |value: bool, label: String| {
        view! {
            <label class="choice">
                <input type="radio" name="rows" prop:checked=move || with_rows.get() == value
                    on:change=move |_| with_rows.set(value) />
                {label}
            </label>
        }
    };
    view! {
        <fieldset class="rows-choice">
            <legend>{carries}</legend>
            {choice(true, t!("Publish it with them: the edge can check its figures, and answers can be explained from known rows").to_owned())}
            {choice(false, t!("Without: the model takes no row along; it answers the same, its figures cannot be checked, and it gets another id").to_owned())}
        </fieldset>
    }
}

#[component]
fn MissingToken() -> impl IntoView {
    view! {
        <span>
            {t!("That takes the owner's token, or a key that may publish.")} " "
            {text_button(t!("Enter it below"), || focus_id("token"))}
        </span>
    }
}

/// How far it is, what came of it, and the next step.
#[component]
fn Outcome(stage: RwSignal<Stage>) -> impl IntoView {
    let registry = use_registry();
    let serves = move |version| {
        registry.snapshot().is_some_and(|it| it.deployment.champion.version == version)
    };
    let shown = move || match stage.get() {
        Stage::Idle => ().into_any(),
        Stage::Working(what) => {
            view! { <progress aria-label=t!("Publishing")></progress> <p class="quiet">{what}</p> }
        }
        Stage::Failed(why, faults) => {
            let faults = faults.into_iter().map(|it| view! { <li>{it}</li> }).collect_view();
            view! { <p class="warn">{why}</p> <ul class="quiet">{faults}</ul> }
        }
        Stage::Published(version, is_new, is_kept, undescribed) => {
            let said = if is_new && serves(version) {
                t!("Version {version} is published.", version)
            } else if is_new {
                t!("Version {version} is published. Nobody is answered by it yet.", version)
            } else {
                t!("This model was published before: it is version {version}.", version)
            };
            let kept =
                is_kept.then(|| t!("The edge keeps the rows of the file, see “Kept to train on”."));
            view! { <p>{said} " " {kept}</p> <p class="warn">{undescribed}</p> }
        }
    };
    let next = move || {
        let Stage::Published(version, ..) = stage.get() else { return None };
        registry.snapshot()?;
        Some(if serves(version) {
            view! { <p>{t!("It answers /predict now.")} " " <a href="#live-heading">{t!("How programs ask it")}</a></p> }
        } else {
            primary_button(t!("Promote it …"), move || registry.ask(Action::Promote { version }))
        })
    };
    view! {
        <div role="status">{move || shown()}</div>
        {move || next()}
    }
}

/// Publishes `model`, with its rows or without, and describes it.
fn publish(
    registry: Registry,
    model: &Model,
    with_rows: bool,
    patch: ModelPatch,
    kept: Option<SheetState>,
    stage: RwSignal<Stage>,
) {
    let model = model.clone();
    spawn_local(async move {
        let bytes = if with_rows || model.artifact.carries_rows() == 0 {
            model.bytes.clone()
        } else {
            stage.set(Stage::Working(t!("Taking the rows out …").to_owned()));
            // That is said before the work keeps the page from saying it.
            TimeoutFuture::new(20).await;
            match model.artifact.without_rows() {
                Ok(stripped) => Bytes::from(stripped.to_bytes()),
                Err(error) => {
                    let why = words::rows_refusal(&error).to_owned();
                    let _ = stage.try_set(Stage::Failed(why, Vec::new()));
                    return;
                }
            }
        };
        let size = format::bytes(bytes.0.len());
        let _ = stage.try_set(Stage::Working(t!("Sending {size} …", size)));
        match edge::publish(&registry.client(), &bytes.0).await {
            Ok(done) => {
                registry.note(&done);
                let known = untrack(|| registry.snapshot());
                let is_new =
                    !known.is_some_and(|it| it.models.iter().any(|it| it.version == done.version));
                let undescribed = describe(registry, &done, patch).await;
                // The user may have left the page, and its signals with it.
                let say = move |is_kept: bool, trouble| {
                    let published = Stage::Published(done.version, is_new, is_kept, trouble);
                    let _ = stage.try_set(published);
                };
                let with = move |more: Option<String>| {
                    let troubles: Vec<String> = undescribed.iter().cloned().chain(more).collect();
                    (!troubles.is_empty()).then(|| troubles.join(" "))
                };
                registry.reload();
                say(false, with(kept.map(|_| t!("Sending the rows …").to_owned())));
                if let Some(sheet) = kept {
                    keep_rows(registry, sheet, &model, move |unkept| {
                        registry.reload();
                        say(unkept.is_none(), with(unkept));
                    });
                }
            }
            Err(error) => {
                let failed = Stage::Failed(error.sentence(), error.faults().to_vec());
                let _ = stage.try_set(failed);
            }
        }
    });
}

/// Has the edge keep the rows that lie open, if they are those of `model`; `done` is told why it does not.
fn keep_rows(
    registry: Registry,
    sheet: SheetState,
    model: &Model,
    done: impl FnOnce(Option<String>) + 'static,
) {
    let data_hash = model.artifact.lineage().data_hash.to_string();
    sheet.hand_over(move |rows| {
        spawn_local(async move {
            let Some(rows) = rows else {
                return done(Some(t!("The rows are not kept: the file holds none.").to_owned()));
            };
            let n_bytes = rows.length() as usize;
            if n_bytes > MAX_DATASET_BYTES {
                let [size, most] = [n_bytes, MAX_DATASET_BYTES].map(format::bytes);
                return done(Some(t!(
                    "The rows are not kept: they take {size}, and the edge keeps at most {most} of a file.",
                    size,
                    most
                )));
            }
            let kept = edge::keep_rows(&registry.client(), &data_hash, &rows.to_vec()).await;
            let why = match kept {
                Ok(kept) => {
                    registry.note(&kept);
                    return done(None);
                }
                Err(EdgeError::Changed) => {
                    t!("The file that lies open is not the one that trained the model.").to_owned()
                }
                Err(error) => error.sentence(),
            };
            done(Some(t!("The rows are not kept. {why}", why)));
        });
    });
}

/// Says of the version what was typed, if anything was. Why that failed, if it did.
async fn describe(registry: Registry, done: &edge::Done, patch: ModelPatch) -> Option<String> {
    let ModelPatch { description, tags, archived } = patch;
    let patch = ModelPatch {
        description: description.filter(|text| !text.is_empty()),
        tags: tags.filter(|tags| !tags.is_empty()),
        archived,
    };
    if patch == ModelPatch::default() {
        return None;
    }
    let described = edge::describe(&registry.client(), done.generation, done.version, &patch).await;
    match described {
        Ok(done) => {
            registry.note(&done);
            None
        }
        Err(error) => Some(t!("It could not be described. {why}", why = error.sentence())),
    }
}

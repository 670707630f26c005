//! Models, their ONNX files, and what they answer to rows: one side of `tests/onnx/compare.py`.
//!
//! ```text
//! cargo run -p tepal-tests --example onnx_cases -- FOLDER
//! ```
//!
//! Writes `DATA.json` a data set, with its rows column by column (`null` where a value is missing),
//! and `CASE.onnx` and `CASE.json` a model, with probabilities and labels of those rows.

use std::fs;
use std::path::Path;

use model_core::model::ClassWeight;
use model_core::model::forest::RandomForestParams;
use model_core::model::gradient_boosting::GradientBoostingParams;
use model_core::model::logistic_regression::LogisticRegressionParams;
use model_core::model::svm::{Kernel, SvmParams};
use model_core::pipeline::{DerivedFeatures, PreprocessingParams};
use model_core::rng::SplitMix64;
use model_core::schema::{Feature, FeatureKind};
use model_core::{Artifact, CsvOptions, Dataset, Family, FamilyParams, Quantisation, TrainParams};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let folder = std::env::args().nth(1).ok_or("which folder? usage: onnx_cases FOLDER")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for data in all_data()? {
        let rows = data.rows();
        let columns: Vec<Value> =
            data.dataset.schema().features.iter().enumerate().map(|c| column(c, &rows)).collect();
        let document = json!({ "columns": columns, "n_recorded": data.dataset.n_samples() });
        write(folder, &format!("{}.json", data.name), document.to_string().as_bytes())?;
        for (name, params) in &data.cases {
            write_case(folder, &data, name, params, &rows)?;
        }
    }
    Ok(())
}

/// A data set and what is trained on it.
struct Data {
    name: &'static str,
    dataset: Dataset,
    /// Rows made up beside the recorded ones.
    n_made_up: usize,
    /// Whether numbers have more digits than single precision keeps, so that files take doubles.
    is_wide: bool,
    cases: Vec<(&'static str, TrainParams)>,
}

impl Data {
    /// The recorded rows, and more all over the hard range, on the grid of the decimals that the data
    /// are written with.
    fn rows(&self) -> Vec<Vec<f64>> {
        let mut rng = SplitMix64::new(2026);
        let features = &self.dataset.schema().features;
        let recorded = (0..self.dataset.n_samples()).map(|row| self.dataset.row(row).to_vec());
        let mut rows: Vec<Vec<f64>> = recorded.collect();
        rows.extend((0..self.n_made_up).map(|_| {
            features
                .iter()
                .map(|feature| made_up(feature, self.is_wide, &mut rng))
                .collect::<Vec<f64>>()
        }));
        rows
    }
}

fn made_up(feature: &Feature, is_wide: bool, rng: &mut SplitMix64) -> f64 {
    if feature.nullable && rng.below(10) == 0 {
        return f64::NAN;
    }
    match &feature.kind {
        FeatureKind::Categorical(names) => f64::from(rng.below(names.len() as u32)),
        FeatureKind::Numeric(range) => {
            // Single precision, which is what ONNX reads, keeps six digits of a decimal; doubles
            // keep fifteen.
            let (most_places, most) = if is_wide { (9, 1e15) } else { (range.decimals, 1e6) };
            let farthest = range.hard.max.max(-range.hard.min);
            let keeps = |places: &u8| farthest * power_of_ten(*places) < most;
            let places = (0..=most_places).rev().find(keeps).unwrap_or_default();
            let steps_of_one = power_of_ten(places);
            let least = (range.hard.min * steps_of_one).ceil();
            let steps = (range.hard.max * steps_of_one).floor() - least;
            (least + f64::from(rng.below(steps as u32 + 1))) / steps_of_one
        }
    }
}

fn power_of_ten(places: u8) -> f64 {
    (0..places).fold(1.0, |power, _| power * 10.0)
}

fn all_data() -> Result<Vec<Data>, Failure> {
    let penguins = |target: &str| CsvOptions {
        name: Some("penguins".to_owned()),
        target: Some(target.to_owned()),
        ..CsvOptions::default()
    };
    let wine = fixture("wine.csv", &CsvOptions::default())?;
    let species = fixture("penguins.csv", &penguins("species"))?;
    let sex = fixture("penguins.csv", &penguins("sex"))?;
    let narrow =
        |name, dataset, n_made_up, cases| Data { name, dataset, n_made_up, is_wide: false, cases };
    let wide =
        |name, dataset, cases| Data { name, dataset, n_made_up: 2_000, is_wide: true, cases };
    Ok(vec![
        narrow("iris", Dataset::iris(), 20_000, on_iris()),
        narrow("wine", wine, 2_000, of_all_families()),
        narrow("species", species, 2_000, of_all_families_and_derived()),
        narrow("sex", sex, 2_000, of_all_families()),
        narrow("ten", ten_classes()?, 2_000, of_all_families()),
        wide("readings", readings(false)?, of_all_families_and_derived()),
        wide("sites", readings(true)?, of_all_families_and_derived()),
    ])
}

/// Seconds since 1970, coordinates with seven decimals and a meter of ten digits, of which small
/// differences make the class; with texts and missing numbers between them if `is_mixed`.
fn readings(is_mixed: bool) -> Result<Dataset, Failure> {
    let mut rng = SplitMix64::new(7);
    let mut csv = if is_mixed { "site,".to_owned() } else { String::new() };
    csv += "seconds,north,meter,class\n";
    for row in 0..240 {
        let class = row % 3;
        let mut steps = |most: u32| rng.below(most) + 40 * class;
        let (seconds, north, meter) = (steps(60), steps(60), steps(90));
        if is_mixed {
            csv += ["quay,", "lock,", "weir,"][(row / 5 % 3) as usize];
        }
        let seconds = 1_764_160_000 + u64::from(seconds);
        let north = 52.520_007 + f64::from(north) * 1e-7;
        let meter = 5_033_164_900 + 10 * u64::from(meter);
        match is_mixed && row % 11 == 0 {
            true => csv += &format!("{seconds},,{meter},c{class}\n"),
            false => csv += &format!("{seconds},{north:.7},{meter},c{class}\n"),
        }
    }
    Ok(Dataset::from_csv(csv.as_bytes(), &CsvOptions::default())?)
}

fn fixture(file: &str, options: &CsvOptions) -> Result<Dataset, Failure> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model-core/data").join(file);
    Ok(Dataset::from_csv(&fs::read(path)?, options)?)
}

/// Ten classes around points of the plane that overlap, and a column of noise.
fn ten_classes() -> Result<Dataset, Failure> {
    let mut rng = SplitMix64::new(10);
    let mut csv = "x,y,noise,class\n".to_owned();
    for row in 0..400 {
        let class = row % 10;
        let mut around = |centre: f64| centre + 1.5 * (rng.unit() + rng.unit() - 1.0);
        let (x, y) = (around(f64::from(class % 4)), around(f64::from(class / 4)));
        csv.push_str(&format!("{x:.2},{y:.2},{:.2},c{class}\n", around(0.0)));
    }
    Ok(Dataset::from_csv(csv.as_bytes(), &CsvOptions::default())?)
}

fn default_of(family: Family) -> TrainParams {
    TrainParams::new(family)
}

fn of_all_families() -> Vec<(&'static str, TrainParams)> {
    let families = Family::ALL.into_iter().filter(|f| *f != Family::KNearestNeighbors);
    families.map(|family| (family.as_str(), default_of(family))).collect()
}

fn of_all_families_and_derived() -> Vec<(&'static str, TrainParams)> {
    let mut cases = of_all_families();
    cases.extend(deriving());
    cases
}

fn on_iris() -> Vec<(&'static str, TrainParams)> {
    let mut cases = of_all_families();
    let kernel =
        |kernel| TrainParams::new(FamilyParams::Svm(SvmParams { kernel, ..SvmParams::default() }));
    let narrowed = |family, form| TrainParams { quantisation: Some(form), ..default_of(family) };
    let balanced = ClassWeight::Values(vec![1.0, 5.0, 0.5]);
    let trees = RandomForestParams { n_trees: 600, ..RandomForestParams::default() };
    cases.extend([
        ("forest_of_600", TrainParams::new(FamilyParams::RandomForest(trees))),
        ("forest_int8", narrowed(Family::RandomForest, Quantisation::Int8)),
        ("svm_linear", kernel(Kernel::Linear)),
        ("svm_poly", kernel(Kernel::Poly { degree: 3, coef0: 1.0 })),
        ("svm_f32", narrowed(Family::Svm, Quantisation::F32)),
        ("svm_int8", narrowed(Family::Svm, Quantisation::Int8)),
        (
            "svm_weighted",
            TrainParams::new(FamilyParams::Svm(SvmParams {
                class_weight: balanced.clone(),
                ..SvmParams::default()
            })),
        ),
        (
            "logistic_regression_weighted",
            TrainParams::new(FamilyParams::LogisticRegression(LogisticRegressionParams {
                class_weight: balanced.clone(),
                ..LogisticRegressionParams::default()
            })),
        ),
        (
            "boosting_weighted",
            TrainParams::new(FamilyParams::GradientBoosting(GradientBoostingParams {
                class_weight: balanced,
                ..GradientBoostingParams::default()
            })),
        ),
    ]);
    cases.extend(deriving());
    cases
}

/// Derived columns, and a selection of them.
fn deriving() -> [(&'static str, TrainParams); 4] {
    let with = |family, derived, select| TrainParams {
        preprocessing: PreprocessingParams { derived, select },
        ..default_of(family)
    };
    let both = DerivedFeatures::RatiosAndProducts;
    [
        (
            "logistic_regression_ratios",
            with(Family::LogisticRegression, DerivedFeatures::Ratios, None),
        ),
        ("svm_of_derived", with(Family::Svm, both, Some(5))),
        ("forest_of_derived", with(Family::RandomForest, both, None)),
        ("boosting_selected", with(Family::GradientBoosting, DerivedFeatures::None, Some(3))),
    ]
}

fn write_case(
    folder: &Path,
    data: &Data,
    name: &str,
    params: &TrainParams,
    rows: &[Vec<f64>],
) -> Result<(), Failure> {
    // Nothing here is about how good the model is.
    let params = TrainParams { cv_folds: 0, ..params.clone() };
    let trained = params.train(&data.dataset)?;
    let model = Artifact::from_bytes(&trained.to_bytes())?;
    let classes = &model.schema().classes;
    let (mut probabilities, mut labels) = (Vec::new(), Vec::new());
    for row in rows {
        let row = data.dataset.schema().row(row).map_err(|errors| format!("{errors:?}"))?;
        let answer = model.predict(&row);
        labels.push(classes[answer.class].clone());
        probabilities.push(answer.probabilities);
    }
    let name = format!("{}.{name}", data.name);
    let document = json!({
        "data": data.name,
        "model_id": model.id().to_string(),
        "family": model.family().as_str(),
        "classes": classes,
        "doubles": model.single_precision_loss().is_some(),
        "probabilities": probabilities,
        "labels": labels,
    });
    write(folder, &format!("{name}.case.json"), document.to_string().as_bytes())?;
    write(folder, &format!("{name}.onnx"), &model.to_onnx()?)
}

/// One column of the rows, as `compare.py` reads it.
fn column((at, feature): (usize, &Feature), rows: &[Vec<f64>]) -> Value {
    let cell = |row: &Vec<f64>| match feature.categories() {
        _ if row[at].is_nan() => Value::Null,
        Some(names) => names.get(row[at] as usize).map_or(Value::Null, |name| json!(name)),
        None => json!(row[at]),
    };
    let kind = if feature.categories().is_some() { "text" } else { "number" };
    json!({ "kind": kind, "values": rows.iter().map(cell).collect::<Vec<_>>() })
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()).into())
}

//! From a row as it is written to what the classifier computes with: the graph of the fitted
//! preprocessing, step by step as in [`pipeline`](crate::pipeline).
//!
//! Numbers arrive in single precision where that carries them, while a row of ours holds doubles.
//! [`as_written`] takes a number back to the decimal that it was written as, so that both compute
//! with the same one. Doubles are taken as they come.

use super::OnnxError;
use super::graph::{Dim, Graph, Value, int, ints, strings};
use super::precision::is_plain;
use super::proto::Element;
use crate::pipeline::{
    Derived, Encoding, MAX_DERIVED, MAX_STANDARDISED, Operation, Preprocessor, StandardScaler,
};
use crate::schema::row::is_code;
use crate::schema::{FeatureKind, Schema};

/// The name of the one input of a model whose columns are all numbers.
const FEATURES: &str = "features";

/// The columns that the classifier sees, in this precision.
pub(super) struct Design {
    pub(super) columns: Value,
    pub(super) element: Element,
}

/// Adds the inputs and the preprocessing to `graph`.
///
/// Numbers go in as `given`. The columns are doubles if `element` asks for them or a step needs
/// them, else floats.
///
/// # Errors
/// [`OnnxError::DerivedCategory`] if a column is derived from categories.
pub(super) fn design(
    graph: &mut Graph,
    schema: &Schema,
    preprocessor: &Preprocessor,
    (given, element): (Element, Element),
) -> Result<Design, OnnxError> {
    let inputs = inputs(graph, schema, given);
    let element = if is_plain(preprocessor) { element } else { Element::Double };
    let mut pool = Pool { parts: Vec::new(), width: 0 };
    // Where the encoded columns of each feature, and then the derived ones, begin in the pool.
    let mut begins = vec![0; schema.features.len()];
    let numbers = numbers_of(schema);
    let filled = match &inputs.numbers {
        Some(numbers_in) => {
            let filled = filled_numbers(graph, numbers_in, schema, preprocessor, (given, element));
            let begin = pool.add(filled.clone(), numbers.len());
            numbers.iter().enumerate().for_each(|(at, &feature)| begins[feature] = begin + at);
            Some(filled)
        }
        None => None,
    };
    for (feature, texts) in &inputs.categories {
        let spec = &schema.features[*feature];
        let Some(categories) = spec.categories() else { continue };
        let fill = preprocessor.imputer().fill().get(*feature).copied().unwrap_or_default();
        let indicators = indicators(graph, texts, categories, spec.other, fill, element);
        begins[*feature] = pool.add(indicators, categories.len());
    }
    let derived = match &filled {
        Some(filled) => derive(graph, filled, preprocessor.derived(), &numbers, schema, &mut pool)?,
        None => Vec::new(),
    };
    let all = graph.concat(&pool.parts);
    let wanted = wanted(preprocessor, &begins, derived);
    let is_whole = wanted.iter().copied().eq(0..pool.width as i64);
    let mut columns = if is_whole { all } else { graph.columns(&all, &wanted) };
    if let Some(scaler) = preprocessor.scaler() {
        columns = scaled(graph, &columns, scaler);
    }
    Ok(Design { columns, element })
}

/// Blocks of columns that will stand side by side.
struct Pool {
    parts: Vec<Value>,
    width: usize,
}

impl Pool {
    /// Adds a block; where it begins.
    fn add(&mut self, block: Value, width: usize) -> usize {
        let begin = self.width;
        self.parts.push(block);
        self.width += width;
        begin
    }
}

/// What the graph reads.
pub(super) struct Inputs {
    /// All numeric columns, in the order of the schema.
    numbers: Option<Value>,
    /// Each categorical feature's column.
    categories: Vec<(usize, Value)>,
}

/// One tensor of all columns if all are numbers, else one a column.
pub(super) fn inputs(graph: &mut Graph, schema: &Schema, given: Element) -> Inputs {
    let n_features = schema.features.len();
    if numbers_of(schema).len() == n_features {
        let all = graph.input(FEATURES, given, &[Dim::Rows, Dim::Of(n_features)]);
        return Inputs { numbers: Some(all), categories: Vec::new() };
    }
    let (mut numbers, mut categories) = (Vec::new(), Vec::new());
    for (at, feature) in schema.features.iter().enumerate() {
        let mut column = |element| graph.input(&feature.name, element, &[Dim::Rows, Dim::Of(1)]);
        match &feature.kind {
            FeatureKind::Numeric(_) => numbers.push(column(given)),
            FeatureKind::Categorical(_) => categories.push((at, column(Element::String))),
        }
    }
    let numbers = (!numbers.is_empty()).then(|| graph.concat(&numbers));
    Inputs { numbers, categories }
}

/// Which features are numbers.
fn numbers_of(schema: &Schema) -> Vec<usize> {
    let features = schema.features.iter().enumerate();
    features.filter(|(_, feature)| feature.numeric().is_some()).map(|(at, _)| at).collect()
}

/// The numeric columns with what is missing filled in.
fn filled_numbers(
    graph: &mut Graph,
    numbers_in: &Value,
    schema: &Schema,
    preprocessor: &Preprocessor,
    (given, element): (Element, Element),
) -> Value {
    let decimals: Vec<u8> =
        schema.features.iter().filter_map(|feature| Some(feature.numeric()?.decimals)).collect();
    let numbers = match (given, element) {
        (Element::Float, Element::Double) => as_written(graph, numbers_in, &decimals),
        (Element::Double, Element::Float) => graph.cast(numbers_in, Element::Float),
        _ => numbers_in.clone(),
    };
    let numeric = preprocessor.imputer().fill().iter().zip(&schema.features);
    let fill: Vec<f64> =
        numeric.filter(|(_, feature)| feature.numeric().is_some()).map(|(fill, _)| *fill).collect();
    let fill = graph.reals("fill", element, &[fill.len()], &fill);
    let is_missing = graph.op("IsNaN", &[&numbers]);
    graph.op("Where", &[&is_missing, &fill, &numbers])
}

/// The floats as doubles: the shortest decimal that the float is what single precision makes of, of
/// at most as many places as the training values have; the float itself if there is none.
///
/// So 5.1, of which single precision makes 5.0999999, is 5.1 again, and a row of at most six digits
/// a number has the very numbers that it has outside ONNX.
fn as_written(graph: &mut Graph, floats: &Value, decimals: &[u8]) -> Value {
    let exact = graph.cast(floats, Element::Double);
    let most = decimals.iter().copied().max().unwrap_or_default();
    // The fewest places come last, and so have the last word.
    (0..=most).rev().fold(exact.clone(), |found, places| {
        let power = |most: &u8| (0..places.min(*most)).fold(1.0, |power, _| power * 10.0);
        let powers: Vec<f64> = decimals.iter().map(power).collect();
        let powers = graph.doubles("powers_of_ten", &[powers.len()], &powers);
        let steps = graph.op("Mul", &[&exact, &powers]);
        let steps = graph.op("Round", &[&steps]);
        let decimal = graph.op("Div", &[&steps, &powers]);
        let again = graph.cast(&decimal, Element::Float);
        let is_decimal = graph.op("Equal", &[&again, floats]);
        graph.op("Where", &[&is_decimal, &decimal, &found])
    })
}

/// An indicator for each of `categories`; an empty text is no value. Any other text is the category
/// `other` if there is one, and else stops the runtime, as it is an error in a row of ours.
fn indicators(
    graph: &mut Graph,
    texts: &Value,
    categories: &[String],
    other: Option<u32>,
    fill: f64,
    element: Element,
) -> Value {
    let n = categories.len() as i64;
    let mut keys: Vec<&str> = categories.iter().map(String::as_str).collect();
    let mut codes: Vec<i64> = (0..n).collect();
    if is_code(fill, categories.len()) && !keys.contains(&"") {
        keys.push("");
        codes.push(fill as i64);
    }
    let of_unknown = int("default_int64", other.map_or(-1, i64::from));
    let attributes = vec![strings("keys_strings", keys), ints("values_int64s", codes), of_unknown];
    let codes = graph.ml("LabelEncoder", texts, attributes);
    let zeros = int("zeros", 0);
    let known = ints("cats_int64s", (0..n).collect());
    let indicators = graph.ml("OneHotEncoder", &codes, vec![known, zeros]);
    let indicators = graph.reshape(&indicators, &[-1, n]);
    match element {
        Element::Double => graph.cast(&indicators, Element::Double),
        _ => indicators,
    }
}

/// Adds the derived columns to the pool: where each one stands in it.
fn derive(
    graph: &mut Graph,
    filled: &Value,
    derived: &[Derived],
    numbers: &[usize],
    schema: &Schema,
    pool: &mut Pool,
) -> Result<Vec<i64>, OnnxError> {
    let mut places = vec![0; derived.len()];
    for operation in [Operation::Ratio, Operation::Product] {
        let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
        for (at, column) in derived.iter().enumerate().filter(|(_, d)| d.operation == operation) {
            places[at] = (pool.width + firsts.len()) as i64;
            firsts.push(place_of(column.first, numbers, schema)?);
            seconds.push(place_of(column.second, numbers, schema)?);
        }
        if firsts.is_empty() {
            continue;
        }
        let width = firsts.len();
        let first = graph.columns(filled, &firsts);
        let second = graph.columns(filled, &seconds);
        let value = match operation {
            Operation::Product => graph.op("Mul", &[&first, &second]),
            Operation::Ratio => {
                let zero = graph.doubles("zero", &[], &[0.0]);
                let ratio = graph.op("Div", &[&first, &second]);
                let is_zero = graph.op("Equal", &[&second, &zero]);
                graph.op("Where", &[&is_zero, &zero, &ratio])
            }
        };
        let kept = graph.clip(&value, -MAX_DERIVED, MAX_DERIVED);
        pool.add(kept, width);
    }
    Ok(places)
}

/// Where a feature stands among the numbers.
fn place_of(feature: u32, numbers: &[usize], schema: &Schema) -> Result<i64, OnnxError> {
    let place = numbers.iter().position(|&number| number == feature as usize);
    place.map(|place| place as i64).ok_or_else(|| OnnxError::DerivedCategory {
        column: schema.features.get(feature as usize).map(|f| f.name.clone()).unwrap_or_default(),
    })
}

/// Where in the pool each column of the design rows stands.
fn wanted(preprocessor: &Preprocessor, begins: &[usize], derived: Vec<i64>) -> Vec<i64> {
    let encodings = preprocessor.encoder().encodings().iter().zip(begins);
    let mut all: Vec<i64> = Vec::new();
    for (encoding, &begin) in encodings {
        match encoding {
            Encoding::Number => all.push(begin as i64),
            // Only what the training rows held has an indicator.
            Encoding::OneHot(codes) => {
                all.extend(codes.iter().map(|&code| begin as i64 + i64::from(code)));
            }
            // Refused before the graph is made.
            Encoding::Target(_) => {}
        }
    }
    all.extend(derived);
    match preprocessor.selected() {
        None => all,
        Some(selected) => selected.iter().filter_map(|&at| all.get(at as usize).copied()).collect(),
    }
}

fn scaled(graph: &mut Graph, columns: &Value, scaler: &StandardScaler) -> Value {
    let mean = graph.doubles("mean", &[scaler.mean().len()], scaler.mean());
    let scale = graph.doubles("scale", &[scaler.scale().len()], scaler.scale());
    let centred = graph.op("Sub", &[columns, &mean]);
    let standardised = graph.op("Div", &[&centred, &scale]);
    graph.clip(&standardised, -MAX_STANDARDISED, MAX_STANDARDISED)
}

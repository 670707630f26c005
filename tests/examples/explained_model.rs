//! A model of a data set on standard streams, for programs that explain it in their own way:
//!
//! ```text
//! cargo run -p tepal-tests --example explained_model -- FILE.csv FAMILY
//! ```
//!
//! Trains the family's defaults and prints one line of JSON: what the model is, the rows it carries,
//! the background that explanations compare with, and the trees of a forest. After that it answers
//! requests until its input ends: how many rows (64 bits), and their values as doubles, all
//! little-endian; it writes the probabilities of each as doubles. `fixtures/make_explanations.py` talks to it.

use std::io::{BufWriter, ErrorKind, Read, Write, stdin, stdout};

use model_core::TrainParams;
use model_core::explanation::Background;
use model_core::model::Model;
use model_core::model::forest::{LEAF_TOTAL, Node, Tree};
use model_core::{Artifact, CsvOptions, Dataset, Family, ReferenceSample};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, family] = arguments.as_slice() else {
        return Err("usage: explained_model FILE.csv FAMILY".into());
    };
    let dataset = Dataset::from_csv(&std::fs::read(file)?, &CsvOptions::default())?;
    let params = TrainParams { cv_folds: 0, ..TrainParams::new(family.parse::<Family>()?) };
    let model = params.train(&dataset)?;
    let mut out = BufWriter::new(stdout().lock());
    writeln!(out, "{}", described(&model, &dataset)?)?;
    out.flush()?;
    answer(&model, &mut stdin().lock(), &mut out)
}

fn described(model: &Artifact, dataset: &Dataset) -> Result<Value, Failure> {
    let schema = model.schema();
    let background = Background::of(model, 42)?;
    let names: Vec<&str> = schema.features.iter().map(|feature| feature.name.as_str()).collect();
    let ReferenceSample { train, held_out } = model.reference();
    let rows = |rows: &model_core::ReferenceRows| -> Vec<Vec<f64>> {
        rows.rows().map(|(row, _)| row.to_vec()).collect()
    };
    let trees: Vec<Value> = match &model.pipeline().model {
        Model::RandomForest(forest) => forest.trees().iter().map(tree).collect(),
        _ => Vec::new(),
    };
    Ok(json!({
        "answers_digest": tepal_tests::answers_digest(model, dataset),
        "features": names,
        "classes": schema.classes,
        "background": background.rows().collect::<Vec<_>>(),
        "train": rows(train),
        "held_out": rows(held_out),
        "held_out_labels": held_out.labels(),
        "trees": trees,
    }))
}

/// Nodes as parallel lists, -1 for no child; a leaf's values are its class fractions.
fn tree(tree: &Tree) -> Value {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let (mut features, mut thresholds, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (at, node) in tree.nodes().iter().enumerate() {
        let (mut children, mut split, mut fractions) = ((-1, -1), (-2, 0.0_f32), Vec::new());
        match *node {
            Node::Split { feature, threshold, right } => {
                children = (at as i64 + 1, i64::from(right));
                split = (i64::from(feature), threshold);
            }
            Node::Leaf { leaf } => {
                let parts = tree.fractions(leaf).iter();
                fractions = parts.map(|&part| f64::from(part) / f64::from(LEAF_TOTAL)).collect();
            }
        }
        left.push(children.0);
        right.push(children.1);
        features.push(split.0);
        thresholds.push(f64::from(split.1));
        values.push(fractions);
    }
    json!({
        "left": left, "right": right, "features": features, "thresholds": thresholds,
        "values": values,
    })
}

/// Reads rows until there are no more, and answers each at once.
fn answer(model: &Artifact, input: &mut dyn Read, out: &mut dyn Write) -> Result<(), Failure> {
    let mut row = vec![0.0; model.schema().features.len()];
    let mut probabilities = vec![0.0; model.schema().classes.len()];
    // A request is the number of rows, and then the rows.
    let mut number = [0; 8];
    loop {
        match input.read_exact(&mut number) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            other => other?,
        }
        for _ in 0..u64::from_le_bytes(number) {
            for value in &mut row {
                let mut bytes = [0; 8];
                input.read_exact(&mut bytes)?;
                *value = f64::from_le_bytes(bytes);
            }
            model.predict_proba_into(&row, &mut probabilities);
            for probability in &probabilities {
                out.write_all(&probability.to_le_bytes())?;
            }
        }
        out.flush()?;
    }
}

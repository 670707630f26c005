//! A model from data to answer, in one page: start here.
//!
//! ```text
//! cargo run --release -p model-core --example first_model
//! ```
//!
//! Everything that the other programs do on files is done here in memory, on the built-in Iris
//! data. Nothing below reads a clock or a random number: run it twice, on two machines, and the
//! model has the same id.

#[path = "shared/program.rs"]
mod program;

use std::fmt::Write;
use std::ops::ControlFlow;
use std::process::ExitCode;

use model_core::explanation::{Background, Counterfactual, Shapley, ShapleyParams, Target};
use model_core::{Artifact, Dataset, Family, TrainParams};

use self::program::{Failure, exit, print};

fn main() -> ExitCode {
    exit("first_model", run())
}

fn run() -> Result<(), Failure> {
    let mut out = String::new();

    // Data. `Dataset::from_csv` takes the bytes of any CSV file; its schema is what it found out.
    let iris = Dataset::iris();
    let (n_rows, classes) = (iris.n_samples(), iris.schema().classes.join(", "));
    writeln!(out, "data      {n_rows} flowers: {classes}")?;

    // Training. The parameters hold a seed, which decides split, folds and all else that is drawn.
    // `Training::run` does the same, tells of every step and may be stopped.
    let model = TrainParams::new(Family::RandomForest).train(&iris)?;
    writeln!(out, "model     {}, id {}", model.family(), model.id())?;

    // Evaluation. A fifth of the rows was held out; one of 30 is 3.3 points, hence the other figure.
    let evaluation = model.evaluation();
    if let (Some(test), Some(cv)) = (&evaluation.test, &evaluation.cv) {
        let (right, total) = (test.confusion.n_correct(), test.confusion.total());
        let (mean, std) = (100.0 * cv.mean(), 100.0 * cv.std());
        writeln!(
            out,
            "accuracy  {right} of {total} held-out flowers; {mean:.1} ± {std:.1} % in folds"
        )?;
    }

    // The file. What `to_bytes` gives is all that a page, a Worker or another program needs.
    let file = model.to_bytes();
    let model = Artifact::from_bytes(&file)?;
    writeln!(out, "file      {} bytes", file.len())?;

    // Prediction. The schema checks a row before the model sees it, and names all that is wrong.
    let schema = model.schema();
    // `model.classify(&flower)` gives the name alone.
    let flower = schema.row(&[6.1, 2.8, 4.9, 1.7])?;
    let answer = model.predict(&flower);
    let (name, probability) = (model.class_name(&answer), answer.confidence());
    writeln!(out, "answer    {name} with probability {probability:.2}")?;

    // The prediction set: the classes that cannot be excluded if 9 of 10 sets are to hold the truth.
    // There may be several, or none, as here: no class is as probable as true ones mostly were.
    if let Some(set) = &answer.prediction_set {
        let names: Vec<&str> = set.iter().map(|class| schema.classes[class].as_str()).collect();
        writeln!(out, "set       {{{}}}", names.join(", "))?;
    }

    // Why. What each measurement added to the probability, beside an average flower.
    let background = Background::of(&model, 42)?;
    let shapley = Shapley::of(&model, &background, &flower, ShapleyParams::default(), &mut |_| {
        ControlFlow::Continue(())
    })?;
    writeln!(out, "why       {:+.3} on average", shapley.base[answer.class])?;
    for attribution in &shapley.attributions {
        writeln!(
            out,
            "          {:+.3} {}",
            attribution.values[answer.class], attribution.feature
        )?;
    }

    // What if. The smallest change that would have made it another species.
    if let Some(other) = Counterfactual::of(&model, &flower, Target::AnyOther)? {
        for change in &other.changes {
            let (feature, from, to) = (&change.feature, &change.from, &change.to);
            writeln!(out, "what if   {feature} were {to} and not {from}: {}", other.prediction)?;
        }
    }
    print(out)
}

//! What the view models' tests share: the built-in data set and model, and one with categories and
//! missing values.

use std::ops::ControlFlow;

use model_core::{
    Artifact, CsvOptions, DEFAULT_ARTIFACT, Dataset, Family, FamilyParams, Receipt, Schema,
    TrainParams, train,
};

/// Schema of the built-in data set.
pub(crate) fn iris_schema() -> Schema {
    Dataset::iris().schema().clone()
}

/// The model that ships with the page.
pub(crate) fn built_in() -> Artifact {
    Artifact::from_bytes(DEFAULT_ARTIFACT).unwrap()
}

/// A model of four columns: a number, a category, and the same with gaps.
pub(crate) fn mixed() -> Artifact {
    let mut csv = "weight,colour,width,shape,kind\n".to_owned();
    for n in 0..24 {
        let is_a = n % 2 == 0;
        let (colour, shape) = if is_a { ("blue", "round") } else { ("red", "long") };
        let shape = if n == 3 { "" } else { shape };
        let width = if is_a { String::new() } else { format!("{n}.5") };
        csv += &format!("{n},{colour},{width},{shape},{}\n", if is_a { "a" } else { "b" });
    }
    let data = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
    let family = FamilyParams::default_for(Family::LogisticRegression);
    let params = TrainParams { cv_folds: 0, test_size: 0.0, ..TrainParams::new(family) };
    let go_on = &mut |_| ControlFlow::Continue(());
    train(&data, &params, Receipt::default(), go_on).unwrap()
}

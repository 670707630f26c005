//! What the view models' tests share: the built-in data set and model, and one with categories and
//! missing values.

use model_core::{
    Artifact, CsvOptions, DEFAULT_ARTIFACT, Dataset, Family, FeatureRow, Schema, TrainParams,
};

use super::measurement::{Field, read};
use crate::lab::{Explained, Question, explained};

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
    trained(&csv, &CsvOptions::default())
}

/// A model whose training was told that unknown categories share one and gaps are allowed.
pub(crate) fn sharing() -> Artifact {
    let row = |n: usize| format!("{n},{}\n", ["blue,a", "red,b"][n % 2]);
    let csv = "weight,colour,kind\n".to_owned() + &(0..24).map(row).collect::<String>();
    trained(&csv, &CsvOptions { unknown_other: true, allow_missing: true, ..CsvOptions::default() })
}

/// Models of files whose data set is called iris, and is not the built-in one: of other columns, and
/// of the same columns in another unit.
pub(crate) fn called_iris() -> [Artifact; 2] {
    let options = CsvOptions { name: Some("iris".into()), ..CsvOptions::default() };
    let row = |n: usize| format!("{n},{}\n", ["a", "b"][n % 2]);
    let other = "pupil_mm,eye\n".to_owned() + &(0..24).map(row).collect::<String>();
    let mut alike = "sepal_length,sepal_width,petal_length,petal_width,species\n".to_owned();
    for n in 0..24 {
        alike += &format!("{},{},{},{},{}\n", 50 + n, 30 + n, 14 + n, 2 + n, ["a", "b"][n % 2]);
    }
    [trained(&other, &options), trained(&alike, &options)]
}

/// A model of a number, a date, a text and a category.
pub(crate) fn journal() -> Artifact {
    let mut csv = "depth,day,note,sky,kind\n".to_owned();
    for n in 0..40 {
        let note = ["calm water all day", "wind from the west, rain", "fog until noon, then sun"];
        let (month, day, note) = (1 + n % 3, 1 + n % 28, note[n % 3]);
        csv += &format!("{n},2024-{month:02}-{day:02},\"{note} {n}\",");
        csv += &format!("{},{}\n", ["clear", "grey"][n / 2 % 2], ["a", "b"][n % 2]);
    }
    trained(&csv, &CsvOptions::default())
}

/// The row that `texts` make, one for each field of the model, or a sentence for each faulty one.
pub(crate) fn row(model: &Artifact, texts: &[&str]) -> Result<FeatureRow, Vec<String>> {
    let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    let fields = Field::all(model.schema());
    read(model.schema(), &fields, &texts).row_of(&fields)
}

fn trained(csv: &str, options: &CsvOptions) -> Artifact {
    let data = Dataset::from_csv(csv.as_bytes(), options).unwrap();
    let params =
        TrainParams { cv_folds: 0, test_size: 0.0, ..TrainParams::new(Family::LogisticRegression) };
    params.train(&data).unwrap()
}

/// What `model` answers over two features of the row that `values` make.
pub(crate) fn decision_map(model: &Artifact, values: &[f64], (x, y): (usize, usize)) -> Explained {
    explained(&model.to_bytes(), values, Question::Map(x as u32, y as u32)).unwrap()
}

//! A model as an ONNX file, which answers in onnxruntime as it does here.
//!
//! `precision` finds whether floats carry what the model reads; if not, the file takes doubles.
//! `features` takes a row from the file's inputs to what the classifier computes with; `trees`,
//! `linear` and `svm` (with `coupling`) give probabilities of it; `graph` and `proto` write that
//! down; `metadata` says whose model it is. ADR 0009 says why which operators.
//!
//! **The label is the argmax of the probabilities**, the first class on a tie, as everywhere: never
//! an operator's own label. All that decides is computed in double precision or in whole numbers;
//! single precision holds the inputs, where it carries them, and the probabilities that come out.
//!
//! The same model gives the same bytes.
//!
//! Sources: the ONNX specification, IR version 8, opset 17, ai.onnx.ml 3.

mod coupling;
mod features;
mod graph;
mod linear;
mod metadata;
mod precision;
mod proto;
mod svm;
mod trees;

use prost::Message as _;

use self::features::Design;
use self::graph::{Dim, Graph, ML, Value, cast_to, int};
pub use self::precision::{NarrowedColumn, SinglePrecisionLoss};
use self::proto::{Element, OperatorSet};
use crate::artifact::Artifact;
use crate::model::{Family, Model};
use crate::pipeline::Encoding;
use crate::schema::Schema;

/// The name of the output with each row's class, a text: `[N]`.
pub const LABEL: &str = "label";
/// The name of the output with each row's probabilities, floats: `[N, k]`.
pub const PROBABILITIES: &str = "probabilities";

/// Version of the file format; 8 goes with opset 17.
const IR_VERSION: i64 = 8;
const OPSET: i64 = 17;
const ML_OPSET: i64 = 3;

/// Why a model has no ONNX file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// The family's answers would differ.
    #[error(
        "{family} has no ONNX form that answers alike, as inputs of single precision change which \
         rows are equally near: export logistic_regression, random_forest, svm, gaussian_nb or \
         gradient_boosting"
    )]
    Family {
        /// Which family.
        family: Family,
    },
    /// A ratio or product of something that is no number.
    #[error("a column is derived from {column:?}, which holds categories: derive from numbers")]
    DerivedCategory {
        /// The source column.
        column: String,
    },
    /// A column of more categories than have indicators.
    #[error(
        "column {column:?} has {n_categories} categories, which the model sees as shares of the classes: a \
         file has room for at most 100 categories a column, so leave it out or put rare ones together"
    )]
    ManyCategories {
        /// The column.
        column: String,
        /// Its categories.
        n_categories: usize,
    },
    /// The file would be beyond what protobuf holds.
    #[error(
        "support vectors times pairs of classes are {numbers} numbers, at most {most} fit into a \
         file: train on fewer rows or classes"
    )]
    TooLarge {
        /// How many numbers there are.
        numbers: usize,
        /// How many fit.
        most: usize,
    },
}

impl Artifact {
    /// The model as an ONNX file: preprocessing, classifier and label.
    ///
    /// Inputs: floats `features [N, p]` if all columns are numbers, else one `[N, 1]` a column, of
    /// floats or texts; NaN or an empty text where a value is missing. Numbers are doubles instead of
    /// floats where floats would not carry them: see
    /// [`single_precision_loss`](Self::single_precision_loss). Outputs: texts
    /// [`label`](LABEL) `[N]` and floats [`probabilities`](PROBABILITIES) `[N, k]`, in the order of
    /// the schema's classes.
    ///
    /// ```
    /// use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let onnx: Vec<u8> = model.to_onnx()?;
    /// assert_eq!(model.to_onnx()?, onnx, "ready to be written to a file");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`OnnxError::Family`] for k nearest neighbours, [`OnnxError::ManyCategories`] for a column of
    /// more than 100 categories, [`OnnxError::TooLarge`] for a support vector
    /// machine of very many vectors and classes.
    pub fn to_onnx(&self) -> Result<Vec<u8>, OnnxError> {
        let given = match self.single_precision_loss() {
            Some(_) => Element::Double,
            None => Element::Float,
        };
        let graph = graph_of(self, given)?;
        let set = |domain: &str, version| OperatorSet { domain: domain.to_owned(), version };
        let file = proto::Model {
            ir_version: IR_VERSION,
            producer_name: "tepal".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            model_version: self.lineage().algorithm_version.into(),
            doc_string: metadata::description(self, given == Element::Double),
            metadata_props: metadata::properties(self, &graph.input),
            graph: Some(graph),
            opset_import: vec![set("", OPSET), set(ML, ML_OPSET)],
        };
        Ok(file.encode_to_vec())
    }
}

/// The names of a file's inputs for rows of `schema`: one that holds all columns, `features`, or one
/// a column, named after it as far as ONNX allows (letters, digits and `_`, none of them twice).
#[must_use]
pub fn input_names(schema: &Schema) -> Vec<String> {
    let mut graph = Graph::new("", &[LABEL, PROBABILITIES]);
    features::inputs(&mut graph, schema, Element::Float);
    graph.finish().input.into_iter().map(|input| input.name).collect()
}

fn graph_of(artifact: &Artifact, given: Element) -> Result<proto::Graph, OnnxError> {
    let (schema, pipeline) = (artifact.schema(), artifact.pipeline());
    let encodings = pipeline.preprocessor.encoder().encodings();
    let is_target = |encoding: &Encoding| matches!(encoding, Encoding::Target(_));
    if let Some(at) = encodings.iter().position(is_target)
        && let Some(feature) = schema.features.get(at)
    {
        let n_categories = feature.categories().map_or(0, <[String]>::len);
        return Err(OnnxError::ManyCategories { column: feature.name.clone(), n_categories });
    }
    let mut graph = Graph::new(artifact.family().as_str(), &[LABEL, PROBABILITIES]);
    let compares_singly =
        matches!(pipeline.model, Model::RandomForest(_) | Model::GradientBoosting(_));
    let element = if compares_singly { Element::Float } else { Element::Double };
    let Design { columns, element } =
        features::design(&mut graph, schema, &pipeline.preprocessor, (given, element))?;
    let columns = match element {
        Element::Double if compares_singly => graph.cast(&columns, Element::Float),
        _ => columns,
    };
    let probabilities = probabilities(&mut graph, &columns, &pipeline.model)?;
    answer(&mut graph, &probabilities, &schema.classes);
    Ok(graph.finish())
}

/// The probabilities of the classes, as doubles.
fn probabilities(graph: &mut Graph, columns: &Value, model: &Model) -> Result<Value, OnnxError> {
    let scores = match model {
        Model::RandomForest(forest) => return Ok(trees::forest(graph, columns, forest)),
        Model::Svm(svm) => return svm::probabilities(graph, columns, svm),
        Model::KNearestNeighbors(_) => {
            return Err(OnnxError::Family { family: Family::KNearestNeighbors });
        }
        Model::GradientBoosting(boosting) => trees::boosting(graph, columns, boosting),
        Model::LogisticRegression(model) => linear::logistic_regression(graph, columns, model),
        Model::GaussianNb(model) => linear::gaussian_nb(graph, columns, model),
    };
    Ok(graph.op_with("Softmax", &[&scores], vec![int("axis", 1)]))
}

/// The two outputs. The label is taken before rounding to single precision, which makes ties.
fn answer(graph: &mut Graph, probabilities: &Value, classes: &[String]) {
    let first = vec![int("axis", 1), int("keepdims", 0), int("select_last_index", 0)];
    let best = graph.op_with("ArgMax", &[probabilities], first);
    let names = graph.strings("classes", classes);
    let texts = (Element::String, &[Dim::Rows][..]);
    graph.output(LABEL, texts, "Gather", &[&names, &best], vec![int("axis", 0)]);
    let shape = [Dim::Rows, Dim::Of(classes.len())];
    let floats = (Element::Float, &shape[..]);
    let cast = vec![cast_to(Element::Float)];
    graph.output(PROBABILITIES, floats, "Cast", &[probabilities], cast);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;
    use crate::pipeline::{DerivedFeatures, PreprocessingParams};
    use crate::{CsvOptions, Dataset, FamilyParams, Receipt, TrainParams};

    fn trained(dataset: &Dataset, params: TrainParams) -> Artifact {
        params.train(dataset).unwrap()
    }

    fn penguins() -> Dataset {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/penguins.csv");
        let options = CsvOptions::with_target("species");
        Dataset::from_csv(&fs::read(file).unwrap(), &options).unwrap()
    }

    fn default_of(family: Family) -> TrainParams {
        TrainParams { cv_folds: 0, ..TrainParams::new(family) }
    }

    /// What is in the file, after a look at what a runtime relies on.
    fn read(bytes: &[u8]) -> proto::Graph {
        let graph = proto::Model::decode(bytes).unwrap().graph.unwrap();
        let inputs = graph.input.iter().map(|input| &input.name);
        let constants = graph.initializer.iter().map(|constant| &constant.name);
        let mut known: BTreeSet<&String> = inputs.chain(constants).collect();
        for node in &graph.node {
            assert!(node.input.iter().all(|input| known.contains(input)), "{node:?}");
            assert!(node.output.iter().all(|output| known.insert(output)), "{node:?}");
        }
        assert!(graph.output.iter().all(|output| known.contains(&output.name)));
        let outputs: Vec<&str> = graph.output.iter().map(|output| output.name.as_str()).collect();
        assert_eq!(outputs, [LABEL, PROBABILITIES]);
        graph
    }

    fn operators(graph: &proto::Graph) -> Vec<&str> {
        graph.node.iter().map(|node| node.op_type.as_str()).collect()
    }

    #[test]
    fn every_family_has_its_graph_or_an_error_that_names_the_families() {
        for family in Family::ALL {
            let artifact = trained(&Dataset::iris(), default_of(family));
            match artifact.to_onnx() {
                Ok(bytes) => assert_eq!(read(&bytes).name, family.as_str()),
                Err(error) => {
                    assert_eq!(family, Family::KNearestNeighbors);
                    assert_eq!(error, OnnxError::Family { family });
                    let others = Family::ALL.into_iter().filter(|other| *other != family);
                    let sentence = error.to_string();
                    others.for_each(|other| assert!(sentence.contains(other.as_str())));
                }
            }
        }
    }

    #[test]
    fn one_trained_model_is_one_file_whenever_it_was_trained() {
        let iris = Dataset::iris();
        let params = default_of(Family::RandomForest);
        let receipt = Receipt { created_at_millis: 5, host: "there".into(), ..Receipt::default() };
        let there = params.train(&iris).unwrap().with_receipt(receipt);
        let here = trained(&iris, params);
        assert_ne!(here.to_bytes(), there.to_bytes());
        assert_eq!(here.to_onnx(), there.to_onnx());
    }

    #[test]
    fn numbers_are_one_input_and_nothing_scales_before_trees() {
        let model = trained(&Dataset::iris(), default_of(Family::RandomForest));
        let graph = read(&model.to_onnx().unwrap());
        assert_eq!(graph.input.len(), 1);
        assert_eq!(graph.input[0].name, "features");
        assert_eq!(input_names(model.schema()), ["features"]);
        let expected =
            ["IsNaN", "Where", "TreeEnsembleRegressor", "Cast", "Div", "ArgMax", "Gather", "Cast"];
        assert_eq!(operators(&graph), expected);
    }

    #[test]
    fn texts_and_numbers_are_an_input_each() {
        let model = trained(&penguins(), default_of(Family::LogisticRegression));
        let graph = read(&model.to_onnx().unwrap());
        let names: Vec<&str> = graph.input.iter().map(|input| input.name.as_str()).collect();
        assert_eq!(names, input_names(model.schema()));
        let features: Vec<&str> = model.schema().features.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, features);
        let element = |at: usize| {
            let kind = graph.input[at].kind.as_ref().and_then(|kind| kind.tensor.as_ref());
            kind.map(proto::TensorType::element)
        };
        assert_eq!((element(0), element(1)), (Some(Element::String), Some(Element::Float)));
    }

    #[test]
    fn an_unknown_text_is_what_the_schema_says() {
        let default_of = |unknown_other| {
            let options = CsvOptions { unknown_other, ..CsvOptions::default() };
            let csv = b"x,colour,y\n1,red,a\n2,blue,b\n3,red,a\n4,blue,b\n5,teal,b\n";
            let data = Dataset::from_csv(csv, &options).unwrap();
            let params = TrainParams { test_size: 0.0, ..default_of(Family::LogisticRegression) };
            let graph = read(&trained(&data, params).to_onnx().unwrap());
            let encoder = graph.node.iter().find(|node| node.op_type == "LabelEncoder").unwrap();
            let default = encoder.attribute.iter().find(|a| a.name == "default_int64").unwrap();
            default.i
        };
        // Blue, other and red; or none.
        assert_eq!((default_of(true), default_of(false)), (1, -1));
    }

    #[test]
    fn forests_of_more_than_512_trees_are_summed_in_parts() {
        use crate::model::forest::RandomForestParams;
        for (n_trees, n_parts) in [(512, 1), (513, 2), (1025, 3)] {
            let forest = RandomForestParams { n_trees, max_depth: Some(1), ..Default::default() };
            let family = FamilyParams::RandomForest(forest);
            let params = TrainParams { family, ..default_of(Family::RandomForest) };
            let graph = read(&trained(&Dataset::iris(), params).to_onnx().unwrap());
            let parts = operators(&graph).into_iter().filter(|op| *op == "TreeEnsembleRegressor");
            assert_eq!(parts.count(), n_parts);
        }
    }

    #[test]
    fn every_family_takes_derived_and_selected_columns_of_mixed_rows() {
        let penguins = penguins();
        for family in Family::ALL.into_iter().filter(|f| *f != Family::KNearestNeighbors) {
            let derived = DerivedFeatures::RatiosAndProducts;
            let preprocessing = PreprocessingParams { derived, select: Some(7) };
            let params = TrainParams { preprocessing, ..default_of(family) };
            let graph = read(&trained(&penguins, params).to_onnx().unwrap());
            assert!(operators(&graph).contains(&"OneHotEncoder"), "{family}");
        }
    }
}

//! Iris in parts: a model of some, continued and merged by others.

use super::*;
use crate::recipe::{ContinueParams, TrainParams};
use crate::reference::ReferenceSample;
use crate::rng::{Purpose, SplitMix64};
use crate::schema::FeatureRow;
use crate::{Dataset, FamilyParams};

fn trained_on(data: &Dataset, family: Family) -> Artifact {
    let params = TrainParams::new(family);
    params.train(data).unwrap()
}

fn iris() -> Artifact {
    trained_on(&Dataset::iris(), Family::LogisticRegression)
}

/// These rows of Iris, shuffled.
fn rows(model: &Artifact, wanted: impl Fn(usize) -> bool) -> Vec<(FeatureRow, u32)> {
    let data = Dataset::iris();
    let mut rows: Vec<usize> = (0..150).filter(|&row| wanted(row)).collect();
    SplitMix64::for_purpose(1, Purpose::Synthetic).shuffle(&mut rows);
    rows.iter().map(|&row| (model.schema().row(data.row(row)).unwrap(), data.label(row))).collect()
}

fn continued(model: &Artifact, rows: &[(FeatureRow, u32)], params: &ContinueParams) -> Continued {
    let rows: Vec<(&FeatureRow, u32)> = rows.iter().map(|(row, label)| (row, *label)).collect();
    continue_training(model, &rows, params).unwrap()
}

fn params(n_passes: u32) -> ContinueParams {
    ContinueParams { n_passes, ..ContinueParams::default() }
}

#[test]
fn what_the_model_holds_out_is_not_learned_from() {
    let model = iris();
    let all = rows(&model, |_| true);
    let result = continued(&model, &all, &params(1));
    // Iris has rows that are alike, one of which may be held out while the other trained.
    assert!((30..=32).contains(&result.n_held_out), "{}", result.n_held_out);
    assert_eq!(result.n_rows + result.n_held_out, 150);
    let lineage = result.model.lineage();
    assert_eq!((lineage.n_train, lineage.n_test), (120 + result.n_rows, 30));
    assert_eq!(result.model.reference(), model.reference());
    let only_held_out: Vec<_> = model
        .reference()
        .held_out
        .rows()
        .map(|(values, label)| (model.schema().row(values).unwrap(), label))
        .collect();
    let only: Vec<_> = only_held_out.iter().map(|(row, label)| (row, *label)).collect();
    let error = continue_training(&model, &only, &params(1)).unwrap_err();
    assert_eq!(error, UpdateError::NoRows);
}

#[test]
fn a_continued_model_follows_a_world_that_changes() {
    let model = iris();
    // What was called setosa is now called versicolor, and so on.
    let mut changed = rows(&model, |_| true);
    changed.iter_mut().for_each(|(_, label)| *label = (*label + 1) % 3);
    let mut params = params(20);
    params.online.decay = 0.0;
    let result = continued(&model, &changed, &params);
    let train = result.model.evaluation().train.confusion.accuracy();
    let right_before = result.prequential_accuracy;
    assert!(right_before < 0.95 && train > 0.95, "{right_before} {train}");
    let test = &result.model.evaluation().test.as_ref().unwrap().confusion;
    assert!(test.accuracy() < 0.1, "the old world's rows are answered in the new one's words");
}

#[test]
fn a_continued_model_comes_back_from_its_file() {
    let model = iris();
    let result = continued(&model, &rows(&model, |row| row % 2 == 0), &params(3));
    let read = Artifact::from_bytes(&result.model.to_bytes()).unwrap();
    assert_eq!(read, result.model);
    assert_ne!(read.id(), model.id());
    assert!(read.conformal().is_none() && read.evaluation().cv.is_none());
    let Origin::Continued { parent, n_rows, params, .. } = &read.lineage().origin else {
        panic!("{:?}", read.lineage().origin);
    };
    assert_eq!((*parent, *n_rows, params.n_passes), (model.id(), result.n_rows, 3));
    // The same rows and parameters give the same model, and another order another.
    let again = continued(&model, &rows(&model, |row| row % 2 == 0), params);
    assert_eq!(again.model.id(), read.id());
    let mut reversed = rows(&model, |row| row % 2 == 0);
    reversed.reverse();
    assert_ne!(continued(&model, &reversed, params).model.id(), read.id());
}

#[test]
fn parties_that_keep_their_rows_reach_what_all_rows_together_do() {
    // The first model knows 30 rows; three parties have the rest, two of them no setosa.
    let data = Dataset::iris();
    let few: Vec<usize> = (0..150).step_by(5).collect();
    let csv: String = std::iter::once("a,b,c,d,species\n".to_owned())
        .chain(few.iter().map(|&row| {
            let values: Vec<String> = data.row(row).iter().map(ToString::to_string).collect();
            format!("{},{}\n", values.join(","), data.schema().classes[data.label(row) as usize])
        }))
        .collect();
    let first = Dataset::from_csv(csv.as_bytes(), &crate::CsvOptions::default()).unwrap();
    let mut global = trained_on(&first, Family::LogisticRegression);
    let party = |row: usize| if row < 60 { 0 } else { row % 3 };
    let right = |model: &Artifact| {
        let row = |row: usize| model.schema().row(data.row(row)).unwrap();
        let is_right = |&at: &usize| model.predict(&row(at)).class == data.label(at) as usize;
        (0..150).filter(is_right).count()
    };
    let before = right(&global);
    for _ in 0..5 {
        let parts: Vec<Artifact> = (0..3)
            .map(|one| {
                let own = rows(&global, |row| row % 5 != 0 && party(row) == one);
                continued(&global, &own, &params(5)).model
            })
            .collect();
        global = merge(&parts).unwrap();
        assert_eq!(global.lineage().parents().len(), 3);
        assert_eq!(global, Artifact::from_bytes(&global.to_bytes()).unwrap());
        // No row of a party's is in it.
        assert_eq!(global.reference(), parts[0].reference());
    }
    let after = right(&global);
    assert!(after >= 143 && after >= before, "{before} -> {after}");
}

#[test]
fn the_mean_is_by_the_rows_that_each_learned_from() {
    let model = iris();
    let [a, b] =
        [30, 120].map(|end| continued(&model, &rows(&model, |row| row < end), &params(1)).model);
    let of = |model: &Artifact| regression(model).unwrap().intercepts().to_vec();
    let merged = merge(&[a.clone(), b.clone()]).unwrap();
    let Origin::Merged { parents } = &merged.lineage().origin else { panic!("not merged") };
    let [n_a, n_b] = [parents[0].1 as f64, parents[1].1 as f64];
    assert!(n_a < 30.0 && n_b > 90.0);
    for ((a, b), mean) in of(&a).iter().zip(of(&b)).zip(of(&merged)) {
        assert!((mean - (n_a * a + n_b * b) / (n_a + n_b)).abs() < 1e-12);
    }
}

#[test]
fn what_cannot_learn_on_or_be_merged_is_refused() {
    let model = iris();
    let svm = trained_on(&Dataset::iris(), Family::Svm);
    let some = rows(&model, |row| row < 9);
    let learn = |model: &Artifact, rows: &[(&FeatureRow, u32)], params: &ContinueParams| {
        continue_training(model, rows, params).unwrap_err()
    };
    let (row, label) = (&some[0].0, some[0].1);
    let family = Family::Svm;
    assert_eq!(learn(&svm, &[(row, label)], &params(1)), UpdateError::Family { family });
    assert_eq!(learn(&model, &[], &params(1)), UpdateError::NoRows);
    assert!(matches!(learn(&model, &[(row, label)], &params(0)), UpdateError::Param(_)));
    let error = learn(&model, &[(row, label), (row, 3)], &params(1));
    assert_eq!(error, UpdateError::Row { row: 1, n_classes: 3 });

    let merge = |models: &[Artifact]| super::merge(models).unwrap_err();
    assert_eq!(merge(std::slice::from_ref(&model)), UpdateError::TooFew { n_models: 1 });
    let part = |model: &Artifact, from: usize| {
        continued(model, &rows(model, |row| row % 7 == from), &params(1)).model
    };
    let [a, b] = [0, 1].map(|from| part(&model, from));
    let twice = UpdateError::Twice { first: 1, second: 2 };
    assert_eq!(merge(&[a.clone(), a.clone()]), twice);
    assert_eq!(merge(&[a.clone(), svm]), UpdateError::Family { family });
    // The model that a party began with holds no row of anybody.
    assert_eq!(merge(&[a.clone(), model.clone()]), UpdateError::NotContinued { model: 2 });
    let stronger = crate::model::logistic_regression::LogisticRegressionParams {
        c: 100.0,
        ..Default::default()
    };
    let params = TrainParams::new(FamilyParams::LogisticRegression(stronger));
    let other = params.train(&Dataset::iris()).unwrap();
    assert_eq!(merge(&[a, b, part(&other, 2)]), UpdateError::OtherBase { model: 3 });
}

#[test]
fn a_party_that_learned_on_twice_counts_with_all_its_rows() {
    let model = iris();
    let learn = |model: &Artifact, wanted: fn(usize) -> bool| {
        continued(model, &rows(model, wanted), &params(1)).model
    };
    let a = learn(&learn(&model, |row| row < 40), |row| row % 50 == 45);
    let b = learn(&model, |row| row >= 100);
    let merged = merge(&[a.clone(), b.clone()]).unwrap();
    let Origin::Merged { parents } = &merged.lineage().origin else { panic!("not merged") };
    let [n_a, n_b] = [parents[0].1, parents[1].1];
    assert!(n_a > 30 && n_b > 30, "{n_a} {n_b}");
    // Rows of the first model count once.
    assert_eq!(merged.lineage().n_train as u64, 120 + n_a + n_b);
    assert_eq!(merged.lineage().parents(), [a.id(), b.id()]);
}

#[test]
fn a_model_without_rows_learns_on_unmeasured() {
    let model = iris().carrying(ReferenceSample::default());
    let result = continued(&model, &rows(&model, |row| row % 3 == 0), &params(1));
    assert_eq!((result.n_rows, result.n_held_out), (50, 0));
    assert!(result.model.evaluation().test.is_none());
    assert_eq!(result.model.lineage().n_test, 0);
}

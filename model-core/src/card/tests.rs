use super::*;
use crate::DEFAULT_ARTIFACT;
use crate::dataset::{CsvOptions, Dataset};

fn trained(data: &Dataset, params: &TrainParams) -> Artifact {
    params.train(data).unwrap()
}

fn default_params(family: Family) -> TrainParams {
    TrainParams::new(family)
}

fn has(card: &ModelCard, words: &str) -> bool {
    card.limits.iter().any(|limit| limit.contains(words))
}

#[test]
fn shares_come_with_the_interval_of_their_rows() {
    let card = ModelCard::of(&Artifact::from_bytes(DEFAULT_ARTIFACT).unwrap());
    let held_out = card.performance.held_out.unwrap();
    let accuracy = held_out.accuracy;
    assert_eq!((accuracy.n_rows, (accuracy.value * 30.0).round()), (30, 29.0));
    // statsmodels.stats.proportion.proportion_confint(29, 30, method="wilson")
    assert!((accuracy.low - 0.833_296).abs() < 1e-5, "{accuracy:?}");
    assert!((accuracy.high - 0.994_090).abs() < 1e-5, "{accuracy:?}");
    assert!((held_out.baseline_accuracy - 1.0 / 3.0).abs() < 1e-12);
    let rows: u32 = held_out.confusion.iter().flatten().sum();
    assert_eq!(rows, 30);
    assert_eq!(card.data.classes[2].n_train, 40);
}

#[test]
fn what_a_card_holds_makes_the_model_again() {
    let iris = Dataset::iris();
    for family in crate::PUBLISHED_FAMILIES {
        let model = trained(&iris, &default_params(family));
        let json = serde_json::to_string(&ModelCard::of(&model)).unwrap();
        let card: ModelCard = serde_json::from_str(&json).unwrap();
        assert_eq!(card, ModelCard::of(&model), "JSON holds all of it");
        assert_eq!(iris.digest(), card.lineage.data_hash);
        assert_eq!(trained(&iris, &card.lineage.params).id(), card.model.model_id);
    }
}

#[test]
fn limits_follow_from_the_numbers() {
    // 15 rows of noise: too few to hold out, as good as guessing, one class rare.
    let csv = "x,colour,y\n1,red,a\n2,,a\n3,red,a\n4,blue,a\n5,red,a\n6,red,a\n1,red,a\n2,blue,a\n\
               3,red,a\n4,red,a\n5,blue,a\n6,red,a\n4,red,b\n5,red,b\n6,red,b\n";
    let noise = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
    let card = ModelCard::of(&trained(
        &noise,
        &TrainParams { test_size: 0.4, cv_folds: 2, ..default_params(Family::LogisticRegression) },
    ));
    assert!(has(&card, "one row is 16.7 points"), "{:?}", card.limits);
    assert!(has(&card, "Not shown to be better"), "{:?}", card.limits);
    assert!(has(&card, "It learnt b from 2 rows"), "{:?}", card.limits);
    assert!(has(&card, "look at the classes one by one"), "{:?}", card.limits);

    let params =
        TrainParams { test_size: 0.0, cv_folds: 0, ..default_params(Family::KNearestNeighbors) };
    let card = ModelCard::of(&trained(&noise, &params));
    assert!(has(&card, "nothing says how it does"), "{:?}", card.limits);
    assert!(has(&card, "had no value of colour (6.7 %)"), "{:?}", card.limits);
    assert!(has(&card, "carries all of them"), "{:?}", card.limits);

    // A good model of enough rows of each class is spared all of it.
    let good = "x,y\n".to_owned()
        + &(0..1000).map(|i| format!("{i},{}\n", ["a", "b"][i / 500])).collect::<String>();
    let good = Dataset::from_csv(good.as_bytes(), &CsvOptions::default()).unwrap();
    let card = ModelCard::of(&trained(&good, &default_params(Family::LogisticRegression)));
    assert_eq!(card.limits.len(), 2, "{:?}", card.limits);
}

#[test]
fn names_of_the_data_do_not_break_the_document() {
    let csv = "\"a|b\",c*d,\"it's\"\n1,<i>,x`x\n2,_u_,y\n1,<i>,x`x\n2,_u_,y\n1,<i>,x`x\n2,_u_,y\n";
    let options = CsvOptions { name: Some("odd\n# name".to_owned()), ..CsvOptions::default() };
    let odd = Dataset::from_csv(csv.as_bytes(), &options).unwrap();
    let params =
        TrainParams { test_size: 0.0, cv_folds: 0, ..default_params(Family::LogisticRegression) };
    let markdown = ModelCard::of(&trained(&odd, &params)).markdown();
    assert!(markdown.starts_with("# Model card: odd \\# name, Logistic regression\n"));
    assert!(markdown.contains("| a\\|b | number |"), "{markdown}");
    assert!(markdown.contains("| c\\*d | category | \\<i\\>, \\_u\\_ |"), "{markdown}");
    assert!(markdown.contains(r"--target 'it'\''s' --categorical 'c*d'"), "{markdown}");
    let headings = markdown.lines().filter(|line| line.starts_with('#')).count();
    assert_eq!(headings, 6, "{markdown}");
}

#[test]
fn prediction_sets_are_promised_and_measured() {
    let iris = Dataset::iris();
    let model = trained(&iris, &default_params(Family::LogisticRegression));
    let card = ModelCard::of(&model);
    let sets = card.performance.prediction_sets.unwrap();
    // The file carries all 30 rows that were held out.
    let no_class_conforms = |values: &[f64]| {
        let row = model.schema().row(values).unwrap();
        model.predict(&row).prediction_set.unwrap().is_empty()
    };
    let rows = model.reference().held_out.rows();
    let n_empty = rows.filter(|(values, _)| no_class_conforms(values)).count() as u32;
    assert!(n_empty > 0);
    assert_eq!((sets.asked_coverage, sets.n_scores, sets.n_empty), (0.9, 120, Some(n_empty)));
    assert_eq!(sets.coverage.map(|coverage| coverage.n_rows), Some(30));
    assert!(card.markdown().contains("hold the truth in 90.0 % of cases: held it in"));
    let few = TrainParams { cv_folds: 2, ..default_params(Family::LogisticRegression) };
    let tiny = "x,y\n1,a\n2,a\n3,a\n4,b\n5,b\n6,b\n";
    let tiny = Dataset::from_csv(tiny.as_bytes(), &CsvOptions::default()).unwrap();
    let markdown = ModelCard::of(&trained(&tiny, &few)).markdown();
    assert!(markdown.contains("hold every class, as 4 cross-validated rows are too few"));
}

//! Drift statistics against SciPy's, and verdicts against Evidently's.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use model_core::drift::{
    BinShares, DriftParams, DriftReport, EvidentlyMethod, Outcome, Rule, SampleColumn, detect,
    homogeneity, kolmogorov_smirnov, wasserstein, wasserstein_normed,
};
use serde_json::Value;
use tepal_tests::{fixture, numbers};

#[track_caller]
fn close(got: f64, want: &Value, what: &str) {
    let want = want.as_f64().unwrap();
    assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{what}: {got} is not {want}");
}

/// Within 1e-6 of itself; what SciPy rounds to almost nothing must be almost nothing.
#[track_caller]
fn probable(got: f64, want: &Value, what: &str) {
    let want = want.as_f64().unwrap();
    if want < 1e-290 {
        assert!((0.0..1e-280).contains(&got), "{what}: {got:e} is not {want:e}");
    } else {
        assert!((got - want).abs() <= 1e-6 * want, "{what}: {got:e} is not {want:e}");
    }
}

fn sample(recipe: &Value) -> Vec<f64> {
    let [n, start, step, levels] = numbers(recipe)[..] else { panic!("{recipe}") };
    let level = |i: u64| (i * 7919 % levels as u64) as f64;
    let mut values: Vec<f64> = (0..n as u64).map(|i| start + step * level(i)).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

#[test]
fn numeric_samples_are_compared_as_scipy_does() {
    for case in fixture("drift_cases.json")["numeric"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let (reference, current) = (sample(&case["reference"]), sample(&case["current"]));
        let ks = kolmogorov_smirnov(&reference, &current);
        close(ks.statistic, &case["ks"], name);
        probable(ks.p_value, &case["p_value"], name);
        if case["p_value_asymptotic"].is_null() {
            assert!((0.0..=1.0).contains(&ks.p_value_asymptotic), "{name}");
        } else {
            probable(ks.p_value_asymptotic, &case["p_value_asymptotic"], name);
        }
        let shares = BinShares::of_sorted(&reference, &current);
        close(shares.population_stability_index(), &case["psi"], name);
        close(shares.kullback_leibler(), &case["kl"], name);
        close(shares.jensen_shannon(), &case["js"], name);
        close(wasserstein(&reference, &current), &case["wasserstein"], name);
        let normed =
            case["wasserstein"].as_f64().unwrap() / case["std"].as_f64().unwrap().max(1e-3);
        close(wasserstein_normed(&reference, &current), &normed.into(), name);
    }
}

#[test]
fn counts_are_compared_as_scipy_does() {
    for case in fixture("drift_cases.json")["categorical"].as_array().unwrap() {
        let counts = |side: &str| -> Vec<u64> {
            numbers(&case[side]).into_iter().map(|count| count as u64).collect()
        };
        let (reference, current) = (counts("reference"), counts("current"));
        let found = homogeneity(&reference, &current);
        let what = format!("{reference:?} {current:?}");
        close(found.statistic, &case["statistic"], &what);
        probable(found.p_value, &case["p_value"], &what);
        let shares = BinShares::of_counts(&reference, &current);
        close(shares.population_stability_index(), &case["psi"], &what);
        close(shares.jensen_shannon(), &case["js"], &what);
    }
}

fn columns(oracle: &Value, of: &Value) -> Vec<SampleColumn> {
    let names = oracle["feature_names"].as_array().unwrap().iter();
    let column = |name: &Value| {
        let name = name.as_str().unwrap();
        SampleColumn::numeric(name, numbers(&of[name]))
    };
    names.map(column).collect()
}

fn report(oracle: &Value, case: &Value, rule: Rule) -> DriftReport {
    let (reference, current) = (&oracle["reference"], &case["current"]);
    detect(&columns(oracle, reference), &columns(oracle, current), DriftParams { rule }).unwrap()
}

#[test]
fn figures_on_iris_are_the_oracles() {
    let oracle = fixture("drift_oracle.json");
    for (name, case) in oracle["cases"].as_object().unwrap() {
        let report = report(&oracle, case, Rule::default());
        assert_eq!(report.outcome, Outcome::InsufficientData { rows: 30, needed: 50 });
        for feature in &report.features {
            let what = format!("{name} {}", feature.name);
            let want = &case["features"][feature.name.as_str()];
            assert_eq!(feature.test.as_str(), "ks");
            close(feature.statistic, &want["ks"]["statistic"], &what);
            probable(feature.p_value, &want["ks"]["p_auto"], &what);
            probable(feature.p_value_asymptotic, &want["ks"]["p_asymp"], &what);
            close(feature.psi, &want["evidently_psi"], &what);
            close(feature.kl_divergence, &want["evidently_kl"], &what);
            close(feature.jensen_shannon, &want["evidently_js"], &what);
            let normed = feature.wasserstein_normed.unwrap();
            close(normed, &want["evidently_wasserstein_norm"], &what);
        }
    }
}

#[test]
fn bins_are_evidentlys() {
    let oracle = fixture("drift_oracle.json");
    let sorted = |values: &Value| {
        let mut values = numbers(values);
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    for case in oracle["cases"].as_object().unwrap().values() {
        for (name, want) in case["features"].as_object().unwrap() {
            let (a, b) = (sorted(&oracle["reference"][name]), sorted(&case["current"][name]));
            let shares = BinShares::of_sorted(&a, &b);
            assert_eq!(shares.reference, numbers(&want["evidently_ref_frac_nofill"]));
            assert_eq!(shares.current, numbers(&want["evidently_cur_frac_nofill"]));
        }
    }
}

#[test]
fn verdicts_on_iris_are_evidentlys() {
    let oracle = fixture("drift_oracle.json");
    for (name, case) in oracle["cases"].as_object().unwrap() {
        for (method_name, method) in [
            ("default", EvidentlyMethod::Default),
            ("ks", EvidentlyMethod::KolmogorovSmirnov),
            ("psi", EvidentlyMethod::PopulationStabilityIndex),
            ("wasserstein", EvidentlyMethod::Wasserstein),
            ("jensenshannon", EvidentlyMethod::JensenShannon),
            ("kl_div", EvidentlyMethod::KullbackLeibler),
        ] {
            let rule = Rule::EvidentlyCompatible { method, threshold: None, drift_share: 0.5 };
            let report = report(&oracle, case, rule);
            let what = format!("{name} {method_name}");
            let mut n_seen = 0;
            for (key, value) in case["evidently_report"][method_name].as_object().unwrap() {
                if key.starts_with("DriftedColumnsCount") {
                    let n = report.features.iter().filter(|feature| feature.drifted).count();
                    close(n as f64, &value["count"], &what);
                    assert_eq!(report.drifted, value["share"].as_f64().unwrap() >= 0.5, "{what}");
                    n_seen += 1;
                    continue;
                }
                let column = key.split(['=', ',']).nth(1).unwrap();
                let feature = report.features.iter().find(|f| f.name == column).unwrap();
                let is_test = feature.test.as_str() == "ks";
                let got = if is_test { feature.p_value } else { feature.statistic };
                close(got, value, &format!("{what} {column}"));
                n_seen += 1;
            }
            assert_eq!(n_seen, 5, "{what}");
        }
    }
}

/// A column whose value `i` occurs `counts[i]` times.
fn repeated(kind: &str, counts: &Value) -> SampleColumn {
    const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    let counts = numbers(counts);
    let rows =
        || counts.iter().enumerate().flat_map(|(at, &n)| std::iter::repeat_n(at, n as usize));
    match kind {
        "numeric" => SampleColumn::numeric("x", rows().map(|at| at as f64).collect()),
        _ => SampleColumn::categorical("x", &rows().map(|at| Some(NAMES[at])).collect::<Vec<_>>()),
    }
}

#[test]
fn columns_with_few_values_are_judged_as_evidently_does() {
    let mut n_drifted = 0;
    for case in fixture("evidently_counts.json").as_array().unwrap() {
        let (name, kind) = (case["name"].as_str().unwrap(), case["kind"].as_str().unwrap());
        let column = |side: &str| [repeated(kind, &case[side])];
        let params = DriftParams { rule: Rule::EVIDENTLY };
        let report = detect(&column("reference"), &column("current"), params).unwrap();
        let feature = &report.features[0];
        let test = match feature.test.as_str() {
            "chi_square_goodness_of_fit" => "chisquare",
            "jensen_shannon" => "jensenshannon",
            other => other,
        };
        assert_eq!(test, case["test"], "{name}");
        match test {
            "jensenshannon" => close(feature.statistic, &case["score"], name),
            _ => probable(feature.p_value, &case["score"], name),
        }
        assert_eq!(feature.drifted, case["drifted"].as_bool().unwrap(), "{name}");
        n_drifted += usize::from(feature.drifted);
    }
    assert!(n_drifted > 3);
}

//! What each version said, and how it turned out.

use crate::i18n::{t, text};
use crate::view_models::format;

/// The report, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Report {
    /// Each version that was asked, the lowest first.
    pub(crate) versions: Vec<Version>,
    /// The version that serves, if the edge knows.
    pub(crate) champion: Option<u64>,
    /// Whether the running experiment deals as it should, if one is live.
    pub(crate) ratio: Option<Ratio>,
}

/// What one version said.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Version {
    /// Its number in the registry.
    pub(crate) version: u64,
    /// Predictions, those in the shadow included.
    pub(crate) n: u64,
    /// Those in the shadow.
    pub(crate) n_shadow: u64,
    /// Predictions by class.
    pub(crate) classes: Vec<(String, u64)>,
    /// Mean probability of the class that was answered.
    pub(crate) mean_confidence: Option<f64>,
    /// Warnings by code.
    pub(crate) warnings: Vec<(String, u64)>,
    /// Predictions with a label.
    pub(crate) n_labelled: u64,
    /// Share of them that was right.
    pub(crate) accuracy: Option<f64>,
    /// Where the accuracy lies, however often one looks.
    pub(crate) interval: (f64, f64),
}

/// What an experiment deals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio {
    /// Version of the challenger.
    pub(crate) challenger: u64,
    /// Requests without a key that it answered.
    pub(crate) n_challenger: u64,
    /// Requests without a key that either side answered.
    pub(crate) n_total: u64,
    /// The share that it should get.
    pub(crate) expected: f64,
    /// Where the share that it gets lies.
    pub(crate) interval: (f64, f64),
    /// Whether that is another one.
    pub(crate) is_mismatch: bool,
}

impl Report {
    /// Predictions of all versions.
    pub(crate) fn n(&self) -> u64 {
        self.versions.iter().map(|version| version.n).sum()
    }

    /// Every class that some version answered, in the alphabet's order.
    pub(crate) fn classes(&self) -> Vec<String> {
        let mut classes: Vec<String> = Vec::new();
        for (name, _) in self.versions.iter().flat_map(|version| &version.classes) {
            if !classes.contains(name) {
                classes.push(name.clone());
            }
        }
        model_core::sort_items(&mut classes, &mut |a, b| a.cmp(b));
        classes
    }

    /// The table: what each line is about, and its cell for each version.
    pub(crate) fn lines(&self) -> Vec<(String, Vec<String>)> {
        let line = |name: &str, cell: &dyn Fn(&Version) -> String| {
            (name.to_owned(), self.versions.iter().map(cell).collect())
        };
        let mut lines = vec![line(t!("Answers"), &|it| {
            format::thousands(it.n.saturating_sub(it.n_shadow) as usize)
        })];
        if self.versions.iter().any(|it| it.n_shadow > 0) {
            lines.push(line(t!("In the shadow"), &|it| format::thousands(it.n_shadow as usize)));
        }
        for class in self.classes() {
            let named = t!("Share of {class}", class);
            lines.push(line(&named, &|it| it.share(&class)));
        }
        let confidence = |it: &Version| it.mean_confidence.map_or_else(none, format::percent);
        lines.push(line(t!("Mean confidence"), &confidence));
        lines.push(line(t!("Warnings"), &Version::warning_words));
        lines.push(line(t!("With a label"), &|it| format::thousands(it.n_labelled as usize)));
        lines.push(line(t!("Accuracy on those"), &Version::accuracy_words));
        lines
    }

    /// What labels say of the two sides of an experiment, if both answer as they should.
    pub(crate) fn comparison(&self) -> Option<String> {
        let ratio = self.ratio.filter(|ratio| !ratio.is_mismatch)?;
        let side = |version| self.versions.iter().find(|it| it.version == version);
        let labelled = |version| side(version).filter(|it| it.n_labelled > 0);
        let champion = self.champion?;
        let (Some(a), Some(b)) = (labelled(champion), labelled(ratio.challenger)) else {
            return Some(
                t!("Which of the two is better, labels have to tell: give some for both.")
                    .to_owned(),
            );
        };
        let (better, worse) = if a.accuracy >= b.accuracy { (a, b) } else { (b, a) };
        Some(if better.interval.0 > worse.interval.1 {
            t!(
                "Version {version} is right more often than version {other}, on all their labels up to now: their intervals do not touch, which chance does in at most one experiment of ten.",
                version = better.version,
                other = worse.version
            )
        } else {
            t!("The labels do not tell yet which of the two is better: their intervals overlap.")
                .to_owned()
        })
    }
}

fn none() -> String {
    "–".to_owned()
}

impl Version {
    fn share(&self, class: &str) -> String {
        let n = self.classes.iter().find(|(name, _)| name == class).map_or(0, |(_, n)| *n);
        if self.n == 0 { none() } else { format::percent(n as f64 / self.n as f64) }
    }

    fn warning_words(&self) -> String {
        let told: Vec<String> = self
            .warnings
            .iter()
            .filter(|(_, n)| *n > 0)
            .map(|(code, n)| format!("{}: {}", warning(code), format::thousands(*n as usize)))
            .collect();
        if told.is_empty() { none() } else { told.join(", ") }
    }

    fn accuracy_words(&self) -> String {
        let Some(accuracy) = self.accuracy else { return t!("no labels yet").to_owned() };
        t!(
            "{share} (between {low} and {high})",
            share = format::percent(accuracy),
            low = format::percent(self.interval.0),
            high = format::percent(self.interval.1)
        )
    }
}

/// A warning's code in words.
pub(crate) fn warning(code: &str) -> String {
    match code {
        "outside_training_range" => t!("outside the training range").to_owned(),
        "unknown_category" => t!("unknown category").to_owned(),
        "no_class_conforms" => t!("no class conforms").to_owned(),
        other => format::words(other),
    }
}

impl Ratio {
    /// Whether the split is as it should be, in words.
    pub(crate) fn sentence(&self) -> String {
        let of = t!(
            "Version {version} should answer {expected} of the requests and has answered {n} of {total} that came without a key (between {low} and {high}).",
            version = self.challenger,
            expected = format::percent(self.expected),
            n = self.n_challenger,
            total = self.n_total,
            low = format::percent(self.interval.0),
            high = format::percent(self.interval.1)
        );
        let verdict = if self.is_mismatch {
            t!(
                "That does not fit: answers of one side are missing or come from the other, so do not compare the two. Look whether both models can be read."
            )
        } else {
            t!("That fits: the two can be compared.")
        };
        format!("{of} {}", text(verdict))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(version: u64, n: u64, labels: (u64, f64, f64)) -> Version {
        Version {
            version,
            n,
            classes: vec![("b".into(), n / 4), ("a".into(), n - n / 4)],
            mean_confidence: Some(0.9),
            n_labelled: labels.0,
            accuracy: (labels.0 > 0).then_some(f64::midpoint(labels.1, labels.2)),
            interval: (labels.1, labels.2),
            ..Version::default()
        }
    }

    fn experiment(a: (u64, f64, f64), b: (u64, f64, f64)) -> Report {
        let ratio = Ratio {
            challenger: 2,
            n_challenger: 20,
            n_total: 100,
            expected: 0.2,
            interval: (0.1, 0.3),
            is_mismatch: false,
        };
        // A version that served before has more answers and labels than either side.
        let versions = vec![version(1, 80, a), version(2, 20, b), version(3, 900, (500, 0.1, 0.2))];
        Report { versions, champion: Some(1), ratio: Some(ratio) }
    }

    #[test]
    fn versions_stand_side_by_side() {
        let mut report = experiment((10, 0.5, 0.9), (0, 0.0, 1.0));
        report.versions.truncate(2);
        report.versions[1].n_shadow = 5;
        report.versions[0].warnings = vec![("unknown_category".into(), 3)];
        let lines = report.lines();
        let names: Vec<&str> = lines.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "Answers",
            "In the shadow",
            "Share of a",
            "Share of b",
            "Mean confidence",
            "Warnings",
            "With a label",
            "Accuracy on those",
        ];
        assert_eq!(names, expected);
        assert_eq!(lines[0].1, ["80", "15"]);
        assert_eq!(lines[3].1, ["25.0\u{a0}%", "25.0\u{a0}%"]);
        assert_eq!(lines[5].1, ["unknown category: 3", "–"]);
        let accuracy = "70.0\u{a0}% (between 50.0\u{a0}% and 90.0\u{a0}%)";
        assert_eq!(lines[7].1, [accuracy, "no labels yet"]);
        assert_eq!(report.n(), 100);
    }

    #[test]
    fn two_sides_are_told_apart_only_if_their_intervals_are() {
        let said = |a, b| experiment(a, b).comparison().unwrap();
        assert!(
            said((9, 0.5, 0.7), (9, 0.8, 0.9)).starts_with("Version 2 is right more often than")
        );
        assert!(said((9, 0.5, 0.8), (9, 0.8, 0.9)).contains("overlap"));
        assert!(said((9, 0.5, 0.7), (0, 0.0, 1.0)).contains("give some for both"));
        let compared = experiment((9, 0.5, 0.7), (9, 0.8, 0.9));
        let alone = Report { ratio: None, ..compared.clone() };
        assert_eq!(alone.comparison(), None);
        let ratio = compared.ratio.map(|ratio| Ratio { is_mismatch: true, ..ratio });
        assert_eq!(Report { ratio, ..compared }.comparison(), None, "one side's rows are missing");
    }

    #[test]
    fn a_split_that_does_not_fit_says_so() {
        let mut ratio = experiment((0, 0.0, 1.0), (0, 0.0, 1.0)).ratio.unwrap();
        assert!(ratio.sentence().ends_with("That fits: the two can be compared."));
        ratio.is_mismatch = true;
        assert!(ratio.sentence().contains("do not compare the two"));
    }
}

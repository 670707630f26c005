//! Is the best of several models really better? The corrected resampled t-test of its folds against
//! those of each other model, in words.
//!
//! Best is who was right most often in cross-validation. Only models of the same rows, split and folds are
//! compared: the differences are taken fold by fold.

use model_core::digest::Digest;
use model_core::evaluation::{CorrectedTTest, compare};
use model_core::sort_items;
use model_core::{Artifact, CrossValidation, Family};

use super::families::family_name;
use super::format::{self, capitalised};
use crate::i18n::t;

/// A p-value from which on chance is too good an explanation.
const MOST_BY_CHANCE: f64 = 0.05;
/// A lead that nobody would call small. Where chance explains one, the folds are too few to tell anything.
const LARGE: f64 = 0.05;

/// What a test says of the best's lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// There is none.
    AsGood,
    /// It is small, and chance could explain it.
    MayBeLuck,
    /// It is large, and chance could still explain it.
    Unsettled,
    /// Chance hardly explains it.
    Better,
}

impl Meaning {
    fn of(test: &CorrectedTTest) -> Self {
        match test {
            test if test.mean <= 0.0 => Self::AsGood,
            test if test.p_value < MOST_BY_CHANCE => Self::Better,
            test if test.mean < LARGE => Self::MayBeLuck,
            _ => Self::Unsettled,
        }
    }
}

/// What is compared of one model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Contender {
    family: Family,
    cv: CrossValidation,
    /// Data, who trained, and the seed of the folds.
    split: (Digest, Option<Digest>, u64),
    n_bytes: usize,
}

impl Contender {
    /// `artifact`, which takes `n_bytes`; none if it was not cross-validated.
    pub(crate) fn of(artifact: &Artifact, n_bytes: usize) -> Option<Self> {
        let (cv, lineage) = (artifact.evaluation().cv.clone()?, artifact.lineage());
        let split = (lineage.data_hash, lineage.split_hash, lineage.params.seed);
        Some(Self { family: artifact.family(), cv, split, n_bytes })
    }

    /// Its name within a sentence.
    fn subject(&self) -> &'static str {
        match self.family {
            Family::LogisticRegression => t!("logistic regression"),
            Family::RandomForest => t!("the random forest"),
            Family::Svm => t!("the SVM"),
            Family::KNearestNeighbors => t!("nearest neighbours"),
            Family::GaussianNb => t!("naive Bayes"),
            Family::GradientBoosting => t!("gradient boosting"),
        }
    }
}

/// The best against one other model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pair {
    /// The other one.
    pub(crate) name: &'static str,
    /// By how many points the best was right more often, as a text.
    pub(crate) difference: String,
    /// The 95 % interval of that.
    pub(crate) interval: String,
    /// The p-value.
    pub(crate) p_value: String,
    /// What it means, in a word or two.
    pub(crate) meaning: &'static str,
}

/// What the comparison says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    /// The best.
    pub(crate) best: &'static str,
    /// In words.
    pub(crate) sentences: String,
    /// One for each other model that could be compared.
    pub(crate) pairs: Vec<Pair>,
}

/// The verdict on `contenders`; none unless the best can be compared with another one.
pub(crate) fn verdict(contenders: &[Contender]) -> Option<Verdict> {
    let best =
        contenders.iter().reduce(|best, other| if is_ahead(other, best) { other } else { best })?;
    let mut tested: Vec<(&Contender, CorrectedTTest)> = contenders
        .iter()
        .filter(|other| !std::ptr::eq(*other, best) && other.split == best.split)
        .filter_map(|other| Some((other, compare(&best.cv, &other.cv).ok()?)))
        .collect();
    let rival = tested.iter().reduce(|a, b| if b.1.mean < a.1.mean { b } else { a })?;
    let mut sentences = headline(best, rival.0, &rival.1);
    let called = |wanted: Meaning| {
        let found = tested.iter().filter(|(_, test)| Meaning::of(test) == wanted);
        found.map(|(other, _)| *other).collect::<Vec<_>>()
    };
    let as_good = [called(Meaning::AsGood), called(Meaning::MayBeLuck)].concat();
    let more = [advice(best, rival.0, &as_good), unsettled(rival.0, &called(Meaning::Unsettled))];
    for sentence in more.into_iter().flatten() {
        sentences.push(' ');
        sentences.push_str(&sentence);
    }
    if let Some(why) = why_another(contenders, best) {
        sentences.push(' ');
        sentences.push_str(why.as_str());
    }
    sort_items(&mut tested, &mut |a, b| a.1.mean.total_cmp(&b.1.mean));
    let pairs = tested.iter().map(|(other, test)| pair(other, test)).collect();
    Some(Verdict { best: family_name(best.family), sentences, pairs })
}

/// Right more often; on a tie, with more probability for the truth.
fn is_ahead(a: &Contender, b: &Contender) -> bool {
    let order = a.cv.mean().total_cmp(&b.cv.mean());
    order.then(b.cv.mean_log_loss().total_cmp(&a.cv.mean_log_loss())).is_gt()
}

fn headline(best: &Contender, rival: &Contender, test: &CorrectedTTest) -> String {
    let (best, rival) = (best.subject(), rival.subject());
    if test.mean <= 0.0 {
        return capitalised(&t!(
            "{best} and {rival} were right equally often in cross-validation.",
            best,
            rival
        ));
    }
    let ahead = t!(
        "In cross-validation {best} came out {points} ahead of {rival}.",
        best,
        points = points(test.mean),
        rival
    );
    let chance = chance(test.p_value);
    let meaning = match Meaning::of(test) {
        Meaning::AsGood | Meaning::MayBeLuck => t!(
            "A difference of this size comes up by chance in {chance} such comparisons: it may be luck, so take the one that is smaller or faster.",
            chance
        ),
        Meaning::Unsettled => t!(
            "A difference of this size comes up by chance in {chance} such comparisons: the folds are too few or too uneven to tell; more folds or repeats would.",
            chance
        ),
        Meaning::Better => t!(
            "A difference of this size comes up by chance in {chance} such comparisons: it is really better on data like these.",
            chance
        ),
    };
    format!("{ahead} {meaning}")
}

/// Why another than the best answers: it has the least log loss.
fn why_another(contenders: &[Contender], best: &Contender) -> Option<String> {
    let loss = |of: &Contender| of.cv.mean_log_loss();
    let surest = contenders.iter().reduce(|a, b| if loss(b) < loss(a) { b } else { a })?;
    (loss(surest) < loss(best)).then(|| {
        t!(
            "Unless you choose, {surest} answers: it has the least log loss, which counts how sure each answer was, too.",
            surest = surest.subject()
        )
    })
}

/// The large leads that chance could explain, besides that over `rival`.
fn unsettled(rival: &Contender, others: &[&Contender]) -> Option<String> {
    let others = others.iter().filter(|other| !std::ptr::eq(**other, rival));
    let others: Vec<&str> = others.map(|other| other.subject()).collect();
    (!others.is_empty()).then(|| {
        t!(
            "Its lead over {others} is large, but the folds are too few or too uneven to be sure.",
            others = listed(&others)
        )
    })
}

/// What to take, if chance could explain more than one difference.
fn advice(best: &Contender, rival: &Contender, as_good: &[&Contender]) -> Option<String> {
    let others: Vec<&str> = as_good
        .iter()
        .filter(|other| !std::ptr::eq(**other, rival))
        .map(|other| other.subject())
        .collect();
    let smallest = as_good.iter().copied().chain([best]).min_by_key(|other| other.n_bytes)?;
    let is_rival_as_good = others.len() < as_good.len();
    let (model, size) = (smallest.subject(), format::bytes(smallest.n_bytes));
    match (others.is_empty(), is_rival_as_good) {
        (true, true) => Some(t!("The smaller of the two is {model}, with {size}.", model, size)),
        (true, false) => None,
        (false, _) => {
            let lead =
                t!("Chance could also explain its lead over {others}.", others = listed(&others));
            let smallest = t!("The smallest of them is {model}, with {size}.", model, size);
            Some(format!("{lead} {smallest}"))
        }
    }
}

fn pair(other: &Contender, test: &CorrectedTTest) -> Pair {
    let (low, high) = test.interval95;
    let meaning = match Meaning::of(test) {
        Meaning::AsGood => t!("as good"),
        Meaning::MayBeLuck => t!("may be luck"),
        Meaning::Unsettled => t!("too uneven to tell"),
        Meaning::Better => t!("really better"),
    };
    Pair {
        name: family_name(other.family),
        difference: points(test.mean),
        interval: t!(
            "{low} to {high}",
            low = format::decimal(100.0 * low, 1),
            high = format::decimal(100.0 * high, 1)
        ),
        p_value: if test.p_value < 0.001 {
            format!("< {}", format::decimal(0.001, 3))
        } else {
            format::decimal(test.p_value, 3)
        },
        meaning,
    }
}

fn points(share: f64) -> String {
    t!("{n}\u{a0}points", n = format::decimal(100.0 * share, 1))
}

/// A p-value as a frequency: `3 of 10`.
fn chance(p_value: f64) -> String {
    let of = |n: u32| t!("{times} of {n}", times = format!("{:.0}", f64::from(n) * p_value), n);
    match p_value {
        p if p >= 0.95 => t!("nearly all").to_owned(),
        p if p >= 0.095 => of(10),
        p if p >= 0.0095 => of(100),
        p if p >= 0.001 => t!("fewer than 1 of 100").to_owned(),
        _ => t!("fewer than 1 of 1,000").to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => t!("{names} and {last}", names = first.join(", "), last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::built_in;
    use crate::view_models::format::NBSP;
    use model_core::evaluation::Fold;

    fn contender(family: Family, n_correct: [u32; 5], n_bytes: usize) -> Contender {
        let fold = |n_correct| Fold { n_correct, n_samples: 100, log_loss: 0.3 };
        let cv = CrossValidation::once(n_correct.map(fold).to_vec());
        Contender { family, cv, split: (Digest::of(b"data"), None, 42), n_bytes }
    }

    fn words(contenders: &[Contender]) -> String {
        verdict(contenders).unwrap().sentences.replace(NBSP, " ")
    }

    #[test]
    fn a_small_difference_may_be_luck() {
        let svm = contender(Family::Svm, [90, 94, 92, 91, 93], 4_000);
        let forest = contender(Family::RandomForest, [92, 91, 91, 92, 90], 90_000);
        assert_eq!(
            words(&[forest.clone(), svm.clone()]),
            "In cross-validation the SVM came out 0.8 points ahead of the random forest. A difference of this size comes up by chance in 6 of 10 such comparisons: it may be luck, so take the one that is smaller or faster. The smaller of the two is the SVM, with 4.0 KB."
        );
        let verdict = verdict(&[forest, svm]).unwrap();
        assert_eq!((verdict.best, verdict.pairs[0].name), ("SVM", "Random forest"));
        assert_eq!(verdict.pairs[0].meaning, "may be luck");
    }

    #[test]
    fn why_another_than_the_most_accurate_answers_is_said() {
        let svm = contender(Family::Svm, [95, 94, 95, 96, 95], 4_000);
        let mut bayes = contender(Family::GaussianNb, [80, 80, 81, 81, 80], 900);
        assert!(!words(&[svm.clone(), bayes.clone()]).contains("Unless you choose"));
        bayes.cv.folds.iter_mut().for_each(|fold| fold.log_loss = 0.2);
        let words = words(&[svm, bayes]);
        assert!(words.contains("Unless you choose, naive Bayes answers"), "{words}");
    }

    #[test]
    fn a_large_lead_in_uneven_folds_is_not_called_luck() {
        let svm = contender(Family::Svm, [97, 92, 96, 99, 95], 4_000);
        let forest = contender(Family::RandomForest, [96, 93, 95, 99, 95], 90_000);
        let bayes = contender(Family::GaussianNb, [95, 15, 95, 96, 43], 900);
        let verdict = verdict(&[svm.clone(), forest, bayes.clone()]).unwrap();
        assert!(verdict.sentences.contains("The smaller of the two is the SVM"), "{verdict:?}");
        assert!(verdict.sentences.contains("Its lead over naive Bayes is large"), "{verdict:?}");
        assert_eq!(verdict.pairs[1].meaning, "too uneven to tell");
        let alone = words(&[svm, bayes]);
        assert!(alone.ends_with("to tell; more folds or repeats would."), "{alone}");
    }

    #[test]
    fn a_difference_in_every_fold_is_real() {
        let svm = contender(Family::Svm, [95, 94, 95, 96, 95], 4_000);
        let bayes = contender(Family::GaussianNb, [80, 80, 81, 81, 80], 900);
        let words = words(&[svm, bayes]);
        assert!(
            words.ends_with(
                "fewer than 1 of 1,000 such comparisons: it is really better on data like these."
            ),
            "{words}"
        );
    }

    #[test]
    fn the_rival_is_the_next_best_and_the_others_are_named() {
        let svm = contender(Family::Svm, [90, 94, 92, 91, 93], 4_000);
        let forest = contender(Family::RandomForest, [92, 91, 91, 92, 90], 90_000);
        let linear = contender(Family::LogisticRegression, [92, 91, 90, 90, 91], 1_200);
        let bayes = contender(Family::GaussianNb, [70, 70, 71, 71, 70], 900);
        let verdict = verdict(&[bayes, linear, forest, svm]).unwrap();
        assert!(verdict.sentences.contains("ahead of the random forest"));
        assert!(verdict.sentences.replace(NBSP, " ").ends_with("Chance could also explain its lead over logistic regression. The smallest of them is logistic regression, with 1.2 KB."));
        let meanings: Vec<&str> = verdict.pairs.iter().map(|pair| pair.meaning).collect();
        assert_eq!(meanings, ["may be luck", "may be luck", "really better"]);
    }

    #[test]
    fn equals_are_called_so() {
        let svm = contender(Family::Svm, [95, 94, 95, 96, 95], 4_000);
        let other = Contender { family: Family::KNearestNeighbors, ..svm.clone() };
        let words = words(&[svm, other]);
        assert!(words.starts_with("The SVM and nearest neighbours were right equally often"));
    }

    #[test]
    fn models_of_other_folds_are_not_compared() {
        let svm = contender(Family::Svm, [95, 94, 95, 96, 95], 4_000);
        let mut seed = contender(Family::GaussianNb, [80; 5], 900);
        seed.split.2 = 7;
        let mut folds = contender(Family::GaussianNb, [80; 5], 900);
        folds.cv.folds.pop();
        for other in [seed, folds] {
            assert_eq!(verdict(&[svm.clone(), other]), None);
        }
        assert_eq!(verdict(&[svm]), None);
        assert_eq!(verdict(&[]), None);
        assert!(Contender::of(&built_in(), 4_000).is_some());
    }

    #[test]
    fn p_values_are_frequencies() {
        let check = |p, words: &str| assert_eq!(chance(p), words);
        check(1.0, "nearly all");
        check(0.31, "3 of 10");
        check(0.048, "5 of 100");
        check(0.005, "fewer than 1 of 100");
        check(0.0, "fewer than 1 of 1,000");
    }
}

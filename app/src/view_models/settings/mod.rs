//! What can be set of a training: which families, each of their parameters, how rows are split and what
//! is done to them; checked as it is typed.
//!
//! A setting that nobody touched has no text of its own: it shows the library's default, and whoever
//! changes that default changes it here, too.

mod table;
mod text;

use model_core::{Family, ParamError};

pub(crate) use self::table::{GENERAL, of_family};
use super::families::TRAINED;
use crate::i18n::{self, t};
use crate::sorted::SortedMap;
use crate::training::Recipe;

/// What the settings are put into.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// All of one model.
    pub(crate) recipe: Recipe,
    /// Seconds that the whole training may take, if they are limited.
    pub(crate) seconds: Option<f64>,
    /// Seconds beforehand to look for better parameters, if somebody has them.
    pub(crate) search_seconds: Option<f64>,
}

impl Draft {
    /// All of it by default.
    fn new(family: Family) -> Self {
        Self { recipe: Recipe::new(family), seconds: Some(SECONDS), search_seconds: None }
    }
}

/// What there is to train, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    /// One a model.
    pub(crate) recipes: Vec<Recipe>,
    /// Seconds that the whole training may take, if they are limited.
    pub(crate) seconds: Option<f64>,
    /// Seconds beforehand to look for better parameters.
    pub(crate) search_seconds: Option<f64>,
}

/// Seconds that a training may take unless somebody says otherwise.
const SECONDS: f64 = 60.0;

/// Something that can be set.
pub(crate) struct Setting {
    /// The library's name of it.
    pub(crate) name: &'static str,
    /// Its name for people, marked for translation.
    pub(crate) label: &'static str,
    /// What it does, in a line, marked for translation.
    pub(crate) help: &'static str,
    /// Values to choose from, each with its name for people, which is marked for translation; empty if it
    /// is typed.
    pub(crate) choices: &'static [(&'static str, &'static str)],
    /// What its text must be, marked for translation.
    expected: &'static str,
    get: fn(&Draft) -> String,
    set: fn(&mut Draft, &str) -> Option<()>,
}

impl Setting {
    /// Its key in a form: `seed` for what all models share, else `svm.C`.
    pub(crate) fn key(&self, family: Option<Family>) -> String {
        match family {
            Some(family) => format!("{}.{}", family.as_str(), self.name),
            None => self.name.to_owned(),
        }
    }

    /// Its default for a family.
    pub(crate) fn default_text(&self, family: Family) -> String {
        (self.get)(&Draft::new(family))
    }
}

/// What to train, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The families to train.
    pub(crate) families: Vec<Family>,
    /// Text of the seed.
    pub(crate) seed: String,
    /// Texts of the settings that were touched, by key.
    texts: SortedMap<String, String>,
}

/// What is wrong with a setting's text, by the setting's key.
pub(crate) type Problems = SortedMap<String, String>;

/// Key of the seed.
pub(crate) const SEED: &str = "seed";
/// Key of the choice of families.
pub(crate) const FAMILIES: &str = "families";

impl Plan {
    /// Every family by its defaults.
    pub(crate) fn new(seed: u64) -> Self {
        Self { families: TRAINED.to_vec(), seed: seed.to_string(), texts: SortedMap::new() }
    }

    /// Whether something but the seed is not as it was at first.
    pub(crate) fn is_changed(&self) -> bool {
        !self.texts.is_empty() || self.families.len() < TRAINED.len()
    }

    /// How many settings of `family` were changed.
    pub(crate) fn n_changed(&self, family: Family) -> usize {
        of_family(family).iter().filter(|it| self.texts.contains_key(&it.key(Some(family)))).count()
    }

    /// Everything but the seed as it was at first.
    pub(crate) fn reset(&mut self) {
        self.texts.clear();
        self.families = TRAINED.to_vec();
    }

    /// The text of a setting.
    pub(crate) fn text(&self, setting: &Setting, family: Option<Family>) -> String {
        let touched = self.texts.get(&setting.key(family)).cloned();
        touched.unwrap_or_else(|| setting.default_text(family.unwrap_or(Family::Svm)))
    }

    /// Sets it. The default's text takes the setting back to where nobody touched it.
    pub(crate) fn set(&mut self, setting: &Setting, family: Option<Family>, text: String) {
        let key = setting.key(family);
        if text.trim() == setting.default_text(family.unwrap_or(Family::Svm)) {
            self.texts.remove(&key);
        } else {
            self.texts.insert(key, text);
        }
    }

    /// Takes a family in or out; their order stays.
    pub(crate) fn choose(&mut self, family: Family, is_chosen: bool) {
        let chosen =
            |it: &Family| if *it == family { is_chosen } else { self.families.contains(it) };
        self.families = TRAINED.into_iter().filter(|it| chosen(it)).collect();
    }

    /// The seed, if its text is one.
    pub(crate) fn seed(&self) -> Option<u64> {
        self.seed.trim().parse().ok()
    }

    /// What is to be trained.
    ///
    /// # Errors
    /// What is wrong, by the setting's key; of a family that is not chosen nothing is.
    pub(crate) fn order(&self) -> Result<Order, Problems> {
        let mut problems = Problems::new();
        if self.families.is_empty() {
            problems.insert(FAMILIES.to_owned(), t!("Choose at least one family.").to_owned());
        }
        let seed = self.seed().unwrap_or_else(|| {
            let words = t!("A seed is a whole number from 0 to {most}.", most = u64::MAX);
            problems.insert(SEED.to_owned(), words);
            0
        });
        let (mut recipes, mut seconds, mut search_seconds) = (Vec::new(), Some(SECONDS), None);
        for &family in &self.families {
            let mut draft = Draft::new(family);
            self.put(&mut draft, GENERAL, None, &mut problems);
            self.put(&mut draft, of_family(family), Some(family), &mut problems);
            // What a family has no form of is for those that have.
            draft.recipe.quantisation =
                draft.recipe.quantisation.filter(|_| draft.recipe.family.quantises());
            if let Err(error) = draft.recipe.params().check() {
                let (key, words) = out_of_range(&error, family);
                problems.or_insert(key, words);
            }
            (seconds, search_seconds) = (draft.seconds, draft.search_seconds);
            recipes.push(Recipe { seed, ..draft.recipe });
        }
        if search_seconds.is_some() && recipes.iter().any(|recipe| recipe.cv_folds == 0) {
            let words = t!("Candidates are compared on folds: ask for 2 at least.");
            problems.insert("cv_folds".to_owned(), words.to_owned());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Order { recipes, seconds, search_seconds })
    }

    fn put(
        &self,
        draft: &mut Draft,
        settings: &[Setting],
        family: Option<Family>,
        problems: &mut Problems,
    ) {
        for setting in settings {
            let key = setting.key(family);
            let Some(text) = self.texts.get(&key) else { continue };
            if (setting.set)(draft, text.trim()).is_none() {
                problems.insert(key, sentence(setting.expected));
            }
        }
    }
}

/// The key of the setting that the library refuses, and why in words.
fn out_of_range(error: &ParamError, family: Family) -> (String, String) {
    let is_it = |setting: &&Setting| setting.name == error.name;
    let own = of_family(family).iter().find(is_it).map(|it| it.key(Some(family)));
    (own.unwrap_or_else(|| error.name.to_owned()), sentence(error.expected))
}

fn sentence(expected: &'static str) -> String {
    t!("Expected: {expected}.", expected = i18n::text(expected))
}

#[cfg(test)]
mod tests {
    use super::table::OF_THE_LIBRARY;
    use super::*;
    use model_core::FamilyParams;

    fn setting(family: Option<Family>, name: &str) -> &'static Setting {
        let settings = family.map_or(GENERAL, of_family);
        settings.iter().find(|setting| setting.name == name).unwrap()
    }

    fn plan(changes: &[(Option<Family>, &str, &str)]) -> Plan {
        let mut plan = Plan::new(42);
        for (family, name, text) in changes {
            plan.set(setting(*family, name), *family, (*text).to_owned());
        }
        plan
    }

    #[test]
    fn untouched_settings_are_the_librarys_defaults() {
        let order = Plan::new(42).order().unwrap();
        assert_eq!(order.recipes, TRAINED.map(Recipe::new));
        assert_eq!((order.seconds, order.search_seconds), (Some(SECONDS), None));
    }

    #[test]
    fn every_default_is_a_text_that_sets_it() {
        for family in TRAINED {
            for setting in GENERAL.iter().chain(of_family(family)) {
                let default = Draft::new(family);
                let mut draft = default.clone();
                let text = setting.default_text(family);
                assert!((setting.set)(&mut draft, &text).is_some(), "{} {text:?}", setting.name);
                assert_eq!(draft, default, "{}", setting.name);
                let is_choice = setting.choices.iter().any(|(key, _)| *key == text);
                assert!(setting.choices.is_empty() || is_choice, "{} {text:?}", setting.name);
            }
        }
    }

    #[test]
    fn every_choice_can_be_set_and_is_shown_again() {
        for family in TRAINED {
            for setting in GENERAL.iter().chain(of_family(family)) {
                for (key, _) in setting.choices {
                    let mut draft = Draft::new(family);
                    assert!((setting.set)(&mut draft, key).is_some(), "{} {key}", setting.name);
                    assert_eq!((setting.get)(&draft), *key);
                }
            }
        }
    }

    #[test]
    fn every_parameter_of_every_family_has_its_setting() {
        // A parameter that the library gets is missing here until somebody says what it does. The solver
        // is none of them: both find the same model.
        let n_fields = |family| {
            let json = serde_json::to_value(FamilyParams::default_for(family)).unwrap();
            let fields = json.as_object().unwrap().values().next().unwrap().as_object().unwrap();
            fields.keys().filter(|name| *name != "solver").count()
        };
        for family in TRAINED {
            let of_kernel = if family == Family::Svm { 2 } else { 0 };
            assert_eq!(of_family(family).len(), n_fields(family) + of_kernel, "{family}");
        }
    }

    #[test]
    fn a_text_is_checked_as_the_library_checks_it() {
        let svm = Some(Family::Svm);
        for (text, expected) in [("-1", "a finite number above 0"), ("much", "a number")] {
            let problems = plan(&[(svm, "C", text)]).order().unwrap_err();
            assert_eq!(problems.get("svm.C").unwrap(), &format!("Expected: {expected}."));
        }
        let problems = plan(&[(None, "test_size", "95")]).order().unwrap_err();
        assert!(problems.contains_key("test_size"));
        // Nobody trains it, so nothing is wrong with it.
        let mut without = plan(&[(svm, "C", "-1")]);
        without.choose(Family::Svm, false);
        assert_eq!(without.order().unwrap().recipes.len(), 5);
    }

    #[test]
    fn what_the_library_expects_is_marked_for_translation() {
        let mut refused = 0;
        for family in TRAINED {
            for setting in of_family(family).iter().filter(|it| it.choices.is_empty()) {
                for text in ["-1", "0", "1", "11", "256", "20000", "1e9"] {
                    let of_kernel = (Some(family), "kernel", "poly");
                    let typed = (Some(family), setting.name, text);
                    let is_svm = family == Family::Svm;
                    let plan = if is_svm { plan(&[of_kernel, typed]) } else { plan(&[typed]) };
                    let Err(problems) = plan.order() else { continue };
                    for problem in problems.values() {
                        let own = sentence(setting.expected);
                        let marked = OF_THE_LIBRARY.iter().any(|it| sentence(it) == *problem);
                        assert!(marked || own == *problem, "{}: {problem}", setting.name);
                        refused += 1;
                    }
                }
            }
        }
        assert!(refused > 30, "{refused}");
    }

    #[test]
    fn what_is_typed_is_what_is_trained() {
        let changes = [
            (Some(Family::Svm), "kernel", "poly"),
            (Some(Family::Svm), "degree", "2"),
            (Some(Family::Svm), "C", "2,5"),
            (None, "cv_folds", "3"),
            (None, "test_size", "25"),
            (None, "time_limit", ""),
            (None, "quantisation", "f32"),
        ];
        let mut plan = plan(&changes);
        plan.seed = "7".to_owned();
        let Order { recipes, seconds, .. } = plan.order().unwrap();
        assert_eq!(seconds, None);
        assert!(recipes.iter().all(|it| (it.seed, it.cv_folds, it.test_size) == (7, 3, 0.25)));
        let FamilyParams::Svm(params) = &recipes[2].family else { panic!() };
        assert_eq!(params.c, 2.5);
        assert_eq!(params.kernel, model_core::model::svm::Kernel::Poly { degree: 2, coef0: 0.0 });
        let narrowed: Vec<bool> = recipes.iter().map(|it| it.quantisation.is_some()).collect();
        assert_eq!(narrowed, [false, true, true, false, false, false]);
    }

    #[test]
    fn a_search_needs_folds() {
        let mut plan = plan(&[(None, "search", "20"), (None, "cv_folds", "0")]);
        assert!(plan.order().unwrap_err().contains_key("cv_folds"));
        plan.set(setting(None, "cv_folds"), None, "2".to_owned());
        assert_eq!(plan.order().unwrap().search_seconds, Some(20.0));
    }

    #[test]
    fn a_default_that_is_typed_again_is_no_change() {
        let mut plan = plan(&[(Some(Family::Svm), "C", "3")]);
        assert!(plan.is_changed() && plan.n_changed(Family::Svm) == 1);
        plan.set(setting(Some(Family::Svm), "C"), Some(Family::Svm), " 1 ".to_owned());
        assert!(!plan.is_changed());
    }
}

//! The scenarios: what happens, and how each should end.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Failure;
use crate::client::{Client, number, text};
use crate::world::{Flower, Weather, World, train};

/// Rows of a batch, after which there is a look.
const BATCH: usize = 60;
/// Batches after which a story that has not ended never will.
const MAX_BATCHES: usize = 40;
/// Batches as usual before anything happens.
const USUAL: usize = 2;
/// Batches of a steady world.
const STEADY: usize = 8;
/// Flowers that the first model learns from.
const NEWEST: usize = 300;
/// How often it is asked how far a retraining is, which takes seconds, and how many times.
const MAX_ASKED: usize = 600;
const ASK_EVERY: Duration = Duration::from_millis(200);

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// Rows move away from those that trained the model; labels come late.
    Drift,
    /// Rows stay as they are, and what is true of them changes.
    Degrade,
    /// Somebody puts a model on trial that is worse, and then promotes it all the same.
    BadChallenger,
    /// Nothing happens.
    Steady,
}

impl Scenario {
    const ALL: [(&str, Self); 4] = [
        ("drift", Self::Drift),
        ("degrade", Self::Degrade),
        ("bad-challenger", Self::BadChallenger),
        ("steady", Self::Steady),
    ];

    pub(crate) fn named(name: &str) -> Result<Self, Failure> {
        let found = Self::ALL.into_iter().find(|(known, _)| *known == name);
        let names = Self::ALL.map(|(name, _)| name).join(", ");
        found.map(|(_, scenario)| scenario).ok_or_else(|| {
            Failure::Refused(format!("there is no scenario `{name}`: there are {names}"))
        })
    }
}

/// A story under way.
pub(crate) struct Story {
    client: Client,
    /// Whether the looks that the server has by itself are waited for, instead of asking for each.
    is_by_alarm: bool,
    /// Number of the newest decision that was told.
    seen: u64,
    scenario: Scenario,
    world: World,
    /// The owner's policy, to be put back.
    before: Value,
    champion: u64,
    n_rows: usize,
    /// Answers whose class was not told yet.
    untold: Vec<(String, Flower)>,
    last: String,
}

impl Story {
    /// Publishes a model of the world as it is, and lets it serve.
    ///
    /// # Errors
    /// [`Failure`] if no server answers, or it refuses.
    pub(crate) fn begin(
        client: Client,
        scenario: Scenario,
        seed: u64,
        is_by_alarm: bool,
    ) -> Result<Self, Failure> {
        let seen = match client.decisions()?.first() {
            None => 0,
            Some(newest) => number(newest, "number")?,
        };
        let before = client.get("/api/v1/policy")?.get("policy").cloned().unwrap_or_default();
        let deployment = client.get("/api/v1/deployment")?;
        if deployment.get("trial").is_some() {
            let why = "a trial is under way there: end it first (DELETE /api/v1/rollout)";
            return Err(Failure::Refused(why.to_owned()));
        }
        // Each run has flowers of its own, so that its model is a new one.
        let n_versions = number(&deployment, "generation")?;
        let mut world = World::new(seed.wrapping_mul(1_000_003).wrapping_add(n_versions));
        let learnt_from = world.flowers(NEWEST);
        let champion = client.publish(train(&learnt_from, false)?)?;
        let serve =
            json!({"champion": champion, "challenger": null, "reason": "a simulation begins"});
        client.send_json("PUT", "/api/v1/deployment", &serve)?;
        let policy = json!({
            "mode": "auto", "stage_labels": [40, 40, 40], "max_labels": 600, "probation_labels": 120, "cooldown_hours": 0.0,
            "max_per_day": 24,
        });
        client.send_json("PUT", "/api/v1/policy", &policy)?;
        println!(
            "Version {champion} serves: it learnt from {NEWEST} flowers. The loop acts by itself now (policy `auto`)."
        );
        Ok(Self {
            client,
            is_by_alarm,
            seen,
            scenario,
            world,
            before,
            champion,
            n_rows: 0,
            untold: Vec::new(),
            last: String::new(),
        })
    }

    /// Plays it to its end.
    ///
    /// # Errors
    /// [`Failure::Ending`] if it ends otherwise than it should, and what [`Client`] says.
    pub(crate) fn tell(mut self) -> Result<(), Failure> {
        let told = match self.scenario {
            Scenario::Steady => self.steady(),
            Scenario::Drift => self.changes(Weather::Stretched),
            Scenario::Degrade => self.changes(Weather::Renamed),
            Scenario::BadChallenger => self.bad_challenger(),
        };
        let restored = self.client.send_json("PUT", "/api/v1/policy", &self.before);
        told?;
        restored?;
        let verified = self.client.get("/api/v1/audit/verify")?;
        if verified.get("valid") != Some(&json!(true)) {
            return Err(Failure::Ending(format!("the ledger is broken: {verified}")));
        }
        println!(
            "The ledger is whole, and tells the same: GET /api/v1/audit. The policy is the one of before."
        );
        Ok(())
    }

    fn steady(&mut self) -> Result<(), Failure> {
        for _ in 0..STEADY {
            for decision in self.batch(true)? {
                if text(&decision, "step")? != "wait" {
                    return Err(Failure::Ending(format!(
                        "nothing happened, but: {}",
                        text(&decision, "says")?
                    )));
                }
            }
        }
        self.expect_alone(self.champion)?;
        println!("Nothing happened, and nothing was done.");
        Ok(())
    }

    /// The world changes, until a model of the new one has been promoted: the first that is trained, or one after it, since one that
    /// learnt from few rows of the new world may be given up.
    fn changes(&mut self, weather: Weather) -> Result<(), Failure> {
        for _ in 0..USUAL {
            self.batch(true)?;
        }
        self.world.weather = weather;
        let is_drift = weather == Weather::Stretched;
        println!(
            "{}",
            match weather {
                Weather::Stretched =>
                    "Now petals are measured a third too long, and labels come late.",
                _ => "Now versicolor and virginica change their names; the rows look as before.",
            }
        );
        let (mut is_asked_for, mut asked_for_labels, mut challenger) = (false, false, None);
        for _ in 0..MAX_BATCHES {
            // Drift is seen without labels; to retrain it takes them.
            for decision in self.batch(!is_drift || asked_for_labels)? {
                match (text(&decision, "step")?.as_str(), text(&decision, "outcome")?.as_str()) {
                    ("retrain", outcome) => {
                        let says = text(&decision, "says")?;
                        if !is_asked_for && is_drift != says.contains("windows in a row (p") {
                            return Err(Failure::Ending(format!(
                                "it asks for another model for another reason: {says}"
                            )));
                        }
                        is_asked_for = true;
                        if outcome == "done" {
                            challenger = self.retrained()?;
                        } else if !asked_for_labels {
                            println!("      Labels of the rows since are told from now on.");
                            asked_for_labels = true;
                            self.tell_labels()?;
                        }
                    }
                    ("pass", _) => {
                        let challenger = challenger.unwrap_or_default();
                        self.expect_alone(challenger)?;
                        println!("Version {challenger} serves, after {} rows.", self.n_rows);
                        return Ok(());
                    }
                    _ => {}
                }
            }
        }
        Err(Failure::Ending(format!(
            "nobody took the place of version {} in {} rows",
            self.champion, self.n_rows
        )))
    }

    /// A model that is worse is dropped, and taken back if somebody promotes it all the same.
    fn bad_challenger(&mut self) -> Result<(), Failure> {
        for _ in 0..USUAL {
            self.batch(true)?;
        }
        let learnt_from = self.world.flowers(NEWEST);
        let bad = self.client.publish(train(&learnt_from, true)?)?;
        println!("Version {bad} mistakes two classes for each other. It is put on trial.");
        self.client.send_json("POST", "/api/v1/rollout", &json!({"challenger": bad}))?;
        self.until("drop")?;
        self.expect_alone(self.champion)?;
        println!("An owner in a hurry promotes it by hand, on probation.");
        let promote = json!({"champion": bad, "probation": true, "reason": "in a hurry"});
        self.client.send_json("PUT", "/api/v1/deployment", &promote)?;
        self.until("roll_back")?;
        self.expect_alone(self.champion)?;
        println!("Version {} serves again, after {} rows.", self.champion, self.n_rows);
        Ok(())
    }

    fn until(&mut self, step: &str) -> Result<(), Failure> {
        for _ in 0..MAX_BATCHES {
            for decision in self.batch(true)? {
                if text(&decision, "step")? == step && text(&decision, "outcome")? == "done" {
                    return Ok(());
                }
            }
        }
        Err(Failure::Ending(format!("`{step}` was not done in {} rows", self.n_rows)))
    }

    /// Asks for a batch of rows and says what they were if `is_told`. What is decided then: the steps that were taken, oldest first,
    /// or the newest decision if there was none.
    fn batch(&mut self, is_told: bool) -> Result<Vec<Value>, Failure> {
        let (mut n_right, mut asked_at) = (0, String::new());
        for flower in self.world.flowers(BATCH) {
            let [id, answer, at] = self.client.predict(&flower.row())?;
            asked_at = at;
            n_right += usize::from(answer == flower.class);
            self.untold.push((id, flower));
        }
        self.n_rows += BATCH;
        if is_told {
            self.tell_labels()?;
        }
        let decisions = self.look(&asked_at)?;
        for decision in &decisions {
            self.show(decision, n_right)?;
        }
        Ok(decisions)
    }

    fn show(&mut self, decision: &Value, n_right: usize) -> Result<(), Failure> {
        let (step, outcome) = (text(decision, "step")?, text(decision, "outcome")?);
        let stage = decision.get("stage").and_then(Value::as_str).unwrap_or("no trial");
        let n_rows = self.n_rows;
        println!("{n_rows:>5} rows · {n_right} of {BATCH} right · {stage} · {step} {outcome}");
        let says = text(decision, "says")?;
        if step != "wait" && says != self.last {
            println!("      {says}");
        }
        self.last = says;
        Ok(())
    }

    /// What is decided once the server knows of the row that was asked for at `asked_at`. It may look by itself, too.
    fn look(&mut self, asked_at: &str) -> Result<Vec<Value>, Failure> {
        if !self.is_by_alarm {
            self.client.look()?;
        }
        for _ in 0..MAX_ASKED {
            let mut decisions = self.client.decisions()?;
            let seen = self.seen;
            decisions.retain(|it| number(it, "number").is_ok_and(|it| it > seen));
            if let Some(newest) = decisions.first().cloned()
                && text(&newest, "at")?.as_str() > asked_at
            {
                self.seen = number(&newest, "number")?;
                decisions.retain(|it| it.get("outcome") == Some(&json!("done")));
                decisions.reverse();
                return Ok(if decisions.is_empty() { vec![newest] } else { decisions });
            }
            sleep(ASK_EVERY);
        }
        Err(Failure::Refused(
            "the server does not look by itself: start it by `MONITOR_SECONDS=2 cargo xtask dev`, or leave --by-alarm out".to_owned(),
        ))
    }

    fn tell_labels(&mut self) -> Result<(), Failure> {
        let labels: Vec<_> =
            self.untold.iter().map(|(id, flower)| (id.clone(), flower.class)).collect();
        self.client.label(&labels)?;
        self.untold.clear();
        Ok(())
    }

    /// Waits for the retraining that has begun; the version that came of it, if it is better. One that learnt from rows of both
    /// worlds may be a compromise that is not; the next look tries again, on more rows of the new one.
    fn retrained(&self) -> Result<Option<u64>, Failure> {
        let mut last = String::new();
        for _ in 0..MAX_ASKED {
            let listed = self.client.get("/api/v1/retrain")?;
            let now = listed.pointer("/retrainings/0").cloned().unwrap_or_default();
            let state = text(&now, "state")?;
            let share = now.get("share").and_then(Value::as_f64).unwrap_or(0.0);
            let line = format!("      {state} · {:.0} %", 100.0 * share);
            if line != last {
                println!("{line}");
                last = line;
            }
            match state.as_str() {
                "gathering" | "training" | "comparing" => {}
                "published" | "not_better" => {
                    println!("      {}", text(&now, "says")?);
                    return (state == "published").then(|| number(&now, "version")).transpose();
                }
                _ => return Err(Failure::Ending(format!("no model came of it: {now}"))),
            }
            sleep(ASK_EVERY);
        }
        Err(Failure::Ending(format!("the retraining has not ended: {last}")))
    }

    /// Whether this version serves, and nobody beside it.
    fn expect_alone(&self, version: u64) -> Result<(), Failure> {
        let now = self.client.get("/api/v1/deployment")?;
        let is_so = now.pointer("/champion/version") == Some(&json!(version))
            && now.get("challenger") == Some(&Value::Null);
        match is_so {
            true => Ok(()),
            false => {
                Err(Failure::Ending(format!("version {version} should serve alone, but {now}")))
            }
        }
    }
}

//! The programs that measure, started anew for each case and asked in turn.

use std::path::{Path, PathBuf};

use super::figures::{Answer, Compared, Figures, Kind};
use super::{Data, Family};
use crate::failure::{Failure, Outcome};
use crate::process::{Conversation, Process};
use crate::python::Python;
use crate::workspace::Workspace;

/// Where the programs are.
pub(super) struct Programs<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) python: &'a Python,
    /// `sklearn_bench.py`.
    pub(super) script: &'a Path,
    /// `examples/measure.rs`, built.
    pub(super) native: PathBuf,
    /// The folder of the wasm module.
    pub(super) wasm: &'a Path,
}

/// One program and what it has answered.
struct Side {
    program: Conversation,
    answers: Vec<Answer>,
}

impl Side {
    /// Starts it and waits until it has read its data, so that this is in nobody's time.
    fn start(process: Process, data: &Data) -> Outcome<Self> {
        let mut program = process.arg(&data.train).arg(&data.held_out).converse()?;
        match program.read()?.as_str() {
            "ready" => Ok(Self { program, answers: Vec::new() }),
            other => Err(Failure::new(format!("a side began with `{other}`, not with `ready`"))),
        }
    }

    fn measure(&mut self) -> Outcome {
        self.answers.push(Answer::read(&self.program.ask("go")?)?);
        Ok(())
    }
}

/// All sides of one family on one data set, each in a process of its own: its peak memory is
/// then that of this case.
pub(super) struct Sides {
    data: String,
    family: String,
    native: Side,
    wasm: Side,
    sklearn: Vec<(Kind, Option<Side>)>,
}

impl Sides {
    /// Starts them; `models` are those that scikit-learn's side knows.
    ///
    /// # Errors
    /// If one does not start.
    pub(super) fn start(
        programs: &Programs<'_>,
        family: &Family,
        models: &[String],
        data: &Data,
    ) -> Outcome<Self> {
        let native = Process::new(&programs.native).arg(&family.name);
        let wasm = programs
            .workspace
            .node()
            .arg(programs.workspace.path("tests/bench/measure.mjs"))
            .arg(programs.wasm)
            .arg(&family.name);
        let sklearn = |kind: Kind| {
            let model = kind.sklearn_model(&family.name);
            if !models.contains(&model) {
                return Ok((kind, None));
            }
            let process = programs
                .python
                .run(programs.script)
                .args(["measure", model.as_str()])
                .arg(family.scales_features.to_string());
            Ok((kind, Some(Side::start(process, data)?)))
        };
        Ok(Self {
            data: data.label.clone(),
            family: family.name.clone(),
            native: Side::start(native, data)?,
            wasm: Side::start(wasm, data)?,
            sklearn: Kind::of(family).into_iter().map(sklearn).collect::<Outcome<_>>()?,
        })
    }

    /// Asks each in turn, `repeat` times over; a row for everything that is compared.
    ///
    /// # Errors
    /// If one of them fails.
    pub(super) fn measure(mut self, repeat: usize) -> Outcome<Vec<Compared>> {
        for _ in 0..repeat {
            self.native.measure()?;
            for (_, side) in &mut self.sklearn {
                side.as_mut().map_or(Ok(()), Side::measure)?;
            }
            self.wasm.measure()?;
        }
        let row = |(kind, side): &(Kind, Option<Side>)| Compared {
            data: self.data.clone(),
            family: self.family.clone(),
            kind: *kind,
            ours: Figures::ours(&self.native.answers, *kind),
            wasm: Figures::ours(&self.wasm.answers, *kind),
            theirs: side.as_ref().map(|side| Figures::theirs(&side.answers)),
        };
        Ok(self.sklearn.iter().map(row).collect())
    }
}

//! Heavy work off the page's thread: reading people's files, and saying why a model answers as it does.
//! The messages, and what the lab does.
//!
//! The page posts a `LabRequest`, with the file beside it if it is to be opened, and receives
//! `LabEvent`s. The lab keeps the file that it opened last, and the model that it was given last, and
//! answers from them. Each answer is one call that nothing interrupts: who wants to stop it ends the worker
//! and starts another; so Data and Classify have a worker each. Nothing here touches the DOM; a worker has
//! none.

mod alternatives;
mod answering;
mod counts;
mod decision_map;
mod desk;
mod explaining;
mod options;
mod pairs;
mod remark;
mod sheet;
mod strips;
mod worker;

use model_core::dataset::Reading;
use serde::{Deserialize, Serialize};

use crate::workers::Program;

pub(crate) use self::alternatives::{Alternatives, Near, Other};
pub(crate) use self::answering::{AnsweredFile, AnsweredRow, ShortAnswer, Truth};
pub(crate) use self::decision_map::{DecisionMap, MapAxis};
pub(crate) use self::desk::MAX_SHOWN_COLUMNS;
pub(crate) use self::explaining::{Explained, Question, Why};
pub(crate) use self::options::{SheetOptions, Wish};
pub(crate) use self::pairs::Pairs;
pub(crate) use self::remark::{Fault, Remark, Remedy, WayOut};
pub(crate) use self::sheet::{
    CellMark, CellText, Correlated, CorrelationMatrix, Opened, RowText, Sheet,
};
pub(crate) use self::strips::{Bars, Contents, Strip};
pub use self::worker::serve;

/// Name of the worker that reads and explains.
pub const NAME: &str = "lab";

/// The program, as both ends know it.
#[derive(Debug)]
pub(crate) struct Lab;

impl Program for Lab {
    type Request = LabRequest;
    type Event = LabEvent;
    const NAME: &'static str = NAME;
}

/// What the page asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum LabRequest {
    /// Open the file that comes with the message, or, without one, the last file once more.
    Open {
        /// What the data set is to be called.
        name: String,
        /// How to read it.
        options: SheetOptions,
    },
    /// The data set of the file that lies open, for the trainer.
    HandOver,
    /// The texts of some rows.
    Rows {
        /// The first, from 0.
        first: u32,
        /// How many.
        count: u32,
    },
    /// Take the model whose file comes with the message: what is asked from now on is about it.
    Model,
    /// Say more of that model's answer than its class.
    Explain {
        /// The row, in the schema's order.
        values: Vec<f64>,
        /// What is asked.
        question: Question,
    },
    /// Have that model answer the rows of the file that comes with the message.
    Answer {
        /// How the file is written, as far as the user states it.
        reading: Reading,
    },
    /// Some of those rows, with their answers.
    AnsweredRows {
        /// The first, from 0.
        first: u32,
        /// How many.
        count: u32,
    },
    /// The file with the answers, to be saved.
    Download,
}

/// What the lab says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum LabEvent {
    /// It has the file's bytes and begins to read.
    Reading {
        /// How many they are.
        n_bytes: u32,
    },
    /// What became of the file.
    Opened(Box<Opened>),
    /// The data set's bytes come with the message; none do if there is no data set.
    HandedOver,
    /// Texts of rows.
    Rows {
        /// The first, from 0.
        first: u32,
        /// One a row.
        rows: Vec<RowText>,
    },
    /// What was asked about a row, or why there is no answer. One for each such request, in their order.
    Explained(Box<Result<Explained, String>>),
    /// It answers a file's rows.
    Answering {
        /// How many are answered.
        n_answered: u32,
        /// Of how many.
        n_rows: u32,
    },
    /// What became of a file, or why it has no answers.
    Answered(Box<Result<AnsweredFile, Fault>>),
    /// Rows with their answers.
    AnsweredRows {
        /// The first, from 0.
        first: u32,
        /// One a row.
        rows: Vec<AnsweredRow>,
    },
    /// Where the file with the answers lies, for as long as the worker lives.
    Download {
        /// Its address, which this browser alone knows.
        url: String,
    },
}

/// What the worker says of a row, for tests of what is made of it.
#[cfg(test)]
pub(crate) fn explained(
    model: &[u8],
    values: &[f64],
    question: Question,
) -> Result<Explained, String> {
    explaining::Explainer::open(model, || 0.0)?.answer(values, question)
}

//! Support of the integration tests, which live in `tests/`: a capture is a list of files, and what the engine makes of it
//! is its summary. The engine runs as the command line runs it, coordinator and shards over their real wire.

pub mod elsewhere;
pub mod hostile;

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use underlay_lab::{Memory, Plan, generate, truth::Truth};
use underlay_model::view::CaptureOptions;
use underlay_model::wire::FileOffer;
use underlay_session::in_process::{ByteSource, InProcess, MemorySource};

/// Files of a capture by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A plan whose capture is read in a moment, and yet has something of everything.
pub fn small(seed: u64) -> Plan {
    Plan {
        seed,
        minutes: 14,
        nodes: 3,
        pods_per_node: 3,
        services: 3,
        requests: 40,
        east_west: 40,
        long_flows: 9,
        ..Plan::default()
    }
}

/// How the engine is run; the summary must not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Parsing workers.
    pub shards: u32,
    /// Bytes of a chunk.
    pub chunk_bytes: usize,
    /// Offer the files in the order from the last path to the first.
    pub reversed: bool,
}

impl Default for Engine {
    fn default() -> Self {
        Self { shards: 2, chunk_bytes: 1 << 18, reversed: false }
    }
}

impl Engine {
    /// The summary's text of a capture.
    pub fn summary(self, files: &Files) -> String {
        self.read(files, CaptureOptions::default()).summary(false)
    }

    /// The summary's text of a capture, two blanks deep.
    pub fn pretty(self, files: &Files) -> String {
        self.read(files, CaptureOptions::default()).summary(true)
    }

    /// The engine after it has read a capture, with what the user declares.
    pub fn read(self, files: &Files, options: CaptureOptions) -> InProcess {
        let mut offers: Vec<(FileOffer, Arc<dyn ByteSource>)> = files
            .iter()
            .map(|(path, content)| {
                let offer = FileOffer { path: path.clone(), bytes: content.len() as u64 };
                (offer, Arc::new(MemorySource::new(content.as_slice())) as Arc<dyn ByteSource>)
            })
            .collect();
        if self.reversed {
            offers.reverse();
        }
        let mut engine = InProcess::new(self.shards, self.chunk_bytes);
        engine.set_options(options);
        engine.add(offers);
        engine.run_until_idle();
        engine
    }

    /// The summary of a capture as a value.
    ///
    /// # Panics
    /// When the engine's answer is not JSON, which fails the test that asked.
    pub fn value(self, files: &Files) -> Value {
        let text = self.summary(files);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:.300}"))
    }
}

/// Generates a capture with its truth, below the folder `capture`.
///
/// # Panics
/// When the plan cannot be carried out, which fails the test that asked.
pub fn capture(plan: &Plan) -> (Files, Truth) {
    let mut memory = Memory::new();
    let outcome = generate(&Plan { truth: true, ..plan.clone() }, &mut memory).expect("the plan is sound");
    let files = memory.files.into_iter().map(|(path, content)| (format!("capture/{path}"), content)).collect();
    (files, outcome.truth.expect("truth was asked for"))
}

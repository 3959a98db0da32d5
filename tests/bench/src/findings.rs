//! Findings of a large capture, made up and read: coordinator and shard in one, so that what both do for an answer is measured.

use std::hint::black_box;
use std::sync::Arc;
use underlay_lab::{Memory, Plan, generate};
use underlay_model::view::MinuteRange;
use underlay_model::wire::{FileOffer, PageRequest};
use underlay_session::in_process::{ByteSource, InProcess, MemorySource};

/// A capture that was read.
pub struct Capture {
    engine: InProcess,
    first_minute: i64,
}

impl Capture {
    /// Generates and reads one of so many minutes and pods on each of 120 nodes; `None` when the plan cannot be carried out.
    pub fn generate(minutes: u32, pods_per_node: u32) -> Option<Self> {
        let plan = Plan::of_many_pods(minutes, pods_per_node);
        let mut memory = Memory::new();
        generate(&plan, &mut memory).ok()?;
        let offer = |(path, content): (String, Vec<u8>)| {
            let bytes = content.len() as u64;
            (FileOffer { path, bytes }, Arc::new(MemorySource::new(content)) as Arc<dyn ByteSource>)
        };
        let mut engine = InProcess::new(1, 1 << 20).without_previews();
        engine.add(memory.files.into_iter().map(offer).collect());
        engine.run_until_idle();
        Some(Self { engine, first_minute: plan.start_ms / 60_000 })
    }

    /// The sums of the whole, what was seen of probes, and the picture.
    pub fn picture(&mut self) {
        black_box(self.engine.ask(|id| PageRequest::Topology { id, range: None }));
    }

    /// All findings; of minutes `first` to `last` only, where that is not the whole.
    pub fn findings(&mut self, range: Option<(i64, i64)>) {
        let start = self.first_minute;
        let range = range.map(|(first, last)| MinuteRange { first: start + first, last: start + last });
        black_box(self.engine.ask(|id| PageRequest::Findings { id, range }));
    }
}

//! How long findings take: a generated capture with thousands of pods is read, then the questions are asked whose time is stated.
//! `cargo run --release -p underlay-tests --example findings_speed [minutes] [pods per node]`

use std::time::{Duration, Instant};
use underlay_lab::{Memory, Plan, generate};
use underlay_model::view::{CaptureOptions, MinuteRange};
use underlay_model::wire::{PageEvent, PageRequest};
use underlay_tests::Engine;

/// Wall time and, on Linux, processor time of this thread: on a busy machine they differ.
fn timed<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let processor = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        Duration::from_nanos(text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0))
    };
    let (wall, own) = (Instant::now(), processor());
    let result = work();
    println!("{name}: {:?} of processor, {:?} in all", processor().saturating_sub(own), wall.elapsed());
    result
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|text| text.parse::<u32>().ok());
    let minutes = arguments.next().unwrap_or(20);
    let pods_per_node = arguments.next().unwrap_or(30);
    let plan = Plan::of_many_pods(minutes, pods_per_node);
    let mut memory = Memory::new();
    generate(&plan, &mut memory).expect("the plan is sound");
    let megabytes = memory.files.values().map(Vec::len).sum::<usize>() >> 20;
    let mut engine = timed(&format!("read {megabytes} MB"), || {
        Engine { shards: 1, ..Engine::default() }.read(&memory.files, CaptureOptions::default())
    });
    timed("sums and probes of the whole, and places", || engine.ask(|id| PageRequest::Topology { id, range: None }));
    let events = timed("findings", || engine.ask(|id| PageRequest::Findings { id, range: None }));
    let first = plan.start_ms / 60_000;
    for width in [1, 5, i64::from(minutes) / 2] {
        let range = MinuteRange { first: first + 3, last: first + 2 + width };
        timed(&format!("findings of {width} minutes"), || {
            engine.ask(|id| PageRequest::Findings { id, range: Some(range) })
        });
    }
    for event in events {
        if let PageEvent::Findings { report, .. } = event {
            println!("{} findings of {} checks", report.findings.len(), report.checks.len());
        }
    }
}

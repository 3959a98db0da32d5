//! A capture that is larger than a worker's memory: said, and what was read is there.

mod fixture;

use fixture::{File, offered};
use std::fmt::Write;
use underlay_model::input::Format;
use underlay_session::in_process::InProcess;
use underlay_session::shard::{Reaction, Shard};
use underlay_session::shard_wire::{
    FinishedInput, OpenInput, ShardRequest, ShardRequestBody, ShardResponse, ShardResponseBody, Slice, SliceCoding,
};
use underlay_store::query::PairQuery;

const PIECE: usize = 1 << 16;

/// A flow log of so many records with a tuple each.
fn log(records: u32) -> String {
    let mut text = "{\"records\":[".to_owned();
    for record in 0..records {
        let comma = if record == 0 { "" } else { "," };
        write!(
            text,
            "{comma}{{\"time\":\"t{record}\",\"flowLogGUID\":\"g\",\"macAddress\":\"00224871C205\",\"category\":\"FlowLogFlowEvent\",\
             \"flowRecords\":{{\"flows\":[{{\"aclID\":\"a\",\"flowGroups\":[{{\"rule\":\"r\",\"flowTuples\":\
             [\"1795165200000,10.0.0.1,10.1.{}.{},1,443,6,O,E,NX,1,2,3,4\"]}}]}}]}}}}",
            record >> 8,
            record & 255,
        )
        .unwrap();
    }
    text + "]}"
}

fn ask(shard: &mut Shard, body: ShardRequestBody) -> ShardResponseBody {
    match shard.handle(ShardRequest { ticket: 7, body }) {
        Reaction::Respond(response) => response.body,
        other => panic!("{other:?}"),
    }
}

/// As a worker reads: it goes on handing over what it has when nothing is wanted any more.
fn read(shard: &mut Shard, input: u32, path: &str, text: &str) -> FinishedInput {
    let slice = Slice { offset: 0, bytes: text.len() as u64 };
    let path = path.to_owned();
    let open = OpenInput { input, path, slice, coding: SliceCoding::Plain, expansion_limit: u64::MAX };
    shard.handle(ShardRequest { ticket: 7, body: ShardRequestBody::Open(Box::new(open)) });
    let mut said: Vec<ShardResponse> = text.as_bytes().chunks(PIECE).filter_map(|piece| shard.push(piece)).collect();
    said.extend(shard.finish());
    let finished = said.into_iter().filter_map(|response| match response.body {
        ShardResponseBody::Finished(finished) => Some(*finished),
        _ => None,
    });
    let mut finished: Vec<FinishedInput> = finished.collect();
    assert_eq!(finished.len(), 1, "an input ends once");
    finished.remove(0)
}

#[test]
fn a_log_that_does_not_fit_ends_with_a_note_and_counts_as_far_as_it_was_read() {
    let mut shard = Shard::new();
    let small = read(&mut shard, 0, "small.json", &log(3));
    assert!(small.report.notes.is_empty(), "{:?}", small.report.notes);
    shard.limit_memory(1);

    let text = log(3000);
    let large = read(&mut shard, 1, "large.json", &text);
    let note = large.report.notes.iter().find(|note| note.code == "memory-full").expect("it is said");
    assert!(note.message.contains(&format!("after {PIECE} of {} bytes", text.len())), "{}", note.message);
    assert_eq!(large.bytes_read, PIECE as u64);
    assert!((1..3000).contains(&large.tuples), "{}", large.tuples);

    // What is no flow log takes none of that memory and is read whole.
    let pods = format!("{{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[{}]}}", vec!["{}"; 30_000].join(","));
    let objects = read(&mut shard, 2, "pods.json", &pods);
    assert_eq!((objects.report.format, objects.bytes_read), (Format::Kubernetes, pods.len() as u64));
    assert!(objects.report.notes.iter().all(|note| note.code != "memory-full"));

    ask(&mut shard, ShardRequestBody::SettleAlone);
    let ShardResponseBody::Pairs(pairs) = ask(&mut shard, ShardRequestBody::Pairs(PairQuery::default())) else {
        panic!("pairs are answered with pairs")
    };
    // The three of the small log are the first of the large one.
    assert_eq!(pairs.iter().count() as u64, large.tuples);
}

#[test]
fn a_summary_of_what_did_not_fit_is_not_complete() {
    let files: [File; 1] = [("large.json".to_owned(), log(3000).into_bytes())];
    let summary = |most: u64| {
        let mut host = InProcess::new(1, PIECE);
        host.limit_memory(most);
        host.add(offered(&files));
        host.run_until_idle();
        host.summary(false)
    };
    let (whole, part) = (summary(u64::MAX), summary(1));
    assert!(whole.contains("\"complete\":true") && !whole.contains("memory-full"), "{whole:.300}");
    assert!(part.contains("\"complete\":false") && part.contains("memory-full"), "{part:.300}");
}

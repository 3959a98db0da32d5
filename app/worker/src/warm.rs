//! Warming up: a browser compiles a function for speed only once it has run for a while, and takes half a second of processor time for
//! it. That time is better spent while the page waits for files than beside reading them, so one shard reads a made-up log
//! in a session of its own that is thrown away.

mod picture;

use crate::post;
use std::fmt::Write;
use underlay_session::shard::Shard;
use underlay_session::shard_wire::{OpenInput, ShardRequest, ShardRequestBody, Slice, SliceCoding};
use wasm_bindgen::prelude::*;

/// Compiled code is shared by all workers of the page, so one is enough.
const WARMED: &str = "shard 0.0";
/// The page comes first: nobody drops a file sooner.
const AFTER_MS: i32 = 250;
/// Records of the log: about 10 MB in all, after which the browser finds every function of this way worth its while.
const RECORDS: u32 = 1000;
/// Pods of a list, which other functions read: about 2 MB in all.
const PODS: u32 = 400;
/// So many at a time, so that a file that arrives meanwhile hardly waits.
const PORTION: u32 = 40;
const TUPLES: u32 = 128;

/// Begins soon, when this worker is the one to do it.
pub fn up() {
    if post::scope().name() == WARMED {
        go_on(Shard::new(), 0, AFTER_MS);
    }
}

fn go_on(mut shard: Shard, first: u32, after_ms: i32) {
    let portion = Closure::once_into_js(move || {
        if first < RECORDS + PODS {
            read(&mut shard, first, &if first < RECORDS { log(first) } else { pods() });
            ask(&mut shard, ShardRequestBody::SettleAlone);
            go_on(shard, first + PORTION, 0);
        } else {
            ask(&mut shard, ShardRequestBody::Tallies);
            picture::up();
        }
    });
    let _ = post::scope().set_timeout_with_callback_and_timeout_and_arguments_0(portion.unchecked_ref(), after_ms);
}

fn ask(shard: &mut Shard, body: ShardRequestBody) {
    let _ = shard.handle(ShardRequest { ticket: 0, body });
}

fn read(shard: &mut Shard, first: u32, text: &str) {
    let slice = Slice { offset: 0, bytes: text.len() as u64 };
    let open =
        OpenInput { input: first, path: String::new(), slice, coding: SliceCoding::Plain, expansion_limit: u64::MAX };
    ask(shard, ShardRequestBody::Open(Box::new(open)));
    let _ = shard.push(text.as_bytes());
    let _ = shard.finish();
}

/// A flow log of a few records, whose times differ so that none is a copy.
fn log(first: u32) -> String {
    let mut tuples = String::new();
    for tuple in 0..TUPLES {
        let (low, state) = (tuple * 37 % 251, if tuple % 2 == 0 { 'B' } else { 'E' });
        let _ = write!(
            tuples,
            ",\"17951652{:05},10.244.{low}.{},10.13.{}.{low},{},8080,6,I,{state},NX,{tuple},{},{},{}\"",
            tuple * 97,
            tuple / 4,
            low / 3,
            1024 + tuple * 101,
            tuple * 641,
            tuple / 2,
            tuple * 3001,
        );
    }
    let tuples = tuples.strip_prefix(',').unwrap_or_default();
    let mut text = "{\"records\":[".to_owned();
    for record in first..first + PORTION {
        let _ = write!(
            text,
            "{{\"time\":\"{record}\",\"flowLogVersion\":4,\"flowLogGUID\":\"\",\"macAddress\":\"\",\"category\":\"FlowLogFlowEvent\",\
             \"flowRecords\":{{\"flows\":[{{\"aclID\":\"\",\"flowGroups\":[{{\"rule\":\"\",\"flowTuples\":[{tuples}]}}]}}]}}}},"
        );
    }
    text
}

/// A list of pods with their managed fields, indented as `kubectl` prints it.
fn pods() -> String {
    let mut fields = "\".\": {}".to_owned();
    for field in 0..64 {
        let _ = write!(
            fields,
            ",\n          \"k:{{\\\"name\\\":\\\"{field}\\\"}}\": {{\n            \".\": {{}}\n          }}"
        );
    }
    let pod = [
        "{\n    \"apiVersion\": \"v1\",\n    \"kind\": \"Pod\",\n    \"metadata\": {\n      \"name\": \"a\",\n      \"managedFields\": [{\n        \"fieldsV1\": {",
        &fields,
        "\n        }\n      }]\n    },\n    \"status\": {\n      \"phase\": \"Running\",\n      \"podIP\": \"10.244.0.9\"\n    }\n  },\n",
    ]
    .concat();
    ["{\n  \"kind\": \"List\",\n  \"items\": [", &pod.repeat(PORTION as usize), "]\n}\n"].concat()
}

//! Warming up what makes the first picture of a capture: a made-up log goes all the way to its picture, in a session of its own that is
//! thrown away. It begins when what reads files is warm.

use super::{PORTION, RECORDS};
use crate::post;
use std::sync::Arc;
use underlay_model::wire::{FileOffer, PageRequest};
use underlay_session::in_process::{InProcess, MemorySource};
use wasm_bindgen::prelude::*;

/// Begins.
pub fn up() {
    later(|| {
        // Each piece is one file, and is read in one go.
        let mut host = InProcess::new(1, 1 << 20);
        for first in (0..RECORDS).step_by(PORTION as usize) {
            let log = MemorySource::new(log(first).into_bytes());
            let offer = FileOffer { path: first.to_string(), bytes: log.0.len() as u64 };
            host.add(vec![(offer, Arc::new(log))]);
        }
        go_on(host, false);
    });
}

fn go_on(mut host: InProcess, asked: bool) {
    later(move || {
        if host.step() {
            go_on(host, asked);
        } else if !asked {
            host.request(PageRequest::Topology { id: 0, range: None });
            go_on(host, true);
        }
    });
}

fn later(work: impl FnOnce() + 'static) {
    let work = Closure::once_into_js(work);
    let _ = post::scope().set_timeout_with_callback_and_timeout_and_arguments_0(work.unchecked_ref(), 0);
}

/// A piece of the log in which every record has pods of its own: pictures cost as much as there are pairs.
fn log(first: u32) -> String {
    const RECORD: &str = "{\"time\"";
    let text = super::log(first);
    let own =
        |(record, text): (u32, &str)| text.replace("10.244.", &["10.", &(record % 256).to_string(), "."].concat());
    let records: Vec<String> = (first..).zip(text.split(RECORD)).map(own).collect();
    records.join(RECORD)
}

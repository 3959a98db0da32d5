//! A parsing worker: reads the slices that the coordinator opens into the session's shard, slab by slab, and lets
//! questions and the order to stop through between two slabs.

use crate::files::Slabs;
use crate::{clock, life, post, vitals};
use js_sys::Array;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use underlay_session::shard::{Reaction, Shard};
use underlay_session::shard_wire::{ShardRequest, ShardResponse, Slice};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, File, MessageChannel, MessageEvent};

struct Host {
    shard: RefCell<Shard>,
    /// Counts the inputs opened; a stream that belongs to an earlier one has been aborted and stops.
    opened: Cell<u64>,
}

/// Listens, and tells the coordinator so.
pub fn run(scope: &DedicatedWorkerGlobalScope) {
    let host = Rc::new(Host { shard: RefCell::new(Shard::new()), opened: Cell::new(0) });
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| receive(&host, &event.data()));
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    // It says that it listens once its end can be noticed.
    life::hold(&life::lock_name(&scope.location().href(), &scope.name()), || {
        let _ = post::scope().post_message(&JsValue::NULL);
        tell_vitals();
    });
}

/// Memory and requests, when they have changed.
fn tell_vitals() {
    thread_local! {
        static TOLD: Cell<(u64, u32)> = const { Cell::new((0, u32::MAX)) };
    }
    let now = (vitals::memory(), vitals::requests());
    if TOLD.with(|told| told.replace(now)) != now {
        // Memory of a worker is far below 2^53.
        let message = Array::of2(&(now.0 as f64).into(), &now.1.into());
        let _ = post::scope().post_message(&message);
    }
}

fn receive(host: &Rc<Host>, data: &JsValue) {
    let parts: &Array = data.unchecked_ref();
    let Some(Ok(request)) = post::bytes(&parts.get(0)).map(|bytes| ShardRequest::decode(&bytes)) else { return };
    let reaction = host.shard.borrow_mut().handle(request);
    match reaction {
        Reaction::Respond(response) => {
            post::to_parent(&response.encode());
            tell_vitals();
        }
        Reaction::Read(slice) => {
            host.opened.set(host.opened.get() + 1);
            let file = parts.get(1).dyn_into::<File>();
            wasm_bindgen_futures::spawn_local(read(host.clone(), file.ok(), slice));
        }
        Reaction::Nothing => {}
    }
}

async fn read(host: Rc<Host>, file: Option<File>, slice: Slice) {
    let mine = host.opened.get();
    let outcome = match file {
        Some(file) => stream(&host, mine, file, &slice).await,
        None => Err("The file's handle did not arrive.".to_owned()),
    };
    if host.opened.get() != mine {
        return;
    }
    let mut shard = host.shard.borrow_mut();
    respond(match outcome {
        Ok(()) => shard.finish(),
        Err(message) => shard.fail(&message),
    });
}

/// Streams until the end or until the input was aborted. Errors, as a sentence, when the browser cannot read on.
async fn stream(host: &Host, mine: u64, file: File, slice: &Slice) -> Result<(), String> {
    let channel = MessageChannel::new().map_err(|error| post::sentence(&error))?;
    let mut slabs = Slabs::open(file, slice.offset, slice.bytes)?;
    let mut buffer = Vec::new();
    let mut position = 0u64;
    while let Some(slab) = slabs.next().await? {
        if host.opened.get() != mine || !host.shard.borrow().is_reading() {
            return Ok(());
        }
        slab.for_each_piece(&mut buffer, |piece| {
            inject_fault(position, piece);
            position += piece.len() as u64;
            respond(host.shard.borrow_mut().push(piece));
        });
        clock::turn(&channel).await;
    }
    if position < slice.bytes {
        Err(format!("The file ended after {position} of {} bytes.", slice.bytes))
    } else {
        Ok(())
    }
}

fn respond(response: Option<ShardResponse>) {
    if let Some(response) = response {
        post::to_parent(&response.encode());
        tell_vitals();
    }
}

#[cfg(feature = "fault-injection")]
fn inject_fault(position: u64, chunk: &[u8]) {
    let fault = chunk.strip_prefix(b"underlay-fault: ").filter(|_| position == 0).unwrap_or_default();
    assert!(!fault.starts_with(b"panic"), "a fault was asked for by the file");
    if fault.starts_with(b"end") {
        post::scope().close();
    }
    let mut hoard = Vec::new();
    while fault.starts_with(b"memory") {
        hoard.push(std::hint::black_box(vec![0u8; 256 << 20]));
    }
}

#[cfg(not(feature = "fault-injection"))]
fn inject_fault(_position: u64, _chunk: &[u8]) {}

//! A parsing worker: takes the slices that the coordinator opens, slab by slab, into the session's shard. Questions and the order to
//! stop come between two slabs, because each slab is a message of its own.

use crate::{life, post, vitals, warm};
use js_sys::{Array, Uint8Array};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use underlay_session::shard::{Reaction, Shard};
use underlay_session::shard_wire::{ShardRequest, ShardResponse};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// So much is copied into the module's memory at a time: what was copied is parsed while the processor's caches hold it, and few records
/// are cut.
const PIECE_BYTES: u32 = 1 << 20;

#[derive(Default)]
struct Host {
    shard: Shard,
    open: Option<Open>,
    /// Room for a piece, and how much of it has come.
    piece: Vec<u8>,
    filled: u32,
}

/// The slice that is being read.
struct Open {
    ticket: u64,
    bytes: u64,
    taken: u64,
}

/// Listens, and tells the coordinator so.
pub fn run(scope: &DedicatedWorkerGlobalScope) {
    let host = Rc::new(RefCell::new(Host::default()));
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let data = event.data();
        let mut host = host.borrow_mut();
        match data.dyn_ref::<Array>() {
            Some(slab) => host.take(slab),
            None => host.receive(&data),
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    // It says that it listens once its end can be noticed.
    life::hold(&life::lock_name(&scope.location().href(), &scope.name()), || {
        let scope = post::scope();
        let _ = scope.post_message(&JsValue::NULL);
        tell_vitals();
        warm::up();
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

impl Host {
    /// A request of the coordinator.
    fn receive(&mut self, data: &JsValue) {
        let Some(Ok(request)) = post::bytes(data).map(|bytes| ShardRequest::decode(&bytes)) else { return };
        let ticket = request.ticket;
        match self.shard.handle(request) {
            Reaction::Respond(response) => respond(Some(*response)),
            Reaction::Read(slice) if slice.bytes == 0 => respond(self.shard.finish()),
            Reaction::Read(slice) => {
                self.open = Some(Open { ticket, bytes: slice.bytes, taken: 0 });
                self.filled = 0;
            }
            Reaction::Nothing => {}
        }
    }

    /// `[ticket, slab, last]`, or a sentence in the slab's place when the file cannot be read.
    fn take(&mut self, message: &Array) {
        let Some(open) = &self.open else { return };
        if message.get(0).as_f64() != Some(open.ticket as f64) || !self.shard.is_reading() {
            return;
        }
        let slab = message.get(1);
        if let Some(reason) = slab.as_string() {
            self.push();
            return respond(self.shard.fail(&reason));
        }
        let slab: Uint8Array = slab.unchecked_into();
        self.fill(&slab);
        post::room_to_parent(&message.get(0), &slab.buffer());
        if !message.get(2).is_truthy() {
            return;
        }
        self.push();
        if let Some(Open { bytes, taken, .. }) = self.open {
            respond(if taken < bytes {
                self.shard.fail(&format!("The file ended after {taken} of {bytes} bytes."))
            } else {
                self.shard.finish()
            });
        }
    }

    /// Parses whenever a piece is whole: the fewer pieces, the fewer records are cut.
    fn fill(&mut self, bytes: &Uint8Array) {
        self.piece.resize(PIECE_BYTES as usize, 0);
        let mut from = 0;
        while from < bytes.length() {
            let to = bytes.length().min(from + PIECE_BYTES - self.filled);
            if let Some(place) = self.piece.get_mut(self.filled as usize..(self.filled + to - from) as usize) {
                bytes.subarray(from, to).copy_to(place);
            }
            self.filled += to - from;
            from = to;
            if self.filled == PIECE_BYTES {
                self.push();
            }
        }
    }

    /// Parses what there is of a piece.
    fn push(&mut self) {
        let piece = self.piece.get(..std::mem::take(&mut self.filled) as usize).unwrap_or_default();
        if let Some(open) = &mut self.open {
            inject_fault(open.taken, piece);
            open.taken += piece.len() as u64;
            respond(self.shard.push(piece));
        }
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

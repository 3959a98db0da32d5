//! The coordinator worker: carries messages between the page, the session's coordinator and the parsing workers, keeps the
//! handles of the files, and starts a worker anew when one has failed.

use crate::files::{Slab, Stream};
use crate::{BUILD, clock, files, life, post, vitals};
use js_sys::Array;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use underlay_model::wire::{PageEvent, PageRequest, WorkerLoss};
use underlay_session::coordinator::{Command, Coordinator, FileIndex, ReadId, ShardIndex};
use underlay_session::shard_wire::{ShardRequest, ShardRequestBody, ShardResponse};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, ErrorEvent, Event, File, MessageEvent, Worker, WorkerOptions, WorkerType};

/// More parsing workers than this do not read faster: the browser hands out bytes at the speed of about two.
const MOST_SHARDS: u32 = 4;
const TICK_MS: i32 = 100;

struct Host {
    scope: DedicatedWorkerGlobalScope,
    session: RefCell<Coordinator>,
    shards: RefCell<Vec<ShardWorker>>,
    files: RefCell<HashMap<FileIndex, File>>,
    next_file: Cell<FileIndex>,
    births: Cell<u32>,
    /// The running interval, while the session is busy.
    ticking: Cell<Option<i32>>,
    tick: RefCell<Option<Closure<dyn Fn()>>>,
    /// Ends the errors of a worker that has already been reported.
    quiet: Closure<dyn Fn(Event)>,
}

struct ShardWorker {
    worker: Worker,
    /// Messages for a worker that has not said yet that it listens.
    waiting: Option<Vec<Vec<u8>>>,
    /// What it reads.
    stream: Option<Stream>,
    _handlers: [Closure<dyn Fn(Event)>; 2],
    /// Its name, by which its lock is known.
    name: String,
    memory: u64,
}

/// Starts the shards and listens to the page.
pub fn run(scope: &DedicatedWorkerGlobalScope) {
    let cores = scope.navigator().hardware_concurrency();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of cores, clamped at once")]
    let count = (cores as u32).saturating_sub(1).clamp(1, MOST_SHARDS);
    let host = Rc::new(Host {
        scope: scope.clone(),
        session: RefCell::new(Coordinator::new(count, BUILD)),
        shards: RefCell::default(),
        files: RefCell::default(),
        next_file: Cell::new(0),
        births: Cell::new(0),
        ticking: Cell::new(None),
        tick: RefCell::default(),
        quiet: Closure::new(|event: Event| event.prevent_default()),
    });
    for index in 0..count {
        let worker = start_shard(&host, index);
        host.shards.borrow_mut().push(worker);
    }
    let ticked = host.clone();
    *host.tick.borrow_mut() = Some(Closure::new(move || {
        ticked.session.borrow_mut().tick(clock::now_ms());
        pump(&ticked);
    }));
    let listening = host.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| ask(&listening, &event.data()));
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    pump(&host);
}

/// A request of the page: `[bytes, [file, …]]`.
fn ask(host: &Rc<Host>, data: &JsValue) {
    let parts: &Array = data.unchecked_ref();
    let request = post::bytes(&parts.get(0)).map(|bytes| postcard::from_bytes::<PageRequest>(&bytes));
    let Some(Ok(request)) = request else { return };
    let first_file = host.next_file.get();
    let handles: Array = parts.get(1).unchecked_into();
    for (index, handle) in (first_file..).zip(handles.iter()) {
        host.files.borrow_mut().insert(index, handle.unchecked_into());
        host.next_file.set(index + 1);
    }
    {
        let mut session = host.session.borrow_mut();
        session.tick(clock::now_ms());
        session.page_request(request, first_file);
    }
    pump(host);
}

/// Does what the session wants done, until it wants nothing more.
fn pump(host: &Rc<Host>) {
    host.session.borrow_mut().note_vitals(None, vitals::memory(), vitals::requests());
    loop {
        let command = host.session.borrow_mut().next_command();
        match command {
            None => break,
            Some(Command::Page(mut event)) => {
                event.take_parts().iter().for_each(tell_page);
                tell_page(&event);
            }
            Some(Command::Shard { shard, request, file }) => post_to_shard(host, shard, &request, file),
            Some(Command::Read { id, file, offset, bytes }) => {
                wasm_bindgen_futures::spawn_local(read(host.clone(), id, file, offset, bytes));
            }
            Some(Command::StartShard(shard)) => {
                let fresh = start_shard(host, shard);
                if let Some(place) = host.shards.borrow_mut().get_mut(shard as usize) {
                    std::mem::replace(place, fresh).worker.terminate();
                }
            }
            Some(Command::Release(file)) => {
                host.files.borrow_mut().remove(&file);
            }
        }
    }
    keep_ticking(host);
}

fn keep_ticking(host: &Host) {
    let busy = host.session.borrow().is_busy();
    match (busy, host.ticking.get()) {
        (true, None) => {
            if let Some(tick) = host.tick.borrow().as_ref() {
                let callback = tick.as_ref().unchecked_ref();
                let started = host.scope.set_interval_with_callback_and_timeout_and_arguments_0(callback, TICK_MS);
                host.ticking.set(started.ok());
            }
        }
        (false, Some(interval)) => {
            host.scope.clear_interval_with_handle(interval);
            host.ticking.set(None);
        }
        _ => {}
    }
}

fn tell_page(event: &PageEvent) {
    match postcard::to_stdvec(event) {
        Ok(bytes) => post::to_parent(&bytes),
        Err(error) => web_sys::console::error_1(&format!("an answer could not be encoded: {error}").into()),
    }
}

fn post_to_shard(host: &Rc<Host>, index: ShardIndex, request: &ShardRequest, file: Option<FileIndex>) {
    let slice = match &request.body {
        ShardRequestBody::Open(open) => Some(open.slice),
        ShardRequestBody::Digest(slice) => Some(*slice),
        _ => None,
    };
    let bytes = request.encode();
    {
        let mut shards = host.shards.borrow_mut();
        let Some(shard) = shards.get_mut(index as usize) else { return };
        match &mut shard.waiting {
            Some(waiting) => waiting.push(bytes),
            None => post::to_child(&shard.worker, &bytes),
        }
        if let Some(slice) = slice {
            let handle = file.and_then(|file| host.files.borrow().get(&file).cloned());
            shard.stream = Stream::new(request.ticket, handle.as_ref(), slice.offset, slice.bytes);
        }
    }
    hand_on(host, index);
}

/// Begins to read the next slab for a shard, unless it has enough.
fn hand_on(host: &Rc<Host>, index: ShardIndex) {
    let mut shards = host.shards.borrow_mut();
    let Some(shard) = shards.get_mut(index as usize).filter(|shard| shard.waiting.is_none()) else { return };
    let Some(stream) = &mut shard.stream else { return };
    if let Some(slab) = stream.next() {
        let (host, ticket) = (host.clone(), stream.ticket);
        wasm_bindgen_futures::spawn_local(async move { hand_slab(&host, index, ticket, slab.await) });
    }
}

fn hand_slab(host: &Rc<Host>, index: ShardIndex, ticket: u64, slab: Result<Slab, String>) {
    {
        let mut shards = host.shards.borrow_mut();
        let Some(shard) = shards.get_mut(index as usize) else { return };
        let Some(stream) = shard.stream.as_mut().filter(|stream| stream.ticket == ticket) else { return };
        let last = match slab {
            Ok(slab) => {
                stream.was_read(slab.bytes.length());
                post::slab_to_child(&shard.worker, ticket, &slab.bytes, slab.last);
                slab.last
            }
            Err(message) => {
                post::slab_to_child(&shard.worker, ticket, &message.into(), true);
                true
            }
        };
        if last {
            shard.stream = None;
        }
    }
    hand_on(host, index);
}

async fn read(host: Rc<Host>, id: ReadId, file: FileIndex, offset: u64, length: u64) {
    let handle = host.files.borrow().get(&file).cloned();
    let result = match handle {
        Some(handle) => files::range(&handle, offset, length).await,
        None => Err(files::GONE.to_owned()),
    };
    host.session.borrow_mut().read_done(id, result.as_deref().map_err(String::as_str));
    pump(&host);
}

/// A worker from this worker's own bootstrap, which is a blob and so hands on the page's policy.
fn start_shard(host: &Rc<Host>, index: ShardIndex) -> ShardWorker {
    let settings = WorkerOptions::new();
    settings.set_type(WorkerType::Module);
    let birth = host.births.get();
    host.births.set(birth + 1);
    let name = format!("shard {index}.{birth}");
    settings.set_name(&name);
    let worker = Worker::new_with_options(&host.scope.location().href(), &settings)
        .expect("a worker that runs from this address can start another");
    let listening = host.clone();
    let on_message = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        hear(&listening, index, &event.unchecked_into::<MessageEvent>().data());
    });
    let failing = host.clone();
    let on_error = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        event.prevent_default();
        let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
        // Every other end of a worker is told by its panic first: this is the trap of an allocation that failed.
        let memory = message.contains("unreachable") || message.contains("out of memory");
        fail(&failing, index, &message, if memory { WorkerLoss::Memory } else { WorkerLoss::Defect });
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    ShardWorker { worker, waiting: Some(Vec::new()), stream: None, _handlers: [on_message, on_error], name, memory: 0 }
}

/// What a shard says: nothing (it listens), a string (it panicked), a number and a buffer (it has taken the slab in it for the request of this
/// number), two numbers (its vitals), or a response.
fn hear(host: &Rc<Host>, index: ShardIndex, data: &JsValue) {
    if data.is_null() {
        if let Some(shard) = host.shards.borrow_mut().get_mut(index as usize) {
            watch(host, index, shard.name.clone());
            for bytes in shard.waiting.take().into_iter().flatten() {
                post::to_child(&shard.worker, &bytes);
            }
        }
        return hand_on(host, index);
    }
    if let Some(message) = data.as_string() {
        return fail(host, index, &message, WorkerLoss::Defect);
    }
    if Array::is_array(data) {
        let figures: &Array = data.unchecked_ref();
        let figure = |at| figures.get(at).as_f64().unwrap_or(0.0);
        if let Ok(buffer) = figures.get(1).dyn_into() {
            if let Some(stream) =
                host.shards.borrow_mut().get_mut(index as usize).and_then(|shard| shard.stream.as_mut())
                && stream.ticket as f64 == figure(0)
            {
                stream.want_more(buffer);
            }
            return hand_on(host, index);
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes and counts, not negative")]
        let (memory, requests) = (figure(0) as u64, figure(1) as u32);
        if let Some(shard) = host.shards.borrow_mut().get_mut(index as usize) {
            shard.memory = memory;
        }
        host.session.borrow_mut().note_vitals(Some(index), memory, requests);
        return pump(host);
    }
    if let Some(Ok(response)) = post::bytes(data).map(|bytes| ShardResponse::decode(&bytes)) {
        host.session.borrow_mut().shard_response(index, response);
        pump(host);
    }
}

/// Hears when the worker of this name is gone without a word.
fn watch(host: &Rc<Host>, index: ShardIndex, name: String) {
    let lock = life::lock_name(&host.scope.location().href(), &name);
    let host = host.clone();
    life::when_gone(&lock, move || {
        let present = host.shards.borrow().get(index as usize).is_some_and(|shard| shard.name == name);
        if present {
            fail(&host, index, "the worker that read it was ended from outside", WorkerLoss::Ended);
        }
    });
}

/// A shard failed. One that never listened would fail again, so then the page is told and nothing is started.
fn fail(host: &Rc<Host>, index: ShardIndex, message: &str, loss: WorkerLoss) {
    let (listened, memory) = match host.shards.borrow_mut().get_mut(index as usize) {
        Some(shard) => {
            // The same failure is reported twice, as a panic and as an error; the second one is not wanted.
            shard.worker.set_onmessage(None);
            shard.worker.set_onerror(Some(host.quiet.as_ref().unchecked_ref()));
            shard.name.clear();
            (shard.waiting.is_none(), shard.memory)
        }
        None => return,
    };
    if !listened {
        let message = format!("A parsing worker could not be started. {message}");
        return tell_page(&PageEvent::WorkerFailed { message, path: None, loss: WorkerLoss::Defect });
    }
    let message = match loss {
        WorkerLoss::Memory => {
            format!(
                "memory ran out, the worker that read it held {} MB and the browser gave it no more",
                memory / 1_000_000
            )
        }
        _ => message.to_owned(),
    };
    host.session.borrow_mut().shard_lost(index, &message, loss);
    pump(host);
}

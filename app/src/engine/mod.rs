//! The page's end of the capture: starts the coordinator worker, sends it what the page asks and hands on what it answers.
//! Nothing is read or computed here; files travel as handles, answers arrive as one transferred buffer each.
//!
//! A worker started from an address does not inherit the page's content security policy, one started from a `blob:` does;
//! so the worker's script is a few lines that import the real module (`architecture.md`, The page and its policy).

use js_sys::{Array, ArrayBuffer, Uint8Array};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use underlay_model::view::Topology;
use underlay_model::wire::{PageEvent, PageRequest, WorkerLoss};
use wasm_bindgen::prelude::*;
use web_sys::{BlobPropertyBag, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

/// Identifies the build of page and worker; `cargo xtask build` sets it to a hash of the sources.
pub const BUILD: &str = match option_env!("UNDERLAY_BUILD") {
    Some(build) => build,
    None => "development",
};

/// The module that Trunk builds from `app/worker`, beside the page.
const WORKER_MODULE: &str = "underlay-worker";

/// The running capture. Clones are handles to the same one.
#[derive(Clone)]
pub struct Engine(Rc<Inner>);

struct Inner {
    worker: Worker,
    /// Address of the workers' script, which is of this load alone.
    script: String,
    /// Requests made before the coordinator said that it listens.
    waiting: RefCell<Option<Vec<(Uint8Array, Array)>>>,
    on_event: Box<dyn Fn(PageEvent)>,
    /// Set once the coordinator turned out to be of another build: nothing it says can be understood.
    mismatched: Cell<bool>,
    /// Parts of a large picture that is on its way.
    parts: RefCell<Topology>,
}

impl Engine {
    /// Starts the coordinator; `on_event` is called for everything that it says, from the browser's event loop. What goes
    /// wrong with the worker itself (it cannot be loaded, it is of another build) arrives as [`PageEvent::WorkerFailed`].
    ///
    /// # Panics
    /// When the browser has no workers or no blobs; the loader has made sure that it does.
    pub fn start(on_event: impl Fn(PageEvent) + 'static) -> Self {
        let (worker, script) = start_worker().expect("a browser with wasm has workers");
        let engine = Self(Rc::new(Inner {
            worker,
            script,
            waiting: RefCell::new(Some(Vec::new())),
            on_event: Box::new(on_event),
            mismatched: Cell::new(false),
            parts: RefCell::default(),
        }));
        engine.listen();
        engine
    }

    /// Sends a request. For [`PageRequest::AddFiles`] the files stand in the order of its offers; otherwise there are none.
    /// Requests made before the worker runs are kept and sent in order.
    pub fn send(&self, request: &PageRequest, files: &[web_sys::File]) {
        let bytes = match postcard::to_allocvec(request) {
            Ok(bytes) => bytes,
            Err(error) => return self.fail(format!("A request could not be encoded: {error}")),
        };
        let message = Uint8Array::from(bytes.as_slice());
        let handles: Array = files.iter().map(JsValue::from).collect();
        if let Some(waiting) = self.0.waiting.borrow_mut().as_mut() {
            waiting.push((message, handles));
            return;
        }
        self.post(&message, &handles);
    }

    /// Ends the worker; nothing is heard of it any more.
    pub fn end(self) {
        self.0.mismatched.set(true);
        self.0.worker.terminate();
    }

    fn post(&self, message: &Uint8Array, handles: &Array) {
        let posted = Array::of2(message, handles);
        let transferred = Array::of1(&message.buffer());
        if let Err(error) = self.0.worker.post_message_with_transfer(&posted, &transferred) {
            self.fail(format!("The files could not be handed to the worker: {error:?}"));
        }
    }

    fn fail(&self, message: String) {
        (self.0.on_event)(PageEvent::WorkerFailed { message, path: None, loss: WorkerLoss::Session });
    }

    fn listen(&self) {
        let engine = self.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| engine.receive(&event.data()));
        self.0.worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let engine = self.clone();
        let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            if engine.0.mismatched.get() {
                return;
            }
            let reason = event.dyn_ref::<web_sys::ErrorEvent>().map(web_sys::ErrorEvent::message).unwrap_or_default();
            engine.fail(if reason.is_empty() { "The worker could not be loaded.".to_owned() } else { reason });
        });
        self.0.worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // Page and worker live equally long.
        on_message.forget();
        on_error.forget();
    }

    fn receive(&self, data: &JsValue) {
        if self.0.mismatched.get() {
            return;
        }
        let bytes = match data.dyn_ref::<ArrayBuffer>() {
            Some(buffer) => Uint8Array::new(buffer).to_vec(),
            None => return,
        };
        match postcard::from_bytes::<PageEvent>(&bytes) {
            Ok(event) => {
                if let PageEvent::Ready { build, .. } = &event
                    && !self.greet(build)
                {
                    return;
                }
                if let Some(event) = self.whole(event) {
                    (self.0.on_event)(event);
                }
            }
            Err(error) => self.fail(format!("An answer of the worker could not be read: {error}")),
        }
    }

    /// The event; `None` while it is a part of one that is still to come.
    fn whole(&self, mut event: PageEvent) -> Option<PageEvent> {
        let mut parts = self.0.parts.borrow_mut();
        match &mut event {
            PageEvent::TopologyPart { entities, edges } => {
                parts.entities.append(entities);
                parts.edges.append(edges);
                return None;
            }
            PageEvent::Topology { topology, .. } => {
                let mut before = std::mem::take(&mut *parts);
                before.entities.append(&mut topology.entities);
                before.edges.append(&mut topology.edges);
                (topology.entities, topology.edges) = (before.entities, before.edges);
            }
            _ => {}
        }
        Some(event)
    }

    /// A worker that is ended from outside says nothing, but gives back the lock that it holds while it lives.
    fn watch(&self) {
        let navigator = js_sys::Reflect::get(&js_sys::global(), &"navigator".into());
        let locks = navigator.and_then(|navigator| js_sys::Reflect::get(&navigator, &"locks".into()));
        let Ok(locks) = locks else { return };
        let Ok(request) = js_sys::Reflect::get(&locks, &"request".into()) else { return };
        let Ok(request) = request.dyn_into::<js_sys::Function>() else { return };
        let engine = self.clone();
        let gone = Closure::once_into_js(move |_lock: JsValue| {
            if !engine.0.mismatched.get() {
                engine.fail("The worker that holds the session was ended from outside.".to_owned());
            }
        });
        // Without locks, which a page that is not served securely lacks, nobody can tell.
        let _ = request.call2(&locks, &format!("{}#coordinator", self.0.script).into(), &gone);
    }

    /// The handshake: everything that waited goes out, unless the worker is of another build.
    fn greet(&self, build: &str) -> bool {
        self.watch();
        if build != BUILD {
            self.0.mismatched.set(true);
            self.0.worker.terminate();
            self.fail(format!(
                "The browser kept an old part of this page (page {BUILD}, worker {build}). Reload it without the cache."
            ));
            return false;
        }
        let waiting = self.0.waiting.borrow_mut().take();
        for (message, handles) in waiting.into_iter().flatten() {
            self.post(&message, &handles);
        }
        true
    }
}

/// The bootstrap as a blob, and a worker from it. The blob's address stays valid: the coordinator starts its shards from it.
fn start_worker() -> Result<(Worker, String), JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or("no document")?;
    let base = document.base_uri()?.ok_or("no base address")?;
    let module = Url::new_with_base(&format!("{WORKER_MODULE}.js?{BUILD}"), &base)?.href();
    let binary = Url::new_with_base(&format!("{WORKER_MODULE}_bg.wasm?{BUILD}"), &base)?.href();
    // A static import would be judged as a worker's script, which the policy allows from blobs only; this one as a script.
    let script = format!(
        "addEventListener('unhandledrejection', (event) => reportError(event.reason));\n\
         const module = await import({module:?});\n\
         await module.default({{ module_or_path: {binary:?} }});\n"
    );
    let options = BlobPropertyBag::new();
    options.set_type("text/javascript");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&Array::of1(&script.into()), &options)?;
    let settings = WorkerOptions::new();
    settings.set_type(WorkerType::Module);
    settings.set_name("coordinator");
    let address = Url::create_object_url_with_blob(&blob)?;
    Ok((Worker::new_with_options(&address, &settings)?, address))
}

//! Whether another worker still lives. A worker that the browser or somebody ends says nothing any more; but a lock that it
//! held is given to whoever waits for it. Where there are no locks (a page that is not served securely), nobody is told.

use js_sys::{Function, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The lock of a worker: unique, since the address of the workers' script is of this page's load alone.
pub fn lock_name(script: &str, worker: &str) -> String {
    format!("{script}#{worker}")
}

/// Asks for the lock; `granted` gives what to wait for before it is given back. `otherwise` is called when there are no locks.
fn request(name: &str, granted: impl FnOnce() -> JsValue + 'static, otherwise: impl FnOnce() + 'static) {
    let global = js_sys::global();
    let locks =
        Reflect::get(&global, &"navigator".into()).and_then(|navigator| Reflect::get(&navigator, &"locks".into()));
    let locks = locks.unwrap_or(JsValue::UNDEFINED);
    let function = if locks.is_undefined() { None } else { Reflect::get(&locks, &"request".into()).ok() };
    let Some(function) = function.and_then(|function| function.dyn_into::<Function>().ok()) else { return otherwise() };
    let callback = Closure::once_into_js(move |_lock: JsValue| granted());
    let otherwise = Rc::new(RefCell::new(Some(otherwise)));
    let refused = otherwise.clone();
    match function.call2(&locks, &name.into(), &callback) {
        Ok(promise) => {
            let failed = Closure::once_into_js(move |_error: JsValue| {
                if let Some(otherwise) = refused.borrow_mut().take() {
                    otherwise();
                }
            });
            let promise: Promise = promise.unchecked_into();
            let _ = Reflect::get(&promise, &"then".into())
                .and_then(|then| then.unchecked_into::<Function>().call2(&promise, &JsValue::UNDEFINED, &failed));
        }
        Err(_) => {
            if let Some(otherwise) = otherwise.borrow_mut().take() {
                otherwise();
            }
        }
    }
}

/// Holds the lock for as long as this worker lives; `then` goes on, with the lock or without.
pub fn hold(name: &str, then: impl Fn() + Clone + 'static) {
    let held = then.clone();
    let forever = move || {
        held();
        Promise::new(&mut |_, _| {}).into()
    };
    request(name, forever, then);
}

/// Calls when the worker that holds the lock is gone.
pub fn when_gone(name: &str, gone: impl FnOnce() + 'static) {
    let granted = move || {
        gone();
        JsValue::UNDEFINED
    };
    request(name, granted, || {});
}

//! The module that every worker of the page runs: a coordinator or, by the worker's name, one of its parsing shards. Both
//! carry bytes and messages to and from the session's state machines, which know nothing of a browser.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only a browser has workers"))]

mod clock;
mod coordinator;
mod files;
mod life;
mod panics;
mod post;
mod shard;
mod vitals;
mod warm;

/// Name of the worker that the page starts; every other is a shard.
const COORDINATOR: &str = "coordinator";

/// The same as the page's: a hash of the sources, set by `cargo xtask build`.
const BUILD: &str = match option_env!("UNDERLAY_BUILD") {
    Some(build) => build,
    None => "development",
};

fn main() {
    // Natively there is nothing to run; the package is checked there all the same.
    #[cfg(target_arch = "wasm32")]
    {
        let scope = post::scope();
        if scope.name() == COORDINATOR {
            panics::report(panics::of_coordinator);
            // It runs once its end can be noticed by the page.
            let name = life::lock_name(&scope.location().href(), COORDINATOR);
            life::hold(&name, || coordinator::run(&post::scope()));
        } else {
            panics::report(panics::of_shard);
            shard::run(&scope);
        }
    }
}

//! The capture generator. It imagines a cluster behind a gateway, lets traffic flow through it, and writes what Azure and
//! Kubernetes would have written about it, in the true layout of the blobs, together with what a correct reader must find
//! in there ([`truth::Truth`]). Tests, benches and the committed sample come from here; the product does not use it.
//!
//! Everything is a function of the seed: the same [`plan::Plan`] gives the same bytes on every machine.

pub mod bench_log;
pub mod cluster;
#[cfg(not(target_family = "wasm"))]
pub mod directory;
pub mod fault;
pub mod flow_log;
mod generate;
pub mod objects;
pub mod options;
pub mod other_logs;
pub mod plan;
pub mod random;
pub mod sample;
pub mod sink;
pub mod traffic;
pub mod truth;

pub use bench_log::bench_log;
pub use generate::{Outcome, generate};
pub use plan::Plan;
pub use sink::{Memory, Sink, Stats};

//! The domain's words: addresses, time, flow tuples, inputs, cluster and Azure objects, and the results that
//! travel between workers and page. This crate depends on nothing of ours; everything else depends on it.

pub mod access;
pub mod address;
pub mod azure;
pub mod charts;
pub mod connection;
pub mod coverage;
pub mod finding;
pub mod health;
pub mod input;
pub mod inventory;
pub mod journey;
pub mod matrix;
pub mod metrics;
pub mod order;
pub mod sources;
pub mod summary;
pub mod texts;
pub mod time;
pub mod tuple;
pub mod view;
pub mod wire;

pub use ipnet::IpNet;

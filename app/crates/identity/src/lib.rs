//! Address and time to who it is, and why. [`Inventory`] merges what the inputs say of cluster and network;
//! [`Resolver`] answers who an address was at a minute, first match wins, as `summary-contract.md` orders the kinds.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod azure;
mod clusters;
mod derive;
mod gateway;
mod inventory;
mod lifetime;
mod merge;
mod pod_ranges;
mod prefix;
mod resolver;
mod special;

pub use azure::AzureInventory;
pub use inventory::{Inventory, Sourced, Warning};
pub use lifetime::is_finished;
pub use resolver::{ExpectedInstance, GatewaySubnet, Owner, PodRange, Resolver};

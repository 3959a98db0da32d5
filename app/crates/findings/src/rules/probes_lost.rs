//! Probes that stop for a while, and what happened then.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count};
use crate::facts::Facts;
use crate::health::UNANSWERED_RUN;
use underlay_identity::Sourced;
use underlay_model::connection::{ProbeObservation, Separation};
use underlay_model::inventory::Pod;
use underlay_model::order::Order;
use underlay_model::sources::ObjectPlace;
use underlay_model::time::{MINUTE_MS, format_rfc3339};

pub(crate) const RULE: Rule = Rule {
    id: "probes-lost",
    question: "Do restarts and evictions coincide with lost probes?",
    why: "Until probes succeed again the gateway sends the pod no requests; the restart or eviction is the likely cause.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet, Need::Pods, Need::Events],
    reads: Reads::Flows,
    refutes: &["Minutes that no flow log covers: then the probes are not lost, only their log."],
    next: &[
        "Find out why it ended: the events of the pod, and the log of its run before (kubectl logs --previous). https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/",
    ],
    check,
};

/// A time without an answered probe.
#[derive(Clone, Copy)]
struct Hole {
    from: i64,
    to: i64,
    /// How much of it probes were not answered.
    out_ms: i64,
}

/// What ended a pod's run, when, and where it stands.
type Cause = (i64, String, Option<ObjectPlace>);

fn check(facts: &Facts<'_>, found: &mut Found) {
    for (at, pod) in (0u32..).zip(&facts.inventory.pods) {
        let clear = facts.probes_of(at).filter(|seen| seen.separation == Separation::Clear);
        let mut holes: Vec<Hole> = clear.flat_map(holes).collect();
        if holes.is_empty() {
            continue;
        }
        let causes = causes(facts, pod);
        let near = |hole: &Hole, time: i64| (hole.from - MINUTE_MS..=hole.to + MINUTE_MS).contains(&time);
        holes.retain(|hole| causes.iter().any(|cause| near(hole, cause.0)));
        holes.order_by_key(|hole| hole.from);
        // Instances lose their probes at the same time.
        holes.dedup_by(|next, known| {
            let same = next.from <= known.to;
            if same {
                (known.to, known.out_ms) = (known.to.max(next.to), known.out_ms.max(next.out_ms));
            }
            same
        });
        if !holes.is_empty() {
            let told = causes.into_iter().filter(|cause| holes.iter().any(|hole| near(hole, cause.0)));
            tell(&pod.meta.qualified(), &holes, told.collect(), found);
        }
    }
}

fn tell(name: &str, holes: &[Hole], causes: Vec<Cause>, found: &mut Found) {
    let out = super::seconds(holes.iter().map(|hole| hole.out_ms.unsigned_abs()).sum());
    let often = if let [_] = holes { String::new() } else { [", ", &count(holes.len(), "time")].concat() };
    let title = ["Pod ", name, " answered no probe for ", &out, &often, ", while it was restarted or removed."];
    let finding = found.add(Severity::Warning, "degraded", "inferred", name, &title);
    finding.about("pod", name);
    for hole in holes {
        let (from, to) = (format_rfc3339(hole.from), format_rfc3339(hole.to));
        finding
            .when(hole.from, hole.to)
            .evidence('F', &["Probes went without an answer between ", &from, " and ", &to, "."]);
    }
    for (time, words, place) in causes {
        finding.evidence('K', &[&format_rfc3339(time), ": ", words.trim_end(), "."]).object_at(place);
    }
}

/// When probes of one instance were not answered, three in a row and more.
fn holes(seen: &ProbeObservation) -> Vec<Hole> {
    let long = i64::try_from(seen.interval_ms * 7 / 2).unwrap_or(i64::MAX);
    let gap = seen.longest_gap.filter(|(from, to)| to - from >= long);
    let run = seen.unanswered_span.filter(|(from, to)| to > from);
    let exact = gap.into_iter().chain(run).map(|(from, to)| Hole { from, to, out_ms: to - from });
    let mut all: Vec<Hole> = exact.collect();
    // Of the others the minutes are known.
    for minute in &seen.minutes {
        let lost = u64::from(minute.unanswered) + u64::from(minute.missed);
        let from = i64::from(minute.minute) * MINUTE_MS;
        let to = from + MINUTE_MS - 1;
        if lost >= UNANSWERED_RUN && !all.iter().any(|known| known.from <= to && known.to >= from) {
            let out_ms = i64::try_from(lost * seen.interval_ms).unwrap_or(MINUTE_MS).min(MINUTE_MS);
            all.push(Hole { from, to, out_ms });
        }
    }
    all
}

/// Ends of the pod's containers and events that tell of its end.
fn causes(facts: &Facts<'_>, pod: &Sourced<Pod>) -> Vec<Cause> {
    let inventory = facts.inventory;
    let mut causes: Vec<Cause> = Vec::new();
    for container in &pod.containers {
        if let Some(time) = container.last_finished_ms {
            let field = ["status/containerStatuses/", &container.name].concat();
            let words = ["container ", &container.name, " ended ", &container.last_reason].concat();
            causes.push((time, words, inventory.place(pod, &pod.meta.name, &field)));
        }
    }
    let telling = ["Killing", "Evicted", "BackOff", "OOMKilling", "Preempted", "TaintManagerEviction"];
    for event in &inventory.events {
        if event.object_name == pod.meta.name
            && event.object_namespace == pod.meta.namespace
            && telling.contains(&event.reason.as_str())
            && let Some(time) = event.last_ms.or(event.first_ms)
        {
            let words = ["event ", &event.reason, ": ", event.message.lines().next().unwrap_or_default()].concat();
            causes.push((time, words, inventory.place(event, &event.object_name, "message")));
        }
    }
    causes
}

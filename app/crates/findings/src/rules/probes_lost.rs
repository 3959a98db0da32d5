//! Probes that stop for a while, and what happened then.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::connection::Separation;
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

fn check(facts: &Facts<'_>, found: &mut Found) {
    for (at, pod) in (0u32..).zip(&facts.inventory.pods) {
        let mut holes: Vec<(i64, i64)> = Vec::new();
        for seen in facts.probes_of(at).filter(|seen| seen.separation == Separation::Clear) {
            let long = i64::try_from(seen.interval_ms * 7 / 2).unwrap_or(i64::MAX);
            holes.extend(seen.longest_gap.filter(|(from, to)| to - from >= long));
            holes.extend(seen.unanswered_span.filter(|(from, to)| to > from));
        }
        let Some((from, to)) = holes.into_iter().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else { continue };
        let near = |time: i64| (from - MINUTE_MS..=to + MINUTE_MS).contains(&time);
        let mut lines: Vec<(i64, String, Option<ObjectPlace>)> = Vec::new();
        for container in &pod.containers {
            if let Some(time) = container.last_finished_ms.filter(|&time| near(time)) {
                let why = if container.last_reason.is_empty() { "" } else { container.last_reason.as_str() };
                let field = ["status/containerStatuses/", &container.name].concat();
                let place = facts.inventory.place(pod, &pod.meta.name, &field);
                lines.push((time, ["container ", &container.name, " ended ", why].concat(), place));
            }
        }
        for event in &facts.inventory.events {
            let telling = matches!(
                event.reason.as_str(),
                "Killing" | "Evicted" | "BackOff" | "OOMKilling" | "Preempted" | "TaintManagerEviction"
            );
            if telling
                && event.object_name == pod.meta.name
                && event.object_namespace == pod.meta.namespace
                && let Some(time) = event.last_ms.or(event.first_ms).filter(|&time| near(time))
            {
                lines.push((
                    time,
                    ["event ", &event.reason, ": ", event.message.lines().next().unwrap_or_default()].concat(),
                    facts.inventory.place(event, &event.object_name, "message"),
                ));
            }
        }
        if lines.is_empty() {
            continue;
        }
        let (name, out) = (pod.meta.qualified(), to - from);
        let finding = found.add(
            Severity::Warning,
            "degraded",
            "inferred",
            &name,
            &[
                "Pod ",
                &name,
                " answered no probe for ",
                &super::seconds(out.unsigned_abs()),
                ", while it was restarted or removed.",
            ],
        );
        finding.about("pod", &name).when(from, to);
        finding
            .evidence('F', &["No answered probe between ", &format_rfc3339(from), " and ", &format_rfc3339(to), "."]);
        for (time, words, place) in lines {
            finding.evidence('K', &[&format_rfc3339(time), ": ", words.trim_end(), "."]).object_at(place);
        }
    }
}

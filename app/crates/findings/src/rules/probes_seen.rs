//! What was seen of probes, service by service: the report itself, as information.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count, times};
use crate::facts::{Facts, Routed};
use std::net::IpAddr;
use underlay_model::connection::{ProbeObservation, Separation};
use underlay_model::finding::{Opens, ShownFinding};
use underlay_model::order::Order;
use underlay_model::time::format_rfc3339;
use underlay_model::view::EdgeKind;

pub(crate) const RULE: Rule = Rule {
    id: "probes-seen",
    question: "Which probes of the gateway are seen?",
    why: "Nothing is wrong: probes are told from user traffic by timing and size of connections, which is an inference.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet],
    reads: Reads::Flows,
    refutes: &["User traffic that comes as regularly and is as small as probes."],
    next: &[
        "Compare with the probe that you have configured. https://learn.microsoft.com/azure/application-gateway/for-containers/custom-health-probe",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    for routed in &facts.routed {
        let seen: Vec<&ProbeObservation> =
            routed.ready.iter().chain(&routed.not_ready).flat_map(|&pod| facts.probes_of(pod)).collect();
        if !seen.is_empty() {
            let (subject, configured) = (routed.name(), configured(facts, routed));
            let whom = Whom { subject: &subject, words: &["service ", &subject].concat(), kind: "service" };
            tell(&whom, &seen, configured, found);
        }
    }
    if facts.routed.is_empty() {
        let seen: Vec<&ProbeObservation> = facts.known.probes.observations.iter().collect();
        let whom = Whom { subject: "gateway", words: "the gateway", kind: "" };
        let words = "No route is in the capture that says what is to be probed, and how.";
        tell(&whom, &seen, (words.to_owned(), Opens::Absent), found);
    }
}

/// Whose probes: of a service, or, where no route is known, all of the gateway.
struct Whom<'a> {
    subject: &'a str,
    words: &'a str,
    /// Of what can be opened, empty for nothing.
    kind: &'a str,
}

/// `configured` is what sets the interval, and where that stands.
fn tell(whom: &Whom<'_>, seen: &[&ProbeObservation], configured: (String, Opens), found: &mut Found) {
    let clear: Vec<&&ProbeObservation> = seen.iter().filter(|one| one.separation == Separation::Clear).collect();
    let subject = whom.subject;
    let unknown: u64 = seen.iter().map(|one| one.unknown).sum();
    if clear.is_empty() {
        if unknown > 0 {
            let reused = seen.iter().any(|one| one.separation == Separation::Reused);
            let why = if reused {
                "connections are kept open and shared, so probes leave no beats of their own."
            } else {
                "there are too few connections, or user traffic is too much like probes."
            };
            let finding = found
                .add(
                    Severity::Info,
                    "notice",
                    "inferred",
                    subject,
                    &[
                        "It cannot be told which of ",
                        &times(unknown, "connection"),
                        if whom.kind.is_empty() { " of " } else { " to " },
                        whom.words,
                        " are probes.",
                    ],
                )
                .evidence('F', &["The reason: ", why])
                .layer_rows(EdgeKind::User);
            about(whom, finding);
        }
        return;
    }
    let mut intervals: Vec<u64> = clear.iter().map(|one| one.interval_ms).collect();
    intervals.order();
    let usual = intervals.get(intervals.len() / 2).copied().unwrap_or(0);
    let mut instances: Vec<IpAddr> = clear.iter().filter_map(|one| one.instance).collect();
    instances.order();
    instances.dedup();
    let sum = |of: fn(&ProbeObservation) -> u64| clear.iter().map(|one| of(one)).sum::<u64>().to_string();
    let finding = found.add(
        Severity::Info,
        "notice",
        "inferred",
        subject,
        &[
            "Probes of ",
            whom.words,
            " come every ",
            &super::seconds(usual),
            " from ",
            &count(instances.len(), "instance"),
            ": ",
            &sum(|one| one.answered),
            " answered, ",
            &sum(|one| one.unanswered),
            " unanswered.",
        ],
    );
    about(whom, finding);
    finding.evidence('K', &[&configured.0]).opens(configured.1);
    let told = clear.len().to_string();
    finding.evidence(
        'F',
        &[
            "Probes are clearly recognised for ",
            &told,
            " of ",
            &count(seen.len(), "pair"),
            " of instance and pod; ",
            &times(unknown, "connection"),
            " may be either.",
        ],
    );
    finding.layer_rows(EdgeKind::Probe);
    for one in clear {
        finding.evidence('F', &[&line(one)]).probe_rows(one);
        if let Some((first, last)) = one.span {
            finding.when(first, last);
        }
    }
}

fn about(whom: &Whom<'_>, finding: &mut ShownFinding) {
    if !whom.kind.is_empty() {
        finding.about(whom.kind, whom.subject);
    }
}

/// One instance and pod.
fn line(one: &ProbeObservation) -> String {
    let name = |address: Option<IpAddr>| address.map(|one| one.to_string()).unwrap_or_default();
    let gap = one
        .longest_gap
        .filter(|_| one.missed > 1)
        .map(|(from, to)| [", longest gap from ", &format_rfc3339(from), " to ", &format_rfc3339(to)].concat());
    [
        &name(one.instance),
        " to ",
        &name(one.target),
        " port ",
        &one.port.to_string(),
        ": every ",
        &super::seconds(one.interval_ms),
        ", jitter ",
        &one.jitter_ms.to_string(),
        " ms, ",
        &one.answered.to_string(),
        " answered, ",
        &one.unanswered.to_string(),
        " unanswered, ",
        &one.missed.to_string(),
        " missing, ",
        &times(one.user, "other connection"),
        &gap.unwrap_or_default(),
        ".",
    ]
    .concat()
}

/// The interval that is configured, and by what (formats, 4.10); and where that stands.
fn configured(facts: &Facts<'_>, routed: &Routed<'_>) -> (String, Opens) {
    if let Some((policy, interval)) = super::policy_interval(facts, routed) {
        let words = ["HealthCheckPolicy ", &policy.meta.qualified(), " sets ", &super::seconds(interval), "."].concat();
        return (words, facts.inventory.place(policy, &policy.meta.name, "").into());
    }
    let pods = routed.ready.iter().chain(&routed.not_ready).filter_map(|&pod| facts.inventory.pods.get(pod as usize));
    let mut periods =
        pods.flat_map(|pod| &pod.containers).filter_map(|one| one.readiness.as_ref()).map(|one| one.period_s);
    let words = match periods.next() {
        Some(period) => {
            let period = period.to_string();
            [
                "No HealthCheckPolicy sets an interval: the pod's readiness probe has ",
                &period,
                " s, the gateway's default is 5 s.",
            ]
            .concat()
        }
        None => "Nothing sets an interval: the gateway's default is 5 s.".to_owned(),
    };
    (words, Opens::Absent)
}

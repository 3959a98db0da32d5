//! The gateway calls targets UNHEALTHY: what the other witnesses say of them, and where configuration and pod disagree.

use super::probe_config;
use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count};
use crate::facts::Facts;
use crate::health::UNANSWERED_RUN;
use std::net::IpAddr;
use underlay_identity::Sourced;
use underlay_model::connection::{ProbeObservation, Separation};
use underlay_model::finding::ShownFinding;
use underlay_model::health::{BackendHealthStatus, HealthState};
use underlay_model::inventory::{BackendHealth, Pod};
use underlay_model::order::Order;
use underlay_model::time::format_rfc3339;

pub(crate) const RULE: Rule = Rule {
    id: "backend-unhealthy",
    question: "Does the gateway call every target healthy?",
    why: "The gateway sends it no requests: the other targets carry its load, and with none left requests fail.",
    needs: &[Need::BackendHealth],
    reads: Reads::Capture,
    refutes: &[
        "A newer answer of /backendHealth, which carries no time.",
        "A network policy inside the node: it drops packets after the flow log has recorded them.",
    ],
    next: &[
        "Follow the guide to unhealthy backends. https://learn.microsoft.com/azure/application-gateway/for-containers/troubleshooting-guide",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    for (at, pod) in (0u32..).zip(&facts.inventory.pods) {
        if facts.known.health.backend_health(at) == Some(BackendHealthStatus::Unhealthy) {
            tell(facts, at, pod, found);
        }
    }
    without_pod(facts, found);
    counted(facts, found);
    spare(facts, found);
}

/// Targets that are called UNHEALTHY at addresses that no judged pod has: no pods are in the capture, or it is one on its node's network.
fn without_pod(facts: &Facts<'_>, found: &mut Found) {
    let inventory = facts.inventory;
    let judged = |at: u32| facts.known.health.state(at).is_some();
    let pods = (0u32..).zip(&inventory.pods).filter(|(at, _)| judged(*at));
    let mut known: Vec<IpAddr> = pods.flat_map(|(_, pod)| pod.addresses.iter().copied()).collect();
    known.order();
    let mut told: Vec<IpAddr> = Vec::new();
    for answer in &inventory.backend_health {
        let unhealthy = answer.endpoints.iter().filter(|(_, status)| *status == Some(BackendHealthStatus::Unhealthy));
        for &(address, _) in unhealthy {
            if known.binary_search(&address).is_ok() || told.contains(&address) {
                continue;
            }
            told.push(address);
            let (subject, service) = (address.to_string(), service_of(answer));
            let owner = facts.known.resolver.resolve(address, facts.last_minute());
            let name = facts.name(owner, address);
            let named = if name == subject { name } else { [&subject, " (", &name, ")"].concat() };
            let place = inventory.place(answer, &answer.service, &["serviceHealth/endpoints/", &subject].concat());
            let finding = found.add(
                Severity::Critical,
                "failing",
                "measured",
                &subject,
                &["The gateway calls target ", &named, " of ", service, " UNHEALTHY."],
            );
            finding.about("address", &subject).about("service", service);
            finding.evidence('H', &["backendHealth says UNHEALTHY."]).object_at(place);
            for seen in facts.probes_to(address).filter(|seen| seen.separation == Separation::Clear) {
                probes(seen, seen.unanswered_run >= UNANSWERED_RUN, finding);
            }
            if inventory.pods.is_empty() {
                finding.next(&["Add kubectl get pods -A -o json, which says which pod has this address."]);
            }
        }
    }
}

/// `namespace/service` of an answer.
fn service_of(answer: &BackendHealth) -> &str {
    answer.service.rsplit_once('/').map_or(answer.service.as_str(), |(service, _)| service)
}

/// A pod that is called UNHEALTHY, with what every other witness says of it.
fn tell(facts: &Facts<'_>, at: u32, pod: &Sourced<Pod>, found: &mut Found) {
    let name = pod.meta.qualified();
    let clear = || facts.probes_of(at).filter(|seen| seen.separation == Separation::Clear);
    let answers = clear().any(|seen| seen.answered > 0 && seen.unanswered * 10 <= seen.answered);
    let is_lost = !super::probes_unanswered::unanswered(facts, at).is_empty();
    let (title, confidence) = match (answers, pod.ready) {
        _ if is_lost => ("does not answer its probes, and the gateway calls it UNHEALTHY.", "inferred"),
        (true, Some(true)) => ("answers its probes and is Ready, yet the gateway calls it UNHEALTHY.", "inferred"),
        (true, _) => ("answers its probes, yet the gateway calls it UNHEALTHY.", "inferred"),
        (false, Some(true)) => ("is Ready, yet the gateway calls it UNHEALTHY.", "measured"),
        (false, _) => ("is called UNHEALTHY by the gateway.", "measured"),
    };
    let finding = found.add(Severity::Critical, "failing", confidence, &name, &["Pod ", &name, " ", title]);
    finding.about("pod", &name);
    let witnesses = facts.known.health.witnesses(facts.inventory, at);
    let answer = witnesses.iter().find(|one| one.source == 'H' && one.state == HealthState::Failing);
    finding
        .evidence('H', &["backendHealth says UNHEALTHY."])
        .opens(answer.map(|answer| answer.opens.clone()).unwrap_or_default());
    for routed in facts.routed.iter().filter(|one| one.holds(at)) {
        probe_config::compare(facts, routed, pod, finding);
    }
    for seen in clear() {
        probes(seen, is_lost, finding);
    }
    for witness in witnesses.iter().filter(|one| one.source == 'K') {
        finding
            .evidence('K', &[&witness.text, if witness.detail.is_empty() { "" } else { ", " }, &witness.detail, "."])
            .opens(witness.opens.clone());
    }
    if is_lost {
        finding.next(&["Send the probe's request to the pod from its own node, then check network policies and the port that the container listens on."]);
    }
    finding.next(&[
        "Read what the pod answered to the probe: kubectl logs -n ",
        &pod.meta.namespace,
        " ",
        &pod.meta.name,
    ]);
}

/// What was seen of the probes of one instance.
fn probes(seen: &ProbeObservation, is_lost: bool, finding: &mut ShownFinding) {
    let instance = seen.instance.map(|one| one.to_string()).unwrap_or_default();
    finding.evidence(
        'F',
        &[
            "Probes from ",
            &instance,
            " to port ",
            &seen.port.to_string(),
            " every ",
            &super::seconds(seen.interval_ms),
            ": ",
            &seen.answered.to_string(),
            " answered, ",
            &seen.unanswered.to_string(),
            " unanswered",
            if seen.refused > 0 { " or refused" } else { "" },
            ".",
        ],
    );
    finding.probe_rows(seen);
    if seen.refused > 0 {
        finding.evidence('F', &[&seen.refused.to_string(), super::LIKELY_REFUSED]).probe_rows(seen);
    }
    if let Some((from, to)) = seen.unanswered_span.filter(|_| is_lost) {
        finding.when(from, to);
    }
    if let Some((time, before, after)) = seen.answer_changed {
        let end = seen.span.map_or(time, |(_, last)| last);
        finding.when(time, end.max(time));
        let (before, after) = (before.to_string(), after.to_string());
        let at = format_rfc3339(time);
        finding
            .evidence('F', &["The answer's size changed from ", &before, " to ", &after, " bytes at ", &at, "."])
            .probe_rows(seen);
    }
}

/// Answers that only count: some of a service's targets are UNHEALTHY, which ones is not told.
fn counted(facts: &Facts<'_>, found: &mut Found) {
    for answer in facts.inventory.backend_health.iter().filter(|one| one.endpoints.is_empty() && one.unhealthy > 0) {
        let service = service_of(answer);
        let (bad, all) = (answer.unhealthy.to_string(), answer.total.to_string());
        let finding = found.add(
            Severity::Critical,
            "failing",
            "measured",
            service,
            &["The gateway calls ", &bad, " of ", &all, " targets of ", service, " UNHEALTHY."],
        );
        finding
            .evidence(
                'H',
                &["backendHealth counts ", &answer.healthy.to_string(), " healthy, and does not name the others."],
            )
            .consequence(&["The gateway sends them no requests: the other targets carry the load, and with none left requests fail."])
            .object(facts.inventory, answer, &answer.service, "serviceHealth")
            .about("service", service)
            .next(&["Ask the ALB controller for /backendHealth?detailed=true, which names the targets."]);
        let routed = facts.routed.iter().find(|routed| routed.name() == service);
        let pod = routed.and_then(|routed| routed.ready.iter().chain(&routed.not_ready).next().copied());
        if let (Some(routed), Some(pod)) = (routed, pod.and_then(|pod| facts.inventory.pods.get(pod as usize))) {
            probe_config::compare(facts, routed, pod, finding);
        }
    }
}

/// Services with a single target that the gateway may use, of several.
fn spare(facts: &Facts<'_>, found: &mut Found) {
    for routed in &facts.routed {
        let all: Vec<u32> = routed.ready.iter().chain(&routed.not_ready).copied().collect();
        let well = all.iter().filter(|&&pod| facts.known.health.state(pod) != Some(HealthState::Failing)).count();
        if all.len() < 2 || well > 1 {
            continue;
        }
        let subject = routed.name();
        let (severity, words, consequence) = if well == 0 {
            (Severity::Critical, " has no healthy target left of ", "Requests for this service fail.")
        } else {
            (Severity::Warning, " has a single healthy target left of ", "If that one fails, too, requests fail.")
        };
        found
            .add(
                severity,
                if well == 0 { "failing" } else { "degraded" },
                "measured",
                &subject,
                &["Service ", &subject, words, &all.len().to_string(), "."],
            )
            .consequence(&[consequence])
            .next(&["Find out what is wrong with the others: each has a finding of its own."])
            .evidence('K', &["By all witnesses together ", &count(well, "target"), " can serve."])
            .evidence('K', &["Routes that send there: ", &routed.routes.join(", "), "."])
            .object_at(super::route_place(facts, routed))
            .about("service", &subject);
    }
}

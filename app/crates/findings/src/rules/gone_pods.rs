//! The gateway sends to addresses that no pod holds.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count};
use crate::facts::Facts;
use crate::health::UNANSWERED_RUN;
use std::net::IpAddr;
use underlay_identity::Owner;
use underlay_model::order::Order;
use underlay_model::summary::{EndpointKind, Pair};
use underlay_model::time::{MINUTE_MS, format_rfc3339};
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "traffic-to-gone-pod",
    question: "Does the gateway send to pods that no longer exist?",
    why: "Requests that the gateway sends to this address are lost.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet, Need::Pods],
    reads: Reads::Flows,
    refutes: &[
        "A pod that began or was deleted between flow logs and snapshot, or pods of a namespace that was not saved.",
    ],
    next: &[
        "Compare the service's endpoint slices with /backendHealth of the same moment. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/",
    ],
    check,
};

/// What the gateway sent to one address that no pod holds.
#[derive(Clone, Copy)]
struct Gone<'a> {
    /// One of the pairs to it.
    pair: &'a Pair,
    address: IpAddr,
    port: u16,
    first: i64,
    last: i64,
    answered: bool,
}

fn check(facts: &Facts<'_>, found: &mut Found) {
    let Some((_, end)) = facts.known.span else { return };
    let mut all: Vec<Gone<'_>> = of_gateway(facts);
    all.order_by_key(|one| (one.address, one.port));
    all.dedup_by(|more, first| {
        let same = more.address == first.address;
        if same {
            (first.first, first.last) = (first.first.min(more.first), first.last.max(more.last));
            first.answered |= more.answered;
        }
        same
    });
    // Until the end of the capture, and without an answer: nobody is there.
    let (lost, past): (Vec<Gone<'_>>, Vec<Gone<'_>>) =
        all.into_iter().partition(|one| !one.answered && one.last > end - 3 * MINUTE_MS);
    for one in &lost {
        let address = one.address.to_string();
        found
            .add(
                Severity::Warning,
                "failing",
                "inferred",
                &address,
                &["The gateway sends to ", &address, ", which belongs to no known pod, and gets no answer."],
            )
            .evidence('F', &[&line(one)])
            .rows(one.pair)
            .evidence('K', &["No pod of the snapshot has this address at that time."])
            .absent()
            .about("address", &address)
            .when(one.first, one.last);
    }
    let Some(first) = past.first() else { return };
    let subject = first.address.to_string();
    let words = match past.len() {
        1 => [&subject, ", which belongs"].concat(),
        many => [&count(many, "address"), ", which belong"].concat(),
    };
    let finding = found.add(
        Severity::Info,
        "notice",
        "inferred",
        &subject,
        &["The gateway sent to ", &words, " to no pod of the snapshot, as after a roll-out."],
    );
    finding.consequence(&["Nothing is wrong by itself: the gateway sends there no more, or got answers."]);
    for one in &past {
        finding
            .evidence('F', &[&line(one)])
            .rows(one.pair)
            .about("address", &one.address.to_string())
            .when(one.first, one.last);
    }
}

/// Targets of the gateway in a pod range without a pod, or anywhere inside on a port that only targets have.
fn of_gateway<'a>(facts: &Facts<'a>) -> Vec<Gone<'a>> {
    let mut ports: Vec<u16> = facts.routed.iter().flat_map(|routed| super::target_ports(facts, routed)).collect();
    ports.order();
    ports.dedup();
    let is_gone = |pair: &Pair, owner: Owner| match owner.kind {
        EndpointKind::PodRange => true,
        EndpointKind::Subnet | EndpointKind::Vnet | EndpointKind::Private => ports.binary_search(&pair.port).is_ok(),
        _ => false,
    };
    facts
        .begun_by_gateway(Verdict::Allowed)
        .filter(|(pair, owner)| is_gone(pair, *owner))
        .map(|(pair, _)| Gone {
            pair,
            address: pair.dst,
            port: pair.port,
            first: pair.first_ms,
            last: pair.last_ms,
            answered: pair.bytes[1] > 0 && !falls_silent(facts, pair),
        })
        .collect()
}

/// Whether the probes of a pair go unanswered at the end, which the sum of its bytes does not show.
fn falls_silent(facts: &Facts<'_>, pair: &Pair) -> bool {
    facts.probes_in(pair).is_some_and(|seen| {
        let until_end = seen.unanswered_span.is_some_and(|(_, to)| to > pair.last_ms - MINUTE_MS);
        seen.unanswered_run >= UNANSWERED_RUN && until_end
    })
}

fn line(one: &Gone<'_>) -> String {
    let (from, to) = (format_rfc3339(one.first), format_rfc3339(one.last));
    let answered = match (one.answered, one.pair.bytes[1] > 0) {
        (true, _) => ", with bytes back.",
        (false, true) => ", with bytes back at first and none at the end.",
        (false, false) => ", nothing came back.",
    };
    ["Flows to ", &one.address.to_string(), " port ", &one.port.to_string(), " from ", &from, " to ", &to, answered]
        .concat()
}

//! How connections that are no probes compare with the requests of the access log.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, times};
use crate::facts::Facts;
use std::cmp::Ordering;
use underlay_model::access::AccessFilter;
use underlay_model::connection::Separation;
use underlay_model::finding::Opens;
use underlay_model::sources::SourceOf;
use underlay_model::time::minute_of;
use underlay_model::view::EdgeKind;

pub(crate) const RULE: Rule = Rule {
    id: "probe-split",
    question: "Does the access log bear out which connections are probes?",
    why: "Where the numbers are far apart, probes and user traffic were told apart badly, or connections carried several requests.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet, Need::AccessLog],
    reads: Reads::Capture,
    refutes: &["Connections that carry several requests, which makes for more requests than connections."],
    next: &[
        "Nothing to do; where the numbers are far apart look at the probes of each service. https://learn.microsoft.com/azure/application-gateway/for-containers/diagnostics",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let access = &facts.inventory.azure.access;
    let Some((first, last)) = access.span() else { return };
    let (mut user, mut probes, mut unknown) = (0, 0, 0);
    let mut targets = std::collections::BTreeSet::new();
    for seen in &facts.known.probes.observations {
        // Only what lies within the time of the access log can be compared.
        if !seen.span.is_some_and(|(from, to)| minute_of(from) >= first && minute_of(to) <= last + 1) {
            continue;
        }
        targets.extend(seen.target);
        unknown += seen.unknown;
        if seen.separation == Separation::Clear {
            probes += seen.answered + seen.unanswered;
        }
        user += seen.user;
    }
    let requests: u64 = access
        .cells
        .iter()
        .filter(|cell| access.backend(cell).0.is_some_and(|address| targets.contains(&address)))
        .map(|cell| cell.requests)
        .sum();
    if user + probes == 0 {
        return;
    }
    let off = user.abs_diff(requests).to_string();
    let difference = match user.cmp(&requests) {
        Ordering::Equal => "The two numbers agree.".to_owned(),
        Ordering::Greater => ["There are ", &off, " more connections than requests."].concat(),
        Ordering::Less => ["There are ", &off, " more requests than connections."].concat(),
    };
    found
        .add(
            Severity::Info,
            "notice",
            "inferred",
            "gateway",
            &[
                &times(user, "connection"),
                " of the gateway were taken for user traffic, and the access log has ",
                &times(requests, "request"),
                " for the same targets.",
            ],
        )
        .evidence(
            'F',
            &[
                &times(probes, "other connection"),
                " were taken for probes, and ",
                &unknown.to_string(),
                " may be either.",
            ],
        )
        .layer_rows(EdgeKind::Probe)
        .evidence('A', &[&difference])
        .evidence('A', &["Requests of clients to ", &crate::engine::count(targets.len(), "address"), "."])
        .opens(Opens::Rows(SourceOf::Requests(AccessFilter {
            backends: targets.into_iter().collect(),
            ..AccessFilter::default()
        })));
}

//! Requests that backends, or the gateway for them, answered with 5xx.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;
use std::collections::BTreeMap;
use underlay_model::access::Backend;
use underlay_model::time::{MINUTE_MS, minute_of};

pub(crate) const RULE: Rule = Rule {
    id: "server-errors",
    question: "Which backends answer with 5xx?",
    why: "These requests failed for the clients.",
    needs: &[Need::AccessLog],
    refutes: &["Errors that the application sends on purpose."],
    next: &["https://learn.microsoft.com/azure/application-gateway/for-containers/troubleshooting-guide"],
    check,
};

/// What the gateway means by a status it sends itself (troubleshooting guide; 500: formats, 4.8).
const OWN: [(u16, &str); 4] = [
    (500, "a route without a usable backend"),
    (502, "a backend that closed or refused the connection"),
    (503, "no healthy backend"),
    (504, "a backend that did not answer in time"),
];

fn check(facts: &Facts<'_>, found: &mut Found) {
    let access = &facts.inventory.azure.access;
    // Errors by status, all requests, first and last minute with an error.
    let mut sums: BTreeMap<Backend, (BTreeMap<u16, u64>, u64, i64, i64)> = BTreeMap::new();
    for cell in &access.cells {
        let sum = sums.entry(access.backend(cell)).or_insert((BTreeMap::new(), 0, i64::MAX, i64::MIN));
        sum.1 += cell.requests;
        if (500..=599).contains(&cell.status) {
            *sum.0.entry(cell.status).or_default() += cell.requests;
            (sum.2, sum.3) = (sum.2.min(cell.minute), sum.3.max(cell.minute));
        }
    }
    for ((address, port), (errors, requests, first, last)) in sums {
        let count: u64 = errors.values().sum();
        if count == 0 {
            continue;
        }
        let much = count * 20 >= requests || count >= 100;
        let (severity, kind) = if much { (Severity::Critical, "failing") } else { (Severity::Warning, "degraded") };
        let (subject, name) = match address {
            Some(address) => {
                let owner = facts.known.resolver.resolve(address, last);
                ([address.to_string(), ":".to_owned(), port.to_string()].concat(), facts.name(owner, address))
            }
            None => ("gateway".to_owned(), "The gateway itself".to_owned()),
        };
        let finding = found.add(
            severity,
            kind,
            "measured",
            &subject,
            &[&name, " answered ", &count.to_string(), " of ", &requests.to_string(), " requests with 5xx."],
        );
        finding.when(first * MINUTE_MS, (last + 1) * MINUTE_MS - 1);
        for (status, number) in errors {
            let own =
                OWN.iter().find(|(known, _)| address.is_none() && *known == status).map_or("", |(_, words)| words);
            let means = if own.is_empty() { "" } else { ", which the gateway sends for " };
            finding.evidence(
                'A',
                &["Status ", &status.to_string(), ": ", &number.to_string(), " requests", means, own, "."],
            );
        }
        if let Some(address) = address {
            let owner = facts.known.resolver.resolve(address, minute_of(last * MINUTE_MS));
            if owner.kind == underlay_model::summary::EndpointKind::Pod {
                finding.about("pod", &name);
            }
        }
    }
}

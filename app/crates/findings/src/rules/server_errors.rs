//! Requests that backends, or the gateway for them, answered with 5xx.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, times};
use crate::facts::Facts;
use std::collections::BTreeMap;
use underlay_model::access::{AccessFilter, Backend};
use underlay_model::finding::Opens;
use underlay_model::metrics::{Aggregation, MetricPoint};
use underlay_model::sources::SourceOf;
use underlay_model::summary::EndpointKind;
use underlay_model::time::{MINUTE_MS, Millis};

pub(crate) const RULE: Rule = Rule {
    id: "server-errors",
    question: "Which backends answer with 5xx?",
    why: "Clients saw these requests fail.",
    needs: &[Need::AccessLogOrMetrics],
    reads: Reads::Capture,
    refutes: &["Errors that the application sends on purpose."],
    next: &[
        "Read the log of the pod that answered; where the gateway itself answered, the guide explains the status. https://learn.microsoft.com/azure/application-gateway/for-containers/troubleshooting-guide",
    ],
    check,
};

/// What the gateway means by a status it sends itself (troubleshooting guide; 500: formats, 4.8).
const OWN: [(u16, &str); 4] = [
    (500, "a route has no usable backend"),
    (502, "a backend closes or refuses the connection"),
    (503, "no backend is healthy"),
    (504, "a backend does not answer in time"),
];

/// Errors by status, all requests, first and last minute with an error.
type Sum = (BTreeMap<u16, u64>, u64, i64, i64);

fn check(facts: &Facts<'_>, found: &mut Found) {
    let access = &facts.inventory.azure.access;
    if access.is_empty() {
        return by_metrics(facts, found);
    }
    let mut sums: BTreeMap<Backend, Sum> = BTreeMap::new();
    for cell in &access.cells {
        let sum = sums.entry(access.backend(cell)).or_insert((BTreeMap::new(), 0, i64::MAX, i64::MIN));
        sum.1 += cell.requests;
        if (500..=599).contains(&cell.status) {
            *sum.0.entry(cell.status).or_default() += cell.requests;
            (sum.2, sum.3) = (sum.2.min(cell.minute), sum.3.max(cell.minute));
        }
    }
    for (backend, sum) in sums {
        tell(facts, backend, sum, found);
    }
}

fn tell(facts: &Facts<'_>, (address, port): Backend, (errors, requests, first, last): Sum, found: &mut Found) {
    let number: u64 = errors.values().sum();
    if number == 0 {
        return;
    }
    let (severity, kind) = weight(number, requests);
    let owner = address.map(|address| (facts.known.resolver.resolve(address, last), address));
    let (subject, name) = match owner {
        Some((owner, address)) => {
            ([address.to_string(), ":".to_owned(), port.to_string()].concat(), facts.name(owner, address))
        }
        None => ("gateway".to_owned(), "The gateway itself".to_owned()),
    };
    let pod = owner.is_some_and(|(owner, _)| owner.kind == EndpointKind::Pod);
    let who = if pod { ["Pod ", &name].concat() } else { name.clone() };
    let finding = found.add(
        severity,
        kind,
        "measured",
        &subject,
        &[&who, " answered ", &number.to_string(), " of ", &times(requests, "request"), " with status 5xx."],
    );
    finding.when(first * MINUTE_MS, (last + 1) * MINUTE_MS - 1);
    for (status, number) in errors {
        let own = OWN.iter().find(|(known, _)| *known == status).map_or("", |(_, words)| words);
        // With a backend's address the status may be the application's own: what it means is a possibility.
        let means = match (own.is_empty(), address.is_none()) {
            (true, _) => "",
            (false, true) => ", which the gateway sends when ",
            (false, false) => "; the gateway also sends it when ",
        };
        let rows = AccessFilter {
            statuses: Some((status, status)),
            backends: address.into_iter().collect(),
            own: address.is_none(),
            ..AccessFilter::default()
        };
        finding
            .evidence('A', &["Status ", &status.to_string(), ": ", &times(number, "request"), means, own, "."])
            .opens(Opens::Rows(SourceOf::Requests(rows)));
    }
    if let Some((owner, _)) = owner.filter(|(owner, _)| owner.kind == EndpointKind::Pod) {
        finding.about("pod", &name);
        for routed in facts.routed.iter().filter(|routed| routed.holds(owner.subject)) {
            finding
                .evidence('K', &["It is behind ", &routed.name(), ", to which ", &routed.routes.join(", "), " sends."])
                .object_at(super::route_place(facts, routed));
        }
    }
}

/// How bad so many errors of so many requests are.
fn weight(errors: u64, requests: u64) -> (Severity, &'static str) {
    let much = errors * 20 >= requests || errors >= 100;
    if much { (Severity::Critical, "failing") } else { (Severity::Warning, "degraded") }
}

/// What the values of a metric come to, by service or front end.
struct Counted {
    errors: f64,
    all: f64,
    /// First and last time with an error.
    first: Millis,
    last: Millis,
    /// The first value that counts one.
    point: Option<MetricPoint>,
}

/// Without an access log the gateway's metrics tell at least of which service, or of which front end.
fn by_metrics(facts: &Facts<'_>, found: &mut Found) {
    let mut sums: BTreeMap<(&str, &str), Counted> = BTreeMap::new();
    for series in facts.inventory.azure.metrics.iter().filter(|series| series.aggregation == Aggregation::Total) {
        let by = match series.metric.as_str() {
            "BackendHTTPResponseStatus" => "backendservice",
            "HTTPResponseStatus" => "frontend",
            _ => continue,
        };
        let error = series.dimension("httpresponsecode").is_some_and(|code| code.starts_with('5'));
        let key = (series.metric.as_str(), series.dimension(by).unwrap_or_default());
        let sum = sums.entry(key).or_insert(Counted {
            errors: 0.0,
            all: 0.0,
            first: Millis::MAX,
            last: Millis::MIN,
            point: None,
        });
        for (time, value) in &series.points {
            sum.all += value.get();
            if error && value.get() > 0.0 {
                sum.point.get_or_insert_with(|| series.point(*time));
                sum.errors += value.get();
                (sum.first, sum.last) = (sum.first.min(*time), sum.last.max(*time));
            }
        }
    }
    let backends = sums.iter().any(|((metric, _), sum)| *metric == "BackendHTTPResponseStatus" && sum.errors >= 1.0);
    for ((metric, named), Counted { errors, all, first, last, point }) in sums {
        // What a front end sends is mostly what a backend has sent.
        if errors < 1.0 || (backends && metric == "HTTPResponseStatus") {
            continue;
        }
        let (errors, all) = (super::whole(errors), super::whole(all));
        let (severity, kind) = weight(errors, all);
        let subject = if named.is_empty() { "gateway" } else { named };
        let what = if metric == "HTTPResponseStatus" { "Front end " } else { "Backends of " };
        let finding = found.add(
            severity,
            kind,
            "measured",
            subject,
            &[what, subject, " answered ", &errors.to_string(), " of ", &times(all, "request"), " with status 5xx."],
        );
        finding
            .evidence('M', &["The sum of ", metric, "; it does not say which pod."])
            .opens(point.map_or(Opens::Nothing, Opens::Metric))
            .next(&["Add the gateway's access log, which says which pod answered."])
            .when(first, last);
        for routed in facts.routed.iter().filter(|routed| super::names_service(named, routed)) {
            finding.about("service", &routed.name());
        }
    }
}

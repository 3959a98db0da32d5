//! What the gateway's probe of a service asks (formats, 4.10: HealthCheckPolicy, else readiness probe, else the default), and where that
//! does not fit what the pod serves.

use crate::engine::Fill;
use crate::facts::{Facts, Routed};
use underlay_identity::Sourced;
use underlay_model::finding::{Opens, ShownFinding};
use underlay_model::inventory::{HealthCheck, Pod, Probe};

/// The readiness probe of a pod that asks over the network, with the number of its port where one is known.
fn readiness(pod: &Pod) -> Option<(&Probe, Option<u16>)> {
    pod.containers.iter().find_map(|container| {
        let probe = container.readiness.as_ref()?;
        let named = || container.ports.iter().find(|port| port.0 == probe.port).map(|port| port.1);
        Some((probe, probe.port.parse().ok().or_else(named)))
    })
}

/// Whether the gateway speaks TLS to a service's backends, and what says so.
fn backend_tls(facts: &Facts<'_>, routed: &Routed<'_>) -> Option<&'static str> {
    facts.inventory.policies.iter().filter(|policy| super::targets(policy, routed)).find_map(|policy| {
        let https = || policy.settings.iter().any(|(key, value)| key.ends_with("protocol") && value == "HTTPS");
        match policy.kind.as_str() {
            "BackendTLSPolicy" => Some("BackendTLSPolicy"),
            "IngressExtension" if https() => Some("IngressExtension"),
            _ => None,
        }
    })
}

fn list(numbers: &[u16]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Adds to a finding about a pod what is probed, and each thing that does not fit.
pub(super) fn compare(facts: &Facts<'_>, routed: &Routed<'_>, pod: &Sourced<Pod>, finding: &mut ShownFinding) {
    let target_ports = super::target_ports(facts, routed);
    let policy = super::policy_of(facts, routed);
    let check = policy.and_then(|policy| policy.health_check.as_ref());
    let readiness = readiness(pod);
    let tls = backend_tls(facts, routed);
    let ports = Ports { target: &target_ports, probed: check.and_then(|check| check.port), pod };
    let policy_place = policy.and_then(|policy| facts.inventory.place(policy, &policy.meta.name, "spec/default"));
    let own_place = facts.inventory.place(pod, &pod.meta.name, "spec/containers/readinessProbe");
    let place = policy_place.or(own_place);
    finding.evidence('K', &[&asked(check, readiness, &ports, tls)]).object_at(place.clone());
    let lines = finding.finding.evidence.len();
    ports.compare(readiness, finding);
    if check.is_some_and(is_grpc) {
        by_grpc(readiness.map(|(probe, _)| probe), finding);
    } else {
        hosts(facts, routed, check, finding);
        paths(check, readiness.map(|(probe, _)| probe), finding);
    }
    protocols(check, readiness.map(|(probe, _)| probe), tls, finding);
    // What does not fit is told by the same object.
    if let Some(place) = place {
        finding.opens.resize(lines, Opens::Nothing);
        finding.opens.resize(finding.finding.evidence.len(), Opens::Object(place));
    }
}

fn is_grpc(check: &HealthCheck) -> bool {
    check.protocol.eq_ignore_ascii_case("grpc")
}

/// A policy that asks by gRPC, and a pod that is asked otherwise by its kubelet.
fn by_grpc(readiness: Option<&Probe>, finding: &mut ShownFinding) {
    if let Some(readiness) = readiness.filter(|probe| probe.scheme.starts_with("HTTP")) {
        let words = ["The HealthCheckPolicy asks by gRPC, the readiness probe by ", &readiness.scheme, "."];
        finding.evidence('K', &words);
    }
}

/// What the gateway asks, in one sentence.
fn asked(
    check: Option<&HealthCheck>,
    readiness: Option<(&Probe, Option<u16>)>,
    ports: &Ports<'_>,
    tls: Option<&str>,
) -> String {
    let by_readiness = readiness.filter(|(probe, _)| check.is_none() && probe.scheme.starts_with("HTTP"));
    let who = match (check, by_readiness) {
        (Some(_), _) => "By its HealthCheckPolicy",
        (None, Some(_)) => "As the readiness probe does",
        (None, None) => "Neither a HealthCheckPolicy nor a readiness probe over HTTP is configured: by default",
    };
    let speaks = if check.and_then(|check| check.use_tls).unwrap_or(tls.is_some()) { "HTTPS" } else { "HTTP" };
    let grpc = check.filter(|check| is_grpc(check));
    let path = check.map(|check| check.path.as_str()).filter(|path| !path.is_empty());
    let path = path.or(by_readiness.map(|(probe, _)| probe.path.as_str())).unwrap_or("/");
    let port = ports.probed.map(|port| port.to_string());
    let port = port.or_else(|| by_readiness.and_then(|(_, port)| port).map(|port| port.to_string()));
    let port = port.unwrap_or_else(|| list(ports.target));
    let host = check.map(|check| check.host.as_str()).filter(|host| !host.is_empty()).unwrap_or("localhost");
    if let Some(check) = grpc {
        let service = if check.path.is_empty() { "the whole server" } else { &check.path };
        return [
            who,
            " the gateway asks by gRPC, over ",
            speaks,
            ", port ",
            &port,
            " for the health of ",
            service,
            ".",
        ]
        .concat();
    }
    let codes: Vec<String> =
        check
            .into_iter()
            .flat_map(|check| &check.status_codes)
            .map(|(first, last)| {
                if first == last { first.to_string() } else { [&first.to_string(), "–", &last.to_string()].concat() }
            })
            .collect();
    let codes = if codes.is_empty() { "200–399".to_owned() } else { codes.join(", ") };
    let body = check.map(|check| check.body.as_str()).filter(|body| !body.is_empty());
    let body = body.map(|body| [" and the text \"", body, "\""].concat()).unwrap_or_default();
    [
        who,
        " the gateway asks ",
        speaks,
        " port ",
        &port,
        " for ",
        path,
        " of host ",
        host,
        " and expects status ",
        &codes,
        &body,
        ".",
    ]
    .concat()
}

/// Ports that should be one and the same.
struct Ports<'a> {
    /// Of the service on its pods.
    target: &'a [u16],
    /// Of the policy.
    probed: Option<u16>,
    pod: &'a Pod,
}

impl Ports<'_> {
    fn compare(&self, readiness: Option<(&Probe, Option<u16>)>, finding: &mut ShownFinding) {
        let declared: Vec<u16> =
            self.pod.containers.iter().flat_map(|one| one.ports.iter().map(|port| port.1)).collect();
        if let Some(port) = self.probed {
            let text = port.to_string();
            if !self.target.is_empty() && !self.target.contains(&port) {
                let target = list(self.target);
                finding.evidence(
                    'K',
                    &["The HealthCheckPolicy probes port ", &text, ", the service's target port is ", &target, "."],
                );
            }
            if !declared.is_empty() && !declared.contains(&port) {
                finding.evidence('K', &["The HealthCheckPolicy probes port ", &text, ", which no container declares."]);
            }
        } else if let Some(port) = self.target.iter().find(|port| !declared.is_empty() && !declared.contains(port)) {
            finding.evidence('K', &["The service's target port ", &port.to_string(), " is declared by no container."]);
        }
        let ready = readiness.and_then(|(_, port)| port);
        if let Some(ready) = ready.filter(|ready| {
            self.probed.map_or(!self.target.is_empty() && !self.target.contains(ready), |port| port != *ready)
        }) {
            let gateway = self.probed.map_or_else(|| list(self.target), |port| port.to_string());
            finding.evidence(
                'K',
                &["The readiness probe asks port ", &ready.to_string(), ", the gateway port ", &gateway, "."],
            );
        }
    }
}

/// A host that the policy sends and nobody else knows.
fn hosts(facts: &Facts<'_>, routed: &Routed<'_>, check: Option<&HealthCheck>, finding: &mut ShownFinding) {
    let Some(host) = check.map(|check| check.host.as_str()).filter(|host| !host.is_empty()) else { return };
    let fits = |known: &String| {
        known.eq_ignore_ascii_case(host)
            || known.strip_prefix('*').is_some_and(|suffix| host.to_ascii_lowercase().ends_with(suffix))
    };
    let own = |name: &str| routed.routes.iter().any(|route| route == name);
    let routes = facts.inventory.routes.iter().filter(|route| own(&route.meta.qualified()));
    let ingresses = facts.inventory.ingresses.iter().filter(|one| own(&one.meta.qualified()));
    let known: Vec<&String> =
        routes.flat_map(|route| &route.hostnames).chain(ingresses.flat_map(|one| &one.hosts)).collect();
    if known.is_empty() || known.iter().any(|known| fits(known)) {
        return;
    }
    let known: Vec<&str> = known.into_iter().map(String::as_str).collect();
    finding.evidence(
        'K',
        &[
            "The HealthCheckPolicy sends host ",
            host,
            ", the routes are for ",
            &known.join(", "),
            ": the pod may not serve that host.",
        ],
    );
}

fn paths(check: Option<&HealthCheck>, readiness: Option<&Probe>, finding: &mut ShownFinding) {
    if let (Some(check), Some(readiness)) = (check, readiness)
        && readiness.scheme.starts_with("HTTP")
    {
        let asked = if check.path.is_empty() { "/" } else { &check.path };
        if asked != readiness.path {
            finding
                .evidence('K', &["The gateway asks for ", asked, ", the readiness probe for ", &readiness.path, "."]);
        }
    }
    if let Some(check) = check.filter(|check| !check.status_codes.is_empty())
        && !check.status_codes.iter().any(|(first, last)| (*first..=*last).contains(&200))
    {
        finding.evidence('K', &["The HealthCheckPolicy does not take status 200, with which most pods answer."]);
    }
}

fn protocols(check: Option<&HealthCheck>, readiness: Option<&Probe>, tls: Option<&str>, finding: &mut ShownFinding) {
    let asked = check.and_then(|check| check.use_tls);
    if let (Some(false), Some(kind)) = (asked, tls) {
        let words = [
            "The HealthCheckPolicy sets useTLS to false, and a ",
            kind,
            " makes the gateway speak TLS to the backend.",
        ];
        finding.evidence('K', &words);
    }
    let speaks_tls = asked.unwrap_or(tls.is_some());
    let scheme = readiness.map_or("", |probe| probe.scheme.as_str());
    if speaks_tls && scheme == "HTTP" {
        let words = match tls {
            Some(kind) if asked.is_none() => {
                ["A ", kind, " makes the gateway speak TLS, the readiness probe speaks HTTP."].concat()
            }
            _ => "The HealthCheckPolicy makes the gateway speak TLS, the readiness probe speaks HTTP.".to_owned(),
        };
        finding.evidence('K', &[&words]);
    }
    if !speaks_tls && scheme == "HTTPS" {
        let words = if tls.is_some() {
            "The readiness probe speaks HTTPS, the gateway's probe does not use TLS."
        } else {
            "The readiness probe speaks HTTPS and no BackendTLSPolicy makes the gateway use TLS."
        };
        finding.evidence('K', &[words]);
    }
}

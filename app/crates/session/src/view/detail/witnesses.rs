//! Witnesses of health, side by side: what each says of the thing, when, and what it cannot know; and where they contradict each
//! other, which is often the answer. A pod is judged by its own witnesses; services, routes, instances and nodes by those of the
//! pods that they stand for.

mod contradictions;
mod over_time;

use crate::view::World;
use crate::view::charts::{expected_targets, is_healthy_targets};
use crate::view::members;
use crate::view::places::Subject;
use over_time::Span;
use std::net::IpAddr;
use underlay_model::health::{BackendHealthStatus, HealthState, Witness};
use underlay_model::inventory::Condition;
use underlay_model::metrics::MetricSeries;
use underlay_model::order::Order;
use underlay_model::sources::ObjectPlace;
use underlay_model::view::Detail;

/// Witnesses of one source at most.
const LISTED: usize = 6;

/// What the sources say, each taken together: true is well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Heard {
    backend_health: Option<bool>,
    kubernetes: Option<bool>,
    probes: Option<bool>,
    requests: Option<bool>,
    metric: Option<bool>,
}

/// Fills in witnesses and contradictions.
pub(super) fn add(world: World<'_>, at: u32, subject: Option<Subject>, detail: &mut Detail) {
    let pods = members::pods_of(world, at);
    let mut list = List { world, witnesses: Vec::new(), heard: Heard::default() };
    match subject {
        Some(Subject::Pod(pod)) => list.of_pod(pod),
        Some(Subject::Service(service)) => list.of_service(service, &pods),
        Some(Subject::Route(route)) => list.of_route(route, &pods),
        Some(Subject::Node(node)) => list.of_node(node, &pods),
        Some(Subject::Instance(address)) => list.of_instance(address),
        _ => return,
    }
    detail.contradictions = contradictions::sentences(list.heard, matches!(subject, Some(Subject::Pod(_))));
    detail.witnesses = list.witnesses;
}

/// Denials that the asked range has of a gateway instance are a witness, too.
pub(super) fn add_denied(subject: Option<Subject>, detail: &mut Detail) {
    if matches!(subject, Some(Subject::Instance(_))) && detail.total.denied > 0 {
        detail.witnesses.push(Witness {
            source: 'F',
            state: HealthState::Failing,
            text: format!("{} denied flows from or to it", detail.total.denied),
            limits: "The rule that denied them is named at the flow; who wrote it and why is not.".to_owned(),
            ..Witness::default()
        });
    }
}

struct List<'a> {
    world: World<'a>,
    witnesses: Vec<Witness>,
    heard: Heard,
}

fn note(heard: &mut Option<bool>, well: bool) {
    *heard = Some(heard.unwrap_or(true) && well);
}

fn state(well: bool) -> HealthState {
    if well { HealthState::Healthy } else { HealthState::Failing }
}

/// Of healthy targets: all, some, none.
fn state_of(healthy: f64, full: f64) -> HealthState {
    match () {
        () if healthy >= full => HealthState::Healthy,
        () if healthy > 0.0 => HealthState::Degraded,
        () => HealthState::Failing,
    }
}

/// `2 of 3 pods`.
fn of(part: usize, whole: usize, noun: &str) -> String {
    format!("{part} of {whole} {noun}{}", if whole == 1 { "" } else { "s" })
}

impl List<'_> {
    fn of_pod(&mut self, pod: u32) {
        let (inventory, health) = (self.world.resolver.inventory(), self.world.health);
        let mut own = health.witnesses(inventory, pod);
        for witness in &own {
            let well = witness.state != HealthState::Failing;
            match witness.source {
                'H' => note(&mut self.heard.backend_health, well),
                'K' if matches!(witness.state, HealthState::Healthy | HealthState::Failing) => {
                    note(&mut self.heard.kubernetes, well);
                }
                'F' => note(&mut self.heard.probes, well),
                _ => {}
            }
        }
        let addresses = members::addresses_of(self.world, &[pod]);
        let spans = over_time::of_probes(self.world, |seen| {
            seen.target.is_some_and(|target| addresses.binary_search(&target).is_ok())
        });
        if let Some(probes) = own.iter_mut().find(|witness| witness.source == 'F') {
            probes.spans = over_time::spans(spans);
        }
        let events = own.iter().position(|witness| witness.state == HealthState::Degraded && witness.source == 'K');
        let later = own.split_off(events.unwrap_or(own.len()));
        self.witnesses = own;
        if let Some(object) = inventory.pods.get(pod as usize) {
            for container in object.containers.iter().filter(|container| container.ready == Some(false)) {
                let state = match container.state.as_str() {
                    "" | "running" => "not ready",
                    other => other,
                };
                self.witnesses.push(Witness {
                    source: 'K',
                    state: HealthState::Failing,
                    text: format!("Container {} {state}", container.name),
                    time_ms: container.started_ms,
                    limits:
                        "As saved, without history. The run before the last restart is known, earlier ones are not."
                            .to_owned(),
                    place: inventory.place(
                        object,
                        &object.meta.name,
                        &["status/containerStatuses/", &container.name].concat(),
                    ),
                    ..Witness::default()
                });
            }
        }
        self.witnesses.extend(later);
        self.metrics(&self.services_of(pod));
        self.requests(&addresses);
    }

    fn of_service(&mut self, service: u32, pods: &[u32]) {
        let inventory = self.world.resolver.inventory();
        let Some(service) = inventory.services.get(service as usize) else { return };
        let name = service.meta.qualified();
        self.backend_health(std::slice::from_ref(&name));
        let slices = inventory.endpoint_slices.iter().filter(|slice| {
            slice.service == service.meta.name
                && slice.meta.namespace == service.meta.namespace
                && !slice.meta.from_table
        });
        let endpoints: Vec<bool> = slices.flat_map(|slice| &slice.endpoints).map(|endpoint| endpoint.ready).collect();
        if !endpoints.is_empty() {
            let ready = endpoints.iter().filter(|ready| **ready).count();
            let well = ready == endpoints.len();
            note(&mut self.heard.kubernetes, well);
            self.witnesses.push(Witness {
                source: 'K',
                state: state(well),
                text: format!("{} ready", of(ready, endpoints.len(), "endpoint")),
                time_ms: inventory.snapshot_ms,
                limits: "As saved, without history. Readiness is the kubelet's view from the node, not the gateway's."
                    .to_owned(),
                ..Witness::default()
            });
        }
        self.of_members(pods, &[name]);
    }

    fn of_route(&mut self, route: u32, pods: &[u32]) {
        let Some(route) = self.world.resolver.inventory().routes.get(route as usize) else { return };
        let place = self.world.resolver.inventory().place(route, &route.meta.name, "status/parents/conditions/");
        self.conditions(&route.conditions, &["Accepted", "ResolvedRefs", "Programmed"], place);
        let mut services: Vec<String> = route
            .backends
            .iter()
            .map(members::name_of)
            .map(|(namespace, name)| [namespace, "/", name].concat())
            .collect();
        services.order();
        services.dedup();
        self.backend_health(&services);
        self.of_members(pods, &services);
    }

    fn of_node(&mut self, node: u32, pods: &[u32]) {
        let inventory = self.world.resolver.inventory();
        let name = self.world.resolver.node_names().get(node as usize);
        if let Some(node) = inventory.nodes.iter().find(|node| Some(&node.meta.name) == name) {
            self.conditions(
                &node.conditions,
                &["Ready", "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"],
                inventory.place(node, &node.meta.name, "status/conditions/"),
            );
            if node.unschedulable {
                self.witnesses.push(Witness {
                    source: 'K',
                    state: HealthState::Degraded,
                    text: "Cordoned: no new pods".to_owned(),
                    limits: "It does not say who did it, nor why.".to_owned(),
                    place: inventory.place(node, &node.meta.name, "spec/unschedulable"),
                    ..Witness::default()
                });
            }
            if self.witnesses.is_empty()
                && let Some(ready) = node.ready
            {
                self.witnesses.push(Witness {
                    source: 'K',
                    state: state(ready),
                    text: if ready { "Node Ready".to_owned() } else { "Node not Ready".to_owned() },
                    limits: CONDITION.to_owned(),
                    place: inventory.place(node, &node.meta.name, "status/conditions/Ready"),
                    ..Witness::default()
                });
            }
        }
        self.of_members(pods, &[]);
    }

    /// No input tells of an instance but the flow logs; what the controller counts is of all of them.
    fn of_instance(&mut self, address: IpAddr) {
        self.probes("Probes that it sends", |seen| seen.instance == Some(address));
        if self.witnesses.is_empty() && self.world.places.has_flows() {
            self.witnesses.push(Witness {
                source: 'F',
                text: "No probe of it is told from its flows".to_owned(),
                limits:
                    "Silence may mean that it does nothing, that nothing lets it through, or that the logs miss it."
                        .to_owned(),
                ..Witness::default()
            });
        }
        self.controller();
    }

    /// What pods, probes, metrics and requests say of several pods.
    fn of_members(&mut self, pods: &[u32], services: &[String]) {
        let inventory = self.world.resolver.inventory();
        let ready: Vec<bool> =
            pods.iter().filter_map(|&pod| inventory.pods.get(pod as usize)).filter_map(|pod| pod.ready).collect();
        if !ready.is_empty() {
            let well = ready.iter().filter(|ready| **ready).count();
            note(&mut self.heard.kubernetes, well == ready.len());
            self.witnesses.push(Witness {
                source: 'K',
                state: state(well == ready.len()),
                text: format!("{} Ready", of(well, ready.len(), "pod")),
                time_ms: inventory.snapshot_ms,
                limits: "As saved, without history. The kubelet probes from the node: that the gateway gets through is not tested."
                    .to_owned(),
                ..Witness::default()
            });
        }
        let addresses = members::addresses_of(self.world, pods);
        self.probes("Probes of its pods", |seen| {
            seen.target.is_some_and(|target| addresses.binary_search(&target).is_ok())
        });
        self.metrics(services);
        self.requests(&addresses);
        if !services.is_empty() {
            self.controller();
        }
    }

    /// `place` is that of the list of conditions.
    fn conditions(&mut self, conditions: &[Condition], wanted: &[&str], place: Option<ObjectPlace>) {
        for condition in conditions.iter().filter(|condition| wanted.contains(&condition.kind.as_str())) {
            // Pressure and unavailability are well when they are not.
            let good = if wanted.first() == Some(&"Ready") && condition.kind != "Ready" { "False" } else { "True" };
            let state = match condition.status.as_str() {
                status if status == good => HealthState::Healthy,
                "True" | "False" => HealthState::Failing,
                _ => HealthState::Unknown,
            };
            let held = condition.since_ms.zip(self.world.resolver.inventory().snapshot_ms);
            self.witnesses.push(Witness {
                source: 'K',
                state,
                text: match (state, condition.reason.as_str()) {
                    (HealthState::Healthy, _) | (_, "") => format!("{}: {}", condition.kind, condition.status),
                    (_, reason) => format!("{}: {}, {reason}", condition.kind, condition.status),
                },
                time_ms: condition.since_ms,
                limits: CONDITION.to_owned(),
                spans: held
                    .filter(|(from, to)| from < to)
                    .map(|(from, to)| over_time::span(from, to, state))
                    .into_iter()
                    .collect(),
                place: place
                    .clone()
                    .map(|place| ObjectPlace { field: [&place.field, condition.kind.as_str()].concat(), ..place }),
                ..Witness::default()
            });
        }
    }

    /// `services` are `namespace/name`.
    fn backend_health(&mut self, services: &[String]) {
        let inventory = self.world.resolver.inventory();
        let answers = inventory.backend_health.iter().filter(|answer| {
            services.iter().any(|name| {
                answer.service.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        });
        for answer in answers.take(LISTED) {
            let known =
                answer.endpoints.iter().filter(|(_, status)| *status == Some(BackendHealthStatus::Healthy)).count();
            let (healthy, all) = if answer.total == 0 && !answer.endpoints.is_empty() {
                (known, answer.endpoints.len())
            } else {
                (
                    usize::try_from(answer.healthy).unwrap_or(usize::MAX),
                    usize::try_from(answer.total).unwrap_or(usize::MAX),
                )
            };
            let well = healthy == all && all > 0;
            note(&mut self.heard.backend_health, well);
            self.witnesses.push(Witness {
                source: 'H',
                state: state(well),
                text: format!("backendHealth: {} HEALTHY", of(healthy, all, "target")),
                detail: answer.service.clone(),
                limits: "One moment, and the file does not say which. It does not say why, nor which instance asked."
                    .to_owned(),
                place: inventory.place(answer, &answer.service, "serviceHealth"),
                ..Witness::default()
            });
        }
    }

    fn probes(&mut self, words: &str, wanted: impl Fn(&underlay_model::connection::ProbeObservation) -> bool) {
        let seen = over_time::of_probes(self.world, wanted);
        let (mut answered, mut all, mut failing) = (0u64, 0u64, 0usize);
        for one in &seen {
            answered += one.answered;
            all += one.answered + one.unanswered;
            failing += usize::from(one.unanswered_run >= 3);
        }
        if all == 0 {
            return;
        }
        note(&mut self.heard.probes, failing == 0);
        let text = if failing == 0 {
            format!("{words}: {answered} of {all} answered")
        } else {
            format!("{words}: {answered} of {all} answered, {} unanswered in a row", of(failing, seen.len(), "pair"))
        };
        self.witnesses.push(Witness {
            source: 'F',
            state: state(failing == 0),
            text,
            detail: "inferred".to_owned(),
            limits:
                "Inferred from times and sizes. An answer with bytes may be an error: the status is not in the log."
                    .to_owned(),
            spans: over_time::spans(seen),
            ..Witness::default()
        });
    }

    /// `namespace/name` of services whose slices hold the pod.
    fn services_of(&self, pod: u32) -> Vec<String> {
        let slices = &self.world.resolver.inventory().endpoint_slices;
        let mut names: Vec<String> = self
            .world
            .health
            .endpoint_slices(pod)
            .into_iter()
            .filter_map(|slice| slices.get(slice as usize))
            .map(|slice| [slice.meta.namespace.as_str(), "/", &slice.service].concat())
            .collect();
        names.order();
        names.dedup();
        names
    }

    fn metrics(&mut self, services: &[String]) {
        let inventory = self.world.resolver.inventory();
        let is_meant = |series: &&MetricSeries| {
            let service = series.dimension("backendservice").unwrap_or_default();
            let words: Vec<&str> = service.split(['/', ':', '_', '.']).collect();
            is_healthy_targets(inventory, series)
                && services
                    .iter()
                    .any(|name| name.split('/').all(|word| words.iter().any(|one| one.eq_ignore_ascii_case(word))))
        };
        for series in inventory.azure.metrics.iter().filter(is_meant).take(LISTED) {
            let Some((time, last)) = series.points.last() else { continue };
            let service = series.dimension("backendservice").unwrap_or_default();
            let most = series.points.iter().map(|(_, value)| value.get()).fold(0.0, f64::max);
            #[allow(clippy::cast_precision_loss, reason = "a gateway has at most 5,000 endpoints")]
            let full = expected_targets(inventory, service).map_or(most, |expected| expected as f64);
            note(&mut self.heard.metric, last.get() >= full);
            let step = i64::try_from(series.interval_ms).unwrap_or(0).max(1);
            let points = series.points.iter().map(|(time, value)| (*time, *time + step, state_of(value.get(), full)));
            self.witnesses.push(Witness {
                source: 'M',
                state: state_of(last.get(), full),
                text: format!("Healthy targets: {} of {full} at last", last.get()),
                time_ms: Some(*time),
                detail: service.to_owned(),
                limits: "Counts the service's targets without naming them: which one fell out, and how many there should be, is not in the metric.".to_owned(),
                spans: over_time::joined(points.map(|(from, to, state)| Span { from, to, state })),
                ..Witness::default()
            });
        }
    }

    fn requests(&mut self, addresses: &[IpAddr]) {
        let sums = &self.world.resolver.inventory().azure.access;
        let (mut requests, mut failed) = (0, 0);
        let mut minutes = Vec::new();
        for cell in &sums.cells {
            if sums.backend(cell).0.is_some_and(|backend| addresses.binary_search(&backend).is_ok()) {
                requests += cell.requests;
                let bad = cell.status / 100 == 5;
                failed += if bad { cell.requests } else { 0 };
                minutes.push(over_time::minute(
                    cell.minute,
                    if bad { HealthState::Degraded } else { HealthState::Healthy },
                ));
            }
        }
        if requests == 0 {
            return;
        }
        let well = failed == 0;
        note(&mut self.heard.requests, well);
        self.witnesses.push(Witness {
            source: 'A',
            state: if well {
                HealthState::Healthy
            } else if failed * 2 > requests {
                HealthState::Failing
            } else {
                HealthState::Degraded
            },
            text: format!("{requests} requests, {failed} of them 5xx"),
            limits: "Only what clients asked for: no request proves nothing. The status is what the client got; the gateway may have made it."
                .to_owned(),
            spans: over_time::joined(minutes.into_iter()),
            ..Witness::default()
        });
    }

    /// What the ALB controller counts: of the whole gateway, and without a time as a rule.
    fn controller(&mut self) {
        let inventory = self.world.resolver.inventory();
        let samples = inventory.azure.controller_samples.iter();
        for sample in samples.filter(|one| one.name.contains("unhealthy_endpoints")).take(LISTED) {
            let labels: Vec<&str> = sample.labels.iter().map(|(_, value)| value.as_str()).collect();
            self.witnesses.push(Witness {
                source: 'M',
                state: if sample.value.value.get() > 0.0 { HealthState::Degraded } else { HealthState::Healthy },
                text: format!("ALB controller counts {} unhealthy endpoints", sample.value.value.get()),
                time_ms: sample.time_ms,
                detail: labels.join(" "),
                limits: "One moment of the whole gateway, mostly without a time. It names no pod.".to_owned(),
                place: inventory.place(sample, &sample.name, ""),
                ..Witness::default()
            });
        }
    }
}

const CONDITION: &str = "Only the last change has a time; what was before is not told.";

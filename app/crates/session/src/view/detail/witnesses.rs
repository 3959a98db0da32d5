//! Witnesses of health, side by side: what each says of the thing, when, and what it cannot know; and where they contradict each
//! other, which is often the answer. A pod is judged by its own witnesses; services, routes, instances and nodes by those of the
//! pods that they stand for.

mod contradictions;
mod numbers;
mod over_time;

use crate::view::World;
use crate::view::members;
use crate::view::places::Subject;
use std::net::IpAddr;
use underlay_model::finding::Opens;
use underlay_model::health::{BackendHealthStatus, HealthState, Witness};
use underlay_model::inventory::{Condition, Endpoint};
use underlay_model::order::Order;
use underlay_model::sources::{ObjectPlace, SourceOf};
use underlay_model::view::{Detail, EntityKey};

/// Witnesses of one source at most.
const LISTED: usize = 6;
/// Events of several pods at most.
const EVENTS: usize = 4;
/// So many pods are asked for their own witnesses at most.
const MOST_ASKED: usize = 400;

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
    let mut list = List { world, key: detail.key.clone(), witnesses: Vec::new(), heard: Heard::default() };
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
            opens: Opens::Rows(SourceOf::Denied(detail.key.clone())),
            ..Witness::default()
        });
    }
}

struct List<'a> {
    world: World<'a>,
    /// Of the thing that they are witnesses of.
    key: EntityKey,
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

/// Of many that one witness sums up the first that is not well, else the first: it opens.
fn first_unwell<T>(all: impl Iterator<Item = T> + Clone, is_well: impl Fn(&T) -> bool) -> Option<T> {
    all.clone().find(|one| !is_well(one)).or_else(|| all.into_iter().next())
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
            probes.opens = self.probe_rows();
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
                    opens: inventory
                        .place(object, &object.meta.name, &["status/containerStatuses/", &container.name].concat())
                        .into(),
                    ..Witness::default()
                });
            }
        }
        self.witnesses.extend(later);
        self.metrics(&self.services_of(pod));
        self.requests(&addresses);
        self.controller();
    }

    fn of_service(&mut self, service: u32, pods: &[u32]) {
        let inventory = self.world.resolver.inventory();
        let Some(service) = inventory.services.get(service as usize) else { return };
        let name = service.meta.qualified();
        self.backend_health(std::slice::from_ref(&name));
        let slices = || {
            inventory.endpoint_slices.iter().filter(|slice| {
                slice.service == service.meta.name
                    && slice.meta.namespace == service.meta.namespace
                    && !slice.meta.from_table
            })
        };
        let endpoints: Vec<bool> = slices().flat_map(|slice| &slice.endpoints).map(|endpoint| endpoint.ready).collect();
        let place = slices().next().and_then(|slice| inventory.place(slice, &slice.meta.name, "endpoints"));
        self.ready_endpoints(&endpoints, place);
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
        self.endpoints(&members::addresses_of(self.world, pods));
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
                    opens: inventory.place(node, &node.meta.name, "spec/unschedulable").into(),
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
                    opens: inventory.place(node, &node.meta.name, "status/conditions/Ready").into(),
                    ..Witness::default()
                });
            }
        }
        self.of_targets(pods);
    }

    /// No input tells of an instance but the flow logs; the others speak of the targets that all instances have.
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
        let own = self.witnesses.len();
        let mut pods: Vec<u32> = members::gateway_targets(self.world).into_iter().map(|(pod, _)| pod).collect();
        pods.dedup();
        self.of_targets(&pods);
        for witness in self.witnesses.iter_mut().skip(own).filter(|witness| witness.detail.is_empty()) {
            "all instances".clone_into(&mut witness.detail);
        }
    }

    /// What is told of pods by their addresses, whichever services they are behind.
    fn of_targets(&mut self, pods: &[u32]) {
        let addresses = members::addresses_of(self.world, pods);
        self.targets(&addresses);
        self.endpoints(&addresses);
        let mut services: Vec<String> = pods.iter().take(MOST_ASKED).flat_map(|&pod| self.services_of(pod)).collect();
        services.order();
        services.dedup();
        self.of_members(pods, &services);
    }

    /// What pods, endpoints, events, probes, metrics and requests say of several pods.
    fn of_members(&mut self, pods: &[u32], services: &[String]) {
        let inventory = self.world.resolver.inventory();
        let objects = || pods.iter().filter_map(|&pod| inventory.pods.get(pod as usize));
        let ready: Vec<bool> = objects().filter_map(|pod| pod.ready).collect();
        if !ready.is_empty() {
            let well = ready.iter().filter(|ready| **ready).count();
            let restarts: u64 = objects().map(|pod| pod.restarts()).sum();
            let restarted = match restarts {
                0 => String::new(),
                1 => ", 1 restart".to_owned(),
                many => format!(", {many} restarts"),
            };
            note(&mut self.heard.kubernetes, well == ready.len());
            self.witnesses.push(Witness {
                source: 'K',
                state: state(well == ready.len()),
                text: [of(well, ready.len(), "pod"), " Ready".to_owned(), restarted].concat(),
                time_ms: inventory.snapshot_ms,
                limits: "As saved, without history. The kubelet asks from the node: the gateway's way is not tried."
                    .to_owned(),
                opens: first_unwell(objects(), |pod| pod.ready != Some(false))
                    .and_then(|pod| inventory.place(pod, &pod.meta.name, "status/conditions/Ready"))
                    .into(),
                ..Witness::default()
            });
        }
        let addresses = members::addresses_of(self.world, pods);
        self.events(pods);
        self.probes("Probes of its pods", |seen| {
            seen.target.is_some_and(|target| addresses.binary_search(&target).is_ok())
        });
        self.metrics(services);
        self.requests(&addresses);
        self.controller();
    }

    /// Endpoints that slices have at these addresses.
    fn endpoints(&mut self, addresses: &[IpAddr]) {
        let inventory = self.world.resolver.inventory();
        let slices = inventory.endpoint_slices.iter().filter(|slice| !slice.meta.from_table);
        let is_meant = |one: &Endpoint| one.addresses.iter().any(|address| addresses.binary_search(address).is_ok());
        let meant = || {
            let all = slices.clone().flat_map(|slice| slice.endpoints.iter().enumerate().map(move |one| (slice, one)));
            all.filter(|(_, (_, endpoint))| is_meant(endpoint))
        };
        let ready: Vec<bool> = meant().map(|(_, (_, endpoint))| endpoint.ready).collect();
        let shown = first_unwell(meant(), |(_, (_, endpoint))| endpoint.ready);
        let place = shown.and_then(|(slice, (at, _))| {
            inventory.place(slice, &slice.meta.name, &["endpoints/", &at.to_string()].concat())
        });
        self.ready_endpoints(&ready, place);
    }

    fn ready_endpoints(&mut self, endpoints: &[bool], place: Option<ObjectPlace>) {
        if endpoints.is_empty() {
            return;
        }
        let ready = endpoints.iter().filter(|ready| **ready).count();
        let well = ready == endpoints.len();
        note(&mut self.heard.kubernetes, well);
        self.witnesses.push(Witness {
            source: 'K',
            state: state(well),
            text: format!("{} ready", of(ready, endpoints.len(), "endpoint")),
            time_ms: self.world.resolver.inventory().snapshot_ms,
            limits: "As saved, without history. Readiness is the kubelet's view from the node, not the gateway's."
                .to_owned(),
            opens: place.into(),
            ..Witness::default()
        });
    }

    /// The last events about pods that are not well, with their text.
    fn events(&mut self, pods: &[u32]) {
        let (inventory, health) = (self.world.resolver.inventory(), self.world.health);
        let unwell = |pod: &&u32| matches!(health.state(**pod), Some(HealthState::Degraded | HealthState::Failing));
        let of_pod = |pod: &u32| {
            let own = health.witnesses(inventory, *pod).into_iter();
            let events =
                own.filter(|one| one.source == 'K' && one.state == HealthState::Degraded && one.time_ms.is_some());
            let name = inventory.pods.get(*pod as usize).map_or("", |pod| pod.meta.name.as_str());
            events.map(|one| Witness { detail: name.to_owned(), ..one }).collect::<Vec<_>>()
        };
        let mut events: Vec<Witness> = pods.iter().filter(unwell).take(MOST_ASKED).flat_map(of_pod).collect();
        events.order_by(|a, b| (b.time_ms, &a.detail, &a.text).cmp(&(a.time_ms, &b.detail, &b.text)));
        events.truncate(EVENTS);
        self.witnesses.extend(events);
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
                opens: place
                    .clone()
                    .map(|place| ObjectPlace { field: [&place.field, condition.kind.as_str()].concat(), ..place })
                    .into(),
                ..Witness::default()
            });
        }
    }

    /// What backend health says of these addresses.
    fn targets(&mut self, addresses: &[IpAddr]) {
        let inventory = self.world.resolver.inventory();
        let answers = inventory.backend_health.iter();
        let known = answers.flat_map(|answer| {
            let own = answer.endpoints.iter().filter(|(address, _)| addresses.binary_search(address).is_ok());
            own.filter_map(move |(address, status)| Some((answer, address, (*status)? == BackendHealthStatus::Healthy)))
        });
        let known: Vec<_> = known.collect();
        let Some((answer, address, _)) = first_unwell(known.iter(), |(.., healthy)| *healthy) else { return };
        let field = ["serviceHealth/endpoints/", &address.to_string()].concat();
        let opens = inventory.place(answer, &answer.service, &field).into();
        let healthy = known.iter().filter(|(.., healthy)| *healthy).count();
        note(&mut self.heard.backend_health, healthy == known.len());
        self.witnesses.push(Witness {
            source: 'H',
            state: state(healthy == known.len()),
            text: format!("backendHealth: {} HEALTHY", of(healthy, known.len(), "target")),
            limits: BACKEND_HEALTH.to_owned(),
            opens,
            ..Witness::default()
        });
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
                limits: BACKEND_HEALTH.to_owned(),
                opens: inventory.place(answer, &answer.service, "serviceHealth").into(),
                ..Witness::default()
            });
        }
    }

    fn probe_rows(&self) -> Opens {
        Opens::Rows(SourceOf::Probes { key: self.key.clone(), instance: None })
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
            opens: self.probe_rows(),
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
}

const BACKEND_HEALTH: &str =
    "One moment, and the file does not say which. It does not say why, nor which instance asked.";
const CONDITION: &str = "Only the last change has a time; what was before is not told.";

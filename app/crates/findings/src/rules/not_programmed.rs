//! Objects of the gateway whose status says that they are not in force, with the reason in plain words.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use crate::routed::{is_gateway_class, is_ours, own_conditions};
use underlay_identity::{Inventory, Sourced};
use underlay_model::inventory::{Condition, Meta};
use underlay_model::sources::ObjectPlace;

pub(crate) const RULE: Rule = Rule {
    id: "not-programmed",
    question: "Are Gateways, load balancers, routes, policies and overlay configuration in effect?",
    why: "The gateway serves nothing for it, or goes on with an older configuration.",
    needs: &[Need::GatewayObjects],
    reads: Reads::Capture,
    refutes: &["A newer copy of the object."],
    next: &[
        "Correct what the status names, then read the log of the ALB controller: kubectl logs -n azure-alb-system deployment/alb-controller (kube-system with the add-on). https://learn.microsoft.com/azure/application-gateway/for-containers/troubleshooting-guide",
    ],
    check,
};

/// Words of the controller and what they come to (formats, 4.8 and 4.9).
const PLAIN: [(&str, &str); 14] = [
    ("prefix length too short", "The gateway's subnet is larger than /24, which overlay networking does not take."),
    ("not within any of the VNet CIDRs", "The gateway's subnet is in another virtual network than the nodes."),
    (
        "NotEnoughIPv4AddressesInSubnet",
        "The subnet has too few free addresses: another association uses it, or it is too small.",
    ),
    ("undeployed or unknown Application Gateway", "The gateway that is named does not exist or is not deployed."),
    ("PermissionDenied", "The controller's identity lacks a role on the gateway or its subnet."),
    ("does not have authorization", "The controller's identity lacks a role on the gateway or its subnet."),
    ("AADSTS70021", "The controller's federated identity does not match its service account."),
    ("RefNotPermitted", "It refers to an object in another namespace, where no ReferenceGrant permits it."),
    ("BackendNotFound", "A backend that it names does not exist."),
    ("InvalidKind", "A backend that it names is of a kind that the gateway does not support."),
    ("NoMatchingParent", "No listener of the Gateway has the name or port that it asks for."),
    ("InvalidCertificateRef", "The secret with its certificate does not exist or cannot be read."),
    ("AddressNotUsable", "The front end that it names does not exist, or another Gateway uses it."),
    ("Pending", "No controller has taken it up: is the ALB controller running, and does it serve this class?"),
];

fn check(facts: &Facts<'_>, found: &mut Found) {
    let inventory = facts.inventory;
    for one in inventory.gateways.iter().filter(|one| is_gateway_class(inventory, &one.class)) {
        let gateway = subject(inventory, "Gateway", one, &one.meta, "status/conditions/");
        judge(found, gateway, &all(&one.conditions), "frontend", Severity::Critical);
        for listener in &one.listeners {
            let meta = Meta {
                namespace: one.meta.namespace.clone(),
                name: [&one.meta.name, "/", &listener.name].concat(),
                ..Meta::default()
            };
            let field = ["status/listeners/", &listener.name, "/conditions/"].concat();
            let place = inventory.place(one, &one.meta.name, &field);
            let listener_itself = Subject { kind: "Listener", meta: &meta, place };
            judge(found, listener_itself, &all(&listener.conditions), "", Severity::Critical);
        }
    }
    for one in &inventory.application_load_balancers {
        let balancer = subject(inventory, "ApplicationLoadBalancer", one, &one.meta, "status/conditions/");
        judge(found, balancer, &all(&one.conditions), "", Severity::Critical);
    }
    for one in inventory.routes.iter().filter(|route| is_ours(inventory, route)) {
        let mut conditions = own_conditions(inventory, one);
        // One cause, one finding: which backend it is says the check of backends.
        if super::route_backends::explains(facts, one) {
            conditions.retain(|one| !matches!(one.reason.as_str(), "BackendNotFound" | "RefNotPermitted"));
        }
        let route = subject(inventory, &one.kind, one, &one.meta, "status/parents/conditions/");
        judge(found, route, &conditions, "route", Severity::Critical);
    }
    for one in &inventory.policies {
        let policy = subject(inventory, &one.kind, one, &one.meta, "status/conditions/");
        judge(found, policy, &all(&one.conditions), "", Severity::Warning);
    }
    for one in inventory.gateway_classes.iter().filter(|one| is_gateway_class(inventory, &one.meta.name)) {
        let class = subject(inventory, "GatewayClass", one, &one.meta, "status/conditions/");
        judge(found, class, &all(&one.conditions), "", Severity::Critical);
    }
    for one in inventory.node_network_configs.iter().filter(|one| one.state == "Error") {
        let config = subject(inventory, "NodeNetworkConfig", one, &one.meta, "status");
        say(found, config, "its status is Error", "", "", Severity::Warning);
    }
    for one in &inventory.overlay_extension_configs {
        if matches!(one.state.as_str(), "Failed" | "Pending" | "None") {
            let config = subject(inventory, "OverlayExtensionConfig", one, &one.meta, "status");
            say(found, config, &["its state is ", &one.state].concat(), &one.message, "", Severity::Critical);
        }
    }
    const STATE: &str = "properties/provisioningState";
    let controllers = &inventory.azure.traffic_controllers;
    let parts = controllers.iter().map(|one| (GATEWAY, &one.name, &one.state, inventory.place(one, &one.name, STATE)));
    let front_ends = &inventory.azure.front_ends;
    let front_ends =
        front_ends.iter().map(|one| ("Front end", &one.name, &one.state, inventory.place(one, &one.name, STATE)));
    for (kind, name, state, place) in
        parts.chain(front_ends).filter(|(_, _, state, _)| matches!(state.as_str(), "Failed" | "Canceled"))
    {
        let meta = Meta { name: name.clone(), ..Meta::default() };
        let part = Subject { kind, meta: &meta, place };
        say(found, part, &["its provisioning state is ", state].concat(), "", "", Severity::Critical);
    }
}

/// What a finding is about, and where its state stands.
struct Subject<'a> {
    kind: &'a str,
    meta: &'a Meta,
    place: Option<ObjectPlace>,
}

fn subject<'a, T>(
    inventory: &Inventory,
    kind: &'a str,
    object: &Sourced<T>,
    meta: &'a Meta,
    field: &str,
) -> Subject<'a> {
    Subject { kind, meta, place: inventory.place(object, &meta.name, field) }
}

fn all(conditions: &[Condition]) -> Vec<&Condition> {
    conditions.iter().collect()
}

/// The Azure resource.
const GATEWAY: &str = "Application Gateway for Containers";

/// Conditions that ought to be true; judged by the status, not by the reason.
fn judge(found: &mut Found, mut subject: Subject<'_>, conditions: &[&Condition], key: &str, severity: Severity) {
    const WANTED: [&str; 5] = ["Accepted", "Programmed", "ResolvedRefs", "Deployment", "Ready"];
    let wanted =
        |one: &&Condition| matches!(one.status.as_str(), "False" | "Unknown") && WANTED.contains(&one.kind.as_str());
    let order = |one: &&Condition| (one.status != "False", WANTED.iter().position(|kind| *kind == one.kind));
    // One finding an object: the first condition leads, as the others follow from it.
    if let Some(worst) = conditions.iter().copied().filter(wanted).min_by_key(order) {
        let what = ["its condition ", &worst.kind, " is ", &worst.status, ", reason ", &worst.reason].concat();
        // What is not known yet may be on its way.
        let severity = if worst.status == "False" { severity } else { Severity::Warning };
        if let Some(place) = &mut subject.place {
            place.field.push_str(&worst.kind);
        }
        return say(found, subject, &what, &worst.message, key, severity);
    }
    if let Some(errors) = conditions.iter().find(|one| one.kind == "Errors" && one.status == "True") {
        if let Some(place) = &mut subject.place {
            place.field.push_str("Errors");
        }
        say(found, subject, "its condition Errors is True", &errors.message, key, severity);
    }
}

fn say(found: &mut Found, of: Subject<'_>, what: &str, message: &str, key: &str, severity: Severity) {
    let name = of.meta.qualified();
    let subject = [of.kind, " ", &name].concat();
    let finding = found.add(severity, "failing", "measured", &subject, &[&subject, " is not in effect: ", what, "."]);
    let plain = PLAIN.iter().find(|(words, _)| message.contains(words) || what.contains(words));
    if let Some((_, plain)) = plain {
        finding.evidence('K', &[plain]);
    }
    let line: String = message.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
    if !line.is_empty() {
        finding.evidence('K', &["It says: ", &line]);
    } else if plain.is_none() {
        finding.evidence('K', &["Its status says so, without a message."]);
    }
    finding.object_at(of.place);
    if !key.is_empty() {
        finding.about(key, &name);
    }
}

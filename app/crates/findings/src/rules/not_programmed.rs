//! Objects of the gateway whose status says that they are not in force, with the reason in plain words.

use crate::engine::{Fill, Found, Rule, Severity};
use crate::facts::Facts;
use underlay_model::inventory::{Condition, Meta};

pub(crate) const RULE: Rule = Rule {
    id: "not-programmed",
    question: "Are Gateways, load balancers, routes, policies and overlay configuration in force?",
    why: "What is not programmed does not carry traffic, or does so with an older configuration.",
    needs: &[],
    refutes: &["A newer copy of the object."],
    next: &[
        "Read the ALB controller's log. https://learn.microsoft.com/azure/application-gateway/for-containers/troubleshooting-guide",
    ],
    check,
};

/// Words of the controller and what they come to (formats, 4.8 and 4.9).
const PLAIN: [(&str, &str); 9] = [
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
    ("RefNotPermitted", "It refers to an object of another namespace that does not permit it."),
    ("BackendNotFound", "A backend that it names does not exist."),
];

fn check(facts: &Facts<'_>, found: &mut Found) {
    let inventory = facts.inventory;
    for one in &inventory.gateways {
        judge(found, "Gateway", &one.meta, &one.conditions, "frontend", Severity::Critical);
        for listener in &one.listeners {
            let meta = Meta {
                namespace: one.meta.namespace.clone(),
                name: [&one.meta.name, "/", &listener.name].concat(),
                ..Meta::default()
            };
            judge(found, "Listener", &meta, &listener.conditions, "", Severity::Critical);
        }
    }
    for one in &inventory.application_load_balancers {
        judge(found, "ApplicationLoadBalancer", &one.meta, &one.conditions, "", Severity::Critical);
    }
    for one in &inventory.routes {
        judge(found, &one.kind, &one.meta, &one.conditions, "route", Severity::Critical);
    }
    for one in &inventory.policies {
        judge(found, &one.kind, &one.meta, &one.conditions, "", Severity::Warning);
    }
    for one in &inventory.overlay_extension_configs {
        if matches!(one.state.as_str(), "Failed" | "Pending") {
            say(
                found,
                "OverlayExtensionConfig",
                &one.meta,
                &["state ", &one.state].concat(),
                &one.message,
                "",
                Severity::Critical,
            );
        }
    }
    for one in &inventory.azure.traffic_controllers {
        if one.state == "Failed" {
            let meta = Meta { name: one.name.clone(), ..Meta::default() };
            say(
                found,
                "Application Gateway for Containers",
                &meta,
                "provisioning state Failed",
                "",
                "",
                Severity::Critical,
            );
        }
    }
}

/// Conditions that ought to be true; judged by the status, not by the reason.
fn judge(found: &mut Found, kind: &str, meta: &Meta, conditions: &[Condition], key: &str, severity: Severity) {
    const WANTED: [&str; 5] = ["Accepted", "Programmed", "ResolvedRefs", "Deployment", "Ready"];
    let bad = conditions.iter().filter(|one| one.status == "False" && WANTED.contains(&one.kind.as_str()));
    // One finding an object: the first condition leads, as the others follow from it.
    if let Some(worst) = bad.min_by_key(|one| WANTED.iter().position(|kind| *kind == one.kind)) {
        let what = ["condition ", &worst.kind, " False, reason ", &worst.reason].concat();
        say(found, kind, meta, &what, &worst.message, key, severity);
    }
}

fn say(found: &mut Found, kind: &str, meta: &Meta, what: &str, message: &str, key: &str, severity: Severity) {
    let name = meta.qualified();
    let subject = [kind, " ", &name].concat();
    let finding = found.add(severity, "failing", "measured", &subject, &[&subject, " is not in force: ", what, "."]);
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
    if !key.is_empty() {
        finding.about(key, &name);
    }
}

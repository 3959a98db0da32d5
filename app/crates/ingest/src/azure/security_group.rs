//! `az network nsg show/list`, `az network nsg rule list`: which traffic a rule lets pass.

use super::texts;
use crate::json::Json;
use underlay_model::azure::{SecurityGroup, SecurityRule};
use underlay_model::order::Order;

pub(super) fn read(value: &Json<'_>) -> SecurityGroup {
    let rules = |key: &'static str, default: bool| {
        value.arm_list(key).filter(|rule| rule.is_object()).map(move |entry| rule(entry, default))
    };
    let mut group = SecurityGroup {
        id: value.get("id").text(),
        name: value.get("name").text(),
        guid: value.arm("resourceGuid").text().to_ascii_lowercase(),
        rules: rules("securityRules", false).chain(rules("defaultSecurityRules", true)).collect(),
        subnet_ids: super::ids(value, "subnets"),
        network_interface_ids: super::ids(value, "networkInterfaces"),
    };
    sort(&mut group.rules);
    group
}

/// A rule that stands by itself: the group is named by its id.
pub(super) fn alone(value: &Json<'_>) -> SecurityGroup {
    let id = value.get("id").text();
    let lower = id.to_ascii_lowercase();
    let end = lower.find("/securityrules/").or_else(|| lower.find("/defaultsecurityrules/")).unwrap_or(lower.len());
    SecurityGroup {
        name: super::id_part(&id, "networkSecurityGroups"),
        rules: vec![rule(value, lower.contains("/defaultsecurityrules/"))],
        id: id.get(..end).unwrap_or_default().to_owned(),
        ..SecurityGroup::default()
    }
}

/// Whether an object is a rule.
pub(super) fn is_rule(value: &Json<'_>) -> bool {
    ["priority", "direction", "access", "protocol"].iter().all(|key| value.arm(key).as_str().is_some())
}

pub(super) fn sort(rules: &mut [SecurityRule]) {
    rules.order_by(|a, b| (!a.inbound, a.priority, &a.name).cmp(&(!b.inbound, b.priority, &b.name)));
}

pub(super) fn rule(value: &Json<'_>, default: bool) -> SecurityRule {
    let is = |key: &str, word: &str| value.arm(key).as_str().is_some_and(|text| text.eq_ignore_ascii_case(word));
    let groups = |key: &str| value.arm_list(key).next().is_some();
    SecurityRule {
        name: value.get("name").text(),
        priority: value.arm("priority").number().and_then(|number| u32::try_from(number).ok()).unwrap_or(0),
        inbound: is("direction", "inbound"),
        allow: is("access", "allow"),
        protocol: value.arm("protocol").text(),
        sources: texts(value, "sourceAddressPrefix", "sourceAddressPrefixes"),
        destinations: texts(value, "destinationAddressPrefix", "destinationAddressPrefixes"),
        source_ports: texts(value, "sourcePortRange", "sourcePortRanges"),
        destination_ports: texts(value, "destinationPortRange", "destinationPortRanges"),
        application_groups: groups("sourceApplicationSecurityGroups") || groups("destinationApplicationSecurityGroups"),
        default,
    }
}

//! `az network nic list-effective-nsg` and `az network nic show-effective-route-table`: the rules and routes that one interface really has,
//! wherever they were set. Source: Azure REST reference, `Network Interfaces - List Effective Network Security Groups`, `- Get Effective Route
//! Table`.

use super::{distinct, id_of, id_part};
use crate::json::Json;
use underlay_model::address::parse_address;
use underlay_model::azure::{RouteEntry, RouteTable, SecurityGroup, SecurityRule};

/// Whether an object is a security group with the rules that are in effect.
pub(super) fn is_group(value: &Json<'_>) -> bool {
    value.get("effectiveSecurityRules").is_list()
}

/// Whether an object is a route in effect.
pub(super) fn is_route(value: &Json<'_>) -> bool {
    value.get("addressPrefix").is_list() && value.get("nextHopType").as_str().is_some()
}

/// The group as far as this interface has it: its rules, and the one place where it is set.
pub(super) fn group(value: &Json<'_>) -> SecurityGroup {
    let id = id_of(value, "networkSecurityGroup");
    let place = value.get("association");
    let named = |key: &str| Some(id_of(place, key)).filter(|id| !id.is_empty()).into_iter().collect();
    let mut group = SecurityGroup {
        name: id_part(&id, "networkSecurityGroups"),
        rules: value.list("effectiveSecurityRules").filter(|rule| rule.is_object()).map(rule).collect(),
        subnet_ids: named("subnet"),
        network_interface_ids: named("networkInterface"),
        id,
        ..SecurityGroup::default()
    };
    super::security_group::sort(&mut group.rules);
    group
}

/// Names are `securityRules/name` and `defaultSecurityRules/name`, any protocol is `All`, any port `0-65535`.
fn rule(value: &Json<'_>) -> SecurityRule {
    let path = value.get("name").text();
    let (kind, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let protocol = value.get("protocol").text();
    // PowerShell has a list where the CLI has the first of it and a list of another name.
    let texts = |one: &str, many: &str| {
        let all = value.list(many).chain(value.list(one)).chain([value.get(one)]).map(Json::text);
        distinct(all.filter(|text| !text.is_empty()))
    };
    SecurityRule {
        name: name.to_owned(),
        protocol: if protocol.eq_ignore_ascii_case("all") { "*".to_owned() } else { protocol },
        sources: texts("sourceAddressPrefix", "sourceAddressPrefixes"),
        destinations: texts("destinationAddressPrefix", "destinationAddressPrefixes"),
        source_ports: texts("sourcePortRange", "sourcePortRanges"),
        destination_ports: texts("destinationPortRange", "destinationPortRanges"),
        default: kind.eq_ignore_ascii_case("defaultSecurityRules"),
        ..super::security_group::rule(value, false)
    }
}

/// The entries of a route that somebody has set and that is in effect. Azure's own routes to nothing only stand behind what is more
/// precise, and those of gateways are no entries of a table.
pub(super) fn entries(value: &Json<'_>) -> Vec<RouteEntry> {
    let is = |key: &str, word: &str| value.get(key).as_str().is_some_and(|text| text.eq_ignore_ascii_case(word));
    if !is("source", "user") || !(is("state", "active") || value.get("state").is_null()) {
        return Vec::new();
    }
    let hop = value.list("nextHopIpAddress").find_map(Json::as_str);
    let entry = |prefix: &Json<'_>| {
        let name = value.get("name").text();
        RouteEntry {
            name: if name.is_empty() { prefix.text() } else { name },
            prefix: super::prefix(prefix),
            destination: prefix.text(),
            next_hop_kind: value.get("nextHopType").text(),
            next_hop: hop.and_then(|text| parse_address(text.trim().as_bytes())),
        }
    };
    value.list("addressPrefix").map(entry).collect()
}

/// Puts entries of a route into the table of all that are in effect.
pub(super) fn add(entries: Vec<RouteEntry>, tables: &mut Vec<RouteTable>) {
    const NAME: &str = "effective routes";
    if entries.is_empty() {
        return;
    }
    match tables.iter_mut().find(|table| table.id.is_empty() && table.name == NAME) {
        Some(table) => table.entries.extend(entries),
        None => tables.push(RouteTable { name: NAME.to_owned(), entries, ..RouteTable::default() }),
    }
}

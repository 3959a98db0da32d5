//! Which NIC has logs for which minute, with the names that inputs or observations give to a NIC.

use std::net::IpAddr;
use underlay_identity::Resolver;
use underlay_model::coverage::{Coverage, NicCoverage};
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::{Millis, minute_of};
use underlay_model::view::MinuteRange;
use underlay_store::sources::PointCoverage;

/// Own addresses that are told.
const ADDRESSES: usize = 3;

/// The coverage view's answer. `span` is of accepted tuples.
pub fn coverage(resolver: &Resolver, span: Option<(Millis, Millis)>, points: Vec<PointCoverage>) -> Coverage {
    let span = span.map(|(first, last)| MinuteRange { first: minute_of(first), last: minute_of(last) });
    let mut nics: Vec<NicCoverage> = points.into_iter().map(|point| nic(resolver, point)).collect();
    nics.order_by(|a, b| {
        (a.name.is_empty(), &a.name, &a.mac, &a.flow_log).cmp(&(b.name.is_empty(), &b.name, &b.mac, &b.flow_log))
    });
    Coverage { span, nics }
}

fn nic(resolver: &Resolver, point: PointCoverage) -> NicCoverage {
    let minute = point.covered.first().map_or(0, |range| range.first);
    let (name, evidence) = named(resolver, &point.point.mac, &point.addresses, minute);
    NicCoverage {
        mac: point.point.mac,
        flow_log: point.point.flow_log,
        name,
        evidence,
        addresses: point.addresses.iter().take(ADDRESSES).map(|(address, _)| *address).collect(),
        minutes: point.covered.iter().map(|range| range.len()).sum(),
        covered: point.covered,
    }
}

/// A NIC list says whose a MAC is; else the addresses that it reports as its own do.
fn named(resolver: &Resolver, mac: &str, own: &[(IpAddr, u64)], minute: i64) -> (String, String) {
    let inventory = resolver.inventory();
    let listed = inventory.network_interfaces.iter().find(|nic| !mac.is_empty() && same_mac(&nic.mac, mac));
    if let Some(nic) = listed {
        let node = nic
            .addresses
            .iter()
            .find_map(|&address| resolver.node_name(resolver.resolve(address, minute)).map(str::to_owned));
        let name = node.unwrap_or_else(|| nic.name.clone());
        return (name, "a network interface of the Azure files has this MAC".to_owned());
    }
    // A node's own address says it outright; otherwise the node of most pods, or the gateway.
    let mut best: Option<(bool, u64, String, String)> = None;
    for &(address, rows) in own {
        let owner = resolver.resolve(address, minute);
        let (strong, name, why) = match (owner.kind, resolver.node_name(owner)) {
            (EndpointKind::Node, Some(node)) => {
                (true, node.to_owned(), format!("inferred: it reports {address}, the node's address, as its own"))
            }
            (_, Some(node)) => {
                (false, node.to_owned(), format!("inferred: it reports {address}, a pod of this node, as its own"))
            }
            (EndpointKind::GatewayInstance, None) => (
                false,
                format!("Gateway {address}"),
                format!("inferred: it reports {address}, a gateway instance, as its own"),
            ),
            _ => continue,
        };
        if best.as_ref().is_none_or(|(known_strong, known, _, _)| (strong, rows) > (*known_strong, *known)) {
            best = Some((strong, rows, name, why));
        }
    }
    best.map(|(_, _, name, why)| (name, why)).unwrap_or_default()
}

fn same_mac(text: &str, mac: &str) -> bool {
    let digits = |text: &str| -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_hexdigit).map(|digit| digit.to_ascii_uppercase()).collect()
    };
    digits(text) == digits(mac)
}

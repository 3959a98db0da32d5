//! One request of the access log joined to the flow that carried it, the pod that answered it, and the objects between: what is
//! known, what is inferred, and what no input tells.

mod hops;
mod times;

use super::World;
use crate::shard_wire::ProbedPair;
use std::net::IpAddr;
use underlay_findings::probes::{Kind, observe_each};
use underlay_model::access::AccessRow;
use underlay_model::connection::Connection;
use underlay_model::journey::{CarryingFlow, Journey};
use underlay_model::order::Order;
use underlay_model::time::{Millis, minute_of};
use underlay_store::connections::fold;

/// Flows listed at most.
const LISTED: usize = 12;
/// The clocks of the gateway and of the flow logs may be so far apart, milliseconds.
const SLACK: Millis = 1_500;

/// Pairs of a gateway instance and the request's backend, sorted: ask the shards for their connections.
pub fn carrying_pairs(world: World<'_>, row: &AccessRow) -> Vec<ProbedPair> {
    let (Some(backend), port) = row.backend else { return Vec::new() };
    let meant = world.probes.observations.iter().filter(|one| one.target == Some(backend) && one.port == port);
    let mut pairs: Vec<ProbedPair> = meant.filter_map(|one| Some((one.instance?, backend, port))).collect();
    pairs.order();
    pairs
}

/// The request end to end; `lists` are the connections of [`carrying_pairs`], of all shards.
pub fn journey(world: World<'_>, row: AccessRow, mut lists: Vec<(ProbedPair, Vec<Connection>)>) -> Journey {
    let mut flows: Vec<CarryingFlow> = Vec::new();
    let mut small = 0;
    lists.order_by(|a, b| a.0.cmp(&b.0));
    for same in lists.chunk_by(|a, b| a.0 == b.0) {
        let Some(&((instance, target, port), _)) = same.first() else { continue };
        let mut list: Vec<Connection> = same.iter().flat_map(|(_, list)| list.iter().copied()).collect();
        fold(&mut list);
        let mut kinds = Vec::new();
        observe_each(instance, target, port, &list, &mut kinds);
        for (connection, kind) in list.into_iter().zip(kinds) {
            if kind == Kind::Probe || !overlaps(&row, &connection) {
                continue;
            }
            // What came back holds the whole answer; the gateway may have compressed it or added headers, so half will do.
            if connection.ended && u64::from(connection.bytes[1]) < row.response_bytes / 2 {
                small += 1;
                continue;
            }
            flows.push(CarryingFlow { instance: Some(instance), connection, user: kind == Kind::User });
        }
    }
    let begin = begin_of(&row);
    flows.order_by_key(|flow| (flow.connection.start_ms.abs_diff(begin), flow.instance, flow.connection.source_port));
    let verdict = verdict(world, &row, &flows, small);
    let more_flows = flows.len().saturating_sub(LISTED) as u64;
    let mut instances: Vec<IpAddr> = flows.iter().filter_map(|flow| flow.instance).collect();
    instances.order();
    instances.dedup();
    flows.truncate(LISTED);
    let hops = hops::hops(world, &row, &instances);
    // The pod stands inside its node: the way ends with it.
    let path = hops.iter().filter(|hop| hop.what != "Node").filter_map(|hop| hop.key.clone()).collect();
    let times = times::times(&row);
    Journey { row, hops, times, flows, more_flows, verdict, path }
}

/// When the request began, if it was logged at its end.
fn begin_of(row: &AccessRow) -> Millis {
    row.time_ms - Millis::from(row.time_taken_ms.unwrap_or(0))
}

/// Whether the connection was open at some moment of the request; the log's time may be its begin or its end.
fn overlaps(row: &AccessRow, connection: &Connection) -> bool {
    let taken = Millis::from(row.time_taken_ms.unwrap_or(0));
    let (from, to) = (row.time_ms - taken - SLACK, row.time_ms + taken + SLACK);
    // One whose end was not seen may have been open for a minute more: records come once a minute.
    let more = if connection.ended { 0 } else { 60_000 };
    let end = connection.start_ms + Millis::from(connection.duration_ms) + more;
    connection.start_ms <= to && end >= from
}

fn verdict(world: World<'_>, row: &AccessRow, flows: &[CarryingFlow], small: u64) -> String {
    let (Some(backend), port) = row.backend else {
        return "The gateway answered this itself, or lost the client: the log names no backend, so no flow to a pod belongs to it."
            .to_owned();
    };
    let minute = minute_of(row.time_ms);
    let small = match small {
        0 => String::new(),
        1 => " One more was open then, but returned too few bytes.".to_owned(),
        many => format!(" {many} more were open then, but returned too few bytes."),
    };
    let mut instances: Vec<Option<IpAddr>> = flows.iter().map(|flow| flow.instance).collect();
    instances.order();
    instances.dedup();
    let answer = match (flows, instances.len()) {
        ([], _) if !world.places.has_flows() => "There are no flow logs, so the flow is unknown.".to_owned(),
        ([], _) if !world.probes.covered.iter().any(|(first, last)| (*first..=*last).contains(&minute)) => {
            "No flow log covers this minute, so the flow is unknown.".to_owned()
        }
        ([], _) if world.probes.thinned > 0 => {
            "Memory was short and not every connection was kept, so the flow is unknown.".to_owned()
        }
        ([], _) => format!(
            "No connection of a gateway instance to {backend} port {port} was open then, as far as the logs tell."
        ),
        ([one], _) if one.connection.duration_ms >= 60_000 || one.connection.continued => {
            "One connection was open then. It is kept open and may have carried other requests as well: inferred."
                .to_owned()
        }
        ([_], _) if world.probes.thinned > 0 => {
            "One connection fits in time and size, but not every connection was kept: a lead.".to_owned()
        }
        ([_], _) => "One connection fits in time and size: inferred.".to_owned(),
        (many, 1) => format!(
            "{} connections fit, all of one instance: the instance is inferred, which connection it was is unknown.",
            many.len()
        ),
        (many, instances) => {
            format!("{} connections of {instances} instances fit: which one it was is unknown.", many.len())
        }
    };
    answer + &small
}

//! The matrix of gateway instances and pods: what each sends to each, where something is silent, denied, unanswered or uneven. Rows
//! are pods, or services or nodes where there are too many pods to read.

mod rows;

use super::placed::visit;
use super::places::NONE;
use super::{World, members, probed};
use std::net::IpAddr;
use underlay_model::connection::Separation;
use underlay_model::matrix::{CellState, Matrix, MatrixCell, MatrixFold, MatrixInstance};
use underlay_model::order::Order;
use underlay_model::view::{EdgeKind, EntityKind};
use underlay_store::query::{PairDetails, PairSums, Selector};

/// Columns at most.
const MOST_INSTANCES: usize = 16;
/// More pods than this are folded unless pods are asked for.
const READABLE: usize = 60;
/// Fewer in all prove nothing by their spread.
const FEW: u64 = 20;

/// What one instance sends to one thing.
struct Part {
    target: u32,
    instance: u32,
    cell: MatrixCell,
}

/// One pod, or another thing that the gateway talks to, with a cell for each column.
struct Line {
    target: u32,
    /// `namespace/name` of the service through which the gateway is to reach it; `None` when nothing says that it should.
    expected: Option<String>,
    cells: Vec<MatrixCell>,
    total: MatrixCell,
    requests: Option<(u64, u64)>,
    /// So many times the usual connections of its service.
    times: Option<f64>,
}

/// The matrix: `pairs` are the counted pairs of the range that `world` has, split as for [`super::topology()`]. Without a fold one is
/// chosen by the number of pods.
pub fn matrix(world: World<'_>, pairs: &PairSums, fold: Option<MatrixFold>) -> Matrix {
    let mut matrix = Matrix::default();
    let mut parts = parts(world, pairs);
    let columns = columns(world, &parts, &mut matrix);
    parts.order_by(|a, b| (a.target, a.instance).cmp(&(b.target, b.instance)));
    let mut lines = lines(world, &parts, &columns);
    add_requests(world, &mut lines, &mut matrix);
    judge(&mut lines, &matrix);
    for line in &lines {
        for (instance, cell) in matrix.instances.iter_mut().zip(&line.cells) {
            instance.total.add(cell);
        }
    }
    matrix.pods = lines.len() as u64;
    let services = lines.iter().any(|line| line.expected.as_ref().is_some_and(|service| !service.is_empty()));
    matrix.fold = match fold {
        Some(fold) => fold,
        None if lines.len() <= READABLE => MatrixFold::Pod,
        None if services => MatrixFold::Service,
        None => MatrixFold::Node,
    };
    rows::add(world, lines, &mut matrix);
    notes(world, &mut matrix);
    matrix
}

/// What to ask the store for the pairs of a range: those that an instance begins.
pub fn gateway_selector(world: World<'_>) -> Selector {
    let instances = (0u32..).zip(world.places.entities()).filter(|(_, one)| one.kind == EntityKind::GatewayInstance);
    let addresses = instances.flat_map(|(at, _)| world.places.seen_addresses(at)).collect();
    Selector { source: Some(addresses), ..Selector::default() }
}

/// Every pair that a gateway instance began.
fn parts(world: World<'_>, pairs: &PairSums) -> Vec<Part> {
    let mut parts = Vec::new();
    visit(world, pairs, &PairDetails::default(), |placed| {
        if world.places.kind(placed.source) != Some(EntityKind::GatewayInstance) || placed.target == NONE {
            return;
        }
        let mut cell = MatrixCell { bytes: placed.traffic.total_bytes(), reached: 1, ..MatrixCell::default() };
        if placed.kind == EdgeKind::Denied {
            cell.denied = placed.traffic.denied;
        } else {
            let (user, probes) = probed::split(world, &placed);
            let seen = probed::seen(world, &placed);
            if let (Some(probes), Some(seen)) = (probes, seen) {
                // How many of them were answered is told by minute; the number is the one of the picture.
                let (_, unanswered) = seen.within(world.range);
                cell.unanswered = unanswered.min(probes.flows);
                cell.answered = probes.flows - cell.unanswered;
                cell.connections = user.flows;
            } else if seen.is_some_and(|seen| {
                world.probes.thinned == 0
                    && placed.whole
                    && match seen.separation {
                        Separation::Clear => true,
                        Separation::NoProbes => seen.unknown == 0,
                        Separation::Unclear | Separation::Reused => false,
                    }
            }) {
                cell.connections = user.flows;
            } else {
                cell.unknown = user.flows;
            }
        }
        parts.push(Part { target: placed.target, instance: placed.source, cell });
    });
    parts
}

/// Chooses the instances that have a column: silent ones, then those that send most. Gives their entities, by address.
fn columns(world: World<'_>, parts: &[Part], matrix: &mut Matrix) -> Vec<u32> {
    let mut all: Vec<(bool, u64, u32)> = Vec::new();
    for (entity, at) in world.places.entities().iter().zip(0u32..) {
        if entity.kind == EntityKind::GatewayInstance {
            let flows = |part: &Part| part.cell.probes() + part.cell.connections + part.cell.unknown + part.cell.denied;
            let sent: u64 = parts.iter().filter(|part| part.instance == at).map(flows).sum();
            all.push((sent > 0, u64::MAX - sent, at));
        }
    }
    all.order();
    matrix.more_instances = all.len().saturating_sub(MOST_INSTANCES) as u64;
    all.truncate(MOST_INSTANCES);
    let address = |at: u32| world.places.entity(at).and_then(|entity| entity.name.parse::<IpAddr>().ok());
    let mut chosen: Vec<(Option<IpAddr>, u32)> = all.into_iter().map(|(_, _, at)| (address(at), at)).collect();
    chosen.order();
    matrix.instances = chosen
        .iter()
        .filter_map(|(_, at)| Some((*at, world.places.entity(*at)?)))
        .map(|(at, entity)| MatrixInstance {
            key: entity.key.clone(),
            name: entity.name.clone(),
            absent: members::is_absent(world, at),
            ..MatrixInstance::default()
        })
        .collect();
    chosen.into_iter().map(|(_, at)| at).collect()
}

/// One line for every thing that is reached or should be; `parts` sorted by target and instance.
fn lines(world: World<'_>, parts: &[Part], columns: &[u32]) -> Vec<Line> {
    let empty = |target: u32, expected: Option<String>| Line {
        target,
        expected,
        cells: vec![MatrixCell::default(); columns.len()],
        total: MatrixCell::default(),
        requests: None,
        times: None,
    };
    let mut expected: Vec<(u32, String)> = members::gateway_targets(world)
        .into_iter()
        .filter_map(|(pod, service)| Some((world.places.of_pod(pod)?, service)))
        .collect();
    expected.order();
    expected.dedup_by_key(|(target, _)| *target);
    let mut lines: Vec<Line> = expected.into_iter().map(|(target, service)| empty(target, Some(service))).collect();
    let known = lines.len();
    for same in parts.chunk_by(|a, b| a.target == b.target) {
        let Some(target) = same.first().map(|part| part.target) else { continue };
        let found = lines.get(..known).unwrap_or_default().binary_search_by(|line| line.target.cmp(&target));
        let at = found.unwrap_or_else(|_| {
            lines.push(empty(target, None));
            lines.len() - 1
        });
        let Some(line) = lines.get_mut(at) else { continue };
        for part in same {
            line.total.add(&part.cell);
            if let Some(column) = columns.iter().position(|&column| column == part.instance)
                && let Some(cell) = line.cells.get_mut(column)
            {
                cell.add(&part.cell);
                cell.reached = 1;
            }
        }
        line.total.reached = 1;
    }
    lines
}

/// Requests of the access log, by the addresses that each line stands for.
fn add_requests(world: World<'_>, lines: &mut [Line], matrix: &mut Matrix) {
    let sums = &world.resolver.inventory().azure.access;
    matrix.has_requests = !sums.is_empty();
    if !matrix.has_requests {
        return;
    }
    let mut counted: Vec<(u32, u64, u64)> = Vec::new();
    for cell in sums.cells.iter().filter(|cell| world.range.is_none_or(|range| range.contains(cell.minute))) {
        let Some(address) = sums.backend(cell).0 else { continue };
        if let Some(target) = world.places.place(world.resolver, address, cell.minute) {
            counted.push((target, cell.requests, if cell.status / 100 == 5 { cell.requests } else { 0 }));
        }
    }
    counted.order();
    for line in lines {
        let from = counted.partition_point(|one| one.0 < line.target);
        let own = counted.iter().skip(from).take_while(|one| one.0 == line.target);
        line.requests = Some(own.fold((0, 0), |sum, one| (sum.0 + one.1, sum.1 + one.2)));
    }
}

/// The state of every cell, and how far each line is from the usual one of its service.
fn judge(lines: &mut [Line], matrix: &Matrix) {
    lines.order_by(|a, b| (&a.expected, a.target).cmp(&(&b.expected, b.target)));
    for same in lines.chunk_by_mut(|a, b| a.expected == b.expected) {
        let mut loads: Vec<u64> = same.iter().map(|line| line.total.connections).collect();
        loads.order();
        let usual = loads.get(loads.len() / 2).copied().unwrap_or(0);
        let comparable = loads.len() >= 2 && loads.iter().sum::<u64>() >= FEW * loads.len() as u64;
        for line in same {
            if comparable && line.expected.is_some() {
                line.times = uneven(line.total.connections, usual);
            }
            let most = line.cells.iter().map(MatrixCell::probes).max().unwrap_or(0);
            let expected = line.expected.is_some();
            let odd = line.times.is_some();
            for (cell, instance) in line.cells.iter_mut().zip(&matrix.instances) {
                let fewer = most >= 10 && cell.probes() * 5 < most * 4 && cell.unknown == 0;
                cell.state = match () {
                    () if cell.denied > 0 && cell.probes() + cell.connections + cell.unknown == 0 => CellState::Denied,
                    () if cell.unanswered >= 3 && cell.unanswered * 10 >= cell.probes() => CellState::Unanswered,
                    () if cell.is_empty() && (expected || instance.absent) => CellState::Silent,
                    () if cell.is_empty() => CellState::Empty,
                    () if fewer || odd => CellState::Uneven,
                    () if cell.probes() + cell.connections == 0 => CellState::Unknown,
                    () => CellState::Usual,
                };
            }
        }
    }
}

/// How many times the usual, when that is more than twice or less than half of it.
#[allow(clippy::cast_precision_loss, reason = "connections of a pod, in words with one digit")]
fn uneven(load: u64, usual: u64) -> Option<f64> {
    let far = load > usual.max(FEW) * 2 || load * 2 < usual;
    far.then(|| load as f64 / usual.max(1) as f64)
}

/// What is to be said of the whole.
fn notes(world: World<'_>, matrix: &mut Matrix) {
    let mut notes = Vec::new();
    if matrix.instances.is_empty() {
        notes.push(if world.resolver.gateway_subnets().is_empty() {
            "No file names the gateway's subnet, so its instances are not known. Declare it on the import screen."
                .to_owned()
        } else {
            "No gateway instance is in the logs, and no file names one.".to_owned()
        });
    }
    if matrix.more_instances > 0 {
        notes.push(format!(
            "{} instances have a column: silent ones and those that send most. {} more have none; the totals of rows hold what they send.",
            matrix.instances.len(),
            matrix.more_instances
        ));
    }
    if matrix.more_rows > 0 {
        notes.push(format!(
            "{} rows are listed, those that need a look first; {} more are not.",
            matrix.rows.len(),
            matrix.more_rows
        ));
    }
    let sending: Vec<&MatrixInstance> = matrix.instances.iter().filter(|instance| !instance.total.is_empty()).collect();
    let all: u64 = sending.iter().map(|instance| instance.total.connections).sum();
    for instance in &sending {
        let own = instance.total.connections;
        // More than twice its even share, and enough to say so.
        if sending.len() > 1 && all >= FEW * 2 && own * sending.len() as u64 > all * 2 {
            notes.push(format!(
                "Uneven: {} begins {} % of all connections of {} instances.",
                instance.name,
                own * 100 / all.max(1),
                sending.len()
            ));
        }
    }
    for instance in matrix.instances.iter().filter(|instance| instance.total.is_empty()) {
        let why = if instance.absent { ", though an input names it" } else { " in this range" };
        notes.push(format!("Silent: {} sends nothing to any pod{why}.", instance.name));
    }
    if world.probes.thinned > 0 {
        notes.push(
            "Memory was short and only some of the connections were kept: probes are not told from other connections."
                .to_owned(),
        );
    } else if matrix.rows.iter().any(|row| row.total.unknown > 0) {
        notes.push("Where probes and user traffic are too much alike, or share connections, all of it is counted as not told apart.".to_owned());
    }
    if matrix.has_requests {
        notes.push("The access log does not name the instance: requests are by pod only.".to_owned());
    }
    matrix.notes = notes;
}

//! What a correct reader must find in a generated capture. It is worked out from the connections as they are written, by a
//! plain, slow application of the contract's counting rules that shares no code with the product's engine.

use crate::cluster::{Cluster, Pod};
use crate::flow_log::{Record, Tuple};
use crate::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use underlay_model::health::HealthState;
use underlay_model::input::TupleTally;
use underlay_model::summary::{EndpointKind, InventoryCounts, Pair, Side, Span};
use underlay_model::tuple::{FlowState, Verdict};

/// One flow log file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputTruth {
    /// Path in the capture.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// Whole records in it.
    pub records: u64,
    /// By what must become of its tuples.
    pub tuples: TupleTally,
    /// Of a cut-off last record.
    pub lost_bytes: u64,
}

/// Who an address is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the contract's endpoints")]
pub struct EndpointTruth {
    pub ip: IpAddr,
    pub kind: EndpointKind,
    pub name: Option<String>,
    pub node: Option<String>,
}

/// The whole truth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Flow log files, sorted by path.
    pub inputs: Vec<InputTruth>,
    /// All of them.
    pub tuples: TupleTally,
    /// Of accepted tuples.
    pub span: Option<Span>,
    /// In the summary's order.
    pub pairs: Vec<Pair>,
    /// In the summary's order; when the capture holds its objects.
    pub endpoints: Vec<EndpointTruth>,
    /// Objects.
    pub inventory: InventoryCounts,
    /// `namespace/name` and state of every pod that the summary lists, by name.
    pub health: Vec<(String, HealthState)>,
    /// Malformed tuples by note code, sorted.
    pub rejected: Vec<(String, u64)>,
}

/// Where a tuple is counted before the sides are weighed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PairKey {
    source: IpAddr,
    destination: IpAddr,
    port: u16,
    protocol: u8,
    verdict: Verdict,
}

/// Counters of tuples taken together.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    tuples: u64,
    begun: u64,
    continued: u64,
    ended: u64,
    denied: u64,
    packets: [u128; 2],
    bytes: [u128; 2],
}

impl Sums {
    fn take(&mut self, tuple: &Tuple) {
        self.tuples += 1;
        match tuple.state {
            FlowState::Begin => self.begun += 1,
            FlowState::Denied => self.denied += 1,
            FlowState::Continue => self.continued += 1,
            FlowState::End => self.ended += 1,
        }
        if matches!(tuple.state, FlowState::Continue | FlowState::End) {
            let counters = &tuple.counters;
            self.packets[0] += u128::from(counters.packets_sent);
            self.packets[1] += u128::from(counters.packets_returned);
            self.bytes[0] += u128::from(counters.bytes_sent);
            self.bytes[1] += u128::from(counters.bytes_returned);
        }
    }

    fn add(&mut self, other: &Self) {
        self.tuples += other.tuples;
        self.begun += other.begun;
        self.continued += other.continued;
        self.ended += other.ended;
        self.denied += other.denied;
        for way in 0..2 {
            self.packets[way] += other.packets[way];
            self.bytes[way] += other.bytes[way];
        }
    }

    /// Rules 5 and 6: most bytes, then most tuples.
    fn rank(&self) -> (u128, u64) {
        (self.bytes[0] + self.bytes[1], self.tuples)
    }
}

/// Minutes of a side, by reporting point.
type SideMinutes = BTreeMap<i64, BTreeMap<(String, String), Sums>>;

/// Everything that is said of a pair, before it is settled.
#[derive(Clone, Debug, Default)]
struct Said {
    /// Destination's report, source's report.
    sides: [SideMinutes; 2],
    first_ms: i64,
    last_ms: i64,
    rules: BTreeSet<&'static str>,
    encryption: BTreeSet<&'static str>,
}

/// Collects what is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    pairs: BTreeMap<PairKey, Said>,
    inputs: Vec<InputTruth>,
    rejected: BTreeMap<u64, u64>,
    span: Option<Span>,
    /// Minutes in which an address appears.
    minutes: BTreeMap<IpAddr, BTreeSet<i64>>,
}

impl Ledger {
    /// Notes a record the first time that it is written.
    pub(crate) fn record(&mut self, log: &str, mac: &str, record: &Record) {
        for tuple in record.tuples() {
            let verdict = if tuple.state == FlowState::Denied { Verdict::Denied } else { Verdict::Allowed };
            let key = PairKey {
                source: tuple.source,
                destination: tuple.destination,
                port: tuple.destination_port,
                protocol: tuple.protocol,
                verdict,
            };
            let said = self.pairs.entry(key).or_insert_with(|| Said {
                first_ms: i64::MAX,
                last_ms: i64::MIN,
                ..Said::default()
            });
            said.first_ms = said.first_ms.min(tuple.time_ms);
            said.last_ms = said.last_ms.max(tuple.time_ms);
            said.rules.insert(tuple.rule.name());
            said.encryption.insert(tuple.encryption);
            said.sides[usize::from(!tuple.inbound)]
                .entry(tuple.time_ms.div_euclid(60_000))
                .or_default()
                .entry((log.to_owned(), mac.to_owned()))
                .or_default()
                .take(tuple);
            for address in [tuple.source, tuple.destination] {
                self.minutes.entry(address).or_default().insert(tuple.time_ms.div_euclid(60_000));
            }
            let span = self.span.get_or_insert(Span { first_ms: tuple.time_ms, last_ms: tuple.time_ms });
            span.first_ms = span.first_ms.min(tuple.time_ms);
            span.last_ms = span.last_ms.max(tuple.time_ms);
        }
    }

    /// Notes a malformed tuple of one of the nine kinds, in the order of the contract's codes.
    pub(crate) fn rejected(&mut self, kind: u64) {
        *self.rejected.entry(kind).or_default() += 1;
    }

    /// Notes a file: (accepted, rejected) of its records, of which the first `repeated` are duplicates.
    pub(crate) fn input(&mut self, path: &str, bytes: u64, records: &[(u64, u64)], repeated: usize, lost_bytes: u64) {
        let mut tuples = TupleTally::default();
        for (index, (accepted, rejected)) in records.iter().enumerate() {
            if index < repeated {
                tuples.duplicate += accepted + rejected;
            } else {
                tuples.accepted += accepted;
                tuples.rejected += rejected;
            }
        }
        self.inputs.push(InputTruth {
            path: path.to_owned(),
            bytes,
            records: records.len() as u64,
            tuples,
            lost_bytes,
        });
    }

    /// Applies the counting rules.
    pub(crate) fn settle(mut self, plan: &Plan, cluster: &Cluster) -> Truth {
        self.inputs.sort_by(|a, b| a.path.cmp(&b.path));
        let mut tuples = TupleTally::default();
        for input in &self.inputs {
            tuples += input.tuples;
        }
        const CODES: [&str; 9] = [
            "tuple-type",
            "tuple-fields",
            "tuple-time",
            "tuple-address",
            "tuple-port",
            "tuple-protocol",
            "tuple-direction",
            "tuple-state",
            "tuple-counter",
        ];
        let mut rejected: Vec<(String, u64)> =
            self.rejected.iter().map(|(&kind, &count)| (CODES[kind as usize].to_owned(), count)).collect();
        rejected.sort();
        let pairs: Vec<Pair> = self.pairs.into_iter().map(|(key, said)| settle_pair(key, &said)).collect();
        let endpoints = if plan.objects { endpoints(cluster, &self.minutes) } else { Vec::new() };
        let mut health: Vec<(String, HealthState)> = Vec::new();
        let mut inventory = InventoryCounts::default();
        if plan.objects {
            inventory = crate::objects::counts(plan, cluster);
            health = cluster
                .pods
                .iter()
                .map(|pod| {
                    let state = if pod.failing { HealthState::Failing } else { HealthState::Healthy };
                    (format!("{}/{}", pod.namespace, pod.name), state)
                })
                .collect();
            health.sort();
        }
        Truth { inputs: self.inputs, tuples, span: self.span, pairs, endpoints, inventory, health, rejected }
    }
}

fn settle_pair(key: PairKey, said: &Said) -> Pair {
    let [destination, source] = [&said.sides[0], &said.sides[1]].map(|minutes| {
        let mut sums = Sums::default();
        for reports in minutes.values() {
            // The map is in the order of (flow log, MAC); of equals the first stays.
            let mut best: Option<&Sums> = None;
            for report in reports.values() {
                if best.is_none_or(|best| report.rank() > best.rank()) {
                    best = Some(report);
                }
            }
            if let Some(best) = best {
                sums.add(best);
            }
        }
        sums
    });
    let (side, sums) =
        if source.rank() > destination.rank() { (Side::Source, source) } else { (Side::Destination, destination) };
    Pair {
        src: key.source,
        dst: key.destination,
        port: key.port,
        protocol: key.protocol,
        verdict: key.verdict,
        begun: sums.begun,
        continued: sums.continued,
        ended: sums.ended,
        denied: sums.denied,
        packets: sums.packets,
        bytes: sums.bytes,
        first_ms: said.first_ms,
        last_ms: said.last_ms,
        side,
        rules: said.rules.iter().map(|&rule| rule.to_owned()).collect(),
        encryption: said.encryption.iter().map(|&text| text.to_owned()).collect(),
    }
}

/// Milliseconds for which a finished pod still owns its address.
const AFTERLIFE_MS: i64 = 5 * 60_000;

/// Who an address is in each of its minutes, by the contract's order, each owner once.
fn endpoints(cluster: &Cluster, minutes: &BTreeMap<IpAddr, BTreeSet<i64>>) -> Vec<EndpointTruth> {
    let mut known: BTreeMap<IpAddr, (EndpointKind, Option<String>, Option<String>)> = BTreeMap::new();
    for node in &cluster.nodes {
        for ip in [Some(IpAddr::V4(node.address)), node.address6.map(IpAddr::V6)].into_iter().flatten() {
            known.insert(ip, (EndpointKind::Node, Some(node.name.clone()), Some(node.name.clone())));
        }
    }
    for instance in &cluster.instances {
        known.insert(instance.address.into(), (EndpointKind::GatewayInstance, None, None));
    }
    known.insert(crate::cluster::PLATFORM, (EndpointKind::Platform, None, None));
    let mut pods: BTreeMap<IpAddr, &Pod> = BTreeMap::new();
    for pod in &cluster.pods {
        pods.insert(pod.address.into(), pod);
        pods.extend(pod.address6.map(|six| (IpAddr::V6(six), pod)));
    }
    let mut owners: BTreeSet<(IpAddr, &'static str, Option<String>, Option<String>)> = BTreeSet::new();
    let mut kinds: BTreeMap<&'static str, EndpointKind> = BTreeMap::new();
    for (&ip, minutes) in minutes {
        for &minute in minutes {
            let (kind, name, node) = match (pods.get(&ip), known.get(&ip)) {
                (Some(pod), _) => pod_owner(cluster, pod, ip, minute * 60_000),
                (None, Some(owner)) => owner.clone(),
                (None, None) => (EndpointKind::Public, None, None),
            };
            kinds.insert(kind.code(), kind);
            owners.insert((ip, kind.code(), name, node));
        }
    }
    owners.into_iter().map(|(ip, code, name, node)| EndpointTruth { ip, kind: kinds[code], name, node }).collect()
}

/// The pod that an address belongs to in the minute that begins at `start_ms`; of two the one that started last; of none the
/// range that the address lies in.
fn pod_owner(
    cluster: &Cluster,
    pod: &Pod,
    ip: IpAddr,
    start_ms: i64,
) -> (EndpointKind, Option<String>, Option<String>) {
    let end_ms = start_ms + 60_000;
    let name = |name: &str| Some(format!("{}/{name}", pod.namespace));
    if pod.started_ms < end_ms {
        return (EndpointKind::Pod, name(&pod.name), Some(cluster.nodes[pod.last_node() as usize].name.clone()));
    }
    let home = cluster.nodes[pod.node as usize].name.clone();
    if let Some(job) = &pod.before
        && ip.is_ipv4()
        && job.started_ms < end_ms
        && job.finished_ms + AFTERLIFE_MS >= start_ms
    {
        return (EndpointKind::Pod, name(&job.name), Some(home));
    }
    if ip.is_ipv6() {
        return (EndpointKind::PodRange, cluster.pod_cidr6.map(str::to_owned), None);
    }
    // The longest prefix wins: the node's own block before the range of all pods.
    match (cluster.nodes[pod.node as usize].block, cluster.pod_subnet) {
        (Some(block), _) => (EndpointKind::PodRange, Some(format!("{block}/24")), Some(home)),
        (None, Some(subnet)) => (EndpointKind::PodRange, Some(subnet.to_owned()), None),
        (None, None) => (EndpointKind::Subnet, Some("aksVnet/aks1stpool".to_owned()), None),
    }
}

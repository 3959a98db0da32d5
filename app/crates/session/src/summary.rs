//! The capture summary (`summary-contract.md`): put together from what was settled, and written as the contract's JSON, the
//! same bytes from page and command line whatever the order of inputs, the number of shards or the size of chunks.

use std::collections::BTreeMap;
use std::net::IpAddr;
use underlay_findings::HealthReport;
use underlay_identity::{Owner, Resolver};
use underlay_model::finding::FindingsReport;
use underlay_model::order::Order;
use underlay_model::summary::{EndpointKind, EndpointSummary, Finding, InputSummary, Pair, SCHEMA, Span, Summary};
use underlay_model::view::{MinuteRange, Report};
use underlay_store::key::PairKey;
use underlay_store::query::{PairDetail, PairDetails, PairSums, SeenAddress, SeenAddresses};
use underlay_store::sums::Counters;

/// What a summary is made of.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// Inputs in the contract's order, with their accounts.
    pub report: &'a Report,
    /// Who is who.
    pub resolver: &'a Resolver,
    /// How well.
    pub health: &'a HealthReport,
    /// Every address that is an end of a pair; of watched ones every minute and reporter.
    pub seen: &'a SeenAddresses,
    /// Addresses that may have had several owners, sorted.
    pub watched: &'a [IpAddr],
    /// Counters of all pairs over the whole capture; some may be split by minute.
    pub pairs: &'a PairSums,
    /// Nothing was left out for lack of memory.
    pub complete: bool,
    /// What the checks say.
    pub findings: &'a FindingsReport,
    /// All pairs.
    pub details: &'a PairDetails,
}

/// The summary.
pub fn summarise(parts: &Parts<'_>) -> Summary {
    let report = parts.report;
    Summary {
        schema: SCHEMA,
        complete: parts.complete,
        inputs: inputs(report),
        span: report.span.map(|(first_ms, last_ms)| Span { first_ms, last_ms }),
        tuples: report.tuples,
        pairs: pairs(parts.pairs, parts.details),
        endpoints: endpoints(parts.resolver, parts.seen, parts.watched),
        inventory: parts.resolver.inventory().counts(),
        health: parts.health.pods(parts.resolver.inventory()),
        findings: findings(parts.findings),
    }
}

/// The bytes of the contract: compact or indented by two blanks, one line feed at the end.
pub fn to_json(summary: &Summary, pretty: bool) -> String {
    let written = if pretty { serde_json::to_string_pretty(summary) } else { serde_json::to_string(summary) };
    // Nothing in a summary can fail to be written: no maps with odd keys, no fractions.
    let mut json = written.unwrap_or_default();
    json.push('\n');
    json
}

fn inputs(report: &Report) -> Vec<InputSummary> {
    let summary = |input: &underlay_model::input::InputReport| InputSummary {
        path: input.path.clone(),
        format: input.format,
        bytes: input.bytes,
        records: input.records,
        tuples: input.tuples,
        lost_bytes: input.lost_bytes,
        notes: input.notes.clone(),
    };
    report.inputs.iter().map(summary).collect()
}

/// By identifier and subject, as the contract has them.
fn findings(report: &FindingsReport) -> Vec<Finding> {
    let mut findings: Vec<Finding> = report.findings.iter().map(|shown| shown.finding.clone()).collect();
    findings.order_by(|a, b| (&a.id, &a.subject, &a.title).cmp(&(&b.id, &b.subject, &b.title)));
    findings
}

/// The counted pairs of the whole capture, in the contract's order.
pub(crate) fn pairs(sums: &PairSums, details: &PairDetails) -> Vec<Pair> {
    let mut sums = sums.iter().peekable();
    let mut pairs = Vec::with_capacity(details.len());
    for detail in details.iter() {
        let mut counters = Counters::default();
        // Both lists are sorted by pair; a split pair has several rows.
        while sums.next_if(|sum| sum.pair < detail.pair).is_some() {}
        while let Some(sum) = sums.next_if(|sum| sum.pair == detail.pair) {
            counters += sum.counters;
        }
        pairs.push(pair(detail, &counters));
    }
    pairs
}

/// The pairs that have something in a range, in the contract's order; `sums` are of the range, `details` of the whole capture. What is
/// told of times is cut to the range.
pub(crate) fn pairs_within(sums: &PairSums, details: &PairDetails, range: MinuteRange) -> Vec<Pair> {
    let (first, last) = range.bounds_ms();
    let mut pairs: Vec<Pair> = Vec::new();
    let mut sums = sums.iter().peekable();
    let mut details = details.iter().peekable();
    while let Some(sum) = sums.next() {
        let mut counters = sum.counters;
        while let Some(more) = sums.next_if(|more| more.pair == sum.pair) {
            counters += more.counters;
        }
        while details.next_if(|detail| detail.pair < sum.pair).is_some() {}
        if let Some(detail) = details.next_if(|detail| detail.pair == sum.pair) {
            let mut pair = pair(detail, &counters);
            (pair.first_ms, pair.last_ms) = (pair.first_ms.max(first), pair.last_ms.min(last));
            pairs.push(pair);
        }
    }
    pairs
}

fn pair(detail: PairDetail, counters: &Counters) -> Pair {
    let PairKey { src, dst, port, protocol, verdict } = detail.pair;
    Pair {
        src,
        dst,
        port,
        protocol,
        verdict,
        begun: counters.begun,
        continued: counters.continued,
        ended: counters.ended,
        denied: counters.denied,
        packets: counters.packets,
        bytes: counters.bytes,
        first_ms: detail.first_ms,
        last_ms: detail.last_ms,
        side: detail.side,
        rules: detail.rules,
        encryption: detail.encryption,
    }
}

fn endpoints(resolver: &Resolver, seen: &SeenAddresses, watched: &[IpAddr]) -> Vec<EndpointSummary> {
    let mut endpoints: Vec<EndpointSummary> = Vec::new();
    let nodes = reporting_nodes(resolver, seen);
    for address in seen.iter() {
        for owner in owners(resolver, &address, watched.binary_search(&address.address).is_ok(), &nodes) {
            endpoints.push(resolver.endpoint(address.address, owner));
        }
    }
    endpoints.order_by(|a, b| {
        let key = |e: &EndpointSummary| (e.ip, e.kind.code());
        key(a).cmp(&key(b)).then_with(|| (&a.name, &a.node, &a.evidence).cmp(&(&b.name, &b.node, &b.evidence)))
    });
    endpoints.dedup();
    endpoints
}

/// The nodes whose NICs report, by MAC: as a list of NICs says, or because they report the node's address as their own.
fn reporting_nodes(resolver: &Resolver, seen: &SeenAddresses) -> BTreeMap<String, u32> {
    let mut nodes = BTreeMap::new();
    for address in seen.iter() {
        let owner = address.reporters.first().map(|(minute, _)| resolver.resolve(address.address, *minute));
        let own = owner.filter(|owner| owner.kind == EndpointKind::Node).and_then(Owner::node);
        for (_, mac) in address.reporters {
            if let Some(node) = resolver.node_of_mac(&mac).or(own) {
                nodes.entry(mac).or_insert(node);
            }
        }
    }
    nodes
}

/// Everyone the address was when it was seen.
fn owners(resolver: &Resolver, seen: &SeenAddress, watched: bool, nodes: &BTreeMap<String, u32>) -> Vec<Owner> {
    if !watched {
        return vec![resolver.resolve(seen.address, seen.first)];
    }
    let mut owners: Vec<Owner> = Vec::new();
    for &minute in &seen.minutes {
        let from = seen.reporters.partition_point(|(reported, _)| *reported < minute);
        let reporters = seen.reporters.iter().skip(from).take_while(|(reported, _)| *reported == minute);
        let told: Vec<u32> = reporters.filter_map(|(_, mac)| nodes.get(mac).copied()).collect();
        owners.extend(told.iter().map(|&node| resolver.resolve_reported(seen.address, minute, node)));
        if told.is_empty() {
            owners.push(resolver.resolve(seen.address, minute));
        }
    }
    owners.order();
    owners.dedup();
    owners
}

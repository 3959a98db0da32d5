//! What is known of the capture after it was settled: who is who, the accounts of its inputs, its pairs, and what the
//! picture stands on. Everything that is answered to the page comes from here or is asked of the shards with its help.

use super::inputs::{Input, Inputs};
use crate::notes;
use crate::shard_wire::{InputId, ProbedPair};
use crate::summary::{Parts, pairs, pairs_within, summarise};
use crate::view::{Groups, Places, World, span_of};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use underlay_findings::probes::{leave_out_uncovered, observe, within};
use underlay_findings::{HealthReport, Known, check, check_within};
use underlay_identity::{Inventory, Resolver, Warning};
use underlay_model::connection::{Connection, ProbeReport};
use underlay_model::finding::FindingsReport;
use underlay_model::input::{InputReport, Note, Severity};
use underlay_model::order::Order;
use underlay_model::summary::Summary;
use underlay_model::time::{Millis, minute_of};
use underlay_model::tuple::RejectCode;
use underlay_model::view::{CaptureOptions, MinuteRange, Report};
use underlay_store::connections::fold;
use underlay_store::query::{AddressMinutes, MinuteSums, PairDetails, PairSums, SeenAddresses};
use underlay_store::tally::InputTally;

/// See the module.
pub(super) struct Capture {
    /// Grows with every change.
    pub generation: u64,
    tallies: BTreeMap<InputId, InputTally>,
    span: Option<(Millis, Millis)>,
    resolver: Resolver,
    health: HealthReport,
    inventory_changed: bool,
    /// Addresses that had several owners: their rows are split by minute. Sorted.
    pub contested: Vec<IpAddr>,
    /// Addresses whose minutes and reporters are asked for: contested ones, and where clusters share addresses these and the
    /// nodes'. Sorted.
    pub watched: Vec<IpAddr>,
    /// The sums below are those of what was settled; until somebody wants them they are empty.
    pub sums_known: bool,
    pub pairs: PairSums,
    pub details: PairDetails,
    probes: ProbeReport,
    /// What only the summary needs, once somebody has asked for it.
    pub seen: Option<SeenAddresses>,
    /// What the checks say, once somebody has asked.
    findings: OnceCell<FindingsReport>,
    /// What the picture needs, once somebody has looked.
    places: Option<Places>,
    pub timeline: MinuteSums,
    /// Pairs by the things between which they go; belongs to the places.
    pub groups: Groups,
    /// The shards know the groups.
    pub grouped: bool,
}

impl Default for Capture {
    fn default() -> Self {
        let resolver = Resolver::new(Inventory::merge(&[], &CaptureOptions::default()));
        let health = HealthReport::new(resolver.inventory(), None);
        Self {
            generation: 0,
            tallies: BTreeMap::new(),
            span: None,
            resolver,
            health,
            inventory_changed: false,
            contested: Vec::new(),
            watched: Vec::new(),
            sums_known: false,
            pairs: PairSums::default(),
            details: PairDetails::default(),
            probes: ProbeReport::default(),
            seen: None,
            findings: OnceCell::new(),
            places: None,
            timeline: MinuteSums::default(),
            groups: Groups::default(),
            grouped: false,
        }
    }
}

impl Capture {
    /// Inputs or options are not what they were: identities are to be made anew.
    pub fn inventory_changed(&mut self) {
        self.inventory_changed = true;
    }

    pub fn set_tallies(&mut self, tallies: impl Iterator<Item = InputTally>) {
        self.tallies = tallies.map(|tally| (tally.input, tally)).collect();
        let spans = self.tallies.values().filter_map(|tally| tally.span);
        self.span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    }

    /// Who is who, from what all inputs say in the contract's order.
    pub fn identify(&mut self, inputs: &mut Inputs, options: &CaptureOptions) {
        if self.inventory_changed {
            self.inventory_changed = false;
            let order = inputs.in_order();
            let take = |id: &InputId| {
                let input = inputs.get_mut(*id)?;
                Some((input.path.clone(), *input.fragment.take()?, *id))
            };
            let (fragments, ids): (Vec<_>, Vec<InputId>) =
                order.iter().filter_map(take).map(|(path, fragment, id)| ((path, fragment), id)).unzip();
            let mut inventory = Inventory::merge(&fragments, options);
            // The reading saw more time stamps than the inventory keeps: heartbeats, leases, transitions.
            let read = order.iter().filter_map(|id| inputs.get(*id)?.report.as_ref()?.snapshot_ms).max();
            inventory.snapshot_ms = inventory.snapshot_ms.max(read);
            self.resolver = Resolver::new(inventory);
            for ((_, fragment), id) in fragments.into_iter().zip(ids) {
                if let Some(input) = inputs.get_mut(id) {
                    input.fragment = Some(Box::new(fragment));
                }
            }
        }
        self.health = HealthReport::new(self.resolver.inventory(), self.span);
        let range = self.span.map(|(first, last)| MinuteRange { first: minute_of(first), last: minute_of(last) });
        self.contested = range.map(|range| self.resolver.contested(range)).unwrap_or_default();
        let shared = range.map(|range| self.resolver.shared(range)).unwrap_or_default();
        self.watched.clone_from(&self.contested);
        if !shared.is_empty() {
            self.watched.extend(shared);
            self.watched.extend(self.resolver.node_addresses());
            self.watched.order();
            self.watched.dedup();
        }
    }

    /// What was seen of probes; health hears of them.
    pub fn set_probes(&mut self, probes: ProbeReport) {
        self.health.hear_probes(self.resolver.inventory(), &self.resolver, &probes);
        self.probes = probes;
        self.findings = OnceCell::new();
    }

    /// Pairs that several shards hold are observed over all that they hold together.
    pub fn observe_again(&mut self, mut lists: Vec<(ProbedPair, Vec<Connection>)>) {
        let mut probes = std::mem::take(&mut self.probes);
        lists.order_by(|a, b| a.0.cmp(&b.0));
        for same in lists.chunk_by(|a, b| a.0 == b.0) {
            let Some(&((instance, target, port), _)) = same.first() else { continue };
            let mut list: Vec<Connection> = same.iter().flat_map(|(_, list)| list.iter().copied()).collect();
            fold(&mut list);
            let mut seen = observe(instance, target, port, &list);
            leave_out_uncovered(&mut seen, &probes.covered);
            let name = (Some(instance), Some(target), port);
            if let Ok(at) = probes.observations.binary_search_by(|one| (one.instance, one.target, one.port).cmp(&name))
                && let Some(place) = probes.observations.get_mut(at)
            {
                *place = seen;
            }
        }
        self.set_probes(probes);
    }

    /// Sums and picture are to be made anew when somebody looks.
    pub fn without_sums(&mut self) {
        self.places = None;
        self.sums_known = false;
        self.grouped = false;
        (self.seen, self.pairs, self.details, self.groups, self.timeline) = Default::default();
    }

    pub fn has_picture(&self) -> bool {
        self.places.is_some()
    }

    /// How far the gateway's connections were thinned.
    pub fn thinned(&self) -> u32 {
        self.probes.thinned
    }

    pub fn has_findings(&self) -> bool {
        self.findings.get().is_some()
    }

    /// Where everything stands: of probes, minutes and counted pairs.
    pub fn place(&mut self) {
        let span = span_of(&self.timeline);
        self.places = Some(Places::new(&self.resolver, &self.health, &self.pairs, span));
    }

    /// Between which things pairs go, once their details are known, too.
    pub fn group(&mut self) {
        let groups = self.world().map(|world| Groups::new(world, &self.pairs, &self.details));
        self.groups = groups.unwrap_or_default();
    }

    pub fn pulse_addresses(&self) -> Vec<IpAddr> {
        self.places.as_ref().map(Places::pulse_addresses).unwrap_or_default()
    }

    pub fn set_pulses(&mut self, minutes: &AddressMinutes) {
        if let Some(places) = &mut self.places {
            places.set_pulses(&self.resolver, minutes);
        }
    }

    /// For the builders of views; `None` until somebody has looked.
    pub fn world(&self) -> Option<World<'_>> {
        let places = self.places.as_ref()?;
        let (resolver, health, probes) = (&self.resolver, &self.health, &self.probes);
        Some(World { resolver, health, places, probes, range: None })
    }

    /// First and last time of accepted tuples.
    pub fn span(&self) -> Option<(Millis, Millis)> {
        self.span
    }

    /// The import report, less what only the session knows.
    pub fn report(&self, inputs: &Inputs) -> Report {
        let mut report =
            Report { span: self.span, snapshot_ms: self.resolver.inventory().snapshot_ms, ..Report::default() };
        let warnings = &self.resolver.inventory().warnings;
        for id in inputs.in_order() {
            let Some(input) = inputs.get(id) else { continue };
            let Some(mut input_report) = accounted(input, self.tallies.get(&id), warnings) else { continue };
            input_report.number = id;
            report.tuples += input_report.tuples;
            report.inputs.push(input_report);
        }
        notes::add_thinned(&mut report, self.probes.thinned);
        report
    }

    /// What the checks say of the whole capture.
    pub fn findings(&self, inputs: &Inputs) -> &FindingsReport {
        self.findings.get_or_init(|| {
            check(Known {
                resolver: &self.resolver,
                health: &self.health,
                pairs: &pairs(&self.pairs, &self.details),
                probes: &self.probes,
                span: self.span,
                inputs: &self.report(inputs).inputs,
            })
        })
    }

    /// What they say of a range, whose sums these are.
    pub fn findings_within(&self, inputs: &Inputs, sums: &PairSums, range: MinuteRange) -> FindingsReport {
        let (from, to) = range.bounds_ms();
        let cut = |(first, last): (Millis, Millis)| (first.max(from), last.min(to));
        let known = Known {
            resolver: &self.resolver,
            health: &self.health,
            pairs: &pairs_within(sums, &self.details, range),
            probes: &within(&self.probes, range),
            span: self.span.map(cut).filter(|(first, last)| first <= last),
            inputs: &[],
        };
        check_within(known, self.findings(inputs))
    }

    pub fn summary(&self, inputs: &Inputs) -> Summary {
        let report = self.report(inputs);
        summarise(&Parts {
            complete: self.probes.thinned == 0 && notes::memory_sufficed(&report),
            findings: self.findings(inputs),
            report: &report,
            resolver: &self.resolver,
            health: &self.health,
            seen: self.seen.as_ref().unwrap_or(&SeenAddresses::default()),
            watched: &self.watched,
            pairs: &self.pairs,
            details: &self.details,
        })
    }
}

/// The account of an input with what the store and the inventory know of it. `None` while it is not done.
fn accounted(input: &Input, tally: Option<&InputTally>, warnings: &[Warning]) -> Option<InputReport> {
    let mut report = input.report.clone()?;
    if let Some(tally) = tally {
        report.tuples = tally.tuples;
        report.span = tally.span;
        report.macs.clone_from(&tally.macs);
        settle_rejections(&mut report.notes, tally);
    }
    for warning in warnings.iter().filter(|warning| warning.inputs.contains(&report.path)) {
        report.notes.push(Note::new(Severity::Warning, warning.code, warning.message.clone(), 0));
    }
    notes::sort(&mut report.notes);
    Some(report)
}

/// Malformed tuples of duplicate records are duplicates and nothing else (rule 7): the notes are of the others.
fn settle_rejections(notes: &mut Vec<Note>, tally: &InputTally) {
    notes.retain_mut(|note| {
        if !RejectCode::ALL.iter().any(|code| code.code() == note.code) {
            return true;
        }
        let Some((_, count, byte)) = tally.rejected.iter().find(|(code, _, _)| code.code() == note.code) else {
            return false;
        };
        if note.count != *count {
            let tuples = if *count == 1 { "1 malformed tuple".to_owned() } else { format!("{count} malformed tuples") };
            note.message = format!("{tuples} in records that are no copies ({}). The rest is read.", note.code);
        }
        (note.count, note.byte) = (*count, *byte);
        *count > 0
    });
}

//! What the flow logs say over time: bytes by direction, connections, denials, and the gateway's probes. Minutes that no record
//! covers are gaps; a covered minute without traffic is a zero.

use super::{Grid, Subject};
use crate::view::World;
use std::collections::BTreeMap;
use underlay_model::charts::{ChartData, ChartForm, ChartSeries, ChartTone, ChartUnit, Charts};
use underlay_model::connection::{ProbeObservation, Separation};
use underlay_model::metrics::Value;
use underlay_model::time::{Minute, minute_of};
use underlay_store::query::{MinuteSum, MinuteSums};
use underlay_store::sums::Counters;

const INFERRED: &str = "Probes are told from user traffic by time and size: inferred, where the two are separable.";

/// Adds the charts, or what file would bring them.
pub(super) fn flows(world: World<'_>, subject: &Subject, minutes: &MinuteSums, charts: &mut Charts) {
    let Some(span) = crate::view::span_of(minutes) else {
        charts
            .missing
            .push("Traffic, connections, denials and probes: VNet flow logs of the nodes (PT1H.json).".to_owned());
        return;
    };
    let seen = world.probes.observations.iter().filter(|seen| subject.is_about(world, seen)).collect();
    let told = Told { world, subject, minutes, grid: Grid::new(span.first, span.last), seen };
    charts.charts.extend([told.traffic(), told.new_connections(), told.connections(), told.denials()]);
    if told.are_clear() {
        charts.charts.push(told.answers());
    } else {
        charts.missing.extend(told.why_no_answers().map(str::to_owned));
    }
}

/// What is told of the subject, minute by minute.
struct Told<'a> {
    world: World<'a>,
    subject: &'a Subject,
    minutes: &'a MinuteSums,
    grid: Grid,
    /// Probes of the subject.
    seen: Vec<&'a ProbeObservation>,
}

impl Told<'_> {
    fn is_selected(&self) -> bool {
        self.subject.at.is_some()
    }

    fn line(&self, name: &str, tone: ChartTone, of: &dyn Fn(&MinuteSum) -> u128) -> ChartSeries {
        let points = self.grid.summed(self.minutes.0.iter().map(|sum| (sum.minute, fit(of(sum)))));
        ChartSeries { name: name.to_owned(), tone, points }
    }

    /// The same of the subject's own counters, or of all where nothing is selected.
    fn counted(&self, name: &str, tone: ChartTone, of: fn(&Counters) -> u64) -> ChartSeries {
        let selected = self.is_selected();
        self.line(name, tone, &|sum| u128::from(of(if selected { &sum.selected } else { &sum.all })))
    }

    fn chart(&self, key: &str, title: &str, form: ChartForm, series: Vec<ChartSeries>, note: &str) -> ChartData {
        ChartData {
            key: key.to_owned(),
            title: title.to_owned(),
            subject: self.subject.name.clone(),
            form,
            unit: if form == ChartForm::Mirror { ChartUnit::Bytes } else { ChartUnit::Count },
            source: 'F',
            span: self.grid.span(),
            step_ms: self.grid.step_ms(),
            series,
            note: note.to_owned(),
            ..ChartData::default()
        }
    }

    fn traffic(&self) -> ChartData {
        let (upper, lower) = (ChartTone::Plain, ChartTone::Part(7));
        let (directions, words) = if self.is_selected() {
            let from = self
                .line("From it", upper, &|sum| sum.selected_as_source.bytes[0] + sum.selected_as_destination.bytes[1]);
            let to = self
                .line("To it", lower, &|sum| sum.selected_as_source.bytes[1] + sum.selected_as_destination.bytes[0]);
            (vec![from, to], "")
        } else {
            let returned = self.line("Returned", upper, &|sum| sum.all.bytes[1]);
            let sent = self.line("Sent", lower, &|sum| sum.all.bytes[0]);
            (vec![returned, sent], "Sent: from who began the connection. Returned: back to it.")
        };
        self.chart("traffic", "Traffic by direction", ChartForm::Mirror, directions, words)
    }

    /// Those that are begun, probes apart where they can be told.
    fn new_connections(&self) -> ChartData {
        let mut begun = self.counted("New connections", ChartTone::Plain, |counters| counters.begun);
        let mut series = Vec::new();
        if self.are_clear() {
            let all = self.probes(|answered, unanswered| answered.saturating_add(unanswered));
            let mut lower =
                ChartSeries { name: "Gateway probes".to_owned(), tone: ChartTone::Part(1), points: Vec::new() };
            for (time, value) in &mut begun.points {
                let probes = as_number(all.get(&minute_of(*time)).copied().unwrap_or(0)).min(value.get());
                lower.points.push((*time, Value::new(probes).unwrap_or_default()));
                *value = Value::new(value.get() - probes).unwrap_or_default();
            }
            begun.name = "Others".to_owned();
            series.push(lower);
        }
        series.push(begun);
        let note = if self.are_clear() { INFERRED } else { "" };
        self.chart("new-connections", "New connections", ChartForm::Stack, series, note)
    }

    fn connections(&self) -> ChartData {
        let states = vec![
            self.counted("Begun", ChartTone::Plain, |counters| counters.begun),
            self.counted("Still open", ChartTone::Part(1), |counters| counters.continued),
            self.counted("Ended", ChartTone::Good, |counters| counters.ended),
        ];
        let note = "As tuples report them: begun, updates of open ones, ended.";
        self.chart("connections", "Connections", ChartForm::Lines, states, note)
    }

    fn denials(&self) -> ChartData {
        let denied = vec![self.counted("Denied", ChartTone::Denied, |counters| counters.denied)];
        self.chart("denials", "Denials", ChartForm::Stack, denied, "Denied flows carry no bytes.")
    }

    /// Whether probes are told from user traffic.
    fn are_clear(&self) -> bool {
        self.world.probes.thinned == 0 && self.seen.iter().any(|seen| seen.separation == Separation::Clear)
    }

    /// Probes of each step of the grid.
    fn probes(&self, of: fn(u16, u16) -> u16) -> BTreeMap<Minute, u64> {
        let mut sums = BTreeMap::new();
        for one in self.seen.iter().flat_map(|seen| &seen.minutes).filter(|one| one.is_seen()) {
            let count = u64::from(of(one.answered, one.unanswered));
            *sums.entry(self.grid.step_of(one.minute.into())).or_default() += count;
        }
        sums
    }

    fn answers(&self) -> ChartData {
        let covered = self.grid.summed(self.minutes.0.iter().map(|sum| (sum.minute, 0)));
        let line = |name: &str, tone: ChartTone, of: fn(u16, u16) -> u16| {
            let sums = self.probes(of);
            let value = |time: i64| Value::new(as_number(sums.get(&minute_of(time)).copied().unwrap_or(0)));
            let points = covered.iter().filter_map(|(time, _)| Some((*time, value(*time)?))).collect();
            ChartSeries { name: name.to_owned(), tone, points }
        };
        let series = vec![
            line("Answered", ChartTone::Good, |answered, _| answered),
            line("Unanswered", ChartTone::Bad, |_, unanswered| unanswered),
        ];
        let unclear = self.seen.iter().filter(|seen| seen.unknown > 0).count();
        let mut note = INFERRED.to_owned();
        if unclear > 0 {
            note.push_str(&format!(" Of {unclear} of {} pairs it cannot be told.", self.seen.len()));
        }
        self.chart("probes", "Probe answers", ChartForm::Stack, series, &note)
    }

    fn why_no_answers(&self) -> Option<&'static str> {
        match () {
            () if !self.seen.is_empty() && self.world.probes.thinned > 0 => {
                Some("Probe answers: memory was short and only some of the connections were kept.")
            }
            () if !self.seen.is_empty() => Some(
                "Probe answers: probes and user traffic are too much alike, or share connections, so they cannot be told apart.",
            ),
            () if !self.is_selected() => {
                Some("Probe answers: flow logs with connections from the gateway's subnet, and what names that subnet.")
            }
            () => None,
        }
    }
}

fn fit(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[allow(clippy::cast_precision_loss, reason = "probes of a minute are far below 2^52")]
fn as_number(count: u64) -> f64 {
    count as f64
}

impl Subject {
    /// Whether an observation is of the thing: of the instance, or of a pod that it stands for.
    fn is_about(&self, world: World<'_>, seen: &ProbeObservation) -> bool {
        let Some(at) = self.at else { return true };
        let minute = seen.span.map_or(0, |(_, last)| minute_of(last));
        let holds = |address: Option<std::net::IpAddr>| {
            let place = address.and_then(|address| world.places.place(world.resolver, address, minute));
            place.is_some_and(|place| world.places.holds(at, place))
        };
        holds(seen.instance)
            || holds(seen.target)
            || seen.target.is_some_and(|target| self.addresses.binary_search(&target).is_ok())
    }
}

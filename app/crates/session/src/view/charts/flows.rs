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

const INFERRED: &str = "Probes are told from user traffic by time and size: inferred, where the two are separable.";

pub(super) fn flows(world: World<'_>, subject: &Subject, minutes: &MinuteSums, charts: &mut Charts) {
    let Some(span) = crate::view::span_of(minutes) else {
        charts
            .missing
            .push("Traffic, connections, denials and probes: VNet flow logs of the nodes (PT1H.json).".to_owned());
        return;
    };
    let grid = Grid::new(span.first, span.last);
    let selected = subject.at.is_some();
    let line = |name: &str, tone: ChartTone, of: &dyn Fn(&MinuteSum) -> u128| {
        let points = grid.summed(minutes.0.iter().map(|sum| (sum.minute, fit(of(sum)))));
        ChartSeries { name: name.to_owned(), tone, points }
    };
    let counters = move |sum: &MinuteSum| if selected { sum.selected } else { sum.all };
    let mut chart = |key: &str, title: &str, form: ChartForm, series: Vec<ChartSeries>, note: &str| {
        charts.charts.push(ChartData {
            key: key.to_owned(),
            title: title.to_owned(),
            subject: subject.name.clone(),
            form,
            unit: if form == ChartForm::Mirror { ChartUnit::Bytes } else { ChartUnit::Count },
            source: 'F',
            span: grid.span(),
            step_ms: grid.step_ms(),
            series,
            note: note.to_owned(),
        });
    };
    let directions = if selected {
        [
            line("From it", ChartTone::Plain, &|sum| {
                sum.selected_as_source.bytes[0] + sum.selected_as_destination.bytes[1]
            }),
            line("To it", ChartTone::Part(7), &|sum| {
                sum.selected_as_source.bytes[1] + sum.selected_as_destination.bytes[0]
            }),
        ]
    } else {
        [
            line("Returned", ChartTone::Plain, &|sum| sum.all.bytes[1]),
            line("Sent", ChartTone::Part(7), &|sum| sum.all.bytes[0]),
        ]
    };
    let words = if selected { "" } else { "Sent: from who began the connection. Returned: back to it." };
    chart("traffic", "Traffic by direction", ChartForm::Mirror, directions.into(), words);

    let seen: Vec<&ProbeObservation> =
        world.probes.observations.iter().filter(|seen| subject.is_about(world, seen)).collect();
    let clear = world.probes.thinned == 0 && seen.iter().any(|seen| seen.separation == Separation::Clear);
    let probes = |of: fn(u16, u16) -> u16| -> BTreeMap<Minute, u64> {
        let mut sums = BTreeMap::new();
        for one in seen.iter().flat_map(|seen| &seen.minutes).filter(|one| one.is_seen()) {
            *sums.entry(grid.step_of(one.minute.into())).or_default() += u64::from(of(one.answered, one.unanswered));
        }
        sums
    };
    let mut begun = line("New connections", ChartTone::Plain, &|sum| u128::from(counters(sum).begun));
    let mut series = Vec::new();
    if clear {
        let all = probes(|answered, unanswered| answered.saturating_add(unanswered));
        let part = |time: i64, most: f64| as_number(all.get(&minute_of(time)).copied().unwrap_or(0)).min(most);
        let mut lower = ChartSeries { name: "Gateway probes".to_owned(), tone: ChartTone::Part(1), points: Vec::new() };
        for (time, value) in &mut begun.points {
            let probes = part(*time, value.get());
            lower.points.push((*time, Value::new(probes).unwrap_or_default()));
            *value = Value::new(value.get() - probes).unwrap_or_default();
        }
        begun.name = "Others".to_owned();
        series.push(lower);
    }
    series.push(begun);
    chart("new-connections", "New connections", ChartForm::Stack, series, if clear { INFERRED } else { "" });
    let states = vec![
        line("Begun", ChartTone::Plain, &|sum| u128::from(counters(sum).begun)),
        line("Still open", ChartTone::Part(1), &|sum| u128::from(counters(sum).continued)),
        line("Ended", ChartTone::Good, &|sum| u128::from(counters(sum).ended)),
    ];
    chart(
        "connections",
        "Connections",
        ChartForm::Lines,
        states,
        "As tuples report them: begun, updates of open ones, ended.",
    );
    let denied = vec![line("Denied", ChartTone::Denied, &|sum| u128::from(counters(sum).denied))];
    chart("denials", "Denials", ChartForm::Stack, denied, "Denied flows carry no bytes.");

    if clear {
        let covered = |sums: BTreeMap<Minute, u64>| {
            grid.summed(minutes.0.iter().map(|sum| (sum.minute, 0)))
                .into_iter()
                .map(|(time, _)| (time, Value::new(as_number(sums.get(&minute_of(time)).copied().unwrap_or(0)))))
                .filter_map(|(time, value)| Some((time, value?)))
                .collect()
        };
        let series = vec![
            ChartSeries {
                name: "Answered".to_owned(),
                tone: ChartTone::Good,
                points: covered(probes(|answered, _| answered)),
            },
            ChartSeries {
                name: "Unanswered".to_owned(),
                tone: ChartTone::Bad,
                points: covered(probes(|_, unanswered| unanswered)),
            },
        ];
        let unclear = seen.iter().filter(|seen| seen.unknown > 0).count();
        let mut note = INFERRED.to_owned();
        if unclear > 0 {
            note.push_str(&format!(" Of {unclear} of {} pairs it cannot be told.", seen.len()));
        }
        chart("probes", "Probe answers", ChartForm::Stack, series, &note);
    } else if !seen.is_empty() {
        let why = if world.probes.thinned > 0 {
            "Probe answers: memory was short and only some of the connections were kept."
        } else {
            "Probe answers: probes and user traffic are too much alike, or share connections, so they cannot be told apart."
        };
        charts.missing.push(why.to_owned());
    } else if !selected {
        charts.missing.push(
            "Probe answers: flow logs with connections from the gateway's subnet, and what names that subnet."
                .to_owned(),
        );
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

//! What happened besides traffic, on the timeline's minutes: healthy targets, events and restarts, requests; and where to jump to.

use super::World;
use super::charts::{expected_targets, is_healthy_targets, restarts};
use std::collections::BTreeMap;
use underlay_model::metrics::Value;
use underlay_model::order::Order;
use underlay_model::time::{MINUTE_MS, Millis, Minute, minute_of};
use underlay_model::view::{
    EntityKey, EventKind, EventMark, MinuteRange, Problem, RequestBar, TargetLane, TargetRun, Tracks,
};
use underlay_store::query::MinuteSums;

/// Lanes of targets at most.
const LANES: usize = 3;
/// Problems listed at most.
const PROBLEMS: usize = 400;
/// Unanswered in a row, as many as a gateway takes for a failure by default.
const UNANSWERED_RUN: u64 = 3;

/// Where a timeline without flow logs goes: what access log and metrics cover, at most a week of it.
pub(super) fn span_without_flows(world: World<'_>) -> Option<MinuteRange> {
    let azure = &world.resolver.inventory().azure;
    let metrics = azure.metrics.iter().filter_map(|series| series.span);
    let metrics = metrics.map(|(first, behind)| (minute_of(first), minute_of(behind - 1)));
    let spans = metrics.chain(azure.access.span());
    let (first, last) = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    (last >= first).then(|| MinuteRange { first: first.max(last - 7 * 1440), last })
}

/// Tracks on these minutes, in bars of so many.
pub(super) fn tracks(world: World<'_>, minutes: &MinuteSums, range: MinuteRange, per_bar: i64) -> Tracks {
    let mut tracks = Tracks::default();
    let bar = |minute: Minute| minute - (minute - range.first).rem_euclid(per_bar.max(1));
    targets(world, range, &mut tracks);
    events(world, range, &bar, &mut tracks);
    requests(world, range, &bar, &mut tracks);
    problems(world, minutes, range, &mut tracks);
    tracks
}

fn targets(world: World<'_>, range: MinuteRange, tracks: &mut Tracks) {
    let inventory = world.resolver.inventory();
    let mut lanes: Vec<(bool, TargetLane)> = Vec::new();
    for series in inventory.azure.metrics.iter().filter(|series| is_healthy_targets(inventory, series)) {
        let service = series.dimension("backendservice").unwrap_or_default();
        let expected = expected_targets(inventory, service);
        let step = i64::try_from(series.interval_ms).unwrap_or(0).max(MINUTE_MS);
        let mut lane = TargetLane { service: service.to_owned(), expected, runs: Vec::new() };
        for &(time, healthy) in &series.points {
            let (first, last) = (minute_of(time), minute_of(time + step - 1));
            if last < range.first || first > range.last {
                continue;
            }
            match lane.runs.last_mut() {
                Some(run) if run.healthy == healthy && run.last + 1 >= first => run.last = last,
                _ => lane.runs.push(TargetRun { first, last, healthy }),
            }
        }
        let full = full(&lane);
        let short = lane.runs.iter().any(|run| run.healthy.get() < full);
        if !lane.runs.is_empty() {
            lanes.push((!short, lane));
        }
    }
    lanes.order_by(|a, b| (a.0, &a.1.service).cmp(&(b.0, &b.1.service)));
    for (fits, lane) in &lanes {
        if !fits {
            add_dips(lane, tracks);
        }
    }
    tracks.more_targets = lanes.len().saturating_sub(LANES) as u64;
    tracks.targets = lanes.into_iter().take(LANES).map(|(_, lane)| lane).collect();
}

/// What a lane should have: the endpoints that objects name, else the most that it had.
#[allow(clippy::cast_precision_loss, reason = "a gateway has at most 5,000 endpoints")]
fn full(lane: &TargetLane) -> f64 {
    let most = lane.runs.iter().map(|run| run.healthy.get()).fold(0.0, f64::max);
    lane.expected.map_or(most, |expected| expected as f64)
}

fn add_dips(lane: &TargetLane, tracks: &mut Tracks) {
    let full = full(lane);
    let mut before: Option<Value> = None;
    for run in &lane.runs {
        let value = run.healthy.get();
        if value < full && before.is_none_or(|before| value < before.get()) {
            let text = format!("{value} of {full} targets of {} healthy", lane.service);
            tracks.problems.push(Problem { minute: run.first, text });
        }
        before = Some(run.healthy);
    }
}

/// An event: its bar, what sorts the worst first, text, thing, how many.
type Seen = (Minute, std::cmp::Reverse<EventKind>, String, Option<EntityKey>, u64);

fn events(world: World<'_>, range: MinuteRange, bar: &dyn Fn(Minute) -> Minute, tracks: &mut Tracks) {
    let inventory = world.resolver.inventory();
    let mut marks: Vec<Seen> = Vec::new();
    let mut outside = 0;
    let mut add = |time: Millis, kind: EventKind, count: u64, text: &dyn Fn() -> String, key: Option<EntityKey>| {
        let minute = minute_of(time);
        if range.contains(minute) {
            marks.push((bar(minute), std::cmp::Reverse(kind), text(), key, count));
        } else {
            outside += 1;
        }
    };
    for event in &inventory.events {
        // An event that is told once for many times stands where it began.
        let Some(time) = event.first_ms.or(event.last_ms) else { continue };
        let kind = if event.kind == "Warning" { EventKind::Warning } else { EventKind::Normal };
        let name = if event.object_namespace.is_empty() {
            event.object_name.clone()
        } else {
            [event.object_namespace.as_str(), "/", &event.object_name].concat()
        };
        let thing = match event.object_kind.as_str() {
            "Pod" => "pod",
            "Node" => "node",
            "Service" => "service",
            "HTTPRoute" => "route",
            "Gateway" => "frontend",
            _ => "",
        };
        let key = Some(EntityKey::new(thing, &name)).filter(|key| world.places.find(key).is_some());
        add(time, kind, event.count.max(1), &|| format!("{} {}", event.reason, event.object_name), key);
    }
    for pod in &inventory.pods {
        let key = Some(EntityKey::new("pod", &pod.meta.qualified())).filter(|key| world.places.find(key).is_some());
        for time in restarts(pod) {
            add(time, EventKind::Restart, 1, &|| format!("Restart of {}", pod.meta.name), key.clone());
        }
    }
    tracks.events_outside = outside;
    marks.order();
    for same in marks.chunk_by(|a, b| a.0 == b.0) {
        let Some((minute, kind, text, key, _)) = same.first() else { continue };
        let count = same.iter().map(|one| one.4).sum();
        let mark = EventMark { minute: *minute, kind: kind.0, count, text: text.clone(), key: key.clone() };
        if mark.kind != EventKind::Normal {
            tracks.problems.push(Problem { minute: mark.minute, text: mark.text.clone() });
        }
        tracks.events.push(mark);
    }
}

fn requests(world: World<'_>, range: MinuteRange, bar: &dyn Fn(Minute) -> Minute, tracks: &mut Tracks) {
    let access = &world.resolver.inventory().azure.access;
    let mut failing = false;
    for cell in access.cells.iter().filter(|cell| range.contains(cell.minute)) {
        let minute = bar(cell.minute);
        if tracks.requests.last().is_none_or(|last| last.minute != minute) {
            tracks.requests.push(RequestBar { minute, ..RequestBar::default() });
        }
        if let Some(last) = tracks.requests.last_mut() {
            last.requests += cell.requests;
            last.failed += if cell.status / 100 == 5 { cell.requests } else { 0 };
        }
    }
    for one in &tracks.requests {
        if one.failed > 0 && !failing {
            let text = format!("{} of {} requests answered with 5xx", one.failed, one.requests);
            tracks.problems.push(Problem { minute: one.minute, text });
        }
        failing = one.failed > 0;
    }
}

/// Denials and probes without answer, and everything in order.
fn problems(world: World<'_>, minutes: &MinuteSums, range: MinuteRange, tracks: &mut Tracks) {
    let mut last = Minute::MIN;
    for sum in minutes.0.iter().filter(|sum| sum.all.denied > 0) {
        // Where denials begin again after five minutes without.
        if sum.minute > last.saturating_add(5) {
            let text = if sum.all.denied == 1 {
                "1 flow denied".to_owned()
            } else {
                format!("{} flows denied", sum.all.denied)
            };
            tracks.problems.push(Problem { minute: sum.minute, text });
        }
        last = sum.minute;
    }
    let mut unanswered: BTreeMap<Minute, u64> = BTreeMap::new();
    for seen in world.probes.observations.iter().filter(|seen| seen.unanswered_run >= UNANSWERED_RUN) {
        if let Some((from, _)) = seen.unanswered_span {
            *unanswered.entry(minute_of(from)).or_default() += 1;
        }
    }
    for (minute, pairs) in unanswered {
        let text = if pairs == 1 {
            "Probes of 1 target go unanswered".to_owned()
        } else {
            format!("Probes go unanswered, {pairs} times instance and pod")
        };
        tracks.problems.push(Problem { minute, text });
    }
    tracks.problems.retain(|problem| range.contains(problem.minute));
    tracks.problems.order_by(|a, b| (a.minute, &a.text).cmp(&(b.minute, &b.text)));
    tracks.problems.truncate(PROBLEMS);
}

//! Probes of a thing over time, one strip for each gateway instance; of an instance one for all that it probes.

use crate::view::World;
use crate::view::members;
use crate::view::places::Subject;
use std::net::IpAddr;
use underlay_findings::probes::of_range;
use underlay_model::connection::{ProbeMinute, ProbeObservation, Separation};
use underlay_model::order::Order;
use underlay_model::time::{Minute, minute_of};
use underlay_model::view::{Detail, EntityKey, EntityKind, MinuteRange, ProbeStrip};

/// Strips at most.
const LISTED: usize = 6;

pub(super) fn add(world: World<'_>, at: u32, subject: Option<Subject>, detail: &mut Detail) {
    let addresses = members::addresses_of(world, &members::pods_of(world, at));
    let kind = world.places.kind(at);
    if kind == Some(EntityKind::GatewaySubnet) {
        return;
    }
    let own = |seen: &&ProbeObservation| match subject {
        Some(Subject::Instance(address)) => seen.instance == Some(address),
        _ => seen.target.is_some_and(|target| {
            let minute = seen.span.map_or(0, |(_, last)| minute_of(last));
            addresses.binary_search(&target).is_ok()
                && world.places.place(world.resolver, target, minute).is_some()
                && holds(world, at, subject, target, minute)
        }),
    };
    let mut found: Vec<&ProbeObservation> = world.probes.observations.iter().filter(own).collect();
    found.order_by(|a, b| a.instance.cmp(&b.instance));
    let mut strips: Vec<ProbeStrip> = found
        .chunk_by(|a, b| a.instance == b.instance)
        .filter_map(|same| strip(same.first()?.instance?, same, world.range))
        .collect();
    // Instances that should probe and do not are a strip without beats, where anything was probed at all or an input names them.
    if !strips.is_empty() && !matches!(subject, Some(Subject::Instance(_))) {
        for (at, entity) in (0u32..).zip(world.places.entities()) {
            if entity.kind == EntityKind::GatewayInstance && !strips.iter().any(|strip| strip.key == entity.key) {
                strips.push(ProbeStrip {
                    key: entity.key.clone(),
                    name: entity.name.clone(),
                    absent: members::is_absent(world, at),
                    ..ProbeStrip::default()
                });
            }
        }
    }
    detail.more_probes = strips.len().saturating_sub(LISTED) as u64;
    strips.truncate(LISTED);
    detail.probes = strips;
}

/// Whether the address was the thing's at that minute: pods come and go, and leave their addresses to others.
fn holds(world: World<'_>, at: u32, subject: Option<Subject>, target: IpAddr, minute: Minute) -> bool {
    match subject {
        Some(Subject::Service(_) | Subject::Route(_)) => true,
        _ => world.places.place(world.resolver, target, minute).is_some_and(|place| world.places.holds(at, place)),
    }
}

/// The numbers are those of the range, the minutes of the whole capture.
fn strip(instance: IpAddr, same: &[&ProbeObservation], range: Option<MinuteRange>) -> Option<ProbeStrip> {
    let name = instance.to_string();
    let mut strip = ProbeStrip { key: EntityKey::new("instance", &name), name, ..ProbeStrip::default() };
    let clear = || same.iter().filter(|seen| seen.separation == Separation::Clear);
    strip.pairs = same.len() as u64;
    strip.separation = same.iter().map(|seen| seen.separation).max()?;
    // Of the pair with the most probes, which tells the pace best.
    let best = clear().max_by_key(|seen| seen.answered + seen.unanswered);
    let in_range = best.and_then(|best| of_range(best, range?));
    if let Some(best) = in_range.as_ref().or(best.copied()) {
        (strip.interval_ms, strip.jitter_ms) = (best.interval_ms, best.jitter_ms);
    }
    let mut minutes: Vec<ProbeMinute> = Vec::new();
    for seen in same {
        minutes.extend_from_slice(&seen.minutes);
        let part = range.map(|range| of_range(seen, range).unwrap_or_default());
        let seen = part.as_ref().unwrap_or(seen);
        strip.answered += seen.answered;
        strip.unanswered += seen.unanswered;
        strip.missed += seen.missed;
        strip.unknown += seen.unknown;
    }
    minutes.order();
    minutes.dedup_by(|more, first| {
        let same = more.minute == first.minute;
        if same {
            first.answered = first.answered.saturating_add(more.answered);
            first.unanswered = first.unanswered.saturating_add(more.unanswered);
            first.missed = first.missed.saturating_add(more.missed);
        }
        same
    });
    strip.minutes = minutes;
    Some(strip)
}

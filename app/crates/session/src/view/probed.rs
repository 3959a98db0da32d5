//! Which part of a pair's traffic is the gateway's probes, and what can be said of them. Only where probes and user traffic are told
//! apart clearly is there such a part; it is an inference, and the two parts always add up to what was counted.

use super::World;
use super::placed::Placed;
use underlay_model::connection::{ProbeObservation, Separation};
use underlay_model::time::{MINUTE_MS, Millis};
use underlay_model::tuple::Verdict;
use underlay_model::view::{EdgeKind, EntityKind, Traffic};
use underlay_store::key::PairKey;

/// IANA number: probes are HTTP.
const TCP: u8 = 6;

/// Whether probes may be among what this pair carries: a gateway instance began it.
pub(super) fn may_probe(world: World<'_>, source: u32, pair: &PairKey) -> bool {
    pair.verdict == Verdict::Allowed
        && pair.protocol == TCP
        && world.places.kind(source) == Some(EntityKind::GatewayInstance)
}

/// What was seen of probes of a pair that a gateway instance began.
pub(super) fn seen<'a>(world: World<'a>, placed: &Placed) -> Option<&'a ProbeObservation> {
    let pair = placed.pair;
    if !may_probe(world, placed.source, &pair) {
        return None;
    }
    let all = &world.probes.observations;
    let name = (Some(pair.src), Some(pair.dst), pair.port);
    let at = all.binary_search_by(|one| (one.instance, one.target, one.port).cmp(&name)).ok()?;
    all.get(at)
}

fn counted(seen: &ProbeObservation) -> u64 {
    seen.answered + seen.unanswered
}

/// `value * part / whole` without overflow; the whole value when there is no whole.
fn share(value: u64, part: u64, whole: u64) -> u64 {
    let share = u128::from(value) * u128::from(part.min(whole)) / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}

/// How much of the time in which probes were seen lies in the asked range: milliseconds of milliseconds.
fn in_range(world: World<'_>, (first, last): (Millis, Millis)) -> (u64, u64) {
    let whole = u64::try_from(last - first).unwrap_or(0).max(1);
    let Some(range) = world.range else { return (whole, whole) };
    let from = first.max(range.first.saturating_mul(MINUTE_MS));
    let to = last.min((range.last + 1).saturating_mul(MINUTE_MS));
    (u64::try_from(to - from).unwrap_or(0), whole)
}

/// The user's part of a pair's traffic, and that of the probes where there is one.
pub(super) fn split(world: World<'_>, placed: &Placed) -> (Traffic, Option<Traffic>) {
    let all = placed.traffic;
    match seen(world, placed).and_then(|seen| part(world, placed, seen)) {
        Some(probes) => (rest(all, probes), Some(probes)),
        None => (all, None),
    }
}

/// The probes' part; `None` where the two cannot be told apart.
fn part(world: World<'_>, placed: &Placed, seen: &ProbeObservation) -> Option<Traffic> {
    let all = placed.traffic;
    let clear = seen.separation == Separation::Clear && world.probes.thinned == 0 && placed.whole;
    let probes = counted(seen);
    if !clear || probes == 0 || all.flows == 0 {
        return None;
    }
    if seen.user == 0 {
        return Some(all);
    }
    // Connections that are no probes are counted; in a part of the time the probes are known by their steady pace.
    let flows = match world.range {
        None => all.flows.saturating_sub(seen.user),
        Some(_) if !seen.minutes.is_empty() => {
            let (answered, unanswered) = seen.within(world.range);
            (answered + unanswered).min(all.flows)
        }
        Some(_) => {
            let (inside, whole) = in_range(world, seen.span?);
            share(probes, inside, whole).min(all.flows)
        }
    };
    if flows == 0 {
        return None;
    }
    if flows == all.flows {
        return Some(all);
    }
    // Each has the usual size; those without an answer have nothing back.
    let answers = share(flows, seen.answered, probes);
    let bytes = [flows, answers].map(u128::from);
    let usual = seen.usual_bytes.map(u128::from);
    let mut part = Traffic { flows, ..Traffic::default() };
    for way in 0..2 {
        let estimate = u64::try_from(bytes[way] * usual[way]).unwrap_or(u64::MAX);
        part.bytes[way] = estimate.min(all.bytes[way]);
        part.packets[way] = share(all.packets[way], part.bytes[way], all.bytes[way]);
    }
    Some(part)
}

fn rest(all: Traffic, part: Traffic) -> Traffic {
    let less = |all: [u64; 2], part: [u64; 2]| [all[0].saturating_sub(part[0]), all[1].saturating_sub(part[1])];
    Traffic {
        flows: all.flows.saturating_sub(part.flows),
        denied: all.denied,
        packets: less(all.packets, part.packets),
        bytes: less(all.bytes, part.bytes),
    }
}

/// What is said of the probes on an edge, of all its pairs together.
pub(super) fn words(world: World<'_>, kind: EdgeKind, pairs: &[&Placed]) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut answered, mut unanswered, mut unclear, mut reused, mut moved) = (0, 0, 0, 0, false);
    let mut pace = Vec::new();
    let mut user = false;
    for placed in pairs {
        let Some(seen) = seen(world, placed) else { continue };
        match seen.separation {
            Separation::Clear if placed.whole => {
                answered += seen.answered;
                unanswered += seen.unanswered;
                user |= seen.user > 0;
                pace.push(seen);
            }
            Separation::Clear => moved = true,
            Separation::Unclear => unclear += seen.unknown,
            Separation::Reused => reused += seen.unknown,
            Separation::NoProbes => {}
        }
    }
    if world.probes.thinned > 0 && (answered + unanswered + unclear + reused) > 0 {
        lines.push(
            "Memory was short and only some of the connections were kept: probes are not told from user traffic."
                .to_owned(),
        );
        return lines;
    }
    if answered + unanswered > 0 {
        let lead = match (kind, world.range) {
            (EdgeKind::Probe, None) => "",
            (EdgeKind::Probe, Some(_)) => "In the whole capture: ",
            _ => "Probes are an edge of their own: ",
        };
        let noun = if answered == 1 { "probe" } else { "probes" };
        let mut line = format!("{lead}{answered} {noun} answered, {unanswered} not; inferred.");
        if let [only] = pace.as_slice()
            && kind == EdgeKind::Probe
        {
            line.push_str(&format!(" About one every {:.1} s.", only.interval_ms as f64 / 1000.0));
        }
        lines.push(line);
        if kind == EdgeKind::Probe && user {
            lines.push(
                "Bytes and packets are estimated from the usual size of a probe. Chart and rows hold user traffic, too."
                    .to_owned(),
            );
        }
    }
    if kind == EdgeKind::User {
        if unclear > 0 {
            lines.push(format!(
                "Probes may be among it: {unclear} connections are too much alike to tell them from user traffic (unknown)."
            ));
        }
        if reused > 0 {
            lines.push(format!(
                "Probes may be among it: {reused} connections are kept open and shared, so probes leave no beats of their own (unknown)."
            ));
        }
        if moved {
            lines.push("The address had several owners: probes are not told from user traffic by owner.".to_owned());
        }
    }
    lines
}

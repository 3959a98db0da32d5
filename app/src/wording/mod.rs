//! The words and units of the page: numbers, times and sizes as text, names of states and kinds, and every sentence that the
//! page says on its own. Sentences about files come from the readers (notes), those about traffic from the engine.

pub mod clock;
pub mod collect;
pub mod sentences;
pub mod times;

use underlay_model::health::HealthState;
use underlay_model::time::{MINUTE_MS, Millis, Minute, format_date, format_minute, format_rfc3339, minute_of};
use underlay_model::view::{EdgeKind, EntityKind, MinuteRange};

/// Numbers are written by one place for picture and page.
pub use underlay_scene::units::{bytes, count, counted, distinguishing, minutes};

/// Value and unit of a size, apart: `("1.2", "GB")`.
pub fn scaled(number: u64) -> (String, String) {
    let text = bytes(number);
    text.split_once(' ').map(|(value, unit)| (value.to_owned(), unit.to_owned())).unwrap_or_default()
}

/// What the button says that shows as many more of the rest as there are shown already.
pub fn more(rest: usize, shown: usize) -> String {
    let words = ["Show ", &count(rest.min(shown) as u64), " more"].concat();
    if rest > shown { [&words, " of ", &count(rest as u64)].concat() } else { words }
}

/// `about 2 s`, `about 3 min`.
pub fn about_seconds(seconds: f64) -> String {
    if !seconds.is_finite() {
        return String::new();
    }
    if seconds < 90.0 { format!("{:.0} s", seconds.max(1.0)) } else { format!("{:.0} min", seconds / 60.0) }
}

/// `09:58:41`, of the clock in force.
pub fn time_of_day(time: Millis) -> String {
    let text = format_rfc3339(clock::shown(time));
    text.get(11..19).unwrap_or_default().to_owned()
}

/// `3 d`, `2 h`, `40 min`: how far two times are apart, rounded down.
pub fn apart(milliseconds: Millis) -> String {
    match milliseconds / 60_000 {
        minutes @ ..120 => format!("{minutes} min"),
        minutes @ ..2880 => format!("{} h", minutes / 60),
        minutes => format!("{} d", minutes / 1440),
    }
}

/// `20 Nov 09:58`, of the clock in force: the year is left to the place that gives the whole span.
pub fn moment(time: Millis) -> String {
    let minute = minute_of(clock::shown(time));
    format!("{} {}", day(minute), format_minute(minute))
}

/// `20 Nov 09:58:41`, of the clock in force.
pub fn moment_to_the_second(time: Millis) -> String {
    format!("{} {}", day(minute_of(clock::shown(time))), time_of_day(time))
}

fn day(minute: i64) -> String {
    let date = format_date(minute);
    date.rsplit_once(' ').map_or(date.clone(), |(day, _)| day.to_owned())
}

/// The ends of a range as the clock shows them: its last minute is inside, so `09:50` ends a range whose last minute is 09:49. The end has
/// its day where that is another.
pub fn range(range: MinuteRange) -> String {
    let clock = clock::in_force();
    let day = |minute: Minute| clock.shown(minute).div_euclid(1440);
    let behind = range.last + 1;
    let end = if day(range.first) == day(range.last) { clock.time(behind) } else { moment(behind * MINUTE_MS) };
    format!("{}–{end}", clock.time(range.first))
}

/// Times of one input: `09:00–09:59`, with the days when they differ.
pub fn span((first, last): (Millis, Millis)) -> String {
    let (a, b) = (minute_of(clock::shown(first)), minute_of(clock::shown(last)));
    if a.div_euclid(1440) == b.div_euclid(1440) {
        format!("{}–{}", format_minute(a), format_minute(b))
    } else {
        format!("{} to {}", moment(first), moment(last))
    }
}

/// `19 Nov 10:00 to 20 Nov 10:00, UTC`.
pub fn whole_span((first, last): (Millis, Millis)) -> String {
    let (a, b) = (minute_of(clock::shown(first)), minute_of(clock::shown(last)));
    let zone = clock::zone(minute_of(first));
    if a.div_euclid(1440) == b.div_euclid(1440) {
        format!("{}, {} to {}, {zone}", format_date(a), format_minute(a), format_minute(b))
    } else {
        format!("{} to {}, {zone}", moment(first), moment(last))
    }
}

/// The state in a word, with a capital.
pub fn health(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy => "Healthy",
        HealthState::Degraded => "Degraded",
        HealthState::Failing => "Failing",
        HealthState::Unknown => "Unknown",
    }
}

/// The symbol of a state.
pub fn health_glyph(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy => "ok",
        HealthState::Degraded => "warn",
        HealthState::Failing => "fail",
        HealthState::Unknown => "unk",
    }
}

/// The class that colours the state's text.
pub fn health_class(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy => "t-healthy",
        HealthState::Degraded => "t-degraded",
        HealthState::Failing => "t-failing",
        HealthState::Unknown => "t-unknown",
    }
}

/// The legend's word for a kind of edge.
pub fn layer(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::User => "User",
        EdgeKind::Probe => "Probes",
        EdgeKind::Denied => "Denied",
        EdgeKind::Absent => "Expected, absent",
        EdgeKind::Platform => "Platform",
        EdgeKind::Egress => "Egress",
        EdgeKind::Internal => "Internal",
        EdgeKind::Inferred => "Inferred",
    }
}

/// What a kind of edge is, for whom the word says too little.
pub fn layer_means(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::User => "Allowed traffic toward the workload; wider is more",
        EdgeKind::Probe => "The gateway's health probes, told from user traffic by time and size: an inference",
        EdgeKind::Denied => "Denied flows; the ring is where they end",
        EdgeKind::Absent => "Expected by an input, in no log",
        EdgeKind::Platform => "Azure's own addresses: 168.63.129.16 and link-local",
        EdgeKind::Egress => "From nodes and pods to public addresses",
        EdgeKind::Internal => "Between nodes, pods and other private addresses",
        EdgeKind::Inferred => "Known from objects or a gateway's log, not from flows",
    }
}

/// The kind of an edge inside a sentence or a row.
pub fn edge_kind(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::User => "user",
        EdgeKind::Probe => "probe",
        EdgeKind::Denied => "denied",
        EdgeKind::Absent => "expected",
        EdgeKind::Platform => "platform",
        EdgeKind::Egress => "egress",
        EdgeKind::Internal => "internal",
        EdgeKind::Inferred => "inferred",
    }
}

/// A thing's kind, with a capital.
pub fn entity_kind(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::PodRange => "Pod range",
        other => underlay_scene::keyboard::kind_word(other),
    }
}

/// What a source letter stands for.
pub fn source(letter: char) -> &'static str {
    match letter {
        'F' => "VNet flow log",
        'K' => "kubectl",
        'H' => "Backend health",
        'M' => "Azure Monitor metrics",
        'A' => "AGC access log",
        'Z' => "Azure resource",
        _ => "Source",
    }
}

/// `TCP 8080`, `UDP 53`, `ICMP`.
pub fn port((port, protocol): (u16, u8)) -> String {
    let name = match protocol {
        1 => "ICMP".to_owned(),
        6 => "TCP".to_owned(),
        17 => "UDP".to_owned(),
        58 => "ICMPv6".to_owned(),
        132 => "SCTP".to_owned(),
        other => format!("protocol {other}"),
    };
    if matches!(protocol, 6 | 17 | 132) { format!("{name} {port}") } else { name }
}

/// A file's name as it can be shown: characters that end lines or turn the direction of text stand as U+FFFD.
pub fn plain_name(name: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    name.chars().map(|c| if c.is_control() || turns(c) { '\u{FFFD}' } else { c }).collect()
}

/// The end of a long path, which tells files apart: `…/h=01/m=00/PT1H.json`.
pub fn path_end(path: &str, most: usize) -> String {
    let path = plain_name(path);
    let length = path.chars().count();
    if length <= most {
        return path;
    }
    let tail: String = path.chars().skip(length - most + 1).collect();
    // Whole components read better, when there are any.
    match tail.find('/') {
        Some(at) if at + 1 < tail.len() => format!("…{}", &tail[at..]),
        _ => format!("…{tail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_paths_keep_the_end_that_tells_files_apart() {
        assert_eq!(path_end("flows/y=2026/m=11/d=20/h=01/PT1H.json", 20), "…/h=01/PT1H.json");
        assert_eq!(path_end("k8s.json", 20), "k8s.json");
        assert_eq!(path_end("a\nb\u{202E}nosj.exe", 20), "a\u{FFFD}b\u{FFFD}nosj.exe");
    }

    #[test]
    fn a_range_ends_where_its_last_minute_ends() {
        let minute = underlay_model::time::minute_of(1_795_166_400_000);
        assert_eq!(range(MinuteRange { first: minute, last: minute + 29 }), "09:20–09:50");
    }
}

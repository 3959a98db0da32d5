//! Times inside of sentences. The engine writes them whole, `2026-11-20T09:31:15.202Z`, since its sentences are the same on every machine;
//! the page says them as it says all times: short, by the clock in force, with the day where the capture has several.

use super::clock;
use underlay_model::time::{
    Clock, MINUTE_MS, Millis, format_date, format_minute, format_rfc3339, minute_of, parse_rfc3339,
};

/// Length of a time without its fraction and zone: `2026-11-20T09:31:15`.
const LENGTH: usize = 19;

/// The first whole time of a text: where it begins and ends, and which it is. Only times that say that they are UTC are meant.
fn next(text: &str) -> Option<(usize, usize, Millis)> {
    let bytes = text.as_bytes();
    // Every such time has its `T` behind ten bytes of date.
    let mut from = 10;
    while let Some(found) = bytes.get(from..)?.iter().position(|byte| *byte == b'T') {
        let start = from + found - 10;
        let rest = bytes.get(start + LENGTH..).unwrap_or_default();
        let more = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        let end = start + LENGTH + more + 1;
        if let Some(time) = text.get(start..end).filter(|text| text.ends_with('Z')).and_then(parse_rfc3339) {
            return Some((start, end, time));
        }
        from += found + 1;
    }
    None
}

/// A time as the page says it, with seconds where it has any; with its day, and its year, where `span` does not lie in that alone.
fn short(time: Millis, span: Option<(Millis, Millis)>, clock: Clock) -> String {
    let minute = clock.shown(minute_of(time));
    let shown = time + (minute - minute_of(time)) * MINUTE_MS;
    let clock_time = if time.rem_euclid(MINUTE_MS) < 1000 { format_minute(minute) } else { seconds(shown) };
    let ends = span.map(|(first, last)| [clock.shown(minute_of(first)), clock.shown(minute_of(last))]);
    if ends.is_some_and(|ends| ends.iter().all(|end| end.div_euclid(1440) == minute.div_euclid(1440))) {
        return clock_time;
    }
    let date = format_date(minute);
    let (day, year) = date.rsplit_once(' ').unwrap_or((&date, ""));
    let same_year = ends.is_some_and(|ends| ends.iter().any(|end| format_date(*end).ends_with(year)));
    [if same_year { day } else { &date }, " ", &clock_time].concat()
}

fn seconds(shown: Millis) -> String {
    format_rfc3339(shown).get(11..LENGTH).unwrap_or_default().to_owned()
}

/// The sentence with its times as the page says them; the last one names the zone. `span` is that of the capture.
pub fn in_sentence(text: &str, span: Option<(Millis, Millis)>) -> String {
    told(text, span, clock::in_force())
}

fn told(text: &str, span: Option<(Millis, Millis)>, clock: Clock) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((start, end, time)) = next(rest) {
        let (before, after) = (rest.get(..start).unwrap_or_default(), rest.get(end..).unwrap_or_default());
        out.push_str(before);
        out.push_str(&short(time, span, clock));
        if next(after).is_none() {
            out.push(' ');
            out.push_str(&clock.zone(minute_of(time)));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: (Millis, Millis) = (1_795_165_200_000, 1_795_168_799_000);

    #[test]
    fn times_are_short_where_the_capture_lies_in_their_day() {
        let text = "The answer's size changed from 1893 to 412 bytes at 2026-11-20T09:31:15.202Z.";
        let told = |span| told(text, span, Clock::UTC);
        assert_eq!(told(Some(HOUR)), "The answer's size changed from 1893 to 412 bytes at 09:31:15 UTC.");
        let days = (HOUR.0, HOUR.1 + 86_400_000);
        assert_eq!(told(Some(days)), "The answer's size changed from 1893 to 412 bytes at 20 Nov 09:31:15 UTC.");
        assert!(told(None).ends_with("at 20 Nov 2026 09:31:15 UTC."));
    }

    #[test]
    fn one_zone_is_said_for_all_times_of_a_sentence_and_other_text_stays() {
        let hole = "A gap from 2026-11-20T09:40:00Z to 2026-11-20T09:44:00Z, TCP 80: T 2026-11-20T9 ünT.";
        let kolkata = Clock(|_| 330);
        assert_eq!(told(hole, Some(HOUR), kolkata), "A gap from 15:10 to 15:14 UTC+05:30, TCP 80: T 2026-11-20T9 ünT.");
        for text in ["", "T", "no time", "2026-11-20T09:40:00+01:00", "2026-13-20T09:40:00Z", "éééééT09:40:00Z"] {
            assert_eq!(told(text, Some(HOUR), Clock::UTC), text);
        }
    }
}

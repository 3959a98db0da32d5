//! Times as exports write them: RFC 3339, or the portal's `11/20/2026, 9:00:00.000 AM`, taken as UTC. Dates with slashes are American (contract
//! rule 10); those with dots begin with the day wherever they are written.

use underlay_model::time::{Millis, parse_rfc3339};

/// Reads a time; `None` when it is none.
pub(crate) fn read(text: &str) -> Option<Millis> {
    let text = text.trim();
    parse_rfc3339(text).or_else(|| local(text))
}

fn local(text: &str) -> Option<Millis> {
    let (date, rest) = text.split_once([',', ' '])?;
    let dotted = date.contains('.');
    let mut parts = date.split(if dotted { '.' } else { '/' });
    let mut two = || parts.next().filter(|part| part.len() < 3).and_then(|part| part.parse::<u8>().ok());
    let (first, second) = (two()?, two()?);
    let (month, day) = if dotted { (second, first) } else { (first, second) };
    let year = parts.next().filter(|year| year.len() == 4 && parts.next().is_none())?;
    let rest = rest.trim();
    let (clock, half) =
        rest.split_at(rest.find(|c: char| c.is_ascii_whitespace() || c == '\u{202F}').unwrap_or(rest.len()));
    let (hour, rest) = clock.split_once(':')?;
    let hour: u8 = hour.parse().ok()?;
    let half = half.trim();
    let hour = match half.as_bytes() {
        [b'A' | b'a', ..] if (1..=12).contains(&hour) => hour % 12,
        [b'P' | b'p', ..] if (1..=12).contains(&hour) => hour % 12 + 12,
        [] => hour,
        _ => return None,
    };
    parse_rfc3339(&format!("{year}-{month:02}-{day:02}T{hour:02}:{rest}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portals_times_are_read() {
        let nine = parse_rfc3339("2026-11-20T09:00:00.5Z");
        for text in [
            "11/20/2026, 9:00:00.500 AM",
            "11/20/2026, 9:00:00.5 AM",
            "2026-11-20T09:00:00.5Z",
            "11/20/2026 09:00:00.500",
            "20.11.2026 09:00:00.500",
            "20.11.2026, 9:00:00.500",
        ] {
            assert_eq!(read(text), nine, "{text}");
        }
        assert_eq!(read("11/20/2026, 12:00:00.000 AM"), parse_rfc3339("2026-11-20T00:00:00Z"));
        assert_eq!(read("11/20/2026, 12:00:00.000 PM"), parse_rfc3339("2026-11-20T12:00:00Z"));
        for text in ["", "20/11/2026, 9:00:00 AM", "11/20/2026", "11/20/26, 9:00:00 AM", "13:00", "11.20.2026 09:00:00"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

//! Times as exports and spreadsheets write them: RFC 3339, the portal's `11/20/2026, 9:00:00.000 AM`, Excel's `20.11.2026 09:00`, taken as
//! UTC. Dates with slashes are American (contract rule 10) unless their table shows that it is written with the day first; those with dots
//! or dashes begin with the day wherever they are written.

use underlay_model::time::{MINUTE_MS, Millis, parse_rfc3339};

/// Which part of a date with slashes is the day, as the rows of one table show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DateOrder {
    /// Where the first row stands whose day can only be the first part; it and all behind it are read so.
    pub(crate) day_first: Option<u64>,
    /// Rows before it that could be either, and were read with the month first.
    pub(crate) either: u64,
    /// A row has shown that the month is the first part.
    month_first: bool,
}

impl DateOrder {
    /// Takes a time of the row that begins at `byte` into account.
    pub(crate) fn see(&mut self, text: &str, byte: u64) {
        if self.month_first || self.day_first.is_some() {
            return;
        }
        let Some((first, second)) = slashed(text) else { return };
        match (first > 12, second > 12) {
            (true, false) => self.day_first = Some(byte),
            (false, true) => self.month_first = true,
            _ => self.either += 1,
        }
    }

    /// Like [`DateOrder::read`], in a zone so many minutes ahead of UTC unless the text names its own.
    pub(crate) fn read_in(&self, text: &str, zone_minutes: i64) -> Option<Millis> {
        let time = self.read(text)?;
        let own_zone = text.ends_with(['Z', 'z'])
            || text.len() > 6 && text.get(text.len() - 6..).is_some_and(|tail| tail.starts_with(['+', '-']));
        Some(if own_zone { time } else { time - zone_minutes * MINUTE_MS })
    }

    /// Reads a time; `None` when it is none.
    fn read(&self, text: &str) -> Option<Millis> {
        let text = text.trim();
        parse_rfc3339(text).or_else(|| local(text, self.day_first.is_some()))
    }
}

/// The first two numbers of a date with slashes that does not begin with the year.
fn slashed(text: &str) -> Option<(u8, u8)> {
    let mut parts = text.trim_start().split('/');
    let mut two = || parts.next().filter(|part| part.len() < 3).and_then(|part| part.parse().ok());
    Some((two()?, two()?))
}

fn local(text: &str, day_first: bool) -> Option<Millis> {
    let (date, rest) = text.split_once([',', ' ', 'T'])?;
    let mark = date.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = date.split(mark).collect();
    let [first, second, third] = *parts.as_slice() else { return None };
    let (year, month, day) = match mark {
        _ if first.len() == 4 => (first, second, third),
        '.' | '-' => (third, second, first),
        '/' if day_first => (third, second, first),
        '/' => (third, first, second),
        _ => return None,
    };
    let two = |part: &str| Some(part).filter(|part| part.len() < 3).and_then(|part| part.parse::<u8>().ok());
    let (month, day) = (two(month)?, two(day)?);
    if year.len() != 4 {
        return None;
    }
    let rest = rest.trim();
    let (clock, half) =
        rest.split_at(rest.find(|c: char| c.is_ascii_whitespace() || c == '\u{202F}').unwrap_or(rest.len()));
    // Spreadsheets leave the seconds out.
    let mut numbers = clock.splitn(3, ':');
    let (hour, minute, seconds) = (two(numbers.next()?)?, two(numbers.next()?)?, numbers.next().unwrap_or("00"));
    let hour = match half.trim().as_bytes() {
        [b'A' | b'a', ..] if (1..=12).contains(&hour) => hour % 12,
        [b'P' | b'p', ..] if (1..=12).contains(&hour) => hour % 12 + 12,
        [] => hour,
        _ => return None,
    };
    let seconds = seconds.replace(',', ".");
    parse_rfc3339(&format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{seconds}Z"))
}

/// The zone that an export puts behind the name of a column, `TimeGenerated [UTC+01:00]`: minutes ahead of UTC, or the name of one of which
/// the distance is not known.
pub(crate) fn zone_of(column: &str) -> Option<Result<i16, String>> {
    let zone = column.split_once('[')?.1.trim_end().trim_end_matches(']');
    Some(zone_minutes(zone).ok_or_else(|| zone.to_owned()))
}

/// Minutes of `UTC`, `UTC+1`, `UTC+05:30`, `GMT-0300`, `+02:00`.
fn zone_minutes(text: &str) -> Option<i16> {
    let text = text.trim();
    let distance = ["UTC", "GMT", "utc", "gmt"].iter().find_map(|name| text.strip_prefix(name)).unwrap_or(text).trim();
    if distance.is_empty() || distance == "Z" {
        return (!text.is_empty()).then_some(0);
    }
    let (sign, digits) = match distance.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-" | "\u{2212}", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2)?,
        None => (digits, "0"),
    };
    let hours = hours.parse::<i16>().ok().filter(|hours| *hours <= 14)?;
    let minutes = minutes.parse::<i16>().ok().filter(|minutes| *minutes < 60)?;
    Some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Millis> {
        DateOrder::default().read(text)
    }

    #[test]
    fn the_portals_times_are_read() {
        let nine = parse_rfc3339("2026-11-20T09:00:00.5Z");
        for text in [
            "11/20/2026, 9:00:00.500 AM",
            "11/20/2026, 9:00:00.5 AM",
            "11/20/2026, 9:00:00.500\u{202F}AM",
            "2026-11-20T09:00:00.5Z",
            "11/20/2026 09:00:00.500",
            "20.11.2026 09:00:00.500",
            "20.11.2026, 9:00:00.500",
            "20.11.2026, 09:00:00,500",
            "20-11-2026 09:00:00.500",
            "2026/11/20 9:00:00.500",
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

    #[test]
    fn spreadsheets_leave_the_seconds_out() {
        for text in ["20.11.2026 09:05", "11/20/2026 9:05", "11/20/2026 9:05 AM", "2026-11-20 09:05", "2026/11/20 9:05"]
        {
            assert_eq!(read(text), parse_rfc3339("2026-11-20T09:05:00Z"), "{text}");
        }
    }

    #[test]
    fn a_table_shows_which_part_is_the_day() {
        let mut order = DateOrder::default();
        order.see("03/04/2026, 09:00:00", 10);
        assert_eq!(order.read("03/04/2026, 09:00:00"), parse_rfc3339("2026-03-04T09:00:00Z"));
        order.see("13/04/2026, 09:00:00", 20);
        assert_eq!((order.day_first, order.either), (Some(20), 1));
        assert_eq!(order.read("13/04/2026, 09:00:00"), parse_rfc3339("2026-04-13T09:00:00Z"));
        assert_eq!(order.read("03/04/2026, 09:00:00"), parse_rfc3339("2026-04-03T09:00:00Z"));

        let mut order = DateOrder::default();
        order.see("04/13/2026, 9:00:00 AM", 0);
        order.see("13/04/2026, 9:00:00 AM", 1);
        assert_eq!(order.read("13/04/2026, 9:00:00 AM"), None);
    }

    #[test]
    fn zones_behind_names_are_read() {
        for (zone, minutes) in [
            ("UTC", Some(0)),
            ("UTC+1", Some(60)),
            ("UTC-05:30", Some(-330)),
            ("GMT+0200", Some(120)),
            ("+02:00", Some(120)),
            ("Local Time", None),
            ("Europe/Berlin", None),
            ("UTC+99", None),
            ("", None),
        ] {
            assert_eq!(zone_minutes(zone), minutes, "{zone}");
        }
        assert_eq!(zone_of("TimeGenerated [UTC+1]"), Some(Ok(60)));
        assert_eq!((zone_of("TimeGenerated"), zone_of("T [Local Time]")), (None, Some(Err("Local Time".to_owned()))));
        let order = DateOrder::default();
        assert_eq!(order.read_in("11/20/2026 10:00", 60), parse_rfc3339("2026-11-20T09:00:00Z"));
        assert_eq!(order.read_in("2026-11-20T09:00:00Z", 60), parse_rfc3339("2026-11-20T09:00:00Z"));
    }
}

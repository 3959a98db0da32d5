//! Times as exports and spreadsheets write them: RFC 3339, the portal's `11/20/2026, 9:00:00.000 AM`, Excel's `20.11.2026 09:00`, another
//! portal's `Nov 20, 2026 9:00:00 AM`, numbers of programs, taken as UTC. Dates with slashes are American (contract rule 10) unless their table shows that it is written with the day first; those with dots
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

    /// Reads a time, in a zone so many minutes ahead of UTC unless the text names its own; `None` when it is none. Numbers are
    /// seconds or milliseconds since 1970, in UTC wherever they are written.
    pub(crate) fn read_in(&self, text: &str, zone_minutes: i64) -> Option<Millis> {
        let text = text.trim();
        if let Some(time) = since_1970(text) {
            return Some(time);
        }
        let (clock, own_zone) = parted(text);
        let time = parse_rfc3339(clock).or_else(|| local(clock, self.day_first.is_some()))?;
        Some(time - own_zone.unwrap_or(zone_minutes) * MINUTE_MS)
    }
}

/// Ten to thirteen digits; below 10^11 they are seconds (contract, rule 1).
fn since_1970(text: &str) -> Option<Millis> {
    let digits = (10..=13).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: Millis = Some(text).filter(|_| digits)?.parse().ok()?;
    Some(if number < 100_000_000_000 { number * 1000 } else { number })
}

/// A time and the minutes that the zone behind it is ahead of UTC, if it names one.
fn parted(text: &str) -> (&str, Option<i64>) {
    for name in ["Z", "z", "GMT", "UTC"] {
        if let Some(clock) = text.strip_suffix(name) {
            return (clock.trim_end(), Some(0));
        }
    }
    let distance = text.rfind(['+', '-']).filter(|at| text.get(..*at).is_some_and(|clock| clock.contains(':')));
    let Some((clock, zone)) = distance.and_then(|at| text.split_at_checked(at)) else { return (text, None) };
    match zone_minutes(zone) {
        Some(minutes) => (clock.trim_end(), Some(i64::from(minutes))),
        None => (text, None),
    }
}

/// The first two numbers of a date with slashes that does not begin with the year.
fn slashed(text: &str) -> Option<(u8, u8)> {
    let mut parts = text.trim_start().split('/');
    let mut two = || parts.next().filter(|part| part.len() < 3).and_then(|part| part.parse().ok());
    Some((two()?, two()?))
}

/// Year, month and day of a date that has the month's name, each as text: `Nov 20, 2026`, `20-Nov-2026`, `Fri, 20 November 2026`.
fn by_name(date: &str) -> Option<String> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (mut month, mut day, mut year) = (None, "", "");
    for word in date.split([' ', ',', '-', '/', '.']).filter(|word| !word.is_empty()) {
        match (word.as_bytes().first().is_some_and(u8::is_ascii_digit), word.len()) {
            (true, 1..=2) => day = word,
            (true, 4) => year = word,
            (false, 3..) => {
                let name = word.get(..3)?.to_ascii_lowercase();
                month = MONTHS.iter().position(|known| *known == name).or(month);
            }
            _ => return None,
        }
    }
    Some([year, "-", &(month? + 1).to_string(), "-", day].concat())
}

fn local(text: &str, day_first: bool) -> Option<Millis> {
    let clock = text.find(':').and_then(|colon| text.get(..colon)?.rfind([' ', 'T']))?;
    if text.get(..clock).is_some_and(|date| date.contains(|c: char| c.is_ascii_alphabetic())) {
        let (date, rest) = text.split_at_checked(clock)?;
        return local(&[&by_name(date)?, rest].concat(), day_first);
    }
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
        DateOrder::default().read_in(text, 0)
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
            "Nov 20, 2026 9:00:00.500 AM",
            "Nov 20, 2026, 9:00:00.500 AM",
            "November 20, 2026 9:00:00.500 AM",
            "20 Nov 2026 09:00:00.500",
            "20-Nov-2026 09:00:00.500",
            "Fri, 20 Nov 2026 09:00:00.500 GMT",
            "11/20/2026 10:00:00.500 AM +01:00",
            "2026-11-20 09:00:00.500 UTC",
            "2026-11-20T03:30:00.5-05:30",
            "1795165200500",
        ] {
            assert_eq!(read(text), nine, "{text}");
        }
        assert_eq!(read("11/20/2026, 12:00:00.000 AM"), parse_rfc3339("2026-11-20T00:00:00Z"));
        assert_eq!(read("11/20/2026, 12:00:00.000 PM"), parse_rfc3339("2026-11-20T12:00:00Z"));
        assert_eq!(read("1795165200"), parse_rfc3339("2026-11-20T09:00:00Z"));
        let none =
            ["Foo 20, 2026 9:00 AM", "Nov 2026 9:00", "20 Nov 26 9:00", "9:00", ":", "x:", "Nov:20", "179516520"];
        for text in none {
            assert_eq!(read(text), None, "{text}");
        }
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
        assert_eq!(order.read_in("03/04/2026, 09:00:00", 0), parse_rfc3339("2026-03-04T09:00:00Z"));
        order.see("13/04/2026, 09:00:00", 20);
        assert_eq!((order.day_first, order.either), (Some(20), 1));
        assert_eq!(order.read_in("13/04/2026, 09:00:00", 0), parse_rfc3339("2026-04-13T09:00:00Z"));
        assert_eq!(order.read_in("03/04/2026, 09:00:00", 0), parse_rfc3339("2026-04-03T09:00:00Z"));

        let mut order = DateOrder::default();
        order.see("04/13/2026, 9:00:00 AM", 0);
        order.see("13/04/2026, 9:00:00 AM", 1);
        assert_eq!(order.read_in("13/04/2026, 9:00:00 AM", 0), None);
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

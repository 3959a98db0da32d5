//! Time as milliseconds since 1970-01-01T00:00:00Z, read from RFC 3339 text and written back, without a calendar library:
//! the product needs one conversion each way, in workers, for years 0 to 9999.

/// Milliseconds since the Unix epoch, UTC.
pub type Millis = i64;
/// Minutes since the Unix epoch, UTC.
pub type Minute = i64;

/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;
/// The last millisecond of the year 9999 (summary contract, rule 8, `tuple-time`).
pub const LAST_MS: Millis = 253_402_300_799_999;

/// The UTC minute that a time falls in.
#[inline]
pub fn minute_of(time_ms: Millis) -> Minute {
    time_ms.div_euclid(MINUTE_MS)
}

/// Reads RFC 3339: `2026-11-20T09:00:41.1830427Z`, any number of fractional digits, `T`/`t`/blank between date and time,
/// `Z` or `±hh:mm` (also `±hhmm`), or no zone, taken as UTC. Fractions below a millisecond are cut off.
pub fn parse_rfc3339(text: &str) -> Option<Millis> {
    let bytes = text.as_bytes();
    if bytes.len() < 19 || bytes[4] != b'-' || bytes[7] != b'-' || bytes[13] != b':' || bytes[16] != b':' {
        return None;
    }
    if !matches!(bytes[10], b'T' | b't' | b' ') {
        return None;
    }
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = bytes.get(range)?;
        digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0')))
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if !(1..=12).contains(&month)
        || day < 1
        || day > days_in_month(year, month)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let mut rest = &bytes[19..];
    let mut millis = 0;
    if let [b'.', digits @ ..] = rest {
        let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        let mut scale = 100;
        for digit in &digits[..count.min(3)] {
            millis += i64::from(digit - b'0') * scale;
            scale /= 10;
        }
        rest = &digits[count..];
    }
    let offset_minutes = match rest {
        [] | [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), zone @ ..] => {
            let digits: Vec<u8> = zone.iter().copied().filter(|&b| b != b':').collect();
            if digits.len() != 4 || !digits.iter().all(u8::is_ascii_digit) {
                return None;
            }
            let n = |i: usize| i64::from(digits[i] - b'0');
            let minutes = (n(0) * 10 + n(1)) * 60 + n(2) * 10 + n(3);
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    let days = days_from_civil(year, month, day);
    Some((((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second) * 1000 + millis)
}

/// Writes `2026-11-20T09:00:41.183Z`; the fraction is left out when it is zero.
pub fn format_rfc3339(time_ms: Millis) -> String {
    let (days, in_day) = (time_ms.div_euclid(86_400_000), time_ms.rem_euclid(86_400_000));
    let (year, month, day) = civil_from_days(days);
    let (seconds, millis) = (in_day / 1000, in_day % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Writes the clock time `09:31` of a minute, UTC.
pub fn format_minute(minute: Minute) -> String {
    let in_day = minute.rem_euclid(1440);
    format!("{:02}:{:02}", in_day / 60, in_day % 60)
}

/// Writes the date `20 Nov 2026` of a minute, UTC.
pub fn format_date(minute: Minute) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = civil_from_days(minute.div_euclid(1440));
    format!("{day} {} {year}", MONTHS[(month - 1) as usize])
}

/// A clock on some wall: how many minutes it is ahead of UTC at a minute.
#[derive(Clone, Copy, Debug)]
pub struct Clock(pub fn(Minute) -> i64);

impl Clock {
    /// Coordinated universal time.
    pub const UTC: Self = Self(|_| 0);

    /// The minute as if this clock were in UTC: for writing it, and for finding whole hours and days.
    pub fn shown(self, minute: Minute) -> Minute {
        minute + (self.0)(minute)
    }

    /// Writes `09:31`.
    pub fn time(self, minute: Minute) -> String {
        format_minute(self.shown(minute))
    }

    /// Writes `20 Nov 2026`.
    pub fn date(self, minute: Minute) -> String {
        format_date(self.shown(minute))
    }

    /// `UTC`, or `UTC+02:00`, as it is at this minute.
    pub fn zone(self, minute: Minute) -> String {
        let ahead = (self.0)(minute);
        if ahead == 0 {
            return "UTC".to_owned();
        }
        let sign = if ahead < 0 { '-' } else { '+' };
        format!("UTC{sign}{:02}:{:02}", ahead.abs() / 60, ahead.abs() % 60)
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_the_forms_that_azure_and_kubernetes_use() {
        for (text, back) in [
            ("2026-11-20T09:00:41.1830427Z", "2026-11-20T09:00:41.183Z"),
            ("2026-11-20T09:00:41Z", "2026-11-20T09:00:41Z"),
            ("2026-11-20T10:00:41+01:00", "2026-11-20T09:00:41Z"),
            ("2024-02-29 00:00:00", "2024-02-29T00:00:00Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(parse_rfc3339(text).map(format_rfc3339).as_deref(), Some(back), "{text}");
        }
        for text in [
            "",
            "2026-11-20",
            "2023-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-20T09:00:41.Z",
            "2026-11-20T09:00:41X",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
        assert_eq!(parse_rfc3339("9999-12-31T23:59:59.999Z"), Some(LAST_MS));
    }
}

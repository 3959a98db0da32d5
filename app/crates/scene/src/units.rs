//! Numbers and names as people read them: bytes in steps of 1000, thousands separators, durations, and names shortened in the
//! middle with the part that differs kept. One place, so that picture, inspector and tree say the same.

/// `999 B`, `41.8 MB`, `1.2 GB`: steps of 1000, at most three digits.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1000.0;
    for (step, unit) in UNITS.iter().enumerate() {
        // 999.5 would be written as 1000.
        if value < 999.5 || step + 1 == UNITS.len() {
            return if value < 99.95 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") };
        }
        value /= 1000.0;
    }
    String::new()
}

/// `12,968`.
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 flow`, `37 flows`.
pub fn counted(number: u64, singular: &str, plural: &str) -> String {
    format!("{} {}", count(number), if number == 1 { singular } else { plural })
}

/// `250 ms`, `5.00 s`, `12 min`, `1 h 30 min`, `2 d 3 h`.
pub fn duration_ms(ms: u64) -> String {
    match ms {
        0..=999 => format!("{ms} ms"),
        1_000..=9_994 => format!("{:.2} s", ms as f64 / 1000.0),
        9_995..=59_949 => format!("{:.1} s", ms as f64 / 1000.0),
        _ => minutes((ms + 30_000) / 60_000),
    }
}

/// `30 min`, `1 h`, `1 h 30 min`, `2 d 3 h`.
pub fn minutes(minutes: u64) -> String {
    let pair = |large: u64, unit: &str, small: u64, small_unit: &str| {
        if small == 0 { format!("{large} {unit}") } else { format!("{large} {unit} {small} {small_unit}") }
    };
    match minutes {
        0..=59 => format!("{minutes} min"),
        60..=1439 => pair(minutes / 60, "h", minutes % 60, "min"),
        _ => pair(minutes / 1440, "d", minutes / 60 % 24, "h"),
    }
}

/// A name cut into what it shares with its siblings and what differs: `("yadaapi-5f9f964f75-", "2tnc8")`. Names without a `-`
/// differ as a whole.
pub fn distinguishing(name: &str) -> (&str, &str) {
    match name.rfind('-') {
        Some(dash) if dash + 1 < name.len() => name.split_at(dash + 1),
        _ => ("", name),
    }
}

/// At most `most` characters, the middle replaced by `…`; the end keeps the larger half, since it tells things apart. Of less than eight
/// two halves could not be read: then only the beginning is left.
pub fn middle_ellipsis(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    if most <= 1 {
        return "…".to_owned();
    }
    let tail = if most < 8 { 0 } else { most / 2 };
    let head = most - 1 - tail;
    let mut out: String = text.chars().take(head).collect();
    out.push('…');
    out.extend(text.chars().skip(length - tail));
    out
}

/// Roughly how wide a text is drawn, in pixels: an estimate for the widest fallback font that the design allows is not needed,
/// since hosts may squeeze; this one is for the design's own stack.
pub fn text_width(text: &str, size: f32, mono: bool) -> f32 {
    if mono {
        return text.chars().count() as f32 * size * 0.602;
    }
    text.chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | 'I' => 0.29,
            ' ' | 'f' | 't' | 'r' | '(' | ')' | '-' | '/' => 0.36,
            'm' | 'w' | 'M' | 'W' | '…' | '@' | '%' => 0.88,
            'A'..='Z' => 0.68,
            _ => 0.59,
        })
        .sum::<f32>()
        * size
}

/// The text shortened in the middle so that it is estimated to fit `room` pixels.
pub fn fit(text: &str, size: f32, mono: bool, room: f32) -> String {
    if text_width(text, size, mono) <= room {
        return text.to_owned();
    }
    let mut most = text.chars().count();
    while most > 1 {
        most -= 1;
        let shorter = middle_ellipsis(text, most);
        if text_width(&shorter, size, mono) <= room {
            return shorter;
        }
    }
    String::new()
}

/// The end of a text that is estimated to fit `room` pixels, after a `…`: addresses differ at their end.
pub fn fit_tail(text: &str, size: f32, mono: bool, room: f32) -> String {
    if text_width(text, size, mono) <= room {
        return text.to_owned();
    }
    let tails = (1..text.chars().count()).map(|cut| std::iter::once('…').chain(text.chars().skip(cut)).collect());
    first_that_fits(tails, size, mono, room)
}

/// The beginning of a word that is estimated to fit `room` pixels, before a `…`.
pub fn fit_head(text: &str, size: f32, mono: bool, room: f32) -> String {
    if text_width(text, size, mono) <= room {
        return text.to_owned();
    }
    let heads = (1..text.chars().count()).rev().map(|most| text.chars().take(most).chain(['…']).collect());
    first_that_fits(heads, size, mono, room)
}

fn first_that_fits(mut texts: impl Iterator<Item = String>, size: f32, mono: bool, room: f32) -> String {
    texts.find(|shorter| text_width(shorter, size, mono) <= room).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_in_the_design() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (253_000, "253 kB"),
            (41_800_000, "41.8 MB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (61_400_000_000, "61.4 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(bytes(count), text);
        }
        assert_eq!((count(7), count(12_968), count(1_234_567)), ("7".into(), "12,968".into(), "1,234,567".into()));
        assert_eq!(counted(1, "flow", "flows"), "1 flow");
        assert_eq!(duration_ms(5000), "5.00 s");
        assert_eq!(
            (minutes(30), minutes(60), minutes(90), minutes(1500)),
            ("30 min".into(), "1 h".into(), "1 h 30 min".into(), "1 d 1 h".into())
        );
    }

    #[test]
    fn names_keep_the_part_that_differs() {
        assert_eq!(distinguishing("yadaapi-5f9f964f75-2tnc8"), ("yadaapi-5f9f964f75-", "2tnc8"));
        assert_eq!(distinguishing("10.13.100.6"), ("", "10.13.100.6"));
        assert_eq!(distinguishing("odd-"), ("", "odd-"));
        assert_eq!(middle_ellipsis("aks-nodepool1-30661543-vmss000000", 12), "aks-n…000000");
        assert_eq!(middle_ellipsis("Destinations", 6), "Desti…");
        assert_eq!(middle_ellipsis("abc", 3), "abc");
        assert_eq!(fit("aks-nodepool1-30661543-vmss000000", 11.0, true, 80.0).chars().count(), 12);
        assert_eq!(fit("abc", 11.0, true, 0.0), "");
    }
}

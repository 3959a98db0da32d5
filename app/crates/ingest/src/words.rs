//! Numbers in sentences.

/// `1 node`, `14 pods`, `1,204 entries`, `3 addresses`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    if number == 1 {
        return format!("1 {noun}");
    }
    let plural = if let Some(stem) = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o'])) {
        format!("{stem}ies")
    } else if noun.ends_with(['s', 'x']) {
        format!("{noun}es")
    } else {
        format!("{noun}s")
    };
    format!("{} {plural}", grouped(number))
}

/// Digits in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size or a position: `312 bytes`, `88 kB`, `17.3 MB`, `2.1 GB` (powers of ten).
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

/// Where something is: `at the start`, `at byte 312`, `at 17.3 MB`.
pub(crate) fn place(byte: u64) -> String {
    match byte {
        0 => "at the start".to_owned(),
        1..1_000 => format!("at byte {byte}"),
        _ => format!("at {}", size(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_sizes_and_places_read_well() {
        assert_eq!(count(1, "node"), "1 node");
        assert_eq!(count(14_000, "virtual network"), "14,000 virtual networks");
        assert_eq!(count(2, "security policy"), "2 security policies");
        assert_eq!(count(2, "public IP address"), "2 public IP addresses");
        assert_eq!(count(2, "gateway"), "2 gateways");
        assert_eq!([size(1), size(312), size(88_123), size(17_340_000)], ["1 byte", "312 bytes", "88 kB", "17.3 MB"]);
        assert_eq!(place(0), "at the start");
    }
}

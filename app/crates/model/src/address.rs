//! Addresses as flow logs and Kubernetes write them. The contract wants them strict (no leading zeros, no zone, no
//! brackets, no blanks) and an IPv4-mapped IPv6 address is the IPv4 address, so that one machine has one name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads an address strictly (summary contract, rule 8, `tuple-address`): IPv4 without leading zeros, IPv6 without
/// zone or brackets, no surrounding blanks; IPv4-mapped IPv6 becomes IPv4. `None` for anything else.
pub fn parse_address(text: &[u8]) -> Option<IpAddr> {
    if let Some(v4) = parse_ipv4(text) {
        return Some(IpAddr::V4(v4));
    }
    // The standard parser refuses zones, brackets and blanks, and leading zeros in a dotted tail.
    let text = std::str::from_utf8(text).ok()?;
    if !text.contains(':') {
        return None;
    }
    text.parse::<Ipv6Addr>().ok().map(|v6| fold(IpAddr::V6(v6)))
}

/// An IPv4-mapped IPv6 address as the IPv4 address that it is; every other address unchanged.
pub fn fold(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn parse_ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut parts = text.split(|&byte| byte == b'.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() || part.len() > 3 || (part.len() > 1 && part[0] == b'0') {
            return None;
        }
        let mut value = 0u16;
        for &digit in part {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + u16::from(digit - b'0');
        }
        *octet = u8::try_from(value).ok()?;
    }
    parts.next().is_none().then(|| Ipv4Addr::from(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_contract_allows_and_nothing_else() {
        for (text, printed) in [
            ("10.13.100.6", "10.13.100.6"),
            ("::ffff:10.1.2.3", "10.1.2.3"),
            ("FD12:3456:789a:0:0:0:1:5", "fd12:3456:789a::1:5"),
        ] {
            assert_eq!(parse_address(text.as_bytes()).map(|ip| ip.to_string()).as_deref(), Some(printed));
        }
        for text in [
            "",
            "010.1.1.1",
            "1.2.3",
            "1.2.3.256",
            " 1.2.3.4",
            "1.2.3.4 ",
            "[::1]",
            "fe80::1%eth0",
            "1.2.3.4.5",
            "1..2.3",
        ] {
            assert_eq!(parse_address(text.as_bytes()), None, "{text:?}");
        }
    }
}

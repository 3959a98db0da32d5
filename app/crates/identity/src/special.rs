//! Addresses that mean something without any input: Azure's platform, and what is private by definition.

use std::net::{IpAddr, Ipv4Addr};

/// Azure's virtual public address for DNS, health probes and agents ("What is IP address 168.63.129.16?").
const WIRE_SERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

/// 168.63.129.16 and 169.254.0.0/16 (summary contract).
pub(crate) fn is_platform(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4 == WIRE_SERVER || v4.is_link_local(),
        IpAddr::V6(_) => false,
    }
}

/// RFC 1918, 100.64/10, loopback, link-local, multicast and reserved (0/8, 240/4, `::`), fc00::/7. Documentation
/// prefixes count as public: examples use them for addresses of the internet.
pub(crate) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_private()
                || (first == 100 && (64..128).contains(&second))
                || v4.is_loopback()
                || v4.is_link_local()
                || first == 0
                || first >= 224
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unicast_link_local()
                || v6.is_multicast()
                || v6.is_unique_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_private_from_public() {
        for text in [
            "10.0.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.127.0.1",
            "127.0.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "fd00::1",
            "fe80::1",
            "ff02::1",
            "::1",
            "::",
        ] {
            assert!(is_private(text.parse().unwrap()), "{text}");
        }
        for text in ["172.32.0.1", "100.128.0.1", "203.0.113.77", "1.2.3.4", "168.63.129.16", "2603::1", "2001:db8::1"]
        {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
        assert!(is_platform("168.63.129.16".parse().unwrap()) && is_platform("169.254.23.0".parse().unwrap()));
        assert!(!is_platform("168.63.129.17".parse().unwrap()));
    }
}

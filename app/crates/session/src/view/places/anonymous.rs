//! Addresses that are nobody we know by name: few are drawn one by one, many as groups by prefix, so that a picture of
//! flow logs alone stays readable.

use std::collections::BTreeMap;
use std::net::IpAddr;
use underlay_model::IpNet;

/// Up to so many addresses of one container are drawn one by one.
const SINGLE: usize = 12;
/// Up to so many groups; then prefixes get shorter.
const GROUPS: usize = 64;
/// Prefix lengths tried, (IPv4, IPv6), longest first.
const LENGTHS: [(u8, u8); 4] = [(24, 64), (16, 48), (8, 32), (0, 0)];

/// Addresses drawn as one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// `None` for a single address.
    pub(super) prefix: Option<IpNet>,
    /// Sorted, at least one.
    pub(super) addresses: Vec<IpAddr>,
}

/// Groups the addresses of one container, which are sorted and each there once.
pub(super) fn group(addresses: Vec<IpAddr>) -> Vec<Group> {
    if addresses.len() <= SINGLE {
        return addresses.into_iter().map(|address| Group { prefix: None, addresses: vec![address] }).collect();
    }
    let mut groups = BTreeMap::new();
    for (v4, v6) in LENGTHS {
        groups = by_prefix(&addresses, v4, v6);
        if groups.len() <= GROUPS {
            break;
        }
    }
    groups
        .into_iter()
        .map(|(prefix, addresses)| Group { prefix: Some(prefix).filter(|_| addresses.len() > 1), addresses })
        .collect()
}

fn by_prefix(addresses: &[IpAddr], v4: u8, v6: u8) -> BTreeMap<IpNet, Vec<IpAddr>> {
    let mut groups: BTreeMap<IpNet, Vec<IpAddr>> = BTreeMap::new();
    for &address in addresses {
        let length = if address.is_ipv4() { v4 } else { v6 };
        let prefix = IpNet::new(address, length).unwrap_or_else(|_| IpNet::from(address)).trunc();
        groups.entry(prefix).or_default().push(address);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(count: u32, step: u32) -> Vec<IpAddr> {
        (0..count).map(|i| IpAddr::V4((0x0a00_0000 + i * step).into())).collect()
    }

    #[test]
    fn few_stand_alone_and_many_share_a_prefix() {
        assert!(group(addresses(12, 1)).iter().all(|group| group.prefix.is_none()));
        let groups = group(addresses(300, 1));
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].prefix.map(|prefix| prefix.to_string()).as_deref(), Some("10.0.0.0/24"));
        assert_eq!(groups.iter().map(|group| group.addresses.len()).sum::<usize>(), 300);
    }

    #[test]
    fn never_more_groups_than_can_be_drawn() {
        assert!(group(addresses(50_000, 256)).len() <= GROUPS);
    }
}

//! Longest-prefix lookup over a set of prefixes: one hash look-up for each prefix length that occurs, so a cluster of
//! thousands of /24 blocks answers as fast as one of three.

use rustc_hash::FxHashMap;
use std::net::IpAddr;
use underlay_model::IpNet;

/// Prefixes and what each stands for. The first value of a prefix stays.
#[derive(Debug, Default)]
pub(crate) struct PrefixTable {
    v4: Family<u32>,
    v6: Family<u128>,
}

/// Of one address family: the lengths that occur, longest first, and the values by (length, network).
#[derive(Debug, Default)]
struct Family<N> {
    lengths: Vec<u8>,
    values: FxHashMap<(u8, N), u32>,
}

impl<N: Eq + std::hash::Hash> Family<N> {
    fn insert(&mut self, length: u8, network: N, value: u32) {
        if let Err(at) = self.lengths.binary_search_by(|known| length.cmp(known)) {
            self.lengths.insert(at, length);
        }
        self.values.entry((length, network)).or_insert(value);
    }
}

fn mask_v4(address: u32, length: u8) -> u32 {
    if length == 0 { 0 } else { address & (u32::MAX << (32 - u32::from(length.min(32)))) }
}

fn mask_v6(address: u128, length: u8) -> u128 {
    if length == 0 { 0 } else { address & (u128::MAX << (128 - u32::from(length.min(128)))) }
}

impl PrefixTable {
    /// Adds a prefix unless it is there.
    pub(crate) fn insert(&mut self, prefix: IpNet, value: u32) {
        let length = prefix.prefix_len();
        match prefix.addr() {
            IpAddr::V4(address) => self.v4.insert(length, mask_v4(address.into(), length), value),
            IpAddr::V6(address) => self.v6.insert(length, mask_v6(address.into(), length), value),
        }
    }

    /// The value of the longest prefix that holds the address.
    pub(crate) fn find(&self, address: IpAddr) -> Option<u32> {
        match address {
            IpAddr::V4(address) => {
                let bits = u32::from(address);
                self.v4.lengths.iter().find_map(|&length| self.v4.values.get(&(length, mask_v4(bits, length))).copied())
            }
            IpAddr::V6(address) => {
                let bits = u128::from(address);
                self.v6.lengths.iter().find_map(|&length| self.v6.values.get(&(length, mask_v6(bits, length))).copied())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_walk_over_all_prefixes_finds(
            prefixes in proptest::collection::vec((any::<u32>(), 0u8..=32), 0..40),
            addresses in proptest::collection::vec(any::<u32>(), 1..40),
        ) {
            let nets: Vec<IpNet> = prefixes.iter()
                // Few networks, so that they nest.
                .map(|&(bits, length)| IpNet::new(IpAddr::V4((bits & 0x0303_0303).into()), length).unwrap().trunc())
                .collect();
            let mut table = PrefixTable::default();
            for (value, net) in (0..).zip(&nets) {
                table.insert(*net, value);
            }
            for bits in addresses {
                let address = IpAddr::V4((bits & 0x0303_0303).into());
                let naive = (0u32..).zip(&nets)
                    .filter(|(_, net)| net.contains(&address))
                    .max_by_key(|(value, net)| (net.prefix_len(), std::cmp::Reverse(*value)))
                    .map(|(value, _)| value);
                prop_assert_eq!(table.find(address), naive);
            }
        }
    }

    #[test]
    fn finds_in_both_families() {
        let mut table = PrefixTable::default();
        table.insert("fd12:3456:789a::/64".parse().unwrap(), 1);
        table.insert("10.244.0.0/16".parse().unwrap(), 2);
        assert_eq!(table.find("fd12:3456:789a::1:5".parse().unwrap()), Some(1));
        assert_eq!(table.find("10.244.9.9".parse().unwrap()), Some(2));
        assert_eq!(table.find("fd12:3456:789b::1".parse().unwrap()), None);
    }
}

//! Addresses as 32-bit codes, so that a column of addresses is narrow: an IPv4 address below 240.0.0.0 is itself, every other address (IPv6, and
//! the few IPv4 addresses above) is a number from there on, by order of arrival.

use rustc_hash::FxHashMap;
use std::net::{IpAddr, Ipv4Addr};
use underlay_model::IpNet;
use underlay_model::order::Order;

/// Codes from here on stand for addresses of the side table.
pub(crate) const FIRST_SIDE: u32 = 0xF000_0000;

/// The side table.
#[derive(Debug, Default)]
pub(crate) struct AddressCodes {
    addresses: Vec<IpAddr>,
    codes: FxHashMap<IpAddr, u32>,
}

impl AddressCodes {
    #[inline]
    pub(crate) fn code(&mut self, address: IpAddr) -> u32 {
        if let IpAddr::V4(v4) = address {
            let bits = u32::from(v4);
            if bits < FIRST_SIDE {
                return bits;
            }
        }
        self.side_code(address)
    }

    fn side_code(&mut self, address: IpAddr) -> u32 {
        if let Some(&code) = self.codes.get(&address) {
            return code;
        }
        // 2^28 addresses would need ten gigabytes for this table alone; memory ends before the codes do.
        let number = u32::try_from(self.addresses.len()).unwrap_or(u32::MAX).min(u32::MAX - FIRST_SIDE);
        let code = FIRST_SIDE + number;
        self.addresses.push(address);
        self.codes.insert(address, code);
        code
    }

    /// The code of an address that has one.
    pub(crate) fn find(&self, address: IpAddr) -> Option<u32> {
        match address {
            IpAddr::V4(v4) if u32::from(v4) < FIRST_SIDE => Some(u32::from(v4)),
            _ => self.codes.get(&address).copied(),
        }
    }

    /// 32 bits of an address that are the same in every shard, where codes of the side table are not; addresses there may share theirs.
    #[inline]
    pub(crate) fn common(&self, code: u32) -> u32 {
        if code < FIRST_SIDE { code } else { self.common_of_side(code) }
    }

    #[inline(never)]
    fn common_of_side(&self, code: u32) -> u32 {
        let bits = match self.address(code) {
            IpAddr::V4(v4) => u128::from(u32::from(v4)),
            IpAddr::V6(v6) => u128::from(v6),
        };
        let mixed = (bits as u64 ^ ((bits >> 64) as u64).rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 32) as u32
    }

    /// Codes of the side table whose addresses lie in one of these, sorted.
    pub(crate) fn codes_in(&self, subnets: &[IpNet]) -> Vec<u32> {
        let inside = |address: &IpAddr| subnets.iter().any(|subnet| subnet.contains(address));
        (FIRST_SIDE..).zip(&self.addresses).filter(|(_, address)| inside(address)).map(|(code, _)| code).collect()
    }

    pub(crate) fn address(&self, code: u32) -> IpAddr {
        match code.checked_sub(FIRST_SIDE) {
            None => IpAddr::V4(Ipv4Addr::from(code)),
            Some(number) => self.addresses.get(number as usize).copied().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        }
    }

    /// For every address of the side table a number that sorts as the address does, beside the bits of IPv4 addresses.
    pub(crate) fn ranks(&self) -> Vec<u64> {
        let mut order: Vec<(IpAddr, usize)> = self.addresses.iter().copied().zip(0..).collect();
        order.order();
        let mut ranks = vec![0; order.len()];
        for ((address, number), place) in order.into_iter().zip(0u64..) {
            if let Some(rank) = ranks.get_mut(number) {
                *rank = match address {
                    IpAddr::V4(v4) => u32::from(v4).into(),
                    IpAddr::V6(_) => (1 << 32) + place,
                };
            }
        }
        ranks
    }

    /// The number of a code among these: 33 bits.
    pub(crate) fn rank(ranks: &[u64], code: u32) -> u64 {
        code.checked_sub(FIRST_SIDE).and_then(|number| ranks.get(number as usize)).copied().unwrap_or(code.into())
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.addresses.capacity() * size_of::<IpAddr>() + self.codes.capacity() * (size_of::<(IpAddr, u32)>() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_comes_back() {
        let mut codes = AddressCodes::default();
        for text in
            ["10.0.0.1", "239.255.255.255", "240.0.0.0", "255.255.255.255", "fd00::1", "::", "fd00::1", "0.0.0.0"]
        {
            let address: IpAddr = text.parse().unwrap();
            let code = codes.code(address);
            assert_eq!(codes.address(code), address);
            assert_eq!(codes.find(address), Some(code));
        }
        let ranks = codes.ranks();
        let mut sorted: Vec<IpAddr> = codes.addresses.iter().copied().chain(["1.2.3.4".parse().unwrap()]).collect();
        sorted.sort_by_key(|&address| AddressCodes::rank(&ranks, codes.find(address).unwrap()));
        assert!(sorted.is_sorted(), "{sorted:?}");
        assert_eq!(codes.find("fd00::2".parse().unwrap()), None);
    }
}

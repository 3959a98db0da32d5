//! Long lists as bytes: one run that is read from front to back. A capture has hundreds of thousands of pairs; as structures they fill five times
//! the memory, and to take them apart and together again between workers took longer than to read the capture. Numbers are
//! little-endian groups of seven bits, the last one without the high bit; addresses a byte for the version and their own bytes.

use crate::key::PairKey;
use crate::sums::Counters;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::net::IpAddr;
use underlay_model::tuple::Verdict;

/// Appends values to a run of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    #[inline]
    pub(crate) fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// At most eight numbers, each as [`Writer::number`] writes it, with one look at the room there is.
    pub(crate) fn numbers(&mut self, values: &[u64]) {
        let mut bytes = [0; ROOM];
        let len = values.iter().take(8).fold(0, |len, &value| put(&mut bytes, len, value));
        self.0.extend_from_slice(bytes.get(..len).unwrap_or_default());
    }

    /// Eight numbers of which most are zero: a byte that says which are not, then these.
    fn some_of(&mut self, values: [u64; 8]) {
        let mut bytes = [0; ROOM];
        let (mut which, mut len) = (0, 1);
        for (bit, value) in values.into_iter().enumerate().filter(|(_, value)| *value != 0) {
            which |= 1 << bit;
            len = put(&mut bytes, len, value);
        }
        bytes[0] = which;
        self.0.extend_from_slice(bytes.get(..len).unwrap_or_default());
    }

    pub(crate) fn large(&mut self, mut value: u128) {
        while value > u128::from(u64::MAX) {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.number(value as u64);
    }

    /// Small numbers of either sign are short.
    #[inline]
    pub(crate) fn signed(&mut self, value: i64) {
        self.number((value << 1 ^ value >> 63) as u64);
    }

    /// In bytes that sort as addresses do.
    #[inline]
    pub(crate) fn address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(v4) => {
                let [a, b, c, d] = v4.octets();
                self.0.extend_from_slice(&[4, a, b, c, d]);
            }
            IpAddr::V6(v6) => {
                self.0.push(6);
                self.0.extend_from_slice(&v6.octets());
            }
        }
    }

    /// In eight bytes that sort as the values do.
    pub(crate) fn sorting(&mut self, value: i64) {
        self.0.extend_from_slice(&(value ^ i64::MIN).to_be_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    /// In bytes that sort as the keys do.
    #[inline]
    pub(crate) fn pair(&mut self, pair: &PairKey) {
        let [high, low] = pair.port.to_be_bytes();
        let denied = u8::from(pair.verdict == Verdict::Denied);
        if let (IpAddr::V4(src), IpAddr::V4(dst)) = (pair.src, pair.dst) {
            let ([a, b, c, d], [e, f, g, h]) = (src.octets(), dst.octets());
            return self.0.extend_from_slice(&[4, a, b, c, d, 4, e, f, g, h, high, low, pair.protocol, denied]);
        }
        self.address(pair.src);
        self.address(pair.dst);
        self.0.extend_from_slice(&[high, low, pair.protocol, denied]);
    }

    #[inline]
    pub(crate) fn counters(&mut self, counters: &Counters) {
        let Counters { begun, continued, ended, denied, packets, bytes } = *counters;
        if (packets[0] | packets[1] | bytes[0] | bytes[1]) >> 64 == 0 {
            let [sent, returned] = packets.map(|sum| sum as u64);
            let [up, down] = bytes.map(|sum| sum as u64);
            return self.some_of([begun, continued, ended, denied, sent, returned, up, down]);
        }
        self.0.push(u8::MAX);
        for value in [counters.begun, counters.continued, counters.ended, counters.denied] {
            self.number(value);
        }
        for value in counters.packets.into_iter().chain(counters.bytes) {
            self.large(value);
        }
    }
}

/// Eight numbers of at most ten bytes, and one byte before them.
const ROOM: usize = 81;

/// Writes a number as [`Writer::number`] does; gives the place behind it.
#[inline(always)]
fn put(bytes: &mut [u8; ROOM], mut len: usize, mut value: u64) -> usize {
    while value >= 0x80 {
        if let Some(byte) = bytes.get_mut(len) {
            *byte = value as u8 | 0x80;
        }
        value >>= 7;
        len += 1;
    }
    if let Some(byte) = bytes.get_mut(len) {
        *byte = value as u8;
    }
    len + 1
}

impl Serialize for Writer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Writer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Writer;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Writer, E> {
                Ok(Writer(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// Takes values from the front of a run of bytes; `None` when they do not stand there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

impl Cursor<'_> {
    #[inline]
    pub(crate) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    #[inline]
    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.take()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    #[inline]
    pub(crate) fn large(&mut self) -> Option<u128> {
        // Eight groups fit 64 bits.
        let few = self.0.iter().take(8).position(|byte| *byte < 0x80);
        if few.is_some() {
            return self.number().map(u128::from);
        }
        let mut value = 0u128;
        for shift in (0..128).step_by(7) {
            let [byte] = self.take()?;
            value |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    #[inline]
    pub(crate) fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    #[inline]
    pub(crate) fn address(&mut self) -> Option<IpAddr> {
        match self.take()? {
            [4] => self.take::<4>().map(IpAddr::from),
            [6] => self.take::<16>().map(IpAddr::from),
            _ => None,
        }
    }

    pub(crate) fn sorting(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take()?) ^ i64::MIN)
    }

    fn pass(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }

    pub(crate) fn pass_number(&mut self) -> Option<()> {
        self.pass(self.0.iter().position(|byte| *byte < 0x80)? + 1)
    }

    pub(crate) fn pass_address(&mut self) -> Option<()> {
        self.pass(if *self.0.first()? == 4 { 5 } else { 17 })
    }

    pub(crate) fn pass_pair(&mut self) -> Option<()> {
        self.pass_pair_but_verdict()?;
        self.pass(1)
    }

    /// The verdict is the last byte of a pair.
    pub(crate) fn pass_pair_but_verdict(&mut self) -> Option<()> {
        self.pass_address()?;
        self.pass_address()?;
        self.pass(3)
    }

    pub(crate) fn pass_text(&mut self) -> Option<()> {
        let length = usize::try_from(self.number()?).ok()?;
        self.pass(length)
    }

    pub(crate) fn pass_counters(&mut self) -> Option<()> {
        let [which] = self.take()?;
        (0..which.count_ones()).try_for_each(|_| self.pass_number())
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    #[inline]
    pub(crate) fn pair(&mut self) -> Option<PairKey> {
        let (src, dst) = (self.address()?, self.address()?);
        let [high, low, protocol, denied] = self.take()?;
        let verdict = if denied == 0 { Verdict::Allowed } else { Verdict::Denied };
        Some(PairKey { src, dst, port: u16::from_be_bytes([high, low]), protocol, verdict })
    }

    #[inline]
    pub(crate) fn counters(&mut self) -> Option<Counters> {
        let [which] = self.take()?;
        let mut number = |bit: u8| if which >> bit & 1 == 0 { Some(0) } else { self.number() };
        let [begun, continued, ended, denied] = [number(0)?, number(1)?, number(2)?, number(3)?];
        let mut large = |bit: u8| if which >> bit & 1 == 0 { Some(0) } else { self.large() };
        let [packets, bytes] = [[large(4)?, large(5)?], [large(6)?, large(7)?]];
        Some(Counters { begun, continued, ended, denied, packets, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn everything_comes_back(
            numbers: Vec<u64>, signed: Vec<i64>, large in proptest::collection::vec(any::<u128>(), 4), small: u64,
            src: IpAddr, dst: IpAddr, port: u16, protocol: u8, denied: bool,
        ) {
            let verdict = if denied { Verdict::Denied } else { Verdict::Allowed };
            let pair = PairKey { src, dst, port, protocol, verdict };
            let counters = Counters {
                begun: small, continued: 0, ended: u64::MAX, denied: 127,
                packets: [large[0], small.into()], bytes: [large[1] >> 60, u128::from(u64::MAX) + u128::from(small)],
            };
            let mut writer = Writer::default();
            numbers.iter().for_each(|number| writer.number(*number));
            signed.iter().for_each(|number| writer.signed(*number));
            writer.pair(&pair);
            writer.counters(&counters);
            let mut cursor = Cursor(&writer.0);
            for number in numbers {
                prop_assert_eq!(cursor.number(), Some(number));
            }
            for number in signed {
                prop_assert_eq!(cursor.signed(), Some(number));
            }
            prop_assert_eq!(cursor.pair(), Some(pair));
            prop_assert_eq!(cursor.counters(), Some(counters));
            prop_assert_eq!(cursor.number(), None);
        }

        #[test]
        fn no_bytes_are_a_panic(bytes: Vec<u8>) {
            let mut cursor = Cursor(&bytes);
            while cursor.pair().is_some() && cursor.counters().is_some() && cursor.signed().is_some() {}
        }
    }
}

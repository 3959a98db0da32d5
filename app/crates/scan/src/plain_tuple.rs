//! Reads a tuple of the common form in one pass over its bytes: 13-digit time, numbers without surprises. Anything else is left to
//! [`crate::tuple::parse_tuple`], so this code only has to be right about what it accepts.

use crate::tuple::SECONDS_BELOW;
use std::net::{IpAddr, Ipv4Addr};
use underlay_model::address::parse_address;
use underlay_model::time::{LAST_MS, Millis};
use underlay_model::tuple::{Direction, FlowState, FlowTuple, TupleCounters};

/// Bytes that must be readable behind a tuple's opening quote: no tuple of the common form is longer.
pub(crate) const LONGEST: usize = 192;

/// Of IPv6 with a dotted tail.
const LONGEST_ADDRESS: usize = 45;
const ASCII_ZEROS: u64 = 0x3030_3030_3030_3030;
/// A counter of so many digits fits `i64`.
const COUNTER_DIGITS: usize = 18;

/// Between whom a tuple was, and its text: that of the next tuple often is the same, since a short flow begins and ends in one record.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ends {
    /// From the source's address to the comma behind the direction, eight bytes each, and which of their bits matter.
    text: [u64; ENDS_WORDS],
    matter: [u64; ENDS_WORDS],
    /// Place behind the text.
    end: usize,
    known: Option<Between>,
}

#[derive(Clone, Copy, Debug)]
struct Between {
    source: IpAddr,
    destination: IpAddr,
    source_port: u16,
    destination_port: u16,
    protocol: u8,
    direction: Direction,
}

/// Longer texts, as those of most IPv6 addresses, are read again.
const ENDS_WORDS: usize = 6;
/// Where the source's address begins: behind 13 digits and a comma.
const ENDS_AT: usize = 14;

impl Ends {
    #[inline(always)]
    fn words(bytes: &[u8; LONGEST]) -> [u64; ENDS_WORDS] {
        let mut words = [0; ENDS_WORDS];
        let text = bytes.get(ENDS_AT..).unwrap_or_default();
        for (word, bytes) in words.iter_mut().zip(text.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        words
    }

    /// Reads them, unless they are those of the tuple before.
    #[inline(always)]
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Option<Between> {
        let text = Self::words(cursor.bytes);
        let mut differ = 0;
        for ((now, before), matter) in text.iter().zip(self.text).zip(self.matter) {
            differ |= (now ^ before) & matter;
        }
        if differ == 0 && self.known.is_some() {
            cursor.at = self.end;
            return self.known;
        }
        let known = Some(cursor.between()?);
        let length = cursor.at - ENDS_AT;
        let matter = |word: usize| match length.saturating_sub(8 * word) {
            bytes @ 0..8 => (1 << (8 * bytes)) - 1,
            _ => u64::MAX,
        };
        let fits = length <= 8 * ENDS_WORDS;
        *self = Self { text, matter: std::array::from_fn(matter), end: cursor.at, known: known.filter(|_| fits) };
        known
    }
}

struct Cursor<'a> {
    bytes: &'a [u8; LONGEST],
    at: usize,
}

impl Cursor<'_> {
    #[inline(always)]
    fn peek(&self) -> u8 {
        // Masked so that no bounds check is needed; `at` never gets near the end with a tuple of the common form.
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn word(&self, at: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }

    #[inline(always)]
    fn comma(&mut self) -> Option<()> {
        let is = self.peek() == b',';
        self.at += 1;
        is.then_some(())
    }

    /// 13 digits and a comma.
    #[inline(always)]
    fn time(&mut self) -> Option<Millis> {
        let high = eight_digits(self.word(0)?)?;
        // The five digits that follow, with three zeros put before them.
        let low = eight_digits(self.word(8)? << 24 | ASCII_ZEROS >> 40)?;
        self.at = 13;
        self.comma()?;
        let value = high * 100_000 + low;
        let millis = i64::try_from(value).ok()?;
        (value >= SECONDS_BELOW && millis <= LAST_MS).then_some(millis)
    }

    #[inline(always)]
    fn octet(&mut self, end: u8) -> Option<u32> {
        let first = self.peek().wrapping_sub(b'0');
        if first > 9 {
            return None;
        }
        let mut value = u32::from(first);
        self.at += 1;
        let mut next = self.peek();
        if next != end {
            let second = next.wrapping_sub(b'0');
            if second > 9 || first == 0 {
                return None;
            }
            value = value * 10 + u32::from(second);
            self.at += 1;
            next = self.peek();
            if next != end {
                let third = next.wrapping_sub(b'0');
                if third > 9 {
                    return None;
                }
                value = value * 10 + u32::from(third);
                self.at += 1;
                next = self.peek();
            }
        }
        self.at += 1;
        (next == end && value < 256).then_some(value)
    }

    #[inline(always)]
    fn ipv4(&mut self) -> Option<IpAddr> {
        let (a, b, c, d) = (self.octet(b'.')?, self.octet(b'.')?, self.octet(b'.')?, self.octet(b',')?);
        Some(IpAddr::V4(Ipv4Addr::from(a << 24 | b << 16 | c << 8 | d)))
    }

    #[inline(always)]
    fn address(&mut self) -> Option<IpAddr> {
        let start = self.at;
        self.ipv4().or_else(|| self.other_address(start))
    }

    /// IPv6, up to a comma.
    #[inline(never)]
    fn other_address(&mut self, start: usize) -> Option<IpAddr> {
        let rest = self.bytes.get(start..(start + LONGEST_ADDRESS + 1).min(LONGEST))?;
        let end = rest.iter().position(|byte| !byte.is_ascii_hexdigit() && !matches!(byte, b':' | b'.'))?;
        self.at = start + end;
        self.comma()?;
        parse_address(rest.get(..end)?)
    }

    #[inline(always)]
    fn between(&mut self) -> Option<Between> {
        let (source, destination) = (self.address()?, self.address()?);
        let source_port = u16::try_from(self.small()?).ok()?;
        let destination_port = u16::try_from(self.small()?).ok()?;
        let protocol = u8::try_from(self.small()?).ok()?;
        let direction = match self.peek() {
            b'I' => Direction::Inbound,
            b'O' => Direction::Outbound,
            _ => return None,
        };
        self.at += 1;
        self.comma()?;
        Some(Between { source, destination, source_port, destination_port, protocol, direction })
    }

    /// At least one and at most five digits and a comma.
    #[inline(always)]
    fn small(&mut self) -> Option<u32> {
        let start = self.at;
        let mut value = 0u32;
        loop {
            let byte = self.peek();
            self.at += 1;
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return (byte == b',' && self.at > start + 1).then_some(value);
            }
            if self.at > start + 5 {
                return None;
            }
            value = value * 10 + u32::from(digit);
        }
    }

    #[inline(always)]
    fn counters(&mut self) -> Option<TupleCounters> {
        // As they are of every flow that begins.
        if self.word(self.at)? == u64::from_le_bytes(*b"0,0,0,0\"") {
            self.at += 8;
            return Some(TupleCounters::default());
        }
        Some(TupleCounters {
            packets_sent: self.counter(b',')?,
            bytes_sent: self.counter(b',')?,
            packets_returned: self.counter(b',')?,
            bytes_returned: self.counter(b'"')?,
        })
    }

    /// Any digits up to `end`; none is zero.
    #[inline(always)]
    fn counter(&mut self, end: u8) -> Option<u64> {
        let start = self.at;
        let mut value = 0u64;
        loop {
            let byte = self.peek();
            let digit = byte.wrapping_sub(b'0');
            self.at += 1;
            if digit > 9 {
                return (byte == end && self.at <= start + COUNTER_DIGITS + 1).then_some(value);
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        }
    }
}

/// Eight ASCII digits, the first in the lowest byte.
#[inline(always)]
fn eight_digits(word: u64) -> Option<u64> {
    let digits = word ^ ASCII_ZEROS;
    let not_digit = (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080;
    if not_digit != 0 {
        return None;
    }
    let pairs = (digits.wrapping_mul(10)).wrapping_add(digits >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul(100)).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    Some((fours.wrapping_mul(10_000)).wrapping_add(fours >> 32) & 0xFFFF_FFFF)
}

/// Reads the tuple that begins at `text[0]`, behind the opening quote. Returns it and the place of the closing quote; `None` for
/// anything that is not of the common form, well-formed or not. `ends` are those of the tuple before.
#[inline(always)]
pub(crate) fn common_tuple<'a>(text: &'a [u8; LONGEST], ends: &mut Ends) -> Option<(FlowTuple<'a>, usize)> {
    let mut cursor = Cursor { bytes: text, at: 0 };
    let time_ms = cursor.time()?;
    let Between { source, destination, source_port, destination_port, protocol, direction } = ends.read(&mut cursor)?;
    let state = match cursor.peek() {
        b'B' => FlowState::Begin,
        b'C' => FlowState::Continue,
        b'E' => FlowState::End,
        b'D' => FlowState::Denied,
        _ => return None,
    };
    cursor.at += 1;
    cursor.comma()?;
    let encryption_start = cursor.at;
    while matches!(cursor.peek(), b'A'..=b'Z' | b'_') {
        cursor.at += 1;
    }
    let encryption = text.get(encryption_start..cursor.at)?;
    cursor.comma()?;
    let counters = cursor.counters()?;
    let end = cursor.at - 1;
    Some((
        FlowTuple {
            time_ms,
            source,
            destination,
            source_port,
            destination_port,
            protocol,
            direction,
            state,
            encryption,
            counters,
        },
        end,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tuple::parse_tuple;
    use proptest::prelude::*;

    fn padded(text: &str) -> [u8; LONGEST] {
        let mut bytes = [b'7'; LONGEST];
        let text = format!("{text}\"");
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        bytes
    }

    #[test]
    fn takes_the_common_form() {
        for text in [
            "1795165218512,10.13.100.6,10.244.0.147,41876,8080,6,I,B,NX,0,0,0,0",
            "1795165226110,10.13.76.4,168.63.129.16,40312,53,17,O,B,NX_HW_NOT_SUPPORTED,,,,",
            "1795165226311,fd12:3456:789a::1:5,::ffff:10.0.0.1,50110,443,6,O,E,NX,12,2210,10,6400",
            "1795165231007,0.0.0.0,255.255.255.255,0,0,1,I,C,,118,13924,96,999999999999999999",
        ] {
            let bytes = padded(text);
            let mut ends = Ends::default();
            // The second time the ends are known.
            for _ in 0..2 {
                let (tuple, end) = common_tuple(&bytes, &mut ends).expect(text);
                assert_eq!(Ok(tuple), parse_tuple(text.as_bytes()));
                assert_eq!(end, text.len());
            }
        }
    }

    proptest! {
        /// Whatever it accepts, the reference accepts as the same.
        #[test]
        fn never_accepts_what_the_reference_does_not(
            seed in 0usize..4,
            edits in proptest::collection::vec((0usize..90, 0usize..3, proptest::sample::select(b"0123456789,.IOBCEDNX_\":a".to_vec())), 0..4),
        ) {
            let before = [
                "1795165231007,10.13.100.7,10.244.0.131,52210,8080,6,I,C,NX,118,13924,96,31872",
                "1795165226110,10.13.76.4,168.63.129.16,40312,53,17,O,B,NX,,,,",
                "1795165226311,fd12:3456:789a::1:5,::ffff:10.0.0.1,50110,443,6,O,E,NX,12,2210,10,6400",
                "1795165226311,::1,::,1,4,6,O,E,NX,12,2210,10,6400",
            ][seed];
            let mut text = before.as_bytes().to_vec();
            for (at, kind, byte) in edits {
                let at = at % text.len();
                match kind { 0 => text[at] = byte, 1 => text.insert(at, byte), _ => { text.remove(at); } }
            }
            let text = String::from_utf8(text).unwrap();
            let bytes = padded(&text);
            let mut ends = Ends::default();
            prop_assert!(common_tuple(&padded(before), &mut ends).is_some());
            if let Some((tuple, end)) = common_tuple(&bytes, &mut ends) {
                prop_assert_eq!(Ok(tuple), parse_tuple(&bytes[..end]));
                prop_assert_eq!(bytes[end], b'"');
                prop_assert!(!bytes[..end].contains(&b'"'));
            }
        }
    }
}

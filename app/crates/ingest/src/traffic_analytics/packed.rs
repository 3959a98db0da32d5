//! Packed public addresses: Traffic Analytics puts the flows of many of them into one row, `ip|started|ended|out packets|in packets|out
//! bytes|in bytes`, separated by blanks. Out is source to destination. Source: Azure, "Traffic analytics schema".

use super::row::{Counts, count};
use std::net::IpAddr;
use underlay_model::address::parse_address;
use underlay_model::tuple::{RejectCode, TupleCounters};

/// One address with its counts; each with what is wrong with it.
pub(super) struct Entry {
    pub(super) address: Result<IpAddr, RejectCode>,
    pub(super) counts: Result<Counts, RejectCode>,
}

/// The entries of a packed text.
pub(super) fn entries(text: &str) -> impl Iterator<Item = Entry> {
    text.split_ascii_whitespace().map(entry)
}

fn entry(text: &str) -> Entry {
    let mut fields = text.split('|');
    let address = parse_address(fields.next().unwrap_or_default().as_bytes()).ok_or(RejectCode::Address);
    let mut numbers = [Ok(0); 6];
    let mut too_many = false;
    let mut slots = numbers.iter_mut();
    for field in fields {
        match slots.next() {
            Some(number) => *number = count(field),
            None => too_many |= !field.is_empty(),
        }
    }
    let [started, ended, out_packets, in_packets, out_bytes, in_bytes] = numbers;
    let read = || {
        Ok(Counts {
            allowed: started?,
            ended: ended?,
            denied: 0,
            packed: true,
            counters: TupleCounters {
                packets_sent: out_packets?,
                packets_returned: in_packets?,
                bytes_sent: out_bytes?,
                bytes_returned: in_bytes?,
            },
        })
    };
    let address = if too_many { Err(RejectCode::Fields) } else { address };
    Entry { address, counts: read() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_unpacked() {
        let list: Vec<Entry> =
            entries("198.51.100.9|3|2|41|38|5120|60233  203.0.113.5|1 x|1 203.0.113.6|y 203.0.113.7|1|2|3|4|5|6|7")
                .collect();
        assert_eq!(list.len(), 5);
        let counts = list[0].counts.unwrap();
        assert_eq!((counts.allowed, counts.ended, counts.denied), (3, 2, 0));
        assert_eq!((counts.counters.packets_sent, counts.counters.packets_returned), (41, 38));
        assert_eq!((counts.counters.bytes_sent, counts.counters.bytes_returned), (5120, 60233));
        assert_eq!(list[1].counts.unwrap().allowed, 1);
        assert_eq!(list[2].address, Err(RejectCode::Address));
        assert_eq!(list[3].counts, Err(RejectCode::Counter));
        assert_eq!(list[4].address, Err(RejectCode::Fields));
    }
}

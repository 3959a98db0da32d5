//! One tuple's text, field by field: the reference by which every other reading of tuples is held. Contract rule 8 says what is
//! malformed; the fields are checked in the order of the codes.

use std::net::IpAddr;
use underlay_model::address::parse_address;
use underlay_model::time::{LAST_MS, Millis};
use underlay_model::tuple::{ABSENT, Direction, FlowState, FlowTuple, RejectCode, TupleCounters};

const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;
const SCTP: u8 = 132;
/// Times below this are in seconds (contract rule 1).
pub(crate) const SECONDS_BELOW: u64 = 100_000_000_000;
const LARGEST_COUNTER: u64 = i64::MAX.unsigned_abs();

/// Reads the text between the quotes of a version 4 tuple.
///
/// # Errors
/// The code of the first malformed field.
pub fn parse_tuple(text: &[u8]) -> Result<FlowTuple<'_>, RejectCode> {
    let fields = split(text, 9, 13)?;
    let mut tuple = beginning(&fields)?;
    tuple.state = match fields[7] {
        b"D" => FlowState::Denied,
        state => allowed_state(state)?,
    };
    tuple.encryption = fields[8];
    tuple.counters = counters(&fields)?;
    Ok(tuple)
}

/// Version of an NSG flow log record, by which its tuples are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NsgVersion {
    /// Eight fields: decisions, no states, no counters.
    One,
    /// Nine to thirteen fields.
    Two,
}

/// Reads the text between the quotes of an NSG flow log tuple. A denied one is denied and nothing else, an allowed one of
/// version 1 begins (contract rule 2).
///
/// # Errors
/// The code of the first malformed field; of the decision it is that of the state.
pub fn parse_nsg_tuple(text: &[u8], version: NsgVersion) -> Result<FlowTuple<'_>, RejectCode> {
    let fields = match version {
        NsgVersion::One => split(text, 8, 8)?,
        NsgVersion::Two => split(text, 9, 13)?,
    };
    let mut tuple = beginning(&fields)?;
    let denied = match fields[7] {
        b"A" => false,
        b"D" => true,
        _ => return Err(RejectCode::State),
    };
    if version == NsgVersion::Two {
        tuple.state = allowed_state(fields[8])?;
        tuple.counters = counters(&fields)?;
    }
    if denied {
        tuple.state = FlowState::Denied;
    }
    Ok(tuple)
}

/// At least and at most so many fields; those that are missing are empty.
fn split(text: &[u8], least: usize, most: usize) -> Result<[&[u8]; 13], RejectCode> {
    let mut fields: [&[u8]; 13] = [b""; 13];
    let mut count = 0;
    for field in text.split(|&byte| byte == b',') {
        let slot = fields.get_mut(count).filter(|_| count < most).ok_or(RejectCode::Fields)?;
        *slot = field;
        count += 1;
    }
    if count < least { Err(RejectCode::Fields) } else { Ok(fields) }
}

/// The seven fields that all versions have, as a tuple that begins.
fn beginning<'t>(fields: &[&'t [u8]; 13]) -> Result<FlowTuple<'t>, RejectCode> {
    let [time, source, destination, source_port, destination_port, protocol, direction, ..] = fields;
    let time_ms = parse_time(time).ok_or(RejectCode::Time)?;
    let source = address(source)?;
    let destination = address(destination)?;
    let protocol = parse_protocol(protocol);
    let source_port = port(source_port, protocol)?;
    let destination_port = port(destination_port, protocol)?;
    let protocol = protocol.ok_or(RejectCode::Protocol)?;
    let direction = match *direction {
        b"I" => Direction::Inbound,
        b"O" => Direction::Outbound,
        _ => return Err(RejectCode::Direction),
    };
    Ok(FlowTuple {
        time_ms,
        source,
        destination,
        source_port,
        destination_port,
        protocol,
        direction,
        state: FlowState::Begin,
        encryption: ABSENT,
        counters: TupleCounters::default(),
    })
}

fn allowed_state(text: &[u8]) -> Result<FlowState, RejectCode> {
    match text {
        b"B" => Ok(FlowState::Begin),
        b"C" => Ok(FlowState::Continue),
        b"E" => Ok(FlowState::End),
        _ => Err(RejectCode::State),
    }
}

fn counters(fields: &[&[u8]; 13]) -> Result<TupleCounters, RejectCode> {
    Ok(TupleCounters {
        packets_sent: counter(fields[9])?,
        bytes_sent: counter(fields[10])?,
        packets_returned: counter(fields[11])?,
        bytes_returned: counter(fields[12])?,
    })
}

/// Digits, at least one; `None` past `u64`.
fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let mut value = 0u64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    Some(value)
}

fn parse_time(text: &[u8]) -> Option<Millis> {
    let value = digits(text)?;
    let millis = if value < SECONDS_BELOW { value * 1000 } else { value };
    Millis::try_from(millis).ok().filter(|&millis| millis <= LAST_MS)
}

fn address(text: &[u8]) -> Result<IpAddr, RejectCode> {
    parse_address(text).ok_or(RejectCode::Address)
}

fn port(text: &[u8], protocol: Option<u8>) -> Result<u16, RejectCode> {
    if text.is_empty() {
        let needed = matches!(protocol, Some(TCP | UDP | SCTP));
        return if needed { Err(RejectCode::Port) } else { Ok(0) };
    }
    digits(text).and_then(|value| u16::try_from(value).ok()).ok_or(RejectCode::Port)
}

fn parse_protocol(text: &[u8]) -> Option<u8> {
    match text {
        b"T" | b"TCP" => Some(TCP),
        b"U" | b"UDP" => Some(UDP),
        b"I" | b"ICMP" => Some(ICMP),
        _ => digits(text).and_then(|value| u8::try_from(value).ok()),
    }
}

fn counter(text: &[u8]) -> Result<u64, RejectCode> {
    if text.is_empty() {
        return Ok(0);
    }
    digits(text).filter(|&value| value <= LARGEST_COUNTER).ok_or(RejectCode::Counter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "1795165220517,10.13.100.6,10.244.0.147,41876,8080,6,I,E,NX,6,702,5,1893";

    fn with(field: usize, value: &str) -> Result<FlowState, RejectCode> {
        let mut fields: Vec<&str> = GOOD.split(',').collect();
        fields[field] = value;
        parse_tuple(fields.join(",").as_bytes()).map(|tuple| tuple.state)
    }

    #[test]
    fn reads_every_field_of_the_documented_form() {
        let tuple = parse_tuple(GOOD.as_bytes()).unwrap();
        assert_eq!(tuple.time_ms, 1_795_165_220_517);
        assert_eq!(tuple.source, "10.13.100.6".parse::<IpAddr>().unwrap());
        assert_eq!(tuple.destination, "10.244.0.147".parse::<IpAddr>().unwrap());
        assert_eq!((tuple.source_port, tuple.destination_port, tuple.protocol), (41876, 8080, 6));
        assert_eq!((tuple.direction, tuple.state), (Direction::Inbound, FlowState::End));
        assert_eq!(tuple.encryption, b"NX");
        let counters = tuple.counters;
        assert_eq!(
            (counters.packets_sent, counters.bytes_sent, counters.packets_returned, counters.bytes_returned),
            (6, 702, 5, 1893)
        );
    }

    #[test]
    fn a_time_below_ten_to_the_eleventh_is_in_seconds() {
        let time = |text: &str| parse_tuple(GOOD.replacen("1795165220517", text, 1).as_bytes()).map(|t| t.time_ms);
        assert_eq!(time("1795165220"), Ok(1_795_165_220_000));
        assert_eq!(time("99999999999"), Ok(99_999_999_999_000));
        assert_eq!(time("100000000000"), Ok(100_000_000_000));
        assert_eq!(time("253402300799999"), Ok(LAST_MS));
        assert_eq!(time("253402300800000"), Err(RejectCode::Time));
    }

    #[test]
    fn nine_to_thirteen_fields_are_read_and_missing_or_empty_counters_are_zero() {
        for cut in 9..=13 {
            let text = GOOD.split(',').take(cut).collect::<Vec<_>>().join(",");
            assert!(parse_tuple(text.as_bytes()).is_ok(), "{text}");
        }
        let short = GOOD.split(',').take(8).collect::<Vec<_>>().join(",");
        assert_eq!(parse_tuple(short.as_bytes()), Err(RejectCode::Fields));
        assert_eq!(parse_tuple(format!("{GOOD},").as_bytes()), Err(RejectCode::Fields));
        assert_eq!(parse_tuple(b""), Err(RejectCode::Fields));
        assert_eq!(with(9, ""), Ok(FlowState::End));
    }

    #[test]
    fn malformed_fields_are_named_by_their_code() {
        use RejectCode::{Address, Counter, Direction, Port, Protocol, State, Time};
        for (field, value, code) in [
            (0, "", Time),
            (0, "-1", Time),
            (0, "1795165220517.0", Time),
            (0, "99999999999999999999", Time),
            (1, "10.013.100.6", Address),
            (1, "10.13.100", Address),
            (1, " 10.13.100.6", Address),
            (2, "fe80::1%2", Address),
            (2, "[::1]", Address),
            (3, "65536", Port),
            (3, "", Port),
            (4, "x", Port),
            (5, "256", Protocol),
            (5, "tcp", Protocol),
            (5, "", Protocol),
            (6, "i", Direction),
            (7, "A", State),
            (7, "", State),
            (9, "-1", Counter),
            (12, "9223372036854775808", Counter),
        ] {
            assert_eq!(with(field, value), Err(code), "field {field} {value:?}");
        }
        for (field, value) in [(1, "::ffff:10.1.2.3"), (5, "TCP"), (5, "132"), (8, ""), (12, "9223372036854775807")] {
            assert_eq!(with(field, value), Ok(FlowState::End), "field {field} {value:?}");
        }
        // The first malformed field names the code.
        assert_eq!(parse_tuple(b"x,y,z,,,?,?,?,?"), Err(Time));
        assert_eq!(
            parse_tuple(b"1795165220517,10.0.0.1,10.0.0.2,,,1,I,B,"),
            parse_tuple(b"1795165220517,10.0.0.1,10.0.0.2,0,0,1,I,B,")
        );
    }

    const NSG: &str = "1772618545,10.13.100.6,10.13.80.21,41876,8080,T,I,A,E,6,702,5,1893";

    fn nsg(field: usize, value: &str) -> Result<FlowState, RejectCode> {
        let mut fields: Vec<&str> = NSG.split(',').collect();
        fields[field] = value;
        parse_nsg_tuple(fields.join(",").as_bytes(), NsgVersion::Two).map(|tuple| tuple.state)
    }

    #[test]
    fn nsg_tuples_have_a_decision_before_the_state_and_no_encryption() {
        let tuple = parse_nsg_tuple(NSG.as_bytes(), NsgVersion::Two).unwrap();
        assert_eq!((tuple.time_ms, tuple.protocol, tuple.destination_port), (1_772_618_545_000, 6, 8080));
        assert_eq!((tuple.state, tuple.encryption), (FlowState::End, ABSENT));
        assert_eq!((tuple.counters.packets_sent, tuple.counters.bytes_returned), (6, 1893));
        assert_eq!(nsg(8, "C"), Ok(FlowState::Continue));
        // Whatever its state, a denied tuple is denied.
        for state in ["B", "C", "E"] {
            let text = NSG.replace(",A,E,", &format!(",D,{state},"));
            assert_eq!(parse_nsg_tuple(text.as_bytes(), NsgVersion::Two).unwrap().state, FlowState::Denied);
        }
        for (field, value, code) in [
            (7, "", RejectCode::State),
            (7, "B", RejectCode::State),
            (8, "D", RejectCode::State),
            (8, "", RejectCode::State),
            (9, "x", RejectCode::Counter),
            (5, "X", RejectCode::Protocol),
            (3, "", RejectCode::Port),
        ] {
            assert_eq!(nsg(field, value), Err(code), "field {field} {value:?}");
        }
    }

    #[test]
    fn the_number_of_nsg_fields_follows_the_version() {
        let cut = |count: usize| NSG.split(',').take(count).collect::<Vec<_>>().join(",");
        for count in 1..=13 {
            let text = cut(count);
            let two = parse_nsg_tuple(text.as_bytes(), NsgVersion::Two);
            assert_eq!(two.is_ok(), count >= 9, "{count}");
            let one = parse_nsg_tuple(text.as_bytes(), NsgVersion::One);
            assert_eq!(one.as_ref().err(), (count != 8).then_some(&RejectCode::Fields), "{count}");
        }
        assert_eq!(parse_nsg_tuple(format!("{NSG},").as_bytes(), NsgVersion::Two), Err(RejectCode::Fields));
        let one = |decision: &str| {
            let text = format!("{},{decision}", cut(7));
            parse_nsg_tuple(text.as_bytes(), NsgVersion::One).map(|tuple| tuple.state)
        };
        assert_eq!(one("A"), Ok(FlowState::Begin));
        assert_eq!(one("D"), Ok(FlowState::Denied));
        assert_eq!(one("E"), Err(RejectCode::State));
    }
}

//! What stands in the columns of a row: of a flow log's tuple, or of an access log's request.

use crate::wording::clock::shown;
use crate::wording::count;
use std::net::{IpAddr, SocketAddr};
use underlay_model::access::AccessRow;
use underlay_model::sources::SourceTuple;
use underlay_model::time::{Millis, format_rfc3339};

/// A column's head, and whether it holds numbers.
pub type Column = (&'static str, bool);

pub const OF_TUPLES: [Column; 10] = [
    ("Time", false),
    ("From", false),
    ("To", false),
    ("State", false),
    ("Encr.", false),
    ("Pkts sent", true),
    ("Bytes sent", true),
    ("Pkts back", true),
    ("Bytes back", true),
    ("Standing", false),
];

pub const OF_REQUESTS: [Column; 8] = [
    ("Time", false),
    ("Client", false),
    ("Front end", false),
    ("Backend", false),
    ("Status", true),
    ("Taken", true),
    ("First byte", true),
    ("Request", false),
];

/// Clock with milliseconds; the day is in the raw text.
fn clock(time: Millis) -> String {
    format_rfc3339(shown(time)).get(11..).unwrap_or_default().trim_end_matches('Z').to_owned()
}

fn end(address: IpAddr, port: u16) -> String {
    SocketAddr::new(address, port).to_string()
}

/// Time, from, to, state, encryption, packets and bytes both ways.
pub fn of_tuple(tuple: &SourceTuple) -> Vec<String> {
    let carries = matches!(tuple.state, 'C' | 'E' | '-');
    let number = |value: u64| if carries { count(value) } else { String::new() };
    vec![
        clock(tuple.time_ms),
        end(tuple.src, tuple.src_port),
        end(tuple.dst, tuple.dst_port),
        [tuple.state.to_string().as_str(), if tuple.inbound { " in" } else { " out" }].concat(),
        tuple.encryption.clone(),
        number(tuple.packets[0]),
        number(tuple.bytes[0]),
        number(tuple.packets[1]),
        number(tuple.bytes[1]),
    ]
}

/// As [`OF_REQUESTS`] has them.
pub fn of_request(row: &AccessRow) -> Vec<String> {
    let duration = |time: Option<u32>| time.map_or(String::new(), |time| [time.to_string().as_str(), " ms"].concat());
    vec![
        clock(row.time_ms),
        row.client.map_or(String::new(), |client| end(client, row.client_port)),
        row.front_end.clone(),
        row.backend.0.map_or_else(|| "the gateway itself".to_owned(), |backend| end(backend, row.backend.1)),
        if row.status == 0 { "none".to_owned() } else { row.status.to_string() },
        duration(row.time_taken_ms),
        duration(row.backend_latency_ms),
        [row.method.as_str(), " ", &crate::wording::path_end(&row.path, 48)].concat(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_cell() {
        let address = IpAddr::from([10, 0, 0, 1]);
        let tuple = SourceTuple {
            time_ms: 1_795_165_220_517,
            src: address,
            dst: "fd00::1".parse().unwrap(),
            src_port: 1,
            dst_port: 80,
            protocol: 6,
            inbound: true,
            state: 'D',
            encryption: String::new(),
            packets: [1, 1],
            bytes: [1, 1],
        };
        // What became of a tuple stands in the last one.
        let cells = of_tuple(&tuple);
        assert_eq!(cells.len() + 1, OF_TUPLES.len());
        assert_eq!(cells[1..4], ["10.0.0.1:1", "[fd00::1]:80", "D in"].map(str::to_owned));
        assert_eq!(cells[5], "", "a denied flow carries nothing");
        let row = AccessRow { client: Some(address), status: 0, ..AccessRow::default() };
        assert_eq!(of_request(&row).len(), OF_REQUESTS.len());
        assert_eq!(of_request(&row)[3..5], ["the gateway itself", "none"].map(str::to_owned));
    }
}

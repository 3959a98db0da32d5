//! VNet flow logs as Azure writes them: blob path, record envelope with keys in the documented order, tuples of 13 fields
//! grouped by ACL and rule (formats, section 1).

use std::net::IpAddr;
use underlay_model::time::{Millis, format_rfc3339};
use underlay_model::tuple::{FlowState, TupleCounters};

/// First bytes of a blob, its own block.
pub const OPENER: &[u8] = b"{\"records\":[";
/// Last bytes of a blob, its own block.
pub const CLOSER: &[u8] = b"]}";

/// The network security group of the imagined nodes, as its resource GUID.
pub const SECURITY_GROUP: &str = "0d3c1a52-61b7-4a55-8f10-6a7b8c9d0e1f";
/// What stands in place of a group where the platform decided.
pub const NO_GROUP: &str = "00000000-0000-0000-0000-000000000000";

/// A rule that let a flow pass or denied it. The order is that of the groups in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "named like the rules")]
pub enum Rule {
    AllowVnetInBound,
    AllowVnetOutBound,
    AllowInternetOutBound,
    AllowAzureLoadBalancerInBound,
    AllowWeb,
    DenyMail,
    DenyAllInBound,
    Platform,
}

impl Rule {
    /// All rules, in the order of a record's groups.
    pub const ALL: [Self; 8] = [
        Self::AllowVnetInBound,
        Self::AllowVnetOutBound,
        Self::AllowInternetOutBound,
        Self::AllowAzureLoadBalancerInBound,
        Self::AllowWeb,
        Self::DenyMail,
        Self::DenyAllInBound,
        Self::Platform,
    ];

    /// The text in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::AllowVnetInBound => "DefaultRule_AllowVnetInBound",
            Self::AllowVnetOutBound => "DefaultRule_AllowVnetOutBound",
            Self::AllowInternetOutBound => "DefaultRule_AllowInternetOutBound",
            Self::AllowAzureLoadBalancerInBound => "DefaultRule_AllowAzureLoadBalancerInBound",
            Self::AllowWeb => "UserRule_allow-web",
            Self::DenyMail => "UserRule_deny-mail",
            Self::DenyAllInBound => "DefaultRule_DenyAllInBound",
            Self::Platform => "PlatformRule",
        }
    }

    /// The text of `aclID`.
    pub fn acl(self) -> &'static str {
        if self == Self::Platform { NO_GROUP } else { SECURITY_GROUP }
    }
}

/// A FlowLog resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowLog {
    /// `flowLogGUID`.
    pub guid: String,
    /// Subscription id.
    pub subscription: String,
    /// Azure region, lower case.
    pub region: String,
    /// Its name.
    pub name: String,
    /// ARM id of the VNet, subnet or NIC that it covers.
    pub target: String,
}

impl FlowLog {
    /// Where the blob of a NIC and an hour lies in the container.
    pub fn path(&self, hour_ms: Millis, mac: &str) -> String {
        let time = format_rfc3339(hour_ms);
        format!(
            "flowLogResourceID=/{}_NETWORKWATCHERRG/NETWORKWATCHER_{}_{}/y={}/m={}/d={}/h={}/m=00/macAddress={mac}/PT1H.json",
            self.subscription.to_uppercase(),
            self.region.to_uppercase(),
            self.name.to_uppercase(),
            &time[..4],
            &time[5..7],
            &time[8..10],
            &time[11..13],
        )
    }

    /// `flowLogResourceID`: upper case.
    pub fn resource_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/NetworkWatcher_{}/flowLogs/{}",
            self.subscription, self.region, self.name
        )
        .to_uppercase()
    }
}

/// One tuple to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the columns")]
pub struct Tuple {
    pub time_ms: Millis,
    pub source: IpAddr,
    pub destination: IpAddr,
    pub source_port: u16,
    pub destination_port: u16,
    pub protocol: u8,
    pub inbound: bool,
    pub state: FlowState,
    pub encryption: &'static str,
    pub rule: Rule,
    pub counters: TupleCounters,
}

/// The tuples of one record, by rule.
#[derive(Clone, Debug, Default)]
pub struct Record {
    groups: [Vec<Tuple>; Rule::ALL.len()],
    /// Malformed tuples: JSON values as they are to stand in the list of the first group, behind its tuples.
    pub malformed: Vec<String>,
}

impl Record {
    /// Forgets the tuples, keeps the memory.
    pub fn clear(&mut self) {
        self.groups.iter_mut().for_each(Vec::clear);
        self.malformed.clear();
    }

    /// Adds a tuple to its rule's group.
    pub fn push(&mut self, tuple: Tuple) {
        self.groups[tuple.rule as usize].push(tuple);
    }

    /// All well-formed tuples, in the order of the groups.
    pub fn tuples(&self) -> impl Iterator<Item = &Tuple> {
        self.groups.iter().flatten()
    }

    /// Nothing to write.
    pub fn is_empty(&self) -> bool {
        self.malformed.is_empty() && self.groups.iter().all(Vec::is_empty)
    }

    /// Puts each group in the order of time.
    pub fn sort(&mut self) {
        self.groups.iter_mut().for_each(|group| group.sort_by_key(|tuple| tuple.time_ms));
    }

    /// Appends the record's JSON. `written_ms` is its `time`; the digits below a millisecond follow from it.
    pub fn write(&self, log: &FlowLog, mac: &str, written_ms: Millis, out: &mut Vec<u8>) {
        let time = format_rfc3339(written_ms);
        let fraction = written_ms.rem_euclid(1000);
        let below = (written_ms.wrapping_mul(7919) / 7).rem_euclid(10_000);
        let head = format!(
            "{{\"time\":\"{}.{fraction:03}{below:04}Z\",\"flowLogVersion\":4,\"flowLogGUID\":\"{}\",\"macAddress\":\"{mac}\",\
             \"category\":\"FlowLogFlowEvent\",\"flowLogResourceID\":\"{}\",\"targetResourceID\":\"{}\",\
             \"operationName\":\"FlowLogFlowEvent\",\"flowRecords\":{{\"flows\":[",
            &time[..19],
            log.guid,
            log.resource_id(),
            log.target,
        );
        out.extend_from_slice(head.as_bytes());
        let mut open_acl = None;
        let mut malformed = self.malformed.as_slice();
        for (rule, tuples) in Rule::ALL.into_iter().zip(&self.groups) {
            // A record of malformed tuples only still needs a group to hold them.
            let forced = rule == Rule::Platform && !malformed.is_empty() && self.groups.iter().all(Vec::is_empty);
            if tuples.is_empty() && !forced {
                continue;
            }
            if open_acl == Some(rule.acl()) {
                out.push(b',');
            } else {
                out.extend_from_slice(if open_acl.is_some() { b"]},{" } else { b"{" });
                out.extend_from_slice(format!("\"aclID\":\"{}\",\"flowGroups\":[", rule.acl()).as_bytes());
                open_acl = Some(rule.acl());
            }
            out.extend_from_slice(format!("{{\"rule\":\"{}\",\"flowTuples\":[", rule.name()).as_bytes());
            for (index, tuple) in tuples.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_tuple(tuple, out);
            }
            for (index, text) in std::mem::take(&mut malformed).iter().enumerate() {
                if index > 0 || !tuples.is_empty() {
                    out.push(b',');
                }
                out.extend_from_slice(text.as_bytes());
            }
            out.extend_from_slice(b"]}");
        }
        if open_acl.is_some() {
            out.extend_from_slice(b"]}");
        }
        out.extend_from_slice(b"]}}");
    }
}

/// Appends a tuple as a JSON string. A begin without counters is written with zeroes, one in eight with nothing
/// at all: both forms occur.
fn write_tuple(tuple: &Tuple, out: &mut Vec<u8>) {
    out.push(b'"');
    write_number(tuple.time_ms.unsigned_abs(), out);
    out.push(b',');
    write_address(tuple.source, out);
    out.push(b',');
    write_address(tuple.destination, out);
    out.push(b',');
    write_number(tuple.source_port.into(), out);
    out.push(b',');
    write_number(tuple.destination_port.into(), out);
    out.push(b',');
    write_number(tuple.protocol.into(), out);
    out.extend_from_slice(if tuple.inbound { b",I," } else { b",O," });
    out.push(match tuple.state {
        FlowState::Begin => b'B',
        FlowState::Continue => b'C',
        FlowState::End => b'E',
        FlowState::Denied => b'D',
    });
    out.push(b',');
    out.extend_from_slice(tuple.encryption.as_bytes());
    match tuple.state {
        FlowState::Begin if tuple.time_ms & 7 == 7 => out.extend_from_slice(b",,,,"),
        FlowState::Begin | FlowState::Denied => out.extend_from_slice(b",0,0,0,0"),
        FlowState::Continue | FlowState::End => {
            let counters = &tuple.counters;
            for number in
                [counters.packets_sent, counters.bytes_sent, counters.packets_returned, counters.bytes_returned]
            {
                out.push(b',');
                write_number(number, out);
            }
        }
    }
    out.push(b'"');
}

pub(crate) fn write_number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

pub(crate) fn write_address(address: IpAddr, out: &mut Vec<u8>) {
    match address {
        IpAddr::V4(v4) => {
            for (index, octet) in v4.octets().into_iter().enumerate() {
                if index > 0 {
                    out.push(b'.');
                }
                write_number(octet.into(), out);
            }
        }
        IpAddr::V6(v6) => out.extend_from_slice(v6.to_string().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_what_the_format_page_shows() {
        let log = FlowLog {
            guid: "5a0f7a3e-7d0c-4c8b-9f55-0b1c2d3e4f50".to_owned(),
            subscription: "11111111-2222-3333-4444-555555555555".to_owned(),
            region: "eastus".to_owned(),
            name: "aksVnet-demo-flowlog".to_owned(),
            target: "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/demo/providers/Microsoft.Network/virtualNetworks/aksVnet".to_owned(),
        };
        let tuple = Tuple {
            time_ms: 1_795_165_220_517,
            source: "10.13.100.6".parse().unwrap(),
            destination: "10.244.0.147".parse().unwrap(),
            source_port: 41_876,
            destination_port: 8080,
            protocol: 6,
            inbound: true,
            state: FlowState::End,
            encryption: "NX",
            rule: Rule::AllowVnetInBound,
            counters: TupleCounters { packets_sent: 6, bytes_sent: 702, packets_returned: 5, bytes_returned: 1893 },
        };
        let mut record = Record::default();
        record.push(tuple);
        record.push(Tuple { rule: Rule::DenyAllInBound, state: FlowState::Denied, ..tuple });
        record.push(Tuple { rule: Rule::Platform, ..tuple });
        record.malformed.push("7".to_owned());
        let mut out = Vec::new();
        record.write(&log, "6045BD12AB34", 1_795_165_241_183, &mut out);
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(&value["time"].as_str().unwrap()[..23], "2026-11-20T09:00:41.183");
        let flows = value["flowRecords"]["flows"].as_array().unwrap();
        assert_eq!(flows.len(), 2);
        assert_eq!(
            flows[0]["flowGroups"][0]["flowTuples"],
            serde_json::json!(["1795165220517,10.13.100.6,10.244.0.147,41876,8080,6,I,E,NX,6,702,5,1893", 7])
        );
        assert_eq!(flows[0]["flowGroups"][1]["rule"], "DefaultRule_DenyAllInBound");
        assert_eq!(flows[1]["aclID"], NO_GROUP);
        assert!(log.path(1_795_165_200_000, "6045BD12AB34").ends_with(
            "NETWORKWATCHER_EASTUS_AKSVNET-DEMO-FLOWLOG/y=2026/m=11/d=20/h=09/m=00/macAddress=6045BD12AB34/PT1H.json"
        ));
    }
}

//! The traffic of a VNet flow log as other logs would have told it: NSG flow logs of both versions, and the rows that Traffic Analytics makes
//! of it. Read and written without the product's parsers, so that these can be held against it.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Which log to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherLog {
    /// NSG flow log, version 1: only beginnings and denials.
    NsgOne,
    /// NSG flow log, version 2.
    NsgTwo,
    /// Traffic Analytics as the portal exports it.
    AnalyticsCsv,
    /// Traffic Analytics as the command line prints it.
    AnalyticsJson,
}

/// Milliseconds of the interval over which Traffic Analytics sums.
const INTERVAL_MS: i64 = 600_000;

/// Writes what a whole VNet flow log would be as another log. `None` when the text is no such log, or has malformed tuples.
pub fn other_log(vnet_log: &[u8], log: OtherLog) -> Option<Vec<u8>> {
    let value: Value = serde_json::from_slice(vnet_log).ok()?;
    let records = value["records"].as_array()?;
    match log {
        OtherLog::NsgOne => nsg(records, 1),
        OtherLog::NsgTwo => nsg(records, 2),
        OtherLog::AnalyticsCsv => Some(csv(&rows(records)?).into_bytes()),
        OtherLog::AnalyticsJson => Some(Value::from(rows(records)?).to_string().into_bytes()),
    }
}

/// Rule and tuple, field by field, of all tuples of a record.
fn tuples(record: &Value) -> Option<Vec<(String, Vec<String>)>> {
    let mut all = Vec::new();
    for flow in record["flowRecords"]["flows"].as_array()? {
        for group in flow["flowGroups"].as_array()? {
            for tuple in group["flowTuples"].as_array()? {
                let fields: Vec<String> = tuple.as_str()?.split(',').map(str::to_owned).collect();
                if fields.len() != 13 {
                    return None;
                }
                all.push((group["rule"].as_str()?.to_owned(), fields));
            }
        }
    }
    Some(all)
}

fn letter(protocol: &str) -> &str {
    match protocol {
        "6" => "T",
        "17" => "U",
        other => other,
    }
}

fn nsg(records: &[Value], version: u8) -> Option<Vec<u8>> {
    let mut written = Vec::new();
    for record in records {
        let mac = record["macAddress"].as_str()?;
        let mut rules: Vec<(String, Vec<String>)> = Vec::new();
        for (rule, fields) in tuples(record)? {
            let seconds = fields[0].parse::<i64>().ok()? / 1000;
            let head =
                [&seconds.to_string(), &fields[1], &fields[2], &fields[3], &fields[4]].map(String::as_str).join(",");
            let head = format!("{head},{},{}", letter(&fields[5]), fields[6]);
            let (decision, state) = if fields[7] == "D" { ("D", "B") } else { ("A", fields[7].as_str()) };
            let text = match (version, state) {
                (1, "B") => format!("{head},{decision}"),
                (1, _) => continue,
                (_, "B") => format!("{head},{decision},B,,,,"),
                _ => format!("{head},{decision},{state},{}", fields[9..].join(",")),
            };
            match rules.last_mut() {
                Some((last, texts)) if *last == rule => texts.push(text),
                _ => rules.push((rule, vec![text])),
            }
        }
        let flows: Vec<Value> = rules
            .into_iter()
            .map(|(rule, texts)| json!({"rule": rule, "flows": [{"mac": mac, "flowTuples": texts}]}))
            .collect();
        written.push(json!({
            "time": record["time"],
            "systemId": "7c1de1b0-55d8-4d5e-9a36-3d5f0f7f2a11",
            "macAddress": mac,
            "category": "NetworkSecurityGroupFlowEvent",
            "resourceId": format!("/SUBSCRIPTIONS/11111111/RESOURCEGROUPS/DEMO/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG{version}"),
            "operationName": "NetworkSecurityGroupFlowEvents",
            "properties": {"Version": version, "flows": flows},
        }));
    }
    Some(json!({ "records": written }).to_string().into_bytes())
}

/// Sums of one row.
#[derive(Default)]
struct Sums {
    first: i64,
    last: i64,
    begun: u64,
    ended: u64,
    counters: [u64; 4],
}

fn time(ms: i64) -> String {
    underlay_model::time::format_rfc3339(ms)
}

fn rows(records: &[Value]) -> Option<Vec<Value>> {
    let mut sums: BTreeMap<[String; 8], Sums> = BTreeMap::new();
    for record in records {
        let mac = record["macAddress"].as_str()?;
        for (rule, fields) in tuples(record)? {
            let ms = fields[0].parse::<i64>().ok()?;
            let status = if fields[7] == "D" { "Denied" } else { "Allowed" };
            let interval = time(ms / INTERVAL_MS * INTERVAL_MS);
            let [source, destination, port] = [&fields[1], &fields[2], &fields[4]].map(Clone::clone);
            let flow = format!("{} {status}", letter(&fields[5]));
            let key = [interval, source, destination, port, flow, fields[6].clone(), rule, mac.to_owned()];
            let sum = sums.entry(key).or_insert_with(|| Sums { first: ms, last: ms, ..Sums::default() });
            (sum.first, sum.last) = (sum.first.min(ms), sum.last.max(ms));
            match fields[7].as_str() {
                "B" | "D" => sum.begun += 1,
                state => {
                    sum.ended += u64::from(state == "E");
                    for (sum, field) in sum.counters.iter_mut().zip(&fields[9..]) {
                        *sum += field.parse::<u64>().ok()?;
                    }
                }
            }
        }
    }
    Some(sums.iter().map(|(key, sum)| row(key, sum)).collect())
}

fn row(key: &[String; 8], sum: &Sums) -> Value {
    let [interval, source, destination, port, flow, direction, rule, mac] = key;
    let (protocol, status) = flow.split_once(' ').unwrap_or_default();
    let way = if direction == "I" { "In" } else { "Out" };
    let verdict = if status == "Denied" { "Denied" } else { "Allowed" };
    let mut row = Map::new();
    let mac = mac.as_bytes().chunks(2).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-");
    for (name, value) in [
        ("SubType", "FlowLog".to_owned()),
        ("FlowIntervalStartTime", interval.clone()),
        ("FlowStartTime", time(sum.first)),
        ("FlowEndTime", time(sum.last)),
        ("SrcIp", source.clone()),
        ("DestIp", destination.clone()),
        ("DestPort", port.clone()),
        ("L4Protocol", protocol.to_owned()),
        ("FlowDirection", format!("{way}bound")),
        ("FlowStatus", status.to_owned()),
        ("AclRule", rule.clone()),
        ("MacAddress", mac),
        (&format!("{verdict}{way}Flows"), sum.begun.to_string()),
        ("CompletedFlows", sum.ended.to_string()),
        ("PacketsSrcToDest", sum.counters[0].to_string()),
        ("BytesSrcToDest", sum.counters[1].to_string()),
        ("PacketsDestToSrc", sum.counters[2].to_string()),
        ("BytesDestToSrc", sum.counters[3].to_string()),
    ] {
        row.insert(name.to_owned(), Value::from(value));
    }
    Value::Object(row)
}

const COLUMNS: [&str; 21] = [
    "SubType",
    "FlowIntervalStartTime",
    "FlowStartTime",
    "FlowEndTime",
    "SrcIp",
    "DestIp",
    "DestPort",
    "L4Protocol",
    "FlowDirection",
    "FlowStatus",
    "AclRule",
    "MacAddress",
    "AllowedInFlows",
    "AllowedOutFlows",
    "DeniedInFlows",
    "DeniedOutFlows",
    "CompletedFlows",
    "PacketsSrcToDest",
    "BytesSrcToDest",
    "PacketsDestToSrc",
    "BytesDestToSrc",
];

fn csv(rows: &[Value]) -> String {
    let is_time = |name: &str| name.ends_with("Time");
    let name = |name: &&str| if is_time(name) { format!("\"{name} [UTC]\"") } else { (*name).to_owned() };
    let mut text = COLUMNS.iter().map(name).collect::<Vec<_>>().join(",");
    text.push_str("\r\n");
    for row in rows {
        let cell = |name: &&str| {
            let cell = row[*name].as_str().unwrap_or_default();
            if is_time(name) { format!("\"{}\"", american(cell)) } else { format!("\"{cell}\"") }
        };
        text.push_str(&COLUMNS.iter().map(cell).collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    }
    text
}

/// `11/20/2026, 9:00:03.218 AM`.
fn american(time: &str) -> String {
    let part = |range| time.get::<std::ops::Range<usize>>(range).unwrap_or_default();
    let number = |range| part(range).parse::<u32>().unwrap_or(0);
    let hour = number(11..13);
    let half = if hour < 12 { "AM" } else { "PM" };
    let fraction = time.get(19..).unwrap_or_default().trim_start_matches('.').trim_end_matches('Z');
    let (month, day, year) = (number(5..7), number(8..10), part(0..4));
    format!("{month}/{day}/{year}, {}:{}.{fraction:0<3} {half}", (hour + 11) % 12 + 1, part(14..19))
}

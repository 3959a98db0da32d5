//! Holds the two paths to one answer: what the plain path reads, the careful path reads the same, on generated and on mutated records.

use crate::account::ScanAccount;
use crate::careful::{Careful, careful_record};
use crate::finder::{Finder, Found};
use crate::hash::RecordHasher;
use crate::plain::{Plain, plain_record};
use crate::sink::{RecordHead, Sink};
use proptest::prelude::*;
use underlay_model::input::Format;
use underlay_model::tuple::{FlowTuple, RejectCode};

/// Everything a sink was told of a committed record, as text.
#[derive(Default)]
struct Told {
    open: Vec<String>,
    committed: Vec<String>,
}

impl Sink for Told {
    fn group(&mut self, acl: &[u8], rule: &[u8]) {
        self.open.push(format!("{acl:?} {rule:?}"));
    }
    fn tuple(&mut self, tuple: &FlowTuple<'_>) {
        self.open.push(format!("{tuple:?}"));
    }
    fn reject(&mut self, code: RejectCode, byte: u64) {
        self.open.push(format!("{code:?} at {byte}"));
    }
    fn commit(&mut self, head: &RecordHead<'_>) {
        self.committed.append(&mut self.open);
        self.committed.push(format!("{head:?}"));
    }
    fn rollback(&mut self) {
        self.open.clear();
    }
}

fn plainly(text: &[u8]) -> (Plain, Told, ScanAccount) {
    let (mut told, mut account) = (Told::default(), ScanAccount::default());
    let plain = plain_record(text, 1000, &mut told, &mut RecordHasher::new(), &mut account);
    (plain, told, account)
}

fn carefully(text: &[u8]) -> (Careful, Told, ScanAccount) {
    let (mut told, mut account) = (Told::default(), ScanAccount::default());
    let careful = careful_record(text, 1000, &mut told, &mut RecordHasher::new(), &mut account);
    account.careful_records = 0;
    (careful, told, account)
}

fn tuple() -> impl Strategy<Value = String> {
    let pick = |list: &'static [&'static str]| proptest::sample::select(list);
    (
        pick(&["1795165220517", "1795165220", "99999999999", "0", "253402300800000", "x", ""]),
        pick(&["10.13.100.6", "255.255.255.255", "10.0.0.256", "fd12::1", "::ffff:10.0.0.1", "010.1.1.1", ""]),
        pick(&["0", "8080", "65535", "65536", "", "00080"]),
        pick(&["6", "17", "1", "T", "UDP", "256", "0006", ""]),
        pick(&["I", "O", "i"]),
        pick(&["B", "C", "E", "D", "A"]),
        pick(&["NX", "", "NX_FALLBACK", "nx", "N X"]),
        pick(&[
            "0,0,0,0",
            ",,,",
            "6,702,5,1893",
            "6,702",
            "9223372036854775807,1,2,3",
            "9223372036854775808,1,2,3",
            "1,2,3,4,5",
        ]),
    )
        .prop_map(|(time, address, port, protocol, direction, state, encryption, counters)| {
            format!("{time},{address},10.244.0.147,41876,{port},{protocol},{direction},{state},{encryption},{counters}")
        })
}

fn record() -> impl Strategy<Value = String> {
    let common = Just("1795165220517,10.13.100.6,10.244.0.147,41876,8080,6,I,E,NX,6,702,5,1893".to_owned());
    let tuples = proptest::collection::vec(prop_oneof![2 => common, 1 => tuple()], 0..5);
    let groups = proptest::collection::vec((proptest::sample::select(&["r1", "r 2", ""][..]), tuples), 0..4);
    let keys = Just(vec![0usize, 1, 2, 3, 4, 5, 6, 7]).prop_shuffle();
    let resource = proptest::sample::select(&["/SUBSCRIPTIONS/X", ""][..]);
    (groups, keys, [0usize..=8, 0usize..=8], resource).prop_map(|(groups, keys, missing, resource)| {
        let group = |(rule, tuples): &(&str, Vec<String>)| {
            let tuples: Vec<String> = tuples.iter().map(|tuple| format!("\"{tuple}\"")).collect();
            format!(
                "{{\"aclID\":\"a\",\"flowGroups\":[{{\"rule\":\"{rule}\",\"flowTuples\":[{}]}}]}}",
                tuples.join(",")
            )
        };
        let groups: Vec<String> = groups.iter().map(group).collect();
        let members = [
            format!("\"flowRecords\":{{\"flows\":[{}]}}", groups.join(",")),
            "\"time\":\"2026-11-20T09:00:41.1830427Z\"".to_owned(),
            "\"flowLogVersion\":4".to_owned(),
            "\"flowLogGUID\":\"5a0f7a3e\"".to_owned(),
            "\"macAddress\":\"60-45-bd-12-ab-34\"".to_owned(),
            "\"category\":\"FlowLogFlowEvent\"".to_owned(),
            format!("\"flowLogResourceID\":\"{resource}\""),
            "\"resourceId\":\"/SUBSCRIPTIONS/X/FLOWLOGS/Y\"".to_owned(),
        ];
        let kept = keys.iter().filter(|&key| *key == 0 || !missing.contains(key));
        let members: Vec<&str> = kept.map(|&key| members[key].as_str()).collect();
        format!("{{{}}}", members.join(","))
    })
}

/// A record of an NSG flow log, with one NIC.
fn nsg_record() -> impl Strategy<Value = (String, Format)> {
    let pick = |list: &'static [&'static str]| proptest::sample::select(list);
    let tuple = (
        pick(&["1795165220", "1795165220517", "x"]),
        pick(&["10.13.100.6", "fd12::1", "010.1.1.1"]),
        pick(&["8080", "", "65536"]),
        pick(&["T", "U", "6", "X"]),
        pick(&["I", "O", ""]),
        pick(&["A,B,,,,", "A,E,6,702,5,1893", "D,B,,,,", "A", "D", "A,C,1", "A,D,,,,", "E", "A,E,x,,,"]),
    )
        .prop_map(|(time, address, port, protocol, direction, rest)| {
            format!("{time},{address},10.13.80.21,41876,{port},{protocol},{direction},{rest}")
        });
    let flows = proptest::collection::vec((pick(&["r1", ""]), proptest::collection::vec(tuple, 0..4), 0usize..3), 0..4);
    let keys = Just(vec![0usize, 1, 2, 3, 4, 5]).prop_shuffle();
    (flows, keys, 2usize..=6, 1u8..=2).prop_map(|(flows, keys, missing, version)| {
        let flow = |(rule, tuples, times): &(&str, Vec<String>, usize)| {
            let tuples: Vec<String> = tuples.iter().map(|tuple| format!("\"{tuple}\"")).collect();
            let inner = format!("{{\"mac\":\"00-0d-3a-18-07-7e\",\"flowTuples\":[{}]}}", tuples.join(","));
            format!("{{\"rule\":\"{rule}\",\"flows\":[{}]}}", vec![inner; *times].join(","))
        };
        let flows: Vec<String> = flows.iter().map(flow).collect();
        let members = [
            format!("\"properties\":{{\"Version\":{version},\"flows\":[{}]}}", flows.join(",")),
            "\"category\":\"NetworkSecurityGroupFlowEvent\"".to_owned(),
            "\"time\":\"2026-11-20T09:00:41.1830427Z\"".to_owned(),
            "\"macAddress\":\"000D3A000000\"".to_owned(),
            "\"resourceId\":\"/SUBSCRIPTIONS/X\"".to_owned(),
            "\"systemId\":\"7c1de1b0\"".to_owned(),
        ];
        let kept = keys.iter().filter(|&&key| key != missing);
        let members: Vec<&str> = kept.map(|&key| members[key].as_str()).collect();
        let format = if version == 1 { Format::NsgFlowLogV1 } else { Format::NsgFlowLogV2 };
        (format!("{{{}}}", members.join(",")), format)
    })
}

/// A record of any kind that the plain path reads.
fn any_record() -> impl Strategy<Value = (String, Format)> {
    prop_oneof![3 => record().prop_map(|text| (text, Format::VnetFlowLog)), 2 => nsg_record()]
}

/// A record of the plain grammar written in another way that says the same.
fn rewritten(text: &str, way: usize) -> String {
    match way {
        0 => text.replacen('{', "{ ", 1),
        1 => text.replace("\":", "\" :\n").replace("]}", "\r\n] }"),
        2 => text.replacen("\"time\"", "\"\\u0074ime\"", 1),
        3 => text.replacen("2026", "\\u0032026", 1).replacen('{', "{\"extra\":[1,{\"a\":null}],", 1),
        4 if text.contains("\"time\"") => {
            text.replacen("17951652", "\\u00317951652", 2).replacen("{\"", "{\"time\":\"another\",\"", 1)
        }
        _ => text.to_owned(),
    }
}

/// What was told, without positions.
fn gist(told: &Told) -> Vec<String> {
    let cut =
        |line: &String| line.split(" at ").next().and_then(|line| line.split("bytes: ").next()).map(str::to_owned);
    told.committed.iter().filter_map(cut).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_plain_record_is_read_alike_by_both_paths((text, format) in any_record()) {
        let (plain, told, account) = plainly(text.as_bytes());
        let (careful, told_carefully, account_carefully) = carefully(text.as_bytes());
        prop_assert_eq!(plain, Plain::Whole(text.len(), format));
        prop_assert_eq!(careful, Careful::Record(format));
        prop_assert_eq!(told.committed, told_carefully.committed);
        prop_assert_eq!(account, account_carefully);
    }

    #[test]
    fn a_record_written_otherwise_says_the_same((text, format) in any_record(), way in 0usize..5) {
        let otherwise = rewritten(&text, way);
        let (_, told, _) = plainly(text.as_bytes());
        let (careful, told_carefully, _) = carefully(otherwise.as_bytes());
        prop_assert_eq!(careful, Careful::Record(format));
        prop_assert_eq!(gist(&told), gist(&told_carefully));
    }

    /// Whatever the plain path takes for a record after damage, the finder and the careful path take for the same one.
    #[test]
    fn a_mutated_record_is_read_alike_or_left_to_the_careful_path(
        (text, _) in any_record(),
        edits in proptest::collection::vec((any::<u16>(), 0u8..4, proptest::sample::select(b"0123456789,.:\"{}[]\\ aIB\x01\xff\n".to_vec())), 1..4),
    ) {
        let mut text = text.into_bytes();
        for (at, kind, byte) in edits {
            let at = usize::from(at) % text.len();
            match kind {
                0 | 1 => text[at] = byte,
                2 => text.insert(at, byte),
                _ => { text.remove(at); }
            }
        }
        let (plain, told, account) = plainly(&text);
        if let Plain::Whole(used, format) = plain {
            prop_assert_eq!(Finder::object().feed(&text), Found::Whole(used));
            let (careful, told_carefully, account_carefully) = carefully(&text[..used]);
            prop_assert_eq!(careful, Careful::Record(format));
            prop_assert_eq!(told.committed, told_carefully.committed);
            prop_assert_eq!(account, account_carefully);
        } else {
            prop_assert!(told.committed.is_empty() && told.open.is_empty());
            prop_assert_eq!(account, ScanAccount::default());
            if let Found::Whole(used) = Finder::object().feed(&text) {
                prop_assert!(plain == Plain::Careful);
                // Grammar that the finder lets through is never too much for the careful path.
                prop_assert_ne!(carefully(&text[..used]).0, Careful::Unreadable);
            }
        }
    }
}

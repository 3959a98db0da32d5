//! Whatever happens to a log on its way, each byte of it is in a record, or lost and told, or text between documents and told, or part of what stands
//! around records; and each tuple of a record is accepted or rejected.

mod common;
use common::*;
use proptest::prelude::*;
use underlay_scan::ScanAccount;

/// What happens to a text: at a place (in thousandths of it), over so many bytes.
#[derive(Clone, Debug)]
enum Harm {
    Overwritten(usize, Vec<u8>),
    LeftOut(usize, usize),
    PutIn(usize, Vec<u8>),
    Repeated(usize, usize),
}

fn harm() -> impl Strategy<Value = Harm> {
    // Bytes that mean something in JSON, and some that do not.
    let bytes = || prop::collection::vec(prop::sample::select(&b"{}[],:\"\\ \n0a\0\xff"[..]), 1..4);
    prop_oneof![
        (0usize..1000, bytes()).prop_map(|(at, bytes)| Harm::Overwritten(at, bytes)),
        (0usize..1000, 1usize..900).prop_map(|(at, length)| Harm::LeftOut(at, length)),
        (0usize..1000, bytes()).prop_map(|(at, bytes)| Harm::PutIn(at, bytes)),
        (0usize..1000, 1usize..900).prop_map(|(at, length)| Harm::Repeated(at, length)),
    ]
}

/// Does the harm to what lies behind the opener.
fn done(text: &mut Vec<u8>, harm: &Harm, opener: usize) {
    let place = |at: usize| opener + at * (text.len() - opener) / 1000;
    let end = |at: usize, length: usize| (place(at) + length).min(text.len());
    let (range, bytes) = match harm {
        Harm::Overwritten(at, bytes) => (place(*at)..end(*at, bytes.len()), bytes.clone()),
        Harm::LeftOut(at, length) => (place(*at)..end(*at, *length), Vec::new()),
        Harm::PutIn(at, bytes) => (place(*at)..place(*at), bytes.clone()),
        Harm::Repeated(at, length) => {
            let range = place(*at)..end(*at, *length);
            (range.end..range.end, text[range].to_vec())
        }
    };
    text.splice(range, bytes);
}

/// Strings in the lists of tuples of a record's text, by somebody else's parser.
fn tuples_of(text: &[u8]) -> Option<u64> {
    let value: serde_json::Value = serde_json::from_slice(text).ok()?;
    let list = |value: &serde_json::Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let groups = list(&value["flowRecords"], "flows").into_iter().flat_map(|flow| list(&flow, "flowGroups"));
    Some(groups.map(|group| group["flowTuples"].as_array().map_or(0, Vec::len) as u64).sum())
}

/// Every byte once: the records and the lost stretches in order, and what is left between them.
fn left_over(text: &[u8], seen: &[Seen], account: &ScanAccount) -> Vec<u8> {
    let records = seen.iter().map(|record| record.bytes.clone());
    let lost = account.lost.iter().map(|range| range.byte..range.byte + range.len);
    let mut taken: Vec<_> = records.chain(lost).collect();
    taken.sort_by_key(|range| (range.start, range.end));
    let (mut rest, mut at) = (Vec::new(), 0);
    for range in taken {
        assert!(range.start >= at, "{range:?} is told twice");
        rest.extend_from_slice(&text[at as usize..range.start as usize]);
        at = range.end;
    }
    rest.extend_from_slice(&text[at as usize..]);
    rest
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_and_every_tuple_is_accounted_for(count in 1usize..7, harms in prop::collection::vec(harm(), 0..4)) {
        let opener = "{\"records\":[";
        let mut text = format!("{opener}{}]}}", records(count).join(",")).into_bytes();
        for harm in &harms {
            done(&mut text, harm, opener.len());
        }
        let (seen, account) = scan(&text);
        prop_assert_eq!(account.bytes, text.len() as u64);
        for record in &seen {
            if let Some(tuples) = tuples_of(&text[record.bytes.start as usize..record.bytes.end as usize]) {
                // A list of tuples that is no list counts as one that is rejected.
                prop_assert!(record.accepted + record.rejected >= tuples, "{record:?}");
            }
        }
        prop_assert_eq!(account.accepted, seen.iter().map(|record| record.accepted).sum::<u64>());
        prop_assert_eq!(account.rejected_tuples(), seen.iter().map(|record| record.rejected).sum::<u64>());
        if account.lost_ranges as usize > account.lost.len() || !account.foreign.is_empty() {
            return Ok(());
        }
        let lost: u64 = account.lost.iter().map(|range| {
            let stretch = &text[range.byte as usize..(range.byte + range.len) as usize];
            assert_eq!(range.lost, countable(stretch), "{range:?}");
            range.lost
        }).sum();
        prop_assert_eq!(account.lost_bytes, lost);
        let rest = left_over(&text, &seen, &account);
        let behind = rest.strip_prefix(opener.as_bytes()).unwrap_or(&rest);
        let odd: Vec<u8> = behind.iter().copied().filter(|byte| !b" \t\r\n,[]{}".contains(byte)).collect();
        // What is left has brackets of its own.
        prop_assert!(odd.len() as u64 <= account.passed_over.bytes, "neither read nor lost: {:?}", String::from_utf8_lossy(&odd));
    }
}

#[test]
fn what_a_stray_bracket_cuts_off_a_record_is_lost() {
    let whole = record(1, &[IPV4]);
    let text = format!("{{\"records\":[{},{whole}]}}", whole.replace(",\"operationName\"", "}],\"operationName\""));
    let (seen, account) = scan(text.as_bytes());
    assert_eq!((seen.len(), account.accepted), (2, 1));
    let rest = &whole[whole.find("\"operationName\"").unwrap()..];
    assert_eq!(account.lost_bytes, 1 + countable(rest.as_bytes()));
}

//! Damage at every place: nothing panics, every whole record is read, and what is lost is counted to the byte.

mod common;
use common::*;
use proptest::prelude::*;

/// A log with the places of its records.
fn log(pretty: bool) -> (String, Vec<std::ops::Range<usize>>) {
    let texts: Vec<String> = records(4)
        .iter()
        .map(|text| {
            if !pretty {
                return text.clone();
            }
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            serde_json::to_string_pretty(&value).unwrap()
        })
        .collect();
    let mut log = "{\"records\":[".to_owned();
    let mut places = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            log.push(',');
        }
        places.push(log.len()..log.len() + text.len());
        log.push_str(text);
    }
    log.push_str("]}");
    (log, places)
}

#[test]
fn a_log_cut_off_anywhere_yields_its_whole_records_and_counts_the_rest() {
    for pretty in [false, true] {
        let (log, places) = log(pretty);
        for cut in 12..=log.len() {
            let (seen, account) = scan(&log.as_bytes()[..cut]);
            let whole: Vec<_> = places.iter().filter(|place| place.end <= cut).collect();
            assert_eq!(seen.len(), whole.len(), "cut at {cut}");
            let lost = places
                .iter()
                .find(|place| place.start < cut && place.end > cut)
                .map_or(0, |place| countable(&log.as_bytes()[place.start..cut]));
            assert_eq!(account.lost_bytes, lost, "cut at {cut}");
        }
    }
}

#[test]
fn a_log_that_begins_anywhere_yields_its_whole_records_and_counts_the_rest() {
    for pretty in [false, true] {
        let (log, places) = log(pretty);
        for cut in 1..log.len() {
            if log.as_bytes()[cut] == b'[' && cut < 12 {
                continue;
            }
            let (seen, account) = scan(&log.as_bytes()[cut..]);
            let next = places.iter().find(|place| place.start >= cut).map_or(log.len(), |place| place.start);
            assert_eq!(seen.len(), places.iter().filter(|place| place.start >= cut).count(), "from {cut}");
            assert_eq!(
                account.lost_bytes,
                countable(&log.as_bytes()[cut..next]),
                "from {cut}: {}",
                &log[cut..(cut + 60).min(log.len())]
            );
            assert!(account.foreign.is_empty(), "from {cut}");
        }
    }
}

#[test]
fn a_stretch_missing_anywhere_loses_only_the_records_it_touches() {
    let (log, places) = log(false);
    for start in (12..log.len() - 2).step_by(7) {
        for len in [1, 40, 300] {
            let end = (start + len).min(log.len());
            let text = [&log.as_bytes()[..start], &log.as_bytes()[end..]].concat();
            let (seen, _) = scan(&text);
            let untouched = places.iter().filter(|place| place.end <= start || place.start >= end).count();
            assert!(
                seen.len() >= untouched,
                "{start}..{end}: {} of {untouched} in {}",
                seen.len(),
                String::from_utf8_lossy(&text)
            );
        }
    }
}

fn any_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => (0usize..9).prop_map(|n| records(9)[n].clone()),
        // As exporters write them who look less deep, or make a record of every tuple.
        1 => (0usize..9).prop_map(|n| {
            let mut record: serde_json::Value = serde_json::from_str(&records(9)[n]).unwrap();
            record["flowRecords"] = record["flowRecords"].to_string().into();
            record.to_string()
        }),
        1 => Just("{\"category\":\"FlowLogFlowEvent\",\"startTime\":\"1795165220\",\"mac\":\"6045BD12AB34\"}".to_owned()),
        1 => proptest::sample::select(vec![
            "{\"records\":[", "]}", "[", "]", "{", "}", ",", "\n", " ", "\"", "text ", "{ \"records\": [", "7", "{\"category\":\"X\"}", "\"a\":1,", ":", "\\", "\u{FEFF}",
        ]).prop_map(str::to_owned),
    ];
    (proptest::collection::vec(piece, 0..8), proptest::collection::vec((any::<u16>(), any::<u8>(), 0u8..3), 0..3))
        .prop_map(|(pieces, edits)| {
            let mut text = pieces.concat().into_bytes();
            for (at, byte, kind) in edits {
                if text.is_empty() {
                    break;
                }
                let at = usize::from(at) % text.len();
                match kind {
                    0 => text[at] = byte,
                    1 => text.truncate(at),
                    _ => {
                        text.drain(..at);
                    }
                }
            }
            text
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Chunks of any size give the same records, positions, and account.
    #[test]
    fn where_the_text_is_cut_into_chunks_does_not_matter(text in any_text(), sizes in proptest::collection::vec(1usize..700, 1..6)) {
        let whole = scan(&text);
        let mut chunks = Vec::new();
        let mut rest = text.as_slice();
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, behind) = rest.split_at((*size).min(rest.len()));
            chunks.push(chunk);
            rest = behind;
        }
        prop_assert_eq!(&scan_chunks(chunks), &whole);
        prop_assert_eq!(&scan_chunks(text.chunks(1)), &whole);
    }

    /// Every byte is in a record, lost, or stands between; the account never counts more than there is.
    #[test]
    fn the_account_adds_up(text in any_text()) {
        let (seen, account) = scan(&text);
        let read: u64 = seen.iter().map(|record| record.bytes.end - record.bytes.start).sum();
        prop_assert!(read + account.lost_bytes <= text.len() as u64);
        prop_assert_eq!(account.accepted, seen.iter().map(|record| record.accepted).sum::<u64>());
        prop_assert_eq!(account.rejected_tuples(), seen.iter().map(|record| record.rejected).sum::<u64>());
    }
}

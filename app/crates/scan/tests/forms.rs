//! The forms in which flow logs reach people, and what is lost of damaged ones.

mod common;
use common::*;
use underlay_model::input::Format;
use underlay_scan::LostWhy;

fn three() -> (Vec<String>, Vec<Seen>) {
    let texts = records(3);
    let (seen, account) = scan(format!("{{\"records\":[{}]}}", texts.join(",")).as_bytes());
    assert_eq!((seen.len(), account.lost_bytes, account.careful_records), (3, 0, 0));
    assert_eq!(account.first_format, Some(Format::VnetFlowLog));
    (texts, without_positions(&seen))
}

#[test]
fn every_form_of_a_whole_log_gives_the_same_records() {
    let (texts, expected) = three();
    let joined = texts.join(",");
    let pretty = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        serde_json::to_string_pretty(&value).unwrap().replace('\n', "\r\n")
    };
    for text in [
        format!("[{joined}]"),
        texts.iter().map(|text| format!("\u{FEFF}{{\"records\":[{text}]}}")).collect::<Vec<_>>().join(""),
        format!(",{joined}"),
        format!(",{joined}]}}"),
        format!("{joined}]}}\r\n"),
        format!("{{\"records\":[{joined}"),
        format!("{{\"records\":[{joined},"),
        texts.join("\n"),
        texts.join(""),
        texts.iter().map(|text| format!("{{\"records\":[{text}]}}")).collect::<Vec<_>>().join(""),
        texts.iter().map(|text| format!("{{\"records\":[{text}]}}")).collect::<Vec<_>>().join("\n"),
        format!("{{ \"records\" : [ {} ] }}", texts.join(" ,\n ")),
        pretty(&format!("{{\"records\":[{joined}]}}")),
        format!("{{\"count\":3,\"records\":[{joined}],\"next\":{{\"records\":[7]}}}}\n"),
        format!("{{\"records\":[{},{}],\"records\":[{}]}}", texts[0], texts[1], texts[2]),
        format!(
            "WARNING: this [command] is in preview\n❯ az storage blob download\n{{\"records\":[{joined}]}}\n$ exit\n"
        ),
        format!("[{}]\nINFO: next\n[{},{}]", texts[0], texts[1], texts[2]),
    ] {
        let (seen, account) = scan(text.as_bytes());
        assert_eq!(without_positions(&seen), expected, "{text}");
        assert_eq!((account.lost_bytes, account.foreign.len()), (0, 0), "{text}: {account:?}");
        assert_eq!(account.bytes, text.len() as u64);
    }
}

#[test]
fn positions_are_those_of_the_record_and_of_the_opening_quote() {
    let plain = record(1, &[IPV4, BAD_ADDRESS, IPV4]);
    let spaced = plain.replacen(':', " : ", 3).replacen("\"time\"", "\"extra\":\"\u{e9}\u{1}\",\"time\"", 1);
    for record in [plain, spaced] {
        let text = format!("{{\"records\":[{record}]}}");
        let (seen, account) = scan(text.as_bytes());
        let at = text.find(&format!("\"{BAD_ADDRESS}")).unwrap() as u64;
        assert_eq!((account.rejected[0].first_byte, account.rejected[0].count), (at, 1));
        assert_eq!(seen[0].bytes, 12..12 + record.len() as u64);
    }
}

#[test]
fn a_cut_record_alone_is_lost_and_the_next_blob_is_read() {
    let texts = records(4);
    let cut = &texts[2][..texts[2].len() - 80];
    let text = format!("{{\"records\":[{},{},{cut}{{\"records\":[{}]}}", texts[0], texts[1], texts[3]);
    let (seen, account) = scan(text.as_bytes());
    assert_eq!(seen.len(), 3);
    assert_eq!(account.lost_bytes, countable(format!("{cut}{{\"records\":[").as_bytes()));
    assert_eq!(account.lost.len(), 1);
    assert_eq!(account.lost[0].why, LostWhy::Malformed);
    assert_eq!(account.lost[0].byte, text.find(cut).unwrap() as u64);
}

#[test]
fn a_wrapped_record_ends_where_it_ends_whatever_is_put_right_in_it() {
    let odd = record(0, &[IPV4]).replace("r1", "\u{1}\u{1}\u{1}");
    let text = format!("{{\"body\":{odd}}}{{\"body\":{}}}", record(1, &[IPV4]));
    let (records, _) = scan(text.as_bytes());
    let places: Vec<_> = records.iter().map(|record| record.bytes.start as usize..record.bytes.end as usize).collect();
    assert_eq!(&text[places[0].clone()], odd);
    assert_eq!(&text[places[1].clone()], record(1, &[IPV4]));
}

#[test]
fn what_is_no_record_between_records_is_lost() {
    let texts = records(2);
    for (odd, why) in [
        ("17", LostWhy::NoRecord),
        ("\"text\"", LostWhy::NoRecord),
        ("{\"rule\":\"r\",\"flowTuples\":[]}", LostWhy::NoRecord),
        ("{\"time\":\"x\",}", LostWhy::Malformed),
        ("{\"time\":tru}", LostWhy::Malformed),
    ] {
        let text = format!("{{\"records\":[{},{odd},{}]}}", texts[0], texts[1]);
        let (seen, account) = scan(text.as_bytes());
        assert_eq!(seen.len(), 2, "{text}");
        assert_eq!((account.lost_bytes, account.lost[0].why), (countable(odd.as_bytes()), why), "{text}");
    }
}

#[test]
fn records_of_other_kinds_are_named_and_not_lost() {
    let texts = records(2);
    let nsg = r#"{"time":"t","category":"NetworkSecurityGroupFlowEvent","properties":{"Version":2,"flows":[{"rule":"r","flows":[{"mac":"M","flowTuples":["1,2"]}]}]}}"#;
    let other = r#"{"time":"t","category":"AppServiceHTTPLogs","properties":"x"}"#;
    let text = format!(
        "{{\"records\":[{nsg},{},{other},{other},{},{}]}}",
        texts[0],
        texts[1],
        nsg.replace("\"Version\":2", "\"Version\":1")
    );
    let (seen, account) = scan(text.as_bytes());
    assert_eq!((seen.len(), account.lost_bytes), (4, 0));
    assert_eq!(account.first_format, Some(Format::NsgFlowLogV2));
    let formats: Vec<_> = account.formats.iter().map(|known| (known.format, known.count)).collect();
    assert_eq!(formats, [(Format::NsgFlowLogV2, 1), (Format::VnetFlowLog, 2), (Format::NsgFlowLogV1, 1)]);
    let foreign: Vec<_> = account.foreign.iter().map(|f| (f.category.as_str(), f.count)).collect();
    assert_eq!(foreign, [("AppServiceHTTPLogs", 2)]);
    assert_eq!(account.foreign[0].first_byte, text.find(other).unwrap() as u64);
}

#[test]
fn repeated_keys_follow_the_contract() {
    let text = format!(
        r#"{{"time":"no","time":"yes","flowLogGUID":"g","macAddress":"60-45-bd-12-ab-34","flowRecords":{{"flows":[{{"aclID":"a","flowGroups":[{{"flowTuples":["{IPV4}"],"rule":"x","flowTuples":"no list","rule":"y","flowTuples":["{IPV6}",5]}}],"flowGroups":[{{"rule":"z","flowTuples":{{}}}}]}}],"flows":[{{"flowGroups":[{{"flowTuples":["{DENIED}"]}}]}}]}}}}"#
    );
    let (seen, account) = scan(text.as_bytes());
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].time.as_str(), seen[0].mac.as_str()), ("yes", "6045BD12AB34"));
    assert_eq!((seen[0].accepted, seen[0].rejected), (3, 2));
    let groups: Vec<_> = seen[0].events.iter().map(|event| event.split(':').next().unwrap()).collect();
    assert_eq!(groups[0], "a y");
    assert_eq!(groups[1], "a y");
    assert!(groups[2].starts_with("tuple-type@") && groups[3].starts_with("tuple-type@"));
    assert_eq!(groups[4], " ");
    assert_eq!(account.rejected[0].first_byte, text.find(",5]").unwrap() as u64 + 1);
}

#[test]
fn preview_records_hold_tuple_strings_themselves() {
    let text = format!(
        r#"{{"records":[{{"flowLogResourceID":"/SUB/X","macAddress":"M","flowRecords":["{IPV4}","{IPV6}"]}}]}}"#
    );
    let (seen, _) = scan(text.as_bytes());
    assert_eq!((seen[0].accepted, seen[0].flow_log.as_str()), (2, "/sub/x"));
}

#[test]
fn flow_records_that_an_exporter_wrote_as_text_are_read() {
    let (texts, expected) = three();
    let folded: Vec<String> = texts
        .iter()
        .map(|text| {
            let mut record: serde_json::Value = serde_json::from_str(text).unwrap();
            record["flowRecords"] = record["flowRecords"].to_string().into();
            record.to_string()
        })
        .collect();
    let (seen, account) = scan(format!("{{\"records\":[{}]}}", folded.join(",")).as_bytes());
    assert_eq!(without_positions(&seen), expected);
    assert_eq!((account.lost_bytes, account.careful_records), (0, 3));
    // What is no JSON inside costs its own record's tuples only.
    let (seen, account) = scan(format!("{{\"records\":[{},{}]}}", texts[0], folded[1].replace("[", "<")).as_bytes());
    assert_eq!((seen.len(), account.lost_bytes), (2, 0));
}

#[test]
fn the_category_alone_makes_a_record() {
    let (seen, account) = scan(br#"{"category":"FlowLogFlowEvent","time":"t"}"#);
    assert_eq!((seen.len(), account.lost_bytes, account.foreign.len()), (1, 0, 0));
}

#[test]
fn deep_nesting_and_odd_bytes_are_read() {
    let deep = format!("{}1{}", "[".repeat(62), "]".repeat(62));
    let texts = records(2);
    let odd = texts[1]
        .replacen("\"time\"", &format!("\"extra\":{deep},\"raw\":\"a\u{1}\u{2}\n}}\",\"time\""), 1)
        .replacen("r1", "r\\u0031", 1);
    let mut bytes = format!("{{\"records\":[{},{odd}]}}", texts[0]).into_bytes();
    let at = bytes.windows(3).position(|window| window == b"a\x01\x02").unwrap();
    bytes[at] = 0xFF;
    let (seen, account) = scan(&bytes);
    assert_eq!((seen.len(), account.lost_bytes, account.careful_records), (2, 0, 1));
    let (plain, _) = scan(format!("{{\"records\":[{}]}}", texts.join(",")).as_bytes());
    assert_eq!(without_positions(&seen), without_positions(&plain));
}

#[test]
fn a_text_that_never_closes_a_record_is_given_up() {
    let mut recorder = Recorder::default();
    let mut scanner = underlay_scan::Scanner::new();
    let whole = record(1, &[IPV4]);
    scanner.push(format!("{{\"records\":[{whole},{{\"time\":\"").as_bytes(), &mut recorder);
    let filler = vec![b'x'; 8 << 20];
    let mut largest = 0;
    for _ in 0..24 {
        scanner.push(&filler, &mut recorder);
        largest = largest.max(scanner.memory_bytes());
    }
    scanner.push(format!("\n{whole}").as_bytes(), &mut recorder);
    let account = scanner.finish(&mut recorder);
    assert_eq!(recorder.records.len(), 2);
    assert!(largest <= 300 << 20, "{largest}");
    assert_eq!(account.lost[0].why, LostWhy::TooLong);
    assert_eq!(account.lost_bytes, (24 * (8 << 20)) + 9);
}

#[test]
fn keys_are_known_in_any_case() {
    let text = format!("{{\"records\":[{}]}}", record(1, &[IPV4, BAD_ADDRESS]));
    let (expected, _) = scan(text.as_bytes());
    let keys = [
        "records",
        "time",
        "flowLogGUID",
        "macAddress",
        "category",
        "flowRecords",
        "flows",
        "flowGroups",
        "flowTuples",
    ];
    for change in [str::to_lowercase as fn(&str) -> String, str::to_uppercase] {
        let quoted = |key: &str| format!("\"{key}\":");
        let other = keys.iter().fold(text.clone(), |text, key| text.replace(&quoted(key), &quoted(&change(key))));
        let (seen, account) = scan(other.as_bytes());
        assert_eq!(without_positions(&seen), without_positions(&expected), "{other}");
        assert_eq!((account.lost_bytes, account.foreign.len()), (0, 0));
    }
}

#[test]
fn versions_that_nobody_documented_are_read_and_told() {
    let text = [
        record(1, &[IPV4]),
        record(2, &[IPV4]).replace("\"flowLogVersion\":4", "\"flowLogVersion\":5"),
        record(3, &[IPV4]).replace("\"flowLogVersion\":4", "\"flowLogVersion\":\"4\""),
    ]
    .join(",");
    let (seen, account) = scan(text.as_bytes());
    assert_eq!(seen.len(), 3);
    let told: Vec<_> = account.other_versions.iter().map(|other| (other.version.as_str(), other.count)).collect();
    assert_eq!(told, [("5", 1)]);
    assert_eq!(account.other_versions[0].first_byte, seen[1].bytes.start);
}

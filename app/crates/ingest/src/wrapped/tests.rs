//! Records in wrappings of any kind are those that were wrapped, and stand where they stand.

use super::*;
use crate::damage::{damaged, harm};
use proptest::prelude::*;

const RECORD: &str = r#"{"time":"t","macAddress":"6045BD12AB34","note":"a \"b\" \\ \u00fc, ü","category":"FlowLogFlowEvent","flowRecords":{"flows":[{"aclID":"a","flowGroups":[{"rule":"r","flowTuples":["1795165220517,10.13.100.6,10.244.0.147,41876,8080,6,I,E,NX,6,702,5,1893"]}]}]}}"#;

fn as_text(record: &str) -> String {
    let escaped: String = record
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            '\n' => "\\n".to_owned(),
            'ü' => "\\u00fc".to_owned(),
            '😀' => "\\ud83d\\ude00".to_owned(),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

fn as_cell(record: &str) -> String {
    format!("\"{}\"", record.replace('"', "\"\""))
}

/// Texts that hold a record three times.
fn wrappings(record: &str) -> Vec<String> {
    let (text, cell) = (as_text(record), as_cell(record));
    vec![
        format!("_time,_raw,host\n\"a, b\",{cell},h\nx,{cell},h\nx,{cell},h\n"),
        format!("\"_raw\"\r\n{cell}\r\n{cell}\r\n{cell}"),
        format!("a;b\n\"c \n;\"\"d\"\"\";{cell}\n;{cell}\n;{cell}\n"),
        format!("[{text},{text},\n{text}]"),
        format!(
            "{{\"preview\":false,\"results\":[{{\"_raw\":{text}}},{{\"_raw\":{text}}},{{\"x\":[],\"_raw\":{text}}}]}}"
        ),
        format!("{{\"fields\":[\"_raw\"],\"rows\":[[{text},\"t\"],[{text},\"t\"],[\"t\",{text}]]}}"),
        format!(
            "{{\"hits\":{{\"total\":3,\"hits\":[{{\"_id\":\"1\",\"_source\":{record}}},{{\"_source\":{record}}},{{\"_source\":{record},\"sort\":[1]}}]}}}}"
        ),
        format!("[{{\"Offset\":1,\"Body\":{{\"records\":[{record},{record},{record}]}}}}]"),
        format!("{{\"records\":{}}}", as_text(&format!("[{record},{record},{record}]"))),
        as_text(&format!("{{\"records\":[{record},\n{record},{record}]}}")),
    ]
}

fn unwrap_in_pieces(unwrapping: &Unwrapping, text: &str, piece: usize) -> String {
    let mut unwrapping = unwrapping.clone();
    let mut out: Vec<u8> = text.as_bytes().chunks(piece).flat_map(|piece| unwrapping.push(piece)).collect();
    out.append(&mut unwrapping.finish());
    String::from_utf8(out).unwrap()
}

/// What the text says without the blanks beside its quotes.
fn plain(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text).map_or_else(|_| text.to_owned(), |value| value.to_string())
}

#[test]
fn records_come_out_as_they_were() {
    for text in wrappings(RECORD) {
        let found = found(&text, &way_of(&text)).unwrap_or_else(|| panic!("{text}"));
        let fresh = forms(&text).into_iter().find(|form| form.place() == found.unwrapping.place()).unwrap();
        let whole = unwrap_in_pieces(&fresh, &text, text.len());
        assert_eq!(whole.len(), text.len());
        assert_eq!(whole, unwrap_in_pieces(&fresh, &text, 1));
        let begins = whole.match_indices('{').filter(|(at, _)| whole[at + 1..].trim_start().starts_with("\"time\""));
        let mut records = 0;
        for (at, _) in begins {
            let mut values = serde_json::Deserializer::from_str(&whole[at..]).into_iter::<serde_json::Value>();
            assert_eq!(values.next().unwrap().unwrap().to_string(), plain(RECORD));
            records += 1;
        }
        assert_eq!(records, 3, "{whole}");
    }
}

#[test]
fn a_place_of_a_wrapped_record_gives_the_record() {
    let (text, cell) = (as_text(RECORD), as_cell(RECORD));
    for inside in [&text[1..text.len() - 1], &cell[1..cell.len() - 1], RECORD] {
        let record = unwrapped(inside.as_bytes());
        assert_eq!(plain(std::str::from_utf8(&record).unwrap()), plain(RECORD));
    }
}

#[test]
fn what_is_no_wrapping_stays_as_it_is() {
    for text in [
        format!("{{\"records\":[{RECORD}]}}"),
        format!("{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"data\":{{\"data\":{}}}}}", as_text(RECORD)),
        format!(
            "{{\"version\":4,\"terraform_version\":\"1.9\",\"outputs\":{{\"x\":{{\"value\":{}}}}}}}",
            as_text(RECORD)
        ),
        format!(
            "{{\"$schema\":\"https://schema.management.azure.com/\",\"parameters\":{{\"x\":{{\"value\":{RECORD}}}}}}}"
        ),
        "{\"message\":\"{}\"}".to_owned(),
        "a,b\n\"{x}\",1\n".to_owned(),
        "{\"hits\":{\"hits\":[{\"_source\":{\"a\":1}}]}}".to_owned(),
        String::new(),
    ] {
        assert!(found(&text, &way_of(&text)).is_none(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_keeps_its_length_however_it_is_cut(
        which in 0usize..10,
        harm in harm("[\\[\\]{}\",:\\\\ \nu0dü😀]{0,8}"),
        piece in 1usize..90,
    ) {
        let text = damaged(&wrappings(&RECORD.replace('ü', "ü😀"))[which], &harm);
        for form in forms(&text) {
            let whole = unwrap_in_pieces(&form, &text, text.len().max(1));
            prop_assert_eq!(whole.len(), text.len(), "{}", text);
            prop_assert_eq!(&whole, &unwrap_in_pieces(&form, &text, piece), "{}", text);
        }
    }
}

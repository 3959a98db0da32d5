//! Zip archives as the host sees them: ranges asked for, members found, refusals told. The `zip` crate writes them.

use proptest::prelude::*;
use std::io::{Cursor, Read as _, Write as _};
use underlay_ingest::archive::{Directory, Member, Step, is_zip};
use underlay_ingest::{Coding, Reader, Reading};
use underlay_model::input::Format;
use underlay_scan::NullSink;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
}

fn archive(files: &[(&str, &[u8], SimpleFileOptions)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, options) in files {
        if name.ends_with('/') {
            writer.add_directory(*name, *options).unwrap();
        } else {
            writer.start_file(*name, *options).unwrap();
            writer.write_all(content).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// Plays the host.
fn list(bytes: &[u8]) -> (Vec<Member>, Option<Reading>) {
    let mut directory = Directory::new("a.zip", bytes.len() as u64);
    for _ in 0..1000 {
        match directory.step() {
            Step::Done => return directory.finish(),
            Step::Need(range) => {
                assert!(range.start < range.end && range.end <= bytes.len() as u64, "{range:?}");
                assert!(range.end - range.start <= 1 << 20);
                directory.supply(&bytes[range.start as usize..range.end as usize]);
            }
        }
    }
    panic!("asks for ever");
}

fn data<'b>(bytes: &'b [u8], member: &Member) -> Result<&'b [u8], Box<Reading>> {
    let header = member.header_range();
    let range = member.data_range(&bytes[header.start as usize..header.end as usize])?;
    Ok(&bytes[range.start as usize..range.end as usize])
}

fn content(bytes: &[u8], member: &Member) -> Vec<u8> {
    let data = data(bytes, member).unwrap();
    match member.coding.unwrap() {
        Coding::Plain => data.to_vec(),
        Coding::Deflate => {
            let mut out = Vec::new();
            flate2::read::DeflateDecoder::new(data).read_to_end(&mut out).unwrap();
            out
        }
    }
}

fn codes(reading: &Option<Reading>) -> Vec<&str> {
    reading.iter().flat_map(|reading| &reading.report.notes).map(|note| note.code.as_str()).collect()
}

#[test]
fn a_workbook_is_named_and_not_taken_apart() {
    let bytes = archive(&[("[Content_Types].xml", b"<x/>", options()), ("xl/workbook.xml", b"<x/>", options())]);
    let (members, own) = list(&bytes);
    assert!(members.is_empty());
    assert!(own.unwrap().report.notes[0].message.starts_with("Excel workbook"));
}

#[test]
fn members_come_in_order_with_their_contents() {
    let deflated = options().compression_method(CompressionMethod::Deflated);
    let stored = options().compression_method(CompressionMethod::Stored);
    let bytes = archive(&[
        ("logs/", b"", stored),
        ("logs/PT1H.json", b"{\"records\":[]}", deflated),
        ("a.json", b"{}", stored),
        (".hidden", b"x", stored),
        ("__MACOSX/a.json", b"x", stored),
        ("logs\\windows.json", b"w", stored),
        ("empty.json", b"", stored),
    ]);
    assert!(is_zip(&bytes));
    let (members, own) = list(&bytes);
    assert_eq!(own, None);
    let paths: Vec<&str> = members.iter().map(|member| member.path.as_str()).collect();
    assert_eq!(paths, ["a.zip!a.json", "a.zip!empty.json", "a.zip!logs/PT1H.json", "a.zip!logs/windows.json"]);
    assert_eq!(content(&bytes, &members[2]), b"{\"records\":[]}");
    assert_eq!(content(&bytes, &members[1]), b"");
    assert_eq!(members[0].bytes, 2);
}

#[test]
fn large_files_and_comments_and_prefixes_are_understood() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("big.json", options().large_file(true)).unwrap();
    writer.write_all(b"[1,2,3]").unwrap();
    writer.set_comment("a comment PK\x05\x06 that looks like an end").unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let (members, own) = list(&bytes);
    assert_eq!((own, content(&bytes, &members[0])), (None, b"[1,2,3]".to_vec()));
    let plain = archive(&[("a.json", b"[1]", options())]);
    let prefixed = [b"#!/bin/sh\nexit 0\n".to_vec(), plain].concat();
    let (members, _) = list(&prefixed);
    assert_eq!(content(&prefixed, &members[0]), b"[1]");
}

#[test]
fn a_64_bit_end_record_is_followed() {
    // More than 65,535 entries force it.
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..66_000 {
        writer.start_file(format!("{index:05}"), options().compression_method(CompressionMethod::Stored)).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let (members, own) = list(&bytes);
    assert_eq!((members.len(), own), (66_000, None));
    assert_eq!(members[65_999].path, "a.zip!65999");
}

#[test]
fn what_cannot_be_read_says_why() {
    let mut encrypted = archive(&[("a.json", b"{}", options()), ("b.json", b"{}", options())]);
    let entry = encrypted.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    encrypted[entry + 8] |= 1;
    let (members, own) = list(&encrypted);
    assert_eq!((members.len(), own), (2, None));
    let refusal = members[0].refusal();
    assert_eq!(codes(&refusal), ["archive-encrypted"]);
    assert_eq!(refusal.unwrap().report.path, "a.zip!a.json");
    assert_eq!((members[1].refusal(), members[1].coding), (None, Some(Coding::Deflate)));

    let mut method = archive(&[("a.json", b"{}", options())]);
    let entry = method.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    method[entry + 10] = 14;
    let refusal = list(&method).0[0].refusal().unwrap();
    assert!(refusal.report.notes[0].message.contains("LZMA"));

    assert_eq!(codes(&list(&archive(&[])).1), ["archive-empty"]);
    assert_eq!(codes(&list(&archive(&[("__MACOSX/x", b"", options())])).1), ["archive-empty"]);
    assert_eq!(codes(&list(b"PK\x03\x04").1), ["archive-unreadable"]);
}

#[test]
fn an_archive_cut_anywhere_is_refused_without_harm() {
    let bytes = archive(&[("a.json", &[b'x'; 300], options()), ("b.json", b"{}", options())]);
    for cut in 0..bytes.len() {
        let (members, own) = list(&bytes[..cut]);
        assert!(members.is_empty(), "{cut}");
        assert_eq!(codes(&own), ["archive-unreadable"], "{cut}");
        assert_eq!(own.unwrap().report.format, Format::Unknown);
    }
}

#[test]
fn lying_headers_allocate_nothing_and_reach_nowhere() {
    let mut bytes = archive(&[("a.json", b"{}", options().compression_method(CompressionMethod::Stored))]);
    let entry = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    // Both sizes claim almost 4 GiB.
    bytes[entry + 20..entry + 28].copy_from_slice(&[0xFE; 8]);
    let (members, _) = list(&bytes);
    assert_eq!(members[0].bytes, 0xFEFE_FEFE);
    assert!(data(&bytes, &members[0]).unwrap().len() < bytes.len());
    // The local header lies far behind the end.
    bytes[entry + 42..entry + 46].copy_from_slice(&[0xFE; 4]);
    let (members, _) = list(&bytes);
    let header = members[0].header_range();
    assert!(header.end <= bytes.len() as u64);
    assert!(members[0].data_range(&[]).is_err());
}

#[test]
fn an_archive_in_an_archive_is_one_entry() {
    let inner = archive(&[("a.json", b"{}", options())]);
    let bytes = archive(&[("inner.zip", &inner, options()), ("logs.tar", &[0; 600], options())]);
    let (members, _) = list(&bytes);
    let mut reader = Reader::new(&members[0].path, members[0].bytes, members[0].coding.unwrap());
    reader.push(data(&bytes, &members[0]).unwrap(), &mut NullSink);
    let report = reader.finish(&mut NullSink).report;
    assert_eq!((report.format, report.path.as_str()), (Format::Unknown, "a.zip!inner.zip"));
    assert_eq!(report.notes[0].code, "archive-inside");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn agrees_with_the_zip_crate(files in prop::collection::btree_map("[a-z]{1,8}(/[a-z]{1,4})?\\.json", (prop::collection::vec(any::<u8>(), 0..200), any::<bool>()), 1..8)) {
        let listed: Vec<(&str, &[u8], SimpleFileOptions)> = files
            .iter()
            .map(|(name, (content, deflate))| {
                let method = if *deflate { CompressionMethod::Deflated } else { CompressionMethod::Stored };
                (name.as_str(), content.as_slice(), options().compression_method(method))
            })
            .collect();
        let bytes = archive(&listed);
        let (members, own) = list(&bytes);
        prop_assert_eq!(own, None);
        let mut oracle = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        prop_assert_eq!(members.len(), oracle.len());
        for member in &members {
            let mut expected = Vec::new();
            let mut file = oracle.by_name(member.path.strip_prefix("a.zip!").unwrap()).unwrap();
            prop_assert_eq!(member.bytes, file.compressed_size());
            file.read_to_end(&mut expected).unwrap();
            prop_assert_eq!(content(&bytes, member), expected);
        }
    }

    #[test]
    fn damaged_archives_do_no_harm(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = archive(&[("a.json", b"{}", options()), ("b/c.json", &[7; 100], options())]);
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let (members, own) = list(&bytes);
        prop_assert!(!members.is_empty() || own.is_some());
        for member in &members {
            if member.refusal().is_none()
                && let Ok(data) = data(&bytes, member)
            {
                let mut reader = Reader::new(&member.path, member.bytes, member.coding.unwrap());
                reader.push(data, &mut NullSink);
                reader.finish(&mut NullSink);
            }
        }
    }
}

//! Numbers that are of no one thing lead to their rows, too: those of the legend, of a file, of a NIC, and of what was read twice.

mod fixture;

use fixture::asking::{all_rows, report, topology};
use fixture::{capture, read};
use underlay_model::sources::{RowStanding, SourceOf, SourceRow, Sources, TextOf};
use underlay_model::tuple::Verdict;
use underlay_model::view::{EdgeKind, Report};
use underlay_model::wire::{PageEvent, PageRequest};
use underlay_session::in_process::InProcess;

/// A copy's malformed tuples count among its copies, and no row can be shown of them: here are none.
fn whole_capture() -> (InProcess, Report) {
    let mended = capture().into_iter().map(|(path, bytes)| {
        let text = String::from_utf8_lossy(&bytes).replace(",6,X,D,", ",6,I,D,");
        (path, text.into_bytes())
    });
    let mut host = InProcess::new(2, 89);
    host.add(fixture::offered(&mended.collect::<Vec<_>>()));
    let report = report(&host.run_until_idle());
    topology(&mut host);
    (host, report)
}

fn places(rows: &[SourceRow], answer: &Sources) -> usize {
    assert_eq!(rows.len() as u64, answer.total.rows());
    rows.len()
}

#[test]
fn what_a_file_holds_is_what_the_report_counts_of_it() {
    let (mut host, report) = whole_capture();
    for input in report.inputs.iter().filter(|input| input.format.is_flow_log()) {
        let (rows, answer) = all_rows(&mut host, SourceOf::Input(input.number));
        let copies = rows.iter().filter(|row| row.standing == RowStanding::Duplicate).count() as u64;
        assert_eq!(copies, input.tuples.duplicate, "{}", input.path);
        assert_eq!(rows.len() as u64 - copies, input.tuples.accepted, "{}", input.path);
        assert!(answer.records.iter().all(|record| record.path == input.path));
        assert_eq!(answer.total.rows(), rows.len() as u64);
    }
    let (copies, answer) = all_rows(&mut host, SourceOf::Duplicates);
    assert_eq!(places(&copies, &answer) as u64, report.tuples.duplicate);
    assert!(report.tuples.duplicate > 0 && copies.iter().all(|row| row.standing == RowStanding::Duplicate));
}

#[test]
fn every_nic_leads_to_the_rows_that_it_reports() {
    let (mut host, report) = whole_capture();
    let events = host.ask(|id| PageRequest::Coverage { id });
    let coverage = events.into_iter().find_map(|event| match event {
        PageEvent::Coverage { coverage, .. } => Some(coverage),
        _ => None,
    });
    let nics = coverage.expect("it is answered").nics;
    assert_eq!(nics.len(), 3);
    let mut sum = 0;
    for nic in nics {
        let of = SourceOf::Nic { mac: nic.mac.clone(), flow_log: nic.flow_log.clone() };
        let (rows, answer) = all_rows(&mut host, of);
        assert!(answer.records.iter().all(|record| record.mac == nic.mac && record.flow_log == nic.flow_log));
        sum += places(&rows, &answer) as u64;
    }
    assert_eq!(sum, report.tuples.accepted + report.tuples.duplicate);
}

#[test]
fn the_rows_of_all_kinds_of_edges_are_all_rows() {
    let (mut host, _) = whole_capture();
    let mut of = |of: SourceOf| all_rows(&mut host, of).0.into_iter().map(|row| row.raw).collect::<Vec<_>>();
    let mut all = of(SourceOf::Whole(None));
    let mut parts: Vec<String> = Vec::new();
    for kind in [EdgeKind::User, EdgeKind::Internal, EdgeKind::Egress, EdgeKind::Platform, EdgeKind::Denied] {
        parts.extend(of(SourceOf::Layer(kind)));
    }
    all.sort();
    parts.sort();
    assert_eq!(parts, all);
    assert_eq!(of(SourceOf::Layer(EdgeKind::Denied)), of(SourceOf::Whole(Some(Verdict::Denied))));
    assert_eq!(of(SourceOf::Layer(EdgeKind::Inferred)), Vec::<String>::new(), "no row is behind what is inferred");
}

#[test]
fn a_file_opens_from_its_beginning() {
    let mut host = read(&capture(), 1, 1000);
    let events = host.ask(|id| PageRequest::Snippet { id, of: TextOf::Input(5) });
    let snippet = events.into_iter().find_map(|event| match event {
        PageEvent::Snippet { snippet, .. } => Some(snippet),
        _ => None,
    });
    let snippet = snippet.expect("it is answered");
    assert!(snippet.parts.concat().starts_with("{\"apiVersion\":\"v1\",\"kind\":\"List\""), "{snippet:?}");
    assert_eq!((snippet.line, snippet.trouble), (Some(1), None));
}

//! The first decision about a text, from its first bytes and never from its name: which way it goes. What it is in the end is
//! confirmed by what is read from it.

use crate::flow::{Evidence, evidence};
use crate::json::{Cursor, Json};
use crate::traffic_analytics::{csv, tables};
use crate::{objects, texts};
use underlay_model::input::Format;

/// So many objects of a text that begins inside one are looked at.
const FRAGMENT_LOOK: usize = 64;

/// Which way a text goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Through the flow log scanner, as it arrives.
    FlowLog(Evidence),
    /// As JSON documents, when all of it is there.
    Documents,
    /// As rows of an access or firewall log, as they arrive.
    Requests,
    /// The same as comma-separated values.
    RequestTable(Format),
    /// As rows of Traffic Analytics in comma-separated values, as they arrive.
    AnalyticsCsv,
    /// As tables of Traffic Analytics in JSON, as they arrive.
    AnalyticsTables,
    /// As a list of address prefixes, when all of it is there.
    Prefixes,
    /// Nowhere: nothing is known of it.
    Unknown,
}

/// Decides by the first decoded bytes of a text.
pub(crate) fn way_of(window: &str) -> Way {
    if crate::requests::begins(window) {
        return Way::Requests;
    }
    if let Some(format) = texts::request_table(window) {
        return Way::RequestTable(format);
    }
    let (found, place) = evidence(window);
    // A text is what its first recognised part is.
    if found != Evidence::None && !window.get(..place).is_some_and(crate::account::recognised) {
        return Way::FlowLog(found);
    }
    if window.starts_with("#!") {
        return Way::Unknown;
    }
    if csv::begins(window) {
        return Way::AnalyticsCsv;
    }
    if let Some(way) = objects_way(window) {
        return way;
    }
    let before_json = match json_start(window) {
        Some(0) => return if texts::prefixes(window).is_some() { Way::Prefixes } else { Way::Documents },
        Some(start) => window.get(..start).unwrap_or_default(),
        None => window,
    };
    if texts::holds_objects(window) || texts::holds_samples(window) {
        return Way::Documents;
    }
    if texts::prefixes(window).is_some() {
        return Way::Prefixes;
    }
    if before_json.len() < window.len() || crate::fragment::begins_inside(window) {
        Way::Documents
    } else {
        Way::Unknown
    }
}

/// Objects that the scanner hands on to their readers, and tables, when a text begins with them.
fn objects_way(window: &str) -> Option<Way> {
    let Some(start) = json_start(window) else {
        // A piece of such a text: whole objects follow somewhere.
        let inside = crate::fragment::begins_inside(window);
        let objects = || window.match_indices("{\"").take(FRAGMENT_LOOK).map(|(at, _)| at);
        return if inside { objects().find_map(|at| object_way(window, at)) } else { None };
    };
    let before = window.get(..start)?;
    if texts::holds_objects(before) {
        return None;
    }
    let body = window.get(start..)?.trim_start_matches(['\u{FEFF}', '[', ' ', '\t', '\r', '\n', ',', '\0', '\u{1e}']);
    object_way(window, window.len() - body.len())
        .or_else(|| tables::begins(window, start).then_some(Way::AnalyticsTables))
}

fn object_way(window: &str, at: usize) -> Option<Way> {
    let mut members = Vec::new();
    // What breaks off at the end of the window has members all the same.
    let _ = Cursor::new(window, at).members(&mut members);
    let object = Json::Object(members);
    let format = objects::format_of(&object)?;
    let table = object.get("rows").is_list();
    Some(if table { Way::AnalyticsTables } else { Way::FlowLog(Evidence::Plain(format)) })
}

/// Where the first line begins that may be JSON: 0 when only blanks are before it.
fn json_start(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut only_blanks = true;
    for line in text.split_inclusive('\n') {
        let body = line.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', ',', '\0', '\u{1e}']);
        let mut rest = body.trim_start_matches(['{', '[', ' ', '\t', '\r', '\n']).chars();
        if body.starts_with(['{', '[']) && matches!(rest.next(), None | Some('"' | '}' | ']')) {
            return Some(if only_blanks { 0 } else { at });
        }
        only_blanks &= body.trim().is_empty();
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_goes_its_way() {
        for (text, way) in [
            ("{\"apiVersion\":\"v1\"", Way::Documents),
            ("\n\n  [ {", Way::Documents),
            ("WARNING: x\n{\"a\":1}", Way::Documents),
            ("{\"records\":[", Way::FlowLog(Evidence::Envelope)),
            ("[\"10.0.0.0/8\"]", Way::Prefixes),
            ("10.244.0.0/16\n", Way::Prefixes),
            ("#!/bin/sh\ncat <<E\n{\"a\":1}\nE\n", Way::Unknown),
            ("hello", Way::Unknown),
            ("[INFO] started\n", Way::Unknown),
        ] {
            assert_eq!(way_of(text), way, "{text}");
        }
        assert_eq!(way_of("NAME  READY  STATUS\na  1/1  Running\n"), Way::Documents);
        assert_eq!(way_of("apiVersion: v1\nkind: Pod\n"), Way::Documents);
    }
}

//! Exports of log searches and shippers hold each record as text: in a cell of a table (`_raw` of Splunk), in a string of JSON (`message`, a list
//! of strings), or as an object deep inside an answer (`hits.hits[]._source` of Elasticsearch). Here the record's own text takes that place, as
//! many bytes long, with blanks for all that stands around it. The readers then see lines of records, and every place stays true.

mod cells;
mod members;
mod writer;

use crate::account::recognised;
use crate::fragment::{Token, Tokens};
use crate::sniff::{Way, way_of};
use cells::Cells;
use members::Members;
use std::borrow::Cow;
use underlay_scan::{NullSink, Scanner};

/// Names of members that hold a record, as text or as it is.
const NAMES: [&str; 15] = [
    "_raw",
    "raw",
    "_source",
    "message",
    "@message",
    "original",
    "event.original",
    "event",
    "body",
    "records",
    "result",
    "log",
    "payload",
    "data",
    "value",
];
/// So many places where records may stand are tried.
const MOST_TRIED: usize = 8;
/// Tokens of a text that are looked at for such places.
const LOOK: usize = 4000;

/// Puts records in the place of their wrapping, piece by piece.
#[derive(Clone, Debug)]
pub(crate) enum Unwrapping {
    Cells(Cells),
    Members(Members),
}

/// Words of logs that hold what was asked of Azure or Kubernetes, and the answers: what is in those is no object of a capture.
const OF_REQUESTS: [&str; 4] = ["perationName", "equestObject", "auditID", "AuditId"];

/// A text that was found to be wrapped.
pub(crate) struct Found {
    pub(crate) unwrapping: Unwrapping,
    /// What stands for its beginning.
    pub(crate) window: Vec<u8>,
    /// Which way that goes.
    pub(crate) way: Way,
}

impl Unwrapping {
    /// What stands for the next text; at most some bytes are left for later.
    pub(crate) fn push(&mut self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 16);
        match self {
            Self::Cells(cells) => cells.push(text, &mut out),
            Self::Members(members) => members.push(text, &mut out),
        }
        out
    }

    /// What stands for the end of the text.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Cells(cells) => cells.finish(&mut out),
            Self::Members(members) => members.finish(&mut out),
        }
        out
    }

    /// Where the records stand, in words.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Cells(cells) => cells.place(),
            Self::Members(members) => members.place(),
        }
    }
}

/// Whether records are wrapped in a text that begins so and would go this way as it is.
pub(crate) fn found(window: &str, way: &Way) -> Option<Found> {
    match way {
        Way::Requests | Way::RequestTable(_) | Way::AnalyticsCsv | Way::AnalyticsTables | Way::Prefixes => return None,
        Way::FlowLog(_) | Way::Documents | Way::Unknown => {}
    }
    let is_log = matches!(way, Way::FlowLog(_));
    if is_log && is_read(window, way) {
        return None;
    }
    let forms = forms(window);
    if forms.is_empty() || (!is_log && is_read(window, way)) {
        return None;
    }
    forms.into_iter().find_map(|form| {
        let mut unwrapping = form.clone();
        let mut whole = unwrapping.push(window.as_bytes());
        whole.append(&mut unwrapping.clone().finish());
        let text = String::from_utf8_lossy(&whole);
        let way = way_of(&text);
        let of_requests = || OF_REQUESTS.iter().any(|word| window.contains(word));
        let read = match way {
            Way::Requests | Way::AnalyticsTables => true,
            Way::Documents if of_requests() => false,
            _ => is_read(&text, &way),
        };
        // From the beginning again: what was left for later belongs to the next piece.
        let mut unwrapping = form;
        let window = unwrapping.push(window.as_bytes());
        read.then_some(Found { unwrapping, window, way })
    })
}

/// Whether something is read of a text's beginning on this way.
fn is_read(window: &str, way: &Way) -> bool {
    match way {
        Way::FlowLog(_) => {
            let mut scanner = Scanner::new();
            let mut objects = crate::objects::Objects::default();
            let sink = &mut crate::objects::WithObjects { sink: &mut NullSink, objects: &mut objects };
            scanner.push(window.as_bytes(), sink);
            scanner.account().first_format.is_some()
        }
        Way::Documents => recognised(window),
        _ => false,
    }
}

/// The ways in which records may be wrapped in a text.
fn forms(window: &str) -> Vec<Unwrapping> {
    let bare = bare(window.as_bytes());
    if bare.is_some() {
        return bare.into_iter().collect();
    }
    let trimmed = window.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n', ',']);
    if !trimmed.starts_with(['{', '[', '"']) {
        return Cells::forms(window).into_iter().map(Unwrapping::Cells).collect();
    }
    let mut forms = places(window, window.len() - trimmed.len());
    if trimmed.starts_with('"') {
        forms.extend(Cells::forms(window).into_iter().map(Unwrapping::Cells));
    }
    forms
}

/// A text that begins with an escaped record, without the quote before it.
fn bare(text: &[u8]) -> Option<Unwrapping> {
    let text = text.trim_ascii_start();
    let inside = text.strip_prefix(b"[").unwrap_or(text).trim_ascii_start().strip_prefix(b"{")?;
    // Line breaks of a text that is laid out are escaped, too.
    let mut inside = inside.trim_ascii_start();
    while let Some(behind) = inside.strip_prefix(b"\\n").or_else(|| inside.strip_prefix(b"\\r")) {
        inside = behind.trim_ascii_start();
    }
    if inside.starts_with(b"\\\"") {
        Some(Unwrapping::Members(Members::inside()))
    } else if inside.starts_with(b"\"\"") && !inside.starts_with(b"\"\":") {
        Some(Unwrapping::Cells(Cells::inside()))
    } else {
        None
    }
}

/// A record that may be wrapped, as it was before somebody wrapped it and took its quotes away: what a place of a wrapped record gives.
pub fn unwrapped(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(mut unwrapping) = bare(text) else { return Cow::Borrowed(text) };
    let mut out = unwrapping.push(text);
    out.append(&mut unwrapping.finish());
    Cow::Owned(out)
}

/// Members and lists of a JSON text that hold what may be records, in their order.
fn places(window: &str, at: usize) -> Vec<Unwrapping> {
    let mut found: Vec<Members> = Vec::new();
    let mut tokens = Tokens::new(window, at);
    let mut open: Vec<u8> = Vec::new();
    let mut key: Option<&[u8]> = None;
    for _ in 0..LOOK {
        let Some(token) = tokens.next() else { break };
        let in_list = open.last() == Some(&b'[');
        let place = match token {
            Token::Text(name, true) => {
                // Objects of Kubernetes hold JSON in annotations and arguments, templates and states what is wanted.
                if open.len() <= 3 && matches!(name, b"apiVersion" | b"kind" | b"$schema" | b"terraform_version") {
                    break;
                }
                key = Some(name);
                continue;
            }
            Token::Text(value, false) => holds_record(value).then_some(open.len()),
            Token::Mark(mark @ (b'{' | b'[')) => {
                let place = (mark == b'{' && key.is_some() && !in_list).then_some(open.len());
                open.push(mark);
                place
            }
            Token::Mark(b'}' | b']') => {
                open.pop();
                None
            }
            Token::Mark(b':') => continue,
            Token::Mark(_) | Token::Scalar => None,
            Token::Alien | Token::Cut => break,
        };
        let name = key.take().filter(|_| !in_list).map(|name| String::from_utf8_lossy(name).into_owned());
        let known = name.as_ref().is_none_or(|name| NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)));
        if let Some(depth) = place.filter(|_| known) {
            let form = Members::at(depth, name);
            if !found.iter().any(|known| known.is_same_place(&form)) {
                found.push(form);
            }
        }
        if found.len() >= MOST_TRIED {
            break;
        }
    }
    found.into_iter().map(Unwrapping::Members).collect()
}

/// Whether the raw content of a string is JSON again.
fn holds_record(raw: &[u8]) -> bool {
    let text = raw.trim_ascii_start();
    text.starts_with(b"{\\")
        || (text.starts_with(b"[") && memchr::memmem::find(text, b"{\\").is_some())
        || (text.starts_with(b"{ ") && memchr::memmem::find(text, b"\\\":").is_some())
}

#[cfg(test)]
mod tests;

//! Tells flow logs from everything else by structure: keys and values of the record where a record has them, in text that is
//! JSON or a slice of it. A script or a query that mentions them is none.

use crate::fragment::{Token, Tokens, begins_inside, entries};
use underlay_model::address::parse_address;
use underlay_model::input::Format;

/// Lines behind other text (a warning of a tool, a prompt) at which the log may begin, before nobody looks any more.
const MOST_ENTRIES: usize = 64;

/// What a look at the beginning of a text found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Nothing.
    None,
    /// The envelope of Azure's logs; which log is still open.
    Envelope,
    /// A flow log, plainly.
    Plain(Format),
    /// A key of flow logs, somewhere.
    Key,
}

/// Looks at the beginning of a text; says also behind which byte it found what it found.
pub(crate) fn evidence(text: &str) -> (Evidence, usize) {
    let body = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n', '\0', ',']);
    let start = text.len() - body.len();
    if body.starts_with(['{', '[']) {
        return look(&mut Tokens::new(text, start), Mode::Document);
    }
    if begins_inside(text) {
        let found = entries(text).map(|entry| look(&mut Tokens::new(text, entry), Mode::Slice));
        return found.max_by_key(|(evidence, _)| rank(*evidence)).unwrap_or((Evidence::None, 0));
    }
    if text.starts_with("#!") {
        return (Evidence::None, 0);
    }
    let mut end = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        end += line.len();
        (end - line.len(), line)
    });
    lines
        .filter(|(at, line)| line.starts_with(['{', '[', ',']) && !is_quoted(text.get(..*at).unwrap_or_default()))
        .take(MOST_ENTRIES)
        .map(|(at, _)| look(&mut Tokens::new(text, at), Mode::BehindJunk))
        .find(|(found, _)| *found != Evidence::None)
        .unwrap_or((Evidence::None, 0))
}

/// Whether a text that ends so opens a quotation: a block of code in a page, a string of a program, input of a script.
fn is_quoted(before: &str) -> bool {
    let line = before.trim_end().lines().next_back().unwrap_or_default();
    let opens = |quote: char| line.ends_with(quote) && line.matches(quote).count() % 2 == 1;
    line.trim_start().starts_with("```")
        || line.ends_with(['=', '('])
        || line.contains("<<")
        || ['\'', '"', '`'].into_iter().any(opens)
}

/// Whether a line begins as shells ask for the next command: `me@host:~$ exit`, `PS C:\>`, `❯`.
fn is_prompt(line: &str) -> bool {
    let asks = |word: &str| word.ends_with(['$', '>', '#', '%', '❯']);
    line.split_whitespace().take(4).any(asks)
}

fn rank(evidence: Evidence) -> u8 {
    match evidence {
        Evidence::None => 0,
        Evidence::Envelope => 1,
        Evidence::Key => 2,
        Evidence::Plain(_) => 3,
    }
}

/// How the tokens came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// They begin a text.
    Document,
    /// The text begins inside something: tuples alone are proof.
    Slice,
    /// They follow other text: all of the document has to be JSON. A prompt may follow again.
    BehindJunk,
}

/// Reads tokens until they prove something.
fn look(tokens: &mut Tokens<'_>, mode: Mode) -> (Evidence, usize) {
    const NONE: (Evidence, usize) = (Evidence::None, 0);
    let mut place = 0;
    let mut found = Evidence::None;
    let mut key: &[u8] = b"";
    let mut tuples = 0;
    while let Some(token) = tokens.next() {
        let seen = match token {
            Token::Alien if mode == Mode::BehindJunk && (tokens.depth() > 0 || !is_prompt(tokens.line())) => {
                return NONE;
            }
            Token::Alien | Token::Cut => break,
            Token::Text(name, true) => {
                key = KEYS.iter().find(|known| known.eq_ignore_ascii_case(name)).map_or(name, |known| *known);
                match key {
                    // Somebody else's document, whatever it holds.
                    b"apiVersion" | b"kind" | b"$schema" if tokens.depth() <= 3 && found == Evidence::None => {
                        return NONE;
                    }
                    b"flowLogVersion" | b"flowLogGUID" | b"flowLogResourceID" | b"flowRecords"
                        if tokens.depth() <= 3 =>
                    {
                        Evidence::Plain(Format::VnetFlowLog)
                    }
                    b"flowTuples" | b"flowRecords" => Evidence::Key,
                    b"records" if tokens.depth() <= 1 => Evidence::Envelope,
                    _ => continue,
                }
            }
            Token::Text(b"FlowLogFlowEvent", false) if matches!(key, b"category" | b"operationName") => {
                Evidence::Plain(Format::VnetFlowLog)
            }
            Token::Text(b"NetworkSecurityGroupFlowEvent" | b"NetworkSecurityGroupFlowEvents", false)
                if matches!(key, b"category" | b"operationName") =>
            {
                Evidence::Plain(Format::NsgFlowLogV2)
            }
            Token::Text(b"TrafficControllerAccessLog" | b"TrafficControllerFirewallLog", false)
                if key == b"category" && found == Evidence::None =>
            {
                return NONE;
            }
            // A record that a shipper wrapped into an event of its own, as text.
            Token::Text(value, false) if WRAPPERS.contains(&key) && holds_record(value) => {
                Evidence::Plain(Format::VnetFlowLog)
            }
            Token::Text(value, false) => match tuple_format(value) {
                Some(format) => {
                    tuples += 1;
                    if (tuples > 1 && mode == Mode::Slice) || matches!(key, b"flowTuples" | b"flowRecords") {
                        Evidence::Plain(format)
                    } else {
                        Evidence::Key
                    }
                }
                None => continue,
            },
            Token::Mark(_) | Token::Scalar => continue,
        };
        if rank(seen) > rank(found) {
            found = seen;
            place = tokens.at();
        }
        if matches!(found, Evidence::Plain(_)) && mode != Mode::BehindJunk {
            return (found, place);
        }
    }
    (found, place)
}

/// Keys of flow logs, known in any case.
const KEYS: [&[u8]; 8] = [
    b"records",
    b"category",
    b"operationName",
    b"flowRecords",
    b"flowTuples",
    b"flowLogVersion",
    b"flowLogGUID",
    b"flowLogResourceID",
];

/// Names under which shippers of logs put a record as text.
const WRAPPERS: [&[u8]; 5] = [b"_raw", b"body", b"original", b"event.original", b"message"];

/// Whether a text is a flow log's record: an object with the key of tuples, quotes escaped.
fn holds_record(text: &[u8]) -> bool {
    text.starts_with(b"{") && memchr::memmem::find(text, br#"flowTuples\""#).is_some()
}

/// The format whose tuple a string is: version 4 has a number for the protocol, NSG flow logs a letter.
fn tuple_format(text: &[u8]) -> Option<Format> {
    let mut fields = text.split(|&byte| byte == b',');
    let time = fields.next()?;
    if !(9..=16).contains(&time.len()) || !time.iter().all(u8::is_ascii_digit) {
        return None;
    }
    parse_address(fields.next()?)?;
    parse_address(fields.next()?)?;
    let protocol = fields.nth(2)?;
    let rest = fields.count();
    match (protocol.first()?.is_ascii_alphabetic(), rest) {
        (false, 2..) => Some(Format::VnetFlowLog),
        (true, 2) => Some(Format::NsgFlowLogV1),
        (true, 3..) => Some(Format::NsgFlowLogV2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TUPLE: &str = "1795165220517,10.13.100.6,10.244.0.147,41876,8080,6,I,E,NX,6,702,5,1893";

    #[test]
    fn logs_and_their_slices_are_told() {
        let plain = Evidence::Plain(Format::VnetFlowLog);
        for text in [
            r#"{"records":[{"time":"x","category":"FlowLogFlowEvent""#.to_owned(),
            r#",{"time":"x","flowLogGUID":"y""#.to_owned(),
            r#"[{"flowRecords":{"flows":[]}}]"#.to_owned(),
            format!(r#"0.1,1,2,6,I,B,NX,0,0,0,0","{TUPLE}","{TUPLE}"]}}]}}]}}}},"#),
            format!("{{\n  \"records\": [\n    {{\n \"flowRecords\": {{ \"flows\": [ {{ \"flowTuples\": [ \"{TUPLE}\""),
            format!(
                r#"{{"@timestamp":"x","event":{{"original":"{{\"flowRecords\":{{\"flowTuples\":[\"{TUPLE}\"]}}}}"}}}}"#
            ),
            "WARNING: this is slow\n{\"records\":[{\"category\":\"FlowLogFlowEvent\"}]}\n".to_owned(),
            "PS C:\\> gc 'PT1H.json'\n{\"records\":[{\"category\":\"FlowLogFlowEvent\"}]}\nPS C:\\> \n".to_owned(),
        ] {
            assert_eq!(evidence(&text).0, plain, "{text}");
        }
        assert_eq!(evidence(r#"{"records":["#).0, Evidence::Envelope);
        let nsg = r#"{"records":[{"category":"NetworkSecurityGroupFlowEvent""#;
        assert_eq!(evidence(nsg).0, Evidence::Plain(Format::NsgFlowLogV2));
    }

    #[test]
    fn what_only_mentions_tuples_is_none() {
        for text in [
            format!("#!/bin/bash\ncat > x.json <<E\n{{\"records\":[{{\"flowTuples\":[\"{TUPLE}\"]}}]}}\nE\n"),
            format!("import json\nsample = '''\n{{\"records\":[{{\"flowTuples\":[\"{TUPLE}\"]}}]}}\n'''\n"),
            "NTANetAnalytics\n| where flowTuples has \"10.0.0.1\"\n| extend flowLogGUID = 1".to_owned(),
            format!("# Notes\n\n```json\n{{\"flowTuples\":[\"{TUPLE}\"]}}\n```\n"),
            format!("const sample =\n{{\"flowTuples\":[\"{TUPLE}\"]}};\n"),
            format!("cat > x.json <<E\n{{\"flowTuples\":[\"{TUPLE}\"]}}\nE\n"),
            format!("send '\n{{\"flowTuples\":[\"{TUPLE}\"]}}\n'\n"),
            format!(r#"{{"apiVersion":"v1","kind":"ConfigMap","data":{{"x":"{TUPLE}"}}}}"#),
        ] {
            assert_eq!(evidence(&text).0, Evidence::None, "{text}");
        }
    }
}

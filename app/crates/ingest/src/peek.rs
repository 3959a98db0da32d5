//! A first look at a file, so that the host can schedule it: cluster and Azure objects first, flow logs by NIC.

use crate::archive::is_zip;
use crate::decode::Decoder;
use crate::fragment::{Token, Tokens};
use crate::reader::Coding;
use crate::sniff::{Way, way_of};

/// What the first bytes of a file say. A guess for scheduling, never for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peek {
    /// A zip archive: read its directory.
    Zip,
    /// Probably a flow log.
    FlowLog {
        /// NIC of its first record, 12 upper-case hex digits, when the bytes reach that far.
        mac: Option<String>,
    },
    /// Anything else: small, and to be read first.
    Other,
}

/// Looks at the first bytes of a file as stored (gzip is looked into). 64 KiB are plenty; fewer give a poorer guess.
pub fn peek(head: &[u8]) -> Peek {
    if is_zip(head) { Peek::Zip } else { peek_member(head, Coding::Plain) }
}

/// Like [`peek`], for the first compressed bytes of a zip member.
pub fn peek_member(head: &[u8], coding: Coding) -> Peek {
    let mut decoder = Decoder::new(coding);
    let mut bytes = Vec::new();
    decoder.limit_expansion(256 * 1024);
    decoder.push(head, &mut |piece| bytes.extend_from_slice(piece));
    decoder.finish(&mut |piece| bytes.extend_from_slice(piece));
    let text = String::from_utf8_lossy(&bytes);
    match way_of(&text) {
        Way::AnalyticsCsv | Way::AnalyticsTables => Peek::FlowLog { mac: None },
        Way::FlowLog(_) => Peek::FlowLog { mac: first_mac(&text) },
        _ => Peek::Other,
    }
}

/// The value of the first `macAddress`, or `mac`.
fn first_mac(text: &str) -> Option<String> {
    // NSG flow logs of old name the NIC only inside.
    let at = text.find("\"macAddress\"").or_else(|| text.find("\"mac\""))?;
    let mut tokens = Tokens::new(text, at).skip(2);
    let Some(Token::Text(value, false)) = tokens.next() else { return None };
    let digits: String = value
        .iter()
        .filter(|byte| byte.is_ascii_hexdigit())
        .map(|byte| char::from(byte.to_ascii_uppercase()))
        .collect();
    (digits.len() == 12).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_archives_logs_with_their_nic_and_the_rest() {
        assert_eq!(peek(b"PK\x03\x04...."), Peek::Zip);
        let log = br#"{"records":[{"time":"x","macAddress":"60-45-bd-12-ab-34","category":"FlowLogFlowEvent","#;
        assert_eq!(peek(log), Peek::FlowLog { mac: Some("6045BD12AB34".into()) });
        assert_eq!(peek(br#"{"records":["#), Peek::FlowLog { mac: None });
        assert_eq!(peek(br#"{"apiVersion":"v1","items":["#), Peek::Other);
        assert_eq!(peek(b""), Peek::Other);
    }
}

//! One input from its first byte to its report: decode, tell what it is, parse.

use underlay_model::input::InputReport;
use underlay_model::inventory::Fragment;
use underlay_scan::Sink;

/// How the bytes that a [`Reader`] is given are stored. Gzip is found by its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Coding {
    /// As they are: a file, or a stored zip member.
    #[default]
    Plain,
    /// Raw deflate: a zip member.
    Deflate,
}

/// What came of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The account. Of its tuples `accepted` and `rejected` are as scanned; `duplicate`, `span` and `macs` are the store's to fill.
    pub report: InputReport,
    /// What its objects say; empty for flow logs.
    pub fragment: Fragment,
}

/// Reads one input as its bytes arrive. Any chunking gives the same [`Reading`].
#[derive(Debug)]
pub struct Reader {}

impl Reader {
    /// `path` as the contract says (Inputs), `bytes` the size as stored, for the report.
    pub fn new(path: &str, bytes: u64, coding: Coding) -> Self {
        todo!("{path} {bytes} {coding:?}")
    }

    /// Lowers how far this input may expand when decompressed (4 GiB unless told), when the capture's own limit is near.
    pub fn limit_expansion(&mut self, bytes: u64) {
        todo!("{bytes}")
    }

    /// The next bytes as stored. Flow logs stream through `scan` into the sink, one commit a record; nothing else touches it.
    pub fn push(&mut self, raw: &[u8], flow_sink: &mut impl Sink) {
        let _ = (raw, flow_sink);
        todo!()
    }

    /// False when further bytes would change nothing (a picture, the limit reached): the host may stop reading and finish.
    pub fn wants_more(&self) -> bool {
        todo!()
    }

    /// Decompressed bytes so far, for the capture's limit (16 GiB); 0 for what is not compressed.
    pub fn expanded(&self) -> u64 {
        todo!()
    }

    /// The end of the input.
    pub fn finish(self, flow_sink: &mut impl Sink) -> Reading {
        let _ = flow_sink;
        todo!()
    }
}

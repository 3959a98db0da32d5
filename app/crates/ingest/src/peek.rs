//! A first look at a file, so that the host can schedule it: cluster and Azure objects first, flow logs by NIC.

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
    todo!("{head:?}")
}

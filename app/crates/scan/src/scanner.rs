//! The push scanner.

use crate::account::ScanAccount;
use crate::sink::Sink;

/// Reads the decoded UTF-8 text of one flow log (without byte order mark), chunk by chunk. Accepts `{"records":[…]}`, slices that begin
/// with a comma or inside a record, cut tails, bare arrays, a bare record, JSON lines, concatenations, any white space and key order.
#[derive(Debug, Default)]
pub struct Scanner {
    account: ScanAccount,
}

impl Scanner {
    /// A scanner at the beginning of a text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next bytes. Records that are whole by now were committed to the sink when this returns; nothing uncommitted stays there.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) {
        let _ = (bytes, sink);
        todo!()
    }

    /// The text ends here.
    pub fn finish(self, sink: &mut impl Sink) -> ScanAccount {
        let _ = sink;
        todo!()
    }

    /// What was seen so far.
    pub fn account(&self) -> &ScanAccount {
        &self.account
    }
}

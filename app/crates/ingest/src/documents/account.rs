//! The account of a walk: what no record could be made of, and what was passed over.

/// A stretch that no record could be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Where it begins.
    pub(crate) byte: u64,
    /// What counts: all but blanks and commas.
    pub(crate) lost: u64,
    /// It goes to the end of the text because the text ends inside a record.
    pub(crate) cut_off: bool,
}

/// The account of a walk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Walk {
    /// In the order of the text.
    pub(crate) lost: Vec<Lost>,
    /// The text ends inside a document; all its elements may be whole all the same.
    pub(crate) open_end: bool,
    /// Whole JSON values that nobody recognised.
    pub(crate) unrecognised: u64,
    /// Where the first of them begins.
    pub(crate) first_unrecognised: u64,
    /// Lines of text before, between and behind the documents, passed over.
    pub(crate) text_lines: u64,
    /// Where the first of them begins.
    pub(crate) first_text: u64,
    /// Logs of containers among the documents, passed over.
    pub(crate) container_logs: u64,
}

impl Walk {
    /// A whole value that nobody recognised begins here.
    pub(crate) fn note_unrecognised(&mut self, at: usize) {
        if self.unrecognised == 0 {
            self.first_unrecognised = at as u64;
        }
        self.unrecognised += 1;
    }
}

/// A stretch that is lost; `None` when there is nothing in it but blanks and commas.
pub(crate) fn lost(text: &str, from: usize, to: usize, cut_off: bool) -> Option<Lost> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',');
    let bytes = text.as_bytes().get(from..to).unwrap_or_default();
    let lost = bytes.iter().filter(|byte| !blank(byte)).count() as u64;
    let blanks = bytes.iter().take_while(|byte| blank(byte)).count();
    (lost > 0).then_some(Lost { byte: (from + blanks) as u64, lost, cut_off })
}

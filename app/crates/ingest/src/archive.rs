//! Zip archives over byte ranges: the directory says which ranges it needs, the host reads them, and members come out.
//! Sizes in headers are claims: nothing is allocated by them. Source: PKWARE APPNOTE 6.3.10.

use crate::{Coding, Reading};
use std::ops::Range;

/// Members that one capture may have (summary contract, Inputs); a directory stops there with a note.
pub const MEMBER_LIMIT: usize = 100_000;

/// Whether a file that begins with these bytes is to be read as a zip archive. Four bytes are enough.
pub fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// A file inside a zip archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Input path: `archive.zip!inner/path`.
    pub path: String,
    /// Compressed size by the directory; what the report calls `bytes`.
    pub bytes: u64,
    /// How it is stored; `None` when it cannot be read (encrypted, unknown method): then [`Member::refusal`] is its reading.
    pub coding: Option<Coding>,
}

/// What the directory reader asks of its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Read this range of the file (never empty, never beyond its end, at most 1 MiB) and call [`Directory::supply`].
    Need(Range<u64>),
    /// The directory was read: take [`Directory::finish`].
    Done,
}

/// Reads the directory of one zip archive.
#[derive(Debug)]
pub struct Directory {}

impl Directory {
    /// `path` is the archive's input path, `size` the file's true size.
    pub fn new(path: &str, size: u64) -> Self {
        todo!("{path} {size}")
    }

    /// What to do next.
    pub fn step(&self) -> Step {
        todo!()
    }

    /// Hands over the bytes of the range asked for; fewer when the file turned out shorter.
    pub fn supply(&mut self, bytes: &[u8]) {
        todo!("{bytes:?}")
    }

    /// Members in order of path, and, when the archive could not be read, was empty, or held too much, its own entry
    /// for the import report.
    pub fn finish(self) -> (Vec<Member>, Option<Reading>) {
        todo!()
    }
}

impl Member {
    /// The range of the archive to read first: the member's local header.
    pub fn header_range(&self) -> Range<u64> {
        todo!()
    }

    /// The range of its compressed data, from the bytes of its local header; an `Err` is its entry in the import report.
    pub fn data_range(&self, local_header: &[u8]) -> Result<Range<u64>, Box<Reading>> {
        todo!("{local_header:?}")
    }

    /// The entry of a member that cannot be read.
    pub fn refusal(&self) -> Option<Reading> {
        todo!()
    }
}

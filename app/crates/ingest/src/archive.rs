//! Zip archives over byte ranges: the directory says which ranges it needs, the host reads them, and members come out.
//! Sizes in headers are claims: nothing is allocated by them. Source: PKWARE APPNOTE 6.3.10.

use crate::account::refused;
use crate::order::passed_over;
use crate::words::{count, size};
use crate::{Coding, Reading};
use std::ops::Range;
use underlay_model::order::Order;

/// Members that one capture may have (summary contract, Inputs); a directory stops there with a note.
pub const MEMBER_LIMIT: usize = 100_000;

/// The directory's end record without its comment, and the longest comment.
const END_BYTES: u64 = 22;
const COMMENT_BYTES: u64 = 65_535;
/// The 64-bit end record, and its locator before the end record.
const END64_BYTES: u64 = 56;
const LOCATOR_BYTES: usize = 20;
/// Fixed parts of a directory entry and of a member's local header.
const ENTRY_BYTES: usize = 46;
const LOCAL_BYTES: u64 = 30;
/// Part of the directory that is read at once.
const PIECE_BYTES: u64 = 1 << 20;

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
    /// Place of its local header.
    header: u64,
    /// Size of the archive.
    end: u64,
    /// Code and sentence when it cannot be read.
    refused: Option<(&'static str, String)>,
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
pub struct Directory {
    path: String,
    size: u64,
    state: State,
    members: Vec<Member>,
    /// Entries that were passed over (folders, hidden names).
    passed: u64,
    trouble: Option<(&'static str, String)>,
}

#[derive(Debug)]
enum State {
    /// The end of the file is needed, where the end record is.
    End,
    /// The 64-bit end record at this place is needed.
    End64(u64),
    /// The entries are read: what is left over from the last piece, and where the next piece is.
    Entries {
        rest: Vec<u8>,
        next: u64,
        end: u64,
        base: u64,
    },
    Done,
}

impl Directory {
    /// `path` is the archive's input path, `size` the file's true size.
    pub fn new(path: &str, size: u64) -> Self {
        let mut directory =
            Self { path: path.to_owned(), size, state: State::End, members: Vec::new(), passed: 0, trouble: None };
        if size < END_BYTES {
            directory.unreadable();
        }
        directory
    }

    /// What to do next.
    pub fn step(&self) -> Step {
        match &self.state {
            State::End => Step::Need(self.tail()..self.size),
            State::End64(at) => Step::Need(*at..*at + END64_BYTES),
            State::Entries { next, end, .. } => Step::Need(*next..(*end).min(next.saturating_add(PIECE_BYTES))),
            State::Done => Step::Done,
        }
    }

    /// Hands over the bytes of the range asked for; fewer when the file turned out shorter.
    pub fn supply(&mut self, bytes: &[u8]) {
        match std::mem::replace(&mut self.state, State::Done) {
            State::End => self.read_end(bytes),
            State::End64(at) => self.read_end64(bytes, at),
            State::Entries { rest, next, end, base } => self.read_entries(rest, bytes, next, end, base),
            State::Done => {}
        }
    }

    /// Members in order of path, and, when the archive could not be read, was empty, or held too much, its own entry
    /// for the import report.
    pub fn finish(mut self) -> (Vec<Member>, Option<Reading>) {
        if !matches!(self.state, State::Done) {
            self.unreadable();
        }
        if self.members.is_empty() && self.trouble.is_none() {
            let message = if self.passed == 0 {
                "Empty zip archive.".to_owned()
            } else {
                format!("Zip archive without files to read, {} passed over.", count(self.passed, "entry"))
            };
            self.trouble = Some(("archive-empty", message));
        }
        if let Some(name) = self.document() {
            let message = format!("{name}, {}. Save its tables as CSV and drop those.", size(self.size));
            self.members.clear();
            self.trouble = Some(("not-recognised", message));
        }
        self.members.order_by(|a, b| (&a.path, a.header).cmp(&(&b.path, b.header)));
        let own = self.trouble.map(|(code, message)| refused(&self.path, self.size, code, &message));
        (self.members, own)
    }

    /// What the archive is when it is the file of an office program.
    fn document(&self) -> Option<&'static str> {
        const KINDS: [(&str, &str); 4] = [
            ("!xl/workbook.xml", "Excel workbook"),
            ("!xl/workbook.bin", "Excel workbook"),
            ("!word/document.xml", "Word document"),
            ("!ppt/presentation.xml", "PowerPoint presentation"),
        ];
        let holds = |name: &str| self.members.iter().any(|member| member.path.strip_prefix(&self.path) == Some(name));
        KINDS.into_iter().find(|(part, _)| holds(part)).map(|(_, name)| name)
    }

    fn tail(&self) -> u64 {
        self.size.saturating_sub(END_BYTES + COMMENT_BYTES + LOCATOR_BYTES as u64)
    }

    fn unreadable(&mut self) {
        let found = match self.members.len() as u64 {
            0 => String::new(),
            members => format!(" {} found before the damage are used.", count(members, "file")),
        };
        let message =
            format!("Zip archive whose directory cannot be read, {}: cut off or damaged.{found}", size(self.size));
        self.trouble = Some(("archive-unreadable", message));
        self.state = State::Done;
    }

    fn read_end(&mut self, tail: &[u8]) {
        // A comment may hold the signature, too: the record whose comment ends with the file is the one.
        let ends = || {
            (0..(tail.len() + 1).saturating_sub(END_BYTES as usize))
                .rev()
                .filter(|&at| tail.get(at..).is_some_and(|rest| rest.starts_with(b"PK\x05\x06")))
        };
        let fits = |at: &usize| {
            let comment = u16_at(tail, at + 20).map(usize::from);
            comment.is_some_and(|comment| at + END_BYTES as usize + comment == tail.len())
        };
        let Some(end) = ends().find(fits).or_else(|| ends().next()) else { return self.unreadable() };
        let record = tail.get(end..).unwrap_or_default();
        let (Some(length), Some(offset), Some(entries)) = (u32_at(record, 12), u32_at(record, 16), u16_at(record, 10))
        else {
            return self.unreadable();
        };
        let locator = end.checked_sub(LOCATOR_BYTES).and_then(|at| tail.get(at..end));
        if let Some(locator) = locator.filter(|locator| locator.starts_with(b"PK\x06\x07"))
            && (length == u32::MAX || offset == u32::MAX || entries == u16::MAX)
        {
            return match u64_at(locator, 8) {
                Some(at) if at.checked_add(END64_BYTES).is_some_and(|end| end <= self.size) => {
                    self.state = State::End64(at);
                }
                _ => self.unreadable(),
            };
        }
        self.begin_entries(u64::from(offset), u64::from(length), self.tail() + end as u64);
    }

    fn read_end64(&mut self, record: &[u8], at: u64) {
        if !record.starts_with(b"PK\x06\x06") {
            return self.unreadable();
        }
        match (u64_at(record, 40), u64_at(record, 48)) {
            (Some(length), Some(offset)) => self.begin_entries(offset, length, at),
            _ => self.unreadable(),
        }
    }

    /// The directory lies right before its end record; when it does not begin where it says, something was put before the archive.
    fn begin_entries(&mut self, offset: u64, length: u64, end_record: u64) {
        let Some(begin) = end_record.checked_sub(length) else { return self.unreadable() };
        let Some(base) = begin.checked_sub(offset) else { return self.unreadable() };
        if length > 0 {
            self.state = State::Entries { rest: Vec::new(), next: begin, end: end_record, base };
        }
    }

    fn read_entries(&mut self, mut rest: Vec<u8>, piece: &[u8], next: u64, end: u64, base: u64) {
        if piece.is_empty() {
            return self.unreadable();
        }
        rest.extend_from_slice(piece);
        let next = next + piece.len() as u64;
        let mut at = 0;
        loop {
            let bytes = rest.get(at..).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            // A signature of the directory itself may follow the entries.
            if bytes.starts_with(b"PK\x05\x05") && next >= end {
                break;
            }
            if bytes.len() >= 4 && !bytes.starts_with(b"PK\x01\x02") {
                return self.unreadable();
            }
            let lengths = (u16_at(bytes, 28), u16_at(bytes, 30), u16_at(bytes, 32));
            let (Some(name), Some(extra), Some(comment)) = lengths else { break };
            let whole = ENTRY_BYTES + usize::from(name) + usize::from(extra) + usize::from(comment);
            let Some(entry) = bytes.get(..whole) else { break };
            if self.members.len() >= MEMBER_LIMIT {
                let message = format!("Zip archive with more than {} files. The rest is passed over.", MEMBER_LIMIT);
                self.trouble = Some(("archive-members", message));
                return;
            }
            self.entry(entry, usize::from(name), usize::from(extra), base);
            at += whole;
        }
        rest.drain(..at);
        if next < end {
            self.state = State::Entries { rest, next, end, base };
        } else if !rest.is_empty() && !rest.starts_with(b"PK\x05\x05") {
            self.unreadable();
        }
    }

    fn entry(&mut self, entry: &[u8], name_length: usize, extra_length: usize, base: u64) {
        let name = entry.get(ENTRY_BYTES..ENTRY_BYTES + name_length).unwrap_or_default();
        let extra = entry.get(ENTRY_BYTES + name_length..ENTRY_BYTES + name_length + extra_length).unwrap_or_default();
        let inner = inner_path(name);
        let unix_mode = u32_at(entry, 38).unwrap_or(0) >> 16;
        let symbolic_link = unix_mode & 0o170_000 == 0o120_000;
        if passed_over(&inner) || symbolic_link {
            self.passed += 1;
            return;
        }
        let (bytes, header) = sizes(entry, extra);
        let flags = u16_at(entry, 8).unwrap_or(0);
        let method = u16_at(entry, 10).unwrap_or(0);
        let encrypted = flags & 1 != 0 || method == 99;
        let coding = match method {
            0 => Some(Coding::Plain),
            8 => Some(Coding::Deflate),
            _ => None,
        };
        let refused = if encrypted {
            Some(("archive-encrypted", "Encrypted in the zip archive. Unpack it and drop what is inside.".to_owned()))
        } else if coding.is_none() {
            let message = format!(
                "Compressed by a method that is not read ({}). Unpack it and drop what is inside.",
                method_name(method)
            );
            Some(("archive-method", message))
        } else {
            None
        };
        self.members.push(Member {
            path: format!("{}!{inner}", self.path),
            bytes,
            coding: coding.filter(|_| refused.is_none()),
            header: base.saturating_add(header),
            end: self.size,
            refused,
        });
    }
}

impl Member {
    /// The range of the archive to read first: the member's local header.
    pub fn header_range(&self) -> Range<u64> {
        let start = self.header.min(self.end);
        start..start.saturating_add(LOCAL_BYTES).min(self.end)
    }

    /// The range of its compressed data (empty for an empty file), from the bytes of its local header; an `Err` is its entry in the import report.
    pub fn data_range(&self, local_header: &[u8]) -> Result<Range<u64>, Box<Reading>> {
        let lengths = (u16_at(local_header, 26), u16_at(local_header, 28));
        if let (true, (Some(name), Some(extra))) = (local_header.starts_with(b"PK\x03\x04"), lengths)
            && let Some(start) = self.header.checked_add(LOCAL_BYTES + u64::from(name) + u64::from(extra))
            && start <= self.end
        {
            // An archive that was cut in the middle of a member still has its beginning.
            return Ok(start..start.saturating_add(self.bytes).min(self.end));
        }
        let message = "Its place in the zip archive is damaged.";
        Err(Box::new(refused(&self.path, self.bytes, "archive-unreadable", message)))
    }

    /// The entry of a member that cannot be read.
    pub fn refusal(&self) -> Option<Reading> {
        self.refused.as_ref().map(|(code, message)| refused(&self.path, self.bytes, code, message))
    }
}

/// The inner path with `/`, without a beginning `./` or `/`. Names are UTF-8 or, from old tools, something with one byte a
/// character.
fn inner_path(name: &[u8]) -> String {
    let text = match std::str::from_utf8(name) {
        Ok(text) => text.to_owned(),
        Err(_) => name.iter().map(|&byte| char::from(byte)).collect(),
    };
    let text = text.replace('\\', "/").replace('\0', "");
    text.trim_start_matches('/').trim_start_matches("./").to_owned()
}

/// Compressed size and place of the local header, from the 64-bit field where the 32-bit ones are full.
fn sizes(entry: &[u8], mut extra: &[u8]) -> (u64, u64) {
    const FULL: u64 = u32::MAX as u64;
    let field = |at| u64::from(u32_at(entry, at).unwrap_or(0));
    let (mut compressed, uncompressed, mut header) = (field(20), field(24), field(42));
    while let (Some(kind), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let end = 4 + usize::from(length);
        let body = extra.get(4..end).unwrap_or_default();
        if kind == 1 {
            let mut at = 0;
            if uncompressed == FULL {
                at += 8;
            }
            if compressed == FULL {
                compressed = u64_at(body, at).unwrap_or(FULL);
                at += 8;
            }
            if header == FULL {
                header = u64_at(body, at).unwrap_or(FULL);
            }
            break;
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    (compressed, header)
}

fn method_name(method: u16) -> String {
    match method {
        9 => "Deflate64".to_owned(),
        12 => "bzip2".to_owned(),
        14 => "LZMA".to_owned(),
        93 => "Zstandard".to_owned(),
        95 => "xz".to_owned(),
        98 => "PPMd".to_owned(),
        other => format!("number {other}"),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().copied().map(u64::from_le_bytes)
}

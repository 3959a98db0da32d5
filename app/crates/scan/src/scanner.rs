//! The push scanner: walks over what stands between records (envelopes, lists, separators, text), hands each record to the plain path or
//! else the careful path, and finds the next whole record behind damage.

use crate::account::{ForeignRecords, FormatRecords, LostWhy, ScanAccount};
use crate::careful::{Careful, careful_record};
use crate::finder::{Finder, Found};
use crate::hash::RecordHasher;
use crate::loss::Loss;
use crate::normal::Normal;
use crate::plain::{Plain, plain_record};
use crate::sink::Sink;
use underlay_model::input::Format;

mod damage;

/// A record that is longer is given up as damage: a text that never closes its record must not fill the memory.
const LONGEST_RECORD: usize = 128 << 20;
/// What stands in an envelope behind its list, if it is longer, is not looked through for another list.
const LONGEST_TAIL: usize = 1 << 20;
/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];
/// Lists in lists beyond this are damage.
const DEEPEST_LISTS: usize = 64;
/// So many kinds of foreign records are told apart.
const FOREIGN_LISTED: usize = 64;
const OPENER: &[u8] = b"{\"records\":[";

/// Reads the decoded UTF-8 text of one flow log (without byte order mark), chunk by chunk. Accepts `{"records":[…]}`, slices that begin
/// with a comma or inside a record, cut tails, bare arrays, a bare record, JSON lines, concatenations, any white space and key order.
///
/// Holds no more than the record that is being read: at most 128 MiB, then the record counts as lost.
#[derive(Debug)]
pub struct Scanner {
    account: ScanAccount,
    hasher: RecordHasher,
    /// Text that has come and was not used up: an object that goes on, or a byte or two to look ahead.
    carry: Vec<u8>,
    /// Position of what is not used up in the decoded text.
    base: u64,
    /// Has seen all of `carry`, when that is an object (or an envelope behind its list) that goes on.
    pending: Option<Pending>,
    frames: Vec<Frame>,
    loss: Option<Loss>,
    /// Where a bare list opened of which nothing was read, and what stands of it: it may yet prove the middle of a record.
    opener: Option<(u64, &'static [u8])>,
    /// A whole record or an opener was the last thing that is not a separator, so closers belong to it.
    whole_before: bool,
}

#[derive(Debug)]
struct Pending {
    finder: Finder,
    /// The plain path has already declined.
    careful: bool,
}

/// What encloses the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// An object whose list `records` was opened.
    Envelope,
    /// A list of records.
    List,
}

/// What became of the text at a place.
enum Step {
    /// So many bytes were used up.
    Used(usize),
    /// It takes more bytes to tell.
    Wait,
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

impl Scanner {
    /// A scanner at the beginning of a text.
    pub fn new() -> Self {
        Self {
            account: ScanAccount::default(),
            hasher: RecordHasher::new(),
            carry: Vec::new(),
            base: 0,
            pending: None,
            frames: Vec::new(),
            loss: None,
            opener: None,
            whole_before: false,
        }
    }

    /// Reads the next bytes. Records that are whole by now were committed to the sink when this returns; nothing uncommitted stays there.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn Sink) {
        self.account.bytes += bytes.len() as u64;
        let mut bytes = bytes;
        if let Some(pending) = &mut self.pending {
            // Only what completes the object is copied; the rest is read where it stands.
            let needed = match pending.finder.feed(bytes) {
                Found::More if self.carry.len() + bytes.len() <= LONGEST_RECORD => {
                    self.carry.extend_from_slice(bytes);
                    return;
                }
                Found::More => {
                    self.carry.extend_from_slice(bytes);
                    self.pending = None;
                    return self.give_up(sink);
                }
                found @ (Found::Whole(needed) | Found::List(needed)) => {
                    let (head, rest) = bytes.split_at(needed.min(bytes.len()));
                    bytes = rest;
                    self.carry.extend_from_slice(head);
                    Some(found)
                }
                found => {
                    self.carry.extend_from_slice(bytes);
                    bytes = &[];
                    Some(found)
                }
            };
            let careful = self.pending.take().is_some_and(|pending| pending.careful);
            let carry = std::mem::take(&mut self.carry);
            let used = match needed {
                Some(Found::Whole(_)) => self.found(Found::Whole(carry.len()), careful, &carry, sink),
                Some(Found::List(_)) => self.found(Found::List(carry.len()), careful, &carry, sink),
                Some(found) => self.found(found, careful, &carry, sink),
                None => 0,
            };
            self.base += used as u64;
            self.walk_carry(carry, used, false, sink);
        }
        if bytes.is_empty() {
            return;
        }
        if self.carry.is_empty() {
            let used = self.walk(bytes, false, sink);
            self.carry.extend_from_slice(bytes.get(used..).unwrap_or_default());
        } else {
            let mut carry = std::mem::take(&mut self.carry);
            carry.extend_from_slice(bytes);
            self.pending = None;
            self.walk_carry(carry, 0, false, sink);
        }
    }

    /// The text ends here.
    pub fn finish(mut self, sink: &mut dyn Sink) -> ScanAccount {
        let carry = std::mem::take(&mut self.carry);
        self.pending = None;
        self.walk_carry(carry, 0, true, sink);
        match self.loss.take() {
            Some(loss) if loss.is_piece_at_end() => loss.enter(&mut self.account),
            Some(loss) => loss.pass_over(&mut self.account),
            None => {}
        }
        self.account
    }

    /// What was seen so far.
    pub fn account(&self) -> &ScanAccount {
        &self.account
    }

    /// Memory held, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.carry.capacity() as u64
    }

    fn give_up(&mut self, sink: &mut dyn Sink) {
        let carry = std::mem::take(&mut self.carry);
        self.lose(LostWhy::TooLong);
        let used = self.lose_bytes(carry.get(..1).unwrap_or_default());
        self.base += used as u64;
        self.walk_carry(carry, used, false, sink);
    }

    /// Reads what was carried over, from `from` on, and keeps what is left.
    fn walk_carry(&mut self, mut carry: Vec<u8>, from: usize, ended: bool, sink: &mut dyn Sink) {
        let used = from + self.walk(carry.get(from..).unwrap_or_default(), ended, sink);
        if used >= carry.len() {
            carry.clear();
        } else {
            carry.drain(..used);
        }
        // The buffer is used again, unless it grew for one large record.
        if carry.is_empty() && carry.capacity() > 4 << 20 {
            carry = Vec::new();
        }
        self.carry = carry;
    }

    /// Reads on from where the scanner stands; returns how many bytes were used up.
    fn walk(&mut self, text: &[u8], ended: bool, sink: &mut dyn Sink) -> usize {
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            match self.step(rest, ended, sink) {
                Step::Used(used) => {
                    at += used;
                    self.base += used as u64;
                }
                Step::Wait => break,
            }
        }
        at
    }

    fn step(&mut self, rest: &[u8], ended: bool, sink: &mut dyn Sink) -> Step {
        let Some(&byte) = rest.first() else { return Step::Wait };
        if self.loss.is_some() {
            return self.seek(rest, ended, sink);
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',');
                Step::Used(rest.iter().take_while(blank).count())
            }
            b'{' => self.object(rest, ended, sink),
            b']' => self.close_list(rest, ended),
            b'[' if self.frames.last() == Some(&Frame::List) => {
                if self.frames.len() >= DEEPEST_LISTS {
                    self.lose(LostWhy::TooDeep);
                    return Step::Used(self.lose_bytes(b"["));
                }
                self.frames.push(Frame::List);
                Step::Used(1)
            }
            b'[' => match follows(rest, b"{[]") {
                None if !ended => Step::Wait,
                Some(true) => {
                    self.frames.push(Frame::List);
                    self.opener = (!self.whole_before).then_some((self.base, b"["));
                    self.whole_before = true;
                    Step::Used(1)
                }
                _ => self.begin_text(rest),
            },
            b'}' if self.whole_before => {
                // Closes more than was opened here: a slice.
                self.frames.clear();
                Step::Used(1)
            }
            // Files that were put one behind the other had a mark of their own each.
            0xEF if rest.starts_with(&BYTE_ORDER_MARK) => Step::Used(BYTE_ORDER_MARK.len()),
            0xEF if !ended && BYTE_ORDER_MARK.starts_with(rest) => Step::Wait,
            _ if self.frames.is_empty() => self.begin_text(rest),
            _ => {
                self.lose(LostWhy::NoRecord);
                Step::Used(self.lose_bytes(rest.get(..1).unwrap_or_default()))
            }
        }
    }

    /// `]` outside records.
    fn close_list(&mut self, rest: &[u8], ended: bool) -> Step {
        match self.frames.pop() {
            None if self.whole_before => Step::Used(1),
            None => self.begin_text(rest),
            Some(_) if self.frames.last() != Some(&Frame::Envelope) => {
                if let (Some((_, opener)), true) = (&mut self.opener, self.frames.is_empty()) {
                    *opener = b"[]";
                    self.whole_before = false;
                }
                Step::Used(1)
            }
            Some(_) => {
                self.whole_before = true;
                let mut finder = Finder::after_list();
                let tail = rest.get(1..).unwrap_or_default();
                let tail = tail.get(..LONGEST_TAIL).unwrap_or(tail);
                match finder.feed(tail) {
                    Found::Whole(used) => {
                        self.frames.pop();
                        if finder.has_flow_records() {
                            // The rest of a record that a stray bracket cut in two.
                            self.lose(LostWhy::Headless);
                            self.lose_bytes(rest.get(..=used).unwrap_or_default());
                        }
                        Step::Used(1 + used)
                    }
                    Found::List(used) => {
                        self.frames.push(Frame::List);
                        Step::Used(1 + used)
                    }
                    Found::More if !ended && tail.len() < LONGEST_TAIL => {
                        // The bracket is read again together with what follows.
                        self.frames.push(Frame::List);
                        Step::Wait
                    }
                    _ => {
                        self.frames.pop();
                        Step::Used(1)
                    }
                }
            }
        }
    }

    /// `{` where a record or a document may begin.
    fn object(&mut self, rest: &[u8], ended: bool, sink: &mut dyn Sink) -> Step {
        if rest.starts_with(OPENER) {
            return Step::Used(self.open_envelope(rest.get(..OPENER.len()).unwrap_or_default()));
        }
        let careful = match plain_record(rest, self.base, sink, &mut self.hasher, &mut self.account) {
            Plain::Whole(used, format) => {
                self.whole(format);
                return Step::Used(used);
            }
            Plain::More => false,
            Plain::Careful => true,
        };
        if self.frames.is_empty() && self.loss.is_none() {
            match follows(rest, b"\"}") {
                None if !ended => return Step::Wait,
                Some(false) => return self.begin_text(rest),
                _ => {}
            }
        }
        let mut finder = Finder::object();
        match finder.feed(rest) {
            Found::More if !ended => {
                self.pending = Some(Pending { finder, careful });
                Step::Wait
            }
            found => Step::Used(self.found(found, careful, rest, sink)),
        }
    }

    /// The finder's verdict on the object that begins `text`; returns how many bytes are used up.
    fn found(&mut self, found: Found, careful: bool, text: &[u8], sink: &mut dyn Sink) -> usize {
        let first = text.get(..1).unwrap_or_default();
        let why = match found {
            Found::List(used) => return self.open_envelope(text.get(..used).unwrap_or_default()),
            Found::Whole(used) => return self.whole_object(text.get(..used).unwrap_or_default(), careful, sink),
            Found::More => LostWhy::CutOff,
            Found::Malformed => LostWhy::Malformed,
            Found::TooDeep => LostWhy::TooDeep,
        };
        self.lose(why);
        self.lose_bytes(first)
    }

    fn open_envelope(&mut self, opener: &[u8]) -> usize {
        self.settle_text();
        self.opener = None;
        if self.frames.len() >= DEEPEST_LISTS {
            self.lose(LostWhy::TooDeep);
        } else if self.loss.is_some() {
            self.frames.clear();
        }
        self.frames.push(Frame::Envelope);
        self.frames.push(Frame::List);
        self.whole_before = true;
        if self.loss.is_some() {
            self.lose_bytes(opener);
        }
        opener.len()
    }

    /// An object whose end is known and that the plain path did not read, or has not tried in whole.
    fn whole_object(&mut self, text: &[u8], careful: bool, sink: &mut dyn Sink) -> usize {
        if !careful
            && let Plain::Whole(used, format) = plain_record(text, self.base, sink, &mut self.hasher, &mut self.account)
        {
            self.whole(format);
            return used;
        }
        let why = match careful_record(text, self.base, sink, &mut self.hasher, &mut self.account) {
            Careful::Record(format) => {
                self.whole(format);
                return text.len();
            }
            Careful::Wrapped(format, count) => {
                (0..count).for_each(|_| self.whole(format));
                return text.len();
            }
            Careful::Foreign(category) => {
                let bytes = self.base..self.base + text.len() as u64;
                if !self.loss.as_ref().is_some_and(Loss::is_before_value)
                    && let Some(format) = sink.object(Normal::new(text).text(), bytes)
                {
                    self.whole(format);
                    return text.len();
                }
                // In the middle of a piece of a record, an object that names itself nothing is part of that piece.
                if !category.is_empty() || !self.loss.as_ref().is_some_and(Loss::is_piece_before_whole) {
                    self.foreign(category);
                    return text.len();
                }
                LostWhy::NoRecord
            }
            Careful::Piece => {
                self.lose_opener();
                LostWhy::NoRecord
            }
            Careful::Unreadable => LostWhy::Malformed,
        };
        self.lose(why);
        // Records may stand inside it, when something is missing before them.
        self.lose_bytes(text.get(..1).unwrap_or_default())
    }

    fn whole(&mut self, format: Format) {
        self.opener = None;
        self.settle_text();
        if let Some(loss) = self.loss.take() {
            loss.enter(&mut self.account);
        }
        self.whole_before = true;
        self.account.first_format.get_or_insert(format);
        self.account.records +=
            u64::from(matches!(format, Format::VnetFlowLog | Format::NsgFlowLogV1 | Format::NsgFlowLogV2));
        let list = &mut self.account.formats;
        match list.iter_mut().find(|known| known.format == format) {
            Some(known) => known.count += 1,
            None => list.push(FormatRecords { format, count: 1, first_byte: self.base }),
        }
    }

    fn foreign(&mut self, category: String) {
        let first_byte = self.base;
        self.opener = None;
        self.settle_text();
        if let Some(loss) = self.loss.take() {
            loss.enter(&mut self.account);
        }
        self.whole_before = true;
        let list = &mut self.account.foreign;
        let full = list.len() >= FOREIGN_LISTED;
        let known = list.iter().position(|known| known.category == category);
        match known.or(full.then_some(FOREIGN_LISTED - 1)).and_then(|at| list.get_mut(at)) {
            Some(known) => known.count += 1,
            None => list.push(ForeignRecords { category, count: 1, first_byte }),
        }
    }
}

/// Whether the first byte that is no blank, behind the first of `text`, is one of `wanted`; `None` when the text ends before.
/// Blanks beyond a page are not looked over.
fn follows(text: &[u8], wanted: &[u8]) -> Option<bool> {
    let behind = text.get(1..).unwrap_or_default();
    let mut looked = behind.iter().take(4096).skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    match looked.next() {
        Some(byte) => Some(wanted.contains(byte)),
        None if behind.len() >= 4096 => Some(false),
        None => None,
    }
}

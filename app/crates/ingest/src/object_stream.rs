//! Documents in JSON, or YAML of Kubernetes, read as they arrive, item by item: a file of hundreds of megabytes needs no more memory than
//! its longest object. What is whole and recognised is taken; from the first thing on that is anything else (damage, another format, the end)
//! the text is collected, and the walk over documents goes on where this ended, as if it had read all of it.

mod yaml;

use crate::account::Account;
use crate::container_log;
use crate::documents::{ListBegin, Visitor as _, kind_of, pass_members};
use crate::interpreter::Interpreter;
use crate::json::{Broken, Cursor, Json};
use crate::reader::Reading;
use crate::yaml::arriving;
use std::borrow::Cow;
use std::ops::Range;
use underlay_scan::NullSink;

/// Bytes that are collected before they are looked at.
const PORTION: usize = 1 << 20;
/// So much is held of what cannot be read as it arrives.
const MOST: usize = 512 << 20;

/// Documents as they arrive.
#[derive(Debug)]
pub(crate) struct ObjectStream {
    /// The beginning of the list that is open, and what is not taken yet.
    text: Vec<u8>,
    open: Option<Open>,
    taken: Taken,
    interpreter: Interpreter,
    /// Nothing is looked at before there is so much text; `usize::MAX` when all of the rest is collected.
    next_look: usize,
    portion: usize,
    lost_memory: bool,
}

/// What was taken out of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Bytes before the text that is left.
    pub(crate) before: u64,
    /// So long is the beginning of the list that is open: `{"apiVersion":"v1","items":[`, `[`; 0 between documents.
    pub(crate) head: usize,
    /// Bytes behind it.
    pub(crate) items: u64,
    /// Logs of containers among the documents.
    pub(crate) container_logs: u64,
    /// The text that is left goes on inside a block of YAML.
    pub(crate) yaml: bool,
}

impl Taken {
    /// Whether there is any.
    pub(crate) fn any(self) -> bool {
        self.before + self.items > 0
    }

    /// Where a place of the text that is left stands in the whole text.
    pub(crate) fn place(self, at: u64) -> u64 {
        at + self.before + if at >= self.head as u64 { self.items } else { 0 }
    }
}

/// A list that is not closed yet.
#[derive(Clone, Debug)]
struct Open {
    /// Kind of the list, where its beginning says it.
    kind: String,
    /// Its items may say their kind only behind it.
    kind_behind: bool,
    /// Objects around it that end behind it.
    closers: u8,
    /// Something was taken of it.
    any: bool,
    /// Where its beginning stands in the text that is left.
    head: Range<usize>,
    /// Of YAML, how far its dashes are indented.
    indent: usize,
}

impl Open {
    fn of(kind: String, kind_behind: bool, closers: u8, head: Range<usize>) -> Self {
        Self { kind, kind_behind, closers, any: false, head, indent: 0 }
    }
}

/// How a look ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// The text ends inside something.
    More,
    /// Here stands what is not read here.
    Other,
}

type Members<'t> = Vec<(Cow<'t, str>, Json<'t>)>;

impl Default for ObjectStream {
    fn default() -> Self {
        Self::with_portion(PORTION)
    }
}

impl ObjectStream {
    fn with_portion(portion: usize) -> Self {
        Self {
            text: Vec::new(),
            open: None,
            taken: Taken::default(),
            interpreter: Interpreter::default(),
            next_look: portion,
            portion,
            lost_memory: false,
        }
    }

    /// The next text. What does not fit into memory is left out from here on.
    pub(crate) fn push(&mut self, text: &[u8]) {
        for part in text.chunks(PORTION) {
            if self.lost_memory || !has_room(&mut self.text, part.len()) {
                self.lost_memory = true;
                return;
            }
            self.text.extend_from_slice(part);
            if self.text.len() >= self.next_look {
                self.look();
            }
        }
    }

    /// Whether text was left out.
    pub(crate) fn lost_memory(&self) -> bool {
        self.lost_memory
    }

    /// What was understood, the text that is left, and what was taken out of it.
    pub(crate) fn finish(self) -> (Interpreter, Vec<u8>, Taken) {
        (self.interpreter, self.text, self.taken)
    }

    fn look(&mut self) {
        let text = std::mem::take(&mut self.text);
        let valid = valid_beginning(&text);
        let foreign = is_foreign(valid.as_bytes());
        let mut at = self.taken.head;
        let mut look = Look::Other;
        if !foreign {
            look = loop {
                match self.step(valid, at) {
                    Ok(end) => at = end,
                    Err(look) => break look,
                }
            };
        }
        self.text = text;
        self.forget(at);
        self.next_look = match look {
            Look::Other => usize::MAX,
            // What is longer than a portion is looked at again when it has doubled.
            Look::More => self.text.len() + self.portion.max(self.text.len() - self.taken.head),
        };
    }

    /// Drops what is read: all before this place but the beginning of the list that is open.
    fn forget(&mut self, at: usize) {
        let head = self.open.as_ref().map_or(at..at, |open| open.head.clone());
        self.text.drain(head.end..at);
        self.text.drain(..head.start);
        self.taken.items += (at - head.end) as u64;
        self.taken.before += head.start as u64;
        self.taken.head = head.len();
        if let Some(open) = &mut self.open {
            open.head = 0..head.len();
        }
    }

    /// Takes the next thing that is whole, and says where it ends.
    fn step(&mut self, text: &str, from: usize) -> Result<usize, Look> {
        if self.taken.yaml {
            return self.yaml(text, from);
        }
        let mut cursor = Cursor::new(text, from);
        cursor.separators();
        let start = cursor.at();
        let Some(byte) = cursor.peek() else { return Err(Look::More) };
        let Some(open) = &self.open else { return self.document(text, start, byte) };
        if byte == b']' {
            return self.list_end(text, cursor);
        }
        let kind = open.kind.clone();
        self.item(cursor, &kind)
    }

    fn document(&mut self, text: &str, start: usize, byte: u8) -> Result<usize, Look> {
        let mut cursor = Cursor::new(text, start + 1);
        let mut members: Members<'_> = Vec::new();
        match byte {
            b'[' => {
                cursor.blanks();
                return match cursor.peek() {
                    Some(b'{') => self.begin(Open::of(String::new(), false, 0, start..cursor.at())),
                    None => Err(Look::More),
                    Some(_) => Err(Look::Other),
                };
            }
            b'{' => {}
            _ => return self.text(text, start),
        }
        loop {
            let key = cursor.key().map_err(look)?;
            cursor.blanks();
            if let Some(list) = ListBegin::of(text, cursor.at(), &key) {
                let kind = kind_of(&members);
                self.interpreter.list_hint(list.name, &Json::Object(members));
                let closers = 1 + u8::from(list.nested);
                return self.begin(Open::of(kind, list.has_kind_behind(), closers, start..list.at));
            }
            let value = cursor.value().map_err(look)?;
            members.push((key, value));
            if !cursor.more(b'}').map_err(look)? {
                break;
            }
        }
        let place = start as u64 + self.taken.before;
        if self.interpreter.element(&Json::Object(members), "", place) { Ok(cursor.at()) } else { Err(Look::Other) }
    }

    fn begin(&mut self, open: Open) -> Result<usize, Look> {
        let end = open.head.end;
        self.taken.items = 0;
        self.open = Some(open);
        Ok(end)
    }

    /// What is no JSON: a container's log, or the beginning of YAML.
    fn text(&mut self, text: &str, start: usize) -> Result<usize, Look> {
        if start > 0 && !text.get(..start).is_some_and(|before| before.ends_with('\n')) {
            return Err(Look::Other);
        }
        match arriving::begins(text, start) {
            Some(false) => self.log(text, start),
            Some(true) => {
                self.taken.yaml = true;
                Ok(start)
            }
            None => Err(Look::More),
        }
    }

    /// A container's log in a cluster dump: it is whole when its last line is there.
    fn log(&mut self, text: &str, start: usize) -> Result<usize, Look> {
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        match container_log::length(rest) {
            Some(length) if length < rest.len() => {
                self.taken.container_logs += 1;
                Ok(start + length)
            }
            Some(_) => Err(Look::More),
            None => Err(Look::Other),
        }
    }

    fn item(&mut self, mut cursor: Cursor<'_>, kind: &str) -> Result<usize, Look> {
        let place = cursor.at() as u64 + self.taken.before + self.taken.items;
        let mut members: Members<'_> = Vec::new();
        if cursor.peek() != Some(b'{') {
            return Err(Look::Other);
        }
        cursor.members(&mut members).map_err(look)?;
        let item = Json::Object(members);
        // Where neither says its kind, that stands behind the list.
        let waits =
            kind.is_empty() && item.get("kind").is_null() && self.open.as_ref().is_some_and(|open| open.kind_behind);
        if waits || !self.interpreter.element(&item, kind, place) {
            return Err(Look::Other);
        }
        if let Some(open) = &mut self.open {
            open.any = true;
        }
        Ok(cursor.at())
    }

    /// The list that was open has been read to its end.
    fn close(&mut self) {
        self.taken.before += self.taken.items;
        self.taken.items = 0;
        self.open = None;
    }

    /// The rest of the document behind the last item.
    fn list_end(&mut self, text: &str, mut cursor: Cursor<'_>) -> Result<usize, Look> {
        let Some(open) = self.open.as_ref().filter(|open| open.any) else { return Err(Look::Other) };
        cursor.skip(1);
        if open.closers > 1 {
            pass_members(&mut cursor).map_err(look)?;
        }
        while open.closers > 0 && cursor.more(b'}').map_err(look)? {
            let key = cursor.key().map_err(look)?;
            cursor.blanks();
            if ListBegin::of(text, cursor.at(), &key).is_some() {
                return Err(Look::Other);
            }
            cursor.value().map_err(look)?;
        }
        self.close();
        Ok(cursor.at())
    }
}

/// What comes of a text of documents that is looked at whenever so many bytes have arrived (at least 1), and how much of it was left for the
/// walk: so that tests cross every boundary with little text.
#[doc(hidden)]
pub fn read_in_portions(text: &str, portion: usize) -> (Reading, usize) {
    let mut stream = ObjectStream::with_portion(portion);
    for piece in text.as_bytes().chunks(portion.clamp(1, 7)) {
        stream.push(piece);
    }
    let (interpreter, rest, taken) = stream.finish();
    let rest = String::from_utf8_lossy(&rest).into_owned();
    let mut account = Account::new("documents", text.len() as u64, &[]);
    account.documents_on(interpreter, taken, [text, &rest], false);
    account.flow_records_among(taken, &rest, &mut NullSink);
    (account.finish(), rest.len())
}

/// Makes room for so many bytes more, an eighth at a time: a large text is not held twice while it grows. False when it would be too large.
fn has_room(text: &mut Vec<u8>, more: usize) -> bool {
    let free = text.capacity() - text.len();
    text.len() + more <= MOST && (free >= more || text.try_reserve_exact(more.max(text.len() / 8)).is_ok())
}

/// All but a character that is cut by the end.
pub(crate) fn valid_beginning(text: &[u8]) -> &str {
    let valid = |text| std::str::from_utf8(text);
    valid(text).unwrap_or_else(|error| valid(text.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default())
}

/// Whether something stands in the text that is for the walk: colours of a terminal, records of flow logs among the documents.
fn is_foreign(text: &[u8]) -> bool {
    let is_flow = |at| {
        let rest = text.get(at..).unwrap_or_default();
        rest.starts_with(b"\"flowRecords\"") || rest.starts_with(b"\"flowTuples\"")
    };
    memchr::memchr(0x1b, text).is_some() || memchr::memmem::find_iter(text, b"\"flow").any(is_flow)
}

fn look(broken: Broken) -> Look {
    if broken == Broken::End { Look::More } else { Look::Other }
}

#[cfg(test)]
mod tests;

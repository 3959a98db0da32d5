//! JSON documents of Kubernetes read as they arrive, item by item: a file of hundreds of megabytes needs no more memory than its
//! longest object. What is whole and recognised is taken; from the first thing on that is anything else (damage, another format, the end)
//! the text is collected, and the walk over documents goes on where this ended, as if it had read all of it.

use crate::container_log;
use crate::documents::{Visitor as _, is_list_key};
use crate::interpreter::Interpreter;
use crate::json::{Broken, Cursor, Json};
use std::borrow::Cow;
use std::ops::Range;

/// Bytes that are collected before they are looked at.
const PORTION: usize = 1 << 20;

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
    /// It is a member of an object.
    in_object: bool,
    /// Something was taken of it.
    any: bool,
    /// Where its beginning stands in the text that is left.
    head: Range<usize>,
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
            if self.lost_memory {
                return;
            }
            if self.text.try_reserve(part.len()).is_err() {
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
        let mut cursor = Cursor::new(text, from);
        cursor.blanks();
        while cursor.take(b',') {
            cursor.blanks();
        }
        let start = cursor.at();
        let Some(byte) = cursor.peek() else { return Err(Look::More) };
        let Some(open) = &self.open else { return self.document(text, start, byte) };
        if byte == b']' {
            return self.list_end(cursor);
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
                    Some(b'{') => self.begin(String::new(), false, start..cursor.at()),
                    None => Err(Look::More),
                    Some(_) => Err(Look::Other),
                };
            }
            b'{' => {}
            _ => return self.log(text, start),
        }
        loop {
            let key = cursor.key().map_err(look)?;
            cursor.blanks();
            if cursor.peek() == Some(b'[') && is_list_key(&key) {
                cursor.skip(1);
                let kind = members
                    .iter()
                    .rev()
                    .find(|(key, _)| key == "kind")
                    .map_or_else(String::new, |(_, kind)| kind.text());
                return if key == "items" { self.begin(kind, true, start..cursor.at()) } else { Err(Look::Other) };
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

    fn begin(&mut self, kind: String, in_object: bool, head: Range<usize>) -> Result<usize, Look> {
        let end = head.end;
        self.taken.items = 0;
        self.open = Some(Open { kind, in_object, any: false, head });
        Ok(end)
    }

    /// A container's log in a cluster dump: it is whole when its last line is there.
    fn log(&mut self, text: &str, start: usize) -> Result<usize, Look> {
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        let begins_line = text.get(..start).is_some_and(|before| before.is_empty() || before.ends_with('\n'));
        match container_log::length(rest).filter(|_| begins_line) {
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
        if (kind.is_empty() && item.get("kind").is_null()) || !self.interpreter.element(&item, kind, place) {
            return Err(Look::Other);
        }
        if let Some(open) = &mut self.open {
            open.any = true;
        }
        Ok(cursor.at())
    }

    /// The rest of the document behind the last item.
    fn list_end(&mut self, mut cursor: Cursor<'_>) -> Result<usize, Look> {
        let Some(open) = self.open.as_ref().filter(|open| open.any) else { return Err(Look::Other) };
        cursor.skip(1);
        while open.in_object && cursor.more(b'}').map_err(look)? {
            let key = cursor.key().map_err(look)?;
            cursor.blanks();
            if cursor.peek() == Some(b'[') && is_list_key(&key) {
                return Err(Look::Other);
            }
            cursor.value().map_err(look)?;
        }
        self.taken.before += self.taken.items;
        self.taken.items = 0;
        self.open = None;
        Ok(cursor.at())
    }
}

/// All but a character that is cut by the end.
fn valid_beginning(text: &[u8]) -> &str {
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
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::reader::Reading;
    use proptest::prelude::*;
    use underlay_scan::NullSink;

    /// What comes of a text that is looked at after each so many bytes, and how much of it was left for the walk.
    fn read(text: &str, portion: usize) -> (Reading, usize) {
        let mut stream = ObjectStream::with_portion(portion);
        for piece in text.as_bytes().chunks(portion.min(7)) {
            stream.push(piece);
        }
        let (interpreter, rest, taken) = stream.finish();
        let rest = String::from_utf8_lossy(&rest).into_owned();
        let mut account = Account::new("x", text.len() as u64, &[]);
        account.documents_on(interpreter, taken, &rest, false);
        account.flow_records_among(taken, &rest, &mut NullSink);
        (account.finish(), rest.len())
    }

    fn pod(name: &str) -> String {
        format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}","namespace":"n"}},"status":{{"podIP":"10.0.0.x"}}}}"#
        )
    }

    fn texts() -> Vec<String> {
        let (a, b, c) = (pod("a"), pod("b"), pod("zürich"));
        let bare = a.replace(r#""apiVersion":"v1","kind":"Pod","#, "");
        let list =
            format!("{{\"apiVersion\":\"v1\",\"items\":[\n{a},\n{b},{c}\n],\"kind\":\"List\",\"metadata\":{{}}}}\n");
        let log = "==== START logs for container a of pod b/c ====\n{\"kind\":\"Pod\"\n==== END logs for container a of pod b/c ====\n";
        vec![
            list.clone(),
            format!("{list}{list}"),
            format!("[{a},{b},\n{c}]"),
            format!("{a}\n{b}{c}\n"),
            format!("{{\"type\":\"ADDED\",\"object\":{a}}}\n{{\"type\":\"BOOKMARK\",\"object\":{b}}}\n"),
            format!("{{\"kind\":\"PodList\",\"items\":[{bare},{bare}]}}\n{list}"),
            format!("{{\"items\":[{bare},{bare}],\"kind\":\"PodList\"}}"),
            format!("{{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"items\":null}}{list}{log}{list}{log}"),
            format!("{list}some text\nNAME  READY  STATUS  RESTARTS\nt  1/1  Running  0\n{list}"),
            format!("{list}---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: y\n"),
            format!("{{\"items\":[{a},{b},{{\"kind\":\"Pod\",oops}},{c}],\"kind\":\"List\"}}"),
            format!("{{\"items\":[{a},null,5,{b},{{}},[],{c}],\"kind\":\"List\"}}"),
            format!("{{\"items\":[{a}],\"items\":[{b}],\"kind\":\"List\"}}"),
            format!("{{\"items\":[{{\"x\":1}},{{\"y\":2}}],\"kind\":\"List\",\"apiVersion\":\"v1\"}}"),
            format!(
                "{{\"items\":[{a}],\"kind\":\"List\"}}{{\"services\":[{{\"serviceName\":\"n/s/1\",\"serviceHealth\":[]}}]}}"
            ),
            format!("{list}{{\"records\":[{{\"flowRecords\":1}}]}}{list}"),
            format!("{list}\u{1b}[0m{list}"),
            format!("[{a},5,{b}]x{c}"),
            format!("{a}{{\"odd\":1}}\"}}]{b}"),
        ]
    }

    #[test]
    fn what_is_taken_as_it_arrives_is_what_the_walk_finds() {
        for text in texts() {
            let cuts = (0..text.len()).step_by(37).chain([text.len()]).filter(|&at| text.is_char_boundary(at));
            for cut in cuts {
                let part = &text[..cut];
                let (whole, _) = read(part, usize::MAX);
                for portion in [1, 40, 300] {
                    assert_eq!(read(part, portion).0, whole, "{portion}: {part}");
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn it_is_so_of_damaged_texts_too(
            which in 0usize..19,
            cuts in proptest::collection::vec((0.0f64..1.0, 0usize..30, "[\\[\\]{}\",: \n5a-]{0,5}"), 1..4),
            portion in 1usize..600,
        ) {
            let mut text = texts().swap_remove(which);
            for (at, length, insert) in cuts {
                let floor = |mut at: usize| { while !text.is_char_boundary(at) { at -= 1; } at };
                let from = floor((text.len() as f64 * at) as usize);
                let to = floor((from + length).min(text.len())).max(from);
                text.replace_range(from..to, &insert);
            }
            prop_assert_eq!(read(&text, portion).0, read(&text, usize::MAX).0, "{}", text);
        }
    }

    #[test]
    fn little_of_a_long_list_is_left() {
        let items: Vec<String> = (0..2000).map(|number| pod(&format!("p{number}"))).collect();
        let lists = format!("{{\"apiVersion\":\"v1\",\"items\":[{}],\"kind\":\"List\"}}\n", items.join(",\n"));
        let (reading, left) = read(&format!("{lists}{lists}"), 4096);
        assert_eq!((reading.report.records, reading.fragment.pods.len()), (4000, 4000));
        assert!(left < 9000, "{left}");
        assert_eq!(reading.report.notes[0].byte, 28);
    }
}

//! Walks a text that holds JSON documents: one or many, with prompts, warnings or logs between them, whole or damaged. Lists of
//! objects are handed over element by element, so that one bad object costs only itself, and what is lost is counted as the
//! contract says (Inputs, `lost_bytes`).

mod account;

use crate::json::{Broken, Cursor, Json};
use crate::object_stream::Taken;
pub(crate) use account::{Lost, Walk, lost};
use std::borrow::Cow;

/// Takes what the walk finds.
pub(crate) trait Visitor {
    /// A whole object: a document, or an element of a list whose `kind` is `list_kind` (empty when it has none). Returns
    /// whether it was recognised as something that Underlay knows.
    fn element(&mut self, value: &Json<'_>, list_kind: &str, at: u64) -> bool;
    /// Members of an envelope, or of an object that breaks off: says what the text is when no element does.
    fn hint(&mut self, members: &Json<'_>);
    /// A list begins under this key, behind these members.
    fn list_hint(&mut self, key: &str, envelope: &Json<'_>) {
        let _ = (key, envelope);
    }
    /// Whether this object, found behind damage, is a record of its own and not a part of one.
    fn is_record(&self, value: &Json<'_>) -> bool;
    /// A line begins here that is no JSON. When something else than JSON is read here (a table, YAML), it returns where that ends.
    fn text(&mut self, text: &str, at: usize, walk: &mut Walk) -> Option<usize> {
        let _ = (text, at, walk);
        None
    }
}

/// Members whose elements are records of their own: Kubernetes lists, Azure lists and metrics, backend health, Log Analytics.
const LIST_KEYS: [&str; 6] = ["items", "value", "values", "data", "services", "tables"];

/// Whether the elements of a list of this name are records of their own.
pub(crate) fn is_list_key(key: &str) -> bool {
    LIST_KEYS.iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// A list whose elements are records, where a member's value begins here: its own, or in an answer of Prometheus that of its series.
pub(crate) struct ListBegin<'k> {
    /// Behind the bracket.
    pub(crate) at: usize,
    /// Its name.
    pub(crate) name: &'k str,
    /// It is a member of the member.
    pub(crate) nested: bool,
}

impl<'k> ListBegin<'k> {
    /// At the value of the member of this name.
    pub(crate) fn of(text: &str, at: usize, name: &'k str) -> Option<Self> {
        match text.as_bytes().get(at) {
            Some(b'[') if is_list_key(name) => Some(Self { at: at + 1, name, nested: false }),
            Some(b'{') if name == "data" => {
                series(Cursor::new(text, at + 1)).map(|at| Self { at, name: SERIES, nested: true })
            }
            _ => None,
        }
    }

    /// Whether its elements may say their kind only behind it.
    pub(crate) fn has_kind_behind(&self) -> bool {
        self.name.eq_ignore_ascii_case("items")
    }
}

/// The list of an answer of Prometheus.
pub(crate) const SERIES: &str = "result";

/// Behind the bracket of the series that an answer of Prometheus has in its `data`.
fn series(mut cursor: Cursor<'_>) -> Option<usize> {
    if cursor.key().ok()? != "resultType" {
        return None;
    }
    let kind = cursor.value().ok()?;
    if !matches!(kind.as_str(), Some("matrix" | "vector")) || !cursor.more(b'}').ok()? || cursor.key().ok()? != SERIES {
        return None;
    }
    cursor.blanks();
    cursor.take(b'[').then_some(cursor.at())
}

/// Goes past the members of an object that stand behind one of them.
pub(crate) fn pass_members(cursor: &mut Cursor<'_>) -> Result<(), Broken> {
    while cursor.more(b'}')? {
        cursor.key()?;
        cursor.blanks();
        cursor.value()?;
    }
    Ok(())
}

/// Where the walk goes on.
enum Next {
    /// Behind a document.
    After(usize),
    /// At a place that was found behind damage.
    Resume(usize),
    /// This was no JSON: behind the line.
    Text,
}

/// Walks a text.
pub(crate) fn walk(text: &str, visitor: &mut dyn Visitor) -> Walk {
    walk_on(text, Taken::default(), visitor)
}

/// Walks what is left of a text of which something was taken. The visitor hears places in what is left; the account has those in the whole.
pub(crate) fn walk_on(text: &str, taken: Taken, visitor: &mut dyn Visitor) -> Walk {
    // Of the whole, so that it is the same wherever the text was cut.
    let whole = usize::try_from(taken.place(text.len() as u64)).unwrap_or(usize::MAX);
    let budget = whole.saturating_mul(8).saturating_add(4 << 20);
    let mut walker = Walker { text, taken, visitor, walk: Walk::default(), budget, known: 0 };
    // A block of YAML that goes on ends where it ends, before anything else is looked for.
    let block = taken.yaml.then(|| crate::yaml::block::walk(text, 0, walker.visitor, &mut walker.walk));
    walker.run(block);
    let mut walk = walker.walk;
    for lost in &mut walk.lost {
        lost.byte = taken.place(lost.byte);
    }
    walk.first_unrecognised = taken.place(walk.first_unrecognised);
    walk.first_text = taken.place(walk.first_text);
    walk.container_logs += taken.container_logs;
    walk
}

struct Walker<'t, 'v> {
    text: &'t str,
    taken: Taken,
    visitor: &'v mut dyn Visitor,
    walk: Walk,
    /// Bytes that searching behind damage may still read, so that hostile text costs linear time.
    budget: usize,
    /// Objects that were recognised.
    known: u64,
}

type Members<'t> = Vec<(Cow<'t, str>, Json<'t>)>;

impl<'t> Walker<'t, '_> {
    fn run(&mut self, from: Option<usize>) {
        let mut at = from.unwrap_or(0);
        if from.is_none()
            && !self.taken.any()
            && crate::fragment::begins_inside(self.text)
            && let Some(first) = self.find_record(0, self.text.len())
        {
            self.lose(0, first, false);
            at = first;
        }
        let mut stray = None;
        loop {
            let mut cursor = Cursor::new(self.text, at);
            cursor.separators();
            at = cursor.at();
            let (unrecognised, known) = (self.walk.unrecognised, self.known);
            let next = match cursor.peek() {
                None => return,
                Some(b'{') => self.object(at),
                Some(b'[') => self.array(at),
                Some(_) => Next::Text,
            };
            let begin = at;
            at = match next {
                Next::After(end) | Next::Resume(end) => end.max(at + 1),
                Next::Text => {
                    if let Some(end) = self.other_text(at) {
                        at = end.max(at + 1);
                        continue;
                    }
                    let line_end = self.behind_text(at);
                    // The rest of an object, as when the text begins inside one: whole objects may follow on the line.
                    let debris = matches!(cursor.peek(), Some(b'"' | b'}' | b']' | b':'));
                    match debris.then(|| self.find_record(at, line_end)).flatten() {
                        Some(record) => {
                            // What was whole right before it was a part of that object, too.
                            self.walk.unrecognised -= u64::from(stray.is_some());
                            self.lose(stray.unwrap_or(at), record, false);
                            record
                        }
                        None => line_end,
                    }
                }
            };
            let any_known = self.known > known || (begin == 0 && self.taken.items > 0);
            stray = (self.walk.unrecognised > unrecognised && !any_known).then_some(begin);
        }
    }

    /// Behind what the visitor reads here that is no JSON, when a line begins here.
    fn other_text(&mut self, at: usize) -> Option<usize> {
        let before = self.text.get(..at)?.trim_end_matches([' ', '\u{FEFF}']);
        if !before.is_empty() && !before.ends_with('\n') {
            return None;
        }
        self.visitor.text(self.text, at, &mut self.walk)
    }

    /// Behind the line, or behind the container log, that begins here.
    fn behind_text(&mut self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |length| length + 1);
        if let Some(log) = crate::container_log::length(rest) {
            self.walk.container_logs += 1;
            return at + log.max(line);
        }
        let parts_documents = rest.get(..line).is_some_and(|line| line.trim_ascii() == b"---");
        if !parts_documents {
            if self.walk.text_lines == 0 {
                self.walk.first_text = at as u64;
            }
            self.walk.text_lines += 1;
        }
        at + line
    }

    fn object(&mut self, start: usize) -> Next {
        let mut cursor = Cursor::new(self.text, start + 1);
        let mut members: Members<'t> = Vec::new();
        let mut pending: Vec<(Json<'t>, usize)> = Vec::new();
        let mut lists = self.lists(start);
        let mut plausible = false;
        cursor.blanks();
        if cursor.take(b'}') {
            return self.whole(start, cursor.at(), members, &lists);
        }
        loop {
            let broken = match cursor.key() {
                Err(broken) => Some(broken),
                Ok(key) => {
                    plausible = true;
                    cursor.blanks();
                    if let Some(list) = ListBegin::of(self.text, cursor.at(), &key) {
                        cursor = Cursor::new(self.text, list.at);
                        lists.seen = true;
                        let envelope = Json::Object(members);
                        self.visitor.list_hint(list.name, &envelope);
                        members = if let Json::Object(members) = envelope { members } else { Vec::new() };
                        let kind = kind_of(&members);
                        let wait = list.has_kind_behind().then_some(&mut pending);
                        let stopped = self.elements(&mut cursor, &kind, wait, &mut lists);
                        if let Some(stopped) = stopped {
                            self.hint(members);
                            self.flush(pending, &kind, &mut lists);
                            return stopped;
                        }
                        if list.nested { pass_members(&mut cursor).err() } else { None }
                    } else {
                        match cursor.value() {
                            Ok(value) => {
                                members.push((key, value));
                                None
                            }
                            Err(broken) => Some(broken),
                        }
                    }
                }
            };
            let broken = match broken {
                Some(broken) => broken,
                None => match cursor.more(b'}') {
                    Ok(true) => continue,
                    Ok(false) => {
                        let kind = kind_of(&members);
                        self.flush(pending, &kind, &mut lists);
                        return self.whole(start, cursor.at(), members, &lists);
                    }
                    Err(broken) => broken,
                },
            };
            return self.broken_object(start, cursor.at(), broken, plausible, members, pending, &lists);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the state of one loop, handed over once")]
    fn broken_object(
        &mut self,
        start: usize,
        at: usize,
        broken: Broken,
        plausible: bool,
        members: Members<'t>,
        pending: Vec<(Json<'t>, usize)>,
        lists: &Lists,
    ) -> Next {
        if !plausible && broken != Broken::End {
            return Next::Text;
        }
        let kind = kind_of(&members);
        self.hint(members);
        let mut lists = *lists;
        self.flush(pending, &kind, &mut lists);
        if let Some(end) = self.behind_many(start, broken) {
            return Next::After(end);
        }
        // Behind its list an envelope has nothing but closers: they are not lost when they are cut.
        let from = if lists.seen { at } else { start };
        let next = self.find_record(from + 1, self.text.len()).unwrap_or(self.text.len());
        if lists.seen && broken == Broken::End {
            self.walk.open_end = true;
        } else {
            self.lose(from, next, broken == Broken::End);
        }
        Next::Resume(next)
    }

    fn whole(&mut self, start: usize, end: usize, members: Members<'t>, lists: &Lists) -> Next {
        let value = Json::Object(members);
        if lists.recognised {
            return Next::After(end);
        }
        if lists.seen && !lists.any {
            self.visitor.hint(&value);
        } else if self.visitor.element(&value, "", start as u64) {
            self.known += 1;
        } else {
            self.unrecognised(start);
        }
        Next::After(end)
    }

    /// The account of a document's lists, of one of which elements may have been taken before.
    fn lists(&self, start: usize) -> Lists {
        let taken = start == 0 && self.taken.items > 0;
        Lists { seen: false, any: taken, recognised: taken }
    }

    fn array(&mut self, start: usize) -> Next {
        let mut cursor = Cursor::new(self.text, start + 1);
        cursor.blanks();
        let mut lists = self.lists(start);
        while lists.any && cursor.take(b',') {
            cursor.blanks();
        }
        // A log line may begin with a bracket, too.
        if !lists.any && !matches!(cursor.peek(), None | Some(b'{' | b'[' | b']')) {
            let mut whole = Cursor::new(self.text, start);
            return match whole.value() {
                Ok(_) => {
                    self.unrecognised(start);
                    Next::After(whole.at())
                }
                Err(_) => Next::Text,
            };
        }
        match self.elements(&mut cursor, "", None, &mut lists) {
            Some(stopped) => stopped,
            None => {
                if !lists.any {
                    self.unrecognised(start);
                }
                Next::After(cursor.at())
            }
        }
    }

    /// Reads the elements of a list up to its `]`; `None` when it came.
    fn elements(
        &mut self,
        cursor: &mut Cursor<'t>,
        kind: &str,
        mut pending: Option<&mut Vec<(Json<'t>, usize)>>,
        lists: &mut Lists,
    ) -> Option<Next> {
        loop {
            cursor.separators();
            let at = cursor.at();
            let mut members: Members<'t> = Vec::new();
            let read = match cursor.peek() {
                None => {
                    self.walk.open_end = true;
                    return Some(Next::Resume(at));
                }
                Some(b']') => {
                    cursor.skip(1);
                    return None;
                }
                Some(b'{') => cursor.members(&mut members).map(|()| Json::Object(std::mem::take(&mut members))),
                Some(_) => cursor.value(),
            };
            lists.any = true;
            match read {
                Ok(value) => match &mut pending {
                    Some(pending) if kind.is_empty() && value.is_object() && value.get("kind").is_null() => {
                        pending.push((value, at));
                    }
                    _ => self.take(&value, kind, at, lists),
                },
                Err(broken) => {
                    self.hint(members);
                    if let Some(end) = self.behind_many(at, broken) {
                        *cursor = Cursor::new(self.text, end);
                        continue;
                    }
                    let next = self.find_record(at + 1, self.text.len());
                    self.lose(at, next.unwrap_or(self.text.len()), broken == Broken::End && next.is_none());
                    match next {
                        Some(next) => *cursor = Cursor::new(self.text, next),
                        None => return Some(Next::Resume(self.text.len())),
                    }
                }
            }
        }
    }

    fn take(&mut self, value: &Json<'t>, kind: &str, at: usize, lists: &mut Lists) {
        let known = value.is_object() && self.visitor.element(value, kind, at as u64);
        if known {
            lists.recognised = true;
            self.known += 1;
        } else {
            self.unrecognised(at);
        }
    }

    fn flush(&mut self, pending: Vec<(Json<'t>, usize)>, kind: &str, lists: &mut Lists) {
        for (value, at) in pending {
            self.take(&value, kind, at, lists);
        }
    }

    fn hint(&mut self, members: Members<'t>) {
        if !members.is_empty() {
            self.visitor.hint(&Json::Object(members));
        }
    }

    fn unrecognised(&mut self, at: usize) {
        self.walk.note_unrecognised(at);
    }

    fn lose(&mut self, from: usize, to: usize, cut_off: bool) {
        self.walk.lost.extend(lost(self.text, from, to, cut_off));
    }

    /// Where the value ends that has more values in it than are read as one: it is lost as a whole.
    fn behind_many(&mut self, start: usize, broken: Broken) -> Option<usize> {
        let mut cursor = Cursor::new(self.text, start);
        if broken != Broken::TooMany || cursor.pass_value().is_err() {
            return None;
        }
        self.lose(start, cursor.at(), false);
        Some(cursor.at())
    }

    /// The next whole object that is a record and begins in this range.
    fn find_record(&mut self, from: usize, to: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let rest = self.text.as_bytes().get(at..to)?;
            let start = at + memchr::memchr(b'{', rest)?;
            let mut cursor = Cursor::new(self.text, start);
            let read = cursor.value();
            let cost = cursor.at().saturating_sub(start);
            if let Ok(value) = read
                && self.visitor.is_record(&value)
            {
                return Some(start);
            }
            self.budget = self.budget.checked_sub(cost)?;
            at = start + 1;
        }
    }
}

/// What became of the lists of one document.
#[derive(Clone, Copy, Debug, Default)]
struct Lists {
    /// It has one.
    seen: bool,
    /// With elements.
    any: bool,
    /// At least one of which was recognised.
    recognised: bool,
}

/// What the members read so far say that the object is.
pub(crate) fn kind_of(members: &[(Cow<'_, str>, Json<'_>)]) -> String {
    members
        .iter()
        .rev()
        .find(|(key, _)| key.eq_ignore_ascii_case("kind"))
        .map_or_else(String::new, |(_, value)| value.text())
}

#[cfg(test)]
mod tests;

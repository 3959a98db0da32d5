//! Walks a text that holds JSON documents: one or many, with prompts, warnings or logs between them, whole or damaged. Lists of
//! objects are handed over element by element, so that one bad object costs only itself, and what is lost is counted as the
//! contract says (Inputs, `lost_bytes`).

use crate::json::{Broken, Cursor, Json};
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

/// Members whose elements are records of their own: Kubernetes lists, Azure lists and metrics, backend health, Log Analytics.
const LIST_KEYS: [&str; 6] = ["items", "value", "values", "data", "services", "tables"];

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
    let mut walker =
        Walker { text, visitor, walk: Walk::default(), budget: text.len().saturating_mul(8).saturating_add(4 << 20) };
    walker.run();
    walker.walk
}

struct Walker<'t, 'v> {
    text: &'t str,
    visitor: &'v mut dyn Visitor,
    walk: Walk,
    /// Bytes that searching behind damage may still read, so that hostile text costs linear time.
    budget: usize,
}

type Members<'t> = Vec<(Cow<'t, str>, Json<'t>)>;

impl<'t> Walker<'t, '_> {
    fn run(&mut self) {
        let mut at = 0;
        if crate::fragment::begins_inside(self.text)
            && let Some(first) = self.find_record(0, self.text.len())
        {
            self.lose(0, first, false);
            at = first;
        }
        let mut stray = None;
        loop {
            let mut cursor = Cursor::new(self.text, at);
            cursor.blanks();
            while cursor.take(b',') {
                cursor.blanks();
            }
            at = cursor.at();
            let unrecognised = self.walk.unrecognised;
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
            stray = (self.walk.unrecognised > unrecognised).then_some(begin);
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
        let mut lists = Lists::default();
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
                    if cursor.peek() == Some(b'[') && LIST_KEYS.iter().any(|name| key.eq_ignore_ascii_case(name)) {
                        cursor.skip(1);
                        lists.seen = true;
                        let envelope = Json::Object(members);
                        self.visitor.list_hint(&key, &envelope);
                        members = if let Json::Object(members) = envelope { members } else { Vec::new() };
                        let kind = kind_of(&members);
                        let stopped = self.elements(&mut cursor, &kind, Some(&mut pending), &mut lists);
                        if let Some(stopped) = stopped {
                            self.hint(members);
                            self.flush(pending, &kind, &mut lists);
                            return stopped;
                        }
                        None
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
        } else if !self.visitor.element(&value, "", start as u64) {
            self.unrecognised(start);
        }
        Next::After(end)
    }

    fn array(&mut self, start: usize) -> Next {
        let mut cursor = Cursor::new(self.text, start + 1);
        cursor.blanks();
        // A log line may begin with a bracket, too.
        if !matches!(cursor.peek(), None | Some(b'{' | b'[' | b']')) {
            let mut whole = Cursor::new(self.text, start);
            return match whole.value() {
                Ok(_) => {
                    self.unrecognised(start);
                    Next::After(whole.at())
                }
                Err(_) => Next::Text,
            };
        }
        let mut lists = Lists::default();
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
            cursor.blanks();
            while cursor.take(b',') {
                cursor.blanks();
            }
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

fn kind_of(members: &Members<'_>) -> String {
    members
        .iter()
        .rev()
        .find(|(key, _)| key.eq_ignore_ascii_case("kind"))
        .map_or_else(String::new, |(_, value)| value.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Knows objects that have a name.
    #[derive(Default)]
    struct Names {
        seen: Vec<String>,
        hints: usize,
    }

    impl Visitor for Names {
        fn element(&mut self, value: &Json<'_>, list_kind: &str, _at: u64) -> bool {
            let Some(name) = value.get("name").as_str() else { return false };
            self.seen.push(format!("{list_kind}{name}"));
            true
        }

        fn hint(&mut self, _members: &Json<'_>) {
            self.hints += 1;
        }

        fn is_record(&self, value: &Json<'_>) -> bool {
            value.get("name").as_str().is_some()
        }
    }

    fn run(text: &str) -> (Vec<String>, Walk) {
        let mut names = Names::default();
        let walk = walk(text, &mut names);
        (names.seen, walk)
    }

    #[test]
    fn documents_follow_each_other_with_text_between() {
        let text = "WARNING: [beta] {braces}\n$ kubectl get x\n{\"name\":\"a\"}{\"name\":\"b\"}\n\
                    [INFO] done\n==== START logs for container x of pod y/z ====\n{\"name\":\"not me\"}\n\
                    ==== END logs for container x of pod y/z ====\n[{\"name\":\"c\"},\n{\"name\":\"d\"}]\n";
        let (seen, walk) = run(text);
        assert_eq!(seen, ["a", "b", "c", "d"]);
        assert_eq!(walk, Walk { text_lines: 3, container_logs: 1, ..Walk::default() });
    }

    #[test]
    fn elements_learn_the_kind_of_their_list_wherever_it_stands() {
        assert_eq!(run(r#"{"items":[{"name":"a"}],"kind":"PodList"}"#).0, ["PodLista"]);
        assert_eq!(run(r#"{"kind":"PodList","items":[{"name":"a"}]}"#).0, ["PodLista"]);
        assert_eq!(run(r#"{"kind":"PodList","items":null}"#).0, Vec::<String>::new());
    }

    #[test]
    fn one_bad_object_costs_only_itself() {
        let (seen, walk) = run(r#"{"items":[{"name":"a"},{"name":"b",oops},{"name":"c"}]}"#);
        assert_eq!(seen, ["a", "c"]);
        assert_eq!(walk.lost, [Lost { byte: 23, lost: r#"{"name":"b"oops}"#.len() as u64, cut_off: false }]);
    }

    #[test]
    fn a_text_cut_anywhere_yields_every_whole_object() {
        let text = r#"{"items":[{"name":"a","x":{"y":[1,2]}},{"name":"b"},{"name":"c"}],"kind":"L"}"#;
        let ends = [
            text.find(",{\"name\":\"b").unwrap(),
            text.find(",{\"name\":\"c").unwrap(),
            text.find("],\"kind").unwrap(),
        ];
        for cut in 0..=text.len() {
            let (seen, walk) = run(&text[..cut]);
            let whole = ends.iter().filter(|&&end| cut >= end).count();
            assert_eq!(seen.len(), whole, "{cut}");
            let begun = [10, ends[0] + 1, ends[1] + 1].into_iter().rfind(|&begin| cut > begin);
            let expected = match begun {
                Some(begin) if whole < 3 && !ends.iter().any(|&end| end > begin && cut >= end) => {
                    text[begin..cut].bytes().filter(|byte| *byte != b',').count()
                }
                None if cut < 10 => text[..cut].len(),
                _ => 0,
            };
            let lost: u64 = walk.lost.iter().map(|lost| lost.lost).sum();
            assert_eq!(lost, expected as u64, "{cut} {:?}", &text[..cut]);
        }
    }

    #[test]
    fn a_text_that_begins_inside_an_object_yields_the_rest() {
        let (seen, walk) = run(r#"","phase":"Running"}},{"name":"b"},{"name":"c"}],"kind":"L"}"#);
        assert_eq!(seen, ["b", "c"]);
        assert_eq!(walk.lost.len(), 1);
        assert_eq!(walk.lost[0].lost, r#""""phase":"Running"}}"#.len() as u64 - 1);
    }

    #[test]
    fn hostile_texts_end_soon() {
        for text in [
            "[".repeat(100_000),
            "{\"a\":".repeat(100_000),
            "{\"".repeat(100_000),
            "[{},".repeat(100_000),
            "{\"items\":[".repeat(50_000),
        ] {
            let _ = run(&text);
        }
    }
}

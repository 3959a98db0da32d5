//! Finds Kubernetes objects in YAML text by its lines alone: documents between `---`, items of a list by their dashes. Each
//! is parsed by itself, so that memory stays small and damage in one costs no other.

use crate::documents::{Visitor, Walk, lost};
use crate::json::Json;

/// Lines that are looked at to tell Kubernetes' YAML from any other.
pub(super) const LOOK_LINES: usize = 400;

/// Keys that an object or list begins with, as `kubectl` sorts them or people write them.
const FIRST_KEYS: [&str; 7] =
    ["apiVersion:", "kind:", "items:", "metadata:", "object:", "addressType:", "aggregationRule:"];
/// Those of them that may stand before the version.
const BEFORE_VERSION: [&str; 2] = ["addressType:", "aggregationRule:"];

/// Whether a line begins here that YAML of Kubernetes may begin with: a cheap look.
pub(crate) fn seems(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let rest = rest.strip_prefix("- ").unwrap_or(rest);
    rest.starts_with("---") || rest.starts_with('#') || FIRST_KEYS.iter().any(|key| rest.starts_with(key))
}

/// Whether YAML of Kubernetes begins at this line start.
pub(crate) fn begins(text: &str, at: usize) -> bool {
    let Some(rest) = text.get(at..) else { return false };
    let starts = |line: &str| {
        let line = line.strip_prefix("- ").unwrap_or(line);
        FIRST_KEYS
            .iter()
            .any(|key| line.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\r'])))
    };
    let mut lines = rest.lines();
    let telling = if rest.starts_with("---") || rest.starts_with('#') {
        lines.find(|line| !(line.trim().is_empty() || line.starts_with("---") || line.starts_with('#')))
    } else {
        lines.next()
    };
    telling.is_some_and(starts) && is_kubernetes(rest)
}

fn is_kubernetes(rest: &str) -> bool {
    let (mut version, mut kind) = (false, false);
    for line in rest.lines().take(LOOK_LINES) {
        // A kubeconfig holds credentials: it is not looked into.
        if line.starts_with("current-context:") {
            return false;
        }
        let line = line.trim_start_matches([' ', '-']);
        version |= line.starts_with("apiVersion:");
        kind |= line.starts_with("kind:");
    }
    version && kind
}

/// Whether it begins at any line of the text.
pub(crate) fn found(text: &str) -> bool {
    let mut at = 0;
    text.split_inclusive('\n').any(|line| {
        let here = at + (line.len() - line.trim_start_matches('\u{FEFF}').len());
        at += line.len();
        // A comment before the first key is no proof.
        !line.starts_with('#') && begins(text, here)
    })
}

/// A line of the block.
pub(super) struct Line<'t> {
    /// Where it begins, and where the next one does.
    pub(super) at: usize,
    pub(super) end: usize,
    /// How far it is indented; `None` when blank or a comment.
    pub(super) indent: Option<usize>,
    pub(super) body: &'t str,
}

/// The lines from this place on; the last may lack its end.
pub(super) fn lines(text: &str, from: usize) -> impl Iterator<Item = Line<'_>> {
    let mut at = from;
    text.get(from..).unwrap_or_default().split_inclusive('\n').map(move |raw| {
        let body = raw.trim_end();
        let blank = body.is_empty() || body.trim_start().starts_with('#');
        let indent = (!blank).then(|| body.len() - body.trim_start_matches(' ').len());
        let line = Line { at, end: at + raw.len(), indent, body };
        at = line.end;
        line
    })
}

/// How a line at the margin ends the document before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It parts two documents.
    Separator,
    /// Documents were only put together: the next one begins here.
    Anew(usize),
    /// It is no YAML any more.
    Block,
}

/// Tells where documents end, line by line.
#[derive(Default)]
pub(super) struct Parting {
    versions: usize,
    /// Where the line before begins, when it is one that may stand before the version.
    before: Option<usize>,
}

impl Parting {
    /// Behind the beginning of a document.
    pub(super) fn behind(beginning: &str) -> Self {
        let versions = usize::from(beginning.lines().any(is_version));
        Self { versions, before: None }
    }

    /// Whether this line ends the document.
    pub(super) fn part(&mut self, line: &Line<'_>) -> Option<Part> {
        let before = std::mem::take(&mut self.before);
        if BEFORE_VERSION.iter().any(|key| line.body.starts_with(key)) {
            self.before = Some(line.at);
        }
        if line.indent != Some(0) {
            return None;
        }
        if ends_block(line.body) {
            return Some(Part::Block);
        }
        if ["---", "..."].iter().any(|mark| line.body == *mark || line.body.starts_with("--- ")) {
            *self = Self::default();
            return Some(Part::Separator);
        }
        self.versions += usize::from(is_version(line.body));
        (self.versions > 1).then(|| {
            self.versions = 1;
            Part::Anew(before.unwrap_or(line.at))
        })
    }
}

fn is_version(line: &str) -> bool {
    line.starts_with("apiVersion:")
}

/// Reads the block of YAML that begins at `start`, and returns where it ends.
pub(crate) fn walk(text: &str, start: usize, visitor: &mut dyn Visitor, walk: &mut Walk) -> usize {
    let mut document: Vec<Line<'_>> = Vec::new();
    let mut parting = Parting::default();
    for line in lines(text, start) {
        match parting.part(&line) {
            None => {}
            Some(Part::Block) => {
                read_document(text, &document, line.at, visitor, walk);
                return line.at;
            }
            Some(Part::Separator) => {
                read_document(text, &document, line.at, visitor, walk);
                document.clear();
                continue;
            }
            Some(Part::Anew(at)) => {
                let carried = document.pop_if(|line| line.at >= at);
                read_document(text, &document, at, visitor, walk);
                document.clear();
                document.extend(carried);
            }
        }
        document.push(line);
    }
    read_document(text, &document, text.len(), visitor, walk);
    text.len()
}

/// Whether a line at the margin is no YAML: a prompt, JSON, a table, a container's log.
fn ends_block(line: &str) -> bool {
    line.starts_with(['{', '[', '❯', '$', '>', '=', '%', '`', '~'])
        || line.starts_with("PS ")
        || line.contains("$ kubectl ")
        || crate::kubernetes::table::is_header(line)
}

fn read_document(text: &str, lines: &[Line<'_>], end: usize, visitor: &mut dyn Visitor, walk: &mut Walk) {
    let Some(first) = lines.iter().position(|line| line.indent.is_some()) else { return };
    let Some((from, to)) = items(lines, first) else {
        let start = lines.get(first).map_or(end, |line| line.at);
        if let Some(piece) = text.get(start..end) {
            match super::value(piece) {
                Some(Json::Null) => {}
                Some(value) => {
                    if !(value.is_object() && visitor.element(&value, "", start as u64)) {
                        walk.note_unrecognised(start);
                    }
                }
                None => walk.lost.extend(lost(text, start, end, false)),
            }
        }
        return;
    };
    let line_at = |index: usize| lines.get(index).map_or(end, |line| line.at);
    // The envelope is what stands around the items.
    let mut envelope = text.get(line_at(first)..line_at(from)).unwrap_or_default().to_owned();
    let behind = text.get(line_at(to)..end).unwrap_or_default();
    envelope.push_str(behind);
    let envelope = super::value(&envelope).unwrap_or(Json::Null);
    visitor.hint(&envelope);
    let kind = envelope.get("kind").text();
    // kubectl ends a list with its kind: one that does not come was cut off inside its last item.
    let ends =
        kind.is_empty() && behind.trim().is_empty() && !envelope.get("apiVersion").is_null() && end == text.len();
    let dash = lines.get(from).and_then(|line| line.indent);
    let begins: Vec<usize> =
        (from..to).filter(|&index| lines.get(index).is_some_and(|line| line.indent == dash && is_item(line))).collect();
    // Anchors hold for the whole document: items that stand for each other's parts are read together.
    let shared = aliased(text.get(line_at(from)..line_at(to)).unwrap_or_default());
    let shared: Vec<&Json<'_>> = shared.iter().flat_map(Json::elements).collect();
    for (index, &item) in begins.iter().enumerate() {
        let last = index + 1 == begins.len();
        let (start, stop) = (line_at(item), begins.get(index + 1).map_or(line_at(to), |&next| line_at(next)));
        let record = text.get(start..stop).and_then(super::value);
        let record = record.as_ref().and_then(|list| list.elements().next());
        let record = record.or_else(|| shared.get(index).filter(|_| shared.len() == begins.len()).copied());
        let inside = start + dash.unwrap_or(0) + 2;
        match record {
            Some(value) if value.is_object() && !(last && ends) => {
                if !visitor.element(value, &kind, inside as u64) {
                    walk.note_unrecognised(inside);
                }
            }
            _ => walk.lost.extend(lost(text, inside.min(stop), stop, last && ends)),
        }
    }
}

/// The items as one value, when some of them may be aliases.
fn aliased(items: &str) -> Option<Json<'_>> {
    (holds(items, [": &", "- &"]) && holds(items, [": *", "- *"])).then(|| super::value(items)).flatten()
}

/// Whether a text may hold anchors or aliases: then it is not read without the rest of its document.
pub(crate) fn may_share(text: &str) -> bool {
    holds(text, [": &", "- &"]) || holds(text, [": *", "- *"])
}

fn holds(text: &str, marks: [&str; 2]) -> bool {
    marks.iter().any(|mark| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some())
}

pub(super) fn is_item(line: &Line<'_>) -> bool {
    let body = line.body.trim_start();
    body == "-" || body.starts_with("- ")
}

/// Whether items follow under this line.
pub(super) fn is_items_key(line: &Line<'_>) -> bool {
    let rest = line.body.strip_prefix("items:").filter(|_| line.indent == Some(0)).map(str::trim_start);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
}

/// The lines of a list's items: a document that is a list, or the lines under `items:`. `None` when it is one object.
fn items(lines: &[Line<'_>], first: usize) -> Option<(usize, usize)> {
    let key = lines.iter().position(is_items_key);
    let from = match key {
        Some(key) => (key + 1..lines.len()).find(|&at| lines.get(at).is_some_and(|line| line.indent.is_some()))?,
        None => first,
    };
    let begin = lines.get(from).filter(|line| is_item(line))?;
    let over = |line: &Line<'_>| {
        let margin = begin.indent.unwrap_or(0);
        line.indent.is_some_and(|indent| indent < margin || (indent == margin && !is_item(line)))
    };
    let to = (from + 1..lines.len()).find(|&at| lines.get(at).is_some_and(over));
    Some((from, to.unwrap_or(lines.len())))
}

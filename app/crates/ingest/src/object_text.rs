//! An object's own lines in a text that holds more, and the field in it that matters: how far JSON, YAML or a row reaches is told
//! from its beginning, so that only this is kept of each object.

use crate::colours::blanked;
use crate::json::{Cursor, Json};
use std::borrow::Cow;
use std::ops::Range;
use underlay_model::time::parse_rfc3339;

/// The lines of the object that begins with `from`, in three parts: before the field, the field (a path of keys, of names or types of
/// list elements, and of their numbers; the longest beginning of it that is there), after it. Lines are moved left by as much as the
/// first one is indented behind `before`. Where `from` ends inside the object, so does the last part.
pub fn object_text(before: &[u8], from: &[u8], field: &str) -> [String; 3] {
    let text = blanked(String::from_utf8_lossy(from));
    let line = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    let column = if line.iter().all(|byte| matches!(byte, b' ' | b'-')) { line.len() } else { 0 };
    let path: Vec<&str> = field.split('/').filter(|key| !key.is_empty()).collect();
    let (end, mark) = match text.as_bytes().first() {
        Some(b'{' | b'[') => {
            (end_of_json(&text), longest(&path, &|path| json_field(&mut Cursor::new(&text, 0), &text, path)))
        }
        _ if is_yaml(&text) => {
            let lines = yaml_lines(&text, column);
            let end = lines.last().map_or(0, |line| line.range.end);
            (end, longest(&path, &|path| yaml_field(&lines, path)))
        }
        _ => (text.find('\n').unwrap_or(text.len()), None),
    };
    let mark = mark.unwrap_or(0..0);
    let indent = ["\n", &" ".repeat(column)].concat();
    let part = |range: Range<usize>| text.get(range).unwrap_or_default().trim_end_matches('\r').replace(&indent, "\n");
    [part(0..mark.start), part(mark.clone()), part(mark.end..end.max(mark.end))]
}

fn end_of_json(text: &str) -> usize {
    let mut cursor = Cursor::new(text, 0);
    if cursor.value().is_ok() { cursor.at() } else { text.len() }
}

/// What is found of the path, or of what is left of it without its last keys.
fn longest(path: &[&str], find: &dyn Fn(&[&str]) -> Option<Range<usize>>) -> Option<Range<usize>> {
    (1..=path.len()).rev().find_map(|length| find(path.get(..length)?))
}

/// The member or element that the path leads to, from a value on.
fn json_field(cursor: &mut Cursor<'_>, text: &str, path: &[&str]) -> Option<Range<usize>> {
    let (wanted, rest) = path.split_first()?;
    cursor.blanks();
    let is_object = cursor.take(b'{');
    if !is_object && !cursor.take(b'[') {
        return None;
    }
    for number in 0usize.. {
        cursor.blanks();
        let start = cursor.at();
        let key = if is_object { cursor.key().ok()? } else { Cow::Borrowed("") };
        let value_at = cursor.at();
        let value = cursor.value().ok()?;
        let is_it = match is_object {
            true => key.eq_ignore_ascii_case(wanted),
            false => wanted.parse() == Ok(number) || is_called(&value, wanted),
        };
        let inside = |path: &[&str]| json_field(&mut Cursor::new(text, value_at), text, path);
        let found = match (is_it, rest.is_empty()) {
            (true, true) => Some(start..cursor.at()),
            (true, false) => inside(rest),
            // A list on the way that the path does not mention, or the shape of Azure's resource manager.
            (false, _) if !is_object || key == "properties" => inside(path),
            (false, _) => None,
        };
        if found.is_some() || !cursor.more(if is_object { b'}' } else { b']' }).ok()? {
            return found;
        }
    }
    None
}

/// Whether an element of a list has this name, type or address, or is of this time.
fn is_called(value: &Json<'_>, wanted: &str) -> bool {
    let time = || value.get("timeStamp").time();
    ["name", "type", "ip", "address"].iter().any(|key| value.get(key).as_str() == Some(wanted))
        || (wanted.ends_with('Z') && time().is_some_and(|time| parse_rfc3339(wanted) == Some(time)))
}

/// A key, and behind it a colon and a blank or nothing.
fn is_yaml(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let key = first.split([' ', '\t']).next().unwrap_or_default();
    key.len() > 1 && key.ends_with(':')
}

/// A line of YAML.
struct YamlLine<'t> {
    /// Without blanks around it.
    range: Range<usize>,
    /// Dashes of lists included.
    indent: usize,
    /// An element of a list begins here.
    dash: bool,
    /// Behind the indentation; empty for comments, too.
    body: &'t str,
}

/// The lines of the object that begins in this column.
fn yaml_lines(text: &str, column: usize) -> Vec<YamlLine<'_>> {
    let mut lines: Vec<YamlLine<'_>> = Vec::new();
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let whole = raw.trim_end();
        let body = whole.trim_start_matches(' ').trim_start_matches("- ");
        let blank = body.is_empty() || body.starts_with('#');
        let indent = if at == 0 { column } else { whole.len() - body.len() };
        let dash = at > 0 && whole.trim_start().starts_with("- ");
        let margin = if dash { indent - 2 } else { indent };
        let versioned = |line: &YamlLine<'_>| line.indent == 0 && line.body.starts_with("apiVersion:");
        let anew = body.starts_with(['{', '[', '$'])
            || body.starts_with("---")
            || body == "..."
            || (body.starts_with("apiVersion:") && lines.iter().any(versioned));
        if at > 0 && !blank && (margin < column || (indent == 0 && anew)) {
            break;
        }
        let range = at + raw.len() - raw.trim_start_matches(' ').len()..at + whole.len();
        lines.push(YamlLine { range, indent, dash, body: if blank { "" } else { body } });
        at += raw.len();
    }
    while lines.pop_if(|line| line.body.is_empty()).is_some() {}
    lines
}

/// The lines that the path leads to.
fn yaml_field(lines: &[YamlLine<'_>], path: &[&str]) -> Option<Range<usize>> {
    let mut inside = lines;
    for wanted in path {
        let is_it = |line: &YamlLine<'_>| match line.body.split_once(": ").or_else(|| line.body.split_once(':')) {
            Some((key, value)) => key == *wanted || (matches!(key, "name" | "type") && value == *wanted),
            None => false,
        };
        // Of several the outermost.
        let indent = inside.iter().filter(|line| is_it(line)).map(|line| line.indent).min()?;
        let mut from = inside.iter().position(|line| line.indent == indent && is_it(line))?;
        let named = inside.get(from).is_some_and(|line| !line.body.starts_with(*wanted));
        if named {
            // The element that has this name begins with a dash.
            from = inside.get(..=from)?.iter().rposition(|line| line.dash && line.indent == indent)?;
        }
        let behind = |line: &YamlLine<'_>| {
            let over = if line.dash && named { line.indent <= indent } else { line.indent < indent };
            !line.body.is_empty() && (over || (line.indent == indent && !line.dash && !named))
        };
        let to = inside.iter().skip(from + 1).position(behind).map_or(inside.len(), |more| from + 1 + more);
        inside = inside.get(from..to)?;
    }
    Some(inside.first()?.range.start..inside.last()?.range.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"items": [
        {
            "kind": "Pod",
            "metadata": {"name": "a"},
            "status": {
                "conditions": [{"type": "Other", "status": "True"}, {"type": "Ready", "status": "False"}]
            }
        }, {"kind": "Pod"}]}"#;

    fn of(text: &str, begins: &str, field: &str) -> [String; 3] {
        let at = text.find(begins).unwrap();
        object_text(&text.as_bytes()[..at], &text.as_bytes()[at..], field)
    }

    #[test]
    fn json_ends_with_its_bracket_and_marks_members_and_named_elements() {
        let [before, mark, after] = of(JSON, "{\n            \"kind\"", "status/conditions/Ready");
        assert!(before.starts_with("{\n    \"kind\": \"Pod\",\n    \"metadata\""), "{before}");
        assert_eq!(mark, r#"{"type": "Ready", "status": "False"}"#);
        assert_eq!(after, "]\n    }\n}");
        let coloured = JSON.replace("\"metadata\"", "\u{1b}[94m\"metadata\"\u{1b}[0m");
        let [_, mark, _] = of(&coloured, "{\n            \"kind\"", "metadata/labels/app");
        assert_eq!(mark.trim_start(), "\"metadata\"    : {\"name\": \"a\"}", "the longest beginning that is there");
        let [_, mark, _] = of(r#"[{"a": 1}, {"b": {"c": [1, 2]}}]"#, "[", "b/c/1");
        assert_eq!(mark, "2");
    }

    #[test]
    fn yaml_ends_where_less_is_indented_or_another_document_begins() {
        let list = "items:\n- apiVersion: v1\n  kind: Pod\n  status:\n    conditions:\n    - status: \"True\"\n      type: Other\n    - status: \"False\"\n      type: Ready\n    phase: Running\n- kind: Service\nkind: List\n";
        let [before, mark, after] = of(list, "apiVersion", "status/conditions/Ready");
        assert!(before.starts_with("apiVersion: v1\nkind: Pod\n"), "{before}");
        assert_eq!(mark, "- status: \"False\"\n    type: Ready");
        assert_eq!(after, "\n  phase: Running");
        let [_, mark, _] = of(list, "apiVersion", "status/conditions");
        assert!(mark.ends_with("type: Ready") && mark.starts_with("conditions:"), "{mark}");
        let documents = "kind: Pod\napiVersion: v1\nspec:\n  a: 1\n---\nkind: Node\n";
        assert_eq!(of(documents, "kind", "spec").concat(), "kind: Pod\napiVersion: v1\nspec:\n  a: 1");
        let anew = "apiVersion: v1\nkind: Pod\napiVersion: v1\nkind: Node\n";
        assert_eq!(of(anew, "apiVersion", "").concat(), "apiVersion: v1\nkind: Pod");
    }

    #[test]
    fn a_row_ends_with_its_line_and_damage_breaks_nothing() {
        assert_eq!(of("NAME READY\r\nweb  1/1\r\ndb   0/1", "web", "status").concat(), "web  1/1");
        assert_eq!(of("{\"a\": {\"b\": 1", "{", "a/b").concat(), "{\"a\": {\"b\": 1");
        assert_eq!(object_text(b"", b"", "a").concat(), "");
        assert_eq!(object_text(b"\n  ", b"\xFF\xFE: {", "a").concat().trim_end(), "\u{FFFD}\u{FFFD}: {");
    }

    proptest::proptest! {
        #[test]
        fn it_never_panics(before in "[- \n{a]{0,6}", text in "[\\[\\]{}\",:\n a-c0-]{0,40}", field in "[a-c0/]{0,5}") {
            let parts = object_text(before.as_bytes(), text.as_bytes(), &field);
            proptest::prop_assert!(parts.concat().len() <= text.len());
        }
    }
}

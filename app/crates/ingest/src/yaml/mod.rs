//! YAML as `kubectl` prints it and people write it, read into the same values as JSON, so that one reader a kind serves both.
//! The grammar is a library's; here its events become values. [`block`] finds the records in a text, so that a damaged one
//! costs only itself.

pub(crate) mod arriving;
pub(crate) mod block;

use crate::json::Json;
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::borrow::Cow;

/// Levels of nesting that are read, as in JSON.
const DEPTH_LIMIT: usize = 128;
/// Values that aliases may add to a record: enough for people, too few for a bomb.
const ALIAS_LIMIT: usize = 20_000;

/// A list or mapping that is not closed yet.
struct Open<'t> {
    anchor: usize,
    /// Of a mapping the members so far.
    members: Option<Vec<(Cow<'t, str>, Json<'t>)>>,
    /// Of a mapping the key whose value comes next.
    key: Option<Cow<'t, str>>,
    elements: Vec<Json<'t>>,
}

#[derive(Default)]
struct Builder<'t> {
    open: Vec<Open<'t>>,
    anchors: Vec<(usize, Json<'t>)>,
    aliased: usize,
    root: Option<Json<'t>>,
}

/// The value of the first document of a text; `None` when it is no YAML, too deep, or too large by its aliases.
pub(crate) fn value(text: &str) -> Option<Json<'_>> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        match event.ok()?.0 {
            Event::Scalar(text, style, anchor, _) => builder.put(scalar(text, style), anchor)?,
            Event::SequenceStart(anchor, _) => builder.begin(anchor, None)?,
            Event::MappingStart(anchor, _) => builder.begin(anchor, Some(Vec::new()))?,
            Event::SequenceEnd | Event::MappingEnd => builder.end()?,
            Event::Alias(anchor) => builder.alias(anchor)?,
            Event::DocumentEnd => break,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
    }
    builder.root
}

/// What a scalar says. Quoted ones are text; plain ones stay as written, but for truth values and null: numbers are read from
/// text as well, and what older YAML took for a truth value (`on`, `yes`) is text in Kubernetes.
fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Json<'_> {
    if style == ScalarStyle::Plain {
        match text.as_ref() {
            "" | "~" | "null" | "Null" | "NULL" => return Json::Null,
            "true" | "True" | "TRUE" => return Json::Bool(true),
            "false" | "False" | "FALSE" => return Json::Bool(false),
            _ => {}
        }
    }
    Json::Text(text)
}

impl<'t> Builder<'t> {
    fn begin(&mut self, anchor: usize, members: Option<Vec<(Cow<'t, str>, Json<'t>)>>) -> Option<()> {
        if self.open.len() >= DEPTH_LIMIT {
            return None;
        }
        self.open.push(Open { anchor, members, key: None, elements: Vec::new() });
        Some(())
    }

    fn end(&mut self) -> Option<()> {
        let Open { anchor, members, elements, .. } = self.open.pop()?;
        self.put(members.map_or(Json::List(elements), |members| Json::Object(merged(members))), anchor)
    }

    fn alias(&mut self, anchor: usize) -> Option<()> {
        let value = self.anchors.iter().rev().find(|(known, _)| *known == anchor)?.1.clone();
        self.aliased += size(&value);
        if self.aliased > ALIAS_LIMIT {
            return None;
        }
        self.put(value, 0)
    }

    fn put(&mut self, value: Json<'t>, anchor: usize) -> Option<()> {
        if anchor > 0 {
            self.aliased += size(&value);
            if self.aliased > ALIAS_LIMIT {
                return None;
            }
            self.anchors.push((anchor, value.clone()));
        }
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open { members: None, elements, .. }) => elements.push(value),
            Some(Open { members: Some(members), key, .. }) => match key.take() {
                Some(key) => members.push((key, value)),
                None => *key = Some(key_of(value)?),
            },
        }
        Some(())
    }
}

/// Members with those that `<<` merges into them in front, where what stands in the mapping itself overrides them.
fn merged<'t>(members: Vec<(Cow<'t, str>, Json<'t>)>) -> Vec<(Cow<'t, str>, Json<'t>)> {
    if !members.iter().any(|(key, _)| key == "<<") {
        return members;
    }
    let (merges, own): (Vec<_>, Vec<_>) = members.into_iter().partition(|(key, _)| key == "<<");
    let mut all = Vec::new();
    for (_, value) in merges {
        // Of several mappings the first counts.
        let mappings = if let Json::List(list) = value { list.into_iter().rev().collect() } else { vec![value] };
        for mapping in mappings {
            all.extend(if let Json::Object(members) = mapping { members } else { Vec::new() });
        }
    }
    all.extend(own);
    all
}

/// A key as text; Kubernetes has no others.
fn key_of(value: Json<'_>) -> Option<Cow<'_, str>> {
    match value {
        Json::Text(text) => Some(text),
        Json::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
        Json::Null => Some(Cow::Borrowed("null")),
        _ => None,
    }
}

/// How many values a value holds.
fn size(value: &Json<'_>) -> usize {
    1 + value.elements().map(size).sum::<usize>() + value.members_of().map(|(_, member)| size(member)).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scalars_are_what_kubernetes_takes_them_for() {
        let text = "a: true\nb: \"true\"\nc: null\nd: ~\ne: 8080\nf: '8080'\ng: on\nh: 1e3\ni:\nj: |\n  x: y\n  z\n\
                    k: a long\n  line that goes on\n# note\nl: {m: [1, 'two']}\n";
        let value = value(text).unwrap();
        assert_eq!((value.get("a"), value.get("b").as_str()), (&Json::Bool(true), Some("true")));
        assert!(["c", "d", "i"].iter().all(|key| value.get(key).is_null()));
        assert_eq!([value.get("e").port(), value.get("f").port()], [Some(8080); 2]);
        assert_eq!((value.get("g").as_str(), value.get("h").number()), (Some("on"), Some(1000)));
        assert_eq!(value.get("j").as_str(), Some("x: y\nz\n"));
        assert_eq!(value.get("k").as_str(), Some("a long line that goes on"));
        assert_eq!(value.get("l").list("m").count(), 2);
    }

    #[test]
    fn aliases_are_followed_and_bounded() {
        let shared = value("a: &x {b: 1}\nc: *x\n").unwrap();
        assert_eq!(shared.at(&["c", "b"]).number(), Some(1));
        let mut bomb = "a0: &a0 [x]\n".to_owned();
        for level in 1..40 {
            let list = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{list}]\n"));
        }
        assert_eq!(value(&bomb), None);
        let merged = value("x: &x {b: 1, c: 2}\ny: &y {b: 7, d: 8}\nz:\n  <<: [*x, *y]\n  c: 3\n").unwrap();
        let number = |key: &str| merged.at(&["z", key]).number();
        assert_eq!([number("b"), number("c"), number("d")], [Some(1), Some(3), Some(8)]);
    }

    #[test]
    fn what_is_no_yaml_or_too_deep_is_nothing() {
        for text in ["a: [1", "a: b: c", "*a", "? [a]\n: b", "a: \"x"] {
            assert_eq!(value(text), None, "{text}");
        }
        assert_eq!(value(&"- ".repeat(1000)), None);
        assert_eq!(value(&"[".repeat(100_000)), None);
    }

    proptest! {
        #[test]
        fn json_is_yaml_too(parts in proptest::collection::vec("[a-z]{1,5}|-?[0-9]{1,4}|true|null|\"[a-z :#'{}-]{0,8}\"", 0..8)) {
            let items: Vec<String> = parts.iter().map(|part| if part.starts_with(|c: char| c.is_ascii_lowercase()) && part != "true" && part != "null" { format!("\"{part}\"") } else { part.clone() }).collect();
            let text = format!("{{\"k\": [{}]}}", items.join(", "));
            let json = crate::json::Cursor::new(&text, 0).value().unwrap();
            let read = value(&text).unwrap();
            let texts = |value: &Json<'_>| -> Vec<String> { value.list("k").map(|one| one.boolean().map_or(one.text(), |b| b.to_string())).collect() };
            prop_assert_eq!(texts(&json), texts(&read));
        }

        #[test]
        fn no_text_makes_it_panic(text in "([a-c]: |- |[\\[\\]{},&*!|>'\"%@`?#:-]|\n|  |\t|---\n|x|\\\\|\u{e9}){0,40}") {
            let _ = value(&text);
        }
    }
}

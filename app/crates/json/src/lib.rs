//! A JSON reader that forgives what real files hold: raw control characters in strings, lone surrogates, numbers of any
//! size, repeated keys, keys in any case. It borrows from the text and reads one value at a time, so that a damaged value
//! costs no other; when one breaks off, the members read so far are still there.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod cursor;
mod pass;
mod spans;

pub use cursor::{Broken, Cursor};
use std::borrow::Cow;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'t> {
    /// Nothing, or what nobody asks for.
    Null,
    /// A truth value.
    Bool(bool),
    /// As written.
    Number(&'t str),
    /// Without its escapes.
    Text(Cow<'t, str>),
    /// A list.
    List(Vec<Json<'t>>),
    /// Names and values in the order of the text, repeated ones too.
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
}

/// What is read where nothing stands.
static NULL: Json<'static> = Json::Null;

/// Whether a member's name is this one as programs write it that read objects and print them again: `PodIP`, `pod_ip`.
fn is_named(name: &str, key: &str) -> bool {
    if name.len() <= key.len() {
        return name.eq_ignore_ascii_case(key);
    }
    let letters = name.bytes().filter(|byte| *byte != b'_');
    letters.map(|byte| byte.to_ascii_lowercase()).eq(key.bytes().map(|byte| byte.to_ascii_lowercase()))
}

impl<'t> Json<'t> {
    /// The member of this name, in any case, or in words with underscores; of repeated ones the last. Null when there is none, or this is no object.
    pub fn get(&self, key: &str) -> &Json<'t> {
        let Self::Object(members) = self else { return &NULL };
        let exact = members.iter().rev().find(|(name, _)| name == key);
        exact.or_else(|| members.iter().rev().find(|(name, _)| is_named(name, key))).map_or(&NULL, |(_, value)| value)
    }

    /// The member at the end of a path of names.
    pub fn at(&self, path: &[&str]) -> &Json<'t> {
        path.iter().fold(self, |value, key| value.get(key))
    }

    /// A member that Azure puts either here (CLI) or under `properties` (REST).
    pub fn arm(&self, key: &str) -> &Json<'t> {
        let here = self.get(key);
        if here.is_null() { self.get("properties").get(key) } else { here }
    }

    /// Elements of all lists under this name (a repeated key adds to the list).
    pub fn list(&self, key: &str) -> impl Iterator<Item = &Json<'t>> {
        let members = if let Self::Object(members) = self { members.as_slice() } else { &[] };
        members.iter().filter(move |(name, _)| is_named(name, key)).flat_map(|(_, value)| value.elements())
    }

    /// Like [`Json::list`], here or under `properties`.
    pub fn arm_list(&self, key: &str) -> impl Iterator<Item = &Json<'t>> {
        self.list(key).chain(self.get("properties").list(key))
    }

    /// Elements of a list; nothing for anything else.
    pub fn elements(&self) -> impl Iterator<Item = &Json<'t>> {
        if let Self::List(elements) = self { elements.iter() } else { [].iter() }
    }

    /// Names and values of an object; nothing for anything else.
    pub fn members_of(&self) -> impl Iterator<Item = (&str, &Json<'t>)> {
        let members = if let Self::Object(members) = self { members.as_slice() } else { &[] };
        members.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Whether it is null, or nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// A string, or a number as written; nothing for anything else.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(text) => Some(text),
            _ => None,
        }
    }

    /// Like [`Json::as_str`], empty when it is nothing.
    pub fn text(&self) -> String {
        self.as_str().unwrap_or_default().to_owned()
    }

    /// A whole number, also in a string.
    pub fn number(&self) -> Option<u64> {
        let text = self.as_str()?.trim();
        text.parse::<u64>().ok().or_else(|| {
            // 3.0 and 1e3 are whole numbers, too.
            let value = text.parse::<f64>().ok()?;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
            (value.fract() == 0.0 && (0.0..9e15).contains(&value)).then_some(value as u64)
        })
    }

    /// A port.
    pub fn port(&self) -> Option<u16> {
        self.number().and_then(|number| u16::try_from(number).ok())
    }

    /// A truth value, also as a string in any case.
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// A time in RFC 3339, or as Windows PowerShell writes it into JSON: `/Date(1795165200000)/`.
    pub fn time(&self) -> Option<underlay_model::time::Millis> {
        let text = self.as_str()?;
        let milliseconds = || text.strip_prefix("/Date(")?.strip_suffix(")/")?.parse().ok();
        underlay_model::time::parse_rfc3339(text).or_else(milliseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Json<'_>, Broken> {
        Cursor::new(text, 0).value()
    }

    fn as_serde(value: &Json<'_>) -> serde_json::Value {
        match value {
            Json::Null => serde_json::Value::Null,
            Json::Bool(value) => (*value).into(),
            Json::Number(text) => serde_json::from_str(text).unwrap(),
            Json::Text(text) => text.as_ref().into(),
            Json::List(elements) => elements.iter().map(as_serde).collect(),
            Json::Object(members) => members.iter().map(|(key, value)| (key.to_string(), as_serde(value))).collect(),
        }
    }

    #[test]
    fn forgives_control_characters_surrogates_and_huge_numbers() {
        assert_eq!(read("\"a\tb\nc\"").unwrap().text(), "a\tb\nc");
        assert_eq!(read(r#""\ud800x\uD83C\uDFD4""#).unwrap().text(), "\u{FFFD}x🏔");
        assert_eq!(read("[1e999, 99999999999999999999999999999999]").unwrap().elements().count(), 2);
    }

    #[test]
    fn names_are_known_in_the_writing_of_other_programs() {
        let value = read(r#"{"pod_ip":"a","PodIPs":[1],"pod_i_ps":[2],"host_ip_":"b","hostIPs":null}"#).unwrap();
        assert_eq!((value.get("podIP").as_str(), value.get("hostIP").as_str()), (Some("a"), Some("b")));
        assert_eq!(value.list("podIPs").count(), 2);
        assert!(value.get("pod").is_null() && value.get("podIPsX").is_null());
        // As it stands comes first.
        let value = read(r#"{"nodeName":"a","node_name":"b"}"#).unwrap();
        assert_eq!((value.get("nodeName").as_str(), value.get("node_name").as_str()), (Some("a"), Some("b")));
    }

    #[test]
    fn repeated_keys_keep_the_last_value_and_all_lists() {
        let value = read(r#"{"a":1,"items":[1],"Items":[2],"a":2,"items":null}"#).unwrap();
        assert_eq!(value.get("a").number(), Some(2));
        assert_eq!(value.list("items").count(), 2);
    }

    #[test]
    fn what_nothing_is_asked_of_is_passed_over_but_a_label_of_its_name_is_read() {
        let text = r#"{"fieldsV1":{"f:a":{}},"env":[{"name":"A"}],"labels":{"env":"prod","images":"","volumes":2},
            "kubectl.kubernetes.io/last-applied-configuration":"{\"a\":1}","b":2}"#;
        let passed = read(text).unwrap();
        assert!(
            ["fieldsV1", "env", "kubectl.kubernetes.io/last-applied-configuration"]
                .iter()
                .all(|key| passed.get(key).is_null())
        );
        let label = |key: &str| passed.at(&["labels", key]).as_str();
        assert_eq!([label("env"), label("images"), label("volumes")], [Some("prod"), Some(""), Some("2")]);
        assert_eq!(passed.get("b").number(), Some(2));
    }

    #[test]
    fn tells_an_end_from_damage_and_from_depth() {
        for cut in ["{\"a\":[tr", "{\"a", "[1, 2", "[1,", "\"\\u12", "{\"a\":nul"] {
            assert_eq!(read(cut), Err(Broken::End), "{cut}");
        }
        for bad in ["{a:1}", "[1 2]", "[tru]", "{\"a\" 1}", "\"\\x\"", "--1 "] {
            assert_eq!(read(bad), Err(Broken::Malformed), "{bad}");
        }
        assert_eq!(read(&"[".repeat(100_000)), Err(Broken::TooDeep));
        assert!(read(&format!("{}1{}", "[".repeat(100), "]".repeat(100))).is_ok());
    }

    #[test]
    fn what_would_fill_the_memory_is_passed_over_and_not_read() {
        let list = |values: usize| format!("[{}1]", "1,".repeat(values - 1));
        assert!(read(&list(5_000_000)).is_ok());
        assert_eq!(read(&list(6_000_000)), Err(Broken::TooMany));
        let text = format!("{} 7", list(6_000_000));
        let mut cursor = Cursor::new(&text, 0);
        assert_eq!((cursor.pass_value(), cursor.value().is_err()), (Ok(()), true));
    }

    #[test]
    fn reads_numbers_and_words_from_strings() {
        let value = read(r#"{"n":"57","f":3.0,"b":"True","neg":-1}"#).unwrap();
        assert_eq!((value.get("n").number(), value.get("f").number()), (Some(57), Some(3)));
        assert_eq!((value.get("b").boolean(), value.get("neg").number()), (Some(true), None));
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let text = format!("{text} ");
            prop_assert_eq!(as_serde(&read(&text).unwrap()), value);
        }

        #[test]
        fn never_panics(text in "[\\[\\]{}\",:\\\\u0-9a-f tru\u{e9}-]{0,40}") {
            let _ = read(&text);
        }
    }
}

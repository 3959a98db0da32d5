//! A JSON reader that forgives what real files hold: raw control characters in strings, lone surrogates, numbers of any
//! size, repeated keys, keys in any case. It borrows from the text and reads one value at a time, so that a damaged value
//! costs no other; when one breaks off, the members read so far are still there.

use std::borrow::Cow;

/// Levels of nesting that are read; the contract asks for 64 and lets more than 128 be damage.
const DEPTH_LIMIT: usize = 128;

/// Members that nothing is asked of, and that are most of what `kubectl` prints: they are checked and passed over, and read as null.
fn is_unread(key: &str) -> bool {
    matches!(
        key,
        "fieldsV1"
            | "volumes"
            | "volumeMounts"
            | "env"
            | "envFrom"
            | "tolerations"
            | "affinity"
            | "securityContext"
            | "images"
            | "binaryData"
            | "openAPIV3Schema"
    )
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'t> {
    Null,
    Bool(bool),
    /// As written.
    Number(&'t str),
    Text(Cow<'t, str>),
    List(Vec<Json<'t>>),
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
}

/// Where and how a value breaks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The text ends inside it.
    End,
    /// It is not JSON from here on.
    Malformed,
    /// It is nested too deep.
    TooDeep,
}

/// Reads values off a text.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(crate) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Goes past white space; a byte order mark between documents counts as white space.
    pub(crate) fn blanks(&mut self) {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\r' | b'\n' | 0x1e) => self.at += 1,
                Some(0xEF) if bytes.get(self.at..self.at + 3) == Some(b"\xEF\xBB\xBF") => self.at += 3,
                _ => return,
            }
        }
    }

    /// Goes past one byte if it is the next one.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Broken> {
        if self.take(byte) { Ok(()) } else { Err(self.wrong()) }
    }

    /// What it means that the next byte is not what it should be.
    pub(crate) fn wrong(&self) -> Broken {
        if self.at >= self.text.len() { Broken::End } else { Broken::Malformed }
    }

    /// Reads a value; blanks before it are skipped.
    pub(crate) fn value(&mut self) -> Result<Json<'t>, Broken> {
        self.value_at(0)
    }

    /// Reads the members of an object whose `{` is next, one by one into `members`, which keeps them when it breaks off.
    pub(crate) fn members(&mut self, members: &mut Vec<(Cow<'t, str>, Json<'t>)>) -> Result<(), Broken> {
        self.members_at(members, 0)
    }

    fn value_at(&mut self, depth: usize) -> Result<Json<'t>, Broken> {
        if depth >= DEPTH_LIMIT {
            return Err(Broken::TooDeep);
        }
        self.blanks();
        match self.peek() {
            Some(b'{') => {
                let mut members = Vec::new();
                self.members_at(&mut members, depth)?;
                Ok(Json::Object(members))
            }
            Some(b'[') => self.list(depth).map(Json::List),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => Err(self.wrong()),
        }
    }

    fn members_at(&mut self, members: &mut Vec<(Cow<'t, str>, Json<'t>)>, depth: usize) -> Result<(), Broken> {
        self.expect(b'{')?;
        self.blanks();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            let key = self.key()?;
            let value = if is_unread(&key) {
                self.pass(depth + 1)?;
                Json::Null
            } else {
                self.value_at(depth + 1)?
            };
            members.push((key, value));
            if !self.more(b'}')? {
                return Ok(());
            }
        }
    }

    /// Goes past a value by the same grammar, without keeping anything of it.
    fn pass(&mut self, depth: usize) -> Result<(), Broken> {
        if depth >= DEPTH_LIMIT {
            return Err(Broken::TooDeep);
        }
        self.blanks();
        let (closer, named) = match self.peek() {
            Some(b'"') => return self.pass_string(),
            Some(b'{') => (b'}', true),
            Some(b'[') => (b']', false),
            _ => return self.value_at(depth).map(|_| ()),
        };
        self.at += 1;
        self.blanks();
        if self.take(closer) {
            return Ok(());
        }
        loop {
            if named {
                self.blanks();
                self.pass_string()?;
                self.blanks();
                self.expect(b':')?;
            }
            self.pass(depth + 1)?;
            if !self.more(closer)? {
                return Ok(());
            }
        }
    }

    fn pass_string(&mut self) -> Result<(), Broken> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        if self.peek() == Some(b'"')
            && let Some(length) = quote_or_escape(bytes.get(start..).unwrap_or_default())
            && bytes.get(start + length) == Some(&b'"')
        {
            self.at = start + length + 1;
            return Ok(());
        }
        self.string().map(|_| ())
    }

    /// Reads `"key":`.
    pub(crate) fn key(&mut self) -> Result<Cow<'t, str>, Broken> {
        self.blanks();
        let key = self.string()?;
        self.blanks();
        self.expect(b':')?;
        Ok(key)
    }

    /// After a member or element: true when a comma says that there is another, false at the closer.
    pub(crate) fn more(&mut self, closer: u8) -> Result<bool, Broken> {
        self.blanks();
        if self.take(b',') {
            return Ok(true);
        }
        self.expect(closer)?;
        Ok(false)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Json<'t>>, Broken> {
        let mut elements = Vec::new();
        self.expect(b'[')?;
        self.blanks();
        if self.take(b']') {
            return Ok(elements);
        }
        loop {
            elements.push(self.value_at(depth + 1)?);
            if !self.more(b']')? {
                return Ok(elements);
            }
        }
    }

    fn word(&mut self, word: &str, value: Json<'t>) -> Result<Json<'t>, Broken> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        let cut = word.starts_with(rest);
        Err(if cut { Broken::End } else { Broken::Malformed })
    }

    fn number(&mut self) -> Result<Json<'t>, Broken> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        // A number that the text ends with may go on: it is not whole.
        if self.peek().is_none() && start > 0 {
            return Err(Broken::End);
        }
        let text = self.text.get(start..self.at).ok_or(Broken::Malformed)?;
        let whole = text.bytes().all(|byte| byte.is_ascii_digit());
        if whole || text.parse::<f64>().is_ok() { Ok(Json::Number(text)) } else { Err(Broken::Malformed) }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Broken> {
        self.expect(b'"')?;
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        match quote_or_escape(rest) {
            None => {
                self.at = self.text.len();
                Err(Broken::End)
            }
            Some(length) if rest.get(length) == Some(&b'"') => {
                self.at = start + length + 1;
                self.text.get(start..start + length).map(Cow::Borrowed).ok_or(Broken::Malformed)
            }
            Some(_) => self.escaped_string(start).map(Cow::Owned),
        }
    }

    fn escaped_string(&mut self, start: usize) -> Result<String, Broken> {
        let mut out = String::new();
        self.at = start;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let Some(length) = memchr::memchr2(b'"', b'\\', rest) else {
                self.at = self.text.len();
                return Err(Broken::End);
            };
            out.push_str(self.text.get(self.at..self.at + length).ok_or(Broken::Malformed)?);
            self.at += length;
            if self.take(b'"') {
                return Ok(out);
            }
            self.at += 1;
            let escape = self.peek().ok_or(Broken::End)?;
            self.at += 1;
            match escape {
                b'n' => out.push('\n'),
                b't' => out.push('\t'),
                b'r' => out.push('\r'),
                b'b' => out.push('\u{8}'),
                b'f' => out.push('\u{c}'),
                b'"' | b'\\' | b'/' => out.push(char::from(escape)),
                b'u' => {
                    let unit = self.hex()?;
                    out.push(self.character(unit)?);
                }
                _ => {
                    self.at -= 1;
                    return Err(Broken::Malformed);
                }
            }
        }
    }

    fn hex(&mut self) -> Result<u32, Broken> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).ok_or(Broken::End)?;
        let mut value = 0;
        for &digit in digits {
            value = value * 16 + char::from(digit).to_digit(16).ok_or(Broken::Malformed)?;
        }
        self.at += 4;
        Ok(value)
    }

    /// The character of an escaped UTF-16 unit, with its second half if it has one; U+FFFD for a half alone.
    fn character(&mut self, unit: u32) -> Result<char, Broken> {
        if (0xD800..0xDC00).contains(&unit) && self.text.as_bytes().get(self.at..self.at + 2) == Some(b"\\u") {
            let before = self.at;
            self.at += 2;
            let low = self.hex()?;
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

/// Where a string ends or its first escape begins. Most strings are short: a search that is made for long ones begins behind.
fn quote_or_escape(rest: &[u8]) -> Option<usize> {
    const SHORT: usize = 20;
    let stop = |byte: &u8| matches!(byte, b'"' | b'\\');
    match rest.iter().take(SHORT).position(stop) {
        Some(length) => Some(length),
        None => memchr::memchr2(b'"', b'\\', rest.get(SHORT..)?).map(|length| length + SHORT),
    }
}

/// What is read where nothing stands.
static NULL: Json<'static> = Json::Null;

impl<'t> Json<'t> {
    /// The member of this name, in any case; of repeated ones the last. Null when there is none, or this is no object.
    pub(crate) fn get(&self, key: &str) -> &Json<'t> {
        let Self::Object(members) = self else { return &NULL };
        let exact = members.iter().rev().find(|(name, _)| name == key);
        exact
            .or_else(|| members.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(key)))
            .map_or(&NULL, |(_, value)| value)
    }

    /// The member at the end of a path of names.
    pub(crate) fn at(&self, path: &[&str]) -> &Json<'t> {
        path.iter().fold(self, |value, key| value.get(key))
    }

    /// A member that Azure puts either here (CLI) or under `properties` (REST).
    pub(crate) fn arm(&self, key: &str) -> &Json<'t> {
        let here = self.get(key);
        if here.is_null() { self.get("properties").get(key) } else { here }
    }

    /// Elements of all lists under this name (a repeated key adds to the list).
    pub(crate) fn list(&self, key: &str) -> impl Iterator<Item = &Json<'t>> {
        let members = if let Self::Object(members) = self { members.as_slice() } else { &[] };
        members.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(key)).flat_map(|(_, value)| value.elements())
    }

    /// Like [`Json::list`], here or under `properties`.
    pub(crate) fn arm_list(&self, key: &str) -> impl Iterator<Item = &Json<'t>> {
        self.list(key).chain(self.get("properties").list(key))
    }

    /// Elements of a list; nothing for anything else.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Json<'t>> {
        if let Self::List(elements) = self { elements.iter() } else { [].iter() }
    }

    /// Names and values of an object; nothing for anything else.
    pub(crate) fn members_of(&self) -> impl Iterator<Item = (&str, &Json<'t>)> {
        let members = if let Self::Object(members) = self { members.as_slice() } else { &[] };
        members.iter().map(|(name, value)| (name.as_ref(), value))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// A string, or a number as written; nothing for anything else.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(text) => Some(text),
            _ => None,
        }
    }

    /// Like [`Json::as_str`], empty when it is nothing.
    pub(crate) fn text(&self) -> String {
        self.as_str().unwrap_or_default().to_owned()
    }

    /// A whole number, also in a string.
    pub(crate) fn number(&self) -> Option<u64> {
        let text = self.as_str()?.trim();
        text.parse::<u64>().ok().or_else(|| {
            // 3.0 and 1e3 are whole numbers, too.
            let value = text.parse::<f64>().ok()?;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
            (value.fract() == 0.0 && (0.0..9e15).contains(&value)).then_some(value as u64)
        })
    }

    /// A port.
    pub(crate) fn port(&self) -> Option<u16> {
        self.number().and_then(|number| u16::try_from(number).ok())
    }

    /// A truth value, also as a string in any case.
    pub(crate) fn boolean(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// A time in RFC 3339, or as Windows PowerShell writes it into JSON: `/Date(1795165200000)/`.
    pub(crate) fn time(&self) -> Option<underlay_model::time::Millis> {
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
    fn repeated_keys_keep_the_last_value_and_all_lists() {
        let value = read(r#"{"a":1,"items":[1],"Items":[2],"a":2,"items":null}"#).unwrap();
        assert_eq!(value.get("a").number(), Some(2));
        assert_eq!(value.list("items").count(), 2);
    }

    #[test]
    fn what_nothing_is_asked_of_is_checked_all_the_same() {
        let passed = read(r#"{"fieldsV1":{"f:a":{"k:{\"b\":\"c\"}":[1,"x",null,{}]}},"b":2}"#).unwrap();
        assert_eq!((passed.get("fieldsV1"), passed.get("b").number()), (&Json::Null, Some(2)));
        let text =
            r#"{"fieldsV1":{"f:a":{"k:{\"b\"}":[1,"\u00e9",null,{"x":true}]},"c":"a long text that goes on and on"}}"#;
        let other = text.replace("fieldsV1", "fieldsV2");
        for cut in 0..text.len() {
            assert_eq!(read(&text[..cut]).is_ok(), read(&other[..cut]).is_ok(), "{cut}");
            for byte in ["x", "}", "\"", ","] {
                let damaged = |text: &str| format!("{}{byte}{}", &text[..cut], &text[cut + 1..]);
                let (one, two) = (damaged(text), damaged(&other));
                assert_eq!(read(&one).map(|_| ()), read(&two).map(|_| ()), "{one}");
            }
        }
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

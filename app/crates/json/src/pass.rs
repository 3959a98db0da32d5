//! Goes past values that nobody asks for: by the same grammar as those that are read, so that damage in them is found all the
//! same, but without keeping anything of them and without calling itself.

use crate::cursor::{Broken, Cursor, DEPTH_LIMIT};
use crate::spans;

/// Members that nothing is asked of, and that are most of what `kubectl` prints. One that is a single value is read all the same: a label may
/// have such a name.
const UNREAD: [&str; 11] = [
    "fieldsV1",
    "volumes",
    "volumeMounts",
    "env",
    "envFrom",
    "tolerations",
    "affinity",
    "securityContext",
    "images",
    "binaryData",
    "openAPIV3Schema",
];
/// The object once more, as a text.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether a member of this name, whose value begins with this byte, is passed over.
pub(crate) fn is_unread(key: &str, begins: Option<u8>) -> bool {
    match begins {
        Some(b'{' | b'[') => UNREAD.contains(&key),
        Some(b'"') => key == LAST_APPLIED,
        _ => false,
    }
}

/// The objects and lists around a place, the innermost lowest: 1 for an object.
#[derive(Default)]
struct Around {
    levels: usize,
    objects: u128,
}

impl Around {
    fn enter(&mut self, object: bool) {
        self.levels += 1;
        self.objects = self.objects << 1 | u128::from(object);
    }

    fn leave(&mut self) {
        self.levels -= 1;
        self.objects >>= 1;
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

impl Cursor<'_> {
    /// Goes past a value; blanks before it are skipped.
    pub fn pass_value(&mut self) -> Result<(), Broken> {
        self.pass(0)
    }

    /// Goes past the value that stands `depth` levels deep.
    pub(crate) fn pass(&mut self, depth: usize) -> Result<(), Broken> {
        let mut around = Around::default();
        loop {
            if depth + around.levels >= DEPTH_LIMIT {
                return Err(Broken::TooDeep);
            }
            self.blanks();
            let object = match self.peek() {
                Some(b'{') => Some(true),
                Some(b'[') => Some(false),
                Some(b'"') => {
                    self.pass_string()?;
                    None
                }
                _ => {
                    self.scalar()?;
                    None
                }
            };
            if let Some(object) = object {
                self.skip(1);
                self.blanks();
                if !self.take(if object { b'}' } else { b']' }) {
                    around.enter(object);
                    if object {
                        self.pass_key()?;
                    }
                    continue;
                }
            }
            loop {
                if around.levels == 0 {
                    return Ok(());
                }
                let object = around.in_object();
                if self.more(if object { b'}' } else { b']' })? {
                    if object {
                        self.pass_key()?;
                    }
                    break;
                }
                around.leave();
            }
        }
    }

    fn pass_key(&mut self) -> Result<(), Broken> {
        self.blanks();
        self.pass_string()?;
        self.blanks();
        self.expect(b':')
    }

    fn pass_string(&mut self) -> Result<(), Broken> {
        self.expect(b'"')?;
        loop {
            let bytes = self.text().as_bytes();
            let Some(stop) = spans::quote_or_escape(bytes, self.at()) else {
                self.skip(bytes.len() - self.at());
                return Err(Broken::End);
            };
            self.skip(stop + 1 - self.at());
            if bytes.get(stop) == Some(&b'"') {
                return Ok(());
            }
            match self.peek() {
                Some(b'"' | b'\\' | b'/' | b'n' | b't' | b'r' | b'b' | b'f') => self.skip(1),
                Some(b'u') => {
                    self.skip(1);
                    self.hex()?;
                }
                _ => return Err(self.wrong()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What comes of passing over, and of reading, the value at the beginning of a text.
    fn both(text: &str, depth: usize) -> (Result<usize, Broken>, Result<usize, Broken>) {
        let (mut passing, mut reading) = (Cursor::new(text, 0), Cursor::new(text, 0));
        let passed = passing.pass(depth).map(|()| passing.at());
        (passed, reading.value_at(depth).map(|_| reading.at()))
    }

    #[test]
    fn a_value_is_passed_over_to_where_it_ends_however_deep_it_is() {
        for levels in [1, 64, 127, 128, 200] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
                let text = format!("{}1{} ", open.repeat(levels), close.repeat(levels));
                let (passed, read) = both(&text, 0);
                assert_eq!(passed, read, "{levels} times {open}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_passed_over_is_judged_as_what_is_read(
            text in "([\\[\\]{},: \n]|\\{\"a\":|\"k:\\{\\\\\"b\\\\\"\\}\"|\"[a-z\u{e9}]{0,12}\"|1|-0\\.5e3|true|nul|null|\\\\u00e9|\\\\|\"){0,20}",
            depth in prop_oneof![Just(0usize), 120usize..130],
        ) {
            let (passed, read) = both(&text, depth);
            prop_assert_eq!(passed, read);
        }

        #[test]
        fn so_is_a_whole_value_with_one_byte_that_is_damaged(at in 0usize..200, byte in "[x\\[\\]{}\",:\\\\ ]", cut in any::<bool>()) {
            let whole = r#"{"f:metadata":{".":{},"f:labels":{".":{},"k:{\"type\":\"Ready\"}":[1,"\u00e9\n",null,{"x":true}]}},"f:c":"a long text that goes on and on"} "#;
            let at = at % whole.len();
            let text = if cut { whole[..at].to_owned() } else { format!("{}{byte}{}", &whole[..at], &whole[at + 1..]) };
            let (passed, read) = both(&text, 0);
            prop_assert_eq!(passed, read);
        }
    }
}

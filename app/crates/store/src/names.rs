//! Texts that recur (rules, encryption), each kept once and known by a number.

use rustc_hash::FxHashMap;
use underlay_model::tuple::ABSENT;

/// The number of [`ABSENT`].
pub(crate) const NO_NAME: u32 = 0;

/// Texts by number and numbers by text.
#[derive(Debug)]
pub(crate) struct Names {
    texts: Vec<String>,
    numbers: FxHashMap<Vec<u8>, u32>,
    last: Option<(Vec<u8>, u32)>,
    bytes: usize,
}

impl Default for Names {
    fn default() -> Self {
        let mut names = Self { texts: Vec::new(), numbers: FxHashMap::default(), last: None, bytes: 0 };
        names.other(ABSENT);
        names
    }
}

impl Names {
    /// The number of a text; the text asked for last is found without a look-up.
    #[inline]
    pub(crate) fn number(&mut self, text: &[u8]) -> u32 {
        match &self.last {
            // Not by `==`, which calls a function for these few bytes.
            Some((last, number)) if last.len() == text.len() && last.iter().zip(text).all(|(a, b)| a == b) => *number,
            _ => self.other(text),
        }
    }

    fn other(&mut self, text: &[u8]) -> u32 {
        let number = match self.numbers.get(text) {
            Some(&number) => number,
            None => {
                let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
                self.texts.push(String::from_utf8_lossy(text).into_owned());
                self.numbers.insert(text.to_vec(), number);
                self.bytes += 2 * text.len() + 64;
                number
            }
        };
        self.last = Some((text.to_vec(), number));
        number
    }

    /// `None` for what is not said.
    pub(crate) fn text(&self, number: u32) -> Option<&str> {
        self.texts.get(number as usize).filter(|_| number != NO_NAME).map(String::as_str)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.bytes
    }
}

//! Finds things that are kept in a list by what they are: a table of places, without the things.

/// Places in a list by the hash of what stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// Place and hash; a power of two of them, at most three quarters taken. `u32::MAX` is free.
    slots: Vec<(u32, u32)>,
    taken: usize,
}

const FREE: u32 = u32::MAX;

impl Index {
    /// The place of what has this hash and `is` it; when there is none, `next` is remembered for it, if given.
    pub(super) fn find_or_add(&mut self, hash: u64, next: Option<u32>, is: &mut dyn FnMut(u32) -> bool) -> Option<u32> {
        if self.taken * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let short = (hash >> 32) as u32;
        let mask = self.slots.len() - 1;
        let mut at = short as usize & mask;
        loop {
            let slot = self.slots.get_mut(at)?;
            if slot.0 == FREE {
                if let Some(next) = next {
                    *slot = (next, short);
                    self.taken += 1;
                }
                return None;
            }
            if slot.1 == short && is(slot.0) {
                return Some(slot.0);
            }
            at = (at + 1) & mask;
        }
    }

    /// Bytes that it takes.
    pub(super) fn memory(&self) -> usize {
        self.slots.len() * size_of::<(u32, u32)>()
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.slots = vec![(FREE, 0); (old.len() * 2).max(64)];
        let mask = self.slots.len() - 1;
        for slot in old.into_iter().filter(|slot| slot.0 != FREE) {
            let mut at = slot.1 as usize & mask;
            while self.slots.get(at).is_some_and(|known| known.0 != FREE) {
                at = (at + 1) & mask;
            }
            if let Some(free) = self.slots.get_mut(at) {
                *free = slot;
            }
        }
    }
}

/// A hash of bytes, the same everywhere.
pub(super) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut state = seed ^ (bytes.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(chunk) {
            *to = *from;
        }
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        state ^= state >> 32;
    }
    (state ^ (state >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

/// Texts, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    texts: Vec<Box<str>>,
    index: Index,
    bytes: usize,
}

impl Names {
    /// The number of a text. `None` when it is new and all texts together would take more than `most` bytes.
    pub(super) fn number(&mut self, text: &str, most: usize) -> Option<u32> {
        let next = u32::try_from(self.texts.len()).ok().filter(|_| self.bytes + text.len() <= most);
        let Self { texts, index, bytes } = self;
        let is = &mut |place: u32| texts.get(place as usize).is_some_and(|known| **known == *text);
        if let Some(place) = index.find_or_add(hash(1, text.as_bytes()), next, is) {
            return Some(place);
        }
        next?;
        texts.push(text.into());
        *bytes += text.len();
        next
    }

    /// The text of a number; empty when there is none.
    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }

    /// All of them, by number.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }

    /// Bytes that they take.
    pub(super) fn memory(&self) -> usize {
        self.bytes + self.texts.len() * 16 + self.index.memory()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_text_has_one_number(texts in prop::collection::vec("[a-c]{0,6}", 0..400)) {
            let mut names = Names::default();
            let numbers: Vec<u32> = texts.iter().map(|text| names.number(text, 1 << 20).unwrap()).collect();
            for (text, number) in texts.iter().zip(&numbers) {
                prop_assert_eq!(names.text(*number), text.as_str());
            }
            let distinct: std::collections::BTreeSet<&String> = texts.iter().collect();
            prop_assert_eq!(names.all().count(), distinct.len());
        }
    }

    #[test]
    fn texts_beyond_the_limit_have_no_number() {
        let mut names = Names::default();
        assert_eq!(names.number("abcd", 6), Some(0));
        assert_eq!(names.number("efg", 6), None);
        assert_eq!(names.number("ef", 6), Some(1));
        assert_eq!(names.number("abcd", 6), Some(0));
    }
}

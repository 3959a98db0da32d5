//! A stretch of an input's decoded text, read again: the same decoding as the first time, from the beginning when the text is
//! compressed or transcoded, and only what is wanted is kept.

use crate::decode::Decoder;
use crate::reader::Coding;
use std::ops::Range;

/// Collects some ranges of decoded text while the stored bytes pass.
#[derive(Debug)]
pub struct Excerpt {
    decoder: Decoder,
    ranges: Vec<Range<u64>>,
    found: Vec<Vec<u8>>,
    position: u64,
}

impl Excerpt {
    /// `ranges` are positions in the decoded text, in any order; together they should fit the memory.
    pub fn new(coding: Coding, ranges: Vec<Range<u64>>) -> Self {
        let found = ranges.iter().map(|_| Vec::new()).collect();
        Self { decoder: Decoder::new(coding), ranges, found, position: 0 }
    }

    /// The next bytes as stored, from the first byte of the input on.
    pub fn push(&mut self, raw: &[u8]) {
        let Self { decoder, ranges, found, position } = self;
        decoder.push(raw, &mut |text| take(ranges, found, position, text));
    }

    /// False when further bytes would change nothing.
    pub fn wants_more(&self) -> bool {
        !self.decoder.ended() && self.ranges.iter().any(|range| range.end > self.position)
    }

    /// The text of each range, as far as there is any.
    pub fn finish(mut self) -> Vec<Vec<u8>> {
        if self.wants_more() {
            let Self { decoder, ranges, found, position } = &mut self;
            decoder.finish(&mut |text| take(ranges, found, position, text));
        }
        self.found
    }
}

fn take(ranges: &[Range<u64>], found: &mut [Vec<u8>], position: &mut u64, text: &[u8]) {
    let end = *position + text.len() as u64;
    for (range, found) in ranges.iter().zip(found) {
        let (from, to) = (range.start.max(*position), range.end.min(end));
        if from < to {
            // Both lie inside this piece.
            let (from, to) = ((from - *position) as usize, (to - *position) as usize);
            found.extend_from_slice(text.get(from..to).unwrap_or_default());
        }
    }
    *position = end;
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    #[test]
    fn any_stretch_of_any_encoding_is_found_again() {
        let text: String = (0..5000).map(|number| format!("{number} Zürich,")).collect();
        let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&wide).unwrap();
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        for stored in [text.as_bytes().to_vec(), marked, wide, encoder.finish().unwrap()] {
            for range in [0..10, 4000..4100, 100..100, text.len() as u64 - 3..text.len() as u64 + 90] {
                for piece in [1, 700, 1 << 20] {
                    let mut excerpt = Excerpt::new(Coding::Plain, vec![range.clone(), 7..9]);
                    for part in stored.chunks(piece) {
                        if excerpt.wants_more() {
                            excerpt.push(part);
                        }
                    }
                    let end = range.end.min(text.len() as u64) as usize;
                    let wanted = &text.as_bytes()[range.start as usize..end];
                    assert_eq!(excerpt.finish(), [wanted, &text.as_bytes()[7..9]]);
                }
            }
        }
    }
}

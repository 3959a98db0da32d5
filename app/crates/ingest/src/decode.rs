//! What a file's bytes go through before anybody looks at them: raw deflate of a zip member, gzip wherever its magic
//! stands first (also twice), then text decoding. Pieces in, pieces of UTF-8 text out.

use crate::inflate::{GZIP_MAGIC, Inflate, Trouble};
use crate::reader::Coding;
use crate::transcode::{Replaced, Transcoder};

/// Decompressed bytes that one input may have (summary contract, Inputs).
pub(crate) const EXPANSION_LIMIT: u64 = 4 << 30;
/// First uncompressed bytes, kept as they are, to tell pictures and programs by their magic.
const HEAD_BYTES: usize = 1024;
/// Gzip inside gzip is real (a server that compresses what is compressed); more than this is somebody's joke.
const GZIP_LEVELS: u8 = 3;

/// The chain of one input.
#[derive(Debug)]
pub(crate) struct Decoder {
    first: Stage,
    levels: Levels,
}

/// State shared by all stages.
#[derive(Debug, Default)]
struct Levels {
    gzip: u8,
    limit: u64,
    head: Vec<u8>,
}

#[derive(Debug)]
enum Stage {
    Undecided(Vec<u8>),
    Inflating(Box<Inflate>, Box<Stage>),
    Text(Transcoder),
}

/// What there is to say of the bytes once they are all in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// As the report's `encoding`.
    pub(crate) label: String,
    pub(crate) trouble: Option<Trouble>,
    pub(crate) replaced: Replaced,
}

impl Decoder {
    pub(crate) fn new(coding: Coding) -> Self {
        let undecided = Stage::Undecided(Vec::new());
        let first = match coding {
            Coding::Plain => undecided,
            Coding::Deflate => Stage::Inflating(Box::new(Inflate::new(false, EXPANSION_LIMIT)), Box::new(undecided)),
        };
        Self { first, levels: Levels { limit: EXPANSION_LIMIT, ..Levels::default() } }
    }

    pub(crate) fn limit_expansion(&mut self, bytes: u64) {
        self.levels.limit = self.levels.limit.min(bytes);
        let mut stage = &mut self.first;
        while let Stage::Inflating(inflate, next) = stage {
            inflate.set_limit(self.levels.limit);
            stage = next;
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        self.first.push(bytes, &mut self.levels, out);
    }

    /// First bytes behind all compression, before text decoding.
    pub(crate) fn head(&self) -> &[u8] {
        &self.levels.head
    }

    /// Decompressed bytes, the largest of all levels.
    pub(crate) fn expanded(&self) -> u64 {
        let (mut stage, mut most) = (&self.first, 0);
        while let Stage::Inflating(inflate, next) = stage {
            most = most.max(inflate.produced());
            stage = next;
        }
        most
    }

    /// True when further bytes change nothing.
    pub(crate) fn ended(&self) -> bool {
        let mut stage = &self.first;
        while let Stage::Inflating(inflate, next) = stage {
            if inflate.ended() {
                return true;
            }
            stage = next;
        }
        false
    }

    pub(crate) fn finish(&mut self, out: &mut dyn FnMut(&[u8])) -> Decoded {
        let mut decoded = Decoded::default();
        self.first.finish(&mut self.levels, &mut decoded, out);
        let mut labels = vec!["gzip"; usize::from(self.levels.gzip)];
        let mut stage = &self.first;
        while let Stage::Inflating(_, next) = stage {
            stage = next;
        }
        if let Stage::Text(transcoder) = stage {
            labels.extend(transcoder.label());
            decoded.replaced = transcoder.replaced();
        }
        decoded.label = labels.join(", ");
        decoded
    }
}

impl Stage {
    fn push(&mut self, bytes: &[u8], levels: &mut Levels, out: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Undecided(first) => {
                first.extend_from_slice(bytes);
                if first.len() >= GZIP_MAGIC.len() {
                    self.decide(levels, out);
                }
            }
            Self::Inflating(inflate, next) => inflate.push(bytes, &mut |piece| next.push(piece, levels, out)),
            Self::Text(transcoder) => {
                if levels.head.len() < HEAD_BYTES {
                    let room = HEAD_BYTES - levels.head.len();
                    levels.head.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
                }
                transcoder.push(bytes, out);
            }
        }
    }

    fn decide(&mut self, levels: &mut Levels, out: &mut dyn FnMut(&[u8])) {
        let Self::Undecided(first) = self else { return };
        let first = std::mem::take(first);
        *self = if first.starts_with(&GZIP_MAGIC) && levels.gzip < GZIP_LEVELS {
            levels.gzip += 1;
            Self::Inflating(Box::new(Inflate::new(true, levels.limit)), Box::new(Self::Undecided(Vec::new())))
        } else {
            Self::Text(Transcoder::default())
        };
        self.push(&first, levels, out);
    }

    fn finish(&mut self, levels: &mut Levels, decoded: &mut Decoded, out: &mut dyn FnMut(&[u8])) {
        if matches!(self, Self::Undecided(_)) {
            self.decide(levels, out);
        }
        match self {
            Self::Undecided(_) => {}
            Self::Inflating(inflate, next) => {
                let trouble = inflate.finish(&mut |piece| next.push(piece, levels, out));
                decoded.trouble = decoded.trouble.or(trouble);
                next.finish(levels, decoded, out);
            }
            Self::Text(transcoder) => transcoder.finish(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::DeflateEncoder, write::GzEncoder};
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn run(bytes: &[u8], coding: Coding, piece: usize, limit: u64) -> (String, Decoded) {
        let mut decoder = Decoder::new(coding);
        decoder.limit_expansion(limit);
        let mut text = Vec::new();
        for part in bytes.chunks(piece) {
            decoder.push(part, &mut |out| text.extend_from_slice(out));
        }
        let decoded = decoder.finish(&mut |out| text.extend_from_slice(out));
        (String::from_utf8(text).unwrap(), decoded)
    }

    const TEXT: &str = "The quick brown fox jumps over the lazy dog, 0123456789, and again and again and again.\n";

    #[test]
    fn gzip_members_follow_each_other_and_padding_is_nothing() {
        let bytes = [gzip(TEXT.as_bytes()), gzip(TEXT.as_bytes()), vec![0; 512]].concat();
        for piece in [1, 3, 1000] {
            let (text, decoded) = run(&bytes, Coding::Plain, piece, u64::MAX);
            assert_eq!((text.as_str(), decoded.trouble), ([TEXT, TEXT].concat().as_str(), None));
            assert_eq!(decoded.label, "gzip");
        }
    }

    #[test]
    fn gzip_in_gzip_in_deflate_is_text() {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&gzip(&gzip(TEXT.as_bytes()))).unwrap();
        let (text, decoded) = run(&encoder.finish().unwrap(), Coding::Deflate, 5, u64::MAX);
        assert_eq!((text.as_str(), decoded.label.as_str(), decoded.trouble), (TEXT, "gzip, gzip", None));
    }

    #[test]
    fn a_stream_cut_at_any_byte_yields_a_prefix_and_says_so() {
        let long: String = (0..3000).map(|n| format!("{n},")).collect();
        let whole = gzip(long.as_bytes());
        let mut longest = 0;
        for cut in (3..whole.len()).step_by(7) {
            let (text, decoded) = run(&whole[..cut], Coding::Plain, 11, u64::MAX);
            assert!(long.starts_with(&text), "{cut}");
            assert!(text.len() >= longest, "less text from more bytes at {cut}");
            longest = text.len();
            assert_eq!(decoded.trouble, Some(Trouble::CutOff), "{cut}");
        }
        assert!(longest > long.len() / 2);
    }

    #[test]
    fn damage_in_the_middle_and_bytes_behind_are_told() {
        let mut bytes = gzip(TEXT.repeat(50).as_bytes());
        let end = bytes.len();
        bytes[end - 6] ^= 0xFF;
        let (text, decoded) = run(&bytes, Coding::Plain, 64, u64::MAX);
        assert_eq!((text.len(), decoded.trouble), (TEXT.len() * 50, Some(Trouble::Damaged)));
        let bytes = [gzip(TEXT.as_bytes()), b"trailing".to_vec()].concat();
        assert_eq!(
            run(&bytes, Coding::Plain, 64, u64::MAX),
            (
                TEXT.into(),
                Decoded { label: "gzip".into(), trouble: Some(Trouble::Trailing), replaced: Replaced::default() }
            )
        );
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = gzip(&vec![b' '; 3_000_000]);
        let (text, decoded) = run(&bomb, Coding::Plain, 4096, 100_000);
        assert_eq!((text.len(), decoded.trouble), (100_000, Some(Trouble::Limit)));
    }
}

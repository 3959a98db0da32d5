//! The hash that tells duplicate records (contract rule 7): of flow log, MAC, text of `time` and the list of tuple strings, whatever
//! way the record was written. The tuple strings of a plain record are hashed as they stand, `"…","…"`, so the careful path imitates that text.

use xxhash_rust::xxh3::Xxh3;

/// Hashes one record after another.
#[derive(Clone)]
pub(crate) struct RecordHasher(Xxh3);

impl std::fmt::Debug for RecordHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecordHasher")
    }
}

impl RecordHasher {
    pub(crate) fn new() -> Self {
        Self(Xxh3::new())
    }

    /// Forgets the record that was begun.
    pub(crate) fn reset(&mut self) {
        self.0.reset();
    }

    /// The inside of a `flowTuples` list that holds plain strings and nothing else: `"…","…"`, not empty.
    pub(crate) fn plain_list(&mut self, inside: &[u8]) {
        self.0.update(inside);
        self.0.update(b",");
    }

    /// One decoded tuple string.
    pub(crate) fn string(&mut self, decoded: &[u8]) {
        if decoded.iter().any(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            // Cannot stand in a plain list, so it must not look like one; 0xFF occurs in no UTF-8 text.
            self.0.update(&[0xFF]);
            self.0.update(&(decoded.len() as u64).to_le_bytes());
            self.0.update(decoded);
        } else {
            self.0.update(b"\"");
            self.0.update(decoded);
            self.0.update(b"\",");
        }
    }

    /// The record's hash; begins the next.
    pub(crate) fn finish(&mut self, flow_log: &str, mac: &str, time: &str) -> u128 {
        for text in [flow_log, mac, time] {
            self.0.update(&[0xFE]);
            self.0.update(&(text.len() as u64).to_le_bytes());
            self.0.update(text.as_bytes());
        }
        let hash = self.0.digest128();
        self.0.reset();
        hash
    }
}

/// Hashes what is no flow log record: parts of any bytes, one after another.
#[derive(Clone)]
pub struct PartsHasher(Xxh3);

impl std::fmt::Debug for PartsHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PartsHasher")
    }
}

impl Default for PartsHasher {
    fn default() -> Self {
        let mut hasher = Xxh3::new();
        // Apart from the hashes of flow log records, which begin with a quote or a length.
        hasher.update(b"parts");
        Self(hasher)
    }
}

impl PartsHasher {
    /// The next part. Where parts begin and end makes a difference.
    pub fn part(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// The hash of all parts.
    pub fn finish(self) -> u128 {
        self.0.digest128()
    }
}

//! Whether bytes are ASCII, which nearly every log is: looked at in vectors, many times faster than validating UTF-8 byte by byte.

/// So many bytes are looked at before the first answer: enough for vectors, few enough to give up soon.
const RUN: usize = 1024;

/// Whether all bytes are ASCII.
pub fn is_ascii(bytes: &[u8]) -> bool {
    // Without an exit inside a run, so that it is done a vector at a time.
    bytes.chunks(RUN).all(|run| run.iter().fold(0, |seen, byte| seen | byte) < 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_beyond_ascii_is_seen_wherever_it_stands() {
        let mut bytes = vec![b'a'; 3 * RUN + 5];
        assert!(is_ascii(&bytes) && is_ascii(b"") && is_ascii(b"\x00\x7f"));
        for at in [0, 1, RUN - 1, RUN, 2 * RUN + 7, bytes.len() - 1] {
            bytes[at] = 0x80;
            assert!(!is_ascii(&bytes), "{at}");
            bytes[at] = b'a';
        }
    }
}

//! Reads a text as one input, all at once.

use underlay_ingest::{Coding, Reader, Reading};
use underlay_scan::NullSink;

pub fn read(text: &str) -> Reading {
    let mut reader = Reader::new("x", text.len() as u64, Coding::Plain);
    reader.push(text.as_bytes(), &mut NullSink);
    reader.finish(&mut NullSink)
}

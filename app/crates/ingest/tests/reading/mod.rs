//! Reads a text as one input, all at once. Where its objects stand is left out: that differs by what stands around them.

use underlay_ingest::{Coding, Reader, Reading};
use underlay_scan::NullSink;

pub fn read(text: &str) -> Reading {
    let mut reader = Reader::new("x", text.len() as u64, Coding::Plain);
    reader.push(text.as_bytes(), &mut NullSink);
    let mut reading = reader.finish(&mut NullSink);
    reading.fragment.places = Default::default();
    reading
}

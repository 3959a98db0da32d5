//! The sample capture: the lab of the field notes, one hour of it, with the story of the design's screens.

use crate::sink::{Sink, Stats};
use std::io;

/// Writes the sample.
///
/// # Errors
/// What the sink says.
pub fn write(sink: &mut dyn Sink) -> io::Result<Stats> {
    sink.finish()?;
    Ok(Stats::default())
}

//! The sample capture: the lab of the field notes, one hour of it, with the story of the design's screens. At 09:31:12 the
//! application on `bg76s` begins to answer 503; its probes fail, the gateway takes it out, `2tnc8` carries its traffic from
//! then on. Instance 10.13.100.7 is named and silent, somebody tries SSH, the metrics have a gap.
//!
//! One module a kind of witness; all of them read the same `story`, so that they agree with each other.

mod azure;
mod gateway;
mod kubernetes;
mod log;
mod story;

use crate::sink::{Counted, Sink, Stats};
use serde::Serialize;
use serde_json::Value;
use std::io;

/// Writes the sample: nothing in it is random, it is the same every time.
///
/// # Errors
/// What the sink says.
pub fn write(sink: &mut dyn Sink) -> io::Result<Stats> {
    let hour = story::Hour::tell();
    let mut counted = Counted::new(sink);
    log::write(&hour, &mut counted)?;
    gateway::write(&hour, &mut counted)?;
    kubernetes::write(&mut counted)?;
    azure::write(&mut counted)?;
    for (path, text) in [
        // What the field notes show of `k get pod -n … -o wide`, `k get node -o wide`, `az aks show … -o tsv` and `curl …/api/ip`.
        ("pods.txt", include_str!("pods.txt")),
        ("nodes.txt", include_str!("nodes.txt")),
        ("pod-cidr.txt", "10.244.0.0/16\n"),
        ("api-ip.json", include_str!("api-ip.json")),
    ] {
        counted.file(path)?;
        counted.write(text.as_bytes())?;
    }
    counted.finish()?;
    Ok(counted.stats)
}

/// Writes a JSON file indented by so many blanks: four as `kubectl` does, two as `az` does.
fn json_file(sink: &mut dyn Sink, path: &str, blanks: usize, value: &Value) -> io::Result<()> {
    let indent = vec![b' '; blanks];
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(&indent);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut text, formatter)).map_err(io::Error::other)?;
    text.push(b'\n');
    sink.file(path)?;
    sink.write(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::Memory;

    #[test]
    fn it_is_small_and_the_same_every_time() {
        let (mut first, mut second) = (Memory::new(), Memory::new());
        let stats = write(&mut first).unwrap();
        write(&mut second).unwrap();
        assert_eq!(first.files, second.files);
        assert_eq!(stats.files as usize, first.files.len());
        assert!(stats.bytes < 2_100_000, "{}", stats.bytes);
    }
}

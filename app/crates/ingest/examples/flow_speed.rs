//! How fast flow logs of any kind are read and told apart, without a store: `cargo run --release -p underlay-ingest --example flow_speed FILE…`.

use std::time::Instant;
use underlay_ingest::{Coding, Reader};
use underlay_scan::NullSink;

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{path}: {error}");
                std::process::exit(2);
            }
        };
        let read = || {
            let begin = Instant::now();
            let mut reader = Reader::new(&path, bytes.len() as u64, Coding::Plain);
            bytes.chunks(1 << 20).for_each(|chunk| reader.push(chunk, &mut NullSink));
            let report = reader.finish(&mut NullSink).report;
            (begin.elapsed().as_secs_f64(), report)
        };
        let runs: Vec<_> = (0..3).map(|_| read()).collect();
        let best = runs.iter().map(|(seconds, _)| *seconds).fold(f64::MAX, f64::min);
        let report = &runs[0].1;
        println!(
            "{path}: {}, {} records, {} tuples, {:.0} MB/s",
            report.format.code(),
            report.records,
            report.tuples.accepted,
            bytes.len() as f64 / best / 1e6
        );
    }
}

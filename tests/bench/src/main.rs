//! The native rows: `underlay-bench LOG ROW…` prints one line of JSON a row. Times are of this thread on the processor where the system says so
//! (Linux), so that other programs on the machine do not count.

use serde_json::{Value, json};
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;
use underlay_bench::{Engine, Filter, PIECE_BYTES};
use underlay_scan::{NullSink, Scanner};

const ROUNDS: usize = 5;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(log) = arguments.next() else {
        eprintln!("underlay-bench LOG ROW…");
        std::process::exit(2);
    };
    let text = match std::fs::read(&log) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{log}: {error}");
            std::process::exit(2);
        }
    };
    for row in arguments {
        let mut result = match row.as_str() {
            "careful" => careful(&text),
            "threads" => threads(&text),
            "gzip" => gzip(&text),
            "retained" => retained(&text),
            "query" => query(),
            "stream" => stream(),
            _ => json!({ "unknown": true }),
        };
        result["row"] = row.into();
        println!("{result}");
    }
}

/// Reading into the store against the same records by serde_json and `str::split`, and against the scanner alone.
fn careful(text: &[u8]) -> Value {
    let scan = median(|| {
        let mut scanner = Scanner::new();
        text.chunks(PIECE_BYTES).for_each(|piece| scanner.push(piece, &mut NullSink));
        black_box(scanner.finish(&mut NullSink));
    });
    let read = median(|| {
        black_box({
            let mut engine = Engine::default();
            engine.read(text);
            engine
        });
    });
    let mut engine = Engine::default();
    engine.read(text);
    let settle = seconds_of(|| engine.settle());
    let careful = seconds_of(|| {
        black_box(per_record(text));
    });
    json!({ "bytes": text.len(), "tuples": engine.tuples, "scan": scan, "read": read, "settle": settle, "careful": careful })
}

/// What serde_json makes of each record, every tuple split and its counters parsed, nothing kept.
fn per_record(text: &[u8]) -> u64 {
    let mut bytes = 0;
    let start = text.windows(2).position(|two| two == b"[{").map_or(0, |at| at + 1);
    let mut rest = text.get(start..).unwrap_or_default();
    while rest.first() == Some(&b'{') {
        let mut stream = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
        let Some(Ok(record)) = stream.next() else { break };
        let used = stream.byte_offset();
        for flow in record["flowRecords"]["flows"].as_array().into_iter().flatten() {
            for group in flow["flowGroups"].as_array().into_iter().flatten() {
                for tuple in group["flowTuples"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    let fields: Vec<&str> = tuple.split(',').collect();
                    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
                    bytes += number(0) + number(3) + number(4) + number(5);
                    bytes += number(9) + number(10) + number(11) + number(12);
                }
            }
        }
        rest = rest.get(used + 1..).unwrap_or_default();
    }
    bytes
}

/// The same log twice by one thread and by two at once, of which the slower counts.
fn threads(text: &[u8]) -> Value {
    let read = || {
        let mut engine = Engine::default();
        engine.read(text);
        black_box(engine.tuples);
    };
    let one = median(|| (read(), read()).1);
    let two = median_of(|| {
        std::thread::scope(|scope| {
            let both = [scope.spawn(|| seconds_of(read)), scope.spawn(|| seconds_of(read))];
            both.into_iter().filter_map(|thread| thread.join().ok()).fold(0.0, f64::max)
        })
    });
    json!({ "one": one, "two": two })
}

/// Reading gzip against inflating it.
fn gzip(text: &[u8]) -> Value {
    let text = text.get(..text.len().min(100_000_000)).unwrap_or_default();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let packed = encoder.write_all(text).and_then(|()| encoder.finish()).unwrap_or_default();
    let inflate = median(|| {
        let mut decoder = flate2::write::GzDecoder::new(io_sink());
        for piece in packed.chunks(PIECE_BYTES) {
            let _ = decoder.write_all(piece);
        }
    });
    let read = median(|| {
        let mut engine = Engine::default();
        engine.read(&packed);
        black_box(engine.tuples);
    });
    json!({ "bytes": text.len(), "packed": packed.len(), "inflate": inflate, "read": read })
}

fn io_sink() -> impl Write {
    std::io::sink()
}

/// Bytes retained: every source of the pods' ranges 10.244.0.0 to 10.244.20.255, a fifth of them, is said to be a gateway.
fn retained(text: &[u8]) -> Value {
    let mut plain = Engine::default();
    plain.read(text);
    plain.settle();
    let mut engine = Engine::default();
    let subnets = ["10.244.0.0/20", "10.244.16.0/22", "10.244.20.0/23"];
    engine.keep_connections(subnets.iter().filter_map(|subnet| subnet.parse().ok()).collect());
    engine.read(text);
    engine.settle();
    let retained = engine.held();
    // What a page asks first: everything by pair and by minute, and the picture.
    engine.pairs(Filter::None, 0, 59);
    engine.timeline(Filter::None);
    engine.group();
    engine.picture(0, 59);
    let asked = engine.held();
    json!({ "bytes": text.len(), "plain": plain.held(), "retained": retained, "asked": asked })
}

/// A log of so many bytes has ten million rows.
const QUERY_BYTES: u64 = 3_300_000_000;

/// Questions to ten million rows.
fn query() -> Value {
    let mut engine = Engine::default();
    let _ = underlay_lab::bench_log(QUERY_BYTES, 1, &mut engine);
    let settle = seconds_of(|| engine.settle());
    let mut filters = Vec::new();
    for filter in Filter::ALL {
        let pairs = median(|| _ = black_box(engine.pairs(filter, 0, 59)));
        let half = median(|| _ = black_box(engine.pairs(filter, 15, 44)));
        let timeline = median(|| _ = black_box(engine.timeline(filter)));
        filters.push(json!({ "filter": format!("{filter:?}"), "pairs": pairs, "half": half, "timeline": timeline }));
    }
    let group = seconds_of(|| engine.group());
    let mut picture = |first: i64, width: i64| seconds_of(|| _ = black_box(engine.picture(first, first + width - 1)));
    let brush = percentile((0..55).map(|first| picture(first, 5)).collect());
    let wide = percentile((0..30).map(|first| picture(first, 30)).skip(1).collect());
    // From one half of the hour to the other, so that nothing of the one before is of use.
    let jump = percentile((0..20).map(|at| picture(at % 2 * 30, 30)).collect());
    let listed = |first: i64| seconds_of(|| _ = black_box(engine.pairs(Filter::None, first, first + 4)));
    let listed = percentile((0..55).map(listed).collect());
    json!({ "tuples": engine.tuples, "rows": engine.rows(), "retained": engine.retained, "settle": settle, "filters": filters, "group": group,
        "brush95": brush, "wide95": wide, "jump95": jump, "listed95": listed })
}

/// 95 of 100 take no longer.
fn percentile(mut seconds: Vec<f64>) -> Option<f64> {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() * 95 / 100).copied()
}

/// 10^8 tuples from a generator.
fn stream() -> Value {
    let mut engine = Engine::default();
    let began = Instant::now();
    let stats = underlay_lab::bench_log(7_500_000_000, 1, &mut engine).unwrap_or_default();
    let read = began.elapsed().as_secs_f64();
    let before = peak();
    engine.settle();
    json!({ "bytes": stats.bytes, "tuples": stats.tuples, "accepted": engine.tuples, "seconds": began.elapsed().as_secs_f64(),
        "read": read, "retained": engine.retained, "peak_read": before, "peak": peak() })
}

/// The most memory that this process had, bytes; 0 where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn seconds_of(mut work: impl FnMut()) -> f64 {
    let start = seconds();
    work();
    seconds() - start
}

fn median(mut work: impl FnMut()) -> f64 {
    median_of(|| seconds_of(&mut work))
}

fn median_of(mut measure: impl FnMut() -> f64) -> f64 {
    let mut all: Vec<f64> = (0..ROUNDS).map(|_| measure()).collect();
    all.sort_by(f64::total_cmp);
    all[ROUNDS / 2]
}

/// Seconds that this thread has run, or the clock.
fn seconds() -> f64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let on_processor = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = on_processor.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

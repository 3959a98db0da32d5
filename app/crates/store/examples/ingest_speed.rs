//! How fast flow logs are read: `cargo run --release -p underlay-store --example ingest_speed [FILE | MEGABYTES]`. Prints MB/s of the scanner alone,
//! of the careful path's shape (serde_json per record and `str::split`), and of scanner and store, on a file or on generated text; then what
//! settling and asking took, and what is retained.

use std::hint::black_box;
use std::time::Instant;
use underlay_scan::{NullSink, Scanner};
use underlay_store::Store;
use underlay_store::query::{PairQuery, Selector};

const CHUNK: usize = 1 << 20;

fn main() {
    let argument = std::env::args().nth(1);
    let text = match argument.as_deref().map(|argument| (argument, argument.parse::<usize>())) {
        None => generate(256 << 20),
        Some((_, Ok(megabytes))) => generate(megabytes << 20),
        Some((path, Err(_))) => match std::fs::read(path) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("{path}: {error}");
                std::process::exit(2);
            }
        },
    };
    let megabytes = text.len() as f64 / 1e6;
    println!("{megabytes:.0} MB, best of 5");
    let report =
        |what: &str, seconds: f64| println!("{what:<28} {:>7.0} MB/s   {:>8.1} ms", megabytes / seconds, seconds * 1e3);

    report(
        "scan",
        best(|| {
            let mut scanner = Scanner::new();
            text.chunks(CHUNK).for_each(|chunk| scanner.push(chunk, &mut NullSink));
            black_box(scanner.finish(&mut NullSink));
        }),
    );
    report(
        "serde_json and split",
        best_of(1, || {
            black_box(obvious(&text));
        }),
    );
    let mut store = Store::new();
    let mut account = None;
    report(
        "scan and store",
        best(|| {
            store = Store::new();
            let mut scanner = Scanner::new();
            text.chunks(CHUNK).for_each(|chunk| scanner.push(chunk, &mut store.sink(0)));
            account = Some(scanner.finish(&mut store.sink(0)));
        }),
    );
    let account = account.unwrap_or_default();
    println!(
        "{} records, {} tuples, {} rejected, {} lost",
        account.records,
        account.accepted,
        account.rejected_tuples(),
        account.lost_bytes
    );
    println!(
        "{} cells, {} bytes retained, {:.3} a byte read",
        store.cells(),
        store.memory_bytes(),
        store.memory_bytes() as f64 / text.len() as f64
    );
    let time = |what: &str, work: &mut dyn FnMut()| {
        let start = seconds();
        work();
        println!("{what:<28} {:>8.1} ms", (seconds() - start) * 1e3);
    };
    time("settle, first", &mut || store.settle_alone());
    time("settle, again", &mut || store.settle_alone());
    println!(
        "{} bytes retained, {:.3} a byte read",
        store.memory_bytes(),
        store.memory_bytes() as f64 / text.len() as f64
    );
    time("pairs", &mut || println!("{} pairs", black_box(store.pairs(&PairQuery::default())).iter().count()));
    time("timeline", &mut || println!("{} minutes", black_box(store.timeline(&Selector::default())).0.len()));
    time("pair details", &mut || {
        black_box(store.pair_details(&Selector::default()));
    });
}

/// Seconds that this thread has run, where the system says so (Linux), else the clock: other programs on the machine then count too.
fn seconds() -> f64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let on_processor = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = on_processor.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

fn best(work: impl FnMut()) -> f64 {
    best_of(5, work)
}

fn best_of(times: u32, mut work: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..times {
        let start = seconds();
        work();
        best = best.min(seconds() - start);
    }
    best
}

/// What a straightforward program would do with each record.
fn obvious(text: &[u8]) -> u64 {
    let inside = text.get(12..).unwrap_or_default();
    let mut bytes = 0;
    let mut rest = inside;
    while rest.first() == Some(&b'{') {
        let mut stream = serde_json::Deserializer::from_slice(rest).into_iter::<serde_json::Value>();
        let Some(Ok(record)) = stream.next() else { break };
        let used = stream.byte_offset();
        for flow in record["flowRecords"]["flows"].as_array().into_iter().flatten() {
            for group in flow["flowGroups"].as_array().into_iter().flatten() {
                for tuple in group["flowTuples"].as_array().into_iter().flatten().filter_map(|tuple| tuple.as_str()) {
                    let fields: Vec<&str> = tuple.split(',').collect();
                    bytes += fields.get(10).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
                    bytes += fields.get(12).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
                }
            }
        }
        rest = rest.get(used + 1..).unwrap_or_default();
    }
    bytes
}

/// Records of many NICs over an hour: probes and requests to pods with stable, skewed peers, begins and ends in pairs, some long flows, and one
/// tuple in twenty a denied scan from anywhere.
fn generate(size: usize) -> Vec<u8> {
    use std::io::Write;
    let mut random = Random(0x5EED);
    let mut text = Vec::with_capacity(size + (1 << 20));
    text.extend_from_slice(b"{\"records\":[");
    let nics = (size / 2_800_000).clamp(1, 104) as u64;
    let mut minute = 0;
    'all: loop {
        for nic in 0..nics {
            if text.len() >= size {
                break 'all;
            }
            if text.len() > 12 {
                text.push(b',');
            }
            let base = 1_795_165_200_000 + minute * 60_000;
            let _ = write!(
                text,
                "{{\"time\":\"2026-11-20T09:{:02}:41.1830427Z\",\"flowLogVersion\":4,\"flowLogGUID\":\"5a0f7a3e-7d0c-4c8b-9f55-0b1c2d3e4f50\",\"macAddress\":\"6045BD{nic:06X}\",\"category\":\"FlowLogFlowEvent\",\"flowLogResourceID\":\"/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/NETWORKWATCHER_EASTUS/FLOWLOGS/AKSVNET-DEMO-FLOWLOG\",\"targetResourceID\":\"/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/demo/providers/Microsoft.Network/virtualNetworks/aksVnet\",\"operationName\":\"FlowLogFlowEvent\",\"flowRecords\":{{\"flows\":[",
                minute % 60
            );
            for (number, rule) in [
                "DefaultRule_AllowVnetInBound",
                "DefaultRule_AllowVnetOutBound",
                "UserRule_web",
                "PlatformRule",
                "DefaultRule_DenyAllInBound",
            ]
            .iter()
            .enumerate()
            {
                let comma = if number == 0 { "" } else { "," };
                let _ = write!(
                    text,
                    "{comma}{{\"aclID\":\"0d3c1a52-61b7-4a55-8f10-6a7b8c9d0e1f\",\"flowGroups\":[{{\"rule\":\"{rule}\",\"flowTuples\":["
                );
                let count = 100 + random.below(60);
                for tuple in 0..count {
                    if tuple > 0 {
                        text.push(b',');
                    }
                    let time = base + random.below(60_000) as i64;
                    let port = 32_768 + random.below(28_000);
                    if number == 4 {
                        let source = random.below(1 << 32) as u32;
                        let source = std::net::Ipv4Addr::from(source);
                        let _ = write!(
                            text,
                            "\"{time},{source},10.13.76.{},{port},{},6,I,D,NX,0,0,0,0\"",
                            nic + 4,
                            random.below(1024)
                        );
                        if tuple > 30 {
                            break;
                        }
                        continue;
                    }
                    let range = 1 + random.below(40);
                    let skewed = random.below(range);
                    let direction = if number == 1 { 'O' } else { 'I' };
                    let (source, target) =
                        (format!("10.13.100.{}", 4 + skewed % 7), format!("10.244.{nic}.{}", 10 + skewed));
                    let (packets, bytes) = (5 + random.below(90), 500 + random.below(60_000));
                    if tuple % 12 == 11 {
                        let _ = write!(
                            text,
                            "\"{time},{source},{target},{port},8080,6,{direction},C,NX,{packets},{bytes},{},{}\"",
                            packets + 2,
                            bytes * 3
                        );
                    } else {
                        let _ = write!(
                            text,
                            "\"{time},{source},{target},{port},8080,6,{direction},B,NX,0,0,0,0\",\"{},{source},{target},{port},8080,6,{direction},E,NX,{packets},{bytes},{},{}\"",
                            time + 40,
                            packets + 2,
                            bytes * 3
                        );
                    }
                }
                text.extend_from_slice(b"]}]}");
            }
            text.extend_from_slice(b"]}}");
        }
        minute += 1;
    }
    text.extend_from_slice(b"]}");
    text
}

/// xorshift64*, so that every run measures the same text.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % limit.max(1)
    }
}

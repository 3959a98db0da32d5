//! From a plan to a capture: each NIC of each flow log tells its hours, a record a minute.

use crate::cluster::{Cluster, REGION, RESOURCE_GROUP, SUBSCRIPTION};
use crate::flow_log::{CLOSER, FlowLog, OPENER, Record, Tuple};
use crate::objects;
use crate::plan::Plan;
use crate::random::Random;
use crate::sink::{Counted, Sink, Stats};
use crate::traffic::{Nic, Traffic};
use crate::truth::{Ledger, Truth};
use std::io;
use underlay_model::time::{MINUTE_MS, Millis};

/// What came of a plan.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was written.
    pub stats: Stats,
    /// What a correct reader finds, when the plan asks for it.
    pub truth: Option<Truth>,
}

const HOUR_MS: Millis = 60 * MINUTE_MS;

/// Writes the capture of a plan: `flows/…/PT1H.json` per flow log, NIC and hour, copies below `earlier/` and `partial/`, and beside
/// them `kubernetes.json`, `backend-health.json`, `aks.json`, `vnet.json`, `subnets.json`, `nics.json`.
///
/// # Errors
/// When the plan is out of range, and what the sink says.
pub fn generate(plan: &Plan, sink: &mut dyn Sink) -> io::Result<Outcome> {
    plan.check()?;
    let mut plan = plan.clone();
    let cluster = Cluster::of(&plan);
    if let Some(target) = plan.target_bytes {
        plan.requests = requests_for(&plan, &cluster, target);
    }
    let traffic = Traffic::new(&plan, &cluster);
    let mut writer = Writer {
        sink: Counted::new(sink),
        ledger: plan.truth.then(Ledger::default),
        plan: &plan,
        record: Record::default(),
        spoiled: Vec::new(),
        buffer: Vec::new(),
    };
    for (number, log) in flow_logs(&plan).iter().enumerate() {
        for (place, nic) in traffic.nics().into_iter().enumerate() {
            if number > 0 && matches!(nic, Nic::Instance(_)) {
                continue;
            }
            writer.nic(&traffic, log, number, nic, place)?;
        }
    }
    if plan.objects {
        objects::write(&plan, &cluster, &mut writer.sink)?;
    }
    writer.sink.finish()?;
    let stats = writer.sink.stats;
    let truth = writer.ledger.map(|ledger| ledger.settle(&plan, &cluster));
    Ok(Outcome { stats, truth })
}

/// The FlowLog resources: the first on the VNet, the others on the node subnet.
fn flow_logs(plan: &Plan) -> Vec<FlowLog> {
    let vnet = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/Microsoft.Network/virtualNetworks/aksVnet"
    );
    (0..plan.flow_logs)
        .map(|number| FlowLog {
            guid: format!("5a0f7a3e-7d0c-4c8b-9f55-0b1c2d3e4f{:02x}", 0x50 + number),
            subscription: SUBSCRIPTION.to_owned(),
            region: REGION.to_owned(),
            name: if number == 0 { "aksVnet-demo-flowlog".to_owned() } else { format!("nodes-{number}-demo-flowlog") },
            target: if number == 0 { vnet.clone() } else { format!("{vnet}/subnets/aks1stpool") },
        })
        .collect()
}

/// The requests a minute that fill the wished size, after everything else has had its share.
fn requests_for(plan: &Plan, cluster: &Cluster, target: u64) -> u64 {
    let gateway_nics = match plan.sides {
        crate::plan::ReportingSides::Both => 1,
        crate::plan::ReportingSides::Destination => 0,
    };
    let at_nodes = u64::from(plan.flow_logs);
    let minutes = u64::from(plan.minutes);
    const CONNECTION: u64 = 149;
    let records =
        (cluster.nodes.len() as u64 * at_nodes + cluster.instances.len() as u64 * gateway_nics) * minutes * 1_000;
    let probes = 60_000_u64.checked_div(plan.probe_interval_ms).unwrap_or(0)
        * (cluster.pods.len() * cluster.instances.len()) as u64;
    let inside = plan.east_west * CONNECTION * at_nodes * (1 + gateway_nics);
    let outside = (plan.egress + plan.platform) * CONNECTION * at_nodes + plan.denied * 75 * at_nodes;
    let reports = if cluster.instances.is_empty() { at_nodes } else { at_nodes + gateway_nics };
    let rest = records + (probes * CONNECTION * reports + inside + outside) * minutes;
    target.saturating_sub(rest) / (minutes * CONNECTION * reports).max(1)
}

/// One blob while it is written: what it holds, and its bytes when a copy is wanted.
struct Blob {
    hour: Millis,
    path: String,
    bytes: u64,
    /// Of each record: accepted, rejected.
    records: Vec<(u64, u64)>,
    copied: Option<Text>,
}

/// The text of a blob that is copied.
struct Text {
    /// Where each record begins and ends.
    edges: Vec<(usize, usize)>,
    bytes: Vec<u8>,
}

struct Writer<'a, 'b> {
    sink: Counted<'a>,
    ledger: Option<Ledger>,
    plan: &'b Plan,
    record: Record,
    /// Kinds of the record's malformed tuples.
    spoiled: Vec<u64>,
    buffer: Vec<u8>,
}

impl Writer<'_, '_> {
    /// All hours of one NIC in one flow log.
    fn nic(&mut self, traffic: &Traffic<'_>, log: &FlowLog, number: usize, nic: Nic, place: usize) -> io::Result<()> {
        let plan = self.plan;
        let mac = traffic.mac(nic);
        let end = plan.start_ms + i64::from(plan.minutes) * MINUTE_MS;
        let mut random = Random::of(plan.seed, &[0x004E_4943, number as u64, place as u64]);
        let phase = 5_000 + random.below(54_000) as i64;
        let mut waiting: Vec<Tuple> = Vec::new();
        traffic.long_flows(nic, &mut waiting);
        waiting.retain(|tuple| tuple.time_ms >= plan.start_ms);
        let mut blob: Option<Blob> = None;
        for window in 0..=i64::from(plan.minutes) {
            if window < i64::from(plan.minutes) {
                traffic.minute(nic, window, &mut waiting);
            }
            let until = (plan.start_ms + phase + window * MINUTE_MS).min(end);
            self.record.clear();
            self.spoiled.clear();
            waiting.retain(|tuple| {
                let due = tuple.time_ms < until;
                if due {
                    self.record.push(*tuple);
                }
                !due
            });
            if number == 0 {
                self.spoil(place, traffic.nics().len(), window, until);
            }
            // With several flow logs each misses some minutes, so that the larger report is not always the same one's.
            let missed = plan.flow_logs > 1 && random.chance(1, 9);
            if missed || self.record.is_empty() {
                continue;
            }
            let written = until + 100 + random.below(800) as i64;
            let hour = written - written.rem_euclid(HOUR_MS);
            if blob.as_ref().is_some_and(|blob| blob.hour != hour) {
                self.close(blob.take(), place, number)?;
            }
            let blob = match &mut blob {
                Some(blob) => blob,
                None => blob.insert(self.open(log, mac, hour, place, number)?),
            };
            self.append(blob, log, mac, written)?;
        }
        self.close(blob, place, number)
    }

    /// Adds the plan's malformed tuples to the records that they are meant for.
    fn spoil(&mut self, place: usize, nics: usize, window: i64, until: Millis) {
        for index in 0..u64::from(self.plan.rejected) {
            let (nic, minute) = (index as usize % nics, (index * 7 + 3) % u64::from(self.plan.minutes));
            if nic != place || i64::try_from(minute) != Ok(window) {
                continue;
            }
            let time = until - 1;
            let text = match index % 9 {
                0 => time.to_string(),
                1 => format!("\"{time},10.13.100.6,10.244.0.147,41876,8080,6,I\""),
                2 => "\"17951652x8512,10.13.100.6,10.244.0.147,41876,8080,6,I,B,NX,0,0,0,0\"".to_owned(),
                3 => format!("\"{time},10.13.100.06,10.244.0.147,41876,8080,6,I,B,NX,0,0,0,0\""),
                4 => format!("\"{time},10.13.100.6,10.244.0.147,70000,8080,6,I,B,NX,0,0,0,0\""),
                5 => format!("\"{time},10.13.100.6,10.244.0.147,41876,8080,256,I,B,NX,0,0,0,0\""),
                6 => format!("\"{time},10.13.100.6,10.244.0.147,41876,8080,6,X,B,NX,0,0,0,0\""),
                7 => format!("\"{time},10.13.100.6,10.244.0.147,41876,8080,6,I,Q,NX,0,0,0,0\""),
                _ => format!("\"{time},10.13.100.6,10.244.0.147,41876,8080,6,I,E,NX,6,-702,5,1893\""),
            };
            self.spoiled.push(index % 9);
            self.record.malformed.push(text);
        }
    }

    fn open(&mut self, log: &FlowLog, mac: &str, hour: Millis, place: usize, number: usize) -> io::Result<Blob> {
        let path = format!("flows/{}", log.path(hour, mac));
        self.sink.file(&path)?;
        self.sink.write(OPENER)?;
        self.sink.stats.log_bytes += OPENER.len() as u64;
        let first = hour <= self.plan.start_ms;
        let copied = number == 0
            && first
            && (place < self.plan.earlier_copies as usize || place < self.plan.cut_copies as usize);
        Ok(Blob {
            hour,
            path,
            bytes: OPENER.len() as u64,
            records: Vec::new(),
            copied: copied.then(|| Text { edges: Vec::new(), bytes: OPENER.to_vec() }),
        })
    }

    fn append(&mut self, blob: &mut Blob, log: &FlowLog, mac: &str, written: Millis) -> io::Result<()> {
        self.buffer.clear();
        if !blob.records.is_empty() {
            self.buffer.push(b',');
        }
        let separator = self.buffer.len();
        self.record.write(log, mac, written, &mut self.buffer);
        self.sink.write(&self.buffer)?;
        let (accepted, rejected) = (self.record.tuples().count() as u64, self.record.malformed.len() as u64);
        if let Some(Text { edges, bytes: text }) = &mut blob.copied {
            let start = text.len();
            text.extend_from_slice(&self.buffer);
            edges.push((start + separator, text.len()));
        }
        blob.bytes += self.buffer.len() as u64;
        blob.records.push((accepted, rejected));
        let stats = &mut self.sink.stats;
        stats.log_bytes += self.buffer.len() as u64;
        stats.records += 1;
        stats.tuples += accepted + rejected;
        if let Some(ledger) = &mut self.ledger {
            ledger.record(&log.guid, mac, &self.record);
            self.spoiled.iter().for_each(|&kind| ledger.rejected(kind));
        }
        Ok(())
    }

    /// Ends a blob and writes the copies that the plan wants of it.
    fn close(&mut self, blob: Option<Blob>, place: usize, number: usize) -> io::Result<()> {
        let Some(blob) = blob else { return Ok(()) };
        self.sink.write(CLOSER)?;
        self.sink.stats.log_bytes += CLOSER.len() as u64;
        // An earlier copy sorts before the blob, so the blob's own records are the duplicates; with a cut copy it is the other way.
        let mut repeated = 0;
        if let Some(Text { edges, bytes: text }) = &blob.copied {
            let inner = blob.path.strip_prefix("flows/").unwrap_or(&blob.path);
            if number == 0 && place < self.plan.earlier_copies as usize && edges.len() > 1 {
                repeated = edges.len() * 2 / 3;
                let path = format!("earlier/{inner}");
                let end = edges[repeated - 1].1;
                self.sink.file(&path)?;
                self.sink.write(&text[..end])?;
                self.sink.write(CLOSER)?;
                if let Some(ledger) = &mut self.ledger {
                    ledger.input(&path, (end + CLOSER.len()) as u64, &blob.records[..repeated], 0, 0);
                }
            }
            if number == 0 && place < self.plan.cut_copies as usize && edges.len() > 1 {
                let whole = edges.len() / 2;
                let (start, end) = edges[whole];
                let cut = start
                    + Random::of(self.plan.seed, &[0x0043_5554, place as u64]).between(1, (end - start) as u64 - 1)
                        as usize;
                let path = format!("partial/{inner}");
                self.sink.file(&path)?;
                self.sink.write(&text[..cut])?;
                let lost = text[start..cut].iter().filter(|&&byte| byte != b',' && byte != b' ').count() as u64;
                if let Some(ledger) = &mut self.ledger {
                    ledger.input(&path, cut as u64, &blob.records[..whole], whole, lost);
                }
            }
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.input(&blob.path, blob.bytes + CLOSER.len() as u64, &blob.records, repeated, 0);
        }
        Ok(())
    }
}

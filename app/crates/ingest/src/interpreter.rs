//! Gives every JSON object of a text to the reader of its kind, keeps the account of which formats were met, and says in
//! plain words what there was.

use crate::azure;
use crate::documents::{Lost, Visitor, Walk};
use crate::json::Json;
use crate::object_stream::Taken;
use crate::{backend_health, kubernetes, metrics, objects, prometheus, requests, whoami};
use std::collections::BTreeMap;
use underlay_model::input::Format;
use underlay_model::inventory::Fragment;
use underlay_model::order::Order;
use underlay_model::time::Millis;

/// Deepest list in a list that is unrolled (`jq -s` over saved lists).
const LIST_DEPTH: u8 = 4;

/// Records of one format in one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) format: Format,
    pub(crate) records: u64,
    /// Where the first begins.
    pub(crate) first: u64,
}

/// Places that look like YAML of Kubernetes and are not, before nobody looks any more.
const MOST_REFUSALS: u32 = 200;
/// The same of Azure.
const MOST_AZURE_REFUSALS: u32 = 20;

/// What was understood of a text so far.
#[derive(Debug, Default)]
pub(crate) struct Interpreter {
    pub(crate) fragment: Fragment,
    /// In the order of their first record.
    pub(crate) met: Vec<Met>,
    /// What an envelope or a broken object said that the text is.
    pub(crate) hinted: Option<Format>,
    /// Newest time stamp inside the objects.
    pub(crate) newest_ms: Option<Millis>,
    /// Objects by their noun in singular, for the sentence.
    nouns: BTreeMap<String, u64>,
    /// Azure resources whose kind is read.
    pub(crate) used_resources: u64,
    /// Subnets and the like, whole or broken, stand here by themselves: those behind damage are records, not parts of others.
    parts_alone: bool,
    /// Rows of access and firewall logs.
    pub(crate) log: requests::Log,
    /// What the answer says that the metrics stand in.
    metrics: metrics::Envelope,
    /// Rows of exported metrics.
    pub(crate) exported: metrics::Exported,
    /// Places that looked like YAML of Kubernetes and were not.
    yaml_refused: u32,
    /// The same of Azure, whose first lines have no names of their own.
    azure_yaml_refused: u32,
    /// The first error answer: its sentence and place.
    pub(crate) error: Option<(String, u64)>,
    /// What was taken of the text before the walk over the rest, whose places are told.
    pub(crate) taken: Taken,
    /// Where the object begins whose text is read: all in it stands there.
    inside: Option<u64>,
    /// What is lost in such texts.
    pub(crate) lost_inside: Vec<Lost>,
    /// Columns of the last table of the Kubernetes API that named them.
    columns: Vec<String>,
    /// Objects without a name.
    pub(crate) nameless: Odd,
    /// Objects with an address that is none.
    pub(crate) misaddressed: Odd,
}

/// Objects of which something is wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Odd {
    pub(crate) count: u64,
    /// Where the first begins.
    pub(crate) first: u64,
    /// What the first is.
    pub(crate) words: String,
}

impl Odd {
    fn add(&mut self, at: u64, words: String) {
        if self.count == 0 {
            (self.first, self.words) = (at, words);
        }
        self.count += 1;
    }
}

impl Interpreter {
    /// Format of the text: that of its first recognised part.
    pub(crate) fn format(&self) -> Option<Format> {
        self.met.first().map(|met| met.format).or(self.hinted)
    }

    /// `1 node, 14 pods, 6 services`; the most telling kinds first.
    pub(crate) fn contents(&self) -> String {
        let rank = |noun: &str| kubernetes::kinds::rank(noun);
        let mut counted: Vec<(&String, &u64)> = self.nouns.iter().collect();
        counted.order_by_key(|(noun, _)| (rank(noun), noun.as_str()));
        let parts: Vec<String> = counted.into_iter().map(|(noun, count)| crate::words::count(*count, noun)).collect();
        parts.join(", ")
    }

    /// Events that were read and not kept.
    pub(crate) fn events_beyond(&self) -> Option<u64> {
        let read = self.nouns.get("event").copied().unwrap_or(0);
        read.checked_sub(self.fragment.events.len() as u64).filter(|&more| more > 0 && read > kubernetes::MOST_EVENTS)
    }

    fn meet(&mut self, format: Format, at: u64, noun: &str) {
        self.meet_many(format, at, noun, 1);
    }

    fn meet_many(&mut self, format: Format, at: u64, noun: &str, records: u64) {
        match self.met.iter_mut().find(|met| met.format == format) {
            Some(met) => met.records += records,
            None => self.met.push(Met { format, records, first: at }),
        }
        if !noun.is_empty() {
            *self.nouns.entry(noun.to_owned()).or_default() += 1;
        }
    }

    fn read(&mut self, value: &Json<'_>, list_kind: &str, at: u64, depth: u8) -> bool {
        // A watch prints each object in an envelope of its own.
        let watched = value.get("object");
        if watched.is_object() && value.get("type").as_str().is_some() && watched.get("kind").as_str().is_some() {
            // A bookmark only says how far the watch has come.
            return value.get("type").as_str() == Some("BOOKMARK") || self.read(watched, list_kind, at, depth);
        }
        if kubernetes::table::served::is_table(value) {
            self.served_table(value, at, depth);
            return true;
        }
        if let Some(output) = command_output(value)
            && self.read_inside(output, at)
        {
            return true;
        }
        let own_kind = value.get("kind").as_str().unwrap_or_default();
        let has_items = value.members_of().any(|(key, _)| key.eq_ignore_ascii_case("items"));
        if own_kind.ends_with("List") && has_items && depth < LIST_DEPTH {
            let own_kind = own_kind.to_owned();
            let before = self.met.len();
            let mut any = false;
            for item in value.list("items") {
                any |= self.read(item, &own_kind, at, depth + 1);
            }
            if !any && before == self.met.len() {
                self.hinted = self.hinted.or(Some(Format::Kubernetes));
            }
            return true;
        }
        if let Some(kind) = kubernetes::kind_of(value, list_kind) {
            let used = kubernetes::read(value, &kind, &mut self.fragment);
            self.meet(Format::Kubernetes, at, kubernetes::kinds::noun(&kind));
            self.newest(value);
            if used {
                if let Some(words) = kubernetes::misaddressed(value, &kind) {
                    self.misaddressed.add(at, words);
                }
            } else if kubernetes::is_nameless(value, &kind) {
                // Windows PowerShell writes what lies deeper than it is told as such a text.
                let cut = value.get("metadata").as_str().is_some_and(|text| text.starts_with("@{"));
                let why = if cut { ", cut by ConvertTo-Json: give it a larger -Depth" } else { "" };
                self.nameless.add(at, ["a ", &kind, why].concat());
            }
            if kind == "Status" && value.get("status").as_str() == Some("Failure") {
                self.note_error(format!("The API answered with an error: {}.", value.get("message").text()), at);
            }
            return true;
        }
        if backend_health::is_service(value) {
            self.fragment.backend_health.extend(backend_health::read(value));
            self.meet(Format::BackendHealth, at, "service");
            return true;
        }
        if whoami::is_answer(value) {
            self.fragment.whoami.push(whoami::read(value));
            self.meet(Format::Whoami, at, "answer");
            return true;
        }
        if metrics::is_metric(value) {
            let (series, values) = metrics::read(value, &self.metrics);
            self.fragment.azure.metrics.extend(series);
            self.meet_many(Format::AzureMetrics, at, "metric", values);
            return true;
        }
        if metrics::is_row(value) {
            let values = self.exported.read(value, &mut self.fragment.azure.metrics);
            self.meet_many(Format::AzureMetrics, at, "", values);
            return true;
        }
        if let Some((format, rows)) = self.log.read(value, at) {
            self.meet_many(format, at, "", rows);
            return true;
        }
        if let Some(format) = objects::format_of(value) {
            self.meet(format, at, "");
            return true;
        }
        // Answers about several resources hold such lists: batches of metrics, pages of a query.
        if value.get("value").is_list() && depth < LIST_DEPTH {
            let outer = std::mem::replace(&mut self.metrics, metrics::Envelope::of(value));
            let mut any = metrics::is_envelope(value);
            for inside in value.list("value") {
                any |= inside.is_object() && self.read(inside, "", at, depth + 1);
            }
            self.metrics = outer;
            if any {
                if metrics::is_envelope(value) {
                    self.hinted = self.hinted.or(Some(Format::AzureMetrics));
                }
                return true;
            }
        }
        if let Some(kind) = azure::kind_of(value) {
            let subnets_before = self.fragment.subnets.len();
            if azure::read(value, &kind, &mut self.fragment) {
                self.used_resources += 1;
            }
            self.parts_alone |= kind.is_part();
            if kind == azure::Kind::VirtualNetwork {
                let subnets = self.fragment.subnets.len().saturating_sub(subnets_before) as u64;
                if subnets > 0 {
                    *self.nouns.entry("subnet".to_owned()).or_default() += subnets;
                }
            }
            self.meet(Format::AzureResource, at, kind.noun());
            self.newest(value);
            return true;
        }
        false
    }

    /// A table of the Kubernetes API: its rows are objects, or show some.
    fn served_table(&mut self, table: &Json<'_>, at: u64, depth: u8) {
        use kubernetes::table::served;
        let columns = served::columns(table);
        if !columns.is_empty() {
            self.columns = columns;
        }
        self.hinted = self.hinted.or(Some(Format::KubernetesTable));
        for row in table.list("rows").filter(|row| row.is_object()) {
            if let Some(object) = served::object(row).filter(|_| depth < LIST_DEPTH)
                && self.read(object, "", at, depth + 1)
            {
                continue;
            }
            self.newest(row.get("object"));
            let noun = served::read_row(&self.columns, row, &mut self.fragment);
            self.meet(Format::KubernetesTable, at, noun);
        }
    }

    /// Reads a text that is a member of an object; whether anything was recognised in it.
    fn read_inside(&mut self, text: &str, at: u64) -> bool {
        if self.inside.is_some() {
            return false;
        }
        let records = |met: &[Met]| met.iter().map(|met| met.records).sum::<u64>();
        let before = records(&self.met);
        self.inside = Some(at);
        let walked = crate::documents::walk(text, self);
        self.inside = None;
        let recognised = records(&self.met) > before;
        if recognised {
            self.lost_inside.extend(walked.lost.into_iter().map(|lost| Lost { byte: at, ..lost }));
        }
        recognised
    }

    /// Where a place of the text that is walked stands in the input.
    fn place(&self, at: u64) -> u64 {
        self.places()(at)
    }

    /// The same as a function of its own.
    fn places(&self) -> impl Fn(u64) -> u64 + use<> {
        let (inside, taken) = (self.inside, self.taken);
        move |at| inside.unwrap_or_else(|| taken.place(at))
    }

    fn note_error(&mut self, sentence: String, at: u64) {
        self.error.get_or_insert((sentence, at));
    }

    fn newest(&mut self, value: &Json<'_>) {
        let newest = newest_time(value);
        self.newest_ms = self.newest_ms.max(newest);
        if !value.get("apiVersion").is_null() || value.get("metadata").is_object() {
            self.fragment.newest_ms = self.fragment.newest_ms.max(newest);
        }
    }
}

impl Visitor for Interpreter {
    fn element(&mut self, value: &Json<'_>, list_kind: &str, at: u64) -> bool {
        let place = self.place(at);
        let known = self.read(value, list_kind, place, 0);
        self.fragment.stands_at(place);
        known
    }

    fn hint(&mut self, members: &Json<'_>) {
        self.parts_alone |= azure::kind_of(members).is_some_and(|kind| kind.is_part());
        if self.hinted.is_some() {
            return;
        }
        self.hinted = if kubernetes::is_envelope(members) {
            Some(Format::Kubernetes)
        } else if backend_health::is_envelope(members) {
            Some(Format::BackendHealth)
        } else if whoami::is_answer(members) {
            Some(Format::Whoami)
        } else if metrics::is_metric(members) || metrics::is_row(members) || metrics::is_envelope(members) {
            Some(Format::AzureMetrics)
        } else if let Some(format) = requests::format_of(members).or_else(|| objects::format_of(members)) {
            Some(format)
        } else if azure::is_envelope(members) {
            Some(Format::AzureResource)
        } else {
            None
        };
    }

    fn text(&mut self, text: &str, at: usize, walk: &mut Walk) -> Option<usize> {
        // Telling YAML of Kubernetes looks far ahead: text that seems to begin it again and again is asked no more.
        if self.yaml_refused < MOST_REFUSALS && crate::yaml::block::seems(text, at) {
            if crate::yaml::block::begins(text, at) {
                return Some(crate::yaml::block::walk(text, at, self, walk));
            }
            self.yaml_refused += 1;
        }
        if self.azure_yaml_refused < MOST_AZURE_REFUSALS && azure::yaml::seems(text, at) {
            if azure::yaml::begins(text, at) {
                return Some(crate::yaml::block::walk(text, at, self, walk));
            }
            self.azure_yaml_refused += 1;
        }
        if prometheus::begins(text, at) {
            let place = self.places();
            let (end, samples) = prometheus::read(text, at, walk, &mut self.fragment, &place);
            self.meet_many(Format::Prometheus, self.place(at as u64), "", samples);
            return Some(end);
        }
        let place = self.places();
        let (end, rows) = kubernetes::table::read(text, at, &mut self.fragment, &place)?;
        if rows.is_empty() {
            self.hinted = self.hinted.or(Some(Format::KubernetesTable));
        }
        for (row, noun) in rows {
            self.meet(Format::KubernetesTable, self.place(row as u64), noun);
        }
        Some(end)
    }

    fn list_hint(&mut self, key: &str, envelope: &Json<'_>) {
        if key.eq_ignore_ascii_case("value") {
            self.metrics = metrics::Envelope::of(envelope);
        }
        if self.hinted.is_none() && key.eq_ignore_ascii_case("services") && envelope.members_of().next().is_none() {
            self.hinted = Some(Format::BackendHealth);
        }
    }

    fn is_record(&self, value: &Json<'_>) -> bool {
        let kind = value.get("kind").as_str().unwrap_or_default();
        if kind.ends_with("List") && value.get("items").is_list() {
            return true;
        }
        if value.get("metadata").is_object() {
            // A template inside a workload has metadata, too, but neither kind nor, mostly, a name.
            return kubernetes::kind_of(value, "").is_some();
        }
        if backend_health::is_service(value) && value.get("serviceHealth").is_list() {
            return true;
        }
        if metrics::is_metric(value) || metrics::is_row(value) || requests::format_of(value).is_some() {
            return true;
        }
        match azure::kind_of(value) {
            None | Some(azure::Kind::Other(_)) => false,
            // A reference to a resource is its id alone.
            Some(_) if value.get("name").as_str().is_none() => false,
            // Subnets stand inside of virtual networks: there they are parts.
            Some(kind) if kind.is_part() => self.parts_alone || self.hinted.is_none(),
            Some(_) => true,
        }
    }
}

/// What a command printed that was run inside a private cluster (`az aks command invoke -o json`).
fn command_output<'v>(value: &'v Json<'_>) -> Option<&'v str> {
    matches!(value.get("exitCode"), Json::Number(_)).then(|| value.get("logs").as_str()).flatten()
}

/// Members that hold the time of something that has happened.
const TIMES: [&str; 22] = [
    "creationTimestamp",
    "lastTransitionTime",
    "lastHeartbeatTime",
    "lastProbeTime",
    "lastUpdateTime",
    "lastScheduleTime",
    "lastSuccessfulTime",
    "startTime",
    "completionTime",
    "startedAt",
    "finishedAt",
    "renewTime",
    "acquireTime",
    "firstTimestamp",
    "lastTimestamp",
    "eventTime",
    "lastObservedTime",
    "deprecatedFirstTimestamp",
    "deprecatedLastTimestamp",
    "lastModifiedAt",
    "createdAt",
    "time",
];

/// The newest time stamp anywhere in an object.
fn newest_time(value: &Json<'_>) -> Option<Millis> {
    let mut newest = None;
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        for (key, member) in value.members_of() {
            if member.is_object() || member.is_list() {
                open.push(member);
            } else if let Json::Text(text) = member
                && matches!(text.as_bytes(), [.., b'Z'] | [_, _, _, _, b'-', ..])
                && TIMES.iter().any(|known| key.eq_ignore_ascii_case(known))
            {
                newest = newest.max(member.time());
            }
        }
        open.extend(value.elements().filter(|element| element.is_object()));
    }
    newest
}

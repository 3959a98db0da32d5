//! Gives every JSON object of a text to the reader of its kind, keeps the account of which formats were met, and says in
//! plain words what there was.

mod element;
mod newest;

use crate::azure;
use crate::documents::{Lost, SERIES, Visitor, Walk};
use crate::json::Json;
use crate::object_stream::Taken;
use crate::{backend_health, kubernetes, metric_table, metrics, objects, prometheus, requests, texts, whoami};
use std::collections::BTreeMap;
use underlay_model::input::Format;
use underlay_model::inventory::Fragment;
use underlay_model::order::Order;
use underlay_model::time::Millis;

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
    /// Some only say that a resource exists.
    pub(crate) mentions: bool,
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
        if let Some((nets, end)) = texts::answered_prefixes(text, at) {
            self.meet_many(Format::Cidr, self.place(at as u64), "prefix", nets.len() as u64);
            self.fragment.cidrs.extend(nets);
            return Some(end);
        }
        let metrics = &mut self.fragment.azure.metrics;
        if let Some((end, values)) = metric_table::read(text, at, walk, &mut self.exported, metrics) {
            self.meet_many(Format::AzureMetrics, self.place(at as u64), "", values);
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
        if key == SERIES {
            self.hinted = self.hinted.or(Some(Format::Prometheus));
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
        let is_measured = metrics::is_metric(value) || metrics::is_row(value) || prometheus::is_series(value);
        if is_measured || requests::format_of(value).is_some() {
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

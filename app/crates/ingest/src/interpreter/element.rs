//! One object to the reader of its kind: out of what stands around it, then by what it says of itself.

use super::{Interpreter, Met};
use crate::documents::Lost;
use crate::json::Json;
use crate::{azure, backend_health, kubernetes, metrics, objects, prometheus, whoami};
use std::borrow::Cow;
use underlay_model::input::Format;

/// Deepest list in a list that is unrolled (`jq -s` over saved lists).
const LIST_DEPTH: u8 = 4;

impl Interpreter {
    /// Reads an object, or what stands in it; whether it is something that is known.
    pub(super) fn read(&mut self, value: &Json<'_>, list_kind: &str, at: u64, depth: u8) -> bool {
        self.enveloped(value, list_kind, at, depth).unwrap_or_else(|| {
            self.kubernetes(value, list_kind, at)
                || self.answer(value, at)
                || self.values(value, at, depth)
                || self.resource(value, at)
        })
    }

    /// What holds other objects: of a watch, a table, a command's output, a list. `None` when it is none of these.
    fn enveloped(&mut self, value: &Json<'_>, list_kind: &str, at: u64, depth: u8) -> Option<bool> {
        // A watch prints each object in an envelope of its own.
        let watched = value.get("object");
        if watched.is_object() && value.get("type").as_str().is_some() && watched.get("kind").as_str().is_some() {
            // A bookmark only says how far the watch has come.
            return Some(value.get("type").as_str() == Some("BOOKMARK") || self.read(watched, list_kind, at, depth));
        }
        if kubernetes::table::served::is_table(value) {
            self.served_table(value, at, depth);
            return Some(true);
        }
        if let Some(output) = command_output(value)
            && self.read_inside(output, at)
        {
            return Some(true);
        }
        if depth >= LIST_DEPTH {
            return None;
        }
        let kind = value.get("kind").as_str().unwrap_or_default();
        let has_items = value.members_of().any(|(key, _)| key.eq_ignore_ascii_case("items"));
        if kind.ends_with("List") && has_items {
            let before = self.met.len();
            let mut any = false;
            for item in value.list("items") {
                any |= self.read(item, kind, at, depth + 1);
            }
            if !any && before == self.met.len() {
                self.hinted = self.hinted.or(Some(Format::Kubernetes));
            }
            return Some(true);
        }
        let table = value.get("data");
        (table.get("columns").is_list() && table.get("rows").is_list() && self.graph_table(table, at, depth))
            .then_some(true)
    }

    fn kubernetes(&mut self, value: &Json<'_>, list_kind: &str, at: u64) -> bool {
        let Some(kind) = kubernetes::kind_of(value, list_kind) else { return false };
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
        true
    }

    /// Answers and rows that are records of their own: health, `/api/ip`, metrics, logs, flows.
    fn answer(&mut self, value: &Json<'_>, at: u64) -> bool {
        if backend_health::is_service(value) {
            self.fragment.backend_health.extend(backend_health::read(value));
            self.meet(Format::BackendHealth, at, "service");
        } else if whoami::is_answer(value) {
            self.fragment.whoami.push(whoami::read(value));
            self.meet(Format::Whoami, at, "answer");
        } else if metrics::is_metric(value) {
            let (series, values) = metrics::read(value, &self.metrics);
            self.fragment.azure.metrics.extend(series);
            self.meet_many(Format::AzureMetrics, at, "metric", values);
        } else if metrics::is_row(value) {
            let values = self.exported.read(value, &mut self.fragment.azure.metrics);
            self.meet_many(Format::AzureMetrics, at, "", values);
        } else if let Some(all) = prometheus::answered(value) {
            let samples = all.map(|series| prometheus::read_series(series, &mut self.fragment)).sum();
            self.meet_many(Format::Prometheus, at, "", samples);
        } else if prometheus::is_series(value) {
            let samples = prometheus::read_series(value, &mut self.fragment);
            self.meet_many(Format::Prometheus, at, "", samples);
        } else if let Some((format, rows)) = self.log.read(value, at) {
            self.meet_many(format, at, "", rows);
        } else if let Some(format) = objects::format_of(value) {
            self.meet(format, at, "");
        } else {
            return false;
        }
        true
    }

    /// Answers about several resources hold such lists: batches of metrics, pages of a query.
    fn values(&mut self, value: &Json<'_>, at: u64, depth: u8) -> bool {
        if !value.get("value").is_list() || depth >= LIST_DEPTH {
            return false;
        }
        let outer = std::mem::replace(&mut self.metrics, metrics::Envelope::of(value));
        let mut any = metrics::is_envelope(value);
        for inside in value.list("value") {
            any |= inside.is_object() && self.read(inside, "", at, depth + 1);
        }
        self.metrics = outer;
        if any && metrics::is_envelope(value) {
            self.hinted = self.hinted.or(Some(Format::AzureMetrics));
        }
        any
    }

    fn resource(&mut self, value: &Json<'_>, at: u64) -> bool {
        let Some(kind) = azure::kind_of(value) else { return false };
        let subnets_before = self.fragment.subnets.len();
        if azure::read(value, &kind, &mut self.fragment) {
            self.used_resources += 1;
        }
        self.mentions |= azure::is_mention(value);
        self.parts_alone |= kind.is_part();
        if kind == azure::Kind::VirtualNetwork {
            let subnets = self.fragment.subnets.len().saturating_sub(subnets_before) as u64;
            if subnets > 0 {
                *self.nouns.entry("subnet".to_owned()).or_default() += subnets;
            }
        }
        self.meet(Format::AzureResource, at, kind.noun());
        self.newest(value);
        true
    }

    /// Resource Graph's answer as a table: each row is a resource, in the order of the columns.
    fn graph_table(&mut self, table: &Json<'_>, at: u64, depth: u8) -> bool {
        let names: Vec<&str> = table.list("columns").map(|column| column.get("name").as_str().unwrap_or("")).collect();
        let mut any = false;
        for row in table.list("rows") {
            let cells = names.iter().zip(row.elements());
            let members = cells.map(|(name, cell)| (Cow::Borrowed(*name), cell.clone())).collect();
            any |= self.read(&Json::Object(members), "", at, depth + 1);
        }
        any
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
}

/// What a command printed that was run inside a private cluster (`az aks command invoke -o json`).
fn command_output<'v>(value: &'v Json<'_>) -> Option<&'v str> {
    matches!(value.get("exitCode"), Json::Number(_)).then(|| value.get("logs").as_str()).flatten()
}

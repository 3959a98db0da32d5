//! Events of both APIs (`v1` and `events.k8s.io/v1`).

use super::meta;
use crate::json::Json;
use underlay_model::inventory::{Event, Fragment, Meta};

/// Events that are kept of one input.
pub(super) const LIMIT: usize = 100_000;
/// Bytes of a message that are kept: some hold whole answers.
const LONGEST: usize = 2048;

pub(super) fn read(value: &Json<'_>, fragment: &mut Fragment) {
    if fragment.events.len() < LIMIT {
        fragment.events.push(event(value));
    }
}

fn event(value: &Json<'_>) -> Event {
    let old = value.get("involvedObject");
    let object = if old.is_object() { old } else { value.get("regarding") };
    let series = value.get("series");
    let time_of = |keys: [&Json<'_>; 4]| keys.into_iter().find_map(Json::time);
    let first = time_of([
        value.get("firstTimestamp"),
        value.get("deprecatedFirstTimestamp"),
        value.get("eventTime"),
        value.at(&["metadata", "creationTimestamp"]),
    ]);
    let last = time_of([
        series.get("lastObservedTime"),
        value.get("lastTimestamp"),
        value.get("deprecatedLastTimestamp"),
        value.get("eventTime"),
    ]);
    let count = [value.get("count"), series.get("count"), value.get("deprecatedCount")];
    let text_of = |keys: &[&str]| {
        keys.iter().map(|key| value.get(key)).find_map(|text| text.as_str().filter(|text| !text.is_empty()))
    };
    let source = value.get("source");
    let source = if source.is_object() { source } else { value.get("deprecatedSource") };
    let component = source.get("component").as_str().filter(|text| !text.is_empty());
    // Labels of an event are never asked for, and it is short-lived: its identity is its name.
    let own = meta(value);
    Event {
        meta: Meta { labels: Vec::new(), annotations: Vec::new(), ..own },
        object_kind: object.get("kind").text(),
        object_namespace: object.get("namespace").text(),
        object_name: object.get("name").text(),
        object_field: object.get("fieldPath").text(),
        reason: value.get("reason").text(),
        message: shortened(text_of(&["message", "note"]).unwrap_or_default()),
        kind: value.get("type").text(),
        first_ms: first.or(last),
        last_ms: last.or(first),
        count: count.into_iter().filter_map(Json::number).max().unwrap_or(1).max(1),
        source: component.or(text_of(&["reportingComponent", "reportingController"])).unwrap_or_default().to_owned(),
        host: source.get("host").text(),
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let cut = (0..=LONGEST).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let mut kept = text.get(..cut).unwrap_or_default().to_owned();
    kept.push('…');
    kept
}

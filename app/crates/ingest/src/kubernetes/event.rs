//! Events of both APIs (`v1` and `events.k8s.io/v1`).

use super::meta;
use crate::json::Json;
use underlay_model::inventory::Event;

pub(super) fn read(value: &Json<'_>) -> Event {
    let old = value.get("involvedObject");
    let object = if old.is_object() { old } else { value.get("regarding") };
    let first_of = |keys: [&Json<'_>; 4]| keys.into_iter().find_map(Json::time);
    let series = value.get("series");
    let first = first_of([
        value.get("firstTimestamp"),
        value.get("deprecatedFirstTimestamp"),
        value.get("eventTime"),
        value.at(&["metadata", "creationTimestamp"]),
    ]);
    let last = first_of([
        series.get("lastObservedTime"),
        value.get("lastTimestamp"),
        value.get("deprecatedLastTimestamp"),
        value.get("eventTime"),
    ]);
    let count = [value.get("count"), series.get("count"), value.get("deprecatedCount")];
    let message = value.get("message").text();
    Event {
        meta: meta(value),
        object_kind: object.get("kind").text(),
        object_namespace: object.get("namespace").text(),
        object_name: object.get("name").text(),
        reason: value.get("reason").text(),
        message: if message.is_empty() { value.get("note").text() } else { message },
        kind: value.get("type").text(),
        first_ms: first.or(last),
        last_ms: last.or(first),
        count: count.into_iter().filter_map(Json::number).max().unwrap_or(1).max(1),
    }
}

//! JSON objects that are recognised by their shape and not read yet, so that the report can name them.

use crate::json::Json;
use underlay_model::input::Format;

/// The format of an object; `None` when its shape is none of these.
pub(crate) fn format_of(value: &Json<'_>) -> Option<Format> {
    let has = |key: &str| !value.get(key).is_null();
    if is_flow_row(&mut value.members_of().map(|(key, _)| key)) {
        return Some(Format::TrafficAnalytics);
    }
    // A table of a Log Analytics answer.
    if value.get("columns").is_list() && value.get("rows").is_list() {
        let names: Vec<String> = value
            .list("columns")
            .map(|column| {
                column.get("name").as_str().or(column.get("ColumnName").as_str()).unwrap_or_default().to_owned()
            })
            .collect();
        if is_flow_row(&mut names.iter().map(String::as_str)) {
            return Some(Format::TrafficAnalytics);
        }
    }
    let flow = if value.get("flow").is_object() { value.get("flow") } else { value };
    if flow.get("IP").is_object() && (flow.get("verdict").as_str().is_some() || flow.get("l4").is_object()) {
        return Some(Format::HubbleFlow);
    }
    if value.get("node_name").as_str().is_some() && (has("lost_events") || has("node_status")) {
        return Some(Format::HubbleFlow);
    }
    None
}

/// Whether names are columns of the Traffic Analytics table, of any of its generations, with or without a zone behind them.
pub(crate) fn is_flow_row(names: &mut dyn Iterator<Item = &str>) -> bool {
    let (mut source, mut destination, mut other) = (false, false, false);
    for name in names {
        let plain = name.split('[').next().unwrap_or(name).trim().to_ascii_lowercase();
        let plain =
            plain.strip_suffix("_s").or(plain.strip_suffix("_t")).or(plain.strip_suffix("_d")).unwrap_or(&plain);
        match plain {
            "srcip" | "srcpublicips" => source = true,
            "destip" | "destpublicips" => destination = true,
            "flowintervalstarttime"
            | "flowstarttime"
            | "faschemaversion"
            | "flowdirection"
            | "flowstatus"
            | "flowtype"
            | "l4protocol"
            | "destport" => other = true,
            _ => {}
        }
    }
    other && (source || destination)
}

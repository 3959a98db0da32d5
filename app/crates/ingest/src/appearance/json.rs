//! What JSON looks like that nobody recognised: by members that it has together.

use super::{listed, shortened};
use crate::json::{Broken, Cursor, Json};
use crate::words::{count, place, size};
use std::borrow::Cow;

/// JSON that is known and holds nothing to draw: the members that it, its first element or its first result has, and the words for it. The
/// first that fits counts.
const KNOWN: [(&[&str], &str); 31] = [
    (&["terraform_version"], "State or plan of Terraform"),
    (&["environmentName", "tenantId"], "Answer of az account"),
    (&["cloudName", "tenantId"], "Answer of az account"),
    (&["azure-cli", "azure-cli-core"], "Answer of az version"),
    (&["nextHopType", "routeTableId"], "Answer of az network watcher show-next-hop"),
    (&["access", "ruleName"], "Answer of az network watcher test-ip-flow"),
    (
        &["networkSecurityGroupResult", "profile"],
        "Answer of az network watcher run-configuration-diagnostic: save that of az network nic list-effective-nsg instead",
    ),
    (&["connectionStatus", "hops"], "Answer of az network watcher test-connectivity"),
    (&["createdDateTime", "resources"], "Answer of az network watcher show-topology"),
    (&["changes", "status"], "Answer of az deployment what-if"),
    (&["container", "properties", "name"], "List of blobs in Azure Storage: download the blobs themselves"),
    (&["changeNumber", "cloud", "values"], "Service tags of Azure"),
    (
        &["data", "total_records"],
        "Answer of az graph query without whole resources: project their id and properties, too",
    ),
    (
        &["data", "totalRecords"],
        "Answer of Resource Graph without whole resources: project their id and properties, too",
    ),
    (&["hits", "took"], "Answer of Elasticsearch without a record that is known"),
    (&["result", "resultType"], "Answer of Prometheus or Loki without series"),
    (&["panels", "schemaVersion"], "Dashboard of Grafana"),
    (&["frames"], "Answer of Grafana"),
    (&["jsonPayload", "logName"], "Log of Google Cloud"),
    (&["auditID", "stage"], "Audit log of Kubernetes"),
    (&["Id", "NetworkSettings"], "Answer of docker inspect"),
    (&["openapi", "paths"], "Description of an API (OpenAPI)"),
    (&["swagger", "paths"], "Description of an API (OpenAPI)"),
    (&["runs", "version"], "Report of a code analysis (SARIF)"),
    (&["nbformat", "cells"], "Notebook of Jupyter"),
    (&["dependencies", "version"], "Package of a program"),
    (&["scripts", "version"], "Package of a program"),
    (&["schema", "complete", "inputs"], "Summary that Underlay wrote: drop the files that it was made of"),
    (&["fallbackResourceIds"], "Workbook of Azure Monitor"),
    (&["Items", "Count", "ScannedCount"], "Answer of DynamoDB"),
    (&["$schema", "actions"], "Workflow of a Logic App"),
];

/// A sentence about a text that begins as JSON; `None` when it is none. `whole` is the same text as far as there is more of it.
pub(super) fn sentence(text: &str, whole: &str, bytes: u64) -> Option<String> {
    let mut cursor = Cursor::new(text, 0);
    let mut members = Vec::new();
    let read =
        if text.starts_with('{') { cursor.members(&mut members).map(|()| None) } else { cursor.value().map(Some) };
    let (value, read) = match read {
        Ok(Some(list)) => (list, Ok(())),
        Ok(None) => (Json::Object(members), Ok(())),
        Err(broken) => (Json::Object(members), Err(broken)),
    };
    match read {
        Err(Broken::TooDeep) => {
            return Some(format!("JSON nested more than 128 levels deep, {}. Nothing in it to draw.", size(bytes)));
        }
        Err(Broken::Malformed) if cursor.at() < 3 => return None,
        _ => {}
    }
    let value = if read == Err(Broken::End) && text.len() < whole.len() { outline(whole) } else { value };
    if let Some(sentence) = known(&value, bytes).or_else(|| log(&value, bytes)) {
        return Some(sentence);
    }
    let keys = listed(first(&value).members_of().map(|(key, _)| key));
    let broken = match read {
        // No more was looked at.
        Err(Broken::End) if text.len() >= crate::reader::WINDOW - 4 => String::new(),
        Err(_) => format!(" It breaks off or is damaged {}.", place(cursor.at() as u64)),
        Ok(()) => String::new(),
    };
    Some(match (&value, keys.is_empty()) {
        (Json::List(elements), _) if elements.is_empty() && read.is_ok() => "Empty JSON list.".to_owned(),
        (_, true) if read.is_ok() && value.is_object() => "Empty JSON object.".to_owned(),
        (_, true) => format!("JSON of another kind, {}.{broken}", size(bytes)),
        (_, false) => format!("JSON of another kind, {}: {keys}.{broken}", size(bytes)),
    })
}

/// The members of a long object; an empty text stands for what is long of them.
fn outline(text: &str) -> Json<'_> {
    const LONG: usize = 4096;
    const MOST: usize = 64;
    let mut cursor = Cursor::new(text, 0);
    let mut members = Vec::new();
    let mut more = cursor.take(b'{');
    while more && members.len() < MOST {
        let Ok(key) = cursor.key() else { break };
        cursor.blanks();
        let begin = cursor.clone();
        let whole = cursor.pass_value().is_ok();
        let short = whole && cursor.at() - begin.at() < LONG;
        let read = if short { begin.clone().value().ok() } else { None };
        members.push((key, read.unwrap_or(Json::Text(Cow::Borrowed("")))));
        more = whole && cursor.more(b'}') == Ok(true);
    }
    Json::Object(members)
}

/// The value, or the first object of a list.
fn first<'v, 't>(value: &'v Json<'t>) -> &'v Json<'t> {
    value.elements().find(|element| element.is_object()).unwrap_or(value)
}

fn known(value: &Json<'_>, bytes: u64) -> Option<String> {
    let schema = value.get("$schema").text().to_ascii_lowercase();
    if schema.contains("deploymenttemplate.json") {
        return Some("ARM template. It says what was wanted, not what is there.".to_owned());
    }
    if schema.contains("deploymentparameters.json") {
        return Some("Parameters of an ARM template. Nothing in it to draw.".to_owned());
    }
    if let Some(sentence) = tables(value) {
        return Some(sentence);
    }
    let data = value.get("data");
    let is_graph = !value.get("total_records").is_null() || !value.get("totalRecords").is_null();
    if is_graph && data.is_list() && data.elements().next().is_none() {
        return Some("Answer of Resource Graph without a row: nothing in it to draw.".to_owned());
    }
    if value.get("value").is_list() && value.list("value").next().is_none() && value.members_of().count() < 4 {
        return Some("Empty list of Azure. Nothing in it to draw.".to_owned());
    }
    let results = value.get("results");
    let result = results.elements().next().or_else(|| results.members_of().next().map(|(_, result)| result));
    let inside = [Some(first(value)), Some(data), result];
    let has = |name: &&str| inside.iter().flatten().any(|inside| !inside.get(name).is_null());
    if let Some((_, words)) = KNOWN.iter().find(|(names, _)| names.iter().all(has)) {
        return Some(format!("{words}. Nothing in it to draw."));
    }
    let error = value.get("error");
    if error.is_object() || value.get("status").as_str() == Some("error") {
        let words = if error.is_object() {
            [error.get("code").text(), error.get("message").text()]
        } else {
            [value.get("errorType").text(), error.text()]
        };
        return Some(format!("Error answer: {}", shortened(&words.join(". "), 160)));
    }
    let entries = value.at(&["log", "entries"]).is_list();
    entries.then(|| format!("Recording of a browser (HAR), {}. Nothing in it to draw.", size(bytes)))
}

/// Tables of Log Analytics or Kusto in which no rows of flows or requests are.
fn tables(value: &Json<'_>) -> Option<String> {
    let row = first(value);
    if row.get("TableName").as_str() == Some("PrimaryResult")
        && row.get("FrameType").is_null()
        && !row.get("Rows").is_list()
    {
        let columns = row.members_of().map(|(name, _)| name).filter(|name| *name != "TableName");
        let rows = count(value.elements().count() as u64, "row");
        return Some(format!(
            "Answer of Log Analytics, {rows}: columns {}. No flows or requests in it.",
            listed(columns)
        ));
    }
    let is_table = |table: &&Json<'_>| table.get("columns").is_list() && table.get("rows").is_list();
    // The first table of version 1, or the first of the frames that has rows.
    let table = value.list("tables").chain(value.elements()).chain(Some(value)).find(is_table)?;
    let rows = table.list("rows").count() as u64;
    if rows == 0 {
        return Some("Answer of Log Analytics without a row: the query found nothing.".to_owned());
    }
    let names = crate::traffic_analytics::tables::column_names(table.get("columns"));
    let rows = count(rows, "row");
    Some(format!("Answer of Log Analytics, {rows}: columns {}. No flows or requests in it.", listed(names.into_iter())))
}

/// Logs of other services.
fn log(value: &Json<'_>, bytes: u64) -> Option<String> {
    if value.get("records").is_list() {
        let first = value.list("records").next();
        return Some(match first.map(|record| record.get("category").text()) {
            None => "Log without a record.".to_owned(),
            Some(category) if !category.is_empty() => format!("Azure log of category {category}. No flow log."),
            Some(_) => "Log of another service. No flow log.".to_owned(),
        });
    }
    if value.members_of().any(|(name, records)| name == "records" && records.is_null()) {
        return Some("Log without a record.".to_owned());
    }
    let line = first(value);
    let any = |names: &[&str]| names.iter().any(|name| !line.get(name).is_null());
    let category = line.get("category").text();
    if !category.is_empty() && any(&["time", "timeStamp"]) {
        return Some(format!("Azure log of category {category}. No flow log."));
    }
    let is_line = any(&["level", "severity", "lvl"]) && any(&["msg", "message", "ts", "time"]);
    is_line.then(|| format!("Log lines in JSON, {}. Nothing in it to draw.", size(bytes)))
}

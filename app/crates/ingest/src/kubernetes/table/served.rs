//! Tables as the Kubernetes API prints them itself (`kind: Table`, `meta.k8s.io`): what `kubectl get --raw` saves with the header
//! that asks for them, and what other tools keep. Rows hold the object, its metadata, or neither.

use super::cells::Row;
use super::columns::{Header, Parting};
use crate::json::Json;
use underlay_model::inventory::{Fragment, Meta};

/// Whether an object is such a table.
pub(crate) fn is_table(value: &Json<'_>) -> bool {
    value.get("kind").as_str() == Some("Table")
        && (value.get("rows").is_list() || value.get("columnDefinitions").is_list())
}

/// Names of the columns, in upper case as `kubectl` prints them. A watch names them in its first table only.
pub(crate) fn columns(table: &Json<'_>) -> Vec<String> {
    table.list("columnDefinitions").map(|column| column.get("name").text().to_ascii_uppercase()).collect()
}

/// The object of a row, when it is there whole.
pub(crate) fn object<'v, 't>(row: &'v Json<'t>) -> Option<&'v Json<'t>> {
    let object = row.get("object");
    let whole = object.get("kind").as_str().is_some_and(|kind| kind != "PartialObjectMetadata");
    whole.then_some(object)
}

/// Puts what a row shows into the fragment, and says what it is in the singular.
pub(crate) fn read_row(columns: &[String], row: &Json<'_>, fragment: &mut Fragment) -> &'static str {
    let header = Header { columns: columns.iter().map(|name| (0, name.as_str())).collect(), parting: Parting::Commas };
    let texts: Vec<String> = row.list("cells").map(Json::text).collect();
    let cells: Vec<&str> = texts.iter().map(String::as_str).collect();
    let shown = Row::counted(&header, &cells);
    let object = row.get("object");
    let meta = if object.get("metadata").is_object() { crate::kubernetes::meta(object) } else { Meta::default() };
    let name = if meta.name.is_empty() { shown.get("NAME").to_owned() } else { meta.name.clone() };
    super::row::object(&header, &shown, "", Meta { name, from_table: true, ..meta }, fragment)
}

//! A row of Traffic Analytics as a JSON object: what the command line and continuous exports write, every value perhaps a string.

use super::columns::{Cells, Column, is_flow_row};
use crate::json::Json;
use std::borrow::Cow;

/// Whether the names of an object's members are columns of the flow table.
pub(crate) fn is_row(value: &Json<'_>) -> bool {
    value.is_object() && is_flow_row(&mut value.members_of().map(|(name, _)| name))
}

/// The values of an object by column.
pub(crate) fn cells<'v>(value: &'v Json<'_>) -> Cells<'v> {
    let mut cells = Cells::new();
    for (name, member) in value.members_of() {
        if let Some(column) = Column::of(name) {
            cells.set(column, text(member));
        }
    }
    cells
}

/// A value as text. Lists of a dynamic column are what they are in text: separated by blanks.
pub(crate) fn text<'v>(value: &'v Json<'_>) -> Cow<'v, str> {
    if value.is_list() {
        let parts: Vec<&str> = value.elements().filter_map(Json::as_str).collect();
        return Cow::Owned(parts.join(" "));
    }
    Cow::Borrowed(value.as_str().unwrap_or_default())
}

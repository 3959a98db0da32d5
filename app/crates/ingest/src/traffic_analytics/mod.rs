//! Results of Traffic Analytics in every shape in which people save them: CSV of the portal, rows as JSON objects (CLI, continuous
//! export), and tables of Log Analytics and Kusto. Each shape cuts its text into rows; what a row says is read in one place.

mod arriving;
pub(crate) mod columns;
pub(crate) mod csv;
pub(crate) mod object;
mod packed;
pub(crate) mod row;
pub(crate) mod tables;

pub(crate) use arriving::Arriving;
pub(crate) use row::Rows;

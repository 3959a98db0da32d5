//! JSON objects that arrive among flow log records, or instead of them, and are read one by one as they come: rows and tables of Traffic
//! Analytics, flow events of Cilium. The scanner finds them; here they are told apart and read.

use crate::hubble::{self, Sightings};
use crate::json::{Cursor, Json};
use crate::traffic_analytics::columns::{Zones, is_flow_row};
use crate::traffic_analytics::tables::{self, Standing};
use crate::traffic_analytics::{Rows, object};
use std::ops::Range;
use underlay_model::input::Format;
use underlay_model::tuple::{AnalyticsTuple, FlowTuple, RejectCode};
use underlay_scan::{RecordHead, Sink};

/// What was read of such objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Objects {
    pub(crate) rows: Rows,
    pub(crate) sightings: Sightings,
    /// The service's words when it answered with an error, or in part.
    pub(crate) error: Option<String>,
}

/// The format of an object that is read here.
pub(crate) fn format_of(value: &Json<'_>) -> Option<Format> {
    let table = value.get("rows").is_list() && is_flow_row(&mut tables::column_names(value.get("columns")).into_iter());
    if table || object::is_row(value) {
        Some(Format::TrafficAnalytics)
    } else if hubble::is_line(value) {
        Some(Format::HubbleFlow)
    } else {
        None
    }
}

/// Whether an object may be, or hold, tables.
fn holds_tables(value: &Json<'_>) -> bool {
    value.get("tables").is_list() || (value.get("columns").is_list() && value.get("rows").is_list())
}

impl Objects {
    fn read(&mut self, text: &str, bytes: Range<u64>, sink: &mut dyn Sink) -> Option<Format> {
        let value = Cursor::new(text, 0).value().ok()?;
        if holds_tables(&value) {
            let tables =
                tables::read(text, Standing { base: bytes.start, ..Standing::default() }, &mut self.rows, sink);
            self.error = self.error.take().or(tables.error);
            return tables.any.then_some(Format::TrafficAnalytics);
        }
        let format = format_of(&value)?;
        if format == Format::TrafficAnalytics {
            self.rows.read(&object::cells(&value), &Zones::default(), bytes, sink);
        } else {
            self.sightings.read(&value);
        }
        Some(format)
    }
}

/// A sink for flow log records that reads other objects, too.
pub(crate) struct WithObjects<'a> {
    pub(crate) sink: &'a mut dyn Sink,
    pub(crate) objects: &'a mut Objects,
}

impl Sink for WithObjects<'_> {
    fn group(&mut self, acl: &[u8], rule: &[u8]) {
        self.sink.group(acl, rule);
    }

    #[inline]
    fn tuple(&mut self, tuple: &FlowTuple<'_>) {
        self.sink.tuple(tuple);
    }

    fn tuples(&mut self, tuples: &[FlowTuple<'_>]) {
        self.sink.tuples(tuples);
    }

    fn analytics(&mut self, tuple: &AnalyticsTuple<'_>) {
        self.sink.analytics(tuple);
    }

    fn object(&mut self, text: &str, bytes: Range<u64>) -> Option<Format> {
        self.objects.read(text, bytes, self.sink)
    }

    fn reject(&mut self, code: RejectCode, byte: u64) {
        self.sink.reject(code, byte);
    }

    fn commit(&mut self, head: &RecordHead<'_>) {
        self.sink.commit(head);
    }

    fn rollback(&mut self) {
        self.sink.rollback();
    }
}

//! What is made of the rows of both logs: counts by minute, single rows, and a record of what could not be used.

use super::fields::{Fields, Slot};
use super::index::{Index, Names, hash};
use super::rows::{AccessRows, NewRow, address_bytes, start_of};
use crate::json::Json;
use crate::moment::DateOrder;
use std::net::IpAddr;
use underlay_model::access::{AccessCell, AccessSums, Backend, ClientCell, CopyPrint, FirewallCell};
use underlay_model::address::parse_address;
use underlay_model::input::Format;
use underlay_model::order::Order;
use underlay_model::time::{Millis, minute_of};

/// So many cells of one input are kept; requests of others are counted in sum.
const MOST_CELLS: usize = 1 << 18;
/// So many cells of clients of one input are kept; what others asked is counted for a client that is not told.
const MOST_CLIENTS: usize = 1 << 15;
/// The same of the firewall's.
const MOST_FIREWALL: usize = 1 << 14;
/// So many bytes of names of front ends and gateways are kept.
const MOST_TEXT: usize = 4 << 20;

/// The rows of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Log {
    sums: AccessSums,
    pub(crate) rows: AccessRows,
    gateways: Names,
    front_ends: Names,
    backend_index: Index,
    cell_index: Index,
    client_index: Index,
    print_index: Index,
    firewall: Vec<FirewallCell>,
    /// Rows of the access log, and of the firewall log.
    pub(crate) records: [u64; 2],
    /// Rows without a time, and where the first is: they are in no minute.
    pub(crate) timeless: (u64, u64),
    /// Minutes that times without a zone are ahead of UTC.
    pub(crate) zone_minutes: i16,
    /// A time zone that is only a name.
    pub(crate) unknown_zone: Option<String>,
    /// How dates are written.
    pub(crate) date_order: DateOrder,
    /// Of the access log.
    pub(crate) span: Option<(Millis, Millis)>,
    /// What was not kept of the firewall's rows.
    firewall_beyond: u64,
}

impl Log {
    /// Reads an object, if it is a row.
    pub(crate) fn object(&mut self, value: &Json<'_>, at: u64) -> Option<Format> {
        if !value.is_object() {
            return None;
        }
        let mut unwrapped = None;
        let fields = Fields::of(value, &mut unwrapped);
        let format = fields.format()?;
        self.row(format, &fields, at);
        Some(format)
    }

    /// Reads an object or a table of Log Analytics. Gives which log it is of, and the number of rows.
    pub(crate) fn read(&mut self, value: &Json<'_>, at: u64) -> Option<(Format, u64)> {
        if !value.get("columns").is_list() || !value.get("rows").is_list() {
            return self.object(value, at).map(|format| (format, 1));
        }
        let name = |column: &Json<'_>| {
            let name = column.get("name").as_str().or(column.get("ColumnName").as_str());
            name.or(column.as_str()).and_then(Slot::of)
        };
        let slots: Vec<Option<Slot>> = value.list("columns").map(name).collect();
        let format = super::fields::format_of_columns(&slots)?;
        let mut rows = 0;
        for row in value.list("rows").filter(|row| row.is_list()) {
            let mut fields = Fields::EMPTY.clone();
            for (slot, cell) in slots.iter().zip(row.elements()) {
                if let (Some(slot), Some(text)) = (slot, cell.as_str()) {
                    fields.set(*slot, text);
                }
            }
            self.row(format, &fields, at);
            rows += 1;
        }
        Some((format, rows))
    }

    /// Reads a row.
    pub(crate) fn row(&mut self, format: Format, fields: &Fields<'_>, at: u64) {
        let firewall = format == Format::AgcFirewallLog;
        if let Some(records) = self.records.get_mut(usize::from(firewall)) {
            *records += 1;
        }
        self.date_order.see(fields.get(Slot::Time), at);
        let Some(time_ms) = self.date_order.read_in(fields.get(Slot::Time), self.zone_minutes.into()) else {
            if self.timeless.0 == 0 {
                self.timeless.1 = at;
            }
            self.timeless.0 += 1;
            return;
        };
        if firewall { self.judged(fields, time_ms) } else { self.answered(fields, time_ms, at) }
    }

    fn answered(&mut self, fields: &Fields<'_>, time_ms: Millis, at: u64) {
        self.span = Some(self.span.map_or((time_ms, time_ms), |span| (span.0.min(time_ms), span.1.max(time_ms))));
        let (client, client_port) = client(fields);
        let status = number(fields.get(Slot::Status)).and_then(|status| u16::try_from(status).ok()).unwrap_or(0);
        let bytes = |slots: [Slot; 2]| {
            slots.iter().filter_map(|slot| number(fields.get(*slot))).fold(0u64, u64::saturating_add)
        };
        let milliseconds = |slot: Slot| number(fields.get(slot)).and_then(|ms| u32::try_from(ms).ok());
        let port = fields.get(Slot::FrontEndPort);
        let mut front_end = String::with_capacity(64);
        front_end.push_str(start_of(fields.get(Slot::FrontEnd)));
        if !port.is_empty() && port.len() < 8 {
            front_end.push(':');
            front_end.push_str(port);
        }
        let row = NewRow {
            time_ms,
            byte: at,
            client,
            client_port,
            front_end: &front_end,
            backend: backend(fields),
            status,
            method: start_of(fields.get(Slot::Method)),
            host: start_of(fields.get(Slot::Host)),
            path: fields.get(Slot::Path),
            tracking_id: fields.get(Slot::Tracking),
            time_taken_ms: milliseconds(Slot::TimeTaken),
            backend_latency_ms: milliseconds(Slot::BackendLatency),
            backend_time_taken_ms: milliseconds(Slot::BackendTime),
            request_bytes: bytes([Slot::RequestBody, Slot::RequestHeader]),
            response_bytes: bytes([Slot::ResponseBody, Slot::ResponseHeader]),
        };
        self.rows.push(&row);
        self.count(&row, fields);
    }

    fn count(&mut self, row: &NewRow<'_>, fields: &Fields<'_>) {
        let minute = minute_of(row.time_ms);
        let gateway = self.gateway(fields.get(Slot::Resource));
        let front_end = self.front_ends.number(row.front_end, MOST_TEXT).unwrap_or(u32::MAX);
        let backend = self.backend(row.backend);
        self.print(gateway, row, fields.get(Slot::Path));
        self.asked(gateway, front_end, row);
        let next = u32::try_from(self.sums.cells.len()).ok().filter(|_| self.sums.cells.len() < MOST_CELLS);
        let words = u64::from(front_end) << 32 | u64::from(backend);
        let key = hash(words, &hash(minute.cast_unsigned(), &[]).to_le_bytes());
        let key = hash(key ^ u64::from(row.status), &gateway.to_le_bytes());
        let Self { sums, cell_index, .. } = self;
        let cells = &mut sums.cells;
        let is = &mut |place: u32| {
            cells.get(place as usize).is_some_and(|cell| {
                (cell.minute, cell.gateway, cell.front_end, cell.backend, cell.status)
                    == (minute, gateway, front_end, backend, row.status)
            })
        };
        let place = cell_index.find_or_add(key, next, is).or_else(|| {
            let new = AccessCell { minute, gateway, front_end, backend, status: row.status, ..AccessCell::default() };
            next.inspect(|_| cells.push(new))
        });
        let Some(cell) = place.and_then(|place| cells.get_mut(place as usize)) else {
            sums.beyond += 1;
            return;
        };
        cell.requests += 1;
        cell.request_bytes = cell.request_bytes.saturating_add(row.request_bytes);
        cell.response_bytes = cell.response_bytes.saturating_add(row.response_bytes);
        if let Some(taken) = row.time_taken_ms {
            cell.time_taken.add(u64::from(taken));
        }
        if let Some(latency) = row.backend_latency_ms {
            cell.backend_latency.add(u64::from(latency));
        }
    }

    /// Counts a request for its client.
    fn asked(&mut self, gateway: u32, front_end: u32, row: &NewRow<'_>) {
        let minute = minute_of(row.time_ms);
        let cells = &mut self.sums.clients;
        // Beyond the most, one cell a minute and front end.
        let client = row.client.filter(|_| cells.len() < MOST_CLIENTS);
        let next = u32::try_from(cells.len()).ok().filter(|_| cells.len() < 2 * MOST_CLIENTS);
        let key = hash(u64::from(front_end) << 32 | u64::from(gateway), &minute.to_le_bytes());
        let key = hash(key, &address_bytes(client));
        let is = &mut |place: u32| {
            cells.get(place as usize).is_some_and(|cell| {
                (cell.minute, cell.gateway, cell.front_end, cell.client) == (minute, gateway, front_end, client)
            })
        };
        let place = self.client_index.find_or_add(key, next, is).or_else(|| {
            next.inspect(|_| cells.push(ClientCell { minute, gateway, front_end, client, ..ClientCell::default() }))
        });
        if let Some(cell) = place.and_then(|place| cells.get_mut(place as usize)) {
            cell.requests += 1;
            cell.bytes[0] = cell.bytes[0].saturating_add(row.request_bytes);
            cell.bytes[1] = cell.bytes[1].saturating_add(row.response_bytes);
        }
    }

    fn gateway(&mut self, id: &str) -> u32 {
        // Mostly the same as the row before.
        let lower = id.to_ascii_lowercase();
        self.gateways.number(start_of_id(&lower), MOST_TEXT).unwrap_or(u32::MAX)
    }

    fn backend(&mut self, backend: Backend) -> u32 {
        let backends = &mut self.sums.backends;
        let next = u32::try_from(backends.len()).unwrap_or(u32::MAX);
        let is = &mut |place: u32| backends.get(place as usize) == Some(&backend);
        let key = hash(u64::from(backend.1), &address_bytes(backend.0));
        if let Some(place) = self.backend_index.find_or_add(key, Some(next), is) {
            return place;
        }
        backends.push(backend);
        next
    }

    fn print(&mut self, gateway: u32, row: &NewRow<'_>, path: &str) {
        let minute = minute_of(row.time_ms);
        let prints = &mut self.sums.prints;
        let next = u32::try_from(prints.len()).ok().filter(|_| prints.len() < MOST_CELLS);
        let is = &mut |place: u32| {
            prints.get(place as usize).is_some_and(|print| (print.gateway, print.minute) == (gateway, minute))
        };
        let key = hash(u64::from(gateway), &minute.to_le_bytes());
        let place = self
            .print_index
            .find_or_add(key, next, is)
            .or_else(|| next.inspect(|_| prints.push(CopyPrint { gateway, minute, ..CopyPrint::default() })));
        if let Some(print) = place.and_then(|place| prints.get_mut(place as usize)) {
            let mut row_hash = hash(row.time_ms.cast_unsigned(), row.tracking_id.as_bytes());
            row_hash = hash(row_hash ^ u64::from(row.client_port), &address_bytes(row.client));
            print.rows += 1;
            print.print = print.print.wrapping_add(hash(row_hash ^ u64::from(row.status), path.as_bytes()));
        }
    }

    fn judged(&mut self, fields: &Fields<'_>, time_ms: Millis) {
        let cell = FirewallCell {
            minute: minute_of(time_ms),
            gateway: start_of_id(&fields.get(Slot::Resource).to_ascii_lowercase()).to_owned(),
            action: start_of(fields.get(Slot::Action)).to_owned(),
            rule_set: start_of(fields.get(Slot::RuleSet)).to_owned(),
            rule: start_of(fields.get(Slot::Rule)).to_owned(),
            message: start_of(fields.get(Slot::Message)).to_owned(),
            example: start_of(fields.get(Slot::Path)).to_owned(),
            requests: 1,
        };
        let same = |known: &&mut FirewallCell| {
            (known.minute, &known.gateway, &known.action, &known.rule_set, &known.rule)
                == (cell.minute, &cell.gateway, &cell.action, &cell.rule_set, &cell.rule)
        };
        // Rows come by time: those of one minute stand at the end.
        let room = self.firewall.len() < MOST_FIREWALL;
        match self.firewall.iter_mut().rev().take(4096).find(same) {
            Some(known) => known.requests += 1,
            None if room => self.firewall.push(cell),
            None => self.firewall_beyond += 1,
        }
    }

    /// Requests that are in no cell, of either log.
    pub(crate) fn beyond(&self) -> u64 {
        self.sums.beyond + self.firewall_beyond
    }

    /// The counts, and the rows.
    pub(crate) fn finish(self) -> (AccessSums, Vec<FirewallCell>, AccessRows) {
        let Self { mut sums, gateways, front_ends, mut firewall, rows, .. } = self;
        sums.gateways = gateways.all().map(str::to_owned).collect();
        sums.front_ends = front_ends.all().map(str::to_owned).collect();
        firewall.order();
        (sums, firewall, rows)
    }
}

/// As much of an ARM id as is kept: they are shorter.
fn start_of_id(id: &str) -> &str {
    let mut end = id.len().min(1024);
    while !id.is_char_boundary(end) {
        end -= 1;
    }
    id.get(..end).unwrap_or_default()
}

/// A whole number, or the whole part of one with a fraction.
fn number(text: &str) -> Option<u64> {
    if let Ok(number) = text.parse::<u64>() {
        return Some(number);
    }
    let number = text.parse::<f64>().ok().filter(|number| (0.0..9e15).contains(number))?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    Some(number.round() as u64)
}

/// `1.2.3.4:5678`, `[2001:db8::1]:5678`, or an address alone.
fn with_port(text: &str) -> (Option<IpAddr>, u16) {
    let address = |text: &str| parse_address(text.trim_matches(['[', ']']).as_bytes());
    if let Some(whole) = address(text) {
        return (Some(whole), 0);
    }
    match text.rsplit_once(':') {
        Some((host, port)) => (address(host), port.parse().unwrap_or(0)),
        None => (None, 0),
    }
}

fn client(fields: &Fields<'_>) -> (Option<IpAddr>, u16) {
    let (address, port) = with_port(fields.get(Slot::ClientIp));
    let own = fields.get(Slot::ClientPort).parse().ok();
    (address, own.unwrap_or(port))
}

fn backend(fields: &Fields<'_>) -> Backend {
    let (address, port) = with_port(fields.get(Slot::BackendIp));
    let (host, host_port) = with_port(fields.get(Slot::BackendHost));
    let own = number(fields.get(Slot::BackendPort)).and_then(|port| u16::try_from(port).ok());
    let address = address.or(host);
    let port = own.filter(|port| *port > 0).unwrap_or(if port > 0 { port } else { host_port });
    (address, if address.is_some() { port } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_their_port() {
        let v6 = "2001:db8::1".parse().ok();
        assert_eq!(with_port("198.51.100.23:52526"), (Some([198, 51, 100, 23].into()), 52526));
        assert_eq!(with_port("[2001:db8::1]:443"), (v6, 443));
        assert_eq!(with_port("2001:db8::1"), (v6, 0));
        assert_eq!(with_port("-"), (None, 0));
    }

    #[test]
    fn numbers_may_have_a_fraction() {
        assert_eq!([number("3"), number("3.6"), number("-1"), number("x")], [Some(3), Some(4), None, None]);
    }
}

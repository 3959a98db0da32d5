//! Rows of an access log, kept one by one in little memory: what repeats is kept once.

use super::index::{Index, Names, hash};
use std::net::IpAddr;
use underlay_model::access::{AccessFilter, AccessPage, AccessRow, Backend};
use underlay_model::order::Order;
use underlay_model::time::Millis;

/// So many rows of one input are kept (83 MB); the rest is only counted.
const MOST_ROWS: u64 = 1 << 20;
/// Rows of one piece of memory.
const PIECE_ROWS: usize = 1 << 13;
/// So many bytes of distinct paths and tracking ids are kept.
const MOST_TEXT: usize = 8 << 20;
/// So much of a path is kept.
const PATH_BYTES: usize = 256;
/// Stands for a duration that the log does not say, and for a text that was not kept.
const NOTHING: u32 = u32::MAX;

/// The rows of one input's access log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessRows {
    pieces: Vec<Vec<Row>>,
    kinds: Vec<Kind>,
    kind_index: Index,
    clients: Vec<IpAddr>,
    client_index: Index,
    names: Names,
    texts: Names,
    not_kept: u64,
}

/// What is different in every row.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    time_ms: Millis,
    byte: u64,
    request_bytes: u64,
    response_bytes: u64,
    tracking: Tracking,
    kind: u32,
    client: u32,
    path: u32,
    time_taken_ms: u32,
    backend_latency_ms: u32,
    backend_time_taken_ms: u32,
    client_port: u16,
}

/// `x-request-id`: as a rule a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tracking {
    Uuid([u8; 16]),
    Text(u32),
}

/// What many rows have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    front_end: u32,
    backend: Backend,
    status: u16,
    method: u32,
    host: u32,
}

/// A row as it comes from the log.
#[derive(Clone, Debug)]
pub(super) struct NewRow<'t> {
    pub(super) time_ms: Millis,
    /// Where it stands in the text.
    pub(super) byte: u64,
    pub(super) client: Option<IpAddr>,
    pub(super) client_port: u16,
    pub(super) front_end: &'t str,
    pub(super) backend: Backend,
    pub(super) status: u16,
    pub(super) method: &'t str,
    pub(super) host: &'t str,
    pub(super) path: &'t str,
    pub(super) tracking_id: &'t str,
    pub(super) time_taken_ms: Option<u32>,
    pub(super) backend_latency_ms: Option<u32>,
    pub(super) backend_time_taken_ms: Option<u32>,
    pub(super) request_bytes: u64,
    pub(super) response_bytes: u64,
}

impl AccessRows {
    /// Whether no row is kept.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Number of rows that are kept.
    pub fn len(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.len() as u64).sum()
    }

    /// Number of rows that were counted and not kept.
    pub fn not_kept(&self) -> u64 {
        self.not_kept
    }

    /// Forgets the rows, but not how many there were.
    pub fn give_up(&mut self) {
        *self = Self { not_kept: self.not_kept + self.len(), ..Self::default() };
    }

    /// Bytes that the rows take.
    pub fn memory_bytes(&self) -> u64 {
        let rows = self.pieces.iter().map(|piece| piece.capacity() * size_of::<Row>()).sum::<usize>();
        let indices = self.kind_index.memory() + self.client_index.memory() + self.names.memory() + self.texts.memory();
        let lists = self.kinds.len() * size_of::<Kind>() + self.clients.len() * size_of::<IpAddr>();
        (rows + indices + lists) as u64
    }

    pub(super) fn push(&mut self, new: &NewRow<'_>) {
        if self.len_at_least(MOST_ROWS) {
            self.not_kept += 1;
            return;
        }
        let name = |names: &mut Names, text: &str| names.number(text, MOST_TEXT).unwrap_or(NOTHING);
        let kind = Kind {
            front_end: name(&mut self.names, new.front_end),
            backend: new.backend,
            status: new.status,
            method: name(&mut self.names, new.method),
            host: name(&mut self.names, new.host),
        };
        let row = Row {
            time_ms: new.time_ms,
            byte: new.byte,
            request_bytes: new.request_bytes,
            response_bytes: new.response_bytes,
            tracking: uuid(new.tracking_id)
                .map_or_else(|| Tracking::Text(name(&mut self.texts, start_of(new.tracking_id))), Tracking::Uuid),
            kind: self.kind(kind),
            client: new.client.map_or(NOTHING, |client| self.client(client)),
            path: name(&mut self.texts, start_of(new.path)),
            time_taken_ms: new.time_taken_ms.unwrap_or(NOTHING),
            backend_latency_ms: new.backend_latency_ms.unwrap_or(NOTHING),
            backend_time_taken_ms: new.backend_time_taken_ms.unwrap_or(NOTHING),
            client_port: new.client_port,
        };
        match self.pieces.last_mut() {
            Some(piece) if piece.len() < PIECE_ROWS => piece.push(row),
            // The first piece grows, so that a short log takes little.
            None => self.pieces.push(vec![row]),
            Some(_) => {
                let mut piece = Vec::with_capacity(PIECE_ROWS);
                piece.push(row);
                self.pieces.push(piece);
            }
        }
    }

    fn len_at_least(&self, most: u64) -> bool {
        (self.pieces.len() * PIECE_ROWS) as u64 > most
    }

    fn kind(&mut self, kind: Kind) -> u32 {
        let next = u32::try_from(self.kinds.len()).unwrap_or(NOTHING);
        let mut state = hash(u64::from(kind.front_end) << 32 | u64::from(kind.host), &address_bytes(kind.backend.0));
        state ^= u64::from(kind.backend.1) << 16 | u64::from(kind.status) | u64::from(kind.method) << 32;
        let Self { kinds, kind_index, .. } = self;
        let is = &mut |place: u32| kinds.get(place as usize) == Some(&kind);
        if let Some(place) = kind_index.find_or_add(hash(state, b""), Some(next), is) {
            return place;
        }
        kinds.push(kind);
        next
    }

    fn client(&mut self, client: IpAddr) -> u32 {
        let next = u32::try_from(self.clients.len()).unwrap_or(NOTHING);
        let Self { clients, client_index, .. } = self;
        let is = &mut |place: u32| clients.get(place as usize) == Some(&client);
        if let Some(place) = client_index.find_or_add(hash(2, &address_bytes(Some(client))), Some(next), is) {
            return place;
        }
        clients.push(client);
        next
    }

    /// The first `most` rows, in the filter's order, that it lets pass; `path` is the input's.
    pub fn page(&self, filter: &AccessFilter, most: usize, path: &str) -> AccessPage {
        let text = filter.text.to_ascii_lowercase();
        let mut found: Vec<&Row> = Vec::new();
        let mut matching = 0;
        for row in self.pieces.iter().flatten().filter(|row| self.passes(row, filter, &text)) {
            matching += 1;
            found.push(row);
            // Of very many only the first are worth keeping.
            if found.len() >= most.max(1) * 4 + 4096 {
                keep_first(&mut found, most, filter.slowest_first);
            }
        }
        keep_first(&mut found, most, filter.slowest_first);
        AccessPage {
            rows: found.into_iter().map(|row| self.told(row, path)).collect(),
            matching,
            not_kept: self.not_kept,
        }
    }

    fn passes(&self, row: &Row, filter: &AccessFilter, text: &str) -> bool {
        let Some(kind) = self.kinds.get(row.kind as usize) else { return false };
        filter.span.is_none_or(|(first, last)| (first..=last).contains(&row.time_ms))
            && filter.statuses.is_none_or(|(first, last)| (first..=last).contains(&kind.status))
            && (filter.backends.is_empty() || kind.backend.0.is_some_and(|address| filter.backends.contains(&address)))
            && !(filter.own && kind.backend.0.is_some())
            && (filter.front_ends.is_empty()
                || filter.front_ends.iter().any(|name| name == self.names.text(kind.front_end)))
            && self.is_of_client(row, filter)
            && (filter.at_least_ms == 0 || (row.time_taken_ms >= filter.at_least_ms && row.time_taken_ms != NOTHING))
            && (text.is_empty() || self.mentions(row, kind, text))
    }

    fn is_of_client(&self, row: &Row, filter: &AccessFilter) -> bool {
        let own = self.clients.get(row.client as usize);
        filter.client.is_none_or(|client| own == Some(&client))
            && !own.is_some_and(|own| filter.other_clients_than.contains(own))
    }

    fn mentions(&self, row: &Row, kind: &Kind, text: &str) -> bool {
        let in_text = |name: &str| name.to_ascii_lowercase().contains(text);
        in_text(self.texts.text(row.path))
            || in_text(self.names.text(kind.host))
            || in_text(&self.tracking_id(row.tracking))
    }

    fn tracking_id(&self, tracking: Tracking) -> String {
        match tracking {
            Tracking::Text(number) => self.texts.text(number).to_owned(),
            Tracking::Uuid(bytes) => {
                let mut text = String::with_capacity(36);
                for (place, byte) in bytes.iter().enumerate() {
                    if matches!(place, 4 | 6 | 8 | 10) {
                        text.push('-');
                    }
                    for digit in [byte >> 4, byte & 15] {
                        text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
                    }
                }
                text
            }
        }
    }

    fn told(&self, row: &Row, path: &str) -> AccessRow {
        let nothing = Kind { front_end: NOTHING, backend: (None, 0), status: 0, method: NOTHING, host: NOTHING };
        let kind = self.kinds.get(row.kind as usize).unwrap_or(&nothing);
        let duration = |milliseconds: u32| (milliseconds != NOTHING).then_some(milliseconds);
        AccessRow {
            time_ms: row.time_ms,
            client: self.clients.get(row.client as usize).copied(),
            client_port: row.client_port,
            front_end: self.names.text(kind.front_end).to_owned(),
            backend: kind.backend,
            status: kind.status,
            method: self.names.text(kind.method).to_owned(),
            host: self.names.text(kind.host).to_owned(),
            path: self.texts.text(row.path).to_owned(),
            tracking_id: self.tracking_id(row.tracking),
            time_taken_ms: duration(row.time_taken_ms),
            backend_latency_ms: duration(row.backend_latency_ms),
            backend_time_taken_ms: duration(row.backend_time_taken_ms),
            request_bytes: row.request_bytes,
            response_bytes: row.response_bytes,
            input: path.to_owned(),
            number: 0,
            byte: row.byte,
        }
    }
}

fn keep_first(rows: &mut Vec<&Row>, most: usize, slowest: bool) {
    // One that does not tell took the least.
    let taken = |row: &Row| if slowest && row.time_taken_ms != NOTHING { row.time_taken_ms } else { 0 };
    rows.order_by(|a, b| taken(b).cmp(&taken(a)).then(a.time_ms.cmp(&b.time_ms)));
    rows.truncate(most);
}

/// As much of a text as is kept.
pub(super) fn start_of(text: &str) -> &str {
    let mut end = text.len().min(PATH_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

pub(super) fn address_bytes(address: Option<IpAddr>) -> [u8; 17] {
    let mut bytes = [0; 17];
    let mut fill = |kind: u8, octets: &[u8]| {
        for (to, from) in bytes.iter_mut().zip(std::iter::once(&kind).chain(octets)) {
            *to = *from;
        }
    };
    match address {
        None => {}
        Some(IpAddr::V4(address)) => fill(4, &address.octets()),
        Some(IpAddr::V6(address)) => fill(6, &address.octets()),
    }
    bytes
}

/// A UUID in lower case with hyphens; other spellings are kept as text.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let text = text.as_bytes();
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0; 16];
    let mut at = 0;
    for (place, byte) in bytes.iter_mut().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            if text.get(at) != Some(&b'-') {
                return None;
            }
            at += 1;
        }
        for _ in 0..2 {
            let digit = match *text.get(at)? {
                digit @ b'0'..=b'9' => digit - b'0',
                digit @ b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = *byte << 4 | digit;
            at += 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(time_ms: Millis, status: u16, path: &'static str, tracking_id: &'static str) -> NewRow<'static> {
        NewRow {
            time_ms,
            byte: 0,
            client: Some([1, 2, 3, 4].into()),
            client_port: 5,
            front_end: "fe:80",
            backend: (Some([10, 244, 0, 7].into()), 8080),
            status,
            method: "GET",
            host: "h",
            path,
            tracking_id,
            time_taken_ms: Some(7),
            backend_latency_ms: None,
            backend_time_taken_ms: Some(0),
            request_bytes: 10,
            response_bytes: u64::MAX,
        }
    }

    #[test]
    fn rows_come_back_as_they_were() {
        let mut rows = AccessRows::default();
        rows.push(&row(20, 200, "/a", "28b9af1b-0f0f-4a6e-9b0d-c73a00000001"));
        rows.push(&row(10, 503, "/b", "no uuid"));
        let page = rows.page(&AccessFilter::default(), 10, "log");
        assert_eq!(page.matching, 2);
        assert_eq!((page.rows[0].time_ms, page.rows[1].time_ms), (10, 20));
        assert_eq!(page.rows[0].tracking_id, "no uuid");
        assert_eq!(page.rows[1].tracking_id, "28b9af1b-0f0f-4a6e-9b0d-c73a00000001");
        assert_eq!(page.rows[1].response_bytes, u64::MAX);
        assert_eq!((page.rows[1].time_taken_ms, page.rows[1].backend_latency_ms), (Some(7), None));
        let failed = AccessFilter { statuses: Some((500, 599)), ..AccessFilter::default() };
        assert_eq!(rows.page(&failed, 10, "log").rows.len(), 1);
        let of_path = AccessFilter { text: "/A".to_owned(), ..AccessFilter::default() };
        assert_eq!(rows.page(&of_path, 10, "log").rows[0].time_ms, 20);
    }

    proptest! {
        #[test]
        fn a_page_holds_the_earliest_rows(times in prop::collection::vec(0i64..1000, 0..200), most in 0usize..20) {
            let mut rows = AccessRows::default();
            times.iter().for_each(|&time| rows.push(&row(time, 200, "/", "")));
            let page = rows.page(&AccessFilter::default(), most, "");
            let told: Vec<i64> = page.rows.iter().map(|row| row.time_ms).collect();
            let mut sorted = times.clone();
            sorted.sort_unstable();
            sorted.truncate(most);
            prop_assert_eq!(told, sorted);
            prop_assert_eq!(page.matching, times.len() as u64);
        }
    }
}

//! The careful path: any whole JSON object through serde_json. It decides what the object is, and reads a flow log record, of a VNet or an
//! NSG, with repeated keys, any order, escapes and white space to the same answer as the plain path.
//!
//! Repeated keys (contract, Inputs): lists under a repeated key are all read; otherwise the last value wins.

use crate::account::ScanAccount;
use crate::hash::RecordHasher;
use crate::normal::Normal;
use crate::record_shape::{FIELDS, Flow, FlowRecords, Group, Lenient, RecordObject, Text};
use crate::sink::Sink;
use crate::transaction::{Identity, Transaction, normal_mac};
use crate::tuple::{NsgVersion, parse_nsg_tuple, parse_tuple};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::ops::Range;
use underlay_model::input::Format;
use underlay_model::order::Order;
use underlay_model::tuple::RejectCode;

/// What a whole object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Careful {
    /// A flow log record of this format, committed.
    Record(Format),
    /// So many flow log records in the wrapping of another system, committed; the format of the first.
    Wrapped(Format, u64),
    /// A record of another kind, with its category.
    Foreign(String),
    /// A piece of a record: a flow, a group, or what `flowRecords` holds.
    Piece,
    /// serde_json does not read it.
    Unreadable,
}

/// Place of `flowState` in [`FIELDS`].
const STATE: usize = 8;
/// Wrappings in wrappings are opened so deep.
const DEEPEST_WRAPPING: u8 = 3;

/// Reads the object that is `bytes`; `base` is its position in the decoded text.
pub(crate) fn careful_record<S: Sink + ?Sized>(
    bytes: &[u8],
    base: u64,
    sink: &mut S,
    hasher: &mut RecordHasher,
    account: &mut ScanAccount,
) -> Careful {
    let normal = Normal::new(bytes);
    let place = |text: &str| base + normal.original(offset(normal.text(), text)) as u64;
    let whole = base..base + bytes.len() as u64;
    let mut reading = Reading { sink, hasher, account, place: &place };
    reading.object(normal.text(), whole.clone(), 0).unwrap_or_else(|| {
        // A number that serde_json cannot hold loses no record.
        let tamed = tame_numbers(normal.text());
        let place = |text: &str| base + normal.original(offset(&tamed, text)) as u64;
        let mut reading = Reading {
            sink: &mut *reading.sink,
            hasher: &mut *reading.hasher,
            account: &mut *reading.account,
            place: &place,
        };
        reading.object(&tamed, whole, 0).unwrap_or(Careful::Unreadable)
    })
}

fn offset(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize)
}

/// Puts zeros and blanks for numbers with an exponent or of many digits. None of them means anything in a record.
fn tame_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(&first) = rest.as_bytes().first() {
        let digits = |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
        let number = first == b'-' || first.is_ascii_digit();
        let len = match first {
            b'"' => string_len(rest.as_bytes()),
            _ if number => rest.bytes().take_while(|byte| digits(byte)).count(),
            _ => rest.bytes().take_while(|byte| *byte != b'"' && *byte != b'-' && !byte.is_ascii_digit()).count(),
        };
        let Some((token, behind)) = rest.split_at_checked(len) else { break };
        rest = behind;
        if number && (len > 17 || token.contains(['e', 'E'])) {
            out.push('0');
            out.extend(std::iter::repeat_n(' ', len - 1));
        } else {
            out.push_str(token);
        }
    }
    out
}

/// Length of the string that begins the text, with its quotes.
fn string_len(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(stop) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += stop + 1;
        if text.get(at - 1) == Some(&b'"') {
            return at;
        }
        at += 1;
    }
    text.len()
}

/// Where records go, and how places in the text that is read are places in the decoded text.
struct Reading<'a, S: ?Sized> {
    sink: &'a mut S,
    hasher: &'a mut RecordHasher,
    account: &'a mut ScanAccount,
    place: &'a dyn Fn(&str) -> u64,
}

impl<S: Sink + ?Sized> Reading<'_, S> {
    /// `None` when serde_json does not read it. `whole` is where the object stands in the decoded text.
    fn object(&mut self, text: &str, whole: Range<u64>, depth: u8) -> Option<Careful> {
        let Lenient(object) = serde_json::from_str::<Lenient<RecordObject<'_>>>(text).ok()?;
        let category = object.category.as_deref();
        let properties = object.properties.and_then(|raw| flow_records(raw.get()));
        let inside = properties.as_ref().and_then(|properties| flow_records(properties.text.as_deref()?));
        let properties = inside.as_ref().or(properties.as_ref());
        let nsg = properties.filter(|properties| !properties.flows.is_empty());
        let is_nsg = match category {
            Some("NetworkSecurityGroupFlowEvent") => nsg.is_some() || object.flow_records.is_empty(),
            Some(_) => false,
            None => object.flow_records.is_empty() && nsg.is_some_and(FlowRecords::is_nsg),
        };
        if is_nsg {
            // Inside a string there are no places of their own.
            let start = whole.start;
            let fixed = |_: &str| start;
            let place = if inside.is_some() { &fixed } else { self.place };
            let mut reading =
                Reading { sink: &mut *self.sink, hasher: &mut *self.hasher, account: &mut *self.account, place };
            let format = reading.nsg_record(&object, properties.unwrap_or(&FlowRecords::default()), whole);
            return Some(Careful::Record(format));
        }
        if object.flow_records.is_empty() && category != Some("FlowLogFlowEvent") {
            let wrapped = if depth < DEEPEST_WRAPPING { self.wrapped(&object, &whole, depth) } else { None };
            return Some(wrapped.unwrap_or_else(|| foreign(&object)));
        }
        self.vnet_record(&object, whole);
        Some(Careful::Record(Format::VnetFlowLog))
    }

    fn vnet_record(&mut self, object: &RecordObject<'_>, whole: Range<u64>) {
        let place = |raw: &RawValue| (self.place)(raw.get());
        let mut record = Transaction::begin(self.sink, self.hasher);
        let mut has_flows = !object.tuples.is_empty();
        for value in that_count(&object.flow_records, |value| value.list.is_some()) {
            read_records(value, &mut record, &place);
            has_flows |= value.has_flows || value.list.is_some();
            if let Some(text) = &value.text
                && let Some(inside) = flow_records(text)
            {
                // Inside a string there are no places of their own.
                read_records(&inside, &mut record, &|_: &RawValue| whole.start);
                has_flows = true;
            }
        }
        if !object.tuples.is_empty() {
            record.group(b"", object.rule.as_deref().unwrap_or_default().as_bytes());
            object.tuples.iter().for_each(|raw| read_tuple(raw, None, &mut record, &place));
        }
        if !has_flows && !read_fields(object, &mut record, &place) {
            self.account.no_flows(whole.start);
        }
        let version = object.version.map_or("4", |raw| raw.get().trim_matches('"'));
        if !matches!(version, "4" | "4.0" | "null") {
            self.account.other_version(Format::VnetFlowLog, version, whole.start);
        }
        let resource = object.resource.as_deref().filter(|resource| !resource.is_empty()).or(object.nsg.as_deref());
        let identity = Identity {
            guid: object.guid.as_deref().unwrap_or_default(),
            resource: resource.unwrap_or_default(),
            mac: object.mac.as_deref().or(object.field_mac.as_deref()).unwrap_or_default(),
            time: object.time.as_deref().unwrap_or_default(),
        };
        record.commit(&identity, whole, self.account);
        self.account.careful_records += 1;
    }

    /// One transaction for each NIC that the record names: mostly one.
    fn nsg_record(&mut self, object: &RecordObject<'_>, properties: &FlowRecords<'_>, whole: Range<u64>) -> Format {
        let (version, format) = match properties.version.map(|raw| raw.get().trim_matches('"')) {
            Some("1" | "1.0") => (NsgVersion::One, Format::NsgFlowLogV1),
            None if fields_version(object) == Some(NsgVersion::One) => (NsgVersion::One, Format::NsgFlowLogV1),
            version => {
                if let Some(version) = version.filter(|version| !matches!(*version, "2" | "2.0" | "null")) {
                    self.account.other_version(Format::NsgFlowLogV2, version, whole.start);
                }
                (NsgVersion::Two, Format::NsgFlowLogV2)
            }
        };
        let own = object.mac.as_deref().or(object.field_mac.as_deref()).unwrap_or_default();
        // By the NIC that they name, in the order in which these come: a record may name very many.
        let mut groups: Vec<(String, usize, &[u8], &Group<'_>)> = Vec::new();
        for flow in &properties.flows {
            let rule = flow.rule.as_deref().unwrap_or_default().as_bytes();
            for group in &flow.inner {
                let mac = normal_mac(group.mac.as_deref().unwrap_or(own));
                groups.push((mac, groups.len(), rule, group));
            }
        }
        groups.order_by(|a, b| a.0.cmp(&b.0));
        let nics = groups.chunk_by(|a, b| a.0 == b.0);
        let mut nics: Vec<(&str, usize, &[_])> =
            nics.filter_map(|same| same.first().map(|first| (first.0.as_str(), first.1, same))).collect();
        nics.order_by_key(|nic| nic.1);
        if nics.is_empty() {
            nics.push((own, 0, &[]));
        }
        let place = |raw: &RawValue| (self.place)(raw.get());
        for (mac, _, groups) in nics {
            let mut record = Transaction::begin(self.sink, self.hasher);
            for (_, _, rule, group) in groups {
                read_tuples(group, b"", rule, Some(version), &mut record, &place);
            }
            if !properties.has_flows && !read_fields(object, &mut record, &place) {
                self.account.no_flows(whole.start);
            }
            let identity = Identity {
                guid: "",
                resource: object.nsg.as_deref().unwrap_or_default(),
                mac,
                time: object.time.as_deref().unwrap_or_default(),
            };
            record.commit(&identity, whole.clone(), self.account);
        }
        self.account.careful_records += 1;
        format
    }

    /// A record that an event hub or a log search has put into an envelope of its own.
    fn wrapped(&mut self, object: &RecordObject<'_>, whole: &Range<u64>, depth: u8) -> Option<Careful> {
        object.wrapped.iter().find_map(|raw| {
            let inside = text(raw);
            match &inside {
                None => self.inner(raw.get(), depth, None),
                // Inside a string there are no places of their own.
                Some(inside) => self.inner(inside.trim(), depth, Some(whole.clone())),
            }
        })
    }

    fn inner(&mut self, text: &str, depth: u8, whole: Option<Range<u64>>) -> Option<Careful> {
        let start = whole.clone().map_or_else(|| (self.place)(text), |whole| whole.start);
        let fixed = |_: &str| start;
        let place = if whole.is_some() { &fixed } else { self.place };
        let mut reading =
            Reading { sink: &mut *self.sink, hasher: &mut *self.hasher, account: &mut *self.account, place };
        let behind = |text: &str| place(text.get(text.len()..).unwrap_or_default());
        let range = |text: &str| whole.clone().unwrap_or_else(|| place(text)..behind(text));
        let list: Vec<&RawValue> = if text.starts_with('[') {
            serde_json::from_str(text).ok()?
        } else {
            let Lenient(object) = serde_json::from_str::<Lenient<RecordObject<'_>>>(text).ok()?;
            match object.records {
                Some(records) => serde_json::from_str(records.get()).ok()?,
                None => match reading.object(text, range(text), depth + 1)? {
                    Careful::Record(format) => return Some(Careful::Wrapped(format, 1)),
                    Careful::Wrapped(format, count) => return Some(Careful::Wrapped(format, count)),
                    _ => return None,
                },
            }
        };
        let mut first = None;
        let mut count = 0;
        for element in list.into_iter().filter(|element| element.get().starts_with('{')) {
            if let Some(Careful::Record(format)) = reading.object(element.get(), range(element.get()), depth + 1) {
                first.get_or_insert(format);
                count += 1;
            }
        }
        first.map(|format| Careful::Wrapped(format, count))
    }
}

fn flow_records(text: &str) -> Option<FlowRecords<'_>> {
    let Lenient(records) = serde_json::from_str(text).ok()?;
    Some(records)
}

fn foreign(object: &RecordObject<'_>) -> Careful {
    if object.is_piece && object.category.is_none() && object.properties.is_none() {
        return Careful::Piece;
    }
    Careful::Foreign(object.category.as_deref().unwrap_or_default().to_owned())
}

fn read_records<S: Sink + ?Sized>(
    value: &FlowRecords<'_>,
    record: &mut Transaction<'_, S>,
    place: &impl Fn(&RawValue) -> u64,
) {
    value.flows.iter().for_each(|flow| read_flow(flow, record, place));
    if let Some(list) = &value.list {
        read_list(list, record, place);
    }
}

/// The version of a record that has the fields of its tuple for members: only the second has a state.
fn fields_version(object: &RecordObject<'_>) -> Option<NsgVersion> {
    let has_state = object.fields.iter().any(|(at, raw)| *at == STATE && raw.get() != "\"\"" && raw.get() != "null");
    (!object.fields.is_empty()).then_some(if has_state { NsgVersion::Two } else { NsgVersion::One })
}

/// The tuple of a record that has its fields for members; false when it has none. It is always of the form of NSG flow logs.
fn read_fields<S: Sink + ?Sized>(
    object: &RecordObject<'_>,
    record: &mut Transaction<'_, S>,
    place: &impl Fn(&RawValue) -> u64,
) -> bool {
    let (Some((_, first)), Some(version)) = (object.fields.first(), fields_version(object)) else { return false };
    let mut fields = [""; FIELDS.len()];
    for (at, raw) in &object.fields {
        if let Some(field) = fields.get_mut(*at) {
            *field = raw.get().trim_matches('"');
            if *field == "null" {
                *field = "";
            }
        }
    }
    let tuple =
        fields.get(..if version == NsgVersion::One { STATE } else { FIELDS.len() }).unwrap_or_default().join(",");
    record.group(b"", object.field_rule.as_deref().unwrap_or_default().as_bytes());
    record.hasher.string(tuple.as_bytes());
    match parse_nsg_tuple(tuple.as_bytes(), version) {
        Ok(tuple) => record.tuple(&tuple),
        Err(code) => record.reject(code, place(first)),
    }
    true
}

/// The form of preview days: tuple strings without rules. Objects among them are taken for flows.
fn read_list<S: Sink + ?Sized>(list: &[&RawValue], record: &mut Transaction<'_, S>, place: &impl Fn(&RawValue) -> u64) {
    let mut strings = false;
    for element in list {
        if element.get().starts_with('{') {
            strings = false;
            if let Ok(Lenient(flow)) = serde_json::from_str::<Lenient<Flow<'_>>>(element.get()) {
                read_flow(&flow, record, place);
            }
        } else {
            if !strings {
                record.group(b"", b"");
                strings = true;
            }
            read_tuple(element, None, record, place);
        }
    }
}

fn read_flow<S: Sink + ?Sized>(flow: &Flow<'_>, record: &mut Transaction<'_, S>, place: &impl Fn(&RawValue) -> u64) {
    let acl = flow.acl.as_deref().unwrap_or_default();
    for group in &flow.groups {
        let rule = group.rule.as_deref().unwrap_or_default();
        read_tuples(group, acl.as_bytes(), rule.as_bytes(), None, record, place);
    }
}

/// `version` of an NSG flow log, `None` of a VNet flow log.
fn read_tuples<S: Sink + ?Sized>(
    group: &Group<'_>,
    acl: &[u8],
    rule: &[u8],
    version: Option<NsgVersion>,
    record: &mut Transaction<'_, S>,
    place: &impl Fn(&RawValue) -> u64,
) {
    for tuples in that_count(&group.tuples, |raw| raw.get().starts_with('[')) {
        record.group(acl, rule);
        match serde_json::from_str::<Vec<&RawValue>>(tuples.get()) {
            Ok(list) => list.into_iter().for_each(|tuple| read_tuple(tuple, version, record, place)),
            Err(_) => record.reject(RejectCode::Type, place(tuples)),
        }
    }
}

fn read_tuple<S: Sink + ?Sized>(
    raw: &RawValue,
    version: Option<NsgVersion>,
    record: &mut Transaction<'_, S>,
    place: &impl Fn(&RawValue) -> u64,
) {
    let Some(text) = text(raw) else {
        record.reject(RejectCode::Type, place(raw));
        return;
    };
    record.hasher.string(text.as_bytes());
    let parsed = match version {
        None => parse_tuple(text.as_bytes()),
        Some(version) => parse_nsg_tuple(text.as_bytes(), version),
    };
    match parsed {
        Ok(tuple) => record.tuple(&tuple),
        Err(code) => record.reject(code, place(raw)),
    }
}

/// The values that count under a repeated key: every list, and the last value whatever it is.
fn that_count<T>(values: &[T], is_list: impl Fn(&T) -> bool) -> impl Iterator<Item = &T> {
    let last = values.len().saturating_sub(1);
    values.iter().enumerate().filter(move |(at, value)| *at == last || is_list(value)).map(|(_, value)| value)
}

/// A string's decoded text.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Lenient<Text<'_>>>(raw.get()).ok().and_then(|Lenient(Text(text))| text)
}

//! The careful path: any whole JSON object through serde_json. It decides what the object is, and reads a VNet flow log record with
//! repeated keys, any order, escapes and white space to the same answer as the plain path.
//!
//! Repeated keys (contract, Inputs): lists under a repeated key are all read; otherwise the last value wins.

use crate::account::{ForeignKind, ScanAccount};
use crate::hash::RecordHasher;
use crate::normal::Normal;
use crate::sink::Sink;
use crate::transaction::{Identity, Transaction};
use crate::tuple::parse_tuple;
use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use underlay_model::tuple::RejectCode;

/// What a whole object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Careful {
    /// A VNet flow log record, committed.
    Record,
    /// A record of another kind.
    Foreign { kind: ForeignKind, category: String },
    /// A piece of a record: a flow, a group, or what `flowRecords` holds.
    Piece,
    /// serde_json does not read it.
    Unreadable,
}

/// Reads the object that is `bytes`; `base` is its position in the decoded text.
pub(crate) fn careful_record<S: Sink>(
    bytes: &[u8],
    base: u64,
    sink: &mut S,
    hasher: &mut RecordHasher,
    account: &mut ScanAccount,
) -> Careful {
    let normal = Normal::new(bytes);
    let Some(members) = serde_json::from_str::<&RawValue>(normal.text()).ok().and_then(members) else {
        return Careful::Unreadable;
    };
    let category = text_of(&members, "category");
    if !has(&members, "flowRecords") && category.as_deref() != Some("FlowLogFlowEvent") {
        return foreign(&members, category);
    }
    let place = |raw: &RawValue| {
        let at = (raw.get().as_ptr() as usize).saturating_sub(normal.text().as_ptr() as usize);
        base + normal.original(at) as u64
    };
    let mut record = Transaction::begin(sink, hasher);
    read_flow_records(&members, &mut record, &place);
    let own = |name| text_of(&members, name).unwrap_or_default();
    let (guid, resource, mac, time) = (own("flowLogGUID"), own("flowLogResourceID"), own("macAddress"), own("time"));
    let identity = Identity { guid: &guid, resource: &resource, mac: &mac, time: &time };
    record.commit(&identity, base..base + bytes.len() as u64, account);
    account.careful_records += 1;
    Careful::Record
}

fn foreign(members: &Members<'_>, category: Option<Cow<'_, str>>) -> Careful {
    let properties = last(members, "properties").and_then(self::members).unwrap_or_default();
    let is_nsg =
        category.as_deref() == Some("NetworkSecurityGroupFlowEvent") || !lists(&properties, "flows").is_empty();
    let kind = if is_nsg {
        match last(&properties, "Version").map(RawValue::get) {
            Some("1") => ForeignKind::NsgFlowLogV1,
            _ => ForeignKind::NsgFlowLogV2,
        }
    } else if category.is_none()
        && !has(members, "properties")
        && ["flowTuples", "flowGroups", "flows"].iter().any(|name| has(members, name))
    {
        return Careful::Piece;
    } else {
        ForeignKind::Other
    };
    Careful::Foreign { kind, category: category.unwrap_or_default().into_owned() }
}

fn read_flow_records<S: Sink>(
    members: &Members<'_>,
    record: &mut Transaction<'_, S>,
    place: &impl Fn(&RawValue) -> u64,
) {
    for value in values(members, "flowRecords") {
        if let Some(inner) = self::members(value) {
            for flows in values(&inner, "flows") {
                for flow in elements(flows).unwrap_or_default() {
                    read_flow(flow, record, place);
                }
            }
        } else if let Some(list) = elements(value) {
            // The form of preview days: tuple strings without rules.
            let mut strings = false;
            for element in list {
                if element.get().starts_with('{') {
                    strings = false;
                    read_flow(element, record, place);
                } else {
                    if !strings {
                        record.group(b"", b"");
                        strings = true;
                    }
                    read_tuple(element, record, place);
                }
            }
        }
    }
}

fn read_flow<S: Sink>(flow: &RawValue, record: &mut Transaction<'_, S>, place: &impl Fn(&RawValue) -> u64) {
    let Some(flow) = members(flow) else { return };
    let acl = text_of(&flow, "aclID").unwrap_or_default();
    for groups in values(&flow, "flowGroups") {
        for group in elements(groups).unwrap_or_default() {
            let Some(group) = members(group) else { continue };
            let rule = text_of(&group, "rule").unwrap_or_default();
            for tuples in values(&group, "flowTuples") {
                record.group(acl.as_bytes(), rule.as_bytes());
                match elements(tuples) {
                    Some(list) => list.into_iter().for_each(|tuple| read_tuple(tuple, record, place)),
                    None => record.reject(RejectCode::Type, place(tuples)),
                }
            }
        }
    }
}

fn read_tuple<S: Sink>(raw: &RawValue, record: &mut Transaction<'_, S>, place: &impl Fn(&RawValue) -> u64) {
    let Some(text) = text(raw) else {
        record.reject(RejectCode::Type, place(raw));
        return;
    };
    record.hasher.string(text.as_bytes());
    match parse_tuple(text.as_bytes()) {
        Ok(tuple) => record.tuple(&tuple),
        Err(code) => record.reject(code, place(raw)),
    }
}

/// Members of an object in the order of the text, repeated keys too.
type Members<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

fn has(members: &Members<'_>, name: &str) -> bool {
    members.iter().any(|(key, _)| key == name)
}

fn last<'a>(members: &Members<'a>, name: &str) -> Option<&'a RawValue> {
    members.iter().rev().find(|(key, _)| key == name).map(|&(_, value)| value)
}

/// The values that count under a key: every list, and the last value whatever it is.
fn values<'a>(members: &Members<'a>, name: &str) -> Vec<&'a RawValue> {
    let all: Vec<&RawValue> = members.iter().filter(|(key, _)| key == name).map(|&(_, value)| value).collect();
    let last = all.len().saturating_sub(1);
    all.into_iter().enumerate().filter(|(at, value)| *at == last || is_list(value)).map(|(_, value)| value).collect()
}

fn lists<'a>(members: &Members<'a>, name: &str) -> Vec<&'a RawValue> {
    values(members, name).into_iter().filter(|value| is_list(value)).collect()
}

fn is_list(raw: &RawValue) -> bool {
    raw.get().starts_with('[')
}

fn text_of<'a>(members: &Members<'a>, name: &str) -> Option<Cow<'a, str>> {
    last(members, name).and_then(text)
}

/// A string's decoded text.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    if !raw.get().starts_with('"') {
        return None;
    }
    serde_json::Deserializer::from_str(raw.get()).deserialize_str(TextVisitor).ok()
}

fn elements(raw: &RawValue) -> Option<Vec<&RawValue>> {
    is_list(raw).then(|| serde_json::from_str(raw.get()).ok()).flatten()
}

fn members(raw: &RawValue) -> Option<Members<'_>> {
    if !raw.get().starts_with('{') {
        return None;
    }
    serde_json::Deserializer::from_str(raw.get()).deserialize_map(MembersVisitor).ok()
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(Key(key)) = map.next_key()? {
            members.push((key, map.next_value()?));
        }
        Ok(members)
    }
}

struct Key<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor).map(Key)
    }
}

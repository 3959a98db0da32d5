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
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::marker::PhantomData;
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
pub(crate) fn careful_record<S: Sink + ?Sized>(
    bytes: &[u8],
    base: u64,
    sink: &mut S,
    hasher: &mut RecordHasher,
    account: &mut ScanAccount,
) -> Careful {
    let normal = Normal::new(bytes);
    let Ok(Lenient(object)) = serde_json::from_str::<Lenient<RecordObject<'_>>>(normal.text()) else {
        return Careful::Unreadable;
    };
    let category = object.category.as_deref();
    if object.flow_records.is_empty() && category != Some("FlowLogFlowEvent") {
        return foreign(&object);
    }
    let place = |raw: &RawValue| {
        let at = (raw.get().as_ptr() as usize).saturating_sub(normal.text().as_ptr() as usize);
        base + normal.original(at) as u64
    };
    let mut record = Transaction::begin(sink, hasher);
    for value in that_count(&object.flow_records, |value| matches!(value, FlowRecords::List(_))) {
        match value {
            FlowRecords::Object(flows) => flows.iter().for_each(|flow| read_flow(flow, &mut record, &place)),
            FlowRecords::List(list) => read_list(list, &mut record, &place),
            FlowRecords::Other => {}
        }
    }
    let own = |text: &'_ Option<Cow<'_, str>>| text.as_deref().unwrap_or_default().to_owned();
    let (guid, resource, mac, time) = (own(&object.guid), own(&object.resource), own(&object.mac), own(&object.time));
    let identity = Identity { guid: &guid, resource: &resource, mac: &mac, time: &time };
    record.commit(&identity, base..base + bytes.len() as u64, account);
    account.careful_records += 1;
    Careful::Record
}

fn foreign(object: &RecordObject<'_>) -> Careful {
    let properties = object.properties.and_then(|raw| serde_json::from_str::<Lenient<Properties<'_>>>(raw.get()).ok());
    let properties = properties.map(|Lenient(properties)| properties).unwrap_or_default();
    let is_nsg = object.category.as_deref() == Some("NetworkSecurityGroupFlowEvent") || properties.has_flows;
    let kind = if is_nsg {
        match properties.version.map(RawValue::get) {
            Some("1" | "\"1\"") => ForeignKind::NsgFlowLogV1,
            _ => ForeignKind::NsgFlowLogV2,
        }
    } else if object.is_piece && object.category.is_none() && object.properties.is_none() {
        return Careful::Piece;
    } else {
        ForeignKind::Other
    };
    Careful::Foreign { kind, category: object.category.as_deref().unwrap_or_default().to_owned() }
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
            read_tuple(element, record, place);
        }
    }
}

fn read_flow<S: Sink + ?Sized>(flow: &Flow<'_>, record: &mut Transaction<'_, S>, place: &impl Fn(&RawValue) -> u64) {
    let acl = flow.acl.as_deref().unwrap_or_default();
    for group in &flow.groups {
        let rule = group.rule.as_deref().unwrap_or_default();
        for tuples in that_count(&group.tuples, |raw| raw.get().starts_with('[')) {
            record.group(acl.as_bytes(), rule.as_bytes());
            match serde_json::from_str::<Vec<&RawValue>>(tuples.get()) {
                Ok(list) => list.into_iter().for_each(|tuple| read_tuple(tuple, record, place)),
                Err(_) => record.reject(RejectCode::Type, place(tuples)),
            }
        }
    }
}

fn read_tuple<S: Sink + ?Sized>(raw: &RawValue, record: &mut Transaction<'_, S>, place: &impl Fn(&RawValue) -> u64) {
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

/// The values that count under a repeated key: every list, and the last value whatever it is.
fn that_count<T>(values: &[T], is_list: impl Fn(&T) -> bool) -> impl Iterator<Item = &T> {
    let last = values.len().saturating_sub(1);
    values.iter().enumerate().filter(move |(at, value)| *at == last || is_list(value)).map(|(_, value)| value)
}

/// A string's decoded text.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Lenient<Text<'_>>>(raw.get()).ok().and_then(|Lenient(Text(text))| text)
}

/// The members of a record that are read, as they stand.
#[derive(Default)]
struct RecordObject<'a> {
    time: Option<Cow<'a, str>>,
    guid: Option<Cow<'a, str>>,
    resource: Option<Cow<'a, str>>,
    mac: Option<Cow<'a, str>>,
    category: Option<Cow<'a, str>>,
    properties: Option<&'a RawValue>,
    flow_records: Vec<FlowRecords<'a>>,
    /// Has a key of an inner object of a record.
    is_piece: bool,
}

/// What stands under `flowRecords`.
#[derive(Default)]
enum FlowRecords<'a> {
    Object(Vec<Flow<'a>>),
    List(Vec<&'a RawValue>),
    #[default]
    Other,
}

/// An element of `flows`.
#[derive(Default)]
struct Flow<'a> {
    acl: Option<Cow<'a, str>>,
    groups: Vec<Group<'a>>,
}

/// An element of `flowGroups`.
#[derive(Default)]
struct Group<'a> {
    rule: Option<Cow<'a, str>>,
    tuples: Vec<&'a RawValue>,
}

/// `properties` of an NSG flow log record.
#[derive(Default)]
struct Properties<'a> {
    version: Option<&'a RawValue>,
    has_flows: bool,
}

/// All elements of a list.
struct Elements<T>(Vec<T>);

impl<T> Default for Elements<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Text, when it is a string.
#[derive(Default)]
struct Text<'a>(Option<Cow<'a, str>>);

/// What a value can be read as; anything of another kind is its default.
trait Shape<'de>: Default {
    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn text(_text: Cow<'de, str>) -> Self {
        Self::default()
    }
}

impl<'de> Shape<'de> for Text<'de> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(Some(text))
    }
}

impl<'de, T: Shape<'de>> Shape<'de> for Elements<T> {
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut elements = Vec::new();
        while let Some(Lenient(element)) = list.next_element()? {
            elements.push(element);
        }
        Ok(Self(elements))
    }
}

impl<'de> Shape<'de> for RecordObject<'de> {
    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut object = Self::default();
        while let Some(key) = next_key(&mut map)? {
            let text = match &*key {
                "time" => &mut object.time,
                "flowLogGUID" => &mut object.guid,
                "flowLogResourceID" => &mut object.resource,
                "macAddress" => &mut object.mac,
                "category" => &mut object.category,
                other => {
                    match other {
                        "flowRecords" => object.flow_records.push(map.next_value::<Lenient<_>>()?.0),
                        "properties" => object.properties = Some(map.next_value()?),
                        _ => {
                            object.is_piece |= matches!(other, "flowTuples" | "flowGroups" | "flows");
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                    continue;
                }
            };
            *text = next_text(&mut map)?;
        }
        Ok(object)
    }
}

impl<'de> Shape<'de> for FlowRecords<'de> {
    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut flows = Vec::new();
        while let Some(key) = next_key(&mut map)? {
            if key == "flows" {
                flows.append(&mut map.next_value::<Lenient<Elements<Flow<'de>>>>()?.0.0);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Self::Object(flows))
    }

    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(Self::List(elements))
    }
}

impl<'de> Shape<'de> for Flow<'de> {
    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut flow = Self::default();
        while let Some(key) = next_key(&mut map)? {
            match &*key {
                "aclID" => flow.acl = next_text(&mut map)?,
                "flowGroups" => flow.groups.append(&mut map.next_value::<Lenient<Elements<Group<'de>>>>()?.0.0),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(flow)
    }
}

impl<'de> Shape<'de> for Group<'de> {
    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut group = Self::default();
        while let Some(key) = next_key(&mut map)? {
            match &*key {
                "rule" => group.rule = next_text(&mut map)?,
                "flowTuples" => group.tuples.push(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(group)
    }
}

impl<'de> Shape<'de> for Properties<'de> {
    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut properties = Self::default();
        while let Some(key) = next_key(&mut map)? {
            let value: &RawValue = map.next_value()?;
            match &*key {
                "Version" => properties.version = Some(value),
                "flows" => properties.has_flows |= value.get().starts_with('['),
                _ => {}
            }
        }
        Ok(properties)
    }
}

fn next_key<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Cow<'de, str>>, A::Error> {
    Ok(map.next_key::<Lenient<Text<'de>>>()?.map(|Lenient(Text(text))| text.unwrap_or_default()))
}

fn next_text<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Cow<'de, str>>, A::Error> {
    let Lenient(Text(text)) = map.next_value()?;
    Ok(text)
}

/// Reads a shape from any value.
struct Lenient<T>(T);

impl<'de, T: Shape<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(PhantomData)).map(Self)
    }
}

struct LenientVisitor<T>(PhantomData<T>);

impl<'de, T: Shape<'de>> Visitor<'de> for LenientVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::object(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, _value: bool) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_i64<E>(self, _value: i64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_u64<E>(self, _value: u64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_f64<E>(self, _value: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
}

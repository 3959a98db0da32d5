//! The members of a record that are read, whatever stands around them: each is taken from a value of the right kind and is nothing for any
//! other, so that one odd member costs no record.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::marker::PhantomData;

/// The members of a record that are read, as they stand.
#[derive(Default)]
pub(crate) struct RecordObject<'a> {
    pub(crate) time: Option<Cow<'a, str>>,
    pub(crate) guid: Option<Cow<'a, str>>,
    pub(crate) resource: Option<Cow<'a, str>>,
    pub(crate) mac: Option<Cow<'a, str>>,
    pub(crate) category: Option<Cow<'a, str>>,
    /// `resourceId`: the NSG; some VNet flow logs name the flow log itself here.
    pub(crate) nsg: Option<Cow<'a, str>>,
    pub(crate) rule: Option<Cow<'a, str>>,
    pub(crate) properties: Option<&'a RawValue>,
    pub(crate) flow_records: Vec<FlowRecords<'a>>,
    /// `flow.0` and so on: tuples that an exporter has laid flat.
    pub(crate) tuples: Vec<&'a RawValue>,
    /// Fields of the one tuple of a record that an exporter has made of it: place in the tuple ([`FIELDS`]) and value.
    pub(crate) fields: Vec<(usize, &'a RawValue)>,
    /// `nsgRuleName`, beside such fields.
    pub(crate) field_rule: Option<Cow<'a, str>>,
    /// `mac`, beside such fields.
    pub(crate) field_mac: Option<Cow<'a, str>>,
    /// `flowLogVersion`.
    pub(crate) version: Option<&'a RawValue>,
    /// What another system's envelope may hold it in.
    pub(crate) wrapped: Vec<&'a RawValue>,
    /// A list of records.
    pub(crate) records: Option<&'a RawValue>,
    /// Has a key of an inner object of a record.
    pub(crate) is_piece: bool,
}

/// Fields of a tuple of an NSG flow log, in its order, by the names that those exporters give them who make a record of every tuple.
/// Source: the denormalized record of Microsoft's connector for NSG flow logs; others took it over, for VNet flow logs, too.
pub(crate) const FIELDS: [&str; 13] = [
    "startTime",
    "sourceAddress",
    "destinationAddress",
    "sourcePort",
    "destinationPort",
    "transportProtocol",
    "deviceDirection",
    "deviceAction",
    "flowState",
    "packetsStoD",
    "bytesStoD",
    "packetsDtoS",
    "bytesDtoS",
];

/// What stands under `flowRecords`, and under `properties` of an NSG flow log record.
#[derive(Default)]
pub(crate) struct FlowRecords<'a> {
    pub(crate) flows: Vec<Flow<'a>>,
    /// Has a member `flows`, empty or not.
    pub(crate) has_flows: bool,
    /// The form of preview days.
    pub(crate) list: Option<Vec<&'a RawValue>>,
    /// Of an NSG flow log.
    pub(crate) version: Option<&'a RawValue>,
    /// The same once more as text: some exporters write what lies deeper than they look as a string.
    pub(crate) text: Option<Cow<'a, str>>,
}

impl FlowRecords<'_> {
    /// Whether this can be nothing but an NSG flow log, though its record does not say so.
    pub(crate) fn is_nsg(&self) -> bool {
        self.flows.iter().any(|flow| flow.inner.iter().any(|group| !group.tuples.is_empty()))
    }
}

/// An element of `flows`: of a VNet flow log with its groups, of an NSG flow log with its rule and flows by NIC.
#[derive(Default)]
pub(crate) struct Flow<'a> {
    pub(crate) acl: Option<Cow<'a, str>>,
    pub(crate) groups: Vec<Group<'a>>,
    pub(crate) rule: Option<Cow<'a, str>>,
    pub(crate) inner: Vec<Group<'a>>,
}

/// An element of `flowGroups`, or of the inner `flows` of an NSG flow log.
#[derive(Default)]
pub(crate) struct Group<'a> {
    pub(crate) rule: Option<Cow<'a, str>>,
    pub(crate) mac: Option<Cow<'a, str>>,
    pub(crate) tuples: Vec<&'a RawValue>,
}

/// All elements of a list.
pub(crate) struct Elements<T>(Vec<T>);

impl<T> Default for Elements<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Text, when it is a string.
#[derive(Default)]
pub(crate) struct Text<'a>(pub(crate) Option<Cow<'a, str>>);

/// What a value can be read as; anything of another kind is its default.
pub(crate) trait Shape<'de>: Default {
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
                "resourceId" => &mut object.nsg,
                "rule" => &mut object.rule,
                other => {
                    match other {
                        "flowRecords" => object.flow_records.push(map.next_value::<Lenient<_>>()?.0),
                        "properties" => object.properties = Some(map.next_value()?),
                        "flowLogVersion" => object.version = Some(map.next_value()?),
                        "body" | "_raw" | "event.original" | "event" | "original" | "message" | "result"
                        | "_source" => {
                            object.wrapped.push(map.next_value()?);
                        }
                        "records" => object.records = Some(map.next_value()?),
                        _ if other.strip_prefix("flow.").is_some_and(is_number) => {
                            object.tuples.push(map.next_value()?)
                        }
                        "nsgRuleName" => object.field_rule = next_text(&mut map)?,
                        "mac" => object.field_mac = next_text(&mut map)?,
                        _ => {
                            if let Some(place) = FIELDS.iter().position(|field| field.eq_ignore_ascii_case(other)) {
                                object.fields.push((place, map.next_value()?));
                                continue;
                            }
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
        let mut records = Self::default();
        while let Some(key) = next_key(&mut map)? {
            match &*key {
                "flows" => {
                    records.has_flows = true;
                    records.flows.append(&mut map.next_value::<Lenient<Elements<Flow<'de>>>>()?.0.0);
                }
                "Version" => records.version = Some(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(records)
    }

    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(Self { list: Some(elements), ..Self::default() })
    }

    fn text(text: Cow<'de, str>) -> Self {
        Self { text: Some(text), ..Self::default() }
    }
}

impl<'de> Shape<'de> for Flow<'de> {
    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut flow = Self::default();
        while let Some(key) = next_key(&mut map)? {
            let groups = match &*key {
                "aclID" => {
                    flow.acl = next_text(&mut map)?;
                    continue;
                }
                "rule" => {
                    flow.rule = next_text(&mut map)?;
                    continue;
                }
                "flowGroups" => &mut flow.groups,
                "flows" => &mut flow.inner,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            groups.append(&mut map.next_value::<Lenient<Elements<Group<'de>>>>()?.0.0);
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
                "mac" => group.mac = next_text(&mut map)?,
                "flowTuples" => group.tuples.push(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(group)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Keys as Azure writes them; those who ship logs, or read them into objects and write them again, give them a case of their own.
const KEYS: [&str; 18] = [
    "time",
    "flowLogVersion",
    "flowLogGUID",
    "flowLogResourceID",
    "macAddress",
    "category",
    "resourceId",
    "properties",
    "flowRecords",
    "records",
    "flows",
    "Version",
    "aclID",
    "flowGroups",
    "rule",
    "mac",
    "flowTuples",
    "nsgRuleName",
];

/// The next key, in Azure's own case if it is one that is read.
fn next_key<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Cow<'de, str>>, A::Error> {
    let Some(Lenient(Text(text))) = map.next_key::<Lenient<Text<'de>>>()? else { return Ok(None) };
    let key = text.unwrap_or_default();
    let known = KEYS.iter().find(|known| known.eq_ignore_ascii_case(&key));
    Ok(Some(known.map_or(key, |known| Cow::Borrowed(*known))))
}

fn next_text<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Cow<'de, str>>, A::Error> {
    let Lenient(Text(text)) = map.next_value()?;
    Ok(text)
}

/// Reads a shape from any value.
pub(crate) struct Lenient<T>(pub(crate) T);

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

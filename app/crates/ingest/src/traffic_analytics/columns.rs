//! The columns of the flow table that are used, under all the names that its generations gave them, in any case and order, with the time
//! zone that an export puts behind the names of times.

use crate::moment::zone_of;
use std::borrow::Cow;

/// A column that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names of the table, see `NAMES`")]
pub(crate) enum Column {
    SubType,
    IntervalStart,
    FlowStart,
    FlowEnd,
    Generated,
    Source,
    Destination,
    /// Of the legacy table: the end that is not public.
    Machine,
    PackedSources,
    PackedDestinations,
    /// Of the legacy table: whichever end is public.
    Packed,
    Port,
    Protocol,
    Direction,
    Status,
    Action,
    AclRule,
    NsgRule,
    Encryption,
    Mac,
    Target,
    AllowedIn,
    AllowedOut,
    DeniedIn,
    DeniedOut,
    Completed,
    PacketsSent,
    PacketsReturned,
    BytesSent,
    BytesReturned,
}

/// How many there are.
pub(crate) const COLUMNS: usize = Column::BytesReturned as usize + 1;

/// In lower case, without the type that the legacy table puts behind its names.
const NAMES: [(&str, Column); 34] = [
    ("subtype", Column::SubType),
    ("flowintervalstarttime", Column::IntervalStart),
    ("flowstarttime", Column::FlowStart),
    ("flowendtime", Column::FlowEnd),
    ("timegenerated", Column::Generated),
    ("srcip", Column::Source),
    ("destip", Column::Destination),
    ("vmip", Column::Machine),
    ("srcpublicips", Column::PackedSources),
    ("destpublicips", Column::PackedDestinations),
    ("publicips", Column::Packed),
    ("destport", Column::Port),
    ("l4protocol", Column::Protocol),
    ("flowdirection", Column::Direction),
    ("flowstatus", Column::Status),
    ("action", Column::Action),
    ("aclrule", Column::AclRule),
    ("nsgrule", Column::NsgRule),
    ("flowencryption", Column::Encryption),
    ("macaddress", Column::Mac),
    ("targetresourceid", Column::Target),
    ("allowedinflows", Column::AllowedIn),
    ("allowedoutflows", Column::AllowedOut),
    ("deniedinflows", Column::DeniedIn),
    ("deniedoutflows", Column::DeniedOut),
    ("completedflows", Column::Completed),
    ("packetssrctodest", Column::PacketsSent),
    ("outboundpackets", Column::PacketsSent),
    ("packetsdesttosrc", Column::PacketsReturned),
    ("inboundpackets", Column::PacketsReturned),
    ("bytessrctodest", Column::BytesSent),
    ("outboundbytes", Column::BytesSent),
    ("bytesdesttosrc", Column::BytesReturned),
    ("inboundbytes", Column::BytesReturned),
];

impl Column {
    /// The column of this name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let lower = name.split('[').next().unwrap_or(name).trim().to_ascii_lowercase();
        let plain = match lower.as_bytes() {
            [.., b'_', b's' | b't' | b'd' | b'b' | b'g'] => lower.get(..lower.len() - 2).unwrap_or(&lower),
            _ => &lower,
        };
        NAMES.iter().find(|(known, _)| *known == plain).map(|&(_, column)| column)
    }
}

/// The values of one row, by column. What is missing is empty.
pub(crate) struct Cells<'t>([Cow<'t, str>; COLUMNS]);

impl<'t> Cells<'t> {
    pub(crate) fn new() -> Self {
        Self([const { Cow::Borrowed("") }; COLUMNS])
    }

    /// Sets a value; of two columns of one meaning the one that is not empty counts, of two such the first.
    pub(crate) fn set(&mut self, column: Column, value: Cow<'t, str>) {
        if let Some(cell) = self.0.get_mut(column as usize)
            && cell.is_empty()
            && !matches!(&*value, "None" | "none" | "null" | "NULL" | "NaN" | "nan")
            && !value.trim().is_empty()
        {
            *cell = value;
        }
    }

    pub(crate) fn get(&self, column: Column) -> &str {
        self.0.get(column as usize).map_or("", |cell| cell)
    }
}

/// The columns of a table by place, and the zones of its times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) columns: Vec<Option<Column>>,
    pub(crate) zones: Zones,
    /// Rows below it are flows.
    pub(crate) flows: bool,
}

/// Minutes by which the times of a table are ahead of UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Zones {
    /// By column of a time, from [`Column::IntervalStart`] on.
    minutes: [i16; 4],
    /// The first zone that is a name and no distance: its times are taken for UTC.
    pub(crate) unknown: Option<String>,
}

impl Zones {
    /// Minutes that the times of this column are ahead of UTC.
    pub(crate) fn minutes(&self, column: Column) -> i64 {
        let place = (column as usize).wrapping_sub(Column::IntervalStart as usize);
        self.minutes.get(place).copied().unwrap_or(0).into()
    }
}

impl Header {
    /// Reads the names of a table's columns.
    pub(crate) fn new(names: &[&str]) -> Self {
        let mut header = Self { flows: is_flow_row(&mut names.iter().copied()), ..Self::default() };
        for name in names {
            let column = Column::of(name);
            let place = column.map(|column| (column as usize).wrapping_sub(Column::IntervalStart as usize));
            if let Some(minutes) = place.and_then(|place| header.zones.minutes.get_mut(place))
                && let Some(zone) = zone_of(name)
            {
                match zone {
                    Ok(ahead) => *minutes = ahead,
                    Err(name) => header.zones.unknown = header.zones.unknown.take().or(Some(name)),
                }
            }
            header.columns.push(column);
        }
        header
    }
}

/// Whether names are columns of the Traffic Analytics table, of any of its generations, with or without a zone behind them.
pub(crate) fn is_flow_row(names: &mut dyn Iterator<Item = &str>) -> bool {
    let (mut source, mut destination, mut other) = (false, false, false);
    for name in names {
        let plain = name.split('[').next().unwrap_or(name).trim().to_ascii_lowercase();
        let plain =
            plain.strip_suffix("_s").or(plain.strip_suffix("_t")).or(plain.strip_suffix("_d")).unwrap_or(&plain);
        match plain {
            "srcip" | "srcpublicips" => source = true,
            "destip" | "destpublicips" => destination = true,
            "flowintervalstarttime"
            | "flowstarttime"
            | "faschemaversion"
            | "flowdirection"
            | "flowstatus"
            | "flowtype"
            | "l4protocol"
            | "destport" => other = true,
            _ => {}
        }
    }
    other && (source || destination)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_all_their_names() {
        for (name, column) in [
            ("SrcIp", Column::Source),
            ("SRCIP", Column::Source),
            ("SrcIP_s", Column::Source),
            ("FlowIntervalStartTime [UTC]", Column::IntervalStart),
            ("FlowStartTime_t [Local Time]", Column::FlowStart),
            ("DestPort_d", Column::Port),
            ("OutboundBytes_d", Column::BytesSent),
            ("NSGRule_s", Column::NsgRule),
            ("MACAddress", Column::Mac),
        ] {
            assert_eq!(Column::of(name), Some(column), "{name}");
        }
        for name in ["", "SrcPorts", "IP", "NSGRules_s"] {
            assert_eq!(Column::of(name), None, "{name}");
        }
    }

    #[test]
    fn zones_behind_names_are_read() {
        let header = Header::new(&["FlowStartTime [UTC+1]", "TimeGenerated [Local Time]", "SrcIp"]);
        assert_eq!((header.zones.minutes(Column::FlowStart), header.zones.minutes(Column::Generated)), (60, 0));
        assert_eq!(header.zones.unknown.as_deref(), Some("Local Time"));
    }
}

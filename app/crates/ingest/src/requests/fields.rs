//! The columns of both logs, whatever an export calls them: `httpStatusCode` in a blob, `HttpStatusCode` in Log Analytics,
//! `TimeGenerated [UTC]` in CSV.

use crate::json::{Cursor, Json};
use underlay_model::input::Format;

/// A column that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "Azure's names")]
pub(crate) enum Slot {
    Time,
    Category,
    Kind,
    Resource,
    ClientIp,
    ClientPort,
    BackendHost,
    BackendIp,
    BackendPort,
    BackendLatency,
    BackendTime,
    FrontEnd,
    FrontEndPort,
    Host,
    Method,
    Status,
    Path,
    RequestBody,
    RequestHeader,
    ResponseBody,
    ResponseHeader,
    TimeTaken,
    Tracking,
    Action,
    RuleSet,
    Rule,
    Message,
    Policy,
}

/// How many there are.
const SLOTS: usize = Slot::Policy as usize + 1;

impl Slot {
    /// The column of this name, in any case, with or without a zone behind it, or the type as the table `AzureDiagnostics` has it.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let plain = name.split('[').next().unwrap_or(name).trim();
        let plain = ["_s", "_d", "_g", "_t"].iter().find_map(|kind| plain.strip_suffix(kind)).unwrap_or(plain);
        let mut lower = [0u8; 24];
        let lower = lower.get_mut(..plain.len())?;
        lower.copy_from_slice(plain.as_bytes());
        lower.make_ascii_lowercase();
        Some(match &*lower {
            b"time" | b"timegenerated" | b"eventtime" => Self::Time,
            b"category" => Self::Category,
            b"type" => Self::Kind,
            b"resourceid" | b"_resourceid" => Self::Resource,
            b"clientip" => Self::ClientIp,
            b"clientport" => Self::ClientPort,
            b"backendhost" => Self::BackendHost,
            b"backendip" => Self::BackendIp,
            b"backendport" => Self::BackendPort,
            b"backendresponselatency" => Self::BackendLatency,
            b"backendtimetaken" => Self::BackendTime,
            b"frontendname" => Self::FrontEnd,
            b"frontendport" => Self::FrontEndPort,
            b"hostname" => Self::Host,
            b"httpmethod" => Self::Method,
            b"httpstatuscode" => Self::Status,
            b"requesturi" => Self::Path,
            b"requestbodybytes" => Self::RequestBody,
            b"requestheaderbytes" => Self::RequestHeader,
            b"responsebodybytes" => Self::ResponseBody,
            b"responseheaderbytes" => Self::ResponseHeader,
            b"timetaken" => Self::TimeTaken,
            b"trackingid" => Self::Tracking,
            b"action" => Self::Action,
            b"rulesettype" => Self::RuleSet,
            b"ruleid" => Self::Rule,
            b"message" => Self::Message,
            b"policyscopename" | b"policyscope" => Self::Policy,
            _ => return None,
        })
    }
}

/// One row. What is absent, null or `-` is empty.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'t>([&'t str; SLOTS]);

impl<'t> Fields<'t> {
    /// No value at all.
    pub(crate) const EMPTY: Fields<'static> = Fields([""; SLOTS]);

    /// The row that an object is: its members, and those of `properties`. Some exports write the properties as text, which is
    /// then read into `unwrapped`.
    pub(crate) fn of(value: &'t Json<'t>, unwrapped: &'t mut Option<Json<'t>>) -> Self {
        let mut fields = Fields([""; SLOTS]);
        fields.take(value);
        let named = ["properties", "properties_s"].map(|key| value.get(key));
        let properties = if named[0].is_null() { named[1] } else { named[0] };
        if let Json::Text(text) = properties {
            *unwrapped = Cursor::new(text, 0).value().ok();
        }
        match unwrapped {
            Some(inside) => fields.take(inside),
            None => fields.take(properties),
        }
        fields
    }

    fn take(&mut self, members: &'t Json<'t>) {
        for (name, value) in members.members_of() {
            if let Some(text) = value.as_str()
                && let Some(slot) = Slot::of(name)
            {
                self.set(slot, text);
            }
        }
    }

    /// Sets a column.
    pub(crate) fn set(&mut self, slot: Slot, text: &'t str) {
        let text = text.trim();
        if let Some(place) = self.0.get_mut(slot as usize)
            && !text.is_empty()
            && text != "-"
        {
            *place = text;
        }
    }

    /// A column, empty when absent.
    pub(crate) fn get(&self, slot: Slot) -> &'t str {
        self.0.get(slot as usize).copied().unwrap_or_default()
    }

    /// Whether a column has a value.
    pub(crate) fn has(&self, slot: Slot) -> bool {
        !self.get(slot).is_empty()
    }

    /// Which log it is a row of.
    pub(crate) fn format(&self) -> Option<Format> {
        match self.get(Slot::Category) {
            "TrafficControllerAccessLog" => return Some(Format::AgcAccessLog),
            "TrafficControllerFirewallLog" => return Some(Format::AgcFirewallLog),
            // Another log, whatever its columns are called.
            category if !category.is_empty() => return None,
            _ => {}
        }
        // The properties of a row are none: they have no time.
        if !self.has(Slot::Time) {
            return None;
        }
        match self.get(Slot::Kind) {
            "AGCAccessLogs" => return Some(Format::AgcAccessLog),
            "AGCFirewallLogs" => return Some(Format::AgcFirewallLog),
            _ => {}
        }
        let access = self.has(Slot::Status) || self.has(Slot::Tracking) || self.has(Slot::BackendIp);
        if self.has(Slot::FrontEnd) && access {
            return Some(Format::AgcAccessLog);
        }
        let firewall = self.has(Slot::RuleSet) || self.has(Slot::Policy);
        (firewall && self.has(Slot::Tracking) && self.has(Slot::Action)).then_some(Format::AgcFirewallLog)
    }
}

/// Which log a table with these columns holds.
pub(crate) fn format_of_columns(slots: &[Option<Slot>]) -> Option<Format> {
    let has = |slot: Slot| slots.contains(&Some(slot));
    if has(Slot::FrontEnd) && (has(Slot::Status) || has(Slot::Tracking) || has(Slot::BackendIp)) {
        return Some(Format::AgcAccessLog);
    }
    ((has(Slot::RuleSet) || has(Slot::Policy)) && has(Slot::Action) && (has(Slot::Tracking) || has(Slot::Rule)))
        .then_some(Format::AgcFirewallLog)
}

//! How the picture is arranged: grouping, what edges are as wide as, what is folded, put away or alone. Part of the address, so
//! that Back undoes it and a link shows the same.

use underlay_model::view::EntityKey;
use underlay_scene::{Grouping, Measure};

/// The arrangement of the picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Looking {
    /// What things are grouped by.
    pub grouping: Grouping,
    /// What edges are as wide as.
    pub measure: Measure,
    /// Routes and services have a lane.
    pub services: bool,
    /// Only the way to the selection is drawn.
    pub path: bool,
    /// The only way that is drawn, hop by hop, as of one request; none when edges are drawn as always.
    pub way: Vec<EntityKey>,
    /// Lines tell whether what they carry was encrypted.
    pub encryption: bool,
    /// While they do, the states whose edges are not drawn, as bits in the order of the legend.
    pub encryption_off: u8,
    /// States of pods that are faded, as bits: unknown, healthy, degraded, failing.
    pub muted: u8,
    /// Containers drawn without what they hold.
    pub collapsed: Vec<EntityKey>,
    /// Things that are not drawn.
    pub away: Vec<EntityKey>,
    /// Things that alone are drawn.
    pub only: Vec<EntityKey>,
}

fn keys(list: &[EntityKey], escape: fn(&str) -> String) -> String {
    list.iter().map(|key| escape(&key.0)).collect::<Vec<_>>().join("~")
}

fn read_keys(value: &str, unescape: fn(&str) -> String) -> Vec<EntityKey> {
    value.split('~').filter(|part| !part.is_empty()).map(|part| EntityKey(unescape(part))).collect()
}

fn four_bits(value: &str) -> u8 {
    value.parse().map_or(0, |bits: u8| bits & 0b1111)
}

/// Adds the key, or takes it away.
pub fn toggle(list: &mut Vec<EntityKey>, key: EntityKey) {
    match list.iter().position(|known| *known == key) {
        Some(at) => {
            list.remove(at);
        }
        None => list.push(key),
    }
}

impl Looking {
    /// Writes what differs from the beginning as parts of an address.
    pub fn write(&self, parts: &mut Vec<String>, escape: fn(&str) -> String) {
        let mut add = |name: &str, value: &str| parts.push([name, "=", value].concat());
        if self.grouping != Grouping::default() {
            add("group", self.grouping.label());
        }
        if self.measure != Measure::default() {
            add("width", self.measure.label());
        }
        if self.services {
            add("services", "1");
        }
        if self.path {
            add("path", "1");
        }
        if self.encryption {
            add("encryption", "1");
        }
        if self.encryption_off != 0 {
            add("unseen", &self.encryption_off.to_string());
        }
        if self.muted != 0 {
            add("faded", &self.muted.to_string());
        }
        for (name, list) in [("way", &self.way), ("fold", &self.collapsed), ("away", &self.away), ("only", &self.only)]
        {
            if !list.is_empty() {
                add(name, &keys(list, escape));
            }
        }
    }

    /// Reads one part of an address; others do nothing.
    pub fn read(&mut self, name: &str, value: &str, unescape: fn(&str) -> String) {
        match name {
            "group" => self.grouping = Grouping::of(value).unwrap_or_default(),
            "width" => self.measure = Measure::of(value).unwrap_or_default(),
            "services" => self.services = value == "1",
            "path" => self.path = value == "1",
            "way" => self.way = read_keys(value, unescape),
            "encryption" => self.encryption = value == "1",
            "unseen" => self.encryption_off = four_bits(value),
            "faded" => self.muted = four_bits(value),
            "fold" => self.collapsed = read_keys(value, unescape),
            "away" => self.away = read_keys(value, unescape),
            "only" => self.only = read_keys(value, unescape),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrangement_comes_back_from_its_address() {
        let key = |text: &str| EntityKey(text.to_owned());
        let looking = Looking {
            grouping: Grouping::Namespace,
            measure: Measure::Packets,
            services: true,
            path: true,
            way: vec![key("frontend:a/b"), key("pod:c/d")],
            encryption: true,
            encryption_off: 0b101,
            muted: 0b10,
            collapsed: vec![key("zone:a/1"), key("node:b")],
            away: vec![key("pod:c/d")],
            only: Vec::new(),
        };
        let mut parts = Vec::new();
        looking.write(&mut parts, |text| text.to_owned());
        let mut read = Looking::default();
        for part in &parts {
            let (name, value) = part.split_once('=').unwrap_or_default();
            read.read(name, value, |text| text.to_owned());
        }
        assert_eq!(read, looking);
    }
}

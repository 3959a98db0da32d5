//! Flow events of Cilium (`hubble observe -o json`, exported flow logs, ACNS on AKS): counted, and read for one thing, which pod had which
//! address when. They name pods behind source address translation, of which flow logs of the network know nothing.

use crate::json::Json;
use std::net::IpAddr;
use underlay_model::address::parse_address;
use underlay_model::inventory::PodSighting;
use underlay_model::time::Millis;

/// So many addresses of pods are kept of one input.
const MOST_SIGHTINGS: usize = 20_000;

/// Pods and their addresses, as seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sightings {
    /// Sorted by address, namespace, name.
    pub(crate) pods: Vec<PodSighting>,
    /// Sightings of pods beyond those that are kept.
    pub(crate) beyond: u64,
}

/// Whether an object is a line of such a log: an event, or what the server says about itself.
pub(crate) fn is_line(value: &Json<'_>) -> bool {
    let wrapped = value.get("flow").is_object();
    let flow = if wrapped { value.get("flow") } else { value };
    let text = |key: &str| flow.get(key).as_str().is_some();
    let object = |key: &str| flow.get(key).is_object();
    let verdict = text("verdict") || matches!(flow.get("verdict"), Json::Number(_));
    if object("IP") && (verdict || object("l4")) {
        return true;
    }
    // Aggregated events have no addresses.
    if verdict && (wrapped || text("Type") || text("Summary")) && (object("source") || object("destination")) {
        return true;
    }
    let about_itself = |key: &str| value.get(key).is_object();
    value.get("node_name").as_str().is_some() && (about_itself("lost_events") || about_itself("node_status"))
}

impl Sightings {
    /// Reads a line that [`is_line`].
    pub(crate) fn read(&mut self, value: &Json<'_>) {
        let flow = if value.get("flow").is_object() { value.get("flow") } else { value };
        let Some(time) = flow.get("time").time().or(value.get("time").time()) else { return };
        let address_of = |end| flow.get("IP").get(end).as_str().and_then(|text| parse_address(text.as_bytes()));
        let to_pod = flow.get("destination").get("pod_name").as_str().is_some_and(|name| !name.is_empty());
        // Of a reply the source is who was asked.
        let outward = !to_pod
            && !matches!(flow.get("is_reply"), Json::Bool(true))
            && address_of("destination").is_some_and(is_public);
        for end in ["source", "destination"] {
            let address = address_of(end);
            let pod = flow.get(end);
            let name = pod.get("pod_name").as_str().unwrap_or_default();
            if let (Some(address), false) = (address, name.is_empty()) {
                self.see(address, pod.get("namespace").as_str().unwrap_or_default(), name, time);
                if end == "source" && outward {
                    self.see_outward(address, pod.get("namespace").as_str().unwrap_or_default(), name, time);
                }
            }
        }
    }

    /// Of a pod that was seen.
    fn see_outward(&mut self, address: IpAddr, namespace: &str, name: &str, time: Millis) {
        let key = (address, namespace, name);
        let place =
            self.pods.binary_search_by(|pod| (pod.address, pod.namespace.as_str(), pod.name.as_str()).cmp(&key));
        if let Some(pod) = place.ok().and_then(|at| self.pods.get_mut(at)) {
            let (first, last) = pod.outward.unwrap_or((time, time));
            pod.outward = Some((first.min(time), last.max(time)));
        }
    }

    fn see(&mut self, address: IpAddr, namespace: &str, name: &str, time: Millis) {
        let key = (address, namespace, name);
        let place =
            self.pods.binary_search_by(|pod| (pod.address, pod.namespace.as_str(), pod.name.as_str()).cmp(&key));
        match place {
            Ok(at) => {
                if let Some(pod) = self.pods.get_mut(at) {
                    pod.first_ms = pod.first_ms.min(time);
                    pod.last_ms = pod.last_ms.max(time);
                }
            }
            Err(_) if self.pods.len() >= MOST_SIGHTINGS => self.beyond += 1,
            Err(at) => self.pods.insert(
                at,
                PodSighting {
                    namespace: namespace.to_owned(),
                    name: name.to_owned(),
                    address,
                    first_ms: time,
                    last_ms: time,
                    outward: None,
                },
            ),
        }
    }
}

/// Whether an address is somebody's outside: not private, not shared, not of one link, not Azure's own.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let none = v4.is_loopback() || v4.is_link_local() || v4.is_multicast() || v4.is_broadcast() || a == 0;
            !(v4.is_private() || shared || none || v4.octets() == [168, 63, 129, 16])
        }
        IpAddr::V6(v6) => v6.segments()[0] & 0xE000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Cursor;

    fn sightings(lines: &[&str]) -> Sightings {
        let mut sightings = Sightings::default();
        for line in lines {
            let value = Cursor::new(line, 0).value().unwrap();
            assert!(is_line(&value), "{line}");
            sightings.read(&value);
        }
        sightings
    }

    #[test]
    fn pods_are_seen_at_their_addresses() {
        let event = |time: &str, name: &str| {
            format!(
                r#"{{"flow":{{"time":"{time}","verdict":"FORWARDED","IP":{{"source":"10.244.0.9","destination":"8.8.8.8","ipVersion":"IPv4"}},"source":{{"namespace":"yada","pod_name":"{name}"}},"destination":{{"identity":2}}}},"node_name":"n"}}"#
            )
        };
        let lines = [
            event("2026-11-20T09:00:01Z", "a"),
            event("2026-11-20T09:00:00Z", "a"),
            event("2026-11-20T09:05:00Z", "b"),
            r#"{"node_name":"n","time":"2026-11-20T09:00:00Z","lost_events":{"source":"HUBBLE_RING_BUFFER"}}"#
                .to_owned(),
            // An aggregated event, and one that a newer server has numbered.
            r#"{"flow":{"verdict":"DROPPED","source":{"namespace":"a"},"destination":{"namespace":"b"}}}"#.to_owned(),
            r#"{"verdict":15,"IP":{"source":"10.244.0.9"},"time":"x"}"#.to_owned(),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let pods = sightings(&lines).pods;
        assert_eq!(pods.iter().map(|pod| pod.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(pods[0].last_ms - pods[0].first_ms, 1000);
        assert_eq!(pods[0].address, "10.244.0.9".parse::<IpAddr>().unwrap());
        assert_eq!(pods[0].outward, Some((pods[0].first_ms, pods[0].last_ms)));
    }

    #[test]
    fn only_what_a_pod_begins_toward_public_addresses_is_outward() {
        let event = |to: &str, more: &str| {
            format!(
                r#"{{"flow":{{"time":"2026-11-20T09:00:00Z","verdict":"FORWARDED","IP":{{"source":"10.244.0.9","destination":"{to}"}},"source":{{"namespace":"yada","pod_name":"a"}}{more}}}}}"#
            )
        };
        for (to, more) in [
            ("10.0.0.1", ""),
            ("168.63.129.16", ""),
            ("100.64.0.1", ""),
            ("fd00::1", ""),
            ("8.8.8.8", r#","is_reply":true"#),
            ("8.8.8.8", r#","destination":{"pod_name":"b"}"#),
        ] {
            let pods = sightings(&[&event(to, more)]).pods;
            assert!(pods.iter().all(|pod| pod.outward.is_none()), "{to} {more}");
        }
        assert!(sightings(&[&event("2001:db8::1", "")]).pods[0].outward.is_some());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut sightings = Sightings::default();
        for number in 0..MOST_SIGHTINGS as u32 + 5 {
            sightings.see(IpAddr::V4(number.into()), "n", "p", 0);
        }
        assert_eq!((sightings.pods.len(), sightings.beyond), (MOST_SIGHTINGS, 5));
    }
}

//! Which input a shard reads next: objects before flow logs, large ones first, all files of one NIC by one shard so that
//! little has to be merged. Nothing but speed depends on these choices.

use super::ShardIndex;
use super::inputs::Guess;
use crate::shard_wire::InputId;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Largest first.
type Queue = BTreeSet<(Reverse<u64>, InputId)>;

/// The flow logs of one NIC that wait.
#[derive(Debug, Default)]
struct Nic {
    waiting: Queue,
    bytes: u64,
    shard: Option<ShardIndex>,
}

/// Inputs that wait for a shard.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    objects: Queue,
    /// Flow logs whose NIC is not known.
    loose: Queue,
    nics: BTreeMap<String, Nic>,
    /// What each shard reads.
    busy: Vec<bool>,
}

impl Schedule {
    pub fn new(shards: u32) -> Self {
        Self { busy: vec![false; shards as usize], ..Self::default() }
    }

    pub fn add(&mut self, id: InputId, bytes: u64, guess: &Guess) {
        match guess {
            Guess::Objects => {
                self.objects.insert((Reverse(bytes), id));
            }
            Guess::FlowLog(None) => {
                self.loose.insert((Reverse(bytes), id));
            }
            Guess::FlowLog(Some(mac)) => {
                let nic = self.nics.entry(mac.clone()).or_default();
                nic.bytes += bytes;
                nic.waiting.insert((Reverse(bytes), id));
            }
        }
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.loose.is_empty() && self.nics.values().all(|nic| nic.waiting.is_empty())
    }

    /// Forgets what waits; NICs keep their shards.
    pub fn clear(&mut self) {
        self.objects.clear();
        self.loose.clear();
        for nic in self.nics.values_mut() {
            nic.waiting.clear();
            nic.bytes = 0;
        }
    }

    /// Forgets one that waits.
    pub fn remove(&mut self, id: InputId, bytes: u64) {
        let entry = (Reverse(bytes), id);
        self.objects.remove(&entry);
        self.loose.remove(&entry);
        for nic in self.nics.values_mut() {
            if nic.waiting.remove(&entry) {
                nic.bytes -= bytes;
            }
        }
    }

    pub fn set_busy(&mut self, shard: ShardIndex, busy: bool) {
        if let Some(place) = self.busy.get_mut(shard as usize) {
            *place = busy;
        }
    }

    pub fn any_busy(&self) -> bool {
        self.busy.contains(&true)
    }

    /// The first shard that reads nothing.
    pub fn idle_shards(&self) -> Vec<ShardIndex> {
        (0..).zip(&self.busy).filter(|(_, busy)| !**busy).map(|(shard, _)| shard).collect()
    }

    /// What this shard should read now; flow logs only when `flow_logs`.
    pub fn take(&mut self, shard: ShardIndex, flow_logs: bool) -> Option<InputId> {
        if let Some((_, id)) = self.objects.pop_first() {
            return Some(id);
        }
        if !flow_logs {
            return None;
        }
        let own = self.nics.values_mut().filter(|nic| nic.shard == Some(shard) && !nic.waiting.is_empty());
        if let Some(id) = own.max_by_key(|nic| nic.bytes).and_then(Nic::take) {
            return Some(id);
        }
        let free = self.nics.values_mut().filter(|nic| nic.shard.is_none() && !nic.waiting.is_empty());
        let largest = free.max_by_key(|nic| nic.bytes);
        let loose_bytes = self.loose.first().map_or(0, |(Reverse(bytes), _)| *bytes);
        match largest {
            Some(nic) if nic.bytes >= loose_bytes => {
                nic.shard = Some(shard);
                return nic.take();
            }
            _ => {}
        }
        if let Some((_, id)) = self.loose.pop_first() {
            return Some(id);
        }
        // Better to share a NIC, which costs some merging, than to stand idle.
        self.nics.values_mut().filter(|nic| !nic.waiting.is_empty()).max_by_key(|nic| nic.bytes).and_then(Nic::take)
    }
}

impl Nic {
    fn take(&mut self) -> Option<InputId> {
        let (Reverse(bytes), id) = self.waiting.pop_first()?;
        self.bytes -= bytes;
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(mac: &str) -> Guess {
        Guess::FlowLog(Some(mac.to_owned()))
    }

    #[test]
    fn objects_come_first_and_flow_logs_wait_for_them() {
        let mut schedule = Schedule::new(1);
        schedule.add(0, 900, &log("A"));
        schedule.add(1, 10, &Guess::Objects);
        schedule.add(2, 20, &Guess::Objects);
        assert_eq!(schedule.take(0, false), Some(2));
        assert_eq!(schedule.take(0, false), Some(1));
        assert_eq!(schedule.take(0, false), None);
        assert_eq!(schedule.take(0, true), Some(0));
        assert!(schedule.is_empty());
    }

    #[test]
    fn files_of_one_nic_go_to_one_shard_while_others_have_work() {
        let mut schedule = Schedule::new(2);
        for (id, mac) in [(0, "A"), (1, "B"), (2, "A"), (3, "B")] {
            schedule.add(id, 100 + u64::from(id), &log(mac));
        }
        assert_eq!(schedule.take(0, true), Some(3));
        assert_eq!(schedule.take(1, true), Some(2));
        assert_eq!(schedule.take(1, true), Some(0));
        // Shard 1 has nothing of its own left and helps.
        assert_eq!(schedule.take(1, true), Some(1));
        assert_eq!(schedule.take(0, true), None);
    }
}

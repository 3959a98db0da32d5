//! Whose connections the shards keep one by one: those of gateway subnets. The subnets are known from objects, which are read
//! first; flow logs that were read before a subnet became known are read again.

use super::inputs::{Guess, State};
use super::{Coordinator, Purpose, ShardIndex};
use crate::shard_wire::{InputId, ShardRequestBody};
use std::collections::BTreeMap;
use underlay_identity::{Inventory, Resolver};
use underlay_model::IpNet;
use underlay_model::inventory::Fragment;
use underlay_model::order::Order;

/// What the shards were told.
#[derive(Debug, Default)]
pub(super) struct Gateways {
    subnets: Vec<IpNet>,
    /// Grows whenever a subnet is added.
    pub version: u32,
    /// Objects or options have changed since.
    pub stale: bool,
}

/// Whether an input says anything of gateway subnets.
pub(super) fn names_gateways(fragment: &Fragment) -> bool {
    !(fragment.overlay_extension_configs.is_empty()
        && fragment.subnets.is_empty()
        && fragment.associations.is_empty()
        && fragment.application_load_balancers.is_empty()
        && fragment.whoami.is_empty())
}

impl Coordinator {
    /// Flow logs wait for objects that are being read, as long as no gateway subnet is known.
    pub(super) fn awaits_gateways(&mut self) -> bool {
        self.refresh_gateways();
        self.gateways.subnets.is_empty()
            && self
                .inputs
                .all
                .values()
                .any(|input| input.guess == Guess::Objects && matches!(input.state, State::Reading { .. }))
    }

    /// Tells the shards of subnets that became known.
    fn refresh_gateways(&mut self) {
        if !std::mem::take(&mut self.gateways.stale) {
            return;
        }
        // Only what gateway subnets follow from is put together here; the whole inventory is made when all is read.
        let parts: Vec<(String, Fragment)> = self
            .inputs
            .all
            .values()
            .filter_map(|input| Some((input, input.fragment.as_deref().filter(|fragment| names_gateways(fragment))?)))
            .map(|(input, fragment)| {
                let part = Fragment {
                    overlay_extension_configs: fragment.overlay_extension_configs.clone(),
                    subnets: fragment.subnets.clone(),
                    associations: fragment.associations.clone(),
                    application_load_balancers: fragment.application_load_balancers.clone(),
                    whoami: fragment.whoami.clone(),
                    ..Fragment::default()
                };
                (input.path.clone(), part)
            })
            .collect();
        let resolver = Resolver::new(Inventory::merge(&parts, &self.options));
        let mut subnets = self.gateways.subnets.clone();
        subnets.extend(resolver.gateway_subnets().iter().map(|gateway| gateway.prefix));
        subnets.order();
        subnets.dedup();
        if subnets == self.gateways.subnets {
            return;
        }
        self.gateways.subnets = subnets;
        self.gateways.version += 1;
        self.tell_gateways();
    }

    fn tell_gateways(&mut self) {
        let body = ShardRequestBody::KeepConnections(self.gateways.subnets.clone());
        self.ask_every_shard(Purpose::Nothing, &body);
    }

    /// A shard that was started anew knows of no subnet.
    pub(super) fn tell_gateways_to(&mut self, shard: ShardIndex) {
        let body = ShardRequestBody::KeepConnections(self.gateways.subnets.clone());
        self.ask_shard(shard, Purpose::Nothing, body, None);
    }

    /// Has flow logs read again that were read before the gateway was known. Gives whether there are any.
    pub(super) fn read_again_for_gateways(&mut self) -> bool {
        self.refresh_gateways();
        let version = self.gateways.version;
        if self.reading.stopped {
            return false;
        }
        let mut kept: BTreeMap<ShardIndex, u64> = BTreeMap::new();
        let mut again: BTreeMap<ShardIndex, Vec<InputId>> = BTreeMap::new();
        for (id, input) in &self.inputs.all {
            let State::Done(Some(shard)) = input.state else { continue };
            if !input.has_records() {
                continue;
            }
            if input.gateways == version {
                *kept.entry(shard).or_default() += 1;
            } else {
                again.entry(shard).or_default().push(*id);
            }
        }
        if again.is_empty() {
            return false;
        }
        self.abandon_settling();
        self.settling.dirty = true;
        self.capture.inventory_changed();
        self.questions.ask_again();
        self.begin_reading();
        for (shard, ids) in again {
            if kept.contains_key(&shard) {
                self.ask_shard(shard, Purpose::Nothing, ShardRequestBody::Remove(ids.clone()), None);
            } else {
                // Quicker than taking out one by one.
                self.order_shard(shard, ShardRequestBody::Clear);
                self.tell_gateways_to(shard);
            }
            for id in ids {
                let Some(input) = self.inputs.get_mut(id) else { continue };
                input.state = State::Waiting;
                (input.bytes_read, input.tuples, input.report) = (0, 0, None);
                let (bytes, guess) = (input.bytes, input.guess.clone());
                self.schedule.add(id, bytes, &guess);
            }
        }
        true
    }
}

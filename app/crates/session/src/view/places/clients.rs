//! Clients of the gateway's front ends: they come from its access log only, since no flow log observes what is before the gateway.

use super::draft::{Draft, Drafts};
use super::{NONE, Places};
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use underlay_identity::Inventory;
use underlay_model::order::Order;
use underlay_model::view::{EntityKind, MinuteRange, Traffic};

/// Up to so many clients are drawn one by one; of more the busiest of the whole capture is, and one group for the others.
const SINGLE: usize = 2;

/// Drafts front ends that only the log names, and the clients.
pub(super) fn draft(drafts: &mut Drafts, places: &mut Places, inventory: &Inventory) {
    let log = &inventory.azure.access;
    places.front_ends = log.front_ends.iter().map(|name| front_end(drafts, inventory, name)).collect();
    let mut sums: FxHashMap<Option<IpAddr>, u64> = FxHashMap::default();
    for cell in &log.clients {
        *sums.entry(cell.client).or_insert(0) += cell.requests;
    }
    let untold = sums.remove(&None).is_some();
    let mut clients: Vec<(std::cmp::Reverse<u64>, IpAddr)> =
        sums.into_iter().filter_map(|(client, requests)| Some((std::cmp::Reverse(requests), client?))).collect();
    clients.order();
    let single = if clients.len() <= SINGLE && !untold { clients.len() } else { SINGLE - 1 };
    for (_, address) in clients.iter().take(single) {
        let text = address.to_string();
        let draft = drafts.add(Draft::new(EntityKind::Clients, "client", &text, &text));
        places.clients.push((*address, draft));
    }
    places.clients.order();
    let more = clients.len().saturating_sub(single);
    if more > 0 || untold {
        let name = if more > 0 { [&more.to_string(), " more"].concat() } else { "Others".to_owned() };
        let mut draft = Draft::new(EntityKind::Clients, "group", "clients", &name);
        draft.members = u64::try_from(more.max(1)).unwrap_or(u64::MAX);
        places.more_clients = drafts.add(draft);
    }
}

/// The front end that the log calls `name:port`: that of the resource of this name, else the only one there is, else a new one.
fn front_end(drafts: &mut Drafts, inventory: &Inventory, name: &str) -> u32 {
    let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
    let drafted = || (0u32..).zip(&drafts.list).filter(|(_, draft)| draft.kind == EntityKind::FrontEnd);
    let host = inventory.azure.front_ends.iter().find(|known| known.name.eq_ignore_ascii_case(name));
    let host = host.map(|known| known.host.as_str()).filter(|host| !host.is_empty());
    let named = drafted().find(|(_, draft)| draft.name == name || host.is_some_and(|host| draft.detail == host));
    let only = || drafted().next().filter(|_| drafted().count() == 1);
    if let Some((at, _)) = named.or_else(only) {
        return at;
    }
    let mut draft = Draft::new(EntityKind::FrontEnd, "frontend", name, name);
    draft.detail = host.unwrap_or_default().to_owned();
    drafts.add(draft)
}

impl Places {
    /// What stands for a client in the picture: itself, or the group of all that are not drawn one by one.
    pub(in crate::view) fn client(&self, address: IpAddr) -> Option<u32> {
        let own = self.clients.binary_search_by(|known| known.0.cmp(&address)).ok();
        let own = own.and_then(|at| self.clients.get(at)).map(|(_, at)| *at);
        own.or((self.more_clients != NONE).then_some(self.more_clients))
    }

    /// What stands for a front end that the access log names.
    pub(in crate::view) fn front_end(&self, inventory: &Inventory, name: &str) -> Option<u32> {
        let at = inventory.azure.access.front_ends.iter().position(|known| known == name)?;
        self.front_ends.get(at).copied().filter(|&at| at != NONE)
    }

    /// Requests of a range by client and front end: (client, front end, requests as flows and their bytes), sorted.
    pub(in crate::view) fn requests(
        &self,
        inventory: &Inventory,
        range: Option<MinuteRange>,
    ) -> Vec<(u32, u32, Traffic)> {
        let mut sums: FxHashMap<(u32, u32), Traffic> = FxHashMap::default();
        for cell in &inventory.azure.access.clients {
            if range.is_some_and(|range| !range.contains(cell.minute)) {
                continue;
            }
            let own = |address| self.clients.binary_search_by(|known| known.0.cmp(&address)).ok();
            let own = cell.client.and_then(own).and_then(|at| self.clients.get(at)).map(|(_, at)| *at);
            let ends = (own.unwrap_or(self.more_clients), self.front_ends.get(cell.front_end as usize).copied());
            if let (client, Some(front_end)) = ends
                && client != NONE
                && front_end != NONE
            {
                let traffic = Traffic { flows: cell.requests, bytes: cell.bytes, ..Traffic::default() };
                *sums.entry((client, front_end)).or_default() += traffic;
            }
        }
        let mut sums: Vec<(u32, u32, Traffic)> = sums.into_iter().map(|((a, b), traffic)| (a, b, traffic)).collect();
        sums.order_by_key(|sum| (sum.0, sum.1));
        sums
    }
}

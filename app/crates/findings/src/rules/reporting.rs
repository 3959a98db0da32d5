//! Which nodes tell of their traffic, so that silence at their pods means something. Shared by rules about what is absent.

use crate::facts::Facts;
use underlay_identity::Owner;
use underlay_model::order::Order;
use underlay_model::summary::{EndpointKind, Side};

/// Whose interfaces report.
pub(super) struct Reporting {
    /// The gateway's own interfaces tell of what goes out, so every target is covered.
    gateway: bool,
    /// Nodes that tell of what comes in or goes out, sorted.
    nodes: Vec<u32>,
}

impl Reporting {
    pub(super) fn new(facts: &Facts<'_>) -> Self {
        let mut gateway = false;
        let mut nodes: Vec<u32> = Vec::new();
        let of =
            |owner: Owner| matches!(owner.kind, EndpointKind::Pod | EndpointKind::Node).then(|| owner.node()).flatten();
        for (pair, source, target) in facts.pairs() {
            match pair.side {
                Side::Source if source.kind == EndpointKind::GatewayInstance => gateway = true,
                Side::Source => nodes.extend(of(source)),
                Side::Destination => nodes.extend(of(target)),
            }
            if nodes.len() > 4096 {
                nodes.order();
                nodes.dedup();
            }
        }
        nodes.order();
        nodes.dedup();
        Self { gateway, nodes }
    }

    /// Whether flows of the gateway to this pod would be in the logs.
    pub(super) fn covers(&self, facts: &Facts<'_>, pod: u32) -> bool {
        let node = facts.known.resolver.node_of_pod(pod);
        self.gateway || node.is_some_and(|node| self.has(node))
    }

    /// Whether a node's own interface reports.
    pub(super) fn has(&self, node: u32) -> bool {
        self.nodes.binary_search(&node).is_ok()
    }

    /// Whether anybody does.
    pub(super) fn any(&self) -> bool {
        !self.nodes.is_empty()
    }
}

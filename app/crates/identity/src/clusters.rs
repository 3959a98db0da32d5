//! Which cluster a node is of: by the resource group that Azure made for the cluster's nodes, as the node objects say it, else
//! by the eight digits that the nodes of one AKS cluster have in their names.

use crate::inventory::Inventory;
use underlay_model::inventory::Node;
use underlay_model::order::Order;

/// Clusters of nodes by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clusters {
    /// Node and resource group, sorted by node.
    nodes: Vec<(String, String)>,
    /// Digits and resource group, sorted by digits.
    digits: Vec<(String, String)>,
}

impl Clusters {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        let mut clusters = Self::default();
        for node in &inventory.nodes {
            let Some(group) = node_group(node) else { continue };
            if let Some(digits) = digits_of(&node.meta.name) {
                clusters.digits.push((digits.to_owned(), group.clone()));
            }
            clusters.nodes.push((node.meta.name.clone(), group));
        }
        clusters.nodes.order();
        clusters.digits.order();
        clusters
    }

    /// What tells the cluster of a node from others; `None` when nothing does.
    pub(crate) fn cluster<'a>(&'a self, node: &'a str) -> Option<&'a str> {
        let group = |list: &'a [(String, String)], key: &str| {
            let at = list.partition_point(|(known, _)| known.as_str() < key);
            list.get(at).filter(|(known, _)| known == key).map(|(_, group)| group.as_str())
        };
        let digits = digits_of(node);
        group(&self.nodes, node).or_else(|| group(&self.digits, digits?)).or(digits)
    }
}

/// The cluster's resource group of nodes, in lower case: of the label, else of the machine's ARM id.
fn node_group(node: &Node) -> Option<String> {
    let label = node.meta.label("kubernetes.azure.com/cluster").filter(|group| !group.is_empty());
    let machine = || {
        let mut parts = node.provider_id.split('/');
        parts.find(|part| part.eq_ignore_ascii_case("resourceGroups"))?;
        parts.next().filter(|group| !group.is_empty())
    };
    label.or_else(machine).map(str::to_ascii_lowercase)
}

/// The eight digits in the middle of `aks-pool-30661543-vmss000000`.
fn digits_of(node: &str) -> Option<&str> {
    let rest = node.strip_prefix("aks-")?;
    rest.split('-').find(|part| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

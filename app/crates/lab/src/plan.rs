//! What to imagine: the shape of a cluster, its traffic, and how it was logged. All fields are independent; rates are per
//! minute over the whole capture unless their name says otherwise.

use underlay_model::time::Millis;

/// How pods get their addresses (formats, section 5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkMode {
    /// Azure CNI Overlay: pod addresses from a pod CIDR outside the VNet, a /24 for each node; outside, the node's address is seen.
    #[default]
    Overlay,
    /// Azure CNI Pod Subnet: pod addresses from a subnet of their own, seen everywhere.
    PodSubnet,
    /// Azure CNI Node Subnet: pod addresses from the nodes' subnet; outside the VNet, the node's address is seen.
    NodeSubnet,
    /// kubenet: a pod CIDR with a route table; no gateway, users come through node ports.
    Kubenet,
}

impl NetworkMode {
    /// All modes, in the order of their declaration.
    pub const ALL: [Self; 4] = [Self::Overlay, Self::PodSubnet, Self::NodeSubnet, Self::Kubenet];

    /// The word of the command line: `overlay`, `pod-subnet`, `node-subnet`, `kubenet`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Overlay => "overlay",
            Self::PodSubnet => "pod-subnet",
            Self::NodeSubnet => "node-subnet",
            Self::Kubenet => "kubenet",
        }
    }
}

/// Which NICs of a connection inside the VNet report it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportingSides {
    /// Both NICs, gateway instances included.
    #[default]
    Both,
    /// The destination's alone, as when the gateway's NICs are not logged.
    Destination,
}

/// What to generate. `Plan::default()` is a small cluster with one hour of everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Everything random follows from it.
    pub seed: u64,
    /// How pods get their addresses.
    pub mode: NetworkMode,
    /// Nodes, 1 to 5,000.
    pub nodes: u32,
    /// Pods with an address of their own on each node, 1 to 250.
    pub pods_per_node: u32,
    /// Services; each pod belongs to one.
    pub services: u32,
    /// Gateway instances that send traffic; none in kubenet mode.
    pub gateway_instances: u32,
    /// Further instances that an input names and that stay silent.
    pub silent_instances: u32,
    /// First moment, milliseconds since 1970, a whole minute.
    pub start_ms: Millis,
    /// Length of the capture.
    pub minutes: u32,
    /// User requests a minute, each a connection, over all services.
    pub requests: u64,
    /// Distance of two probes of one instance to one pod; 0 for none.
    pub probe_interval_ms: u64,
    /// Connections a minute between pods of different nodes.
    pub east_west: u64,
    /// Connections of many minutes, over the whole capture.
    pub long_flows: u64,
    /// Denied attempts a minute, from outside to nodes and (one in eight) from nodes outward.
    pub denied: u64,
    /// Connections a minute of the Azure platform (168.63.129.16), both ways.
    pub platform: u64,
    /// Connections a minute from the cluster to public addresses.
    pub egress: u64,
    /// Which NICs report.
    pub sides: ReportingSides,
    /// Flow logs that cover the nodes: the first on the VNet, the others on the node subnet.
    pub flow_logs: u32,
    /// Blobs that lie in the capture a second time as they were at an earlier moment of the hour.
    pub earlier_copies: u32,
    /// Blobs that lie in the capture a second time, cut off in the middle of a record.
    pub cut_copies: u32,
    /// Malformed tuples.
    pub rejected: u32,
    /// Percent of the connections between pods, and of those outward, that use IPv6 (the cluster is dual-stack when not 0).
    pub ipv6_percent: u8,
    /// Pods that answer their probes badly from the middle of the capture on, and get no requests from then.
    pub failing_pods: u32,
    /// Pods that move to the next node in the middle of the capture and keep their address, as another pod with a fixed address would.
    pub moved_pods: u32,
    /// Pods that began in the last third, with an address that a finished job had before.
    pub reused_addresses: u32,
    /// kubectl objects, backend health and Azure answers beside the logs.
    pub objects: bool,
    /// About how many bytes of flow logs to write: sets `requests`. `None` leaves it.
    pub target_bytes: Option<u64>,
    /// Work out what a correct reader finds. Memory grows with pairs and minutes; leave it out for large captures.
    pub truth: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            seed: 1,
            mode: NetworkMode::Overlay,
            nodes: 3,
            pods_per_node: 8,
            services: 4,
            gateway_instances: 2,
            silent_instances: 0,
            start_ms: 1_795_165_200_000,
            minutes: 60,
            requests: 120,
            probe_interval_ms: 5_000,
            east_west: 60,
            long_flows: 12,
            denied: 6,
            platform: 12,
            egress: 20,
            sides: ReportingSides::Both,
            flow_logs: 1,
            earlier_copies: 0,
            cut_copies: 0,
            rejected: 0,
            ipv6_percent: 0,
            failing_pods: 0,
            moved_pods: 0,
            reused_addresses: 0,
            objects: true,
            target_bytes: None,
            truth: false,
        }
    }
}

/// Why a plan cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError(pub String);

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PlanError {}

impl From<PlanError> for std::io::Error {
    fn from(error: PlanError) -> Self {
        Self::new(std::io::ErrorKind::InvalidInput, error)
    }
}

impl Plan {
    /// A cluster of 120 nodes with so many pods on each, of which 60 minutes and 30 pods make 10^7 cells of 3,600 pods: what findings are
    /// measured on.
    pub fn of_many_pods(minutes: u32, pods_per_node: u32) -> Self {
        Self {
            nodes: 120,
            pods_per_node,
            services: 200,
            minutes,
            requests: 20_000,
            east_west: 60_000,
            sides: ReportingSides::Destination,
            ..Self::default()
        }
    }

    /// Whether the imagined address space holds what is asked for.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub fn check(&self) -> Result<(), PlanError> {
        let within = |name: &str, value: u64, low: u64, high: u64| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(PlanError(format!("{name} is {value}; it goes from {low} to {high}")))
            }
        };
        within("nodes", self.nodes.into(), 1, 5_000)?;
        within("pods-per-node", self.pods_per_node.into(), 1, 250)?;
        within("services", self.services.into(), 1, 2_000)?;
        within("gateway-instances", self.gateway_instances.into(), 0, 100)?;
        within("silent-instances", self.silent_instances.into(), 0, 100)?;
        within("minutes", self.minutes.into(), 1, 44_640)?;
        within("flow-logs", self.flow_logs.into(), 1, 8)?;
        within("ipv6-percent", self.ipv6_percent.into(), 0, 100)?;
        let pods = u64::from(self.nodes) * u64::from(self.pods_per_node);
        let special = u64::from(self.failing_pods) + u64::from(self.moved_pods) + u64::from(self.reused_addresses);
        within("failing-pods + moved-pods + reused-addresses", special, 0, pods)?;
        match self.mode {
            NetworkMode::PodSubnet => within("nodes × pods-per-node in a pod subnet", pods, 1, 130_000)?,
            NetworkMode::NodeSubnet => within("nodes × pods-per-node in a node subnet", pods, 1, 26_000)?,
            NetworkMode::Overlay | NetworkMode::Kubenet => {}
        }
        if self.start_ms.rem_euclid(60_000) != 0 || self.start_ms < 100_000_000_000 {
            return Err(PlanError("start-ms is not a whole minute after March 1973".to_owned()));
        }
        Ok(())
    }
}

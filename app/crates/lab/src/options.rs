//! The plan's fields as options of a command line: name, default, meaning, and how to set one from text.

use crate::plan::{NetworkMode, Plan, PlanError, ReportingSides};

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanOption {
    /// Without the leading dashes: `pods-per-node`.
    pub name: &'static str,
    /// What it takes: a number, or words with bars between them.
    pub value: &'static str,
    /// What it does.
    pub help: &'static str,
}

const fn option(name: &'static str, value: &'static str, help: &'static str) -> PlanOption {
    PlanOption { name, value, help }
}

/// All options, in the order of the help text.
pub const OPTIONS: &[PlanOption] = &[
    option("seed", "NUMBER", "everything random follows from it"),
    option("mode", "overlay|pod-subnet|node-subnet|kubenet", "how pods get their addresses"),
    option("nodes", "NUMBER", "nodes, up to 5000"),
    option("pods-per-node", "NUMBER", "pods on each node, up to 250"),
    option("services", "NUMBER", "services"),
    option("gateway-instances", "NUMBER", "gateway instances that send traffic"),
    option("silent-instances", "NUMBER", "gateway instances that are named and silent"),
    option("start-ms", "NUMBER", "first moment, milliseconds since 1970, a whole minute"),
    option("minutes", "NUMBER", "length"),
    option("requests", "NUMBER", "user requests a minute"),
    option("probe-interval-ms", "NUMBER", "distance of two probes, 0 for none"),
    option("east-west", "NUMBER", "connections a minute between pods"),
    option("long-flows", "NUMBER", "connections of many minutes"),
    option("denied", "NUMBER", "denied attempts a minute"),
    option("platform", "NUMBER", "connections a minute of the Azure platform"),
    option("egress", "NUMBER", "connections a minute to public addresses"),
    option("sides", "both|destination", "which NICs report a connection"),
    option("flow-logs", "NUMBER", "flow logs that cover the nodes"),
    option("earlier-copies", "NUMBER", "blobs that are there twice, once as they were earlier"),
    option("cut-copies", "NUMBER", "blobs that are there twice, once cut off"),
    option("rejected", "NUMBER", "malformed tuples"),
    option("ipv6-percent", "NUMBER", "share of pod traffic that uses IPv6"),
    option("failing-pods", "NUMBER", "pods that fail from the middle on"),
    option("moved-pods", "NUMBER", "pods that move to another node in the middle"),
    option("reused-addresses", "NUMBER", "pods with an address that a finished job had"),
    option("objects", "true|false", "kubectl and Azure answers beside the logs"),
    option("target-bytes", "NUMBER", "about how many bytes of logs; sets the requests"),
];

/// Sets one field of a plan from text.
///
/// # Errors
/// When there is no such option or it does not take this value.
pub fn set(plan: &mut Plan, name: &str, value: &str) -> Result<(), PlanError> {
    fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, PlanError> {
        value.parse().map_err(|_| PlanError(format!("--{name} takes a number, not {value:?}")))
    }
    match name {
        "seed" => plan.seed = number(name, value)?,
        "mode" => {
            plan.mode = NetworkMode::ALL
                .into_iter()
                .find(|mode| mode.code() == value)
                .ok_or_else(|| PlanError(format!("--mode does not know {value:?}")))?;
        }
        "nodes" => plan.nodes = number(name, value)?,
        "pods-per-node" => plan.pods_per_node = number(name, value)?,
        "services" => plan.services = number(name, value)?,
        "gateway-instances" => plan.gateway_instances = number(name, value)?,
        "silent-instances" => plan.silent_instances = number(name, value)?,
        "start-ms" => plan.start_ms = number(name, value)?,
        "minutes" => plan.minutes = number(name, value)?,
        "requests" => plan.requests = number(name, value)?,
        "probe-interval-ms" => plan.probe_interval_ms = number(name, value)?,
        "east-west" => plan.east_west = number(name, value)?,
        "long-flows" => plan.long_flows = number(name, value)?,
        "denied" => plan.denied = number(name, value)?,
        "platform" => plan.platform = number(name, value)?,
        "egress" => plan.egress = number(name, value)?,
        "sides" => {
            plan.sides = match value {
                "both" => ReportingSides::Both,
                "destination" => ReportingSides::Destination,
                _ => return Err(PlanError(format!("--sides takes both or destination, not {value:?}"))),
            };
        }
        "flow-logs" => plan.flow_logs = number(name, value)?,
        "earlier-copies" => plan.earlier_copies = number(name, value)?,
        "cut-copies" => plan.cut_copies = number(name, value)?,
        "rejected" => plan.rejected = number(name, value)?,
        "ipv6-percent" => plan.ipv6_percent = number(name, value)?,
        "failing-pods" => plan.failing_pods = number(name, value)?,
        "moved-pods" => plan.moved_pods = number(name, value)?,
        "reused-addresses" => plan.reused_addresses = number(name, value)?,
        "objects" => plan.objects = number(name, value)?,
        "target-bytes" => plan.target_bytes = Some(number(name, value)?),
        _ => return Err(PlanError(format!("there is no option --{name}"))),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_option_can_be_set_and_refuses_nonsense() {
        for option in OPTIONS {
            let mut plan = Plan::default();
            let value = if option.value == "NUMBER" { "17" } else { option.value.rsplit('|').next().unwrap() };
            set(&mut plan, option.name, value).unwrap();
            assert_ne!(plan, Plan::default(), "{} changed nothing", option.name);
            assert!(set(&mut plan, option.name, "nonsense").is_err(), "{}", option.name);
        }
        assert!(set(&mut Plan::default(), "nonsense", "1").is_err());
    }
}

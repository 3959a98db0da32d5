//! Words for resources that are recognised by their type and of which nothing, or only addresses, is used.

use crate::json::Json;

/// Resource types in lower case, with the words for one.
const TYPES: [(&str, &str); 23] = [
    ("microsoft.servicenetworking/trafficcontrollers/securitypolicies", "gateway security policy"),
    ("microsoft.insights/diagnosticsettings", "diagnostic setting"),
    ("microsoft.network/applicationgatewaywebapplicationfirewallpolicies", "firewall policy of gateways"),
    ("microsoft.network/privatednszones/virtualnetworklinks", "link of a private DNS zone"),
    ("microsoft.network/applicationgateways", "application gateway"),
    ("microsoft.network/azurefirewalls", "Azure firewall"),
    ("microsoft.network/bastionhosts", "bastion host"),
    ("microsoft.network/loadbalancers", "load balancer"),
    ("microsoft.network/natgateways", "NAT gateway"),
    ("microsoft.network/networkwatchers", "network watcher"),
    ("microsoft.network/privatednszones", "private DNS zone"),
    ("microsoft.network/privatednszones/a", "private DNS record"),
    ("microsoft.network/privateendpoints", "private endpoint"),
    ("microsoft.network/virtualnetworkgateways", "virtual network gateway"),
    ("microsoft.compute/virtualmachines", "virtual machine"),
    ("microsoft.compute/virtualmachinescalesets", "scale set"),
    ("microsoft.compute/virtualmachinescalesets/virtualmachines", "machine of a scale set"),
    ("microsoft.insights/metricdefinitions", "metric definition"),
    ("microsoft.managedidentity/userassignedidentities", "managed identity"),
    ("microsoft.operationalinsights/workspaces", "Log Analytics workspace"),
    ("microsoft.resources/deployments", "deployment"),
    ("microsoft.resources/resourcegroups", "resource group"),
    ("microsoft.storage/storageaccounts", "storage account"),
];

/// Members that every resource has, whatever it is.
const HEADER: [&str; 24] = [
    "apiversion",
    "changedtime",
    "createdtime",
    "etag",
    "extendedlocation",
    "id",
    "identity",
    "kind",
    "location",
    "managedby",
    "name",
    "plan",
    "properties",
    "provisioningstate",
    "resourcegroup",
    "resourceid",
    "resourcename",
    "resourcetype",
    "sku",
    "subscriptionid",
    "systemdata",
    "tags",
    "tenantid",
    "zones",
];

/// The words for one resource of this type, in lower case.
pub(super) fn noun(resource_type: &str) -> String {
    match TYPES.iter().find(|(name, _)| *name == resource_type) {
        Some((_, words)) => (*words).to_owned(),
        None => resource_type.to_owned() + " resource",
    }
}

/// Whether an object only says that a resource exists, as `az resource list` does: all that makes it what it is, is missing.
pub(crate) fn is_mention(value: &Json<'_>) -> bool {
    let in_header = |name: &str| HEADER.iter().any(|known| known.eq_ignore_ascii_case(name));
    value.members_of().all(|(name, member)| member.is_null() || name.eq_ignore_ascii_case("type") || in_header(name))
        && value.get("properties").members_of().all(|(name, _)| in_header(name))
}

/// The words for answers of Azure that are no resources and of which nothing is used.
pub(super) fn answer(value: &Json<'_>) -> Option<&'static str> {
    let has = |key: &str| !value.get(key).is_null();
    (has("eventTimestamp") && has("operationName")).then_some("activity log event")
}

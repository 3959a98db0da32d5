//! Faults of the network: subnets, ranges, tables and groups in Azure's answers.

use super::Fault;
use super::edit::{Target, edit, file, gateway_subnet, gateway_subnet_id, one, subnet_ids};
use crate::sink::Memory;
use serde_json::{Value, json};

/// Puts the fault in; false when it is of another kind.
pub(super) fn inject(fault: Fault, capture: &mut Memory, on: &Target) -> bool {
    match fault {
        Fault::SubnetTooLarge => {
            one(capture, "OverlayExtensionConfig", &mut |config| {
                config["spec"]["extensionIPRange"] = json!("10.13.100.0/23")
            });
            gateway_subnet(capture, &mut |subnet| subnet["addressPrefix"] = json!("10.13.100.0/23"));
        }
        Fault::SubnetTooSmall => {
            one(capture, "OverlayExtensionConfig", &mut |config| {
                config["spec"]["extensionIPRange"] = json!("10.13.100.0/26")
            });
            gateway_subnet(capture, &mut |subnet| subnet["addressPrefix"] = json!("10.13.100.0/26"));
        }
        Fault::SubnetInPodCidr => edit(capture, "aks.json", &mut |cluster| {
            let cidrs = cluster["networkProfile"]["podCidrs"].as_array_mut();
            cidrs.into_iter().for_each(|list| list.push(json!("10.13.96.0/20")));
        }),
        // The nodes' network is cut in two, and the gateway's subnet is in the other half.
        Fault::SubnetInOtherNetwork => {
            let mut subnet = Value::Null;
            gateway_subnet(capture, &mut |own| subnet = own.clone());
            let id = subnet["id"].as_str().unwrap_or_default().replace("aksVnet", "agcVnet");
            let network = id.split("/subnets/").next().unwrap_or_default().to_owned();
            subnet["id"] = json!(id);
            let without = |list: &mut Value| {
                list.as_array_mut().into_iter().for_each(|list| list.retain(|subnet| subnet["name"] != "alb"));
            };
            edit(capture, "subnets.json", &mut |list| without(list));
            edit(capture, "vnet.json", &mut |network| {
                without(&mut network["subnets"]);
                network["addressSpace"]["addressPrefixes"][0] = network["subnets"][0]["addressPrefix"].clone();
            });
            let other = json!({"addressSpace": {"addressPrefixes": ["10.13.96.0/20"]}, "id": network, "location": "eastus", "name": "agcVnet",
                "resourceGroup": "demo", "subnets": [subnet], "type": "Microsoft.Network/virtualNetworks"});
            file(capture, "other-vnet.json", &other);
        }
        Fault::PodCidrOverlapsNetwork => edit(capture, "vnet.json", &mut |network| {
            let prefixes = network["addressSpace"]["addressPrefixes"].as_array_mut();
            prefixes.into_iter().for_each(|list| list.push(json!("10.244.128.0/20")));
        }),
        Fault::MachineInSubnet => {
            let group = "/subscriptions/s/resourceGroups/demo/providers/";
            let interface = json!([{"id": format!("{group}Microsoft.Network/networkInterfaces/jumpNic"), "name": "jumpNic",
                "macAddress": "00-0D-3A-11-22-33", "type": "Microsoft.Network/networkInterfaces",
                "virtualMachine": {"id": format!("{group}Microsoft.Compute/virtualMachines/jump")},
                "ipConfigurations": [{"name": "i", "privateIPAddress": "10.13.100.200", "subnet": {"id": gateway_subnet_id(capture)}}]}]);
            file(capture, "jump-nic.json", &interface);
        }
        Fault::SubnetNotDelegated => gateway_subnet(capture, &mut |subnet| subnet["delegations"] = json!([])),
        Fault::SubnetHoldsNodes => one(capture, "Node", &mut |node| {
            let own = node["status"]["addresses"].as_array_mut();
            own.into_iter().for_each(|list| list.push(json!({"address": "10.13.100.77", "type": "InternalIP"})));
        }),
        Fault::ServiceCidrOverlaps => edit(capture, "aks.json", &mut |cluster| {
            let profile = &mut cluster["networkProfile"];
            (profile["serviceCidr"], profile["serviceCidrs"]) = (json!("10.244.128.0/20"), json!(["10.244.128.0/20"]));
        }),
        Fault::KubenetWithGateway => {
            edit(capture, "aks.json", &mut |cluster| cluster["networkProfile"]["networkPlugin"] = json!("kubenet"));
            edit(capture, "aks.json", &mut |cluster| cluster["networkProfile"]["networkPluginMode"] = Value::Null);
        }
        Fault::RouteTableToNowhere => file(
            capture,
            "route-table.json",
            &json!({
            "id": "/subscriptions/s/resourceGroups/demo/providers/Microsoft.Network/routeTables/pods", "name": "pods",
            "type": "Microsoft.Network/routeTables", "subnets": [],
            "routes": [{"name": "node0", "addressPrefix": "10.244.0.0/24", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.13.76.250"}]}),
        ),
        Fault::OverlayConfigFailed => one(capture, "OverlayExtensionConfig", &mut |config| {
            config["status"] = json!({"state": "Failed",
                "message": "OEC IP range 10.13.100.0/24 is not within any of the VNet CIDRs 10.99.0.0/16"});
        }),
        Fault::LogFiltered => file(
            capture,
            "flow-log.json",
            &json!({
            "id": "/subscriptions/s/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/w/flowLogs/fl", "name": "fl",
            "type": "Microsoft.Network/networkWatchers/flowLogs", "enabled": true, "targetResourceId": "/subscriptions/s/vnet", "storageId": "/subscriptions/s/st",
            "enabledFilteringCriteria": "dstport == 80", "format": {"type": "JSON", "version": 2}}),
        ),
        Fault::SubnetShared => {
            let subnet = gateway_subnet_id(capture);
            let of = |name: &str| {
                let gateway =
                    "/subscriptions/s/resourceGroups/demo/providers/Microsoft.ServiceNetworking/trafficControllers/";
                json!({"associationType": "subnets", "id": format!("{gateway}{name}/associations/as"), "name": "as", "provisioningState": "Succeeded",
                    "subnet": {"id": subnet}, "type": "Microsoft.ServiceNetworking/TrafficControllers/Associations"})
            };
            file(capture, "associations.json", &json!([of("one"), of("two")]));
        }
        Fault::SubnetInServiceCidr => edit(capture, "aks.json", &mut |cluster| {
            let profile = &mut cluster["networkProfile"];
            (profile["serviceCidr"], profile["serviceCidrs"]) = (json!("10.13.96.0/20"), json!(["10.13.96.0/20"]));
        }),
        Fault::PodCidrOverlapsPeer => edit(capture, "vnet.json", &mut |network| {
            network["virtualNetworkPeerings"] = json!([{"name": "to-hub", "peeringState": "Connected",
                "id": "/subscriptions/s/resourceGroups/demo/providers/Microsoft.Network/virtualNetworks/v/virtualNetworkPeerings/to-hub",
                "remoteAddressSpace": {"addressPrefixes": ["10.244.0.0/20"]}, "remoteVirtualNetwork": {"id": "/subscriptions/s/hub"}}]);
        }),
        // One table and one group on several subnets, as people share them.
        Fault::RouteTableToNothing => {
            // The way to the pods of an overlay, else the way back to the gateway.
            let dropped = if on.address.starts_with("10.244.") { "10.244.0.0/16" } else { "10.13.100.0/24" };
            let table = json!({"id": "/subscriptions/s/resourceGroups/demo/providers/Microsoft.Network/routeTables/shared", "name": "shared",
            "type": "Microsoft.Network/routeTables", "subnets": subnet_ids(capture),
            "routes": [{"name": "drop", "addressPrefix": dropped, "nextHopType": "None"}]});
            file(capture, "route-table.json", &table);
        }
        Fault::DeniedByConfiguration => {
            let rule = json!({"name": "deny-agc", "priority": 150, "direction": "Inbound", "access": "Deny", "protocol": "Tcp",
                "sourceAddressPrefix": "10.13.100.0/24", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "*"});
            let id = "/subscriptions/s/resourceGroups/demo/providers/Microsoft.Network/networkSecurityGroups/shared";
            let group = json!({"id": id, "name": "shared", "type": "Microsoft.Network/networkSecurityGroups",
                "securityRules": [rule], "defaultSecurityRules": [], "subnets": subnet_ids(capture)});
            file(capture, "nsg.json", &group);
            capture.files.retain(|path, _| !path.starts_with("flows/"));
        }
        _ => return false,
    }
    true
}

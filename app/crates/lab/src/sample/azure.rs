//! What the Azure command line says of cluster, network and NICs.

use super::json_file;
use super::story::{MAC, NODE_ADDRESS};
use crate::cluster::{REGION, RESOURCE_GROUP};
use crate::objects::arm;
use crate::sink::Sink;
use serde_json::{Value, json};
use std::io;

/// The virtual network.
pub(super) fn vnet_id() -> String {
    arm(RESOURCE_GROUP, "Microsoft.Network/virtualNetworks/aksVnet")
}

/// The gateway's subnet.
pub(super) fn gateway_subnet_id() -> String {
    format!("{}/subnets/alb", vnet_id())
}

pub(super) fn write(sink: &mut dyn Sink) -> io::Result<()> {
    let vnet = vnet_id();
    let node_subnet = format!("{vnet}/subnets/aks1stpool");
    json_file(
        sink,
        "aks.json",
        2,
        &json!({
            "agentPoolProfiles": [{
                "availabilityZones": null, "count": 1, "currentOrchestratorVersion": "1.30.9", "maxPods": 250, "mode": "System", "name": "nodepool1",
                "orchestratorVersion": "1.30.9", "osSku": "Ubuntu", "osType": "Linux", "podIpAllocationMode": null, "podSubnetId": null,
                "powerState": {"code": "Running"}, "provisioningState": "Succeeded", "type": "VirtualMachineScaleSets", "vmSize": "Standard_D4s_v5",
                "vnetSubnetId": node_subnet}],
            "currentKubernetesVersion": "1.30.9", "fqdn": "aks-demo-111111-x2qk8d1p.hcp.eastus.azmk8s.io",
            "id": arm(RESOURCE_GROUP, "Microsoft.ContainerService/managedClusters/aks"),
            "kubernetesVersion": "1.30.9", "location": REGION, "name": "aks",
            "networkProfile": {
                "dnsServiceIp": "10.0.0.10", "ipFamilies": ["IPv4"], "loadBalancerSku": "standard", "networkDataplane": "azure", "networkMode": null,
                "networkPlugin": "azure", "networkPluginMode": "overlay", "networkPolicy": "none", "outboundType": "loadBalancer",
                "podCidr": "10.244.0.0/16", "podCidrs": ["10.244.0.0/16"], "serviceCidr": "10.0.0.0/16", "serviceCidrs": ["10.0.0.0/16"]},
            "nodeResourceGroup": "MC_demo_aks_eastus", "powerState": {"code": "Running"}, "provisioningState": "Succeeded", "resourceGroup": RESOURCE_GROUP,
            "type": "Microsoft.ContainerService/ManagedClusters",
        }),
    )?;
    let subnets = subnets(&vnet);
    json_file(
        sink,
        "vnet.json",
        2,
        &json!({
            "addressSpace": {"addressPrefixes": ["10.13.0.0/16"]}, "dhcpOptions": {"dnsServers": []}, "enableDdosProtection": false, "id": vnet,
            "location": REGION, "name": "aksVnet", "provisioningState": "Succeeded", "resourceGroup": RESOURCE_GROUP, "subnets": subnets,
            "type": "Microsoft.Network/virtualNetworks", "virtualNetworkPeerings": [],
        }),
    )?;
    json_file(sink, "subnets.json", 2, &json!(subnets))?;
    let machine = format!(
        "{}/virtualMachines/0",
        arm("MC_demo_aks_eastus", "Microsoft.Compute/virtualMachineScaleSets/aks-nodepool1-30661543-vmss")
    );
    let mac: Vec<&str> = (0..6).map(|pair| &MAC[pair * 2..pair * 2 + 2]).collect();
    json_file(
        sink,
        "nics.json",
        2,
        &json!([{
            "enableAcceleratedNetworking": true, "enableIPForwarding": true,
            "id": format!("{machine}/networkInterfaces/aks-nodepool1-30661543-vmss"),
            "ipConfigurations": [{
                "name": "ipconfig1", "primary": true, "privateIPAddress": NODE_ADDRESS.to_string(), "privateIPAddressVersion": "IPv4",
                "privateIPAllocationMethod": "Dynamic", "provisioningState": "Succeeded", "subnet": {"id": node_subnet, "resourceGroup": RESOURCE_GROUP}}],
            "macAddress": mac.join("-"), "name": "aks-nodepool1-30661543-vmss", "primary": true, "provisioningState": "Succeeded",
            "resourceGroup": "MC_demo_aks_eastus", "type": "Microsoft.Network/networkInterfaces", "virtualMachine": {"id": machine},
        }]),
    )
}

/// `az network vnet subnet list`, with the IP configurations expanded: they name the gateway's instances, .6 and .7.
fn subnets(vnet: &str) -> Vec<Value> {
    let subnet = |name: &str, prefix: &str| {
        json!({
            "addressPrefix": prefix, "defaultOutboundAccess": true, "delegations": [], "id": format!("{vnet}/subnets/{name}"), "name": name,
            "networkSecurityGroup": {"id": arm(RESOURCE_GROUP, "Microsoft.Network/networkSecurityGroups/aksVnet-nsg"), "resourceGroup": RESOURCE_GROUP},
            "privateEndpointNetworkPolicies": "Disabled", "privateLinkServiceNetworkPolicies": "Enabled", "provisioningState": "Succeeded",
            "resourceGroup": RESOURCE_GROUP, "routeTable": null, "type": "Microsoft.Network/virtualNetworks/subnets"})
    };
    let mut nodes = subnet("aks1stpool", "10.13.76.0/24");
    nodes["ipConfigurations"] = json!([{
        "id": format!("{}/virtualMachines/0/networkInterfaces/aks-nodepool1-30661543-vmss/ipConfigurations/ipconfig1",
            arm("MC_demo_aks_eastus", "Microsoft.Compute/virtualMachineScaleSets/aks-nodepool1-30661543-vmss")),
        "name": "ipconfig1", "privateIPAddress": NODE_ADDRESS.to_string(), "privateIPAllocationMethod": "Dynamic", "resourceGroup": "MC_demo_aks_eastus"}]);
    let mut gateway = subnet("alb", "10.13.100.0/24");
    gateway["delegations"] = json!([{
        "actions": ["Microsoft.Network/virtualNetworks/subnets/join/action"], "id": format!("{}/delegations/alb", gateway_subnet_id()), "name": "alb",
        "provisioningState": "Succeeded", "resourceGroup": RESOURCE_GROUP, "serviceName": "Microsoft.ServiceNetworking/trafficControllers",
        "type": "Microsoft.Network/virtualNetworks/subnets/delegations"}]);
    gateway["ipConfigurations"] = [6, 7]
        .iter()
        .map(|last| {
            json!({
                "id": format!("{}/ipConfigurations/as-78712412-{}", gateway_subnet_id(), last - 6), "name": format!("as-78712412-{}", last - 6),
                "privateIPAddress": format!("10.13.100.{last}"), "privateIPAllocationMethod": "Dynamic", "resourceGroup": RESOURCE_GROUP})
        })
        .collect();
    vec![nodes, gateway]
}

//! What `kubectl get`, the ALB controller and the Azure command line would say of an imagined cluster. Objects are written one
//! by one, so that a cluster of any size needs little memory.

use crate::cluster::{
    Cluster, GATEWAY_SUBNET, Instance, Job, Pod, REGION, RESOURCE_GROUP, SERVICE_CIDR, SUBSCRIPTION, Service,
};
use crate::plan::{NetworkMode, Plan};
use crate::random::Random;
use crate::sink::Sink;
use serde_json::{Value, json};
use std::io;
use underlay_model::summary::InventoryCounts;
use underlay_model::time::{MINUTE_MS, Millis, format_rfc3339};

/// Endpoints in one slice (Kubernetes' own limit).
const SLICE: usize = 100;

/// Distinct objects that [`write`] writes.
pub(crate) fn counts(plan: &Plan, cluster: &Cluster) -> InventoryCounts {
    let gateway = cluster.mode != NetworkMode::Kubenet;
    let services = cluster.services.len() as u64;
    let slices: usize =
        (0..cluster.services.len()).map(|service| members(cluster, service).count().div_ceil(SLICE)).sum();
    InventoryCounts {
        nodes: cluster.nodes.len() as u64,
        pods: (cluster.pods.len()
            + 2 * cluster.nodes.len()
            + cluster.pods.iter().filter(|pod| pod.before.is_some()).count()) as u64,
        services: services + 1,
        endpoint_slices: slices as u64,
        gateways: gateway.into(),
        routes: if gateway { services } else { 0 },
        events: u64::from(plan.failing_pods).min(cluster.pods.len() as u64),
    }
}

/// Writes the objects of a plan's cluster as files beside the logs.
pub(crate) fn write(plan: &Plan, cluster: &Cluster, sink: &mut dyn Sink) -> io::Result<()> {
    let end_ms = plan.start_ms + i64::from(plan.minutes) * MINUTE_MS;
    kubernetes(plan, cluster, end_ms, sink)?;
    if cluster.mode != NetworkMode::Kubenet {
        backend_health(cluster, sink)?;
    }
    azure(cluster, sink)
}

/// The pods of a service.
fn members(cluster: &Cluster, service: usize) -> impl Iterator<Item = &Pod> {
    // Pods are dealt to services in turn.
    cluster.pods.iter().skip(service).step_by(cluster.services.len())
}

/// A resource id in the imagined subscription.
pub(crate) fn arm(group: &str, kind: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{kind}")
}

/// A List, item by item.
struct List<'a> {
    sink: &'a mut dyn Sink,
    first: bool,
}

impl List<'_> {
    fn push(&mut self, item: &Value) -> io::Result<()> {
        if !std::mem::take(&mut self.first) {
            self.sink.write(b",")?;
        }
        self.sink.write(item.to_string().as_bytes())
    }
}

fn uid(seed: u64, kind: u64, index: usize) -> String {
    Random::of(seed, &[0x5549_4400, kind, index as u64]).uuid()
}

fn kubernetes(plan: &Plan, cluster: &Cluster, end_ms: Millis, sink: &mut dyn Sink) -> io::Result<()> {
    sink.file("kubernetes.json")?;
    sink.write(b"{\"apiVersion\":\"v1\",\"items\":[")?;
    let mut list = List { sink, first: true };
    for (index, node) in cluster.nodes.iter().enumerate() {
        let mut addresses = vec![
            json!({"address": node.address.to_string(), "type": "InternalIP"}),
            json!({"address": node.name, "type": "Hostname"}),
        ];
        if let Some(six) = node.address6 {
            addresses.push(json!({"address": six.to_string(), "type": "InternalIP"}));
        }
        let mut spec = json!({"providerID": format!(
            "azure://{}/virtualMachines/{index}",
            arm("mc_demo", "Microsoft.Compute/virtualMachineScaleSets/aks-nodepool1-30661543-vmss")
        )});
        if let (NetworkMode::Kubenet, Some(block)) = (cluster.mode, node.block) {
            spec["podCIDR"] = json!(format!("{block}/24"));
            spec["podCIDRs"] = json!([format!("{block}/24")]);
        }
        list.push(&json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": {
                "creationTimestamp": format_rfc3339(plan.start_ms - 700 * MINUTE_MS),
                "labels": {"agentpool": "nodepool1", "topology.kubernetes.io/region": REGION,
                           "topology.kubernetes.io/zone": format!("{REGION}-{}", index % 3 + 1)},
                "name": node.name, "resourceVersion": (1000 + index).to_string(), "uid": uid(plan.seed, 1, index),
            },
            "spec": spec,
            "status": {
                "addresses": addresses,
                "conditions": [{"lastHeartbeatTime": format_rfc3339(end_ms), "lastTransitionTime": format_rfc3339(plan.start_ms - 699 * MINUTE_MS),
                                "message": "kubelet is posting ready status", "reason": "KubeletReady", "status": "True", "type": "Ready"}],
                "nodeInfo": {"kubeletVersion": "v1.33.5", "osImage": "Ubuntu 22.04.5 LTS"},
            },
        }))?;
        if cluster.mode == NetworkMode::Overlay {
            list.push(&json!({
                "apiVersion": "acn.azure.com/v1alpha", "kind": "NodeNetworkConfig",
                "metadata": {"name": node.name, "namespace": "kube-system", "uid": uid(plan.seed, 2, index)},
                "spec": {"requestedIPCount": 0},
                "status": {"assignedIPCount": 256, "networkContainers": [{
                    "assignmentMode": "static", "id": uid(plan.seed, 3, index), "nodeIP": node.address.to_string(),
                    "primaryIP": node.block.map(|block| format!("{block}/24")), "subnetAddressSpace": cluster.pod_cidr,
                    "subnetName": "routingdomain_demo_overlaysubnet", "type": "overlay", "version": 0}]},
            }))?;
        }
        for name in ["azure-cns", "kube-proxy"] {
            list.push(&host_pod(plan, name, node, index))?;
        }
    }
    for (index, pod) in cluster.pods.iter().enumerate() {
        list.push(&pod_object(plan, cluster, pod, index))?;
        if let Some(job) = &pod.before {
            list.push(&job_object(plan, cluster, pod, job, index))?;
        }
    }
    for (index, service) in cluster.services.iter().enumerate() {
        list.push(&service_object(plan, service, index))?;
        let pods: Vec<&Pod> = members(cluster, index).collect();
        for (part, pods) in pods.chunks(SLICE).enumerate() {
            list.push(&slice_object(plan, cluster, service, index, part, pods))?;
        }
    }
    list.push(&json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "kubernetes", "namespace": "default", "uid": uid(plan.seed, 4, usize::MAX)},
        "spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "type": "ClusterIP",
                 "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 443}]},
        "status": {"loadBalancer": {}},
    }))?;
    if cluster.mode != NetworkMode::Kubenet {
        gateway_objects(plan, cluster, &mut list)?;
    }
    for (index, pod) in cluster.pods.iter().enumerate().filter(|(_, pod)| pod.failing) {
        let first = plan.start_ms + i64::from(plan.minutes) * MINUTE_MS / 2;
        list.push(&json!({
            "apiVersion": "v1", "kind": "Event", "count": 5, "type": "Warning", "reason": "Unhealthy",
            "firstTimestamp": format_rfc3339(first), "lastTimestamp": format_rfc3339(end_ms - 1000),
            "involvedObject": {"kind": "Pod", "name": pod.name, "namespace": pod.namespace},
            "message": "Readiness probe failed: HTTP probe failed with statuscode: 503",
            "metadata": {"name": format!("{}.18a1{index:04x}", pod.name), "namespace": pod.namespace, "uid": uid(plan.seed, 5, index)},
        }))?;
    }
    list.sink.write(b"],\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"\"}}\n")
}

fn host_pod(plan: &Plan, name: &str, node: &crate::cluster::Node, index: usize) -> Value {
    let ip = node.address.to_string();
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("{name}-{}", crate::cluster::hash_text(plan.seed ^ name.len() as u64, index as u64, 5)),
                     "namespace": "kube-system", "ownerReferences": [{"apiVersion": "apps/v1", "controller": true, "kind": "DaemonSet", "name": name}],
                     "uid": uid(plan.seed, 6 + name.len() as u64, index)},
        "spec": {"containers": [{"name": name}], "hostNetwork": true, "nodeName": node.name},
        "status": {"conditions": [{"lastTransitionTime": format_rfc3339(plan.start_ms - 690 * MINUTE_MS), "status": "True", "type": "Ready"}],
                   "containerStatuses": [{"name": name, "ready": true, "restartCount": 0, "state": {"running": {"startedAt": format_rfc3339(plan.start_ms - 690 * MINUTE_MS)}}}],
                   "hostIP": ip, "phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}],
                   "startTime": format_rfc3339(plan.start_ms - 690 * MINUTE_MS)},
    })
}

fn pod_object(plan: &Plan, cluster: &Cluster, pod: &Pod, index: usize) -> Value {
    let service = &cluster.services[pod.service as usize];
    let node = &cluster.nodes[pod.last_node() as usize];
    let replica_set = pod.name.rsplit_once('-').map_or("", |(set, _)| set);
    let hash = replica_set.rsplit_once('-').map_or("", |(_, hash)| hash);
    let mut addresses = vec![json!({"ip": pod.address.to_string()})];
    if let Some(six) = pod.address6 {
        addresses.push(json!({"ip": six.to_string()}));
    }
    let since =
        if pod.failing { plan.start_ms + i64::from(plan.minutes) * MINUTE_MS / 2 } else { pod.started_ms + 9_000 };
    let status = if pod.failing { "False" } else { "True" };
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"creationTimestamp": format_rfc3339(pod.started_ms - 1000), "labels": {"app": service.name, "pod-template-hash": hash},
                     "name": pod.name, "namespace": pod.namespace,
                     "ownerReferences": [{"apiVersion": "apps/v1", "controller": true, "kind": "ReplicaSet", "name": replica_set}],
                     "resourceVersion": (100_000 + index).to_string(), "uid": uid(plan.seed, 7, index)},
        "spec": {"containers": [{"name": service.name, "ports": [{"containerPort": service.target_port, "protocol": "TCP"}],
                                 "readinessProbe": {"failureThreshold": 3, "httpGet": {"path": "/healthz", "port": service.target_port, "scheme": "HTTP"},
                                                    "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1}}],
                 "nodeName": node.name},
        "status": {"conditions": [{"lastTransitionTime": format_rfc3339(since), "status": status, "type": "Ready"}],
                   "containerStatuses": [{"name": service.name, "ready": !pod.failing, "restartCount": 0, "started": true,
                                          "state": {"running": {"startedAt": format_rfc3339(pod.started_ms + 3_000)}}}],
                   "hostIP": node.address.to_string(), "phase": "Running", "podIP": pod.address.to_string(), "podIPs": addresses,
                   "startTime": format_rfc3339(pod.started_ms)},
    })
}

/// The finished pod that had a pod's address before; Kubernetes keeps the address in its status.
fn job_object(plan: &Plan, cluster: &Cluster, pod: &Pod, job: &Job, index: usize) -> Value {
    let node = &cluster.nodes[pod.node as usize];
    let address = pod.address.to_string();
    let finished = format_rfc3339(job.finished_ms);
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"creationTimestamp": format_rfc3339(job.started_ms - 1000), "name": job.name, "namespace": pod.namespace,
                     "ownerReferences": [{"apiVersion": "batch/v1", "controller": true, "kind": "Job", "name": "job"}],
                     "resourceVersion": (200_000 + index).to_string(), "uid": uid(plan.seed, 13, index)},
        "spec": {"containers": [{"name": "job"}], "nodeName": node.name, "restartPolicy": "Never"},
        "status": {"conditions": [{"lastTransitionTime": finished, "reason": "PodCompleted", "status": "False", "type": "Ready"}],
                   "containerStatuses": [{"name": "job", "ready": false, "restartCount": 0,
                                          "state": {"terminated": {"exitCode": 0, "finishedAt": finished, "reason": "Completed",
                                                                   "startedAt": format_rfc3339(job.started_ms + 1000)}}}],
                   "hostIP": node.address.to_string(), "phase": "Succeeded", "podIP": address, "podIPs": [{"ip": address}],
                   "startTime": format_rfc3339(job.started_ms)},
    })
}

fn service_object(plan: &Plan, service: &Service, index: usize) -> Value {
    let ip = service.address.to_string();
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": service.name, "namespace": service.namespace, "uid": uid(plan.seed, 8, index)},
        "spec": {"clusterIP": ip, "clusterIPs": [ip], "selector": {"app": service.name}, "type": "NodePort",
                 "ports": [{"nodePort": service.node_port, "port": service.port, "protocol": "TCP", "targetPort": service.target_port}]},
        "status": {"loadBalancer": {}},
    })
}

fn slice_object(plan: &Plan, cluster: &Cluster, service: &Service, index: usize, part: usize, pods: &[&Pod]) -> Value {
    let endpoints: Vec<Value> = pods
        .iter()
        .map(|pod| {
            json!({"addresses": [pod.address.to_string()],
                   "conditions": {"ready": !pod.failing, "serving": !pod.failing, "terminating": false},
                   "nodeName": cluster.nodes[pod.last_node() as usize].name,
                   "targetRef": {"kind": "Pod", "name": pod.name, "namespace": pod.namespace}})
        })
        .collect();
    json!({
        "addressType": "IPv4", "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "endpoints": endpoints,
        "metadata": {"labels": {"kubernetes.io/service-name": service.name},
                     "name": format!("{}-{}", service.name, crate::cluster::hash_text(plan.seed, (index * 1000 + part) as u64, 5)),
                     "namespace": service.namespace, "uid": uid(plan.seed, 9, index * 1000 + part)},
        "ports": [{"name": "", "port": service.target_port, "protocol": "TCP"}],
    })
}

fn gateway_objects(plan: &Plan, cluster: &Cluster, list: &mut List<'_>) -> io::Result<()> {
    let programmed = json!([{"lastTransitionTime": format_rfc3339(plan.start_ms - 600 * MINUTE_MS), "message": "", "reason": "Programmed", "status": "True", "type": "Programmed"}]);
    list.push(&json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
        "metadata": {"annotations": {"alb.networking.azure.io/alb-name": "alb", "alb.networking.azure.io/alb-namespace": "alb-infra"},
                     "name": "gateway", "namespace": "alb-infra", "uid": uid(plan.seed, 10, 0)},
        "spec": {"gatewayClassName": "azure-alb-external", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]},
        "status": {"addresses": [{"type": "Hostname", "value": "abcd1234.fz32.alb.azure.com"}], "conditions": programmed,
                   "listeners": [{"attachedRoutes": cluster.services.len(), "conditions": [], "name": "http", "supportedKinds": []}]},
    }))?;
    for (index, service) in cluster.services.iter().enumerate() {
        list.push(&json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": {"name": service.name, "namespace": service.namespace, "uid": uid(plan.seed, 11, index)},
            "spec": {"hostnames": [format!("{}.example.com", service.name)],
                     "parentRefs": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "gateway", "namespace": "alb-infra"}],
                     "rules": [{"backendRefs": [{"group": "", "kind": "Service", "name": service.name, "port": service.port, "weight": 1}]}]},
        }))?;
    }
    if cluster.mode == NetworkMode::Overlay {
        list.push(&json!({
            "apiVersion": "acn.azure.com/v1alpha1", "kind": "OverlayExtensionConfig",
            "metadata": {"name": "alb-overlay-extension-config-78712412", "namespace": "azure-alb-system", "uid": uid(plan.seed, 12, 0)},
            "spec": {"extensionIPRange": GATEWAY_SUBNET}, "status": {"message": "", "state": "Succeeded"},
        }))?;
    }
    Ok(())
}

fn backend_health(cluster: &Cluster, sink: &mut dyn Sink) -> io::Result<()> {
    let alb = arm("mc_demo", "Microsoft.ServiceNetworking/trafficControllers/alb-1a2b3c4d");
    let services: Vec<Value> = cluster
        .services
        .iter()
        .enumerate()
        .map(|(index, service)| {
            let endpoints: Vec<Value> = members(cluster, index)
                .map(|pod| {
                    let status = if pod.failing { "UNHEALTHY" } else { "HEALTHY" };
                    json!({"address": pod.address.to_string(), "health": {"status": status}})
                })
                .collect();
            let failing = members(cluster, index).filter(|pod| pod.failing).count();
            json!({"serviceName": format!("{}/{}/{}", service.namespace, service.name, service.port),
                   "serviceHealth": [{"albId": alb, "totalEndpoints": endpoints.len(), "totalHealthyEndpoints": endpoints.len() - failing,
                                      "totalUnhealthyEndpoints": failing, "endpoints": endpoints}]})
        })
        .collect();
    file(sink, "backend-health.json", &json!({"services": services}))
}

fn file(sink: &mut dyn Sink, path: &str, value: &Value) -> io::Result<()> {
    sink.file(path)?;
    sink.write(value.to_string().as_bytes())?;
    sink.write(b"\n")
}

fn azure(cluster: &Cluster, sink: &mut dyn Sink) -> io::Result<()> {
    let vnet = arm(RESOURCE_GROUP, "Microsoft.Network/virtualNetworks/aksVnet");
    let node_subnet = format!("{vnet}/subnets/aks1stpool");
    let pod_subnet = cluster.pod_subnet.map(|_| format!("{vnet}/subnets/pods"));
    let (plugin, plugin_mode) = match cluster.mode {
        NetworkMode::Overlay => ("azure", Some("overlay")),
        NetworkMode::PodSubnet | NetworkMode::NodeSubnet => ("azure", None),
        NetworkMode::Kubenet => ("kubenet", None),
    };
    let pod_cidrs: Vec<&str> = cluster.pod_cidr.into_iter().chain(cluster.pod_cidr6).collect();
    file(
        sink,
        "aks.json",
        &json!({
            "agentPoolProfiles": [{"count": cluster.nodes.len(), "maxPods": 250, "mode": "System", "name": "nodepool1", "podSubnetId": pod_subnet,
                                   "type": "VirtualMachineScaleSets", "vnetSubnetId": node_subnet}],
            "id": arm(RESOURCE_GROUP, "Microsoft.ContainerService/managedClusters/agc"),
            "kubernetesVersion": "1.33", "location": REGION, "name": "agc",
            "networkProfile": {"dnsServiceIp": "10.0.0.10", "networkPlugin": plugin, "networkPluginMode": plugin_mode, "podCidr": cluster.pod_cidr,
                               "podCidrs": if pod_cidrs.is_empty() { Value::Null } else { json!(pod_cidrs) },
                               "serviceCidr": SERVICE_CIDR, "serviceCidrs": [SERVICE_CIDR]},
            "nodeResourceGroup": "MC_demo", "resourceGroup": RESOURCE_GROUP, "type": "Microsoft.ContainerService/ManagedClusters",
        }),
    )?;
    let subnets = subnets(cluster, &vnet);
    file(
        sink,
        "vnet.json",
        &json!({
            "addressSpace": {"addressPrefixes": cluster.vnet_prefixes}, "id": vnet, "location": REGION, "name": "aksVnet",
            "resourceGroup": RESOURCE_GROUP, "subnets": subnets, "type": "Microsoft.Network/virtualNetworks",
        }),
    )?;
    file(sink, "subnets.json", &json!(subnets))?;
    let nics: Vec<Value> = cluster
        .nodes
        .iter()
        .enumerate()
        .map(|(index, node)| {
            let machine = format!(
                "{}/virtualMachines/{index}",
                arm("MC_demo", "Microsoft.Compute/virtualMachineScaleSets/aks-nodepool1-30661543-vmss")
            );
            let mac: Vec<&str> = (0..6).map(|pair| &node.mac[pair * 2..pair * 2 + 2]).collect();
            json!({"id": format!("{machine}/networkInterfaces/aks-nodepool1-30661543-vmss"),
                   "ipConfigurations": [{"name": "ipconfig1", "primary": true, "privateIPAddress": node.address.to_string(),
                                         "privateIPAllocationMethod": "Dynamic", "subnet": {"id": node_subnet}}],
                   "macAddress": mac.join("-"), "name": "aks-nodepool1-30661543-vmss", "type": "Microsoft.Network/networkInterfaces",
                   "virtualMachine": {"id": machine}})
        })
        .collect();
    file(sink, "nics.json", &json!(nics))
}

fn subnets(cluster: &Cluster, vnet: &str) -> Vec<Value> {
    let subnet = |name: &str, prefix: &str| {
        json!({"addressPrefix": prefix, "delegations": [], "id": format!("{vnet}/subnets/{name}"), "name": name,
               "resourceGroup": RESOURCE_GROUP, "type": "Microsoft.Network/virtualNetworks/subnets"})
    };
    let mut subnets = vec![subnet("aks1stpool", cluster.node_subnet)];
    if let Some(prefix) = cluster.pod_subnet {
        subnets.push(subnet("pods", prefix));
    }
    if cluster.mode != NetworkMode::Kubenet {
        let mut gateway = subnet("alb", GATEWAY_SUBNET);
        gateway["delegations"] =
            json!([{"name": "delegation", "serviceName": "Microsoft.ServiceNetworking/trafficControllers"}]);
        let instances: Vec<&Instance> = cluster.instances.iter().chain(&cluster.silent).collect();
        gateway["ipConfigurations"] = instances
            .iter()
            .enumerate()
            .map(|(index, instance)| {
                json!({"id": format!("{vnet}/subnets/alb/ipConfigurations/instance{index}"), "name": format!("instance{index}"),
                       "privateIPAddress": instance.address.to_string(), "privateIPAllocationMethod": "Dynamic"})
            })
            .collect();
        subnets.push(gateway);
    }
    subnets
}

//! `kubectl get … -A -o json` at 09:59:20: node, pods, services, endpoint slices, gateway, routes, events, and the objects of
//! the overlay and of the ALB controller.

use super::azure::gateway_subnet_id;
use super::gateway::gateway_id;
use super::json_file;
use super::story::{BREAKS_MS, FQDN, NODE, NODE_ADDRESS, START_MS, TARGETS, Target};
use crate::objects::arm;
use crate::random::Random;
use crate::sink::Sink;
use serde_json::{Value, json};
use std::io;
use underlay_model::time::{MINUTE_MS, Millis, format_rfc3339};

/// The node joined 3 h 40 min before the snapshot.
const NODE_MS: Millis = START_MS - 161 * MINUTE_MS - 10_000;
/// bg76s is not Ready after three failed readiness probes, thirty seconds apart.
const UNREADY_MS: Millis = BREAKS_MS + 60_000;
/// The last failed readiness probe before the snapshot, the 57th.
const LAST_FAILURE_MS: Millis = BREAKS_MS + 56 * 30_000;
/// The second replica of coredns came at 09:05.
const SCALED_MS: Millis = START_MS + 5 * MINUTE_MS + 31_000;

pub(super) fn write(sink: &mut dyn Sink) -> io::Result<()> {
    let mut items = vec![node()];
    items.extend(TARGETS.iter().enumerate().map(|(index, target)| target_pod(index, target)));
    items.extend(system_pods());
    items.extend(services());
    items.extend(gateway());
    items.extend(overlay());
    items.extend(events());
    let list = json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}});
    json_file(sink, "kubernetes.json", 4, &list)
}

fn uid(name: &str) -> String {
    let key: Vec<u64> = name.bytes().map(u64::from).collect();
    Random::of(0x0055_4944, &key).uuid()
}

fn meta(namespace: &str, name: &str, created_ms: Millis) -> Value {
    let mut meta = json!({
        "creationTimestamp": format_rfc3339(created_ms), "name": name, "uid": uid(&format!("{namespace}/{name}")),
        "resourceVersion": (40_000 + Random::of(1, &[name.len() as u64, created_ms.unsigned_abs()]).below(9_000)).to_string()});
    if !namespace.is_empty() {
        meta["namespace"] = json!(namespace);
    }
    meta
}

fn condition(kind: &str, status: &str, reason: &str, since_ms: Millis, message: &str) -> Value {
    json!({"lastTransitionTime": format_rfc3339(since_ms), "message": message, "observedGeneration": 1, "reason": reason, "status": status, "type": kind})
}

fn node() -> Value {
    let mut metadata = meta("", NODE, NODE_MS);
    metadata["labels"] = json!({
        "agentpool": "nodepool1", "kubernetes.azure.com/agentpool": "nodepool1", "kubernetes.azure.com/azure-cni-overlay": "true",
        "kubernetes.azure.com/cluster": "MC_demo_aks_eastus", "kubernetes.azure.com/mode": "system", "kubernetes.azure.com/network-name": "aksVnet",
        "kubernetes.azure.com/network-subnet": "aks1stpool", "kubernetes.azure.com/podnetwork-type": "overlay", "kubernetes.io/hostname": NODE,
        "topology.kubernetes.io/region": "eastus", "topology.kubernetes.io/zone": "0"});
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": metadata,
        "spec": {"providerID": format!("azure://{}/virtualMachines/0",
            arm("mc_demo_aks_eastus", "Microsoft.Compute/virtualMachineScaleSets/aks-nodepool1-30661543-vmss"))},
        "status": {
            "addresses": [{"address": NODE_ADDRESS.to_string(), "type": "InternalIP"}, {"address": NODE, "type": "Hostname"}],
            "conditions": [{
                "lastHeartbeatTime": format_rfc3339(START_MS + 58 * MINUTE_MS + 52_000), "lastTransitionTime": format_rfc3339(NODE_MS + 24_000),
                "message": "kubelet is posting ready status", "reason": "KubeletReady", "status": "True", "type": "Ready"}],
            "nodeInfo": {"architecture": "amd64", "containerRuntimeVersion": "containerd://1.7.25-1", "kernelVersion": "5.15.0-1081-azure",
                         "kubeletVersion": "v1.30.9", "operatingSystem": "linux", "osImage": "Ubuntu 22.04.5 LTS"}},
    })
}

/// What a pod is made of.
struct Draft<'a> {
    namespace: &'a str,
    name: &'a str,
    /// Kind and name.
    owner: (&'a str, &'a str),
    labels: Value,
    started_ms: Millis,
    /// None: the node's own.
    address: Option<String>,
    /// Spec of each container.
    containers: Vec<Value>,
    /// Since when it is not ready.
    unready_ms: Option<Millis>,
}

fn pod(draft: Draft<'_>) -> Value {
    let mut metadata = meta(draft.namespace, draft.name, draft.started_ms - 1_000);
    metadata["labels"] = draft.labels;
    metadata["ownerReferences"] = json!([{
        "apiVersion": "apps/v1", "blockOwnerDeletion": true, "controller": true, "kind": draft.owner.0, "name": draft.owner.1, "uid": uid(draft.owner.1)}]);
    let host = NODE_ADDRESS.to_string();
    let address = draft.address.clone().unwrap_or_else(|| host.clone());
    let started = format_rfc3339(draft.started_ms + 3_000);
    let statuses: Vec<Value> = draft
        .containers
        .iter()
        .enumerate()
        .map(|(index, container)| {
            json!({"name": container["name"], "ready": draft.unready_ms.is_none() || index > 0, "restartCount": 0, "started": true,
                   "image": container["image"], "lastState": {}, "state": {"running": {"startedAt": started}}})
        })
        .collect();
    let (status, since, reason, message) = match draft.unready_ms {
        None => ("True", draft.started_ms + 9_000, None, None),
        Some(since) => (
            "False",
            since,
            Some("ContainersNotReady"),
            Some(format!(
                "containers with unready status: [{}]",
                draft.containers[0]["name"].as_str().unwrap_or_default()
            )),
        ),
    };
    let mut conditions = Vec::new();
    for kind in ["Ready", "ContainersReady"] {
        let mut condition =
            json!({"lastProbeTime": null, "lastTransitionTime": format_rfc3339(since), "status": status, "type": kind});
        if let (Some(reason), Some(message)) = (reason, &message) {
            condition["reason"] = json!(reason);
            condition["message"] = json!(message);
        }
        conditions.push(condition);
    }
    let mut spec = json!({"containers": draft.containers, "nodeName": NODE, "restartPolicy": "Always", "serviceAccountName": "default"});
    if draft.address.is_none() {
        spec["hostNetwork"] = json!(true);
    }
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec,
        "status": {"conditions": conditions, "containerStatuses": statuses, "hostIP": host, "hostIPs": [{"ip": host}], "phase": "Running",
                   "podIP": address, "podIPs": [{"ip": address}], "qosClass": "Burstable", "startTime": format_rfc3339(draft.started_ms)},
    })
}

fn target_pod(index: usize, target: &Target) -> Value {
    let scheme = if target.port == 8443 { "HTTPS" } else { "HTTP" };
    let port = json!([{"containerPort": target.port, "protocol": "TCP"}]);
    let readiness = json!({
        "failureThreshold": 3, "httpGet": {"path": "/api/healthcheck", "port": target.port, "scheme": scheme},
        "periodSeconds": 30, "successThreshold": 1, "timeoutSeconds": 1});
    let containers = if target.port == 8443 {
        vec![
            json!({"image": "nginx:1.27", "name": "tls", "ports": port, "readinessProbe": readiness}),
            json!({"image": "erjosito/yadaapi:1.0", "name": "yadaapi", "ports": [{"containerPort": 8080, "protocol": "TCP"}]}),
        ]
    } else {
        vec![
            json!({"image": "erjosito/yadaapi:1.0", "name": target.workload, "ports": port, "readinessProbe": readiness}),
        ]
    };
    let replica_set = format!("{}-{}", target.workload, target.hash);
    pod(Draft {
        namespace: target.namespace,
        name: &target.name(),
        owner: ("ReplicaSet", &replica_set),
        labels: json!({"app": target.workload, "pod-template-hash": target.hash}),
        started_ms: target.started_ms,
        address: Some(target.address.to_string()),
        containers,
        unready_ms: (index == 1).then_some(UNREADY_MS),
    })
}

fn system_pods() -> Vec<Value> {
    const SYSTEM: &str = "kube-system";
    const ALB: &str = "azure-alb-system";
    // Namespace, owner, hash of its ReplicaSet (none: DaemonSet), suffix, last byte of the address (0: the node's), port, minutes after the node.
    let rows: [(&str, &str, &str, &str, u8, u16, i64); 10] = [
        (ALB, "alb-controller", "6f7d9c8b54", "4kx2m", 61, 8000, 22),
        (ALB, "alb-controller", "6f7d9c8b54", "r9wzd", 178, 8000, 22),
        (SYSTEM, "azure-cns", "", "7lq4d", 0, 0, 1),
        (SYSTEM, "cloud-node-manager", "", "h2x8p", 0, 0, 1),
        (SYSTEM, "coredns", "57d886c994", "9tzm4", 17, 53, 2),
        (SYSTEM, "coredns", "57d886c994", "k5vbq", 222, 53, 0),
        (SYSTEM, "csi-azuredisk-node", "", "m4c6v", 0, 0, 1),
        (SYSTEM, "konnectivity-agent", "6b9c4c5d77", "tq8nz", 33, 8082, 2),
        (SYSTEM, "kube-proxy", "", "wd9s2", 0, 0, 1),
        (SYSTEM, "metrics-server", "7b685846d6", "fx7gk", 98, 4443, 3),
    ];
    rows.iter()
        .map(|&(namespace, owner, hash, suffix, last, port, minutes)| {
            let replica_set = format!("{owner}-{hash}");
            let name = if hash.is_empty() { format!("{owner}-{suffix}") } else { format!("{replica_set}-{suffix}") };
            let mut container = json!({"image": format!("mcr.microsoft.com/oss/{owner}:v1"), "name": owner});
            let mut labels = json!({"app": owner});
            if port != 0 {
                container["ports"] =
                    json!([{"containerPort": port, "protocol": if port == 53 { "UDP" } else { "TCP" }}]);
            }
            if !hash.is_empty() {
                labels["pod-template-hash"] = json!(hash);
            }
            pod(Draft {
                namespace,
                name: &name,
                owner: if hash.is_empty() { ("DaemonSet", owner) } else { ("ReplicaSet", &replica_set) },
                labels,
                started_ms: if suffix == "k5vbq" { SCALED_MS } else { NODE_MS + minutes * MINUTE_MS },
                address: (last != 0).then(|| format!("10.244.0.{last}")),
                containers: vec![container],
                unready_ms: None,
            })
        })
        .collect()
}

fn services() -> Vec<Value> {
    let all = [
        ("azure-alb-system", "alb-controller", "10.0.61.204", 8000, "TCP", "9tq4c"),
        ("default", "kubernetes", "10.0.0.1", 443, "TCP", ""),
        ("kube-system", "kube-dns", "10.0.0.10", 53, "UDP", "w6h2k"),
        ("kube-system", "metrics-server", "10.0.184.31", 443, "TCP", "pz4d8"),
        ("yada", "yadaapi", "10.0.132.77", 8080, "TCP", "x7k2p"),
        ("yadatls", "yadatls", "10.0.209.15", 8443, "TCP", "b5m9t"),
    ];
    let members = |name: &str| -> Vec<(String, String, u8, bool)> {
        match name {
            "alb-controller" => vec![
                ("azure-alb-system".into(), "alb-controller-6f7d9c8b54-4kx2m".into(), 61, true),
                ("azure-alb-system".into(), "alb-controller-6f7d9c8b54-r9wzd".into(), 178, true),
            ],
            "kube-dns" => vec![
                ("kube-system".into(), "coredns-57d886c994-9tzm4".into(), 17, true),
                ("kube-system".into(), "coredns-57d886c994-k5vbq".into(), 222, true),
            ],
            "metrics-server" => vec![("kube-system".into(), "metrics-server-7b685846d6-fx7gk".into(), 98, true)],
            _ => TARGETS
                .iter()
                .enumerate()
                .filter(|(_, target)| target.workload == name)
                .map(|(index, target)| (target.namespace.into(), target.name(), target.address.octets()[3], index != 1))
                .collect(),
        }
    };
    let mut items = Vec::new();
    for (namespace, name, address, port, protocol, _) in all {
        let mut spec = json!({
            "clusterIP": address, "clusterIPs": [address], "ipFamilies": ["IPv4"], "sessionAffinity": "None", "type": "ClusterIP",
            "ports": [{"port": port, "protocol": protocol, "targetPort": if name == "metrics-server" { 4443 } else { port }}]});
        if name != "kubernetes" {
            spec["selector"] = json!({"app": if name == "kube-dns" { "coredns" } else { name }});
        }
        items.push(json!({"apiVersion": "v1", "kind": "Service", "metadata": meta(namespace, name, NODE_MS + 60_000), "spec": spec, "status": {"loadBalancer": {}}}));
    }
    for (namespace, name, _, port, protocol, suffix) in all {
        let slice = if suffix.is_empty() { name.to_owned() } else { format!("{name}-{suffix}") };
        let mut metadata = meta(namespace, &slice, NODE_MS + 61_000);
        metadata["labels"] = json!({"kubernetes.io/service-name": name});
        let endpoints: Vec<Value> = if name == "kubernetes" {
            // The control plane's own address, outside of everything drawn.
            vec![json!({"addresses": ["198.51.100.9"], "conditions": {"ready": true}})]
        } else {
            members(name)
                .into_iter()
                .map(|(namespace, pod, last, ready)| {
                    json!({"addresses": [format!("10.244.0.{last}")], "conditions": {"ready": ready, "serving": ready, "terminating": false}, "nodeName": NODE,
                           "targetRef": {"kind": "Pod", "name": pod, "namespace": namespace, "uid": uid(&format!("{namespace}/{pod}"))}})
                })
                .collect()
        };
        items.push(json!({
            "addressType": "IPv4", "apiVersion": "discovery.k8s.io/v1", "endpoints": endpoints, "kind": "EndpointSlice", "metadata": metadata,
            "ports": [{"name": "", "port": if name == "metrics-server" { 4443 } else { port }, "protocol": protocol}]}));
    }
    items
}

fn gateway() -> Vec<Value> {
    let since = NODE_MS + 30 * MINUTE_MS;
    let mut metadata = meta("default", "appgw4c", since);
    metadata["annotations"] =
        json!({"alb.networking.azure.io/alb-name": "appgw4c", "alb.networking.azure.io/alb-namespace": "alb-infra"});
    let listener = |name: &str, port: u16, protocol: &str| {
        let mut listener =
            json!({"allowedRoutes": {"namespaces": {"from": "All"}}, "name": name, "port": port, "protocol": protocol});
        if port == 443 {
            listener["tls"] = json!({"certificateRefs": [{"group": "", "kind": "Secret", "name": "appgw4c-tls"}], "mode": "Terminate"});
        }
        listener
    };
    let listener_status = |name: &str| {
        json!({"attachedRoutes": 1, "conditions": [condition("Programmed", "True", "Programmed", since + 90_000, "Listener is programmed")], "name": name,
               "supportedKinds": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute"}, {"group": "gateway.networking.k8s.io", "kind": "GRPCRoute"}]})
    };
    let mut items = vec![json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": metadata,
        "spec": {"gatewayClassName": "azure-alb-external", "listeners": [listener("http", 80, "HTTP"), listener("https", 443, "HTTPS")]},
        "status": {
            "addresses": [{"type": "Hostname", "value": FQDN}],
            "conditions": [condition("Accepted", "True", "Accepted", since + 1_000, "Valid Gateway"),
                           condition("Programmed", "True", "Programmed", since + 90_000, "Application Gateway for Containers resource has been successfully updated.")],
            "listeners": [listener_status("http"), listener_status("https")]},
    })];
    for (namespace, name, port, section) in [("yada", "yadaapi", 8080, "http"), ("yadatls", "yadatls", 8443, "https")] {
        let parent = json!({"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "appgw4c", "namespace": "default", "sectionName": section});
        items.push(json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": meta(namespace, name, since + 2 * MINUTE_MS),
            "spec": {"hostnames": [FQDN], "parentRefs": [parent],
                     "rules": [{"backendRefs": [{"group": "", "kind": "Service", "name": name, "port": port, "weight": 1}],
                                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}]}]},
            "status": {"parents": [{
                "conditions": [condition("Accepted", "True", "Accepted", since + 121_000, "Route is Accepted"),
                               condition("ResolvedRefs", "True", "ResolvedRefs", since + 121_000, ""),
                               condition("Programmed", "True", "Programmed", since + 125_000, "Route is Programmed")],
                "controllerName": "alb.networking.azure.io/alb-controller", "parentRef": parent}]},
        }));
        items.push(json!({
            "apiVersion": "alb.networking.azure.io/v1", "kind": "HealthCheckPolicy", "metadata": meta(namespace, &format!("{name}-health"), since + 2 * MINUTE_MS),
            "spec": {"default": {"healthyThreshold": 1, "http": {"path": "/api/healthcheck", "match": {"statusCodes": [{"start": 200, "end": 299}]}},
                                 "interval": "5s", "port": port, "timeout": "3s", "unhealthyThreshold": 3, "useTLS": port == 8443},
                     "targetRef": {"group": "", "kind": "Service", "name": name, "namespace": namespace}},
            "status": {"conditions": [condition("Accepted", "True", "Accepted", since + 122_000, "Valid HealthCheckPolicy")]},
        }));
    }
    items.push(json!({
        "apiVersion": "alb.networking.azure.io/v1", "kind": "ApplicationLoadBalancer", "metadata": meta("alb-infra", "appgw4c", since - 5 * MINUTE_MS),
        "spec": {"associations": [gateway_subnet_id()]},
        "status": {"conditions": [condition("Accepted", "True", "Accepted", since - 5 * MINUTE_MS, "Valid Application Gateway for Containers resource"),
                                  condition("Deployment", "True", "Ready", since - MINUTE_MS, &format!("alb-id={}", gateway_id()))]},
    }));
    items
}

fn overlay() -> Vec<Value> {
    vec![
        json!({
            "apiVersion": "acn.azure.com/v1alpha1", "kind": "OverlayExtensionConfig",
            "metadata": meta("azure-alb-system", "alb-overlay-extension-config-78712412", NODE_MS + 28 * MINUTE_MS),
            "spec": {"extensionIPRange": "10.13.100.0/24"}, "status": {"state": "Succeeded"},
        }),
        json!({
            "apiVersion": "acn.azure.com/v1alpha", "kind": "NodeNetworkConfig", "metadata": meta("kube-system", NODE, NODE_MS),
            "spec": {"requestedIPCount": 0},
            "status": {"assignedIPCount": 256, "networkContainers": [{
                "assignmentMode": "static", "id": uid("network container"), "nodeIP": NODE_ADDRESS.to_string(), "primaryIP": "10.244.0.0/24",
                "subnetAddressSpace": "10.244.0.0/16", "subnetName": "routingdomain_demo_overlaysubnet", "type": "overlay", "version": 0}]},
        }),
    ]
}

fn events() -> Vec<Value> {
    let coredns = "coredns-57d886c994-k5vbq";
    let unhealthy = TARGETS[1].name();
    let event = |kind: &str,
                 namespace: &str,
                 name: &str,
                 key: &str,
                 reason: &str,
                 message: &str,
                 times: (Millis, Millis, u64)| {
        let (first, last, count) = times;
        json!({
            "apiVersion": "v1", "count": count, "eventTime": null, "firstTimestamp": format_rfc3339(first),
            "involvedObject": {"kind": kind, "name": name, "namespace": namespace}, "kind": "Event", "lastTimestamp": format_rfc3339(last),
            "message": message, "metadata": meta(namespace, &format!("{name}.{key}"), first), "reason": reason,
            "source": if reason == "ScalingReplicaSet" { json!({"component": "deployment-controller"}) } else { json!({"component": "kubelet", "host": NODE}) },
            "type": if reason == "Unhealthy" { "Warning" } else { "Normal" }})
    };
    vec![
        event(
            "Deployment",
            "kube-system",
            "coredns",
            "18a1c5e0a1b2c3d0",
            "ScalingReplicaSet",
            "Scaled up replica set coredns-57d886c994 from 1 to 2",
            (SCALED_MS - 1_000, SCALED_MS - 1_000, 1),
        ),
        event(
            "Pod",
            "kube-system",
            coredns,
            "18a1c5e0b7c1d2e1",
            "Pulled",
            "Container image \"mcr.microsoft.com/oss/coredns:v1\" already present on machine",
            (SCALED_MS + 1_000, SCALED_MS + 1_000, 1),
        ),
        event(
            "Pod",
            "kube-system",
            coredns,
            "18a1c5e0c1e4f5a2",
            "Started",
            "Started container coredns",
            (SCALED_MS + 3_000, SCALED_MS + 3_000, 1),
        ),
        event(
            "Pod",
            "yada",
            &unhealthy,
            "18a1c74d2e5f6071",
            "Unhealthy",
            "Readiness probe failed: HTTP probe failed with statuscode: 503",
            (BREAKS_MS, LAST_FAILURE_MS, 57),
        ),
    ]
}

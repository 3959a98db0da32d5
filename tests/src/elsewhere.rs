//! Captures of a cluster that the generator does not imagine: written by hand after real answers, with other names, ranges, ports, several
//! node pools, namespaces and extra fields. A test changes objects or traffic and says what must be found.

use crate::Files;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// First moment, milliseconds since 1970.
pub const START_MS: i64 = 1_795_165_200_000;
const SUBSCRIPTION: &str = "/subscriptions/6f2c1f0e-9f5c-4a52-a9a4-3c0b4c8f1d11";
const RULE: &str = "DefaultRule_AllowVnetInBound";

/// A pod behind one of the services.
#[derive(Clone, Debug)]
pub struct Target {
    /// `cart`, `web`, `api`.
    pub service: &'static str,
    /// Its address.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// Index of its node.
    pub node: usize,
}

/// What becomes of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// An answer comes.
    Answered,
    /// Nothing comes back.
    Lost,
    /// A reset comes back.
    Refused,
    /// A rule denies it.
    Denied(&'static str),
    /// It is not sent.
    Absent,
}

/// The capture before it is written.
pub struct World {
    /// Objects of the cluster.
    pub objects: Vec<Value>,
    /// Answers of Azure and of the gateway by file.
    pub answers: BTreeMap<String, Value>,
    /// Pods behind services.
    pub targets: Vec<Target>,
    /// Addresses of the gateway's instances.
    pub instances: Vec<&'static str>,
    /// Length of the capture.
    pub minutes: i64,
    /// (node, rule, time, fields from the source address on).
    tuples: Vec<(usize, String, i64, String)>,
    number: u64,
}

fn nodes() -> [(&'static str, &'static str, &'static str); 3] {
    [
        ("aks-system-12345678-vmss000000", "10.224.0.4", "6045BD10AA01"),
        ("aks-apps-87654321-vmss000000", "10.224.0.21", "6045BD10AA4E"),
        ("aks-apps-87654321-vmss00000a", "10.224.0.38", "6045BD10AA9B"),
    ]
}

fn time(ms: i64) -> String {
    underlay_model::time::format_rfc3339(ms)
}

fn condition(kind: &str) -> Value {
    json!({"type": kind, "status": "True", "reason": kind, "message": "", "observedGeneration": 1, "lastTransitionTime": time(START_MS - 86_400_000)})
}

impl Default for World {
    fn default() -> Self {
        Self::new(false)
    }
}

impl World {
    /// An overlay cluster whose services are reached by routes, or by ingresses.
    pub fn new(ingress: bool) -> Self {
        let mut world = Self {
            objects: Vec::new(),
            answers: BTreeMap::new(),
            targets: Vec::new(),
            instances: vec!["10.225.4.5", "10.225.4.9"],
            minutes: 15,
            tuples: Vec::new(),
            number: 0,
        };
        for (name, address, _) in nodes() {
            world.objects.push(json!({"apiVersion": "v1", "kind": "Node",
                "metadata": {"name": name, "labels": {"agentpool": "apps", "kubernetes.io/hostname": name}, "annotations": {"node.alpha.kubernetes.io/ttl": "0"}},
                "spec": {"taints": []}, "status": {"addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
                "capacity": {"cpu": "4"}, "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": time(START_MS + 800_000)}]}}));
        }
        for (namespace, service, port, target, pods) in
            [("shop", "cart", 80, 8080, 2), ("shop", "web", 80, 3000, 3), ("billing", "api", 443, 9443, 2)]
        {
            world.service(namespace, service, port, target, pods, ingress);
        }
        if !ingress {
            let listener = json!({"name": "https", "attachedRoutes": 3, "supportedKinds": [], "conditions": [condition("Accepted"), condition("Programmed")]});
            world.objects.push(json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
                "metadata": {"name": "gw-public", "namespace": "shop", "annotations": {"alb.networking.azure.io/alb-id": "x"}},
                "spec": {"gatewayClassName": "azure-alb-external", "listeners": [{"name": "https", "port": 443, "protocol": "HTTPS", "hostname": "*.contoso.com",
                    "allowedRoutes": {"namespaces": {"from": "All"}}}]},
                "status": {"addresses": [{"type": "Hostname", "value": "hx.fz11.alb.azure.com"}], "conditions": [condition("Accepted"), condition("Programmed")], "listeners": [listener]}}));
        }
        world.objects.push(json!({"apiVersion": "acn.azure.com/v1alpha1", "kind": "OverlayExtensionConfig",
            "metadata": {"name": "alb-overlay-extension-config-78712412", "namespace": "azure-alb-system"},
            "spec": {"extensionIPRange": "10.225.4.0/24"}, "status": {"state": "Succeeded", "message": ""}}));
        world.azure();
        world
    }

    fn service(&mut self, namespace: &str, service: &'static str, port: u16, target: u16, pods: usize, ingress: bool) {
        let (mut endpoints, mut health) = (Vec::new(), Vec::new());
        for _ in 0..pods {
            let at = self.targets.len();
            let node = (at + 1) % 3;
            let (address, name) =
                (format!("192.168.{node}.{}", 20 + at * 7), format!("{service}-7d9f8b6c5d-{:05}", 10_311 + at * 917));
            let running = json!({"running": {"startedAt": time(START_MS - 7_000_000)}});
            self.objects.push(json!({"apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": name, "namespace": namespace, "uid": format!("pod-{at}"), "labels": {"app": service, "pod-template-hash": "7d9f8b6c5d"},
                    "creationTimestamp": time(START_MS - 7_200_000), "ownerReferences": [{"kind": "ReplicaSet", "name": format!("{service}-7d9f8b6c5d"), "controller": true}]},
                "spec": {"nodeName": nodes()[node].0, "containers": [{"name": service, "ports": [{"containerPort": target, "name": "http"}],
                    "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10}}]},
                "status": {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "hostIP": nodes()[node].1, "startTime": time(START_MS - 7_200_000),
                    "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": time(START_MS - 7_100_000)}],
                    "containerStatuses": [{"name": service, "ready": true, "restartCount": 0, "state": running, "lastState": {}}]}}));
            endpoints.push(
                json!({"addresses": [address], "conditions": {"ready": true, "serving": true, "terminating": false},
                "nodeName": nodes()[node].0, "targetRef": {"kind": "Pod", "name": name, "namespace": namespace}}),
            );
            health.push(json!({"address": address, "health": {"status": "HEALTHY"}}));
            self.targets.push(Target { service, address, port: target, node });
        }
        self.objects.push(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": service, "namespace": namespace},
            "spec": {"type": "ClusterIP", "clusterIP": format!("172.16.4.{}", self.targets.len()), "selector": {"app": service},
                "ports": [{"name": "http", "port": port, "targetPort": "http", "protocol": "TCP"}]}, "status": {"loadBalancer": {}}}));
        self.objects.push(json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": format!("{service}-x7k2p"), "namespace": namespace, "labels": {"kubernetes.io/service-name": service}},
            "endpoints": endpoints, "ports": [{"name": "http", "port": target, "protocol": "TCP"}]}));
        self.objects.push(if ingress {
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": format!("to-{service}"), "namespace": namespace},
                "spec": {"ingressClassName": "azure-alb-external", "rules": [{"host": format!("{service}.contoso.com"), "http": {"paths": [
                    {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": service, "port": {"number": port}}}}]}}]}})
        } else {
            json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": format!("to-{service}"), "namespace": namespace},
                "spec": {"parentRefs": [{"name": "gw-public", "namespace": "shop", "sectionName": "https"}], "hostnames": [format!("{service}.contoso.com")],
                    "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": [{"kind": "Service", "name": service, "port": port, "weight": 1}]}]},
                "status": {"parents": [{"controllerName": "alb.networking.azure.io/alb-controller", "parentRef": {"name": "gw-public", "namespace": "shop"},
                    "conditions": [condition("ResolvedRefs"), condition("Accepted")]}]}})
        });
        let healths = self.answers.entry("health.json".to_owned()).or_insert_with(|| json!({"services": []}));
        let answer = json!({"serviceName": format!("{namespace}/{service}/{port}"), "serviceHealth": [{"albId": "x", "totalEndpoints": pods,
            "totalHealthyEndpoints": pods, "totalUnhealthyEndpoints": 0, "endpoints": health}]});
        healths["services"].as_array_mut().into_iter().for_each(|list| list.push(answer.clone()));
    }

    fn azure(&mut self) {
        let network =
            format!("{SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-prod");
        let subnet = |name: &str, prefix: &str, service: Option<&str>| {
            let delegations: Vec<Value> = service
                .iter()
                .map(|service| json!({"name": "0", "serviceName": service, "provisioningState": "Succeeded"}))
                .collect();
            json!({"id": format!("{network}/subnets/{name}"), "name": name, "addressPrefix": prefix, "delegations": delegations,
                "type": "Microsoft.Network/virtualNetworks/subnets", "privateEndpointNetworkPolicies": "Disabled", "serviceEndpoints": []})
        };
        let subnets = [
            subnet("snet-aks", "10.224.0.0/16", None),
            subnet("snet-agc", "10.225.4.0/24", Some("Microsoft.ServiceNetworking/trafficControllers")),
        ];
        self.answers.insert("vnet.json".to_owned(), json!({"id": network, "name": "vnet-prod", "type": "Microsoft.Network/virtualNetworks",
            "addressSpace": {"addressPrefixes": ["10.224.0.0/12"]}, "enableDdosProtection": false, "virtualNetworkPeerings": [], "subnets": subnets}));
        let pool = |name: &str| json!({"name": name, "count": 1, "vnetSubnetId": subnets[0]["id"], "podSubnetId": null, "type": "VirtualMachineScaleSets"});
        self.answers.insert("aks.json".to_owned(), json!({"id": format!("{SUBSCRIPTION}/resourcegroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-prod"),
            "name": "aks-prod", "agentPoolProfiles": [pool("system"), pool("apps")], "networkProfile": {"networkPlugin": "azure", "networkPluginMode": "overlay",
            "networkDataplane": "cilium", "podCidr": "192.168.0.0/16", "podCidrs": ["192.168.0.0/16"], "serviceCidr": "172.16.0.0/16", "outboundType": "loadBalancer"}}));
    }

    /// Objects of a kind and name, to change them.
    pub fn change(&mut self, kind: &str, name: &str, change: impl Fn(&mut Value)) {
        let named = |object: &&mut Value| {
            object["kind"] == kind && object["metadata"]["name"].as_str().is_some_and(|own| own.starts_with(name))
        };
        self.objects.iter_mut().filter(named).for_each(change);
    }

    /// The gateway calls all targets of a service UNHEALTHY.
    pub fn unhealthy(&mut self, service: &str) {
        let Some(list) = self.answers.get_mut("health.json").and_then(|answer| answer["services"].as_array_mut())
        else {
            return;
        };
        for answer in
            list.iter_mut().filter(|one| one["serviceName"].as_str().is_some_and(|name| name.contains(service)))
        {
            for endpoint in answer["serviceHealth"][0]["endpoints"].as_array_mut().into_iter().flatten() {
                endpoint["health"]["status"] = json!("UNHEALTHY");
            }
        }
    }

    /// A connection with its begin and end: packets and bytes both ways.
    pub fn connect(&mut self, at_ms: i64, from: &str, to: &Target, counters: [u64; 4]) {
        self.number += 1;
        let name = format!("{from},{},{},{},6,I", to.address, 32_768 + self.number * 7 % 28_000, to.port);
        let [a, b, c, d] = counters;
        self.tuples.push((to.node, RULE.to_owned(), at_ms, format!("{name},B,NX,0,0,0,0")));
        self.tuples.push((to.node, RULE.to_owned(), at_ms + 3, format!("{name},E,NX,{a},{b},{c},{d}")));
    }

    /// Probes of all instances to all targets every five seconds, requests of users to those that answer, and what nodes do beside.
    pub fn traffic(mut self, fate: impl Fn(&str, &Target, i64) -> Probe) -> Self {
        let (targets, end) = (self.targets.clone(), START_MS + self.minutes * 60_000);
        for (phase, instance) in (0i64..).zip(self.instances.clone()) {
            for (at, target) in (0i64..).zip(&targets) {
                let mut time = START_MS + phase * 1_700 + at * 311;
                while time < end {
                    match fate(instance, target, time) {
                        Probe::Answered => self.connect(time, instance, target, [6, 702, 5, 1893]),
                        Probe::Lost => self.connect(time, instance, target, [4, 240, 0, 0]),
                        Probe::Refused => self.connect(time, instance, target, [1, 74, 1, 54]),
                        Probe::Denied(rule) => self.deny(time, instance, target, rule),
                        Probe::Absent => {}
                    }
                    time += 5_000;
                    self.number += 1;
                    if self.number.is_multiple_of(5) && fate(instance, target, time) == Probe::Answered {
                        let sizes = [
                            7 + self.number % 5,
                            900 + self.number * 37 % 2_000,
                            8,
                            2_000 + self.number * 911 % 30_000,
                        ];
                        self.connect(
                            time - 3_000 + i64::try_from(self.number * 131 % 2_000).unwrap_or(0),
                            instance,
                            target,
                            sizes,
                        );
                    }
                }
            }
        }
        for minute in 0..self.minutes {
            for node in 0..nodes().len() {
                let name = format!("{},20.50.{minute}.9,40000,443,6,O", nodes()[node].1);
                self.tuples.push((
                    node,
                    "DefaultRule_AllowInternetOutBound".to_owned(),
                    START_MS + minute * 60_000 + 9_000,
                    format!("{name},B,NX,0,0,0,0"),
                ));
            }
        }
        self
    }

    /// A denied attempt.
    pub fn deny(&mut self, at_ms: i64, from: &str, to: &Target, rule: &str) {
        self.number += 1;
        let fields =
            format!("{from},{},{},{},6,I,D,NX,0,0,0,0", to.address, 32_768 + self.number * 7 % 28_000, to.port);
        self.tuples.push((to.node, rule.to_owned(), at_ms, fields));
    }

    /// The files.
    pub fn files(mut self) -> Files {
        let mut files = Files::new();
        self.tuples.sort();
        for (node, (_, _, mac)) in nodes().iter().enumerate() {
            let mut records = Vec::new();
            for minute in 0..self.minutes {
                let from = START_MS + minute * 60_000;
                let mut rules: BTreeMap<&str, Vec<String>> = BTreeMap::new();
                for (_, rule, time, fields) in
                    self.tuples.iter().filter(|one| one.0 == node && (from..from + 60_000).contains(&one.2))
                {
                    let mut tuple = String::new();
                    let _ = write!(tuple, "{time},{fields}");
                    rules.entry(rule).or_default().push(tuple);
                }
                let groups: Vec<Value> =
                    rules.into_iter().map(|(rule, tuples)| json!({"rule": rule, "flowTuples": tuples})).collect();
                records.push(json!({"time": time(from + 81_000), "flowLogVersion": 4, "flowLogGUID": "5a0f7a3e-7d0c-4c8b-9f55-0b1c2d3e4f50", "macAddress": mac,
                    "category": "FlowLogFlowEvent", "operationName": "FlowLogFlowEvent", "flowRecords": {"flows": [{"aclID": "0d3c1a52", "flowGroups": groups}]}}));
            }
            if !self.tuples.is_empty() {
                files.insert(format!("logs/{mac}/PT1H.json"), json!({"records": records}).to_string().into_bytes());
            }
        }
        files.insert(
            "k8s.json".to_owned(),
            json!({"apiVersion": "v1", "items": self.objects, "kind": "List"}).to_string().into_bytes(),
        );
        files.extend(self.answers.into_iter().map(|(name, value)| (name, value.to_string().into_bytes())));
        files
    }
}

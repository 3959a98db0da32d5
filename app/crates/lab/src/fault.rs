//! Faults put into a generated capture: each changes the files as the fault would have changed what Azure and Kubernetes write, so that
//! what the checks must find, and must not, is known.

use crate::sink::Memory;
use serde_json::{Value, json};

/// One fault. Pods and services are the first ones of the imagined cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "named by what is wrong")]
pub enum Fault {
    GatewayDenied,
    PodNotProbed,
    ProbesUnanswered,
    Unhealthy,
    HealthyNotReady,
    NoEndpoints,
    RouteToMissingService,
    RouteToMissingPort,
    RouteNotPermitted,
    ListenerWithoutRoutes,
    GatewayNotProgrammed,
    OverlayConfigFailed,
    SubnetTooLarge,
    SubnetNotDelegated,
    SubnetHoldsNodes,
    ServiceCidrOverlaps,
    KubenetWithGateway,
    RouteTableToNowhere,
    Encapsulated,
    PodGone,
    Restarted,
    ServerErrors,
    ConnectionTimeouts,
    MetricsGap,
    EncryptionDropped,
    DirectToPods,
    HoleInLogs,
    NodeWithoutLogs,
    LogFiltered,
    SnapshotLate,
    PlatformDenied,
    SlowProbes,
    InstanceMissesPod,
    TooFewHealthyTargets,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 34] = [
        Self::GatewayDenied,
        Self::PodNotProbed,
        Self::ProbesUnanswered,
        Self::Unhealthy,
        Self::HealthyNotReady,
        Self::NoEndpoints,
        Self::RouteToMissingService,
        Self::RouteToMissingPort,
        Self::RouteNotPermitted,
        Self::ListenerWithoutRoutes,
        Self::GatewayNotProgrammed,
        Self::OverlayConfigFailed,
        Self::SubnetTooLarge,
        Self::SubnetNotDelegated,
        Self::SubnetHoldsNodes,
        Self::ServiceCidrOverlaps,
        Self::KubenetWithGateway,
        Self::RouteTableToNowhere,
        Self::Encapsulated,
        Self::PodGone,
        Self::Restarted,
        Self::ServerErrors,
        Self::ConnectionTimeouts,
        Self::MetricsGap,
        Self::EncryptionDropped,
        Self::DirectToPods,
        Self::HoleInLogs,
        Self::NodeWithoutLogs,
        Self::LogFiltered,
        Self::SnapshotLate,
        Self::PlatformDenied,
        Self::SlowProbes,
        Self::InstanceMissesPod,
        Self::TooFewHealthyTargets,
    ];

    /// Changes the files of a capture of `minutes` minutes from `start_ms` that holds objects.
    pub fn inject(self, capture: &mut Memory, start_ms: i64, minutes: u32) {
        let middle = start_ms + i64::from(minutes) * 30_000;
        let pod = first_pod(capture);
        match self {
            Self::GatewayDenied => tuples(capture, &mut |f, rule| {
                if from_gateway(f) && f[2] == pod.address && time(f) >= middle {
                    if f[7] != "B" {
                        return Some(false);
                    }
                    f[7] = "D".to_owned();
                    *rule = Some("UserRule_deny-agc");
                }
                None
            }),
            Self::PodNotProbed => {
                tuples(capture, &mut |f, _| (from_gateway(f) && f[2] == pod.address).then_some(false))
            }
            Self::ProbesUnanswered => tuples(capture, &mut |f, _| {
                if from_gateway(f) && f[2] == pod.address && f[7] == "E" && time(f) >= middle {
                    (f[11], f[12]) = ("0".to_owned(), "0".to_owned());
                }
                None
            }),
            Self::Unhealthy => edit(capture, "backend-health.json", &mut |value| {
                let endpoint = &mut value["services"][0]["serviceHealth"][0]["endpoints"][0];
                endpoint["health"]["status"] = json!("UNHEALTHY");
            }),
            Self::HealthyNotReady => objects(capture, "Pod", &mut |object| {
                if object["metadata"]["name"] == json!(pod.name) {
                    for condition in object["status"]["conditions"].as_array_mut().into_iter().flatten() {
                        condition["status"] = json!("False");
                    }
                }
            }),
            Self::NoEndpoints => objects(capture, "EndpointSlice", &mut |object| {
                if object["metadata"]["labels"]["kubernetes.io/service-name"] == json!(pod.service) {
                    object["endpoints"] = json!([]);
                }
            }),
            Self::RouteToMissingService => first_route(capture, &mut |backend| backend["name"] = json!("nobody")),
            Self::RouteToMissingPort => first_route(capture, &mut |backend| backend["port"] = json!(81)),
            Self::RouteNotPermitted => {
                first_route(capture, &mut |backend| {
                    backend["namespace"] = json!("team-1");
                    backend["name"] = json!("app01");
                });
                one(capture, "HTTPRoute", &mut |route| {
                    route["status"] = json!({"parents": [{"parentRef": {"name": "gateway", "namespace": "alb-infra"},
                        "controllerName": "alb.networking.azure.io/alb-controller",
                        "conditions": [{"type": "ResolvedRefs", "status": "False", "reason": "RefNotPermitted", "message": "no grant"}]}]});
                });
            }
            Self::ListenerWithoutRoutes => {
                one(capture, "Gateway", &mut |gateway| gateway["status"]["listeners"][0]["attachedRoutes"] = json!(0));
            }
            Self::GatewayNotProgrammed => one(capture, "Gateway", &mut |gateway| {
                gateway["status"]["conditions"][0]["status"] = json!("False");
                gateway["status"]["conditions"][0]["reason"] = json!("Invalid");
                gateway["status"]["conditions"][0]["message"] = json!("rpc error: code = PermissionDenied");
            }),
            Self::OverlayConfigFailed => one(capture, "OverlayExtensionConfig", &mut |config| {
                config["status"] = json!({"state": "Failed",
                    "message": "OEC IP range 10.13.100.0/24 is not within any of the VNet CIDRs 10.99.0.0/16"});
            }),
            Self::SubnetTooLarge => {
                one(capture, "OverlayExtensionConfig", &mut |config| {
                    config["spec"]["extensionIPRange"] = json!("10.13.100.0/23")
                });
                gateway_subnet(capture, &mut |subnet| subnet["addressPrefix"] = json!("10.13.100.0/23"));
            }
            Self::SubnetNotDelegated => gateway_subnet(capture, &mut |subnet| subnet["delegations"] = json!([])),
            Self::SubnetHoldsNodes => one(capture, "Node", &mut |node| {
                let own = node["status"]["addresses"].as_array_mut();
                own.into_iter().for_each(|list| list.push(json!({"address": "10.13.100.77", "type": "InternalIP"})));
            }),
            Self::ServiceCidrOverlaps => edit(capture, "aks.json", &mut |cluster| {
                let profile = &mut cluster["networkProfile"];
                (profile["serviceCidr"], profile["serviceCidrs"]) =
                    (json!("10.244.128.0/20"), json!(["10.244.128.0/20"]));
            }),
            Self::KubenetWithGateway => {
                edit(capture, "aks.json", &mut |cluster| cluster["networkProfile"]["networkPlugin"] = json!("kubenet"));
                edit(capture, "aks.json", &mut |cluster| cluster["networkProfile"]["networkPluginMode"] = Value::Null);
            }
            Self::RouteTableToNowhere => file(
                capture,
                "route-table.json",
                &json!({
                "id": "/subscriptions/s/resourceGroups/demo/providers/Microsoft.Network/routeTables/pods", "name": "pods",
                "type": "Microsoft.Network/routeTables", "subnets": [],
                "routes": [{"name": "node0", "addressPrefix": "10.244.0.0/24", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.13.76.250"}]}),
            ),
            Self::Encapsulated => copy_tuples(capture, &mut |f| {
                let between = f[5] == "6" && f[0].ends_with('7') && !from_gateway(f);
                between.then(|| {
                    (f[1], f[2]) = (pod.node.clone(), pod.other_node.clone());
                    (f[3], f[4], f[5]) = ("4789".to_owned(), "4789".to_owned(), "17".to_owned());
                })
            }),
            Self::PodGone => {
                let file = capture.files.get_mut("kubernetes.json");
                let Some(list) = file else { return };
                let Ok(mut value) = serde_json::from_slice::<Value>(list) else { return };
                if let Some(items) = value["items"].as_array_mut() {
                    items.retain(|item| item["metadata"]["name"] != json!(pod.name));
                }
                *list = value.to_string().into_bytes();
                objects(capture, "EndpointSlice", &mut |object| {
                    if let Some(list) = object["endpoints"].as_array_mut() {
                        list.retain(|one| one["addresses"][0] != json!(pod.address));
                    }
                });
                edit(capture, "backend-health.json", &mut |value| {
                    if let Some(list) = value["services"][0]["serviceHealth"][0]["endpoints"].as_array_mut() {
                        list.retain(|one| one["address"] != json!(pod.address));
                    }
                });
                tuples(capture, &mut |f, _| {
                    if from_gateway(f) && f[2] == pod.address && f[7] == "E" {
                        (f[11], f[12]) = ("0".to_owned(), "0".to_owned());
                    }
                    None
                });
            }
            Self::Restarted => {
                tuples(capture, &mut |f, _| {
                    (from_gateway(f) && f[2] == pod.address && (middle..middle + 70_000).contains(&time(f)))
                        .then_some(false)
                });
                objects(capture, "Pod", &mut |object| {
                    if object["metadata"]["name"] == json!(pod.name) {
                        let status = &mut object["status"]["containerStatuses"][0];
                        status["restartCount"] = json!(1);
                        status["lastState"] = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": text(middle + 5_000)}});
                    }
                });
            }
            Self::ServerErrors => {
                let row = |status: &str, at: i64| {
                    json!({"category": "TrafficControllerAccessLog", "operationName": "ReqRespLogs", "time": text(start_ms + at * 1000),
                    "resourceId": "/SUBSCRIPTIONS/S/RESOURCEGROUPS/MC/PROVIDERS/MICROSOFT.SERVICENETWORKING/TRAFFICCONTROLLERS/ALB", "location": "eastus",
                    "properties": {"backendHost": format!("{}:8080", pod.address), "backendIp": pod.address, "backendPort": "8080", "backendResponseLatency": "3",
                        "clientIp": "198.51.100.23:52526", "frontendName": "fe", "frontendPort": "80", "hostName": "a.example", "httpMethod": "GET",
                        "httpStatusCode": status, "httpVersion": "HTTP/1.1", "requestUri": "/", "timeTaken": "4", "trackingId": format!("t{at}")}}).to_string()
                };
                let lines: Vec<String> = (0..60).map(|at| row(if at % 3 == 0 { "503" } else { "200" }, at)).collect();
                capture.files.insert("access/PT1H.json".to_owned(), (lines.join("\n") + "\n").into_bytes());
            }
            Self::ConnectionTimeouts => {
                metrics(capture, "BackendConnectionTimeouts", "total", start_ms, &[Some(0.0), Some(4.0), Some(0.0)])
            }
            Self::MetricsGap => metrics(
                capture,
                "BackendHealthyTargets",
                "average",
                start_ms,
                &[Some(4.0), Some(4.0), None, None, Some(4.0)],
            ),
            Self::EncryptionDropped => tuples(capture, &mut |f, rule| {
                if from_gateway(f) && f[2] == pod.address && time(f) >= middle {
                    if f[7] != "B" {
                        return Some(false);
                    }
                    (f[7], f[8]) = ("D".to_owned(), "NX_NOT_ACCEPTED".to_owned());
                    *rule = Some("unspecified");
                }
                None
            }),
            Self::DirectToPods => copy_tuples(capture, &mut |f| {
                (from_gateway(f) && f[2] == pod.address && f[6] == "I").then(|| f[1] = "10.13.200.9".to_owned())
            }),
            Self::HoleInLogs => {
                let hole = middle - 240_000..middle + 240_000;
                tuples(capture, &mut |f, _| hole.contains(&time(f)).then_some(false));
            }
            Self::NodeWithoutLogs => {
                let mac = "6045BD12AB35";
                capture.files.retain(|path, _| !path.contains(mac));
            }
            Self::LogFiltered => file(
                capture,
                "flow-log.json",
                &json!({
                "id": "/subscriptions/s/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/w/flowLogs/fl", "name": "fl",
                "type": "Microsoft.Network/networkWatchers/flowLogs", "enabled": true, "targetResourceId": "/subscriptions/s/vnet", "storageId": "/subscriptions/s/st",
                "enabledFilteringCriteria": "dstport == 80", "format": {"type": "JSON", "version": 2}}),
            ),
            Self::SnapshotLate => {
                let late = text(start_ms + i64::from(minutes) * 60_000 + 5 * 3_600_000);
                objects(capture, "Node", &mut |node| {
                    node["status"]["conditions"][0]["lastHeartbeatTime"] = json!(late)
                });
            }
            Self::PlatformDenied => tuples(capture, &mut |f, rule| {
                if f[1] == "168.63.129.16" || f[2] == "168.63.129.16" {
                    if f[7] != "B" {
                        return Some(false);
                    }
                    f[7] = "D".to_owned();
                    *rule = Some("UserRule_deny-all");
                }
                None
            }),
            Self::InstanceMissesPod => {
                tuples(capture, &mut |f, _| (f[1] == "10.13.100.7" && f[2] == pod.address).then_some(false));
            }
            Self::TooFewHealthyTargets => {
                metrics(capture, "BackendHealthyTargets", "average", start_ms, &[Some(1.0), Some(1.0), Some(1.0)]);
            }
            Self::SlowProbes => {
                let Some(list) = capture.files.get_mut("kubernetes.json") else { return };
                let Ok(mut value) = serde_json::from_slice::<Value>(list) else { return };
                if let Some(items) = value["items"].as_array_mut() {
                    items.push(json!({"apiVersion": "alb.networking.azure.io/v1", "kind": "HealthCheckPolicy",
                        "metadata": {"name": "slow", "namespace": pod.namespace},
                        "spec": {"targetRef": {"group": "", "kind": "Service", "name": pod.service, "namespace": pod.namespace}, "default": {"interval": "20s"}}}));
                }
                *list = value.to_string().into_bytes();
            }
        }
    }
}

/// The pod that faults are about.
struct FirstPod {
    name: String,
    namespace: String,
    service: String,
    address: String,
    node: String,
    other_node: String,
}

fn first_pod(capture: &Memory) -> FirstPod {
    let parsed = capture.files.get("kubernetes.json").and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
    let items = parsed.as_ref().and_then(|value| value["items"].as_array()).cloned().unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nodes: Vec<String> = items
        .iter()
        .filter(|one| one["kind"] == "Node")
        .map(|one| word(&one["status"]["addresses"][0]["address"]))
        .collect();
    let slice = items.iter().find(|one| one["kind"] == "EndpointSlice").cloned().unwrap_or_default();
    let address = word(&slice["endpoints"][0]["addresses"][0]);
    let pod = items
        .iter()
        .find(|one| one["kind"] == "Pod" && one["status"]["podIP"] == json!(address))
        .cloned()
        .unwrap_or_default();
    FirstPod {
        name: word(&pod["metadata"]["name"]),
        namespace: word(&pod["metadata"]["namespace"]),
        service: word(&slice["metadata"]["labels"]["kubernetes.io/service-name"]),
        address,
        node: nodes.first().cloned().unwrap_or_default(),
        other_node: nodes.last().cloned().unwrap_or_default(),
    }
}

fn from_gateway(fields: &[String]) -> bool {
    fields[1].starts_with("10.13.100.")
}

fn time(fields: &[String]) -> i64 {
    fields[0].parse().unwrap_or(0)
}

fn text(time_ms: i64) -> String {
    underlay_model::time::format_rfc3339(time_ms)
}

fn file(capture: &mut Memory, path: &str, value: &Value) {
    capture.files.insert(path.to_owned(), value.to_string().into_bytes());
}

fn edit(capture: &mut Memory, path: &str, change: &mut dyn FnMut(&mut Value)) {
    if let Some(bytes) = capture.files.get_mut(path)
        && let Ok(mut value) = serde_json::from_slice::<Value>(bytes)
    {
        change(&mut value);
        *bytes = value.to_string().into_bytes();
    }
}

fn objects(capture: &mut Memory, kind: &str, change: &mut dyn FnMut(&mut Value)) {
    edit(capture, "kubernetes.json", &mut |value| {
        let items = value["items"].as_array_mut();
        items.into_iter().flatten().filter(|item| item["kind"] == kind).for_each(&mut *change);
    });
}

/// The first object of a kind.
fn one(capture: &mut Memory, kind: &str, change: &mut dyn FnMut(&mut Value)) {
    let mut done = false;
    objects(capture, kind, &mut |object| {
        if !std::mem::replace(&mut done, true) {
            change(object);
        }
    });
}

fn first_route(capture: &mut Memory, change: &mut dyn FnMut(&mut Value)) {
    one(capture, "HTTPRoute", &mut |route| change(&mut route["spec"]["rules"][0]["backendRefs"][0]));
}

fn gateway_subnet(capture: &mut Memory, change: &mut dyn FnMut(&mut Value)) {
    let mut each = |list: &mut Value| {
        list.as_array_mut().into_iter().flatten().filter(|subnet| subnet["name"] == "alb").for_each(&mut *change);
    };
    edit(capture, "subnets.json", &mut |value| each(value));
    edit(capture, "vnet.json", &mut |value| each(&mut value["subnets"]));
}

fn metrics(capture: &mut Memory, name: &str, statistic: &str, start_ms: i64, values: &[Option<f64>]) {
    let data: Vec<Value> = (0i64..)
        .zip(values)
        .map(|(at, value)| json!({"timeStamp": text(start_ms + at * 60_000), statistic: value}))
        .collect();
    file(
        capture,
        "metrics.json",
        &json!({"cost": 1, "interval": "PT1M", "namespace": "Microsoft.ServiceNetworking/trafficControllers", "resourceregion": "eastus",
        "timespan": format!("{}/{}", text(start_ms), text(start_ms + 60_000 * i64::try_from(values.len()).unwrap_or(0))),
        "value": [{"id": "/subscriptions/s/resourceGroups/mc/providers/Microsoft.ServiceNetworking/trafficControllers/alb/providers/Microsoft.Insights/metrics/x",
            "name": {"value": name, "localizedValue": name}, "type": "Microsoft.Insights/metrics", "unit": "Count",
            "timeseries": [{"data": data, "metadatavalues": [{"name": {"value": "backendservice"}, "value": "team-0/app00/80"}]}]}]}),
    );
}

/// Changes the fields of a tuple, and perhaps its rule; `Some(false)` takes it out.
type TupleChange<'a> = dyn FnMut(&mut [String], &mut Option<&'static str>) -> Option<bool> + 'a;

/// Changes each tuple of the flow logs: `Some(false)` takes it out; a rule moves it to a group of that rule.
fn tuples(capture: &mut Memory, change: &mut TupleChange<'_>) {
    flow_groups(capture, &mut |groups| {
        let mut moved: Vec<(&'static str, Value)> = Vec::new();
        for group in groups.iter_mut() {
            let Some(list) = group["flowTuples"].as_array_mut() else { continue };
            list.retain_mut(|tuple| {
                let mut fields: Vec<String> =
                    tuple.as_str().unwrap_or_default().split(',').map(str::to_owned).collect();
                if fields.len() < 13 {
                    return true;
                }
                let mut rule = None;
                let keep = change(&mut fields, &mut rule).unwrap_or(true);
                *tuple = json!(fields.join(","));
                if let (Some(rule), true) = (rule, keep) {
                    moved.push((rule, tuple.clone()));
                    return false;
                }
                keep
            });
        }
        for (rule, tuple) in moved {
            groups.push(json!({"rule": rule, "flowTuples": [tuple]}));
        }
    });
}

/// Adds changed copies of tuples to the flow logs.
fn copy_tuples(capture: &mut Memory, change: &mut dyn FnMut(&mut [String]) -> Option<()>) {
    flow_groups(capture, &mut |groups| {
        for group in groups.iter_mut() {
            let Some(list) = group["flowTuples"].as_array_mut() else { continue };
            let mut copies = Vec::new();
            for tuple in list.iter() {
                let mut fields: Vec<String> =
                    tuple.as_str().unwrap_or_default().split(',').map(str::to_owned).collect();
                if fields.len() >= 13 && change(&mut fields).is_some() {
                    copies.push(json!(fields.join(",")));
                }
            }
            list.extend(copies);
        }
    });
}

fn flow_groups(capture: &mut Memory, change: &mut dyn FnMut(&mut Vec<Value>)) {
    for (_, bytes) in capture.files.iter_mut().filter(|(path, _)| path.starts_with("flows/")) {
        let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else { continue };
        for record in value["records"].as_array_mut().into_iter().flatten() {
            for flow in record["flowRecords"]["flows"].as_array_mut().into_iter().flatten() {
                if let Some(groups) = flow["flowGroups"].as_array_mut() {
                    change(groups);
                }
            }
        }
        *bytes = value.to_string().into_bytes();
    }
}

//! How faults change files: objects by kind, fields of tuples, whole files.

use crate::sink::Memory;
use serde_json::{Value, json};

/// The pod that faults are about, and the time of the capture.
pub(super) struct Target {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) service: String,
    pub(super) address: String,
    pub(super) node: String,
    pub(super) other_node: String,
    /// Addresses of all pods of its service, and of all services.
    pub(super) of_service: Vec<String>,
    pub(super) pods: Vec<String>,
    pub(super) start_ms: i64,
    pub(super) middle_ms: i64,
    pub(super) end_ms: i64,
}

pub(super) fn target(capture: &Memory, start_ms: i64, minutes: u32) -> Target {
    let parsed = capture.files.get("kubernetes.json").and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
    let items = parsed.as_ref().and_then(|value| value["items"].as_array()).cloned().unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nodes: Vec<String> = items
        .iter()
        .filter(|one| one["kind"] == "Node")
        .map(|one| word(&one["status"]["addresses"][0]["address"]))
        .collect();
    let slices = || items.iter().filter(|one| one["kind"] == "EndpointSlice");
    let slice = slices().next().cloned().unwrap_or_default();
    let addresses = |slice: &Value| -> Vec<String> {
        slice["endpoints"].as_array().into_iter().flatten().map(|one| word(&one["addresses"][0])).collect()
    };
    let address = word(&slice["endpoints"][0]["addresses"][0]);
    let pod = items
        .iter()
        .find(|one| one["kind"] == "Pod" && one["status"]["podIP"] == json!(address))
        .cloned()
        .unwrap_or_default();
    Target {
        name: word(&pod["metadata"]["name"]),
        namespace: word(&pod["metadata"]["namespace"]),
        service: word(&slice["metadata"]["labels"]["kubernetes.io/service-name"]),
        address,
        start_ms,
        middle_ms: start_ms + i64::from(minutes) * 30_000,
        end_ms: start_ms + i64::from(minutes) * 60_000,
        of_service: addresses(&slice),
        pods: slices().flat_map(addresses).collect(),
        node: nodes.first().cloned().unwrap_or_default(),
        other_node: nodes.last().cloned().unwrap_or_default(),
    }
}

pub(super) fn from_gateway(fields: &[String]) -> bool {
    fields[1].starts_with("10.13.100.")
}

pub(super) fn time(fields: &[String]) -> i64 {
    fields[0].parse().unwrap_or(0)
}

pub(super) fn text(time_ms: i64) -> String {
    underlay_model::time::format_rfc3339(time_ms)
}

pub(super) fn file(capture: &mut Memory, path: &str, value: &Value) {
    capture.files.insert(path.to_owned(), value.to_string().into_bytes());
}

pub(super) fn edit(capture: &mut Memory, path: &str, change: &mut dyn FnMut(&mut Value)) {
    if let Some(bytes) = capture.files.get_mut(path)
        && let Ok(mut value) = serde_json::from_slice::<Value>(bytes)
    {
        change(&mut value);
        *bytes = value.to_string().into_bytes();
    }
}

pub(super) fn objects(capture: &mut Memory, kind: &str, change: &mut dyn FnMut(&mut Value)) {
    edit(capture, "kubernetes.json", &mut |value| {
        let items = value["items"].as_array_mut();
        items.into_iter().flatten().filter(|item| item["kind"] == kind).for_each(&mut *change);
    });
}

/// The first object of a kind.
pub(super) fn one(capture: &mut Memory, kind: &str, change: &mut dyn FnMut(&mut Value)) {
    let mut done = false;
    objects(capture, kind, &mut |object| {
        if !std::mem::replace(&mut done, true) {
            change(object);
        }
    });
}

pub(super) fn first_route(capture: &mut Memory, change: &mut dyn FnMut(&mut Value)) {
    one(capture, "HTTPRoute", &mut |route| change(&mut route["spec"]["rules"][0]["backendRefs"][0]));
}

pub(super) fn gateway_subnet(capture: &mut Memory, change: &mut dyn FnMut(&mut Value)) {
    let mut each = |list: &mut Value| {
        list.as_array_mut().into_iter().flatten().filter(|subnet| subnet["name"] == "alb").for_each(&mut *change);
    };
    edit(capture, "subnets.json", &mut |value| each(value));
    edit(capture, "vnet.json", &mut |value| each(&mut value["subnets"]));
}

pub(super) fn metrics(capture: &mut Memory, name: &str, statistic: &str, start_ms: i64, values: &[Option<f64>]) {
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
pub(super) type TupleChange<'a> = dyn FnMut(&mut [String], &mut Option<&'static str>) -> Option<bool> + 'a;

/// Changes each tuple of the flow logs: `Some(false)` takes it out; a rule moves it to a group of that rule.
pub(super) fn tuples(capture: &mut Memory, change: &mut TupleChange<'_>) {
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

/// A connection between two pods.
pub(super) fn between_pods(on: &Target, fields: &[String]) -> bool {
    [1, 2].iter().all(|at| on.pods.contains(&fields[*at])) && fields[5] == "6"
}

/// A tuple of the end of a connection to the pod becomes a reset: one packet each way.
pub(super) fn reset(fields: &mut [String]) {
    for (at, value) in [(9, "1"), (10, "74"), (11, "1"), (12, "54")] {
        fields[at] = value.to_owned();
    }
}

/// A tuple of the begin of a connection becomes its denial; others are taken out.
pub(super) fn deny(fields: &mut [String]) -> Option<bool> {
    if fields[7] != "B" {
        return Some(false);
    }
    fields[7] = "D".to_owned();
    None
}

/// Requests of users of these connections of the gateway come so many times more often: each has other sizes and times.
pub(super) fn more_users(capture: &mut Memory, times: u64, which: &dyn Fn(&[String]) -> bool) {
    let (mut number, mut copies) = (0u64, Vec::new());
    for _ in 0..times {
        copy_tuples(capture, &mut |f| {
            // Ends of short connections, some of them, each as a connection of its own with another size and time.
            let wanted = f[7] == "E" && from_gateway(f) && which(f) && f[10].len() == 3 && f[0].ends_with('1');
            if !wanted || copies.len() > 40_000 {
                return None;
            }
            number += 1;
            copies.push(());
            let (packets, port) = (7 + number % 5, 20_000 + number % 40_000);
            f[0] = (time(f) + i64::try_from(number * 7_919 % 4_700).unwrap_or(0)).to_string();
            (f[3], f[9], f[10]) = (port.to_string(), packets.to_string(), (900 + number * 37 % 2_000).to_string());
            (f[11], f[12]) = ((packets + 3).to_string(), (3_000 + number * 911 % 20_000).to_string());
            Some(())
        });
    }
}

/// Puts an object to the others.
pub(super) fn add(capture: &mut Memory, object: Value) {
    edit(capture, "kubernetes.json", &mut |value| {
        value["items"].as_array_mut().into_iter().for_each(|items| items.push(object.clone()));
    });
}

/// The ARM id of the gateway's subnet.
pub(super) fn gateway_subnet_id(capture: &mut Memory) -> Value {
    let mut id = Value::Null;
    gateway_subnet(capture, &mut |subnet| id = subnet["id"].clone());
    id
}

/// References to all subnets of the virtual network.
pub(super) fn subnet_ids(capture: &Memory) -> Value {
    let parsed = capture.files.get("vnet.json").and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
    let subnets = parsed.as_ref().and_then(|value| value["subnets"].as_array()).cloned().unwrap_or_default();
    subnets.iter().map(|subnet| json!({"id": subnet["id"]})).collect()
}

/// Adds changed copies of tuples to the flow logs.
pub(super) fn copy_tuples(capture: &mut Memory, change: &mut dyn FnMut(&mut [String]) -> Option<()>) {
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

pub(super) fn flow_groups(capture: &mut Memory, change: &mut dyn FnMut(&mut Vec<Value>)) {
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

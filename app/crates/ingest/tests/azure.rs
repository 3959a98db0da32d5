//! Answers of Azure: resources in the CLI's and the REST form, pages of a query, metrics, and the controller's samples.

use proptest::prelude::*;
use serde_json::{Value, json};
use underlay_ingest::{Coding, Reader, Reading};
use underlay_model::azure::AzureFragment;
use underlay_model::input::Format;
use underlay_model::metrics::Aggregation;
use underlay_scan::NullSink;

fn read_bytes(bytes: &[u8]) -> Reading {
    let mut reader = Reader::new("x", bytes.len() as u64, Coding::Plain);
    reader.push(bytes, &mut NullSink);
    reader.finish(&mut NullSink)
}

fn read(value: &Value) -> Reading {
    read_bytes(serde_json::to_string_pretty(value).unwrap().as_bytes())
}

/// The REST form: what is no name is under `properties`.
fn nested(flat: &Value) -> Value {
    let mut rest = json!({"properties": {}});
    for (key, member) in flat.as_object().unwrap() {
        let outside = ["id", "name", "type", "location", "etag"].contains(&key.as_str());
        let place = if outside { &mut rest } else { &mut rest["properties"] };
        let listed =
            matches!(key.as_str(), "securityRules" | "defaultSecurityRules" | "routes" | "virtualNetworkPeerings");
        place[key] = if listed { member.as_array().unwrap().iter().map(nested).collect() } else { member.clone() };
    }
    rest
}

const GROUP: &str = "/subscriptions/1/resourceGroups/demo/providers/Microsoft.Network";

fn resources() -> Vec<Value> {
    vec![
        json!({"id": format!("{GROUP}/networkSecurityGroups/nsg"), "name": "nsg", "type": "Microsoft.Network/networkSecurityGroups",
            "resourceGuid": "0D3C1A52-61B7", "subnets": [{"id": format!("{GROUP}/virtualNetworks/v/subnets/s")}],
            "securityRules": [{"id": format!("{GROUP}/networkSecurityGroups/nsg/securityRules/deny"), "name": "deny", "priority": 200, "direction": "Inbound",
                "access": "Deny", "protocol": "Tcp", "sourceAddressPrefix": "10.13.100.0/24", "sourceAddressPrefixes": [],
                "destinationAddressPrefix": "*", "sourcePortRange": "*", "destinationPortRanges": ["8080", "8443"]}],
            "defaultSecurityRules": [{"name": "AllowVnetInBound", "priority": 65000, "direction": "Inbound", "access": "Allow",
                "protocol": "*", "sourceAddressPrefix": "VirtualNetwork", "destinationAddressPrefix": "VirtualNetwork",
                "sourcePortRange": "*", "destinationPortRange": "*"}]}),
        json!({"id": format!("{GROUP}/routeTables/rt"), "name": "rt", "type": "Microsoft.Network/routeTables", "disableBgpRoutePropagation": false,
            "routes": [{"id": format!("{GROUP}/routeTables/rt/routes/r"), "name": "r", "addressPrefix": "10.244.0.0/24", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.13.76.4"}],
            "subnets": [{"id": format!("{GROUP}/virtualNetworks/v/subnets/s")}]}),
        json!({"id": format!("{GROUP}/publicIPAddresses/p"), "name": "p", "type": "Microsoft.Network/publicIPAddresses",
            "ipAddress": "203.0.113.9", "dnsSettings": {"fqdn": "x.example"}}),
        json!({"id": format!("{GROUP}/networkWatchers/w/flowLogs/f"), "name": "f", "type": "Microsoft.Network/networkWatchers/flowLogs",
            "targetResourceId": format!("{GROUP}/virtualNetworks/v"), "storageId": "/s", "enabled": true,
            "format": {"type": "JSON", "version": 2}, "retentionPolicy": {"days": 7, "enabled": true},
            "flowAnalyticsConfiguration": {"networkWatcherFlowAnalyticsConfiguration": {"enabled": true, "trafficAnalyticsInterval": 10}}}),
        json!({"id": "/subscriptions/1/resourceGroups/mc/providers/Microsoft.ServiceNetworking/trafficControllers/alb/frontends/fe",
            "name": "fe", "type": "Microsoft.ServiceNetworking/TrafficControllers/Frontends", "fqdn": "abcd.fz32.alb.azure.com", "provisioningState": "Succeeded"}),
        json!({"id": format!("{GROUP}/virtualNetworks/v/virtualNetworkPeerings/hub"), "name": "hub", "type": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
            "peeringState": "Connected", "remoteVirtualNetwork": {"id": format!("{GROUP}/virtualNetworks/hub")},
            "remoteAddressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}),
        json!({"id": "/subscriptions/1/resourceGroups/demo/providers/Microsoft.ContainerService/managedClusters/aks/agentPools/np",
            "name": "np", "type": "Microsoft.ContainerService/managedClusters/agentPools", "count": 3, "vnetSubnetId": "/s", "podSubnetId": null}),
    ]
}

fn check(azure: &AzureFragment, form: &str) {
    let group = &azure.security_groups[0];
    assert_eq!((group.guid.as_str(), group.rules.len(), group.subnet_ids.len()), ("0d3c1a52-61b7", 2, 1), "{form}");
    let rule = &group.rules[0];
    assert_eq!(
        (rule.name.as_str(), rule.priority, rule.inbound, rule.allow, rule.default),
        ("deny", 200, true, false, false),
        "{form}"
    );
    assert_eq!(
        (&*rule.sources, &*rule.destination_ports),
        (&["10.13.100.0/24".to_owned()][..], &["8080".to_owned(), "8443".to_owned()][..])
    );
    assert!(group.rules[1].default && group.rules[1].allow);
    let route = &azure.route_tables[0].entries[0];
    assert_eq!(
        (route.next_hop_kind.as_str(), route.next_hop),
        ("VirtualAppliance", Some([10, 13, 76, 4].into())),
        "{form}"
    );
    assert_eq!(azure.public_addresses[0].address, Some([203, 0, 113, 9].into()), "{form}");
    let setting = &azure.flow_log_settings[0];
    assert_eq!(
        (setting.enabled, setting.version, setting.retention_days, setting.analytics_interval_min),
        (Some(true), 2, Some(7), 10)
    );
    assert_eq!(azure.front_ends[0].host, "abcd.fz32.alb.azure.com", "{form}");
    assert_eq!(
        (azure.peerings[0].virtual_network.as_str(), azure.peerings[0].remote_prefixes.len()),
        ("v", 1),
        "{form}"
    );
    assert_eq!((azure.node_pools[0].cluster.as_str(), azure.node_pools[0].pool.count), ("aks", 3), "{form}");
}

/// Resources as rows below the names of their members.
fn table(resources: &[Value]) -> Value {
    let mut names: Vec<&String> = resources.iter().flat_map(|one| one.as_object().unwrap().keys()).collect();
    names.sort();
    names.dedup();
    let row = |one: &Value| names.iter().map(|name| one.get(name.as_str()).cloned().unwrap_or(Value::Null)).collect();
    let rows: Vec<Value> = resources.iter().map(row).collect();
    json!({"columns": names.iter().map(|name| json!({"name": name, "type": "string"})).collect::<Vec<_>>(), "rows": rows})
}

#[test]
fn resources_are_the_same_in_every_form() {
    let flat = resources();
    let rest: Vec<Value> = flat.iter().map(nested).collect();
    for (form, value) in [
        ("a list of the CLI", json!(flat)),
        ("a list of the REST API", json!({"value": rest})),
        ("a page of Resource Graph", json!({"count": 7, "data": rest, "skip_token": null, "total_records": 7})),
        (
            "a table of Resource Graph",
            json!({"count": 7, "data": table(&rest), "facets": [], "resultTruncated": "false"}),
        ),
    ] {
        let reading = read(&value);
        assert_eq!(
            (reading.report.format, reading.report.records),
            (Format::AzureResource, 7),
            "{form}: {:?}",
            reading.report.notes
        );
        assert!(reading.report.understood(), "{form}: {:?}", reading.report.notes);
        check(&reading.fragment.azure, form);
    }
    for one in &flat {
        let reading = read(one);
        assert_eq!((reading.report.records, reading.report.understood()), (1, true), "{}", one["name"]);
    }
}

#[test]
fn rules_and_routes_by_themselves_belong_to_their_group_and_table() {
    let rules = json!(resources()[0]["securityRules"]);
    let reading = read(&rules);
    assert_eq!(reading.report.records, 1);
    assert_eq!(reading.fragment.azure.security_groups[0].name, "nsg");
    let routes = json!(resources()[1]["routes"]);
    assert_eq!(read(&routes).fragment.azure.route_tables[0].name, "rt");
}

fn metric(name: &str, points: usize) -> Value {
    let data: Vec<Value> = (0..points)
        .map(|n| match n % 4 {
            3 => json!({"timeStamp": format!("2026-11-20T09:{n:02}:00+00:00"), "average": null, "total": null}),
            _ => {
                json!({"timeStamp": format!("2026-11-20T09:{n:02}:00+00:00"), "average": n as f64 / 2.0, "total": null})
            }
        })
        .collect();
    json!({"id": format!("/Subscriptions/1/resourceGroups/mc/providers/Microsoft.ServiceNetworking/trafficControllers/alb/providers/Microsoft.Insights/metrics/{name}"),
        "name": {"value": name, "localizedValue": name}, "unit": "Count", "type": "Microsoft.Insights/metrics",
        "timeseries": [{"data": data, "metadatavalues": [{"name": {"value": "BackendService"}, "value": "yada/yadaapi/8080"}]}]})
}

fn answer(metrics: &[Value]) -> Value {
    json!({"cost": 59, "interval": "PT1M", "namespace": "Microsoft.ServiceNetworking/trafficControllers",
        "timespan": "2026-11-20T09:00:00Z/2026-11-20T10:00:00Z", "value": metrics})
}

#[test]
fn metrics_keep_their_gaps() {
    let reading = read(&answer(&[metric("BackendHealthyTargets", 8), metric("TotalRequests", 0)]));
    assert_eq!(
        (reading.report.format, reading.report.records),
        (Format::AzureMetrics, 6),
        "{:?}",
        reading.report.notes
    );
    let series = &reading.fragment.azure.metrics[0];
    assert_eq!(
        series.resource,
        "/subscriptions/1/resourcegroups/mc/providers/microsoft.servicenetworking/trafficcontrollers/alb"
    );
    assert_eq!((series.aggregation, series.interval_ms, series.points.len()), (Aggregation::Average, 60_000, 6));
    assert_eq!(series.dimension("backendservice"), Some("yada/yadaapi/8080"));
    assert_eq!(series.runs().count(), 2);
    assert_eq!(series.span.map(|span| span.1 - span.0), Some(3_600_000));
    assert!(reading.fragment.azure.metrics[1].points.is_empty());
    let batch = json!({"values": [answer(&[metric("A", 2)]), answer(&[metric("B", 2)])]});
    let reading = read(&batch);
    assert_eq!(
        (reading.report.format, reading.report.records),
        (Format::AzureMetrics, 4),
        "{:?}",
        reading.report.notes
    );
    assert_eq!(reading.fragment.azure.metrics[0].interval_ms, 60_000);
}

#[test]
fn an_answer_that_is_cut_off_keeps_its_whole_metrics() {
    let text = answer(&[metric("A", 4), metric("B", 4), metric("C", 4)]).to_string();
    let ends: Vec<usize> = text.match_indices("\"unit\":\"Count\"}").map(|(at, mark)| at + mark.len()).collect();
    assert_eq!(ends.len(), 3);
    for cut in (ends[0]..text.len()).step_by(5) {
        let report = read_bytes(&text.as_bytes()[..cut]).report;
        let whole = ends.iter().filter(|end| **end <= cut).count() as u64;
        assert_eq!((report.format, report.records), (Format::AzureMetrics, whole * 3), "{cut}");
    }
}

#[test]
fn every_sample_of_the_controller_is_counted() {
    let text = "# HELP alb_controller_total_endpoints x\n# TYPE alb_controller_total_endpoints gauge\nalb_controller_total_endpoints{service=\"yada/yadaapi/8080\"} 2\ntotal_unhealthy_endpoints 1\nprocess_start_time_seconds 1.795e9\ngo_gc NaN\n\n# EOF\n";
    let reading = read_bytes(text.as_bytes());
    assert_eq!((reading.report.format, reading.report.records), (Format::Prometheus, 4), "{:?}", reading.report.notes);
    assert!(reading.report.understood());
    let kept: Vec<&str> = reading.fragment.azure.controller_samples.iter().map(|sample| sample.name.as_str()).collect();
    assert_eq!(kept, ["total_endpoints", "total_unhealthy_endpoints"]);
    let cut = read_bytes(&text.as_bytes()[..text.len() - 12]).report;
    assert_eq!((cut.records, cut.lost_bytes), (3, 5), "{:?}", cut.notes);
    let broken =
        read_bytes(text.replace("process_start_time_seconds 1.795e9", "process_start_time_seconds{x=\"1").as_bytes())
            .report;
    assert_eq!(broken.records, 3);
    assert!(broken.lost_bytes > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damage_breaks_nothing(at in 0usize..4000, junk in prop::collection::vec(any::<u8>(), 0..40), cut in 0usize..4000) {
        let mut bytes = json!(resources()).to_string().into_bytes();
        bytes.extend(answer(&[metric("A", 8)]).to_string().bytes());
        let at = at.min(bytes.len());
        bytes.splice(at..at, junk);
        bytes.truncate(bytes.len().saturating_sub(cut));
        let report = read_bytes(&bytes).report;
        prop_assert!(report.lost_bytes <= bytes.len() as u64 * 3);
    }
}

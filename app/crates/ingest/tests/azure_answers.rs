//! Answers of Azure as people really save them: YAML, colours of a terminal, lists that only name resources, addresses of resources that are
//! not read otherwise, exported metrics; and what is recognised and of no use.

use serde_json::{Value, json};
use underlay_ingest::{Coding, Reader, Reading};
use underlay_model::input::Format;
use underlay_model::metrics::Aggregation;
use underlay_scan::NullSink;

const GROUP: &str = "/subscriptions/1/resourceGroups/demo/providers/Microsoft.Network";

fn read(text: &str) -> Reading {
    let mut reader = Reader::new("x", text.len() as u64, Coding::Plain);
    reader.push(text.as_bytes(), &mut NullSink);
    reader.finish(&mut NullSink)
}

fn network() -> Value {
    json!({"addressSpace": {"addressPrefixes": ["10.13.0.0/16"]}, "id": format!("{GROUP}/virtualNetworks/v"), "name": "v",
        "subnets": [{"addressPrefix": "10.13.100.0/24", "id": format!("{GROUP}/virtualNetworks/v/subnets/s"), "name": "s",
            "type": "Microsoft.Network/virtualNetworks/subnets"}],
        "type": "Microsoft.Network/virtualNetworks"})
}

const YAML: &str = "addressSpace:
  addressPrefixes:
  - 10.13.0.0/16
id: /subscriptions/1/resourceGroups/demo/providers/Microsoft.Network/virtualNetworks/v
name: v
subnets:
- addressPrefix: 10.13.100.0/24
  id: /subscriptions/1/resourceGroups/demo/providers/Microsoft.Network/virtualNetworks/v/subnets/s
  name: s
  type: Microsoft.Network/virtualNetworks/subnets
type: Microsoft.Network/virtualNetworks
";

/// The same as an element of a list.
fn in_list(yaml: &str) -> String {
    yaml.lines().enumerate().map(|(at, line)| format!("{}{line}\n", if at == 0 { "- " } else { "  " })).collect()
}

#[test]
fn yaml_and_colours_say_what_json_says() {
    let plain = read(&network().to_string());
    assert_eq!((plain.report.format, plain.report.records), (Format::AzureResource, 1));
    let coloured = serde_json::to_string_pretty(&network())
        .unwrap()
        .replace(": \"", ": \u{1b}[33m\"")
        .replace("\",\n", "\"\u{1b}[39;49;00m,\n");
    for text in
        [YAML.to_owned(), in_list(YAML), format!("WARNING: slow\n{YAML}"), coloured, format!("\u{1b}[0m{}", network())]
    {
        let reading = read(&text);
        assert_eq!((reading.report.format, reading.report.records), (Format::AzureResource, 1), "{text}");
        assert_eq!(reading.fragment.virtual_networks, plain.fragment.virtual_networks, "{text}");
        assert_eq!(reading.fragment.subnets, plain.fragment.subnets, "{text}");
        assert_eq!(reading.report.lost_bytes, 0, "{text}");
    }
    let two = read(&(in_list(YAML) + &in_list(&YAML.replace("/v", "/w"))));
    assert_eq!(two.report.records, 2, "{:?}", two.report.notes);
}

#[test]
fn a_list_that_only_names_resources_hides_nothing() {
    let mention = json!([{"id": format!("{GROUP}/networkSecurityGroups/n"), "name": "n", "type": "Microsoft.Network/networkSecurityGroups",
        "location": "eastus", "sku": null, "properties": null, "provisioningState": "Succeeded"}]);
    let reading = read(&mention.to_string());
    assert!(reading.fragment.azure.security_groups.is_empty());
    assert_eq!((reading.report.format, reading.report.records), (Format::AzureResource, 0));
    assert!(
        reading.report.notes.iter().any(|note| note.code == "not-read"
            && note.message.contains("1 network security group. They are named and no more"))
    );
}

#[test]
fn addresses_of_other_resources_have_names() {
    let subnet = json!({"id": format!("{GROUP}/virtualNetworks/v/subnets/s")});
    for (value, name, addresses) in [
        (
            json!({"id": format!("{GROUP}/privateEndpoints/pe"), "name": "pe", "subnet": subnet, "type": "Microsoft.Network/privateEndpoints",
                "customDnsConfigs": [{"fqdn": "sa.blob.core.windows.net", "ipAddresses": ["10.13.76.50"]}]}),
            "pe",
            vec!["10.13.76.50"],
        ),
        (
            json!({"id": format!("{GROUP}/loadBalancers/lb"), "name": "lb", "type": "Microsoft.Network/loadBalancers",
                "properties": {"frontendIPConfigurations": [{"properties": {"privateIPAddress": "10.13.76.200", "subnet": subnet}}]}}),
            "lb",
            vec!["10.13.76.200"],
        ),
        (
            json!({"virtualMachine": {"name": "vm", "network": {"privateIpAddresses": ["10.13.76.60"], "publicIpAddresses": []}}}),
            "vm",
            vec!["10.13.76.60"],
        ),
        (
            json!({"id": "/subscriptions/1/resourceGroups/demo/providers/Microsoft.Compute/virtualMachines/vm2", "name": "vm2",
                "privateIps": "10.13.76.61,10.13.76.62", "macAddresses": "00-0D-3A-00-00-02"}),
            "vm2",
            vec!["10.13.76.61", "10.13.76.62"],
        ),
    ] {
        let reading = read(&json!([value]).to_string());
        let [interface] = reading.fragment.network_interfaces.as_slice() else {
            panic!("{name}: {:?}", reading.report)
        };
        let told: Vec<String> = interface.addresses.iter().map(ToString::to_string).collect();
        assert_eq!((interface.name.as_str(), told), (name, addresses.iter().map(|one| (*one).to_owned()).collect()));
        assert_eq!(reading.report.records, 1, "{name}");
        assert!(reading.report.understood(), "{name}");
    }
}

#[test]
fn the_network_profile_alone_names_the_pods_prefix() {
    let reading = read(
        &json!({"networkPlugin": "azure", "networkPluginMode": "overlay", "podCidr": "10.244.0.0/16"}).to_string(),
    );
    assert_eq!(reading.report.format, Format::AzureResource);
    assert_eq!(reading.fragment.cidrs, ["10.244.0.0/16".parse().unwrap()]);
}

#[test]
fn exported_metrics_become_series() {
    let row = |minute: u8, total: f64| {
        json!({"count": 1, "total": total, "resourceId": "/SUBSCRIPTIONS/1/X", "time": format!("2026-11-20T09:{minute:02}:00.0000000Z"),
            "metricName": "TotalRequests", "timeGrain": "PT1M"})
        .to_string()
            + "\r\n"
    };
    // The newest first, as queries like to order them, and one row twice.
    let text: String = [row(2, 7.0), row(1, 0.0), row(0, 5.0), row(0, 5.0)].concat();
    let reading = read(&text);
    assert_eq!(
        (reading.report.format, reading.report.records),
        (Format::AzureMetrics, 8),
        "{:?}",
        reading.report.notes
    );
    let series = &reading.fragment.azure.metrics;
    let total = series.iter().find(|one| one.aggregation == Aggregation::Total).unwrap();
    assert_eq!((series.len(), total.resource.as_str(), total.interval_ms), (2, "/subscriptions/1/x", 60_000));
    let numbers: Vec<f64> = total.points.iter().map(|(_, value)| value.get()).collect();
    assert_eq!(numbers, [5.0, 0.0, 7.0]);
    assert!(total.points.is_sorted_by(|a, b| a.0 < b.0));
    assert_eq!(total.span.map(|(first, last)| last - first), Some(180_000));
    // A row that is damaged costs itself alone.
    let damaged = read(&text.replacen("\"total\":0.0", "\"total\":0.0,,", 1));
    assert_eq!(damaged.report.records, 6, "{:?}", damaged.report.notes);
}

#[test]
fn what_an_interface_really_has_is_read() {
    let group = json!({"name": "nsg", "id": format!("{GROUP}/networkSecurityGroups/nsg")});
    let rule = |name: &str, priority: u32, ports: Value| {
        json!({"name": name, "priority": priority, "direction": "Inbound", "access": "Deny", "protocol": "All",
            "sourceAddressPrefix": "10.1.0.0/24", "sourceAddressPrefixes": ["10.1.0.0/24", "10.2.0.0/24"],
            "destinationAddressPrefix": "0.0.0.0/0", "destinationPortRange": ports, "destinationPortRanges": null})
    };
    let place = json!({"networkInterface": {"id": format!("{GROUP}/networkInterfaces/nic")}, "networkManager": null, "subnet": null});
    let rules = [
        rule("defaultSecurityRules/DenyAllInBound", 65500, json!("0-65535")),
        // PowerShell writes a list.
        rule("securityRules/deny", 200, json!(["8080-8080"])),
    ];
    let answer = json!({"nextLink": null, "value": [{"association": place, "effectiveSecurityRules": rules, "networkSecurityGroup": group}]});
    let reading = read(&answer.to_string());
    assert_eq!(
        (reading.report.format, reading.report.records),
        (Format::AzureResource, 1),
        "{:?}",
        reading.report.notes
    );
    let read_group = &reading.fragment.azure.effective_groups[0];
    assert_eq!((read_group.name.as_str(), read_group.network_interface_ids.len()), ("nsg", 1));
    let told: Vec<_> =
        read_group.rules.iter().map(|rule| (rule.name.as_str(), rule.default, rule.protocol.as_str())).collect();
    assert_eq!(told, [("deny", false, "*"), ("DenyAllInBound", true, "*")]);
    assert_eq!(
        (read_group.rules[0].sources.len(), read_group.rules[0].destination_ports.as_slice()),
        (2, &["8080-8080".to_owned()][..])
    );

    let route = |name: Option<&str>, prefix: &str, hop: &[&str], kind: &str, source: &str| json!({"name": name, "addressPrefix": [prefix], "nextHopIpAddress": hop, "nextHopType": kind, "source": source, "state": "Active"});
    let reading = read(
        &json!({"nextLink": null, "value": [
            route(None, "10.0.0.0/8", &[], "None", "Default"),
            route(Some("to-fw"), "0.0.0.0/0", &["10.13.200.4"], "VirtualAppliance", "User"),
        ]})
        .to_string(),
    );
    assert_eq!((reading.report.format, reading.report.records), (Format::AzureResource, 2));
    let [table] = reading.fragment.azure.route_tables.as_slice() else { panic!("one table") };
    assert_eq!((table.entries.len(), table.entries[0].name.as_str()), (1, "to-fw"));
    assert_eq!(table.entries[0].next_hop, "10.13.200.4".parse().ok());
}

#[test]
fn what_is_of_no_use_is_named() {
    for (value, words) in [
        (
            json!([{"eventTimestamp": "2026-11-20T09:00:00Z", "operationName": {"value": "x"}, "id": format!("{GROUP}/networkSecurityGroups/n/events/e/ticks/1")}]),
            "1 activity log event",
        ),
        (
            json!([{"id": format!("{GROUP}/privateDnsZones/z/A/a"), "name": "a", "type": "Microsoft.Network/privateDnsZones/A", "ttl": 10}]),
            "1 private DNS record",
        ),
        (
            json!({"id": "/subscriptions/1/x", "name": "a", "type": "Microsoft.Odd/things", "ttl": 10}),
            "1 microsoft.odd/things resource",
        ),
    ] {
        let report = read(&value.to_string()).report;
        assert_eq!((report.format, report.records), (Format::AzureResource, 0), "{words}");
        assert!(
            report.notes.iter().any(|note| note.code == "not-read" && note.message.contains(words)),
            "{:?}",
            report.notes
        );
    }
}

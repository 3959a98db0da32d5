//! The checks on captures that the generator did not imagine: one fault each, put in by hand as kubectl, Azure and the flow logs would show
//! it, and variations without any.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use underlay_tests::Engine;
use underlay_tests::elsewhere::{Probe, START_MS, World};

const MIDDLE: i64 = START_MS + 6 * 60_000;

/// (id, severity, all its text) of what is found.
fn found(world: World) -> Vec<(String, String, String)> {
    let summary = Engine::default().value(&world.files());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = summary["findings"].as_array().cloned().unwrap_or_default();
    list.iter().map(|one| (text(&one["id"]), text(&one["severity"]), one.to_string())).collect()
}

/// What must be found, in which words, and nothing else but information.
fn expect(name: &str, world: World, id: &str, words: &str) {
    let found = found(world);
    let grave: BTreeSet<&str> = found.iter().filter(|one| one.1 != "info").map(|one| one.0.as_str()).collect();
    assert!(grave.iter().all(|one| *one == id), "{name}: {grave:?}");
    let said = found.iter().any(|one| one.0 == id && one.2.contains(words));
    assert!(said, "{name}: no {id} says {words:?}: {found:#?}");
}

fn silent(name: &str, world: World) {
    let found = found(world);
    let grave: Vec<_> = found.iter().filter(|one| one.1 != "info").collect();
    assert!(grave.is_empty(), "{name}: {grave:#?}");
}

fn answered(_: &str, _: &underlay_tests::elsewhere::Target, _: i64) -> Probe {
    Probe::Answered
}

#[test]
fn healthy_clusters_of_other_shapes_are_silent() {
    silent("routes", World::new(false).traffic(answered));
    silent("ingresses", World::new(true).traffic(answered));
    silent("objects only", World::new(false));

    let mut world = World::new(false);
    world.objects.retain(|object| object["kind"] != "EndpointSlice");
    silent("without slices", world.traffic(answered));

    // Another controller's gateway: its targets are none of ours.
    let mut world = World::new(false);
    world.objects.push(json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": "nginx", "namespace": "ingress"},
        "spec": {"gatewayClassName": "nginx", "listeners": []}}));
    world.change("HTTPRoute", "to-cart", |route| {
        route["spec"]["parentRefs"] = json!([{"name": "nginx", "namespace": "ingress"}]);
    });
    let fate = |_: &str, target: &underlay_tests::elsewhere::Target, _: i64| {
        if target.service == "cart" { Probe::Absent } else { Probe::Answered }
    };
    silent("another class", world.traffic(fate));

    // A reference that is permitted.
    let mut world = World::new(false);
    world.change("HTTPRoute", "to-cart", |route| {
        route["spec"]["rules"][0]["backendRefs"]
            .as_array_mut()
            .into_iter()
            .for_each(|list| list.push(json!({"name": "api", "namespace": "billing", "port": 443})));
    });
    world.objects.push(json!({"apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant", "metadata": {"name": "g", "namespace": "billing"},
        "spec": {"from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "shop"}], "to": [{"group": "", "kind": "Service", "name": "api"}]}}));
    silent("a granted reference", world.traffic(answered));
}

#[test]
fn faults_of_traffic() {
    let of_web = |_: &str, target: &underlay_tests::elsewhere::Target, time: i64| {
        if target.service == "web" && time > MIDDLE { Probe::Denied("UserRule_deny-agc") } else { Probe::Answered }
    };
    expect("denied", World::new(false).traffic(of_web), "gateway-denied", "to-web");
    for (name, fate) in [("lost", Probe::Lost), ("refused", Probe::Refused)] {
        let one = |_: &str, target: &underlay_tests::elsewhere::Target, time: i64| {
            if target.address == "192.168.2.27" && time > MIDDLE { fate } else { Probe::Answered }
        };
        expect(name, World::new(false).traffic(one), "probes-unanswered", "in a row");
        expect(name, World::new(true).traffic(one), "probes-unanswered", "in a row");
    }
    let no_api = |_: &str, target: &underlay_tests::elsewhere::Target, _: i64| {
        if target.service == "api" { Probe::Absent } else { Probe::Answered }
    };
    expect("a service without traffic", World::new(true).traffic(no_api), "expected-edge-absent", "billing/api");
    let nothing = |_: &str, _: &underlay_tests::elsewhere::Target, _: i64| Probe::Absent;
    expect("a silent gateway", World::new(false).traffic(nothing), "expected-edge-absent", "10.225.4.0/24");
    let one = |_: &str, target: &underlay_tests::elsewhere::Target, _: i64| {
        if target.address == "192.168.2.27" { Probe::Absent } else { Probe::Answered }
    };
    expect("a pod without probes", World::new(false).traffic(one), "pod-not-probed", "cart-7d9f8b6c5d-11228");

    let mut world = World::new(false).traffic(answered);
    let target = world.targets[0].clone();
    for number in 0..50 {
        world.connect(START_MS + number * 10_000, "10.224.77.14", &target, [6, 900, 5, 3_000]);
    }
    expect("a machine of the network", world, "direct-to-pods", "10.224.77.14");
}

/// A HealthCheckPolicy of service `web`.
fn policy(settings: Value) -> Value {
    json!({"apiVersion": "alb.networking.azure.io/v1", "kind": "HealthCheckPolicy", "metadata": {"name": "hcp", "namespace": "shop"},
        "spec": {"targetRef": {"group": "", "kind": "Service", "name": "web", "namespace": "shop"}, "default": settings}})
}

#[test]
fn unhealthy_targets_and_what_does_not_fit() {
    for (settings, words) in [
        (json!({"http": {"path": "/nope"}}), "The gateway asks for /nope, the readiness probe for /healthz."),
        (json!({"http": {"host": "wrong.internal", "path": "/healthz"}}), "sends host wrong.internal"),
        (
            json!({"http": {"path": "/healthz", "match": {"statusCodes": [{"start": 204, "end": 204}]}}}),
            "does not take status 200",
        ),
        (json!({"port": 3001, "http": {"path": "/healthz"}}), "probes port 3001, the service's target port is 3000"),
        (
            json!({"useTLS": true, "http": {"path": "/healthz"}}),
            "makes the gateway speak TLS, the readiness probe speaks HTTP",
        ),
    ] {
        let mut world = World::new(false);
        world.unhealthy("web");
        world.objects.push(policy(settings));
        expect(words, world.traffic(answered), "backend-unhealthy", words);
    }
    let mut world = World::new(true);
    world.unhealthy("web");
    world.change("Pod", "web", |pod| {
        pod["spec"]["containers"][0]["readinessProbe"]["httpGet"]["scheme"] = json!("HTTPS")
    });
    expect("clear text to TLS", world.traffic(answered), "backend-unhealthy", "no BackendTLSPolicy");
}

#[test]
fn faults_of_objects() {
    let route = |change: fn(&mut Value)| {
        let mut world = World::new(false);
        world.change("HTTPRoute", "to-cart", |route| change(&mut route["spec"]["rules"][0]["backendRefs"][0]));
        world.traffic(answered)
    };
    expect("no such service", route(|backend| backend["name"] = json!("gone")), "route-backend", "shop/gone");
    expect("no such port", route(|backend| backend["port"] = json!(8080)), "route-backend", "port 8080");

    let mut world = World::new(true);
    world.change("Ingress", "to-web", |ingress| {
        ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["port"] = json!({"name": "grpc"});
    });
    expect("a port's name of an ingress", world.traffic(answered), "route-backend", "port grpc");

    let mut world = World::new(false);
    world.change("Gateway", "gw-public", |gateway| {
        let more = json!({"name": "http", "port": 80, "protocol": "HTTP"});
        gateway["spec"]["listeners"].as_array_mut().into_iter().for_each(|list| list.push(more.clone()));
    });
    expect("a listener that no route names", world.traffic(answered), "listener-without-routes", "shop/gw-public");

    let mut world = World::new(false);
    world.change("Gateway", "gw-public", |gateway| {
        gateway["status"]["conditions"] = json!([{"type": "Programmed", "status": "Unknown", "reason": "Pending", "message": "Waiting for controller"}]);
    });
    expect("nobody takes it up", world.traffic(answered), "not-programmed", "No controller has taken it up");

    let mut world = World::new(false);
    world.objects.retain(|object| object["kind"] != "EndpointSlice");
    world.change("Service", "cart", |service| service["spec"]["selector"] = json!({"app": "kart"}));
    expect("a selector that fits nobody", world.traffic(answered), "service-without-endpoints", "app=kart fits 0 pods");
}

#[test]
fn faults_of_the_network() {
    let subnet = |change: fn(&mut Value)| {
        let mut world = World::new(false);
        if let Some(network) = world.answers.get_mut("vnet.json") {
            change(&mut network["subnets"][1]);
        }
        world.traffic(answered)
    };
    expect("not delegated", subnet(|subnet| subnet["delegations"] = json!([])), "gateway-subnet", "not delegated");

    let mut world = World::new(false);
    let gateway = world.answers["vnet.json"]["subnets"][1]["id"].clone();
    if let Some(cluster) = world.answers.get_mut("aks.json") {
        cluster["agentPoolProfiles"][1]["podSubnetId"] = gateway;
    }
    expect("a pool in it", world.traffic(answered), "gateway-subnet", "node pool apps");

    let mut world = World::new(true);
    if let Some(cluster) = world.answers.get_mut("aks.json") {
        cluster["networkProfile"]["networkPlugin"] = json!("kubenet");
        cluster["networkProfile"]["networkPluginMode"] = Value::Null;
    }
    expect("kubenet behind an ingress", world.traffic(answered), "kubenet", "aks-prod");

    let mut world = World::new(false);
    if let Some(network) = world.answers.get_mut("vnet.json") {
        network["addressSpace"]["addressPrefixes"] = json!(["10.224.0.0/12", "192.168.128.0/20"]);
    }
    expect("a network over the pods", world.traffic(answered), "pod-cidr-overlap", "vnet-prod");

    let mut world = World::new(false);
    let on = world.answers["vnet.json"]["subnets"][1]["id"].clone();
    world.answers.insert("table.json".to_owned(), json!({"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/routeTables/rt-hub", "name": "rt-hub",
        "type": "Microsoft.Network/routeTables", "subnets": [{"id": on}], "routes": [{"name": "hole", "addressPrefix": "192.168.0.0/16", "nextHopType": "None"}]}));
    expect("a route into nothing", world.traffic(answered), "route-table", "rt-hub");

    let mut world = World::new(false);
    let on = world.answers["vnet.json"]["subnets"][0]["id"].clone();
    world.answers.insert("nsg.json".to_owned(), json!([{"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/networkSecurityGroups/nsg-aks", "name": "nsg-aks",
        "type": "Microsoft.Network/networkSecurityGroups", "subnets": [{"id": on}], "defaultSecurityRules": [], "securityRules": [{"name": "deny-agc", "priority": 150,
        "direction": "Inbound", "access": "Deny", "protocol": "*", "sourceAddressPrefix": "10.225.0.0/16", "sourcePortRange": "*", "destinationAddressPrefix": "*",
        "destinationPortRange": "*"}]}]));
    expect("a group without logs", world, "gateway-denied-by-configuration", "deny-agc");

    let mut world = World::new(false);
    let on = world.answers["vnet.json"]["subnets"][0]["id"].clone();
    world.answers.insert("effective.json".to_owned(), json!({"nextLink": null, "value": [{"association": {"networkInterface": null, "subnet": {"id": on}},
        "networkSecurityGroup": {"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/networkSecurityGroups/nsg-aks"},
        "effectiveSecurityRules": [
            {"name": "defaultSecurityRules/DenyAllInBound", "priority": 65500, "direction": "Inbound", "access": "Deny", "protocol": "All",
                "sourceAddressPrefix": "0.0.0.0/0", "destinationAddressPrefix": "0.0.0.0/0", "destinationPortRange": "0-65535"},
            {"name": "securityRules/deny-agc", "priority": 150, "direction": "Inbound", "access": "Deny", "protocol": "All",
                "sourceAddressPrefix": "10.225.0.0/16", "sourceAddressPrefixes": ["10.225.0.0/16"], "destinationAddressPrefix": "0.0.0.0/0",
                "destinationAddressPrefixes": ["0.0.0.0/0"], "destinationPortRange": "0-65535", "destinationPortRanges": ["0-65535"]}]}]}));
    expect("a group as an interface has it", world, "gateway-denied-by-configuration", "deny-agc");
}

#[test]
fn gateways_may_share_a_subnet_that_has_room_for_each_unless_in_overlay_networking() {
    let world = |overlay: bool| {
        let mut world = World::new(false);
        if let Some(network) = world.answers.get_mut("vnet.json") {
            network["subnets"][1]["addressPrefix"] = json!("10.225.4.0/23");
        }
        let subnet = world.answers["vnet.json"]["subnets"][1]["id"].clone();
        let association = |gateway: &str| {
            let id = format!(
                "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ServiceNetworking/trafficControllers/{gateway}/associations/a"
            );
            json!({"id": id, "name": "a", "associationType": "subnets", "subnet": {"id": subnet}, "type": "Microsoft.ServiceNetworking/TrafficControllers/Associations"})
        };
        world.answers.insert("associations.json".to_owned(), json!([association("one"), association("two")]));
        if !overlay {
            world.objects.retain(|object| object["kind"] != "OverlayExtensionConfig");
            if let Some(cluster) = world.answers.get_mut("aks.json") {
                cluster["networkProfile"]["networkPluginMode"] = Value::Null;
            }
        }
        let found = found(world.traffic(answered));
        found.iter().any(|one| one.0 == "gateway-subnet" && one.2.contains("is shared by 2 gateways"))
    };
    assert!(world(true), "in overlay networking a subnet is for one gateway");
    assert!(!world(false), "a /23 has 256 addresses for each of two");
}

/// Objects of another gateway's class, each with a fault of its own.
fn of_another_class() -> Vec<Value> {
    let failed =
        json!([{"type": "ResolvedRefs", "status": "False", "reason": "BackendNotFound", "message": "no such service"}]);
    let parent = json!({"name": "nginx", "namespace": "ingress"});
    vec![
        json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": "nginx", "namespace": "ingress"},
            "spec": {"gatewayClassName": "nginx", "listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}]},
            "status": {"conditions": [{"type": "Programmed", "status": "False", "reason": "Invalid", "message": "no address"}],
                "listeners": [{"name": "web", "attachedRoutes": 0, "conditions": []}]}}),
        json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "elsewhere", "namespace": "shop"},
            "spec": {"parentRefs": [parent], "rules": [{"backendRefs": [{"name": "nobody", "port": 80}]}]},
            "status": {"parents": [{"controllerName": "gateway.nginx.org/controller", "parentRef": parent, "conditions": failed}]}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "elsewhere", "namespace": "shop"},
            "spec": {"ingressClassName": "nginx", "rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": "nobody", "port": {"number": 80}}}}]}}]}}),
    ]
}

#[test]
fn what_is_no_fault_of_this_gateway_is_silent() {
    let mut world = World::new(false);
    world.objects.extend(of_another_class());
    silent("faults of another class", world.traffic(answered));

    // A backend without a share need not be probed.
    let mut world = World::new(false);
    world.change("HTTPRoute", "to-cart", |route| route["spec"]["rules"][0]["backendRefs"][0]["weight"] = json!(0));
    let fate = |_: &str, target: &underlay_tests::elsewhere::Target, _: i64| {
        if target.service == "cart" { Probe::Absent } else { Probe::Answered }
    };
    silent("weight 0", world.traffic(fate));

    // One of two pods is on its way out: neither its readiness nor its health of before says anything.
    let mut world = World::new(false);
    world.change("Pod", "cart", |pod| {
        if pod["status"]["podIP"] == "192.168.2.27" {
            pod["metadata"]["deletionTimestamp"] = json!("2026-11-20T09:15:00Z");
            for condition in pod["status"]["conditions"].as_array_mut().into_iter().flatten() {
                condition["status"] = json!("False");
            }
        }
    });
    world.change("EndpointSlice", "cart", |slice| {
        for endpoint in slice["endpoints"].as_array_mut().into_iter().flatten() {
            if endpoint["addresses"][0] == "192.168.2.27" {
                endpoint["conditions"] = json!({"ready": false, "serving": true, "terminating": true});
            }
        }
    });
    silent("a pod that terminates", world.traffic(answered));

    // Two gateways, each with a subnet and load of its own.
    let mut world = World::new(false);
    let subnet = world.answers["vnet.json"]["subnets"][1].to_string().replace("10.225.4.0", "10.225.9.0");
    let subnet = serde_json::from_str(&subnet.replace("/subnets/", "/subnets/second-")).unwrap_or_default();
    if let Some(network) = world.answers.get_mut("vnet.json") {
        network["subnets"].as_array_mut().into_iter().for_each(|list| list.push(Value::clone(&subnet)));
    }
    world.instances.extend(["10.225.9.7", "10.225.9.8"]);
    let fate = |instance: &str, target: &underlay_tests::elsewhere::Target, _: i64| {
        if (target.service == "api") == instance.starts_with("10.225.9.") { Probe::Answered } else { Probe::Absent }
    };
    let mut world = world.traffic(fate);
    for number in 0..2_000u16 {
        let (at, of_first) = (START_MS + i64::from(number) * 431, usize::from(number % 5));
        let instance = ["10.225.4.5", "10.225.4.9"][usize::from(number / 5 % 2)];
        let target = world.targets[of_first].clone();
        world.connect(at, instance, &target, [8, 900 + u64::from(number % 700), 9, 4_000]);
    }
    silent("two gateways", world);
}

#[test]
fn a_policy_by_grpc_and_a_subnet_with_guests() {
    let mut world = World::new(false);
    world.unhealthy("web");
    world.objects.push(policy(json!({"grpc": {"authority": "web", "service": "shop.Web"}})));
    expect("by gRPC", world.traffic(answered), "backend-unhealthy", "by gRPC");

    let mut world = World::new(false).traffic(answered);
    let target = world.targets[0].clone();
    for number in 0..60 {
        let at = START_MS + number * 13_000 + number * number % 977;
        let sent = 700 + u64::from(number as u16) * 37 % 900;
        world.connect(at, "10.225.4.77", &target, [7, sent, 6, 2_000 + sent]);
    }
    expect("a machine that asks pods", world, "gateway-subnet", "10.225.4.77");
}

#[test]
fn probes_that_fail_after_they_were_answered_are_the_same_probes() {
    let fate = |_: &str, target: &underlay_tests::elsewhere::Target, time: i64| {
        let fails = target.service == "cart" && time > START_MS + 180_000;
        if fails && target.node == 1 { Probe::Lost } else { Probe::Answered }
    };
    let world = World::new(false);
    let failing = world.targets.iter().filter(|target| target.service == "cart" && target.node == 1).count();
    assert_eq!(failing, 1);
    expect("most of the time", world.traffic(fate), "probes-unanswered", " of 360 probes of pod shop/cart");

    // The same by flow logs and the network alone.
    let mut world = World::new(false);
    world.objects.clear();
    world.answers.retain(|name, _| name == "vnet.json");
    expect("without objects", world.traffic(fate), "probes-unanswered", " of 360 probes of target 192.168.");
}

#[test]
fn a_target_is_called_unhealthy_also_where_no_pod_is_known() {
    let mut world = World::new(false);
    world.objects.retain(|object| object["kind"] != "Pod");
    world.unhealthy("web");
    expect("without pods", world.traffic(answered), "backend-unhealthy", "The gateway calls target 192.168.");
}

#[test]
fn a_pod_that_restarts_again_and_again_loses_probes_each_time() {
    let ends: Vec<i64> = (1..4).map(|number| START_MS + number * 220_000).collect();
    let mut world = World::new(false);
    world.change("Pod", "cart", |pod| {
        let status = &mut pod["status"]["containerStatuses"][0];
        status["restartCount"] = json!(3);
        let last = underlay_model::time::format_rfc3339(ends[2]);
        status["lastState"] = json!({"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": last}});
    });
    let fate = |_: &str, target: &underlay_tests::elsewhere::Target, time: i64| {
        let down = ends.iter().any(|end| (*end..end + 25_000).contains(&time));
        if target.service == "cart" && down { Probe::Refused } else { Probe::Answered }
    };
    let found = found(world.traffic(fate));
    let lost = found.iter().filter(|one| one.0 == "probes-lost" && one.2.contains("ended Error"));
    assert_eq!(lost.count(), 2, "{found:#?}");
}

#[test]
fn rules_of_routes_compete_only_when_they_ask_for_the_same() {
    let rule = |matched: Value, weight: u64| json!({"matches": [matched], "backendRefs": [{"name": "cart", "port": 80, "weight": weight}, {"name": "web", "port": 80}]});
    let with = |rules: &[Value]| {
        let mut world = World::new(false);
        world.change("HTTPRoute", "to-cart", |route| {
            let list = route["spec"]["rules"].as_array_mut();
            list.into_iter().for_each(|list| list.extend(rules.iter().cloned()));
        });
        world.traffic(answered)
    };
    let prefix = |path: &str| json!({"type": "PathPrefix", "value": path});
    let header = |name: &str, value: &str| json!({"name": name, "value": value});
    silent(
        "apart",
        with(&[
            rule(json!({"path": prefix("/a")}), 1),
            rule(json!({"path": {"type": "Exact", "value": "/a"}}), 1),
            rule(json!({"path": prefix("/a"), "method": "GET"}), 1),
            rule(json!({"path": prefix("/a"), "headers": [header("x", "1")]}), 1),
            rule(json!({"path": prefix("/a"), "headers": [header("x", "2")]}), 1),
            rule(json!({"path": prefix("/a"), "queryParams": [header("x", "1")]}), 1),
            rule(json!({"path": {"type": "RegularExpression", "value": "/a/[0-9]+"}}), 1),
        ]),
    );
    let cart_alone = |matched: Value| json!({"matches": [matched], "backendRefs": [{"name": "cart", "port": 80}]});
    for (name, first, second) in [
        ("one prefix", json!({"path": prefix("/a")}), json!({"path": prefix("/a/")})),
        (
            "one set of headers",
            json!({"path": prefix("/a"), "headers": [header("X-A", "1"), header("b", "2")]}),
            json!({"path": prefix("/a"), "headers": [header("b", "2"), header("x-a", "1")]}),
        ),
        (
            "one expression",
            json!({"path": {"type": "RegularExpression", "value": "/a.*"}}),
            json!({"path": {"type": "RegularExpression", "value": "/a.*"}}),
        ),
    ] {
        expect(
            name,
            with(&[rule(first, 1), cart_alone(second)]),
            "route-conflict",
            "matches the same as rule 2 of this route",
        );
    }
}

#[test]
fn rules_that_compete_by_the_port_alone_say_their_ports() {
    let mut world = World::new(false);
    world.change("HTTPRoute", "to-cart", |route| {
        let rule = |port: u16| json!({"backendRefs": [{"name": "cart", "port": port}]});
        route["spec"]["rules"] = json!([rule(80), rule(81)]);
    });
    let found = found(world.traffic(answered));
    let told = |one: &&(String, String, String)| one.0 == "route-conflict" && one.2.contains("shop/cart port 81");
    assert_eq!(found.iter().filter(told).count(), 1, "{found:#?}");
}

#[test]
fn routes_of_one_host_compete_on_one_listener_only() {
    // Two services of one host name, each with a route to a listener, or to all listeners of a port.
    let with = |cart: Value, web: Value| {
        let mut world = World::new(false);
        world.change("Gateway", "gw-public", |gateway| {
            gateway["spec"]["listeners"] = json!([{"name": "http", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "All"}}},
                {"name": "https", "port": 443, "protocol": "HTTPS", "allowedRoutes": {"namespaces": {"from": "All"}}, "tls": {"mode": "Terminate", "certificateRefs": [{"name": "c"}]}}]);
        });
        for (route, parent) in [("to-cart", cart), ("to-web", web)] {
            world.change("HTTPRoute", route, |object| {
                object["spec"]["hostnames"] = json!(["web.contoso.com"]);
                object["spec"]["parentRefs"][0] = json!({"name": "gw-public", "namespace": "shop"});
                let members = parent.as_object().into_iter().flatten();
                members.for_each(|(key, value)| object["spec"]["parentRefs"][0][key] = value.clone());
            });
        }
        let found = found(world.traffic(answered));
        found.iter().filter(|one| one.0 == "route-conflict").count()
    };
    let (http, https) = (json!({"sectionName": "http"}), json!({"sectionName": "https"}));
    let (of_80, of_443, all) = (json!({"port": 80}), json!({"port": 443}), json!({}));
    for (cart, web, conflicts) in [
        (&all, &all, 1),
        (&of_80, &all, 1),
        (&of_80, &http, 1),
        (&of_80, &of_443, 0),
        (&of_80, &https, 0),
        (&http, &https, 0),
    ] {
        assert_eq!(with(cart.clone(), web.clone()), conflicts, "{cart} {web}");
    }
}

#[test]
fn routes_of_another_cluster_do_not_compete() {
    // A second cluster with a gateway and routes of the same names; its route of that host sends elsewhere.
    let mut world = World::new(false);
    for kind in ["Gateway", "HTTPRoute"] {
        world.change(kind, "", |object| object["metadata"]["uid"] = object["metadata"]["name"].clone());
    }
    let mut other: Vec<Value> = world
        .objects
        .iter()
        .filter(|object| matches!(object["kind"].as_str(), Some("Gateway" | "HTTPRoute")))
        .cloned()
        .collect();
    for (at, object) in other.iter_mut().enumerate() {
        object["metadata"]["uid"] = json!(format!("other-{at}"));
        if object["kind"] == "HTTPRoute" {
            object["spec"]["rules"][0]["backendRefs"][0]["port"] = json!(8443);
        }
        if object["metadata"]["name"] == "to-web" {
            object["metadata"]["name"] = json!("to-shop");
        }
    }
    let mut files = world.traffic(answered).files();
    files.insert(
        "other.json".to_owned(),
        json!({"apiVersion": "v1", "kind": "List", "items": other}).to_string().into_bytes(),
    );
    let summary = Engine::default().value(&files);
    let found = summary["findings"].as_array().unwrap();
    assert!(!found.iter().any(|one| one["id"] == "route-conflict"), "{found:#?}");
}

#[test]
fn titles_have_no_fractions_of_seconds() {
    let of_web = |_: &str, target: &underlay_tests::elsewhere::Target, time: i64| {
        if target.service == "web" && time > MIDDLE { Probe::Denied("UserRule_deny-agc") } else { Probe::Answered }
    };
    let summary = Engine::default().value(&World::new(false).traffic(of_web).files());
    let titles: Vec<&str> =
        summary["findings"].as_array().unwrap().iter().filter_map(|one| one["title"].as_str()).collect();
    let first = titles.iter().find(|title| title.contains("the first at ")).unwrap();
    let time = first.rsplit(' ').next().unwrap();
    assert_eq!(time.len(), "2026-11-20T09:06:01Z.".len(), "{first}");
}

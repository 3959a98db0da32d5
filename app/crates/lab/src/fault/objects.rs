//! Faults of the cluster: what its objects say otherwise, and traffic with them.

use super::Fault;
use super::edit::{Target, add, edit, first_route, from_gateway, objects, one, reset, text, time, tuples};
use crate::sink::Memory;
use serde_json::{Value, json};

/// Puts the fault in; false when it is of another kind.
pub(super) fn inject(fault: Fault, capture: &mut Memory, on: &Target) -> bool {
    match fault {
        Fault::Unhealthy => edit(capture, "backend-health.json", &mut |value| {
            let endpoint = &mut value["services"][0]["serviceHealth"][0]["endpoints"][0];
            endpoint["health"]["status"] = json!("UNHEALTHY");
        }),
        Fault::HealthyNotReady => objects(capture, "Pod", &mut |object| {
            if object["metadata"]["name"] == json!(on.name) {
                for condition in object["status"]["conditions"].as_array_mut().into_iter().flatten() {
                    condition["status"] = json!("False");
                }
            }
        }),
        // The policy asks a port that nobody serves.
        Fault::RefusedAndUnhealthy => {
            edit(capture, "backend-health.json", &mut |value| {
                value["services"][0]["serviceHealth"][0]["endpoints"][0]["health"]["status"] = json!("UNHEALTHY");
            });
            tuples(capture, &mut |f, _| {
                if from_gateway(f) && f[2] == on.address && f[7] == "E" {
                    reset(f);
                }
                None
            });
        }
        Fault::LoadBalancerNotDeployed => add(
            capture,
            json!({"apiVersion": "alb.networking.azure.io/v1", "kind": "ApplicationLoadBalancer", "metadata": {"name": "alb", "namespace": "alb-infra"},
            "spec": {"associations": []}, "status": {"conditions": [{"type": "Accepted", "status": "True", "reason": "Accepted"},
                {"type": "Deployment", "status": "False", "reason": "Ready", "message": "error=AppGwForContainersSubnetAssociationNotEnoughIPv4AddressesInSubnet"}]}}),
        ),
        Fault::RouteToOtherKind => one(capture, "HTTPRoute", &mut |route| {
            if let Some(list) = route["spec"]["rules"][0]["backendRefs"].as_array_mut() {
                list.push(json!({"group": "storage.example", "kind": "Bucket", "name": "images"}));
            }
            route["status"] = json!({"parents": [{"parentRef": {"name": "gateway", "namespace": "alb-infra"},
                "controllerName": "alb.networking.azure.io/alb-controller",
                "conditions": [{"type": "ResolvedRefs", "status": "False", "reason": "InvalidKind", "message": "unknown kind"}]}]});
        }),
        Fault::Evicted => {
            objects(capture, "Pod", &mut |object| {
                if object["metadata"]["name"] == json!(on.name) {
                    let status = &mut object["status"];
                    (status["phase"], status["reason"]) = (json!("Failed"), json!("Evicted"));
                    status["containerStatuses"][0]["ready"] = json!(false);
                    status["containerStatuses"][0]["state"] =
                        json!({"terminated": {"exitCode": 137, "reason": "Error", "finishedAt": text(on.middle_ms)}});
                }
            });
            forget(capture, on);
            add(
                capture,
                json!({"apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": "Evicted", "message": "The node was low on resource: memory.",
                "metadata": {"name": "evicted", "namespace": on.namespace}, "count": 1,
                "involvedObject": {"kind": "Pod", "name": on.name, "namespace": on.namespace},
                "firstTimestamp": text(on.middle_ms), "lastTimestamp": text(on.middle_ms)}),
            );
            tuples(capture, &mut |f, _| {
                if !from_gateway(f) || f[2] != on.address || time(f) < on.middle_ms {
                    return None;
                }
                if f[7] == "E" {
                    (f[11], f[12]) = ("0".to_owned(), "0".to_owned());
                }
                (time(f) > on.middle_ms + 30_000).then_some(false)
            });
        }
        Fault::NoEndpoints => objects(capture, "EndpointSlice", &mut |object| {
            if object["metadata"]["labels"]["kubernetes.io/service-name"] == json!(on.service) {
                object["endpoints"] = json!([]);
            }
        }),
        Fault::RouteToMissingService => first_route(capture, &mut |backend| backend["name"] = json!("nobody")),
        Fault::RouteToMissingPort => first_route(capture, &mut |backend| backend["port"] = json!(81)),
        Fault::RouteNotPermitted => {
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
        Fault::ListenerWithoutRoutes => {
            one(capture, "Gateway", &mut |gateway| gateway["status"]["listeners"][0]["attachedRoutes"] = json!(0));
        }
        Fault::GatewayNotProgrammed => one(capture, "Gateway", &mut |gateway| {
            gateway["status"]["conditions"][0]["status"] = json!("False");
            gateway["status"]["conditions"][0]["reason"] = json!("Invalid");
            gateway["status"]["conditions"][0]["message"] = json!("rpc error: code = PermissionDenied");
        }),
        Fault::PodGone => {
            remove(capture, on);
            tuples(capture, &mut |f, _| {
                if from_gateway(f) && f[2] == on.address && f[7] == "E" {
                    (f[11], f[12]) = ("0".to_owned(), "0".to_owned());
                }
                None
            });
        }
        // It was there, and answered, until the middle.
        Fault::GoneInTheMiddle => {
            remove(capture, on);
            tuples(capture, &mut |f, _| {
                if from_gateway(f) && f[2] == on.address && time(f) >= on.middle_ms && f[7] == "E" {
                    (f[11], f[12]) = ("0".to_owned(), "0".to_owned());
                }
                None
            });
        }
        // A copy of the first route, made later, that sends to another service.
        Fault::RoutesCompete => {
            let mut copy = Value::Null;
            one(capture, "HTTPRoute", &mut |route| {
                copy = route.clone();
                route["metadata"]["creationTimestamp"] = json!(text(on.start_ms - 3_600_000));
            });
            copy["metadata"]["name"] = json!("copy");
            copy["metadata"]["creationTimestamp"] = json!(text(on.start_ms));
            let backend = &mut copy["spec"]["rules"][0]["backendRefs"][0];
            backend["name"] = json!("another");
            let ports = json!([{"port": backend["port"], "protocol": "TCP"}]);
            add(
                capture,
                json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "another", "namespace": on.namespace},
                "spec": {"clusterIP": "10.0.250.9", "ports": ports}}),
            );
            add(capture, copy);
        }
        Fault::UnhealthyWithoutPods => {
            edit(capture, "backend-health.json", &mut |value| {
                let health = &mut value["services"][0]["serviceHealth"][0];
                health["endpoints"][0] = json!({"address": "10.99.99.9", "health": {"status": "UNHEALTHY"}});
            });
        }
        Fault::Restarted => {
            tuples(capture, &mut |f, _| {
                (from_gateway(f) && f[2] == on.address && (on.middle_ms..on.middle_ms + 70_000).contains(&time(f)))
                    .then_some(false)
            });
            objects(capture, "Pod", &mut |object| {
                if object["metadata"]["name"] == json!(on.name) {
                    let status = &mut object["status"]["containerStatuses"][0];
                    status["restartCount"] = json!(1);
                    status["lastState"] = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": text(on.middle_ms + 5_000)}});
                }
            });
        }
        Fault::SnapshotLate => {
            let late = text(on.end_ms + 5 * 3_600_000);
            objects(capture, "Node", &mut |node| node["status"]["conditions"][0]["lastHeartbeatTime"] = json!(late));
        }
        Fault::SlowProbes => {
            let Some(list) = capture.files.get_mut("kubernetes.json") else { return true };
            let Ok(mut value) = serde_json::from_slice::<Value>(list) else { return true };
            if let Some(items) = value["items"].as_array_mut() {
                items.push(json!({"apiVersion": "alb.networking.azure.io/v1", "kind": "HealthCheckPolicy",
                    "metadata": {"name": "slow", "namespace": on.namespace},
                    "spec": {"targetRef": {"group": "", "kind": "Service", "name": on.service, "namespace": on.namespace}, "default": {"interval": "20s"}}}));
            }
            *list = value.to_string().into_bytes();
        }
        Fault::UnhealthyCounted => edit(capture, "backend-health.json", &mut |value| {
            let health = &mut value["services"][0]["serviceHealth"][0];
            (health["totalUnhealthyEndpoints"], health["totalHealthyEndpoints"]) = (json!(1), json!(3));
            health.as_object_mut().into_iter().for_each(|object| {
                object.remove("endpoints");
            });
        }),
        Fault::RouteWithoutGrant => {
            first_route(capture, &mut |backend| {
                (backend["namespace"], backend["name"]) = (json!("team-1"), json!("app01"));
            });
            one(capture, "HTTPRoute", &mut |route| route["status"] = Value::Null);
            add(
                capture,
                json!({"apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant",
                "metadata": {"name": "others", "namespace": "team-1"},
                "spec": {"from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "team-9"}],
                    "to": [{"group": "", "kind": "Service"}]}}),
            );
        }
        Fault::IngressToMissingService => add(
            capture,
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "old", "namespace": on.namespace},
            "spec": {"ingressClassName": "azure-alb-external", "rules": [{"host": "old.example", "http": {"paths": [{"path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": "nobody", "port": {"number": 80}}}}]}}]}}),
        ),
        Fault::GatewayPending => one(capture, "Gateway", &mut |gateway| {
            let condition = &mut gateway["status"]["conditions"][0];
            (condition["status"], condition["reason"]) = (json!("Unknown"), json!("Pending"));
        }),
        Fault::AddressReused => {
            let mut job = Value::Null;
            objects(capture, "Pod", &mut |object| {
                if object["metadata"]["name"] == json!(on.name) {
                    job = object.clone();
                    object["status"]["startTime"] = json!(text(on.middle_ms));
                    object["metadata"]["creationTimestamp"] = json!(text(on.middle_ms));
                }
            });
            (job["metadata"]["name"], job["metadata"]["uid"]) = (json!("job-28800000-x"), json!("job"));
            job["metadata"]["labels"] = json!({});
            job["status"]["phase"] = json!("Succeeded");
            job["status"]["startTime"] = json!(text(on.start_ms - 600_000));
            job["status"]["containerStatuses"][0]["state"] =
                json!({"terminated": {"reason": "Completed", "exitCode": 0, "finishedAt": text(on.start_ms)}});
            add(capture, job);
            tuples(capture, &mut |f, _| {
                (from_gateway(f) && f[2] == on.address && time(f) < on.middle_ms).then_some(false)
            });
        }
        _ => return false,
    }
    true
}

/// The pod is no more, and behind its service no longer.
fn remove(capture: &mut Memory, on: &Target) {
    edit(capture, "kubernetes.json", &mut |value| {
        if let Some(items) = value["items"].as_array_mut() {
            items.retain(|item| item["metadata"]["name"] != json!(on.name));
        }
    });
    forget(capture, on);
}

/// The pod is behind its service no longer.
fn forget(capture: &mut Memory, on: &Target) {
    objects(capture, "EndpointSlice", &mut |object| {
        if let Some(list) = object["endpoints"].as_array_mut() {
            list.retain(|one| one["addresses"][0] != json!(on.address));
        }
    });
    edit(capture, "backend-health.json", &mut |value| {
        if let Some(list) = value["services"][0]["serviceHealth"][0]["endpoints"].as_array_mut() {
            list.retain(|one| one["address"] != json!(on.address));
        }
    });
}

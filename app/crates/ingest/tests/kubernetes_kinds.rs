//! What every kind of object says: policies, routes and gateways, events, leases, workloads, containers.

mod reading;

use reading::read;
use underlay_model::inventory::Fragment;
use underlay_model::time::parse_rfc3339;

fn fragment(text: &str) -> Fragment {
    read(text).fragment
}

#[test]
fn policies_say_what_they_ask_for_and_whether_it_was_taken() {
    let text = r#"
apiVersion: alb.networking.azure.io/v1
kind: HealthCheckPolicy
metadata: {name: check, namespace: yada}
spec:
  targetRef: {group: "", kind: Service, name: yadaapi}
  default:
    interval: 5s
    timeout: 3s
    healthyThreshold: 1
    unhealthyThreshold: 3
    port: 8123
    useTLS: true
    http:
      host: contoso.com
      path: /ready
      match:
        statusCodes: [{start: 200, end: 299}, {start: 401}]
status:
  conditions:
  - {type: Accepted, status: "False", reason: InvalidService, message: no such service, lastTransitionTime: "1970-01-01T00:00:00Z"}
---
apiVersion: gateway.networking.k8s.io/v1alpha3
kind: BackendTLSPolicy
metadata: {name: tls, namespace: yada}
spec:
  targetRefs: [{group: "", kind: Service, name: yadatls, sectionName: https}]
  validation: {hostname: tls.example, wellKnownCACertificates: System}
status:
  ancestors:
  - conditions: [{type: Accepted, status: "True", reason: Accepted}]
---
apiVersion: alb.networking.azure.io/v1
kind: FrontendTLSPolicy
metadata: {name: mtls, namespace: default}
spec:
  targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: appgw4c, sectionNames: [https, admin]}
  default: {verify: {caCertificateRef: {name: ca}}}
---
apiVersion: alb.networking.azure.io/v1
kind: IngressExtension
metadata: {name: ext, namespace: yada}
spec:
  backendSettings:
  - service: yadaapi
    ports: [{port: 8080, protocol: HTTPS}]
---
apiVersion: alb.networking.azure.io/v1
kind: RoutePolicy
metadata: {name: slow, namespace: yada}
spec:
  targetRef: {group: gateway.networking.k8s.io, kind: HTTPRoute, name: yadaapi}
  default: {timeouts: {routeTimeout: 10s}}
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: in, namespace: backend}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: yada}]
  to: [{group: "", kind: Service}]
"#;
    let found = fragment(text);
    let kinds: Vec<&str> = found.policies.iter().map(|policy| policy.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["HealthCheckPolicy", "BackendTLSPolicy", "FrontendTLSPolicy", "IngressExtension", "RoutePolicy"]
    );
    let policy = &found.policies[0];
    let check = policy.health_check.as_ref().unwrap();
    assert_eq!(
        (check.interval_ms, check.timeout_ms, check.port, check.use_tls),
        (Some(5000), Some(3000), Some(8123), Some(true))
    );
    assert_eq!((check.host.as_str(), check.path.as_str(), check.protocol.as_str()), ("contoso.com", "/ready", "HTTP"));
    assert_eq!(check.status_codes, [(200, 299), (401, 401)]);
    assert_eq!((policy.targets[0].namespace.as_str(), policy.targets[0].name.as_str()), ("yada", "yadaapi"));
    assert_eq!((policy.conditions[0].status.as_str(), policy.conditions[0].since_ms), ("False", None));
    assert_eq!(found.policies[1].conditions[0].status, "True");
    assert_eq!(found.policies[1].targets[0].section, "https");
    assert_eq!(found.policies[2].targets[0].section, "https,admin");
    assert_eq!(found.policies[3].targets[0].name, "yadaapi");
    assert_eq!(found.policies[3].setting("backendSettings.0.ports.0.protocol"), Some("HTTPS"));
    assert_eq!(found.policies[4].setting("default.timeouts.routeTimeout"), Some("10s"));
    let to = |namespace: &str| underlay_model::inventory::Reference {
        kind: "Service".into(),
        namespace: namespace.into(),
        name: "any".into(),
        ..Default::default()
    };
    let grant = &found.reference_grants[0];
    assert!(grant.permits("HTTPRoute", "yada", &to("backend")));
    assert!(!grant.permits("HTTPRoute", "other", &to("backend")) && !grant.permits("HTTPRoute", "yada", &to("yada")));
}

#[test]
fn routes_and_gateways_keep_what_each_parent_and_listener_says() {
    let text = r#"{"apiVersion":"v1","kind":"List","items":[
        {"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute","metadata":{"name":"r","namespace":"yada"},
         "spec":{"parentRefs":[{"name":"g","namespace":"default"}],"rules":[{"matches":[{}]},
            {"backendRefs":[{"name":"a","port":80},{"kind":"Backend","group":"x.io","name":"b"}]}]},
         "status":{"parents":[{"parentRef":{"name":"g","namespace":"default"},"controllerName":"alb.networking.azure.io/alb-controller",
            "conditions":[{"type":"ResolvedRefs","status":"False","reason":"BackendNotFound","message":"no a"}]}]}},
        {"apiVersion":"gateway.networking.k8s.io/v1","kind":"Gateway","metadata":{"name":"g","namespace":"default",
            "annotations":{"alb.networking.azure.io/alb-id":"/subscriptions/x","kubectl.kubernetes.io/last-applied-configuration":"{}"}},
         "spec":{"gatewayClassName":"azure-alb-external","addresses":[{"type":"alb.networking.azure.io/alb-frontend","value":"fe"}],
            "listeners":[{"name":"https","port":443,"protocol":"HTTPS","tls":{"certificateRefs":[{"name":"cert"}]},"allowedRoutes":{"namespaces":{"from":"All"}}}]},
         "status":{"listeners":[{"name":"https","attachedRoutes":0,"conditions":[{"type":"ResolvedRefs","status":"False","reason":"InvalidCertificateRef"}]}]}}]}"#;
    let found = fragment(text);
    let route = &found.routes[0];
    assert_eq!((route.rules, route.rules_without_backend.as_slice()), (2, &[0][..]));
    assert_eq!(
        (route.backends.len(), route.backends[0].rule, route.other_backends[0].kind.as_str()),
        (1, 1, "Backend")
    );
    assert_eq!(route.parent_statuses[0].parent.name, "g");
    assert_eq!(route.parent_statuses[0].conditions[0].reason, "BackendNotFound");
    let gateway = &found.gateways[0];
    assert_eq!((gateway.meta.alb("alb-id"), gateway.meta.annotations.len()), (Some("/subscriptions/x"), 1));
    assert_eq!(gateway.wanted_addresses[0].1, "fe");
    let listener = &gateway.listeners[0];
    assert_eq!((listener.tls_mode.as_str(), listener.certificates[0].name.as_str()), ("Terminate", "cert"));
    assert_eq!((listener.attached_routes, listener.routes_from.as_str()), (Some(0), "All"));
    assert_eq!(listener.conditions[0].reason, "InvalidCertificateRef");
}

#[test]
fn events_of_both_apis_leases_and_workloads() {
    let text = r#"
        {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"e.1","namespace":"yada"},"eventTime":"2026-11-20T08:00:00.000000Z",
         "regarding":{"kind":"Pod","namespace":"yada","name":"api-1","fieldPath":"spec.containers{api}"},"note":"Readiness probe failed","reason":"Unhealthy",
         "reportingController":"kubelet","series":{"count":12,"lastObservedTime":"2026-11-20T08:30:00.000000Z"},"type":"Warning"}
        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"alb-controller-leader-election","namespace":"azure-alb-system"},
         "spec":{"holderIdentity":"alb-controller-6d9-x_1","renewTime":"2026-11-20T10:11:12.131415Z"}}
        {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"api-5f9","namespace":"yada","ownerReferences":[{"kind":"Deployment","name":"api","controller":true}]},
         "spec":{"replicas":3},"status":{"replicas":3}}
        {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"deny","namespace":"yada"},
         "spec":{"podSelector":{},"policyTypes":["Ingress"],"ingress":[{"from":[{"ipBlock":{"cidr":"10.13.100.0/24","except":["10.13.100.7/32"]}}],"ports":[{"port":8080}]}]}}
        {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"shut","namespace":"yada"},"spec":{"podSelector":{}}}
        {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"in","namespace":"yada"},
         "spec":{"ingressClassName":"azure-alb-external","rules":[{"host":"a.example","http":{"paths":[{"backend":{"service":{"name":"api","port":{"name":"http"}}}}]}}]}}
        {"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"api","namespace":"yada"},
         "subsets":[{"addresses":[{"ip":"10.244.0.1","targetRef":{"kind":"Pod","name":"api-1","namespace":"yada"}}],"notReadyAddresses":[{"ip":"10.244.0.2"}],"ports":[{"port":8080}]}]}"#;
    let reading = read(text);
    assert_eq!(reading.report.records, 7);
    assert_eq!(reading.report.snapshot_ms, parse_rfc3339("2026-11-20T10:11:12.131Z"));
    let found = reading.fragment;
    assert_eq!(found.newest_ms, reading.report.snapshot_ms);
    let event = &found.events[0];
    assert_eq!(
        (event.count, event.source.as_str(), event.object_field.as_str()),
        (12, "kubelet", "spec.containers{api}")
    );
    assert_eq!(
        (event.first_ms, event.last_ms),
        (parse_rfc3339("2026-11-20T08:00:00Z"), parse_rfc3339("2026-11-20T08:30:00Z"))
    );
    assert_eq!(found.leases[0].holder, "alb-controller-6d9-x_1");
    let set = &found.workloads[0];
    assert_eq!(
        (set.owner.as_ref().map(|owner| owner.1.as_str()), set.desired, set.ready),
        (Some("api"), Some(3), Some(0))
    );
    let rule = &found.network_policies[0].ingress.as_ref().unwrap()[0];
    assert_eq!(
        (rule.anybody, rule.blocks.len(), rule.except.len(), rule.ports.as_slice()),
        (false, 1, 1, &["8080".to_owned()][..])
    );
    assert_eq!(
        (found.network_policies[1].ingress.as_ref().map(Vec::len), found.network_policies[1].egress.is_none()),
        (Some(0), true)
    );
    assert_eq!(
        (found.ingresses[0].backends[0].port, found.ingresses[0].backends[0].port_name.as_str()),
        (None, "http")
    );
    let ready: Vec<bool> = found.endpoints[0].endpoints.iter().map(|endpoint| endpoint.ready).collect();
    assert_eq!((ready.as_slice(), found.endpoints[0].service.as_str()), (&[true, false][..], "api"));
}

#[test]
fn containers_keep_all_probes_and_how_they_ended_last() {
    let text = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"n"},"spec":{"containers":[{"name":"c","image":"x:1",
        "readinessProbe":{"httpGet":{"path":"/r","port":"http","httpHeaders":[{"name":"Host","value":"h.example"}]},"periodSeconds":7,"initialDelaySeconds":3,"successThreshold":2},
        "livenessProbe":{"tcpSocket":{"port":9}},"startupProbe":{"grpc":{"port":5000,"service":"s"},"failureThreshold":30}}]},
        "status":{"phase":"Running","conditions":[{"type":"ContainersReady","status":"False","reason":"ContainersNotReady","message":"m"}],
        "containerStatuses":[{"name":"c","ready":false,"started":false,"restartCount":5,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 5m0s"}},
        "lastState":{"terminated":{"reason":"OOMKilled","exitCode":137,"finishedAt":"2026-11-20T08:30:00Z"}}}]}}"#;
    let found = fragment(text);
    let pod = &found.pods[0];
    let container = &pod.containers[0];
    let ready = container.readiness.as_ref().unwrap();
    assert_eq!(
        (ready.host.as_str(), ready.period_s, ready.initial_delay_s, ready.success_threshold),
        ("h.example", 7, 3, 2)
    );
    assert_eq!(
        container.liveness.as_ref().map(|probe| (probe.scheme.as_str(), probe.port.as_str())),
        Some(("TCP", "9"))
    );
    assert_eq!(
        container.startup.as_ref().map(|probe| (probe.scheme.as_str(), probe.path.as_str(), probe.failure_threshold)),
        Some(("gRPC", "s", 30))
    );
    assert_eq!((container.state.as_str(), container.message.as_str()), ("waiting: CrashLoopBackOff", "back-off 5m0s"));
    assert_eq!(
        (container.last_reason.as_str(), container.last_exit_code, container.restarts),
        ("OOMKilled", Some(137), 5)
    );
    assert_eq!((container.started, container.image.as_str()), (Some(false), "x:1"));
    assert_eq!(pod.conditions[0].reason, "ContainersNotReady");
}

#[test]
fn kinds_of_other_groups_are_not_taken_for_what_they_are_called() {
    let foreign = [
        ("longhorn.io/v1beta2", "Node"),
        ("serving.knative.dev/v1", "Service"),
        ("networking.istio.io/v1", "Gateway"),
        ("projectcalico.org/v3", "NetworkPolicy"),
        ("networking.gke.io/v1", "HealthCheckPolicy"),
        ("networking.internal.knative.dev/v1alpha1", "Ingress"),
        ("network.example.com/v1alpha1", "NodeNetworkConfig"),
    ];
    let object = |(api, kind): (&str, &str)| {
        format!(
            "{{\"apiVersion\":\"{api}\",\"kind\":\"{kind}\",\"metadata\":{{\"name\":\"x\",\"namespace\":\"d\"}},\"spec\":{{}},\"status\":{{}}}}\n"
        )
    };
    let reading = read(&foreign.map(object).concat());
    assert_eq!(reading.report.records, foreign.len() as u64);
    let read = &reading.fragment;
    assert!(read.nodes.is_empty() && read.services.is_empty() && read.gateways.is_empty() && read.policies.is_empty());
    assert!(
        read.network_policies.is_empty() && read.ingresses.is_empty() && read.node_network_configs.is_empty(),
        "{read:?}"
    );
    let own = [("v1", "Node"), ("extensions/v1beta1", "Ingress"), ("networking.k8s.io/v1", "NetworkPolicy")];
    let read = fragment(&own.map(object).concat());
    assert_eq!((read.nodes.len(), read.ingresses.len(), read.network_policies.len()), (1, 1, 1));
    // Programs that print what they hold may leave the version empty.
    assert_eq!(fragment(&object(("", "Gateway"))).gateways.len(), 1);
}

#[test]
fn objects_that_a_client_of_python_printed_are_read() {
    let text = r#"{"api_version":"v1","kind":"PodList","metadata":{"resource_version":"1"},"items":[{"api_version":null,"kind":null,
        "metadata":{"name":"web-1","namespace":"d","creation_timestamp":"2026-11-20T06:13:58+00:00","owner_references":[{"kind":"ReplicaSet","name":"web"}]},
        "spec":{"node_name":"node-1","host_network":null,"containers":[{"name":"c"}]},
        "status":{"phase":"Running","host_ip":"10.13.76.4","pod_ip":"10.244.0.9","pod_i_ps":[{"ip":"10.244.0.9"}],"start_time":"2026-11-20T06:14:00+00:00",
        "container_statuses":[{"name":"c","ready":true,"restart_count":2,"state":{"running":{"started_at":"2026-11-20T06:14:01+00:00"}}}]}}]}"#;
    let read = fragment(text);
    let [pod] = &read.pods[..] else { panic!("{:?}", read.pods) };
    assert_eq!((pod.meta.name.as_str(), pod.node_name.as_str(), pod.addresses.len()), ("web-1", "node-1", 1));
    assert_eq!(pod.started_ms, parse_rfc3339("2026-11-20T06:14:00Z"));
    assert_eq!(pod.containers[0].restarts, 2);
}

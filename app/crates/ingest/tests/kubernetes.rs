//! What `kubectl` prints, in every form that people save it in: the same objects come of each, damaged ones cost only themselves,
//! and every kind says what findings ask of it.

use proptest::prelude::*;
use underlay_ingest::{Coding, Reader, Reading};
use underlay_model::input::Format;
use underlay_model::inventory::Fragment;
use underlay_model::time::parse_rfc3339;
use underlay_scan::NullSink;

fn read(text: &str) -> Reading {
    let mut reader = Reader::new("x", text.len() as u64, Coding::Plain);
    reader.push(text.as_bytes(), &mut NullSink);
    reader.finish(&mut NullSink)
}

fn fragment(text: &str) -> Fragment {
    read(text).fragment
}

fn codes(reading: &Reading) -> Vec<&str> {
    reading.report.notes.iter().map(|note| note.code.as_str()).collect()
}

/// A value as `kubectl -o yaml` prints it: keys sorted, lists not indented.
fn yaml(value: &serde_json::Value, indent: usize, out: &mut String) {
    use serde_json::Value;
    let margin = " ".repeat(indent);
    let nested = |value: &Value| match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        _ => false,
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, member) in members {
                out.push_str(&format!("{margin}{key}:"));
                if nested(member) {
                    out.push('\n');
                    yaml(member, if member.is_array() { indent } else { indent + 2 }, out);
                } else {
                    out.push(' ');
                    yaml(member, 0, out);
                }
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            for element in elements {
                let mut inner = String::new();
                yaml(element, indent + 2, &mut inner);
                out.push_str(&format!("{margin}- {}", inner.trim_start()));
            }
        }
        Value::String(text) => out.push_str(&format!("{}\n", serde_json::to_string(text).unwrap())),
        other => out.push_str(&format!("{other}\n")),
    }
}

fn as_yaml(value: &serde_json::Value) -> String {
    let mut out = String::new();
    yaml(value, 0, &mut out);
    out
}

fn sample(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/samples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn list() -> serde_json::Value {
    serde_json::from_str(&sample("kubectl-list.json")).unwrap()
}

fn items() -> Vec<serde_json::Value> {
    list()["items"].as_array().unwrap().clone()
}

#[test]
fn every_form_says_the_same() {
    let expected = fragment(&sample("kubectl-list.json"));
    let documents: Vec<String> = items().iter().map(as_yaml).collect();
    let plain: Vec<String> = items().iter().map(ToString::to_string).collect();
    let watched: Vec<String> = plain.iter().map(|object| format!(r#"{{"type":"ADDED","object":{object}}}"#)).collect();
    let upper = sample("kubectl-list.json")
        .replace("\"items\"", "\"Items\"")
        .replace("\"spec\"", "\"Spec\"")
        .replace("\"status\"", "\"STATUS\"")
        .replace("\"podIP\"", "\"PodIP\"")
        .replace("\"metadata\"", "\"Metadata\"")
        .replace("\"running\"", "\"Running\"");
    for (form, text) in [
        ("a list as YAML", as_yaml(&list())),
        ("with a prompt", format!("❯ kubectl get pods -A -o yaml\n{}", as_yaml(&list()))),
        ("with a warning", format!("Warning: v1 Endpoints is deprecated in v1.33+\n{}", as_yaml(&list()))),
        ("documents", documents.join("---\n")),
        ("documents with an opener", format!("---\n{}", documents.join("---\n"))),
        ("documents put together", documents.concat()),
        ("with Windows line ends", as_yaml(&list()).replace('\n', "\r\n")),
        (
            "a list that is not called one",
            format!(
                "{}{}",
                "",
                documents
                    .iter()
                    .map(|one| format!("- {}", one.trim_end().replace('\n', "\n  ")))
                    .collect::<Vec<_>>()
                    .join("\n")
                    + "\n"
            ),
        ),
        (
            "an indented list",
            format!(
                "apiVersion: v1\nkind: List\nitems:\n{}\n",
                documents
                    .iter()
                    .map(|one| format!("  - {}", one.trim_end().replace('\n', "\n    ")))
                    .collect::<Vec<_>>()
                    .join("\n")
            ),
        ),
        ("a watch", watched.join("\n")),
        ("a watch without events", plain.concat()),
        (
            "junk before it",
            format!("W1120 09:00:00.123 cached discovery {{x}}\n$ kubectl get all -A -o json\n{}", list()),
        ),
        ("an old dump", upper),
        (
            "JSON and YAML",
            format!("{}\n$ kubectl get x -o yaml\n{}", plain[..2].join("\n"), documents[2..].join("---\n")),
        ),
    ] {
        let reading = read(&text);
        assert_eq!(
            (reading.report.format, reading.report.records),
            (Format::Kubernetes, 5),
            "{form}: {:?}",
            reading.report.notes
        );
        assert_eq!(reading.fragment, expected, "{form}");
        assert_eq!(reading.report.lost_bytes, 0, "{form}");
        assert!(reading.report.understood(), "{form}");
    }
}

#[test]
fn raw_lists_give_their_items_a_kind_wherever_it_stands() {
    let mut pods = list();
    let pod = items().into_iter().find(|item| item["kind"] == "Pod").unwrap();
    let mut bare = pod.clone();
    bare.as_object_mut().unwrap().retain(|key, _| key != "kind" && key != "apiVersion");
    pods["items"] = serde_json::json!([bare]);
    pods["kind"] = "PodList".into();
    let expected = fragment(&pod.to_string());
    assert_eq!(expected.pods.len(), 1);
    for text in [
        pods.to_string(),
        as_yaml(&pods),
        format!(r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{}},"items":[{bare}]}}"#),
    ] {
        assert_eq!(fragment(&text).pods, expected.pods, "{text}");
    }
    let none = read(r#"{"kind":"PodList","apiVersion":"v1","items":null}"#);
    assert_eq!((none.report.format, none.report.records), (Format::Kubernetes, 0));
    assert_eq!(read("apiVersion: v1\nitems: []\nkind: List\n").report.format, Format::Kubernetes);
}

#[test]
fn text_that_is_passed_over_is_said() {
    let text = format!(
        "Warning: old\nUnable to use a TTY\n{}\n==== START logs for container a of pod b/c ====\nline\n==== END logs for container a of pod b/c ====\n",
        list()
    );
    let reading = read(&text);
    let note =
        |code: &str| reading.report.notes.iter().find(|note| note.code == code).map(|note| (note.byte, note.count));
    assert_eq!(
        (note("other-text"), note("container-logs")),
        (Some((0, 2)), Some((0, 1))),
        "{:?}",
        reading.report.notes
    );
}

#[test]
fn quoted_scalars_stay_text_and_long_ones_fold() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    a: \"true\"\n    b: \"0123\"\n    c: yes\n  name: \"42\"\n  namespace: x\n\
                status:\n  message: 'it''s\n    folded'\n  phase: Running\n  podIP: 10.0.0.1\n  reason: |\n    kind: Pod\n    - apiVersion: v1\n";
    let pod = &fragment(text).pods[0];
    assert_eq!((pod.meta.name.as_str(), pod.message.as_str()), ("42", "it's folded"));
    assert_eq!(pod.meta.labels.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(), ["true", "0123", "yes"]);
    assert_eq!(pod.reason, "kind: Pod\n- apiVersion: v1\n");
}

#[test]
fn a_damaged_item_of_yaml_costs_only_itself() {
    let text = as_yaml(&list());
    let begins: Vec<usize> = text.match_indices("\n- ").map(|(at, _)| at + 1).collect();
    assert_eq!(begins.len(), 5);
    for (index, &begin) in begins.iter().enumerate() {
        let mut damaged = text.clone();
        let end = begins.get(index + 1).copied().unwrap_or(text.find("\nkind:").unwrap());
        let line = begin + damaged[begin..].find('\n').unwrap();
        damaged.insert_str(line, "\n  \"x: [");
        let reading = read(&damaged);
        assert_eq!(reading.report.records, 4, "{index}");
        let lost = damaged[begin + 2..end + 8].bytes().filter(|byte| !b" \n,".contains(byte)).count() as u64;
        assert_eq!(reading.report.lost_bytes, lost, "{index}");
        assert!(codes(&reading).contains(&"damaged"), "{index}");
    }
}

#[test]
fn yaml_cut_at_any_line_yields_every_item_before() {
    let text = as_yaml(&list());
    let begins: Vec<usize> = text.match_indices("\n- ").map(|(at, _)| at + 1).collect();
    let whole_end = text.find("\nkind:").unwrap();
    for (cut, _) in text.match_indices('\n') {
        let reading = read(&text[..=cut]);
        let begun = begins.iter().filter(|&&begin| begin <= cut).count() as u64;
        let whole = if cut > whole_end { 5 } else { begun.saturating_sub(1) };
        assert_eq!(reading.report.records, whole, "{cut} {:?}", reading.report.notes);
        // Without a kind nobody knows that it is Kubernetes.
        if begun > 0 && cut <= whole_end && text[..cut].contains("kind:") {
            assert!(codes(&reading).contains(&"cut-off"), "{cut}");
        }
    }
}

#[test]
fn other_yaml_is_not_taken_for_objects() {
    for text in [
        "apiVersion: v1\nkind: Config\nclusters: []\ncurrent-context: x\nusers:\n- name: a\n  user:\n    token: secret\n",
        "services:\n  web:\n    image: x\n",
        "name: CI\non: push\njobs: {}\n",
    ] {
        let reading = read(text);
        assert_eq!((reading.report.format, reading.fragment), (Format::Unknown, Fragment::default()), "{text}");
    }
    assert!(read("apiVersion: v1\nkind: Config\ncurrent-context: x\n").report.notes[0].message.contains("kubeconfig"));
}

const TABLES: &str = "❯ k get pod -n yada -o wide
NAME                       READY   STATUS             RESTARTS      AGE    IP             NODE                                NOMINATED NODE   READINESS GATES
yadaapi-5f9f964f75-2tnc8   1/1     Running            1 (39m ago)   166m   10.244.0.147   aks-nodepool1-30661543-vmss000000              
yadaapi-5f9f964f75-bg76s   0/1     CrashLoopBackOff   7 (2m ago)    3h1m   10.244.0.131   aks-nodepool1-30661543-vmss000000   <none>           <none>
migrate-x7k2p              0/1     Completed          0             5h     10.244.0.9     aks-nodepool1-30661543-vmss000000   <none>           <none>
pending-1                  0/2     ContainerCreating  0             3s     <none>         <none>                              <none>           <none>

Some words of the author: all is well.
❯ k get node -o wide
NAME                                STATUS   ROLES    AGE     VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE             KERNEL-VERSION      CONTAINER-RUNTIME
aks-nodepool1-30661543-vmss000000   Ready     none    3h40m   v1.30.9   10.13.76.4     none         Ubuntu 22.04.5 LTS   5.15.0-1081-azure   containerd://1.7.25-1
aks-nodepool1-30661543-vmss000001   NotReady,SchedulingDisabled   <none>   3h40m   v1.30.9   10.13.76.5   <none>   Ubuntu 22.04.5 LTS   5.15.0-1081-azure   containerd://1.7.25-1

❯ kubectl get svc -A
NAMESPACE   NAME         TYPE           CLUSTER-IP    EXTERNAL-IP      PORT(S)                      AGE
default     kubernetes   ClusterIP      10.0.0.1      <none>           443/TCP                      5h
yada        web          LoadBalancer   10.0.12.34    172.212.55.54    80:31380/TCP,443:31381/TCP   3h
yada        ext          ExternalName   <none>        db.example.com   <none>                       3h
yada        peers        ClusterIP      None          <none>           7000/TCP                     3h
";

#[test]
fn tables_are_read_as_pasted() {
    let reading = read(TABLES);
    assert_eq!(
        (reading.report.format, reading.report.records),
        (Format::KubernetesTable, 10),
        "{:?}",
        reading.report.notes
    );
    assert_eq!(reading.report.contents, "2 nodes, 4 pods, 4 services");
    assert!(reading.report.understood());
    let Fragment { pods, nodes, services, .. } = reading.fragment;
    let ip = |text: &str| vec![text.parse::<std::net::IpAddr>().unwrap()];
    assert!(pods.iter().all(|pod| pod.from_table && pod.meta.namespace == "yada"));
    assert_eq!((pods[0].restarts(), pods[0].ready, &pods[0].addresses), (1, Some(true), &ip("10.244.0.147")));
    assert_eq!(pods[0].node_name, "aks-nodepool1-30661543-vmss000000");
    assert_eq!(
        (pods[1].phase.as_str(), pods[1].reason.as_str(), pods[1].ready),
        ("Running", "CrashLoopBackOff", Some(false))
    );
    assert_eq!((pods[2].phase.as_str(), pods[2].ready), ("Completed", None));
    assert_eq!((pods[3].phase.as_str(), pods[3].addresses.len(), pods[3].node_name.as_str()), ("Pending", 0, ""));
    assert_eq!(
        (nodes[0].ready, &nodes[0].internal_addresses, nodes[0].version.as_str()),
        (Some(true), &ip("10.13.76.4"), "v1.30.9")
    );
    assert_eq!(
        (nodes[1].ready, nodes[1].unschedulable, &nodes[1].internal_addresses),
        (Some(false), true, &ip("10.13.76.5"))
    );
    assert_eq!(nodes[0].system[0], "Ubuntu 22.04.5 LTS");
    assert_eq!(services[1].load_balancer_addresses, ip("172.212.55.54"));
    assert_eq!((services[1].ports[1].port, services[1].ports[1].node_port), (443, 31381));
    assert_eq!((services[2].external_name.as_str(), services[3].headless), ("db.example.com", true));
}

#[test]
fn a_table_whose_blanks_collapsed_is_read_by_its_words() {
    let text = "NAMESPACE NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES\n\
                yada api-1 1/1 Running 2 (5m ago) 3h 10.244.0.7 aks-np-1-vmss000000 <none> <none>\n";
    let pod = &fragment(text).pods[0];
    assert_eq!((pod.meta.qualified().as_str(), pod.restarts()), ("yada/api-1", 2));
    assert_eq!((pod.addresses.len(), pod.node_name.as_str()), (1, "aks-np-1-vmss000000"));
}

#[test]
fn tables_of_other_kinds() {
    let text = "NAMESPACE   LAST SEEN   TYPE      REASON      OBJECT                         MESSAGE\n\
                yada        5m          Warning   Unhealthy   pod/api-1   Readiness probe failed: HTTP probe failed with statuscode: 503\n\
                \nNAMESPACE   NAME      CLASS                ADDRESS                        PROGRAMMED   AGE\n\
                default     appgw4c   azure-alb-external   abcd1234.fz32.alb.azure.com   True         3h\n\
                \nNAMESPACE   NAME      HOSTNAMES                         AGE\nyada        yadaapi   [\"a.example\",\"b.example\"]   3h\n\
                \nNAME                          READY   UP-TO-DATE   AVAILABLE   AGE\ndeployment.apps/api           1/2     2            1           3h\n\
                \nNAME      ENDPOINTS                             AGE\nyadaapi   10.244.0.147:8080,10.244.0.131:8080   3h\n";
    let reading = read(text);
    let found = &reading.fragment;
    assert_eq!(
        (reading.report.format, reading.report.records),
        (Format::KubernetesTable, 5),
        "{:?}",
        reading.report.notes
    );
    let event = &found.events[0];
    assert_eq!(
        (event.object_kind.as_str(), event.object_name.as_str(), event.reason.as_str()),
        ("Pod", "api-1", "Unhealthy")
    );
    assert!(event.message.ends_with("statuscode: 503"));
    assert_eq!((found.gateways[0].addresses.len(), found.gateways[0].conditions[0].status.as_str()), (1, "True"));
    assert_eq!(found.routes[0].hostnames, ["a.example", "b.example"]);
    assert_eq!((found.workloads[0].desired, found.workloads[0].ready), (Some(2), Some(1)));
    assert_eq!(found.endpoints[0].endpoints.len(), 2);
}

#[test]
fn tables_stand_among_documents() {
    let reading = read(&format!("{TABLES}\n$ kubectl get pods -o json\n{}\n", list()));
    assert_eq!((reading.report.format, reading.report.records), (Format::KubernetesTable, 10));
    assert_eq!((reading.fragment.pods.len(), reading.fragment.gateways.len()), (5, 1));
    assert!(codes(&reading).contains(&"foreign-records"));
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is done to a text, reading it ends, and no more bytes are lost than there are.
    #[test]
    fn mutated_texts_are_read_without_harm(seed in 0usize..4, cuts in proptest::collection::vec((0.0f64..1.0, 0usize..40, "[ \\n:\\-{}\"a|>&*\\[\\]\t]{0,6}"), 1..6)) {
        let mut text = match seed { 0 => as_yaml(&list()), 1 => TABLES.to_owned(), 2 => list().to_string(), _ => items().iter().map(as_yaml).collect::<Vec<_>>().join("---\n") };
        for (at, length, insert) in cuts {
            let floor = |mut at: usize| { while !text.is_char_boundary(at) { at -= 1; } at };
            let from = floor((text.len() as f64 * at) as usize);
            let to = floor((from + length).min(text.len())).max(from);
            text.replace_range(from..to, &insert);
        }
        let reading = read(&text);
        prop_assert!(reading.report.lost_bytes <= text.len() as u64);
        prop_assert!(reading.report.records <= 64);
    }

    /// Rows of pods come back as they were written, however wide the columns are.
    #[test]
    fn pods_of_a_table_come_back(rows in proptest::collection::vec(("[a-z][a-z0-9-]{0,30}[a-z0-9]", 0u8..250, 0u64..2000, any::<bool>(), "[a-z]{1,20}"), 1..8)) {
        let cells: Vec<[String; 6]> = std::iter::once(["NAME", "READY", "STATUS", "RESTARTS", "IP", "NODE"].map(str::to_owned))
            .chain(rows.iter().map(|(name, octet, restarts, ago, node)| [
                name.clone(), "1/1".into(), "Running".into(),
                if *ago { format!("{restarts} (3h ago)") } else { restarts.to_string() },
                format!("10.244.7.{octet}"), node.clone(),
            ]))
            .collect();
        let width = |column: usize| cells.iter().map(|row| row[column].len()).max().unwrap_or(0) + 3;
        let text: String = cells.iter().map(|row| row.iter().enumerate().map(|(column, cell)| format!("{cell:<width$}", width = width(column))).collect::<String>() + "\n").collect();
        let found = fragment(&text).pods;
        prop_assert_eq!(found.len(), rows.len());
        for (pod, (name, octet, restarts, _, node)) in found.iter().zip(&rows) {
            prop_assert_eq!((&pod.meta.name, pod.restarts(), &pod.node_name), (name, *restarts, node));
            prop_assert_eq!(pod.addresses[0].to_string(), format!("10.244.7.{octet}"));
        }
    }
}

#[test]
fn anchors_hold_for_all_items_of_a_list() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: a, namespace: n}\n  spec:\n    ports: &p\n    - {port: 80}\n\
                - apiVersion: v1\n  kind: Service\n  metadata: {name: b, namespace: n}\n  spec:\n    ports: *p\n";
    let reading = read(text);
    assert_eq!((reading.report.records, reading.report.lost_bytes), (2, 0), "{:?}", reading.report.notes);
    assert_eq!(reading.fragment.services[1].ports, reading.fragment.services[0].ports);
}

#[test]
fn what_stands_around_documents_harms_none() {
    let pod = items().into_iter().find(|item| item["kind"] == "Pod").unwrap();
    let event = serde_json::json!({"type": "ADDED", "object": pod});
    for (form, text, records) in [
        ("a watch as YAML", format!("---\n{0}---\n{0}", as_yaml(&event)), 2),
        ("JSON between dashes", format!("---\n{pod}\n---\n{pod}\n"), 2),
        ("a letter", format!("# Case\n\n```yaml\n{}```\n\nand\n\n```json\n{pod}\n```\n", as_yaml(&pod)), 2),
        (
            "a log that does not end its line",
            format!(
                "{pod}\n==== START logs for container a of pod b/c ====\nno end==== END logs for container a of pod b/c ====\n{pod}\n\
                 ==== START logs for container d of pod b/c ====\n{{\"kind\":\"Pod\"}}\n==== END logs for container d of pod b/c ====\n"
            ),
            2,
        ),
    ] {
        let reading = read(&text);
        assert_eq!((reading.report.format, reading.report.records), (Format::Kubernetes, records), "{form}");
        assert_eq!(
            (reading.report.lost_bytes, reading.report.understood()),
            (0, true),
            "{form}: {:?}",
            reading.report.notes
        );
        assert_eq!(reading.fragment.pods.len(), records as usize, "{form}");
    }
}

#[test]
fn logs_of_a_dump_in_a_file_of_their_own_are_known() {
    let log = "==== START logs for container a of pod b/c ====\n{\"kind\":\"Pod\",\"metadata\":{\"name\":\"x\"}}\n==== END logs for container a of pod b/c ====\n";
    let reading = read(log);
    assert_eq!((reading.report.format, reading.report.records), (Format::Kubernetes, 0));
    assert!(reading.report.understood() && reading.fragment == Fragment::default());
    assert_eq!(codes(&reading), ["container-logs"]);
}

#[test]
fn objects_without_a_name_and_addresses_that_are_none_are_named() {
    let text = r#"{"apiVersion":"v1","kind":"List","items":[
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n"},"status":{"podIP":"10.244.0.999","podIPs":[{"ip":"10.244.0.9"}]}},
        {"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"n"}},
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"s","namespace":"n"},"spec":{"clusterIP":"None"}},
        {"apiVersion":"batch/v1","kind":"Job","metadata":{"generateName":"j-"}}]}"#;
    let reading = read(text);
    assert_eq!(reading.report.records, 4);
    let note = |code: &str| reading.report.notes.iter().find(|note| note.code == code).unwrap();
    assert!(note("no-address").message.contains("Pod n/a: 10.244.0.999"), "{}", note("no-address").message);
    assert_eq!((note("no-name").count, text[note("no-name").byte as usize..].starts_with('{')), (1, true));
    assert_eq!(reading.fragment.pods[0].addresses.len(), 1);
}

#[test]
fn what_a_command_inside_the_cluster_printed_is_read() {
    let answer = |logs: &str| {
        serde_json::json!({"exitCode": 0, "finishedAt": "2026-11-20T09:00:00Z", "id": "1", "logs": logs, "provisioningState": "Succeeded"})
            .to_string()
    };
    let expected = fragment(&list().to_string());
    for logs in [list().to_string(), as_yaml(&list()), format!("Warning: old\n{}\n", list())] {
        let reading = read(&answer(&logs));
        assert_eq!(
            (reading.report.format, reading.report.records),
            (Format::Kubernetes, 5),
            "{:?}",
            reading.report.notes
        );
        assert_eq!(reading.fragment, expected);
    }
    assert_eq!(read(&answer(TABLES)).report.records, 10);
    // The service cuts long answers.
    let cut = list().to_string();
    let reading = read(&answer(&cut[..cut.len() * 2 / 3]));
    assert!(reading.report.lost_bytes > 0 && codes(&reading).contains(&"cut-off"), "{:?}", reading.report.notes);
    assert_eq!(read(&answer("Error from server (NotFound)")).report.format, Format::Unknown);
}

#[test]
fn objects_that_powershell_cut_are_said_to_be() {
    let text = r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":"@{name=a; namespace=n}","spec":"@{}"}]}"#;
    let reading = read(text);
    let note = reading.report.notes.iter().find(|note| note.code == "no-name").unwrap();
    assert!(note.message.contains("-Depth"), "{}", note.message);
}

//! What `kubectl` prints, in every form that people save it in: the same objects come of each, damaged ones cost only themselves,
//! and every kind says what findings ask of it.

mod reading;

use proptest::prelude::*;
use reading::read;
use underlay_ingest::Reading;
use underlay_model::input::Format;
use underlay_model::inventory::Fragment;

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

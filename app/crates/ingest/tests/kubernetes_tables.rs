//! Tables of `kubectl` and of the API in the states that people have them in: cut by a terminal, without a header, saved by other
//! tools, printed by the server itself.

mod reading;

use reading::read;
use underlay_model::input::Format;
use underlay_model::inventory::Pod;

const WIDE: &str = "\
NAMESPACE     NAME                       READY   STATUS                  RESTARTS       AGE     IP             NODE                                NOMINATED NODE   READINESS GATES
kube-system   ama-logs-xyz               3/3     Running                 0              5d      10.13.76.5     aks-nodepool1-30661543-vmss000001   <none>           <none>         
yada          yadaapi-5f9f964f75-2tnc8   1/1     Running                 2 (3h5m ago)   4d23h   10.244.0.147   aks-nodepool1-30661543-vmss000000   <none>           <none>         
yada          pending-1                  0/1     Pending                 0              5s      <none>         <none>                              <none>           <none>         
yada          bad                        0/1     Init:CrashLoopBackOff   12 (30s ago)   5h      10.244.1.9     aks-nodepool1-30661543-vmss000001   <none>           0/1            
";

fn pods(text: &str) -> Vec<Pod> {
    let reading = read(text);
    assert_eq!((reading.report.format, reading.report.records), (Format::KubernetesTable, 4), "{text}");
    assert_eq!(reading.report.lost_bytes, 0);
    reading.fragment.pods
}

#[test]
fn a_table_is_the_same_whatever_terminal_cut_it() {
    let whole = pods(WIDE);
    assert_eq!(whole[1].restarts(), 2);
    let cut = |width: usize, strip: bool| {
        let mut text = String::new();
        for line in WIDE.lines() {
            for part in line.as_bytes().chunks(width) {
                let part = std::str::from_utf8(part).unwrap();
                text.push_str(if strip { part.trim_end() } else { part });
                text.push('\n');
            }
        }
        text
    };
    for width in 60..190 {
        let kept = cut(width, false);
        assert_eq!(pods(&kept), whole, "{width}\n{kept}");
        assert_eq!(pods(&kept.replace('\n', "\r\n")), whole, "{width}");
        let prompt = format!("$ kubectl get pods -A -o wide\n{kept}\n$ exit\n");
        assert_eq!(pods(&prompt), whole, "{width}");
        // A part that is all blank leaves nothing of itself.
        let stripped = cut(width, true);
        if !stripped.contains("\n\n") {
            assert_eq!(pods(&stripped), whole, "{width}\n{stripped}");
        }
    }
}

#[test]
fn a_table_is_the_same_quoted_in_a_mail_or_with_bars() {
    let whole = pods(WIDE);
    let each = |before: &str, behind: &str| -> String {
        WIDE.lines().map(|line| [before, line, behind, "\n"].concat()).collect()
    };
    for text in
        [each("> ", ""), each(">> ", ""), each("│ ", " │"), format!("Hello,\n\n{}\nRegards\n", each("> ", "\r"))]
    {
        assert_eq!(pods(&text), whole, "{text}");
    }
    // As pages draw tables: a rule below the header, and what would be a tag is escaped.
    let columns: Vec<&str> = vec![
        "NAMESPACE",
        "NAME",
        "READY",
        "STATUS",
        "RESTARTS",
        "AGE",
        "IP",
        "NODE",
        "NOMINATED NODE",
        "READINESS GATES",
    ];
    let mut page = format!("| {} |\n|{}\n", columns.join(" | "), " --- |".repeat(columns.len()));
    for line in WIDE.lines().skip(1) {
        let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        page += &format!("| {} |\n", cells.join(" | ").replace('<', "\\<").replace('>', "\\>"));
    }
    assert_eq!(pods(&page), whole, "{page}");
}

#[test]
fn rows_without_a_header_are_pods_or_nodes() {
    let rows: String = WIDE.lines().skip(1).map(|line| format!("{line}\n")).collect();
    assert_eq!(pods(&rows), pods(WIDE));
    let one = "yadaapi-1   1/1   Running   2 (5m ago)   3h   10.244.0.7   aks-np-1-vmss000000   <none>   <none>\n";
    let reading = read(one);
    let pod = &reading.fragment.pods[0];
    assert_eq!((pod.meta.name.as_str(), pod.restarts(), pod.addresses.len()), ("yadaapi-1", 2, 1));
    let nodes = "aks-np-1-vmss000000   Ready                      <none>   5d   v1.33.2   10.13.76.4   <none>   Ubuntu 22.04.5 LTS   5.15.0-1081-azure   containerd://1.7.25-1\n\
                 aks-np-1-vmss000001   Ready,SchedulingDisabled   <none>   5d   v1.33.2   10.13.76.5   <none>   Ubuntu 22.04.5 LTS   5.15.0-1081-azure   containerd://1.7.25-1\n";
    let found = read(nodes).fragment.nodes;
    assert_eq!((found.len(), found[1].unschedulable, found[1].internal_addresses.len()), (2, true, 1));
    assert_eq!(found[0].system[2], "containerd://1.7.25-1");
    for other in ["page 1/2   Running   text\n", "a/b   c/d   e   f\n", "copied 3/4 files   Done   1s\n"] {
        assert_eq!(read(other).report.format, Format::Unknown, "{other}");
    }
}

#[test]
fn tables_of_other_tools_and_own_columns() {
    let saved = "NAMESPACE,NAME,PF,READY,STATUS,RESTARTS,CPU,MEM,IP,NODE,AGE\n\
                 yada,api-1,●,1/1,Running,3,1,,10.244.0.7,aks-np-1-vmss000000,3h\n";
    let pod = &read(saved).fragment.pods[0];
    assert_eq!((pod.meta.qualified().as_str(), pod.restarts(), pod.ready), ("yada/api-1", 3, Some(true)));
    assert_eq!((pod.addresses.len(), pod.node_name.as_str()), (1, "aks-np-1-vmss000000"));
    let chosen = "NAME     IP           NODE\napi-1    10.244.0.7   aks-np-1-vmss000000\n";
    let pod = &read(chosen).fragment.pods[0];
    assert_eq!((pod.addresses.len(), pod.node_name.as_str()), (1, "aks-np-1-vmss000000"));
    assert_eq!(read("NAME,TYPE,COUNT\na,b,1\n").report.format, Format::Unknown);
}

#[test]
fn every_row_of_get_all_and_of_custom_resources_is_a_record() {
    let text = "\
NAME                 SCHEDULE      TIMEZONE   SUSPEND   ACTIVE   LAST SCHEDULE   AGE
cronjob.batch/tidy   */5 * * * *   <none>     False     0        2m              5h

NAME                                      REFERENCE        TARGETS       MINPODS   MAXPODS   REPLICAS   AGE
horizontalpodautoscaler.autoscaling/hpa   Deployment/api   cpu: 1%/50%   1         5         2          3h

NAMESPACE   NAME    AGE
yada        check   3h

NAMESPACE     NAME                                REQUESTED IPS   ALLOCATED IPS   SUBNET               SUBNET CIDR     NC ID   NC MODE   NC TYPE   NC VERSION
kube-system   aks-nodepool1-30661543-vmss000000   0               256             routingdomain_ovl    10.244.0.0/16   3f1c    static    overlay   0

NAMESPACE          NAME                                    OVERLAYEXTENSIONCONFIG IP RANGE
azure-alb-system   alb-overlay-extension-config-78712412   10.13.100.0/24

NAMESPACE   LAST SEEN             TYPE      REASON    OBJECT      MESSAGE
yada        3m21s (x5 over 10m)   Warning   BackOff   pod/api-1   Back-off restarting failed container

NAMESPACE   NAME        ADDRESSTYPE   PORTS   ENDPOINTS                              AGE
yada        api-x7k2p   IPv4          8080    10.244.0.1,10.244.0.2,10.244.0.3 + 2 more...   3h
";
    let reading = read(text);
    assert_eq!((reading.report.records, reading.report.notes.len()), (7, 0), "{:?}", reading.report.notes);
    let found = reading.fragment;
    let range = found.overlay_extension_configs[0].range.map(|range| range.to_string());
    assert_eq!(range.as_deref(), Some("10.13.100.0/24"));
    let container = &found.node_network_configs[0].containers[0];
    assert_eq!((container.kind.as_str(), container.address_spaces.len()), ("overlay", 1));
    assert_eq!(found.events[0].count, 5);
    assert_eq!(found.endpoint_slices[0].endpoints.len(), 3);
}

fn served(rows: &str) -> String {
    let column =
        |name: &str| format!(r#"{{"name":"{name}","type":"string","format":"","description":"","priority":0}}"#);
    let columns = ["Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node"].map(column).join(",");
    format!(
        r#"{{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{{}},"columnDefinitions":[{columns}],"rows":[{rows}]}}"#
    )
}

#[test]
fn tables_of_the_server_are_read_by_their_rows() {
    let cells = r#"["api-1","1/1","Running",2,"3h","10.244.0.7","aks-np-1-vmss000000","<none>"]"#;
    let part = r#"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"api-1","namespace":"yada","uid":"u","creationTimestamp":"2026-11-20T06:00:00Z","labels":{"app":"api"}}}"#;
    let whole = r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"api-1","namespace":"yada"},"status":{"phase":"Running","podIP":"10.244.0.7"}}"#;
    let row = |object: &str| served(&format!(r#"{{"cells":{cells},"object":{object}}}"#));

    let reading = read(&row(part));
    assert_eq!((reading.report.format, reading.report.records), (Format::KubernetesTable, 1));
    assert!(reading.report.understood() && reading.report.snapshot_ms.is_some());
    let pod = &reading.fragment.pods[0];
    assert_eq!((pod.meta.qualified().as_str(), pod.meta.uid.as_str(), pod.restarts()), ("yada/api-1", "u", 2));
    assert!(pod.from_table && pod.addresses.len() == 1 && pod.meta.label("app") == Some("api"));

    let reading = read(&row("null"));
    assert_eq!(reading.fragment.pods[0].node_name, "aks-np-1-vmss000000");

    let reading = read(&row(whole));
    assert_eq!((reading.report.format, reading.report.records), (Format::Kubernetes, 1));
    assert!(!reading.fragment.pods[0].from_table);

    // A watch names the columns once.
    let next = row(part).replace("api-1", "api-2");
    let (head, tail) = (next.find("\"columnDefinitions\":[").unwrap(), next.find(",\"rows\"").unwrap());
    let next = format!("{}\"columnDefinitions\":null{}", &next[..head], &next[tail..]);
    let watch =
        format!("{{\"type\":\"ADDED\",\"object\":{}}}\n{{\"type\":\"MODIFIED\",\"object\":{next}}}\n", row(part));
    let names: Vec<String> = read(&watch).fragment.pods.iter().map(|pod| pod.meta.name.clone()).collect();
    assert_eq!(names, ["api-1", "api-2"]);
    assert_eq!(read(&served("")).report.format, Format::KubernetesTable);
}

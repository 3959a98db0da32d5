//! Reads what `kubectl get --raw` would print of 3,600 pods with their managed fields, about 45 MB, and says how fast.
//! Run with `cargo run --release -p underlay-ingest --example kubectl_speed`, and a path to read that file instead.

use std::fmt::Write as _;
use std::time::Instant;
use underlay_ingest::{Coding, Reader};
use underlay_scan::NullSink;

/// Paths of fields that a kubelet and a controller own, as the server lists them.
fn managed_fields() -> String {
    let mut out = String::new();
    for (manager, fields) in [("kube-controller-manager", 60), ("kubelet", 90)] {
        let _ = write!(
            out,
            r#"{{"manager":"{manager}","operation":"Update","apiVersion":"v1","time":"2026-11-20T06:14:10Z","fieldsType":"FieldsV1","fieldsV1":{{"#
        );
        for field in 0..fields {
            let _ = write!(
                out,
                r#""f:field{field}":{{".":{{}},"k:{{\"type\":\"Ready{field}\"}}":{{".":{{}},"f:lastTransitionTime":{{}}}}}},"#
            );
        }
        out.push_str(r#""f:last":{}}},"#);
    }
    out.pop();
    out
}

fn pod(index: usize, managed: &str) -> String {
    let (name, node) = (format!("api-{}-{index:05}", index / 10), index % 60);
    let address = format!("10.244.{}.{}", index / 250, index % 250);
    format!(
        r#"{{"metadata":{{"name":"{name}","generateName":"api-{0}-","namespace":"ns{1}","uid":"5b1c0c1e-1111-4222-8333-{index:012}","resourceVersion":"{index}","creationTimestamp":"2026-11-20T06:13:58Z","labels":{{"app":"api-{0}","pod-template-hash":"5f9f964f75"}},"annotations":{{"cni.projectcalico.org/podIP":"{address}/32","checksum/config":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}},"ownerReferences":[{{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"api-{0}-5f9f964f75","uid":"x","controller":true,"blockOwnerDeletion":true}}],"managedFields":[{managed}]}},"spec":{{"volumes":[{{"name":"kube-api-access","projected":{{"sources":[{{"serviceAccountToken":{{"expirationSeconds":3607,"path":"token"}}}}],"defaultMode":420}}}}],"containers":[{{"name":"api","image":"registry.example/api:1.2.3","ports":[{{"name":"http","containerPort":8080,"protocol":"TCP"}}],"env":[{{"name":"A","value":"one \"two\" three"}},{{"name":"B","value":"x"}}],"resources":{{"limits":{{"cpu":"500m","memory":"256Mi"}}}},"livenessProbe":{{"httpGet":{{"path":"/live","port":"http","scheme":"HTTP"}},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3}},"readinessProbe":{{"httpGet":{{"path":"/ready","port":8080,"scheme":"HTTP"}},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3}},"terminationMessagePath":"/dev/termination-log","imagePullPolicy":"IfNotPresent"}}],"restartPolicy":"Always","nodeName":"aks-nodepool1-30661543-vmss{node:06}","tolerations":[{{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}}],"priority":0}},"status":{{"phase":"Running","conditions":[{{"type":"Initialized","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-20T06:13:58Z"}},{{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-20T06:14:10Z"}}],"hostIP":"10.13.76.{node}","podIP":"{address}","podIPs":[{{"ip":"{address}"}}],"startTime":"2026-11-20T06:13:58Z","containerStatuses":[{{"name":"api","state":{{"running":{{"startedAt":"2026-11-20T06:14:01Z"}}}},"lastState":{{}},"ready":true,"restartCount":0,"image":"registry.example/api:1.2.3","started":true}}],"qosClass":"Burstable"}}}}"#,
        index / 10,
        index % 40,
    )
}

fn main() {
    let managed = managed_fields();
    let pods: Vec<String> = (0..3600).map(|index| pod(index, &managed)).collect();
    let text = format!(
        r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{"resourceVersion":"1"}},"items":[{}]}}"#,
        pods.join(",")
    );
    let text = match std::env::args().nth(1) {
        Some(path) => std::fs::read_to_string(path).unwrap_or_default(),
        None => text,
    };
    for run in 0..3 {
        let start = Instant::now();
        let mut reader = Reader::new("pods.json", text.len() as u64, Coding::Plain);
        for chunk in text.as_bytes().chunks(1 << 20) {
            reader.push(chunk, &mut NullSink);
        }
        let reading = reader.finish(&mut NullSink);
        let ours = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let serde = start.elapsed().as_secs_f64();
        let megabytes = text.len() as f64 / 1e6;
        println!(
            "run {run}: {megabytes:.1} MB, {} pods in {ours:.3} s = {:.0} MB/s; serde_json to a Value {:.0} MB/s ({})",
            reading.fragment.pods.len(),
            megabytes / ours,
            megabytes / serde,
            value.is_object()
        );
    }
}

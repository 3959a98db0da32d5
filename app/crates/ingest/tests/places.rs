//! Every object keeps where it begins, whatever the envelope, and from there its own lines are found again.

use underlay_ingest::{Coding, Reader, Reading, object_text};
use underlay_model::inventory::{Fragment, List};
use underlay_scan::NullSink;

/// Reads a text as one input, with where its objects stand.
fn read(text: &str) -> Reading {
    let mut reader = Reader::new("x", text.len() as u64, Coding::Plain);
    reader.push(text.as_bytes(), &mut NullSink);
    reader.finish(&mut NullSink)
}

fn pod(name: &str) -> String {
    format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}","namespace":"n"}},"status":{{"podIP":"10.0.0.1"}}}}"#
    )
}

const YAML_POD: &str =
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: NAME\n  namespace: n\nstatus:\n  podIP: 10.0.0.1\n";

/// The text of the pod of this number, from where it is said to stand.
fn text_of(text: &str, fragment: &Fragment, index: usize) -> String {
    let byte = fragment.places.byte(List::Pods, index).expect("its place is known");
    let (before, from) = text.as_bytes().split_at(usize::try_from(byte).expect("it fits"));
    object_text(before, from, "metadata/name").concat()
}

#[test]
fn pods_of_every_envelope_open_to_their_own_text() {
    let (a, b, c) = (pod("a"), pod("b"), pod("zürich"));
    let yaml = |name: &str| YAML_POD.replace("NAME", name);
    let indented = |name: &str| yaml(name).trim_end().replace('\n', "\n  ");
    let bare = |name: &str| pod(name).replace(r#""apiVersion":"v1","kind":"Pod","#, "");
    let long: Vec<String> = (0..9000).map(|_| pod("filler")).collect();
    let cases = [
        ("list", format!("{{\"apiVersion\":\"v1\",\"items\":[\n    {a},\n    {b},{c}\n],\"kind\":\"List\"}}"), 3),
        (
            "raw list",
            format!("{{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[{},{}]}}\n", bare("a"), bare("b")),
            2,
        ),
        ("kind behind", format!("{{\"items\":[{},{}],\"kind\":\"PodList\"}}", bare("a"), bare("b")), 2),
        ("single", a.clone(), 1),
        ("concatenated", format!("{a}\n{b}{c}\n"), 3),
        ("watch", format!("{{\"type\":\"ADDED\",\"object\":{a}}}\n{{\"type\":\"MODIFIED\",\"object\":{b}}}\n"), 2),
        ("documents", format!("{}---\n# note\n{}", yaml("a"), yaml("b")), 2),
        ("yaml list", format!("apiVersion: v1\nitems:\n- {}\n- {}\nkind: List\n", indented("a"), indented("b")), 2),
        ("behind text", format!("$ kubectl get pods -o json\n{a}\nwarning: x\n{b}\n"), 2),
        ("damaged", format!("{{\"items\":[{a},{{\"kind\":\"Pod\",oops}},{b}],\"kind\":\"List\"}}"), 2),
        (
            "table",
            "NAMESPACE  NAME  READY  STATUS   RESTARTS  AGE\nn  a  1/1  Running  0  1d\nn  b  1/1  Running  0  1d\n"
                .to_owned(),
            2,
        ),
        ("beyond a portion", format!("[{},{a},{b}]", long.join(",")), 9002),
    ];
    for (what, text, number) in cases {
        let fragment = read(&text).fragment;
        assert_eq!(fragment.pods.len(), number, "{what}");
        for (index, pod) in fragment.pods.iter().enumerate().rev().take(20) {
            let own = text_of(&text, &fragment, index);
            assert!(own.contains(&pod.meta.name), "{what}: {own}");
            let others = fragment.pods.iter().filter(|other| other.meta.name != pod.meta.name);
            let holds = |name: &str| own.contains(&format!("\"{name}\"")) || own.contains(&format!("name: {name}\n"));
            assert!(!others.into_iter().any(|other| holds(&other.meta.name)), "{what}: {own}");
        }
    }
}

#[test]
fn rows_of_metrics_and_elements_of_azure_lists_have_places_of_their_own() {
    let metrics = "# TYPE alb_controller_total_endpoints gauge\nalb_controller_total_endpoints{a=\"x\"} 4\nalb_controller_total_unhealthy_endpoints{a=\"x\"} 1\nup 1\n";
    let fragment = read(metrics).fragment;
    let byte = fragment.places.byte(List::ControllerSamples, 1).expect("it is known");
    assert!(metrics[usize::try_from(byte).expect("it fits")..].starts_with("alb_controller_total_unhealthy"));
    let subnet = |name: &str| {
        format!(
            r#"{{"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/{name}","name":"{name}","addressPrefix":"10.0.0.0/24","type":"Microsoft.Network/virtualNetworks/subnets"}}"#
        )
    };
    let list = format!("[\n  {},\n  {}\n]", subnet("a"), subnet("b"));
    let fragment = read(&list).fragment;
    for (index, name) in ["a", "b"].iter().enumerate() {
        let byte = fragment.places.byte(List::Subnets, index).expect("it is known");
        assert!(list[usize::try_from(byte).expect("it fits")..].starts_with(&subnet(name)), "{name}");
    }
}

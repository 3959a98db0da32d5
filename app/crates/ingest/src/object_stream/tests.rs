//! What is taken as it arrives is what the walk over the whole text finds.

use super::read_in_portions as read;
use crate::damage::{damaged, harm};
use proptest::prelude::*;

fn pod(name: &str) -> String {
    format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}","namespace":"n"}},"status":{{"podIP":"10.0.0.x"}}}}"#
    )
}

fn texts() -> Vec<String> {
    let (a, b, c) = (pod("a"), pod("b"), pod("zürich"));
    let bare = a.replace(r#""apiVersion":"v1","kind":"Pod","#, "");
    let list = format!("{{\"apiVersion\":\"v1\",\"items\":[\n{a},\n{b},{c}\n],\"kind\":\"List\",\"metadata\":{{}}}}\n");
    let log = "==== START logs for container a of pod b/c ====\n{\"kind\":\"Pod\"\n==== END logs for container a of pod b/c ====\n";
    vec![
        list.clone(),
        format!("{list}{list}"),
        format!("[{a},{b},\n{c}]"),
        format!("{a}\n{b}{c}\n"),
        format!("{{\"type\":\"ADDED\",\"object\":{a}}}\n{{\"type\":\"BOOKMARK\",\"object\":{b}}}\n"),
        format!("{{\"kind\":\"PodList\",\"items\":[{bare},{bare}]}}\n{list}"),
        format!("{{\"items\":[{bare},{bare}],\"kind\":\"PodList\"}}"),
        format!("{{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"items\":null}}{list}{log}{list}{log}"),
        format!("{list}some text\nNAME  READY  STATUS  RESTARTS\nt  1/1  Running  0\n{list}"),
        format!("{list}---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: y\n"),
        format!("{{\"items\":[{a},{b},{{\"kind\":\"Pod\",oops}},{c}],\"kind\":\"List\"}}"),
        format!("{{\"items\":[{a},null,5,{b},{{}},[],{c}],\"kind\":\"List\"}}"),
        format!("{{\"items\":[{a}],\"items\":[{b}],\"kind\":\"List\"}}"),
        format!("{{\"items\":[{{\"x\":1}},{{\"y\":2}}],\"kind\":\"List\",\"apiVersion\":\"v1\"}}"),
        format!(
            "{{\"items\":[{a}],\"kind\":\"List\"}}{{\"services\":[{{\"serviceName\":\"n/s/1\",\"serviceHealth\":[]}}]}}"
        ),
        format!("{list}{{\"records\":[{{\"flowRecords\":1}}]}}{list}"),
        format!("{list}\u{1b}[0m{list}"),
        format!("[{a},5,{b}]x{c}"),
        format!("{a}{{\"odd\":1}}\"}}]{b}"),
        format!(
            "{list}{{\",records\":[{{\"flowRecords\":1}}]}}{}",
            list.replace("e\":\"b\",\"namespace\":\"n\"},\"st", "")
        ),
        format!("[{a},5]{}]x{c}", b.trim_start_matches('{')),
        format!("{{\"items\":[{a},null,]}}\"5,{b},{{}},[],{c}],\"kind\":\"List\"}}"),
        format!("{}{list}", list.replace("adata\":{", "records\":[{\"flowRecords\":1}]")),
    ]
    .into_iter()
    .chain(answers())
    .collect()
}

/// Lists of other answers: metrics, resources, health, series.
fn answers() -> Vec<String> {
    let metric = |name: &str| {
        format!(
            r#"{{"name":{{"value":"{name}"}},"timeseries":[{{"data":[{{"timeStamp":"2026-11-20T09:00:00Z","total":1}}]}}]}}"#
        )
    };
    let metrics = format!(
        r#"{{"timespan":"2026-11-20T09:00:00Z/2026-11-20T10:00:00Z","interval":"PT1M","value":[{},{}],"namespace":"n"}}"#,
        metric("a"),
        metric("b")
    );
    let series =
        |name: &str| format!(r#"{{"metric":{{"__name__":"{name}"}},"values":[[1795165220,"4"],[1795165280,"3"]]}}"#);
    let samples = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{},{}],"stats":{{}}}},"warnings":[]}}"#,
        series("total_endpoints"),
        series("up")
    );
    let subnet = |name: &str| {
        format!(
            r#"{{"id":"/subscriptions/1/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v/subnets/{name}","name":"{name}","addressPrefix":"10.0.0.0/24"}}"#
        )
    };
    let subnets = format!("[{},\n{}]", subnet("a"), subnet("b"));
    let health =
        r#"{"services":[{"serviceName":"n/s/1","serviceHealth":[]},{"serviceName":"n/t/1","serviceHealth":[]}]}"#;
    vec![
        metrics.clone(),
        samples.clone(),
        subnets.clone(),
        format!("{metrics}{}{samples}\n{health}", metrics.replace("PT1M", "PT1H")),
        format!(r#"{{"count":2,"data":{subnets},"value":[{}]}}{health}"#, metric("c")),
        format!("{samples}{}", samples.replace(r#"],"stats""#, r#",{"odd":1},5],"stats""#)),
        format!("[{},{}]{subnets}", series("up"), pod("a")),
        samples.replace("[{\"metric", "[ {\"metric").replace("matrix", "streams"),
        samples.replace(r#""result":["#, r#""result":[],"x":["#),
    ]
}

/// So much in one text that a beginning of YAML is believed.
fn long(yaml: &str) -> String {
    format!("{yaml}{}", "#\n".repeat(420))
}

fn yaml_texts() -> Vec<String> {
    let item = |name: &str, more: &str| {
        format!(
            "- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: {name}\n    labels: {{a: b}}\n{more}  status:\n    podIP: 10.0.0.x\n"
        )
    };
    let (a, b, c) = (item("a", ""), item("zürich", "\n# note\n"), item("c", "  x: |\n    - y\n    apiVersion: v1\n"));
    let bare = a.replace("apiVersion: v1\n  kind: Pod\n  ", "");
    let list = format!("apiVersion: v1\nitems:\n{a}{b}{c}kind: List\nmetadata:\n  resourceVersion: \"\"\n");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n";
    let slice = "addressType: IPv4\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata:\n  name: s\n";
    let json = self::pod("j");
    vec![
        long(&list),
        format!("{}---\n{list}...\n{list}", long(&list)),
        format!("---\n# c\n{pod}{}---\n\n{slice}{pod}{slice}---\nnull\n---\nodd: 1\n---\n{pod}", long("")),
        format!("{}{list}{{\"apiVersion\":\"v1\",\"items\":[{json}],\"kind\":\"List\"}}\n{list}", long(&list)),
        format!("{}{pod}", long(&format!("items:\n{a}{bare}{c}kind: PodList\napiVersion: v1\n"))),
        long(&list.replace("labels: {a: b}", "labels: &x {a: b}").replacen("labels: &x {a: b}", "labels: *x", 1)),
        format!("{}{c}  : : [\n{a}---\n{list}", long(&list)),
        format!("{}{}\n{json}\n", long("kind: List\nitems:\napiVersion: v1\n"), list),
        format!("{}❯ kubectl get pod\nNAME  READY  STATUS  RESTARTS\nt  1/1  Running  0\n{list}", long(&list)),
        long(&list.replace("items:\n", "items: # all\n").replace('\n', "\r\n")),
        long(&list.replace("\n  ", "\n    ").replace("\n- ", "\n  - ")),
        format!("{}\u{1b}[0m{list}", long(&list)),
        format!("{}items:\n{a}---\n- {a}---\n{list}", long(&list)),
        format!("---\n{}", long("")),
    ]
}

#[test]
fn yaml_is_taken_as_it_arrives() {
    for text in yaml_texts() {
        let cuts = (0..text.len()).step_by(127).chain([text.len()]).filter(|&at| text.is_char_boundary(at));
        for cut in cuts {
            let part = &text[..cut];
            let (whole, _) = read(part, usize::MAX);
            for portion in [1, 300, 2000] {
                assert_eq!(read(part, portion).0, whole, "{portion}: {part}");
            }
        }
    }
    let many: String =
        (0..400).map(|n| format!("- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a{n}\n")).collect();
    let (reading, left) = read(&format!("apiVersion: v1\nitems:\n{many}kind: List\n"), 500);
    assert_eq!((reading.fragment.pods.len(), reading.report.notes.len()), (400, 0));
    assert!(left < 2000, "{left} bytes were kept");
}

#[test]
fn what_is_taken_as_it_arrives_is_what_the_walk_finds() {
    for text in texts() {
        let cuts = (0..text.len()).step_by(37).chain([text.len()]).filter(|&at| text.is_char_boundary(at));
        for cut in cuts {
            let part = &text[..cut];
            let (whole, _) = read(part, usize::MAX);
            for portion in [1, 40, 300] {
                assert_eq!(read(part, portion).0, whole, "{portion}: {part}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn it_is_so_of_damaged_texts_too(
        which in 0usize..46,
        harms in proptest::collection::vec(harm("[\\[\\]{}\",: \n5a-]{0,5}"), 1..4),
        portion in 1usize..600,
    ) {
        let mut text = [texts(), yaml_texts()].concat().swap_remove(which);
        for harm in harms {
            text = damaged(&text, &harm);
        }
        prop_assert_eq!(read(&text, portion).0, read(&text, usize::MAX).0, "{}", text);
    }
}

#[test]
fn little_of_a_long_list_is_left() {
    let items: Vec<String> = (0..2000).map(|number| pod(&format!("p{number}"))).collect();
    let lists = format!("{{\"apiVersion\":\"v1\",\"items\":[{}],\"kind\":\"List\"}}\n", items.join(",\n"));
    let (reading, left) = read(&format!("{lists}{lists}"), 4096);
    assert_eq!((reading.report.records, reading.fragment.pods.len()), (4000, 4000));
    assert!(left < 9000, "{left}");
    assert_eq!(reading.report.notes[0].byte, 28);
}

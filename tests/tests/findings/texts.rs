//! What every finding has and how it reads: complete, in three sentences, with a link to a page that exists.

use serde_json::Value;

/// Whether a finding has what the contract wants of it, with evidence and what would refute it.
pub fn is_whole(finding: &Value) -> bool {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let list = |key: &str| finding[key].as_array().cloned().unwrap_or_default();
    let one_of = |key: &str, words: &[&str]| words.contains(&text(key));
    one_of("severity", &["critical", "warning", "info"])
        && one_of("kind", &["failing", "degraded", "denied", "notice"])
        && one_of("confidence", &["measured", "inferred", "lead"])
        && !text("subject").is_empty()
        && !list("evidence").is_empty()
        && !list("refutes").is_empty()
}

/// What makes a finding hard to read: it is told in three sentences, which are its title (subject and fact), what it leads to, and what
/// to do, the last with a link to public documentation.
pub fn unclear(finding: &Value) -> Option<&'static str> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let list = |key: &str| finding[key].as_array().expect("a list").iter().map(text).collect::<Vec<String>>();
    let (title, consequence, next) = (text(&finding["title"]), text(&finding["consequence"]), list("next"));
    let whole = |words: &str| words.ends_with('.') && !words.contains(". ") && words.starts_with(char::is_uppercase);
    let titled = title.ends_with('.') && !title.contains(". ");
    let counts_badly = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        let one = |pair: &[&str]| pair[0] == "1" && pair[1].trim_end_matches(['.', ',', ';']).ends_with('s');
        words.windows(2).any(|pair| one(pair) && !matches!(pair[1], "is" | "has" | "ms" | "s"))
    };
    if !titled {
        return Some("its title is not one sentence");
    }
    if !whole(&consequence) {
        return Some("what it leads to is not one sentence");
    }
    let step = |one: &String| one.split(" https://").next().is_some_and(|words| !words.contains(". "));
    if !next.first().is_some_and(|first| step(first) && first.starts_with(char::is_uppercase)) {
        return Some("what to do first is not one sentence");
    }
    let links: Vec<&str> = next.iter().filter_map(|one| one.split_once("https://")).map(|(_, link)| link).collect();
    if links.is_empty() {
        return Some("no step links to public documentation");
    }
    if !links
        .iter()
        .all(|link| PAGES.iter().any(|(site, pages)| link.strip_prefix(site).is_some_and(|page| pages.contains(&page))))
    {
        return Some("a link leads to a page that is not known to exist");
    }
    let all = [vec![title, consequence], next, list("evidence"), list("refutes")].concat();
    all.iter().any(|words| counts_badly(words)).then_some("a number and its noun disagree")
}

/// Pages of public documentation that findings may lead to: a new one is looked up in the source of its site first.
const PAGES: [(&str, &[&str]); 7] = [
    (
        "learn.microsoft.com/azure/application-gateway/for-containers/",
        &[
            "alb-controller-backend-health-metrics",
            "application-gateway-for-containers-metrics",
            "container-networking",
            "custom-health-probe",
            "diagnostics",
            "scaling-zone-resiliency",
            "session-affinity",
            "troubleshooting-guide",
        ],
    ),
    (
        "learn.microsoft.com/azure/aks/",
        &[
            "concepts-network-cni-overview",
            "concepts-network-ip-address-planning",
            "container-network-observability-logs",
            "upgrade-aks-ipam-and-dataplane",
        ],
    ),
    ("learn.microsoft.com/azure/network-watcher/", &["vnet-flow-logs-manage", "vnet-flow-logs-overview"]),
    (
        "learn.microsoft.com/azure/virtual-network/",
        &[
            "network-security-group-how-it-works",
            "network-security-groups-overview",
            "virtual-network-encryption-overview",
            "virtual-networks-udr-overview",
            "what-is-ip-address-168-63-129-16",
        ],
    ),
    (
        "kubernetes.io/docs/concepts/",
        &[
            "services-networking/endpoint-slices/",
            "services-networking/network-policies/",
            "workloads/pods/pod-lifecycle/",
        ],
    ),
    (
        "kubernetes.io/docs/",
        &[
            "reference/kubectl/generated/kubectl_get/",
            "tasks/debug/debug-application/debug-running-pod/",
            "tasks/debug/debug-application/debug-service/",
        ],
    ),
    ("gateway-api.sigs.k8s.io/api-types/", &["httproute/", "referencegrant/"]),
];

//! Where witnesses contradict each other: named, with what that usually means. The contradiction is often the answer.

use super::Heard;

/// A sentence for each two that say the opposite; `pod` is whether they speak of one pod.
pub(super) fn sentences(heard: Heard, pod: bool) -> Vec<String> {
    let ready = if pod { "the pod is Ready" } else { "all pods are Ready" };
    let not_ready = if pod { "the pod is not Ready" } else { "not all pods are Ready" };
    let mut all = Vec::new();
    let mut say = |parts: &[&str]| all.push(parts.concat());
    match (heard.backend_health, heard.kubernetes) {
        (Some(false), Some(true)) => say(&[
            "Backend health against Kubernetes: the gateway says UNHEALTHY, ",
            ready,
            ". They ask by different ways: compare path, port, host and TLS of both probes.",
        ]),
        (Some(true), Some(false)) => say(&[
            "Backend health against Kubernetes: the gateway says HEALTHY, ",
            not_ready,
            ". The two were saved at different moments, or the readiness probe asks for more.",
        ]),
        _ => {}
    }
    match (heard.backend_health, heard.probes) {
        (Some(false), Some(true)) => say(&[
            "Backend health against flow logs: probes get bytes back, the gateway says UNHEALTHY. The network works; the answer is not the one that is wanted.",
        ]),
        (Some(true), Some(false)) => say(&[
            "Backend health against flow logs: probes went without an answer, the gateway says HEALTHY. They speak of different moments.",
        ]),
        _ => {}
    }
    if let (Some(true), Some(false)) = (heard.kubernetes, heard.probes) {
        say(&[
            "Kubernetes against flow logs: ",
            ready,
            ", and the gateway's probes get no answer. The way from the gateway differs from the kubelet's: rules, port, or a process that hangs.",
        ]);
    }
    if let (Some(false), Some(true), None) = (heard.kubernetes, heard.probes, heard.backend_health) {
        say(&[
            "Kubernetes against flow logs: ",
            not_ready,
            ", and probes get bytes back. An answer may be an error: the status is not in the log.",
        ]);
    }
    let others = [heard.backend_health, heard.kubernetes, heard.probes];
    if heard.requests == Some(false) && others.iter().flatten().count() > 0 && others.iter().flatten().all(|well| *well)
    {
        say(&[
            "Requests against every check: the checks pass, yet requests were answered with 5xx. The probe does not ask for what users ask for.",
        ]);
    }
    if let (Some(true), Some(false)) = (heard.metric, heard.backend_health) {
        say(&[
            "Metric against backend health: the last value counts all targets, the gateway's answer does not. The answer has no time; it may be older or newer.",
        ]);
    }
    if let (Some(false), Some(true)) = (heard.metric, heard.backend_health) {
        say(&[
            "Metric against backend health: the last value is short of targets, the gateway's answer says HEALTHY. The answer has no time; it may be older or newer.",
        ]);
    }
    all
}

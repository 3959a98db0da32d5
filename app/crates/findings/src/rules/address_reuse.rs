//! One address, several pods, one after another.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::summary::EndpointKind;
use underlay_model::time::{format_rfc3339, minute_of};
use underlay_model::view::MinuteRange;

pub(crate) const RULE: Rule = Rule {
    id: "address-reused",
    question: "Does an address pass from one pod to another within the capture?",
    why: "Nothing is wrong: what the flow logs say of this address is divided between the pods by time.",
    needs: &[Need::FlowLogs, Need::Pods],
    reads: Reads::Flows,
    refutes: &["Start and end times of the pods that are wrong or missing."],
    next: &[
        "Select each pod's own time before you read numbers of this address. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let Some((first, last)) = facts.known.span else { return };
    let resolver = facts.known.resolver;
    let range = MinuteRange { first: minute_of(first), last: minute_of(last) };
    let contested = resolver.contested(range);
    let mut used = vec![false; contested.len()];
    for end in facts.known.pairs.iter().flat_map(|pair| [pair.src, pair.dst]) {
        if let Ok(at) = contested.binary_search(&end)
            && let Some(used) = used.get_mut(at)
        {
            *used = true;
        }
    }
    for (address, used) in contested.into_iter().zip(used) {
        let tenures = resolver.tenures(address, range);
        let pods: Vec<_> = tenures.iter().filter(|(_, owner)| owner.kind == EndpointKind::Pod).collect();
        if pods.len() < 2 || !used {
            continue;
        }
        let subject = address.to_string();
        let finding = found.add(
            Severity::Info,
            "notice",
            "measured",
            &subject,
            &["Address ", &subject, " belonged to ", &crate::engine::count(pods.len(), "pod"), ", one after another."],
        );
        for (minutes, owner) in pods {
            let name = resolver.name(*owner).unwrap_or_default();
            finding.evidence('K', &[&name, " from ", &format_rfc3339(minutes.first * 60_000), "."]).about("pod", &name);
        }
    }
}

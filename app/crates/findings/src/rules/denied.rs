//! Everything else that was denied, by rule: information, since denying is what rules are for.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use std::collections::BTreeMap;
use underlay_model::summary::{EndpointKind, Pair};
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "traffic-denied",
    question: "What do rules deny beside?",
    why: "Information: scans from the internet are denied all the time.",
    needs: &[Need::FlowLogs],
    reads: Reads::Flows,
    refutes: &["Allowed flows of the same pair later in time."],
    next: &[
        "Nothing to do unless one of these should pass. https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    // Denied tuples, pairs, first and last time, the largest pair.
    let mut rules: BTreeMap<&str, (u64, usize, i64, i64, u64, String, Option<&Pair>)> = BTreeMap::new();
    for (pair, source, target) in facts.pairs().filter(|(pair, ..)| pair.verdict == Verdict::Denied) {
        let known = [source.kind, target.kind];
        if source.kind == EndpointKind::GatewayInstance || known.contains(&EndpointKind::Platform) {
            continue;
        }
        let rule = pair.rules.first().map_or("", String::as_str);
        let sum = rules.entry(rule).or_insert((0, 0, i64::MAX, i64::MIN, 0, String::new(), None));
        sum.0 += pair.denied;
        sum.1 += 1;
        (sum.2, sum.3) = (sum.2.min(pair.first_ms), sum.3.max(pair.last_ms));
        if pair.denied > sum.4 {
            (sum.4, sum.6) = (pair.denied, Some(pair));
            sum.5 = [
                facts.name(source, pair.src),
                " to ".to_owned(),
                facts.name(target, pair.dst),
                ":".to_owned(),
                pair.port.to_string(),
            ]
            .concat();
        }
    }
    for (rule, (count, pairs, first, last, most, example, pair)) in rules {
        let finding = found
            .add(
                Severity::Info,
                "denied",
                "measured",
                rule,
                &[
                    "Rule ",
                    if rule.is_empty() { "without a name" } else { rule },
                    " denied ",
                    &count.to_string(),
                    " attempts.",
                ],
            )
            .evidence(
                'F',
                &[&crate::engine::count(pairs, "pair"), "; most often ", &example, ", ", &most.to_string(), " times."],
            )
            .when(first, last);
        if let Some(pair) = pair {
            finding.rows(pair);
        }
    }
}

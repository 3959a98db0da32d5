//! Everything else that was denied, by rule: information, since denying is what rules are for.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, times};
use crate::facts::Facts;
use std::collections::BTreeMap;
use underlay_model::summary::{EndpointKind, Pair};
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "traffic-denied",
    question: "What else do rules deny?",
    why: "Usually nothing is wrong: scans from the internet are denied all the time, and none of these came from the gateway.",
    needs: &[Need::FlowLogs],
    reads: Reads::Flows,
    refutes: &["Allowed flows of the same pair later in time."],
    next: &[
        "Nothing to do, unless one of these should pass: then allow it by a rule with a smaller priority number. https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview",
    ],
    check,
};

/// Denied attempts of one rule.
struct Sum<'a> {
    denied: u64,
    pairs: usize,
    first_ms: i64,
    last_ms: i64,
    /// The pair with the most of them, and in words.
    most: (u64, String, Option<&'a Pair>),
}

fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut rules: BTreeMap<&str, Sum<'_>> = BTreeMap::new();
    for (pair, source, target) in facts.pairs().filter(|(pair, ..)| pair.verdict == Verdict::Denied) {
        let known = [source.kind, target.kind];
        if source.kind == EndpointKind::GatewayInstance || known.contains(&EndpointKind::Platform) {
            continue;
        }
        let rule = pair.rules.first().map_or("", String::as_str);
        let new = || Sum { denied: 0, pairs: 0, first_ms: i64::MAX, last_ms: i64::MIN, most: (0, String::new(), None) };
        let sum = rules.entry(rule).or_insert_with(new);
        sum.denied = sum.denied.saturating_add(pair.denied);
        sum.pairs += 1;
        (sum.first_ms, sum.last_ms) = (sum.first_ms.min(pair.first_ms), sum.last_ms.max(pair.last_ms));
        if pair.denied > sum.most.0 {
            sum.most = (pair.denied, super::way(facts, pair, source, target), Some(pair));
        }
    }
    for (rule, Sum { denied, pairs, first_ms, last_ms, most: (most, example, pair) }) in rules {
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
                    &times(denied, "connection attempt"),
                    ".",
                ],
            )
            .evidence(
                'F',
                &[
                    &crate::engine::count(pairs, "pair"),
                    " of addresses; most often ",
                    &example,
                    ", ",
                    &times(most, "time"),
                    ".",
                ],
            )
            .when(first_ms, last_ms);
        if let Some(pair) = pair {
            finding.rows(pair);
        }
    }
}

//! Findings as a list that opens, worst first. More than a few of one rule and severity stand under one row, which opens to them.

use super::row::{Row, glyph};
use crate::frame::{Glyph, batches};
use crate::state::use_capture;
use crate::state::use_view;
use crate::wording::{self, sentences};
use leptos::prelude::*;
use std::ops::Range;
use std::sync::Arc;
use underlay_model::finding::{FindingsReport, ShownFinding};

/// So many like findings stand as rows of their own.
const FEW: usize = 3;
/// Rows that are made in one frame.
const BATCH: usize = 20;
/// Subjects that the row of like findings names.
const NAMED: usize = 3;
/// What findings say in common must be so many words, to be said at all.
const LEAST_WORDS: usize = 3;

/// Rows of the list: a finding, or several that are alike.
fn parts(findings: &[ShownFinding]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = 0;
    for same in findings.chunk_by(|a, b| (&a.finding.id, &a.finding.severity) == (&b.finding.id, &b.finding.severity)) {
        let end = at + same.len();
        if same.len() > FEW {
            parts.push(at..end);
        } else {
            parts.extend((at..end).map(|one| one..one + 1));
        }
        at = end;
    }
    parts
}

/// What all titles say, with a gap where they differ; empty when that is too little.
fn common(titles: &[&str]) -> String {
    let words: Vec<Vec<&str>> = titles.iter().map(|title| title.split(' ').collect()).collect();
    let Some((first, rest)) = words.split_first() else { return String::new() };
    let shortest = words.iter().map(Vec::len).min().unwrap_or(0);
    let same = |at: &usize| rest.iter().all(|other| other.get(*at) == first.get(*at));
    let before = (0..shortest).take_while(same).count();
    let from_end = |words: &[&str], at: usize| {
        words.len().checked_sub(at + 1).and_then(|at| words.get(at).map(|word| (*word).to_owned()))
    };
    let same_end = |at: &usize| rest.iter().all(|other| from_end(other, *at) == from_end(first, *at));
    let after = (0..shortest - before).take_while(same_end).count();
    if before + after < LEAST_WORDS.min(shortest) {
        return String::new();
    }
    let start = first.get(..before).unwrap_or_default().join(" ");
    let end = first.get(first.len() - after..).unwrap_or_default().join(" ");
    match (before + after < first.len(), start.is_empty(), end.is_empty()) {
        (false, ..) => first.join(" "),
        (true, true, _) => ["… ", &end].concat(),
        (true, false, true) => [&start, " …"].concat(),
        (true, false, false) => [&start, " … ", &end].concat(),
    }
}

/// The list.
#[component]
pub fn FindingsList() -> impl IntoView {
    let capture = use_capture();
    // Which rows of like findings are open; a change of the range must not close them.
    let unfolded = RwSignal::new(Vec::<String>::new());
    move || match capture.findings.get() {
        None => view! { <div class="skeleton" aria-hidden="true"></div> }.into_any(),
        Some(report) if report.findings.is_empty() => {
            view! { <p class="rail-note">{sentences::NO_FINDINGS}</p> }.into_any()
        }
        Some(report) => {
            let parts = parts(&report.findings);
            let number = parts.len();
            let items = move |wanted: Range<usize>| {
                let part = |part: &Range<usize>| match report.findings.get(part.clone())? {
                    [one] => Some(view! { <Row shown=one.clone()/> }.into_any()),
                    _ => Some(view! { <Alike report=report.clone() part=part.clone() unfolded=unfolded/> }.into_any()),
                };
                parts.get(wanted).unwrap_or_default().iter().filter_map(part).collect_view().into_any()
            };
            let list = batches(number, BATCH, Arc::new(items)).0;
            view! { <ul class="find" data-testid="findings">{list}</ul> }.into_any()
        }
    }
}

/// Several like findings under one row.
#[component]
fn Alike(report: Arc<FindingsReport>, part: Range<usize>, unfolded: RwSignal<Vec<String>>) -> impl IntoView {
    let (view, capture) = (use_view(), use_capture());
    let all = report.findings.get(part.clone()).unwrap_or_default();
    let first = all.first()?;
    let (id, severity) = (first.finding.id.clone(), first.finding.severity.clone());
    let key = [severity.as_str(), " ", &id].concat();
    let names: Vec<String> = all.iter().map(super::name).collect();
    let titles: Vec<&str> = all.iter().map(|one| one.finding.title.as_str()).collect();
    let mut title = common(&titles);
    if title.is_empty() {
        title =
            report.checks.iter().find(|check| check.id == id).map(|check| check.question.clone()).unwrap_or_default();
    }
    let subjects: Vec<&str> = all.iter().take(NAMED).map(|one| one.finding.subject.as_str()).collect();
    let more = if all.len() > NAMED { ", …" } else { "" };
    let subjects = [&subjects.join(", "), more].concat();
    let number = wording::counted(all.len() as u64, "like finding", "like findings");
    let symbol = glyph(first);
    // One of them that is opened from elsewhere unfolds them, too.
    let holds_open = {
        let names = names.clone();
        Memo::new(move |_| view.finding.with(|open| open.as_ref().is_some_and(|open| names.contains(open))))
    };
    let own_key = key.clone();
    let is_open = Memo::new(move |_| holds_open.get() || unfolded.with(|all| all.contains(&own_key)));
    let toggle = move |_| {
        let fold = is_open.get_untracked();
        if fold && holds_open.get_untracked() {
            view.finding.set(None);
        }
        unfolded.update(|all| {
            all.retain(|one| *one != key);
            if !fold {
                all.push(key.clone());
            }
        });
    };
    let rows = move || {
        let (report, part) = (report.clone(), part.clone());
        let items = move |wanted: Range<usize>| {
            let all = report.findings.get(part.clone()).unwrap_or_default();
            let rows = all.get(wanted).unwrap_or_default().iter();
            rows.map(|one| view! { <Row shown=one.clone()/> }).collect_view().into_any()
        };
        batches(names.len(), BATCH, Arc::new(items)).0
    };
    Some(view! {
        <li class="alike" data-testid="alike" data-rule=id>
            <button aria-expanded=move || is_open.get().to_string() on:click=toggle>
                <Glyph name=symbol/>
                <span class="ti">
                    <span class="sr">{[severity.as_str(), ": "].concat()}</span>
                    {move || capture.said(&title)}
                </span>
                <span class="su mono">{move || capture.said(&subjects)}</span>
                <span class="su">{number}</span>
            </button>
            {move || is_open.get().then(|| view! { <ul>{rows()}</ul> })}
        </li>
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use underlay_model::summary::Finding;

    fn finding(id: &str, severity: &str) -> ShownFinding {
        ShownFinding {
            finding: Finding {
                id: id.to_owned(),
                severity: severity.to_owned(),
                kind: String::new(),
                confidence: String::new(),
                title: String::new(),
                subject: String::new(),
                evidence: Vec::new(),
                refutes: Vec::new(),
                next: Vec::new(),
                consequence: String::new(),
            },
            opens: Vec::new(),
            keys: Vec::new(),
            span: None,
            sources: String::new(),
        }
    }

    #[test]
    fn more_than_a_few_of_one_rule_and_severity_are_one_row() {
        let of = |all: &[(&str, &str, usize)]| {
            let all: Vec<ShownFinding> =
                all.iter().flat_map(|&(id, severity, number)| vec![finding(id, severity); number]).collect();
            parts(&all)
        };
        assert_eq!(of(&[("a", "critical", 3)]), [0..1, 1..2, 2..3]);
        assert_eq!(of(&[("a", "critical", 4), ("a", "warning", 1), ("b", "warning", 5)]), [0..4, 4..5, 5..10]);
        assert_eq!(of(&[]), Vec::<Range<usize>>::new());
    }

    #[test]
    fn what_titles_have_in_common_is_said_with_a_gap() {
        assert_eq!(common(&["Pod a/b is not Ready.", "Pod c/d is not Ready."]), "Pod … is not Ready.");
        assert_eq!(common(&["The same.", "The same."]), "The same.");
        assert_eq!(common(&["a b c d", "a b c e f"]), "a b c …");
        assert_eq!(common(&["x has no route", "y has no route"]), "… has no route");
        assert_eq!(common(&["Pod a fails", "Node b stops"]), "", "too little: the question says it");
        assert_eq!(common(&["a a", "a a a"]), "a …", "no word is said twice");
    }
}

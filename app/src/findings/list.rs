//! Findings as a list that opens: the claim first, then its evidence, what would refute it and what to do. Below it every check,
//! those that passed and those that lack a file.

use crate::frame::{Glyph, Icon, SourceLetter};
use crate::sources::way_on;
use crate::state::{CameraWish, Capture, View, use_capture, use_view};
use crate::wording::{self, sentences};
use leptos::prelude::*;
use underlay_model::finding::{Check, Outcome, ShownFinding};
use underlay_model::time::minute_of;
use underlay_model::view::MinuteRange;

/// The glyph of a kind of finding; information is always a notice.
pub(super) fn glyph(finding: &ShownFinding) -> &'static str {
    match finding.finding.kind.as_str() {
        "failing" => "fail",
        "degraded" => "warn",
        "denied" => "deny",
        _ => "info",
    }
}

/// How many facts, in words.
fn facts(number: usize) -> String {
    if number == 1 { "1 fact".to_owned() } else { format!("{number} facts") }
}

/// Text with its web addresses as links.
fn linked(text: &str) -> impl IntoView + use<> {
    let (words, address) = match text.find("https://") {
        Some(at) => (text.get(..at).unwrap_or_default().to_owned(), text.get(at..).unwrap_or_default().to_owned()),
        None => (text.to_owned(), String::new()),
    };
    let link = (!address.is_empty()).then(|| {
        view! {
            <a href=address.clone() target="_blank" rel="noopener noreferrer">
                "Documentation"
            </a>
        }
    });
    view! {
        {words}
        {link}
    }
}

/// Title and list, when the list holds anything.
fn section(title: &'static str, lines: &[String]) -> Option<impl IntoView + use<>> {
    let rows = lines.iter().map(|line| view! { <li>{linked(line)}</li> }).collect_view();
    (!lines.is_empty()).then(|| {
        view! {
            <h3>{title}</h3>
            <ul class="facts">{rows}</ul>
        }
    })
}

/// A finding: a row, and what it opens.
#[component]
fn Row(shown: ShownFinding) -> impl IntoView {
    let view = use_view();
    let own = super::name(&shown);
    let is_open = Memo::new(move |_| view.finding.with(|open| open.as_deref() == Some(own.as_str())));
    let whole = shown.clone();
    let toggle = move |_| {
        if is_open.get_untracked() {
            view.finding.set(None);
        } else {
            super::open(view, &whole);
        }
    };
    let finding = shown.finding.clone();
    let letters: Vec<char> = shown.sources.chars().collect();
    let severity = finding.severity.clone();
    let (glyph, count) = (glyph(&shown), facts(finding.evidence.len()));
    view! {
        <li data-finding=finding.id.clone() data-severity=severity.clone()>
            <button aria-expanded=move || is_open.get().to_string() on:click=toggle>
                <Glyph name=glyph/>
                <span class="ti">
                    <span class="sr">{[severity.as_str(), ": "].concat()}</span>
                    {finding.title.clone()}
                </span>
                <span class="su mono" title=finding.subject.clone()>{finding.subject.clone()}</span>
                <span class="su">{finding.confidence.clone()}" · "{count}</span>
            </button>
            <Show when=move || is_open.get()>{opened(&shown, &letters, view)}</Show>
        </li>
    }
}

/// What it leads to, evidence, refutation, next steps, and ways to picture and time.
fn opened(shown: &ShownFinding, letters: &[char], view: View) -> impl IntoView + use<> {
    let finding = &shown.finding;
    let keys = shown
        .keys
        .iter()
        .take(8)
        .map(|key| {
            let key = key.clone();
            let name = key.0.split_once(':').map_or(key.0.as_str(), |(_, name)| name).to_owned();
            let show = move |_| {
                view.select(key.clone());
                view.camera_wanted.set(Some(CameraWish::Show(key.clone())));
            };
            view! {
                <button class="link mono" on:click=show>
                    {name}
                </button>
            }
        })
        .collect_view();
    let time = shown.span.map(|(first, last)| {
        let range = MinuteRange { first: minute_of(first), last: minute_of(last) };
        let words = format!("Show {}", wording::range(range));
        view! {
            <button class="btn" on:click=move |_| view.range.set(Some(range))>
                {words}
            </button>
        }
    });
    let letters = letters.iter().map(|&letter| view! { <SourceLetter letter=letter/> }).collect_view();
    let evidence = finding
        .evidence
        .iter()
        .enumerate()
        .map(|(at, line)| view! { <li>{line.clone()} " " {shown.opens.get(at).map(|opens| way_on(line, opens))}</li> })
        .collect_view();
    view! {
        <div class="opened">
            <p>{finding.consequence.clone()}</p>
            <h3>"Evidence " {letters}</h3>
            <ul class="facts">
                {evidence}
            </ul>
            {section("What would refute this", &finding.refutes)}
            {section("Look next", &finding.next)}
            <p class="keys">{keys}</p>
            {time}
        </div>
    }
}

/// The findings, worst first.
#[component]
pub fn FindingsList() -> impl IntoView {
    let capture = use_capture();
    move || match capture.findings.get() {
        None => view! { <div class="skeleton" aria-hidden="true"></div> }.into_any(),
        Some(report) if report.findings.is_empty() => {
            view! { <p class="rail-note">{sentences::NO_FINDINGS}</p> }.into_any()
        }
        Some(report) => {
            let rows = report.findings.iter().map(|one| view! { <Row shown=one.clone()/> }).collect_view();
            view! { <ul class="find" data-testid="findings">{rows}</ul> }.into_any()
        }
    }
}

fn check_row(check: &Check) -> impl IntoView + use<> {
    let (glyph, words) = match &check.outcome {
        Outcome::Passed => ("ok", "passed".to_owned()),
        Outcome::Found(1) => ("warn", "1 finding".to_owned()),
        Outcome::Found(many) => ("warn", format!("{many} findings")),
        Outcome::Lacks(files) => ("unk", ["Needs ", &files.join("; ")].concat()),
    };
    view! {
        <li>
            <Glyph name=glyph class="s12"/>
            <span>
                {check.question.clone()}
                <span class="su">{words}</span>
            </span>
        </li>
    }
}

/// How many checks passed; opens to all of them.
#[component]
pub fn ChecksList() -> impl IntoView {
    let capture: Capture = use_capture();
    move || {
        let report = capture.findings.get()?;
        let of = |wanted: fn(&Outcome) -> bool| report.checks.iter().filter(|check| wanted(&check.outcome)).count();
        let passed = of(|outcome| matches!(outcome, Outcome::Passed));
        let lacking = of(|outcome| matches!(outcome, Outcome::Lacks(_)));
        let mut words = if passed == 1 { "1 check passed".to_owned() } else { format!("{passed} checks passed") };
        if lacking > 0 {
            words.push_str(&format!(", {lacking} lack a file"));
        }
        let rows = report.checks.iter().map(check_row).collect_view();
        Some(view! {
            <details class="checks" data-testid="checks">
                <summary>
                    <Icon name="check"/>
                    {words}
                </summary>
                <ul>{rows}</ul>
            </details>
        })
    }
}

/// How many findings of each severity that counts.
#[component]
pub fn Counts() -> impl IntoView {
    let capture = use_capture();
    move || {
        let report = capture.findings.get()?;
        let counts = [("fail", "critical"), ("warn", "warning"), ("info", "info")]
            .map(|(glyph, word)| {
                let number = report.findings.iter().filter(|one| one.finding.severity == word).count() as u64;
                view! {
                    <span class="cnt" title=format!("{number} {word}")>
                        <Glyph name=glyph class="s12"/>
                        {wording::count(number)}
                        <span class="sr">{word}</span>
                    </span>
                }
            })
            .collect_view();
        Some(counts)
    }
}

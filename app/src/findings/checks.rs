//! Every check, those that passed and those that lack a file; and how many findings of each severity there are.

use crate::frame::{Glyph, Icon};
use crate::state::use_capture;
use crate::wording;
use leptos::prelude::*;
use underlay_model::finding::{Check, Outcome};

fn check_row(check: &Check) -> impl IntoView + use<> {
    let (glyph, words) = match &check.outcome {
        Outcome::Passed => ("ok", "passed".to_owned()),
        Outcome::Found(many) => ("warn", wording::counted(*many, "finding", "findings")),
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
    let capture = use_capture();
    move || {
        let report = capture.findings.get()?;
        let of =
            |wanted: fn(&Outcome) -> bool| report.checks.iter().filter(|check| wanted(&check.outcome)).count() as u64;
        let mut words =
            [&wording::counted(of(|outcome| matches!(outcome, Outcome::Passed)), "check", "checks"), " passed"]
                .concat();
        let lacking = of(|outcome| matches!(outcome, Outcome::Lacks(_)));
        if lacking > 0 {
            words.push_str(&[", ", &lacking.to_string(), " lack a file"].concat());
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
        let count = |(glyph, word): (&'static str, &'static str)| {
            let number = report.findings.iter().filter(|one| one.finding.severity == word).count() as u64;
            super::counted(glyph, number, word)
        };
        Some([("fail", "critical"), ("warn", "warning"), ("info", "info")].map(count).collect_view())
    }
}

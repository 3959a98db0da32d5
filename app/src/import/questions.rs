//! What can be asked of what has been read, and what one more file would answer.

use super::letters;
use crate::drop::{CommandLine, Ink};
use crate::frame::{Glyph, Icon, SourceLetter};
use crate::state::use_capture;
use crate::wording::collect::{Names, Shell, commands};
use leptos::prelude::*;

/// A question, the letters that answer it, and what to say while one is missing.
struct Question {
    ask: &'static str,
    needs: &'static [char],
    missing: &'static str,
}

const QUESTIONS: [Question; 6] = [
    Question {
        ask: "Who talked to whom, and how much",
        needs: &['F'],
        missing: "Add VNet flow logs to draw the lines.",
    },
    Question {
        ask: "Which pod is behind an address",
        needs: &['K'],
        missing: "Add kubectl output to name pods and nodes.",
    },
    Question {
        ask: "What was denied, and by which rule",
        needs: &['F'],
        missing: "Add VNet flow logs to see denials.",
    },
    Question { ask: "Which pod the gateway calls unhealthy", needs: &['H'], missing: "Add backend health to see it." },
    Question {
        ask: "Which subnet is the gateway, which range is pods",
        needs: &['Z'],
        missing: "Add the cluster's and the network's JSON to be certain.",
    },
    Question {
        ask: "Whether the flows fit the objects",
        needs: &['F', 'K'],
        missing: "Needs flow logs and kubectl output of the same hour.",
    },
];

/// The panel at the right of the import screen.
#[component]
pub fn Questions() -> impl IntoView {
    let capture = use_capture();
    let loaded = Memo::new(move |_| capture.report.with(|report| letters(report)));
    let has = move |needs: &[char]| loaded.with(|loaded| needs.iter().all(|letter| loaded.contains(letter)));
    let answered = move || {
        QUESTIONS
            .iter()
            .filter(|question| has(question.needs))
            .map(|question| {
                view! {
                    <li>
                        <span class="t-healthy"><Icon name="check"/></span>
                        <span>{question.ask}</span>
                        <span class="s">
                            {question.needs.iter().map(|&letter| view! { <SourceLetter letter=letter/> }).collect_view()}
                        </span>
                    </li>
                }
            })
            .collect_view()
    };
    let open = move || {
        let mut told = Vec::new();
        QUESTIONS
            .iter()
            .filter(|question| !has(question.needs))
            .filter_map(|question| {
                let letter = question.needs.iter().copied().find(|letter| !has(&[*letter]))?;
                // One command a source is enough.
                if told.contains(&letter) {
                    return None;
                }
                told.push(letter);
                let command =
                    commands(&Names::default(), Shell::Bash).into_iter().find(|command| command.letter == letter)?;
                Some(view! {
                    <li>
                        <div class="q">
                            <Glyph name="unk"/>
                            <b>{question.ask}</b>
                            <SourceLetter letter=letter/>
                        </div>
                        <div class="how">
                            {question.missing}
                            <CommandLine text=Signal::stored(command.text)/>
                        </div>
                    </li>
                })
            })
            .collect_view()
    };
    let all = move || QUESTIONS.iter().all(|question| has(question.needs));
    view! {
        <aside class="side" aria-labelledby="ask-title">
            <h2 id="ask-title">"What you can ask now"</h2>
            <Ink loaded=loaded.into() reading=Signal::stored(true)/>
            <ul class="ask">{answered}</ul>
            <Show when=move || !all()>
                <ul class="need">{open}</ul>
            </Show>
            <super::declare::Declare/>
        </aside>
    }
}

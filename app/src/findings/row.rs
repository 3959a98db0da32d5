//! A finding: the claim first, then what it leads to, its evidence, what would refute it, what to do, and the ways to picture and time.

use super::when::When;
use crate::frame::{Glyph, SourceLetter, batches};
use crate::sources::way_on;
use crate::state::{CameraWish, View, use_capture, use_view};
use crate::wording;
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::finding::{Opens, ShownFinding};
use underlay_model::time::minute_of;
use underlay_model::view::{EntityKey, MinuteRange};

/// Things that are named at most.
const NAMED: usize = 8;
/// Lines of evidence that are made in one frame.
const BATCH: usize = 12;

/// The glyph of a kind of finding; information is always a notice.
pub(super) fn glyph(finding: &ShownFinding) -> &'static str {
    match finding.finding.kind.as_str() {
        "failing" => "fail",
        "degraded" => "warn",
        "denied" => "deny",
        _ => "info",
    }
}

/// The finding in the list.
#[component]
pub(super) fn Row(shown: ShownFinding) -> impl IntoView {
    let (view, capture) = (use_view(), use_capture());
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
    let severity = finding.severity.clone();
    let facts = wording::counted(finding.evidence.len() as u64, "fact", "facts");
    let symbol = glyph(&shown);
    let (title, subject) = (finding.title.clone(), finding.subject.clone());
    view! {
        <li data-finding=finding.id.clone() data-severity=severity.clone()>
            <button aria-expanded=move || is_open.get().to_string() on:click=toggle>
                <Glyph name=symbol/>
                <span class="ti">
                    <span class="sr">{[severity.as_str(), ": "].concat()}</span>
                    {move || capture.said(&title)}
                </span>
                <span class="su mono" title=finding.subject>{move || capture.said(&subject)}</span>
                <span class="su meta">{finding.confidence}" · "{facts}<When span=shown.span glyph=symbol/></span>
            </button>
            <Show when=move || is_open.get()>{opened(&shown, view)}</Show>
        </li>
    }
}

fn opened(shown: &ShownFinding, view: View) -> impl IntoView + use<> {
    let finding = &shown.finding;
    let letters = shown.sources.chars().map(|letter| view! { <SourceLetter letter=letter/> }).collect_view();
    view! {
        <div class="opened">
            <p>{said(&finding.consequence)}</p>
            <h3>"Evidence " {letters}</h3>
            <ul class="facts">{evidence(shown)}</ul>
            {section("What would refute this", &finding.refutes)}
            {section("Look next", &finding.next)}
            {things(&shown.keys, view)}
            {time(shown, view)}
        </div>
    }
}

/// A sentence with its times as the page says them, whatever clock comes into force.
fn said(sentence: &str) -> impl IntoView + use<> {
    let (capture, sentence) = (use_capture(), sentence.to_owned());
    move || capture.said(&sentence)
}

/// Each line with the way to what it rests on.
fn evidence(shown: &ShownFinding) -> AnyView {
    let (lines, opens) = (shown.finding.evidence.clone(), shown.opens.clone());
    let number = lines.len();
    let items = move |wanted: std::ops::Range<usize>| {
        let line = |at: usize| {
            let line = lines.get(at)?;
            Some(view! { <li>{said(line)} " " {way_on(line, opens.get(at).unwrap_or(&Opens::Nothing))}</li> })
        };
        wanted.filter_map(line).collect_view().into_any()
    };
    batches(number, BATCH, Arc::new(items)).0
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

/// Text with its web address as a link.
fn linked(text: &str) -> impl IntoView + use<> {
    let (words, address) = text.split_at(text.find("https://").unwrap_or(text.len()));
    let link = (!address.is_empty()).then(|| {
        view! {
            <a href=address.to_owned() target="_blank" rel="noopener noreferrer">
                "Documentation"
            </a>
        }
    });
    view! {
        {said(words)}
        {link}
    }
}

/// Ways to the things that it is about.
fn things(keys: &[EntityKey], view: View) -> impl IntoView + use<> {
    let named = |key: &EntityKey| {
        let key = key.clone();
        let name = key.0.split_once(':').map_or(key.0.as_str(), |(_, name)| name).to_owned();
        let show = move |_| {
            view.select(key.clone());
            view.camera_wanted.set(Some(CameraWish::Show(key.clone())));
        };
        view! { <button class="link mono" on:click=show>{name}</button> }
    };
    let more = keys.len().saturating_sub(NAMED);
    view! {
        <p class="keys">
            {keys.iter().take(NAMED).map(named).collect_view()}
            {(more > 0).then(|| ["and ", &wording::count(more as u64), " more"].concat())}
        </p>
    }
}

/// The way to when it was so.
fn time(shown: &ShownFinding, view: View) -> Option<impl IntoView + use<>> {
    let (first, last) = shown.span?;
    let range = MinuteRange { first: minute_of(first), last: minute_of(last) };
    let words = ["Show ", &wording::range(range)].concat();
    Some(view! { <button class="btn" on:click=move |_| view.range.set(Some(range))>{words}</button> })
}

//! Which NIC has logs for which minute: a line a NIC over the time of the capture, holes as holes, and what no log of any NIC
//! ever holds. Said in words beside every strip, so that nothing hangs on the drawing.

use super::coverage::{tick_label, ticks};
use crate::frame::Glyph;
use crate::sources::RowsButton;
use crate::state::use_capture;
use crate::wording::{self, clock, count};
use leptos::prelude::*;
use underlay_model::coverage::NicCoverage;
use underlay_model::sources::SourceOf;
use underlay_model::time::MINUTE_MS;
use underlay_model::view::MinuteRange;

/// Lines shown before the rest is asked for.
const FIRST_ROWS: usize = 200;
/// Holes named before the rest is counted.
const FIRST_HOLES: usize = 3;

/// Sources: Azure, "VNet flow logs", and what crosses no NIC.
const NEVER: [&str; 4] = [
    "Probes of the kubelet and traffic between pods of one node: they cross no NIC.",
    "Addresses of services: they are rewritten before the NIC.",
    "The hop from a front end to the gateway's instances, and what is not allowed or recorded by the flow log's own filter.",
    "App Service, Container Instances and Apps, Functions, private DNS resolvers, managed databases, the side of a private \
     endpoint, ExpressRoute FastPath.",
];

/// Whether a range lies in one day of the clock in force.
fn is_one_day(range: MinuteRange) -> bool {
    let clock = clock::in_force();
    clock.shown(range.first).div_euclid(1440) == clock.shown(range.last).div_euclid(1440)
}

/// A stretch of minutes; with its days when the capture has several.
fn stretch(range: MinuteRange, days: bool) -> String {
    let (first, last) = (range.first * MINUTE_MS, (range.last + 1) * MINUTE_MS);
    match (days, is_one_day(range)) {
        (true, false) => format!("{} to {}", wording::moment(first), wording::moment(last)),
        (true, true) => format!("{}–{}", wording::moment(first), clock::in_force().time(range.last + 1)),
        (false, _) if range.len() == 1 => clock::in_force().time(range.first),
        (false, _) => wording::range(range),
    }
}

fn holes_in_words(nic: &NicCoverage, span: MinuteRange) -> String {
    let holes = nic.holes(span);
    let days = !is_one_day(span);
    let mut words: Vec<String> = holes.iter().take(FIRST_HOLES).map(|hole| stretch(*hole, days)).collect();
    if holes.len() > FIRST_HOLES {
        words.push(format!("{} more", count((holes.len() - FIRST_HOLES) as u64)));
    }
    words.join(", ")
}

/// Runs as one path over a box of 1000 by 10.
fn path(nic: &NicCoverage, span: MinuteRange) -> String {
    let mut path = String::new();
    // Minutes are far below 2^53.
    let share = |minute: i64| (minute - span.first) as f64 * 1000.0 / span.len() as f64;
    for run in &nic.covered {
        let (from, to) = (share(run.first), share(run.last + 1));
        path.push_str(&format!("M{from:.2} 0H{:.2}V10H{from:.2}z", to.max(from + 0.5)));
    }
    path
}

fn line(nic: &NicCoverage, span: MinuteRange) -> impl IntoView + use<> {
    let whole = nic.minutes >= span.len();
    let holes = holes_in_words(nic, span);
    let addresses: Vec<String> = nic.addresses.iter().map(ToString::to_string).collect();
    let named = !nic.name.is_empty();
    let mac = if nic.mac.is_empty() { "no MAC in the records".to_owned() } else { nic.mac.clone() };
    // What tells nodes apart stands at the end of their names.
    let name = if named { underlay_scene::units::middle_ellipsis(&nic.name, 25) } else { format!("NIC {mac}") };
    let rows_title = ["Minutes of ", &name].concat();
    let of = SourceOf::Nic { mac: nic.mac.clone(), flow_log: nic.flow_log.clone() };
    view! {
        <tr data-testid="nic-row">
            <th scope="row" title=format!("{} {}", nic.name, nic.evidence)>
                <span class="path">
                    <b>{name}</b>
                    <small class="mono">{mac}" "{addresses.join(" ")}</small>
                    <span class="sr">{nic.evidence.clone()}</span>
                </span>
            </th>
            <td class="cut mono" title=nic.flow_log.clone()>{wording::path_end(&nic.flow_log, 22)}</td>
            <td>
                <svg class="nic-strip" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="hole" width="1000" height="10"></rect>
                    <path class="cover" d=path(nic, span)></path>
                </svg>
            </td>
            <td class="num"><RowsButton title=rows_title of=of words=format!("{} of {}", count(nic.minutes), count(span.len())) whole=true/></td>
            <td class="w">{if whole { "no hole".to_owned() } else { holes }}</td>
        </tr>
    }
}

/// The view of all NICs.
#[component]
pub fn Nics() -> impl IntoView {
    let capture = use_capture();
    let all = RwSignal::new(false);
    capture.coverage_open.set(true);
    on_cleanup(move || capture.coverage_open.set(false));
    let body = move || {
        let Some(coverage) = capture.coverage.get() else {
            return view! { <div class="skeleton" aria-hidden="true"></div> }.into_any();
        };
        let Some(span) = coverage.span.filter(|_| !coverage.nics.is_empty()) else {
            return view! { <p class="none-yet">"No flow log has been read, so there is no NIC to show."</p> }
                .into_any();
        };
        let most = if all.get() { usize::MAX } else { FIRST_ROWS };
        let rows = coverage.nics.iter().take(most).map(|nic| line(nic, span)).collect_view();
        let rest = coverage.nics.len().saturating_sub(most);
        let whole = coverage.nics.iter().filter(|nic| nic.minutes >= span.len()).count() as u64;
        let number = coverage.nics.len() as u64;
        let ends = (span.first * MINUTE_MS, (span.last + 1) * MINUTE_MS);
        let marks = ticks(ends);
        let axis = marks
            .iter()
            .map(|&tick| {
                let share = (tick - ends.0) as f64 * 100.0 / (ends.1 - ends.0).max(1) as f64;
                view! { <text class="c" x=format!("{share:.2}%") y="11">{tick_label(tick, &marks)}</text> }
            })
            .collect_view();
        view! {
            <p class="nics-sum">
                {format!(
                    "{}, {} without a hole. {}",
                    wording::counted(number, "reporting NIC", "reporting NICs"),
                    count(whole),
                    wording::whole_span((ends.0, ends.1 - 1)),
                )}
            </p>
            <table class="ft nics" data-testid="nics">
                <thead>
                    <tr>
                        <th scope="col" class="c-file">"Node or NIC"</th>
                        <th scope="col" class="c-kind">"Flow log"</th>
                        <th scope="col">
                            <span class="sr">"Minutes with rows"</span>
                            <svg class="nic-axis" height="14" aria-hidden="true">{axis}</svg>
                        </th>
                        <th scope="col" class="num c-min">"Minutes"</th>
                        <th scope="col" class="c-hole">"Without rows, "{clock::zone(span.first)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {(rest > 0)
                .then(|| {
                    view! {
                        <button class="btn ghost" on:click=move |_| all.set(true)>
                            {format!("Show {} more", count(rest as u64))}
                        </button>
                    }
                })}
            <div class="never">
                <h2><Glyph name="unk"/>"Never in any flow log"</h2>
                <ul>{NEVER.map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                <p>"A minute without rows is a hole: nothing crossed the NIC, or the log of that minute is not here."</p>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="tab" aria-label="Coverage by NIC" data-testid="nic-coverage" tabindex="0">
            {body}
        </section>
    }
}

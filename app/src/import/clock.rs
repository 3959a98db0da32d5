//! The time of the cluster's snapshot against the time of the logs: names are of the one, flows of the other.

use crate::state::use_capture;
use crate::wording;
use leptos::prelude::*;
use underlay_model::time::Millis;
use underlay_model::view::Report;

/// Nearer than this a snapshot goes with the logs.
const NEAR_MS: Millis = 3_600_000;

/// Both times in a sentence, and whether they are apart; `None` when one of them is not known.
pub fn clock(report: &Report) -> Option<(String, bool)> {
    let ((first, last), snapshot) = report.span.zip(report.snapshot_ms)?;
    let at =
        format!("Objects are of {} or later, flows of {}.", wording::moment(snapshot), wording::span((first, last)));
    if snapshot > last + NEAR_MS {
        let apart = wording::apart(snapshot - last);
        Some((
            format!("{at} They do not overlap: the objects are {apart} younger, and pods may have moved since."),
            true,
        ))
    } else if snapshot < first - NEAR_MS {
        let apart = wording::apart(first - snapshot);
        let rest =
            format!("Their newest time stamp is {apart} before the first flow; what came after it is not in them.");
        Some((format!("{at} {rest}"), true))
    } else {
        Some((at, false))
    }
}

/// The line on the import screen.
#[component]
pub fn Clock() -> impl IntoView {
    let capture = use_capture();
    let said = Memo::new(move |_| capture.report.with(|report| clock(report)));
    move || {
        said.get().map(|(sentence, apart)| {
            view! {
                <p class="clock" class:t-degraded=apart data-testid="clock" data-apart=apart.to_string()>
                    {apart.then(|| view! { <crate::frame::Glyph name="warn"/> })}
                    {sentence}
                </p>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_far_from_the_logs_is_warned_of() {
        let told = |snapshot: Option<Millis>| {
            let span = Some((1_795_165_200_000, 1_795_168_800_000));
            clock(&Report { span, snapshot_ms: snapshot, ..Report::default() })
        };
        assert_eq!(told(None), None);
        assert_eq!(told(Some(1_795_168_000_000)).map(|(_, apart)| apart), Some(false));
        assert_eq!(told(Some(1_795_168_800_000 + 86_400_000 * 3)).map(|(_, apart)| apart), Some(true));
        assert!(told(Some(1_795_165_200_000 - 7_200_000)).is_some_and(|(words, apart)| apart && words.contains("2 h")));
    }
}

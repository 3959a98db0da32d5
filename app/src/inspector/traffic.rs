//! The traffic chart: bytes each way over time, as the charts view draws them.

use crate::charts::drawing;
use crate::state::use_view;
use crate::wording;
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::time::{MINUTE_MS, Minute};
use underlay_model::view::SeriesPoint;

/// Height of the chart in CSS pixels.
const HEIGHT: u32 = 104;

/// The chart of a thing's or an edge's bytes a minute. The range in force is cut out of the series.
#[component]
pub fn Traffic(
    first: Minute,
    series: Vec<SeriesPoint>,
    /// What is above and what below the axis.
    names: [&'static str; 2],
) -> impl IntoView {
    let view = use_view();
    let whole = underlay_charts::traffic(first, &series, names);
    let body = move || {
        let part = match view.range.get() {
            Some(range) => whole.within(range.first * MINUTE_MS, (range.last + 1) * MINUTE_MS),
            None => Some(whole.clone()),
        };
        let bytes = |data: &underlay_model::charts::ChartData| {
            data.series.iter().flat_map(|series| &series.points).any(|(_, value)| value.get() > 0.0)
        };
        match part.filter(bytes) {
            Some(data) => drawing(Arc::new(data), HEIGHT).into_any(),
            None => view! { <p class="faint">"No bytes in this range. A gap is not a zero."</p> }.into_any(),
        }
    };
    view! {
        <section class="blk">
            <h3>"Traffic"<span class="sp"></span><small>{format!("{} above, {} below, a minute", names[0], names[1])}</small></h3>
            {body}
        </section>
    }
}

/// Four figures of traffic in a row.
pub fn figures(total: underlay_model::view::Traffic, out: &'static str, back: &'static str) -> impl IntoView {
    view! {
        <dl class="st4">
            <div><dt>"flows"</dt><dd>{wording::count(total.flows)}</dd></div>
            <div><dt>{out}</dt><dd>{wording::bytes(total.bytes[0])}</dd></div>
            <div><dt>{back}</dt><dd>{wording::bytes(total.bytes[1])}</dd></div>
            <div>
                <dt>"denied"</dt>
                <dd class:t-denied=total.denied != 0>{wording::count(total.denied)}</dd>
            </div>
        </dl>
    }
}

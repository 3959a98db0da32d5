//! The traffic chart: lines by plotters as SVG without text, labels laid over it as text of the page.

use crate::state::use_view;
use crate::wording;
use leptos::prelude::*;
use underlay_charts::Anchor;
use underlay_model::time::Minute;
use underlay_model::view::SeriesPoint;

/// Size of the chart in CSS pixels: the inspector's inner width.
const SIZE: (u32, u32) = (310, 92);

/// The chart of a thing's or an edge's bytes a minute. The range in force is cut out of the series.
#[component]
pub fn Traffic(
    first: Minute,
    series: Vec<SeriesPoint>,
    /// What is above and what below the axis.
    legend: &'static str,
) -> impl IntoView {
    let view = use_view();
    let drawn = Memo::new(move |_| {
        let (mut from, mut points) = (first, series.as_slice());
        if let Some(range) = view.range.get() {
            // Both ends are clamped to the series.
            let at = |minute: Minute| usize::try_from((minute - first).max(0)).unwrap_or(0).min(series.len());
            let (low, high) = (at(range.first), at(range.last + 1));
            if let Some(part) = series.get(low..high)
                && part.len() > 1
            {
                (from, points) = (range.first.max(first), part);
            }
        }
        let empty = points.iter().all(|point| point.from == 0 && point.to == 0);
        (!empty && points.len() > 1).then(|| underlay_charts::traffic(from, points, SIZE.0, SIZE.1))
    });
    let body = move || match drawn.get() {
        Some(chart) => {
            let labels = chart
                .labels
                .into_iter()
                .map(|label| {
                    let anchor = match label.anchor {
                        Anchor::Start => "start",
                        Anchor::Middle => "middle",
                        Anchor::End => "end",
                    };
                    view! {
                        <span
                            class=format!("chart-label {anchor}")
                            style:left=format!("{:.1}px", label.x)
                            style:top=format!("{:.1}px", label.y)
                        >
                            {label.text}
                        </span>
                    }
                })
                .collect_view();
            view! {
                <div class="chart" role="img" aria-label=chart.title>
                    <div aria-hidden="true" inner_html=chart.svg></div>
                    <div aria-hidden="true">{labels}</div>
                </div>
            }
            .into_any()
        }
        None => view! { <p class="faint">"No bytes in this range. A gap is not a zero."</p> }.into_any(),
    };
    view! {
        <section class="blk">
            <h3>"Traffic"<span class="sp"></span><small>{legend}</small></h3>
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

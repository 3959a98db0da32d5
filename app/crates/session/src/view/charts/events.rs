//! Events and restarts of the cluster by the minute in which they were seen last.

use super::Grid;
use underlay_identity::Inventory;
use underlay_model::charts::{ChartData, ChartForm, ChartSeries, ChartTone, Charts};
use underlay_model::inventory::Pod;
use underlay_model::time::{Millis, Minute, minute_of};

/// When containers of a pod ended before they were started again, as far as that is told: of each only the last time.
pub(in crate::view) fn restarts(pod: &Pod) -> impl Iterator<Item = Millis> + '_ {
    let restarted = pod.containers.iter().filter(|container| container.restarts > 0);
    restarted.filter_map(|container| container.last_finished_ms.or(container.started_ms))
}

/// Minutes, each with how many were seen in it.
type Counts = Vec<(Minute, u64)>;

pub(super) fn events(inventory: &Inventory, charts: &mut Charts) {
    let seen = |warning: bool| {
        let of_kind = inventory.events.iter().filter(move |event| (event.kind == "Warning") == warning);
        of_kind.filter_map(|event| Some((minute_of(event.last_ms?), 1))).collect::<Vec<(Minute, u64)>>()
    };
    let restarted: Vec<(Minute, u64)> =
        inventory.pods.iter().flat_map(|pod| restarts(pod)).map(|time| (minute_of(time), 1)).collect();
    let all: [(&str, ChartTone, Counts); 3] = [
        ("Restarts", ChartTone::Odd, restarted),
        ("Warnings", ChartTone::Bad, seen(true)),
        ("Normal events", ChartTone::Plain, seen(false)),
    ];
    let minutes = || all.iter().flat_map(|(_, _, seen)| seen.iter().map(|(minute, _)| *minute));
    let (Some(first), Some(last)) = (minutes().min(), minutes().max()) else {
        if inventory.pods.is_empty() && inventory.events.is_empty() {
            charts.missing.push("Restarts and events: kubectl get pods,events -A -o json.".to_owned());
        }
        return;
    };
    let grid = Grid::new(first, last);
    let with_time = all.iter().take(1).map(|(_, _, seen)| seen.len() as u64).sum::<u64>();
    let restarts: u64 = inventory.pods.iter().map(|pod| pod.restarts()).sum();
    let mut note =
        "By the minute in which each was last seen. Clusters keep events for an hour: absence proves nothing."
            .to_owned();
    if restarts > with_time {
        note.push_str(&format!(" {restarts} restarts in all; only the last one of each container has a time."));
    }
    let series = all.into_iter().filter(|(_, _, seen)| !seen.is_empty()).map(|(name, tone, seen)| ChartSeries {
        name: name.to_owned(),
        tone,
        points: grid.counted(seen.into_iter(), false),
    });
    charts.charts.push(ChartData {
        key: "events".to_owned(),
        title: "Restarts and events".to_owned(),
        form: ChartForm::Stack,
        source: 'K',
        span: grid.span(),
        step_ms: grid.step_ms(),
        series: series.collect(),
        note,
        opens: inventory.events.last().and_then(|event| inventory.place(event, &event.object_name, "message")).into(),
        ..ChartData::default()
    });
}

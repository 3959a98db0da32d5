//! What the numbers of a chart rest on: rows of flow logs and access logs of the same things. (Charts of metrics name a value of theirs
//! when they are made.)

use super::Subject;
use crate::view::World;
use underlay_model::access::AccessFilter;
use underlay_model::charts::ChartData;
use underlay_model::finding::Opens;
use underlay_model::sources::SourceOf;
use underlay_model::tuple::Verdict;

/// Opens each chart of flows and of requests.
pub(super) fn open(world: World<'_>, subject: &Subject, charts: &mut [ChartData]) {
    let key = subject.at.map(|at| world.places.key(at));
    for chart in charts {
        let of = match (chart.source, chart.key.as_str(), &key) {
            ('F', "denials", Some(key)) => SourceOf::Denied(key.clone()),
            ('F', "denials", None) => SourceOf::Whole(Some(Verdict::Denied)),
            ('F', "probes", Some(key)) => SourceOf::Probes { key: key.clone(), instance: None },
            ('F', _, Some(key)) => SourceOf::Entity(key.clone()),
            ('F', _, None) => SourceOf::Whole(None),
            // The firewall's rows are only counted.
            ('A', "firewall", _) => continue,
            ('A', name, _) => {
                let front_end = name.strip_prefix("status:").map(str::to_owned);
                SourceOf::Requests(AccessFilter {
                    backends: subject.addresses.clone(),
                    front_ends: front_end.into_iter().collect(),
                    ..AccessFilter::default()
                })
            }
            _ => continue,
        };
        chart.opens = Opens::Rows(of);
    }
}

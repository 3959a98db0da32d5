//! When a pod held its addresses: from its start to five minutes after its last container finished.

use underlay_model::inventory::Pod;
use underlay_model::time::{MINUTE_MS, Millis, Minute, minute_of};

/// Words of a pasted table's STATUS column whose pods are gone.
const GONE: [&str; 5] = ["Completed", "Error", "Failed", "Evicted", "Succeeded"];

/// Both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// `Millis::MIN` when nobody knows.
    pub(crate) from: Millis,
    /// `Millis::MAX` when it lives.
    pub(crate) to: Millis,
}

impl Lifetime {
    /// `None` for a pod that never counts as alive: a table's row of a finished pod.
    ///
    /// A finished pod of which no container says when it ended is alive for ever, as the contract has no other end.
    pub(crate) fn of(pod: &Pod) -> Option<Self> {
        if pod.from_table {
            return (!is_finished(pod)).then_some(Self { from: Millis::MIN, to: Millis::MAX });
        }
        let from = pod.started_ms.or(pod.meta.created_ms).unwrap_or(Millis::MIN);
        let to = match pod.finished_ms {
            Some(finished) if pod.finished() => finished.saturating_add(5 * MINUTE_MS),
            _ => Millis::MAX,
        };
        Some(Self { from, to })
    }

    /// Alive at some moment of the minute.
    pub(crate) fn meets(self, minute: Minute) -> bool {
        self.from.div_euclid(MINUTE_MS) <= minute && minute_of(self.to) >= minute
    }
}

/// Whether a pod is over: Succeeded or Failed, or a table's row that says so.
pub fn is_finished(pod: &Pod) -> bool {
    pod.finished() || (pod.from_table && (GONE.contains(&pod.phase.as_str()) || GONE.contains(&pod.reason.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(phase: &str) -> Pod {
        Pod { phase: phase.to_owned(), started_ms: Some(10 * MINUTE_MS + 1), ..Pod::default() }
    }

    #[test]
    fn lives_from_the_minute_of_its_start_to_five_minutes_after_its_end() {
        let running = Lifetime::of(&pod("Running")).unwrap();
        assert!(!running.meets(9) && running.meets(10) && running.meets(1_000_000));
        let done = Lifetime::of(&Pod { finished_ms: Some(12 * MINUTE_MS + 30_000), ..pod("Succeeded") }).unwrap();
        assert!(done.meets(17) && !done.meets(18));
    }

    #[test]
    fn a_container_that_ended_does_not_end_a_running_pod() {
        let pod = Pod { finished_ms: Some(11 * MINUTE_MS), ..pod("Running") };
        assert!(Lifetime::of(&pod).unwrap().meets(1000));
    }

    #[test]
    fn a_table_row_lives_always_or_never() {
        let row = |status: &str| Pod { from_table: true, phase: status.to_owned(), ..Pod::default() };
        assert!(Lifetime::of(&row("Running")).unwrap().meets(-5));
        for status in ["Completed", "Error", "Failed", "Evicted"] {
            assert_eq!(Lifetime::of(&row(status)), None, "{status}");
        }
    }
}

//! Where a request's time went, as far as the gateway's log parts it. The parts add up to the whole.

use underlay_model::access::AccessRow;
use underlay_model::journey::{Certainty, TimeShare};

pub(super) fn times(row: &AccessRow) -> Vec<TimeShare> {
    let share = |what: &str, milliseconds: Option<u32>, certainty: Certainty, why: &str| TimeShare {
        what: what.to_owned(),
        milliseconds,
        certainty,
        why: why.to_owned(),
    };
    let (first, whole, all) = (row.backend_latency_ms, row.backend_time_taken_ms, row.time_taken_ms);
    if first.is_none() && whole.is_none() {
        return vec![share(
            "All of it",
            all,
            if all.is_some() { Certainty::Known } else { Certainty::Unknown },
            "The log does not part it: no time of a backend.",
        )];
    }
    let mut shares = Vec::new();
    let backend = whole.or(first).unwrap_or(0);
    let rest = all.map(|all| all.saturating_sub(backend));
    let around = if whole.is_some() {
        "What is left of the whole: the gateway's own work and sending to the client. The two are not told apart."
    } else {
        "What is left of the whole: the gateway's own work, the rest of the backend's answer, and sending to the client. They are not told apart."
    };
    shares.push(share(
        "Gateway and client",
        rest,
        if rest.is_some() { Certainty::Inferred } else { Certainty::Unknown },
        around,
    ));
    shares.push(match first {
        Some(_) => share(
            "Network to the pod and application, until the first byte",
            first,
            Certainty::Known,
            "Connecting, both ways through the network, and the application's work: no input parts them, so each took at most this.",
        ),
        None => share(
            "Network to the pod and application",
            whole,
            Certainty::Known,
            "From the gateway's request to the backend's last byte; when the first one came is not logged.",
        ),
    });
    if let (Some(first), Some(whole)) = (first, whole) {
        shares.push(share(
            "Rest of the pod's answer",
            Some(whole.saturating_sub(first)),
            Certainty::Known,
            "From the backend's first byte to its last.",
        ));
    }
    shares
}

//! Leases (`coordination.k8s.io/v1`): who leads, and when that was last said.

use super::meta;
use crate::json::Json;
use underlay_model::inventory::Lease;

pub(super) fn read(value: &Json<'_>) -> Lease {
    let spec = value.get("spec");
    Lease { meta: meta(value), holder: spec.get("holderIdentity").text(), renewed_ms: spec.get("renewTime").time() }
}

//! OverlayExtensionConfig (`acn.azure.com/v1alpha1`): which gateway subnet may reach the overlay.

use super::{meta, prefix};
use crate::json::Json;
use underlay_model::inventory::OverlayExtensionConfig;

pub(super) fn read(value: &Json<'_>) -> OverlayExtensionConfig {
    let status = value.get("status");
    OverlayExtensionConfig {
        meta: meta(value),
        range: prefix(value.at(&["spec", "extensionIPRange"])),
        state: status.get("state").text(),
        message: status.get("message").text(),
        subnet_guid: value.at(&["spec", "appGatewaySubnetGUID"]).text(),
    }
}

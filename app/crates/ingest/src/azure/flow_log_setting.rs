//! `az network watcher flow-log show/list`: what is logged, since when it may be missing, and what is filtered out.

use crate::json::Json;
use underlay_model::azure::FlowLogSetting;

/// Whether an object is such a setting.
pub(super) fn is_setting(value: &Json<'_>) -> bool {
    value.arm("targetResourceId").as_str().is_some() && value.arm("storageId").as_str().is_some()
}

pub(super) fn read(value: &Json<'_>) -> FlowLogSetting {
    let retention = value.arm("retentionPolicy");
    let kept = retention.get("enabled").boolean() != Some(false);
    let analytics = value.arm("flowAnalyticsConfiguration").get("networkWatcherFlowAnalyticsConfiguration");
    FlowLogSetting {
        id: value.get("id").text(),
        name: value.get("name").text(),
        target_id: value.arm("targetResourceId").text(),
        storage_id: value.arm("storageId").text(),
        enabled: value.arm("enabled").boolean(),
        version: value.arm("format").get("version").number().unwrap_or(0),
        // A policy that is off keeps for ever.
        retention_days: retention.get("days").number().map(|days| if kept { days } else { 0 }),
        filter: value.arm("enabledFilteringCriteria").text(),
        record_kinds: value.arm("recordTypes").text(),
        analytics: analytics.get("enabled").boolean(),
        analytics_interval_min: analytics.get("trafficAnalyticsInterval").number().unwrap_or(0),
    }
}

//! Faults that metrics and access logs tell.

use super::Fault;
use super::edit::{Target, edit, metrics, text};
use crate::sink::Memory;
use serde_json::json;

/// Puts the fault in; false when it is of another kind.
pub(super) fn inject(fault: Fault, capture: &mut Memory, on: &Target) -> bool {
    match fault {
        Fault::ServerErrors | Fault::GatewayErrors => {
            // The gateway's own answers name no backend.
            let own = fault == Fault::GatewayErrors;
            let row = |status: &str, at: i64| {
                let answered = !(own && status == "503");
                let (address, port) = if answered { (on.address.as_str(), "8080") } else { ("-", "-") };
                let host = if answered { format!("{address}:{port}") } else { "-".to_owned() };
                json!({"category": "TrafficControllerAccessLog", "operationName": "ReqRespLogs", "time": text(on.start_ms + at * 1000),
                "resourceId": "/SUBSCRIPTIONS/S/RESOURCEGROUPS/MC/PROVIDERS/MICROSOFT.SERVICENETWORKING/TRAFFICCONTROLLERS/ALB", "location": "eastus",
                "properties": {"backendHost": host, "backendIp": address, "backendPort": port, "backendResponseLatency": "3",
                    "clientIp": "198.51.100.23:52526", "frontendName": "fe", "frontendPort": "80", "hostName": "a.example", "httpMethod": "GET",
                    "httpStatusCode": status, "httpVersion": "HTTP/1.1", "requestUri": "/", "timeTaken": "4", "trackingId": format!("t{at}")}}).to_string()
            };
            let lines: Vec<String> = (0..60).map(|at| row(if at % 3 == 0 { "503" } else { "200" }, at)).collect();
            capture.files.insert("access/PT1H.json".to_owned(), (lines.join("\n") + "\n").into_bytes());
        }
        Fault::ConnectionTimeouts => {
            metrics(capture, "BackendConnectionTimeouts", "total", on.start_ms, &[Some(0.0), Some(4.0), Some(0.0)])
        }
        Fault::MetricsGap => metrics(
            capture,
            "BackendHealthyTargets",
            "average",
            on.start_ms,
            &[Some(4.0), Some(4.0), None, None, Some(4.0)],
        ),
        Fault::TooFewHealthyTargets => {
            metrics(capture, "BackendHealthyTargets", "average", on.start_ms, &[Some(1.0), Some(1.0), Some(1.0)]);
        }
        Fault::MetricErrors => {
            metrics(capture, "BackendHTTPResponseStatus", "total", on.start_ms, &[Some(10.0), Some(12.0), Some(9.0)]);
            edit(capture, "metrics.json", &mut |value| {
                if let Some(list) = value["value"][0]["timeseries"][0]["metadatavalues"].as_array_mut() {
                    list.push(json!({"name": {"value": "httpresponsecode"}, "value": "5xx"}));
                }
            });
        }
        _ => return false,
    }
    true
}

//! What the gateway says of itself: access log, metrics, and the ALB controller's backend health at 09:58:41.

use super::json_file;
use super::story::{BREAKS_MS, CLIENTS, FQDN, GAP, Hour, LEAVES_MS, Request, START_MS, TARGETS};
use crate::cluster::REGION;
use crate::objects::arm;
use crate::sink::Sink;
use serde_json::{Value, json};
use std::io;
use underlay_model::time::{MINUTE_MS, format_rfc3339};

/// The gateway's resource.
pub(super) fn gateway_id() -> String {
    arm("MC_demo_aks_eastus", "Microsoft.ServiceNetworking/trafficControllers/alb-1a2b3c4d")
}

pub(super) fn write(hour: &Hour, sink: &mut dyn Sink) -> io::Result<()> {
    access_log(hour, sink)?;
    json_file(sink, "metrics.json", 2, &metrics(hour))?;
    backend_health(sink)
}

fn access_log(hour: &Hour, sink: &mut dyn Sink) -> io::Result<()> {
    let resource = gateway_id().to_uppercase();
    sink.file(&format!("access/resourceId={resource}/y=2026/m=11/d=20/h=09/m=00/PT1H.json"))?;
    let mut rows: Vec<(i64, &Request)> =
        hour.requests.iter().map(|request| (request.start_ms + request.duration_ms, request)).collect();
    rows.sort();
    for (number, (ended_ms, request)) in rows.into_iter().enumerate() {
        let target = &TARGETS[request.target];
        let (ip, port) = (target.address.to_string(), target.port.to_string());
        let secure = target.port == 8443;
        let line = json!({
            "category": "TrafficControllerAccessLog",
            "operationName": "ReqRespLogs",
            "properties": {
                "backendHost": format!("{ip}:{port}"),
                "backendIp": ip,
                "backendPort": port,
                "backendResponseLatency": (request.duration_ms * 3 / 4).to_string(),
                "backendTimeTaken": request.duration_ms.to_string(),
                "clientIp": format!("{}:{}", CLIENTS[request.client], request.client_port),
                "frontendName": "fe-ac7d1a3b",
                "frontendPort": if secure { "443" } else { "80" },
                "hostName": FQDN,
                "httpMethod": "GET",
                "httpStatusCode": request.status.to_string(),
                "httpVersion": "HTTP/1.1",
                "referer": "-",
                "requestBodyBytes": "0",
                "requestHeaderBytes": "223",
                "requestUri": format!("/api/pi?digits={}", if request.status == 503 { target_digits(target.suffix) } else { request.body - 40 }),
                "responseBodyBytes": request.body.to_string(),
                "responseHeaderBytes": "190",
                "timeTaken": (request.duration_ms + 1).to_string(),
                "tlsCipher": if secure { "TLS_AES_256_GCM_SHA384" } else { "-" },
                "tlsProtocol": if secure { "TLSv1.3" } else { "-" },
                "trackingId": format!("28b9af1b-0f0f-4a6e-9b0d-{:012x}", 0xc73a_0000_0000_u64 + number as u64),
                "userAgent": "curl/8.5.0",
            },
            "resourceId": resource,
            "time": with_millis(ended_ms),
            "location": REGION,
        });
        sink.write(line.to_string().as_bytes())?;
        sink.write(b"\n")?;
    }
    Ok(())
}

/// What was asked for when the answer was an error page.
fn target_digits(suffix: &str) -> u64 {
    100_000 + suffix.len() as u64
}

fn with_millis(time_ms: i64) -> String {
    let text = format_rfc3339(time_ms);
    if text.len() == 20 { text.replace('Z', ".000Z") } else { text }
}

fn metrics(hour: &Hour) -> Value {
    let gateway = gateway_id();
    let metric = |name: &str, title: &str, what: &str, series: Vec<Value>| {
        json!({
            "displayDescription": what, "errorCode": "Success", "errorMessage": null,
            "id": format!("{gateway}/providers/Microsoft.Insights/metrics/{name}"),
            "name": {"localizedValue": title, "value": name},
            "resourceGroup": "MC_demo_aks_eastus",
            "timeseries": series, "type": "Microsoft.Insights/metrics", "unit": "Count",
        })
    };
    // Share of the minute 09:31 in which the gateway still took bg76s for healthy.
    let healthy_ms = LEAVES_MS - (BREAKS_MS - 12_000);
    let targets = |service: &str, broken: bool| {
        series(&[("backendservice", service)], "average", &|minute| match minute {
            31 if broken => 1.0 + (healthy_ms * 100 / MINUTE_MS) as f64 / 100.0,
            32.. if broken => 1.0,
            _ => 2.0,
        })
    };
    let count = |minute: i64, keep: &dyn Fn(&Request) -> bool| {
        hour.requests
            .iter()
            .filter(|request| (request.start_ms + request.duration_ms - START_MS).div_euclid(MINUTE_MS) == minute)
            .filter(|request| keep(request))
            .count() as f64
    };
    let by_front_end = |port: u16| {
        series(&[("frontend", &format!("fe-ac7d1a3b:{}", if port == 8443 { 443 } else { 80 }))], "total", &|minute| {
            count(minute, &|request| TARGETS[request.target].port == port)
        })
    };
    let by_status = |status: u16, class: &str| {
        series(&[("httpresponsecode", class), ("backendservice", "yada/yadaapi/8080")], "total", &|minute| {
            count(minute, &|request| TARGETS[request.target].port == 8080 && request.status == status)
        })
    };
    json!({
        "cost": 59, "interval": "PT1M", "namespace": "Microsoft.ServiceNetworking/trafficControllers", "resourceregion": REGION,
        "timespan": "2026-11-20T09:00:00Z/2026-11-20T10:00:00Z",
        "value": [
            metric("BackendHealthyTargets", "Backend Healthy Targets", "Count of healthy backend targets",
                   vec![targets("yada/yadaapi/8080", true), targets("yadatls/yadatls/8443", false)]),
            metric("TotalRequests", "Total Requests", "Count of requests served by Application Gateway for Containers",
                   vec![by_front_end(8080), by_front_end(8443)]),
            metric("BackendHTTPResponseStatus", "Backend HTTP Response Status", "HTTP response status returned by backends",
                   vec![by_status(200, "200"), by_status(503, "503")]),
        ],
    })
}

/// A series as the Azure command line prints it: five statistics, null for those not asked for, nothing at all in the gap.
fn series(dimensions: &[(&str, &str)], statistic: &str, value: &dyn Fn(i64) -> f64) -> Value {
    let data: Vec<Value> = (0..60)
        .map(|minute| {
            let time = format_rfc3339(START_MS + minute * MINUTE_MS).replace('Z', "+00:00");
            if GAP.contains(&minute) {
                return json!({"timeStamp": time});
            }
            let mut point = json!({"average": null, "count": null, "maximum": null, "minimum": null, "timeStamp": time, "total": null});
            point[statistic] = json!(value(minute));
            point
        })
        .collect();
    let names: Vec<Value> = dimensions
        .iter()
        .map(|(name, value)| json!({"name": {"localizedValue": name, "value": name}, "value": value}))
        .collect();
    json!({"data": data, "metadatavalues": names})
}

fn backend_health(sink: &mut dyn Sink) -> io::Result<()> {
    // The controller prints the group in lower case here and nowhere else.
    let alb = gateway_id().replace("resourceGroups", "resourcegroups");
    let service = |name: &str, members: [(usize, &str); 2]| {
        let healthy = members.iter().filter(|(_, status)| *status == "HEALTHY").count();
        let endpoints: Vec<Value> = members
            .iter()
            .map(|&(target, status)| json!({"address": TARGETS[target].address.to_string(), "health": {"status": status}}))
            .collect();
        json!({"serviceName": name, "serviceHealth": [{
            "albId": alb, "totalEndpoints": 2, "totalHealthyEndpoints": healthy, "totalUnhealthyEndpoints": 2 - healthy, "endpoints": endpoints}]})
    };
    let value = json!({"services": [
        service("yada/yadaapi/8080", [(0, "HEALTHY"), (1, "UNHEALTHY")]),
        service("yadatls/yadatls/8443", [(2, "HEALTHY"), (3, "HEALTHY")]),
    ]});
    sink.file("backend-health.json")?;
    sink.write(value.to_string().as_bytes())?;
    sink.write(b"\n")
}

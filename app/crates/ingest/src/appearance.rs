//! Says in one short sentence what a file looks like that nobody recognised.

use crate::json::{Broken, Cursor, Json};
use crate::words::size;

/// A byte order mark is no longer.
const LONGEST_MARK: u64 = 4;

/// A sentence about a text. `bytes` is its size as stored.
pub(crate) fn of_text(text: &str, bytes: u64, raw_head: &[u8]) -> String {
    let trimmed = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
    if text.is_empty() && bytes > LONGEST_MARK {
        return format!("Nothing came out of its {}.", size(bytes));
    }
    if bytes == 0 || text.is_empty() {
        return "Empty file.".to_owned();
    }
    if trimmed.is_empty() {
        return format!("Blank, {} of white space.", size(bytes));
    }
    if trimmed.trim_start_matches('\0').is_empty() {
        return format!("Only zero bytes, {}. The copy was interrupted.", size(bytes));
    }
    if is_binary(raw_head) {
        return format!("Binary data, {}. Nothing in it to draw.", size(bytes));
    }
    let words = |words: &str| format!("{words}, {}. Nothing in it to draw.", size(bytes));
    let lower: String = trimmed.chars().take(2000).collect::<String>().to_ascii_lowercase();
    if lower.starts_with("<!doctype html")
        || lower.starts_with("<html")
        || (lower.starts_with('<') && lower.contains("<body"))
    {
        return words("Web page");
    }
    if lower.starts_with('<') {
        return match between(trimmed, "<Code>", "</Code>") {
            Some(code) => format!("Error answer of Azure Storage: {code}."),
            None if lower.contains("<svg") => words("SVG picture"),
            None => words("XML"),
        };
    }
    if lower.starts_with("#!") {
        return words("Script");
    }
    if lower.starts_with("-----begin ") {
        return words("Certificate or key (PEM)");
    }
    if trimmed.starts_with(['{', '['])
        && let Some(sentence) = json(trimmed, bytes)
    {
        return sentence;
    }
    if let Some(line) = error_line(trimmed) {
        return format!("Error message of a tool: {}", shortened(line, 120));
    }
    if is_describe(trimmed) {
        return "Output of kubectl describe. Save the objects with kubectl get … -o json instead.".to_owned();
    }
    if is_query(&lower) {
        return words("Kusto query (KQL)");
    }
    if is_script(&lower) {
        return words("Script");
    }
    if lower.contains("apiversion:") && lower.contains("current-context:") {
        return "kubeconfig file, with credentials. It was not read.".to_owned();
    }
    if lower.starts_with("apiversion:") || lower.starts_with("kind:") {
        return words("YAML that cannot be read");
    }
    if lower.starts_with("param ") || lower.contains("\nresource ") || lower.starts_with("resource ") {
        return words("Template (Bicep or Terraform)");
    }
    if let Some(output) = of_shell(trimmed, &lower) {
        return output.to_owned();
    }
    if trimmed.starts_with("NAME") && trimmed.lines().next().is_some_and(|line| line.contains("  ")) {
        let columns: Vec<&str> = trimmed.lines().next().into_iter().flat_map(str::split_whitespace).take(4).collect();
        return words(&format!("Table of another kind: columns {}, …", columns.join(", ")));
    }
    if let Some(columns) = crate::texts::csv_columns(trimmed) {
        let shown: Vec<&str> = columns.iter().take(4).map(String::as_str).collect();
        return format!("Table of another kind, {}: columns {}, …", size(bytes), shown.join(", "));
    }
    if is_log(trimmed) {
        return words("Log text");
    }
    let line = trimmed.lines().next().unwrap_or_default();
    format!("Text of no known format, {}. It begins: {}", size(bytes), shortened(line, 60))
}

/// A sentence about a binary file whose kind is known.
pub(crate) fn of_binary(name: &str, bytes: u64) -> String {
    if crate::magic::is_archive(name) {
        return format!("{name}, {}. Unpack it and drop what is inside.", size(bytes));
    }
    format!("{name}, {}. Nothing in it to draw.", size(bytes))
}

fn json(text: &str, bytes: u64) -> Option<String> {
    let mut cursor = Cursor::new(text, 0);
    let mut members = Vec::new();
    let read =
        if text.starts_with('{') { cursor.members(&mut members).map(|()| None) } else { cursor.value().map(Some) };
    let (value, read) = match read {
        Ok(Some(list)) => (list, Ok(())),
        Ok(None) => (Json::Object(members), Ok(())),
        Err(broken) => (Json::Object(members), Err(broken)),
    };
    match read {
        Err(Broken::TooDeep) => {
            return Some(format!("JSON nested more than 128 levels deep, {}. Nothing in it to draw.", size(bytes)));
        }
        Err(Broken::Malformed) if cursor.at() < 3 => return None,
        _ => {}
    }
    let schema = value.get("$schema").text().to_ascii_lowercase();
    if schema.contains("deploymenttemplate.json") {
        return Some("ARM template. It says what was wanted, not what is there.".to_owned());
    }
    if schema.contains("deploymentparameters.json") {
        return Some("Parameters of an ARM template. Nothing in it to draw.".to_owned());
    }
    if let Some(words) = answer_of_azure(&value) {
        return Some(format!("{words}. Nothing in it to draw."));
    }
    if value.get("error").is_object() {
        let code = value.at(&["error", "code"]).text();
        return Some(format!(
            "Error answer: {}",
            shortened(&format!("{code}. {}", value.at(&["error", "message"]).text()), 160)
        ));
    }
    if value.at(&["log", "entries"]).is_list() {
        return Some(format!("Recording of a browser (HAR), {}. Nothing in it to draw.", size(bytes)));
    }
    if value.get("records").is_list() {
        let first = value.list("records").next();
        return Some(match first.map(|record| record.get("category").text()) {
            None => "Log without a record.".to_owned(),
            Some(category) if !category.is_empty() => format!("Azure log of category {category}. No flow log."),
            Some(_) => "Log of another service. No flow log.".to_owned(),
        });
    }
    let object = if let Json::List(elements) = &value {
        elements.iter().find(|element| element.is_object())
    } else {
        Some(&value)
    };
    if let Some(object) = object {
        let category = object.get("category").text();
        if !category.is_empty() && ["time", "timeStamp"].iter().any(|name| !object.get(name).is_null()) {
            return Some(format!("Azure log of category {category}. No flow log."));
        }
        let any = |names: &[&str]| names.iter().any(|name| !object.get(name).is_null());
        if any(&["level", "severity", "lvl"]) && any(&["msg", "message", "ts", "time"]) {
            return Some(format!("Log lines in JSON, {}. Nothing in it to draw.", size(bytes)));
        }
    }
    let mut keys: Vec<&str> = object.into_iter().flat_map(Json::members_of).map(|(key, _)| key).take(5).collect();
    if keys.len() == 5 {
        keys.truncate(4);
        keys.push("…");
    }
    let broken = match read {
        // No more was looked at.
        Err(Broken::End) if text.len() >= crate::reader::WINDOW - 4 => String::new(),
        Err(_) => format!(" It breaks off or is damaged {}.", crate::words::place(cursor.at() as u64)),
        Ok(_) => String::new(),
    };
    Some(match (&value, keys.is_empty()) {
        (Json::List(elements), _) if elements.is_empty() && read.is_ok() => "Empty JSON list.".to_owned(),
        (_, true) if read.is_ok() && value.is_object() => "Empty JSON object.".to_owned(),
        (_, true) => format!("JSON of another kind, {}.{broken}", size(bytes)),
        (_, false) => format!("JSON of another kind, {}: {}.{broken}", size(bytes), shortened(&keys.join(", "), 80)),
    })
}

/// The words for JSON of Azure and its tools that is known and holds nothing to draw, by members that it has together.
fn answer_of_azure(value: &Json<'_>) -> Option<&'static str> {
    const ANSWERS: [(&[&str], &str); 10] = [
        (&["terraform_version", "version"], "State or plan of Terraform"),
        (&["environmentName", "tenantId"], "Answer of az account"),
        (&["azure-cli", "azure-cli-core"], "Answer of az version"),
        (&["nextHopType", "routeTableId"], "Answer of az network watcher show-next-hop"),
        (&["access", "ruleName"], "Answer of az network watcher test-ip-flow"),
        (
            &["networkSecurityGroupResult", "profile"],
            "Answer of az network watcher run-configuration-diagnostic: save that of az network nic list-effective-nsg instead",
        ),
        (&["connectionStatus", "hops"], "Answer of az network watcher test-connectivity"),
        (&["createdDateTime", "resources"], "Answer of az network watcher show-topology"),
        (
            &["data", "total_records"],
            "Answer of az graph query without whole resources: project their id and properties, too",
        ),
        (
            &["data", "totalRecords"],
            "Answer of Resource Graph without whole resources: project their id and properties, too",
        ),
    ];
    let inside = value.list("results").next();
    let has = |name: &&str| !value.get(name).is_null() || inside.is_some_and(|first| !first.get(name).is_null());
    ANSWERS.iter().find(|(names, _)| names.iter().all(has)).map(|(_, words)| *words)
}

/// What shells and the Azure CLI print for people instead of files.
fn of_shell(text: &str, lower: &str) -> Option<&'static str> {
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).take(8);
    let rule = |line: &str| {
        line.starts_with("--") && line.contains("  -") && line.bytes().all(|byte| matches!(byte, b'-' | b' '))
    };
    let field = |line: &&str| {
        line.split_once(" : ").is_some_and(|(name, _)| name.trim_end().bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    let (mut ruled, mut fields) = (false, 0);
    for line in lines {
        ruled |= rule(line);
        fields += u32::from(field(&line));
    }
    if ruled {
        return Some(
            "Table that the Azure CLI or PowerShell printed. It does not hold everything: save it with -o json instead.",
        );
    }
    if fields > 2 {
        return Some("List that PowerShell printed. Save it with ConvertTo-Json -Depth 20 instead.");
    }
    (lower.contains("/subscriptions/") && lower.contains("/providers/microsoft."))
        .then_some("Text about Azure resources, perhaps of az … -o tsv. Save it with -o json instead.")
}

/// Control characters that text does not have.
fn is_binary(head: &[u8]) -> bool {
    let odd = head.iter().filter(|&&byte| matches!(byte, 0..=8 | 14..=26 | 28..=31)).count();
    // UTF-16 has a zero in every other byte.
    let wide = head.starts_with(b"\xFF\xFE")
        || head.starts_with(b"\xFE\xFF")
        || matches!(head, [0, a, 0, b, ..] | [a, 0, b, 0, ..] if *a > 0 && *b > 0);
    odd * 20 > head.len() && !wide
}

fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inside, _)| inside)
}

fn shortened(text: &str, most: usize) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    if clean.chars().count() <= most {
        return clean;
    }
    let cut: String = clean.chars().take(most).collect();
    format!("{}…", cut.trim_end())
}

fn error_line(text: &str) -> Option<&str> {
    const BEGINNINGS: [&str; 8] = [
        "error:",
        "ERROR:",
        "Error from server",
        "Error:",
        "Unable to connect to the server",
        "No resources found",
        "The connection to the server",
        "curl: (",
    ];
    text.lines().take(5).find(|line| BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)))
}

fn is_describe(text: &str) -> bool {
    let fields = ["Name:", "Namespace:", "Labels:", "Annotations:", "Status:", "IP:", "Roles:", "Selector:", "Events:"];
    let found = fields.iter().filter(|field| {
        text.lines()
            .take(300)
            .any(|line| line.strip_prefix(**field).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
    });
    text.lines().any(|line| line.starts_with("Name:")) && found.count() >= 3
}

fn is_query(lower: &str) -> bool {
    const OPERATORS: [&str; 8] =
        ["| where ", "| summarize ", "| project", "| extend ", "| take ", "| order by", "| sort by", "| join "];
    OPERATORS.iter().filter(|operator| lower.contains(**operator)).count() >= 1
        && (lower.contains("\n|") || lower.contains(" | where ") || lower.starts_with("let "))
}

fn is_script(lower: &str) -> bool {
    const SIGNS: [&str; 12] = [
        "\nimport ",
        "\nfrom ",
        "\ndef ",
        "\nfunction ",
        "\nfor ",
        "\nif ",
        "$(",
        "write-host",
        "\nexport ",
        "\naz ",
        "\nkubectl ",
        "param(",
    ];
    let text = format!("\n{lower}");
    SIGNS.iter().filter(|sign| text.contains(**sign)).count() >= 2
}

fn is_log(text: &str) -> bool {
    let (mut stamped, mut lines) = (0, 0);
    for line in text.lines().take(40).filter(|line| !line.trim().is_empty()) {
        lines += 1;
        let line = line.trim_start_matches(['[', '"']);
        let digits = line.bytes().take(20).filter(u8::is_ascii_digit).count();
        let marks = line.bytes().take(30).filter(|byte| matches!(byte, b':' | b'-' | b'/')).count();
        let klog = line.starts_with(['I', 'W', 'E', 'F'])
            && line.get(1..5).is_some_and(|mmdd| mmdd.bytes().all(|b| b.is_ascii_digit()));
        stamped += usize::from(klog || (digits >= 8 && marks >= 3));
    }
    lines > 0 && stamped * 2 > lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> String {
        of_text(text, text.len() as u64, text.as_bytes())
    }

    #[test]
    fn everyday_strays_are_named() {
        for (text, words) in [
            ("", "Empty file."),
            (" \n\n", "Blank, 3 bytes"),
            ("<!DOCTYPE html><html><body>x</body></html>", "Web page"),
            ("<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code></Error>", "AuthenticationFailed"),
            ("#!/bin/bash\necho flowTuples\n", "Script"),
            ("NTANetAnalytics\n| where SubType == 'FlowLog'\n| summarize count()\n", "Kusto query"),
            ("Name:         a\nNamespace:    b\nLabels:       c\n", "kubectl describe"),
            (
                "{\"$schema\":\"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\",\"resources\":[]}",
                "ARM template",
            ),
            ("{\"records\":[{\"time\":\"x\",\"category\":\"AuditEvent\"}]}", "category AuditEvent"),
            ("{\"records\":[]}", "Log without a record."),
            ("{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no\"}}", "AuthorizationFailed"),
            ("{\"name\":\"x\",\"version\":\"1\"}", "JSON of another kind, 26 bytes: name, version"),
            ("{\"name\":\"x\",\"vers", "breaks off"),
            ("[]", "Empty JSON list."),
            ("2026-11-20T09:00:00Z INFO started\n2026-11-20T09:00:01Z INFO done\n", "Log text"),
            ("I1120 09:00:00.1 1 main.go:1] hello\nW1120 09:00:00.1 1 main.go:2] x\n", "Log text"),
            ("Error from server (Forbidden): pods is forbidden\n", "Error message of a tool"),
            ("once upon a time", "It begins: once upon a time"),
            ("a,b,c\n1,2,3\n", "columns a, b, c"),
            ("NAME   CPU(cores)   CPU(%)\nn   1   2\n", "Table of another kind: columns NAME, CPU(cores)"),
            ("\0\0\0\0", "Only zero bytes"),
            ("Name     Location\n-------  ----------\naksVnet  eastus\n", "Table that the Azure CLI"),
            ("\r\nName     : v\r\nLocation : eastus\r\nEtag     : x\r\n", "List that PowerShell"),
            ("/subscriptions/1/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v\n", "-o tsv"),
            ("{\"environmentName\":\"AzureCloud\",\"tenantId\":\"1\"}", "az account"),
            ("{\"results\":[{\"networkSecurityGroupResult\":{},\"profile\":{}}]}", "run-configuration-diagnostic"),
            ("{\"terraform_version\":\"1.9\",\"version\":4,\"resources\":[]}", "Terraform"),
        ] {
            assert!(look(text).contains(words), "{text:?} looks like {:?}", look(text));
        }
        assert!(of_text("\u{FFFD}\u{1}\u{2}", 9, &[0x90, 1, 2, 3, 0xFF]).contains("Binary data"));
    }
}

//! Says in one short sentence what a file looks like that nobody recognised.

mod json;
mod printed;

use crate::words::size;

/// A byte order mark is no longer.
const LONGEST_MARK: u64 = 4;

/// So much of a text is looked at, but for the names in JSON.
const LOOK: usize = crate::reader::WINDOW;

/// A sentence about a text. `bytes` is its size as stored.
pub(crate) fn of_text(whole: &str, bytes: u64, raw_head: &[u8]) -> String {
    let text = whole.get(..whole.floor_char_boundary(LOOK)).unwrap_or_default();
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
    let words = |words: &'static str| format!("{words}, {}. Nothing in it to draw.", size(bytes));
    let lower: String = trimmed.chars().take(2000).collect::<String>().to_ascii_lowercase();
    if lower.starts_with('<') {
        return printed::markup(trimmed, &lower).unwrap_or_else(words);
    }
    if lower.starts_with("#!") {
        return words("Script");
    }
    if lower.starts_with("-----begin ") {
        return words("Certificate or key (PEM)");
    }
    if trimmed.starts_with(['{', '['])
        && let Some(sentence) =
            json::sentence(trimmed, whole.get(text.len() - trimmed.len()..).unwrap_or_default(), bytes)
    {
        return sentence;
    }
    if let Some(sentence) = printed::sentence(trimmed, &lower) {
        return sentence;
    }
    if let Some(known) = printed::known(trimmed, &lower) {
        return words(known);
    }
    if let Some(columns) = printed::columns(trimmed) {
        return format!("Table of another kind, {}: columns {}.", size(bytes), listed(columns));
    }
    if let Some(names) = printed::yaml_names(trimmed) {
        return format!("YAML of another kind, {}: {}.", size(bytes), listed(names));
    }
    let line = trimmed.lines().next().unwrap_or_default();
    let mut cursor = crate::json::Cursor::new(trimmed.trim_ascii_end(), 0);
    if cursor.value().is_ok() && cursor.peek().is_none() {
        return words("One value of JSON");
    }
    format!("Text of no known format, {}. It begins: {}", size(bytes), shortened(line, 60))
}

/// The first four of some names.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.take(5).collect();
    if names.len() == 5 {
        names.truncate(4);
        names.push("…");
    }
    shortened(&names.join(", "), 80)
}

/// A sentence about a binary file whose kind is known.
pub(crate) fn of_binary(name: &str, bytes: u64) -> String {
    if crate::magic::is_archive(name) {
        return format!("{name}, {}. Unpack it and drop what is inside.", size(bytes));
    }
    format!("{name}, {}. Nothing in it to draw.", size(bytes))
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
    let visible = text.chars().filter(|c| *c == '\t' || !c.is_control());
    let clean: String = visible.map(|c| if c == '\t' { ' ' } else { c }).collect();
    if clean.chars().count() <= most {
        return clean;
    }
    let cut: String = clean.chars().take(most).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUDITED: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1","stage":"ResponseComplete"}"#;

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
            ("NAME   SHORTNAMES   KIND\nn   a   b\n", "columns NAME, SHORTNAMES, KIND."),
            ("\0\0\0\0", "Only zero bytes"),
            ("Name     Location\n-------  ----------\naksVnet  eastus\n", "Table that the Azure CLI"),
            ("\r\nName     : v\r\nLocation : eastus\r\nEtag     : x\r\n", "List that PowerShell"),
            ("/subscriptions/1/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v\n", "-o tsv"),
            ("{\"environmentName\":\"AzureCloud\",\"tenantId\":\"1\"}", "az account"),
            ("{\"results\":[{\"networkSecurityGroupResult\":{},\"profile\":{}}]}", "run-configuration-diagnostic"),
            ("{\"terraform_version\":\"1.9\",\"version\":4,\"resources\":[]}", "Terraform"),
            ("{\"tables\":[{\"name\":\"PrimaryResult\",\"columns\":[{\"name\":\"x\"}],\"rows\":[]}]}", "without a row"),
            ("{\"tables\":[{\"columns\":[{\"name\":\"count_\"}],\"rows\":[[5]]}]}", "1 row: columns count_."),
            ("[{\"FrameType\":\"DataSetHeader\"},{\"Columns\":[{\"ColumnName\":\"a\"}],\"Rows\":[]}]", "without a row"),
            ("[{\"TableName\":\"PrimaryResult\",\"count_\":\"57\"}]", "Log Analytics, 1 row: columns count_"),
            ("{\"value\":[]}", "Empty list of Azure"),
            ("{\"count\":0,\"data\":[],\"total_records\":0}", "Resource Graph without a row"),
            ("{\"took\":1,\"hits\":{\"hits\":[]}}", "Elasticsearch"),
            ("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"no\"}", "bad_data. no"),
            ("{\"schema\":\"underlay.summary/1\",\"complete\":true,\"inputs\":[]}", "Summary that Underlay wrote"),
            ("NAME   CPU(cores)   MEMORY(bytes)\nn   1m   2Mi\n", "kubectl top"),
            ("pod/a\nservice/b\n", "Names of objects alone"),
            ("10.0.0.1 10.0.0.2\n", "Addresses alone"),
            ("replicaCount: 1\nimage:\n  tag: x\n", "YAML of another kind, 32 bytes: replicaCount, image."),
            ("09:00:00.1 IP 10.0.0.1.1 > 10.0.0.2.2: Flags [S]\n", "tcpdump"),
            ("# Flow logs\n\n```json\n{\"records\":[]}\n```\n", "Markdown"),
            ("Available paths:\nPath: /backendHealth\nDescription: Prints it.\n", "ALB controller"),
            ("null\n", "One value of JSON"),
            ("{\"records\":null}", "Log without a record."),
            (&format!("{{\"outputs\":\"{}\",\"terraform_version\":\"1.9\"}}", "x".repeat(70_000)), "Terraform"),
            (
                &format!("{{\"records\":[{}1],\"odd\":1}}", "1,".repeat(70_000)),
                "of another kind, 140 kB: records, odd.",
            ),
            ("12 monkeys", "It begins: 12 monkeys"),
            ("\"category\":\"AuditEvent\",", "It begins: \"category\""),
            ("{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[]}}", "Loki"),
            (AUDITED, "Audit log of Kubernetes"),
        ] {
            assert!(look(text).contains(words), "{text:?} looks like {:?}", look(text));
        }
        assert!(of_text("\u{FFFD}\u{1}\u{2}", 9, &[0x90, 1, 2, 3, 0xFF]).contains("Binary data"));
    }
}

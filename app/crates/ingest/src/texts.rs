//! Plain text that is recognised by its first lines: tables of `kubectl`, exported tables, Prometheus metrics, YAML, bare
//! address prefixes.

use crate::shapes::is_flow_row;
use ipnet::IpNet;
use underlay_model::input::Format;

/// Lines that are looked at.
const LOOK_LINES: usize = 40;

/// A text format that is recognised and not read yet, with a sentence about it.
pub(crate) fn format_of(text: &str) -> Option<(Format, &'static str)> {
    let lines = || text.lines().take(LOOK_LINES).map(str::trim_end).filter(|line| !line.trim().is_empty());
    let first = lines().next()?;
    if let Some(columns) = columns(first) {
        let has = |name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
        if is_flow_row(&mut columns.iter().map(String::as_str)) {
            return Some((Format::TrafficAnalytics, "Traffic Analytics rows as CSV."));
        }
        if has("BackendIp") && has("FrontendName") {
            return Some((Format::AgcAccessLog, "AGC access log rows as CSV."));
        }
        if has("RuleSetType") && has("TrackingId") {
            return Some((Format::AgcFirewallLog, "AGC firewall log rows as CSV."));
        }
    }
    if is_prometheus(text) {
        return Some((Format::Prometheus, "Prometheus metrics."));
    }
    if is_kubernetes_yaml(text) {
        return Some((Format::Kubernetes, "kubectl objects as YAML. Save them with -o json instead."));
    }
    lines().any(is_table_header).then_some((Format::KubernetesTable, "A table as kubectl prints it."))
}

/// Column names of a line of comma- or tab-separated values.
fn columns(line: &str) -> Option<Vec<String>> {
    let separator = if line.contains('\t') { '\t' } else { ',' };
    let names: Vec<String> = line
        .trim_start_matches('\u{FEFF}')
        .split(separator)
        .map(|name| name.trim().trim_matches('"').to_owned())
        .collect();
    let plain = |name: &String| {
        !name.is_empty()
            && name.len() < 80
            && name.chars().all(|c| {
                c.is_ascii_alphanumeric()
                    || matches!(c, '_' | ' ' | '[' | ']' | ':' | '+' | '-' | '.' | '(' | ')' | '/')
            })
    };
    (names.len() > 1 && names.iter().all(plain)).then_some(names)
}

/// Whether a text is comma-separated with these many columns in its header, for saying what it looks like.
pub(crate) fn csv_columns(text: &str) -> Option<Vec<String>> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let columns = columns(lines.next()?)?;
    let second = lines.next()?;
    let commas = second.matches([',', '\t']).count() + 1;
    (columns.len() > 2 && commas >= columns.len()).then_some(columns)
}

fn is_table_header(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    if first != "NAME" && first != "NAMESPACE" && first != "LAST" {
        return false;
    }
    const COLUMNS: [&str; 16] = [
        "NAME",
        "READY",
        "STATUS",
        "RESTARTS",
        "AGE",
        "CLUSTER-IP",
        "ROLES",
        "VERSION",
        "ENDPOINTS",
        "ADDRESSTYPE",
        "CLASS",
        "ADDRESS",
        "HOSTNAMES",
        "TYPE",
        "REASON",
        "OBJECT",
    ];
    words.filter(|word| COLUMNS.contains(word)).count() >= 2
}

/// Whether a table as kubectl prints it stands anywhere in the text.
pub(crate) fn holds_table(text: &str) -> bool {
    text.lines().any(is_table_header)
}

fn is_prometheus(text: &str) -> bool {
    let (mut comments, mut samples, mut other) = (0, 0, 0);
    for line in text.lines().take(LOOK_LINES).filter(|line| !line.trim().is_empty()) {
        if line.starts_with("# HELP ") || line.starts_with("# TYPE ") {
            comments += 1;
        } else if line.starts_with('#') {
        } else if is_sample(line) {
            samples += 1;
        } else {
            other += 1;
        }
    }
    (comments > 0 || samples > 2) && samples + comments > 4 * other
}

/// `name{label="value"} 12.5 1795165220517`.
fn is_sample(line: &str) -> bool {
    let name = line.split(['{', ' ']).next().unwrap_or_default();
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'));
    let rest = line.rsplit_once('}').map_or(line.get(name.len()..).unwrap_or_default(), |(_, rest)| rest);
    let mut values = rest.split_whitespace();
    named
        && values.next().is_some_and(|value| value.parse::<f64>().is_ok())
        && values.all(|value| value.parse::<i64>().is_ok())
}

fn is_kubernetes_yaml(text: &str) -> bool {
    let keys = |name: &str| {
        text.lines()
            .take(400)
            .any(|line| line.strip_prefix(name).is_some_and(|rest| rest.trim_start().len() < rest.len()))
    };
    let first = text.lines().find(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#') && line != "---"
    });
    let top_key = first.is_some_and(|line| {
        ["apiVersion:", "kind:", "items:", "metadata:"].iter().any(|key| line.starts_with(key))
            || line.starts_with("- apiVersion:")
    });
    top_key
        && (keys("apiVersion:") || text.contains("\n- apiVersion:") || text.starts_with("- apiVersion:"))
        && text.contains("kind:")
}

/// The prefixes of a text that holds nothing else, but for quotes, brackets, commas, and the prompt with the command that
/// printed them.
pub(crate) fn prefixes(text: &str) -> Option<Vec<IpNet>> {
    const LONGEST: usize = 64 * 1024;
    if text.len() > LONGEST {
        return None;
    }
    let mut nets = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if ["❯", "$ ", "PS ", "> ", "#"].iter().any(|prompt| line.starts_with(prompt)) || line.contains("$ az ") {
            continue;
        }
        for word in
            line.split(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '"' | '\'' | ';' | '\u{FEFF}'))
        {
            if !word.is_empty() {
                nets.push(word.parse::<IpNet>().ok()?.trunc());
            }
        }
    }
    (!nets.is_empty()).then_some(nets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_formats_are_told() {
        for (text, format) in [
            ("\"FlowIntervalStartTime [UTC]\",SrcIp,DestIp,DestPort\n\"1\",a,b,c\n", Format::TrafficAnalytics),
            ("FASchemaVersion_s,SrcIP_s,DestIP_s\n", Format::TrafficAnalytics),
            ("# HELP total_endpoints x\n# TYPE total_endpoints gauge\ntotal_endpoints 4\n", Format::Prometheus),
            (
                "alb_connection_status 1\ntotal_endpoints{service=\"a b\"} 4\ntotal_x 1e3 1795165220517\n",
                Format::Prometheus,
            ),
            ("❯ k get pod -o wide\nNAME      READY   STATUS   RESTARTS\na   1/1\n", Format::KubernetesTable),
            ("NAMESPACE   NAME   READY   STATUS\n", Format::KubernetesTable),
            ("apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\nkind: List\n", Format::Kubernetes),
        ] {
            assert_eq!(format_of(text).map(|(format, _)| format), Some(format), "{text}");
        }
        for text in ["a,b\n1,2", "Name: x\nNamespace: y\n", "hello world", "", "key: value\nkind: nothing\n"] {
            assert_eq!(format_of(text), None, "{text}");
        }
    }

    #[test]
    fn bare_prefixes_are_read_with_their_prompt() {
        let text = "❯ az aks show -n $aks_name -g $rg --query networkProfile.podCidr -o tsv\n10.244.0.0/16\n";
        assert_eq!(prefixes(text).map(|nets| nets.len()), Some(1));
        assert_eq!(prefixes("[\n \"10.244.0.0/16\",\n \"fd12:3456:789a::/64\"\n]").map(|nets| nets.len()), Some(2));
        for text in ["", "10.244.0.1", "10.244.0.0/16 is the pod CIDR", "10.0.0.0/33"] {
            assert_eq!(prefixes(text), None, "{text}");
        }
    }
}

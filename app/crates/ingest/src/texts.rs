//! Plain text that is recognised by its first lines: exported tables, Prometheus metrics, bare address prefixes; and whether
//! a text holds tables or YAML of `kubectl`.

use ipnet::IpNet;
use underlay_model::input::Format;

/// Lines that are looked at.
const LOOK_LINES: usize = 40;

/// The log whose rows a text holds as comma-separated values, by its header.
pub(crate) fn request_table(text: &str) -> Option<Format> {
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(5);
    lines.filter_map(|line| columns(line.trim_end())).find_map(|names| crate::requests::format_of_header(&names))
}

/// Whether samples of Prometheus begin some line of the text's beginning.
pub(crate) fn holds_samples(text: &str) -> bool {
    let mut at = 0;
    text.split_inclusive('\n').take(LOOK_LINES).any(|line| {
        let start = at;
        at += line.len();
        crate::prometheus::begins(text, start)
    })
}

/// Cells of a row between separators, with where they begin; those in quotes may hold some. Empty ones count.
pub(crate) fn cells(line: &str, separator: u8) -> impl Iterator<Item = (usize, &str)> {
    let (mut from, mut quoted) = (0, false);
    line.bytes().chain([separator]).enumerate().filter_map(move |(at, byte)| {
        quoted ^= byte == b'"';
        if byte != separator || (quoted && at < line.len()) {
            return None;
        }
        let cell = (from, line.get(from..at).unwrap_or_default().trim().trim_matches('"'));
        from = at + 1;
        Some(cell)
    })
}

/// Whether a table or YAML of Kubernetes, or a table of metrics, stands anywhere in the text, or YAML of Azure at its beginning: all are read, also among JSON
/// documents.
pub(crate) fn holds_objects(text: &str) -> bool {
    text.lines().any(|line| crate::kubernetes::table::begins(line) || crate::metric_table::is_header(line))
        || crate::yaml::block::found(text)
        || crate::azure::yaml::found(text)
}

/// What separates the cells of a table, by the line that names its columns. Spreadsheets of some countries write semicolons.
pub(crate) fn separator(line: &[u8]) -> u8 {
    let count = |separator: u8| memchr::memchr_iter(separator, line).count();
    [b',', b'\t', b';'].into_iter().rev().max_by_key(|&separator| count(separator)).unwrap_or(b',')
}

/// Column names of a line of comma- or tab-separated values.
fn columns(line: &str) -> Option<Vec<String>> {
    let separator = char::from(separator(line.as_bytes()));
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

/// Whether a text is comma-separated: names of columns, and as many cells in the line below.
pub(crate) fn is_table(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let columns = lines.next().and_then(columns);
    let commas = lines.next().map_or(0, |second| second.matches([',', '\t', ';']).count());
    // A comma parts a sentence, too.
    let are_names = |columns: &Vec<String>| columns.len() > 2 || columns.iter().all(|name| name.len() < 24);
    columns.filter(are_names).is_some_and(|columns| columns.len() > 1 && commas + 1 >= columns.len())
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
        // As YAML names it (`az aks show --query "{podCidr:networkProfile.podCidr}" -o yaml`).
        let named = line.split_once(':').filter(|(name, _)| name.trim_matches('"').eq_ignore_ascii_case("podCidr"));
        let line = named.map_or(line, |(_, value)| value);
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

/// The prefixes that a command for the pod CIDR printed at a place of a session that somebody copied, one a line, and where they end.
pub(crate) fn answered_prefixes(text: &str, at: usize) -> Option<(Vec<IpNet>, usize)> {
    let net = |line: &str| line.trim().trim_matches('"').parse::<IpNet>().ok().map(|net| net.trunc());
    let command = text.get(..at)?.trim_end().lines().next_back()?;
    if !command.to_ascii_lowercase().contains("podcidr") {
        return None;
    }
    let mut end = at;
    let lines = text.get(at..)?.split_inclusive('\n').map_while(|line| Some((net(line)?, line.len())));
    let nets: Vec<IpNet> = lines.map(|(net, length)| (net, end += length).0).collect();
    (!nets.is_empty()).then_some((nets, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_and_tables_of_requests_are_told() {
        for text in [
            "# HELP total_endpoints x\n# TYPE total_endpoints gauge\ntotal_endpoints 4\n",
            "alb_connection_status 1\ntotal_endpoints{service=\"a b\"} 4\ntotal_x 1e3 1795165220517\n",
            "$ curl localhost:8001/metrics\n# HELP a b\n# TYPE a gauge\na 1\n",
        ] {
            assert!(holds_samples(text), "{text}");
        }
        assert!(!holds_samples("# Title\n\nsome 1\nwords 2\nand more\n"));
        let header = "\"TimeGenerated [UTC]\",ClientIp,BackendIp,FrontendName,HttpStatusCode\n";
        assert_eq!(request_table(header), Some(Format::AgcAccessLog));
        assert_eq!(request_table("TimeGenerated,Action,RuleId,RuleSetType,TrackingId\n"), Some(Format::AgcFirewallLog));
        assert_eq!(request_table("a,b\n"), None);
    }

    #[test]
    fn tables_and_yaml_are_told() {
        for text in [
            "❯ k get pod -o wide\nNAME      READY   STATUS   RESTARTS\na   1/1\n",
            "NAMESPACE   NAME   READY   STATUS\n",
            "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\nkind: List\n",
            "---\n# made by hand\nkind: Pod\napiVersion: v1\n",
        ] {
            assert!(holds_objects(text), "{text}");
        }
        for text in
            ["NAME OF THE GAME\n", "key: value\nkind: nothing\n", "apiVersion: v1\nkind: Config\ncurrent-context: x\n"]
        {
            assert!(!holds_objects(text), "{text}");
        }
    }

    #[test]
    fn what_a_command_for_the_pod_cidr_printed_is_read() {
        let asked = "❯ az aks show --query networkProfile.podCidr -o tsv\n";
        for (answer, nets, behind) in [
            ("10.244.0.0/16\nhello", 1, "hello"),
            ("10.244.0.0/16\r\nfd12:3456:789a::/64\r\n\n$ ", 2, "\n$ "),
            ("\"10.244.0.0/16\"", 1, ""),
        ] {
            let text = [asked, answer].concat();
            let (found, end) = answered_prefixes(&text, asked.len()).unwrap();
            assert_eq!((found.len(), &text[end..]), (nets, behind));
        }
        assert_eq!(answered_prefixes("$ ip route\n10.244.0.0/16\n", 11), None);
        assert_eq!(answered_prefixes(&[asked, "10.244.0.0/16 is it\n"].concat(), asked.len()), None);
        assert_eq!(answered_prefixes("10.244.0.0/16\n", 0), None);
    }

    #[test]
    fn bare_prefixes_are_read_with_their_prompt() {
        let text = "❯ az aks show -n $aks_name -g $rg --query networkProfile.podCidr -o tsv\n10.244.0.0/16\n";
        assert_eq!(prefixes(text).map(|nets| nets.len()), Some(1));
        assert_eq!(prefixes("[\n \"10.244.0.0/16\",\n \"fd12:3456:789a::/64\"\n]").map(|nets| nets.len()), Some(2));
        assert_eq!(prefixes("podCidr: 10.244.0.0/16\n").map(|nets| nets.len()), Some(1));
        for text in ["", "10.244.0.1", "10.244.0.0/16 is the pod CIDR", "10.0.0.0/33"] {
            assert_eq!(prefixes(text), None, "{text}");
        }
    }
}

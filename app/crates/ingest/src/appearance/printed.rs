//! What text looks like that nobody recognised: what tools print for people, scripts, queries, settings.

use super::{between, shortened};

/// What tools say when something failed.
const ERRORS: [&str; 8] = [
    "error:",
    "ERROR:",
    "Error from server",
    "Error:",
    "Unable to connect to the server",
    "No resources found",
    "The connection to the server",
    "curl: (",
];

/// A whole sentence, where there is something to do about it.
pub(super) fn sentence(text: &str, lower: &str) -> Option<String> {
    if let Some(line) = text.lines().take(5).find(|line| ERRORS.iter().any(|error| line.starts_with(error))) {
        return Some(format!("Error message of a tool: {}", shortened(line, 120)));
    }
    let words = if text.lines().any(|line| line.trim_start().starts_with("```")) {
        "Page with blocks of code (Markdown). Save what a block holds as a file of its own."
    } else if lower.contains("path: /backendhealth") {
        "Help of the ALB controller. Ask it for /backendHealth?detailed=true instead."
    } else if is_describe(text) {
        "Output of kubectl describe. Save the objects with kubectl get … -o json instead."
    } else if lower.contains("apiversion:") && lower.contains("current-context:") {
        "kubeconfig file, with credentials. It was not read."
    } else if lower.contains("power query") && lower.contains("loganalytics") {
        "Query of Power BI (M), exported from Log Analytics. Export the rows as CSV instead."
    } else if lower.contains(" forwarded (") && lower.contains(" -> ") {
        "Flows that hubble observe printed. Save them with -o jsonpb instead."
    } else if are_names(text) {
        "Names of objects alone, perhaps of kubectl get -o name. Save the objects with -o json instead."
    } else if are_addresses(text) {
        "Addresses alone, without whose they are. Save the objects with -o json instead."
    } else {
        return of_shell(text, lower).map(str::to_owned);
    };
    Some(words.to_owned())
}

/// Words for what is known and holds nothing to draw.
pub(super) fn known(text: &str, lower: &str) -> Option<&'static str> {
    // What a text holds within its first 2,000 characters, and what that is.
    const HOLDS: [(&str, &str); 8] = [
        ("azcopyversion", "Log of AzCopy"),
        ("pending, 0 skipped", "What AzCopy printed"),
        ("cpu(cores)", "What kubectl top printed"),
        ("client version: v", "What kubectl version printed"),
        ("control plane is running at", "What kubectl cluster-info printed"),
        ("account-id interface-id", "Flow log of AWS"),
        ("> user-agent: curl", "What curl -v printed"),
        ("\nmime-version:", "E-mail"),
    ];
    let starts = |beginnings: &[&str]| beginnings.iter().any(|beginning| lower.starts_with(beginning));
    if is_query(lower) {
        Some("Kusto query (KQL)")
    } else if is_script(lower) {
        Some("Script")
    } else if starts(&["apiversion:", "kind:"]) {
        Some("YAML that cannot be read")
    } else if starts(&["param ", "resource "]) || lower.contains("\nresource ") {
        Some("Template (Bicep or Terraform)")
    } else if let Some((_, words)) = HOLDS.iter().find(|(words, _)| lower.contains(words)) {
        Some(words)
    } else if are_packets(text) {
        Some("Packets that tcpdump printed")
    } else if is_log(text) && columns(text).is_none() {
        Some("Log text")
    } else {
        None
    }
}

/// Sentences for markup: an error of Azure Storage, or what it is.
pub(super) fn markup(text: &str, lower: &str) -> Result<String, &'static str> {
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") || lower.contains("<body") {
        return Err("Web page");
    }
    match between(text, "<Code>", "</Code>") {
        Some(code) => Ok(format!("Error answer of Azure Storage: {code}.")),
        None if lower.contains("<enumerationresults") => {
            Ok("List of blobs in Azure Storage. Download the blobs themselves.".to_owned())
        }
        None if lower.contains("<svg") => Err("SVG picture"),
        None => Err("XML"),
    }
}

/// Names of the columns of a table, of comma-separated values or as `kubectl` prints it.
pub(super) fn columns(text: &str) -> Option<std::vec::IntoIter<&str>> {
    let line = text.lines().next()?;
    if line.starts_with("NAME") && line.contains("  ") {
        return Some(line.split_whitespace().collect::<Vec<_>>().into_iter());
    }
    crate::texts::is_table(text).then(|| {
        let separator = char::from(crate::texts::separator(line.as_bytes()));
        line.split(separator).map(|name| name.trim().trim_matches('"')).collect::<Vec<_>>().into_iter()
    })
}

/// Names at the beginnings of lines, when the text is laid out as YAML is.
pub(super) fn yaml_names(text: &str) -> Option<impl Iterator<Item = &str>> {
    let lines = || text.lines().take(60).filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let is_yaml = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        line.starts_with("---") || line.starts_with('-') || name_of(line).is_some()
    };
    let indented = lines().any(|line| line.starts_with("  "));
    let names = || lines().filter(|line| !line.starts_with([' ', '-'])).filter_map(name_of);
    (indented && lines().all(is_yaml) && names().next().is_some()).then(names)
}

/// The name before a colon.
fn name_of(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    ((value.is_empty() || value.starts_with(' ')) && !name.is_empty() && name.bytes().all(plain)).then_some(name)
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
    // Queries, scripts and templates name resources, too.
    let is_other = is_query(lower) || is_script(lower) || lower.contains("resource ");
    (!is_other && lower.contains("/subscriptions/") && lower.contains("/providers/microsoft."))
        .then_some("Text about Azure resources, perhaps of az … -o tsv. Save it with -o json instead.")
}

/// Lines such as `pod/a`.
fn are_names(text: &str) -> bool {
    let is_name = |line: &str| {
        line.split_once('/').is_some_and(|(kind, name)| {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
            !kind.is_empty() && !name.is_empty() && kind.bytes().all(plain) && name.bytes().all(plain)
        }) && line.starts_with(|c: char| c.is_ascii_lowercase())
    };
    text.lines().take(20).all(is_name)
}

fn are_addresses(text: &str) -> bool {
    let mut words = text.split_whitespace().take(20);
    words.all(|word| underlay_model::address::parse_address(word.as_bytes()).is_some())
}

fn are_packets(text: &str) -> bool {
    text.lines().take(3).all(|line| line.contains(" IP ") && line.contains(" > ") || line.contains(" IP6 "))
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

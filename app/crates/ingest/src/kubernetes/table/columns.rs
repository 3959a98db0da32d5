//! Headers of the tables that `kubectl get` prints: which words make one, and where its columns stand.

use super::cells::{self, Cell};

/// Names of columns of two words: they stand with one blank between.
const OF_TWO_WORDS: [&str; 8] = [
    "NOMINATED NODE",
    "READINESS GATES",
    "LAST SEEN",
    "FIRST SEEN",
    "NODE SELECTOR",
    "LAST SCHEDULE",
    "READY REPLICAS",
    "SUBNET CIDR",
];

/// Columns that make a line that begins with NAME a header.
const TELLING: [&str; 27] = [
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
    "DESIRED",
    "AVAILABLE",
    "HOSTS",
    "PORT(S)",
    "IP",
    "NODE",
    "INTERNAL-IP",
    "HOLDER",
    "CONTROLLER",
    "MESSAGE",
    "NC",
    "RANGE",
];

/// Columns of pods, for rows that came without a header.
const OF_PODS: [&str; 10] =
    ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED NODE", "READINESS GATES"];

/// The same of nodes.
const OF_NODES: [&str; 10] = [
    "NAME",
    "STATUS",
    "ROLES",
    "AGE",
    "VERSION",
    "INTERNAL-IP",
    "EXTERNAL-IP",
    "OS-IMAGE",
    "KERNEL-VERSION",
    "CONTAINER-RUNTIME",
];

/// How the cells of a table are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parting {
    /// By two or more blanks, or tabs.
    Wide,
    /// By single blanks: the others were lost on the way.
    Tight,
    /// By commas, as other tools save what they show.
    Commas,
}

/// What a header says.
pub(in crate::kubernetes) struct Header<'t> {
    pub(super) columns: Vec<Cell<'t>>,
    pub(super) parting: Parting,
}

impl<'t> Header<'t> {
    /// The columns of a header's line.
    pub(super) fn of(line: &'t str) -> Self {
        if is_of_commas(line) {
            return Header { columns: cells::of_commas(line), parting: Parting::Commas };
        }
        let wide = cells::wide(line);
        if wide.len() > 1 {
            let columns = wide.into_iter().map(|(at, name)| (at, known_as(name).unwrap_or(name))).collect();
            return Header { columns, parting: Parting::Wide };
        }
        let mut columns: Vec<Cell<'t>> = Vec::new();
        for (at, word) in cells::words(line) {
            let begin = columns.last().map(|(at, _)| *at);
            let joined = begin.and_then(|begin| Some((begin, line.get(begin..at + word.len())?)));
            match joined.filter(|(_, both)| OF_TWO_WORDS.contains(both)) {
                Some(both) => {
                    columns.pop();
                    columns.push(both);
                }
                None => columns.push((at, word)),
            }
        }
        Header { columns, parting: Parting::Tight }
    }

    /// The columns of a row of pods or nodes that came without a header (`--no-headers`, `| grep`, `-o jsonpath`). A pod has a fraction, a
    /// word, a number and an age behind its name, or its address and its node alone; a node its readiness and a version. `None` when the
    /// line is no such row.
    pub(super) fn of_bare_row(line: &'t str) -> Option<Self> {
        const LONGEST: usize = 1000;
        if line.len() > LONGEST || !(line.contains('/') || line.contains("  v1.") || line.contains("aks-")) {
            return None;
        }
        let found = cells::wide(line);
        let text = |at: usize| found.get(at).map_or("", |(_, text)| *text);
        let named = |names: &'static [&'static str]| {
            let columns = names.iter().zip(&found).map(|(name, (at, _))| (*at, *name)).collect();
            Some(Header { columns, parting: Parting::Wide })
        };
        if matches!(text(1).split(',').next(), Some("Ready" | "NotReady")) && text(4).starts_with("v1.") {
            return if super::is_plain(text(0)) { named(&OF_NODES) } else { None };
        }
        let is_address = underlay_model::address::parse_address(text(1).as_bytes()).is_some();
        if found.len() == 3 && is_address && text(2).starts_with("aks-") && super::is_plain(text(0)) {
            return named(&["NAME", "IP", "NODE"]);
        }
        let before = (1..=2).find(|&at| is_fraction(text(at)))?;
        let names = (0..before).all(|at| super::is_plain(text(at)));
        let digit = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
        let status = text(before + 1).starts_with(|first: char| first.is_ascii_uppercase());
        if !(names && status && digit(text(before + 2)) && digit(text(before + 3))) {
            return None;
        }
        named(OF_PODS.get(2 - before..).unwrap_or_default())
    }

    pub(in crate::kubernetes) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|(_, name)| *name == column)
    }
}

fn is_fraction(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('/').is_some_and(|(part, whole)| digits(part) && digits(whole))
}

/// Whether a line is the header of a table.
pub(crate) fn is_header(line: &str) -> bool {
    let line = line.trim_end();
    is_printed(line) || is_chosen(line)
}

/// What `kubectl` calls a column to which somebody gave a name of their own (`-o custom-columns`), or another kind of object does.
fn known_as(column: &str) -> Option<&'static str> {
    const LONGEST: usize = 16;
    let mut letters = [0; LONGEST];
    let mut length = 0;
    for byte in column.bytes().filter(|byte| !matches!(byte, b' ' | b'_' | b'-')) {
        *letters.get_mut(length)? = byte;
        length += 1;
    }
    match letters.get(..length)? {
        b"NAME" | b"POD" | b"PODNAME" => Some("NAME"),
        b"NAMESPACE" | b"NS" | b"PODNAMESPACE" => Some("NAMESPACE"),
        b"IP" | b"IPS" | b"PODIP" | b"PODIPS" | b"IPV4" => Some("IP"),
        b"NODE" | b"NODENAME" => Some("NODE"),
        b"INTERNALIP" | b"NODEIP" => Some("INTERNAL-IP"),
        b"PODCIDR" | b"PODCIDRS" => Some("PODCIDR"),
        b"CLUSTERIP" => Some("CLUSTER-IP"),
        b"STATUS" | b"PHASE" => Some("STATUS"),
        _ => None,
    }
}

/// Whether a line names columns that people choose themselves: whose they are, and an address or a node.
fn is_chosen(line: &str) -> bool {
    const LONGEST: usize = 400;
    let letter = |byte: &u8| byte.is_ascii_uppercase();
    let first = line.split([' ', '\t']).next().unwrap_or_default();
    if line.len() > LONGEST
        || !first.bytes().next().is_some_and(|byte| letter(&byte))
        || !line.contains("  ") && !line.contains('\t')
    {
        return false;
    }
    let columns = cells::wide(line);
    let caption = |name: &str| name.split(' ').all(|word| is_caption(&word.replace('_', "-")));
    let has = |wanted: &str| columns.iter().any(|(_, name)| known_as(name) == Some(wanted));
    let placed = || ["INTERNAL-IP", "PODCIDR"].into_iter().any(has);
    columns.iter().all(|(_, name)| caption(name))
        && (has("NAME") && (has("IP") || has("NODE") || has("CLUSTER-IP") || placed()) || has("NODE") && placed())
}

/// Whether a line is a header that `kubectl` chose.
fn is_printed(line: &str) -> bool {
    if !(line.starts_with("NAME") || line.starts_with("LAST")) {
        return false;
    }
    let commas = is_of_commas(line);
    let mut words = line.split(|c: char| c.is_whitespace() || (commas && c == ',')).filter(|word| !word.is_empty());
    if !matches!(words.next(), Some("NAME" | "NAMESPACE" | "LAST")) {
        return false;
    }
    let telling = words.clone().filter(|word| TELLING.contains(word)).count();
    if commas {
        // Many tables have a name and a status.
        return telling > 2;
    }
    // Tables of custom resources end with their age, whatever stands before it.
    telling > 1 || (line.ends_with("  AGE") && words.all(is_caption))
}

fn is_of_commas(line: &str) -> bool {
    line.contains(',') && !line.contains("  ") && !line.contains('\t')
}

/// Whether a word may stand in a header.
pub(super) fn is_caption(word: &str) -> bool {
    word.bytes().all(|byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'(' | b')' | b'/' | b'%')
    })
}

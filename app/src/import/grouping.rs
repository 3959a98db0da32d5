//! Files that differ only by the hour: a storage account keeps one `PT1H.json` an hour and NIC, or an hour and gateway, hundreds of them, so
//! the report shows those of one log and NIC as one line that opens.

use std::collections::BTreeMap;
use underlay_model::input::InputReport;
use underlay_model::time::Millis;

/// Fewer files than this stay on lines of their own.
const FEWEST: usize = 4;

/// Between the parts of a key: no path holds it.
const SEPARATOR: &str = "\0";

/// A line of the report.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// One input, by its index.
    One(usize),
    /// Several: what they share, and their indices.
    Many(Group),
}

/// Inputs of one name, log and NIC.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// `PT1H.json`.
    pub name: String,
    /// What comes before the hour in their paths.
    pub folder: String,
    /// Their NIC; empty when they do not agree on one.
    pub mac: String,
    /// Indices of the inputs.
    pub inputs: Vec<usize>,
}

/// Sums over a group.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "as in the report")]
pub struct Sums {
    pub bytes: u64,
    pub records: u64,
    pub accepted: u64,
    pub duplicate: u64,
    pub rejected: u64,
    pub lost: u64,
    pub span: Option<(Millis, Millis)>,
    /// Inputs with a note.
    pub noted: u64,
}

impl Sums {
    /// Sums these inputs.
    pub fn of<'a>(inputs: impl Iterator<Item = &'a InputReport>) -> Self {
        let mut sums = Self::default();
        for input in inputs {
            sums.bytes += input.bytes;
            sums.records += input.records;
            sums.accepted += input.tuples.accepted;
            sums.duplicate += input.tuples.duplicate;
            sums.rejected += input.tuples.rejected;
            sums.lost += input.lost_bytes;
            sums.noted += u64::from(!input.notes.is_empty());
            if let Some((first, last)) = input.span {
                let known = sums.span.unwrap_or((first, last));
                sums.span = Some((known.0.min(first), known.1.max(last)));
            }
        }
        sums
    }
}

/// The part of a blob's path that stands before its time: `…/flowLogs/y=2026/m=11/…` gives `…/flowLogs`.
fn before_time(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once(['/', '!']).unwrap_or(("", path));
    let cut = folder.find("/y=").or_else(|| folder.find("!y=")).unwrap_or(folder.len());
    let whole = folder.get(..cut).unwrap_or(folder);
    // Without a time in it, the folder itself may be an hour's.
    if cut == folder.len() { (whole.rsplit_once('/').map_or("", |(parent, _)| parent), name) } else { (whole, name) }
}

/// The report's lines, in the order of their first inputs.
pub fn lines(inputs: &[InputReport]) -> Vec<Line> {
    let key = |input: &InputReport| {
        let (folder, name) = before_time(&input.path);
        // Other logs only where their paths say that they are hours.
        let hours = input.understood() && input.path.contains("y=");
        if !input.format.is_flow_log() && !hours {
            return None;
        }
        let mac = if let [mac] = input.macs.as_slice() { mac.clone() } else { String::new() };
        Some([name, folder, &mac, input.format.code()].join(SEPARATOR))
    };
    let keys: Vec<Option<String>> = inputs.iter().map(key).collect();
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, key) in keys.iter().enumerate() {
        if let Some(key) = key {
            groups.entry(key.clone()).or_default().push(at);
        }
    }
    let mut lines = Vec::new();
    for (at, key) in keys.into_iter().enumerate() {
        let group = key.as_ref().and_then(|key| groups.get(key)).filter(|group| group.len() >= FEWEST);
        match (group, key) {
            (Some(group), Some(key)) if group.first() == Some(&at) => {
                let mut parts = key.split(SEPARATOR).map(str::to_owned);
                let mut part = || parts.next().unwrap_or_default();
                let (name, folder, mac) = (part(), part(), part());
                lines.push(Line::Many(Group { name, folder, mac, inputs: group.clone() }));
            }
            (Some(_), _) => {}
            (None, _) => lines.push(Line::One(at)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use underlay_model::input::Format;

    fn log(path: &str, mac: &str) -> InputReport {
        InputReport {
            path: path.to_owned(),
            format: Format::VnetFlowLog,
            records: 60,
            macs: vec![mac.to_owned()],
            ..InputReport::default()
        }
    }

    #[test]
    fn hours_of_one_nic_are_one_line_and_the_rest_stays() {
        let mut inputs: Vec<InputReport> = (0..24)
            .flat_map(|hour| {
                ["6045BD000001", "6045BD000002"].map(|mac| {
                    log(
                        &format!(
                            "logs/resourceId=/A/FLOWLOGS/y=2026/m=11/d=20/h={hour:02}/m=00/macAddress={mac}/PT1H.json"
                        ),
                        mac,
                    )
                })
            })
            .collect();
        inputs.push(log("logs/other/PT1H.json", "6045BD000001"));
        inputs.push(InputReport { path: "pods.json".to_owned(), ..InputReport::default() });
        let lines = lines(&inputs);
        assert_eq!(lines.len(), 4);
        let Line::Many(group) = &lines[0] else { panic!("{lines:?}") };
        assert_eq!((group.name.as_str(), group.mac.as_str(), group.inputs.len()), ("PT1H.json", "6045BD000001", 24));
        assert_eq!(group.folder, "logs/resourceId=/A/FLOWLOGS");
        let sums = Sums::of(group.inputs.iter().map(|&at| &inputs[at]));
        assert_eq!(sums.records, 24 * 60);
        assert_eq!(lines[2..], [Line::One(48), Line::One(49)]);
    }

    #[test]
    fn hours_of_a_gateways_log_are_one_line_whatever_their_names_hold() {
        let mut inputs: Vec<InputReport> = (0..5)
            .map(|hour| InputReport {
                format: Format::AgcAccessLog,
                ..log(&format!("l/resourceId=/A\nB/y=2026/m=11/d=20/h={hour:02}/m=00/PT1H.json"), "")
            })
            .collect();
        inputs.extend((0..5).map(|n| InputReport { format: Format::AgcAccessLog, ..log(&format!("l/{n}.json"), "") }));
        let lines = lines(&inputs);
        let Line::Many(group) = &lines[0] else { panic!("{lines:?}") };
        assert_eq!((group.name.as_str(), group.folder.as_str()), ("PT1H.json", "l/resourceId=/A\nB"));
        assert_eq!((group.inputs.len(), lines.len()), (5, 6));
    }

    #[test]
    fn few_files_stay_on_lines_of_their_own() {
        let inputs = [log("a/h=01/PT1H.json", "M"), log("a/h=02/PT1H.json", "M"), log("a/h=03/PT1H.json", "M")];
        assert_eq!(lines(&inputs), [Line::One(0), Line::One(1), Line::One(2)]);
    }
}

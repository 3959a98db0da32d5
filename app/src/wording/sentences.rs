//! Sentences of the page itself, in the voice of the design (section 9): short, factual, the cause, then the way on.

/// Landing, title.
pub const HEADLINE: &str = "See the path from your gateway to your pods";
/// Landing, lead.
pub const LEAD: &str = "Drop VNet flow logs and kubectl output. Underlay joins them in this tab and draws who reached whom, \
                        what was denied, and why a target is unhealthy.";
/// Landing, in the drop zone.
pub const DROP: &str = "Drop files or a folder anywhere";
/// Landing, below it.
pub const DROP_KINDS: &str = "JSON, CSV, text, gz or zip. Text can be pasted, too.";
/// Landing, beside the sample's button.
pub const SAMPLE: &str = "One AGC, one node, four overlay pods, one hour.";
/// Landing, bottom.
pub const PRIVACY: (&str, &str) =
    ("Your files stay in this tab.", "No upload, no account, no telemetry. It keeps working with the network off.");
/// The answer to: how do I check this?
pub const PRIVACY_PROOF: &str = "Open the browser's developer tools, network tab, and drop a file: no request appears. The \
                                 page's content security policy forbids requests to any other host, in its workers too. \
                                 Or load the page, go offline, and work.";
/// The status bar's first words.
pub const LOCAL_ONLY: &str = "Local only.";
/// No check found anything.
pub const NO_FINDINGS: &str = "No findings.";
/// Findings, when every pod is healthy.
pub const ALL_PODS_HEALTHY: &str = "Every pod with a witness is healthy.";
/// The first page, when its address is a link into a capture.
pub const LINK_WAITS: &str = "This link shows a part of a capture. Open the same files, and it is shown.";
/// Inspector, the thing is not in this capture or range.
pub const NO_SUCH_THING: &str = "This capture has no such thing. The link may be of another capture.";
/// Timeline, empty.
pub const NO_TIME: &str = "No time in these files. VNet flow logs bring traffic by the minute.";
/// Canvas, objects without flows.
pub const NO_FLOWS: (&str, &str) =
    ("No flow logs in this drop", "Pods and routes are drawn, traffic is not. Add VNet flow logs to draw the lines.");
/// Canvas, nothing at all.
pub const NOTHING_TO_DRAW: (&str, &str) = (
    "Nothing to draw yet",
    "None of the files names a node, a pod, a subnet or a flow. The import report says what each file is.",
);
/// A range without a flow.
pub const NO_FLOW_IN_RANGE: &str = "No flow in this range.";
/// The drop zone while something hovers.
pub const DROP_TO_ADD: &str = "Drop to add";
/// And below it, when a capture is open.
pub const DROP_JOINS: &str = "They join the capture that is open.";
/// The sample could not be fetched.
pub const SAMPLE_FAILED: &str = "The sample capture could not be read from this site.";
/// A drop without files.
pub const NOTHING_DROPPED: &str = "There is no file in what was dropped.";
/// Dialog of a failed worker, title.
pub const WORKER_FAILED: &str = "A worker stopped";
/// And what that means.
pub const WORKER_FAILED_KEPT: &str = "This is a defect of Underlay, not of your files. The file is left out; every other \
                                      file is here.";
/// And when no file was involved.
pub const WORKER_FAILED_ALONE: &str =
    "This is a defect of Underlay, not of your files. What the worker held is read again.";
/// And when the browser had no more memory.
pub const WORKER_MEMORY: &str =
    "The browser had no more memory for it. The file is left out; what else the worker held is read again.";
/// And when somebody ended it.
pub const WORKER_ENDED: &str = "The browser, the system or a developer's tool ended it. What it held is read again.";
/// And when nothing can go on.
pub const SESSION_LOST: &str =
    "The worker that holds the capture is gone. The files are still known and can be read again.";

//! Recognises answers of `az … -o yaml` by their lines; what reads YAML of Kubernetes reads them, too.

/// Lines that are looked at to tell such an answer.
const LOOK_LINES: usize = 400;

/// Whether a line begins here that YAML of a resource may begin with: a key at the margin, perhaps of a list's first element.
pub(crate) fn seems(text: &str, at: usize) -> bool {
    let Some(line) = text.get(at..).and_then(|rest| rest.lines().next()) else { return false };
    let Some((key, value)) = line.strip_prefix("- ").unwrap_or(line).split_once(':') else { return false };
    let key = key.trim_matches('"');
    (value.is_empty() || value.starts_with(' '))
        && !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether YAML of a resource begins at this line start: below the key stands an ARM id, and nothing of Kubernetes.
pub(crate) fn begins(text: &str, at: usize) -> bool {
    if !seems(text, at) {
        return false;
    }
    let rest = text.get(at..).unwrap_or_default();
    // An entry of an activity log holds what was asked for and answered: that is text of its own, and no object.
    if rest.trim_start_matches(['-', ' ', '"']).starts_with("authorization") {
        return true;
    }
    let mut resource = false;
    for line in rest.lines().take(LOOK_LINES) {
        let line = line.trim_start_matches([' ', '-']);
        if line.starts_with("apiVersion:") || line.starts_with(['{', '[', '"']) {
            return false;
        }
        resource |= line.starts_with("id: /subscriptions/");
    }
    resource
}

/// Whether it begins at one of the text's first lines.
pub(crate) fn found(text: &str) -> bool {
    let mut at = 0;
    text.split_inclusive('\n').take(20).any(|line| {
        let here = at + (line.len() - line.trim_start_matches('\u{FEFF}').len());
        at += line.len();
        begins(text, here)
    })
}

//! Logs of containers in what `kubectl cluster-info dump` writes: among the documents of one stream, or in files of their own. They
//! say nothing of the network, are passed over, and are known for what they are.

const START: &[u8] = b"==== START logs for container ";
const END: &[u8] = b"==== END logs for container ";

/// Whether a text is such a log, of one container or of several.
pub(crate) fn begins(text: &str) -> bool {
    text.as_bytes().starts_with(START)
}

/// How long the log is that begins here, with the line that ends it; to the end of the text when none does. `None` when no log begins here.
///
/// The line that ends a log names the same container. It may stand behind text: not every log ends its last line.
pub(crate) fn length(text: &[u8]) -> Option<usize> {
    let named = text.strip_prefix(START)?;
    let label = named.get(..memchr::memchr(b'\n', named).unwrap_or(named.len()))?.trim_ascii_end();
    let end = [END, label].concat();
    let Some(at) = memchr::memmem::find(text, &end) else { return Some(text.len()) };
    let behind = at + end.len();
    let rest = text.get(behind..)?;
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\r')).count();
    Some(behind + blanks + usize::from(rest.get(blanks) == Some(&b'\n')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_goes_to_the_line_that_names_its_container() {
        let log = |body: &str| {
            format!(
                "==== START logs for container a of pod b/c ====\n{body}==== END logs for container a of pod b/c ====\n"
            )
        };
        for body in ["", "line\n", "no line end", "==== END logs for container other of pod b/c ====\n"] {
            let text = format!("{}{{}}", log(body));
            assert_eq!(length(text.as_bytes()), Some(text.len() - 2), "{body}");
        }
        assert_eq!(length(b"==== START logs for container a of pod b/c ====\ncut"), Some(51));
        assert_eq!(length(b"{}"), None);
    }
}

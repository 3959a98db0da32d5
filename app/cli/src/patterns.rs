//! Names with `*` and `?` for shells that leave them to the command, as those of Windows do. Only the last part of a path may hold them.

use std::path::{Path, PathBuf};

/// The paths that a pattern stands for, sorted; `None` when the path is no pattern, or stands for nothing.
pub fn expanded(path: &Path) -> Option<Vec<PathBuf>> {
    let pattern = path.file_name()?.to_str()?;
    if !pattern.contains(['*', '?']) {
        return None;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.file_name()));
    let matching = names.filter(|name| {
        let name = name.to_string_lossy();
        // As in a shell, a name that begins with a dot must be meant.
        (pattern.starts_with('.') || !name.starts_with('.')) && matches(pattern, &name)
    });
    let mut found: Vec<PathBuf> = matching.map(|name| path.with_file_name(name)).collect();
    found.sort();
    (!found.is_empty()).then_some(found)
}

/// Whether a name is what a pattern means: `*` stands for any text, `?` for one character.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where the last `*` stands, and how far the text goes that it stands for.
    let mut star = None;
    while let Some(&character) = name.get(read) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == character => {
                at += 1;
                read += 1;
            }
            _ => match &mut star {
                Some((place, end)) => {
                    *end += 1;
                    (at, read) = (*place + 1, *end);
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|character| *character == '*'))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_question_marks_stand_for_text() {
        for (pattern, name) in
            [("*", ""), ("*.json", "a.json"), ("P?1H*", "PT1H.json"), ("a*b*c", "a-b-b-c"), ("zü?ich", "zürich")]
        {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("?", ""), ("*.json", "a.jsonl"), ("a*b", "acd"), ("a", "ab"), ("**x", "y")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}

//! Which paths are inputs at all (`summary-contract.md`, Inputs).

/// Whether an inner path is passed over: any component begins with `.` or is `__MACOSX`. Folders (a path that ends in
/// `/`) and empty paths are, too. Either slash separates.
pub fn passed_over(path: &str) -> bool {
    path.is_empty()
        || path.ends_with(['/', '\\'])
        || path.split(['/', '\\']).any(|component| component.starts_with('.') || component == "__MACOSX")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_names_and_mac_leftovers_are_passed_over() {
        for path in [".DS_Store", "logs/.git/config", "__MACOSX/logs/._a.json", "logs/", "", "../x"] {
            assert!(passed_over(path), "{path}");
        }
        for path in ["PT1H.json", "logs/h=09/PT1H.json", "a.b/c"] {
            assert!(!passed_over(path), "{path}");
        }
    }
}

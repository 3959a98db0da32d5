//! Fuzzing: the targets of `tests/fuzz`, each for a bounded time, from the inputs that are kept there. What a run finds lies in
//! `target/fuzz`; what is worth keeping is put into `tests/fuzz/corpus`, where `cargo xtask test` replays it.

use crate::steps::{self, Outcome, Steps};
use crate::tools;
use std::process::Command;

const CARGO_FUZZ: &str = "0.13.2";
/// Targets and their share of the time: what most bytes go through gets most.
const TARGETS: [(&str, u64); 9] = [
    ("scanner", 600),
    ("input", 600),
    ("objects", 600),
    ("arriving", 600),
    ("archive", 600),
    ("capture", 600),
    ("azure", 120),
    ("analytics", 120),
    ("requests", 120),
];
/// Longer inputs are slower and find no more.
const LONGEST: u64 = 16_384;

/// Runs one target or all, each for so many seconds, or for its own share.
pub fn fuzz(steps: &mut Steps, target: Option<&str>, seconds: Option<u64>) -> Outcome {
    if let Some(wanted) = target
        && !TARGETS.iter().any(|(name, _)| *name == wanted)
    {
        return Err(format!("there is no target {wanted}; there are {}", TARGETS.map(|(name, _)| name).join(", ")));
    }
    let cargo_fuzz = tools::installed(steps, "cargo-fuzz", "cargo-fuzz", CARGO_FUZZ, &["--locked"])?;
    let kept = steps::root().join("tests/fuzz");
    let found = steps::target().join("fuzz");
    for (name, share) in TARGETS.into_iter().filter(|(name, _)| target.is_none_or(|wanted| wanted == *name)) {
        let corpus = found.join("corpus").join(name);
        let artifacts = found.join("artifacts").join(name);
        for folder in [&corpus, &artifacts] {
            std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let seconds = seconds.unwrap_or(share);
        let mut run = Command::new(&cargo_fuzz);
        // Without a sanitizer it runs on the pinned toolchain; safe code has panics and endless loops to find, not stray pointers.
        run.args(["fuzz", "run", "--sanitizer", "none", "--fuzz-dir"])
            .arg(&kept)
            .arg(name)
            .arg(&corpus)
            .arg(kept.join("corpus").join(name))
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-max_len={LONGEST}"))
            .arg("-timeout=60")
            .arg("-rss_limit_mb=3000")
            .arg(format!("-dict={}", kept.join("dictionaries/words.dict").display()))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .current_dir(steps::root())
            .env("CARGO_TARGET_DIR", found.join("build"));
        steps.command(&format!("fuzzing {name} for {seconds} s"), &mut run)?;
    }
    Ok(())
}

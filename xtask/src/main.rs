//! What one types: `cargo xtask serve`, `build`, `test`, `bench`, `fuzz`. Each installs what is missing into the user's cache folder,
//! says what it does and how long it took, and works without the network once everything is there.

mod bench;
mod browser;
mod checks;
mod fuzz;
mod picture;
mod serve;
mod site;
mod steps;
mod tools;
mod traces;

use std::process::ExitCode;
use steps::{Outcome, Steps};

const USAGE: &str = "\
cargo xtask serve [--port N]   build the page and serve it on this machine
cargo xtask build              leave the page, ready for any static web server, in dist/
cargo xtask test               run every check there is
cargo xtask bench [--megabytes N] [--full] [ROW…]
                               measure how fast a capture is read and asked, natively, as a module and in Chromium
cargo xtask fuzz [--seconds N] [TARGET]
                               feed the parsers what nobody would write, ten minutes each unless told
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut steps = Steps::begin();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve::serve(&mut steps, None),
        ["serve", "--port", port] => match port.parse() {
            Ok(port) => serve::serve(&mut steps, Some(port)),
            Err(_) => Err(format!("{port} is no port")),
        },
        ["build"] => site::build(&mut steps).map(|_| ()),
        ["test"] => checks::test(&mut steps),
        ["bench", ref wanted @ ..] => bench::Wanted::parse(wanted).and_then(|wanted| bench::bench(&mut steps, &wanted)),
        ["fuzz"] => fuzz::fuzz(&mut steps, None, None),
        ["fuzz", target] => fuzz::fuzz(&mut steps, Some(target), None),
        ["fuzz", "--seconds", seconds] => match seconds.parse() {
            Ok(seconds) => fuzz::fuzz(&mut steps, None, Some(seconds)),
            Err(_) => Err(format!("{seconds} is no number")),
        },
        ["fuzz", "--seconds", seconds, target] => match seconds.parse() {
            Ok(seconds) => fuzz::fuzz(&mut steps, Some(target), Some(seconds)),
            Err(_) => Err(format!("{seconds} is no number")),
        },
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    finish(&steps, outcome)
}

fn finish(steps: &Steps, outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => {
            println!("done in {}", steps.elapsed());
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("\nstopped after {}: {message}", steps.elapsed());
            ExitCode::FAILURE
        }
    }
}

//! The command `underlay`: what the page understands of a capture, on the command line. `summary` prints the capture summary,
//! `generate` writes captures with known truth. Standard output carries results only; everything else goes to standard error.

mod arguments;
mod generate;
mod host;
mod patterns;
mod sources;
mod summary;

use arguments::Invocation;
use std::io::Write;
use std::process::ExitCode;

/// Wrong arguments, or a path that does not exist (`summary-contract.md`).
const WRONG_USE: u8 = 2;

fn main() -> ExitCode {
    match arguments::parse(lexopt::Parser::from_env()) {
        Ok(Invocation::Help(text)) => print_text(text),
        Ok(Invocation::Version) => print_text(concat!("underlay ", env!("CARGO_PKG_VERSION"), "\n")),
        Ok(Invocation::Summary(options)) => summary::run(&options),
        Ok(Invocation::Generate(arguments)) => generate::run(arguments),
        Err(message) => wrong_use(&message),
    }
}

fn print_text(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn wrong_use(message: &str) -> ExitCode {
    eprintln!("underlay: {message}");
    eprintln!("Try: underlay --help");
    ExitCode::from(WRONG_USE)
}

//! `underlay generate`: captures with known truth, written by the lab.

use lexopt::prelude::*;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use underlay_lab::directory::Directory;
use underlay_lab::options::{OPTIONS, set};
use underlay_lab::{Plan, Stats, bench_log, generate, sample};

/// What to write.
enum What {
    Plan(Box<Plan>),
    Sample,
    BenchLog(u64),
}

/// Runs the command with the arguments that follow its name.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let parsed = match parse(lexopt::Parser::from_args(arguments)) {
        Ok(Some(parsed)) => parsed,
        Ok(None) => return crate::print_text(&help()),
        Err(message) => return crate::wrong_use(&message),
    };
    let (what, folder) = parsed;
    match write(&what, folder.clone()) {
        Ok(stats) => {
            eprintln!(
                "{}: {} files, {} bytes; of flow logs {} bytes, {} records, {} tuples",
                folder.display(),
                stats.files,
                stats.bytes,
                stats.log_bytes,
                stats.records,
                stats.tuples
            );
            ExitCode::SUCCESS
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => crate::wrong_use(&error.to_string()),
        Err(error) => {
            eprintln!("underlay: {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn write(what: &What, folder: PathBuf) -> io::Result<Stats> {
    if let What::Plan(plan) = what {
        plan.check()?;
    }
    let mut directory = Directory::create(folder)?;
    match what {
        What::Plan(plan) => generate(plan, &mut directory).map(|outcome| outcome.stats),
        What::Sample => sample::write(&mut directory),
        What::BenchLog(bytes) => bench_log(*bytes, 1, &mut directory),
    }
}

/// `None` when help was asked for.
fn parse(mut parser: lexopt::Parser) -> Result<Option<(What, PathBuf)>, String> {
    let mut what = What::Plan(Box::default());
    let mut options_given = false;
    let mut folder = None;
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("sample") => what = What::Sample,
            Long("bench-log") => {
                let text = text_of(&mut parser)?;
                what = What::BenchLog(text.parse().map_err(|_| format!("--bench-log {text}: not a number of bytes"))?);
            }
            Long(name) => {
                let name = name.to_owned();
                let value = text_of(&mut parser)?;
                let mut unused = Plan::default();
                let plan = if let What::Plan(plan) = &mut what { plan } else { &mut unused };
                set(plan, &name, &value).map_err(|error| error.to_string())?;
                options_given = true;
            }
            Value(path) if folder.is_none() => folder = Some(PathBuf::from(path)),
            _ => return Err(argument.unexpected().to_string()),
        }
    }
    if options_given && !matches!(what, What::Plan(_)) {
        return Err("--sample and --bench-log take no other options".to_owned());
    }
    let folder = folder.ok_or("a FOLDER is missing")?;
    Ok(Some((what, folder)))
}

fn text_of(parser: &mut lexopt::Parser) -> Result<String, String> {
    parser.value().and_then(|value| value.string()).map_err(|error| error.to_string())
}

fn help() -> String {
    let mut help = String::from(
        "\
Writes a capture with known truth: flow logs in the layout of a storage account, and the kubectl and Azure answers
beside them. The same options give the same bytes on every machine.

Usage: underlay generate [OPTIONS] FOLDER
       underlay generate --sample FOLDER
       underlay generate --bench-log BYTES FOLDER

      --sample           Write the sample capture: the lab of the field notes, one hour of it
      --bench-log BYTES  Write one flow log of about so many bytes, for measuring
  -h, --help             Print this

Options:
",
    );
    for option in OPTIONS {
        help.push_str(&format!("      --{:<19} {} ({})\n", option.name, option.help, option.value));
    }
    help
}

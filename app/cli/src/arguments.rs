//! What was asked on the command line.

use lexopt::prelude::*;
use std::ffi::OsString;
use std::num::NonZeroU32;
use underlay_model::IpNet;
use underlay_model::view::CaptureOptions;

/// Help of the command itself.
pub const HELP: &str = "\
Reads what was collected from Azure and Kubernetes around an Application Gateway for Containers, offline.

Usage: underlay summary [OPTIONS] PATH…
       underlay generate [OPTIONS]

Commands:
  summary    Print the summary of a capture as JSON
  generate   Write a capture with known truth, of any size

Options:
  -h, --help     Print this, or the help of a command
  -V, --version  Print the version
";

/// Help of `underlay summary`.
pub const SUMMARY_HELP: &str = "\
Prints the summary of a capture as JSON (schema underlay.summary/1), the same bytes that the page exports.

Usage: underlay summary [OPTIONS] PATH…

PATH is a file, a folder (read recursively; names that begin with a dot and __MACOSX are passed over), a .zip, a .gz,
or - for standard input; the last part of it may hold * and ? where the shell leaves them. Everything on the command
line is one capture. What a file is, its content decides.

Options:
      --pretty               Indent by two blanks
      --gateway-subnet CIDR  Declare a subnet of gateway instances that no file names; may be repeated
      --pod-cidr CIDR        Declare a pod CIDR that no file names; may be repeated
      --threads NUMBER       Read with so many threads (default: one for each processor, at most 8)
  -q, --quiet                No progress and no notes on standard error
  -h, --help                 Print this

Exit status: 0 when every input was understood, possibly with notes; 1 when some input was not, the rest is printed all
the same; 2 for wrong arguments or a PATH that does not exist.
";

/// One call of the command.
#[derive(Debug)]
pub enum Invocation {
    /// Print this text.
    Help(&'static str),
    /// Print the version.
    Version,
    /// `underlay summary`.
    Summary(SummaryOptions),
    /// `underlay generate`, with the arguments that follow.
    Generate(Vec<OsString>),
}

/// Arguments of `underlay summary`.
#[derive(Debug, Default)]
pub struct SummaryOptions {
    /// Indented by two blanks.
    pub pretty: bool,
    /// Nothing on standard error.
    pub quiet: bool,
    /// `None`: one for each processor.
    pub threads: Option<NonZeroU32>,
    /// Declared subnets and CIDRs.
    pub capture: CaptureOptions,
    /// At least one.
    pub paths: Vec<OsString>,
}

/// Reads the arguments. Errors with a sentence for the user.
pub fn parse(mut parser: lexopt::Parser) -> Result<Invocation, String> {
    match parser.next().map_err(|error| error.to_string())? {
        None => Err("a command is missing".to_owned()),
        Some(Short('h') | Long("help")) => Ok(Invocation::Help(HELP)),
        Some(Short('V') | Long("version")) => Ok(Invocation::Version),
        Some(Value(command)) if command == "help" => Ok(Invocation::Help(HELP)),
        Some(Value(command)) if command == "summary" => parse_summary(parser),
        Some(Value(command)) if command == "generate" => {
            Ok(Invocation::Generate(parser.raw_args().map_err(|error| error.to_string())?.collect()))
        }
        Some(Value(command)) => Err(format!("there is no command {}", command.to_string_lossy())),
        Some(other) => Err(other.unexpected().to_string()),
    }
}

fn parse_summary(mut parser: lexopt::Parser) -> Result<Invocation, String> {
    let mut options = SummaryOptions::default();
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        match argument {
            Short('h') | Long("help") => return Ok(Invocation::Help(SUMMARY_HELP)),
            Long("pretty") => options.pretty = true,
            Short('q') | Long("quiet") => options.quiet = true,
            Long("threads") => {
                let text = parser.value().and_then(|value| value.string()).map_err(|error| error.to_string())?;
                let threads = text.parse().map_err(|_| format!("--threads {text}: not a number from 1"))?;
                options.threads = Some(threads);
            }
            Long("gateway-subnet") => {
                options.capture.gateway_subnets.push(cidr("--gateway-subnet", &mut parser)?);
            }
            Long("pod-cidr") => options.capture.pod_cidrs.push(cidr("--pod-cidr", &mut parser)?),
            Value(path) => options.paths.push(path),
            _ => return Err(argument.unexpected().to_string()),
        }
    }
    if options.paths.is_empty() {
        return Err("a PATH is missing".to_owned());
    }
    if options.paths.iter().filter(|path| *path == "-").count() > 1 {
        return Err("standard input can be read once only".to_owned());
    }
    Ok(Invocation::Summary(options))
}

fn cidr(option: &str, parser: &mut lexopt::Parser) -> Result<IpNet, String> {
    let text = parser.value().and_then(|value| value.string()).map_err(|error| error.to_string())?;
    let net: IpNet = text.parse().map_err(|_| format!("{option} {text}: not a CIDR such as 10.224.0.0/16"))?;
    Ok(net.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Invocation, String> {
        parse(lexopt::Parser::from_iter(std::iter::once("underlay").chain(arguments.iter().copied())))
    }

    #[test]
    fn declared_ranges_are_repeatable_and_reduced_to_their_network() {
        let asked =
            parsed(&["summary", "--gateway-subnet=10.1.2.3/24", "--gateway-subnet", "fd00::/64", "--pretty", "a"]);
        let Ok(Invocation::Summary(options)) = asked else { panic!("{asked:?}") };
        let subnets: Vec<String> = options.capture.gateway_subnets.iter().map(ToString::to_string).collect();
        assert_eq!(subnets, ["10.1.2.0/24", "fd00::/64"]);
        assert!(options.pretty);
        assert_eq!(options.paths, ["a"]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_sentence() {
        for arguments in [
            &[][..],
            &["summary"],
            &["summary", "--pod-cidr", "10.0.0.0", "a"],
            &["summary", "--pod-cidr"],
            &["summary", "--threads", "0", "a"],
            &["summary", "--nonsense", "a"],
            &["summary", "-", "-"],
            &["sumary", "a"],
        ] {
            assert!(parsed(arguments).is_err(), "{arguments:?}");
        }
    }
}

//! Parsing of the command line: environment variables with values as people write them, and help texts without Rust's
//! documentation markup.

use super::{hints, output};
use clap::builder::{BoolishValueParser, Resettable, StyledStr};
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Returns the clap command of `T`, adapted to this program.
pub fn command<T: CommandFactory>() -> Command {
    plain(T::command())
}

/// Parses the command line of this process; exits for help or an error. Also returns the data file if an option names
/// one.
pub fn read<T: CommandFactory + FromArgMatches>() -> (T, Option<PathBuf>) {
    let data_option = data_option(std::env::args_os());
    let matches = command::<T>()
        .try_get_matches()
        .unwrap_or_else(|error| end(&error, data_option.as_deref(), &command::<T>()));
    let arguments =
        T::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command::<T>()).exit());
    (arguments, data_option)
}

/// Exits with clap's message; hints in it name the data file.
fn end(error: &clap::Error, data_option: Option<&std::path::Path>, all: &Command) -> ! {
    let message = error.render().to_string();
    let completed = hints::complete(&message, all, data_option);
    if completed != message {
        output::print(&mut std::io::stderr(), &completed);
        std::process::exit(error.exit_code());
    }
    error.exit()
}

/// Returns the data file that an option names.
fn data_option(mut words: impl Iterator<Item = OsString>) -> Option<PathBuf> {
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--data") => return words.next().map(PathBuf::from),
            Some("--") => return None,
            Some(word) if word.starts_with("--data=") => return Some(word["--data=".len()..].into()),
            _ => {}
        }
    }
    None
}

fn plain(command: Command) -> Command {
    let (about, long_about) = (command.get_about().map(bare), command.get_long_about().map(bare));
    let command = match about {
        Some(about) => command.about(about),
        None => command,
    };
    let command = match long_about {
        Some(about) => command.long_about(about),
        None => command,
    };
    command.mut_args(plain_argument).mut_subcommands(plain)
}

fn plain_argument(argument: Arg) -> Arg {
    let (help, long_help) = (argument.get_help().map(bare), argument.get_long_help().map(bare));
    let mut argument = argument;
    if let Some(help) = help {
        argument = argument.help(help);
    }
    if let Some(help) = long_help {
        argument = argument.long_help(help);
    }
    let Some(name) = argument.get_env().map(OsStr::to_owned) else { return argument };
    if matches!(argument.get_action(), ArgAction::SetTrue) {
        // Accepts 1, yes and on as well as true.
        argument = argument.value_parser(BoolishValueParser::new());
    }
    // An empty variable, such as `CLICKSTEAD_GEOIP=` in an environment file, counts as unset.
    let is_empty = std::env::var_os(&name).is_some_and(|value| value.to_string_lossy().trim().is_empty());
    if is_empty { argument.env(Resettable::<clap::builder::OsStr>::Reset) } else { argument }
}

/// Removes the angle brackets around URLs, which rustdoc needs, from a help text.
fn bare(help: &StyledStr) -> String {
    let mut parts = Vec::new();
    let text = help.to_string();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("<http") {
        let Some((address, behind)) = after.split_once('>') else { break };
        parts.push(format!("{before}http{address}"));
        rest = behind;
    }
    parts.concat() + rest
}

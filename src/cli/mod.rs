//! The commands. Each returns the text to print; only this file prints, and only this module reads the environment.

mod arguments;
mod audit;
mod backup;
mod check;
mod compact;
mod demo;
mod export;
mod hints;
mod hosts;
mod import;
mod init;
mod link;
mod logging;
mod mail;
mod person;
mod plan;
mod printed;
mod prune;
mod restore;
mod serve;
mod share;
mod site;
mod tasks;
mod terminal;
mod user;
mod visitor;

use crate::access::audit::Actor;
use crate::error::{DAMAGED, Error, Result};
use crate::model::clock::{Clock, Timestamp};
use crate::reports::engine::sealing;
use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Web analytics for people who run their own server: one executable, one SQLite file.
#[derive(Parser)]
#[command(name = "clickstead", version, arg_required_else_help = true)]
struct Arguments {
    /// The data file
    #[arg(
        long,
        global = true,
        env = "CLICKSTEAD_DATA",
        default_value = "clickstead.db",
        value_name = "FILE"
    )]
    data: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the data file, the first user and the first site
    Init(init::Init),
    /// Serve the tracker, the beacons and the screens
    Serve(serve::Serve),
    /// Write a made-up business with its visitors, and serve it
    Demo(demo::Demo),
    /// People who sign in
    #[command(subcommand)]
    User(user::UserArgs),
    /// Tracked sites
    #[command(subcommand)]
    Site(site::SiteArgs),
    /// Who else may see a site
    #[command(subcommand)]
    Share(share::ShareArgs),
    /// Guest links, which show chosen reports to whoever has the address
    #[command(subcommand)]
    Link(link::LinkArgs),
    /// Who did what to a site, also to one that is gone
    Audit(audit::Audit),
    /// Letters that Clickstead sends
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Drop the visits that sites do not keep any longer; their totals stay
    Prune(prune::Prune),
    /// What is kept of one visitor: hand it out, or erase it
    #[command(subcommand)]
    Visitor(visitor::Visitor),
    /// List the background tasks with their last runs
    Tasks(tasks::Tasks),
    /// Write a whole site into a file, for another appliance
    Export(export::Export),
    /// Read an exported site, hits that another program wrote down, or access logs of a web server
    Import(import::ImportArgs),
    /// Copy the data file, also while a server runs
    Backup(backup::Backup),
    /// Put a backup in the place of the data file, while no server runs
    Restore(restore::Restore),
    /// Look whether the data file is whole
    Check(check::Check),
    /// Make the data file as small as it can be, while no server runs
    Compact(compact::Compact),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// The context of a command: data file and time.
struct Context {
    data: PathBuf,
    /// The data file, if an option names it.
    named: Option<PathBuf>,
    now: Timestamp,
}

/// The output of a command: text to print, and true on success.
struct Output {
    text: String,
    is_well: bool,
}

impl From<String> for Output {
    fn from(text: String) -> Self {
        Self { text, is_well: true }
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let (arguments, named) = arguments::read::<Arguments>();
    let desk = Context { data: crate::store::follow(&arguments.data), named, now: Clock::system().now() };
    match run(arguments.command, &desk) {
        Ok(said) => {
            print(&mut std::io::stdout(), &said.text);
            if said.is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            // An error message is one line; texts quoted in it may have more.
            print(&mut std::io::stderr(), &format!("clickstead: {}", printed::line(&desk.complaint(&error))));
            ExitCode::FAILURE
        }
    }
}

/// Prints a text and a line end, escaped for the terminal. A closed pipe is no error: its reader has seen enough.
fn print(to: &mut impl Write, text: &str) {
    if !text.is_empty() {
        drop(writeln!(to, "{}", printed::text(text.trim_end())).and_then(|()| to.flush()));
    }
}

fn run(command: Command, desk: &Context) -> Result<Output> {
    match command {
        Command::Init(init) => init.run(desk).map(Output::from),
        Command::Serve(serve) => {
            serve.run(desk, |text| print(&mut std::io::stdout(), text)).map(|()| String::new().into())
        }
        Command::Demo(demo) => {
            demo.run(desk, |text| print(&mut std::io::stdout(), text)).map(|()| String::new().into())
        }
        Command::User(user) => user.run(desk).map(Output::from),
        Command::Site(site) => site.run(desk).map(Output::from),
        Command::Share(share) => share.run(desk).map(Output::from),
        Command::Link(link) => link.run(desk).map(Output::from),
        Command::Audit(audit) => audit.run(desk).map(Output::from),
        Command::Mail(mail) => mail.run(desk).map(Output::from),
        Command::Prune(prune) => prune.run(desk).map(Output::from),
        Command::Visitor(visitor) => visitor.run(desk).map(Output::from),
        Command::Tasks(tasks) => tasks.run(desk).map(Output::from),
        Command::Export(export) => export.run(desk, &mut std::io::stdout()).map(Output::from),
        Command::Import(import) => import.run(desk),
        Command::Backup(backup) => backup.run(desk).map(Output::from),
        Command::Restore(restore) => restore.run(desk).map(Output::from),
        Command::Check(check) => check.run(desk),
        Command::Compact(compact) => compact.run(desk).map(Output::from),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut arguments::command::<Arguments>(), "clickstead", &mut text);
            Ok(String::from_utf8_lossy(&text).into_owned().into())
        }
    }
}

impl Context {
    /// Returns the actor for the audit log.
    fn hand(&self) -> Actor {
        Actor::command_line(self.now)
    }

    /// Returns a command to run next, for a hint.
    fn hint(&self, words: &str) -> String {
        hints::command(words, self.named.as_deref())
    }

    /// Completes the hints of a sentence with the data file, if an option named it.
    fn hinted(&self, sentence: &str) -> String {
        hints::complete(sentence, &arguments::command::<Arguments>(), self.named.as_deref())
    }

    /// Returns the message for an error, with the data file that it concerns and hints that can be copied.
    fn complaint(&self, error: &Error) -> String {
        let file = self.data.display();
        let sentence = match error {
            Error::Busy => {
                format!("{file} is busy: another program writes to it just now. Try again in a moment.")
            }
            Error::Missing(what) => format!("There is no such {what} in {file}."),
            Error::Unwritable(sentence) => match sentence.strip_prefix("The data file ") {
                Some(rest) => format!("The data file {file} {rest}"),
                None => format!("{file}: {sentence}"),
            },
            Error::Damaged(problem) => format!("{file} is damaged ({problem}). {DAMAGED}"),
            Error::Internal(problem) if problem.starts_with("SQLite") => format!("{file}: {problem}"),
            error => error.to_string(),
        };
        self.hinted(&sentence)
    }

    /// Runs a change of the data file in one transaction.
    fn change<T>(&self, change: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut connection = crate::store::open(&self.data, false)?;
        let outcome = crate::store::change(&mut connection, change);
        crate::store::close(connection)?;
        outcome
    }

    /// Runs a query on the data file.
    fn read<T>(&self, question: impl FnOnce(&rusqlite::Connection) -> Result<T>) -> Result<T> {
        let connection = crate::store::open(&self.data, false)?;
        let answer = question(&connection);
        crate::store::close(connection)?;
        answer
    }
}

/// Seals the finished days of all sites, so that reports are fast at once.
fn seal(connection: &mut rusqlite::Connection, desk: &Context) -> Result<()> {
    for site in crate::store::sites::list(connection)? {
        let bar = terminal::bar(0, "{bar:40} {human_pos} of {human_len} stretches of days sealed")?;
        sealing::seal_all(connection, &site, desk.now, |done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        })?;
        bar.finish_and_clear();
    }
    Ok(())
}

/// Formats a JSON value on one line.
fn json(value: &serde_json::Value) -> String {
    value.to_string()
}

/// Formats a table: columns as wide as their longest cell, a line a row.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| row.iter().map(|cell| printed::line(cell).into_owned()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(line).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let line = |cells: Vec<&str>| {
        let padded =
            cells.iter().enumerate().map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let body = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
    std::iter::once(line(head.to_vec())).chain(body).collect::<Vec<_>>().join("\n")
}

/// Returns the error after a refused consent.
fn called_off() -> Error {
    Error::Setup("Nothing was changed.".into())
}

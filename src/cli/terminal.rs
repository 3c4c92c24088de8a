//! Asking at the terminal: passwords without echo, a line, a yes. Programs pipe a password in by one line.

use super::printed;
use crate::access::{account, password};
use crate::error::{Error, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{BufRead, IsTerminal, Write, stderr, stdin};

/// One line of an answer to a question.
pub fn ask(question: &str) -> Result<String> {
    write!(stderr(), "{}: ", printed::text(question))?;
    stderr().flush()?;
    line()
}

/// Whether somebody can be asked.
pub fn is_there() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// A progress bar on the terminal; nothing where there is none.
pub fn bar(length: u64, template: &str) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template(template).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(ProgressBar::new(length).with_style(style))
}

/// A yes to a question that says what will happen. Programs, which have no terminal, are not asked.
pub fn agrees(question: &str) -> Result<bool> {
    if !stdin().is_terminal() {
        return Ok(true);
    }
    let answer = ask(&format!("{question} Go on? [y/N]"))?;
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}

/// A new password, from one line of standard input or twice from the terminal.
pub fn new_password(from_stdin: bool) -> Result<String> {
    let typed = if from_stdin { line()? } else { twice()? };
    match account::password(&typed) {
        Some(sentence) => Err(Error::invalid("password", sentence)),
        None => Ok(typed),
    }
}

/// The hash of a new password, see [`new_password`].
pub fn new_password_hash(from_stdin: bool) -> Result<String> {
    password::hash(&new_password(from_stdin)?)
}

fn twice() -> Result<String> {
    if !stdin().is_terminal() {
        return Err(Error::Setup(
            "Give the password as one line of standard input with --password-stdin.".into(),
        ));
    }
    let first = rpassword::prompt_password("Password (10 characters or more): ")?;
    let second = rpassword::prompt_password("The same again: ")?;
    if first == second { Ok(first) } else { Err(Error::invalid("password", "The two passwords differ.")) }
}

fn line() -> Result<String> {
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

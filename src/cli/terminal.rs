//! Prompts at the terminal: passwords without echo, lines of text, consent. Programs pipe a password in as one line.

use super::printed;
use crate::access::password;
use crate::error::{Error, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{BufRead, IsTerminal, Write, stderr, stdin};

/// Asks a question and returns one line of answer.
///
/// # Errors
/// Fails when the terminal cannot be read or written.
pub fn prompt(question: &str) -> Result<String> {
    print(&format!("{question}: "))?;
    Ok(line()?.unwrap_or_default())
}

/// Asks a question until the answer is valid; without a terminal the first invalid answer is an error.
///
/// # Errors
/// Fails with [`Error::Invalid`] for an invalid answer without a terminal or at the end of input, and when the terminal
/// cannot be read or written.
pub fn prompt_until_valid(
    question: &str,
    field: &'static str,
    problem: impl Fn(&str) -> Option<String>,
) -> Result<String> {
    loop {
        print(&format!("{question}: "))?;
        let answer = line()?;
        let is_over = answer.is_none();
        let answer = answer.unwrap_or_default();
        match problem(&answer) {
            None => return Ok(answer),
            Some(sentence) if is_there() && !is_over => print(&format!("{sentence}\n"))?,
            Some(sentence) => return Err(Error::invalid(field, sentence)),
        }
    }
}

/// Prints a text on standard error, where questions are asked.
///
/// # Errors
/// Fails when standard error cannot be written.
pub fn print(text: &str) -> Result<()> {
    write!(stderr(), "{}", printed::text(text))?;
    Ok(stderr().flush()?)
}

/// Returns true if standard input and standard error are a terminal.
pub fn is_there() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Returns a progress bar on the terminal, invisible without one.
///
/// # Errors
/// Fails when the template is not valid.
pub fn bar(length: u64, template: &str) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template(template).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(ProgressBar::new(length).with_style(style))
}

/// Asks for consent at the terminal; returns true for a yes.
///
/// # Errors
/// Fails when the terminal cannot be read or written.
pub fn agrees(question: &str) -> Result<bool> {
    let answer = prompt(&format!("{question} Go on? [y/N]"))?;
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}

/// Asks for consent to deleting what the sentence `what` names; `--yes` gives it in advance, and is required without a
/// terminal.
///
/// # Errors
/// Fails with [`Error::Setup`] when consent is refused or cannot be asked for.
pub fn consent(what: &str, is_given: bool) -> Result<()> {
    if is_given {
        return Ok(());
    }
    if !is_there() {
        return Err(Error::Setup(format!("{what} Say --yes to do it. Nothing was changed.")));
    }
    if agrees(what)? { Ok(()) } else { Err(called_off()) }
}

/// Returns the error after a refused consent.
pub fn called_off() -> Error {
    Error::Setup("Nothing was changed.".into())
}

/// Reads a new password, from one line of standard input or twice from the terminal.
///
/// # Errors
/// Fails with [`Error::Invalid`] for an unsuitable password, and when it cannot be read.
pub fn new_password(from_stdin: bool) -> Result<String> {
    if !from_stdin {
        return twice();
    }
    let password_text = line()?.unwrap_or_default();
    match password::problem(&password_text) {
        Some(sentence) => Err(Error::invalid("password", sentence)),
        None => Ok(password_text),
    }
}

/// Reads a new password and returns its hash, see [`new_password`].
///
/// # Errors
/// Fails as [`new_password`] does, and when the hash cannot be computed.
pub fn new_password_hash(from_stdin: bool) -> Result<String> {
    password::hash(&new_password(from_stdin)?)
}

fn twice() -> Result<String> {
    if !stdin().is_terminal() {
        return Err(Error::Setup(
            "Give the password as one line of standard input with --password-stdin.".into(),
        ));
    }
    loop {
        let first = rpassword::prompt_password("Password (10 characters or more): ")?;
        let problem = match password::problem(&first) {
            Some(sentence) => sentence,
            None if rpassword::prompt_password("The same again: ")? == first => return Ok(first),
            None => "The two passwords differ.",
        };
        print(&format!("{problem}\n"))?;
    }
}

/// Reads one line of standard input; `None` at its end.
fn line() -> Result<Option<String>> {
    let mut line = String::new();
    let bytes = stdin().lock().read_line(&mut line)?;
    Ok((bytes > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

//! Asking at the terminal: passwords without echo, a line, a yes. Programs pipe a password in by one line.

use super::printed;
use crate::access::{account, password};
use crate::error::{Error, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{BufRead, IsTerminal, Write, stderr, stdin};

/// One line of an answer to a question.
pub fn ask(question: &str) -> Result<String> {
    tell(&format!("{question}: "))?;
    Ok(line()?.unwrap_or_default())
}

/// An answer that is right: at a terminal a wrong one is asked for again, with what is wrong with it.
pub fn ask_for(
    (question, field): (&str, &'static str),
    problem: impl Fn(&str) -> Option<String>,
) -> Result<String> {
    loop {
        tell(&format!("{question}: "))?;
        let answer = line()?;
        let is_over = answer.is_none();
        let answer = answer.unwrap_or_default();
        match problem(&answer) {
            None => return Ok(answer),
            Some(sentence) if is_there() && !is_over => tell(&format!("{sentence}\n"))?,
            Some(sentence) => return Err(Error::invalid(field, sentence)),
        }
    }
}

/// Shows a text where questions are asked.
pub fn tell(text: &str) -> Result<()> {
    write!(stderr(), "{}", printed::text(text))?;
    Ok(stderr().flush()?)
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

/// A yes, at a terminal, to a question that says what will happen.
pub fn agrees(question: &str) -> Result<bool> {
    let answer = ask(&format!("{question} Go on? [y/N]"))?;
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}

/// Consent to deleting what can't be brought back, which `what` says in a sentence: `--yes`, or a yes at the terminal.
/// Programs, which have no terminal, must say `--yes`.
pub fn consent(what: &str, is_given: bool) -> Result<()> {
    if is_given {
        return Ok(());
    }
    if !is_there() {
        return Err(Error::Setup(format!("{what} Say --yes to do it. Nothing was changed.")));
    }
    if agrees(what)? { Ok(()) } else { Err(super::called_off()) }
}

/// A new password, from one line of standard input or twice from the terminal.
pub fn new_password(from_stdin: bool) -> Result<String> {
    if !from_stdin {
        return twice();
    }
    let typed = line()?.unwrap_or_default();
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
    loop {
        let first = rpassword::prompt_password("Password (10 characters or more): ")?;
        let problem = match account::password(&first) {
            Some(sentence) => sentence,
            None if rpassword::prompt_password("The same again: ")? == first => return Ok(first),
            None => "The two passwords differ.",
        };
        tell(&format!("{problem}\n"))?;
    }
}

/// One line of standard input; none at its end.
fn line() -> Result<Option<String>> {
    let mut line = String::new();
    let bytes = stdin().lock().read_line(&mut line)?;
    Ok((bytes > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

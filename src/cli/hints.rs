//! Hints: commands to run next, in messages. They name the data file as this command did, so that they can be copied.

use clap::Command;
use std::path::Path;

/// The beginning of a hint.
const BEGINS: &str = "`clickstead ";

/// Returns a command to run next, on the data file that an option of this one named.
pub fn command(words: &str, named: Option<&Path>) -> String {
    match named {
        Some(data) => format!("clickstead --data {} {words}", word(data)),
        None => format!("clickstead {words}"),
    }
}

/// Completes the hints of a sentence with the data file that an option of this command named. Other quoted words, and
/// hints that name a file already, stay.
pub fn complete(sentence: &str, all: &Command, named: Option<&Path>) -> String {
    let mut parts = sentence.split(BEGINS);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let verb = part.split(|letter: char| !letter.is_ascii_lowercase()).next().unwrap_or_default();
        if all.get_subcommands().any(|command| command.get_name() == verb) {
            text += "`";
            text += &command(part, named);
        } else {
            text += BEGINS;
            text += part;
        }
    }
    text
}

/// Quotes a path for a shell.
fn word(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:@%,=".contains(letter);
    if !path.is_empty() && path.chars().all(is_plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_names_the_file_that_was_named_as_a_shell_reads_it() {
        let all = Command::new("clickstead").subcommand(Command::new("user"));
        let said = "See `clickstead user list`, `clickstead --data a user` or `clickstead of the year`.";
        for (named, shown) in [
            (None, "`clickstead user list`"),
            (Some("a.db"), "`clickstead --data a.db user list`"),
            (Some("/srv/our data/o'b.db"), r"`clickstead --data '/srv/our data/o'\''b.db' user list`"),
        ] {
            let told = complete(said, &all, named.map(Path::new));
            assert_eq!(told, said.replace("`clickstead user list`", shown));
        }
    }
}

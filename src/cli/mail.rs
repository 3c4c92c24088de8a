//! The settings of the mail server, as `serve` and `mail` take them; `clickstead mail`: a test, and the letters in the outbox.

use super::context::Context;
use super::output::{json, table};
use crate::config::{MailConfig, PublicUrl, SmtpServer};
use crate::error::{Error, Result};
use crate::mail::smtp::Mailer;
use crate::mail::templates::Letters;
use crate::model::clock::Timestamp;
use crate::store::outbox::{self, ListedLetter, Waiting};
use serde_json::json;
use std::path::PathBuf;

/// How letters are sent.
#[derive(clap::Args)]
pub struct MailOptions {
    /// The mail server: `smtps://NAME:PASSWORD@HOST`, or `smtp://…` for STARTTLS; without it no mail is sent
    #[arg(long, env = "CLICKSTEAD_SMTP_URL", value_name = "URL", hide_env_values = true)]
    smtp_url: Option<String>,
    /// Who letters are from; clickstead@HOST of the public address when it is missing
    #[arg(long, env = "CLICKSTEAD_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// A certificate (PEM), beside the public ones, that the mail server's is signed with
    #[arg(long, env = "CLICKSTEAD_SMTP_ROOT_CERTIFICATE", value_name = "FILE")]
    smtp_root_certificate: Option<PathBuf>,
}

impl MailOptions {
    /// Returns the configuration for sending mail; `None` without a mail server.
    pub(super) fn config(self, home: Option<&PublicUrl>) -> Result<Option<MailConfig>> {
        let Some(server) = self.smtp_url.as_deref().map(SmtpServer::parse).transpose()? else {
            return Ok(None);
        };
        // A link in a letter must not depend on the `Host` header of a stranger's request.
        let Some(home) = home else {
            return Err(Error::Setup(
                "Letters carry links: say with --public-url https://HOST where people reach Clickstead."
                    .into(),
            ));
        };
        let from = self.mail_from.unwrap_or_else(|| format!("Clickstead <clickstead@{}>", home.host()));
        let config = MailConfig { server, from, root_certificate: self.smtp_root_certificate };
        Mailer::new(&config)?;
        Ok(Some(config))
    }
}

/// The verbs of `mail`.
#[derive(clap::Subcommand)]
pub enum Mail {
    /// Send a letter at once, to see whether mail works
    Test {
        /// To whom
        address: String,
        /// The address that people use, such as <https://stats.example.com>
        #[arg(long, env = "CLICKSTEAD_PUBLIC_URL", value_name = "URL")]
        public_url: Option<String>,
        #[command(flatten)]
        mail: MailOptions,
    },
    /// List the letters that wait and those that couldn't be delivered, newest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Send a letter again at once; the server delivers it
    Retry {
        /// Its number, see `mail list`
        letter: i64,
    },
}

impl Mail {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Test { address, public_url, mail } => test(context, &address, public_url.as_deref(), mail),
            Self::List { json } => list(context, json),
            Self::Retry { letter } => retry(context, letter),
        }
    }
}

fn test(context: &Context, address: &str, public_url: Option<&str>, mail: MailOptions) -> Result<String> {
    let home = public_url.map(PublicUrl::parse).transpose()?;
    let Some((config, home)) = mail.config(home.as_ref())?.zip(home) else {
        return Err(Error::Setup(
                "No mail server is named. Give --smtp-url smtps://NAME:PASSWORD@HOST, or set CLICKSTEAD_SMTP_URL."
                    .into(),
            ));
    };
    let letter = Letters { home }.test(address);
    let waiting = Waiting { id: 0, letter, created_at: context.now, tries: 0 };
    match Mailer::new(&config)?.send(&waiting) {
        Ok(()) => Ok(format!("{} has taken a letter to {address}.", config.server.host)),
        Err(refusal) => {
            let server = &config.server;
            Err(Error::Setup(format!(
                "{}:{} did not take it: {}",
                server.host, server.port, refusal.sentence
            )))
        }
    }
}

fn list(context: &Context, as_json: bool) -> Result<String> {
    let letters = context.read(outbox::list)?;
    if as_json {
        let letters = letters.iter().map(|letter| {
            json!({
                "letter_id": letter.id, "to": letter.recipient, "subject": letter.subject, "state": state(letter),
                "tries": letter.tries, "problem": letter.problem, "created_at": letter.created_at.seconds(),
                "next_try_at": letter.given_up_at.is_none().then(|| letter.due_at.seconds()),
                "given_up_at": letter.given_up_at.map(Timestamp::seconds),
            })
        });
        return Ok(json(&letters.collect()));
    }
    let rows = letters.iter().map(|letter| {
        vec![
            letter.id.to_string(),
            letter.created_at.rfc3339(),
            state(letter).to_owned(),
            letter.tries.to_string(),
            letter.recipient.clone(),
            letter.subject.clone(),
            letter.problem.clone().unwrap_or_default(),
        ]
    });
    let heads = ["ID", "WRITTEN", "STATE", "TRIES", "TO", "SUBJECT", "PROBLEM"];
    Ok(table(&heads, &rows.collect::<Vec<_>>()))
}

fn state(letter: &ListedLetter) -> &'static str {
    if letter.given_up_at.is_some() { "failed" } else { "waiting" }
}

fn retry(context: &Context, id: i64) -> Result<String> {
    let letter = context.change(|tx| {
        let letter = outbox::list(tx)?.into_iter().find(|letter| letter.id == id);
        let letter = letter.ok_or(Error::Missing("letter"))?;
        if letter.given_up_at.is_some() {
            return Err(Error::invalid(
                "letter",
                "This letter can't be sent again: its text was erased, since it may have held a secret link or numbers. People \
                 can ask for it again.",
            ));
        }
        outbox::retry(tx, id, context.now)?;
        Ok(letter)
    })?;
    Ok(format!(
        "“{}” to {} is tried again at once while a server with a mail server runs.",
        letter.subject, letter.recipient
    ))
}

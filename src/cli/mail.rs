//! How letters are sent, as `serve` and `mail` are told it; `clickstead mail test`.

use super::context::Context;
use crate::config::{MailConfig, PublicUrl, SmtpServer};
use crate::error::{Error, Result};
use crate::mail::smtp::Mailer;
use crate::mail::templates::Letters;
use crate::store::outbox::Waiting;
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
}

impl Mail {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        let Self::Test { address, public_url, mail } = self;
        let home = public_url.as_deref().map(PublicUrl::parse).transpose()?;
        let Some((config, home)) = mail.config(home.as_ref())?.zip(home) else {
            return Err(Error::Setup(
                "No mail server is named. Give --smtp-url smtps://NAME:PASSWORD@HOST, or set CLICKSTEAD_SMTP_URL."
                    .into(),
            ));
        };
        let letter = Letters { home }.test(&address);
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
}

//! Hands letters to the mail server that the operator names, one connection each.

use crate::config::{Encryption, MailConfig, SmtpServer};
use crate::error::{Error, Result};
use crate::limits;
use crate::store::outbox::{Letter, Waiting};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::{Address, Message};
use std::time::{Duration, UNIX_EPOCH};

/// A way to the mail server.
#[derive(Clone)]
pub struct Post {
    server: SmtpServer,
    tls: Tls,
    from: Mailbox,
}

/// Why a letter was not taken.
#[derive(Debug)]
pub struct Refusal {
    /// What the server said, or why it could not be asked.
    pub sentence: String,
    /// Another try would end the same.
    pub is_final: bool,
    /// The server did not answer at all; other letters would fare the same now.
    pub is_out_of_reach: bool,
}

impl Post {
    /// Understands how letters are to be sent; asks no server yet.
    pub fn new(config: &MailConfig) -> Result<Self> {
        let server = &config.server;
        let wrong = |error: &dyn std::error::Error| Error::Setup(format!("Mail can't be set up: {error}."));
        let parameters = || -> Result<TlsParameters> {
            let mut parameters = TlsParameters::builder(server.host.clone());
            if let Some(path) = &config.root_certificate {
                let pem = std::fs::read(path).map_err(|error| {
                    Error::Setup(format!("The certificate {} can't be read: {error}.", path.display()))
                })?;
                let certificate = Certificate::from_pem(&pem).map_err(|error| wrong(&error))?;
                parameters = parameters.add_root_certificate(certificate);
            }
            parameters.build_rustls().map_err(|error| wrong(&error))
        };
        let tls = match server.encryption {
            Encryption::Implicit => Tls::Wrapper(parameters()?),
            Encryption::StartTls => Tls::Required(parameters()?),
            Encryption::None => Tls::None,
        };
        let from = config.from.parse().map_err(|_| {
            Error::invalid("mail_from", "Give --mail-from as an e-mail address, or as NAME <ADDRESS>.")
        })?;
        Ok(Self { server: server.clone(), tls, from })
    }

    /// Hands over one letter. Its number makes its identity: should it be sent twice after a crash, mail programs can
    /// tell.
    pub fn send(&self, waiting: &Waiting) -> std::result::Result<(), Refusal> {
        let message = self.message(waiting).map_err(|sentence| Refusal {
            sentence,
            is_final: true,
            is_out_of_reach: false,
        })?;
        let mut connection = self.connect().map_err(|error| refusal(&error, false))?;
        let outcome = Self::hand_over(&mut connection, &message);
        if outcome.is_ok() {
            // Taken is taken, however the server says goodbye.
            connection.quit().ok();
        } else {
            connection.abort();
        }
        outcome
    }

    /// Greets the server. What goes wrong up to here is nothing that a letter could be blamed for.
    fn connect(&self) -> std::result::Result<SmtpConnection, lettre::transport::smtp::Error> {
        let (server, hello) = (&self.server, ClientId::default());
        let wrapped = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters),
            _ => None,
        };
        let address = (server.host.as_str(), server.port);
        let within = Some(limits::MAIL_WITHIN);
        let mut connection = SmtpConnection::connect(address, within, &hello, wrapped, None)?;
        if let Tls::Required(parameters) = &self.tls {
            connection.starttls(parameters, &hello)?;
        }
        if let Some((name, password)) = &server.credentials {
            let credentials = Credentials::new(name.clone(), password.clone());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)?;
        }
        Ok(connection)
    }

    /// One letter in the words of RFC 5321. A lasting refusal counts against the letter where the server looked at its
    /// recipient or at what it says; a sender that it does not like is for the operator to mend.
    fn hand_over(connection: &mut SmtpConnection, message: &Message) -> std::result::Result<(), Refusal> {
        let (envelope, bytes) = (message.envelope(), message.formatted());
        let mut options = Vec::new();
        let is_ascii = |address: &Address| address.to_string().is_ascii();
        if !envelope.from().into_iter().chain(envelope.to()).all(is_ascii) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let sentence = "the mail server takes no address with such letters".to_owned();
                return Err(Refusal { sentence, is_final: true, is_out_of_reach: false });
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        if !bytes.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let sender = Mail::new(envelope.from().cloned(), options);
        connection.command(sender).map_err(|error| refusal(&error, false))?;
        for recipient in envelope.to() {
            let recipient = Rcpt::new(recipient.clone(), Vec::new());
            connection.command(recipient).map_err(|error| refusal(&error, true))?;
        }
        connection.command(Data).map_err(|error| refusal(&error, true))?;
        connection.message(&bytes).map(drop).map_err(|error| refusal(&error, true))
    }

    fn message(&self, waiting: &Waiting) -> std::result::Result<Message, String> {
        let Letter { recipient, subject, text, html } = &waiting.letter;
        let to: Mailbox = recipient.parse().map_err(|_| format!("{recipient} is no e-mail address"))?;
        let written = Duration::from_millis(waiting.created_at.0.unsigned_abs());
        let id = format!("<{}.{}@{}>", waiting.id, waiting.created_at.0, self.from.email.domain());
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .date(UNIX_EPOCH + written)
            .message_id(Some(id))
            .header(lettre::message::header::MIME_VERSION_1_0)
            .multipart(MultiPart::alternative_plain_html(text.clone(), html.clone()))
            .map_err(|error| error.to_string())
    }
}

/// Why a try failed; `is_about_letter` where a lasting refusal would be one of this very letter.
fn refusal(error: &lettre::transport::smtp::Error, is_about_letter: bool) -> Refusal {
    let code = error.status().map(u16::from);
    // 530 to 538 are about the server's own name and password: the operator can mend those.
    let is_about_us = code.is_some_and(|code| (530..=538).contains(&code));
    Refusal {
        sentence: describe(error),
        is_final: error.is_permanent() && is_about_letter && !is_about_us,
        is_out_of_reach: code.is_none(),
    }
}

/// The error with its causes, in one line.
fn describe(error: &lettre::transport::smtp::Error) -> String {
    let mut line = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        let text = deeper.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = deeper.source();
    }
    line.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// How long after a failed try the next one is.
pub fn pause(tries: u32) -> Duration {
    let doubled = limits::LETTER_PAUSE.saturating_mul(1 << tries.min(16));
    doubled.min(limits::LETTER_PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound_and_a_day_has_room_for_more_than_ten_tries() {
        assert_eq!(
            (pause(0), pause(1), pause(2)),
            (Duration::from_mins(1), Duration::from_mins(2), Duration::from_mins(4))
        );
        assert_eq!((pause(30), pause(u32::MAX)), (limits::LETTER_PAUSE_MAX, limits::LETTER_PAUSE_MAX));
        let spent = |tries: u32| (0..tries).map(pause).sum::<Duration>();
        let tries = (0..100).filter(|tries| spent(*tries) < limits::LETTER_LASTS).count();
        assert!(tries > 10, "{tries}");
    }
}

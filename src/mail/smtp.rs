//! The SMTP client: delivers letters to the operator's mail server, one connection each.

use crate::config::{Encryption, MailConfig, SmtpServer};
use crate::error::{Error, Result};
use crate::limits;
use crate::store::outbox::{Letter, Waiting};
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::{Address, Message};
use std::io::ErrorKind;
use std::time::{Duration, UNIX_EPOCH};

/// Defines a header of text.
macro_rules! text_header {
    ($(#[$meaning:meta])* $name:ident = $text:literal) => {
        $(#[$meaning])*
        #[derive(Clone)]
        struct $name(String);

        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($text)
            }

            fn parse(text: &str) -> std::result::Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

text_header! {
    /// The address that ends letters of this kind (RFC 2369).
    ListUnsubscribe = "List-Unsubscribe"
}
text_header! {
    /// The word that a mail program sends to that address (RFC 8058).
    ListUnsubscribePost = "List-Unsubscribe-Post"
}

/// An SMTP client for one mail server.
#[derive(Clone)]
pub struct Mailer {
    server: SmtpServer,
    tls: Tls,
    from: Mailbox,
}

/// The failure of a delivery.
#[derive(Debug)]
pub struct Rejection {
    /// The server's reply, or the reason why it could not be reached.
    pub sentence: String,
    /// True if another try would fail in the same way.
    pub is_final: bool,
    /// True if the server did not answer; other letters would fail now too.
    pub is_out_of_reach: bool,
}

impl Mailer {
    /// Returns the client of the configured mail server; does not connect yet.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Setup` when the root certificate cannot be read, and with `Error::Invalid` when the
    /// sender is no e-mail address.
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

    /// Delivers one letter. Its `Message-ID` is derived from its number, so that mail programs recognise a
    /// duplicate after a crash.
    ///
    /// # Errors
    ///
    /// Fails with a [`Rejection`] when the server cannot be reached or does not accept the letter.
    pub fn send(&self, waiting: &Waiting) -> std::result::Result<(), Rejection> {
        let message = self.message(waiting).map_err(|sentence| Rejection {
            sentence,
            is_final: true,
            is_out_of_reach: false,
        })?;
        let mut connection = self.connect().map_err(|error| refusal(&error, false))?;
        let outcome = Self::hand_over(&mut connection, &message);
        if outcome.is_ok() {
            // The letter is accepted, even if closing the connection fails.
            connection.quit().ok();
        } else {
            connection.abort();
        }
        outcome
    }

    /// Connects to the server and signs in. An error here is not the letter's fault.
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

    /// Transmits one letter (RFC 5321). A permanent rejection counts against the letter if it concerns the
    /// recipient or the content; a rejected sender is for the operator to correct.
    fn hand_over(connection: &mut SmtpConnection, message: &Message) -> std::result::Result<(), Rejection> {
        let (envelope, bytes) = (message.envelope(), message.formatted());
        let mut options = Vec::new();
        let is_ascii = |address: &Address| address.to_string().is_ascii();
        if !envelope.from().into_iter().chain(envelope.to()).all(is_ascii) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let sentence = "the mail server takes no address with such letters".to_owned();
                return Err(Rejection { sentence, is_final: true, is_out_of_reach: false });
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
        let Letter { recipient, subject, text, html, unsubscribe, sender, .. } = &waiting.letter;
        let to: Mailbox = recipient.parse().map_err(|_| format!("{recipient} is no e-mail address"))?;
        let written = Duration::from_millis(waiting.created_at.0.unsigned_abs());
        let id = format!("<{}.{}@{}>", waiting.id, waiting.created_at.0, self.from.email.domain());
        let mut message = Message::builder()
            .from(sender.as_ref().map_or_else(
                || self.from.clone(),
                |name| Mailbox::new(Some(name.clone()), self.from.email.clone()),
            ))
            .to(to)
            .subject(subject)
            .date(UNIX_EPOCH + written)
            .message_id(Some(id))
            .header(lettre::message::header::MIME_VERSION_1_0);
        if let Some(address) = unsubscribe {
            message = message
                .header(ListUnsubscribe(format!("<{address}>")))
                .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
        }
        message
            .multipart(MultiPart::alternative_plain_html(text.clone(), html.clone()))
            .map_err(|error| error.to_string())
    }
}

/// Returns the failure of a delivery; `is_about_letter` is true where a permanent rejection concerns this
/// letter.
fn refusal(error: &lettre::transport::smtp::Error, is_about_letter: bool) -> Rejection {
    let code = error.status().map(u16::from);
    // The codes 530 to 538 concern the server's credentials (RFC 4954, section 6): the operator can correct
    // those.
    let is_about_us = code.is_some_and(|code| (530..=538).contains(&code));
    Rejection {
        sentence: describe(error),
        is_final: error.is_permanent() && is_about_letter && !is_about_us,
        is_out_of_reach: code.is_none(),
    }
}

/// Returns the error with its causes, in one line of at most 300 characters.
fn describe(error: &lettre::transport::smtp::Error) -> String {
    if is_timeout(error) {
        return format!("the mail server did not answer within {} seconds", limits::MAIL_WITHIN.as_secs());
    }
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

/// Returns true if the server did not answer in time. Sockets say then that they would block.
fn is_timeout(error: &lettre::transport::smtp::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        if let Some(error) = deeper.downcast_ref::<std::io::Error>()
            && matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
        {
            return true;
        }
        cause = deeper.source();
    }
    false
}

/// Returns the pause before the next try, which doubles with each failed one up to `LETTER_PAUSE_MAX`.
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

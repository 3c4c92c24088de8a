//! Mail as the program sends it: the templates of letters, and the mail server.

use crate::config::ServeConfig;
use crate::error::Result;
use crate::mail::smtp::Mailer;
use crate::mail::templates::Letters;
use tokio::sync::Mutex;

/// The state of sending mail.
pub struct Mail {
    /// The templates of letters; `None` if no mail is sent.
    pub letters: Option<Letters>,
    /// The mail server; `None` if no mail is sent.
    pub mailer: Option<Mailer>,
    /// The lock that is held while a letter is on its way.
    pub sending: Mutex<()>,
}

impl Mail {
    /// Reads the settings of the mail server.
    ///
    /// # Errors
    ///
    /// Fails when the settings are not valid.
    pub fn open(config: &ServeConfig) -> Result<Self> {
        let home = config.mail.as_ref().and(config.public_url.clone());
        Ok(Self {
            letters: home.map(|home| Letters { home }),
            mailer: config.mail.as_ref().map(Mailer::new).transpose()?,
            sending: Mutex::default(),
        })
    }
}

//! The throttles of everything that can be guessed or sent too often.

use crate::access::throttle::Throttle;

/// The throttles, each with an allowance of its own.
pub struct Throttles {
    /// The failed sign-ins.
    pub sign_ins: Throttle,
    /// The wrong second-factor codes.
    pub codes: Throttle,
    /// The wrong second-factor codes from all unknown browsers together.
    pub strangers_codes: Throttle,
    /// The requests for a new password.
    pub resets: Throttle,
    /// The wrong passwords of guest links.
    pub links: Throttle,
    /// The names tried that do not exist.
    pub guesses: Throttle,
    /// The shares and invitations.
    pub shares: Throttle,
    /// The wrong site keys of programs.
    pub site_keys: Throttle,
    /// The letters of one user about shared sites, by mailbox.
    pub letters: Throttle,
    /// The letters about shared sites that one mailbox gets from all users.
    pub mailboxes: Throttle,
}

impl Default for Throttles {
    fn default() -> Self {
        Self {
            sign_ins: Throttle::for_passwords(),
            codes: Throttle::for_codes(),
            strangers_codes: Throttle::for_codes_of_strangers(),
            resets: Throttle::for_resets(),
            links: Throttle::for_links(),
            guesses: Throttle::for_guesses(),
            shares: Throttle::for_shares(),
            site_keys: Throttle::for_site_keys(),
            letters: Throttle::for_letters(),
            mailboxes: Throttle::for_mailboxes(),
        }
    }
}

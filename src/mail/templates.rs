//! The templates of letters: their words. Their layout is `plain`'s and `html`'s, their occasion the caller's.

use super::body::Body;
use super::{html, plain};
use crate::config::PublicUrl;
use crate::limits;
use crate::model::id::UserId;
use crate::store::outbox::Letter;

/// The templates of letters, with the settings that all of them use.
#[derive(Clone, Debug)]
pub struct Letters {
    /// The public address that links begin with.
    pub home: PublicUrl,
}

/// The user that a letter goes to.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The user who sees that the letter could not be delivered.
    pub user: Option<UserId>,
    /// The user name.
    pub name: &'a str,
    /// The e-mail address.
    pub address: &'a str,
}

/// A site that somebody shares.
#[derive(Clone, Copy, Debug)]
pub struct SharedSite<'a> {
    /// The name of the user who shares it.
    pub giver: &'a str,
    /// The site's domain.
    pub domain: &'a str,
    /// The title of the level that the recipient gets.
    pub level: &'a str,
}

impl Letters {
    /// Returns the letter with a link for a new password.
    pub fn reset(&self, to: Recipient<'_>, path: &str) -> Letter {
        let body = Body::new("Set a new password")
            .text(format!("Someone asked to reset the password of {}.", to.name))
            .text("The link works once and expires in one hour.")
            .button("Set a new password", self.address(path))
            .text("If it wasn't you, ignore this letter. Your password won't change.");
        self.write(to, &body)
    }

    /// Returns the letter with a link for a new password that the parent account made, and sees too.
    pub fn reset_by_parent(&self, to: Recipient<'_>, parent: &str, path: &str) -> Letter {
        let body = Body::new("Set a new password")
            .text(format!(
                "{parent}, who manages the account {}, created this link for a new password. {parent} can see the link too.",
                to.name
            ))
            .text("The link works once and expires in one hour. Until then, your password won't change.")
            .button("Set a new password", self.address(path))
            .text(format!("If you didn't ask for it, ask {parent} why."));
        self.write(to, &body)
    }

    /// Returns the letter to the user of a new sub-account, with a link for its password.
    pub fn sub_account(&self, to: Recipient<'_>, parent: &str, path: &str) -> Letter {
        let name = to.name;
        let body = Body::new(format!("{parent} created an account for you"))
            .text(format!(
                "{parent} created an account for you to see your website's statistics. Set a password, then sign in as {name}."
            ))
            .button("Set your password", self.address(path))
            .text(
                "The link works once and expires in one hour. Later, choose “Forgot your password?” on the sign-in page to get a \
                 new one.",
            )
            .text(format!(
                "{parent} manages this account: they can work as you, and disable or remove it. If you don't know {parent}, \
                 ignore this letter."
            ));
        self.write(to, &body)
    }

    /// Returns the letter after a password was changed.
    pub fn password_changed(&self, to: Recipient<'_>) -> Letter {
        let body = Body::new("Your password was changed")
            .text(format!("The password of {} was changed. Other browsers were signed out.", to.name))
            .text("If it wasn't you, set a new one now: choose “Forgot your password?” on the sign-in page.");
        self.write(to, &body)
    }

    /// Returns the letter after the second factor was switched on or off.
    pub fn second_factor_changed(&self, to: Recipient<'_>, is_on: bool) -> Letter {
        let name = to.name;
        let (subject, text) = if is_on {
            (
                "Two-step sign-in turned on",
                format!(
                    "Signing in as {name} now needs a code from an authenticator app. Other browsers were signed out."
                ),
            )
        } else {
            ("Two-step sign-in turned off", format!("Signing in as {name} now needs the password only."))
        };
        let body = Body::new(subject)
            .text(text)
            .button("Open your account", self.address("/account/security"))
            .text("If it wasn't you, change your password now.");
        self.write(to, &body)
    }

    /// Returns the letter after a personal token was made. `rights` says what programs do with it, such as `read all sites`.
    pub fn token_made(&self, to: Recipient<'_>, token: &str, rights: &str) -> Letter {
        let body = Body::new("New personal token")
            .text(format!(
                "A personal token named “{token}” was created for {}. Programs that have it can {rights}.",
                to.name
            ))
            .button("See your tokens", self.address("/account/tokens"))
            .text("If it wasn't you, remove the token and change your password now.");
        self.write(to, &body)
    }

    /// Returns the letter after wrong second-factor codes, which followed the correct password.
    pub fn wrong_codes(&self, to: Recipient<'_>) -> Letter {
        let body = Body::new("Wrong codes for your account")
            .text(format!(
                "Someone entered the correct password of {}, then {} wrong codes in a row. They aren't signed in: a correct \
                 code is needed. Further tries are slowed down.",
                to.name,
                limits::WRONG_CODES_TOLD
            ))
            .button("Change your password", self.address("/account/security"))
            .text("If it wasn't you, someone knows your password. Change it now.");
        self.write(to, &body)
    }

    /// Returns the letter to the old address after it was replaced.
    pub fn email_changed(&self, to: Recipient<'_>) -> Letter {
        let body = Body::new("Your e-mail address was changed")
            .text(format!("Letters to {} now go to another address. This is the last one here.", to.name))
            .text("If it wasn't you, ask the server's administrator for help.");
        self.write(to, &body)
    }

    /// Returns the letter to a new address with a link that confirms it.
    pub fn prove_email(&self, to: Recipient<'_>, path: &str) -> Letter {
        let name = to.name;
        let body = Body::new("Confirm your e-mail address")
            .text(format!("Someone entered this address for the user {name}."))
            .text(format!(
                "Once it's confirmed, {name} can use it to sign in and to reset the password, and gets the sites that others \
                 share with this address."
            ))
            .button("Confirm this address", self.address(path))
            .text("The link works once and expires in three days. If you aren't that user, ignore this letter.");
        self.write(to, &body)
    }

    /// Returns the letter that offers a site to a user.
    pub fn site_offered(&self, to: Recipient<'_>, owner: &str, domain: &str) -> Letter {
        let body = Body::new(format!("{owner} wants to transfer {domain} to you"))
            .text(format!(
                "{owner} offers you the site {domain} with all its statistics. Once you accept, it's yours and {owner} loses \
                 access."
            ))
            .button("See the offer", self.address("/account/sites"))
            .text("The offer expires in a week. If you don't want the site, decline it or ignore this letter.");
        self.write(to, &body)
    }

    /// Returns the letter to a user with whom a site was shared.
    pub fn site_shared(&self, to: Recipient<'_>, share: &SharedSite<'_>) -> Letter {
        let SharedSite { giver, domain, level } = share;
        let body = Body::new(format!("{giver} shares {domain} with you"))
            .text(format!("{giver} gave you access to the statistics of {domain} as {level}. The site is now in your list."))
            .button("Open your sites", self.address("/"))
            .text("You can leave the site at any time: open Your account → Sites.");
        self.write(to, &body)
    }

    /// Returns the letter that invites a person without an account to a site.
    pub fn invitation(&self, address: &str, share: &SharedSite<'_>, path: &str) -> Letter {
        let SharedSite { giver, domain, level } = share;
        let body = Body::new(format!("{giver} invites you to see {domain}"))
            .text(format!("{giver} invites you to see the statistics of {domain} as {level}."))
            .text("The link creates an account for you, or adds the site to the one you have. It works once and expires in a week.")
            .button("Accept the invitation", self.address(path))
            .text("If you weren't expecting this, ignore it. You get no access until you open the link.");
        self.compose(address, None, &body)
    }

    /// Returns the letter to a site's former owner after the transfer.
    pub fn site_accepted(&self, to: Recipient<'_>, receiver: &str, domain: &str) -> Letter {
        let body = Body::new(format!("{domain} now belongs to {receiver}"))
            .text(format!("{receiver} accepted the site {domain}. You no longer have access to it."));
        self.write(to, &body)
    }

    /// Returns the test letter of `clickstead mail test`.
    pub fn test(&self, address: &str) -> Letter {
        let body = Body::new("Mail from Clickstead works")
            .text("This letter was sent by `clickstead mail test`.")
            .button("Open Clickstead", self.address("/"));
        self.compose(address, None, &body)
    }

    /// Returns the full address of a path.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.home.origin())
    }

    /// Returns the full address that ends the letters of a token.
    pub fn unsubscribe_address(&self, token: &str) -> String {
        self.address(&format!("/unsubscribe/{token}"))
    }

    /// Returns a letter to an address in the layout of all letters; `told_user` sees that it could not be delivered.
    pub fn compose(&self, recipient: &str, told_user: Option<UserId>, body: &Body) -> Letter {
        let home = self.home.origin();
        let sender = if body.brand.is_some() {
            format!("Sent by {home}.")
        } else {
            format!("Sent by Clickstead at {home}.")
        };
        Letter {
            recipient: recipient.to_owned(),
            subject: body.subject.clone(),
            text: plain::render(body, &sender),
            html: html::render(body, &sender),
            told_user,
            unsubscribe: body.unsubscribe.clone(),
            sender: body.brand.as_ref().map(|brand| brand.name.clone()),
        }
    }

    fn write(&self, to: Recipient<'_>, body: &Body) -> Letter {
        self.compose(to.address, to.user, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_the_same_as_text_and_as_html_and_what_strangers_typed_is_no_markup() {
        let letters = Letters { home: PublicUrl::parse("https://stats.example").unwrap() };
        let to = Recipient { user: Some(UserId(1)), name: "ada", address: "ada@a.example" };
        let letter = letters.site_offered(to, "<b>eve</b>", "a.example");
        for part in [&letter.text, &letter.html] {
            assert!(
                part.contains("https://stats.example/account/sites") && part.contains("a week"),
                "{part}"
            );
        }
        assert!(letter.text.contains("<b>eve</b>") && !letter.html.contains("<b>eve</b>"));
        assert_eq!((letter.recipient.as_str(), letter.told_user), ("ada@a.example", Some(UserId(1))));
    }
}

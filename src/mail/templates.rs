//! The templates of letters, as plain text and as HTML that mail programs show: no pictures, inline styles
//! only, nothing to load.

use crate::config::PublicUrl;
use crate::limits;
use crate::store::outbox::Letter;
use maud::{DOCTYPE, html};

/// The templates of letters, with the settings that all of them use.
#[derive(Clone, Debug)]
pub struct Letters {
    /// The public address that links begin with.
    pub home: PublicUrl,
}

/// The content of a letter, before its layout.
struct Content<'a> {
    subject: &'a str,
    paragraphs: &'a [String],
    /// The label and the address of the link.
    link: Option<(&'a str, String)>,
    ending: &'a str,
}

/// The user that a letter goes to.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
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
    pub fn reset(&self, Recipient { name, address }: Recipient<'_>, path: &str) -> Letter {
        self.write(
            address,
            &Content {
                subject: "Set a new password",
                paragraphs: &[format!(
                    "Somebody, hopefully you, asked for a new password for the user {name}. The link holds for one \
                     hour and works once."
                )],
                link: Some(("Set a new password", self.link(path))),
                ending: "If it was not you, do nothing: your password stays as it is.",
            },
        )
    }

    /// Returns the letter with a link for a new password that the parent account made, and sees too.
    pub fn reset_by_parent(
        &self,
        Recipient { name, address }: Recipient<'_>,
        parent: &str,
        path: &str,
    ) -> Letter {
        self.write(
            address,
            &Content {
                subject: "Set a new password",
                paragraphs: &[format!(
                    "{parent}, who manages the account of the user {name}, made this link for a new password and sees \
                     it too. It holds for one hour and works once; until then your password stays as it is."
                )],
                link: Some(("Set a new password", self.link(path))),
                ending: &format!("If you did not ask for it, ask {parent} why."),
            },
        )
    }

    /// Returns the letter to the user of a new sub-account, with a link for its password.
    pub fn sub_account(
        &self,
        Recipient { name, address }: Recipient<'_>,
        parent: &str,
        path: &str,
    ) -> Letter {
        self.write(
            address,
            &Content {
                subject: &format!("{parent} made you an account"),
                paragraphs: &[
                    format!(
                        "Dear {name}, {parent} made you an account that shows the numbers of your websites. Set a \
                         password, then sign in with the name {name}."
                    ),
                    "The link holds for one hour and works once. Later, choose “Forgot your password?” where you \
                     sign in: you get a new one."
                        .to_owned(),
                ],
                link: Some(("Set your password", self.link(path))),
                ending: &format!(
                    "{parent} manages this account: they can act for you, and disable or remove it. If you don't \
                     know why you get this letter, do nothing."
                ),
            },
        )
    }

    /// Returns the letter after a password was changed.
    pub fn password_changed(&self, Recipient { name, address }: Recipient<'_>) -> Letter {
        self.write(
            address,
            &Content {
                subject: "Your password was changed",
                paragraphs: &[format!(
                    "The password of the user {name} was changed. Other browsers that were signed in are signed out."
                )],
                link: None,
                ending: "If it was not you, set a new one at once: choose “Forgot your password?” where you sign in.",
            },
        )
    }

    /// Returns the letter after the second factor was switched on or off.
    pub fn second_factor_changed(&self, Recipient { name, address }: Recipient<'_>, is_on: bool) -> Letter {
        let (subject, what) = if is_on {
            (
                "Second factor switched on",
                "now needs a code from an authenticator app to sign in. Other browsers that were signed in are signed out",
            )
        } else {
            ("Second factor switched off", "now signs in with the password alone")
        };
        self.write(
            address,
            &Content {
                subject,
                paragraphs: &[format!("The user {name} {what}.")],
                link: Some(("Look at your account", self.link("/account/security"))),
                ending: "If it was not you, change your password at once.",
            },
        )
    }

    /// Returns the letter after a personal token was made. `rights` says what programs do with it, such as `read all sites`.
    pub fn token_made(
        &self,
        Recipient { name, address }: Recipient<'_>,
        token: &str,
        rights: &str,
    ) -> Letter {
        self.write(
            address,
            &Content {
                subject: "New personal token",
                paragraphs: &[format!(
                    "A personal token called “{token}” was made for the user {name}. Programs that have it can {rights}."
                )],
                link: Some(("See your tokens", self.link("/account/tokens"))),
                ending: "If it wasn't you, remove the token and change your password at once.",
            },
        )
    }

    /// Returns the letter after wrong second-factor codes, which followed the correct password.
    pub fn wrong_codes(&self, Recipient { name, address }: Recipient<'_>) -> Letter {
        self.write(
            address,
            &Content {
                subject: "Wrong codes for your account",
                paragraphs: &[format!(
                    "Somebody has typed the right password of the user {name}, and then {} wrong codes in a row. They \
                     are not in: without a right code nobody is. Further tries are slowed down.",
                    limits::WRONG_CODES_TOLD
                )],
                link: Some(("Set another password", self.link("/account/security"))),
                ending: "If it was not you, somebody knows your password: set another one at once.",
            },
        )
    }

    /// Returns the letter to the old address after it was replaced.
    pub fn email_changed(&self, Recipient { name, address }: Recipient<'_>) -> Letter {
        self.write(
            address,
            &Content {
                subject: "Your e-mail address was changed",
                paragraphs: &[format!(
                    "Letters to the user {name} go to another address from now on. This is the last one here."
                )],
                link: None,
                ending: "If it was not you, ask whoever runs the server for help.",
            },
        )
    }

    /// Returns the letter to a new address with a link that confirms it.
    pub fn prove_email(&self, Recipient { name, address }: Recipient<'_>, path: &str) -> Letter {
        self.write(
            address,
            &Content {
                subject: "Confirm your e-mail address",
                paragraphs: &[format!(
                    "Somebody, hopefully you, says that this is the address of the user {name}. Once you confirm it, \
                     {name} can sign in and set a new password with it, and sites that others share with this address \
                     go to {name}. The link holds for three days and works once."
                )],
                link: Some(("Confirm the address", self.link(path))),
                ending: "If you are not that user, do nothing.",
            },
        )
    }

    /// Returns the letter that offers a site to a user.
    pub fn site_offered(
        &self,
        Recipient { name, address }: Recipient<'_>,
        owner: &str,
        domain: &str,
    ) -> Letter {
        self.write(
            address,
            &Content {
                subject: &format!("{owner} gives you the site {domain}"),
                paragraphs: &[format!(
                    "Dear {name}, {owner} offers you the site {domain} with everything counted there. When you accept, \
                     it is yours and {owner} has no access any more. The offer holds for a week."
                )],
                link: Some(("See the offer", self.link("/account/sites"))),
                ending: "If you don't know why, decline it or do nothing.",
            },
        )
    }

    /// Returns the letter to a user with whom a site was shared.
    pub fn site_shared(&self, Recipient { name, address }: Recipient<'_>, share: &SharedSite<'_>) -> Letter {
        let SharedSite { giver, domain, level } = share;
        self.write(
            address,
            &Content {
                subject: &format!("{giver} shares {domain} with you"),
                paragraphs: &[format!(
                    "Dear {name}, {giver} lets you see the numbers of {domain} as {level}. You find the site beside \
                     your own."
                )],
                link: Some(("Open your sites", self.link("/"))),
                ending: "You can leave it at any time under Your account → Sites.",
            },
        )
    }

    /// Returns the letter that invites a person without an account to a site.
    pub fn invitation(&self, address: &str, share: &SharedSite<'_>, path: &str) -> Letter {
        let SharedSite { giver, domain, level } = share;
        self.write(
            address,
            &Content {
                subject: &format!("{giver} invites you to see {domain}"),
                paragraphs: &[format!(
                    "{giver} invites you to see the numbers of {domain} as {level}. The link makes you an account, or \
                     joins the one you have. It holds for a week and works once."
                )],
                link: Some(("Accept the invitation", self.link(path))),
                ending: "If you don't know why, do nothing: nobody has access before the link is opened.",
            },
        )
    }

    /// Returns the letter to a site's former owner after the transfer.
    pub fn site_accepted(
        &self,
        Recipient { name, address }: Recipient<'_>,
        receiver: &str,
        domain: &str,
    ) -> Letter {
        self.write(
            address,
            &Content {
                subject: &format!("{domain} belongs to {receiver} now"),
                paragraphs: &[format!(
                    "Dear {name}, {receiver} has accepted the site {domain}. You have no access to it any more."
                )],
                link: None,
                ending: "Nothing else has changed.",
            },
        )
    }

    /// Returns the test letter of `clickstead mail test`.
    pub fn test(&self, address: &str) -> Letter {
        self.write(
            address,
            &Content {
                subject: "Mail from Clickstead works",
                paragraphs: &["This letter was sent by `clickstead mail test`.".to_owned()],
                link: Some(("Open Clickstead", self.link("/"))),
                ending: "You need not do anything.",
            },
        )
    }

    fn link(&self, path: &str) -> String {
        format!("{}{path}", self.home.origin())
    }

    fn write(&self, recipient: &str, content: &Content<'_>) -> Letter {
        let footer = format!("Sent by Clickstead at {}.", self.home.origin());
        let mut text = content.paragraphs.join("\n\n");
        if let Some((label, address)) = &content.link {
            text = format!("{text}\n\n{label}:\n{address}");
        }
        text = format!("{text}\n\n{}\n\n-- \n{footer}\n", content.ending);
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head { meta charset="utf-8"; title { (content.subject) } }
                body style="margin:0;padding:24px;background:#f6f7f9;color:#16181d;font:16px/1.5 system-ui,sans-serif" {
                    div style="max-width:560px;margin:0 auto;padding:24px;background:#fff;border:1px solid #dfe2e8;border-radius:6px" {
                        h1 style="margin:0 0 16px;font-size:20px" { (content.subject) }
                        @for paragraph in content.paragraphs { p { (paragraph) } }
                        @if let Some((label, address)) = &content.link {
                            p style="margin:24px 0" { a href=(address) style="display:inline-block;padding:10px 18px;border-radius:6px;background:#2456c8;color:#fff;text-decoration:none;font-weight:600" { (label) } }
                            p style="color:#565c68;font-size:14px;word-break:break-all" { "Or open this address: " (address) }
                        }
                        p { (content.ending) }
                    }
                    p style="max-width:560px;margin:16px auto;color:#565c68;font-size:12px" { (footer) }
                }
            }
        };
        Letter {
            recipient: recipient.to_owned(),
            subject: content.subject.to_owned(),
            text,
            html: page.into_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_the_same_as_text_and_as_html_and_what_strangers_typed_is_no_markup() {
        let letters = Letters { home: PublicUrl::parse("https://stats.example").unwrap() };
        let letter = letters.site_offered(
            Recipient { name: "ada", address: "ada@a.example" },
            "<b>eve</b>",
            "a.example",
        );
        for part in [&letter.text, &letter.html] {
            assert!(
                part.contains("https://stats.example/account/sites") && part.contains("a week"),
                "{part}"
            );
        }
        assert!(letter.text.contains("<b>eve</b>") && !letter.html.contains("<b>eve</b>"));
        assert_eq!(letter.recipient, "ada@a.example");
    }
}

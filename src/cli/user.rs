//! `clickstead user`: people who sign in.

use super::{Desk, called_off, json, table, terminal};
use crate::access::account::{self, Wanted};
use crate::access::password;
use crate::config::PublicUrl;
use crate::error::{Error, Result};
use crate::id::Token;
use crate::store::users::{self, NewUser};
use crate::store::{recovery_codes, resets, sites};
use serde_json::json;

/// The verbs of `user`.
#[derive(clap::Subcommand)]
pub enum User {
    /// Add somebody
    Add {
        /// The name to sign in with
        name: String,
        /// The e-mail address
        #[arg(long, value_name = "E")]
        email: String,
        /// Read the password as one line of standard input
        #[arg(long)]
        password_stdin: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List everybody
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Give somebody a new password and end their sign-ins
    Password {
        /// User name or e-mail
        name: String,
        /// Read the password as one line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make a link that sets a new password; it holds for an hour and works once
    ResetLink {
        /// User name or e-mail
        name: String,
        /// The address that people use, such as <https://stats.example.com>
        #[arg(long, env = "CLICKSTEAD_PUBLIC_URL", value_name = "URL")]
        public_url: Option<String>,
    },
    /// Switch somebody's second factor off, for whoever lost their phone and their recovery codes
    RemoveSecondFactor {
        /// User name or e-mail
        name: String,
    },
    /// Say how many sites somebody may own
    Plan {
        /// User name or e-mail
        name: String,
        /// A number, or `unlimited`; those there are stay
        #[arg(long, value_name = "N", value_parser = sites_max)]
        sites: SitesMax,
    },
    /// Keep somebody from signing in; their sites keep counting
    Disable {
        /// User name or e-mail
        name: String,
    },
    /// Let somebody sign in again
    Enable {
        /// User name or e-mail
        name: String,
    },
    /// Remove somebody who owns no site
    Remove {
        /// User name or e-mail
        name: String,
        /// Remove their sites too, with everything counted there
        #[arg(long)]
        with_sites: bool,
    },
}

/// How many sites somebody may own; none: no limit.
#[derive(Clone, Copy)]
pub struct SitesMax(Option<i64>);

fn sites_max(text: &str) -> std::result::Result<SitesMax, String> {
    match text {
        "unlimited" => Ok(SitesMax(None)),
        number => match number.parse::<u32>() {
            Ok(most) => Ok(SitesMax(Some(most.into()))),
            Err(_) => Err("write a number such as 3, or unlimited".into()),
        },
    }
}

impl User {
    pub(super) fn run(self, desk: &Desk) -> Result<String> {
        match self {
            Self::Add { name, email, password_stdin, json } => add(desk, &name, &email, password_stdin, json),
            Self::List { json } => list(desk, json),
            Self::Password { name, password_stdin } => {
                desk.read(|connection| users::get_by_name(connection, &name))?;
                let hash = terminal::new_password_hash(password_stdin)?;
                desk.change(|tx| users::update_password(tx, users::get_by_name(tx, &name)?.id, &hash))?;
                Ok(format!("{name} has a new password; other sign-ins have ended."))
            }
            Self::ResetLink { name, public_url } => {
                let home = public_url.as_deref().map(PublicUrl::parse).transpose()?;
                let token = Token::generate()?;
                desk.change(|tx| resets::create(tx, users::get_by_name(tx, &name)?.id, &token, desk.now))?;
                let path = format!("/reset/{}", token.expose());
                Ok(match home {
                    Some(home) => format!("{}{path}", home.origin()),
                    None => {
                        format!("{path}\nPut your server's address before it, or say it with --public-url.")
                    }
                })
            }
            Self::RemoveSecondFactor { name } => {
                desk.change(|tx| {
                    let user = users::get_by_name(tx, &name)?;
                    users::update_second_factor(tx, user.id, None)?;
                    recovery_codes::replace(tx, user.id, &[])
                })?;
                Ok(format!("{name} signs in with the password alone now."))
            }
            Self::Plan { name, sites: SitesMax(most) } => {
                desk.change(|tx| users::update_sites_max(tx, users::get_by_name(tx, &name)?.id, most))?;
                Ok(match most {
                    Some(most) => format!("{name} may own {most} sites."),
                    None => format!("{name} may own any number of sites."),
                })
            }
            Self::Disable { name } => {
                desk.change(|tx| users::disable(tx, users::get_by_name(tx, &name)?.id, desk.now))?;
                Ok(format!("{name} can't sign in any more. Their sites keep counting."))
            }
            Self::Enable { name } => {
                desk.change(|tx| users::enable(tx, users::get_by_name(tx, &name)?.id))?;
                Ok(format!("{name} can sign in again."))
            }
            Self::Remove { name, with_sites } => remove(desk, &name, with_sites),
        }
    }
}

fn add(desk: &Desk, name: &str, email: &str, password_stdin: bool, as_json: bool) -> Result<String> {
    let typed = terminal::new_password(password_stdin)?;
    let problems = account::problems(&Wanted { username: name, email, password: &typed });
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let hash = password::hash(&typed)?;
    let id = desk.change(|tx| {
        users::create(tx, &NewUser { username: name, email, password: &hash, created_at: desk.now })
    })?;
    Ok(if as_json {
        json(&json!({ "user_id": id.0 }))
    } else {
        format!("{name} can sign in now (user {id}).")
    })
}

fn list(desk: &Desk, as_json: bool) -> Result<String> {
    let users = desk.read(users::list)?;
    if as_json {
        let users = users.iter().map(|user| {
            json!({
                "user_id": user.id.0, "username": user.username, "email": user.email,
                "disabled": user.disabled_at.is_some(), "created_at": user.created_at.seconds(),
                "signed_in_at": user.signed_in_at.map(crate::clock::Timestamp::seconds),
            })
        });
        return Ok(json(&users.collect()));
    }
    let rows = users.iter().map(|user| {
        let state = if user.disabled_at.is_some() { "disabled" } else { "" };
        vec![user.id.to_string(), user.username.clone(), user.email.clone(), state.to_owned()]
    });
    Ok(table(&["ID", "NAME", "E-MAIL", "STATE"], &rows.collect::<Vec<_>>()))
}

fn remove(desk: &Desk, name: &str, with_sites: bool) -> Result<String> {
    let (user, owned) = desk.read(|connection| {
        let user = users::get_by_name(connection, name)?;
        let owned = sites::list_of(connection, user.id)?;
        Ok((user, owned))
    })?;
    if !owned.is_empty() && !with_sites {
        let domains =
            owned.iter().map(|site| format!("{} ({})", site.domain, site.id)).collect::<Vec<_>>().join(", ");
        return Err(Error::Setup(format!(
            "{name} owns {domains}. Transfer them with `clickstead site transfer ID --to NAME`, or remove them too \
             with --with-sites."
        )));
    }
    let losses = if owned.is_empty() {
        String::new()
    } else {
        format!(" and {} sites with all their visits", owned.len())
    };
    if !terminal::agrees(&format!("This removes {name}{losses} for good."))? {
        return Err(called_off());
    }
    desk.change(|tx| {
        for site in sites::list_of(tx, user.id)? {
            if !with_sites {
                return Err(Error::Setup(format!(
                    "{name} owns {} by now; nothing was removed.",
                    site.domain
                )));
            }
            sites::delete(tx, site.id)?;
        }
        users::delete(tx, user.id)
    })?;
    for site in &owned {
        super::site::delete_rows(desk, site.id)?;
    }
    Ok(format!("{name} is removed."))
}

//! `clickstead user`: people who sign in.

use super::context::Context;
use super::output::{json, table};
use super::{deletion, person, plan, terminal};
use crate::accounts::account_form::{AccountForm, Profile};
use crate::accounts::{
    disabling, email_confirmation, passwords, removal, second_factor, sign_up, sub_accounts,
};
use crate::config::PublicUrl;
use crate::error::{Error, Result};
use crate::model::id::Token;
use crate::store::emails::EmailState;
use crate::store::users::{self, NewUser, User as Person};
use crate::store::{self, sites};
use serde_json::json;

/// The verbs of `user`.
#[derive(clap::Subcommand)]
pub enum UserArgs {
    /// Add somebody
    Add {
        /// The name to sign in with
        name: String,
        /// The e-mail address
        #[arg(long, value_name = "E")]
        email: String,
        /// Make it a sub-account of this user, who manages it: user name or e-mail
        #[arg(long, value_name = "NAME")]
        parent: Option<String>,
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
    /// Confirm a user's e-mail address where no letter can: other accounts that entered it lose it as a name
    ProveEmail {
        /// User name, or the e-mail address if only one account has it
        name: String,
    },
    /// Show or set what somebody pays, and how many sites they may own
    Plan(plan::PlanArgs),
    /// Make somebody a sub-account of somebody else, who manages it from now on
    Move {
        /// User name or e-mail
        name: String,
        /// The parent account: user name or e-mail
        #[arg(long, value_name = "PARENT")]
        to: String,
    },
    /// Make a sub-account an account of its own
    Release {
        /// User name or e-mail
        name: String,
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
    /// Remove somebody who owns no site; their sub-accounts become accounts of their own
    Remove {
        /// User name or e-mail
        name: String,
        /// Remove their sites too, with everything counted there
        #[arg(long)]
        with_sites: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

impl UserArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add { name, email, parent, password_stdin, json } => {
                add(context, &name, &email, parent.as_deref(), password_stdin, json)
            }
            Self::List { json } => list(context, json),
            Self::Password { name, password_stdin } => {
                context.read(|connection| person::get(connection, &name))?;
                let hash = terminal::new_password_hash(password_stdin)?;
                context.change(|tx| passwords::set_by_operator(tx, person::get(tx, &name)?.id, &hash))?;
                Ok(format!("{name} has a new password; other sign-ins have ended."))
            }
            Self::ResetLink { name, public_url } => reset_link(context, &name, public_url.as_deref()),
            Self::RemoveSecondFactor { name } => {
                context.change(|tx| second_factor::remove(tx, person::get(tx, &name)?.id))?;
                Ok(format!("{name} signs in with the password alone now."))
            }
            Self::ProveEmail { name } => prove_email(context, &name),
            Self::Plan(plan) => plan.run(context),
            Self::Move { name, to } => {
                context.change(|tx| {
                    let parent = person::get_or_advise(tx, &to)?;
                    sub_accounts::adopt(tx, &context.actor(), parent.id, person::get_or_advise(tx, &name)?.id)
                })?;
                Ok(format!("{name} is a sub-account of {to} now."))
            }
            Self::Release { name } => {
                context.change(|tx| {
                    sub_accounts::release(tx, &context.actor(), person::get_or_advise(tx, &name)?.id)
                })?;
                Ok(format!("{name} is an account of its own now."))
            }
            Self::Disable { name } => {
                context.change(|tx| disabling::disable(tx, person::get(tx, &name)?.id, context.now))?;
                Ok(format!("{name} can't sign in any more. Their sites keep counting."))
            }
            Self::Enable { name } => {
                context.change(|tx| disabling::enable(tx, person::get(tx, &name)?.id))?;
                Ok(format!("{name} can sign in again."))
            }
            Self::Remove { name, with_sites, yes } => remove(context, &name, with_sites, yes),
        }
    }
}

fn reset_link(context: &Context, name: &str, public_url: Option<&str>) -> Result<String> {
    let home = public_url.map(PublicUrl::parse).transpose()?;
    let token = Token::generate()?;
    context.change(|tx| {
        passwords::create_link_by_operator(tx, person::get(tx, name)?.id, &token, context.now)
    })?;
    let path = passwords::reset_path(&token, "");
    Ok(match home {
        Some(home) => format!("{}{path}", home.origin()),
        None => format!("{path}\nPut your server's address before it, or say it with --public-url."),
    })
}

fn add(
    context: &Context,
    name: &str,
    email: &str,
    parent: Option<&str>,
    password_stdin: bool,
    as_json: bool,
) -> Result<String> {
    let Profile { username: name, email } = AccountForm::without_password(name, email).check_profile()?;
    // Everything that can be refused is checked before a password is asked for.
    context.read(|connection| {
        parent.map_or(Ok(()), |parent| person::get_or_advise(connection, parent).map(drop))?;
        users::check_free(connection, &name, &email)
    })?;
    let hash = terminal::new_password_hash(password_stdin)?;
    let (id, lost) = context.change(|tx| {
        let parent = parent.map(|parent| person::get_or_advise(tx, parent)).transpose()?;
        let user = NewUser { username: &name, email: &email, password: &hash, created_at: context.now };
        sign_up::create(tx, &context.actor(), &user, parent.map(|parent| parent.id))
    })?;
    Ok(if as_json {
        json(&json!({ "user_id": id.0 }))
    } else {
        format!("{name} can sign in now (user {id}).{}", lost_address(&lost))
    })
}

/// Returns a sentence on the accounts that lost an e-mail address as a name; empty if none did.
fn lost_address(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!(" {} had entered that address too. They sign in with their user name.", names.join(", "))
}

fn prove_email(context: &Context, name: &str) -> Result<String> {
    let (user, lost) = context.change(|tx| {
        let user = person::claimant(tx, name)?;
        let lost = email_confirmation::confirm_by_operator(tx, &user)?;
        Ok((user, lost))
    })?;
    let Person { email, username, .. } = user;
    Ok(format!(
        "{email} is the confirmed address of {username} now: they can sign in with it, links for a new password go \
         there, and sites shared with it go to them.{}",
        lost_address(&lost)
    ))
}

fn list(context: &Context, as_json: bool) -> Result<String> {
    let users = context.read(users::list)?;
    let parent = |user: &Person| -> Option<&str> {
        let parent = users.iter().find(|other| Some(other.id) == user.parent);
        parent.map(|parent| parent.username.as_str())
    };
    if as_json {
        let users = users.iter().map(|user| {
            json!({
                "user_id": user.id.0, "username": user.username, "email": user.email,
                "parent": parent(user), "disabled": user.disabled_at.is_some(), "email_proved": user.has_proved_email(),
                "email_state": user.email_state.name(),
                "created_at": user.created_at.seconds(),
                "signed_in_at": user.signed_in_at.map(crate::model::clock::Timestamp::seconds),
            })
        });
        return Ok(json(&users.collect()));
    }
    let rows = users.iter().map(|user| {
        let address = match user.email_state {
            EmailState::Proved => None,
            EmailState::Unproved => Some("address not confirmed"),
            EmailState::Grandfathered => Some("address not confirmed, but signs in"),
            EmailState::Taken => Some("address confirmed by somebody else"),
        };
        let state = user.disabled_at.map(|_| "disabled").into_iter().chain(address);
        let state = state.collect::<Vec<_>>().join(", ");
        let parent = parent(user).unwrap_or_default().to_owned();
        vec![user.id.to_string(), user.username.clone(), user.email.clone(), parent, state]
    });
    Ok(table(&["ID", "NAME", "E-MAIL", "PARENT", "STATE"], &rows.collect::<Vec<_>>()))
}

fn remove(context: &Context, name: &str, with_sites: bool, yes: bool) -> Result<String> {
    let (user, owned, children) = context.read(|connection| {
        let user = person::get(connection, name)?;
        let owned = sites::list_of(connection, user.id)?;
        let children = store::sub_accounts::list(connection, user.id)?;
        Ok((user, owned, children))
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
    let names = children.iter().map(|child| child.username.as_str()).collect::<Vec<_>>().join(", ");
    let freed = match children.len() {
        0 => String::new(),
        1 => format!(" Its sub-account {names} becomes an account of its own."),
        _ => format!(" Its sub-accounts {names} become accounts of their own."),
    };
    terminal::consent(&format!("This removes {name}{losses} for good.{freed}"), yes)?;
    context.change(|tx| {
        if with_sites {
            removal::remove(tx, &context.actor(), user.id)
        } else {
            removal::remove_without_sites(tx, &context.actor(), user.id, name)
        }
    })?;
    for site in &owned {
        deletion::delete_site(context, site.id)?;
    }
    Ok(format!("{name} is removed.{freed}"))
}

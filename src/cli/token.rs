//! `clickstead token`: personal tokens, with which somebody's programs read what that person may read.

use super::context::Context;
use super::output::{json, table};
use super::{key_use, person};
use crate::accounts::tokens::{self as acts, TokenRequest};
use crate::error::{Error, Result};
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::{SiteId, TokenId, TokenSecret, UserId};
use crate::store::tokens::{self, PersonalToken, TokenScope};
use crate::store::users;
use serde_json::json;
use std::collections::HashMap;

/// The options of `token add`.
#[derive(clap::Args)]
pub struct AddTokenArgs {
    /// Whose programs use it: user name or e-mail
    #[arg(long, value_name = "NAME")]
    user: String,
    /// A name for it
    #[arg(long, default_value = "Token")]
    name: String,
    /// The numbers of the sites that it opens, by comma; otherwise all sites of that person, also later ones
    #[arg(long, value_name = "ID,…", value_delimiter = ',', value_parser = super::values::site_id)]
    site: Vec<SiteId>,
    /// The last day, in UTC, such as 2027-12-31; otherwise it does not expire
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// Let it also write where that person is owner or Administrator
    #[arg(long)]
    write: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The verbs of `token`.
#[derive(clap::Subcommand)]
pub enum TokenArgs {
    /// Make a token; it is shown only now
    Add(AddTokenArgs),
    /// List the tokens of one person, or of everybody
    List {
        /// User name or e-mail
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a token, which opens nothing from the next request on
    Remove {
        /// User name or e-mail
        #[arg(long, value_name = "NAME")]
        user: String,
        /// The token's number, see `token list`
        #[arg(value_parser = token_id)]
        token_id: TokenId,
    },
}

fn token_id(text: &str) -> std::result::Result<TokenId, String> {
    TokenId::parse(text)
        .ok_or_else(|| "a token's number is made of digits, see `clickstead token list`".into())
}

impl TokenArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add(add) => add.run(context),
            Self::List { user, json } => list(context, user.as_deref(), json),
            Self::Remove { user, token_id } => {
                let token = context.change(|tx| {
                    acts::remove(tx, &context.actor(), person::get_or_advise(tx, &user)?.id, token_id)
                })?;
                Ok(format!("Token {token_id} of {user}, {}, opens nothing any more.", token.name))
            }
        }
    }
}

impl AddTokenArgs {
    fn run(self, context: &Context) -> Result<String> {
        let request = TokenRequest {
            name: self.name,
            sites: (!self.site.is_empty()).then_some(self.site),
            expires: self.expires.unwrap_or_default(),
            may_write: self.write,
        };
        let secret = TokenSecret::generate()?;
        let (user, token) = context.change(|tx| {
            let person = person::get_or_advise(tx, &self.user)?;
            let token = acts::create(tx, &context.actor(), None, person.id, &secret, &request)?;
            Ok((person.username, token))
        })?;
        Ok(if self.json {
            json(&json!({
                "token_id": token.id.0, "token": secret.expose(), "user": user, "name": token.name,
                "write": token.may_write, "site_ids": site_ids(&token), "last_day": last_day(&token),
            }))
        } else {
            format!(
                "Token {} of {user}, shown only now:\n{}\nIt reads what {user} may read{}, of {}. Programs send it in the \
                 header `Authorization: Bearer …`.",
                token.id,
                secret.expose(),
                if token.may_write { ", and writes where they may" } else { "" },
                match &token.scope {
                    TokenScope::AllSites => "all sites".to_owned(),
                    TokenScope::Sites(sites) if sites.len() == 1 => format!("site {}", scope(&token)),
                    TokenScope::Sites(_) => format!("sites {}", scope(&token)),
                }
            )
        })
    }
}

fn rights(token: &PersonalToken) -> &'static str {
    if token.may_write { "reads and writes" } else { "reads" }
}

/// Returns the sites of a token, by comma, or `all`.
fn scope(token: &PersonalToken) -> String {
    match &token.scope {
        TokenScope::AllSites => "all".to_owned(),
        TokenScope::Sites(sites) if sites.is_empty() => "none any more".to_owned(),
        TokenScope::Sites(sites) => sites.iter().map(SiteId::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn site_ids(token: &PersonalToken) -> Option<Vec<i64>> {
    match &token.scope {
        TokenScope::AllSites => None,
        TokenScope::Sites(sites) => Some(sites.iter().map(|site| site.0).collect()),
    }
}

fn last_day(token: &PersonalToken) -> Option<String> {
    token.expires_at.map(|end| Zone::utc().day(Timestamp(end.0 - 1)).to_string())
}

fn list(context: &Context, user: Option<&str>, as_json: bool) -> Result<String> {
    let (tokens, names) = context.read(|connection| {
        let tokens = match user {
            Some(name) => tokens::list(connection, person::get_or_advise(connection, name)?.id)?,
            None => tokens::list_all(connection)?,
        };
        let names = users::list(connection)?.into_iter().map(|user| (user.id, user));
        Ok((tokens, names.collect::<HashMap<UserId, users::User>>()))
    })?;
    let person = |token: &PersonalToken| names.get(&token.user).ok_or(Error::Missing("user"));
    let is_open = |token: &PersonalToken| -> Result<bool> {
        Ok(!token.has_expired(context.now) && person(token)?.disabled_at.is_none())
    };
    if as_json {
        let values = tokens.iter().map(|token| {
            Ok(json!({
                "token_id": token.id.0, "user": person(token)?.username, "name": token.name,
                "write": token.may_write, "site_ids": site_ids(token), "open": is_open(token)?,
                "created_at": token.created_at.seconds(), "last_day": last_day(token),
                "expires_at": token.expires_at.map(Timestamp::seconds),
                "last_use": token.used.as_ref().map(key_use::json),
            }))
        });
        return Ok(json(&values.collect::<Result<_>>()?));
    }
    let rows = tokens.iter().map(|token| {
        Ok(vec![
            token.id.to_string(),
            person(token)?.username.clone(),
            token.name.clone(),
            if is_open(token)? { "open" } else { "closed" }.to_owned(),
            rights(token).to_owned(),
            scope(token),
            last_day(token).unwrap_or_else(|| "none".to_owned()),
            key_use::text(token.used.as_ref()),
        ])
    });
    let heads = ["ID", "USER", "NAME", "STATE", "RIGHTS", "SITES", "LAST DAY", "LAST USED (UTC)"];
    Ok(table(&heads, &rows.collect::<Result<Vec<_>>>()?))
}

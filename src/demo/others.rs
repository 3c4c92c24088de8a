//! The users and sites of a data file that no demo created.

use super::{BAKERY, BIKES, CAFE, STUDIO, agency};
use crate::error::Result;
use crate::store::{sites, users};
use rusqlite::Connection;

/// Returns a description of the first such users or sites; `None` if the file holds only a demo.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection) -> Result<Option<String>> {
    let people = users::list(connection)?;
    let mut others = people.iter().filter(|user| !agency::is_made_up(&user.username, &user.email));
    if let Some(first) = others.next() {
        return Ok(Some(named("user", &first.username, others.count())));
    }
    let made_up = [&BAKERY, &BIKES, &CAFE, &STUDIO].map(|business| business.domain);
    let all = sites::list(connection)?;
    let mut others = all.iter().filter(|site| !made_up.contains(&site.domain.as_str()));
    Ok(others.next().map(|first| named("site", &first.domain, others.count())))
}

fn named(kind: &str, first: &str, more: usize) -> String {
    match more {
        0 => format!("the {kind} {first}"),
        1 => format!("the {kind} {first} and another one"),
        _ => format!("the {kind} {first} and {more} others"),
    }
}

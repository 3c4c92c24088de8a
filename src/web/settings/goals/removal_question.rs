//! What the removals of goals and funnels share: the question, with the stored filters that name what is to be removed, and the
//! outcome.

use super::naming_filters;
use crate::error::{Error, Result};
use crate::reports::filters_naming_visitor::FilterReference;
use maud::{Markup, html};

/// The question before a removal.
pub struct RemovalQuestion<'a> {
    /// The name of what is to be removed.
    pub name: &'a str,
    /// The address of the list, and the text of the link to it.
    pub list: (&'a str, &'static str),
    /// The address that removes it.
    pub action: &'a str,
    /// What a removal does, as items of a list.
    pub effects: Markup,
    /// The stored filters that name it.
    pub references: &'a [FilterReference],
    /// What happens to these filters, such as “and find no visits until it is back”.
    pub afterwards: &'static str,
    /// The name of the signed-in user.
    pub own_name: &'a str,
}

impl RemovalQuestion<'_> {
    /// Renders the question; `more` stands above its buttons.
    pub fn draw(&self, more: &Markup) -> Markup {
        let (list, all) = self.list;
        html! {
            p.crumbs { a href=(list) { (all) } }
            h2 { "Remove “" (self.name) "”?" }
            ul { (self.effects) }
            @if !self.references.is_empty() {
                p { b { "These filters name it" } " " (self.afterwards) ":" }
                (naming_filters::list(self.references, self.own_name))
            }
            (more)
            form method="post" action=(self.action) {
                p.buttons { button.warning type="submit" { "Remove" } " " a.button href=(list) { "Cancel" } }
            }
        }
    }
}

/// Returns the name of what was done, or `gone` if it was not there any more.
///
/// # Errors
///
/// Fails with every other error.
pub fn outcome<'a>(done: Result<()>, change: &'a str, gone: &'a str) -> Result<&'a str> {
    match done {
        Ok(()) => Ok(change),
        Err(Error::Missing(_)) => Ok(gone),
        Err(error) => Err(error),
    }
}

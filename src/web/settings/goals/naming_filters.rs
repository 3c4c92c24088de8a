//! The list of stored filters that name what is about to be removed.

use crate::reports::filters_naming_visitor::{FilterOwner, FilterReference};
use maud::{Markup, html};

/// Renders filters for the user with a name, who sees of other people's own ones only that they exist.
pub fn list(references: &[FilterReference], own_name: &str) -> Markup {
    html! {
        ul id="named-by" { @for reference in references { li { (title(reference, own_name)) } } }
    }
}

fn title(reference: &FilterReference, own_name: &str) -> Markup {
    html! {
        @match &reference.keeper {
            FilterOwner::Everybody => { "The segment “" (reference.name) "” for everybody" },
            FilterOwner::One(owner) if owner == own_name => { "Your own segment “" (reference.name) "”" },
            FilterOwner::One(owner) => { "A segment that " (owner) " keeps for themselves" },
            FilterOwner::Link => { "The guest link “" (reference.name) "”" },
            FilterOwner::Alert(None) => { "The alert “" (reference.name) "” for everyone" },
            FilterOwner::Alert(Some(owner)) if owner == own_name => { "Your own alert “" (reference.name) "”" },
            FilterOwner::Alert(Some(owner)) => { "An alert that " (owner) " keeps for themselves" },
        }
    }
}

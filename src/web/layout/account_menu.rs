//! The menu of the top bar that leads to the user's account. While a parent acts for the account, the menu offers only
//! the screens that a parent may open.

use super::notice::STOP_ACTING;
use super::theme::Theme;
use crate::web::ui::icon;
use maud::{Markup, html};

/// The menu of an account.
pub struct AccountMenu<'a> {
    /// The name of the user.
    pub user: &'a str,
    /// The name of the parent who acts for the user.
    pub parent: Option<&'a str>,
    /// The colours of the page.
    pub theme: Theme,
    /// The id of the site whose preferences the user may open.
    pub preferences_of: Option<i64>,
}

impl AccountMenu<'_> {
    /// Renders the menu.
    pub fn draw(&self) -> Markup {
        let user = self.user;
        let choice = |value: &'static str, name: &str| {
            html! { button type="button" data-theme-choice=(value) aria-pressed=(self.theme.name() == value) { (name) } }
        };
        html! {
            details.menu.account-menu {
                summary.icon-button aria-label={ "Account of " (user) } title=(user) { (icon::person()) }
                div.menu-list {
                    p.menu-title { (user) @if let Some(parent) = self.parent { " " span.quiet { "for whom " (parent) " acts" } } }
                    div.choice role="group" aria-label="Look" hidden data-needs-script {
                        (choice("system", "Auto")) (choice("light", "Light")) (choice("dark", "Dark"))
                    }
                    ul.menu-foot {
                        @if let Some(site) = self.preferences_of {
                            li.folded { a href={ "/sites/" (site) "/preferences/info" } { "Preferences" } }
                        }
                        @if self.parent.is_some() {
                            li { a href="/account/sites" { "Sites of the account" } }
                            li { form method="post" action=(STOP_ACTING.0) { button.link type="submit" { "Stop acting for " (user) } } }
                        } @else {
                            li { a href="/account/profile" { "Your account" } }
                        }
                        li { a href="/" { "All sites" } }
                        li { a href={ "/help" @if let Some(site) = self.preferences_of { "?site=" (site) } } { "Help" } }
                        li { a href="/licenses" { "Credits" } }
                        li { form method="post" action="/logout" { button.link type="submit" { "Sign out" } } }
                    }
                }
            }
        }
    }
}

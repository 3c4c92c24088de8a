//! Account → Preferences: the theme, the start page, and the panels of the dashboards.

use super::page as tabbed;
use crate::access::capability::UseOwnAccount;
use crate::accounts::preferences::{self, THEMES};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::OwnAccount;
use crate::http::errors::see_other;
use crate::model::level::Level;
use crate::store::preferences::Preferences;
use crate::store::sites::{self, Site};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::Frame;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::report::dashboard::panel_order::PanelOrder;
use crate::web::report::dashboard::panel_spec;
use crate::web::ui::field::{self, Choice};
use actix_web::cookie::Cookie;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    state: FormState<Preferences>,
    starts: Vec<(String, String)>,
    panels: PanelOrder,
}

/// Returns the possible start pages, path and title: the list of sites, and some screens of each site.
fn starts(sites: &[(Site, Option<Level>)]) -> Vec<(String, String)> {
    let mut starts = vec![("/".to_owned(), "All sites".to_owned())];
    for (site, _) in sites {
        let base = format!("/sites/{}", site.id);
        starts.push((base.clone(), format!("{}: dashboard", site.name)));
        starts.push((format!("{base}/visitors"), format!("{}: visitors", site.name)));
        starts.push((format!("{base}/spy"), format!("{}: Spy", site.name)));
    }
    starts
}

/// Returns the path of a user's start page; the list of sites if the chosen page is no longer open to them.
pub fn start_page<'a>(preferences: &'a Preferences, sites: &[(Site, Option<Level>)]) -> &'a str {
    let chosen = preferences.start_page.as_str();
    if starts(sites).iter().any(|(path, _)| path == chosen) { chosen } else { "/" }
}

/// Reads the stored panels. The latest visitors take the whole width below the others, so they stay last.
fn arranged(stored: Option<&str>) -> PanelOrder {
    let mut panels = PanelOrder::read(&panel_spec::names(), stored);
    panels.panels.sort_by_key(|(name, _)| *name == panel_spec::VISITORS.0);
    panels
}

/// `GET /account/preferences`: shows the form.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let frame = load::frame(&app, &request, &account.user, "Preferences").await?;
    let id = account.user.user;
    let sites = app.read(move |connection| sites::list_open_to(connection, id)).await?;
    let preferences = account.user.preferences.clone();
    let view = View {
        panels: arranged(preferences.panels.as_deref()),
        starts: starts(&sites),
        state: FormState::opened(preferences, &params, &[("saved", "Saved.")]),
    };
    Ok(view.state.response(page(&frame, &view)))
}

/// `POST /account/preferences`: saves the form, or moves one panel.
///
/// # Errors
///
/// Fails with `Error::Invalid` for an unknown theme or start page, when the sign-in has ended, and when the data file
/// cannot be written.
pub async fn change(account: OwnAccount<UseOwnAccount>, app: Data<App>, body: Bytes) -> Result<HttpResponse> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let value = |name: &str| pairs.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    let id = account.user.user;
    let sites = app.read(move |connection| sites::list_open_to(connection, id)).await?;
    let start_pages: Vec<_> = starts(&sites).into_iter().map(|(path, _)| path).collect();
    let all = panel_spec::names();
    // The order is that of the form; one of its buttons moves a panel by one place.
    let order = pairs.iter().filter(|(name, _)| name == "order").map(|(_, panel)| panel.as_str());
    let order = order.collect::<Vec<_>>().join(" ");
    let mut panels = arranged(Some(&order));
    let is_shown = |panel: &str| pairs.iter().any(|(name, value)| name == "panel" && value == panel);
    for (name, shown) in &mut panels.panels {
        *shown = is_shown(name);
    }
    let moved = value("move").and_then(|moved| moved.split_once(' '));
    if let Some((direction, panel)) = moved {
        panels.move_by_one(panel, direction == "up");
        panels.panels.sort_by_key(|(name, _)| *name == panel_spec::VISITORS.0);
    }
    let changed = Preferences {
        theme: value("theme").unwrap_or("system").to_owned(),
        start_page: value("start").unwrap_or("/").to_owned(),
        panels: panels.stored(&all),
    };
    account.write(&app, move |tx| preferences::change(tx, id, &changed, &start_pages)).await?;
    let mut response = match moved {
        Some(_) => see_other("/account/preferences#panels"),
        None => form_state::done("/account/preferences", "saved"),
    };
    // A theme that was chosen in this browser alone gives way to the one that was just chosen for all browsers.
    let mut forgotten = Cookie::build("theme", "").path("/").finish();
    forgotten.make_removal();
    response.add_cookie(&forgotten).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(response)
}

const LOOKS: [Choice<'static>; 3] = [
    Choice { value: THEMES[0], label: "As this device has it", help: None },
    Choice { value: THEMES[1], label: "Light", help: None },
    Choice { value: THEMES[2], label: "Dark", help: None },
];

fn page(frame: &Frame, view: &View) -> Markup {
    let last = view.panels.panels.len().saturating_sub(1);
    tabbed(
        frame,
        "/account/preferences",
        &html! {
            (view.state.notice())
            form.settings method="post" action="/account/preferences" {
                // The button for the return key: without it, browsers press the first button that moves a panel.
                button.hidden type="submit" tabindex="-1" aria-hidden="true" { "Save" }
                (field::choices("theme", "Look", &LOOKS, &view.state.form.theme))
                p.help { "For all your browsers. The menu of your account changes it in one browser alone." }
                div.field {
                    label for="start" { "Begin with" }
                    select id="start" name="start" {
                        @for (path, title) in &view.starts { option value=(path) selected[*path == view.state.form.start_page] { (title) } }
                    }
                    p.help { "What you see after signing in, and when you open this server's address." }
                }
                fieldset.choices id="panels" {
                    legend { "Panels of the dashboard" }
                    ol.plain.rows.arrangement {
                        @for (place, (name, is_shown)) in view.panels.panels.iter().enumerate() {
                            @let title = panel_spec::title(name);
                            @let id = format!("panel-{name}");
                            li {
                                input type="hidden" name="order" value=(name);
                                div.choice-line { input type="checkbox" id=(id) name="panel" value=(name) checked[*is_shown]; label for=(id) { (title) } }
                                @if *name != panel_spec::VISITORS.0 { div.buttons {
                                    button.small name="move" value={ "up " (name) } disabled[place == 0] aria-label={ "Move " (title) " up" } { "↑" }
                                    button.small name="move" value={ "down " (name) } disabled[place + 1 >= last] aria-label={ "Move " (title) " down" } { "↓" }
                                } }
                            }
                        }
                    }
                }
                button.primary type="submit" { "Save" }
            }
        },
    )
}

//! The screens: their routes, their handlers, and pages that are functions of plain values. Knows nothing of beacons.

mod account;
mod alerts;
mod annotations;
mod digest_confirmation;
mod export;
pub mod filters;
mod guest;
mod health;
mod heatmaps;
mod help;
mod layout;
pub mod live;
mod report;
mod settings;
mod sign_in;
pub mod ui;
mod unsubscribe;
mod visitors;

use crate::access::capability::{SetOwnAlerts, SetSiteAlerts};
use crate::error::Error;
use crate::http::broken_off;
use crate::http::compressed_body;
use crate::http::csrf::same_origin;
use crate::http::form;
use crate::http::route::{Route, get, get_file, post, post_program, register};
use actix_web::guard;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web;

/// Returns the routes of this surface.
pub fn routes() -> Vec<Route> {
    [
        of_sites(),
        of_settings(),
        of_notices(),
        of_guests(),
        of_accounts(),
        of_public_pages(),
        of_letters(),
        of_other_pages(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns the routes of the list of sites and of the reports of a site.
fn of_sites() -> Vec<Route> {
    vec![
        get("/", account::site_list::show),
        get("/sites/new", settings::new_site::show),
        post("/sites/new", settings::new_site::create),
        get("/sites/{site}", report::dashboard::show),
        get("/sites/{site}/reports", report::index),
        get("/sites/{site}/reports/{report}", report::show),
        get("/sites/{site}/reports/{report}/item", report::item),
        get("/sites/{site}/funnels/{funnel}", report::funnel),
        get_file("/sites/{site}/export/{report}.csv", export::csv),
        get("/sites/{site}/visitors", visitors::show),
        get("/sites/{site}/visitors/{visitor}", visitors::visitor::show),
        get_file("/sites/{site}/visitors/{visitor}/data.json", visitors::visitor_erasure::file),
        get("/sites/{site}/visitors/{visitor}/erase", visitors::visitor_erasure::confirm),
        get("/sites/{site}/visitors/{visitor}/note", visitors::visitor_note::show),
        post("/sites/{site}/visitors/{visitor}/note", visitors::visitor_note::save),
        post("/sites/{site}/visitors/{visitor}/erase", visitors::visitor_erasure::erase),
        get("/sites/{site}/visits/{visit}", visitors::visit::show),
        get("/sites/{site}/spy", live::spy::show),
        get("/sites/{site}/spy/stream", live::live_stream::stream),
        get("/sites/{site}/online", live::live_stream::online),
        get("/sites/{site}/heatmaps", heatmaps::list::show),
        get_file("/sites/{site}/heatmaps.csv", heatmaps::export::pages),
        get("/sites/{site}/heatmaps/page", heatmaps::page::show),
        get_file("/sites/{site}/heatmaps/page.csv", heatmaps::export::page),
        post("/sites/{site}/heatmaps/open", heatmaps::opening::open),
        get("/sites/{site}/segments", filters::segments::show),
        post("/sites/{site}/segments/own", filters::segments::save_own),
        post("/sites/{site}/segments/own/{segment}", filters::segments::change_own),
        post("/sites/{site}/segments/own/{segment}/remove", filters::segments::remove_own),
        post("/sites/{site}/segments/shared", filters::segments::save_shared),
        post("/sites/{site}/segments/shared/{segment}", filters::segments::change_shared),
        post("/sites/{site}/segments/shared/{segment}/remove", filters::segments::remove_shared),
        get("/sites/{site}/alerts", alerts::show::<SetOwnAlerts>),
        get("/sites/{site}/alerts/{alert}", alerts::edit::<SetOwnAlerts>),
        post("/sites/{site}/alerts/{alert}", alerts::save::<SetOwnAlerts>),
        post("/sites/{site}/alerts/{alert}/check", alerts::check::<SetOwnAlerts>),
        post("/sites/{site}/alerts/{alert}/remove", alerts::remove::<SetOwnAlerts>),
        post("/sites/{site}/alerts/{alert}/mail", alerts::mute),
        get("/sites/{site}/annotations", annotations::show),
        post("/sites/{site}/annotations", annotations::add),
        post("/sites/{site}/annotations/{annotation}", annotations::change),
        post("/sites/{site}/annotations/{annotation}/remove", annotations::remove),
        post("/sites/{site}/leave", account::sites::leave),
    ]
}

/// Returns the routes of Preferences → Site settings, and of the page that lists a site's access.
fn of_settings() -> Vec<Route> {
    vec![
        get("/sites/{site}/access", settings::access::site),
        get("/sites/{site}/billing", settings::billing::show),
        get_file("/sites/{site}/billing/statements/{month}.csv", settings::billing::file),
        get("/sites/{site}/billing/statements/{month}", settings::billing::statement),
        get("/sites/{site}/preferences/info", settings::info::show),
        post("/sites/{site}/preferences/info", settings::info::change),
        post("/sites/{site}/preferences/info/check", settings::code_check::check),
        post("/sites/{site}/preferences/info/keys", settings::info::show_keys),
        post("/sites/{site}/preferences/info/rotate", settings::info::rotate_keys),
        post("/sites/{site}/preferences/info/transfer", settings::transfer::offer),
        post("/sites/{site}/preferences/info/transfer/withdraw", settings::transfer::withdraw),
        post("/sites/{site}/preferences/info/delete", settings::transfer::delete),
        get("/sites/{site}/preferences/sharing", settings::sharing::show),
        post("/sites/{site}/preferences/sharing", settings::sharing::add),
        post("/sites/{site}/preferences/sharing/change", settings::sharing::change),
        post("/sites/{site}/preferences/sharing/remove", settings::sharing::remove),
        post("/sites/{site}/preferences/sharing/billing", settings::sharing::switch_billing),
        post("/sites/{site}/preferences/sharing/invitations/renew", settings::sharing::renew),
        post("/sites/{site}/preferences/sharing/invitations/withdraw", settings::sharing::withdraw),
        get("/sites/{site}/preferences/public-access", settings::public_access::show),
        get("/sites/{site}/preferences/public-access/{link}", settings::public_access::edit),
        post("/sites/{site}/preferences/public-access/{link}", settings::public_access::save),
        post("/sites/{site}/preferences/public-access/{link}/disable", settings::public_access::disable),
        post("/sites/{site}/preferences/public-access/{link}/enable", settings::public_access::enable),
        post("/sites/{site}/preferences/public-access/{link}/renew", settings::public_access::renew),
        post("/sites/{site}/preferences/public-access/{link}/remove", settings::public_access::remove),
        get("/sites/{site}/preferences/view-only", settings::view_only::show),
        post("/sites/{site}/preferences/view-only", settings::view_only::change),
        post("/sites/{site}/preferences/view-only/preview", settings::view_only::preview),
        get("/sites/{site}/preferences/white-label", settings::white_label::show),
        post("/sites/{site}/preferences/white-label", settings::white_label::change),
        get("/sites/{site}/preferences/white-label/logo.png", settings::white_label::logo),
        post("/sites/{site}/preferences/white-label/remove", settings::white_label::remove),
        get("/sites/{site}/preferences/tracking", settings::tracking::show),
        post("/sites/{site}/preferences/tracking", settings::tracking::change),
        get("/sites/{site}/preferences/heatmaps", settings::heatmaps::show),
        post("/sites/{site}/preferences/heatmaps", settings::heatmaps::change),
        get("/sites/{site}/preferences/hosts", settings::hosts::show),
        post("/sites/{site}/preferences/hosts", settings::hosts::change),
        post("/sites/{site}/preferences/hosts/answer", settings::hosts::answer),
        get("/sites/{site}/preferences/goals", settings::goals::show),
        post("/sites/{site}/preferences/goals/currency", settings::goals::change_currency),
        post("/sites/{site}/preferences/goals/custom-keys", settings::goals::change_custom_keys),
        get("/sites/{site}/preferences/goals/{goal}", settings::goals::edit),
        post("/sites/{site}/preferences/goals/{goal}", settings::goals::save),
        post("/sites/{site}/preferences/goals/{goal}/check", settings::goals::check),
        get("/sites/{site}/preferences/goals/{goal}/remove", settings::goals::confirm),
        post("/sites/{site}/preferences/goals/{goal}/remove", settings::goals::remove),
        post("/sites/{site}/preferences/goals/{goal}/bring-back", settings::goals::bring_back),
        get("/sites/{site}/preferences/funnels/{funnel}", settings::goals::funnels::edit),
        post("/sites/{site}/preferences/funnels/{funnel}", settings::goals::funnels::save),
        post("/sites/{site}/preferences/funnels/{funnel}/check", settings::goals::funnels::check),
        get("/sites/{site}/preferences/funnels/{funnel}/remove", settings::goals::funnels::confirm),
        post("/sites/{site}/preferences/funnels/{funnel}/remove", settings::goals::funnels::remove),
        get("/sites/{site}/preferences/campaigns", settings::campaigns::show),
        post("/sites/{site}/preferences/campaigns/rules", settings::campaigns::add_rule),
        post("/sites/{site}/preferences/campaigns/rules/{item}/remove", settings::campaigns::remove_rule),
        post("/sites/{site}/preferences/campaigns/parameters", settings::campaigns::change_parameters),
        post("/sites/{site}/preferences/campaigns/costs", settings::campaigns::set_cost),
        post("/sites/{site}/preferences/campaigns/links", settings::campaigns::make_link),
        post("/sites/{site}/preferences/campaigns/links/{item}/remove", settings::campaigns::remove_link),
        get("/sites/{site}/preferences/privacy", settings::privacy::show),
        post("/sites/{site}/preferences/privacy", settings::privacy::change),
        get("/sites/{site}/preferences/audit", settings::audit::show),
        get_file("/sites/{site}/preferences/audit.csv", settings::audit::csv),
    ]
}

/// Returns the routes of Preferences → Site settings by which the site tells people what happens.
fn of_notices() -> Vec<Route> {
    vec![
        get("/sites/{site}/preferences/digests", settings::digests::show),
        post("/sites/{site}/preferences/digests", settings::digests::add),
        get("/sites/{site}/preferences/digests/preview", settings::digests::preview),
        post("/sites/{site}/preferences/digests/{digest}/ask", settings::digests::ask),
        post("/sites/{site}/preferences/digests/{digest}/send", settings::digests::send),
        post("/sites/{site}/preferences/digests/{digest}/pause", settings::digests::pause),
        post("/sites/{site}/preferences/digests/{digest}/resume", settings::digests::resume),
        post("/sites/{site}/preferences/digests/{digest}/remove", settings::digests::remove),
        get("/sites/{site}/preferences/alerts", alerts::show::<SetSiteAlerts>),
        get("/sites/{site}/preferences/alerts/{alert}", alerts::edit::<SetSiteAlerts>),
        post("/sites/{site}/preferences/alerts/{alert}", alerts::save::<SetSiteAlerts>),
        post("/sites/{site}/preferences/alerts/{alert}/check", alerts::check::<SetSiteAlerts>),
        post("/sites/{site}/preferences/alerts/{alert}/remove", alerts::remove::<SetSiteAlerts>),
        get("/sites/{site}/preferences/webhooks", settings::webhooks::show),
        get("/sites/{site}/preferences/webhooks/{webhook}", settings::webhooks::edit),
        post("/sites/{site}/preferences/webhooks/{webhook}", settings::webhooks::save),
        post("/sites/{site}/preferences/webhooks/{webhook}/test", settings::webhooks::test),
        post("/sites/{site}/preferences/webhooks/{webhook}/secret", settings::webhooks::rotate_secret),
        post("/sites/{site}/preferences/webhooks/{webhook}/pause", settings::webhooks::pause),
        post("/sites/{site}/preferences/webhooks/{webhook}/resume", settings::webhooks::resume),
        get("/sites/{site}/preferences/webhooks/{webhook}/remove", settings::webhooks::confirm),
        post("/sites/{site}/preferences/webhooks/{webhook}/remove", settings::webhooks::remove),
        post(
            "/sites/{site}/preferences/webhooks/{webhook}/deliveries/{delivery}/again",
            settings::webhooks::send_again,
        ),
        get("/sites/{site}/preferences/uptime", settings::uptime::show),
        get("/sites/{site}/preferences/uptime/{monitor}", settings::uptime::edit),
        post("/sites/{site}/preferences/uptime/{monitor}", settings::uptime::save),
        post("/sites/{site}/preferences/uptime/{monitor}/check", settings::uptime::check),
        post("/sites/{site}/preferences/uptime/{monitor}/pause", settings::uptime::pause),
        post("/sites/{site}/preferences/uptime/{monitor}/resume", settings::uptime::resume),
        get("/sites/{site}/preferences/uptime/{monitor}/remove", settings::uptime::confirm),
        post("/sites/{site}/preferences/uptime/{monitor}/remove", settings::uptime::remove),
    ]
}

/// Returns the routes of guest links.
fn of_guests() -> Vec<Route> {
    vec![
        get("/s/{token}", report::dashboard::show),
        get("/s/{token}/reports", report::index),
        get("/s/{token}/reports/{report}", report::show),
        get("/s/{token}/reports/{report}/item", report::item),
        get("/s/{token}/funnels/{funnel}", report::funnel),
        get("/s/{token}/status", guest::status::show),
        get("/s/{token}/visitors", visitors::show),
        get("/s/{token}/visitors/{visitor}", visitors::visitor::show),
        get("/s/{token}/visits/{visit}", visitors::visit::show),
        get("/s/{token}/spy", live::spy::show),
        get("/s/{token}/spy/stream", live::live_stream::stream),
        get("/s/{token}/online", live::live_stream::online),
        get("/s/{token}/password", guest::show),
        post("/s/{token}/password", guest::submit_password),
        get("/s/{token}/brand.css", guest::brand::style),
        get("/s/{token}/logo.png", guest::brand::logo),
        get("/s/{token}/icon.png", guest::brand::icon),
    ]
}

/// Returns the routes of a user's account and of sub-accounts.
fn of_accounts() -> Vec<Route> {
    vec![
        get("/account/profile", account::profile::show),
        post("/account/profile", account::profile::change),
        post("/account/profile/prove", account::email_confirmation::send_again),
        post("/account/profile/letters/seen", account::undelivered_letters::set_seen),
        post("/account/profile/delete", account::profile::delete),
        get("/account/security", account::security::show),
        post("/account/security/password", account::security::change_password),
        post("/account/security/second-factor", account::second_factor::begin),
        post("/account/security/second-factor/confirm", account::second_factor::confirm),
        post("/account/security/second-factor/remove", account::second_factor::remove),
        post("/account/security/recovery-codes", account::second_factor::renew_codes),
        post("/account/security/sign-out", account::security::end_sign_ins),
        post("/account/security/forget", account::devices::forget),
        get("/account/tokens", account::tokens::show),
        post("/account/tokens", account::tokens::add),
        post("/account/tokens/remove", account::tokens::remove),
        get("/alerts", alerts::inbox::show),
        get("/account/alerts", account::alerts::show),
        post("/account/alerts/remove", account::alerts::remove),
        get("/account/digests", account::digests::show),
        get("/account/digests/preview", account::digests::preview),
        get("/account/digests/{digest}", account::digests::edit),
        post("/account/digests/{digest}", account::digests::save),
        post("/account/digests/{digest}/send", account::digests::send),
        post("/account/digests/{digest}/pause", account::digests::pause),
        post("/account/digests/{digest}/resume", account::digests::resume),
        post("/account/digests/{digest}/remove", account::digests::remove),
        get("/account/sites", account::sites::show),
        post("/account/sites/accept", account::sites::accept),
        post("/account/sites/decline", account::sites::decline),
        get("/account/billing", account::billing::show),
        get_file("/account/billing/statements/{month}.csv", account::billing::file),
        get("/account/billing/statements/{month}", account::billing::statement),
        get("/account/billing/{user}", account::billing::managed::show),
        post("/account/billing/{user}", account::billing::managed::change),
        get_file("/account/billing/{user}/statements/{month}.csv", account::billing::managed::file),
        get("/account/billing/{user}/statements/{month}", account::billing::managed::statement),
        post("/account/preview/end", settings::view_only::end_preview),
        get("/account/access", settings::access::account),
        get("/account/sub-accounts", account::sub_accounts::show),
        post("/account/sub-accounts", account::sub_accounts::add),
        post("/account/sub-accounts/{user}/act", account::act_for::begin),
        post("/account/sub-accounts/{user}/reset", account::sub_accounts::reset),
        post("/account/sub-accounts/{user}/sites", account::sub_accounts::allow_sites),
        post("/account/sub-accounts/{user}/disable", account::sub_accounts::disable),
        post("/account/sub-accounts/{user}/enable", account::sub_accounts::enable),
        post("/account/sub-accounts/{user}/release", account::sub_accounts::release),
        post("/account/sub-accounts/{user}/remove", account::sub_accounts::remove),
        post("/account/acting/end", account::act_for::end),
        get("/account/preferences", account::preferences::show),
        post("/account/preferences", account::preferences::change),
    ]
}

/// Returns the routes of signing in, and of pages that need no account.
fn of_public_pages() -> Vec<Route> {
    vec![
        get("/setup", sign_in::setup::show),
        post("/setup", sign_in::setup::create),
        get("/login", sign_in::show),
        post("/login", sign_in::sign_in),
        post("/login/code", sign_in::second_step::submit_code),
        post("/logout", sign_in::sign_out),
        get("/reset", sign_in::password_reset::show),
        post("/reset", sign_in::password_reset::request_link),
        get("/reset/{token}", sign_in::password_reset::open),
        post("/reset/{token}", sign_in::password_reset::change),
        get("/confirm/{token}", account::email_confirmation::show),
        post("/confirm/{token}", account::email_confirmation::confirm),
        get("/invite/{token}", sign_in::invite::show),
        post("/invite/{token}", sign_in::invite::accept),
        post("/invite/{token}/account", sign_in::invite::join),
        get("/digest/{token}", digest_confirmation::show),
        post("/digest/{token}", digest_confirmation::confirm),
        get("/help", help::index),
        get("/help/{guide}", help::show),
        get("/licenses", help::licenses::show),
        get("/assets/{name:.*}", layout::asset::show),
        get("/healthz", health::show),
    ]
}

/// Returns the routes of links in letters that mail programs open by themselves, without a page or a cookie of ours.
fn of_letters() -> Vec<Route> {
    vec![get("/unsubscribe/{token}", unsubscribe::show), post("/unsubscribe/{token}", unsubscribe::end)]
}

/// Returns the routes of scripts on pages of other websites, without a cookie of ours.
fn of_other_pages() -> Vec<Route> {
    vec![post_program(heatmaps::overlay::PATH, heatmaps::overlay::show)]
}

/// Registers the routes of this surface. An address that no surface knows gets its error page.
pub fn configure(config: &mut web::ServiceConfig) {
    let letters = web::scope("")
        .guard(guard::fn_guard(|context| context.head().uri.path().starts_with("/unsubscribe/")))
        .wrap(from_fn(compressed_body::refuse))
        .wrap(from_fn(layout::page_headers::render))
        .wrap(Compress::default())
        .configure(|config| register(config, &of_letters()))
        .default_service(web::to(|| async { Err::<String, _>(Error::Missing("page")) }));
    config.service(letters);
    let other_pages = web::scope("")
        .guard(guard::fn_guard(|context| context.head().uri.path() == heatmaps::overlay::PATH))
        .app_data(form::config())
        .wrap(from_fn(compressed_body::refuse))
        .wrap(from_fn(heatmaps::overlay::for_any_origin))
        .wrap(Compress::default())
        .configure(|config| register(config, &of_other_pages()));
    config.service(other_pages);
    let scope = web::scope("")
        .app_data(form::config())
        .app_data(form::query_config())
        .wrap(from_fn(same_origin))
        .wrap(from_fn(compressed_body::refuse))
        .wrap(from_fn(layout::page_headers::render))
        .wrap(from_fn(broken_off::note))
        .wrap(Compress::default())
        .configure(|config| register(config, &routes()))
        .default_service(web::to(|| async { Err::<String, _>(Error::Missing("page")) }));
    config.service(scope);
}

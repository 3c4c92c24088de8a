//! Account → Security: the list of a user's known devices, each of which can be forgotten.

use crate::access::capability::UseOwnAccount;
use crate::accounts::sign_ins;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::OwnAccount;
use crate::http::errors::see_other;
use crate::ingest::user_agent::{self, ClientHints};
use crate::model::clock::{Timestamp, Zone};
use crate::model::id;
use crate::store::devices::KnownDevice;
use crate::web::ui::format::{self, Moment};
use actix_web::HttpResponse;
use actix_web::web::{Data, Form};
use maud::{Markup, html};
use serde::Deserialize;

/// The form that forgets known devices: one by its hash, or all.
#[derive(Deserialize)]
pub struct ForgetDeviceForm {
    #[serde(default)]
    device: String,
}

/// A known device in the list.
pub struct DeviceView {
    id: String,
    browser: String,
    address: String,
    seen_at: Timestamp,
    is_this: bool,
}

impl DeviceView {
    /// Makes the row of a device; `own` is the hash of the browser that shows the page.
    pub fn new(device: &KnownDevice, own: Option<[u8; 32]>) -> Self {
        Self {
            id: id::hex(&device.hash),
            browser: browser(&device.agent),
            address: device.address.clone(),
            seen_at: device.seen_at,
            is_this: Some(device.hash) == own,
        }
    }
}

/// `POST /account/security/forget`: forgets one known device, or all.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn forget(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    form: Form<ForgetDeviceForm>,
) -> Result<HttpResponse> {
    let id = account.user.user;
    if form.device == "all" {
        account.write(&app, move |tx| sign_ins::forget_devices(tx, id)).await?;
    } else {
        let Some(hash) = id::unhex(&form.device) else { return Ok(see_other("/account/security")) };
        account.write(&app, move |tx| sign_ins::forget_device(tx, id, &hash)).await?;
    }
    Ok(see_other("/account/security?done=forgotten"))
}

/// Returns browser and system of a user agent as text, as far as they are known.
pub fn browser(agent: &str) -> String {
    let agent = user_agent::parse(agent, &ClientHints::default());
    match (agent.browser.as_str(), agent.system.as_str()) {
        ("", "") => "Unknown browser".to_owned(),
        (browser, "") => browser.to_owned(),
        ("", system) => format!("Unknown browser on {system}"),
        (browser, system) => format!("{browser} on {system}"),
    }
}

/// Renders the list of known devices.
pub fn list(devices: &[DeviceView]) -> Markup {
    let forget = |id: &str, label: &str| {
        html! {
            form method="post" action="/account/security/forget" { input type="hidden" name="device" value=(id); button type="submit" { (label) } }
        }
    };
    html! {
        section id="devices" {
            h2 { "Browsers you have used" }
            p.measure { "You signed in with these during the last year. If someone keeps guessing your password, new browsers may have to wait; these don't." }
            details {
                summary { @if devices.len() == 1 { "Show 1 browser" } @else { "Show " (devices.len()) " browsers" } }
                ul.plain.rows {
                    @for device in devices { (row(device, &forget(&device.id, "Forget"))) }
                }
                @if devices.len() > 1 { div.buttons { (forget("all", "Forget all")) } }
            }
        }
    }
}

fn row(device: &DeviceView, forget: &Markup) -> Markup {
    html! {
        li {
            div {
                b { (device.browser) } @if device.is_this { " " span.tag { "this browser" } }
                br;
                span.quiet { "From " (device.address) ", last signed in " (format::moment(&Zone::utc(), device.seen_at, Moment::Full)) }
            }
            (forget)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browser_and_system_are_named_as_far_as_they_are_known() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
                "Firefox 133 on Linux",
            ),
            ("curl/8.5.0", "curl 8"),
            ("Mozilla/5.0 (X11; Linux x86_64)", "Unknown browser on Linux"),
            ("", "Unknown browser"),
        ] {
            assert_eq!(browser(agent), name);
        }
    }
}

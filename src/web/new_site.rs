//! Adding a site.

use super::field::{self, Field};
use super::frame::Frame;
use super::shell;
use crate::access::account;
use crate::access::capability::CreateSite;
use crate::app::App;
use crate::clock::Zone;
use crate::error::{Problem, Result};
use crate::http::entry::Member;
use crate::http::reply::see_other;
use crate::store::sites::{self, Keys};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The form.
#[derive(Deserialize, Default)]
pub struct Typed {
    #[serde(default)]
    domain: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    time_zone: String,
}

struct View<'a> {
    typed: &'a Typed,
    zones: &'a [String],
    problems: &'a [Problem],
}

/// `GET /sites/new`
pub async fn show(member: Member<CreateSite>, app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let frame = shell::frame(&app, &request, &member.user, "Add a site").await?;
    let view = View { typed: &Typed::default(), zones: &Zone::names(), problems: &[] };
    Ok(shell::html(page(&frame, &view)))
}

/// `POST /sites/new`
pub async fn create(
    member: Member<CreateSite>,
    app: Data<App>,
    request: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse> {
    let site = match account::site(&typed.domain, &typed.name, &typed.time_zone) {
        Ok(site) => site,
        Err(error) => {
            let frame = shell::frame(&app, &request, &member.user, "Add a site").await?;
            let view = View { typed: &typed, zones: &Zone::names(), problems: &error.problems()? };
            return Ok(shell::html_with(StatusCode::UNPROCESSABLE_ENTITY, page(&frame, &view)));
        }
    };
    let (owner, keys, now) = (member.user.user, Keys::generate()?, app.clock.now());
    let id = app.write(move |tx| sites::create(tx, owner, &site, &keys, now)).await?;
    Ok(see_other(&format!("/sites/{id}")))
}

fn page(frame: &Frame, view: &View<'_>) -> Markup {
    let domain = Field {
        name: "domain",
        label: "Domain",
        kind: "text",
        value: &view.typed.domain,
        autocomplete: "off",
        help: Some("Such as bakery.example."),
        is_required: true,
    };
    let name = Field {
        name: "name",
        label: "Name",
        kind: "text",
        value: &view.typed.name,
        autocomplete: "off",
        help: Some("What you call it in lists; the domain if you leave it empty."),
        is_required: false,
    };
    frame.page(&html! {
        section.card.narrow {
            h1 { "Add a site" }
            form method="post" action="/sites/new" {
                (field::input(&domain, view.problems))
                (field::input(&name, view.problems))
                (field::time_zone(view.zones, &view.typed.time_zone, view.problems))
                button.primary type="submit" { "Add" }
            }
        }
    })
}

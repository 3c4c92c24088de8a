//! Preferences → Hosts: the hosts that belong to the site, and the switch that drops hits from other hosts. A change
//! takes effect with the next hit.

use super::Tabs;
use crate::access::capability::ChangeSiteSettings;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::errors::see_other;
use crate::limits;
use crate::reports::other_hosts::SeenHost;
use crate::sites::hosts::{self, HostAnswer};
use crate::store::site_hosts;
use crate::store::sites::{self, Site};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::layout::{Frame, NavItem};
use crate::web::settings::other_hosts::{self, Button, ReturnTo};
use crate::web::ui::field;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The form with the switch.
#[derive(Deserialize)]
pub struct HostRuleForm {
    #[serde(default)]
    own_only: String,
}

/// The form with the answer about one host.
#[derive(Deserialize, Default)]
pub struct HostAnswerForm {
    #[serde(default)]
    host: String,
    #[serde(default)]
    answer: String,
    /// The screen with the button, to return to.
    #[serde(default)]
    screen: String,
}

struct View {
    tabs: Tabs,
    site: Site,
    /// True if the site was created before hosts were told apart.
    is_older: bool,
    seen_hosts: Vec<SeenHost>,
    /// The host that is added.
    state: FormState<String>,
}

/// `GET /sites/{site}/preferences/hosts`: shows the hosts.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<ChangeSiteSettings>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let notices = [
        ("saved", "Saved. It holds from the next hit on."),
        ("mine", "New hits from this host count."),
        ("not-mine", "New hits from this host are filtered."),
        ("forget", "Removed. It holds from the next hit on."),
    ];
    answer_with(&app, &request, &access, FormState::opened(String::new(), &params, &notices)).await
}

/// `POST /sites/{site}/preferences/hosts`: saves whether hits from other hosts count.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn change(
    access: SiteAccess<ChangeSiteSettings>,
    app: Data<App>,
    form: Form<HostRuleForm>,
) -> Result<HttpResponse> {
    let (site, actor, own_only) = (access.site.clone(), access.actor.clone(), !form.own_only.is_empty());
    access.write(&app, move |tx| hosts::set_own_only(tx, &actor, &site, own_only)).await?;
    Ok(form_state::done(&Tabs::path(access.site.id, "hosts"), "saved"))
}

/// `POST /sites/{site}/preferences/hosts/answer`: saves an answer about one host.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn answer(
    access: SiteAccess<ChangeSiteSettings>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<HostAnswerForm>,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    match save_answer(&access, &app, &form).await {
        Ok(()) => Ok(see_other(&ReturnTo::parse(&form.screen).path(&access.site, &form.answer))),
        Err(error) => {
            answer_with(&app, &request, &access, FormState::refused(form.host, error.problems()?)).await
        }
    }
}

async fn save_answer(
    access: &SiteAccess<ChangeSiteSettings>,
    app: &Data<App>,
    form: &HostAnswerForm,
) -> Result<()> {
    let host = hosts::parse(&form.host)?;
    let answer = HostAnswer::parse(&form.answer)
        .ok_or_else(|| Error::invalid("host", "Say whether this host is yours.".to_owned()))?;
    let (site, actor) = (access.site.clone(), access.actor.clone());
    access.write(app, move |tx| hosts::answer(tx, &actor, &site, &host, answer)).await
}

async fn answer_with(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<ChangeSiteSettings>,
    state: FormState<String>,
) -> Result<HttpResponse> {
    let mut frame = load::site_frame(app, request, access, "Hosts", NavItem::Preferences).await?;
    // The note leads to this screen.
    frame.note = None;
    let site = access.site.id;
    let view = View {
        tabs: Tabs::for_screen(access, "hosts"),
        site: access.site.clone(),
        is_older: app.read(move |connection| sites::rules_changed_at(connection, site)).await?.is_some(),
        seen_hosts: other_hosts::list(app, &access.site).await?,
        state,
    };
    Ok(view.state.response(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    view.tabs.page(frame, &html! {
        (view.state.notice())
        p { "A host is the name between https:// and the next slash, such as " (example(&view.site.domain)) ". Your page code may also run on other hosts: on copies of your pages, on a test computer, or on someone else's pages." }
        section {
            form.settings method="post" action=(Tabs::path(view.site.id, "hosts")) {
                @if view.is_older && !view.site.hosts.own_only {
                    p { b { "This site counts hits from all hosts, as it did before." } " Switch this on to count only your own." }
                }
                fieldset.choices {
                    legend { "What counts" }
                    (field::switch("own_only", "Count only hits from this site's own hosts", Some("Hits from other hosts are filtered. Hits from your server, and those that name no host, always count. Pages that Google Translate shows count as yours."), view.site.hosts.own_only))
                }
                button.primary type="submit" { "Save" }
            }
        }
        (own(view))
        (others(view))
    })
}

/// Returns an example of a host of the site: with `www.` if the domain is a plain name of two labels.
fn example(domain: &str) -> String {
    let is_plain = site_hosts::has_below(domain) && domain.matches('.').count() == 1;
    if is_plain { format!("www.{domain}") } else { domain.to_owned() }
}

fn own(view: &View) -> Markup {
    let sentence = field::problem(&view.state.problems, "host");
    let forget = [Button { answer: "forget", label: "Remove" }];
    html! {
        section {
            h2 { "This site's hosts" }
            ul.plain.rows {
                li { div { b.cut-any { (view.site.domain) } br; span.quiet { "the site's domain" @if site_hosts::has_below(&view.site.domain) { ", with www. and everything below it" } } } }
                @for (host, _) in view.site.hosts.answers.iter().filter(|(_, is_own)| *is_own) {
                    li {
                        div { b.cut-any { (host) } br; span.quiet { "added" @if site_hosts::has_below(host) { ", with everything below it" } } }
                        (other_hosts::buttons(&view.site, ReturnTo::Hosts, host, &forget))
                    }
                }
            }
            form.settings method="post" action={ (Tabs::path(view.site.id, "hosts")) "/answer" } {
                label for="host" { "Another host of this site" }
                div.with-button {
                    input id="host" name="host" type="text" value=(view.state.form) inputmode="url" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="shop.example"
                        aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| "host-problem")];
                    button type="submit" name="answer" value="mine" { "Add" }
                }
                @if let Some(sentence) = sentence { p.problem id="host-problem" role="alert" { (sentence) } }
            }
        }
    }
}

fn others(view: &View) -> Markup {
    let site = &view.site;
    let page_views = |host: &str| {
        let seen_host = view.seen_hosts.iter().find(|seen| seen.name == host);
        seen_host.map_or_else(|| html! { "no page views" }, other_hosts::page_views)
    };
    let change =
        [Button { answer: "mine", label: "This is mine" }, Button { answer: "forget", label: "Remove" }];
    let refused = || site.hosts.answers.iter().filter(|(_, is_own)| !is_own);
    // Hosts without an answer of their own, below a host that was answered.
    let below: Vec<_> = view
        .seen_hosts
        .iter()
        .filter(|host| !host.is_unanswered() && site.hosts.answer(&host.name).is_none())
        .collect();
    let is_empty = view.seen_hosts.is_empty() && refused().next().is_none();
    html! {
        section id="others" {
            h2 { "Other hosts" }
            @if is_empty {
                p.quiet { "No page views came from other hosts in the last " (limits::OTHER_HOSTS_DAYS) " days." }
            } @else {
                p { "Page views of the last " (limits::OTHER_HOSTS_DAYS) " days. Your answer holds for new hits: what was filtered before stays filtered, and what was counted stays counted." }
                ul.plain.rows {
                    (other_hosts::unanswered(site, ReturnTo::Hosts, &view.seen_hosts))
                    @for (host, _) in refused() {
                        li {
                            div { b.cut-any { (host) } br; span.quiet { "not yours · " (page_views(host)) } }
                            (other_hosts::buttons(site, ReturnTo::Hosts, host, &change))
                        }
                    }
                    @for host in below {
                        li { div { b.cut-any { (host.name) } br; span.quiet { "below a host that isn't yours · " (other_hosts::page_views(host)) } } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_a_host_is_one_that_a_site_may_have() {
        for (domain, host) in [
            ("bakery.example", "www.bakery.example"),
            ("shop.bakery.example", "shop.bakery.example"),
            ("localhost", "localhost"),
            ("192.0.2.7", "192.0.2.7"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(example(domain), host);
        }
    }
}

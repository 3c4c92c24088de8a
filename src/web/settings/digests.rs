//! Preferences → E-mail reports: reports to people without an account, who get what a guest link shows.

mod page;
mod preview;

pub use preview::show as preview;

use self::page::{OutsideForm, OutsideList, OutsideRow};
use super::Tabs;
use crate::access::audit::Actor;
use crate::access::capability::ManageGuestLinks;
use crate::access::requester::Requester;
use crate::access::throttle::Attempt;
use crate::alerts::digests::outside::{self as acts, Asking};
use crate::alerts::digests::standing::{self, Standing};
use crate::alerts::digests::{due, sending};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::requester;
use crate::model::clock::Timestamp;
use crate::model::email;
use crate::model::id::{DigestId, SiteId, Token};
use crate::store::digests::{self, Audience};
use crate::store::links::{self, Link};
use crate::store::{brands, digest_periods};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::NavItem;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use rusqlite::{Connection, Transaction};

/// The results of changes, by their names in the address.
const NOTICES: [(&str, &str); 9] = [
    ("added", "Set up. The address gets a letter with a link first, and reports once that is confirmed."),
    ("asked", "The letter that asks for confirmation is on its way again."),
    ("paused", "Paused. No report is sent until you resume it."),
    ("resumed", "Resumed, from the next report on."),
    ("removed", "Removed. No report goes to that address any more."),
    ("sent", "The report is on its way."),
    ("closed", "This report can't be sent now. Its line says why."),
    ("no-mail", "This server sends no mail, so nothing was sent."),
    ("gone", "Nothing was changed: that report is gone already."),
];

/// The name of the screen.
const SCREEN: &str = "digests";

/// `GET /sites/{site}/preferences/digests`: lists the reports, with the form for a new one.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let state = FormState::opened(OutsideForm::default(), &params, &NOTICES);
    answer(&access, &app, &request, state).await
}

async fn answer(
    access: &SiteAccess<ManageGuestLinks>,
    app: &Data<App>,
    request: &HttpRequest,
    state: FormState<OutsideForm>,
) -> Result<HttpResponse> {
    let frame = load::site_frame(app, request, access, "E-mail reports", NavItem::Preferences).await?;
    let (site, now) = (access.site.id, app.clock.now());
    let (rows, links, has_brand) = app
        .read(move |connection| {
            let links = links::list(connection, site)?;
            let rows = rows(connection, site, &links, now)?;
            Ok((rows, links, brands::find(connection, site)?.is_some()))
        })
        .await?;
    let view = OutsideList {
        tabs: Tabs::for_screen(access, SCREEN),
        path: Tabs::path(site, SCREEN),
        links_path: Tabs::path(site, "public-access"),
        zone: access.site.zone.clone(),
        rows,
        links: links.into_iter().filter(|link| link.is_open(now)).collect(),
        has_brand,
        sends_mail: app.mail.letters.is_some(),
        state,
    };
    Ok(view.state.response(page::page(&frame, &view)))
}

fn rows(connection: &Connection, site: SiteId, links: &[Link], now: Timestamp) -> Result<Vec<OutsideRow>> {
    let mut rows = Vec::new();
    for digest in digests::list_outside(connection, site)? {
        let Audience::Outside(outside) = digest.audience.clone() else { continue };
        let standing = standing::find(connection, &digest, now)?;
        let next = match &standing {
            Standing::Open(recipient) => due::next_at(&digest, recipient, now),
            Standing::Waits(_) | Standing::Over(_) => None,
        };
        rows.push(OutsideRow {
            link: links.iter().find(|link| Some(link.id) == outside.link).cloned(),
            is_unsubscribed: standing::is_unsubscribed(connection, digest.id, &digest.audience)?,
            last: digest_periods::find_last(connection, digest.id)?.map(|(period, _)| period),
            digest,
            outside,
            standing,
            next,
        });
    }
    Ok(rows)
}

/// The attempts that a letter to an address outside takes.
struct LetterAttempts {
    letter: Attempt,
    mailbox: Attempt,
}

impl LetterAttempts {
    /// Admits a letter: not too many from one person, and not too many to one mailbox.
    fn admit(app: &App, person: Requester, address: &str, now: Timestamp) -> Result<Self> {
        let mailbox = email::key(&email::canonical(address));
        app.throttles.shares.admit("", person, now)?;
        let letter = app.throttles.letters.admit(&mailbox, person, now)?;
        let mailbox = app.throttles.mailboxes.admit(&mailbox, Requester::Everybody, now)?;
        Ok(Self { letter, mailbox })
    }

    /// Gives the attempts back, since nothing was written.
    fn give_back(&self, app: &App) {
        app.throttles.letters.give_back(&self.letter);
        app.throttles.mailboxes.give_back(&self.mailbox);
    }
}

/// `POST /sites/{site}/preferences/digests`: sets a report up and asks its address to confirm.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn add(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<OutsideForm>,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let Some(letters) = app.mail.letters.clone() else {
        return Ok(form_state::done(&Tabs::path(access.site.id, SCREEN), "no-mail"));
    };
    let outcome = match form.settings() {
        Err(error) => Err(error),
        Ok(settings) => {
            let person = requester::person(&app, &request, &access.user);
            match LetterAttempts::admit(&app, person, &settings.recipient, app.clock.now()) {
                Err(error) => Err(Error::invalid("recipient", error.to_string())),
                Ok(attempts) => {
                    let (actor, user, site) = (access.actor.clone(), access.user.user, access.site.clone());
                    let token = Token::generate()?;
                    let added = access
                        .write(&app, move |tx| {
                            let asking = Asking { letters: &letters, token: &token };
                            acts::add(tx, &actor, Some(user), &site, &settings, &asking).map(drop)
                        })
                        .await;
                    added.inspect_err(|_| attempts.give_back(&app))
                }
            }
        }
    };
    match outcome {
        Ok(()) => Ok(form_state::done(&Tabs::path(access.site.id, SCREEN), "added")),
        Err(error) => {
            let problems = error.problems()?;
            answer(&access, &app, &request, FormState::refused(form, problems)).await
        }
    }
}

/// `POST /sites/{site}/preferences/digests/{digest}/ask`: asks the address again to confirm.
///
/// # Errors
///
/// Fails with `Error::Throttled` after many letters, when the caller's right has ended, and when the data file cannot be
/// written.
pub async fn ask(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site) = (digest_id(&path), access.site.clone());
    let Some(letters) = app.mail.letters.clone() else {
        return Ok(form_state::done(&Tabs::path(site.id, SCREEN), "no-mail"));
    };
    let site_id = site.id;
    let known = app.read(move |connection| acts::get(connection, site_id, id)).await;
    if let Ok((_, outside)) = &known {
        let person = requester::person(&app, &request, &access.user);
        LetterAttempts::admit(&app, person, &outside.recipient, app.clock.now())?;
    }
    let (actor, token) = (access.actor.clone(), Token::generate()?);
    let asked = access
        .write(&app, move |tx| {
            acts::ask_again(tx, &actor, &site, id, &Asking { letters: &letters, token: &token })
        })
        .await;
    redirect(site_id, asked, "asked")
}

/// `POST /sites/{site}/preferences/digests/{digest}/send`: sends a report now, about the newest period that is over.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such report, with `Error::Throttled` after many letters, when the caller's right
/// has ended, and when the data file cannot be written.
pub async fn send(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site, now) = (digest_id(&path), access.site.id, app.clock.now());
    let done = |done: &str| Ok(form_state::done(&Tabs::path(site, SCREEN), done));
    let Some(letters) = app.mail.letters.clone() else { return done("no-mail") };
    let person = requester::person(&app, &request, &access.user);
    let _permit = app.limited_work.preview_permit(person).await?;
    let composed = app
        .view(move |reader| {
            let (digest, _) = acts::get(reader.connection, site, id)?;
            sending::compose_now(reader, &digest, now)
        })
        .await?;
    let Some(composed) = composed else { return done("closed") };
    LetterAttempts::admit(&app, person, &composed.prepared.recipient.address, now)?;
    let is_sent = access.write(&app, move |tx| sending::write_now(tx, &letters, &composed, now)).await?;
    done(if is_sent { "sent" } else { "closed" })
}

/// `POST /sites/{site}/preferences/digests/{digest}/pause`: pauses a report.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn pause(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    change(&access, &app, &path, "paused", acts::pause).await
}

/// `POST /sites/{site}/preferences/digests/{digest}/resume`: lets a report go on.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn resume(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    change(&access, &app, &path, "resumed", acts::resume).await
}

/// `POST /sites/{site}/preferences/digests/{digest}/remove`: removes a report.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    change(&access, &app, &path, "removed", acts::remove).await
}

async fn change(
    access: &SiteAccess<ManageGuestLinks>,
    app: &Data<App>,
    path: &Path<(String, String)>,
    done: &str,
    act: fn(&Transaction<'_>, &Actor, SiteId, DigestId) -> Result<()>,
) -> Result<HttpResponse> {
    let (actor, site, id) = (access.actor.clone(), access.site.id, digest_id(path));
    redirect(site, access.write(app, move |tx| act(tx, &actor, site, id)).await, done)
}

/// Returns the id in an address. No report has the number 0.
fn digest_id(path: &Path<(String, String)>) -> DigestId {
    DigestId::parse(&path.1).unwrap_or(DigestId(0))
}

/// Redirects to the list; a report that another user removed meanwhile is no error.
fn redirect(site: SiteId, outcome: Result<()>, done: &str) -> Result<HttpResponse> {
    let done = match outcome {
        Ok(()) => done,
        Err(Error::Missing(_)) => "gone",
        Err(error) => return Err(error),
    };
    Ok(form_state::done(&Tabs::path(site, SCREEN), done))
}

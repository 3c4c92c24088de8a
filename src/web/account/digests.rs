//! Account → E-mail reports: a person's own reports, their previews, and sending one now.

mod form;
mod page;
mod preview;

pub use preview::show as preview;

use self::form::DigestForm;
use self::page::{DigestFormPage, DigestList, DigestRow, PATH};
use crate::access::capability::UseOwnAccount;
use crate::alerts::digests::standing::{self, Standing};
use crate::alerts::digests::{due, sending, subscriptions as acts};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::OwnAccount;
use crate::http::form::LongForm;
use crate::http::requester;
use crate::model::clock::Timestamp;
use crate::model::id::{DigestId, UserId};
use crate::store::digests::{self, Audience, Digest};
use crate::store::{digest_periods, users};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use rusqlite::{Connection, Transaction};

/// The results of changes, by their names in the address.
const NOTICES: [(&str, &str); 9] = [
    ("added", "Your report is set up."),
    ("saved", "Saved."),
    ("paused", "Paused. You get no report until you resume it."),
    ("resumed", "You get this report again, from the next one on."),
    ("removed", "Removed. You don't get this report any more."),
    ("sent", "The report is on its way to you."),
    ("closed", "This report can't be sent now. Its line says why."),
    ("no-mail", "This server sends no mail, so nothing was sent."),
    ("gone", "Nothing was changed: that report is gone already."),
];

/// `GET /account/digests`: lists the person's e-mail reports.
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
    let frame = load::frame(&app, &request, &account.user, "E-mail reports").await?;
    let (user, now) = (account.user.user, app.clock.now());
    let (rows, sites, person) = app
        .read(move |connection| {
            Ok((
                rows(connection, user, now)?,
                standing::list_sites(connection, user)?,
                users::get(connection, user)?,
            ))
        })
        .await?;
    let state = FormState::opened((), &params, &NOTICES);
    let view = DigestList {
        rows,
        has_sites: !sites.is_empty(),
        email: person.email.clone(),
        is_confirmed: person.has_proved_email(),
        sends_mail: app.mail.letters.is_some(),
        state,
    };
    Ok(view.state.response(page::list(&frame, &view)))
}

fn rows(connection: &Connection, user: UserId, now: Timestamp) -> Result<Vec<DigestRow>> {
    digests::list_of_user(connection, user)?
        .into_iter()
        .map(|digest| row(connection, user, digest, now))
        .collect()
}

fn row(connection: &Connection, user: UserId, digest: Digest, now: Timestamp) -> Result<DigestRow> {
    let all = sites_of(&digest);
    let visible = standing::visible_sites(connection, user, all)?;
    let hidden = all.len() - visible.len();
    let standing = standing::find(connection, &digest, now)?;
    let next = match &standing {
        Standing::Open(recipient) => due::next_at(&digest, recipient, now),
        Standing::Waits(_) | Standing::Over(_) => None,
    };
    let last = digest_periods::find_last(connection, digest.id)?.map(|(period, _)| period);
    let is_unsubscribed = standing::is_unsubscribed(connection, digest.id, &digest.audience)?;
    let sites = visible.into_iter().map(|visible| visible.site).collect();
    Ok(DigestRow { digest, sites, hidden, standing, next, last, is_unsubscribed })
}

fn sites_of(digest: &Digest) -> &[crate::model::id::SiteId] {
    match &digest.audience {
        Audience::User { sites, .. } => sites,
        Audience::Outside(_) => &[],
    }
}

/// Returns the id in an address; `None` for a new report.
fn named(name: &str) -> Result<Option<DigestId>> {
    if name == "new" {
        Ok(None)
    } else {
        DigestId::parse(name).ok_or(Error::Missing("e-mail report")).map(Some)
    }
}

/// `GET /account/digests/{digest}`: shows the form of a report, or of a new one.
///
/// # Errors
///
/// Fails with `Error::Missing` when the person has no such report, and when the data file cannot be read.
pub async fn edit(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<String>,
) -> Result<HttpResponse> {
    let (id, user) = (named(&path)?, account.user.user);
    let form = match id {
        Some(id) => {
            let digest = app.read(move |connection| acts::get(connection, user, id)).await?;
            DigestForm { rhythm: digest.rhythm.name().to_owned(), sites: sites_of(&digest).to_vec() }
        }
        None => DigestForm::default(),
    };
    answer_form(&app, &request, &account, id, FormState::new(form)).await
}

async fn answer_form(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<UseOwnAccount>,
    id: Option<DigestId>,
    mut state: FormState<DigestForm>,
) -> Result<HttpResponse> {
    let frame = load::frame(app, request, &account.user, "E-mail reports").await?;
    let user = account.user.user;
    let sites = app.read(move |connection| standing::list_sites(connection, user)).await?;
    if let ([only], None, true) = (sites.as_slice(), id, state.form.sites.is_empty()) {
        state.form.sites.push(only.id);
    }
    let view = DigestFormPage { id, sites, state };
    Ok(view.state.response(page::form(&frame, &view)))
}

/// `POST /account/digests/{digest}`: adds or changes a report.
///
/// # Errors
///
/// Fails with `Error::Missing` when the person has no such report, when the sign-in has ended, and when the data file cannot
/// be written.
pub async fn save(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<String>,
    LongForm(fields): LongForm<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let (id, user, clock) = (named(&path)?, account.user.user, app.clock.clone());
    let form = DigestForm::read(&fields);
    let saved = match form.settings() {
        Err(error) => Err(error),
        Ok(settings) => {
            account
                .write(&app, move |tx| match id {
                    Some(id) => acts::change(tx, user, id, &settings, clock.now()),
                    None => acts::add(tx, user, &settings, clock.now()).map(drop),
                })
                .await
        }
    };
    match saved {
        Ok(()) => Ok(form_state::done(PATH, if id.is_some() { "saved" } else { "added" })),
        Err(error) => {
            let state = FormState::refused(form, error.problems()?);
            answer_form(&app, &request, &account, id, state).await
        }
    }
}

/// `POST /account/digests/{digest}/pause`: pauses a report.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn pause(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    path: Path<String>,
) -> Result<HttpResponse> {
    change(&account, &app, &path, "paused", acts::pause).await
}

/// `POST /account/digests/{digest}/resume`: lets a report go on.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn resume(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    path: Path<String>,
) -> Result<HttpResponse> {
    change(&account, &app, &path, "resumed", acts::resume).await
}

/// `POST /account/digests/{digest}/remove`: removes a report.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn remove(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    path: Path<String>,
) -> Result<HttpResponse> {
    change(&account, &app, &path, "removed", |tx, user, id, _| acts::remove(tx, user, id)).await
}

async fn change(
    account: &OwnAccount<UseOwnAccount>,
    app: &Data<App>,
    path: &Path<String>,
    done: &str,
    act: fn(&Transaction<'_>, UserId, DigestId, Timestamp) -> Result<()>,
) -> Result<HttpResponse> {
    // No report has the number 0.
    let id = DigestId::parse(path).unwrap_or(DigestId(0));
    let (user, clock) = (account.user.user, app.clock.clone());
    match account.write(app, move |tx| act(tx, user, id, clock.now())).await {
        Ok(()) => Ok(form_state::done(PATH, done)),
        Err(Error::Missing(_)) => Ok(form_state::done(PATH, "gone")),
        Err(error) => Err(error),
    }
}

/// `POST /account/digests/{digest}/send`: sends a report now, about the newest period that is over.
///
/// # Errors
///
/// Fails with `Error::Missing` when the person has no such report, with `Error::Throttled` after many letters, and when the
/// data file cannot be written.
pub async fn send(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<String>,
) -> Result<HttpResponse> {
    let id = DigestId::parse(&path).ok_or(Error::Missing("e-mail report"))?;
    let (user, now) = (account.user.user, app.clock.now());
    let Some(letters) = app.mail.letters.clone() else { return Ok(form_state::done(PATH, "no-mail")) };
    let person = requester::person(&app, &request, &account.user);
    let _permit = app.limited_work.preview_permit(person).await?;
    let composed = app
        .view(move |reader| {
            let digest = acts::get(reader.connection, user, id)?;
            sending::compose_now(reader, &digest, now)
        })
        .await?;
    let Some(composed) = composed else { return Ok(form_state::done(PATH, "closed")) };
    app.throttles.letters.admit(&composed.prepared.recipient.address, person, now)?;
    let is_sent = account.write(&app, move |tx| sending::write_now(tx, &letters, &composed, now)).await?;
    Ok(form_state::done(PATH, if is_sent { "sent" } else { "closed" }))
}

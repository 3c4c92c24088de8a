//! An invitation to a site: its holder joins with an account, or creates one.

use crate::access::capability::OpenPublicPages;
use crate::access::level_text;
use crate::access::requester::Requester;
use crate::accounts::account_form::{AccountForm, Profile};
use crate::accounts::sign_up::{self, InvitationSecrets};
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::Public;
use crate::http::errors::see_other;
use crate::http::request_actor::{named_actor, request_actor};
use crate::http::requester;
use crate::http::session::signed_in;
use crate::model::id::Token;
use crate::model::level::Level;
use crate::sites::invitations;
use crate::store::sites;
use crate::store::users::{self, NewUser};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::Frame;
use crate::web::layout::form_state::FormState;
use crate::web::layout::load;
use crate::web::sign_in;
use crate::web::ui::account_fields::{AccountFieldsUse, account_fields};
use crate::web::ui::field;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The form of the new account.
#[derive(Deserialize, Default)]
pub struct InviteForm {
    #[serde(flatten)]
    account: AccountForm,
    #[serde(default)]
    letter: String,
}

/// The form that accepts an invitation with an existing account.
#[derive(Deserialize)]
pub struct AcceptForm {
    #[serde(default)]
    letter: String,
}

struct View {
    path: String,
    domain: String,
    giver: Option<String>,
    level: Level,
    user: Option<String>,
    state: FormState<InviteForm>,
}

/// Returns the page of an invitation. `letter` is the secret that only the mailed link carries, not the link on the
/// inviter's screen.
async fn view(app: &Data<App>, request: &HttpRequest, token: &str, letter: String) -> Result<View> {
    let (secret, now) = (Token::known(token), app.clock.now());
    let (invitation, site, giver) = app
        .read(move |connection| {
            let invitation = invitations::find(connection, &secret, now)?.ok_or(invitations::GONE)?;
            let site = sites::get(connection, invitation.site)?;
            let giver = invitation.given_by.map(|giver| users::get(connection, giver)).transpose()?;
            Ok((invitation, site, giver))
        })
        .await?;
    let form = InviteForm { account: AccountForm::without_password("", &invitation.email), letter };
    Ok(View {
        path: format!("/invite/{token}"),
        domain: site.domain,
        giver: giver.map(|giver| giver.username),
        level: invitation.level,
        user: signed_in(request).await?.map(|user| user.username),
        state: FormState::new(form),
    })
}

async fn answer(request: &HttpRequest, view: &View) -> Result<HttpResponse> {
    Ok(view.state.response(page(&load::open_frame(request, "Invitation").await?, view)))
}

/// `GET /invite/{token}`: shows the invitation.
///
/// # Errors
///
/// Fails with `Error::Missing` when the invitation is not valid, and when the data file cannot be read.
pub async fn show(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    params: QueryParams,
) -> Result<HttpResponse> {
    let letter = params.get("letter").unwrap_or_default().to_owned();
    answer(&request, &view(&app, &request, &token, letter).await?).await
}

/// `POST /invite/{token}`: accepts with the signed-in account.
///
/// # Errors
///
/// Fails with `Error::SignedOut` without a sign-in, with `Error::Missing` when the invitation is not valid, and when
/// the data file cannot be written.
pub async fn accept(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    form: Form<AcceptForm>,
) -> Result<HttpResponse> {
    let path = format!("/invite/{token}");
    let Some(user) = signed_in(&request).await? else { return Err(Error::SignedOut(path)) };
    let (link, actor) = (Token::known(token.as_str()), request_actor(&app, &request, &user));
    let invitation = InvitationSecrets { link, letter: Token::known(form.letter.as_str()) };
    let id = user.user;
    let accepted = app.write(move |tx| sign_up::accept_invitation(tx, &actor, &invitation, id));
    match accepted.await {
        Ok(site) => Ok(see_other(&format!("/sites/{site}"))),
        Err(error) => {
            let problems = error.problems()?;
            let view = view(&app, &request, &token, form.into_inner().letter).await?;
            answer(&request, &View { state: FormState::refused(view.state.form, problems), ..view }).await
        }
    }
}

/// `POST /invite/{token}/account`: accepts with a new account, which may own no site until it is allowed to.
///
/// # Errors
///
/// Fails with `Error::Missing` when the invitation is not valid, with `Error::Busy` when no password can be hashed
/// now, and when the data file cannot be written.
pub async fn join(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    form: Form<InviteForm>,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let view = view(&app, &request, &token, form.letter.clone()).await?;
    let Profile { username, email } = match form.account.check() {
        Ok(profile) => profile,
        Err(error) => {
            let state = FormState::refused(form, error.problems()?);
            return answer(&request, &View { state, ..view }).await;
        }
    };
    // A taken name or address reveals that the account exists: each try is a guess.
    let stranger = requester::stranger(&app, &request);
    let guess = match app.throttles.guesses.admit(&format!("invitation {token}"), stranger, app.clock.now()) {
        Ok(guess) => guess,
        Err(error) => {
            let problems = vec![Problem { field: "email".into(), sentence: error.to_string() }];
            let state = FormState::refused(form, problems);
            let mut response = answer(&request, &View { state, ..view }).await?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            return sign_in::throttled::answer(error, |_| response);
        }
    };
    let holder = Requester::holding(&Token::known(token.as_str()));
    let (password, now) =
        (app.limited_work.hash_password(form.account.password.clone(), holder).await?, app.clock.now());
    let (link, actor) = (Token::known(token.as_str()), named_actor(&app, &request, &username));
    let invitation = InvitationSecrets { link, letter: Token::known(form.letter.as_str()) };
    let (proof, letters) = (Token::generate()?, app.mail.letters.clone());
    let joined = app
        .write(move |tx| {
            let user = NewUser { username: &username, email: &email, password: &password, created_at: now };
            sign_up::join(tx, &actor, letters.as_ref(), &user, &invitation, &proof)
        })
        .await;
    match joined {
        Ok((user, site)) => {
            app.throttles.guesses.give_back(&guess);
            let mut response = see_other(&format!("/sites/{site}"));
            sign_in::admit(&app, &request, user, &mut response).await?;
            Ok(response)
        }
        Err(error) => {
            let state = FormState::refused(form, error.problems()?);
            answer(&request, &View { state, ..view }).await
        }
    }
}

fn letter(form: &InviteForm) -> Markup {
    html! { @if !form.letter.is_empty() { input type="hidden" name="letter" value=(form.letter); } }
}

fn page(frame: &Frame, view: &View) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            h1 { "See " (view.domain) }
            p {
                @match &view.giver { Some(giver) => { b { (giver) } " invites you" }, None => "You are invited" }
                " to see the numbers of " b { (view.domain) } " as " b { (view.level.title()) } "."
            }
            p.help { (level_text::sentence(view.level.into())) }
            @if let Some(sentence) = field::problem(&view.state.problems, "account") { p.problem role="alert" { (sentence) " " a href="/" { "Your sites" } } }
            @if let Some(user) = &view.user {
                form method="post" action=(view.path) { (letter(&view.state.form)) button.primary type="submit" { "Accept as " (user) } }
                p.quiet { "Another account? Sign out first, then open this link again." }
            } @else {
                h2 { "You are new here" }
                form method="post" action={ (view.path) "/account" } {
                    (letter(&view.state.form))
                    (account_fields(&view.state.form.account, AccountFieldsUse::New, &view.state.problems))
                    button.primary type="submit" { "Make the account" }
                }
                h2 { "You have an account here" }
                p { a.button href={ "/login?next=" (view.path) @if !view.state.form.letter.is_empty() { "?letter=" (view.state.form.letter) } } { "Sign in" } }
            }
        }
    })
}

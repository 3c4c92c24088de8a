//! Preferences → White label: the brand that replaces this program's name on guest links.

mod page;

use self::page::{BrandPage, TypedBrand};
use super::Tabs;
use crate::access::capability::{Capability, WhiteLabel};
use crate::access::requester::Requester;
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::SiteAccess;
use crate::http::requester;
use crate::http::upload::{self, Upload, UploadedFile};
use crate::limits;
use crate::sites::brand::{self, BrandForm};
use crate::sites::logo;
use crate::store::brands::{self, LogoChange};
use crate::store::links;
use crate::web::filters::query_params::QueryParams;
use crate::web::guest::brand as files;
use crate::web::layout::NavItem;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use actix_multipart::Multipart;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// `GET /sites/{site}/preferences/white-label`: shows the form.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<WhiteLabel>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let notices = [
        ("saved", "Saved. Guest links with white label wear it from the next look on."),
        ("removed", "The brand is removed. Guest links with white label show the site's name alone."),
    ];
    answer(&app, &request, &access, FormState::opened(None, &params, &notices)).await
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<WhiteLabel>,
    state: FormState<Option<TypedBrand>>,
) -> Result<HttpResponse> {
    let frame = load::site_frame(app, request, access, "White label", NavItem::Preferences).await?;
    let site = access.site.id;
    let (brand, all) = app
        .read(move |connection| Ok((brands::find(connection, site)?, links::list(connection, site)?)))
        .await?;
    let saved = brand.as_ref().map_or_else(TypedBrand::default, TypedBrand::from_brand);
    let view = BrandPage {
        tabs: Tabs::for_screen(access, "white-label"),
        path: Tabs::path(site, "white-label"),
        links_path: access.may(Capability::ManageGuestLinks).then(|| Tabs::path(site, "public-access")),
        now: app.clock.now(),
        state: state.or(saved),
        brand,
        wearing: all.into_iter().filter(|link| link.is_white_label).collect(),
    };
    Ok(view.state.response(page::page(&frame, &view)))
}

/// `POST /sites/{site}/preferences/white-label`: saves the brand.
///
/// # Errors
///
/// Fails with `Error::Invalid` for an incomplete upload, with `Error::Busy` when no picture can be drawn now, when the
/// caller's right has ended, and when the data file cannot be written.
pub async fn change(
    access: SiteAccess<WhiteLabel>,
    app: Data<App>,
    request: HttpRequest,
    parts: Multipart,
) -> Result<HttpResponse> {
    let sent = upload::read(parts, "logo", limits::LOGO_BYTES_MAX).await?;
    let value = |name: &str| sent.value(name).trim().to_owned();
    let form = BrandForm { name: value("name"), accent: value("accent"), footer: value("footer") };
    let removes_logo = !value("remove_logo").is_empty();
    let requester = requester::person(&app, &request, &access.user);
    let (choice, logo) = (brand::check(&form), new_logo(&app, requester, sent, removes_logo).await);
    let (choice, logo) = match (choice, logo) {
        (Ok(choice), Ok(logo)) => (choice, logo),
        (choice, logo) => {
            let mut problems = choice.err().unwrap_or_default();
            match logo {
                Err(error) => problems.extend(error.problems()?),
                Ok(LogoChange::Replace(_)) => problems.push(Problem {
                    field: "logo".into(),
                    sentence: "The picture is fine. Please choose it once more, browsers don't keep it."
                        .into(),
                }),
                Ok(LogoChange::Keep | LogoChange::Remove) => {}
            }
            let typed = TypedBrand { values: form, removes_logo };
            return answer(&app, &request, &access, FormState::refused(Some(typed), problems)).await;
        }
    };
    let (site, actor) = (access.site.id, access.actor.clone());
    access.write(&app, move |tx| brand::update(tx, &actor, site, &choice, &logo)).await?;
    Ok(form_state::done(&Tabs::path(site, "white-label"), "saved"))
}

/// Returns the change of the logo: a new picture wins over the tick that removes the old one.
async fn new_logo(
    app: &Data<App>,
    requester: Requester,
    sent: Upload,
    is_removed: bool,
) -> Result<LogoChange> {
    match sent.file {
        UploadedFile::TooLarge => Err(logo::too_large()),
        UploadedFile::Bytes(file) => {
            Ok(LogoChange::Replace(app.limited_work.draw(requester, move || logo::read(&file)).await?))
        }
        UploadedFile::None if is_removed => Ok(LogoChange::Remove),
        UploadedFile::None => Ok(LogoChange::Keep),
    }
}

/// `POST /sites/{site}/preferences/white-label/remove`: removes the brand.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove(access: SiteAccess<WhiteLabel>, app: Data<App>) -> Result<HttpResponse> {
    let (site, actor) = (access.site.id, access.actor.clone());
    access.write(&app, move |tx| brand::delete(tx, &actor, site)).await?;
    Ok(form_state::done(&Tabs::path(site, "white-label"), "removed"))
}

/// `GET /sites/{site}/preferences/white-label/logo.png`: returns the stored logo.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no logo, and when the data file cannot be read.
pub async fn logo(access: SiteAccess<WhiteLabel>, app: Data<App>) -> Result<HttpResponse> {
    let site = access.site.id;
    let logo = app.read(move |connection| brands::find_logo(connection, site)).await?;
    Ok(files::file("image/png", logo.ok_or(Error::Missing("logo"))?))
}

//! The request for the frame around a screen that belongs to no site, or to the site of a guest link: all that the frame
//! needs from the HTTP request, so that it is read with the rest of the page.

use super::branding::Branding;
use super::frame::{Frame, GuestFrame};
use super::notice::Banner;
use super::site_menu::SiteLink;
use super::theme::Theme;
use crate::access;
use crate::alerts::received;
use crate::error::Result;
use crate::http::client::header_text;
use crate::http::guest;
use crate::model::level::Level;
use crate::reports::catalogue;
use crate::reports::data_reader::DataReader;
use crate::reports::site_summary;
use crate::reports::visibility::VisitorData;
use crate::store::brands;
use crate::store::links::Link;
use crate::store::outbox;
use crate::store::sign_ins::SignedIn;
use crate::store::site_plan;
use crate::store::sites::{self, Site};
use actix_web::HttpRequest;

/// The request for a frame, which is loaded from the same moment of the data as the screen inside it.
pub struct FrameRequest {
    theme: Theme,
    reader: FrameReader,
}

/// The person for whom a frame is drawn.
enum FrameReader {
    User(Box<SignedIn>),
    Guest(Box<GuestFrameRequest>),
}

/// The parts of a request that only pages of a guest link have.
struct GuestFrameRequest {
    link: Link,
    /// The query that links repeat, with its question mark; empty if there is none.
    query: String,
    is_embedded: bool,
}

impl FrameRequest {
    /// Returns the request for the frame of a user's screen.
    pub fn for_user(request: &HttpRequest, user: &SignedIn) -> Self {
        let own = Theme::parse(&user.preferences.theme);
        let theme = request.cookie("theme").map_or(own, |_| Theme::from_cookie(request));
        Self { theme, reader: FrameReader::User(Box::new(user.clone())) }
    }

    /// Returns the request for the frame of a guest link's page: without a top bar if it is embedded, in the theme that
    /// the address names.
    pub fn for_guest(request: &HttpRequest, link: &Link) -> Self {
        let query = form_urlencoded::parse(request.query_string().as_bytes());
        let repeated: Vec<_> = query.filter(|(name, _)| matches!(name.as_ref(), "theme" | "embed")).collect();
        let value =
            |name: &str| repeated.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref());
        let is_embedded = value("embed") == Some("1") || header_text(request, "sec-fetch-dest") == "iframe";
        let theme = value("theme").map_or_else(|| Theme::from_cookie(request), Theme::parse);
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&repeated).finish();
        let query = if query.is_empty() { query } else { format!("?{query}") };
        let guest = GuestFrameRequest { link: link.clone(), query, is_embedded };
        Self { theme, reader: FrameReader::Guest(Box::new(guest)) }
    }

    /// Returns true if the frame is a user's, not a guest's.
    pub fn is_of_user(&self) -> bool {
        matches!(self.reader, FrameReader::User(_))
    }

    /// Loads the frame of a screen with this title.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn load(&self, reader: &DataReader<'_>, title: &str) -> Result<Frame> {
        let frame = Frame::bare(title, self.theme);
        match &self.reader {
            FrameReader::User(user) => user_frame(reader, user, frame),
            FrameReader::Guest(guest) => Ok(Frame { guest: Some(guest.load(reader)?), ..frame }),
        }
    }
}

/// Returns a frame with the user's name, banners and sites.
fn user_frame(reader: &DataReader<'_>, user: &SignedIn, mut frame: Frame) -> Result<Frame> {
    frame.user = Some(user.username.clone());
    frame.parent = user.parent.as_ref().map(|parent| parent.username.clone());
    frame.is_managed = user.is_managed;
    frame.banners.extend(acting_banner(user));
    // A parent who acts for the account does not see its letters.
    if user.parent.is_none() {
        let letter = outbox::find_undelivered(reader.connection, user.user)?;
        frame.banners.extend(letter.as_ref().map(Banner::undelivered));
    }
    let open = sites::list_open_to(reader.connection, user.user)?;
    let links = open.into_iter().map(|(site, level)| site_link(reader, user, site, level));
    frame.sites = links.collect::<Result<Vec<_>>>()?;
    frame.may_add_sites = site_plan::check_plan(reader.connection, user.user).is_ok();
    if user.parent.is_none() {
        frame.unseen_alerts = Some(received::count_unseen(reader.connection, user.user)?);
    }
    let previewed = user.preview.and_then(|site| frame.sites.iter().find(|link| link.id == site.0));
    frame.banners.extend(previewed.map(|site| Banner {
        text: format!("You see {} as View Only people see it.", site.domain),
        end: Some(("/account/preview/end", "End the preview")),
    }));
    Ok(frame)
}

/// Returns the entry of a site in the drop-down.
fn site_link(reader: &DataReader<'_>, user: &SignedIn, site: Site, level: Option<Level>) -> Result<SiteLink> {
    let view = access::grant_for(reader.connection, user, &site)?.view;
    let has_visits = catalogue::find("visitors").is_some_and(|report| view.shows(report));
    let spark = has_visits.then(|| site_summary::spark(reader, &site)).transpose()?;
    let (level, has_online) = (level.map(Level::title), view.has(VisitorData::LiveList));
    Ok(SiteLink { id: site.id.0, name: site.name, domain: site.domain, level, spark, has_online })
}

/// Returns the banner of a parent who acts for a sub-account.
pub fn acting_banner(user: &SignedIn) -> Option<Banner> {
    user.parent.as_ref().map(|_| Banner::acting_for(&user.username))
}

impl GuestFrameRequest {
    fn load(&self, reader: &DataReader<'_>) -> Result<GuestFrame> {
        Ok(GuestFrame {
            query: self.query.clone(),
            embed_origins: self.is_embedded.then(|| self.link.embed_origins.join(" ")),
            branding: self.branding(reader)?,
        })
    }

    /// Returns the branding of the guest link's pages.
    fn branding(&self, reader: &DataReader<'_>) -> Result<Branding> {
        if !self.link.is_white_label {
            return Ok(Branding::Ours);
        }
        let brand = brands::find(reader.connection, self.link.site)?;
        let path = guest::path(&self.link.token);
        Ok(brand.map_or(Branding::Anonymous, |brand| Branding::Brand { path, brand }))
    }
}

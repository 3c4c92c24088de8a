//! The request for the frame around a site's screen: all that the frame needs from the HTTP request and the caller's
//! access, so that it is read with the rest of the page.

use super::frame::Frame;
use super::frame_request::FrameRequest;
use super::frame_site::FrameSite;
use super::nav_item::NavItem;
use super::notice::Banner;
use super::theme::Theme;
use crate::access::capability::Capability;
use crate::error::Result;
use crate::http::auth::Admitted;
use crate::reports::data_reader::DataReader;
use crate::reports::query::{Query, Wants};
use crate::reports::visibility::Visibility;
use crate::store::imports;
use crate::store::sites::Site;
use crate::web::filters::query_params::QueryParams;
use crate::web::settings::other_hosts;
use actix_web::HttpRequest;

/// The request for the frame of a site's screen, which is loaded from the same moment of the data as the screen inside
/// it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is another part of the frame that the caller sees or not"
)]
pub struct SiteFrameRequest {
    theme: Theme,
    /// The frame of the caller; `None` for a caller who is neither a user nor a guest.
    frame: Option<FrameRequest>,
    site: Site,
    /// The path below which the site's screens are.
    base: String,
    visibility: Visibility,
    has_reports: bool,
    has_preferences: bool,
    has_alerts: bool,
    has_heatmaps: bool,
    /// True if the caller may decide which hosts are the site's.
    may_decide_hosts: bool,
    ignored_names: Vec<String>,
}

impl SiteFrameRequest {
    /// Returns the request for the frame of a site's screen.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when the address has unknown parameters.
    pub fn new(request: &HttpRequest, access: &impl Admitted) -> Result<Self> {
        let is_read = request.method().is_safe();
        let params = if is_read { QueryParams::read(request)? } else { QueryParams::default() };
        params.check()?;
        let frame = match (access.user(), &access.link) {
            (Some(user), _) => Some(FrameRequest::for_user(request, user)),
            (None, link) => link.as_ref().map(|link| FrameRequest::for_guest(request, link)),
        };
        Ok(Self {
            theme: Theme::from_cookie(request),
            frame,
            site: access.site.clone(),
            base: access.base(),
            visibility: access.visibility().clone(),
            has_reports: access.may(Capability::OpenReport),
            has_preferences: access.may(Capability::SeeTrackingCode),
            has_alerts: access.may(Capability::SetOwnAlerts)
                && access.user().is_some_and(|user| user.parent.is_none()),
            has_heatmaps: access.may(Capability::SeeHeatmaps),
            may_decide_hosts: access.may(Capability::ChangeSiteSettings),
            ignored_names: params.ignored_names().to_vec(),
        })
    }

    /// Loads the frame of a screen with this title, at this entry of the sidebar.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn load(&self, reader: &DataReader<'_>, title: &str, current: NavItem) -> Result<Frame> {
        let mut frame = match &self.frame {
            Some(frame) => frame.load(reader, title)?,
            None => Frame::bare(title, self.theme),
        };
        if self.frame.as_ref().is_some_and(FrameRequest::is_of_user) {
            let unfinished = imports::find_unfinished_site(reader.connection, self.site.id)?;
            frame.banners.extend(unfinished.map(|import| Banner::half_imported(&import.name)));
        }
        if self.may_decide_hosts && matches!(current, NavItem::Dashboard | NavItem::Preferences) {
            frame.note = other_hosts::note(reader, &self.site)?;
        }
        frame.ignored_names.clone_from(&self.ignored_names);
        frame.site = Some(FrameSite {
            id: self.site.id.0,
            base: self.base.clone(),
            visibility: self.visibility.clone(),
            name: self.site.name.clone(),
            zone: self.site.zone.name().to_owned(),
            online: self.online(reader)?,
            current,
            has_reports: self.has_reports,
            has_heatmaps: self.has_heatmaps,
            has_alerts: self.has_alerts,
            has_preferences: self.has_preferences,
        });
        Ok(frame)
    }

    /// Returns the number of visitors online, as far as the caller may count them.
    fn online(&self, reader: &DataReader<'_>) -> Result<i64> {
        let query = Query::today(self.site.clone(), reader.now, self.visibility.clone());
        let answer = reader.run(&query.with(Wants { online: true, ..Wants::default() }))?;
        Ok(answer.online.unwrap_or(0))
    }
}

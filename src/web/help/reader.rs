//! The reader of the help: links in it lead to the screens that this person may open.

use super::screen::Screen;
use crate::access::capability::Capability;
use crate::access::{self, Grant};
use crate::app::App;
use crate::error::Result;
use crate::http::client;
use crate::model::id::SiteId;
use crate::store::sign_ins::SignedIn;
use crate::store::sites;
use crate::web::filters::query_params::QueryParams;
use actix_web::HttpRequest;
use actix_web::web::Data;

/// The reader of the help.
pub struct Reader {
    pub is_signed_in: bool,
    /// The address of this server, as the reader reached it.
    pub origin: String,
    /// The site of the address and the reader's standing on it, if the reader has access.
    pub site: Option<(SiteId, Grant)>,
}

impl Reader {
    /// Returns the reader of a request.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub async fn load(
        app: &Data<App>,
        request: &HttpRequest,
        user: Option<&SignedIn>,
        params: &QueryParams,
    ) -> Result<Self> {
        let origin = client::origin(request, &app.config);
        let requested = user.cloned().zip(params.get("site").and_then(SiteId::parse));
        let Some((person, id)) = requested else {
            return Ok(Self { is_signed_in: user.is_some(), origin, site: None });
        };
        let site = app
            .read(move |connection| {
                let Some(site) = sites::find(connection, id)? else { return Ok(None) };
                let grant = access::grant_for(connection, &person, &site)?;
                // For a stranger the site does not exist.
                Ok(grant.may(Capability::SeeSiteInList).then_some((id, grant)))
            })
            .await?;
        Ok(Self { is_signed_in: true, origin, site })
    }

    /// Returns the address of a screen of the site, if the reader may open it.
    pub fn screen(&self, screen: Screen) -> Option<String> {
        let (path, capability) = screen.door();
        let (site, _) = self.site.as_ref().filter(|(_, grant)| grant.may(capability))?;
        Some(format!("/sites/{site}/{path}"))
    }

    /// Returns the address of another guide, about the same site.
    pub fn guide(&self, name: &str) -> String {
        self.address(&format!("/help/{name}"))
    }

    /// Returns an address of the help, about the same site.
    pub fn address(&self, path: &str) -> String {
        match &self.site {
            Some((site, _)) => format!("{path}?site={site}"),
            None => path.to_owned(),
        }
    }
}

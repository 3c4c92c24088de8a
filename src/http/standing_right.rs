//! The right to a live stream, asked anew before each event: whatever is taken away ends streams too.

use super::entry::{self, Credentials, Look};
use super::guest::{self, Ticket};
use crate::access::capability::{Capability, Right};
use crate::app::App;
use crate::error::{Error, Result};
use crate::id::{SiteId, Token};
use crate::reports::view::View;
use actix_web::HttpRequest;
use actix_web::web::Data;

/// Who holds a right to one site, and for what.
pub struct StandingRight {
    app: Data<App>,
    holder: Holder,
    site: SiteId,
    capability: Capability,
}

#[derive(Clone)]
enum Holder {
    /// Whoever is signed in with this token.
    Person(Token),
    /// Whoever opened a guest link.
    Guest(Ticket),
}

impl StandingRight {
    /// The right that a look gave to this request.
    pub fn of<R: Right>(request: &HttpRequest, app: &Data<App>, look: &Look<R>) -> Result<Self> {
        let holder = match Ticket::of(app, request) {
            Some(ticket) => Holder::Guest(ticket),
            None => Holder::Person(Credentials::of(request)?.token),
        };
        Ok(Self { app: app.clone(), holder, site: look.site.id, capability: R::CAPABILITY })
    }

    /// What may be seen now; none when the right has ended. `Busy` when the file can't be asked now.
    pub async fn stands(&self) -> Result<Option<View>> {
        let (holder, now) = (self.holder.clone(), self.app.clock.now());
        let (site, capability) = (self.site, self.capability);
        let asked = self.app.read(move |connection| match &holder {
            Holder::Person(token) => Ok(entry::admit(connection, (token, now), site, capability)?.2),
            Holder::Guest(ticket) => Ok(guest::admit(connection, (ticket, now), capability)?.standing),
        });
        match asked.await {
            Ok(standing) => Ok(Some(standing.view)),
            Err(Error::Busy) => Err(Error::Busy),
            Err(_) => Ok(None),
        }
    }
}

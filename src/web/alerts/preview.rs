//! What an alert would have told last month, while somebody sets it.

use crate::access::requester::Requester;
use crate::alerts::preview::{Past, past};
use crate::alerts::rules;
use crate::alerts::site_numbers::SiteNumbers;
use crate::app::App;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::alert::AlertSettings;
use crate::store::alerts::AlertScope;
use crate::store::sites::Site;
use crate::web::ui::format;
use actix_web::web::Data;
use maud::{Markup, html};
use std::sync::Arc;

/// The events from which on an alert tells too much.
const MANY: i64 = 20;

/// What an alert would have told.
pub enum Preview {
    /// Nothing can be said yet.
    None,
    /// Past days say nothing of this kind.
    Unknown,
    /// The events.
    Events(Past),
    /// The problems of the settings.
    Problems(Vec<String>),
}

impl Preview {
    /// Loads what an alert with these settings would have told.
    ///
    /// # Errors
    ///
    /// Fails when too many previews are asked for, and when the data file cannot be read.
    pub async fn load(
        app: &Data<App>,
        site: Site,
        scope: AlertScope,
        settings: Result<AlertSettings>,
        requester: Requester,
    ) -> Result<Self> {
        let sentences = |error: Error| -> Result<Self> {
            let problems = error.problems()?;
            Ok(Self::Problems(problems.into_iter().map(|problem| problem.sentence).collect()))
        };
        let settings = match settings {
            Ok(settings) => settings,
            Err(error) => return sentences(error),
        };
        let _permit = app.limited_work.preview_permit(requester).await?;
        let hours = Arc::clone(&app.alert_hours);
        let found = app.view(move |reader| {
            let settings = rules::checked(reader.connection, &site, scope, settings)?;
            past(&SiteNumbers::new(reader, &site, &hours), &settings)
        });
        match found.await {
            Ok(None) => Ok(Self::Unknown),
            Ok(Some(past)) => Ok(Self::Events(past)),
            Err(error @ Error::Invalid(_)) => sentences(error),
            Err(error) => Err(error),
        }
    }

    /// Renders it.
    pub fn draw(&self) -> Markup {
        let days = limits::ALERT_PREVIEW_DAYS;
        html! {
            @match self {
                Self::None => p.quiet { "See how often this would have fired." },
                Self::Unknown => p.quiet { "Past days don't tell how often this would have fired." },
                Self::Problems(sentences) => { @for sentence in sentences { p { (sentence) } } },
                Self::Events(past) if past.count == 0 => p { "This wouldn't have fired in the last " (days) " days." },
                Self::Events(past) => {
                    p {
                        "This would have fired " b { @if past.count == 1 { "once" } @else { (format::count(past.count)) " times" } }
                        " in the last " (days) " days."
                        @if past.count > MANY { " That's a lot: choose a higher number, or something rarer." }
                    }
                    ul.plain { @for event in &past.events { li.quiet { (event.day) ": " (event.title) } } }
                },
            }
        }
    }
}

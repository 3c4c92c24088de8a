//! The preview of a funnel: the visits of the last 30 days at each of its steps, before it is saved.

use super::funnel_form::FunnelForm;
use crate::access::capability::ManageGoals;
use crate::access::requester::Requester;
use crate::app::App;
use crate::error::{Error, Result};
use crate::goals::funnels as acts;
use crate::http::auth::SiteAccess;
use crate::reports::date_range::DateRange;
use crate::reports::query::{FunnelWant, Query, Wants};
use crate::reports::step_names;
use crate::store::goals;
use crate::web::report::report_row::permille;
use crate::web::ui::format;
use actix_web::web::Data;
use maud::{Markup, html};

/// The days that a preview covers.
const PREVIEW: &str = "last-30-days";

/// The preview of a funnel.
pub enum Preview {
    /// Nothing to count yet.
    None,
    /// The title of each step with the number of those who took it.
    Counts(Vec<(String, i64)>),
    /// The problems of the steps.
    Problems(Vec<String>),
}

impl Preview {
    /// Loads the preview of a form.
    ///
    /// # Errors
    ///
    /// Fails when too many previews are asked for, and when the data file cannot be read.
    pub async fn load(
        app: &Data<App>,
        access: &SiteAccess<ManageGoals>,
        form: &FunnelForm,
        requester: Requester,
    ) -> Result<Self> {
        let mut settings = form.without_blank_steps().settings();
        if settings.steps.len() < 2 {
            return Ok(Self::None);
        }
        // The name is not looked at before the form is saved.
        settings.name = "Preview".into();
        let range = DateRange::parse(PREVIEW, access.site.zone.day(app.clock.now()))?;
        let query = Query {
            visits_alone: true,
            ..Query::new(access.site.clone(), range, access.visibility().clone())
        };
        let _permit = app.limited_work.preview_permit(requester).await?;
        app.view(move |reader| {
            let site = query.site.id;
            let settings = match acts::checked(reader.connection, site, settings) {
                Ok(settings) => settings,
                Err(Error::Invalid(problems)) => {
                    return Ok(Self::Problems(
                        problems.into_iter().map(|problem| problem.sentence).collect(),
                    ));
                }
                Err(error) => return Err(error),
            };
            let goals = goals::list_with_removed(reader.connection, site)?;
            let titles: Vec<String> =
                settings.steps.iter().map(|step| step_names::name(step, &goals)).collect();
            let funnel = Some(FunnelWant { funnel: settings, by: None, next_pages: 0 });
            let answer = reader.run(&query.with(Wants { funnel, ..Wants::default() }))?;
            let steps = answer.funnel.unwrap_or_default().steps;
            Ok(Self::Counts(titles.into_iter().zip(steps.iter().map(|step| step.reached.now)).collect()))
        })
        .await
    }

    /// Renders the preview.
    pub fn draw(&self) -> Markup {
        html! {
            @match self {
                Self::None => p.quiet { "Say what the first two steps are, and see how many would have taken them." },
                Self::Problems(sentences) => { @for sentence in sentences { p { (sentence) } } },
                Self::Counts(counts) => (draw_counts(counts)),
            }
        }
    }
}

fn draw_counts(counts: &[(String, i64)]) -> Markup {
    let first = counts.first().map_or(0, |(_, count)| *count);
    html! {
        p { "In the last 30 days:" }
        ol.funnel-preview {
            @for (place, (title, count)) in counts.iter().enumerate() {
                li {
                    b { (format::count(*count)) } " " span.quiet { "took " } (title)
                    @if place > 0 && first > 0 { span.quiet { " · " (format::percent(permille(*count, first))) } }
                }
            }
        }
        @if first == 0 { p.quiet { "Nobody took the first step. Check the spelling, or leave it if you expect visitors only from now on." } }
    }
}
